//! The table of all runs: medians of ratios of neighbouring runs, and the goals.

use std::collections::BTreeMap;

use super::{Arm, ArmArguments, Run, Work};
use crate::goals::{Bound, Spread, goal};

type Key = (Arm, Work, usize, String);

/// All runs, by what was run, in rounds.
#[derive(Default)]
pub struct Table {
    runs: BTreeMap<Key, Vec<Run>>,
}

impl Table {
    pub fn add(&mut self, arm: &ArmArguments, run: Run) {
        self.runs.entry((arm.arm, arm.work, arm.clients, arm.city.clone())).or_default().push(run);
    }

    fn runs(&self, arm: Arm, work: Work, clients: usize, city: &str) -> &[Run] {
        self.runs.get(&(arm, work, clients, city.to_owned())).map_or(&[], Vec::as_slice)
    }

    pub fn print(&self, clients: &[usize]) {
        println!(
            "\nbills a second, CPU of client, server and database server in µs a bill, messages a commit; median [least, \
             most]"
        );
        for ((arm, work, clients, city), runs) in &self.runs {
            print_runs(*arm, *work, *clients, city, runs);
        }
        println!("\nratios of neighbouring runs, median [least, most]");
        for work in [Work::Whole, Work::Settle] {
            for clients in clients {
                self.print_ratio("(a) / (c)", work, *clients, Arm::Http, Arm::Limit);
            }
            self.print_ratio("(b) / (d)", work, 64, Arm::Engine, Arm::Raw);
            self.print_ratio("record / (d)", work, 64, Arm::Record, Arm::Raw);
            for clients in clients {
                self.print_ratio("(b) / pgbench", work, *clients, Arm::Engine, Arm::Rows);
            }
        }
        println!();
    }

    fn print_ratio(&self, name: &str, work: Work, clients: usize, one: Arm, other: Arm) {
        let (one, other) = (self.runs(one, work, clients, "small"), self.runs(other, work, clients, "small"));
        if other.is_empty() {
            return;
        }
        let shown = ratio(one, other).map_or("not printed".to_owned(), |r| r.to_string());
        println!("{name:<14} {work:?}, {clients:>3} clients: {shown}");
    }

    /// The goals of `bench store`.
    pub fn server_goals(&self, many: usize) {
        let of = |one, other, work| {
            let ratio = ratio(self.runs(one, work, 64, "small"), self.runs(other, work, 64, "small"));
            ratio.map(|r| r.median)
        };
        let (whole, settle) = (Work::Whole, Work::Settle);
        goal("PostgreSQL: record step / raw batches", of(Arm::Record, Arm::Raw, whole), &Bound::AtLeast(0.8));
        goal("PostgreSQL: end to end / limit server", of(Arm::Http, Arm::Limit, whole), &Bound::AtLeast(0.7));
        goal(
            "PostgreSQL: engine / pgbench row by row, 2207 alone",
            of(Arm::Engine, Arm::Rows, settle),
            &Bound::AtLeast(3.0),
        );
        let p99 = percentile(self.runs(Arm::Http, whole, 64, "small"))
            .zip(percentile(self.runs(Arm::Limit, whole, 64, "small")))
            .map(|(a, c)| a / c);
        goal("PostgreSQL: p99 end to end / limit server", p99, &Bound::AtMost(2.0));
        let large = self.runs(Arm::Engine, whole, 64, "large");
        let small = self.runs(Arm::Engine, whole, 64, "small");
        let large = ratio(large, small).map(|r| r.median);
        let name = format!("PostgreSQL: engine with {many} people and settlements / with 10000 and none");
        goal(&name, large, &Bound::AtLeast(0.8));
    }

    /// The goals of `bench engine`.
    pub fn goals(&self, many: usize) {
        let of =
            |one, other, work| ratio(self.runs(one, work, 64, "small"), self.runs(other, work, 64, "small"));
        let median = |ratio: Option<Spread>| ratio.map(|r| r.median);
        let (whole, settle) = (Work::Whole, Work::Settle);
        goal("record step / raw batches", median(of(Arm::Record, Arm::Raw, whole)), &Bound::AtLeast(0.8));
        goal(
            "engine / raw batches, whole bills",
            median(of(Arm::Engine, Arm::Raw, whole)),
            &Bound::AtLeast(0.5),
        );
        goal(
            "engine / raw batches, 2207 alone",
            median(of(Arm::Engine, Arm::Raw, settle)),
            &Bound::AtLeast(0.6),
        );
        goal("end to end / limit server", median(of(Arm::Http, Arm::Limit, whole)), &Bound::AtLeast(0.7));
        let (http, limit) =
            (self.runs(Arm::Http, whole, 64, "small"), self.runs(Arm::Limit, whole, 64, "small"));
        let p99 = percentile(http).zip(percentile(limit)).map(|(a, c)| a / c);
        goal("p99 end to end / limit server", p99, &Bound::AtMost(2.0));
        let large =
            ratio(self.runs(Arm::Engine, whole, 64, "large"), self.runs(Arm::Engine, whole, 64, "small"));
        goal(&format!("engine with {many} people / with 10000"), median(large), &Bound::AtLeast(0.8));
        let memory = http.iter().map(|run| run.memory).max().map(|kib| kib as f64 / 1_024.0);
        goal("peak memory of the centre, MiB", memory, &Bound::AtMost(256.0));
    }
}

fn print_runs(arm: Arm, work: Work, clients: usize, city: &str, runs: &[Run]) {
    let name = format!("{arm:?} {work:?} {clients:>3} clients, {city} city");
    if runs.iter().any(|run| !run.equal) {
        return println!("{name:<40} not printed: its rows were not what they must be");
    }
    let spread =
        |of: &dyn Fn(&Run) -> f64| Spread::of(runs.iter().map(of).collect()).map_or(0.0, |s| s.median);
    let Some(rate) = Spread::of(runs.iter().map(Run::rate).collect()) else { return };
    let p99 = percentile(runs).map_or(String::new(), |p99| format!(", p99 of 2207 {:.2} ms", p99 / 1_000.0));
    println!(
        "{name:<40} {:.0} [{:.0}, {:.0}] bills/s, client {:.0} µs, server {:.0} µs, database {:.0} µs, {:.1} a commit{p99}",
        rate.median,
        rate.least,
        rate.most,
        spread(&|run| run.client_cpu * 1e6 / run.bills as f64),
        spread(&|run| run.server_cpu * 1e6 / run.bills as f64),
        spread(&|run| run.database_cpu * 1e6 / run.bills as f64),
        spread(&|run| run.batch),
    );
}

fn ratio(one: &[Run], other: &[Run]) -> Option<Spread> {
    if one.iter().chain(other).any(|run| !run.equal) {
        return None;
    }
    Spread::of(one.iter().zip(other).map(|(a, b)| a.rate() / b.rate()).collect())
}

/// The 99th percentile of 2207, in µs, over all rounds together.
fn percentile(runs: &[Run]) -> Option<f64> {
    let mut all: Vec<u32> = runs.iter().flat_map(|run| run.latencies.iter().copied()).collect();
    all.sort_unstable();
    all.get(all.len() * 99 / 100).map(|at| f64::from(*at))
}
