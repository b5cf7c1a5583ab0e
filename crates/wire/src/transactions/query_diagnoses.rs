//! 5202: the diagnoses of a visit.

use model::{EncounterId, PersonNumber};

use super::Diagnosis;
use crate::codes::Refusal;
use crate::input::Input;
use crate::output::{Outgoing, Value};

/// The diagnoses of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryDiagnoses {
    /// Whose.
    pub person: PersonNumber,
    /// Of which visit.
    pub encounter: EncounterId,
}

impl QueryDiagnoses {
    /// Reads the input of 5202.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "mdtrt_id", "就诊ID")?;
        Ok(Self { person: super::person(row)?, encounter: super::encounter(row)? })
    }
}

/// Diagnoses that stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagnosesFound {
    /// Whose.
    pub person: PersonNumber,
    /// Of which visit.
    pub encounter: EncounterId,
    /// Said at the end of the visit, or at its beginning.
    pub at_end: bool,
    /// One row each.
    pub diagnoses: Vec<Diagnosis>,
}

impl Outgoing for DiagnosesFound {
    fn rows(&self, _: &str) -> usize {
        self.diagnoses.len()
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        let diagnosis = &self.diagnoses[row];
        match name {
            "diag_info_id" => format!("{}-{}-{}", self.encounter, diagnosis.kind, diagnosis.number).into(),
            "mdtrt_id" => self.encounter.to_string().into(),
            "psn_no" => self.person.as_str().into(),
            "inout_diag_type" => if self.at_end { "2" } else { "1" }.into(),
            "diag_type" => diagnosis.kind.as_str().into(),
            "diag_srt_no" => Value::Integer(diagnosis.number),
            "diag_code" => diagnosis.code.as_str().into(),
            "diag_name" => diagnosis.name.as_str().into(),
            // Where nobody said so, the first is the main one.
            "maindiag_flag" if diagnosis.facts.text(name).is_empty() => super::flag(diagnosis.number == 1),
            other => diagnosis.facts.value(other),
        }
    }
}
