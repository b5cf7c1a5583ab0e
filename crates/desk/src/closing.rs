//! A cashier's closing: all that came in and went out since the one before, by method, category and fund, and the cash to
//! hand over. A snapshot: what is corrected later is in a later one.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use money::Money;
use serde::{Deserialize, Serialize};

use crate::amounts;
use crate::bill::{Bill, Split};
use crate::deposit::Deposit;
use crate::house::Named;
use crate::pay::CASH;
use crate::settlement::Settlement;
use crate::sheet::{Form, PaperError, Papers, Sheet};
use crate::spoilt;
use crate::till::{Moves, Side, unclosed};

/// How a closing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClosingState {
    /// 已结: the cashier has closed; finance has not counted yet.
    Closed,
    /// 已交款: finance has the cash.
    Confirmed,
    /// 已汇总: it is in a summary of the house.
    Summarised,
    /// 已取消: taken back by its cashier before it was confirmed.
    Cancelled,
}

impl ClosingState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Closed => "closing-closed",
            Self::Confirmed => "closing-confirmed",
            Self::Summarised => "summary-sealed",
            Self::Cancelled => "closing-cancelled",
        }
    }
}

/// Sums by name, as a paper has them.
pub type Sums = BTreeMap<String, String>;

/// How many papers moved each way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// In.
    pub came: usize,
    /// Out again.
    pub went: usize,
}

impl Count {
    pub(crate) fn add(&mut self, side: Side) {
        match side {
            Side::In => self.came += 1,
            Side::Out => self.went += 1,
        }
    }
}

/// Receipt numbers of a kind, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// Used.
    pub used: Vec<String>,
    /// Void.
    pub void: Vec<String>,
    /// Spoilt, each with its reason on its paper.
    #[serde(default)]
    pub spoilt: Vec<String>,
}

/// One side of a paper that is in a closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The kind of paper.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Which side.
    pub side: Side,
}

/// The cash of a closing that lies in a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchCash {
    /// Which; without a code: the main house.
    pub branch: Named,
    /// How much.
    #[serde(with = "amounts")]
    pub cash: Money,
}

/// A closing. The key is the cashier's number and a count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Whose.
    pub cashier: String,
    /// From the first that moved in it; none: it is empty.
    pub from: Option<DateTime>,
    /// Until when.
    pub until: Option<DateTime>,
    /// Bills of outpatients.
    pub charged: Count,
    /// Settlements of stays.
    pub stays: Count,
    /// Deposits.
    pub deposits: Count,
    /// Receipt numbers, by the word of their kind.
    pub numbers: BTreeMap<String, Numbers>,
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
    /// The whole of bills and stays.
    #[serde(with = "amounts")]
    pub total: Money,
    /// What patients pay of it, by the insurance's figures.
    #[serde(with = "amounts")]
    pub share: Money,
    /// What the till's rounding came to.
    #[serde(with = "amounts")]
    pub rounding: Money,
    /// What of it deposits paid that were taken before.
    #[serde(with = "amounts")]
    pub from_deposits: Money,
    /// Deposits taken.
    #[serde(with = "amounts")]
    pub deposits_in: Money,
    /// Deposits given back.
    #[serde(with = "amounts")]
    pub deposits_out: Money,
    /// Deposits carried here from others: no money moved.
    #[serde(with = "amounts", default)]
    pub carried_in: Money,
    /// Deposits carried on to others.
    #[serde(with = "amounts", default)]
    pub carried_out: Money,
    /// What came in less what went out, by the way it went.
    pub methods: Sums,
    /// What is handed over: the cash of it.
    #[serde(with = "amounts")]
    pub hand_over: Money,
    /// Of it, what lies in which branch.
    #[serde(default)]
    pub branches: Vec<BranchCash>,
    /// What is in it.
    pub parts: Vec<Part>,
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
        let mut tags = vec![format!("of:{}", self.cashier)];
        if state != ClosingState::Cancelled {
            tags.push(format!("cashier:{}", self.cashier));
        }
        tags
    }
}

impl Closing {
    fn new(cashier: &str) -> Self {
        Self { cashier: cashier.into(), ..Self::default() }
    }

    /// What somebody has moved and not closed.
    pub fn open(papers: &Papers, cashier: &str) -> Result<Self, PaperError> {
        let mut closing = Self::new(cashier);
        closing.take(&unclosed::<Bill>(papers, cashier)?);
        closing.take(&unclosed::<Settlement>(papers, cashier)?);
        closing.take(&unclosed::<Deposit>(papers, cashier)?);
        closing.take_spoilt(&spoilt::unclosed(papers, cashier)?);
        Ok(closing)
    }

