//! 9002: an operator ends work.

use crate::codes::Refusal;
use crate::input::Input;
use crate::output::{Outgoing, Value};
use jiff::civil::DateTime;

/// An operator ends work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOut {
    /// The sign-in to end; empty: the operator's own of the day.
    pub number: String,
    /// The operator's number, where sent.
    pub operator: String,
}

impl SignOut {
    /// Reads the input of 9002.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "signOut", "sign_no", "签到编号")?;
        Ok(Self { number: row.text("sign_no").into(), operator: row.text("opter_no").into() })
    }
}

/// A sign-out, done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOut {
    /// When.
    pub at: DateTime,
}

impl Outgoing for SignedOut {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        if name == "sign_time" { Value::Time(self.at) } else { Value::Absent }
    }
}
