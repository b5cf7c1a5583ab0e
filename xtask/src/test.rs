//! `cargo xtask test`: set-up, then every test of the workspace, then every story again on PostgreSQL and once more over
//! the counter there, then some real kills, then the pages in a browser, then the examples in
//! documentation.

use std::ffi::OsString;

use anyhow::Result;

use crate::{pages, setup, shell};

/// What takes minutes in a browser, and is told as stories too: `cargo xtask pages` does it.
const LONG: [&str; 2] = ["--without", "lost,crowd,lost-stays,given-up"];

/// Runs all tests. Further arguments go to the test runner; they choose among tests, so the examples stay out then.
pub fn run(args: &[OsString]) -> Result<()> {
    setup::ensure()?;
    shell::run(shell::cargo(runner()).args(scope(args)).args(args))?;
    if args.is_empty() || args.iter().any(|arg| arg == "testkit") {
        on_postgres(args)?;
    }
    if args.is_empty() {
        crashes()?;
        pages::run(&LONG.map(OsString::from))?;
        shell::run(&mut shell::cargo("test --workspace --doc"))?;
    }
    Ok(())
}

/// The ways of writing a request, alone and with what is printed of them.
pub fn samples() -> Result<()> {
    setup::ensure()?;
    shell::run(&mut shell::cargo("test -q -p testkit --test variants -- --nocapture"))
}

/// Random life, so long.
pub fn life(messages: usize, seed: usize) -> Result<()> {
    setup::ensure()?;
    let mut run = shell::cargo("test -q -p testkit --test random_life -- --nocapture");
    run.env("TONGQU_LIFE", messages.to_string()).env("TONGQU_LIFE_SEED", seed.to_string());
    shell::run(&mut run)
}

/// A few real kills under load, of everything that can be killed; `cargo xtask crash` does it as often as one likes.
const CRASHES: &[&[&str]] = &[
    &["--kills", "20"],
    &["--kills", "10", "--power-cut"],
    &["--kills", "10", "--postgres", "centre"],
    &["--kills", "5", "--postgres", "server"],
    &["--kills", "10", "--postgres", "line"],
    &["--kills", "3", "--postgres", "standby"],
];

/// With what the tests were built with: nothing is built twice.
fn crashes() -> Result<()> {
    println!("\n-- centres, servers and lines killed under load");
    shell::run(&mut shell::cargo("build -p app -p bench"))?;
    CRASHES.iter().try_for_each(|words| {
        // Servers that are killed and centres that notice have much to say of it.
        let mut crash = shell::cargo("run -q -p bench -- crash");
        shell::run(crash.args(*words).env("TONGQU_LOG", "off"))
    })
}

/// Names the server to tests that can keep their books in either engine.
const SERVER: &str = "TONGQU_TEST_POSTGRES";

/// Says over which road programs work that can take any.
const ROAD: &str = "TONGQU_TEST_ROAD";

/// The same stories, with books in databases of a server that is there for this run only.
fn on_postgres(args: &[OsString]) -> Result<()> {
    let server = pgtest::Server::start(pgtest::Durable::No, &[])?;
    println!("\n-- with books in PostgreSQL");
    let stories = if args.is_empty() { stories("package(testkit)") } else { args.to_vec() };
    shell::run(shell::cargo(runner()).args(&stories).env(SERVER, server.url()))?;
    println!("\n-- with books in PostgreSQL, hospital programs over its counter");
    // A window's desk speaks to its centre by whatever road it was given: this one is not its.
    let stories = if args.is_empty() {
        self::stories("package(testkit) - test(/^desk_/) - binary(bills)")
    } else {
        stories
    };
    let mut run = shell::cargo(runner());
    run.args(&stories).env(SERVER, server.url()).env(ROAD, "counter");
    // Programs wait for the counter most of the time.
    shell::run(run.env("NEXTEST_TEST_THREADS", "4"))
}

/// The tests of the stories. For the package alone cargo would choose features anew, and build nearly all of it once more.
fn stories(which: &str) -> Vec<OsString> {
    let words = if has_nextest() { vec!["--workspace", "-E", which] } else { vec!["-p", "testkit"] };
    words.into_iter().map(OsString::from).collect()
}

/// nextest runs the tests of all crates side by side; without it cargo's own runner does.
fn runner() -> &'static str {
    if has_nextest() { "nextest run --no-fail-fast" } else { "test" }
}

fn has_nextest() -> bool {
    shell::works(&mut shell::cargo("nextest --version"))
}

/// The whole workspace, unless the arguments name a package: cargo would build it all beside that.
fn scope(args: &[OsString]) -> Option<&'static str> {
    let named = args.iter().any(|arg| arg == "-p" || arg == "--package");
    (!named).then_some("--workspace")
}
