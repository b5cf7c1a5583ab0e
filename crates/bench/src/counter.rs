//! What a settlement costs on the remote-server road: round trips and bytes on the line between a workstation and the
//! centre's database, counted by whoever carries them.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use counter::CounterRoad;
use model::{Clock, SystemClock};
use pgtest::{Durable, Server};
use road::Reply;
use store::Counter;
use store_postgres::PostgresCounter;

use crate::engine::Meter;
use crate::goals::Spread;
use crate::hospital::Bodies;
use crate::site::Site;

#[derive(Args)]
pub struct CounterArguments {
    /// Bills; a figure is the median over them
    #[arg(long, default_value_t = 200)]
    bills: usize,
}

/// Lines of a bill, and what one comes to.
const LINES: usize = 10;
const PRICE: &str = "12.50";
const TOTAL: &str = "125.00";
const STEPS: [&str; 5] = ["2201", "2203", "2204", "2206", "2207"];

/// What went over the line.
#[derive(Default)]
struct Line {
    up: AtomicU64,
    down: AtomicU64,
    turns: AtomicU64,
    /// The workstation spoke last.
    asking: AtomicBool,
}

/// What one message cost.
struct Cost {
    up: u64,
    down: u64,
    turns: u64,
    micros: u64,
}

/// Measures and prints.
pub fn counter(arguments: &CounterArguments) -> anyhow::Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(Durable::Yes, &["max_wal_size = 4GB", "wal_compression = on"])?;
    let site = Site::make(folder.path(), 2_000, Some(&server.url()))?;
    let running = site.start(None)?;
    let hospital = &site.city.hospitals[0];
    let made = store_postgres::admit(&format!("{}/postgres", server.url()), &hospital.code)?;
    let line = Arc::new(Line::default());
    carry(folder.path(), server.folder(), line.clone())?;
    let socket = folder.path().display().to_string().replace('/', "%2F");
    let url = format!("postgres://{}@{socket}:5432/postgres", made.role);
    let wake = counter::wake();
    let open = move || Ok(Box::new(PostgresCounter::new(&url, wake)?) as Box<dyn Counter>);
    let road = CounterRoad::new(open, Duration::from_secs(30));
    let bodies = Bodies { hospital };
    let items = site.city.catalogue.items();
    let mut costs: [Vec<Cost>; STEPS.len()] = Default::default();
    // The first makes the connection and prepares its statements.
    for n in 0..=arguments.bills {
        let person = &site.city.persons[100 + n % 1_800].enrolment.number;
        let now = SystemClock.now();
        let msgid = |step: usize| format!("{}-{n}-{step}", hospital.code);
        let charges: Vec<_> =
            (0..LINES).map(|at| (items[(n + at) % items.len()].code.as_str(), PRICE)).collect();
        let mut visit = String::new();
        for (step, costs) in costs.iter_mut().enumerate() {
            let body = match step {
                0 => bodies.register(&msgid(step), now, person, &n.to_string()),
                1 => bodies.visit(&msgid(step), now, person, &visit),
                2 => bodies.fees(&msgid(step), now, person, &visit, &charges),
                _ => bodies.bill(STEPS[step], &msgid(step), now, person, &visit, TOTAL),
            };
            let (cost, answer) = send(&road, &line, &body)?;
            if step == 0 {
                visit = answer.output("data", "mdtrt_id").context("a visit")?;
            }
            costs.extend((n > 0).then_some(cost));
        }
    }
    running.stop()?;
    print(&costs);
    Ok(ExitCode::SUCCESS)
}

fn send(road: &CounterRoad, line: &Line, body: &str) -> anyhow::Result<(Cost, wire::Answer)> {
    let read = |of: &AtomicU64| of.load(Ordering::SeqCst);
    let before = (read(&line.up), read(&line.down), read(&line.turns));
    let meter = Meter::start_wall();
    let reply = road.send_body(body.as_bytes());
    let micros = u64::try_from(meter.elapsed().as_micros())?;
    let Ok(Reply::Done(given)) = reply else { anyhow::bail!("not done: {reply:?}") };
    let cost = Cost {
        up: read(&line.up) - before.0,
        down: read(&line.down) - before.1,
        turns: read(&line.turns) - before.2,
        micros,
    };
    ensure!(cost.turns > 0, "nothing went over the line that is watched");
    Ok((cost, given.answer))
}

#[expect(clippy::cast_precision_loss, reason = "figures are for people to read")]
fn print(costs: &[Vec<Cost>]) {
    println!("round trips, bytes up, bytes down, ms; each the median [least, most]");
    let mut whole = [0.0; 3];
    for (infno, costs) in STEPS.iter().zip(costs) {
        let of = |what: fn(&Cost) -> u64| Spread::of(costs.iter().map(|cost| what(cost) as f64).collect());
        let all = [of(|cost| cost.turns), of(|cost| cost.up), of(|cost| cost.down), of(|cost| cost.micros)];
        let [Some(turns), Some(up), Some(down), Some(micros)] = all else { continue };
        for (sum, one) in whole.iter_mut().zip([&turns, &up, &down]) {
            *sum += one.median;
        }
        println!(
            "{infno}  {:.0} [{:.0}, {:.0}]  {:.0} [{:.0}, {:.0}]  {:.0} [{:.0}, {:.0}]  {:.2} [{:.2}, {:.2}]",
            turns.median,
            turns.least,
            turns.most,
            up.median,
            up.least,
            up.most,
            down.median,
            down.least,
            down.most,
            micros.median / 1e3,
            micros.least / 1e3,
            micros.most / 1e3
        );
    }
    println!(
        "a bill of {LINES} lines from registration to settlement: {:.0} round trips, {:.0} bytes up, {:.0} bytes down",
        whole[0], whole[1], whole[2]
    );
}

/// Carries what a workstation and the server say, and counts it.
fn carry(here: &Path, server: &Path, line: Arc<Line>) -> anyhow::Result<()> {
    let listener = UnixListener::bind(here.join(".s.PGSQL.5432"))?;
    let server = server.join(".s.PGSQL.5432");
    std::thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let Ok(far) = UnixStream::connect(&server) else { return };
            let (Ok(near_too), Ok(far_too)) = (near.try_clone(), far.try_clone()) else { return };
            let (asked, answered) = (line.clone(), line.clone());
            std::thread::spawn(move || {
                copy(near, far, |bytes| {
                    asked.up.fetch_add(bytes, Ordering::SeqCst);
                    // A turn begins where the workstation speaks again.
                    if !asked.asking.swap(true, Ordering::SeqCst) {
                        asked.turns.fetch_add(1, Ordering::SeqCst);
                    }
                });
            });
            std::thread::spawn(move || {
                copy(far_too, near_too, |bytes| {
                    answered.down.fetch_add(bytes, Ordering::SeqCst);
                    answered.asking.store(false, Ordering::SeqCst);
                });
            });
        }
    });
    Ok(())
}

fn copy(mut from: UnixStream, mut to: UnixStream, count: impl Fn(u64)) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        count(read as u64);
        if to.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
}
