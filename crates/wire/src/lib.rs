//! The national interface: its transactions, envelopes, codes and errors.
//!
//! Pure: bytes to [`Message`], values to bytes. A tolerant reader (every spelling hospital programs really use), a
//! strict writer (documented order, every documented member, exact decimals), and in [`asking`] both from a hospital's
//! side. National names exist only here. Never decides anything about money.
#![deny(clippy::float_arithmetic)]

mod message;
mod envelope;
mod input;
mod output;
mod sent_on;
mod table;
mod dictionary;
mod dialect;
mod codes;
mod words;
mod json;
mod number;
mod stamp;
mod facts;
mod file;
mod care_listing;
mod openapi;
mod reading;
pub mod asking;
pub mod transactions;

pub use care_listing::CareListing;
pub use codes::{Advice, Doubt, Kind, Lines, Problem, Refusal, RegistryRow, registry};
pub use dialect::{Dialect, Dialects};
pub use dictionary::{Dictionary, dictionary};
pub use envelope::{Amounts as AmountForm, Envelope, InfcodeForm, MappingRule, Profile, SignInRule};
pub use facts::Facts;
pub use file::{FileError, FileNumber, UNPACKED_MAX, is_zip, text_of, zip};
pub use input::{Digest, Fields, Input};
pub use json::{JsonError, Node, quoted};
pub use message::{Message, Unreadable};
pub use openapi::openapi;
pub use output::{Answer, OutcomeWord, Outgoing, Stamp, Value};
pub use reading::{Reading, reading};
pub use sent_on::{Listing, SettledAbroad};
pub use stamp::{compact_time, print_date, print_time, read_date, read_time};
pub use table::{Class, Field, FieldType, NodeSpec, Subject, Transaction, transaction, transactions_known};
pub use words::{Both, Language, Rule};

/// Messages and answers as they mostly are, values left out: what stored texts are packed against. Never changed once
/// something was stored with it; another collection is another file.
pub const TEXTS: &[u8] = include_bytes!("../data/texts-1.txt");
