//! `cargo xtask pages`: what people do at the pages, in a real browser, against the program itself.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::setup::{self, Need};
use crate::shell;

const NEEDS: &[Need] = &[
    Need {
        what: "Chromium",
        why: "pages are tried in it",
        found: || shell::works(Command::new("chromium").arg("--version")),
        install: "Debian: apt install chromium",
        package: Some("chromium"),
    },
    Need {
        what: "Node.js, 18 or later",
        why: "it drives the browser",
        found: || shell::works(Command::new("node").arg("--version")),
        install: "Debian: apt install nodejs npm",
        package: Some("nodejs"),
    },
    Need {
        what: "npm",
        why: "it fetches what drives the browser",
        found: || shell::works(Command::new("npm").arg("--version")),
        install: "Debian: apt install npm",
        package: Some("npm"),
    },
    Need {
        what: "a font with Chinese signs",
        why: "pages are looked at as people see them",
        found: || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").exists(),
        install: "Debian: apt install fonts-noto-cjk",
        package: Some("fonts-noto-cjk"),
    },
];

/// Drives the pages; `--shots FOLDER` keeps a picture of each in both languages, `--only NAME` does one check.
pub fn run(args: &[OsString]) -> Result<()> {
    setup::ensure()?;
    setup::ensure_all(NEEDS)?;
    if !Path::new("e2e/node_modules/playwright-core").exists() {
        shell::run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--prefix", "e2e"]))?;
    }
    shell::run(&mut shell::cargo("build -p app"))?;
    shell::run(&mut shell::cargo("build -p testkit --bin test-centre"))?;
    let (program, centre) = (built("tongqu")?, built("test-centre")?);
    let mut suite = Command::new("node");
    suite.arg("e2e/suite.mjs").arg("--program").arg(program).arg("--centre").arg(centre);
    shell::run(suite.args(args))
}

/// Where a program is that was just built.
fn built(name: &str) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let program = Path::new(&target).join("debug").join(name);
    ensure!(program.exists(), "there is no {}", program.display());
    Ok(program)
}
