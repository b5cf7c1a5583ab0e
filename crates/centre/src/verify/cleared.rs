//! Whether what was cleared is what was settled, and what was paid was payable.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::DateTime;
use model::{HospitalId, InsuranceKind, JournalId, Payer};
use money::Money;
use store::{ClearingRow, EntryKind, JournalRow, SettlementRow, period_key};

/// An institution's month.
type Month = (HospitalId, String);
/// Who pays under which insurance and kind of clearing.
type Place = (Payer, InsuranceKind, String);

/// Entries of one payer to one institution: when, what for, how much.
type Owed = Vec<(DateTime, EntryKind, Money)>;

/// What is remembered of clearings.
#[derive(Default)]
pub(super) struct Cleared {
    claimed: BTreeMap<Month, BTreeMap<Place, Money>>,
    settled: HashMap<Month, BTreeMap<Place, Money>>,
    journals: HashMap<JournalId, ClearingRow>,
    /// What each payer owed an institution, as it was entered.
    owed: BTreeMap<(HospitalId, Payer), Owed>,
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
        self.last = Some((row.hospital, row.period.clone(), row.number));
        if row.kind == EntryKind::Claim {
            let key = (row.payer, row.insurance_kind, row.clearing_kind.clone());
            let month = self.claimed.entry((row.hospital, row.period.clone())).or_default();
            *month.entry(key).or_default() += row.amount;
        }
        self.owed.entry((row.hospital, row.payer)).or_default().push((row.at, row.kind, row.amount));
        let moves = row.journal().is_some();
        let wrong = if row.number != before + 1 {
            Some(format!("{place}: number {before} is not in front of it"))
        } else if moves != row.journal.is_some() {
            Some(format!("{place}: its journal is missing, or there is none to be"))
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
            let paid = payer.fund().map_or(row.amounts.personal_account, |fund| row.amounts.fund(fund));
            let place = (payer, row.insurance_kind, row.clearing_kind.clone());
            *sums.entry(place).or_default() += paid;
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

    /// Payers who had given more than was payable once they paid.
    pub(super) fn payments(&mut self) -> Vec<(bool, String)> {
        let mut found = Vec::new();
        for ((hospital, payer), entries) in &mut self.owed {
            entries.sort_by_key(|(at, ..)| *at);
            let (mut owed, mut fine) = (Money::ZERO, true);
            for at_once in entries.chunk_by(|a, b| a.0 == b.0) {
                owed += at_once.iter().map(|(.., amount)| *amount).sum::<Money>();
                let pays = at_once.iter().any(|(_, kind, _)| *kind == EntryKind::Payment);
                fine &= !pays || owed >= Money::ZERO;
            }
            found.push((fine, format!("hospital {hospital}: {payer} paid more than was payable")));
        }
        found
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
