//! Addresses of the insurance office: days and months beside the centre's, tickets.

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
            _ => return None,
        })
    }

    /// What it asks of whoever comes.
    pub const fn right(&self) -> Right {
        match self {
            Self::Days | Self::Day(_) | Self::Row(..) | Self::Tickets | Self::Ticket(_) | Self::Months => {
                Right::Reconcile
            }
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
        ];
        for place in all {
            assert_eq!(Office::read(&Asked::get(&place.to_string()).segments()), Some(place));
        }
        assert_eq!(Office::read(&["reconcile", "2026-11-23", "first"]), None);
    }
}
