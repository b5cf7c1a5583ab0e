//! The rows of the centre's store.

use jiff::civil::{Date, DateTime};
use ledger::{Account, Held, Journal};
use model::{
    Amounts, Cover, EncounterId, FilingId, FilingKind, HospitalId, Identity, InsuranceKind, ItemClass,
    ItemKind, JournalId, MessageId, Payer, PersonId, Region, RegisterKind, SettlementId, Standing, VisitKind,
};
use money::{Exact, Money, Quantity, Rate, UnitPrice};

use crate::day_keys::{DayKeys, Mark};
use crate::needs::KEY_MARK;
use crate::port::StreamHead;

/// A designated institution: the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HospitalRow {
    /// Our id.
    pub id: HospitalId,
    /// Its national code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `hospital` or `pharmacy`.
    pub kind: String,
    /// 0 to 3.
    pub level: u8,
    /// National grade code.
    pub grade: String,
    /// Six digits.
    pub division: String,
    /// Connection scheme, 1 to 5.
    pub scheme: u8,
    /// Profile words.
    pub profile: String,
    /// Whether it may send.
    pub active: bool,
}

/// A key with which an institution signs its requests.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// The key's public name.
    pub key: String,
    /// Whose it is.
    pub hospital: HospitalId,
    /// The shared secret, in clear; sealed where it is kept.
    pub secret: String,
}

impl std::fmt::Debug for AccessKey {
    /// The secret stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey")
            .field("key", &self.key)
            .field("hospital", &self.hospital)
            .finish_non_exhaustive()
    }
}

/// Who a person is.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Our id.
    pub id: PersonId,
    /// The person's number.
    pub number: String,
    /// Name.
    pub name: String,
    /// National kind of identity document.
    pub document_kind: String,
    /// Its number, sealed.
    pub document: Vec<u8>,
    /// Keyed hash of the kind and number, for searching.
    pub document_hash: [u8; 16],
    /// Keyed hash of the social security card's number.
    pub card_hash: Option<[u8; 16]>,
    /// National code.
    pub gender: String,
    /// Day of birth.
    pub born: Date,
}

impl std::fmt::Debug for PersonRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Counters of one benefit year by name, exact, in yuan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters(pub Vec<(String, Exact)>);

impl Counters {
    /// As JSON with sorted names: `{"outpatient.deductible":"125.55"}`.
    pub fn to_json(&self) -> String {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let pairs: Vec<String> =
            sorted.into_iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        format!("{{{}}}", pairs.join(","))
    }

    /// Reads what [`Counters::to_json`] wrote.
    pub fn from_json(text: &str) -> Option<Self> {
        let map: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
        let pairs = map.into_iter().map(|(name, value)| Some((name, value.as_str()?.parse().ok()?)));
        pairs.collect::<Option<_>>().map(Self)
    }
}

/// The hot row of a person: account and counters, raised under a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonState {
    /// Raised by one with every settlement and reversal.
    pub version: i64,
    /// What the account holds.
    pub held: Held,
    /// Of that, promised away by open leases.
    pub on_hold: Money,
    /// Counters by benefit year.
    pub years: Vec<(i16, Counters)>,
}

/// All there is of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// Who.
    pub row: PersonRow,
    /// Insurances, past and present.
    pub covers: Vec<Cover>,
    /// Identities.
    pub identities: Vec<Identity>,
    /// What is on file, withdrawn or not.
    pub filings: Vec<FilingRow>,
    /// The hot row.
    pub state: PersonState,
}

/// Something a person has on file.
#[derive(Clone, PartialEq, Eq)]
pub struct FilingRow {
    /// Our id.
    pub id: FilingId,
    /// Whose.
    pub person: PersonId,
    /// What kind.
    pub kind: FilingKind,
    /// Which: the disease's code, the institution's code.
    pub code: String,
    /// Under which insurance; none: under any.
    pub insurance_kind: Option<InsuranceKind>,
    /// First day.
    pub from: Date,
    /// Last day; none: open.
    pub to: Option<Date>,
    /// Not withdrawn.
    pub stands: bool,
    /// Who filed it; none: the centre.
    pub hospital: Option<HospitalId>,
    /// The message that filed it, or withdrew it.
    pub message: Option<MessageId>,
    /// What else was said, sealed.
    pub facts: Vec<u8>,
}

