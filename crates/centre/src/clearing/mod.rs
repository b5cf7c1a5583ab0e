//! The officers' side of clearing: a month is closed with an institution, paid, set right by two persons; a year ends. Each is
//! entries that are only added to; run again it adds nothing.

mod reckon;
mod sheet;

pub use reckon::{Entry, MonthRows};
pub use sheet::{SheetLine, sheet};

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::{
    Clock, EncounterId, HospitalId, HospitalLevel, IdSource, Ids, InsuranceKind, JournalId, Payer,
    RegisterKind, SettlementId,
};
use money::{Exact, Money, Rate, Rounding};
use policy::ClearingRules;
use store::{
    AuditRow, Changes, ClearingRow, EntryKind, HospitalRow, JournalRow, Loaded, Needs, Reader, RegisterRow,
    Registers, Sealer, SettledOf, StoreError, Writer, period_key, permit_key,
};
use wire::{Both, Language};

use crate::audit_desk;
use crate::bill::CLEARING_KINDS;
use crate::kept::STANDS;

/// States of an application, and of a month that is closed.
pub(crate) const APPLIED: &str = "applied";
pub(crate) const CLOSED: &str = "closed";

/// Under which key an institution's application for a month is registered.
pub(crate) fn application_key(month: Date, clearing_kind: &str) -> String {
    format!("{} {clearing_kind}", period_key(month))
}

/// A month's first and last moment.
pub(crate) fn moments(month: Date) -> (DateTime, DateTime) {
    (month.first_of_month().at(0, 0, 0, 0), month.last_of_month().at(23, 59, 59, 999_000_000))
}

/// A month's messages have long been recorded this much behind its end.
const SETTLED_MINUTES: i64 = 10;

/// Whether a month is over, and all that was settled in it recorded.
pub(crate) fn is_over(month: Date, now: DateTime) -> bool {
    now.saturating_sub(SETTLED_MINUTES.minutes()) > moments(month).1
}

/// Why something cannot be done.
#[derive(Debug)]
pub enum ClearingError {
    /// The month or year is not over.
    NotOver(String),
    /// The institution has not applied for these kinds of clearing.
    NotApplied(Vec<String>),
    /// The month is closed.
    Closed(String),
    /// The month is not closed yet.
    Open(String),
    /// Two persons must do it.
    SamePerson(String),
    /// Nobody's name, no reason, or an amount of nothing.
    Unsaid,
    /// Only funds are set right.
    NotAFund,
    /// There is no such settlement at the institution.
    Unknown(SettlementId),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for ClearingError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ClearingError {
    fn words(&self) -> Both {
        match self {
            Self::NotOver(period) => Both::new(format!("{period} 尚未结束"), format!("{period} is not over")),
            Self::NotApplied(kinds) => {
                let kinds = kinds.join(",");
                Both::new(
                    format!("医院未用 3203 申请清算类别 {kinds}"),
                    format!("the institution has not applied with 3203 for kinds of clearing {kinds}"),
                )
            }
            Self::Closed(period) => Both::new(format!("{period} 已清算"), format!("{period} is closed")),
            Self::Open(period) => {
                Both::new(format!("{period} 尚未清算"), format!("{period} is not closed yet"))
            }
            Self::SamePerson(by) => {
                Both::new(format!("{by}:须由两人办理"), format!("{by}: two persons must do it"))
            }
            Self::Unsaid => Both::of("须写明经办人、金额和理由", "say who, how much and why"),
            Self::NotAFund => Both::of("只能更正基金的应付", "only what a fund owes is set right"),
            Self::Unknown(id) => Both::new(format!("没有结算 {id}"), format!("there is no settlement {id}")),
            Self::Store(error) => Both::same(error.to_string()),
        }
    }
}

impl fmt::Display for ClearingError {
    /// In both languages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words();
        let (zh, en) = (words.told(Language::Zh), words.told(Language::En));
        if zh == en { f.write_str(zh) } else { write!(f, "{zh} {en}") }
    }
}

impl std::error::Error for ClearingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}

