//! Our own `rest`: what the rest of a settled bill would come to, were the bill voided; changes nothing.

use model::{EncounterId, PersonNumber, SettlementId};
use money::{Money, Quantity};

use crate::codes::Refusal;
use crate::input::Input;

/// What would the rest of a bill come to?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRest {
    /// Whose.
    pub person: PersonNumber,
    /// Which visit.
    pub encounter: EncounterId,
    /// Which settlement would be voided.
    pub settlement: SettlementId,
    /// What the rest comes to, as the hospital adds it up.
    pub total: Money,
    /// The patient wants the account used.
    pub uses_account: bool,
    /// The lines that stay.
    pub lines: Vec<RestLine>,
}

/// What stays of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestLine {
    /// The hospital's number of the line.
    pub number: String,
    /// How many stay.
    pub quantity: Quantity,
    /// What they come to.
    pub amount: Money,
}

impl PreviewRest {
    /// Reads the input of `rest`.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "setl_id", "结算ID")?;
        let lines = input.rows("feedetail").map(|line| {
            Ok(RestLine {
                number: line.need("feedetl_sn")?.to_owned(),
                quantity: line.number("cnt")?,
                amount: line.number("det_item_fee_sumamt")?,
            })
        });
        Ok(Self {
            person: super::person(row)?,
            encounter: super::encounter(row)?,
            settlement: super::settlement(row)?,
            total: row.number("medfee_sumamt")?,
            uses_account: row.text("acct_used_flag") == "1",
            lines: lines.collect::<Result<_, Refusal>>()?,
        })
    }
}
