//! `cargo xtask crash`: stops a centre in mid-work, again and again, and compares its books. Lives in `bench`.

use std::ffi::{OsStr, OsString};

use anyhow::Result;

use crate::bench;

/// Runs it.
pub fn run(args: &[OsString]) -> Result<()> {
    bench::run(OsStr::new("crash"), args)
}
