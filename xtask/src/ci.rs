//! `cargo xtask ci`: what the build server runs, in this order, up to the first failure.

use std::time::Instant;

use anyhow::{Context, Result};

use crate::{fuzz, generated, shell, test};

type Step = fn() -> Result<()>;

const STEPS: &[(&str, Step)] = &[
    ("format", || shell::run(&mut shell::cargo("fmt --all --check"))),
    ("clippy", || shell::run(&mut shell::cargo("clippy --workspace --all-targets -- -D warnings"))),
    ("tests", || test::run(&[])),
    ("generated files unchanged", generated::check),
    ("fuzz", fuzz::run),
];

/// Runs all steps.
pub fn run() -> Result<()> {
    let begun = now();
    let done = STEPS.iter().try_for_each(|(title, step)| timed(title, *step));
    println!("\n== ci: {:.1?} in total", begun.elapsed());
    done
}

fn timed(title: &str, step: Step) -> Result<()> {
    println!("\n== {title}");
    let begun = now();
    let done = step();
    println!("== {title}: {:.1?}", begun.elapsed());
    done.with_context(|| format!("ci stopped at `{title}`"))
}

#[expect(clippy::disallowed_methods, reason = "measures how long a step takes; nothing is decided by it")]
fn now() -> Instant {
    Instant::now()
}
