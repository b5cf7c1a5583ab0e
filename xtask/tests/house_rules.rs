//! House rules that a machine can check: what stands where, what is never committed, whose licences we accept, and
//! which crates are built in two versions. A failure names every place and what to do there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs};

use serde_json::Value;
use toml_edit::DocumentMut;

/// Crates that speak the words of the field only; besides them every `store-*`.
const WITHOUT_NATIONAL_NAMES: &[&str] =
    &["money", "model", "policy", "ledger", "store", "centre", "road", "serve"];

/// Statements that mark a text as SQL when it begins with them.
const SQL: &[&str] = &["select", "insert into", "update", "delete from", "create table"];

/// Marks of unfinished work, as parts of a line and as whole words.
const UNFINISHED: &[&str] = &["todo!(", "unimplemented!(", "dbg!(", "#[ignore"];
const UNFINISHED_WORDS: &[&str] = &["FIXME", "XXX"];

/// Words that tell how the project came to be: a reader needs what holds, not who asked for it.
const OF_THE_MAKING: &[&str] = &["brief"];

/// Files that people read, by their ending.
const READ_BY_PEOPLE: &[&str] = &["csv", "ftl", "html", "md", "py", "rs", "sql", "toml", "txt"];

/// The longest a file may be, and the tables that may be longer.
const LINES_MAX: usize = 900;
const LONG_TABLES: &[&str] = &[];

/// Licences under which a dependency may come.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that are built in more than one version: name, versions up to the first number that is not zero, reason.
const DUPLICATES: &[(&str, &str, &str)] = &[
    ("base64", "0.22 0.23", "ours is 0.22, ureq has 0.23: raise ours and take this line away"),
    ("constant_time_eq", "0.4 0.6", "argon2 has 0.4, zip 0.6"),
    ("const-oid", "0.9 0.10", "der below tokio-postgres-rustls has 0.9, digest 0.10"),
    ("fallible-iterator", "0.2 0.3", "postgres-protocol has 0.2, rusqlite 0.3"),
    ("getrandom", "0.2 0.4", "ring has 0.2"),
    ("hashbrown", "0.16 0.17", "hashlink below rusqlite has 0.16"),
    ("serde_spanned", "0.6 1", "toml 0.8 below figment"),
    ("syn", "2 3", "macros of pear, refinery and tracing have 2; only built, never shipped"),
    ("toml", "0.8 1", "figment has 0.8, refinery 1"),
    ("toml_datetime", "0.6 1", "toml 0.8 below figment"),
    ("toml_edit", "0.22 0.25", "toml 0.8 below figment"),
    (
        "wasi",
        "0.11 0.14",
        "getrandom below ring has 0.11, whoami below tokio-postgres 0.14; on that target alone",
    ),
    ("windows-sys", "0.52 0.61", "ring has 0.52; on Windows alone"),
    ("winnow", "0.7 1", "toml 0.8 below figment"),
];

/// This file names what it forbids.
const THIS: &str = "xtask/tests/house_rules.rs";

#[test]
fn every_file_begins_by_saying_what_it_is_for() {
    let silent = SOURCES.iter().filter(|s| !s.text.starts_with("//!"));
    let places = silent.map(|s| s.place(1, "does not begin with `//!`"));
    report(places, "begin the file with two to six lines of `//!` that say what it is for");
}

#[test]
fn national_names_stay_in_wire() {
    let names = national_names();
    assert!(names.len() > 100, "the table of transactions has many fields");
    let mut places = Vec::new();
    for source in SOURCES.iter().filter(|s| s.in_crate(speaks_plainly)) {
        // Unit tests speak as hospital programs do.
        let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, line) in code.lines().enumerate() {
            let found = words(line).find(|word| names.contains(*word));
            places.extend(found.map(|name| source.place(at + 1, &format!("`{name}`"))));
        }
    }
    report(places, "use the domain name; the national one stands beside it in crates/wire");
}

#[test]
fn sql_stays_in_the_storage_backends() {
    let elsewhere = |s: &&Source| {
        // What both backends say alike is in `tables`; `bench` measures what the bare statements cost, and `testkit` looks
        // into the books behind the centre's back.
        let backend =
            s.in_crate(|name| name.starts_with("store-") || ["tables", "bench", "testkit"].contains(&name));
        s.path != THIS && !backend && !s.path.contains("/tests/")
    };
    let mut places = Vec::new();
    for source in SOURCES.iter().filter(elsewhere) {
        let quotes = source.text.match_indices('"').filter(|(at, _)| begins_sql(&source.text[at + 1..]));
        places.extend(
            quotes.map(|(at, _)| source.place(line_of(&source.text, at), "a text that begins like SQL")),
        );
    }
    report(places, "move the statement behind a port, into a store-* crate or `tables`");
}

#[test]
fn nothing_unfinished_is_committed() {
    let places = lines_where(|s| s.path != THIS, unfinished);
    report(places, "finish it, or take it away; a known wrong result is asserted as it is, with a note");
}

