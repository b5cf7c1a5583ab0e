//! Hospital programs as lean as they can be, so that the machine's time goes to what answers: one connection each, a
//! body, a signature, the answer's visit found by its name.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, bail, ensure};
use model::{Clock, Institution, SystemClock};
use road::{Family, sign};
use rustix::net::{AddressFamily, SocketType};

use super::inside::{Done, drive, timed};
use super::place::{self, Bill, Meter, Prepared};
use super::{ArmArguments, Run, Work};
use crate::site;

/// (a) against the real executable.
pub fn over_http(arguments: &ArmArguments) -> anyhow::Result<Run> {
    let scratch = place::scratch(arguments)?;
    let before = scratch.books.settlements()?;
    let server = site::start(scratch.path(), None)?;
    let measured = load(arguments, &server.address, server.id())?;
    let told = server.stop()?;
    let numbers: Vec<f64> = told.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [messages, commits] = numbers[..] else { bail!("the centre said: {told}") };
    let counted = scratch.books.settlements()? - before == measured.bills;
    let equal = counted && scratch.books.sound(&scratch.sealer)?;
    Ok(Run { batch: messages / commits.max(1.0), equal, ..measured })
}

/// (c) against the limit server.
pub fn against_limit(arguments: &ArmArguments) -> anyhow::Result<Run> {
    let scratch = place::scratch(arguments)?;
    let before = scratch.books.settlements()?;
    let server = super::limit::start(arguments, &scratch.books)?;
    let measured = load(arguments, &server.address, server.id())?;
    let batch = server.stop()?;
    let equal = scratch.books.settlements()? - before == measured.bills;
    Ok(Run { batch, equal, ..measured })
}

fn load(arguments: &ArmArguments, address: &str, server: u32) -> anyhow::Result<Run> {
    let town = place::town();
    let waiting = if arguments.work == Work::Settle { place::shuffled(arguments)? } else { Vec::new() };
    let server_before = place::cpu(server)?;
    let meter = Meter::start(arguments);
    let Done { bills, latencies } = drive(arguments, || {
        let mut line = Line::open(address)?;
        let (town, waiting) = (&town, &waiting);
        Ok(move |n: u64| match arguments.work {
            Work::Whole => whole(&mut line, &Bill::pick(town, n + arguments.seed * 1_000_000, 10_000)),
            Work::Settle => match waiting.get(usize::try_from(n)?) {
                Some(prepared) => one(&mut line, &Bill::of(town, prepared, n), prepared),
                None => Ok(None),
            },
        })
    })?;
    let used = meter.stop()?;
    Ok(Run {
        bills,
        client_cpu: used.cpu,
        server_cpu: place::cpu(server)? - server_before,
        latencies,
        memory: place::memory_peak(server)?,
        ..Run::of(&used)
    })
}

fn whole(line: &mut Line, bill: &Bill<'_>) -> anyhow::Result<Option<u32>> {
    let hospital = bill.institution();
    let answer = line.post(hospital, "2201", &bill.register())?;
    let Some(answer) = answer else { return Ok(None) };
    let visit = found(answer, "\"mdtrt_id\":\"").context("a visit")?;
    for (infno, body) in
        [("2203", bill.visit(&visit)), ("2204", bill.fees(&visit)), ("2206", bill.preview(&visit))]
    {
        if line.post(hospital, infno, &body)?.is_none() {
            return Ok(None);
        }
    }
    settle(line, bill, &visit)
}

fn one(line: &mut Line, bill: &Bill<'_>, prepared: &Prepared) -> anyhow::Result<Option<u32>> {
    settle(line, bill, &prepared.visit)
}

fn settle(line: &mut Line, bill: &Bill<'_>, visit: &str) -> anyhow::Result<Option<u32>> {
    let body = bill.settle(visit);
    let mut answered = false;
    let latency = timed(|| {
        answered = line.post(bill.institution(), "2207", &body)?.is_some();
        Ok(())
    })?;
    Ok(answered.then_some(latency))
}

/// The text behind a name, up to the next quote.
fn found(answer: &str, name: &str) -> Option<String> {
    let rest = &answer[answer.find(name)? + name.len()..];
    rest.split('"').next().map(str::to_owned)
}

/// Programs of one address: a server takes only so many from one.
const OF_ONE_ADDRESS: u32 = 32;

/// Connects as programs of many workstations do, each few of them from an address of their own.
fn connect(to: SocketAddrV4) -> anyhow::Result<TcpStream> {
    static PROGRAMS: AtomicU32 = AtomicU32::new(0);
    let workstation = 2 + PROGRAMS.fetch_add(1, Ordering::Relaxed) / OF_ONE_ADDRESS;
    let from = Ipv4Addr::new(127, 0, 0, u8::try_from(workstation)?);
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None)?;
    rustix::net::bind(&socket, &SocketAddrV4::new(from, 0))?;
    rustix::net::connect(&socket, &to)?;
    Ok(TcpStream::from(socket))
}

/// One connection.
struct Line {
    stream: TcpStream,
    out: Vec<u8>,
    buffer: Vec<u8>,
}

impl Line {
    fn open(address: &str) -> anyhow::Result<Self> {
        let stream = connect(address.parse()?)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, out: Vec::new(), buffer: Vec::new() })
    }

    /// Posts a body and takes the answer, which must be done; none where the server has no more rows to write.
    fn post(&mut self, hospital: &Institution, infno: &str, body: &str) -> anyhow::Result<Option<&str>> {
        self.out.clear();
        write!(self.out, "POST /api/{infno} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n", body.len())?;
        let now = jiff::tz::Offset::constant(8).to_timestamp(SystemClock.now())?.as_second();
        for (name, value) in sign(Family::Tif, &hospital.key, &hospital.secret, infno, now, "5f3a") {
            write!(self.out, "{name}: {value}\r\n")?;
        }
        self.out.extend_from_slice(b"content-type: application/json\r\n\r\n");
        self.out.extend_from_slice(body.as_bytes());
        self.stream.write_all(&self.out)?;
        let start = self.read()?;
        let answer = std::str::from_utf8(&self.buffer[start..])?;
        if answer == super::limit::EXHAUSTED {
            return Ok(None);
        }
        ensure!(
            answer.starts_with("{\"infcode\":0") || answer.starts_with("{\"infcode\":\"0\""),
            "{infno}: {answer}"
        );
        Ok(Some(answer))
    }

    /// Reads one response; answers where its body begins.
    fn read(&mut self) -> anyhow::Result<usize> {
        self.buffer.clear();
        let mut chunk = [0; 16_384];
        loop {
            let read = self.stream.read(&mut chunk)?;
            ensure!(read > 0, "the connection was closed");
            self.buffer.extend_from_slice(&chunk[..read]);
            let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end])?;
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .context("content-length")?
                .parse::<usize>()?;
            if self.buffer.len() >= end + 4 + length {
                return Ok(end + 4);
            }
        }
    }
}
