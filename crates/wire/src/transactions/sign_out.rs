//! 9002: an operator ends work.

use crate::codes::Refusal;
use crate::input::Input;

/// An operator ends work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOut {
    /// The sign-in to end; empty: the operator's own of the day.
    pub sign_no: String,
    /// The operator's number, where sent.
    pub operator: String,
}

impl SignOut {
    /// Reads the input of 9002.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "signOut", "sign_no", "签到编号")?;
        Ok(Self { sign_no: row.text("sign_no").into(), operator: row.text("opter_no").into() })
    }
}