impl std::fmt::Debug for FilingRow {
    /// What a person suffers from stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilingRow").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl FilingRow {
    /// Whether it stands, and the day is within.
    pub fn holds_on(&self, day: Date) -> bool {
        self.stands && self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// Something an institution has registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterRow {
    /// Whose.
    pub hospital: HospitalId,
    /// What kind.
    pub kind: RegisterKind,
    /// Which: a department's code, the number of a settlement.
    pub key: String,
    /// Raised with every change; 0 of one that is new.
    pub version: i64,
    /// First day.
    pub from: Date,
    /// Last day; none: open.
    pub to: Option<Date>,
    /// A word of its kind.
    pub state: String,
    /// The message that registered or changed it.
    pub message: Option<MessageId>,
    /// What was said of it, to be read by anybody who may read the table.
    pub data: String,
    /// What was said of persons, sealed.
    pub facts: Vec<u8>,
}

impl RegisterRow {
    /// The visit and the line a pack was sold with, of a trace code.
    pub fn traced(&self) -> Option<(EncounterId, &str)> {
        let (_, sold) = self.key.split_once(KEY_MARK).filter(|_| self.kind == RegisterKind::Trace)?;
        let (visit, line) = sold.split_once(' ')?;
        Some((EncounterId(visit.parse().ok()?), line))
    }
}

/// Whether a visit goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncounterState {
    /// Goes on.
    Open,
    /// A stay that has ended.
    Discharged,
    /// Taken back.
    Cancelled,
}

/// A visit, or a stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncounterRow {
    /// Our id.
    pub id: EncounterId,
    /// Where.
    pub hospital: HospitalId,
    /// Who.
    pub person: PersonId,
    /// The hospital's number of it.
    pub visit_number: String,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of care; empty until told.
    pub care_kind: String,
    /// As benefit rules see it.
    pub visit: VisitKind,
    /// A stay in hospital.
    pub stay: bool,
    /// Seen from home.
    pub region: Region,
    /// When it began.
    pub begins: DateTime,
    /// When a stay ended.
    pub ends: Option<DateTime>,
    /// Listed disease.
    pub disease: String,
    /// Doctor's code.
    pub doctor: String,
    /// Doctor's name.
    pub doctor_name: String,
    /// Department's code.
    pub department: String,
    /// Department's name.
    pub department_name: String,
    /// Whether it goes on.
    pub state: EncounterState,
    /// The message that opened it.
    pub message: MessageId,
    /// What else was said of it, sealed; nothing where nothing was.
    pub facts: Vec<u8>,
}

/// One diagnosis of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagnosisRow {
    /// Where.
    pub hospital: HospitalId,
    /// Which visit.
    pub encounter: EncounterId,
    /// Whose.
    pub person: PersonId,
    /// Order.
    pub number: i64,
    /// National kind.
    pub kind: String,
    /// Code.
    pub code: String,
    /// Name, sealed.
    pub name: Vec<u8>,
    /// Stands; a withdrawn one is kept as such.
    pub valid: bool,
    /// What else was said of it, sealed; nothing where nothing was.
    pub facts: Vec<u8>,
}

/// Whether a fee line counts. Whether it is settled follows from the effective settlement of its charge batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// Counts.
    Valid,
    /// Was withdrawn.
    Withdrawn,
}

/// One fee line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    /// Where.
    pub hospital: HospitalId,
    /// Which visit.
    pub encounter: EncounterId,
    /// The hospital's number of the line.
    pub number: String,
    /// Whose.
    pub person: PersonId,
    /// Which bill.
    pub charge_batch: String,
    /// When served.
    pub served: DateTime,
    /// National code of the item.
    pub item: String,
    /// The hospital's code of the item.
    pub hospital_item: String,
    /// Class on the day of service.
    pub class: ItemClass,
    /// Kind.
    pub kind: ItemKind,
    /// Unit price.
    pub price: UnitPrice,
    /// Quantity.
    pub quantity: Quantity,
    /// Charged.
    pub amount: Money,
    /// The catalogue's price limit at this hospital's level.
    pub price_limit: Option<UnitPrice>,
    /// The item's own first self-pay rate.
    pub first_self_pay: Option<Rate>,
    /// How the item stands.
    pub standing: Standing,
    /// Whether it counts.
    pub state: LineState,
    /// The line it takes back from, of a refund row: quantity and amount are below nothing then.
    pub refunds: Option<String>,
    /// The message that brought it; unknown of lines from before that was kept.
    pub message: Option<MessageId>,
}

