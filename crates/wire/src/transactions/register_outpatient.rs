//! 2201: opens an outpatient visit.

use jiff::civil::DateTime;
use model::{InsuranceKind, PersonNumber};

use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::Input;
use crate::output::{Outgoing, Value};
use model::EncounterId;

/// Opens an outpatient visit.
#[derive(Clone, PartialEq, Eq)]
pub struct RegisterOutpatient {
    /// Who.
    pub person: PersonNumber,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// When the visit begins.
    pub begins: DateTime,
    /// The hospital's own number of the visit.
    pub visit_number: String,
    /// The doctor's national code.
    pub doctor: String,
    /// The doctor's name.
    pub doctor_name: String,
    /// The department's code.
    pub department: String,
    /// The department's name.
    pub department_name: String,
    /// What else was said.
    pub facts: Facts,
}

impl std::fmt::Debug for RegisterOutpatient {
    /// Who treats whom stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegisterOutpatient")
            .field("person", &self.person)
            .field("visit_number", &self.visit_number)
            .finish_non_exhaustive()
    }
}

impl RegisterOutpatient {
    /// Reads the input of 2201.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "psn_no", "人员编号")?;
        Ok(Self {
            person: super::person(row)?,
            insurance_kind: super::insurance_kind(row)?,
            begins: row.time("begntime")?,
            visit_number: row.need("ipt_otp_no")?.into(),
            doctor: row.text("atddr_no").into(),
            doctor_name: row.text("dr_name").into(),
            department: row.text("dept_code").into(),
            department_name: row.text("dept_name").into(),
            facts: super::visit_facts(row),
        })
    }
}

/// A visit, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Our id of the visit.
    pub encounter: EncounterId,
    /// Whose.
    pub person: PersonNumber,
    /// The hospital's number of it.
    pub visit_number: String,
}

impl Outgoing for Registered {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        match name {
            "mdtrt_id" => self.encounter.to_string().into(),
            "psn_no" => self.person.as_str().into(),
            "ipt_otp_no" => self.visit_number.as_str().into(),
            _ => Value::Absent,
        }
    }
}
