//! Files that are generated and committed. Each is made anew and must come out as it was.

use std::fs;

use anyhow::{Result, ensure};

use crate::shell;

/// One generator.
struct Generator {
    /// The arguments of the cargo command that writes the file.
    cargo: &'static str,
    /// What it writes.
    file: &'static str,
}

const GENERATORS: &[Generator] = &[];

/// Runs every generator and compares.
pub fn check() -> Result<()> {
    println!("{} generators", GENERATORS.len());
    GENERATORS.iter().try_for_each(Generator::check)
}

impl Generator {
    fn check(&self) -> Result<()> {
        let before = fs::read(self.file).ok();
        shell::run(&mut shell::cargo(self.cargo))?;
        let after = fs::read(self.file).ok();
        ensure!(
            before == after,
            "{} was out of date; it is current now: read the change and commit it",
            self.file
        );
        Ok(())
    }
}
