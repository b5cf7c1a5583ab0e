//! 3260, 3261, 3262: a month's settlements of people of other cities, at the place of care: fetched, confirmed row by row, and the
//! confirmation taken back.

use jiff::civil::{Date, DateTime};
use money::Money;

use crate::codes::Refusal;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// Rows of one answer at the most.
pub const OFFSITE_ROWS_MAX: usize = 100;

/// Rows of a month, from a place on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchOffsite {
    /// The month's first day.
    pub month: Date,
    /// So many rows stand before the first that is told.
    pub before: usize,
}

impl FetchOffsite {
    /// Reads the input of 3260.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "trt_year", "结算年度")?;
        let start = row.parse::<usize>("start_row", Rule::AtLeastOne)?.unwrap_or(1);
        Ok(Self { month: month(row)?, before: start.saturating_sub(1) })
    }
}

fn month(row: Fields<'_>) -> Result<Date, Refusal> {
    let (year, month) = (row.need("trt_year")?, row.need("trt_month")?);
    let read = || Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok().filter(|day| day.year() >= 1990);
    read().ok_or_else(|| Refusal::FieldInvalid {
        field: "trt_month".into(),
        value: format!("{year}{month}").chars().take(12).collect(),
        rule: Rule::Month,
    })
}

/// One row as the hospital gives it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmedRow {
    /// Number of the settlement.
    pub settlement: String,
    /// What it cost, where said.
    pub total: Option<Money>,
    /// What the other city pays, where said.
    pub paid: Option<Money>,
    /// The hospital agrees.
    pub agrees: bool,
}

/// A month's rows, confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmOffsite {
    /// The month's first day.
    pub month: Date,
    /// The rows.
    pub rows: Vec<ConfirmedRow>,
}

impl ConfirmOffsite {
    /// Reads the input of 3261. Who does not say whether he agrees does.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "trt_year", "结算年度")?;
        let read = |row: Fields<'_>| {
            Ok(ConfirmedRow {
                settlement: row.need("setl_sn")?.into(),
                total: row.parse("medfee_sumamt", Rule::Number)?,
                paid: row.parse("optins_pay_sumamt", Rule::Number)?,
                agrees: !matches!(row.text("cnfm_flag"), "0" | "2"),
            })
        };
        let rows: Vec<ConfirmedRow> = input.rows("detail").map(read).collect::<Result<_, _>>()?;
        let told: Option<usize> = row.parse("totalrow", Rule::Number)?;
        if let Some(told) = told.filter(|told| *told != rows.len()) {
            let (value, rule) = (told.to_string(), Rule::UpTo(i64::try_from(rows.len()).unwrap_or(i64::MAX)));
            return Err(Refusal::FieldInvalid { field: "totalrow".into(), value, rule });
        }
        Ok(Self { month: month(row)?, rows })
    }
}

/// A month's confirmation, taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawOffsite {
    /// The month's first day.
    pub month: Date,
}

impl WithdrawOffsite {
    /// Reads the input of 3262. A month has one confirmation: the message that made it need not be named.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        Ok(Self { month: month(super::first(input, "data", "trt_year", "结算年度")?)? })
    }
}

/// One settlement of a person of another city.
#[derive(Clone, PartialEq, Eq)]
pub struct OffsiteRowTold {
    /// Place among the month's, from 1.
    pub place: i64,
    /// Division of the place of care.
    pub division: String,
    /// The institution's code.
    pub hospital: String,
    /// Number of the person's document.
    pub document: String,
    /// Visit.
    pub encounter: String,
    /// When.
    pub decided: DateTime,
    /// Settlement.
    pub settlement: String,
    /// Cost.
    pub total: Money,
    /// What the other city pays.
    pub paid: Money,
}

/// A page of a month's settlements.
#[derive(Clone, PartialEq, Eq)]
pub struct OffsiteFetched {
    /// How many the month has.
    pub total: i64,
    /// Those asked for.
    pub rows: Vec<OffsiteRowTold>,
}

impl Outgoing for OffsiteFetched {
    fn rows(&self, node: &str) -> usize {
        if node == "data" { self.rows.len() } else { 1 }
    }

    fn field(&self, node: &str, row: usize, name: &str) -> Value<'_> {
        if node == "output" {
            return Value::Integer(self.total);
        }
        let row = &self.rows[row];
        match name {
            "seqno" => Value::Integer(row.place),
            "mdtrtarea" => row.division.as_str().into(),
            "medins_no" => row.hospital.as_str().into(),
            "certno" => row.document.as_str().into(),
            "mdtrt_id" => row.encounter.as_str().into(),
            "mdtrt_setl_time" => Value::Time(row.decided),
            "setl_sn" => row.settlement.as_str().into(),
            "medfee_sumamt" => row.total.into(),
            "optins_pay_sumamt" => row.paid.into(),
            _ => Value::Absent,
        }
    }
}
