//! Which item of the catalogue one of the hospital's own is: confirmed by the office, said to the centre, revoked.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::sheet::Form;

/// A mapping. The key is the hospital's own code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// National code.
    pub item: String,
    /// National name.
    pub name: String,
    /// National kind of list.
    pub list_kind: String,
    /// How alike they were when it was confirmed, in thousandths.
    pub score: u32,
    /// Who confirmed it, or did to it what was done last.
    pub by: String,
    /// When.
    pub at: DateTime,
    /// From which day on it was said to the centre; none: it was not.
    pub from: Option<Date>,
    /// What the centre last said against it; empty: nothing.
    #[serde(default)]
    pub told: String,
}

/// How a mapping stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MappingState {
    /// 已确认: the centre has not heard of it.
    Confirmed,
    /// 已上传: the centre has taken it in.
    Sent,
    /// 中心不同意.
    Refused,
    /// 已撤销.
    Revoked,
}

impl MappingState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Confirmed => "mapping-confirmed",
            Self::Sent => "mapping-sent",
            Self::Refused => "mapping-refused",
            Self::Revoked => "mapping-revoked",
        }
    }

    /// How it is coloured.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Confirmed => "warn",
            Self::Sent => "",
            Self::Refused => "bad",
            Self::Revoked => "calm",
        }
    }
}

impl Form for Mapping {
    const KIND: &'static str = "mapping";
    type State = MappingState;
    type Private = ();
}
