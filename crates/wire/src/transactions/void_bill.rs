//! 2208 and 2305: voids a settlement as a whole.

use model::{EncounterId, PersonNumber, SettlementId};

use crate::codes::Refusal;
use crate::input::Input;

/// Voids a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidBill {
    /// Who.
    pub person: PersonNumber,
    /// Which visit or stay.
    pub encounter: EncounterId,
    /// Asked of a stay.
    pub stay: bool,
    /// Which settlement.
    pub settlement: SettlementId,
}

impl VoidBill {
    /// Reads the input of 2208 or 2305.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "setl_id", "结算ID")?;
        Ok(Self {
            person: super::person(row)?,
            encounter: super::encounter(row)?,
            stay: super::of_stay(input),
            settlement: super::settlement(row)?,
        })
    }
}