    /// Adds what its cashier moved by these papers and has not closed.
    fn take<F: Moves>(&mut self, papers: &[Sheet<F>]) {
        for paper in papers {
            let (receipt, prints) = paper.facts.receipt();
            for movement in paper.facts.movements(paper.state) {
                if movement.who != self.cashier || !movement.closing.is_empty() {
                    continue;
                }
                let side = movement.side;
                let numbers = self.numbers.entry(F::RECEIPTS.word().into()).or_default();
                match side {
                    // What was carried over has no receipt of its own.
                    Side::In if receipt.is_empty() => {}
                    Side::In => {
                        numbers.used.push(receipt.to_owned());
                        self.copies += prints.saturating_sub(1);
                    }
                    Side::Out if F::is_void(paper.state) => numbers.void.push(receipt.to_owned()),
                    Side::Out => {}
                }
                let before = self.hand_over;
                paper.facts.count(side, self);
                let cash = self.hand_over - before;
                self.lies(movement.branch, cash);
                self.parts.push(Part { kind: F::KIND.into(), key: paper.key.clone(), side });
                self.from = [self.from, Some(movement.at)].into_iter().flatten().min();
                self.until = [self.until, Some(movement.at)].into_iter().flatten().max();
            }
        }
        for numbers in self.numbers.values_mut() {
            numbers.used.sort();
            numbers.void.sort();
        }
    }

    fn lies(&mut self, branch: &Named, cash: Money) {
        match self.branches.iter_mut().find(|known| known.branch.code == branch.code) {
            Some(known) => known.cash += cash,
            None => self.branches.push(BranchCash { branch: branch.clone(), cash }),
        }
    }

    /// A bill's or a stay's shares.
    pub(crate) fn shared(&mut self, split: &Split, categories: &[(String, Money)], side: Side) {
        for (category, sum) in categories {
            add_to(&mut self.categories, category, side.of(*sum));
        }
        for (fund, paid) in &split.funds {
            add_to(&mut self.funds, fund, side.of(paid.parse().unwrap_or(Money::ZERO)));
        }
        self.accounts += side.of(split.account + split.relatives);
        self.hospital += side.of(split.hospital);
        self.total += side.of(split.total);
        self.share += side.of(split.cash);
    }

    /// Money that went one way or the other; below nothing: out.
    pub(crate) fn moved(&mut self, method: &str, amount: Money) {
        if amount.is_zero() {
            return;
        }
        add_to(&mut self.methods, method, amount);
        if method == CASH {
            self.hand_over += amount;
        }
    }

    /// Nothing moved.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// What came in less what went out, all ways together.
    pub fn moved_in_all(&self) -> Money {
        sum(&self.methods)
    }

    /// Whether the parts come to the whole: kinds of charge and payers to the bills, and what moved to what was to move.
    pub fn adds_up(&self) -> bool {
        let paid = self.share + self.rounding - self.from_deposits + self.deposits_in - self.deposits_out;
        sum(&self.categories) == self.total
            && sum(&self.funds) + self.accounts + self.hospital + self.share == self.total
            && self.moved_in_all() == paid
    }

    /// Numbers between the first and the last used that are neither used here nor spoilt.
    pub fn gaps(&self) -> Vec<String> {
        let unexplained = |numbers: &Numbers| {
            let mut gaps = gaps(&numbers.used);
            gaps.retain(|number| !numbers.spoilt.contains(number));
            gaps
        };
        self.numbers.values().flat_map(unexplained).collect()
    }
}

fn gaps(used: &[String]) -> Vec<String> {
    let mut gaps = Vec::new();
    for pair in used.windows(2) {
        let (Some((head, from)), Some((next, to))) = (number(&pair[0]), number(&pair[1])) else { continue };
        // The next segment begins somewhere else.
        if head == next && to - from < 1_000 {
            let width = pair[0].len() - head.len();
            gaps.extend((from + 1..to).map(|n| format!("{head}{n:0width$}")));
        }
    }
    gaps
}

fn sum(sums: &Sums) -> Money {
    sums.values().filter_map(|text| text.parse::<Money>().ok()).sum()
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
        let used = ["NB-0000001", "NB-0000002", "NB-0000005", "NC-0000009"].map(Into::into).to_vec();
        let numbers = Numbers { used, spoilt: vec!["NB-0000003".into()], ..Numbers::default() };
        let closing = Closing { numbers: [("outpatient".to_owned(), numbers)].into(), ..Closing::default() };
        assert_eq!(closing.gaps(), ["NB-0000004"], "the third is spoilt");
    }
}
