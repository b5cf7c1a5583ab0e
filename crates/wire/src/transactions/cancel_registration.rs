//! 2202: takes an outpatient visit back before anything was settled.

use model::{EncounterId, PersonNumber};

use crate::codes::Refusal;
use crate::input::Input;

/// Takes an outpatient visit back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelRegistration {
    /// Who.
    pub person: PersonNumber,
    /// Which visit.
    pub encounter: EncounterId,
}

impl CancelRegistration {
    /// Reads the input of 2202.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "mdtrt_id", "就诊ID")?;
        Ok(Self { person: super::person(row)?, encounter: super::encounter(row)? })
    }
}
