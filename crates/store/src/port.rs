//! The ports of the centre: what it asks of whatever stands behind.

use model::{IdSource, RegisterKind, SettlementId};

use crate::changes::Changes;
use crate::copy::Rows;
use crate::needs::{Loaded, Needs};
use crate::offsite::OffsiteRow;
use crate::people::EventRow;
use crate::rows::{
    AccessKey, AuditRow, ClearingRow, CreditRow, EncounterRow, HospitalRow, JournalRow, LineRow, MessageRow,
    PersonRecord, RegisterRow, SettlementRow,
};
use crate::slots::Slots;

/// A failure of the store: the operation, what it worked on, the cause.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed on {subject}")]
pub struct StoreError {
    /// What was tried.
    pub operation: &'static str,
    /// On what: an id, a path, a table.
    pub subject: String,
    /// Why.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Why a batch was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Certainly nothing of it is in the store.
    #[error("the batch was rolled back")]
    RolledBack(#[source] StoreError),
    /// The connection went while committing: the message rows must be read again before anyone is answered.
    #[error("the outcome of the commit is unknown")]
    Unknown(#[source] StoreError),
}

impl From<RecordError> for StoreError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::RolledBack(error) | RecordError::Unknown(error) => error,
        }
    }
}

/// Where a writer's audit stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamHead {
    /// The stream, leased for this run.
    pub stream: i64,
    /// The slot for identifiers, leased while the writer runs.
    pub slot: i64,
    /// Records written so far.
    pub seq: i64,
    /// The last hash.
    pub hash: [u8; 32],
}

impl StreamHead {
    /// Slots that writers may hold at once: each has two of the identifiers', so that both may be drawn at once.
    pub const SLOTS: i64 = (IdSource::SLOT_MAX + 1) / 2;

    /// Identifiers of rows.
    pub fn row_ids(&self) -> IdSource {
        IdSource::new(self.slot % Self::SLOTS * 2)
    }

    /// Identifiers of messages, drawn where they come in.
    pub fn message_ids(&self) -> IdSource {
        IdSource::new(self.slot % Self::SLOTS * 2 + 1)
    }
}

/// Where a closed stream ended: the anchor of its part of the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamEnd {
    /// The stream.
    pub stream: i64,
    /// Its records.
    pub records: i64,
    /// The last hash.
    pub hash: [u8; 32],
    /// The highest stream there was when it closed: the next one opened behind that says how it ended.
    pub behind: i64,
}

impl std::fmt::Display for StreamEnd {
    /// As an audit record names it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "stream {} records {} hash ", self.stream, self.records)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The centre's store.
pub trait CentreStore: Send + Sync {
    /// A writer. `SQLite` has one; it is refused a second.
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError>;

    /// How many writers of one process are worth while; a person's messages always go to the same one.
    fn writers(&self) -> usize {
        1
    }

    /// A reader of its own connection.
    fn reader(&self) -> Result<Box<dyn Reader>, StoreError>;

    /// All institutions.
    fn hospitals(&self) -> Result<Vec<HospitalRow>, StoreError>;

    /// All access keys, opened.
    fn access_keys(&self) -> Result<Vec<AccessKey>, StoreError>;

    /// The engine's side of the counter workstations put messages on, twice: to take, and to answer. A file has none.
    fn slots(&self) -> Result<Option<[Box<dyn Slots>; 2]>, StoreError> {
        Ok(None)
    }

    /// Adds institutions and their keys; existing ones are replaced.
    fn put_hospitals(&self, hospitals: &[HospitalRow], keys: &[AccessKey]) -> Result<(), StoreError>;
}

/// One writer: load begins a transaction; record, leave or abandon ends it.
pub trait Writer: Send {
    /// Where the audit stream stands; after a commit of unknown outcome, true again once `load` has answered.
    fn head(&self) -> StreamHead;