/// What kind of row in the chain of settlements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettlementKind {
    /// A settlement.
    Settle,
    /// A void: a business act of its own.
    Void,
    /// A message taken back as if it had never been sent.
    TakeBack,
    /// A settlement again, because its void was taken back.
    Reinstate,
}

impl SettlementKind {
    /// Undoes another row.
    pub const fn undoes(self) -> bool {
        !matches!(self, Self::Settle)
    }

    /// Stands for a bill that was settled.
    pub const fn settles(self) -> bool {
        matches!(self, Self::Settle | Self::Reinstate)
    }
}

/// One immutable row: a settlement, void, taking back or re-instating. Only `effective` and `counted` change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementRow {
    /// Our id.
    pub id: SettlementId,
    /// Where.
    pub hospital: HospitalId,
    /// Whose.
    pub person: PersonId,
    /// The person's version it made.
    pub version: i64,
    /// Which visit.
    pub encounter: EncounterId,
    /// Which bill of it.
    pub scope: String,
    /// What kind of row.
    pub kind: SettlementKind,
    /// The row it undoes.
    pub undoes: Option<SettlementId>,
    /// The settlement at the head of the chain; its own id for a settlement.
    pub root: SettlementId,
    /// The message that made it.
    pub message: MessageId,
    /// Stands now: not undone, and stands for a settled bill.
    pub effective: bool,
    /// Counts in the totals of 3201 and after.
    pub counted: bool,
    /// When.
    pub decided: DateTime,
    /// The day benefit rules went by.
    pub benefit_date: Date,
    /// The benefit year.
    pub year: i16,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of care.
    pub care_kind: String,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// The edition, by its first day.
    pub edition: String,
    /// The catalogue's version.
    pub catalogue: String,
    /// The shares.
    pub amounts: Amounts,
    /// Of the account's share, out of this year's money.
    pub from_current: Money,
    /// What the account held after.
    pub balance: Money,
    /// What it was computed from, besides edition and counters; compact, of the engine.
    pub inputs: Vec<u8>,
    /// The year's counters before.
    pub before: Counters,
    /// What it changed in them.
    pub change: Counters,
    /// The explanation, compact.
    pub trail: Vec<u8>,
    /// Small facts only the answer needs: proof, way, invoice; `word=value` lines.
    pub details: String,
    /// The audit row written with it.
    pub audit: (i64, i64),
}

impl SettlementRow {
    /// The journal of this row.
    pub fn journal(&self) -> Journal {
        let undone = self.kind == SettlementKind::Void || self.kind == SettlementKind::TakeBack;
        let amounts = if self.amounts.total.is_negative() { -self.amounts } else { self.amounts };
        let held = Held { current: self.from_current.abs(), ..Held::default() };
        let journal = Journal::settlement(&amounts, held);
        if undone && self.amounts.total.is_negative() { journal.reversed() } else { journal }
    }
}

/// One journal with where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Our id.
    pub id: JournalId,
    /// The settlement row it belongs to; none for credits.
    pub settlement: Option<SettlementId>,
    /// Whose; none of what is between the centre and an institution.
    pub person: Option<PersonId>,
    /// Where; none for credits.
    pub hospital: Option<HospitalId>,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// When.
    pub at: DateTime,
    /// What moved.
    pub journal: Journal,
}

impl JournalRow {
    /// To whom a posting belongs: person's accounts to the person, hospital's to the hospital.
    pub fn owner(&self, account: Account) -> (Option<PersonId>, Option<HospitalId>) {
        let of_person =
            account.is_personal() || matches!(account, Account::PatientCash | Account::PaidToPerson);
        let of_hospital = matches!(
            account,
            Account::HospitalClaim
                | Account::HospitalCash
                | Account::HospitalShare
                | Account::Deduction
                | Account::Retention
                | Account::PaidOut
        );
        (self.person.filter(|_| of_person), self.hospital.filter(|_| of_hospital))
    }
}

/// Why money comes to a person outside a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CreditKind {
    /// A month's premium was received.
    Month,
    /// A year ends: interest, and this year's money becomes older money.
    Year,
    /// From an account to its heirs'.
    Inheritance,
    /// A layer that pays once a year: to the person's bank, not to the account.
    Benefit,
}

