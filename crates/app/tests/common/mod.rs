//! Runs the executable as its users do.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::process::Command;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a run of the executable came to.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Fails unless a page of the vendors' manual is what it is made from; `UPDATE=1` writes it anew.
pub fn is_written(name: &str, expected: &str) {
    let file = root().join("docs/vendor").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, expected).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == expected, "{name} is stale: UPDATE=1 cargo nextest run -p app writes it anew");
}

/// Runs it at the root of the project.
pub fn tongqu(arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongqu"));
    let ran = command.args(arguments).current_dir(root()).env_remove("TONGQU_LISTEN").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: ran.status.code(), out: text(ran.stdout), err: text(ran.stderr) }
}

impl Ran {
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }

    /// The last line, with every number written as N.
    pub fn last(&self) -> String {
        let line = self.out.lines().last().unwrap_or_default();
        let words = line.split(' ').map(|word| if word.parse::<u64>().is_ok() { "N" } else { word });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// An amount as it is printed, in fen.
pub fn fen(text: &str) -> i64 {
    text.replace('.', "").parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

/// A folder that goes with the test, as an argument.
pub fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    (folder, path)
}

/// The number of the first settlement a demo told of.
pub fn settlement(demo: &str) -> String {
    let number = |line: &str| line.trim().strip_prefix("结算 ")?.parse::<i64>().ok();
    demo.lines().find_map(number).unwrap_or_else(|| panic!("{demo}")).to_string()
}
