//! The officers' side of clearing: a month is closed with an institution, paid, set right by two persons; a year ends. Each is
//! entries that are only added to; run again it adds nothing.

mod error;
mod paying;
mod reckon;
mod sheet;

pub use error::ClearingError;
pub use paying::{ByHand, run_of};
pub use reckon::{Entry, Lacks, MonthRows, Reckoned};
pub use sheet::{SheetLine, sheet};

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::{
    Clock, EncounterId, Fund, HospitalId, HospitalLevel, IdSource, Ids, InsuranceKind, JournalId,
    RegisterKind, SettlementId,
};
use money::{Exact, Money, Rate, Rounding};
use policy::{ClearingEditions, ClearingRules};
use store::{
    AuditRow, Changes, ClaimRow, ClearingRow, EntryKind, HospitalRow, JournalRow, Loaded, Needs, OffsiteOf,
    Reader, RegisterRow, Registers, Sealer, SettledOf, StoreError, Writer, period_key, permit_key,
};
use wire::Facts;

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

/// Under which key it is registered that an institution has confirmed a month's settlements of other cities' people.
pub(crate) fn offsite_key(month: Date) -> String {
    format!("offsite {}", period_key(month))
}

/// A month's first and last moment.
pub(crate) fn moments(month: Date) -> (DateTime, DateTime) {
    (month.first_of_month().at(0, 0, 0, 0), month.last_of_month().at(23, 59, 59, 999_000_000))
}

/// Before anything was ever settled; a database has no moments as early as ours.
const EARLIEST: DateTime = jiff::civil::datetime(1990, 1, 1, 0, 0, 0, 0);

/// A month's messages have long been recorded this much behind its end.
const SETTLED_MINUTES: i64 = 10;

