//! 5203: one settlement, as it was answered.

use model::{EncounterId, PersonNumber, SettlementId};

use crate::codes::Refusal;
use crate::input::Input;

/// One settlement, as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuerySettlement {
    /// Whose.
    pub person: PersonNumber,
    /// Which.
    pub settlement: SettlementId,
    /// Of which visit.
    pub encounter: EncounterId,
}

impl QuerySettlement {
    /// Reads the input of 5203.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "setl_id", "结算ID")?;
        Ok(Self {
            person: super::person(row)?,
            settlement: super::settlement(row)?,
            encounter: super::encounter(row)?,
        })
    }
}
