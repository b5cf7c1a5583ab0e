//! The centre's engine: needs, load, decide, record, in batches.
//!
//! Every message is a pure decision over loaded rows. One writer thread turns whatever waits into one store
//! transaction; queries run on readers of their own and never wait for it. Knows no SQL, no HTTP, no national name.

mod abroad;
mod engine;
mod queue;
mod batch;
mod decide;
mod state;
mod transactions;
mod opening;
mod files;
mod audit;
mod audit_desk;
mod traces;
mod compare;
mod mapping;
mod mapping_desk;
mod kept;
mod words;
mod bill;
mod clearing;
mod undo;
mod inputs;
mod directory;
mod enrol;
mod fund;
mod people;
mod explain;
mod rehearse;
mod uploads;
mod verify;

pub use abroad::Peer;
pub use audit_desk::{AuditCase, AuditDesk, CaseState, JudgeError, Judgement, cases};
pub use clearing::{
    ByHand, ClearingDesk, ClearingError, Entry, Hands, Lacks, MonthRows, Reckoned, SheetLine, entries_of,
    run_of, sheet,
};
pub use compare::{Asked, Cause, Difference};
pub use directory::{Directory, Hospital};
pub use engine::{Centre, CentreError, City, Counts, Options};
pub use enrol::{designate, enrol, note_designated};
pub use explain::{explain, under};
pub use fund::{BenefitPaid, Credited, Fund, Month, PremiumLine};
pub use inputs::Inputs;
pub use mapping_desk::{MappedItem, MappingDesk, MappingState, Review, ReviewError, mapped_items};
pub use people::{
    Changed, Identity, Order, Owed, PaperBill, PaperLine, PeopleDesk, Reimbursed, Trouble, Unit, What,
    enrolled_before,
};
pub use rehearse::{Effect, Effects, Payers, Plan, Whose, rehearse};
pub use uploads::{Upload, UploadRow, upload_rows, uploads};
pub use verify::{Finding, Report, verify};
pub use words::words;
