//! The dependency table, as a test. A new edge between crates is a line (or a word in a line) of [`TABLE`], and that
//! line is what a reviewer discusses. What a crate may have need not be used; what it has must be here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, iter};

use toml_edit::{DocumentMut, Item, TableLike};

/// Each crate with the crates of the workspace it may depend on. Dev-dependencies are free.
const TABLE: &[(&str, &str)] = &[
    // Pure: no input or output, clock, randomness, async or floats.
    ("money", ""),
    ("model", "money"),
    ("policy", "money model"),
    ("ledger", "money model"),
    ("wire", "money model"),
    // Ports, and what stands behind them.
    ("store", "money model ledger"),
    ("tables", "money model ledger store"),
    ("store-sqlite", "money model ledger store tables"),
    ("store-postgres", "money model ledger store tables"),
    ("backup", "store tables"),
    ("road", "wire model"),
    // Engines, and the HTTP side of any road.
    ("centre", "money model policy ledger wire store road"),
    ("web", "money model"),
    ("serve", "wire road model web"),
    ("counter", "wire road model store"),
    ("sample", "money model wire"),
    // Screens.
    ("desk", "money model wire store road web"),
    // What is shipped.
    (
        "app",
        "money model policy ledger wire store store-sqlite store-postgres backup road serve counter centre sample web desk",
    ),
    // Never shipped.
    ("pgtest", ""),
    ("testkit", "everything but app"),
    ("bench", "everything"),
    ("xtask", "everything"),
];

/// Sections of a manifest whose edges the table rules.
const RULED: &[&str] = &["dependencies", "build-dependencies"];

#[test]
fn every_edge_between_crates_is_in_the_table() {
    let crates = crates();
    let mut wrong = Vec::new();
    for (name, manifest) in &crates {
        let Some(allowed) = allowed(name) else {
            wrong.push(format!("{name}: not in the table; a new crate is a line in it"));
            continue;
        };
        let edges = edges(manifest).into_iter().filter(|to| crates.contains_key(to));
        wrong.extend(edges.filter(|to| !allowed(to)).map(|to| {
            format!("{name}: depends on `{to}`, and the edge {name} -> {to} is not in the table; a new edge is a line there")
        }));
    }
    report(&wrong, "the table stands at the top of xtask/tests/architecture.rs");
}

#[test]
fn the_table_names_a_crate_once_and_only_crates_above_it() {
    let mut above: Vec<&str> = Vec::new();
    for (name, allowed) in TABLE {
        assert!(!above.contains(name), "{name} has two lines");
        let words = allowed.split_whitespace().filter(|_| !allowed.starts_with("everything"));
        words.for_each(|word| assert!(above.contains(&word), "{name}: `{word}` does not stand above it"));
        above.push(name);
    }
}

#[test]
fn only_dev_dependencies_name_testkit() {
    let holders =
        crates().into_iter().filter(|(_, manifest)| edges(manifest).iter().any(|to| to == "testkit"));
    let wrong: Vec<String> =
        holders.map(|(name, _)| format!("{name}: names testkit outside dev-dependencies")).collect();
    report(&wrong, "testkit serves tests and never ships: move the line to [dev-dependencies]");
}

#[test]
fn every_crate_has_the_shared_lints_the_licence_and_a_description() {
    let mut wrong = Vec::new();
    for (name, manifest) in crates() {
        let inherits =
            |item: Option<&Item>| item.and_then(|i| i.get("workspace")).and_then(Item::as_bool) == Some(true);
        let package = |key: &str| manifest.get("package").and_then(|p| p.get(key));
        let described =
            package("description").and_then(Item::as_str).is_some_and(|text| !text.trim().is_empty());
        let facts = [
            (inherits(manifest.get("lints")), "[lints] workspace = true"),
            (inherits(package("license")), "license.workspace = true"),
            (described, "description = \"...\""),
        ];
        wrong.extend(
            facts.iter().filter(|(holds, _)| !holds).map(|(_, line)| format!("{name}: has no `{line}`")),
        );
    }
    report(&wrong, "add the line to its Cargo.toml");
}

/// Whether a crate may depend on another; none for a crate without a line.
fn allowed(name: &str) -> Option<impl Fn(&str) -> bool> {
    let (_, words) = TABLE.iter().find(|(row, _)| *row == name)?;
    Some(move |to: &str| match words.strip_prefix("everything") {
        Some(but) => !but.trim_start_matches(" but").split_whitespace().any(|word| word == to),
        None => words.split_whitespace().any(|word| word == to),
    })
}

/// The manifests of the workspace, by name of the crate.
fn crates() -> BTreeMap<String, DocumentMut> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = fs::read_dir(root.join("crates")).expect("crates/ is there");
    let folders = folders.map(|entry| entry.expect("crates/ can be read").path());
    let manifests = folders.chain(iter::once(root.join("xtask"))).map(|folder| folder.join("Cargo.toml"));
    manifests.filter(|path| path.exists()).map(|path| manifest(&path)).collect()
}

fn manifest(path: &PathBuf) -> (String, DocumentMut) {
    let text = fs::read_to_string(path).expect("a manifest can be read");
    let manifest: DocumentMut = text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let name = manifest["package"]["name"].as_str().expect("a crate has a name").to_owned();
    (name, manifest)
}

/// What the ruled sections name, those of single targets among them; a renamed dependency by its real name.
fn edges(manifest: &DocumentMut) -> Vec<String> {
    let targets = manifest.get("target").and_then(Item::as_table_like);
    let targets = targets.into_iter().flat_map(TableLike::iter).filter_map(|(_, item)| item.as_table_like());
    let parts = iter::once(manifest.as_table() as &dyn TableLike).chain(targets);
    let sections = parts.flat_map(|part| RULED.iter().filter_map(move |key| part.get(key)?.as_table_like()));
    let real =
        |(name, item): (&str, &Item)| item.get("package").and_then(Item::as_str).unwrap_or(name).to_owned();
    sections.flat_map(TableLike::iter).map(real).collect()
}

/// Fails with all places at once.
fn report(wrong: &[String], advice: &str) {
    assert!(wrong.is_empty(), "\n  {}\n{advice}", wrong.join("\n  "));
}

#[test]
fn edges_are_found_in_every_form_a_manifest_may_have() {
    let manifest: DocumentMut = r#"
        [dependencies]
        a.workspace = true
        b = { package = "real", version = "1" }
        [build-dependencies.c]
        workspace = true
        [dev-dependencies]
        free = "1"
        [target.'cfg(unix)'.dependencies]
        d = "1"
    "#
    .parse()
    .expect("TOML");
    let mut edges = edges(&manifest);
    edges.sort();
    assert_eq!(edges, ["a", "c", "d", "real"]);
}

#[test]
fn a_line_says_who_may_see_whom() {
    for (from, to, may) in [
        ("policy", "model", true),
        ("policy", "wire", false),
        ("money", "", false),
        ("testkit", "centre", true),
        ("testkit", "app", false),
        ("xtask", "app", true),
    ] {
        assert_eq!(allowed(from).is_some_and(|allowed| allowed(to)), may, "{from} -> {to}");
    }
    assert!(allowed("stranger").is_none());
}
