//! 2403: says anew what was said of a stay that goes on.

use jiff::civil::DateTime;
use model::{EncounterId, PersonNumber, VisitKind};

use super::{Diagnosis, Wanted, visit_facts};
use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::{Fields, Input};
use crate::words::Rule;

/// Says anew what was said of a stay. What is left out stays as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangeAdmission {
    /// Who.
    pub person: PersonNumber,
    /// Which stay.
    pub encounter: EncounterId,
    /// When it began.
    pub begins: Option<DateTime>,
    /// The hospital's own number of it.
    pub visit_number: Option<String>,
    /// National kind of care, and as benefit rules see it.
    pub care: Option<(String, VisitKind)>,
    /// The doctor's code.
    pub doctor: Option<String>,
    /// The doctor's name.
    pub doctor_name: Option<String>,
    /// The department's code.
    pub department: Option<String>,
    /// The department's name.
    pub department_name: Option<String>,
    /// The listed disease it is for.
    pub disease: Option<String>,
    /// The diagnoses; those of the same kind and number are said anew.
    pub diagnoses: Vec<Diagnosis>,
    /// What else was said.
    pub facts: Facts,
}

impl std::fmt::Debug for ChangeAdmission {
    /// What a person suffers from stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangeAdmission")
            .field("person", &self.person)
            .field("encounter", &self.encounter)
            .finish_non_exhaustive()
    }
}

impl ChangeAdmission {
    /// Reads the input of 2403.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "adminfo", "mdtrt_id", "就诊ID")?;
        let said = |name: &str| row.get(name).map(str::to_owned);
        Ok(Self {
            person: super::person(row)?,
            encounter: super::encounter(row)?,
            begins: begins(row)?,
            visit_number: said("ipt_otp_no"),
            care: row.get("med_type").map(|_| super::care(row, Wanted::Stay)).transpose()?,
            doctor: said("atddr_no"),
            doctor_name: said("chfpdr_name"),
            department: said("adm_dept_codg"),
            department_name: said("adm_dept_name"),
            disease: said("dise_codg"),
            diagnoses: Diagnosis::read_all(input)?,
            facts: visit_facts(row),
        })
    }
}

fn begins(row: Fields<'_>) -> Result<Option<DateTime>, Refusal> {
    let Some(text) = row.get("begntime") else { return Ok(None) };
    crate::read_time(text).map(Some).ok_or_else(|| Refusal::FieldInvalid {
        field: "begntime".into(),
        value: text.chars().take(40).collect(),
        rule: Rule::Time,
    })
}
