//! Packages: what is often charged together, entered with one name.

use money::Quantity;
use serde::{Deserialize, Serialize};
use web::{Said, field};

use crate::amounts;
use crate::house::{Item, Lists, Use};
use crate::lists::{House, Shelf};
use crate::pasted::Cells;
use crate::place;
use crate::price_list::{code, short};
use crate::register::Register;
use crate::sheet::{Form, Sheet};

/// So many items a package has at most.
const ITEMS_MAX: usize = 50;
/// Signs its items take at most, as they are written.
const SIGNS_MAX: usize = 1_000;

/// A package. The key is its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Name.
    pub name: String,
    /// What is in it.
    pub items: Vec<Packed>,
}

/// So many of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// The hospital's code of the item.
    pub item: String,
    /// How many.
    #[serde(with = "amounts")]
    pub quantity: Quantity,
}

impl Form for Package {
    const KIND: &'static str = "package";
    type State = Use;
    type Private = ();
}

impl Register for Package {
    const PLACE: place::House = place::House::Packages;
    const TITLE: &'static str = "tab-packages";
    const COLUMNS: &'static [&'static str] = &["package-code", "package-name", "package-items"];
    const NEEDED: usize = 3;

    fn cells(&self) -> Vec<String> {
        let item = |packed: &Packed| {
            let quantity = packed.quantity.to_string();
            let quantity = quantity.trim_end_matches('0').trim_end_matches('.');
            if quantity == "1" { packed.item.clone() } else { format!("{}*{quantity}", packed.item) }
        };
        vec![self.name.clone(), self.items.iter().map(item).collect::<Vec<_>>().join(" ")]
    }

    fn read(cell: &Cells<'_>) -> Result<(String, Self), (usize, Said)> {
        let number = code(&cell(0)).map_err(|said| (0, said))?;
        let name = short(&cell(1), 50).map_err(|said| (1, said))?;
        if name.is_empty() {
            return Err((1, Said::new("register-name")));
        }
        let items = items(&cell(2)).map_err(|said| (2, said))?;
        Ok((number, Self { name, items }))
    }

    fn shelf(house: &House) -> &Shelf<Self> {
        &house.packages
    }

    fn count(lists: &mut Lists) -> &mut usize {
        &mut lists.packages
    }
}

/// Items as they are written: codes, each with `*` and how many, side by side.
fn items(typed: &str) -> Result<Vec<Packed>, Said> {
    let text = field::plain(&short(typed, SIGNS_MAX)?);
    let words = text.split([' ', ',', ';', '、', '，', '；']).filter(|word| !word.is_empty());
    let packed = |word: &str| {
        let (item, count) = word.split_once('*').unwrap_or((word, "1"));
        Ok(Packed { item: code(item)?, quantity: field::quantity(count, false)? })
    };
    let items = words.map(packed).collect::<Result<Vec<_>, Said>>()?;
    if items.is_empty() || items.len() > ITEMS_MAX {
        return Err(Said::new("package-count").with("seen", items.len()).with("most", ITEMS_MAX));
    }
    Ok(items)
}

/// What of a package is charged, and what is left out: of each what was written, and why.
pub(crate) struct Unpacked<'h> {
    /// What is charged.
    pub(crate) items: Vec<(&'h Sheet<Item>, Quantity)>,
    /// What is not, by its code or name.
    pub(crate) left_out: Vec<String>,
}

impl Package {
    /// Its items as the hospital has them now: what is stopped, not there or not to be charged is left out.
    pub(crate) fn unpack<'h>(&self, house: &'h House, may: impl Fn(&Item) -> bool) -> Unpacked<'h> {
        let mut unpacked = Unpacked { items: Vec::new(), left_out: Vec::new() };
        for packed in &self.items {
            let item = house.items.get(&packed.item).filter(|item| item.state == Use::Active);
            match item.filter(|item| may(&item.facts)) {
                Some(item) => unpacked.items.push((item, packed.quantity)),
                None => {
                    let name = house.items.get(&packed.item).map(|item| item.facts.name.clone());
                    unpacked.left_out.push(name.unwrap_or_else(|| packed.item.clone()));
                }
            }
        }
        unpacked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_written_side_by_side_and_read_again() {
        let read = items("0003*2 0277、xcg*0.5").unwrap();
        let package = Package { name: "高血压常规".into(), items: read.clone() };
        let [name, written] = package.cells().try_into().unwrap();
        assert_eq!((name.as_str(), written.as_str()), ("高血压常规", "0003*2 0277 xcg*0.5"));
        assert_eq!(items(&written).unwrap(), read);
        for (wrong, why) in
            [("", "package-count"), ("0003*x", "field-quantity"), ("0003*0", "field-quantity-least")]
        {
            assert_eq!(items(wrong).unwrap_err().key, why, "{wrong}");
        }
    }
}
