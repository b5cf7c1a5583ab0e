//! What a batch changed: what is recorded together, or not at all.

use jiff::civil::DateTime;
use model::{HospitalId, MessageId, PersonId, SettlementId};

use crate::offsite::OffsiteRow;
use crate::people::{EventRow, PremiumRow, UnitRow};
use crate::rows::{
    AuditRow, ClearingRow, CreditRow, DiagnosisRow, EncounterRow, FilingRow, JournalRow, LineRow, MessageRow,
    PersonRecord, PersonState, RegisterRow, SettlementRow, SignInRow,
};

/// What a batch changed.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// New messages.
    pub messages: Vec<MessageRow>,
    /// Messages taken back, by which.
    pub taken_back: Vec<(MessageId, MessageId)>,
    /// New persons.
    pub persons: Vec<PersonRecord>,
    /// Hot rows as they now are, with the version they were loaded at.
    pub states: Vec<(PersonId, i64, PersonState)>,
    /// Persons whose row, insurances and identities are others now.
    pub enrolled: Vec<PersonRecord>,
    /// What officers did to persons.
    pub events: Vec<EventRow>,
    /// Months of premiums, new or told again.
    pub premiums: Vec<PremiumRow>,
    /// Employers, new or with another last day.
    pub units: Vec<UnitRow>,
    /// New visits.
    pub encounters: Vec<EncounterRow>,
    /// Visits that changed.
    pub encounters_changed: Vec<EncounterRow>,
    /// New lines.
    pub lines: Vec<LineRow>,
    /// Lines that changed.
    pub lines_changed: Vec<LineRow>,
    /// Diagnoses; one of the same kind and number replaces the one before.
    pub diagnoses: Vec<DiagnosisRow>,
    /// Filings, new or withdrawn.
    pub filings: Vec<FilingRow>,
    /// Registrations, new or changed, each at the version it was loaded at.
    pub registers: Vec<RegisterRow>,
    /// Settlements of people of other cities, new or taken back.
    pub offsite: Vec<OffsiteRow>,
    /// New settlement rows.
    pub settlements: Vec<SettlementRow>,
    /// Settlement rows whose `effective` or `counted` changed.
    pub marks: Vec<(HospitalId, SettlementId, bool, bool)>,
    /// New journals.
    pub journals: Vec<JournalRow>,
    /// New credits.
    pub credits: Vec<CreditRow>,
    /// New entries of clearings.
    pub clearings: Vec<ClearingRow>,
    /// New sign-ins.
    pub sign_ins: Vec<SignInRow>,
    /// Sign-ins closed.
    pub signed_out: Vec<(HospitalId, String, DateTime)>,
    /// New audit records.
    pub audits: Vec<AuditRow>,
}

impl Changes {
    /// Nothing to record.
    pub fn is_empty(&self) -> bool {
        self.audits.is_empty()
            && self.messages.is_empty()
            && self.persons.is_empty()
            && self.states.is_empty()
    }
}
