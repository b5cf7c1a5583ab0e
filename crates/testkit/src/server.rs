//! The real HTTP side on a loopback port, and a client that can misbehave.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use model::{Clock, Institution};
use road::{Family, Road, sign};
use serve::{KeyHolder, Limits, Server, Service, Settings};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::{FakeClock, TestCentre};

/// A server in front of a test centre.
pub struct TestServer {
    runtime: Option<Runtime>,
    stop: watch::Sender<bool>,
    served: Option<tokio::task::JoinHandle<()>>,
    header_clock: Arc<FakeClock>,
    /// Where it listens.
    pub address: SocketAddr,
}

/// A response as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Response {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The code in front of `err_msg`.
    pub fn code(&self) -> Option<String> {
        wire::Answer { text: self.body.as_bytes().into() }.error_code()
    }
}

impl TestServer {
    /// Serves a centre with these limits.
    pub fn start(centre: &TestCentre, limits: Limits) -> Self {
        Self::serve(centre, centre.centre.clone(), limits)
    }

    /// Serves any road with the centre's keys.
    pub fn serve(centre: &TestCentre, road: Arc<dyn Road>, limits: Limits) -> Self {
        Self::serve_by(centre, road, limits, centre.clock.clone())
    }

    /// The same, where those who send go by another clock than the centre.
    pub fn serve_by(
        centre: &TestCentre,
        road: Arc<dyn Road>,
        limits: Limits,
        header_clock: Arc<FakeClock>,
    ) -> Self {
        let holder = |h: &Institution| {
            let known = centre.centre.directory().find(&h.code).expect("an institution of the sample city");
            let profile = known.profile.clone();
            (h.key.clone(), KeyHolder { secret: h.secret.clone(), hospital: h.code.clone(), profile })
        };
        let keys = Arc::new(centre.sample.hospitals.iter().map(holder).collect());
        let clock = centre.clock.clone();
        let service = Service { road, keys, clock, header_clock: header_clock.clone(), site: None };
        let settings = Settings {
            address: ([127, 0, 0, 1], 0).into(),
            limits,
            division: 990_100,
            signed: true,
            keep_exchanges: true,
        };
        let runtime = Runtime::new().expect("a runtime");
        let server = runtime.block_on(Server::bind(service, settings)).expect("a port");
        let address = server.address().expect("an address");
        let (stop, stopped) = watch::channel(false);
        let served = runtime.spawn(server.run(stopped));
        Self { runtime: Some(runtime), stop, served: Some(served), header_clock, address }
    }

    /// The signature headers of a hospital, now.
    pub fn signed(&self, hospital: &Institution, infno: &str) -> Vec<(&'static str, String)> {
        self.signed_at(hospital, infno, 0)
    }

    /// The same, by a clock so many seconds off.
    pub fn signed_at(&self, hospital: &Institution, infno: &str, off: i64) -> Vec<(&'static str, String)> {
        let now =
            jiff::tz::Offset::constant(8).to_timestamp(self.header_clock.now()).expect("a time").as_second();
        sign(Family::Tif, &hospital.key, &hospital.secret, infno, now + off, "5f3a")
    }

    /// Posts bytes with headers.
    pub fn post(&self, path: &str, headers: &[(&str, String)], body: &[u8]) -> Response {
        let mut head =
            format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("connection: close\r\n\r\n");
        let mut stream = self.connect();
        // A server that refuses a body may close before it has all come.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        read_response(&mut stream)
    }

    /// A bare connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time-out");
        stream
    }
}

/// Reads one response to its end.
pub fn read_response(stream: &mut TcpStream) -> Response {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|l| l.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let header =
        |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Response { status, headers: lines.filter_map(header).collect(), body: body.into() }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let (Some(runtime), Some(served)) = (self.runtime.take(), self.served.take()) {
            let _ = runtime.block_on(served);
        }
    }
}
