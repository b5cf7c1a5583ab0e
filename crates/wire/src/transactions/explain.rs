//! Our own `explain`: why a settlement came to its figures.

use model::{PersonNumber, SettlementId};
use money::{Exact, Money};

use crate::codes::Refusal;
use crate::input::Input;
use crate::output::{Outgoing, Value};
use crate::words::{Both, Language};

/// Why did a settlement come to its figures?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explain {
    /// Whose.
    pub person: PersonNumber,
    /// Which.
    pub settlement: SettlementId,
}

impl Explain {
    /// Reads the input of `explain`.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "setl_id", "结算ID")?;
        Ok(Self { person: super::person(row)?, settlement: super::settlement(row)? })
    }
}

/// A settlement, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Which.
    pub settlement: SettlementId,
    /// The one it undoes: its figures are those of that one below nothing, or again.
    pub undoes: Option<SettlementId>,
    /// The edition, by its first day.
    pub edition: String,
    /// The document the edition comes from.
    pub order: String,
    /// The catalogue's version.
    pub catalogue: String,
    /// The whole bill.
    pub total: Money,
    /// The steps, in the order they were taken.
    pub steps: Vec<StepTold>,
}

/// One step in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTold {
    /// Which rule, and which of its sentences: a code that never changes its meaning.
    pub key: String,
    /// What the rule is called.
    pub title: Both,
    /// What the figure is called that it adds to.
    pub figure: Both,
    /// How it was reckoned.
    pub words: Both,
    /// What it adds; of one figure all steps together come to what was settled.
    pub amount: Exact,
    /// The document and the article it goes by.
    pub law: Option<String>,
}

impl Outgoing for Explained {
    fn rows(&self, node: &str) -> usize {
        if node == "explanation" { self.steps.len() } else { 1 }
    }

    fn field(&self, node: &str, row: usize, name: &str) -> Value<'_> {
        if node == "explanation" {
            return self.steps[row].field(row, name);
        }
        match name {
            "setl_id" => self.settlement.to_string().into(),
            "undoes" => self.undoes.map(|id| id.to_string()).into(),
            "edition" => self.edition.as_str().into(),
            "order" => self.order.as_str().into(),
            "catalogue" => self.catalogue.as_str().into(),
            "medfee_sumamt" => self.total.into(),
            _ => Value::Absent,
        }
    }
}

impl StepTold {
    fn field(&self, row: usize, name: &str) -> Value<'_> {
        match name {
            "step" => (row + 1).to_string().into(),
            "key" => self.key.as_str().into(),
            "title" => self.title.told(Language::Zh).into(),
            "title_en" => self.title.told(Language::En).into(),
            "figure" => self.figure.told(Language::Zh).into(),
            "figure_en" => self.figure.told(Language::En).into(),
            "words" => self.words.told(Language::Zh).into(),
            "words_en" => self.words.told(Language::En).into(),
            "amount" => self.amount.to_string().into(),
            "law" => self.law.as_deref().into(),
            _ => Value::Absent,
        }
    }
}
