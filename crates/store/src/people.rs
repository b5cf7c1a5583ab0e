//! Rows of what officers do to persons: events, months of premiums, employers.

use jiff::civil::{Date, DateTime};
use model::{EventKind, JournalId, PersonId};
use money::Money;

use crate::rows::Counters;

/// What an officer did to a person, at a version of the person.
#[derive(Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Whose.
    pub person: PersonId,
    /// The person's version it made.
    pub version: i64,
    /// What.
    pub kind: EventKind,
    /// From which day on it holds.
    pub day: Date,
    /// When it was done.
    pub at: DateTime,
    /// The officers.
    pub by: String,
    /// Why.
    pub why: String,
    /// What it is about: the number of a settlement, of another person, of a paper bill.
    pub reference: String,
    /// Of a bill: the edition, by its first day; else empty, like what follows.
    pub edition: String,
    /// Its benefit year; 0 where none.
    pub year: i16,
    /// What it was settled from.
    pub inputs: Vec<u8>,
    /// The counters of that year before.
    pub before: Counters,
    /// How counters changed, by benefit year.
    pub change: Vec<(i16, Counters)>,
    /// Its explanation.
    pub trail: Vec<u8>,
    /// Its journal, where money moved.
    pub journal: Option<JournalId>,
    /// What the person was enrolled as before, or the bill's lines in words; sealed.
    pub said: Vec<u8>,
}

impl std::fmt::Debug for EventRow {
    /// What was said of persons stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventRow")
            .field("person", &self.person)
            .field("version", &self.version)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A month whose premium is due of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PremiumRow {
    /// Whose.
    pub person: PersonId,
    /// Its first day.
    pub month: Date,
    /// The employer's name.
    pub unit: String,
    /// The wage it is reckoned of.
    pub base: Money,
    /// The person's pension.
    pub pension: Money,
    /// When it was received.
    pub received: Option<Date>,
}

/// An employer, as it is from a day to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitRow {
    /// Its code.
    pub code: String,
    /// First day.
    pub from: Date,
    /// Last day; none: open.
    pub to: Option<Date>,
    /// Its name.
    pub name: String,
    /// What kind: `enterprise`, `government`.
    pub kind: String,
    /// Division, six digits.
    pub division: String,
    /// Whom to ask and from which account it pays, sealed.
    pub facts: Vec<u8>,
}
