//! Deposits of a stay: money the hospital owes until the stay is settled, each with its receipt.

use jiff::civil::DateTime;
use money::Money;
use serde::{Deserialize, Serialize};
use store::By;

use crate::amounts;
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet};
use crate::till::Moves as _;

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
    /// When.
    pub taken: DateTime,
    /// The closing it is part of; empty: none yet.
    #[serde(default)]
    pub closing: String,
    /// That it was voided or given back.
    #[serde(default)]
    pub undone: Option<Undone>,
    /// How often its receipt was printed.
    #[serde(default)]
    pub prints: u32,
}

/// That a deposit was voided or given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// When.
    pub at: DateTime,
    /// Who gave the money back.
    pub by: String,
    /// The closing that is part of; empty: none yet.
    #[serde(default)]
    pub closing: String,
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
}

impl DepositState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Valid => "deposit-valid",
            Self::Void => "deposit-void",
            Self::Applied => "deposit-applied",
            Self::Refunded => "deposit-refunded",
        }
    }

    /// How it is coloured.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Valid => "",
            Self::Applied => "calm",
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
        tags.extend(self.unclosed(state));
        tags
    }
}

/// The deposits of a stay, the first first.
pub(crate) fn deposits(papers: &Papers, stay: &str) -> Result<Vec<Sheet<Deposit>>, PaperError> {
    let mut all: Vec<Sheet<Deposit>> = papers.list(By::Tag(&format!("stay:{stay}")), ALL, 0)?;
    all.sort_by(|a, b| (a.facts.taken, &a.key).cmp(&(b.facts.taken, &b.key)));
    Ok(all)
}

/// What those in a state come to.
pub(crate) fn sum(deposits: &[Sheet<Deposit>], state: DepositState) -> Money {
    deposits.iter().filter(|deposit| deposit.state == state).map(|deposit| deposit.facts.amount).sum()
}
