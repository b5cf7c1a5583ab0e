//! Settles very many bills of every kind the interface knows, undoes some, and then recomputes every one of them from
//! what the books keep of it: not a fen may be apart.
//!
//! Time goes by from March 2025, so that both editions and three benefit years are met, and stays lie across the turn
//! of both. Everything follows from the seed but the order in which different people's messages reach the centre.

mod town;
mod errand;
mod program;
mod client;
mod stay;
mod histogram;

use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc;

use anyhow::{Context, ensure};
use centre::Report;
use clap::Args;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use store::CentreStore;

use crate::engine::Meter;
use crate::site;
use client::{Client, Tally};
use errand::Errand;
use histogram::Histogram;
use town::{FIRST, Town};

/// What to settle.
#[derive(Args)]
pub struct RecomputeArguments {
    /// At least so many settlements
    #[arg(long, default_value_t = 100_000)]
    settlements: u64,
    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Settlements somebody has until the third benefit year has begun.
const OF_ONE: u64 = 11;
/// Days between two moments at which clients go on. Every stay lasts as long: nobody is admitted while still in hospital.
const STEP_DAYS: i32 = 3;
/// Most clients; a batch takes 256 messages.
const CLIENTS_MAX: usize = 1_024;

/// Runs it; exits 1 on any violation.
pub fn recompute(arguments: &RecomputeArguments) -> anyhow::Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let found = run(arguments, folder.path(), &mut |line| eprint!("\r{line}   "))?;
    eprintln!();
    for finding in found.report.findings.iter().filter(|f| f.rows > 0) {
        println!("{finding}");
    }
    found.histogram.print();
    found.print_tally();
    println!("{}", found.summary());
    Ok(if found.sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a run found.
struct Found {
    report: Report,
    histogram: Histogram,
    tally: Tally,
    /// Seconds of settling and of verifying.
    seconds: (f64, f64),
    /// Messages of an average commit.
    batch: f64,
}

impl Found {
    fn sound(&self) -> bool {
        self.report.violations() == 0 && self.report.difference.is_zero()
    }

    fn print_tally(&self) {
        let Tally { trials, again, refused, .. } = &self.tally;
        let refused: Vec<String> = refused.iter().map(|(code, times)| format!("{code} {times}")).collect();
        println!(
            "{trials} trials said what their settlements said, {again} answers were given again; refused as it must be: {}",
            refused.join(", ")
        );
        println!(
            "settled in {:.1} s, {:.0} messages a commit; verified in {:.1} s",
            self.seconds.0, self.batch, self.seconds.1
        );
    }

    fn summary(&self) -> String {
        let Report { settlements, reversals, difference, .. } = &self.report;
        format!(
            "recompute: {settlements} settlements, {reversals} reversals, {} in parts, {} fen of difference, {} violations",
            self.histogram.parts,
            difference.fen(),
            self.report.violations()
        )
    }
}

fn run(arguments: &RecomputeArguments, folder: &Path, told: &mut dyn FnMut(String)) -> anyhow::Result<Found> {
    let persons = usize::try_from(arguments.settlements / OF_ONE)? + 40;
    let town = Town::build(folder, persons)?;
    let meter = Meter::start_wall();
    let tally = settle(arguments, &town, told)?;
    let settling = meter.elapsed().as_secs_f64();
    let batch = town.messages_a_commit();
    town.centre.stop();
    let (editions, store) = (site::editions()?, town.read()?);
    let mut reader = store.reader()?;
    let meter = Meter::start_wall();
    let mut progress = |rows| told(format!("verifying, {rows} rows"));
    let report = centre::verify(reader.as_mut(), &editions, town.sealer.day_keys(), &mut progress)?;
    let seconds = (settling, meter.elapsed().as_secs_f64());
    ensure!(
        (report.settlements, report.reversals) == (tally.settled, tally.undone),
        "clients settled {} and undid {}, the books have {} and {}",
        tally.settled,
        tally.undone,
        report.settlements,
        report.reversals
    );
    let histogram = Histogram::of(reader.as_mut(), &editions)?;
    Ok(Found { report, histogram, tally, seconds, batch })
}

/// What a client is given to do: until when, and the visits that began since.
type Orders = (DateTime, Vec<Errand>);
/// What it says back; and whether something goes on.
type Done = anyhow::Result<(Tally, bool)>;

/// Lets time go by until enough is settled and the third benefit year has begun; then stays come to their end.
fn settle(
    arguments: &RecomputeArguments,
    town: &Town,
    told: &mut dyn FnMut(String),
) -> anyhow::Result<Tally> {
    let clients = (town.city.persons.len() / 4).clamp(1, CLIENTS_MAX);
    std::thread::scope(|scope| {
        let (answer, answers) = mpsc::channel();
        let orders: Vec<mpsc::Sender<Orders>> = (0..clients)
            .map(|_| {
                let (order, orders) = mpsc::channel();
                let answer = answer.clone();
                scope.spawn(move || work(town, &orders, &answer));
                order
            })
            .collect();
        drop(answer);
        let last = Date::constant(2027, 2, 10);
        let mut visits = town.city.visits(arguments.seed, FIRST, last.saturating_add(3.years())).peekable();
        let (mut tally, mut day, mut goes_on) = (Tally::default(), FIRST, true);
        while goes_on {
            let open = day <= last || tally.settled < arguments.settlements;
            let now = day.at(23, 50, 0, 0);
            town.clock.set(now);
            let mut errands: Vec<Vec<Errand>> = orders.iter().map(|_| Vec::new()).collect();
            while let Some(visit) = visits.next_if(|visit| open && visit.begins <= now) {
                let client = visit.person % clients;
                errands[client].extend(Errand::of(&visit, &town.city, arguments.seed));
            }
            goes_on = open;
            for (order, errands) in orders.iter().zip(errands) {
                order.send((now, errands)).ok().context("a client has ended")?;
            }
            for _ in 0..clients {
                let (done, waits) = answers.recv().context("a client has ended")??;
                tally.add(&done);
                goes_on |= waits;
            }
            told(format!("{day}, {} settlements", tally.settled));
            day = next(day);
        }
        Ok(tally)
    })
}

fn work(town: &Town, orders: &mpsc::Receiver<Orders>, answer: &mpsc::Sender<Done>) {
    let mut client = Client::new(town);
    for (now, errands) in orders {
        let done = client.go_on(now, errands).map(|tally| (tally, client.waits()));
        let failed = done.is_err();
        if answer.send(done).is_err() || failed {
            return;
        }
    }
}

/// Some days on, but no year is left before its last day.
fn next(day: Date) -> Date {
    let on = day.saturating_add(STEP_DAYS.days());
    let last = Date::constant(day.year(), 12, 31);
    if day < last { on.min(last) } else { on }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_settlement_is_recomputed_to_the_fen_and_every_construct_is_applied() {
        let folder = tempfile::tempdir().unwrap();
        let arguments = RecomputeArguments { settlements: 2_000, seed: 1 };
        let found = run(&arguments, folder.path(), &mut |_| {}).unwrap();
        let broken: Vec<_> = found.report.findings.iter().filter(|f| f.violations > 0).collect();
        assert!(found.sound(), "{}: {broken:#?}", found.summary());
        assert!(
            found.report.settlements >= 2_000 && found.report.reversals > 50 && found.histogram.parts > 10
        );
        // No message tells a cause, nothing joins yet, and premiums are no part of a bill.
        assert_eq!(found.histogram.never_applied(), ["causes", "joining", "premium"]);
    }
}
