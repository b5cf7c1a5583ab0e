//! The accept loop.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Collected};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::civil::DateTime;
use model::Clock;
use road::{NoReply, Road};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use wire::{Both, Doubt, Envelope, Message, Problem, Profile, Stamp};

use crate::access::{KeyHolder, Keyring};
use crate::body::{self, BodyError};
use crate::exchanges::{Exchange, Exchanges};
use crate::limits::{Connections, Limits, Rates};
use crate::pages;
use crate::respond::{self, Full200};
use crate::watch::{Watch, Watched};

/// How a server runs.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Where it listens.
    pub address: SocketAddr,
    /// Bounds.
    pub limits: Limits,
    /// Division of the centre, six digits, for answers to what could not be read.
    pub division: u32,
    /// Requests must carry gateway headers. Off only for benchmarks of what lies behind.
    pub signed: bool,
    /// A key's last messages are kept in memory and told to its holder: where programs are made, not where they work.
    pub keep_exchanges: bool,
}

/// What a server serves: a road, and who may use it.
pub struct Service {
    /// The road.
    pub road: Arc<dyn Road>,
    /// The keys.
    pub keys: Arc<Keyring>,
    /// The clock of what lies behind the road: answers given before a message gets there carry it too.
    pub clock: Arc<dyn Clock>,
    /// The clock headers are compared with: senders know no other than the real one.
    pub header_clock: Arc<dyn Clock>,
    /// What browsers are shown under every other address; none: nothing.
    pub site: Option<Arc<dyn web::Site>>,
}

/// A listening server.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

struct Shared {
    service: Service,
    settings: Settings,
    rates: Rates,
    connections: Connections,
    exchanges: Exchanges,
}

impl Server {
    /// Begins to listen.
    pub async fn bind(service: Service, settings: Settings) -> std::io::Result<Self> {
        let listener = TcpListener::bind(settings.address).await?;
        let shared = Shared {
            service,
            settings,
            rates: Rates::new(),
            connections: Connections::default(),
            exchanges: Exchanges::default(),
        };
        Ok(Self { listener, shared: Arc::new(shared) })
    }

    /// Where it listens: the port chosen, where none was named.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` says so; then no connection is taken in, and those open end with their request, within
    /// ten seconds.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut tasks = tokio::task::JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            while tasks.try_join_next().is_some() {}
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Mostly no file handle is left; some connection must end before the next can be taken.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            if let Some(place) = Place::take(&self.shared, peer.ip()) {
                tasks.spawn(connection(place, stream, stop.clone()));
            }
        }
        drop(self.listener);
        let ended = async { while tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(Duration::from_secs(10), ended).await;
    }
}

/// Until the next try, when a connection could not be taken.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A connection's place in the counts, given up when it goes, however it goes.
struct Place {
    shared: Arc<Shared>,
    peer: IpAddr,
    /// The institution whose key it has shown.
    hospital: OnceLock<String>,
}

impl Place {
    fn take(shared: &Arc<Shared>, peer: IpAddr) -> Option<Self> {
        let taken = shared.connections.enter(peer, &shared.settings.limits);
        taken.then(|| Self { shared: shared.clone(), peer, hospital: OnceLock::new() })
    }

    /// Counts it to an institution, once; false where that has as many as it may.
    fn belongs(&self, hospital: &str) -> bool {
        if self.hospital.get().is_some() {
            return true;
        }
        let entered = self.shared.connections.enter_hospital(hospital, &self.shared.settings.limits);
        entered && self.hospital.set(hospital.to_owned()).is_ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.connections.leave(self.peer, self.hospital.get().map(String::as_str));
    }
}

async fn connection(place: Place, stream: TcpStream, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let limits = place.shared.settings.limits;
    let place = Arc::new(place);
    let watch = Watch::new();
    let watched = watch.clone();
    let service = service_fn(move |request| {
        let (place, watch) = (place.clone(), watched.clone());
        async move {
            watch.served();
            let response = guarded(place, request).await;
            watch.answered();
            Ok::<_, Infallible>(response)
        }
    });
    let mut builder = http1::Builder::new();
    builder.max_headers(64);
    let served = builder.serve_connection(Watched::new(TokioIo::new(stream), watch.clone()), service);
    let mut served = std::pin::pin!(served);
    let stopping = tokio::select! {
        _ = served.as_mut() => false,
        () = watch.overstayed(&limits) => false,
        _ = stop.wait_for(|stop| *stop) => true,
    };
    if stopping {
        served.as_mut().graceful_shutdown();
        let _ = served.await;
    }
}

/// A panic is answered too: nothing is known then.
async fn guarded(place: Arc<Place>, request: Request<Incoming>) -> Full200 {
    let shared = place.shared.clone();
    tokio::spawn(async move { serve(&place, request).await }).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request panicked");
        let doubt = NoReply::Unknown(Doubt::Fault { id: "serve".into() });
        respond::answered(Err(doubt), &Envelope::default(), &Profile::default(), &shared.stamp())
    })
}

impl Shared {
    /// For answers given before a message had an id.
    fn stamp(&self) -> Stamp {
        let received = self.service.clock.now();
        Stamp { received, decided: received, serial: 0, division: self.settings.division }
    }
}

