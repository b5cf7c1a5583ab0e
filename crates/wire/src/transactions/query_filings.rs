//! 5301, 5302, 5304: what a person has on file.

use jiff::civil::Date;
use model::{FilingId, FilingKind, InsuranceKind, PersonNumber};

use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::Input;
use crate::output::{Outgoing, Value};

/// What a person has on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryFilings {
    /// Whose.
    pub person: PersonNumber,
    /// Of which kind.
    pub kind: FilingKind,
    /// Of chosen institutions: those chosen for this.
    pub chosen_for: String,
}

impl QueryFilings {
    /// Reads the input of 5301, 5302 or 5304.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "psn_no", "人员编号")?;
        let kind = super::filing_kind(input.transaction().infno);
        Ok(Self { person: super::person(row)?, kind, chosen_for: row.text("biz_appy_type").into() })
    }

    /// Whether an institution was chosen for what is asked about.
    pub fn asks_for(&self, facts: &Facts) -> bool {
        self.chosen_for.is_empty() || facts.text("biz_appy_type") == self.chosen_for
    }
}

/// What was found on file.
#[derive(Clone, PartialEq, Eq)]
pub struct FilingsFound {
    /// Whose.
    pub person: PersonNumber,
    /// One row each.
    pub filings: Vec<FilingFound>,
}

/// One thing on file.
#[derive(Clone, PartialEq, Eq)]
pub struct FilingFound {
    /// Our id.
    pub id: FilingId,
    /// Which: the disease's code, the institution's code.
    pub code: String,
    /// The institution's name, where it is one of ours.
    pub name: String,
    /// Under which insurance.
    pub insurance_kind: Option<InsuranceKind>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Option<Date>,
    /// What else was said.
    pub facts: Facts,
}

impl Outgoing for FilingsFound {
    fn rows(&self, _: &str) -> usize {
        self.filings.len()
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        let filing = &self.filings[row];
        match name {
            "trt_dcla_detl_sn" => filing.id.to_string().into(),
            "psn_no" => self.person.as_str().into(),
            "insutype" => filing.insurance_kind.map(|kind| kind.to_string()).into(),
            "opsp_dise_code" | "reflin_medins_no" | "fixmedins_code" => filing.code.as_str().into(),
            "reflin_medins_name" | "fixmedins_name" if !filing.name.is_empty() => filing.name.as_str().into(),
            "begndate" => Value::Date(filing.from),
            "enddate" => filing.to.map_or(Value::Absent, Value::Date),
            other => filing.facts.value(other),
        }
    }
}
