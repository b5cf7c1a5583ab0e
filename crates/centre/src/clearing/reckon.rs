//! What a month comes to for one institution: claims, less what audit has cut, more or less what stays are paid by points,
//! less what is held back. Pure: rows in, entries out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::DateTime;
use model::{EncounterId, Fund, HospitalLevel, InsuranceKind, Payer, SettlementId};
use money::Money;
use policy::{ByPoints, ClearingRules};
use store::{ClaimRow, ClearingRow, EntryKind, SettledRow};
use wire::transactions::STAY_SCOPE;

use crate::audit_desk::{AuditCase, CaseState};

/// An entry before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is for.
    pub kind: EntryKind,
    /// Who pays.
    pub payer: Payer,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// What it adds to what is to be paid.
    pub amount: Money,
    /// The visit it is about.
    pub encounter: Option<EncounterId>,
    /// What it goes by.
    pub reference: String,
}

/// All that a month's clearing with one institution is reckoned from.
pub struct MonthRows<'a> {
    /// The rules of the month.
    pub rules: &'a ClearingRules,
    /// The institution's level.
    pub level: HospitalLevel,
    /// The month's last moment.
    pub to: DateTime,
    /// What was settled in the month.
    pub claims: &'a [ClaimRow],
    /// Entries of all clearings so far.
    pub before: &'a [ClearingRow],
    /// Cases of audit.
    pub cases: &'a [AuditCase],
    /// All settlement rows of the visits that are looked at one by one.
    pub visits: &'a [SettledRow],
    /// Settlements with an accepted settlement list.
    pub lists: &'a HashSet<SettlementId>,
    /// Groups of stays.
    pub groups: &'a HashMap<EncounterId, String>,
}

/// Under which payer, insurance and kind of clearing an entry stands.
type Place = (Payer, InsuranceKind, String);

