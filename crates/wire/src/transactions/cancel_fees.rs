//! 2205 and 2302: withdraws fee lines that were not settled.

use model::{EncounterId, PersonNumber};

use crate::codes::Refusal;
use crate::input::Input;

/// What the interface writes for "all that is not settled".
pub(crate) const ALL_FEES: &str = "0000";

/// Withdraws unsettled fee lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelFees {
    /// Who.
    pub person: PersonNumber,
    /// Which visit or stay.
    pub encounter: EncounterId,
    /// Asked of a stay.
    pub stay: bool,
    /// Which.
    pub which: WhichFees,
}

/// Which lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhichFees {
    /// All that are not settled.
    All,
    /// Those of one bill of a visit.
    Batch(String),
    /// These, by the hospital's numbers.
    Lines(Vec<String>),
}

impl CancelFees {
    /// Reads the input of 2205, which names a bill, or of 2302, which names lines.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "mdtrt_id", "就诊ID")?;
        let stay = super::of_stay(input);
        let (person, encounter) = (super::person(row)?, super::encounter(row)?);
        let which = if stay {
            super::one_visit(input, "data", &person, encounter)?;
            let lines = input.rows("data").map(|row| Ok(row.need("feedetl_sn")?.to_owned()));
            let lines = lines.collect::<Result<Vec<_>, Refusal>>()?;
            if lines.iter().any(|line| line == ALL_FEES) { WhichFees::All } else { WhichFees::Lines(lines) }
        } else {
            match row.need("chrg_bchno")? {
                ALL_FEES => WhichFees::All,
                batch => WhichFees::Batch(batch.to_owned()),
            }
        };
        Ok(Self { person, encounter, stay, which })
    }
}