/// All entries of an institution.
pub fn entries_of(reader: &mut dyn Reader, hospital: HospitalId) -> Result<Vec<ClearingRow>, StoreError> {
    Ok(reader.load(&[Needs { clearings: true, ..Needs::of(hospital) }])?.clearings)
}

/// Who does something, with whom, and why.
#[derive(Debug, Clone, Copy)]
pub struct Hands<'a> {
    /// Who.
    pub by: &'a str,
    /// Who confirms it; nobody where one person is enough.
    pub confirmed_by: &'a str,
    /// Why.
    pub why: &'a str,
}

impl Hands<'_> {
    fn one(&self) -> Result<String, ClearingError> {
        let by = self.by.trim();
        if by.is_empty() { Err(ClearingError::Unsaid) } else { Ok(by.to_owned()) }
    }

    fn two(&self) -> Result<String, ClearingError> {
        let (by, other) = (self.by.trim(), self.confirmed_by.trim());
        if by.is_empty() || other.is_empty() || self.why.trim().is_empty() {
            return Err(ClearingError::Unsaid);
        }
        if by == other { Err(ClearingError::SamePerson(by.to_owned())) } else { Ok(format!("{by}, {other}")) }
    }
}

/// What is entered by hand, for a payer and a kind of clearing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// The month.
    pub month: Date,
    /// Who pays.
    pub payer: Payer,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// How much.
    pub amount: Money,
}

/// Clears, on a writer of its own.
pub struct ClearingDesk<'a> {
    writer: &'a mut dyn Writer,
    sealer: &'a Sealer,
    clock: &'a dyn Clock,
    ids: IdSource,
}

impl<'a> ClearingDesk<'a> {
    /// On a writer that nobody else has.
    pub fn new(writer: &'a mut dyn Writer, sealer: &'a Sealer, clock: &'a dyn Clock) -> Self {
        let ids = writer.head().row_ids();
        Self { writer, sealer, clock, ids }
    }

    /// Closes a month with an institution: what it applied for is entered, and nothing of the month changes any more. Again:
    /// nothing. `unapplied` closes it also where the institution has not applied.
    pub fn close(
        &mut self,
        hospital: &HospitalRow,
        month: Date,
        rules: &ClearingRules,
        groups: &HashMap<EncounterId, String>,
        unapplied: bool,
        hands: Hands<'_>,
    ) -> Result<usize, ClearingError> {
        let by = hands.one()?;
        let (period, (_, to)) = (period_key(month), moments(month));
        if !is_over(month, self.clock.now()) {
            return Err(ClearingError::NotOver(period));
        }
        let loaded = self.load_month(hospital.id, month, rules)?;
        let closed = find(&loaded, &period).is_some_and(|row| row.state == CLOSED);
        let missing = missing(&loaded, month);
        if closed || !(unapplied || missing.is_empty()) {
            self.writer.abandon();
            return if closed { Ok(0) } else { Err(ClearingError::NotApplied(missing)) };
        }
        let cases = audit_desk::read_all(&loaded.registers, self.sealer);
        let lists = loaded.registers.iter().filter(|row| row.kind == RegisterKind::SettlementList);
        let lists: HashSet<SettlementId> = lists.filter_map(|row| row.key.parse().ok()).collect();
        let claims: Vec<_> = loaded.claims.iter().map(|(.., claim)| claim.clone()).collect();
        let month_rows = MonthRows {
            rules,
            level: HospitalLevel::new(hospital.level).expect("the store keeps levels from 0 to 3"),
            to,
            claims: &claims,
            before: &loaded.clearings,
            cases: &cases,
            visits: &loaded.settled,
            lists: &lists,
            groups,
        };
        let entries = month_rows.entries();
        let registers = closing(&loaded, hospital.id, month);
        let count = entries.len();
        self.record(
            hospital.id,
            &period,
            &loaded.clearings,
            entries,
            &by,
            hands.why,
            registers,
            "month closed",
        )?;
        Ok(count)
    }

