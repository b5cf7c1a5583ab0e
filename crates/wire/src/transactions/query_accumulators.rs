//! 5206: what is remembered of a person within a benefit year.

use model::PersonNumber;
use money::Money;

use crate::codes::Refusal;
use crate::input::Input;
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// What is remembered of a person?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryAccumulators {
    /// Whose.
    pub person: PersonNumber,
    /// Of which benefit year; none: of all.
    pub year: Option<i16>,
}

impl QueryAccumulators {
    /// Reads the input of 5206.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "psn_no", "人员编号")?;
        let month = row.text("cum_ym");
        let year = month.get(..4).and_then(|year| year.parse().ok());
        if !month.is_empty() && year.is_none() {
            return Err(Refusal::FieldInvalid {
                field: "cum_ym".into(),
                value: month.into(),
                rule: Rule::Month,
            });
        }
        Ok(Self { person: super::person(row)?, year })
    }
}

/// Figures of benefit years.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccumulatorsFound {
    /// Under which insurance.
    pub insurance_kind: u16,
    /// The month they stand at, `202611`.
    pub month: String,
    /// Year, what is counted, how much.
    pub rows: Vec<(i16, String, Money)>,
}

impl Outgoing for AccumulatorsFound {
    fn rows(&self, _: &str) -> usize {
        self.rows.len()
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        let (year, code, amount) = &self.rows[row];
        match name {
            "insutype" => self.insurance_kind.to_string().into(),
            "year" => year.to_string().into(),
            "cum_ym" => match self.month.strip_prefix(&year.to_string()) {
                Some(_) => self.month.as_str().into(),
                None => format!("{year}12").into(),
            },
            "cum_type_code" => code.as_str().into(),
            "cum" => (*amount).into(),
            _ => Value::Absent,
        }
    }
}
