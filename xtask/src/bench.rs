//! `cargo xtask bench <name>`: measures in release mode. What can be measured is told by the `bench` crate.

use std::ffi::{OsStr, OsString};

use anyhow::Result;

use crate::shell;

/// Runs one measurement.
pub fn run(name: &OsStr, args: &[OsString]) -> Result<()> {
    shell::run(shell::cargo("run --release -q -p bench --").arg(name).args(args))
}
