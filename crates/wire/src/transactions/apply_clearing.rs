//! 3203, 3204: an institution applies for a month to be cleared, and withdraws that.

use jiff::civil::Date;
use money::Money;

use crate::codes::Refusal;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// Is a month to be cleared?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyClearing {
    /// National kind of clearing.
    pub clearing_kind: String,
    /// National way of clearing.
    pub way: String,
    /// The month's first day.
    pub month: Date,
    /// What the institution reckons it comes to, as far as it says: cost, paid by funds, by accounts, in cash.
    pub sums: [Option<Money>; 4],
    /// How many, where it says so.
    pub count: Option<i64>,
}

impl ApplyClearing {
    /// Reads the input of 3203. Who names no month names its days.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "clr_type", "清算类别")?;
        let money = |name: &str| row.parse::<Money>(name, Rule::Number);
        Ok(Self {
            clearing_kind: row.need("clr_type")?.into(),
            way: row.need("clr_way")?.into(),
            month: month(row)?,
            sums: [
                money("medfee_sumamt")?,
                money("fund_appy_sum")?,
                money("acct_pay")?,
                money("cash_payamt")?,
            ],
            count: row.parse("psntime", Rule::Number)?,
        })
    }
}

/// The month that is named, `202611` or `2026-11`, or that the days are of.
fn month(row: Fields<'_>) -> Result<Date, Refusal> {
    let (from, to) = (row.date("begndate")?, row.date("enddate")?);
    let named = match row.get("setlym") {
        Some(text) => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let parts = digits.split_at_checked(4).filter(|(_, month)| month.len() == 2);
            let day = parts.and_then(|(y, m)| Date::new(y.parse().ok()?, m.parse().ok()?, 1).ok());
            day.ok_or_else(|| invalid("setlym", text, Rule::Month))?
        }
        None => from
            .map(Date::first_of_month)
            .ok_or_else(|| Refusal::FieldMissing { field: "setlym".into(), name: "清算年月".into() })?,
    };
    let whole = [(from, named, "begndate"), (to, named.last_of_month(), "enddate")];
    match whole.into_iter().find(|(said, day, _)| said.is_some_and(|said| said != *day)) {
        None => Ok(named),
        Some((said, day, field)) => {
            let said = said.map(|said| said.to_string()).unwrap_or_default();
            Err(invalid(field, &said, Rule::AsOriginal(day.to_string())))
        }
    }
}

fn invalid(field: &str, value: &str, rule: Rule) -> Refusal {
    Refusal::FieldInvalid { field: field.into(), value: super::short(value), rule }
}

/// Is an application withdrawn?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawClearing {
    /// Its number, as it was named.
    pub application: String,
}

impl WithdrawClearing {
    /// Reads the input of 3204.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "clr_appy_evt_id", "机构清算申请事件ID")?;
        Ok(Self { application: row.need("clr_appy_evt_id")?.into() })
    }
}

/// The number of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearingApplied {
    /// It.
    pub application: String,
}

impl Outgoing for ClearingApplied {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        match name {
            "clr_appy_evt_id" => self.application.as_str().into(),
            _ => Value::Absent,
        }
    }
}
