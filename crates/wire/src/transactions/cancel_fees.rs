//! 2205: withdraws fee lines that were not settled.

use model::{EncounterId, PersonNumber};

use crate::codes::Refusal;
use crate::input::Input;

/// Withdraws unsettled fee lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelFees {
    /// Who.
    pub person: PersonNumber,
    /// Which visit.
    pub encounter: EncounterId,
    /// Which bill; none: all lines not settled (the interface writes `0000`).
    pub charge_batch: Option<String>,
}

impl CancelFees {
    /// Reads the input of 2205.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "mdtrt_id", "就诊ID")?;
        let batch = row.need("chrg_bchno")?;
        let charge_batch = (batch != "0000").then(|| batch.to_owned());
        Ok(Self { person: super::person(row)?, encounter: super::encounter(row)?, charge_batch })
    }
}