/// Whether a month is over, and all that was settled in it recorded.
pub(crate) fn is_over(month: Date, now: DateTime) -> bool {
    now.saturating_sub(SETTLED_MINUTES.minutes()) > moments(month).1
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

    /// Closes a month with an institution: what it applied for is entered, and nothing of the month changes any more. Months
    /// are closed in their order; one that is closed comes to nothing more. `unapplied` closes it also where the institution
    /// has not applied. Answers what was entered, and which stays still wait.
    pub fn close(
        &mut self,
        hospital: &HospitalRow,
        month: Date,
        editions: &ClearingEditions,
        groups: &HashMap<EncounterId, String>,
        unapplied: bool,
        hands: Hands<'_>,
    ) -> Result<Reckoned, ClearingError> {
        let by = hands.one()?;
        let period = period_key(month);
        if !is_over(month, self.clock.now()) {
            return Err(ClearingError::NotOver(period));
        }
        let rules = editions.of(month).ok_or_else(|| ClearingError::NoRules(period.clone()))?;
        let later_closed = self.check_order(hospital.id, month)?;
        let loaded = self.load_month(hospital.id, month, rules)?;
        if find(&loaded, &period).is_some_and(|row| row.state == CLOSED) {
            self.writer.abandon();
            return Ok(Reckoned::default());
        }
        let fit = if unapplied { Ok(()) } else { fits(&loaded, month) };
        if let Err(error) = fit.and_then(|()| unchanged(&loaded, month)) {
            self.writer.abandon();
            return Err(error);
        }
        let cases = audit_desk::read_all(&loaded.registers, self.sealer);
        let lists = loaded.registers.iter().filter(|row| row.kind == RegisterKind::SettlementList);
        let lists: HashSet<SettlementId> = lists.filter_map(|row| row.key.parse().ok()).collect();
        let mut claims: Vec<_> = loaded.claims.iter().map(|(.., claim)| claim.clone()).collect();
        claims.extend(owed_elsewhere(&loaded));
        let month_rows = MonthRows {
            editions,
            rules,
            level: HospitalLevel::new(hospital.level).expect("the store keeps levels from 0 to 3"),
            month,
            claims: &claims,
            before: &loaded.clearings,
            cases: &cases,
            visits: &loaded.settled,
            lists: &lists,
            groups,
        };
        // Where a later month is closed this one has no claims, and its stays are those of that month.
        let reckoned = if later_closed { Reckoned::default() } else { month_rows.reckon() };
        let what = Said { by: &by, why: hands.why, action: "month closed" };
        let registers = closing(&loaded, hospital.id, month);
        let entries = BTreeMap::from([(period, reckoned.entries.clone())]);
        self.record(hospital.id, what, &loaded.clearings, entries, registers)?;
        Ok(reckoned)
    }

    /// What is settled in a month is cleared in it: no earlier month with claims is open. Answers whether a later one is closed.
    fn check_order(&mut self, hospital: HospitalId, month: Date) -> Result<bool, ClearingError> {
        let kinds = CLEARING_KINDS.map(str::to_owned).to_vec();
        let last = self.load_entries(hospital)?.registers.into_iter().filter(|row| row.state == CLOSED);
        let last = last.filter(|row| !row.key.contains(' ')).filter_map(|row| row.to).max();
        self.writer.abandon();
        let from = last.map_or(EARLIEST, |day| day.tomorrow().unwrap_or(Date::MAX).at(0, 0, 0, 0));
        let to = moments(month).0;
        if from >= to {
            return Ok(from > moments(month).1);
        }
        let until = to.saturating_sub(1.millisecond());
        let offsite = Some(OffsiteOf::Days(from, until));
        let needs = Needs { claims: Some((kinds, from, until)), offsite, ..Needs::of(hospital) };
        let loaded = self.writer.load(&[needs])?;
        let open = !loaded.claims.is_empty() || loaded.offsite.iter().any(|(row, _)| row.counted);
        self.writer.abandon();
        if open { Err(ClearingError::EarlierOpen(period_key(month))) } else { Ok(false) }
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
                    offsite: Some(OffsiteOf::Days(from, to)),
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

    /// Allows the institution to void one settlement of a month that is closed, once: the void is one of its own day.
    pub fn permit(
        &mut self,
        hospital: HospitalId,
        month: Date,
        settlement: SettlementId,
        hands: Hands<'_>,
    ) -> Result<(), ClearingError> {
        let by = hands.two()?;
        let period = period_key(month);
        let needs = Needs { settlement: Some(settlement), agreed: true, ..Needs::of(hospital) };
        let loaded = self.writer.load(&[needs])?;
        let checked = permitted(&loaded, hospital, &period, settlement);
        let root = checked.inspect_err(|_| self.writer.abandon())?;
        let (now, key) = (self.clock.now(), permit_key(root));
        let known = find(&loaded, &key);
        if known.is_some_and(|row| row.state == STANDS) {
            self.writer.abandon();
            return Ok(());
        }
        let row = RegisterRow {
            hospital,
            kind: RegisterKind::Clearing,
            key: key.clone(),
            version: known.map_or(0, |row| row.version),
            from: now.date(),
            to: None,
            state: STANDS.into(),
            message: None,
            data: format!("{by}: {}", hands.why),
            facts: Vec::new(),
        };
        let audit = self.audit(hospital, &by, "void across periods", format!("{key}: {}", hands.why));
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
            let what = Said { by: &by, why: hands.why, action: "year ended" };
            self.record(hospital, what, &loaded.clearings, BTreeMap::from([(period, entries)]), Vec::new())?;
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

    fn record(
        &mut self,
        hospital: HospitalId,
        what: Said<'_>,
        before: &[ClearingRow],
        periods: BTreeMap<String, Vec<Entry>>,
        registers: Vec<RegisterRow>,
    ) -> Result<(), StoreError> {
        let (now, Said { by, why, action }) = (self.clock.now(), what);
        let told: Vec<String> = periods.iter().map(|(period, entries)| in_short(period, entries)).collect();
        let audit = self.audit(hospital, by, action, format!("{} {why}", told.join("; ")).trim().to_owned());
        let mut changes = Changes { registers, audits: vec![audit], ..Changes::default() };
        for (period, entry) in periods
            .into_iter()
            .flat_map(|(period, entries)| entries.into_iter().map(move |entry| (period.clone(), entry)))
        {
            let known = before.iter().chain(&changes.clearings).filter(|row| row.period == period);
            let row = ClearingRow {
                hospital,
                number: known.map(|row| row.number).max().unwrap_or(0) + 1,
                period,
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

/// What the audit record says of a period's entries: how many, what they come to, of few what each is.
fn in_short(period: &str, entries: &[Entry]) -> String {
    let sum: Money = entries.iter().map(|entry| entry.amount).sum();
    let mut text = format!("period {period} entries {} sum {sum}", entries.len());
    for entry in entries.iter().filter(|_| entries.len() <= 3) {
        let Entry { payer, insurance_kind, clearing_kind, amount, reference, .. } = entry;
        let kind = entry.kind.word();
        let _ = write!(text, " [{kind} {payer} {insurance_kind} {clearing_kind} {amount} {reference}]");
    }
    text
}

/// Who does something, why, and by which act.
#[derive(Clone, Copy)]
struct Said<'a> {
    by: &'a str,
    why: &'a str,
    action: &'a str,
}

/// The settlement a permit is given for: of a month that is closed, and one that stands.
fn permitted(
    loaded: &Loaded,
    hospital: HospitalId,
    period: &str,
    settlement: SettlementId,
) -> Result<SettlementId, ClearingError> {
    let here = || loaded.settlements.iter().filter(|row| row.hospital == hospital);
    let root = here().find(|row| row.id == settlement).map(|row| row.root);
    let root = here().find(|row| Some(row.id) == root && period_key(row.decided.date()) == period);
    let root = root.ok_or(ClearingError::Unknown(settlement))?.id;
    if !here().any(|row| row.root == root && row.effective) {
        return Err(ClearingError::Voided(settlement));
    }
    let closed = find(loaded, period).is_some_and(|row| row.state == CLOSED);
    if closed { Ok(root) } else { Err(ClearingError::Open(period.to_owned())) }
}

fn find<'l>(loaded: &'l Loaded, key: &str) -> Option<&'l RegisterRow> {
    loaded.registers.iter().find(|row| row.kind == RegisterKind::Clearing && row.key == key)
}

/// Whether the institution has applied for all kinds of clearing with claims.
fn fits(loaded: &Loaded, month: Date) -> Result<(), ClearingError> {
    let kinds: BTreeSet<&str> =
        loaded.claims.iter().map(|(.., claim)| claim.clearing_kind.as_str()).collect();
    let applied =
        |kind: &str| find(loaded, &application_key(month, kind)).is_some_and(|row| row.state == APPLIED);
    let missing: Vec<String> = kinds.into_iter().filter(|kind| !applied(kind)).map(str::to_owned).collect();
    if !missing.is_empty() {
        return Err(ClearingError::NotApplied(missing));
    }
    // Of people of other cities the rows are confirmed, not sums.
    let confirmed = find(loaded, &offsite_key(month)).filter(|row| row.state == APPLIED);
    let owed: Money = loaded.offsite.iter().filter(|(row, _)| row.counted).map(|(row, _)| row.owed()).sum();
    let said = confirmed.map(|row| Facts::from_text(&row.data).text("owed").to_owned());
    let none = loaded.offsite.iter().all(|(row, _)| !row.counted);
    if none || said == Some(owed.to_string()) { Ok(()) } else { Err(ClearingError::NotConfirmed) }
}

/// What other cities owe for their people, by insurance and kind of clearing.
fn owed_elsewhere(loaded: &Loaded) -> Vec<ClaimRow> {
    let mut sums: BTreeMap<(InsuranceKind, String), Money> = BTreeMap::new();
    for (row, _) in loaded.offsite.iter().filter(|(row, _)| row.counted) {
        *sums.entry((row.insurance_kind, row.clearing_kind.clone())).or_default() += row.owed();
    }
    let claim = |((insurance_kind, clearing_kind), elsewhere)| ClaimRow {
        insurance_kind,
        clearing_kind,
        count: 0,
        refunds: 0,
        total: Money::ZERO,
        eligible: Money::ZERO,
        cash: Money::ZERO,
        account: Money::ZERO,
        relatives: Money::ZERO,
        by_fund: [Money::ZERO; Fund::ALL.len()],
        elsewhere,
    };
    sums.into_iter().map(claim).collect()
}

/// Whether what was applied for is what the books say still: something may have been taken back since.
fn unchanged(loaded: &Loaded, month: Date) -> Result<(), ClearingError> {
    let of_month = application_key(month, "");
    for row in
        loaded.registers.iter().filter(|row| row.kind == RegisterKind::Clearing && row.state == APPLIED)
    {
        let Some(kind) = row.key.strip_prefix(&of_month) else { continue };
        let now = application_sums(loaded.claims.iter().map(|(.., claim)| claim), kind);
        let said = Facts::from_text(&row.data);
        if said.text("sums") != now {
            return Err(ClearingError::Changed(kind.to_owned()));
        }
    }
    Ok(())
}

/// What a kind of clearing comes to, as it is kept with an application: cost, paid by funds, by accounts, in cash, in yuan.
pub(crate) fn application_sums<'c>(claims: impl Iterator<Item = &'c ClaimRow>, kind: &str) -> String {
    let sums = claims
        .filter(|claim| claim.clearing_kind == kind)
        .map(|claim| [claim.total, claim.by_fund.iter().copied().sum(), claim.account, claim.cash]);
    let all = sums.fold([Money::ZERO; 4], |all, one| std::array::from_fn(|at| all[at] + one[at]));
    all.map(|sum| sum.to_string()).join(" ")
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
