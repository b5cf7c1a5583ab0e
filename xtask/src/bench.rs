//! `cargo xtask bench <name>`: measures in release mode. What can be measured is told by the `bench` crate.

use std::ffi::{OsStr, OsString};

use anyhow::Result;

use crate::shell;

/// Runs one measurement.
pub fn run(name: &OsStr, args: &[OsString]) -> Result<()> {
    // The executable it starts is built beside it.
    shell::run(&mut shell::cargo("build --release -q -p app -p bench"))?;
    shell::run(shell::cargo("run --release -q -p bench --").arg(name).args(args))
}
