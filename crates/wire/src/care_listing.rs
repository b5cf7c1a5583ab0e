//! What the catalogue of the place of care says of an item, as one centre tells another with a line.

use std::str::FromStr;

use model::{Item, ItemClass, ItemKind, Validity};
use money::{Rate, UnitPrice};

use crate::facts::Facts;

/// One item as it is listed where it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CareListing {
    /// Name.
    pub name: String,
    /// Class.
    pub class: ItemClass,
    /// Kind.
    pub kind: ItemKind,
    /// National list type.
    pub list_kind: String,
    /// National kind of charge.
    pub charge_kind: String,
    /// Highest price reckoned with at the institution's level.
    pub limit: Option<UnitPrice>,
    /// A first self-pay share of its own.
    pub first_self_pay: Option<Rate>,
    /// Paid only where the restricted use is confirmed.
    pub restricted: bool,
}

/// The field of a line that carries it.
pub(crate) const FIELD: &str = "care_listing";

/// Between its parts.
const MARK: char = '|';

impl CareListing {
    /// Of an item, at a level of hospital.
    pub fn of(item: &Item, level: usize) -> Self {
        Self {
            name: item.name.replace(MARK, " "),
            class: item.class,
            kind: item.kind,
            list_kind: item.list_kind.clone(),
            charge_kind: item.charge_kind.clone(),
            limit: item.limits.get(level).copied().flatten(),
            first_self_pay: item.first_self_pay,
            restricted: item.restricted,
        }
    }

    /// What was said of a line's item, if anything was.
    pub fn said(facts: &Facts) -> Option<Self> {
        facts.text(FIELD).parse().ok()
    }

    /// The item of a code and price that it speaks of.
    pub fn item(&self, code: &str, price: UnitPrice) -> Item {
        Item {
            code: code.into(),
            name: self.name.clone(),
            class: self.class,
            kind: self.kind,
            list_kind: self.list_kind.clone(),
            charge_kind: self.charge_kind.clone(),
            unit: String::new(),
            specification: String::new(),
            price,
            limits: [self.limit; 4],
            first_self_pay: self.first_self_pay,
            restricted: self.restricted,
            traced: false,
            initials: String::new(),
            valid: Validity::default(),
        }
    }
}

impl std::fmt::Display for CareListing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, class, kind, list_kind, charge_kind, limit, first_self_pay, restricted } = self;
        let limit = limit.map(|limit| limit.to_string()).unwrap_or_default();
        let share = first_self_pay.map(|rate| rate.to_string()).unwrap_or_default();
        let restricted = if *restricted { "restricted" } else { "" };
        write!(f, "{class}|{kind}|{list_kind}|{charge_kind}|{limit}|{share}|{restricted}|{name}")
    }
}

impl FromStr for CareListing {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no listing of an item");
        let parts: Vec<&str> = text.splitn(8, MARK).collect();
        let [class, kind, list_kind, charge_kind, limit, share, restricted, name] = parts.as_slice() else {
            return Err(wrong());
        };
        let limit = Some(*limit).filter(|text| !text.is_empty()).map(str::parse).transpose();
        let share = Some(*share).filter(|text| !text.is_empty()).map(str::parse).transpose();
        Ok(Self {
            name: (*name).into(),
            class: class.parse().map_err(|_| wrong())?,
            kind: kind.parse().map_err(|_| wrong())?,
            list_kind: (*list_kind).into(),
            charge_kind: (*charge_kind).into(),
            limit: limit.map_err(|_| wrong())?,
            first_self_pay: share.map_err(|_| wrong())?,
            restricted: *restricted == "restricted",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_centre_tells_the_other_understands() {
        for text in ["B|drug|101|09|12.500000|0.1000|restricted|某药 10mg", "A|test|201|04||||化验"] {
            let listing: CareListing = text.parse().unwrap();
            assert_eq!(listing.to_string(), text);
            let item = listing.item("X", UnitPrice::from_millionths(1));
            assert_eq!(CareListing::of(&item, 2), listing);
        }
        for wrong in ["", "A|service", "Z|service|201|04||||x", "A|test|201|04|dear|||x"] {
            assert!(wrong.parse::<CareListing>().is_err(), "{wrong}");
        }
    }
}
