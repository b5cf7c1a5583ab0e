//! 2202 and 2404: takes a visit or an admission back before anything was settled.

use model::{EncounterId, PersonNumber};

use crate::codes::Refusal;
use crate::input::Input;

/// Takes a visit or an admission back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelRegistration {
    /// Who.
    pub person: PersonNumber,
    /// Which visit or stay.
    pub encounter: EncounterId,
    /// Asked of a stay.
    pub stay: bool,
}

impl CancelRegistration {
    /// Reads the input of 2202 or 2404.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "mdtrt_id", "就诊ID")?;
        Ok(Self {
            person: super::person(row)?,
            encounter: super::encounter(row)?,
            stay: super::of_stay(input),
        })
    }
}
