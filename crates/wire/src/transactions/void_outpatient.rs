//! 2208: voids an outpatient settlement as a whole.

use model::{EncounterId, PersonNumber, SettlementId};

use crate::codes::Refusal;
use crate::input::Input;

/// Voids an outpatient settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidOutpatient {
    /// Who.
    pub person: PersonNumber,
    /// Which visit.
    pub encounter: EncounterId,
    /// Which settlement.
    pub settlement: SettlementId,
}

impl VoidOutpatient {
    /// Reads the input of 2208.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "setl_id", "结算ID")?;
        Ok(Self {
            person: super::person(row)?,
            encounter: super::encounter(row)?,
            settlement: super::settlement(row)?,
        })
    }
}
