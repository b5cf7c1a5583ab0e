//! A change sheet 调价单: prices that hold from a day on. Somebody draws it up, somebody else approves it, and only then do
//! the items know. A price never holds for a day that has begun.

use jiff::civil::{Date, DateTime};
use money::UnitPrice;
use serde::{Deserialize, Serialize};
use store::Change;

use crate::amounts;
use crate::house::{DatedPrice, Item};
use crate::lists::lists_changed;
use crate::sheet::{Form, PaperError, Papers, Sheet};

/// A change sheet. The key is a count within its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceChange {
    /// From which day on.
    pub from: Date,
    /// Why.
    pub why: String,
    /// The prices.
    pub rows: Vec<PriceRow>,
    /// Who drew it up.
    pub by: String,
    /// When.
    pub at: DateTime,
    /// Who approved or refused it; empty: nobody yet.
    #[serde(default)]
    pub approver: String,
    /// When.
    #[serde(default)]
    pub decided: Option<DateTime>,
}

/// The price of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRow {
    /// The item's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its specification.
    pub specification: String,
    /// Its unit.
    pub unit: String,
    /// What it costs on the day before.
    #[serde(with = "amounts")]
    pub before: UnitPrice,
    /// What it costs then.
    #[serde(with = "amounts")]
    pub after: UnitPrice,
}

/// How a change sheet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriceChangeState {
    /// 待审: drawn up.
    Proposed,
    /// 已审: the items know.
    Approved,
    /// 已退回.
    Refused,
}

impl PriceChangeState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Proposed => "price-change-proposed",
            Self::Approved => "price-change-approved",
            Self::Refused => "price-change-refused",
        }
    }

    /// How it is coloured.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Proposed => "warn",
            Self::Approved => "",
            Self::Refused => "bad",
        }
    }
}

impl Form for PriceChange {
    const KIND: &'static str = "price-change";
    type State = PriceChangeState;
    type Private = ();

    fn tags(&self, _: PriceChangeState) -> Vec<String> {
        self.rows.iter().map(|row| item_tag(&row.code)).collect()
    }
}

/// What the sheets that change an item's price are found by.
pub(crate) fn item_tag(code: &str) -> String {
    format!("item:{code}")
}

impl PriceRow {
    /// Another price for an item from a day on; none where it costs that then anyway.
    pub(crate) fn of(item: &Sheet<Item>, from: Date, after: UnitPrice) -> Option<Self> {
        let facts = &item.facts;
        let before = facts.price_on(from.yesterday().unwrap_or(from));
        (facts.price_on(from) != after).then(|| Self {
            code: item.key.clone(),
            name: facts.name.clone(),
            specification: facts.specification.clone(),
            unit: facts.unit.clone(),
            before,
            after,
        })
    }
}

/// What is written where a sheet is approved: its items know their prices, and lists are read again.
pub(crate) fn approved(papers: &Papers, change: &Sheet<PriceChange>) -> Result<Vec<Change>, PaperError> {
    let mut changes = vec![lists_changed(papers, |_| {})?];
    for row in &change.facts.rows {
        let Some(mut item) = papers.get::<Item>(&row.code)? else { continue };
        item.facts.price_from(DatedPrice { from: change.facts.from, price: row.after });
        changes.push(item.happened("price"));
    }
    Ok(changes)
}
