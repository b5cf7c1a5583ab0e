//! The words of the field as types: who, where, when, what was done, and how a bill is shared.
//!
//! Pure values. Knows no wire name, no table, no clock: time and identifiers come in through [`Clock`] and [`Ids`].
#![deny(clippy::float_arithmetic)]

mod ids;
mod time;
mod person;
mod visit;
mod item;
mod listing;
mod catalogue;
mod enrolment;
mod filing;
mod names;
mod amounts;

pub use amounts::{Amounts, Fund, Payer, Unbalanced};
pub use catalogue::{Catalogue, Code, CodeList, CodeLists, StayGroup};
pub use enrolment::{Cover, Enrolment, Identity, Institution, OnFile, changed};
pub use filing::{EventKind, FilingKind, RegisterKind};
pub use ids::{
    EncounterId, FilingId, HospitalCode, HospitalId, IdSource, Ids, JournalId, MessageId, PersonId,
    PersonNumber, SettlementId,
};
pub use item::{Item, ItemClass, ItemKind, PerLevel, Standing, Tracing};
pub use listing::{Listed, Listing, Validity};
pub use names::likeness;
pub use person::{Hardship, InsuranceKind, PersonStatus, Premium, Scheme, Servant, Sex};
pub use time::{Clock, EPOCH_YEAR, FixedClock, SystemClock, from_ms_since_epoch, ms_since_epoch};
pub use visit::{Cause, HospitalLevel, Prescription, Referral, Region, VisitKind};
