//! What a trial settlement of a long stay costs beside that of a short one, end to end: the cost of a line stays flat.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use jiff::ToSpan;
use model::{Clock, SystemClock};
use pgtest::{Durable, Server};
use road::{HttpRoad, Reply};
use wire::Answer;

use crate::engine::Meter;
use crate::goals::{Bound, Spread, goal, load_average};
use crate::hospital::Bodies;
use crate::site::Site;

#[derive(Args)]
pub struct StayArguments {
    /// Lines of the long stay
    #[arg(long, default_value_t = 3_000)]
    lines: usize,
    /// Rounds; a figure is the median over them
    #[arg(long, default_value_t = 21)]
    rounds: usize,
}

/// Lines of the short stay.
const SHORT: usize = 10;
/// Lines of one call.
const CALL: usize = 100;
/// How dear the long one may be beside the short one.
const TIMES_MAX: f64 = 150.0;

/// Measures on both backends.
pub fn stay(arguments: &StayArguments) -> anyhow::Result<ExitCode> {
    println!(
        "bench stay: trial settlements of {} lines and of {SHORT}, over HTTP; load average {}",
        arguments.lines,
        load_average()
    );
    let folder = tempfile::tempdir()?;
    measure("SQLite", &Site::make(folder.path(), 200, None)?, arguments)?;
    let folder = tempfile::tempdir()?;
    let server = Server::start(Durable::Yes, &["max_wal_size = 4GB", "wal_compression = lz4"])?;
    measure("PostgreSQL", &Site::make(folder.path(), 200, Some(&server.url()))?, arguments)?;
    Ok(ExitCode::SUCCESS)
}

fn measure(backend: &str, site: &Site, arguments: &StayArguments) -> anyhow::Result<()> {
    let running = site.start(None)?;
    let (long, short) = (Desk::open(site, 0, arguments.lines)?, Desk::open(site, 1, SHORT)?);
    let (mut millis, mut ratios) = (Vec::new(), Vec::new());
    // The first of each warms what is cached.
    for round in 0..=arguments.rounds {
        let (one, other) = (long.trial()?, short.trial()?);
        if round > 0 {
            millis.push(one * 1_000.0);
            ratios.push(one / other);
        }
    }
    running.stop()?;
    let of = |values| Spread::of(values).context("a round");
    let (millis, ratio) = (of(millis)?, of(ratios)?);
    println!(
        "\n{backend}: {} lines in {millis} ms; times as long as {SHORT} lines: {ratio}",
        arguments.lines
    );
    goal(&format!("{backend}: long stay / short stay"), Some(ratio.median), &Bound::AtMost(TIMES_MAX));
    Ok(())
}

/// A hospital with a stay that is charged.
struct Desk<'s> {
    bodies: Bodies<'s>,
    road: HttpRoad,
    person: String,
    stay: String,
    lines: usize,
}

impl<'s> Desk<'s> {
    fn open(site: &'s Site, number: usize, lines: usize) -> anyhow::Result<Self> {
        let hospital = &site.city.hospitals[number];
        let road = site.road(number, Duration::from_mins(1));
        let person = site.city.persons[110 + number].enrolment.number.clone();
        let mut desk = Self { bodies: Bodies { hospital }, road, person, stay: String::new(), lines };
        let now = SystemClock.now();
        let begins = now.saturating_sub(2.days());
        let admitted =
            desk.say("2401", &desk.bodies.admit(&desk.msgid(0), now, &desk.person, "1", begins))?;
        desk.stay = admitted.output("result", "mdtrt_id").context("a stay")?;
        let items = site.city.catalogue.items();
        for from in (0..lines).step_by(CALL) {
            let charges: Vec<_> = (from..lines.min(from + CALL))
                .map(|n| (n, items[n * 7 % items.len()].code.as_str(), "1.00"))
                .collect();
            let body =
                desk.bodies.stay_fees(&desk.msgid(1 + from), now, &desk.person, &desk.stay, begins, &charges);
            desk.say("2301", &body)?;
        }
        Ok(desk)
    }

    fn msgid(&self, serial: usize) -> String {
        format!("{}-{serial}", self.bodies.hospital.code)
    }

    /// Seconds of a 2303.
    fn trial(&self) -> anyhow::Result<f64> {
        let total = format!("{}.00", self.lines);
        let body = self.bodies.stay_bill(&self.msgid(0), SystemClock.now(), &self.person, &self.stay, &total);
        let meter = Meter::start_wall();
        let answer = self.say("2303", &body)?;
        let seconds = meter.elapsed().as_secs_f64();
        let reckoned = answer.output("setlinfo", "medfee_sumamt");
        ensure!(reckoned == Some(total), "all lines are settled: {reckoned:?}");
        Ok(seconds)
    }

    fn say(&self, infno: &str, body: &str) -> anyhow::Result<Answer> {
        match self.road.send_body(infno, body.as_bytes()) {
            Ok(Reply::Done(given)) => Ok(given.answer),
            other => anyhow::bail!("{infno}: {other:?}"),
        }
    }
}
