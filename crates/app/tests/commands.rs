//! What the executable says and how it exits: what scripts and manuals count on.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a run of the executable came to.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs it at the root of the project.
fn tongqu(arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongqu"));
    let ran = command.args(arguments).current_dir(root()).env_remove("TONGQU_LISTEN").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: ran.status.code(), out: text(ran.stdout), err: text(ran.stderr) }
}

impl Ran {
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }

    /// The last line, with every number written as N.
    fn last(&self) -> String {
        let line = self.out.lines().last().unwrap_or_default();
        let words = line.split(' ').map(|word| if word.parse::<u64>().is_ok() { "N" } else { word });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// Money of the output, in fen.
fn fen(value: &Value) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no amount"));
    text.replace('.', "").parse().unwrap()
}

/// A folder that goes with the test, as an argument.
fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    (folder, path)
}

#[test]
fn the_demo_ends_with_its_count_and_leaves_books_that_verify() {
    let (_folder, path) = folder();
    let ran = tongqu(&["demo", "--once", "--persons", "60", "--folder", &path]).exits(0);
    assert_eq!(ran.last(), "demo: N settlements, N reversals, N journals, N violations");
    let database = format!("sqlite://{path}/centre.db");
    let verified = tongqu(&["verify", "--database", &database]).exits(0);
    assert_eq!(verified.last(), "verify: N settlements, N reversals, N journals, N violations");
    let count = |ran: &Ran| ran.out.lines().last().unwrap().split_once(' ').unwrap().1.to_owned();
    assert_eq!(count(&ran), count(&verified));
    assert!(count(&ran).ends_with(", 0 violations"), "{}", ran.out);
    let again = tongqu(&["demo", "--once", "--persons", "60", "--folder", &path]).exits(2);
    assert!(again.err.contains("is there already"), "{}", again.err);
}

#[test]
fn a_bill_from_a_file_is_explained_in_either_language() {
    let zh = tongqu(&["settle", "examples/outpatient.toml"]).exits(0).out;
    assert!(zh.contains("费用总额") && zh.contains("怎样算出来的"), "{zh}");
    let en = tongqu(&["settle", "examples/outpatient.toml", "--lang", "en"]).exits(0).out;
    assert!(en.contains("pooled fund") && en.contains("How it was reckoned"), "{en}");
    tongqu(&["settle", "examples/no-such-bill.toml"]).exits(2);
}

#[test]
fn the_parts_of_a_bill_for_machines_add_up_to_the_whole() {
    let text = tongqu(&["settle", "examples/outpatient.toml", "--json"]).exits(0).out;
    let bill: Value = serde_json::from_str(&text).unwrap();
    let funds: i64 = bill["funds"].as_object().unwrap().values().map(fen).sum();
    assert!(funds > 0, "{text}");
    let parts = funds + fen(&bill["personal_account"]) + fen(&bill["cash"]) + fen(&bill["hospital_share"]);
    assert_eq!(parts, fen(&bill["total"]), "{text}");
    assert!(!bill["steps"].as_array().unwrap().is_empty(), "{text}");
}

#[test]
fn the_policies_of_this_folder_pass_their_check_and_a_spoilt_one_does_not() {
    let ran = tongqu(&["policy", "check", "policies/"]).exits(0);
    assert_eq!(ran.last().replace(" N failed", " 0 failed"), "policies: N editions, N cases, 0 failed");
    assert!(ran.out.trim_end().ends_with(" 0 failed"), "{}", ran.out);
    let (folder, path) = folder();
    let editions = folder.path().join("editions");
    std::fs::create_dir(&editions).unwrap();
    std::fs::write(editions.join("2026-01-01.toml"), "order = 1\n").unwrap();
    let spoilt = tongqu(&["policy", "check", &path]).exits(1);
    assert!(spoilt.out.trim_end().ends_with(" 1 failed"), "{}", spoilt.out);
    tongqu(&["policy", "check", &format!("{path}/none")]).exits(2);
}

#[test]
fn an_installation_is_made_once_and_its_tools_exit_as_documented() {
    let (_folder, path) = folder();
    tongqu(&["init", "--folder", &path]).exits(0);
    tongqu(&["init", "--folder", &path]).exits(2);
    tongqu(&["verify", "--database", &format!("sqlite://{path}/centre.db")]).exits(0);
    tongqu(&["verify", "--database", "postgres://elsewhere"]).exits(2);
    let config = format!("{path}/tongqu.toml");
    // The folder of policies named in a fresh configuration is still to be filled.
    let doctor = tongqu(&["doctor", "--config", &config]).exits(1);
    assert!(doctor.out.contains("✗ 政策 policies"), "{}", doctor.out);
    assert!(doctor.last().starts_with("doctor: N "), "{}", doctor.out);
    let missing = tongqu(&["doctor", "--config", &format!("{path}/none.toml")]).exits(1);
    assert!(missing.out.contains("tongqu init"), "{}", missing.out);
    tongqu(&["centre", "--config", &format!("{path}/none.toml")]).exits(2);
}

#[test]
fn flags_that_nobody_knows_exit_with_two() {
    for arguments in
        [&["demo", "--nonsense"][..], &["settle"], &["settle", "x", "--lang", "de"], &["no-such"]]
    {
        let ran = tongqu(arguments).exits(2);
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{arguments:?}: {}", ran.out);
    }
}
