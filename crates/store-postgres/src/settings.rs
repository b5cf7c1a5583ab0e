//! What the server must be set to, so that what was committed is not lost.

use store::StoreError;

use crate::fault;
use crate::link::Link;

/// Whether a server with weak settings is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// It is refused.
    Strict,
    /// It is taken: committed settlements may be lost.
    AcceptsLoss,
}

/// Settings, and the values with which a commit stands. With `remote_write` a standby has it in memory only, and one may
/// be named at any time.
const NEEDED: [(&str, &[&str]); 3] =
    [("fsync", &["on"]), ("full_page_writes", &["on"]), ("synchronous_commit", &["on", "remote_apply"])];

/// Releases with what is known to be mended.
const MINOR_MIN: [(i64, i64); 4] = [(15, 10), (16, 6), (17, 2), (18, 0)];

/// What of them is weak, where that was accepted.
pub(crate) fn check(link: &mut Link, strictness: Strictness) -> Result<Option<String>, StoreError> {
    let weak: Vec<String> = NEEDED
        .iter()
        .filter_map(|(name, values)| match read(link, name) {
            Ok(value) if values.contains(&value.as_str()) => None,
            Ok(value) => Some(format!("{name} is {value}, not {}", values[0])),
            Err(error) => Some(format!("{name} cannot be read: {error}")),
        })
        .collect();
    let weak = (!weak.is_empty()).then(|| weak.join("; "));
    if let Some(what) = &weak {
        if strictness == Strictness::Strict {
            let why = format!("the server may lose what was committed: {what}");
            return Err(fault("opening", "database")(why));
        }
        tracing::warn!(what, "the server may lose what was committed");
    }
    if read(link, "data_checksums").is_ok_and(|value| value != "on") {
        tracing::warn!("the server keeps no checksums of its pages: damage of a disk is not noticed");
    }
    let version: i64 = read(link, "server_version_num")?.parse().unwrap_or(0);
    let (major, minor) = (version / 10_000, version % 10_000);
    if major < MINOR_MIN[0].0 {
        let why = format!("PostgreSQL {major} is too old; 15 or later is needed");
        return Err(fault("opening", "database")(why));
    }
    if MINOR_MIN.iter().any(|(known, least)| *known == major && minor < *least) {
        tracing::warn!(major, minor, "an old minor release of PostgreSQL: update it");
    }
    Ok(weak)
}

/// In one line, as a log shows it.
pub(crate) fn told(link: &mut Link) -> Result<String, StoreError> {
    let told = NEEDED.iter().map(|(name, _)| Ok(format!("{name}={}", read(link, name)?)));
    Ok(told.collect::<Result<Vec<_>, StoreError>>()?.join(" "))
}

fn read(link: &mut Link, name: &str) -> Result<String, StoreError> {
    let rows = link
        .rows("select current_setting(($1::text[])[1])", vec![crate::Array::texts([name])])
        .map_err(fault("reading", name))?;
    Ok(rows.first().map(|row| row.get(0)).unwrap_or_default())
}
