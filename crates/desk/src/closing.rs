//! A cashier's closing: all that came in and went out since the one before, by method, category and fund, and the cash to
//! hand over. A snapshot: what is corrected later is in a later one.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use money::Money;
use serde::{Deserialize, Serialize};

use crate::amounts;
use crate::bill::{Bill, BillState};
use crate::sheet::{Form, Sheet};

/// How a closing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClosingState {
    /// 已结: the cashier has closed; finance has not counted yet.
    Closed,
    /// 已交款: finance has the cash.
    Confirmed,
    /// 已取消: taken back by its cashier before it was confirmed.
    Cancelled,
}

impl ClosingState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Closed => "closing-closed",
            Self::Confirmed => "closing-confirmed",
            Self::Cancelled => "closing-cancelled",
        }
    }
}

/// Sums by name, as a paper has them.
pub type Sums = BTreeMap<String, String>;

/// A closing. The key is the cashier's number and a count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Whose.
    pub cashier: String,
    /// From the first bill in it; none: it is empty.
    pub from: Option<DateTime>,
    /// Until when.
    pub until: Option<DateTime>,
    /// Bills charged.
    pub charged: usize,
    /// Bills voided.
    pub voided: usize,
    /// Receipt numbers used, in order.
    pub receipts: Vec<String>,
    /// Receipt numbers that are void.
    pub void_receipts: Vec<String>,
    /// Copies printed beyond the first of each.
    pub copies: u32,
    /// By kind of charge.
    pub categories: Sums,
    /// By fund.
    pub funds: Sums,
    /// From accounts.
    #[serde(with = "amounts")]
    pub accounts: Money,
    /// Borne by the hospital.
    #[serde(with = "amounts")]
    pub hospital: Money,
    /// The whole of the bills.
    #[serde(with = "amounts")]
    pub total: Money,
    /// Cash by the insurance's figures.
    #[serde(with = "amounts")]
    pub cash: Money,
    /// What the till's rounding came to.
    #[serde(with = "amounts")]
    pub rounding: Money,
    /// What is handed over: cash and rounding.
    #[serde(with = "amounts")]
    pub hand_over: Money,
    /// The bills that are in it as charged.
    pub bills: Vec<String>,
    /// The bills that are in it as voided.
    pub void_bills: Vec<String>,
    /// What finance counted.
    #[serde(with = "amounts::maybe", default)]
    pub counted: Option<Money>,
    /// Who counted it, and what he says of a difference.
    #[serde(default)]
    pub counted_by: String,
    /// What explains a difference.
    #[serde(default)]
    pub difference: String,
}

impl Form for Closing {
    const KIND: &'static str = "closing";
    type State = ClosingState;
    type Private = ();

    fn tags(&self, state: ClosingState) -> Vec<String> {
        match state {
            ClosingState::Cancelled => Vec::new(),
            _ => vec![format!("cashier:{}", self.cashier)],
        }
    }
}

impl Closing {
    /// What a cashier's bills come to that are in no closing yet.
    pub fn of(cashier: &str, bills: &[Sheet<Bill>]) -> Self {
        let mut closing = Self { cashier: cashier.into(), ..Self::default() };
        for bill in bills {
            if bill.facts.is_charged_by(cashier, bill.state) {
                closing.add(bill, 1);
                closing.charged += 1;
                closing.bills.push(bill.key.clone());
                closing.receipts.push(bill.facts.receipt.clone());
                closing.copies += bill.facts.prints.saturating_sub(1);
                closing.seen(bill.facts.settled);
            }
            if bill.facts.is_voided_by(cashier) && bill.state == BillState::Voided {
                closing.add(bill, -1);
                closing.voided += 1;
                closing.void_bills.push(bill.key.clone());
                closing.void_receipts.push(bill.facts.receipt.clone());
                closing.seen(bill.facts.voided.as_ref().map(|voided| voided.at));
            }
        }
        closing.receipts.sort();
        closing.void_receipts.sort();
        closing.hand_over = closing.cash + closing.rounding;
        closing
    }

    fn seen(&mut self, at: Option<DateTime>) {
        self.from = [self.from, at].into_iter().flatten().min();
        self.until = [self.until, at].into_iter().flatten().max();
    }

    fn add(&mut self, bill: &Sheet<Bill>, sign: i64) {
        let facts = &bill.facts;
        let Some(split) = &facts.split else { return };
        let signed = |amount: Money| Money::from_fen(amount.fen() * sign);
        for (category, sum) in facts.categories() {
            add_to(&mut self.categories, &category, signed(sum));
        }
        for (fund, paid) in &split.funds {
            add_to(&mut self.funds, fund, signed(paid.parse().unwrap_or(Money::ZERO)));
        }
        self.accounts += signed(split.account + split.relatives);
        self.hospital += signed(split.hospital);
        self.total += signed(split.total);
        self.cash += signed(split.cash);
        self.rounding += signed(facts.payment.rounding);
    }

    /// Whether the parts come to the whole.
    pub fn adds_up(&self) -> bool {
        let sum = |sums: &Sums| sums.values().filter_map(|text| text.parse::<Money>().ok()).sum::<Money>();
        sum(&self.categories) == self.total
            && sum(&self.funds) + self.accounts + self.hospital + self.cash == self.total
    }

    /// Numbers between the first and the last used that are neither used nor void here.
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        for pair in self.receipts.windows(2) {
            let (Some((head, from)), Some((next, to))) = (number(&pair[0]), number(&pair[1])) else {
                continue;
            };
            // The next segment begins somewhere else.
            if head == next && to - from < 1_000 {
                gaps.extend(
                    (from + 1..to).map(|n| format!("{head}{n:0width$}", width = pair[0].len() - head.len())),
                );
            }
        }
        gaps
    }
}

fn number(receipt: &str) -> Option<(&str, u64)> {
    let digits = receipt.len() - receipt.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (head, number) = receipt.split_at(receipt.len() - digits);
    Some((head, number.parse().ok()?))
}

fn add_to(sums: &mut Sums, name: &str, amount: Money) {
    let sum: Money = sums.get(name).and_then(|text| text.parse().ok()).unwrap_or(Money::ZERO);
    sums.insert(name.to_owned(), (sum + amount).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_missing_are_named() {
        let receipts = ["NB-0000001", "NB-0000002", "NB-0000005", "NC-0000009"].map(Into::into).to_vec();
        let closing = Closing { receipts, ..Closing::default() };
        assert_eq!(closing.gaps(), ["NB-0000003", "NB-0000004"]);
    }
}
