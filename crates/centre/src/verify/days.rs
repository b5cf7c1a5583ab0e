//! Whether days that institution and centre agreed on are still what they agreed on.

use std::collections::BTreeMap;

use model::{HospitalId, RegisterKind};
use money::Money;
use store::{OffsiteRow, RegisterRow, SettlementRow, reconciled_key};
use wire::Node;

use crate::abroad::kind_at;
use crate::kept::STANDS;

/// A hospital's day under one insurance and kind of clearing, by its key.
type Day = (HospitalId, String);

/// How many, what care cost, what funds and accounts paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sums {
    count: i64,
    total: Money,
    funds: Money,
    account: Money,
}

impl Sums {
    fn add(&mut self, [total, funds, account]: [Money; 3]) {
        self.count += 1;
        self.total += total;
        self.funds += funds;
        self.account += account;
    }

    /// Whether these are the sums that were agreed on; what accounts paid may have been reckoned to the funds.
    fn are(&self, agreed: &Self) -> bool {
        let funds = agreed.funds == self.funds || agreed.funds == self.funds + self.account;
        funds && (self.count, self.total, self.account) == (agreed.count, agreed.total, agreed.account)
    }
}

/// A day that is agreed on, and what is settled of it.
struct Agreed {
    sums: Sums,
    /// Refunds were counted too.
    refunds: bool,
    found: Sums,
}

/// Days that are agreed on.
#[derive(Default)]
pub(super) struct Days(BTreeMap<Day, Agreed>);

impl Days {
    /// Takes a registration in, where it is a day whose sums were equal.
    pub(super) fn register(&mut self, row: &RegisterRow) {
        if row.kind != RegisterKind::ReconciledDay || row.state != STANDS {
            return;
        }
        // What details came to is a number alone.
        let said = Node::parse(row.data.as_bytes()).unwrap_or(Node::Null);
        let text = |name: &str| said.get(name).and_then(Node::scalar).unwrap_or_default();
        let Ok(count) = text("count").parse() else { return };
        let money = |name: &str| text(name).parse().unwrap_or(Money::ZERO);
        let sums = Sums { count, total: money("total"), funds: money("funds"), account: money("account") };
        let agreed = Agreed { sums, refunds: text("refunds") != "false", found: Sums::default() };
        self.0.insert((row.hospital, row.key.clone()), agreed);
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

    fn add(&mut self, day: &Day, refund: bool, sums: [Money; 3]) {
        if let Some(agreed) = self.0.get_mut(day).filter(|agreed| agreed.refunds || !refund) {
            agreed.found.add(sums);
        }
    }

    /// Each day that is agreed on, and whether it is still the same.
    pub(super) fn checked(&self) -> impl Iterator<Item = (bool, String)> {
        self.0.iter().map(|((hospital, key), agreed)| {
            let (found, told) = (&agreed.found, &agreed.sums);
            let what = format!(
                "day {hospital} {key}: agreed on {} of {}, there are {} of {}",
                told.count, told.total, found.count, found.total
            );
            (found.are(told), what)
        })
    }
}
