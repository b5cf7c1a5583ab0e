//! A month the hospital applies to be cleared for: what it said it comes to, and how the centre has answered.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::reconcile::Figures;
use crate::sheet::Form;

/// An application. The key is the month and the kind of clearing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// The month's first day.
    pub month: Date,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// National way of clearing.
    pub way: String,
    /// What was said it comes to.
    pub said: Figures,
    /// The centre's number of it; empty: it gave none.
    pub number: String,
    /// When it was last applied for or withdrawn.
    pub at: DateTime,
    /// By whom.
    pub by: String,
    /// What the centre last said against it; empty: nothing.
    #[serde(default)]
    pub told: String,
}

/// How an application stands, as far as the centre's answers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplicationState {
    /// 已申请.
    Applied,
    /// 已撤回.
    Withdrawn,
    /// 中心不同意: it was not taken in.
    Refused,
    /// 已清算: the centre has closed the month.
    Closed,
}

impl ApplicationState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Applied => "application-applied",
            Self::Withdrawn => "application-withdrawn",
            Self::Refused => "application-refused",
            Self::Closed => "application-closed",
        }
    }

    /// How it is coloured.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Applied => "warn",
            Self::Withdrawn => "calm",
            Self::Refused => "bad",
            Self::Closed => "",
        }
    }

    /// What becomes of an application the centre refuses with a code. One that stands is not changed by being said otherwise.
    pub(crate) fn refused(self, code: &str) -> Self {
        match (code, self) {
            ("PERIOD_CLOSED", _) => Self::Closed,
            (_, Self::Applied | Self::Closed) => self,
            _ => Self::Refused,
        }
    }
}

impl Form for Application {
    const KIND: &'static str = "application";
    type State = ApplicationState;
    type Private = ();
}

impl Application {
    /// Its key.
    pub fn key(month: Date, clearing_kind: &str) -> String {
        format!("{}-{clearing_kind}", month.strftime("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_month_is_known_by_what_the_centre_refuses_it_with() {
        use ApplicationState as S;
        for before in [S::Applied, S::Withdrawn, S::Refused, S::Closed] {
            assert_eq!(before.refused("PERIOD_CLOSED"), S::Closed);
        }
        assert_eq!(S::Applied.refused("CLEARING_DIFFERS"), S::Applied);
        assert_eq!(S::Withdrawn.refused("CLEARING_DIFFERS"), S::Refused);
    }
}
