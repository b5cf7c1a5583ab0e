//! Settles one encounter under one policy edition and explains every figure.
//!
//! Pure: the same edition, accumulators and fee lines always give the same settlement.
//! Never reads a clock, a file or a database; an edition comes in as text.
#![deny(clippy::float_arithmetic)]

mod case;
mod settle;
mod edition;
mod constructs;
mod counters;
mod interim;
mod groups;
mod benefit;
mod situation;
mod index;
mod lines;
mod table;
mod compact;
mod steps;
mod document;
pub mod manual;
mod cases;
mod fund_cases;
mod yearly;
mod arrears;
mod audit;
mod clearing;

pub use arrears::{ArrearsRule, DueMonth, standing};
pub use audit::{AuditRule, AuditRules, AuditedLine, AuditedVisit, Hit, OtherStay, Severity};
pub use benefit::{Benefit, Reason};
pub use case::{Case, Line, LineShares, OwnRate, Person, PriceLimit, Visit};
pub use cases::{BadCase, CaseFile, Expectation, Failure};
pub use clearing::{ByPoints, ClearingEditions, ClearingRules, PayerAccount, Points};
pub use compact::{read_number, write_number};
pub use constructs::causes::Responsibility;
pub use constructs::joining::Joining;
pub use constructs::premium::{Enrolled, Enrolling, MonthlyPremium};
pub use constructs::{CONSTRUCTS, Construct, Law};
pub use counters::{Accumulators, Counter, LayerName, Period, Track};
pub use document::{Problem, Problems};
pub use edition::{DateRule, Edition, EditionHead, Editions, day_number};
pub use fund_cases::check_case;
pub use groups::Renumbering;
pub use interim::{Earlier, adjudicate_since};
pub use settle::{Adjudication, adjudicate, price_line};
pub use steps::{Figure, Language, Step, StepsError, Trail, Value};
pub use yearly::YearlyBenefit;
