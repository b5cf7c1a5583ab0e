//! 9001: an operator begins work.

use crate::codes::Refusal;
use crate::input::Input;

/// An operator begins work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The operator's number.
    pub operator: String,
    /// The workstation's hardware address, where sent.
    pub workstation: String,
}

impl SignIn {
    /// Reads the input of 9001.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "signIn", "opter_no", "操作员编号")?;
        Ok(Self { operator: row.need("opter_no")?.into(), workstation: row.text("mac").into() })
    }
}
