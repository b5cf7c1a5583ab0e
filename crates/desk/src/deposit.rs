//! Deposits of a stay: money the hospital owes until the stay is settled, each with its receipt.

use jiff::civil::DateTime;
use money::Money;
use serde::{Deserialize, Serialize};
use store::{By, Change};

use crate::amounts;
use crate::house::Named;
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet};
use crate::till::{Moves as _, Reprint};

/// A deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    /// Of which stay.
    pub stay: String,
    /// How much.
    #[serde(with = "amounts")]
    pub amount: Money,
    /// How it was paid: a word such as `cash`.
    pub method: String,
    /// The number of the cheque or of the trade; empty: none.
    pub document: String,
    /// The number of its receipt.
    pub receipt: String,
    /// Who took it.
    pub cashier: String,
    /// At which window.
    pub window: String,
    /// In which branch that stands; without a code: in the main house.
    #[serde(default)]
    pub branch: Named,
    /// When.
    pub taken: DateTime,
    /// The closing it is part of; empty: none yet.
    #[serde(default)]
    pub closing: String,
    /// The settlement that uses it, by its key; empty: none.
    #[serde(default)]
    pub used_by: String,
    /// The deposit it was carried over from, by its key; empty: it was taken at a till.
    #[serde(default)]
    pub carried_from: String,
    /// That it was voided, given back or carried over.
    #[serde(default)]
    pub undone: Option<Undone>,
    /// How often its receipt was printed.
    #[serde(default)]
    pub prints: u32,
    /// Each time but the first.
    #[serde(default)]
    pub reprints: Vec<Reprint>,
}

/// That a deposit was voided, given back or carried over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// When.
    pub at: DateTime,
    /// Who gave the money back, or carried it over.
    pub by: String,
    /// In which branch; without a code: in the main house.
    #[serde(default)]
    pub branch: Named,
    /// Why it was voided: a key of a reason; empty: it was not voided.
    #[serde(default)]
    pub why: String,
    /// The closing that is part of; empty: none yet.
    #[serde(default)]
    pub closing: String,
    /// It was carried over: no money moved.
    #[serde(default)]
    pub carried: bool,
}

/// How a deposit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DepositState {
    /// 有效.
    Valid,
    /// 作废: taken back within the shift that took it.
    Void,
    /// 已抵扣: used in a settlement.
    Applied,
    /// 已退.
    Refunded,
    /// 已转存: it goes on as other deposits, of this stay or of another.
    Carried,
}

impl DepositState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Valid => "deposit-valid",
            Self::Void => "deposit-void",
            Self::Applied => "deposit-applied",
            Self::Refunded => "deposit-refunded",
            Self::Carried => "deposit-carried",
        }
    }

    /// How it is coloured.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Valid => "",
            Self::Applied | Self::Carried => "calm",
            Self::Void | Self::Refunded => "bad",
        }
    }
}

impl Form for Deposit {
    const KIND: &'static str = "deposit";
    type State = DepositState;
    type Private = ();

    fn tags(&self, state: DepositState) -> Vec<String> {
        let mut tags = vec![format!("stay:{}", self.stay), format!("receipt:{}", self.receipt)];
        tags.extend(self.till_tags(state));
        tags
    }
}

/// The deposits of a stay, the first first.
pub(crate) fn deposits(papers: &Papers, stay: &str) -> Result<Vec<Sheet<Deposit>>, PaperError> {
    let mut all: Vec<Sheet<Deposit>> = papers.list(By::Tag(&format!("stay:{stay}")), ALL, 0)?;
    all.sort_by(|a, b| (a.facts.taken, &a.key).cmp(&(b.facts.taken, &b.key)));
    Ok(all)
}

impl Sheet<Deposit> {
    /// It goes on as deposits of these stays, so much each, all of it together: under the same receipt, which the patient
    /// keeps. Answers it and them, the new ones in this order.
    pub(crate) fn carried(&self, to: &[(&str, Money)], by: &str, at: DateTime) -> (Self, Vec<Self>) {
        assert_eq!(to.iter().map(|(_, amount)| *amount).sum::<Money>(), self.facts.amount);
        let (why, closing) = (String::new(), String::new());
        let branch = self.facts.branch.clone();
        let undone = Undone { at, by: by.to_owned(), branch, why, closing, carried: true };
        let mut gone = Self { state: DepositState::Carried, ..self.clone() };
        gone.facts.undone = Some(undone);
        let part = |(n, (stay, amount)): (usize, &(&str, Money))| {
            let facts = Deposit {
                stay: (*stay).to_owned(),
                amount: *amount,
                cashier: by.to_owned(),
                taken: at,
                closing: String::new(),
                used_by: String::new(),
                carried_from: self.key.clone(),
                prints: 0,
                reprints: Vec::new(),
                ..self.facts.clone()
            };
            Self::new(format!("{}-{n}", self.key), DepositState::Valid, Some(at.date()), facts)
        };
        (gone, (1..).zip(to).map(part).collect())
    }
}

/// Uses deposits of a stay for a settlement, the first first. What is left of the last one stays the patient's.
pub(crate) fn used(
    papers: &Papers,
    (stay, settlement): (&str, &str),
    amount: Money,
    (by, at): (&str, DateTime),
) -> Result<Vec<Change>, PaperError> {
    let mut open = amount;
    let mut changes = Vec::new();
    let valid = deposits(papers, stay)?.into_iter().filter(|deposit| deposit.state == DepositState::Valid);
    for mut deposit in valid {
        if open.is_zero() {
            break;
        }
        if deposit.facts.amount > open {
            let parts = [(stay, open), (stay, deposit.facts.amount - open)];
            let (gone, parts) = deposit.carried(&parts, by, at);
            changes.push(gone.happened("carried"));
            let mut parts = parts.into_iter();
            let Some(part) = parts.next() else { unreachable!("a deposit is carried to two") };
            deposit = part;
            changes.extend(parts.map(|rest| rest.happened("carried-here")));
        }
        open -= deposit.facts.amount;
        deposit.state = DepositState::Applied;
        settlement.clone_into(&mut deposit.facts.used_by);
        changes.push(deposit.happened("applied"));
    }
    assert!(open.is_zero(), "a settlement uses what there is");
    Ok(changes)
}

/// The deposits a settlement used are the patient's again. Older papers do not name it: those of a stay that name none.
pub(crate) fn unused(papers: &Papers, stay: &str, settlement: &str) -> Result<Vec<Change>, PaperError> {
    let of_it = |deposit: &Sheet<Deposit>| {
        deposit.state == DepositState::Applied
            && (deposit.facts.used_by == settlement || deposit.facts.used_by.is_empty())
    };
    let back = deposits(papers, stay)?.into_iter().filter(of_it).map(|mut deposit| {
        deposit.state = DepositState::Valid;
        deposit.facts.used_by.clear();
        deposit.happened("comes-back")
    });
    Ok(back.collect())
}

/// What those in a state come to.
pub(crate) fn sum(deposits: &[Sheet<Deposit>], state: DepositState) -> Money {
    deposits.iter().filter(|deposit| deposit.state == state).map(|deposit| deposit.facts.amount).sum()
}
