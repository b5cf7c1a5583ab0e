//! Which rows a message must see, by keys; and the rows loaded for a batch.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::{
    EncounterId, FilingKind, Fund, HospitalId, InsuranceKind, Payer, PersonId, PersonNumber, RegisterKind,
    SettlementId,
};

use money::Money;

use crate::offsite::{OffsiteOf, OffsiteRow};
use crate::people::{EventRow, PremiumRow, UnitRow};
use crate::rows::{
    ClearingRow, CreditKind, CreditRow, DiagnosisRow, EncounterRow, LineRow, MessageKey, MessageRow,
    PersonRecord, RegisterRow, SettlementRow, SignInRow,
};

/// The person a message is about, by whichever key it names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// Nobody.
    Nobody,
    /// By the person's number.
    Number(PersonNumber),
    /// By the keyed hash of a document.
    Document([u8; 16]),
    /// By the keyed hash of a card.
    Card([u8; 16]),
    /// Whose settlement at the hospital this is.
    OwnerOf(SettlementId),
}

/// The rows one message must see. The store follows fixed hops: an original message to what it made, a settlement to
/// its visit, a visit to its lines and settlements, a person to the state row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// Where.
    pub hospital: HospitalId,
    /// The message itself; none for queries.
    pub message: Option<MessageKey>,
    /// An original it names: transaction number and id.
    pub original: Option<(String, String)>,
    /// Where an original is not found by its id: effective money messages of this person and number near it are.
    pub near_original: bool,
    /// Who; locked, where the message is recorded.
    pub who: Who,
    /// A visit it names.
    pub encounter: Option<EncounterId>,
    /// Open visits without lines under this number of the hospital's own, the newest of them.
    pub visit_number: Option<String>,
    /// The person's open stays, wherever they are.
    pub open_stays: bool,
    /// The person's stay before the visit it names, where a referral is on file on the day that began, and the stay before
    /// ended shortly before it.
    pub stay_before: bool,
    /// A settlement it names.
    pub settlement: Option<SettlementId>,
    /// The sign-in it names.
    pub sign_in_number: Option<String>,
    /// The live sign-in of this operator.
    pub operator: Option<String>,
    /// What the person was credited with for a period; of benefits all of a year (`2026`).
    pub credit: Option<(CreditKind, String)>,
    /// The person's months of premiums.
    pub premiums: bool,
    /// What officers did to the person.
    pub events: bool,
    /// The paper bill of this number, whoever was paid it.
    pub paper: Option<String>,
    /// Who the person is may change: that row is locked, too.
    pub identity: bool,
    /// All employers.
    pub units: bool,
    /// What the hospital has registered.
    pub registers: Vec<Registers>,
    /// Trace codes: who sold packs with them, wherever that was.
    pub traces: Vec<String>,
    /// The diagnoses of the visit it names.
    pub diagnoses: bool,
    /// The messages that brought the lines of the visit it names.
    pub uploads: bool,
    /// Whether the days of the settlements that are loaded are agreed on, and their months closed.
    pub agreed: bool,
    /// Sums of the hospital's settlements.
    pub totals: Option<TotalsOf>,
    /// Visits that begin within two moments.
    pub visits: Option<(Visits, DateTime, DateTime)>,
    /// Rows of the hospital's settlements.
    pub settled: Option<SettledOf>,
    /// What was settled within two moments, of these national kinds of clearing, payer by payer.
    pub claims: Option<(Vec<String>, DateTime, DateTime)>,
    /// All entries of the hospital's clearings.
    pub clearings: bool,
    /// Settlements of people of other cities at the hospital.
    pub offsite: Option<OffsiteOf>,
}

/// Which settlement rows are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettledOf {
    /// Of these national kinds of clearing, decided within two moments.
    Days(Vec<String>, DateTime, DateTime),
    /// Those that are named.
    Named(Named),
    /// All rows of these visits.
    Visits(Vec<EncounterId>),
}

/// By what settlement rows are named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// Rows of these ids, and rows that refund them.
    pub settlements: Vec<SettlementId>,
    /// Rows made by messages of these transactions and ids.
    pub messages: Vec<(String, String)>,
    /// Which of these visits there are.
    pub visits: Vec<EncounterId>,
}