    /// All that a month is reckoned from. Which visits are looked at one by one is known once it is loaded: it is loaded again
    /// with those, until there are no others.
    fn load_month(
        &mut self,
        hospital: HospitalId,
        month: Date,
        rules: &ClearingRules,
    ) -> Result<Loaded, StoreError> {
        let points = rules.points.as_ref().map(|points| points.kinds.as_slice()).unwrap_or_default();
        let kinds: Vec<String> = CLEARING_KINDS.map(str::to_owned).to_vec();
        let (from, to) = moments(month);
        let of = || Needs::of(hospital);
        let mut visits: BTreeSet<EncounterId> = BTreeSet::new();
        loop {
            let registers = [RegisterKind::Clearing, RegisterKind::AuditHit, RegisterKind::SettlementList]
                .map(Registers::All);
            let needs = [
                Needs {
                    claims: Some((kinds.clone(), from, to)),
                    settled: Some(SettledOf::Days(points.to_vec(), from, to)),
                    clearings: true,
                    registers: registers.to_vec(),
                    ..of()
                },
                Needs { settled: Some(SettledOf::Visits(visits.iter().copied().collect())), ..of() },
            ];
            let mut loaded = self.writer.load(&needs)?;
            let cases = audit_desk::read_all(&loaded.registers, self.sealer);
            let mut wanted = MonthRows::watched(&loaded.clearings, &cases);
            wanted.extend(
                loaded
                    .settled
                    .iter()
                    .filter(|row| points.contains(&row.clearing_kind))
                    .map(|row| row.encounter),
            );
            if wanted.is_subset(&visits) {
                let mut seen = HashSet::new();
                loaded.settled.retain(|row| seen.insert(row.settlement));
                return Ok(loaded);
            }
            self.writer.abandon();
            visits = wanted;
        }
    }

    /// Pays what is open of months that are closed, up to one; answers what goes to the bank, payer by payer.
    pub fn pay(
        &mut self,
        hospital: HospitalId,
        month: Date,
        reference: &str,
        hands: Hands<'_>,
    ) -> Result<Vec<(Payer, Money)>, ClearingError> {
        let (by, period) = (hands.one()?, period_key(month));
        let loaded = self.load_entries(hospital)?;
        let closed: HashSet<&str> =
            loaded.registers.iter().filter(|row| row.state == CLOSED).map(|row| row.key.as_str()).collect();
        if !closed.contains(period.as_str()) {
            self.writer.abandon();
            return Err(ClearingError::Open(period));
        }
        let due = loaded.clearings.iter().filter(|row| {
            (row.period.len() == 4 && row.period.as_str() <= &period[..4])
                || (row.period <= period && closed.contains(row.period.as_str()))
        });
        let lines = sheet(due);
        let mut paid: BTreeMap<Payer, Money> = BTreeMap::new();
        lines.iter().for_each(|line| *paid.entry(line.payer).or_default() += line.open());
        // What a payer gave too much stays open, and is kept of what he gives next.
        paid.retain(|_, amount| *amount > Money::ZERO);
        let entries: Vec<Entry> = lines
            .iter()
            .filter(|line| paid.contains_key(&line.payer) && !line.open().is_zero())
            .map(|line| Entry {
                kind: EntryKind::Payment,
                payer: line.payer,
                insurance_kind: line.insurance_kind,
                clearing_kind: line.clearing_kind.clone(),
                amount: -line.open(),
                encounter: None,
                reference: reference.to_owned(),
            })
            .collect();
        if entries.is_empty() {
            self.writer.abandon();
        } else {
            self.record(hospital, &period, &loaded.clearings, entries, &by, hands.why, Vec::new(), "paid")?;
        }
        Ok(paid.into_iter().collect())
    }

    /// Pays something before the month is closed: it is kept of what the month comes to.
    pub fn advance(
        &mut self,
        hospital: HospitalId,
        what: &ByHand,
        hands: Hands<'_>,
    ) -> Result<(), ClearingError> {
        self.by_hand(hospital, EntryKind::Advance, what, hands)
    }

    /// Sets right what a fund owes of a month that is closed.
    pub fn correct(
        &mut self,
        hospital: HospitalId,
        what: &ByHand,
        hands: Hands<'_>,
    ) -> Result<(), ClearingError> {
        if what.payer.fund().is_none() {
            return Err(ClearingError::NotAFund);
        }
        self.by_hand(hospital, EntryKind::Correction, what, hands)
    }

