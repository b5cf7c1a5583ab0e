//! Addresses of the insurance office: days and months beside the centre's, tickets, prices, mappings, the catalogue.

use std::fmt;

use crate::people::Right;

/// An address of the office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Office {
    /// Days that were compared, and one to compare.
    Days,
    /// One day, as it is written.
    Day(String),
    /// A row of it that differs, by its place among them.
    Row(String, usize),
    /// Tickets.
    Tickets,
    /// One of them.
    Ticket(String),
    /// Months that are applied for.
    Months,
    /// What the hospital charges.
    Prices,
    /// A new item.
    NewItem,
    /// One item.
    Item(String),
    /// A price list from a file.
    Import,
    /// Change sheets.
    PriceChanges,
    /// One of them.
    PriceChange(String),
    /// Which item of the catalogue each is.
    Mapping,
    /// One of them.
    Map(String),
    /// The catalogue here and at the centre.
    Catalogue,
    /// What is otherwise from hospital to hospital.
    Parameters,
}

impl Office {
    /// The place the parts of a path name.
    pub fn read(path: &[&str]) -> Option<Self> {
        let own = |key: &&str| (*key).to_owned();
        Some(match path {
            ["reconcile"] => Self::Days,
            ["reconcile", day] => Self::Day(own(day)),
            ["reconcile", day, row] => Self::Row(own(day), row.parse().ok()?),
            ["tickets"] => Self::Tickets,
            ["tickets", key] => Self::Ticket(own(key)),
            ["clearing"] => Self::Months,
            ["prices"] => Self::Prices,
            ["price-new"] => Self::NewItem,
            ["prices", code] => Self::Item(own(code)),
            ["price-import"] => Self::Import,
            ["price-changes"] => Self::PriceChanges,
            ["price-changes", key] => Self::PriceChange(own(key)),
            ["mapping"] => Self::Mapping,
            ["mapping", code] => Self::Map(own(code)),
            ["catalogue"] => Self::Catalogue,
            ["parameters"] => Self::Parameters,
            _ => return None,
        })
    }

    /// What it asks of whoever comes.
    pub const fn right(&self) -> Right {
        match self {
            Self::Days | Self::Day(_) | Self::Row(..) | Self::Tickets | Self::Ticket(_) | Self::Months => {
                Right::Reconcile
            }
            Self::Prices
            | Self::NewItem
            | Self::Item(_)
            | Self::Import
            | Self::PriceChanges
            | Self::PriceChange(_) => Right::KeepPrices,
            Self::Mapping | Self::Map(_) | Self::Catalogue => Right::MapItems,
            Self::Parameters => Right::Administer,
        }
    }
}

impl fmt::Display for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days => f.write_str("/reconcile"),
            Self::Day(day) => write!(f, "/reconcile/{day}"),
            Self::Row(day, row) => write!(f, "/reconcile/{day}/{row}"),
            Self::Tickets => f.write_str("/tickets"),
            Self::Ticket(key) => write!(f, "/tickets/{key}"),
            Self::Months => f.write_str("/clearing"),
            Self::Prices => f.write_str("/prices"),
            Self::NewItem => f.write_str("/price-new"),
            Self::Item(code) => write!(f, "/prices/{code}"),
            Self::Import => f.write_str("/price-import"),
            Self::PriceChanges => f.write_str("/price-changes"),
            Self::PriceChange(key) => write!(f, "/price-changes/{key}"),
            Self::Mapping => f.write_str("/mapping"),
            Self::Map(code) => write!(f, "/mapping/{code}"),
            Self::Catalogue => f.write_str("/catalogue"),
            Self::Parameters => f.write_str("/parameters"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use web::Asked;

    #[test]
    fn every_address_is_read_as_it_is_written() {
        let day = || "2026-11-23".to_owned();
        let all = [
            Office::Days,
            Office::Day(day()),
            Office::Row(day(), 3),
            Office::Tickets,
            Office::Ticket("7-20261123080000".into()),
            Office::Months,
            Office::Prices,
            Office::NewItem,
            Office::Item("0001".into()),
            Office::Import,
            Office::PriceChanges,
            Office::PriceChange("7".into()),
            Office::Mapping,
            Office::Map("0001".into()),
            Office::Catalogue,
            Office::Parameters,
        ];
        for place in all {
            assert_eq!(Office::read(&Asked::get(&place.to_string()).segments()), Some(place));
        }
        assert_eq!(Office::read(&["reconcile", "2026-11-23", "first"]), None);
    }
}
