//! The centre's tables, column by column: what stands in them, how a row of the store becomes values, and values a row.
//! What both engines say alike stands here once; each has its own way to bind and to read a value.

mod table;
mod put;
mod get;
mod words;
mod checks;
mod whole;
pub mod papers;

pub use checks::{JOURNALS, STRAYS, claims_of, enrolled_of, offsite_where, settled_where, totals_of};
pub use get::{
    Enrolled, audit, claim, clearing, credit, diagnosis, encounter, enrolled, event, hospital, journal_line,
    line, message, offsite, offsite_said, person, premium, register, settled, settlement, sign_in,
    stream_end, total, unit,
};
pub use put::{
    postings, put_audit, put_clearing, put_cover, put_credit, put_diagnosis, put_encounter,
    put_encounter_change, put_event, put_filing, put_hospital, put_identity, put_journal, put_line, put_mark,
    put_message, put_offsite, put_person, put_posting, put_premium, put_register, put_settlement,
    put_sign_in, put_state, put_unit,
};
pub use table::{
    ACCESS_KEY, AUDIT, CLEARING, COVER, CREDIT, DIAGNOSIS, ENCOUNTER, ENCOUNTER_CHANGE, EVENT, FILING,
    HOSPITAL, IDENTITY, JOURNAL, Kind, LINE, MARK, MESSAGE, MESSAGE_BARE, OFFSITE, PERSON, PERSON_STATE,
    POSTING, PREMIUM, REGISTER, SETTLEMENT, SIGN_IN, STATE, STREAM, Table, UNIT,
};
pub use whole::{LAYOUT, PAPERS, PAPERS_LAYOUT, WHOLE, Whole, WholeRow};

use jiff::civil::{Date, DateTime};

/// Whether this version may open a database that needs `least` or later; else why not.
pub fn may_open(least: &str) -> Result<(), String> {
    let ours = env!("CARGO_PKG_VERSION");
    let parts = |text: &str| text.split('.').map(|n| n.parse().unwrap_or(u32::MAX)).collect::<Vec<u32>>();
    if parts(ours) >= parts(least) {
        return Ok(());
    }
    Err(format!("this is version {ours}, the database needs {least} or later"))
}

/// Takes the values of a row, one behind the other.
pub trait Put {
    /// A whole number.
    fn int(&mut self, value: Option<i64>);
    /// A text.
    fn text(&mut self, value: Option<&str>);
    /// Bytes.
    fn blob(&mut self, value: Option<&[u8]>);
    /// Yes or no.
    fn flag(&mut self, value: bool);
    /// A moment, to the millisecond.
    fn time(&mut self, value: Option<DateTime>);
    /// A day.
    fn day(&mut self, value: Option<Date>);
}

/// Gives the values of a row, by place; none for null.
pub trait Get {
    /// A whole number.
    fn int(&self, at: usize) -> Result<Option<i64>, Bad>;
    /// A text.
    fn text(&self, at: usize) -> Result<Option<&str>, Bad>;
    /// Bytes.
    fn blob(&self, at: usize) -> Result<Option<&[u8]>, Bad>;
    /// Yes or no.
    fn flag(&self, at: usize) -> Result<Option<bool>, Bad>;
    /// A moment.
    fn time(&self, at: usize) -> Result<Option<DateTime>, Bad>;
    /// A day.
    fn day(&self, at: usize) -> Result<Option<Date>, Bad>;
}

/// A value that does not say what it must.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {at}: {what}")]
pub struct Bad {
    /// Its place, from 0.
    pub at: usize,
    /// What stands there.
    pub what: String,
}

impl Bad {
    /// A value at a place.
    pub fn new(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }
}
