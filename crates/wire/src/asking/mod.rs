//! The other side of the interface: what a hospital's desk asks in the words of the field, as messages, and what it hears,
//! read from answers. National names stay in here. An answer may be another centre's: ids are texts, and a share that is
//! not told is none.

mod account;
mod benefit;
mod bill;
mod bill_heard;
mod catalogue;
mod clearing;
mod codes;
mod doubt;
mod explain;
mod files;
mod hearing;
mod leave;
mod lines;
mod lines_heard;
mod mapping;
mod person;
mod rest;
mod sign;
mod speaker;
mod stay;
mod stays_heard;
mod visit;
mod writing;

#[cfg(test)]
mod checked;

pub use account::{
    DetailRow, DetailsHeard, Difference, ReconcileDetails, ReconcileTotals, TotalsHeard, details_file,
    differences,
};
pub use benefit::{AccumulatorsHeard, AskAccumulators, BenefitHeard, CheckBenefit, Counted, FundAllowed};
pub use bill::{
    AskSettlement, BillAsked, SettleBill, SettleStay, StayBillAsked, TryBill, TryStay, VoidBill, VoidStay,
};
pub use bill_heard::{BillHeard, PayerHeard, SettlementHeard};
pub use catalogue::{AskList, CatalogueList, CatalogueRow, ListHeard, catalogue_rows};
pub use clearing::{ApplicationHeard, ApplyClearing, WithdrawClearing};
pub use codes::CodeBook;
pub use doubt::{AskOutcome, Became, OutcomeHeard, TakeBack};
pub use explain::{Explain, ExplanationHeard, StepHeard};
pub use files::{DownloadFile, FileHeard, UploadFile, file_text};
pub use hearing::{done, refused_lines, warning};
pub use leave::{CancelAdmission, CancelDischarge, Discharge};
pub use lines::{Approval, AskLines, ChargeLines, Line, StayLines, WithdrawLines, WithdrawStayLines};
pub use lines_heard::{LineHeard, LineKept, LinesHeard, LinesKept};
pub use mapping::{MappingSaid, RevokeMapping, UploadMapping};
pub use person::{FindBy, FindPerson, IdentityHeard, InsuranceHeard, PersonHeard};
pub use rest::TryRest;
pub use sign::{SignIn, SignOut, SignedIn};
pub use speaker::{Asking, Insured, Named, Proof, Speaker, msgid};
pub use stay::{Admission, Admit, ChangeAdmission};
pub use stays_heard::{AskStays, StayHeard, StaysHeard};
pub use visit::{CancelVisit, DescribeVisit, DiagnosisSaid, OpenVisit, Opened};

pub use crate::transactions::{Splits, Sums};
