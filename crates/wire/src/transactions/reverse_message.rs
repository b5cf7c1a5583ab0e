//! 2601: takes a message back whose outcome the sender does not know.

use model::PersonNumber;

use crate::codes::Refusal;
use crate::input::Input;

/// Takes a message back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseMessage {
    /// Whose message it was.
    pub person: PersonNumber,
    /// Its id.
    pub original: String,
    /// Its transaction.
    pub original_infno: String,
}

impl ReverseMessage {
    /// Reads the input of 2601.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "omsgid", "原发送方报文ID")?;
        Ok(Self {
            person: super::person(row)?,
            original: row.need("omsgid")?.into(),
            original_infno: row.need("oinfno")?.to_uppercase(),
        })
    }
}