/// A settlement row as it is compared with a hospital's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledRow {
    /// Our id.
    pub settlement: SettlementId,
    /// Of which visit.
    pub encounter: EncounterId,
    /// Whose, by number.
    pub person: String,
    /// The id of the message that made it.
    pub msgid: String,
    /// The settlement it refunds.
    pub undoes: Option<SettlementId>,
    /// Counts; what was taken back does not.
    pub counted: bool,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// When.
    pub decided: DateTime,
    /// Cost.
    pub total: Money,
    /// Paid by all funds.
    pub funds: Money,
    /// Paid by the person's own account.
    pub account: Money,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// Which bill of the visit.
    pub scope: String,
    /// Paid by each fund, in the order of [`Fund::ALL`].
    pub by_fund: [Money; Fund::ALL.len()],
}

/// What was settled of one insurance and kind of clearing within a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRow {
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// Settlement rows that count.
    pub count: i64,
    /// Of them, refunds.
    pub refunds: i64,
    /// Cost.
    pub total: Money,
    /// Inside the policy.
    pub eligible: Money,
    /// Paid in cash.
    pub cash: Money,
    /// Paid by the persons' own accounts.
    pub account: Money,
    /// Paid by relatives' accounts.
    pub relatives: Money,
    /// Paid by each fund, in the order of [`Fund::ALL`].
    pub by_fund: [Money; Fund::ALL.len()],
    /// Owed by other cities.
    pub elsewhere: Money,
}

impl ClaimRow {
    /// What a payer paid.
    pub fn of(&self, payer: Payer) -> Money {
        match payer {
            Payer::Fund(fund) => self.by_fund[fund as usize],
            Payer::Account => self.account + self.relatives,
            Payer::Elsewhere => self.elsewhere,
        }
    }
}

/// Which registrations of a hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registers {
    /// Those of these keys.
    Keys(RegisterKind, Vec<String>),
    /// Those whose keys have one of these before [`KEY_MARK`].
    Under(RegisterKind, Vec<String>),
    /// All.
    All(RegisterKind),
}

impl Loaded {
    /// Whether the person of a stay has a referral on file on the day it began.
    pub fn is_referred(&self, stay: &EncounterRow) -> bool {
        let day = stay.begins.date();
        let filings =
            self.persons.iter().filter(|record| record.row.id == stay.person).flat_map(|r| &r.filings);
        filings.into_iter().any(|f| f.kind == FilingKind::Referral && f.holds_on(day))
    }
}

/// When a stay must have begun, and when it must have ended, from and to, that another at some hospital can follow as a
/// referral: on the way home may lie a week.
pub fn stay_before(begins: DateTime) -> [DateTime; 4] {
    [
        begins.saturating_sub(400.days()),
        begins,
        begins.saturating_sub(7.days()),
        begins.saturating_add(1.day()),
    ]
}

/// Stands in keys between what they are looked up under and the rest; nothing a program says has it.
pub const KEY_MARK: char = '\t';

/// From where on, and before what, the keys under something stand.
pub fn keys_under(what: &str) -> [String; 2] {
    [format!("{what}{KEY_MARK}"), format!("{what}\n")]
}

/// Which settlements are summed: those that count, of a kind, decided within two moments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TotalsOf {
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// Decided from.
    pub from: DateTime,
    /// Decided until.
    pub to: DateTime,
}

/// Sums of settlements that are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalRow {
    /// Refunds.
    pub refund: bool,
    /// Settlements that stand.
    pub stands: bool,
    /// How many.
    pub count: i64,
    /// Cost.
    pub total: Money,
    /// Paid by all funds.
    pub funds: Money,
    /// Paid by the persons' own accounts.
    pub account: Money,
}

/// Under which key it is registered that a day is agreed on.
pub fn reconciled_key(day: Date, insurance_kind: InsuranceKind, clearing_kind: &str) -> String {
    format!("{day} {insurance_kind} {clearing_kind}")
}

/// Under which key it is registered what a day's rows came to when they were compared; of all kinds of clearing at once
/// where none is named.
pub fn details_key(day: Date, clearing_kind: &str) -> String {
    format!("{day} details {clearing_kind}")
}

