//! Checks the books and prints one line an invariant.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use model::SystemClock;
use policy::{Edition, Editions};
use store::{DayKeys, Reader};

/// A spinner that counts rows; silent where nobody looks.
pub fn progress(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg} {pos}").expect("a fixed template"));
    bar.set_message(what);
    bar
}

/// Verifies a database; exits 1 on any violation.
pub fn verify(database: &str, policies: Option<&Path>, auditor: Option<&Path>) -> anyhow::Result<ExitCode> {
    let store = crate::stores::open_read_only(database, Arc::new(SystemClock))?;
    let editions = crate::city::editions(policies)?;
    let keys = crate::stores::day_keys(database, auditor)?;
    if let Some(edition) = editions.iter().next() {
        println!(
            "{}: {}",
            edition.head.city,
            editions.iter().map(Edition::key).collect::<Vec<_>>().join(", ")
        );
    }
    let mut reader = store.reader()?;
    Ok(if check(reader.as_mut(), &editions, &keys)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One line an invariant, and whether all hold.
pub fn check(reader: &mut dyn Reader, editions: &Editions, keys: &DayKeys) -> anyhow::Result<bool> {
    let bar = progress("核查 verifying, rows");
    let report = centre::verify(reader, editions, keys, &mut |rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    for finding in &report.findings {
        println!("{finding}");
    }
    println!(
        "verify: {} settlements, {} reversals, {} journals, {} violations",
        report.settlements,
        report.reversals,
        report.journals,
        report.violations()
    );
    Ok(report.violations() == 0)
}
