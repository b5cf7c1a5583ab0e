//! Whether what was cleared is what was settled, and what was paid was payable.

use std::collections::{BTreeMap, HashMap};

use model::{EncounterId, HospitalId, InsuranceKind, JournalId, Payer};
use money::Money;
use store::{ClearingRow, EntryKind, JournalRow, OffsiteRow, SettlementRow, period_key};

/// An institution's month.
type Month = (HospitalId, String);
/// Who pays under which insurance and kind of clearing.
type Place = (Payer, InsuranceKind, String);

/// A run of payments: to whom, its number, from whom.
type Run = (HospitalId, String, Payer);

/// What is remembered of clearings.
#[derive(Default)]
pub(super) struct Cleared {
    claimed: BTreeMap<Month, BTreeMap<Place, Money>>,
    settled: HashMap<Month, BTreeMap<Place, Money>>,
    journals: HashMap<JournalId, ClearingRow>,
    /// What is open of the period that is read, by place.
    open: BTreeMap<Place, Money>,
    /// What runs paid.
    runs: BTreeMap<Run, Money>,
    /// What is withheld of visits.
    withheld: BTreeMap<(HospitalId, EncounterId, Place), Money>,
    last: Option<(HospitalId, String, i64)>,
}

impl Cleared {
    /// Takes an entry in; what is wrong with it.
    pub(super) fn entry(&mut self, row: ClearingRow) -> Option<String> {
        let place = format!("clearing {} {} {}", row.hospital, row.period, row.number);
        let before = match &self.last {
            Some((hospital, period, number)) if (*hospital, period) == (row.hospital, &row.period) => *number,
            _ => 0,
        };
        if before == 0 {
            self.open.clear();
        }
        self.last = Some((row.hospital, row.period.clone(), row.number));
        let key: Place = (row.payer, row.insurance_kind, row.clearing_kind.clone());
        if row.kind == EntryKind::Claim {
            let month = self.claimed.entry((row.hospital, row.period.clone())).or_default();
            *month.entry(key.clone()).or_default() += row.amount;
        }
        if let (EntryKind::Withheld, Some(visit)) = (row.kind, row.encounter) {
            *self.withheld.entry((row.hospital, visit, key.clone())).or_default() += row.amount;
        }
        let open = self.open.entry(key).or_default();
        *open += row.amount;
        let exact = row.kind != EntryKind::Payment || open.is_zero();
        if row.kind == EntryKind::Payment {
            *self.runs.entry((row.hospital, row.reference.clone(), row.payer)).or_default() -= row.amount;
        }
        let moves = row.journal().is_some();
        let wrong = if row.number != before + 1 {
            Some(format!("{place}: number {before} is not in front of it"))
        } else if moves != row.journal.is_some() {
            Some(format!("{place}: its journal is missing, or there is none to be"))
        } else if !exact {
            Some(format!("{place}: the payment is not what was open"))
        } else {
            None
        };
        if let Some(journal) = row.journal {
            self.journals.insert(journal, row);
        }
        wrong
    }

    /// Takes a settlement row in, if its month is cleared.
    pub(super) fn settlement(&mut self, row: &SettlementRow) {
        let month = (row.hospital, period_key(row.decided.date()));
        if !row.counted || !self.claimed.contains_key(&month) {
            return;
        }
        let sums = self.settled.entry(month).or_default();
        for payer in Payer::all() {
            let paid = match payer {
                Payer::Fund(fund) => row.amounts.fund(fund),
                Payer::Account => row.amounts.personal_account + row.amounts.mutual_aid,
                Payer::Elsewhere => Money::ZERO,
            };
            let place = (payer, row.insurance_kind, row.clearing_kind.clone());
            *sums.entry(place).or_default() += paid;
        }
    }

    /// Takes a settlement of another city's person in, if its month is cleared.
    pub(super) fn offsite(&mut self, row: &OffsiteRow) {
        let month = (row.hospital, period_key(row.decided.date()));
        if row.counted && self.claimed.contains_key(&month) {
            let place = (Payer::Elsewhere, row.insurance_kind, row.clearing_kind.clone());
            *self.settled.entry(month).or_default().entry(place).or_default() += row.owed();
        }
    }

