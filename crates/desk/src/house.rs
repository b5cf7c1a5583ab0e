//! A hospital as its desk keeps it: what it is called, its parameters, its departments and doctors, its price list.

use jiff::civil::{Date, DateTime};
use model::Tracing;
use money::{TillRounding, UnitPrice};
use serde::{Deserialize, Serialize};

use crate::amounts;
use crate::sheet::Form;

/// A code with its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}

impl Named {
    /// Of both.
    pub fn of(code: impl Into<String>, name: impl Into<String>) -> Self {
        Self { code: code.into(), name: name.into() }
    }

    /// As the messages name it.
    pub fn said(&self) -> wire::asking::Named {
        wire::asking::Named { code: self.code.clone(), name: self.name.clone() }
    }
}

/// What is otherwise from hospital to hospital.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameters {
    /// How the till rounds cash: a word of [`TillRounding`].
    pub till_rounding: String,
    /// Minutes without a key until the screen is locked, 5 to 30.
    pub lock_minutes: i64,
    /// Refunds above this need the approval of finance, in whole yuan.
    pub refund_approval_yuan: i64,
    /// A stay's balance below this is warned of, in whole yuan.
    pub deposit_warning_yuan: i64,
    /// Charges that can wait need to be allowed where the balance of a stay of an insured patient is below this, in whole yuan;
    /// below nothing: so much may be owed.
    pub arrears_insured_yuan: i64,
    /// The same of a patient who pays alone.
    pub arrears_alone_yuan: i64,
    /// The item of the catalogue that an item of the hospital's own goes to the centre as, for the patient to pay;
    /// empty: what is not mapped is not charged to the insured.
    pub unmapped_code: String,
    /// Whether the packs of drugs are scanned: a word of [`Tracing`].
    pub traces: String,
    /// Whether receipts have a twin at the treasury's platform: `paper` or `electronic`.
    pub receipts: String,
}

impl Parameters {
    /// How the till rounds cash; an unknown word is none.
    pub fn rounding(&self) -> TillRounding {
        self.till_rounding.parse().unwrap_or_default()
    }

    /// Whether receipts have a twin at the treasury's platform.
    pub fn is_electronic(&self) -> bool {
        self.receipts == ELECTRONIC
    }

    /// Whether the packs of drugs are scanned; an unknown word is not.
    pub fn tracing(&self) -> Tracing {
        self.traces.parse().unwrap_or(Tracing::Off)
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            till_rounding: "none".into(),
            lock_minutes: web::LOCK.as_mins(),
            refund_approval_yuan: 200,
            deposit_warning_yuan: 500,
            arrears_insured_yuan: -2_000,
            arrears_alone_yuan: 0,
            unmapped_code: String::new(),
            traces: Tracing::Off.word().into(),
            receipts: "paper".into(),
        }
    }
}

/// The word of receipts that have a twin.
pub(crate) const ELECTRONIC: &str = "electronic";

/// A hospital. There is one a tenant, under the key [`Hospital::KEY`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hospital {
    /// Its name.
    pub name: String,
    /// Division of the place of care.
    pub division: String,
    /// What is otherwise here.
    #[serde(default)]
    pub parameters: Parameters,
}

impl Hospital {
    /// The one key.
    pub const KEY: &'static str = "hospital";
}

/// Whether something may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// It may.
    Active,
    /// Not any more.
    Stopped,
}

impl Form for Hospital {
    const KIND: &'static str = "hospital";
    type State = Use;
    type Private = ();
}

/// A doctor. The key is the staff number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doctor {
    /// Name.
    pub name: String,
    /// National code.
    pub code: String,
    /// Where he works.
    pub department: Named,
}

impl Form for Doctor {
    const KIND: &'static str = "doctor";
    type State = Use;
    type Private = ();
}

/// A diagnosis the hospital makes. The key is its national code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Name.
    pub name: String,
}

impl Form for Diagnosis {
    const KIND: &'static str = "diagnosis";
    type State = Use;
    type Private = ();
}

