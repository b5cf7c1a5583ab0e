//! Double entry: every settlement and every reversal is one zero-sum journal.
//!
//! Pure. Makes journals and checks them; knows nothing of where they are kept. An amount above zero means that the
//! account receives.
#![deny(clippy::float_arithmetic)]

mod account;
mod journal;

pub use account::Account;
pub use journal::{Broken, Held, Journal, Posting, Source};