    fn by_hand(
        &mut self,
        hospital: HospitalId,
        kind: EntryKind,
        what: &ByHand,
        hands: Hands<'_>,
    ) -> Result<(), ClearingError> {
        let (by, period) = (hands.two()?, period_key(what.month));
        if what.amount.is_zero() || (kind == EntryKind::Advance && what.amount.is_negative()) {
            return Err(ClearingError::Unsaid);
        }
        let loaded = self.load_entries(hospital)?;
        let closed = find(&loaded, &period).is_some_and(|row| row.state == CLOSED);
        if closed != (kind == EntryKind::Correction) {
            self.writer.abandon();
            return Err(if closed { ClearingError::Closed(period) } else { ClearingError::Open(period) });
        }
        let entry = Entry {
            kind,
            payer: what.payer,
            insurance_kind: InsuranceKind::EMPLOYEE,
            clearing_kind: what.clearing_kind.clone(),
            amount: if kind == EntryKind::Advance { -what.amount } else { what.amount },
            encounter: None,
            reference: String::new(),
        };
        self.record(
            hospital,
            &period,
            &loaded.clearings,
            vec![entry],
            &by,
            hands.why,
            Vec::new(),
            kind.word(),
        )?;
        Ok(())
    }

    /// Allows the institution to void one settlement of a month that is closed: the void is one of its own day.
    pub fn permit(
        &mut self,
        hospital: HospitalId,
        settlement: SettlementId,
        hands: Hands<'_>,
    ) -> Result<(), ClearingError> {
        let by = hands.two()?;
        let needs = Needs { settlement: Some(settlement), agreed: true, ..Needs::of(hospital) };
        let loaded = self.writer.load(&[needs])?;
        let named = loaded.settlements.iter().find(|row| row.id == settlement && row.hospital == hospital);
        let Some(root) = named.map(|row| row.root) else {
            self.writer.abandon();
            return Err(ClearingError::Unknown(settlement));
        };
        let key = permit_key(root);
        if find(&loaded, &key).is_some() {
            self.writer.abandon();
            return Ok(());
        }
        let now = self.clock.now();
        let row = RegisterRow {
            hospital,
            kind: RegisterKind::Clearing,
            key: key.clone(),
            version: 0,
            from: now.date(),
            to: None,
            state: STANDS.into(),
            message: None,
            data: format!("{by}: {}", hands.why),
            facts: Vec::new(),
        };
        let audit = self.audit(hospital, &by, "void across periods", key);
        let changes = Changes { registers: vec![row], audits: vec![audit], ..Changes::default() };
        self.writer.record(&changes).map_err(StoreError::from)?;
        Ok(())
    }

    /// Ends a year: of what was held back an institution is given a part, the rest is cut. Again: nothing.
    pub fn end_year(
        &mut self,
        hospital: HospitalId,
        year: i16,
        part: Rate,
        hands: Hands<'_>,
    ) -> Result<Money, ClearingError> {
        let (by, period) = (hands.two()?, year.to_string());
        if self.clock.now().year() <= year {
            return Err(ClearingError::NotOver(period));
        }
        let loaded = self.load_entries(hospital)?;
        let of_year =
            |row: &&ClearingRow| row.period == period || row.period.starts_with(&format!("{period}-"));
        let held =
            sheet(loaded.clearings.iter().filter(of_year).filter(|row| row.kind == EntryKind::Retention));
        let mut given = Money::ZERO;
        let mut entries = Vec::new();
        for line in held.iter().filter(|line| !line.of(EntryKind::Retention).is_zero()) {
            let back = -line.of(EntryKind::Retention);
            let part = Exact::share_of(back, part).round(Rounding::HalfUp);
            given += part;
            for (kind, amount) in [(EntryKind::Retention, back), (EntryKind::Audit, part - back)] {
                entries.push(Entry {
                    kind,
                    payer: line.payer,
                    insurance_kind: line.insurance_kind,
                    clearing_kind: line.clearing_kind.clone(),
                    amount,
                    encounter: None,
                    reference: String::new(),
                });
            }
        }
        entries.retain(|entry| !entry.amount.is_zero());
        if entries.is_empty() {
            self.writer.abandon();
        } else {
            self.record(
                hospital,
                &period,
                &loaded.clearings,
                entries,
                &by,
                hands.why,
                Vec::new(),
                "year ended",
            )?;
        }
        Ok(given)
    }

