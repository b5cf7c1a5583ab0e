//! Files an institution has uploaded or been given: sealed with what they are registered as.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::{HospitalId, MessageId, RegisterKind};
use store::{RegisterRow, Sealer};

use crate::kept::STANDS;

/// Days within which a file can be fetched.
pub(crate) const DAYS_KEPT: i64 = 30;

/// Where content is sealed.
const CONTENT: &str = "register.file";

/// A file to register under a number.
pub(crate) fn kept(
    hospital: HospitalId,
    id: i64,
    name: &str,
    content: &[u8],
    (message, now): (MessageId, DateTime),
    sealer: &Sealer,
) -> RegisterRow {
    RegisterRow {
        hospital,
        kind: RegisterKind::File,
        key: id.to_string(),
        version: 0,
        from: now.date(),
        to: Some(now.date().saturating_add(DAYS_KEPT.days())),
        state: STANDS.into(),
        message: Some(message),
        data: name.into(),
        facts: sealer.seal(CONTENT, id, content),
    }
}

/// Whether it can still be fetched.
pub(crate) fn is_there(row: &RegisterRow, today: Date) -> bool {
    row.to.is_none_or(|to| today <= to)
}

/// What is in a file. What cannot be opened is told once, and is not there.
pub(crate) fn content(row: &RegisterRow, sealer: &Sealer) -> Option<Vec<u8>> {
    let id = row.key.parse().ok()?;
    let opened = sealer.open(CONTENT, id, &row.facts);
    opened.inspect_err(|error| tracing::error!(file = id, %error, "a file cannot be opened")).ok()
}

/// The same as a zip; one that came as a zip is given as it came.
pub(crate) fn packed(row: &RegisterRow, sealer: &Sealer) -> Option<Vec<u8>> {
    let content = content(row, sealer)?;
    Some(if wire::is_zip(&content) { content } else { wire::zip(&row.data, &content) })
}
