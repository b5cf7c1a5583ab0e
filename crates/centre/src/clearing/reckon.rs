//! What a month comes to for one institution: claims, less what audit has cut, more or less what stays are paid by points,
//! less what is held back. Pure: rows in, entries out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::{Date, DateTime};
use model::{EncounterId, Fund, HospitalLevel, InsuranceKind, Payer, SettlementId};
use money::Money;
use policy::{ByPoints, ClearingEditions, ClearingRules};
use store::{ClaimRow, ClearingRow, EntryKind, SettledRow};
use wire::Both;
use wire::transactions::STAY_SCOPE;

use super::moments;
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

/// What a stay still lacks to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacks {
    /// Its settlement list (4101).
    List,
    /// Its group was not told.
    Group,
    /// There is no such group.
    KnownGroup(String),
}

impl Lacks {
    /// What it lacks, in words.
    pub fn words(&self) -> Both {
        match self {
            Self::List => Both::of("缺结算清单(4101)", "its settlement list (4101) is missing"),
            Self::Group => Both::of("缺病种分组", "its group is missing"),
            Self::KnownGroup(code) => {
                Both::new(format!("没有病种分组 {code}"), format!("there is no group {code}"))
            }
        }
    }
}

/// What a month comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reckoned {
    /// Its entries, in their order.
    pub entries: Vec<Entry>,
    /// Stays that are not payable yet.
    pub waiting: Vec<(EncounterId, Lacks)>,
}

/// All that a month's clearing with one institution is reckoned from.
pub struct MonthRows<'a> {
    /// The rules of all months.
    pub editions: &'a ClearingEditions,
    /// The rules of this one.
    pub rules: &'a ClearingRules,
    /// The institution's level.
    pub level: HospitalLevel,
    /// The month.
    pub month: Date,
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

/// What is known of one visit.
#[derive(Default)]
struct Known<'a> {
    /// Its settlement rows until the month ends.
    rows: Vec<&'a SettledRow>,
    /// Entries about it.
    entries: Vec<&'a ClearingRow>,
}

/// What a stay is to be paid besides what it cost.
enum StayPaid {
    /// So much more or less, by a group and the rules from a day; or what it cost.
    Reckoned(Money, String),
    /// It is not payable yet.
    Lacks(Lacks),
}

impl<'a> MonthRows<'a> {
    /// The visits that are looked at one by one, besides those of the month's stays: those of cases, and stays that are
    /// withheld.
    pub fn watched(before: &[ClearingRow], cases: &[AuditCase]) -> BTreeSet<EncounterId> {
        let mut withheld: BTreeMap<EncounterId, BTreeMap<Place, Money>> = BTreeMap::new();
        for row in before.iter().filter(|row| row.kind == EntryKind::Withheld) {
            let Some(visit) = row.encounter else { continue };
            *withheld.entry(visit).or_default().entry(place_of(row)).or_default() += row.amount;
        }
        withheld.retain(|_, sums| !is_nothing(sums));
        let of_cases = deducted(cases).into_iter().filter_map(|case| case.visit.parse().ok());
        withheld.into_keys().chain(of_cases).collect()
    }

    /// What the month comes to.
    pub fn reckon(&self) -> Reckoned {
        let mut known: BTreeMap<EncounterId, Known<'a>> = BTreeMap::new();
        let to = moments(self.month).1;
        for row in self.visits.iter().filter(|row| row.decided <= to) {
            known.entry(row.encounter).or_default().rows.push(row);
        }
        for row in self.before {
            if let Some(visit) = row.encounter.and_then(|visit| known.get_mut(&visit)) {
                visit.entries.push(row);
            }
        }
        let mut all = Reckoned { entries: self.of_claims(), waiting: Vec::new() };
        all.entries.extend(self.of_cases(&known));
        known.iter().for_each(|(stay, known)| self.of_stay(*stay, known, &mut all));
        let held = self.held_back(&all.entries);
        all.entries.extend(held);
        all
    }

