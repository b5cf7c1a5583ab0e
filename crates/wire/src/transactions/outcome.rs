//! Our own `outcome`: what became of my message?

use crate::codes::Refusal;
use crate::input::Input;

/// What became of my message?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The message's id.
    pub original: String,
    /// Its transaction.
    pub original_infno: String,
}

impl Outcome {
    /// Reads the input of `outcome`.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "omsgid", "原报文编号")?;
        Ok(Self { original: row.need("omsgid")?.into(), original_infno: row.need("oinfno")?.to_uppercase() })
    }
}