/// What a hospital charges. The key is its own code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Name.
    pub name: String,
    /// Other names it is found by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Specification.
    pub specification: String,
    /// Unit of sale.
    pub unit: String,
    /// What one costs.
    #[serde(with = "amounts")]
    pub price: UnitPrice,
    /// Its kind of charge: 09 western drugs, and so on.
    pub category: String,
    /// Where it is done or given.
    pub executing: Named,
    /// The item of the catalogue it is mapped to; none: not mapped.
    pub mapped: Option<String>,
    /// The item of the catalogue that the list it came from names: suggested, and nothing until somebody confirms it.
    #[serde(default)]
    pub proposed: String,
    /// Class in the catalogue, A, B or C.
    pub class: String,
    /// The first share the patient pays, in per cent as text; empty where it follows from the rules.
    pub first_self_pay: String,
    /// A drug: it needs a doctor.
    pub drug: bool,
    /// Charged in whole numbers only.
    pub whole: bool,
    /// Its packs carry trace codes.
    #[serde(default)]
    pub traced: bool,
    /// Prices that hold from a day on, the first day first; [`Item::price`] holds before.
    #[serde(default)]
    pub prices: Vec<DatedPrice>,
    /// That it is charged no more, where it is stopped.
    #[serde(default)]
    pub stopped: Option<StoppedItem>,
}

/// A price from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedPrice {
    /// The first day.
    pub from: Date,
    /// The price.
    #[serde(with = "amounts")]
    pub price: UnitPrice,
}

/// That an item is charged no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedItem {
    /// Who stopped it.
    pub by: String,
    /// When.
    pub at: DateTime,
    /// Why.
    pub why: String,
    /// The code of what is charged instead; empty: nothing.
    #[serde(default)]
    pub instead: String,
}

impl Item {
    /// What it costs on a day.
    pub fn price_on(&self, day: Date) -> UnitPrice {
        self.prices.iter().rev().find(|dated| dated.from <= day).map_or(self.price, |dated| dated.price)
    }

    /// The same as it is charged on a day.
    pub(crate) fn on(&self, day: Date) -> Self {
        Self { price: self.price_on(day), prices: Vec::new(), ..self.clone() }
    }

    /// Another price from a day on; what was to come later stays.
    pub(crate) fn price_from(&mut self, dated: DatedPrice) {
        self.prices.retain(|known| known.from != dated.from);
        self.prices.push(dated);
        self.prices.sort_by_key(|known| known.from);
    }
}

impl Form for Item {
    const KIND: &'static str = "item";
    type State = Use;
    type Private = ();
}

/// Marks that lists have changed: the version of this paper is the version of what is searched.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Lists {
    /// How many items there are.
    pub items: usize,
    /// How many diagnoses.
    pub diagnoses: usize,
    /// How many doctors.
    pub doctors: usize,
    /// How many packages.
    #[serde(default)]
    pub packages: usize,
}

impl Lists {
    /// The one key.
    pub const KEY: &'static str = "lists";
}

impl Form for Lists {
    const KIND: &'static str = "lists";
    type State = Use;
    type Private = ();
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_item_costs_what_held_on_the_day() {
        let price = |text: &str| text.parse::<UnitPrice>().unwrap();
        let mut item = crate::found::tests::item("氨氯地平片", "18.6");
        item.price_from(DatedPrice { from: date(2026, 12, 1), price: price("19") });
        item.price_from(DatedPrice { from: date(2026, 11, 25), price: price("17.5") });
        item.price_from(DatedPrice { from: date(2026, 12, 1), price: price("20") });
        for (day, costs) in [(24, "18.6"), (25, "17.5"), (30, "17.5")] {
            assert_eq!(item.price_on(date(2026, 11, day)), price(costs), "{day}");
        }
        assert_eq!(item.price_on(date(2026, 12, 1)), price("20"));
        assert_eq!(item.on(date(2026, 11, 26)).price, price("17.5"));
    }
}
