//! 2206: what 2207 would answer; changes nothing.

use crate::codes::Refusal;
use crate::input::Input;

use super::SettleOutpatient;

/// What 2207 would answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewOutpatient(
    /// The settlement asked about.
    pub SettleOutpatient,
);

impl PreviewOutpatient {
    /// Reads the input of 2206.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        SettleOutpatient::read(input).map(Self)
    }
}
