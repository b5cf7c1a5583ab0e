//! The simplified edition: a cashier on an empty PC opens a page and charges, with the keyboard alone.
//!
//! Speaks to a centre only through a road and keeps papers of its own. Knows no rule of insurance: what a bill comes to, the
//! centre says. Money moves in three steps: the intent on paper, the message, what became of it.

mod place;
mod desk;
mod site;
mod screens;
mod bill;
mod pay;
mod paging;
mod layout;
mod refund;
mod till;
mod stay;
mod arrears;
mod bed;
mod deposit;
mod plain;
mod posting;
mod daily;
mod settlement;
mod errand;
mod counted;
mod carry;
mod settled;
mod reconcile;
mod correction;
mod ticket;
mod clearing;
mod export;
mod price_change;
mod price_list;
mod pasted;
mod register;
mod national;
mod suggest;
mod mapping;
mod closing;
mod summary;
mod reports;
mod upload;
mod segment;
mod house;
mod people;
mod lists;
mod search;
mod sheet;
mod speak;
mod found;
mod machine;
mod manual;
mod invite;
pub mod amounts;

pub use arrears::{Allowed, Debt, Guarantee, WrittenOff};
pub use bed::{Bed, BedEvent, BedState, Ward};
pub use bill::{Bill, BillState, Line, Patient, Split, Trial, Voided};
pub use carry::{Caretaker, MACHINE};
pub use clearing::{Application, ApplicationState};
pub use closing::{Closing, ClosingState, Numbers, Part};
pub use correction::{Correction, Remedy};
pub use counted::{Counted, CountedVoid};
pub use daily::{Daily, DailyRun, Skip};
pub use deposit::{Deposit, DepositState};
pub use desk::{Desk, Setting, pepper};
pub use errand::{Errand, ErrandMail, ErrandState};
pub use found::{Founding, NewOperator, NewWard};
pub use house::{DatedPrice, Diagnosis, Doctor, Hospital, Item, Lists, Named, Parameters, StoppedItem, Use};
pub use invite::{Catalogues, Invitation, Invitations, Nobody};
pub use machine::{Backup, Machine, Room, Unwatched};
pub use mapping::{Mapping, MappingState};
pub use national::{CatalogueChange, CatalogueKept, NationalItem, WhatChanged};
pub use pay::{Paid, Payment};
pub use people::{
    ByHand, Certificates, Module, Operator, OperatorSecret, OperatorState, Post, Right, Role, Session,
    SessionState,
};
pub use place::{House, Office, Place, Step, What};
pub use plain::{Meaning, PlainTable, meanings, tables as plain_tables};
pub use posting::{Entry, Income, Poster, Posting, PostingState, Way};
pub use price_change::{PriceChange, PriceChangeState, PriceRow};
pub use reconcile::{Apart, ApartRows, Compared, DayState, Figures, Reconciliation, Side};
pub use refund::{Approval, Kept};
pub use search::{Search, initials};
pub use segment::{Receipt, ReceiptKind, ReceiptState, Segment, SegmentState};
pub use settled::{Group, SettledKind, SettledName};
pub use settlement::{Account, Settlement};
pub use sheet::{Form, PaperError, Papers, Sheet};
pub use stay::{Rung, Stay, StayChange, StayEvent, StayPrivate, StayState, Transfer};
pub use summary::{Summary, SummaryState};
pub use ticket::{Ticket, TicketState};
pub use till::Reprint;
