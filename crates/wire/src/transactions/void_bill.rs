//! 2103, 2208 and 2305: voids a settlement as a whole.

use model::{EncounterId, PersonNumber, SettlementId};

use crate::codes::Refusal;
use crate::input::Input;

/// Voids a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidBill {
    /// Who; a purchase need not say.
    pub person: Option<PersonNumber>,
    /// Which visit or stay; a purchase need not say.
    pub encounter: Option<EncounterId>,
    /// Asked of a stay.
    pub stay: bool,
    /// Which settlement.
    pub settlement: SettlementId,
}

impl VoidBill {
    /// Reads the input of 2103, 2208 or 2305.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "setl_id", "结算ID")?;
        let purchase = input.transaction().infno == "2103";
        let said = |name: &str| !purchase || row.get(name).is_some();
        Ok(Self {
            person: said("psn_no").then(|| super::person(row)).transpose()?,
            encounter: said("mdtrt_id").then(|| super::encounter(row)).transpose()?,
            stay: super::of_stay(input),
            settlement: super::settlement(row)?,
        })
    }
}