/// Under which key it is registered that a month is closed.
pub fn period_key(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// Under which key it is registered that a settlement of a closed month may be voided.
pub fn permit_key(settlement: SettlementId) -> String {
    format!("permit {settlement}")
}

/// Under which key it is registered that the person was paid more of a settlement by the centre.
pub fn supplement_key(settlement: SettlementId) -> String {
    format!("supplement {settlement}")
}

/// Under which keys it is registered whether the months of a hospital's settlements are closed, which of them may be
/// voided all the same, and of which the centre has paid more.
pub fn closing_keys(settlements: &[SettlementRow], hospital: HospitalId) -> Vec<String> {
    let here = settlements.iter().filter(|row| row.hospital == hospital);
    let keys =
        here.flat_map(|row| [period_key(row.decided.date()), permit_key(row.root), supplement_key(row.root)]);
    keys.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Which visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visits {
    /// The person's at this hospital, alone.
    OfPersonHere,
    /// The person's for a listed disease, wherever they are, with their lines.
    OfPersonForDisease,
    /// The person's, wherever they are, with their lines.
    OfPersonFully,
    /// Stays at this hospital, with the persons.
    StaysHere,
}

impl Visits {
    /// Whether their lines are loaded too.
    pub const fn with_lines(self) -> bool {
        matches!(self, Self::OfPersonForDisease | Self::OfPersonFully)
    }
}

/// Visits of one list at the most.
pub const VISITS_MAX: usize = 2_000;

impl Needs {
    /// Nothing but the hospital.
    pub fn of(hospital: HospitalId) -> Self {
        Self {
            hospital,
            message: None,
            original: None,
            near_original: false,
            who: Who::Nobody,
            encounter: None,
            visit_number: None,
            open_stays: false,
            stay_before: false,
            settlement: None,
            sign_in_number: None,
            operator: None,
            credit: None,
            premiums: false,
            events: false,
            paper: None,
            identity: false,
            units: false,
            registers: Vec::new(),
            traces: Vec::new(),
            diagnoses: false,
            uploads: false,
            agreed: false,
            totals: None,
            visits: None,
            settled: None,
            claims: None,
            clearings: false,
            offsite: None,
        }
    }
}

/// The rows of a batch, each once.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Messages: known ones of the batch, originals, and those near originals.
    pub messages: Vec<MessageRow>,
    /// Persons, locked in ascending order where the batch is recorded.
    pub persons: Vec<PersonRecord>,
    /// Which persons a document or card belongs to.
    pub hashes: Vec<([u8; 16], PersonId)>,
    /// Visits.
    pub encounters: Vec<EncounterRow>,
    /// Of stays among them: when the same person's stay before it at the same hospital ended.
    pub last_stays: Vec<(HospitalId, EncounterId, DateTime)>,
    /// All lines of those visits.
    pub lines: Vec<LineRow>,
    /// All settlement rows of those visits.
    pub settlements: Vec<SettlementRow>,
    /// Sign-ins.
    pub sign_ins: Vec<SignInRow>,
    /// Credits.
    pub credits: Vec<CreditRow>,
    /// Months of premiums.
    pub premiums: Vec<PremiumRow>,
    /// What officers did to persons.
    pub events: Vec<EventRow>,
    /// Employers.
    pub units: Vec<UnitRow>,
    /// Registrations; these and what follows as often as they were asked for.
    pub registers: Vec<RegisterRow>,
    /// Diagnoses.
    pub diagnoses: Vec<DiagnosisRow>,
    /// Sums, by the hospital and what was asked for.
    pub totals: Vec<(HospitalId, TotalsOf, TotalRow)>,
    /// Visits that were listed: without lines and settlements.
    pub listed: Vec<EncounterRow>,
    /// Settlement rows that were listed, by day or by id.
    pub settled: Vec<SettledRow>,
    /// Which visits of those named there are.
    pub known_visits: Vec<EncounterId>,
    /// What was settled, by the hospital and the first of the moments.
    pub claims: Vec<(HospitalId, DateTime, ClaimRow)>,
    /// Entries of clearings.
    pub clearings: Vec<ClearingRow>,
    /// Settlements of people of other cities, each with the id of its message.
    pub offsite: Vec<(OffsiteRow, String)>,
}
