//! 2502, 2504, 2506: withdraws what is on file.

use model::{FilingId, FilingKind, PersonNumber};

use crate::codes::Refusal;
use crate::input::Input;

/// Withdraws what is on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeOffFile {
    /// Whose.
    pub person: PersonNumber,
    /// Of which kind it must be.
    pub kind: FilingKind,
    /// Which.
    pub filing: FilingId,
}

impl TakeOffFile {
    /// Reads the input of 2502, 2504 or 2506. What is no number of ours is a filing we do not know.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "trt_dcla_detl_sn", "待遇申报明细流水号")?;
        let number = row.need("trt_dcla_detl_sn")?;
        let kind = super::filing_kind(input.transaction().infno);
        let filing = number.parse().map_err(|_| Refusal::FilingUnknown { filing: super::short(number) })?;
        Ok(Self { person: super::person(row)?, kind, filing })
    }
}