    /// What the writer's own connection says of its durability, such as `journal_mode=wal synchronous=2`.
    fn durability(&self) -> Result<String, StoreError>;

    /// The disk is nearly full: less is free than a twentieth of it, from 1 GiB to 4 GiB.
    fn disk_low(&mut self) -> bool;

    /// Begins a transaction and loads what a batch needs; persons are locked. After a commit of unknown outcome it
    /// answers only once what it reads can be relied on for ever.
    fn load(&mut self, needs: &[Needs]) -> Result<Loaded, StoreError>;

    /// Writes all of it and commits. Done only if every statement answered without error and the commit did too.
    fn record(&mut self, changes: &Changes) -> Result<(), RecordError>;

    /// Ends the transaction without effect.
    fn abandon(&mut self);

    /// Ends a transaction that wrote nothing, before what it read is told as done. Where it fails, that may yet be lost.
    fn leave(&mut self) -> Result<(), StoreError> {
        self.abandon();
        Ok(())
    }

    /// Ends the stream, so that a clean stop is known as one.
    fn close(&mut self) -> Result<(), StoreError>;
}

/// Everything that is walked through to verify or to copy, in one snapshot.
pub trait Scan: Rows {
    /// Every person, in order, with covers and state.
    fn persons(&mut self, each: &mut dyn FnMut(PersonRecord)) -> Result<(), StoreError>;
    /// Every visit and stay.
    fn encounters(&mut self, each: &mut dyn FnMut(EncounterRow)) -> Result<(), StoreError>;
    /// Every line, by visit.
    fn lines(&mut self, each: &mut dyn FnMut(LineRow)) -> Result<(), StoreError>;
    /// Every settlement row, by person and version.
    fn settlements(&mut self, each: &mut dyn FnMut(SettlementRow)) -> Result<(), StoreError>;
    /// Every credit.
    fn credits(&mut self, each: &mut dyn FnMut(CreditRow)) -> Result<(), StoreError>;
    /// All that officers did to persons.
    fn events(&mut self, each: &mut dyn FnMut(EventRow)) -> Result<(), StoreError>;
    /// Every settlement of people of other cities.
    fn offsite(&mut self, each: &mut dyn FnMut(OffsiteRow)) -> Result<(), StoreError>;
    /// Every entry of clearings, by institution, period and number.
    fn clearings(&mut self, each: &mut dyn FnMut(ClearingRow)) -> Result<(), StoreError>;
    /// Every registration of a kind.
    fn registers(&mut self, kind: RegisterKind, each: &mut dyn FnMut(RegisterRow)) -> Result<(), StoreError>;
    /// Every journal as it is stored, by person, in the order of its settlement rows and credits.
    fn journals(&mut self, each: &mut dyn FnMut(JournalRow)) -> Result<(), StoreError>;
    /// Every message; of its texts only the first byte.
    fn messages(&mut self, each: &mut dyn FnMut(MessageRow)) -> Result<(), StoreError>;
    /// Every audit record, by stream and number.
    fn audits(&mut self, each: &mut dyn FnMut(AuditRow)) -> Result<(), StoreError>;
    /// Every closed stream, in order.
    fn closed_streams(&mut self, each: &mut dyn FnMut(StreamEnd)) -> Result<(), StoreError>;
    /// Rows of tenant tables that lack a hospital or point at a row of another: table, key.
    fn strays(&mut self, each: &mut dyn FnMut(&str, String)) -> Result<(), StoreError>;
}

/// One reader.
pub trait Reader: Send {
    /// Loads what a query needs, in one snapshot.
    fn load(&mut self, needs: &[Needs]) -> Result<Loaded, StoreError>;

    /// One settlement row by its id alone: for officers, who see all institutions.
    fn settlement(&mut self, id: SettlementId) -> Result<Option<SettlementRow>, StoreError>;

    /// One snapshot to walk through.
    fn scan(
        &mut self,
        walk: &mut dyn FnMut(&mut dyn Scan) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}