impl MonthRows<'_> {
    /// The visits that are looked at one by one, besides the month's stays: those of cases, and stays whose payment may
    /// have changed.
    pub fn watched(before: &[ClearingRow], cases: &[AuditCase]) -> BTreeSet<EncounterId> {
        let of_entries =
            before.iter().filter(|row| matches!(row.kind, EntryKind::Points | EntryKind::Withheld));
        let of_cases = deducted(cases, before).filter_map(|case| case.visit.parse().ok());
        of_entries.filter_map(|row| row.encounter).chain(of_cases).collect()
    }

    /// All entries of the month, in their order.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = self.of_claims();
        entries.extend(self.of_cases());
        entries.extend(self.of_stays());
        let held = self.held_back(&entries);
        entries.extend(held);
        entries
    }

    fn of_claims(&self) -> Vec<Entry> {
        let of = |claim: &ClaimRow| {
            let (insurance_kind, clearing_kind) = (claim.insurance_kind, claim.clearing_kind.clone());
            let paid = Payer::all().map(|payer| (payer, claim.of(payer)));
            let entry = move |(payer, amount)| Entry {
                kind: EntryKind::Claim,
                payer,
                insurance_kind,
                clearing_kind: clearing_kind.clone(),
                amount,
                encounter: None,
                reference: String::new(),
            };
            paid.filter(|(_, amount): &(_, Money)| !amount.is_zero()).map(entry).collect::<Vec<_>>()
        };
        self.claims.iter().flat_map(of).collect()
    }

    /// What counts of a visit until the month ends.
    fn rows_of(&self, visit: EncounterId) -> impl Iterator<Item = &SettledRow> {
        let rows = self.visits.iter().filter(move |row| row.encounter == visit);
        rows.filter(|row| row.counted && row.decided <= self.to)
    }

    /// What was entered before for a visit, by place.
    fn entered(&self, visit: EncounterId, kind: EntryKind) -> BTreeMap<Place, Money> {
        let mut sums = BTreeMap::new();
        for row in self.before.iter().filter(|row| row.kind == kind && row.encounter == Some(visit)) {
            let place = (row.payer, row.insurance_kind, row.clearing_kind.clone());
            let sum: &mut Money = sums.entry(place).or_default();
            *sum += row.amount;
        }
        sums
    }

    /// What funds paid for a visit, by place.
    fn paid(&self, visit: EncounterId) -> BTreeMap<Place, Money> {
        let mut sums = BTreeMap::new();
        for row in self.rows_of(visit) {
            for fund in Fund::ALL {
                let place = (Payer::Fund(*fund), row.insurance_kind, row.clearing_kind.clone());
                let sum: &mut Money = sums.entry(place).or_default();
                *sum += row.by_fund[*fund as usize];
            }
        }
        sums.retain(|_, sum| !sum.is_zero());
        sums
    }

    /// What audit has cut is taken off what funds paid for the visit, in the order of the funds.
    fn of_cases(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut taken: BTreeMap<(EncounterId, Place), Money> = BTreeMap::new();
        for case in deducted(self.cases, self.before) {
            let Ok(visit) = case.visit.parse() else { continue };
            let cut_before = self.entered(visit, EntryKind::Audit);
            let mut rest = case.deduction;
            for (place, paid) in self.paid(visit) {
                let cut = cut_before.get(&place).copied().unwrap_or_default();
                let here = taken.entry((visit, place.clone())).or_default();
                let amount = rest.min(paid + cut - *here).at_least_zero();
                if !amount.is_zero() {
                    (*here, rest) = (*here + amount, rest - amount);
                    entries.push(entry(EntryKind::Audit, place, -amount, visit, &case.number));
                }
            }
        }
        entries
    }

    /// Stays that are paid by points: the month's, those withheld so far, and those whose settlement was voided since.
    fn of_stays(&self) -> Vec<Entry> {
        let Some(points) = &self.rules.points else { return Vec::new() };
        let of_kind = self.visits.iter().filter(|row| points.kinds.contains(&row.clearing_kind));
        let stays: BTreeSet<EncounterId> = of_kind.map(|row| row.encounter).collect();
        stays.into_iter().flat_map(|stay| self.of_stay(stay)).collect()
    }

    fn of_stay(&self, stay: EncounterId) -> Vec<Entry> {
        let settled = self.settled(stay);
        let reference = settled.map(|row| row.settlement.to_string()).unwrap_or_default();
        let (points, withheld) = match settled {
            None => (BTreeMap::new(), BTreeMap::new()),
            Some(row) => match self.by_points(row) {
                Some(more) => {
                    let place = (Payer::Fund(Fund::Pooled), row.insurance_kind, row.clearing_kind.clone());
                    (BTreeMap::from([(place, more)]), BTreeMap::new())
                }
                None => {
                    let paid = self.paid(stay).into_iter().map(|(place, paid)| (place, -paid));
                    (BTreeMap::new(), paid.collect())
                }
            },
        };
        let mut entries = Vec::new();
        for (kind, wanted) in [(EntryKind::Points, points), (EntryKind::Withheld, withheld)] {
            for (place, amount) in apart(&wanted, &self.entered(stay, kind)) {
                entries.push(entry(kind, place, amount, stay, &reference));
            }
        }
        entries
    }

    /// The settlement a stay ended with, if it stands.
    fn settled(&self, stay: EncounterId) -> Option<&SettledRow> {
        let undone: HashSet<SettlementId> = self.rows_of(stay).filter_map(|row| row.undoes).collect();
        let mut last = self.rows_of(stay).filter(|row| row.undoes.is_none() && row.scope == STAY_SCOPE);
        last.find(|row| !undone.contains(&row.settlement))
    }

    /// How much more than it cost a stay is paid; none where it is not payable yet.
    fn by_points(&self, settled: &SettledRow) -> Option<Money> {
        let points = self.rules.points.as_ref()?;
        let group = points.group(self.groups.get(&settled.encounter)?)?;
        if !self.lists.contains(&settled.settlement) {
            return None;
        }
        let cost: Money = self.rows_of(settled.encounter).map(|row| row.total).sum();
        Some(match points.pays(group, self.level, cost) {
            ByPoints::Standard(standard) => standard - cost,
            ByPoints::Actual => Money::ZERO,
        })
    }

    /// What is held back of what funds pay, by place; personal accounts are paid in full.
    fn held_back(&self, entries: &[Entry]) -> Vec<Entry> {
        let mut sums: BTreeMap<Place, Money> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.payer.fund().is_some()) {
            let place = (entry.payer, entry.insurance_kind, entry.clearing_kind.clone());
            *sums.entry(place).or_default() += entry.amount;
        }
        let held = sums.into_iter().map(|(place, sum)| (place, self.rules.held_back(sum)));
        let entry = |((payer, insurance_kind, clearing_kind), held): (Place, Money)| Entry {
            kind: EntryKind::Retention,
            payer,
            insurance_kind,
            clearing_kind,
            amount: -held,
            encounter: None,
            reference: String::new(),
        };
        held.filter(|(_, held)| !held.is_zero()).map(entry).collect()
    }
}

fn entry(kind: EntryKind, place: Place, amount: Money, visit: EncounterId, reference: &str) -> Entry {
    let (payer, insurance_kind, clearing_kind) = place;
    Entry {
        kind,
        payer,
        insurance_kind,
        clearing_kind,
        amount,
        encounter: Some(visit),
        reference: reference.into(),
    }
}

/// Cases with a deduction that no clearing has taken off yet.
fn deducted<'c>(cases: &'c [AuditCase], before: &[ClearingRow]) -> impl Iterator<Item = &'c AuditCase> {
    let done: HashSet<&str> =
        before.iter().filter(|row| row.kind == EntryKind::Audit).map(|row| row.reference.as_str()).collect();
    let open = |case: &&AuditCase| case.state == CaseState::Deducted && !done.contains(case.number.as_str());
    let mut open: Vec<&AuditCase> = cases.iter().filter(open).collect();
    open.sort_by(|a, b| a.number.cmp(&b.number));
    open.into_iter()
}

/// What is still to be entered so that it comes to what is wanted.
fn apart(wanted: &BTreeMap<Place, Money>, entered: &BTreeMap<Place, Money>) -> Vec<(Place, Money)> {
    let places: BTreeSet<&Place> = wanted.keys().chain(entered.keys()).collect();
    let of = |sums: &BTreeMap<Place, Money>, place: &Place| sums.get(place).copied().unwrap_or_default();
    let apart = places.into_iter().map(|place| (place.clone(), of(wanted, place) - of(entered, place)));
    apart.filter(|(_, amount)| !amount.is_zero()).collect()
}
