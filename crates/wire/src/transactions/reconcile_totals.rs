//! 3201: are the hospital's sums of some days those of the centre?

use jiff::civil::Date;
use model::InsuranceKind;
use money::Money;

use crate::codes::Refusal;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// Days that may be asked about at once.
pub const DAYS_MAX: i32 = 93;

/// Sums of settlements, as a hospital or the centre has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Settlements.
    pub count: i64,
    /// Cost.
    pub total: Money,
    /// Paid by all funds.
    pub funds: Money,
    /// Paid by accounts.
    pub account: Money,
}

/// Are the hospital's sums those of the centre?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconcileTotals {
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// The division whose people it is about.
    pub division: String,
    /// First and last day.
    pub days: (Date, Date),
    /// What the hospital has.
    pub sums: Sums,
    /// Whether refunds are counted, as settlements below nothing; none where the message does not say.
    pub with_refunds: Option<bool>,
}

impl ReconcileTotals {
    /// Reads the input of 3201.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "insutype", "险种")?;
        Ok(Self {
            insurance_kind: super::insurance_kind(row)?,
            clearing_kind: row.need("clr_type")?.into(),
            division: row.need("setl_optins")?.into(),
            days: days(row)?,
            sums: Sums {
                count: row.number("fixmedins_setl_cnt")?,
                total: row.number("medfee_sumamt")?,
                funds: row.number("fund_pay_sumamt")?,
                account: row.number("acct_pay")?,
            },
            with_refunds: row.get("refd_setl_flag").map(|flag| flag != "0"),
        })
    }
}

pub(super) fn days(row: Fields<'_>) -> Result<(Date, Date), Refusal> {
    let day = |name: &str, label: &str| {
        row.date(name)?.ok_or_else(|| Refusal::FieldMissing { field: name.into(), name: label.into() })
    };
    let (from, to) = (day("stmt_begndate", "对账开始日期")?, day("stmt_enddate", "对账结束日期")?);
    if to < from {
        let (value, rule) = (row.text("stmt_enddate").into(), Rule::NotBefore(from.to_string()));
        return Err(Refusal::FieldInvalid { field: "stmt_enddate".into(), value, rule });
    }
    if (to - from).get_days() >= DAYS_MAX {
        let rule = Rule::Days(DAYS_MAX);
        return Err(Refusal::FieldInvalid { field: "stmt_enddate".into(), value: to.to_string(), rule });
    }
    Ok((from, to))
}

/// What the comparison came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalsReconciled {
    /// What was asked.
    pub asked: ReconcileTotals,
    /// The sums are equal.
    pub equal: bool,
    /// What differs, and by which way of counting it would not.
    pub told: String,
}

impl Outgoing for TotalsReconciled {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        let asked = &self.asked;
        match name {
            "setl_optins" | "clr_optins" => asked.division.as_str().into(),
            "stmt_rslt" => if self.equal { "0" } else { "1" }.into(),
            "stmt_rslt_dscr" => self.told.chars().take(200).collect::<String>().into(),
            "clr_type" => asked.clearing_kind.as_str().into(),
            "stmt_begndate" => Value::Date(asked.days.0),
            "stmt_enddate" => Value::Date(asked.days.1),
            _ => Value::Absent,
        }
    }
}
