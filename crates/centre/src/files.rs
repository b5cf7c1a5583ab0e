//! Files an institution has uploaded or been given: sealed with what they are registered as.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::{MessageId, RegisterKind};
use store::{RegisterRow, Sealer};

use crate::decide::Context;
use crate::kept::STANDS;

/// Days within which a file can be fetched.
const DAYS_KEPT: i64 = 30;

/// Where content is sealed.
const CONTENT: &str = "register.file";

/// Seals what a message brings or comes to: before it is queued, so that no writer waits for that.
pub(crate) fn seal(content: &[u8], message: MessageId, sealer: &Sealer) -> Vec<u8> {
    sealer.seal(CONTENT, message.0, content)
}

/// The file of a message, under the message's own number.
pub(crate) fn kept(name: &str, context: &Context<'_>, now: DateTime) -> RegisterRow {
    RegisterRow {
        hospital: context.hospital.id(),
        kind: RegisterKind::File,
        key: context.id.to_string(),
        version: 0,
        from: now.date(),
        to: Some(until(now)),
        state: STANDS.into(),
        message: Some(context.id),
        data: name.into(),
        facts: context.file.expect("it is sealed before the message is queued").to_vec(),
    }
}

/// The last day on which what is kept now can be fetched.
pub(crate) fn until(now: DateTime) -> Date {
    now.date().saturating_add(DAYS_KEPT.days())
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