#[test]
fn nothing_tells_how_the_project_was_made() {
    let root = root();
    let mut files = Vec::new();
    collect(&root, &mut files, READ_BY_PEOPLE);
    assert!(files.iter().any(|file| file.ends_with("crates/wire/data/transactions.txt")));
    let sources = files.iter().map(|file| Source::read(&root, file)).filter(|s| s.path != THIS);
    let mut places = Vec::new();
    for source in sources {
        for (at, line) in source.text.lines().enumerate() {
            let said = words(line).find(|word| OF_THE_MAKING.iter().any(|of| word.eq_ignore_ascii_case(of)));
            places.extend(said.map(|word| source.place(at + 1, &format!("`{word}`"))));
        }
    }
    report(places, "say what holds and why; how the project came to be is not for its reader");
}

#[test]
fn nobody_sleeps_without_a_reason() {
    let mut places = Vec::new();
    for source in SOURCES.iter().filter(|s| s.path != THIS) {
        let lines: Vec<&str> = source.text.lines().collect();
        let sleeps = (0..lines.len()).filter(|at| lines[*at].contains("thread::sleep"));
        let bare =
            sleeps.filter(|at| !lines[at.saturating_sub(3)..*at].iter().any(|l| l.contains("#[expect(")));
        places.extend(bare.map(|at| source.place(at + 1, "`thread::sleep`")));
    }
    report(
        places,
        "wait on a condition or a channel with a time-out, or say why not in an `#[expect(` right above",
    );
}

#[test]
fn no_file_is_too_long_to_read() {
    let long = |s: &&Source| s.text.lines().count() > LINES_MAX && !LONG_TABLES.contains(&s.path.as_str());
    let places = SOURCES.iter().filter(long).map(|s| s.place(LINES_MAX, "goes on behind this line"));
    report(places, "divide it by subject; a file that is one long table may stand in LONG_TABLES");
}

#[test]
fn every_dependency_has_a_licence_we_accept() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("cargo metadata lists packages");
    let wrong = packages.iter().filter(|p| !p["license"].as_str().is_some_and(accepts));
    let places = wrong.map(|p| format!("{} {}: {}", p["name"], p["version"], p["license"]));
    report(
        places,
        "do without it, or discuss its licence and add it to LICENCES in xtask/tests/house_rules.rs",
    );
}

#[test]
fn no_crate_is_built_in_two_versions_without_a_reason() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is there");
    let known =
        |name: &str| DUPLICATES.iter().find(|(n, ..)| *n == name).map_or("", |(_, versions, _)| *versions);
    let twice = versions(&lock).into_iter().filter(|(_, versions)| versions.len() > 1);
    let new =
        twice.filter(|(name, versions)| !versions.iter().all(|v| known(name).split(' ').any(|k| k == v)));
    let places = new.map(|(name, versions)| format!("Cargo.lock: {name} {versions:?}"));
    report(
        places,
        "`cargo tree -i <name>@<version>` tells who brings it; agree on one, or add it to DUPLICATES with the reason",
    );
}

/// One file that is read.
struct Source {
    /// From the root, with `/`.
    path: String,
    text: String,
}

static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let root = root();
    let mut files = Vec::new();
    collect(&root, &mut files, &["rs"]);
    files.sort();
    files.iter().map(|file| Source::read(&root, file)).collect()
});

impl Source {
    fn read(root: &Path, file: &Path) -> Self {
        let path = file.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{path}: {e}"));
        Self { path, text }
    }

    fn place(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }

    /// Whether it is part of a crate (not of the tests beside it) that `wanted` holds for.
    fn in_crate(&self, wanted: impl Fn(&str) -> bool) -> bool {
        let inner = self.path.strip_prefix("crates/").and_then(|rest| rest.split_once('/'));
        inner.is_some_and(|(name, file)| wanted(name) && !file.starts_with("tests/"))
    }
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).components().collect()
}

/// All files of these endings below a folder, but for build output and hidden folders.
fn collect(folder: &Path, files: &mut Vec<PathBuf>, endings: &[&str]) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            collect(&path, files, endings);
        } else if path.extension().is_some_and(|extension| endings.iter().any(|ending| extension == *ending))
        {
            files.push(path);
        }
    }
}

/// Every line of the files in question for which `finds` names something.
fn lines_where(files: impl Fn(&Source) -> bool, finds: impl Fn(&str) -> Option<&str>) -> Vec<String> {
    let mut places = Vec::new();
    for source in SOURCES.iter().filter(|s| files(s)) {
        for (at, line) in source.text.lines().enumerate() {
            places.extend(finds(line).map(|what| source.place(at + 1, &format!("`{what}`"))));
        }
    }
    places
}

