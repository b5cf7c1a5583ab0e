//! 2402: discharges a person from a stay.

use jiff::civil::DateTime;
use model::{EncounterId, PersonNumber};

use super::Diagnosis;
use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::Input;

/// Discharges a person.
#[derive(Clone, PartialEq, Eq)]
pub struct DischargeInpatient {
    /// Who.
    pub person: PersonNumber,
    /// Which stay.
    pub encounter: EncounterId,
    /// When it ended.
    pub ends: DateTime,
    /// The listed disease it was for; empty: as admitted.
    pub disease: String,
    /// The diagnoses at discharge.
    pub diagnoses: Vec<Diagnosis>,
    /// What else was said.
    pub facts: Facts,
}

impl std::fmt::Debug for DischargeInpatient {
    /// What a person suffers from stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DischargeInpatient")
            .field("person", &self.person)
            .field("encounter", &self.encounter)
            .field("ends", &self.ends)
            .finish_non_exhaustive()
    }
}

impl DischargeInpatient {
    /// Reads the input of 2402.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "dscginfo", "mdtrt_id", "就诊ID")?;
        Ok(Self {
            person: super::person(row)?,
            encounter: super::encounter(row)?,
            ends: row.time("endtime")?,
            disease: row.text("dise_codg").into(),
            diagnoses: Diagnosis::read_all(input)?,
            facts: super::visit_facts(row),
        })
    }
}
