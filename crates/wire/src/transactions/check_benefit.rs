//! 2001: which funds may this person use, for this kind of care, on this day?

use jiff::civil::Date;
use model::{InsuranceKind, PersonNumber, VisitKind};

use crate::codes::Refusal;
use crate::input::Input;

/// Which funds may this person use?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckBenefit {
    /// Who.
    pub person: PersonNumber,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// For which care; none for kinds with no outpatient rule.
    pub visit: Option<VisitKind>,
    /// On which day.
    pub date: Date,
}

impl CheckBenefit {
    /// Reads the input of 2001.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "psn_no", "人员编号")?;
        Ok(Self {
            person: super::person(row)?,
            insurance_kind: super::insurance_kind(row)?,
            visit: super::outpatient_kind(row.text("med_type")),
            date: row.time("begntime")?.date(),
        })
    }
}