    fn load_entries(&mut self, hospital: HospitalId) -> Result<Loaded, StoreError> {
        // Claims are asked for so that nobody else clears with the institution meanwhile.
        let registers = vec![Registers::All(RegisterKind::Clearing)];
        let now = self.clock.now();
        let claims = Some((Vec::new(), now, now));
        self.writer.load(&[Needs { clearings: true, claims, registers, ..Needs::of(hospital) }])
    }

    fn audit(&self, hospital: HospitalId, by: &str, action: &str, object: String) -> AuditRow {
        let row = AuditRow {
            hospital: Some(hospital),
            operator: by.to_owned(),
            ..AuditRow::new(self.clock.now(), action, object)
        };
        row.behind(&self.writer.head(), self.sealer.day_keys())
    }

    #[expect(clippy::too_many_arguments, reason = "all that is said of some entries at once")]
    fn record(
        &mut self,
        hospital: HospitalId,
        period: &str,
        before: &[ClearingRow],
        entries: Vec<Entry>,
        by: &str,
        why: &str,
        registers: Vec<RegisterRow>,
        action: &str,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let last = before.iter().filter(|row| row.period == period).map(|row| row.number).max().unwrap_or(0);
        let audit = self.audit(hospital, by, action, format!("period {period} entries {}", entries.len()));
        let mut changes = Changes { registers, audits: vec![audit], ..Changes::default() };
        for (number, entry) in (last + 1..).zip(entries) {
            let row = ClearingRow {
                hospital,
                period: period.to_owned(),
                number,
                kind: entry.kind,
                payer: entry.payer,
                insurance_kind: entry.insurance_kind,
                clearing_kind: entry.clearing_kind,
                amount: entry.amount,
                encounter: entry.encounter,
                reference: entry.reference,
                journal: None,
                at: now,
                by: by.to_owned(),
                why: why.to_owned(),
            };
            let journal = row.journal().map(|journal| JournalRow {
                id: JournalId(self.ids.at(now).next()),
                settlement: None,
                person: None,
                hospital: Some(hospital),
                insurance_kind: row.insurance_kind,
                at: now,
                journal,
            });
            changes.clearings.push(ClearingRow { journal: journal.as_ref().map(|j| j.id), ..row });
            changes.journals.extend(journal);
        }
        Ok(self.writer.record(&changes)?)
    }
}

fn find<'l>(loaded: &'l Loaded, key: &str) -> Option<&'l RegisterRow> {
    loaded.registers.iter().find(|row| row.kind == RegisterKind::Clearing && row.key == key)
}

/// Kinds of clearing with claims for which no application stands.
fn missing(loaded: &Loaded, month: Date) -> Vec<String> {
    let kinds: BTreeSet<&str> =
        loaded.claims.iter().map(|(.., claim)| claim.clearing_kind.as_str()).collect();
    let applied =
        |kind: &str| find(loaded, &application_key(month, kind)).is_some_and(|row| row.state == APPLIED);
    kinds.into_iter().filter(|kind| !applied(kind)).map(str::to_owned).collect()
}

/// The month, closed, and its applications.
fn closing(loaded: &Loaded, hospital: HospitalId, month: Date) -> Vec<RegisterRow> {
    let period = period_key(month);
    let known = find(loaded, &period);
    let of_month = format!("{period} ");
    let applied = loaded.registers.iter().filter(|row| {
        row.kind == RegisterKind::Clearing && row.state == APPLIED && row.key.starts_with(&of_month)
    });
    let mut rows: Vec<RegisterRow> =
        applied.map(|row| RegisterRow { state: CLOSED.into(), ..row.clone() }).collect();
    rows.push(RegisterRow {
        hospital,
        kind: RegisterKind::Clearing,
        key: period,
        version: known.map_or(0, |row| row.version),
        from: month.first_of_month(),
        to: Some(month.last_of_month()),
        state: CLOSED.into(),
        message: None,
        data: String::new(),
        facts: Vec::new(),
    });
    rows
}
