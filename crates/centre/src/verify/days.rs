//! Whether days that institution and centre agreed on are still what they agreed on.

use std::collections::BTreeMap;

use model::HospitalId;
use money::Money;
use store::{OffsiteRow, RegisterRow, SettlementRow, reconciled_key};
use wire::transactions::Sums;

use crate::abroad::kind_at;
use crate::transactions::{AgreedDay, agreed_day};

/// A hospital's day under one insurance and kind of clearing, by its key.
type Key = (HospitalId, String);

/// A day that is agreed on, and what is settled of it.
struct Day {
    agreed: AgreedDay,
    found: Sums,
}

impl Day {
    /// What accounts paid may have been reckoned to the funds.
    fn is_same(&self) -> bool {
        let with_account = Sums { funds: self.found.funds + self.found.account, ..self.found };
        [self.found, with_account].contains(&self.agreed.sums)
    }
}

/// Days that are agreed on.
#[derive(Default)]
pub(super) struct Days(BTreeMap<Key, Day>);

impl Days {
    /// Takes a registration in, where it is a day whose sums were equal.
    pub(super) fn register(&mut self, row: &RegisterRow) {
        if let Some(agreed) = agreed_day(row) {
            self.0.insert((row.hospital, row.key.clone()), Day { agreed, found: Sums::default() });
        }
    }

    /// Takes a settlement row in.
    pub(super) fn settlement(&mut self, row: &SettlementRow) {
        if !row.counted || self.0.is_empty() {
            return;
        }
        let key = reconciled_key(row.decided.date(), row.insurance_kind, &row.clearing_kind);
        let amounts = &row.amounts;
        let sums = [amounts.total, amounts.funds_total(), amounts.personal_account];
        self.add(&(row.hospital, key), row.undoes.is_some(), sums);
    }

    /// Takes a settlement of another city's person in.
    pub(super) fn offsite(&mut self, row: &OffsiteRow) {
        if row.counted {
            let kind = kind_at(&row.clearing_kind, &row.division, true);
            let key = reconciled_key(row.decided.date(), row.insurance_kind, &kind);
            self.add(&(row.hospital, key), row.undoes.is_some(), [row.total, row.funds, row.account]);
        }
    }

    fn add(&mut self, key: &Key, refund: bool, [total, funds, account]: [Money; 3]) {
        let Some(day) = self.0.get_mut(key).filter(|day| day.agreed.refunds || !refund) else { return };
        let found = &mut day.found;
        found.count += 1;
        found.total += total;
        found.funds += funds;
        found.account += account;
    }

    /// Each day that is agreed on, and whether it is still the same.
    pub(super) fn checked(&self) -> impl Iterator<Item = (bool, String)> {
        self.0.iter().map(|((hospital, key), day)| {
            let (found, told) = (&day.found, &day.agreed.sums);
            let what = format!(
                "day {hospital} {key}: agreed on {} of {}, there are {} of {}",
                told.count, told.total, found.count, found.total
            );
            (day.is_same(), what)
        })
    }
}