/// Fails with all places at once.
fn report(places: impl IntoIterator<Item = String>, advice: &str) {
    let places: Vec<String> = places.into_iter().collect();
    assert!(places.is_empty(), "{} places\n  {}\n{advice}", places.len(), places.join("\n  "));
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn unfinished(line: &str) -> Option<&str> {
    let part = UNFINISHED.iter().find(|part| line.contains(**part));
    part.or_else(|| UNFINISHED_WORDS.iter().find(|word| words(line).any(|w| w == **word))).copied()
}

fn speaks_plainly(name: &str) -> bool {
    WITHOUT_NATIONAL_NAMES.contains(&name) || name.starts_with("store-")
}

/// Field names that no one would use by chance: six letters or more, joined by `_`.
fn national_names() -> BTreeSet<String> {
    let table =
        fs::read_to_string(root().join("crates/wire/data/transactions.txt")).expect("the table is there");
    let fields =
        table.lines().filter(|line| line.starts_with("  ")).filter_map(|line| line.split_whitespace().next());
    fields.filter(|name| name.len() >= 6 && name.contains('_')).map(str::to_owned).collect()
}

/// Whether the text behind a quotation mark begins a statement. It may begin on the next line.
fn begins_sql(text: &str) -> bool {
    let text = if text.starts_with(['\n', '\\']) { text[1..].trim_start() } else { text };
    let begins = |word: &&&str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    SQL.iter().find(begins).is_some_and(|word| text[word.len()..].starts_with([' ', '\n', '\\']))
}

/// What cargo knows of every package; asks the network only where something was never fetched.
fn metadata() -> Value {
    let ask = |more: &[&str]| {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["metadata", "--format-version", "1"]).args(more).current_dir(root());
        cargo.output().expect("cargo can be started")
    };
    let mut told = ask(&["--offline"]);
    if !told.status.success() {
        told = ask(&[]);
    }
    assert!(told.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).expect("cargo metadata writes JSON")
}

/// Whether the licences we accept satisfy an expression: `AND` binds closer than `OR`, `/` is an old `OR`.
fn accepts(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let accepted = any(&mut words);
    accepted && words.is_empty()
}

/// Alternatives; `words` is a stack whose top is the next word.
fn any(words: &mut Vec<&str>) -> bool {
    let mut accepted = all(words);
    while words.pop_if(|word| *word == "OR").is_some() {
        accepted |= all(words);
    }
    accepted
}

fn all(words: &mut Vec<&str>) -> bool {
    let mut accepted = one(words);
    while words.pop_if(|word| *word == "AND").is_some() {
        accepted &= one(words);
    }
    accepted
}

fn one(words: &mut Vec<&str>) -> bool {
    let Some(word) = words.pop() else { return false };
    if word == "(" {
        let accepted = any(words);
        return words.pop() == Some(")") && accepted;
    }
    let exception = words.pop_if(|word| *word == "WITH").and_then(|_| words.pop());
    let licence = exception.map_or_else(|| word.to_owned(), |exception| format!("{word} WITH {exception}"));
    LICENCES.contains(&licence.as_str())
}

/// The versions of each package in a lock file.
fn versions(lock: &str) -> BTreeMap<String, BTreeSet<String>> {
    let lock: DocumentMut = lock.parse().expect("Cargo.lock is TOML");
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in lock["package"].as_array_of_tables().expect("Cargo.lock lists packages") {
        let text = |key: &str| package[key].as_str().expect("a package has a name and a version").to_owned();
        versions.entry(text("name")).or_default().insert(kin(&text("version")));
    }
    versions
}

/// What versions that can replace each other have in common: up to the first number that is not zero.
fn kin(version: &str) -> String {
    let numbers: Vec<&str> = version.split(['.', '-', '+']).collect();
    let first = numbers.iter().position(|number| *number != "0").unwrap_or(0);
    numbers[..=first].join(".")
}

#[test]
fn licence_expressions_are_read_as_written() {
    for (expression, accepted) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("GPL-3.0-only AND MIT OR ISC", true),
        ("GPL-3.0-only AND (MIT OR ISC)", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only", true),
        ("Apache-2.0 WITH Other-exception", false),
        ("(MIT", false),
        ("MIT ISC", false),
        ("", false),
    ] {
        assert_eq!(accepts(expression), accepted, "{expression}");
    }
}

#[test]
fn a_text_is_sql_by_its_first_words() {
    for (text, sql) in [
        ("select 1", true),
        ("SELECT\n  1", true),
        ("\\\n    Insert Into person", true),
        ("\n  update person set", true),
        ("selected", false),
        ("insert coin", false),
        ("sel", false),
        ("an update of", false),
        ("更新 update ", false),
    ] {
        assert_eq!(begins_sql(text), sql, "{text}");
    }
}

#[test]
fn versions_are_kin_up_to_the_first_number_that_is_not_zero() {
    for (version, expected) in
        [("1.2.3", "1"), ("0.25.18+spec-1.1.0", "0.25"), ("0.0.7", "0.0.7"), ("0.0.0", "0")]
    {
        assert_eq!(kin(version), expected);
    }
}
