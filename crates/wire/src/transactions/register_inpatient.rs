//! 2401: admits a person to a stay.

use jiff::civil::DateTime;
use model::{InsuranceKind, PersonNumber, VisitKind};

use super::Diagnosis;
use super::Wanted;
use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::Input;

/// Admits a person. It is answered as an outpatient visit is: with our id of the stay.
#[derive(Clone, PartialEq, Eq)]
pub struct RegisterInpatient {
    /// Who.
    pub person: PersonNumber,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// When the stay begins.
    pub begins: DateTime,
    /// The hospital's own number of the stay.
    pub visit_number: String,
    /// National kind of care.
    pub care_kind: String,
    /// The kind as benefit rules see it.
    pub visit: VisitKind,
    /// The doctor's national code.
    pub doctor: String,
    /// The doctor's name.
    pub doctor_name: String,
    /// The department's code.
    pub department: String,
    /// The department's name.
    pub department_name: String,
    /// The listed disease it is for.
    pub disease: String,
    /// The diagnoses at admission.
    pub diagnoses: Vec<Diagnosis>,
    /// What else was said.
    pub facts: Facts,
}

impl std::fmt::Debug for RegisterInpatient {
    /// Who treats whom, and for what, stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegisterInpatient")
            .field("person", &self.person)
            .field("visit_number", &self.visit_number)
            .finish_non_exhaustive()
    }
}

impl RegisterInpatient {
    /// Reads the input of 2401.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "mdtrtinfo", "psn_no", "人员编号")?;
        let (care_kind, visit) = super::care(row, Wanted::Stay)?;
        Ok(Self {
            person: super::person(row)?,
            insurance_kind: super::insurance_kind(row)?,
            begins: row.time("begntime")?,
            visit_number: row.need("ipt_no")?.into(),
            care_kind,
            visit,
            doctor: row.text("atddr_no").into(),
            doctor_name: row.text("chfpdr_name").into(),
            department: row.text("adm_dept_codg").into(),
            department_name: row.text("adm_dept_name").into(),
            disease: row.text("dise_codg").into(),
            diagnoses: Diagnosis::read_all(input)?,
            facts: super::visit_facts(row),
        })
    }
}
