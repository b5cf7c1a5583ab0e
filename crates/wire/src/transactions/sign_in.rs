//! 9001: an operator begins work.

use crate::codes::Refusal;
use crate::input::Input;
use crate::output::{Outgoing, Value};
use jiff::civil::DateTime;

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

/// The number of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// When.
    pub at: DateTime,
    /// The number every later message carries.
    pub number: String,
}

impl Outgoing for SignedIn {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        match name {
            "sign_time" => Value::Time(self.at),
            "sign_no" => self.number.as_str().into(),
            _ => Value::Absent,
        }
    }
}
