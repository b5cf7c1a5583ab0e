//! Addresses of what keeps a hospital's desk going: operators, number segments, closings.

use std::fmt;

use crate::people::Right;

/// An address of the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum House {
    /// How everything stands, for the administrator.
    Today,
    /// Who works here.
    Operators,
    /// One of them.
    Operator(String),
    /// Doctors, as the hospital keeps them.
    Doctors,
    /// What it diagnoses.
    Diagnoses,
    /// What it often charges together.
    Packages,
    /// Branches and windows.
    Windows,
    /// Number segments.
    Segments,
    /// Notices.
    Notices,
    /// One's own numbers: which is next, and what becomes of paper that is spoilt.
    Numbers,
    /// A cashier's closing: what it would be now, and those before.
    Closing,
    /// One of them, to look at and to print.
    Closed(String),
    /// Closings that wait for finance.
    Confirm,
    /// Summaries of the house's days.
    Summaries,
    /// Refunds that wait for finance.
    Approvals,
    /// What nobody knows the outcome of.
    Doubts,
    /// Printed forms.
    Forms,
    /// One of them: where its fields stand.
    Form(String),
}

impl House {
    /// The place the parts of a path name.
    pub fn read(path: &[&str]) -> Option<Self> {
        Some(match path {
            ["today"] => Self::Today,
            ["operators"] => Self::Operators,
            ["operators", login] => Self::Operator((*login).to_owned()),
            ["doctors"] => Self::Doctors,
            ["diagnoses"] => Self::Diagnoses,
            ["packages"] => Self::Packages,
            ["windows"] => Self::Windows,
            ["segments"] => Self::Segments,
            ["notices"] => Self::Notices,
            ["numbers"] => Self::Numbers,
            ["closing"] => Self::Closing,
            ["closing", key] => Self::Closed((*key).to_owned()),
            ["confirm"] => Self::Confirm,
            ["summaries"] => Self::Summaries,
            ["approvals"] => Self::Approvals,
            ["doubts"] => Self::Doubts,
            ["forms"] => Self::Forms,
            ["forms", word] => Self::Form((*word).to_owned()),
            _ => return None,
        })
    }

    /// What it asks of whoever comes.
    pub const fn right(&self) -> Right {
        match self {
            Self::Today
            | Self::Operators
            | Self::Operator(_)
            | Self::Windows
            | Self::Forms
            | Self::Form(_) => Right::Administer,
            Self::Doctors | Self::Diagnoses | Self::Packages => Right::KeepPrices,
            Self::Segments => Right::IssueNumbers,
            Self::Closing | Self::Numbers => Right::Close,
            Self::Closed(_) => Right::SeeClosings,
            Self::Confirm | Self::Summaries => Right::ConfirmClosings,
            Self::Approvals => Right::Approve,
            Self::Doubts => Right::SeeDoubts,
            Self::Notices => Right::SignedIn,
        }
    }
}

impl fmt::Display for House {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => f.write_str("/today"),
            Self::Operators => f.write_str("/operators"),
            Self::Operator(login) => write!(f, "/operators/{login}"),
            Self::Doctors => f.write_str("/doctors"),
            Self::Diagnoses => f.write_str("/diagnoses"),
            Self::Packages => f.write_str("/packages"),
            Self::Windows => f.write_str("/windows"),
            Self::Segments => f.write_str("/segments"),
            Self::Notices => f.write_str("/notices"),
            Self::Numbers => f.write_str("/numbers"),
            Self::Closing => f.write_str("/closing"),
            Self::Closed(key) => write!(f, "/closing/{key}"),
            Self::Confirm => f.write_str("/confirm"),
            Self::Summaries => f.write_str("/summaries"),
            Self::Approvals => f.write_str("/approvals"),
            Self::Doubts => f.write_str("/doubts"),
            Self::Forms => f.write_str("/forms"),
            Self::Form(word) => write!(f, "/forms/{word}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use web::Asked;

    #[test]
    fn every_address_is_read_as_it_is_written() {
        let own = || "0103".to_owned();
        let all = [
            House::Today,
            House::Operators,
            House::Operator(own()),
            House::Doctors,
            House::Diagnoses,
            House::Packages,
            House::Windows,
            House::Segments,
            House::Notices,
            House::Numbers,
            House::Closing,
            House::Closed(own()),
            House::Confirm,
            House::Summaries,
            House::Approvals,
            House::Doubts,
            House::Forms,
            House::Form(own()),
        ];
        for place in all {
            assert_eq!(House::read(&Asked::get(&place.to_string()).segments()), Some(place));
        }
    }
}
