//! What a program does that sends one statement a row: PostgreSQL's own `pgbench` with a script.

use std::fs;

use anyhow::{Context, ensure};
use pgtest::Server;

use super::books::{self, Books};
use super::{ArmArguments, Run, place};

/// The database it writes to.
const DATABASE: &str = "rows";

/// Makes the tables.
pub fn prepare(server: &Server) -> anyhow::Result<()> {
    books::say(&format!("{}/postgres", server.url()), &[&format!("create database {DATABASE}")])?;
    let address = format!("{}/{DATABASE}", server.url());
    books::say(&address, &[include_str!("../../sql/rows_schema.sql"), "vacuum analyze"])?;
    // Where the user that runs it can read it.
    let path = server.folder().join("rows.sql");
    Ok(fs::write(path, include_str!("../../sql/rows.sql"))?)
}

/// One run.
pub fn rows(server: &Server, arguments: &ArmArguments) -> anyhow::Result<Run> {
    let books = Books::Server { server: server.url(), name: DATABASE.into() };
    let count = || books.count("select count(*) from rows.settlement");
    let before = count()?;
    let meter = place::Meter::start(arguments);
    let output = server
        .program("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={}", arguments.clients))
        .arg(format!("--time={}", arguments.ms.div_ceil(1_000)))
        .arg(format!("--file={}", server.folder().join("rows.sql").display()))
        .arg(books.address())
        .output()?;
    let used = meter.stop()?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    let number = |name: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.split('/').next()?.parse::<f64>().ok())
    };
    let done = number("number of transactions actually processed: ").context("its transactions")?;
    let rate = number("tps = ").context("its rate")?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of transactions")]
    let bills = done as u64;
    let equal = u64::try_from(count()? - before)? == bills;
    // Its own rate: without the time its connections took to open.
    Ok(Run { bills, seconds: done / rate, batch: 1.0, equal, ..Run::of(&used) })
}