impl CreditKind {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Month, Self::Year, Self::Inheritance, Self::Benefit];

    /// Its word in the books.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Year => "year",
            Self::Inheritance => "inheritance",
            Self::Benefit => "benefit",
        }
    }
}

/// Money for one person outside a settlement: once a person, kind and period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditRow {
    /// Whose.
    pub person: PersonId,
    /// Why.
    pub kind: CreditKind,
    /// `2026-11`, `2026`, the number of the other person, or of a benefit the year, the layer and which run of it:
    /// `2026:yearly aid#1`.
    pub period: String,
    /// The person's version it made.
    pub version: i64,
    /// The edition, by its first day.
    pub edition: String,
    /// The base of the month, or what came to the layer.
    pub base: Money,
    /// What the employer paid.
    pub employer: Money,
    /// What the person paid.
    pub own: Money,
    /// Fixed sums besides.
    pub extra: Money,
    /// What the account received, or of a benefit the person; below zero what was taken.
    pub amount: Money,
    /// Its journal; none where nothing moved.
    pub journal: Option<JournalId>,
}

/// What an entry of a clearing is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// What was settled: the claim.
    Claim,
    /// Audited off.
    Audit,
    /// More or less than the claim, for stays that are paid by points.
    Points,
    /// A stay that is not payable yet, for lack of its list or group; given later under the same visit.
    Withheld,
    /// Held back until the year ends; and what is given of it then.
    Retention,
    /// Paid before the month was closed.
    Advance,
    /// Paid.
    Payment,
    /// Set right by two persons.
    Correction,
}

impl EntryKind {
    /// All, in the order of a sheet.
    pub const ALL: [Self; 8] = [
        Self::Claim,
        Self::Audit,
        Self::Points,
        Self::Withheld,
        Self::Retention,
        Self::Advance,
        Self::Payment,
        Self::Correction,
    ];

    /// Its word in the books.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Audit => "audit",
            Self::Points => "points",
            Self::Withheld => "withheld",
            Self::Retention => "retention",
            Self::Advance => "advance",
            Self::Payment => "payment",
            Self::Correction => "correction",
        }
    }
}

/// One entry of what an institution is paid for a month or a year; never changed. All of them together are what it is still
/// to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearingRow {
    /// Whom it is paid to.
    pub hospital: HospitalId,
    /// The month, `2026-11`, or the year, `2026`.
    pub period: String,
    /// Its number within that, from 1.
    pub number: i64,
    /// What it is for.
    pub kind: EntryKind,
    /// Who pays.
    pub payer: Payer,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// What it adds to what is to be paid; below zero, what it takes away.
    pub amount: Money,
    /// The visit it is about; none: all of them.
    pub encounter: Option<EncounterId>,
    /// What it goes by: the number of a case of audit, a settlement, a bank's number.
    pub reference: String,
    /// What moved; none where nothing did.
    pub journal: Option<JournalId>,
    /// When it was made.
    pub at: DateTime,
    /// By whom; of a correction two persons.
    pub by: String,
    /// Why, where that is not plain.
    pub why: String,
}

impl ClearingRow {
    /// What the entry moves; none of what was moved by settlements, or is only not paid yet.
    pub fn journal(&self) -> Option<Journal> {
        let fund = || self.payer.fund();
        match self.kind {
            EntryKind::Claim | EntryKind::Withheld => None,
            EntryKind::Audit => Some(Journal::audited_off(-self.amount)),
            EntryKind::Retention => Some(Journal::retained(-self.amount)),
            EntryKind::Advance | EntryKind::Payment => Some(Journal::paid_out(-self.amount)),
            EntryKind::Points => fund().map(|fund| Journal::by_points(fund, self.amount)),
            EntryKind::Correction => fund().map(|fund| Journal::corrected(fund, self.amount)),
        }
    }
}

/// Under which key a message is known, for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageKey {
    /// Whose message.
    pub hospital: HospitalId,
    /// Transaction number.
    pub infno: String,
    /// The sender's id.
    pub msgid: String,
    /// The digest, where other content under the same id is a new message; else nothing.
    pub content: Vec<u8>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageResult {
    /// Done.
    Done,
    /// Refused by rule, with the code.
    Refused(String),
    /// Taken back before it arrived: whatever comes under this key is refused.
    Tombstone,
}