async fn serve(place: &Place, request: Request<Incoming>) -> Full200 {
    let (shared, stamp) = (&place.shared, place.shared.stamp());
    let nothing = Envelope::default();
    let refuse = |status, problem: &Problem, profile: &Profile| {
        respond::not_processed(status, problem, &nothing, profile, &stamp)
    };
    let default = Profile::default();
    let (head, incoming) = request.into_parts();
    let path = head.uri.path().to_owned();
    if path == respond::OPENAPI && head.method == Method::GET {
        return respond::openapi();
    }
    if path == respond::MESSAGES && head.method == Method::GET && shared.settings.keep_exchanges {
        return match admit(place, &head.headers) {
            Ok(Some((key, holder))) => {
                tracing::info!(key, "its last messages are looked at");
                let (own, query) = (shared.exchanges.of(&key), head.uri.query().map(str::to_owned));
                let told = move || respond::exchanges(&own, &holder.profile, &head.headers, query.as_deref());
                tokio::task::spawn_blocking(told).await.unwrap_or_else(|_| {
                    let id = "exchanges".into();
                    respond::answered(Err(NoReply::Unknown(Doubt::Fault { id })), &nothing, &default, &stamp)
                })
            }
            Ok(None) => refuse(StatusCode::OK, &Problem::KeyMissing, &default),
            Err((problem, profile)) => refuse(StatusCode::OK, &problem, &profile),
        };
    }
    if let Some(site) = shared.service.site.as_ref().filter(|_| !path.starts_with("/api")) {
        return pages::answer(site.clone(), head, incoming, place.peer, &shared.settings.limits).await;
    }
    let Some(infno) = respond::infno_of(&path).filter(|_| head.method == Method::POST) else {
        let path = path.chars().take(80).collect();
        return refuse(StatusCode::NOT_FOUND, &Problem::NotFound { path }, &default);
    };
    // Before a byte of the body is read: strangers get no memory and no work.
    let (key, holder) = match admit(place, &head.headers) {
        Ok(admitted) => admitted.unzip(),
        Err((problem, profile)) => return refuse(StatusCode::OK, &problem, &profile),
    };
    let profile = holder.as_ref().map(|h| h.profile.clone()).unwrap_or_default();
    let limits = &shared.settings.limits;
    // A file has an address of its own, so that nobody else's body may be as large.
    let file = infno.and_then(wire::transaction).is_some_and(wire::Transaction::brings_a_file);
    let max = if file { limits.file_max } else { limits.body_max };
    let body = match body::read(incoming, max, limits).await {
        Ok(body) => body,
        Err(BodyError::Problem(problem)) => return refuse(status_of(&problem), &problem, &profile),
        Err(BodyError::Gone) => {
            let problem =
                Problem::Malformed { place: Both::of("请求体没有收完", "it did not come in full") };
            return refuse(StatusCode::BAD_REQUEST, &problem, &profile);
        }
    };
    let body: Arc<[u8]> = body.into();
    let response = answer(shared, body.clone(), infno, holder.as_ref(), &profile, &stamp).await;
    if let Some(key) = key.filter(|_| shared.settings.keep_exchanges) {
        shared.exchanges.keep(&key, exchange(stamp.received, infno, body, &response).await);
    }
    response
}

/// What is told of a body that came in full.
async fn answer(
    shared: &Shared,
    body: Arc<[u8]>,
    infno: Option<&str>,
    holder: Option<&KeyHolder>,
    profile: &Profile,
    stamp: &Stamp,
) -> Full200 {
    let message = match Message::read(body, infno) {
        Ok(message) => message,
        Err(unreadable) => return respond::unreadable(&unreadable, profile, stamp),
    };
    let envelope = message.envelope.clone();
    if let Some(refusal) = holder.and_then(|holder| respond::mismatch(&message, holder)) {
        return respond::refused(&refusal, &envelope, profile, stamp);
    }
    let result = carry(shared, message).await;
    respond::answered(result, &envelope, profile, stamp)
}

async fn exchange(at: DateTime, infno: Option<&str>, body: Arc<[u8]>, response: &Full200) -> Exchange {
    let said = response.body().clone().collect().await.map(Collected::to_bytes).unwrap_or_default();
    let outcome = response.headers().get("x-tongqu-outcome").and_then(|word| word.to_str().ok());
    Exchange::new(at, infno, Bytes::from_owner(body), said, outcome.unwrap_or_default())
}

fn status_of(problem: &Problem) -> StatusCode {
    match problem {
        Problem::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Problem::TooSlow => StatusCode::REQUEST_TIMEOUT,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// Whose request it is, and whether more of theirs may come.
fn admit(
    place: &Place,
    headers: &hyper::HeaderMap,
) -> Result<Option<(String, KeyHolder)>, (Problem, Profile)> {
    let shared = &place.shared;
    if !shared.settings.signed {
        return Ok(None);
    }
    let keys = &shared.service.keys;
    let now = unix_seconds(shared.service.header_clock.now());
    let (key, holder) = respond::authenticate(headers, |key| keys.find(key).cloned(), now)?;
    #[expect(clippy::disallowed_methods, reason = "a rate is over real time")]
    let now = Instant::now();
    if !place.belongs(&holder.hospital) {
        return Err((Problem::TooManyConnections, holder.profile));
    }
    if shared.rates.take(&holder.hospital, &shared.settings.limits, now) {
        Ok(Some((key, holder)))
    } else {
        Err((Problem::RateLimited, holder.profile))
    }
}

/// Seconds since 1970 of a moment of China Standard Time.
fn unix_seconds(time: jiff::civil::DateTime) -> i64 {
    jiff::tz::Offset::constant(8).to_timestamp(time).map_or(0, jiff::Timestamp::as_second)
}

/// Hands a message to the road and waits without holding a thread.
async fn carry(shared: &Shared, message: Message) -> Result<road::Reply, NoReply> {
    let (sender, receiver) = oneshot::channel();
    shared.service.road.post(
        message,
        Box::new(move |result| {
            let _ = sender.send(result);
        }),
    );
    receiver.await.unwrap_or_else(|_| Err(NoReply::Unknown(Doubt::Fault { id: "road".into() })))
}