    fn of_claims(&self) -> Vec<Entry> {
        let of = |claim: &ClaimRow| {
            let place = |payer| (payer, claim.insurance_kind, claim.clearing_kind.clone());
            let paid = Payer::all().map(|payer| (place(payer), claim.of(payer)));
            let paid = paid.filter(|(_, amount): &(_, Money)| !amount.is_zero());
            paid.map(|(place, amount)| entry(EntryKind::Claim, place, amount, None, "")).collect::<Vec<_>>()
        };
        self.claims.iter().flat_map(of).collect()
    }

    /// What audit has cut is taken off what funds paid for the visit, in the order of cases and funds; of a bill that is
    /// voided since it is given back.
    fn of_cases(&self, known: &BTreeMap<EncounterId, Known<'_>>) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut left: BTreeMap<EncounterId, BTreeMap<Place, Money>> = BTreeMap::new();
        for case in deducted(self.cases) {
            let Some((visit, known)) = case.visit.parse().ok().and_then(|visit| known.get_key_value(&visit))
            else {
                continue;
            };
            let left = left.entry(*visit).or_insert_with(|| known.paid(DateTime::MIN));
            let (mut rest, mut wanted) = (case.deduction, BTreeMap::new());
            for (place, paid) in left {
                let cut = rest.min(*paid).at_least_zero();
                (*paid, rest) = (*paid - cut, rest - cut);
                wanted.insert(place.clone(), -cut);
            }
            let entered = known.entered(EntryKind::Audit, |row| row.reference == case.number);
            let still = apart(&wanted, &entered).into_iter();
            entries.extend(
                still.map(|(place, amount)| {
                    entry(EntryKind::Audit, place, amount, Some(*visit), &case.number)
                }),
            );
        }
        entries
    }

    /// A stay that is paid by points: what it was reckoned at once stands as long as its settlement does, whatever rules and
    /// groups say later.
    fn of_stay(&self, stay: EncounterId, known: &Known<'_>, all: &mut Reckoned) {
        let settled = known.settled();
        let (mut points, mut withheld) = (BTreeMap::new(), BTreeMap::new());
        let mut reference = String::new();
        if let Some(row) = settled {
            let new = row.decided >= moments(self.month).0;
            if !new && is_nothing(&known.entered(EntryKind::Withheld, |_| true)) {
                return;
            }
            reference = row.settlement.to_string();
            match self.pays(row, known) {
                None => {}
                Some(StayPaid::Reckoned(more, by)) => {
                    reference = format!("{reference} {by}");
                    points.insert(pooled(row), more);
                }
                Some(StayPaid::Lacks(lacks)) => {
                    // What was cleared in earlier months, an interim bill, is paid and stays so.
                    let month = moments(row.decided.date()).0;
                    withheld = known.paid(month).into_iter().map(|(place, paid)| (place, -paid)).collect();
                    all.waiting.push((stay, lacks));
                }
            }
        }
        for (kind, wanted) in [(EntryKind::Points, points), (EntryKind::Withheld, withheld)] {
            for (place, amount) in apart(&wanted, &known.entered(kind, |_| true)) {
                all.entries.push(entry(kind, place, amount, Some(stay), &reference));
            }
        }
    }

    /// What a stay is paid besides what it cost, by the rules of the month it was settled in; none where those do not pay it by
    /// points, or the pooled fund has no share in it.
    fn pays(&self, settled: &SettledRow, known: &Known<'_>) -> Option<StayPaid> {
        let rules = self.editions.of(settled.decided.date())?;
        let points = rules.points.as_ref().filter(|points| points.kinds.contains(&settled.clearing_kind))?;
        let pool = known.paid(DateTime::MIN).get(&pooled(settled)).copied().unwrap_or_default();
        if pool <= Money::ZERO {
            return None;
        }
        if !self.lists.contains(&settled.settlement) {
            return Some(StayPaid::Lacks(Lacks::List));
        }
        let Some(code) = self.groups.get(&settled.encounter) else {
            return Some(StayPaid::Lacks(Lacks::Group));
        };
        let Some(group) = points.group(code) else {
            return Some(StayPaid::Lacks(Lacks::KnownGroup(code.clone())));
        };
        let cost: Money = known.counted().map(|row| row.total).sum();
        let more = match points.pays(group, self.level, cost) {
            // The fund never takes back more than it gave.
            ByPoints::Standard(standard) => (standard - cost).max(-pool),
            ByPoints::Actual => Money::ZERO,
        };
        Some(StayPaid::Reckoned(more, format!("{code} {}", rules.from)))
    }

