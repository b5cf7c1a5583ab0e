//! 2206 and 2303: what 2207 or 2304 would answer; changes nothing.

use crate::codes::Refusal;
use crate::input::Input;

use super::SettleBill;

/// What the settlement would answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewBill(
    /// The settlement asked about.
    pub SettleBill,
);

impl PreviewBill {
    /// Reads the input of 2206 or 2303.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        SettleBill::read(input).map(Self)
    }
}
