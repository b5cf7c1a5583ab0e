//! Allocations a visit, and whether they grow with its lines.

use std::collections::BTreeMap;
use std::hint::black_box;

use policy::{Adjudication, adjudicate};

use super::visits::{Bill, Visits};
use crate::allocations;
use crate::goals::{Bound, goal};

/// The visits that are compared: with the fewest lines and with the most.
const LINES: [usize; 2] = [10, 60];

/// Visits and their allocations.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    visits: u64,
    allocations: u64,
}

impl Tally {
    fn mean(self) -> f64 {
        self.allocations as f64 / self.visits.max(1) as f64
    }
}

/// Counts, prints, and states the goal.
pub fn measure(visits: &Visits) {
    println!("allocations a visit, mean");
    let core = print("ours without encoding", visits, |_| {});
    let recorded = print("ours with record", visits, |settled| drop(black_box(settled.trail.encode())));
    println!();
    goal("allocations a fee line", core.into_iter().chain(recorded).reduce(f64::max), &Bound::AtMost(0.0));
    println!();
}

/// The figures of one arm; what a fee line adds.
fn print(name: &str, visits: &Visits, then: impl Fn(&Adjudication)) -> Option<f64> {
    let mut all = Tally::default();
    // A longer explanation needs more room whatever the lines, so visits are compared with those of as many steps.
    let mut by_steps: BTreeMap<usize, [Tally; 2]> = BTreeMap::new();
    for bill in &visits.bills {
        let (allocations, steps) = counted(visits, bill, &then);
        all.visits += 1;
        all.allocations += allocations;
        if let Some(at) = LINES.iter().position(|lines| *lines == bill.lines.len()) {
            let tally = &mut by_steps.entry(steps).or_default()[at];
            tally.visits += 1;
            tally.allocations += allocations;
        }
    }
    by_steps.retain(|_, [few, many]| few.visits > 0 && many.visits > 0);
    let both: u64 = by_steps.values().map(|[few, many]| few.visits.min(many.visits)).sum();
    let weighted = |at: usize| {
        let sum: f64 = by_steps.values().map(|t| t[at].mean() * t[0].visits.min(t[1].visits) as f64).sum();
        sum / both as f64
    };
    let shown = if both == 0 {
        "no visits of either length to compare".to_owned()
    } else {
        format!("{:.2} with {} lines, {:.2} with {} lines", weighted(0), LINES[0], weighted(1), LINES[1])
    };
    println!("{name:<28} {:.2}; {shown}", all.mean());
    (both > 0).then(|| (weighted(1) - weighted(0)) / (LINES[1] - LINES[0]) as f64)
}

fn counted(visits: &Visits, bill: &Bill, then: impl Fn(&Adjudication)) -> (u64, usize) {
    let mut steps = 0;
    let allocations = allocations::count(|| {
        let settled = adjudicate(&visits.edition, &visits.case(bill));
        then(&settled);
        steps = settled.trail.steps.len();
        black_box(settled);
    });
    (allocations, steps)
}