    /// What is held back of what funds pay, by place; personal accounts are paid in full.
    fn held_back(&self, entries: &[Entry]) -> Vec<Entry> {
        let mut sums: BTreeMap<Place, Money> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.payer.fund().is_some()) {
            let place = (entry.payer, entry.insurance_kind, entry.clearing_kind.clone());
            *sums.entry(place).or_default() += entry.amount;
        }
        let held = sums.into_iter().map(|(place, sum)| (place, self.rules.held_back(sum)));
        let held = held.filter(|(_, held)| !held.is_zero());
        held.map(|(place, held)| entry(EntryKind::Retention, place, -held, None, "")).collect()
    }
}

impl<'a> Known<'a> {
    fn counted(&self) -> impl Iterator<Item = &'a SettledRow> {
        self.rows.iter().copied().filter(|row| row.counted)
    }

    /// What funds paid for the visit from a moment on, by place.
    fn paid(&self, from: DateTime) -> BTreeMap<Place, Money> {
        let mut sums = BTreeMap::new();
        for row in self.counted().filter(|row| row.decided >= from) {
            for fund in Fund::ALL {
                let place = (Payer::Fund(*fund), row.insurance_kind, row.clearing_kind.clone());
                let sum: &mut Money = sums.entry(place).or_default();
                *sum += row.by_fund[*fund as usize];
            }
        }
        sums.retain(|_, sum| !sum.is_zero());
        sums
    }

    /// What was entered of a kind, by place.
    fn entered(&self, kind: EntryKind, which: impl Fn(&ClearingRow) -> bool) -> BTreeMap<Place, Money> {
        let mut sums = BTreeMap::new();
        for row in self.entries.iter().filter(|row| row.kind == kind && which(row)) {
            let sum: &mut Money = sums.entry(place_of(row)).or_default();
            *sum += row.amount;
        }
        sums
    }

    /// The settlement the stay ended with, if it stands: nothing has undone it, or what did was undone itself.
    fn settled(&self) -> Option<&'a SettledRow> {
        let undoing: HashMap<SettlementId, SettlementId> =
            self.rows.iter().filter_map(|row| Some((row.undoes?, row.settlement))).collect();
        let stands = |row: &&SettledRow| {
            let chain = std::iter::successors(Some(row.settlement), |at| undoing.get(at).copied());
            chain.count() % 2 == 1
        };
        let mut of_stay =
            self.rows.iter().copied().filter(|row| row.undoes.is_none() && row.scope == STAY_SCOPE);
        of_stay.find(stands)
    }
}

fn is_nothing(sums: &BTreeMap<Place, Money>) -> bool {
    sums.values().all(|sum| sum.is_zero())
}

fn place_of(row: &ClearingRow) -> Place {
    (row.payer, row.insurance_kind, row.clearing_kind.clone())
}

fn pooled(settled: &SettledRow) -> Place {
    (Payer::Fund(Fund::Pooled), settled.insurance_kind, settled.clearing_kind.clone())
}

fn entry(kind: EntryKind, place: Place, amount: Money, visit: Option<EncounterId>, reference: &str) -> Entry {
    let (payer, insurance_kind, clearing_kind) = place;
    Entry {
        kind,
        payer,
        insurance_kind,
        clearing_kind,
        amount,
        encounter: visit,
        reference: reference.into(),
    }
}

