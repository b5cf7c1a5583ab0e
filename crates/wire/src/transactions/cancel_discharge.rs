//! 2405: takes a discharge back.

use model::{EncounterId, PersonNumber};

use crate::codes::Refusal;
use crate::input::Input;

/// Takes a discharge back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelDischarge {
    /// Who.
    pub person: PersonNumber,
    /// Which stay.
    pub encounter: EncounterId,
}

impl CancelDischarge {
    /// Reads the input of 2405.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "mdtrt_id", "就诊ID")?;
        Ok(Self { person: super::person(row)?, encounter: super::encounter(row)? })
    }
}
