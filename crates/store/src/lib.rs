//! What the engines need kept, as ports and rows; and how personal fields are sealed.
//!
//! Never holds SQL and never decides anything: backends implement the ports, engines use them.

mod port;
mod needs;
mod rows;
mod people;
mod offsite;
mod changes;
mod copy;
mod seal;
mod day_keys;
mod slots;
mod papers;
mod text;

pub use changes::Changes;
pub use copy::{Leaving, NewBooks, NewPapers, PaperScan, Rows, UNFINISHED, moved_words};
pub use day_keys::{DayKeys, Mark};
pub use needs::{
    ClaimRow, KEY_MARK, Loaded, Named, Needs, Registers, SettledOf, SettledRow, TotalRow, TotalsOf,
    VISITS_MAX, Visits, Who, closing_keys, details_key, keys_under, period_key, permit_key, reconciled_key,
    stay_before, supplement_key,
};
pub use offsite::{OffsiteOf, OffsiteRow};
pub use papers::{Act, By, Change, DeskStore, Event, Paper, Put, Tenant};
pub use people::{EventRow, PremiumRow, UnitRow};
pub use port::{CentreStore, Reader, RecordError, Scan, StoreError, StreamEnd, StreamHead, Writer};
pub use rows::{
    AccessKey, AuditRow, ClearingRow, Counters, CreditKind, CreditRow, DiagnosisRow, EncounterRow,
    EncounterState, EntryKind, FilingRow, HospitalRow, JournalRow, LineRow, LineState, Made, MessageKey,
    MessageResult, MessageRow, PersonRecord, PersonRow, PersonState, RegisterRow, SettlementKind,
    SettlementRow, SignInRow,
};
pub use seal::{Keys, SealError, Sealer, hex, random_key, unhex};
pub use slots::{Counter, PutMessage, SlotError, SlotTicket, Slots};
pub use text::{read_date, read_time, write_date, write_time};