/// Cases with a deduction, by number.
fn deducted(cases: &[AuditCase]) -> Vec<&AuditCase> {
    let mut found: Vec<&AuditCase> = cases.iter().filter(|case| case.state == CaseState::Deducted).collect();
    found.sort_by(|a, b| a.number.cmp(&b.number));
    found
}

/// What is still to be entered so that it comes to what is wanted.
fn apart(wanted: &BTreeMap<Place, Money>, entered: &BTreeMap<Place, Money>) -> Vec<(Place, Money)> {
    let places: BTreeSet<&Place> = wanted.keys().chain(entered.keys()).collect();
    let of = |sums: &BTreeMap<Place, Money>, place: &Place| sums.get(place).copied().unwrap_or_default();
    let apart = places.into_iter().map(|place| (place.clone(), of(wanted, place) - of(entered, place)));
    apart.filter(|(_, amount)| !amount.is_zero()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use jiff::civil::{date, datetime};
    use model::StayGroup;
    use money::Quantity;

    use super::*;

    fn editions() -> ClearingEditions {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/demo-city/clearing/2026-01-01.toml");
        let rules = ClearingRules::parse("rules.toml", &fs::read_to_string(file).unwrap()).unwrap();
        let points = Quantity::from_ten_thousandths(480 * 10_000);
        ClearingEditions::new(vec![rules.with_groups(vec![StayGroup {
            code: "J18".into(),
            name: "肺炎".into(),
            points,
        }])])
    }

    /// A stay of November at a hospital of level 2, reported and grouped: how much more than it cost it is paid, in yuan.
    fn points_of(cost: i64, pooled: i64) -> (Vec<i64>, usize) {
        let (stay, settlement) = (EncounterId(7), SettlementId(8));
        let mut by_fund = [Money::ZERO; Fund::ALL.len()];
        by_fund[Fund::Pooled as usize] = Money::from_yuan(pooled);
        let row = SettledRow {
            settlement,
            encounter: stay,
            person: "P".into(),
            msgid: "M".into(),
            undoes: None,
            counted: true,
            clearing_kind: "21".into(),
            decided: datetime(2026, 11, 20, 9, 0, 0, 0),
            total: Money::from_yuan(cost),
            funds: Money::from_yuan(pooled),
            account: Money::ZERO,
            insurance_kind: InsuranceKind::EMPLOYEE,
            scope: STAY_SCOPE.into(),
            by_fund,
        };
        let editions = editions();
        let rows = MonthRows {
            editions: &editions,
            rules: editions.of(date(2026, 11, 1)).unwrap(),
            level: HospitalLevel::new(2).unwrap(),
            month: date(2026, 11, 1),
            claims: &[],
            before: &[],
            cases: &[],
            visits: &[row],
            lists: &HashSet::from([settlement]),
            groups: &HashMap::from([(stay, "J18".to_owned())]),
        };
        let Reckoned { entries, waiting } = rows.reckon();
        let points = entries.iter().filter(|entry| entry.kind == EntryKind::Points);
        (points.map(|entry| entry.amount.fen() / 100).collect(), waiting.len())
    }

    #[test]
    fn points_give_the_standard_and_take_no_more_than_the_pooled_fund_gave() {
        // 480 points of 12.80 are 6,144.00.
        assert_eq!(points_of(6_000, 4_000), (vec![144], 0));
        assert_eq!(points_of(6_144, 4_000), (vec![], 0));
        assert_eq!(points_of(12_000, 9_000), (vec![-5_856], 0));
        assert_eq!(points_of(12_000, 1_000), (vec![-1_000], 0), "much of it was outside the catalogue");
        assert_eq!(points_of(6_000, 0), (vec![], 0), "the fund has no share in it, and nothing waits");
        assert_eq!(points_of(3_000, 2_000), (vec![], 0), "far below the standard it is paid what it cost");
        assert_eq!(points_of(13_000, 9_000), (vec![], 0), "and far above");
    }
}
