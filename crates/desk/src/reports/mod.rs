//! What the hospital's papers come to within days, in the ways people ask for it. Money that goes back counts on the day it
//! went back, as closings count it: what the closings of days come to, the reports of these days come to.
//!
//! From papers to figures, and nothing else: who may look and how it is shown stands in `screens/reports`.

mod span;
mod moved;
mod takings;
mod income;
mod shares;
mod advances;
mod handed;
mod used;
mod exceptions;

pub(crate) use advances::{Account, HISTORY, advances};
pub(crate) use exceptions::{Exception, Happened, Told, exceptions};
pub(crate) use handed::{Handed, handed};
pub(crate) use income::{Categories, Side, income};
pub(crate) use shares::{Group, Share, shares};
pub(crate) use span::{DAYS_MAX, Span};
pub(crate) use takings::{Row, Takings, takings};
pub(crate) use used::{DAYS_MAX as USED_DAYS_MAX, Used, used};