    /// Whether a journal is an entry's, and if so whether it moves what the entry says.
    pub(super) fn journal(&mut self, row: &JournalRow) -> Option<bool> {
        let entry = self.journals.remove(&row.id)?;
        let same = entry.journal().as_ref() == Some(&row.journal);
        Some(same && row.person.is_none() && row.hospital == Some(entry.hospital))
    }

    /// Months whose claims are not what was settled.
    pub(super) fn months(&self) -> Vec<(bool, String)> {
        let none = BTreeMap::new();
        let same = |(month, claimed): (&Month, &BTreeMap<Place, Money>)| {
            let settled = self.settled.get(month).unwrap_or(&none);
            let sums = |of: &BTreeMap<Place, Money>| -> Vec<(Place, Money)> {
                of.iter().filter(|(_, sum)| !sum.is_zero()).map(|(k, v)| (k.clone(), *v)).collect()
            };
            (
                sums(settled) == sums(claimed),
                format!("clearing {} {}: claims are not what was settled", month.0, month.1),
            )
        };
        self.claimed.iter().map(same).collect()
    }

    /// Runs that paid less than nothing, and visits of which more was released than was withheld.
    pub(super) fn sums(&self) -> Vec<(bool, String)> {
        let runs = self.runs.iter().map(|((hospital, run, payer), sum)| {
            (*sum > Money::ZERO, format!("hospital {hospital}: {payer} paid {sum} by run {run}"))
        });
        let withheld = self.withheld.iter().map(|((hospital, visit, _), sum)| {
            let key = format!("hospital {hospital}, visit {visit}: more was released than was withheld");
            (*sum <= Money::ZERO, key)
        });
        runs.chain(withheld).collect()
    }

    /// Entries whose journals are not there.
    pub(super) fn without_journals(&self) -> Vec<String> {
        let mut gone: Vec<String> = self
            .journals
            .keys()
            .map(|journal| format!("journal {journal} of a clearing is not there"))
            .collect();
        gone.sort();
        gone
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;
    use model::{Fund, JournalId};

    use super::*;

    /// Entries of one month by number; what is wrong with the last one, and with all together.
    fn wrong(entries: &[(EntryKind, i64, &str)]) -> (Option<String>, Vec<String>) {
        let (mut cleared, mut last) = (Cleared::default(), None);
        for (number, (kind, yuan, reference)) in (1..).zip(entries) {
            let row = ClearingRow {
                hospital: HospitalId(1),
                period: "2026-11".into(),
                number,
                kind: *kind,
                payer: Payer::Fund(Fund::Pooled),
                insurance_kind: InsuranceKind::EMPLOYEE,
                clearing_kind: "21".into(),
                amount: Money::from_yuan(*yuan),
                encounter: Some(EncounterId(7)),
                reference: (*reference).into(),
                journal: None,
                at: datetime(2026, 12, 5, 9, 0, 0, 0),
                by: "甲".into(),
                why: String::new(),
            };
            let journal = row.journal().map(|_| JournalId(number));
            last = cleared.entry(ClearingRow { journal, ..row });
        }
        (last, cleared.sums().into_iter().filter(|(fine, _)| !fine).map(|(_, key)| key).collect())
    }

    #[test]
    fn a_payment_is_what_was_open_and_no_run_pays_less_than_nothing() {
        use EntryKind::{Claim, Correction, Payment};
        assert_eq!(wrong(&[(Claim, 100, ""), (Payment, -100, "B1")]), (None, vec![]));
        let (last, _) = wrong(&[(Claim, 100, ""), (Payment, -99, "B1")]);
        assert_eq!(last.as_deref(), Some("clearing 1 2026-11 2: the payment is not what was open"));
        let set_right = [(Claim, 100, ""), (Payment, -100, "B1"), (Correction, -5, "K1"), (Payment, 5, "B2")];
        assert_eq!(wrong(&set_right), (None, vec!["hospital 1: pooled paid -5.00 by run B2".into()]));
    }

    #[test]
    fn no_more_is_released_than_was_withheld() {
        use EntryKind::{Claim, Withheld};
        assert_eq!(wrong(&[(Claim, 100, ""), (Withheld, -100, "8"), (Withheld, 100, "8")]), (None, vec![]));
        let (_, more) = wrong(&[(Claim, 100, ""), (Withheld, -100, "8"), (Withheld, 101, "8")]);
        assert_eq!(more, ["hospital 1, visit 7: more was released than was withheld"]);
    }
}
