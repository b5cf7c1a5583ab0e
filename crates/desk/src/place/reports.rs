//! Addresses of reports.

use std::fmt;

use crate::people::Right;

/// A report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// All that there are.
    All,
    /// 全院日报: what all tills took and gave back.
    House,
    /// 应交已交: what operators owe and have handed over.
    Handed,
    /// 预交金: what the hospital holds of deposits.
    Deposits,
    /// 科室收入: what departments earned.
    Departments,
    /// 医保与自费: who pays what.
    Shares,
    /// 项目使用: how many of each item.
    Items,
    /// 异常: what was undone, changed or printed again.
    Exceptions,
}

impl Report {
    /// Those with figures, in the order they are listed in.
    pub const FIGURES: [Self; 7] = [
        Self::House,
        Self::Handed,
        Self::Deposits,
        Self::Departments,
        Self::Shares,
        Self::Items,
        Self::Exceptions,
    ];

    /// The place the parts of a path name.
    pub fn read(path: &[&str]) -> Option<Self> {
        match path {
            ["reports"] => Some(Self::All),
            ["reports", word] => Self::FIGURES.into_iter().find(|report| report.word() == *word),
            _ => None,
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "",
            Self::House => "house",
            Self::Handed => "handed",
            Self::Deposits => "deposits",
            Self::Departments => "departments",
            Self::Shares => "shares",
            Self::Items => "items",
            Self::Exceptions => "exceptions",
        }
    }

    /// The keys of its name and of what it tells.
    pub const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::All => ("tab-reports", "reports-words"),
            Self::House => ("report-house", "report-house-words"),
            Self::Handed => ("report-handed", "report-handed-words"),
            Self::Deposits => ("report-deposits", "report-deposits-words"),
            Self::Departments => ("report-departments", "report-departments-words"),
            Self::Shares => ("report-shares", "report-shares-words"),
            Self::Items => ("report-items", "report-items-words"),
            Self::Exceptions => ("report-exceptions", "report-exceptions-words"),
        }
    }

    /// What it asks of whoever comes.
    pub const fn right(self) -> Right {
        match self {
            Self::All => Right::Reports,
            Self::House | Self::Departments => Right::ReadTakings,
            Self::Handed | Self::Deposits | Self::Exceptions => Right::ReadTills,
            Self::Shares => Right::ReadShares,
            Self::Items => Right::ReadUse,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("/reports"),
            report => write!(f, "/reports/{}", report.word()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use web::Asked;

    #[test]
    fn every_address_is_read_as_it_is_written() {
        for place in [Report::All].into_iter().chain(Report::FIGURES) {
            assert_eq!(Report::read(&Asked::get(&place.to_string()).segments()), Some(place));
        }
        assert_eq!(Report::read(&["reports", "gold"]), None);
    }

    #[test]
    fn whoever_reads_one_sees_which_there_are() {
        for report in Report::FIGURES {
            let readers = report.right().roles();
            assert!(!readers.is_empty() && readers.iter().all(|role| Right::Reports.roles().contains(role)));
        }
    }
}
