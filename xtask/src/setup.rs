//! What must be on the machine before tests can be built and run. Small tools are installed where that needs no
//! question (Debian, as root); of the rest it says what to install.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::shell;

/// One thing that must be there.
pub struct Need {
    pub what: &'static str,
    pub why: &'static str,
    pub found: fn() -> bool,
    pub install: &'static str,
    /// A Debian package that brings it.
    pub package: Option<&'static str>,
}

const NEEDS: &[Need] = &[
    Need {
        what: "a C compiler, `cc`",
        why: "SQLite and the cryptography are built from C",
        found: || shell::works(Command::new("cc").arg("--version")),
        install: "Debian, Ubuntu: apt install build-essential; Fedora: dnf install gcc; macOS: xcode-select --install",
        package: None,
    },
    Need {
        what: "`curl`",
        why: "the first bill of the vendor manual is sent with it",
        found: || shell::works(Command::new("curl").arg("--version")),
        install: "Debian, Ubuntu: apt install curl; Fedora: dnf install curl",
        package: Some("curl"),
    },
    Need {
        what: "`sha256sum`",
        why: "the vendor manual signs with it",
        found: || shell::works(Command::new("sha256sum").arg("--version")),
        install: "Debian, Ubuntu: apt install coreutils; macOS: brew install coreutils",
        package: Some("coreutils"),
    },
    Need {
        what: "`openssl`",
        why: "hospitals' certificates are signed with it, as in the manual",
        found: || shell::works(Command::new("openssl").arg("version")),
        install: "Debian, Ubuntu: apt install openssl; Fedora: dnf install openssl",
        package: Some("openssl"),
    },
    Need {
        what: "PostgreSQL 15 or later, its server",
        why: "every story runs on it, too; a server of the tests' own is made and ended",
        found: pgtest::is_installed,
        install: "Debian, Ubuntu: apt install postgresql; Fedora: dnf install postgresql-server",
        package: Some("postgresql"),
    },
];

impl Need {
    /// Whether it is there, or could be brought.
    fn met(&self) -> bool {
        (self.found)()
            || self.package.is_some_and(|package| {
                // A fresh machine has no list of packages yet.
                let install = || shell::works(Command::new("apt-get").args(["install", "-y", package]));
                let listed = || shell::works(Command::new("apt-get").arg("update"));
                (install() || (listed() && install())) && (self.found)()
            })
    }

    fn tell(&self) -> String {
        format!("missing: {}\n  why:     {}\n  install: {}", self.what, self.why, self.install)
    }
}

/// Says all that is missing, at once.
pub fn ensure() -> Result<()> {
    ensure_all(NEEDS)
}

/// The same of what only some tests need.
pub fn ensure_all(needs: &[Need]) -> Result<()> {
    let missing: Vec<String> = needs.iter().filter(|need| !need.met()).map(Need::tell).collect();
    ensure!(missing.is_empty(), "this machine is not set up\n{}", missing.join("\n"));
    Ok(())
}
