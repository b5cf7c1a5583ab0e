//! Our own `outcome`: what became of my message?

use crate::codes::Refusal;
use crate::input::Input;
use crate::output::{Outgoing, Value};
use jiff::civil::DateTime;
use model::{EncounterId, SettlementId};

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

/// What became of a message.
#[derive(Clone, PartialEq, Eq)]
pub struct OutcomeFound {
    /// The question.
    pub asked: Outcome,
    /// `done`, `refused`, `taken back` or `not received`.
    pub outcome: &'static str,
    /// The refusal's code.
    pub code: String,
    /// When it came in and was decided.
    pub times: Option<(DateTime, DateTime)>,
    /// The visit it opened.
    pub encounter: Option<EncounterId>,
    /// The settlement it made.
    pub settlement: Option<SettlementId>,
    /// The whole answer it got.
    pub answer: Option<String>,
}

impl std::fmt::Debug for OutcomeFound {
    /// The answer stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutcomeFound")
            .field("asked", &self.asked)
            .field("outcome", &self.outcome)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl Outgoing for OutcomeFound {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        match name {
            "omsgid" => self.asked.original.as_str().into(),
            "oinfno" => self.asked.original_infno.as_str().into(),
            "outcome" => self.outcome.into(),
            "err_code" if !self.code.is_empty() => self.code.as_str().into(),
            "received" => self.times.map_or(Value::Absent, |(received, _)| Value::Time(received)),
            "decided" => self.times.map_or(Value::Absent, |(_, decided)| Value::Time(decided)),
            "mdtrt_id" => self.encounter.map(|id| id.to_string()).into(),
            "setl_id" => self.settlement.map(|id| id.to_string()).into(),
            "answer" => self.answer.as_deref().into(),
            _ => Value::Absent,
        }
    }
}
