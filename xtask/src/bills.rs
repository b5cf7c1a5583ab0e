//! `cargo xtask bills`: random bills at a window, and receipts of two windows. Bills go in runs of their own seed, as many side
//! by side as the machine has cores.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Result, anyhow, ensure};

use crate::{setup, shell};

/// Bills of one run: their books grow no longer than a day's.
const A_RUN: usize = 500;

/// All of them; each run says what it came to.
pub fn run(count: usize, receipts: usize, seed: usize) -> Result<()> {
    ensure!(count > 0 && receipts > 1, "there is nothing to do");
    setup::ensure()?;
    shell::run(&mut shell::cargo("test -q -p testkit --no-run"))?;
    let (runs, next) = (count.div_ceil(A_RUN), AtomicUsize::new(0));
    let one = || -> Result<()> {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= runs {
                return Ok(());
            }
            let mut bills = test("bills", "random_bills");
            bills.env("TONGQU_BILLS", A_RUN.min(count - n * A_RUN).to_string());
            shell::run(bills.env("TONGQU_BILLS_SEED", (seed + n).to_string()))?;
        }
    };
    let hands = thread::available_parallelism().map_or(1, usize::from).min(runs);
    thread::scope(|scope| {
        let all: Vec<_> = (0..hands).map(|_| scope.spawn(one)).collect();
        all.into_iter().try_for_each(|hand| hand.join().map_err(|_| anyhow!("a run broke off"))?)
    })?;
    println!("{count} bills in {runs} runs, seeds {seed} to {}", seed + runs - 1);
    let mut two_windows = test("suite", "two_windows_on_one_segment");
    shell::run(two_windows.env("TONGQU_RECEIPTS", receipts.to_string()))
}

/// One test, with its books in memory where the system has a folder there: what a disk does is tried elsewhere.
fn test(binary: &str, name: &str) -> Command {
    let mut test = shell::cargo(&format!("test -q -p testkit --test {binary} -- --nocapture {name}"));
    let memory = Path::new("/dev/shm");
    if memory.exists() {
        test.env("TMPDIR", memory);
    }
    test
}
