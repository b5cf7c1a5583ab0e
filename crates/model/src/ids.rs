//! Identifiers: 63-bit numbers that grow with time, and the text keys hospitals use beside them.

use std::fmt;
use std::sync::Arc;

use crate::time::{from_ms_since_epoch, ms_since_epoch};

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            /// Decimal digits, as printed on the wire.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

numbers!(
    /// An insured person.
    PersonId,
    /// A visit or a stay.
    EncounterId,
    /// One row of settlement, void or taking back.
    SettlementId,
    /// A designated hospital or pharmacy: the tenant.
    HospitalId,
    /// One zero-sum journal.
    JournalId,
    /// One message of a hospital.
    MessageId,
    /// One filing of a person.
    FilingId
);

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Arc<str>);

        impl $name {
            /// The text of the key.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
    )*};
}

keys!(
    /// A person's number in the insurance, as hospitals send it.
    PersonNumber,
    /// A hospital's code in the designated-institution list.
    HospitalCode
);

/// Where new identifiers come from. One drawn in a batch that was not committed is lost, never reused.
pub trait Ids {
    /// The next identifier: positive, larger than every one drawn before from this source.
    fn next(&mut self) -> i64;
}

/// Identifiers of one writer: 41 bits of milliseconds since 2020, 10 bits of the writer's leased slot, 12 bits of
/// a counter. A clock that steps back does not step the identifiers back.
#[derive(Debug)]
pub struct IdSource {
    slot: i64,
    ms: i64,
    counter: i64,
}

const COUNTER_BITS: u32 = 12;
const SLOT_BITS: u32 = 10;

impl IdSource {
    /// The largest writer slot.
    pub const SLOT_MAX: i64 = (1 << SLOT_BITS) - 1;

    /// A source for the writer that holds `slot`.
    pub fn new(slot: i64) -> Self {
        assert!((0..=Self::SLOT_MAX).contains(&slot), "writer slot {slot} is outside its 10 bits");
        Self { slot, ms: 0, counter: 0 }
    }

    /// When an identifier was drawn, to the millisecond, and its place among all that any source draws in that millisecond:
    /// 22 bits.
    pub fn parts(id: i64) -> (jiff::civil::DateTime, i64) {
        let bits = SLOT_BITS + COUNTER_BITS;
        (from_ms_since_epoch(id >> bits), id & ((1 << bits) - 1))
    }

    /// Moves to the time of the batch. A full counter borrows from the next millisecond.
    pub fn at(&mut self, now: jiff::civil::DateTime) -> &mut Self {
        let ms = ms_since_epoch(now);
        if ms > self.ms {
            self.ms = ms;
            self.counter = 0;
        }
        self
    }
}

impl Ids for IdSource {
    fn next(&mut self) -> i64 {
        if self.counter == 1 << COUNTER_BITS {
            self.ms += 1;
            self.counter = 0;
        }
        let id = (self.ms << (SLOT_BITS + COUNTER_BITS)) | (self.slot << COUNTER_BITS) | self.counter;
        self.counter += 1;
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn identifiers_grow_even_when_the_clock_steps_back_or_the_counter_is_full() {
        let mut ids = IdSource::new(7);
        let mut last = 0;
        for hour in [8, 9, 8] {
            ids.at(datetime(2026, 11, 23, hour, 0, 0, 0));
            for _ in 0..5_000 {
                let next = ids.next();
                assert!(next > last);
                last = next;
            }
        }
        let at = datetime(2027, 11, 23, 8, 0, 0, 7_000_000);
        ids.at(at).next();
        let second = ids.next();
        assert_eq!(IdSource::parts(second), (at, 7 << 12 | 1));
        assert!(IdSource::new(0).at(datetime(2089, 1, 1, 0, 0, 0, 0)).next() > 0, "63 bits last until 2089");
    }
}
