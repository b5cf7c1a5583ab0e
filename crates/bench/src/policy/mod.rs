//! What adjudication costs: the policy crate under an edition, beside the same policy written by hand, over the same
//! visits, in one interleaved run. Figures are CPU time of this thread, because machines are shared.
//!
//! Arms: (A1) constants in Rust, amounts and counters only; (A2) the same, and the record of the explanation; ours with
//! the record; ours without encoding it. No arm is measured before all of them agree on every visit.

#![expect(clippy::cast_precision_loss, reason = "figures are for people to read")]

mod edges;
mod visits;
mod items;
mod branches;
mod hand;
mod lines;
mod tables;
mod teller;
mod record;
mod units;
mod equal;
mod rounds;
mod growth;
mod peers;

use std::process::ExitCode;

use clap::Args;

use crate::goals::load_average;
use branches::Branches;
use visits::Visits;

#[derive(Args)]
pub struct PolicyArguments {
    /// Rounds; a figure is the median over them
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Visits of a round
    #[arg(long, default_value_t = 200_000)]
    visits: usize,
    /// Picks the visits
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Installs other engines below `target/peers` and measures beside them instead
    #[arg(long)]
    peers: bool,
}

/// Compares all arms, then measures them.
pub fn policy(arguments: &PolicyArguments) -> anyhow::Result<ExitCode> {
    let visits = Visits::new(arguments.seed, arguments.visits);
    println!(
        "bench policy: {} rounds of {} visits with {} fee lines",
        arguments.rounds,
        visits.bills.len(),
        visits.lines.len()
    );
    println!("load average at the start: {}", load_average());
    if !all_taken(&visits.branches) {
        return Ok(ExitCode::FAILURE);
    }
    if let Err(difference) = equal::compare(&visits) {
        println!("{difference}");
        return Ok(ExitCode::FAILURE);
    }
    println!("equal on every visit: amounts, counters, record\n");
    if arguments.peers {
        peers::run(&visits, arguments.rounds)?;
        println!("load average at the end: {}", load_average());
        return Ok(ExitCode::SUCCESS);
    }
    rounds::measure(&visits, arguments.rounds);
    growth::measure(&visits);
    edges::measure(&visits, arguments.rounds);
    println!("load average at the end: {}", load_average());
    Ok(ExitCode::SUCCESS)
}

/// Prints how often each branch is taken; whether all of them are taken often enough.
fn all_taken(branches: &Branches) -> bool {
    println!("visits by branch");
    branches.all().for_each(|(branch, count)| println!("{count:>8} {branch}"));
    for (branch, count) in branches.rare() {
        println!("too rare: {count} visits take the branch `{branch}`");
    }
    branches.rare().next().is_none()
}