/// What a message made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Nothing that could be taken back.
    Nothing,
    /// A visit.
    Encounter(EncounterId),
    /// A settlement row.
    Settlement(SettlementId),
}

/// One message with its result.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Our id.
    pub id: MessageId,
    /// Its key.
    pub key: MessageKey,
    /// Digest of its normalised input.
    pub digest: [u8; 33],
    /// Whose data it carries.
    pub person: Option<PersonId>,
    /// When it came in.
    pub received: DateTime,
    /// When it was decided.
    pub decided: DateTime,
    /// What became of it.
    pub result: MessageResult,
    /// What it made.
    pub made: Made,
    /// The request, sealed.
    pub request: Vec<u8>,
    /// The whole answer, sealed; empty for a tombstone.
    pub reply: Vec<u8>,
    /// The message that took it back.
    pub taken_back_by: Option<MessageId>,
}

impl std::fmt::Debug for MessageRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageRow")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("result", &self.result)
            .finish_non_exhaustive()
    }
}

/// An operator's sign-in of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRow {
    /// Where.
    pub hospital: HospitalId,
    /// The number answered.
    pub number: String,
    /// The operator's number.
    pub operator: String,
    /// When.
    pub opened: DateTime,
    /// Signed out.
    pub closed: Option<DateTime>,
}

impl SignInRow {
    /// Lives to the end of its day, or until signed out.
    pub fn live_at(&self, now: DateTime) -> bool {
        self.closed.is_none() && self.opened.date() == now.date()
    }
}

/// One record of the audit log, chained within its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The stream.
    pub stream: i64,
    /// Number in it, from 1, without gap.
    pub seq: i64,
    /// When.
    pub at: DateTime,
    /// Where; none for the centre itself.
    pub hospital: Option<HospitalId>,
    /// The operator's number as sent.
    pub operator: String,
    /// What was done: a transaction number, or a word of the centre.
    pub action: String,
    /// On what: ids, never names.
    pub object: String,
    /// `done`, or a code.
    pub result: String,
    /// Hash over the hash before and this record.
    pub hash: [u8; 32],
    /// The hash under the day's key.
    pub mark: Mark,
}

impl AuditRow {
    /// What the audit log calls the record that anchors a stream.
    pub const ANCHOR: &'static str = "anchor";
    /// What it calls the record that says where books come from that were restored or moved here.
    pub const ORIGIN: &'static str = "books arrived";

    /// A record that is not chained yet.
    pub fn new(at: DateTime, action: &str, object: String) -> Self {
        Self {
            stream: 0,
            seq: 0,
            at,
            hospital: None,
            operator: "centre".into(),
            action: action.into(),
            object,
            result: "done".into(),
            hash: [0; 32],
            mark: Mark { day: at.date(), mac: [0; 16] },
        }
    }

    /// The same as the next record of a stream.
    #[must_use]
    pub fn behind(self, head: &StreamHead, keys: &DayKeys) -> Self {
        let mut row = Self { stream: head.stream, seq: head.seq + 1, ..self };
        row.hash = row.chained(&head.hash);
        row.mark = keys.mark(&row.hash);
        row
    }

    /// The text that is hashed.
    pub fn canonical(&self) -> String {
        let hospital = self.hospital.map_or(0, |h| h.0);
        let at = crate::write_time(self.at);
        format!(
            "{}\u{1f}{}\u{1f}{at}\u{1f}{hospital}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}",
            self.stream, self.seq, self.operator, self.action, self.object, self.result
        )
    }

    /// The hash this record must carry behind `before`.
    pub fn chained(&self, before: &[u8; 32]) -> [u8; 32] {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(before);
        context.update(self.canonical().as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_read_back_sorted() {
        let counters = Counters(vec![
            ("outpatient.paid".into(), Money::from_fen(2_480).exact()),
            ("admissions".into(), Exact::from_fen(100)),
        ]);
        let json = counters.to_json();
        assert_eq!(json, r#"{"admissions":"1.00","outpatient.paid":"24.80"}"#);
        assert_eq!(Counters::from_json(&json).map(|c| c.to_json()), Some(json));
        assert_eq!(Counters::from_json("[1]"), None);
    }
}
