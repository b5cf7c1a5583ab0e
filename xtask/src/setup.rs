//! What must be on the machine before tests can be built and run. Says what to install; installs nothing.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::shell;

/// One thing that must be there.
struct Need {
    what: &'static str,
    why: &'static str,
    found: fn() -> bool,
    install: &'static str,
}

const NEEDS: &[Need] = &[Need {
    what: "a C compiler, `cc`",
    why: "SQLite and the cryptography are built from C",
    found: || shell::works(Command::new("cc").arg("--version")),
    install: "Debian, Ubuntu: apt install build-essential; Fedora: dnf install gcc; macOS: xcode-select --install",
}];

impl Need {
    fn tell(&self) -> String {
        format!("missing: {}\n  why:     {}\n  install: {}", self.what, self.why, self.install)
    }
}

/// Says all that is missing, at once.
pub fn ensure() -> Result<()> {
    let missing: Vec<String> = NEEDS.iter().filter(|need| !(need.found)()).map(Need::tell).collect();
    ensure!(missing.is_empty(), "this machine is not set up\n{}", missing.join("\n"));
    Ok(())
}
