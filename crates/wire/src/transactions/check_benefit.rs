//! 2001: which funds may this person use, for this kind of care, on this day?

use jiff::civil::Date;
use model::{InsuranceKind, PersonNumber, VisitKind};

use super::Wanted;
use crate::codes::Refusal;
use crate::input::Input;
use crate::output::{Outgoing, Value};

/// Which funds may this person use?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckBenefit {
    /// Who.
    pub person: PersonNumber,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// For which care.
    pub visit: VisitKind,
    /// For which disease, by its national code; empty for none.
    pub disease: String,
    /// On which day.
    pub date: Date,
}

impl CheckBenefit {
    /// Reads the input of 2001.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "psn_no", "人员编号")?;
        Ok(Self {
            person: super::person(row)?,
            insurance_kind: super::insurance_kind(row)?,
            visit: super::care(row, Wanted::Any)?.1,
            disease: row.text("dise_codg").to_owned(),
            date: row.time("begntime")?.date(),
        })
    }
}

/// Which funds may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenefitChecked {
    /// Who.
    pub person: PersonNumber,
    /// The day asked about.
    pub date: Date,
    /// One row a fund: whether the pool (else the account), whether it may be used, and why not.
    pub funds: Vec<(bool, bool, String)>,
}

impl Outgoing for BenefitChecked {
    fn rows(&self, _: &str) -> usize {
        self.funds.len()
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        let (pool, enjoys, reason) = &self.funds[row];
        match name {
            "psn_no" => self.person.as_str().into(),
            "trt_chk_type" => "1".into(),
            "fund_pay_type" => if *pool { super::POOLED_FUND } else { super::ACCOUNT_FUND }.into(),
            "trt_enjymnt_flag" => super::flag(*enjoys),
            "begndate" => Value::Date(self.date),
            "trt_chk_rslt" => reason.as_str().into(),
            _ => Value::Absent,
        }
    }
}
