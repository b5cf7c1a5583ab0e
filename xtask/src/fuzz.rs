//! Half a minute of each fuzz target, on the stable compiler: coverage comes from the compiler's own sancov pass,
//! the main function from libfuzzer-sys. What a target finds is kept below `fuzz/artifacts`.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell;

const RUSTFLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "-Cdebug-assertions=on",
];

const LIMITS: &[&str] = &["-max_total_time=30", "-timeout=10", "-rss_limit_mb=1024"];

/// Builds and runs every target.
pub fn run() -> Result<()> {
    let targets = targets()?;
    println!("{} targets", targets.len());
    if targets.is_empty() {
        return Ok(());
    }
    let host = host()?;
    targets.iter().try_for_each(|target| build(target, &host))?;
    targets.iter().try_for_each(|target| search(target, &host))
}

/// The names in `fuzz/targets`, sorted.
fn targets() -> Result<Vec<String>> {
    let folder = Path::new("fuzz/targets");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut targets = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            targets.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    targets.sort();
    Ok(targets)
}

/// Naming the host as target keeps the flags away from build scripts, which would not link with them.
fn build(target: &str, host: &str) -> Result<()> {
    let mut cargo = shell::cargo("build --release --manifest-path fuzz/Cargo.toml");
    cargo.args(["--target", host, "--bin", target]);
    shell::run(cargo.env("RUSTFLAGS", RUSTFLAGS.join(" ")).env("CARGO_TARGET_DIR", "target/fuzz"))
}

/// What was found before is kept in a corpus outside the repository; the committed seeds are read besides.
fn search(target: &str, host: &str) -> Result<()> {
    let corpus = format!("target/fuzz-corpus/{target}");
    let artifacts = format!("fuzz/artifacts/{target}/");
    let seeds = format!("fuzz/seeds/{target}");
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {folder}"))?;
    }
    let mut command = Command::new(format!("target/fuzz/{host}/release/{target}{EXE_SUFFIX}"));
    command.args(LIMITS).arg(format!("-artifact_prefix={artifacts}")).args([&corpus, &seeds]);
    command.args(more_seeds(target)?);
    shell::run(&mut command).with_context(|| format!("what `{target}` found is kept in {artifacts}"))
}

/// The editions of all cities are seeds of what reads editions.
fn more_seeds(target: &str) -> Result<Vec<PathBuf>> {
    if target != "edition" {
        return Ok(Vec::new());
    }
    let cities = fs::read_dir("policies").context("cannot read policies")?;
    let mut folders: Vec<PathBuf> = cities
        .filter_map(|city| Some(city.ok()?.path().join("editions")))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    Ok(folders)
}

fn host() -> Result<String> {
    let told = Command::new("rustc").arg("-vV").output().context("cannot ask rustc for its host")?;
    let told = String::from_utf8(told.stdout)?;
    told.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("rustc names no host")
}
