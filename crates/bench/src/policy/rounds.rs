//! CPU time of the arms, in turn over all visits, round after round.

use std::hint::black_box;

use policy::adjudicate;
use rustix::time::{ClockId, clock_gettime};

use super::hand;
use super::record::Record;
use super::teller::{Silent, Teller};
use super::visits::{Bill, Visits};
use crate::goals::{Bound, Spread, goal};

/// The arms in their order: those that are compared stand beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arm {
    Plain,
    Ours,
    Recorded,
    Core,
}

const ARMS: [(Arm, &str); 4] = [
    (Arm::Plain, "A1, by hand"),
    (Arm::Ours, "ours with record"),
    (Arm::Recorded, "A2, by hand with record"),
    (Arm::Core, "ours without encoding"),
];

/// Measures all arms and prints figures, ratios and goals.
pub fn measure(visits: &Visits, rounds: usize) {
    let mut taken = [const { Vec::new() }; ARMS.len()];
    for _ in 0..rounds {
        for ((arm, _), taken) in ARMS.iter().zip(&mut taken) {
            taken.push(run(*arm, visits) / visits.bills.len() as f64);
        }
    }
    println!("CPU of the thread in ns a visit, median [least, most]");
    for ((_, name), taken) in ARMS.iter().zip(&taken) {
        print_figure(name, taken.clone());
    }
    println!("\nratios of neighbouring runs, median [least, most]");
    let ratio = |one: Arm, other: Arm| {
        let of = |arm| taken[arm as usize].iter();
        Spread::of(of(one).zip(of(other)).map(|(one, other)| one / other).collect())
    };
    let pairs = [
        ("ours with record / A2", Arm::Ours, Arm::Recorded),
        ("ours with record / A1", Arm::Ours, Arm::Plain),
        ("ours without encoding / A1", Arm::Core, Arm::Plain),
        ("A2 / A1", Arm::Recorded, Arm::Plain),
    ];
    for (name, one, other) in pairs {
        let shown = ratio(one, other).map_or("not printed".to_owned(), |ratio| ratio.to_string());
        println!("{name:<28} {shown}");
    }
    println!();
    let median = |one, other| ratio(one, other).map(|ratio| ratio.median);
    goal("ours with record / A2", median(Arm::Ours, Arm::Recorded), &Bound::AtMost(1.5));
    goal("ours with record / A1", median(Arm::Ours, Arm::Plain), &Bound::AtMost(2.0));
    println!();
}

/// One figure a line, as this benchmark prints them.
pub fn print_figure(name: &str, values: Vec<f64>) {
    let Some(Spread { median, least, most }) = Spread::of(values) else { return };
    println!("{name:<28} {median:.0} [{least:.0}, {most:.0}]");
}

/// Nanoseconds of CPU of one arm over all visits.
fn run(arm: Arm, visits: &Visits) -> f64 {
    match arm {
        Arm::Plain => timed(|| by_hand(visits, &mut Silent, |_| {})),
        Arm::Recorded => timed(|| by_hand(visits, &mut Record::default(), Record::begin)),
        Arm::Ours => timed(|| {
            for bill in &visits.bills {
                let settled = adjudicate(&visits.edition, &visits.case(bill));
                black_box(settled.trail.encode());
                black_box(settled);
            }
        }),
        Arm::Core => timed(|| {
            for bill in &visits.bills {
                black_box(adjudicate(&visits.edition, &visits.case(bill)));
            }
        }),
    }
}

fn by_hand<T: Teller>(visits: &Visits, teller: &mut T, mut begin: impl FnMut(&mut T)) {
    for bill in &visits.bills {
        let Bill { person, visit, hand_year, .. } = bill;
        begin(teller);
        black_box(hand::settle(person, visit, visits.lines(bill), hand_year, teller));
    }
}

/// Nanoseconds of CPU this thread spends on something.
pub fn timed(work: impl FnOnce()) -> f64 {
    let before = now();
    work();
    now() - before
}

fn now() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}
