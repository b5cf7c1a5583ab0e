//! Settlements of people of other cities, as the centre of the place of care has them.

use jiff::civil::DateTime;
use model::{EncounterId, HospitalId, InsuranceKind, JournalId, MessageId, SettlementId};
use money::Money;

use crate::needs::SettledRow;

/// One settlement, or void, of a person of another city: made at that city's centre, kept here as its answer said.
#[derive(Clone, PartialEq, Eq)]
pub struct OffsiteRow {
    /// Where.
    pub hospital: HospitalId,
    /// The person's home division.
    pub division: String,
    /// Its number there.
    pub settlement: SettlementId,
    /// The visit's number there.
    pub encounter: EncounterId,
    /// The person's number.
    pub person: String,
    /// Number of the person's document, sealed.
    pub document: Vec<u8>,
    /// The message that made it.
    pub message: MessageId,
    /// The settlement it voids.
    pub undoes: Option<SettlementId>,
    /// When it was recorded here.
    pub decided: DateTime,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of care.
    pub care_kind: String,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// Cost.
    pub total: Money,
    /// Paid by all funds.
    pub funds: Money,
    /// Paid by the person's own account.
    pub account: Money,
    /// Paid by relatives' accounts.
    pub relatives: Money,
    /// Paid in cash.
    pub cash: Money,
    /// Borne by the hospital.
    pub hospital_share: Money,
    /// Counts; what was taken back does not.
    pub counted: bool,
    /// What moved; none where the other city owes nothing.
    pub journal: Option<JournalId>,
    /// What undid that when it was taken back.
    pub back: Option<JournalId>,
}

impl std::fmt::Debug for OffsiteRow {
    /// Whose it is stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OffsiteRow")
            .field("hospital", &self.hospital)
            .field("settlement", &self.settlement)
            .finish_non_exhaustive()
    }
}

impl OffsiteRow {
    /// What the other city owes for it.
    pub fn owed(&self) -> Money {
        self.funds + self.account + self.relatives
    }

    /// As it is compared with a hospital's rows; `msgid` is its message's.
    pub fn settled(&self, msgid: String) -> SettledRow {
        SettledRow {
            settlement: self.settlement,
            encounter: self.encounter,
            person: self.person.clone(),
            msgid,
            undoes: self.undoes,
            counted: self.counted,
            clearing_kind: self.clearing_kind.clone(),
            decided: self.decided,
            total: self.total,
            funds: self.funds,
            account: self.account,
            insurance_kind: self.insurance_kind,
            scope: String::new(),
            by_fund: [Money::ZERO; model::Fund::ALL.len()],
        }
    }
}

/// Which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OffsiteOf {
    /// Recorded within two moments.
    Days(DateTime, DateTime),
    /// The one of this number, and what voids it.
    Settlement(SettlementId),
    /// The one that the message of this transaction and id made.
    Message(String, String),
}
