//! 4101, 4101A: the settlement list of a stay: what was found, what was done, what it came to, as the hospital reports it
//! for clearing.

use model::{EncounterId, PersonNumber, SettlementId};
use money::Money;

use crate::codes::Refusal;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// A settlement list.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadSettlementList {
    /// Of which settlement.
    pub settlement: SettlementId,
    /// Of which stay.
    pub encounter: EncounterId,
    /// Whose, where it is said.
    pub person: Option<PersonNumber>,
    /// Cost of all kinds of charge, where they are listed.
    pub total: Option<Money>,
    /// Paid by funds, where they are listed.
    pub funds: Option<Money>,
    /// Paid by the account and in cash, where that is said.
    pub account: Option<Money>,
    /// Paid in cash.
    pub cash: Option<Money>,
    /// All of it, as it was understood.
    pub said: String,
}

impl std::fmt::Debug for UploadSettlementList {
    /// What somebody suffers from stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadSettlementList").field("settlement", &self.settlement).finish_non_exhaustive()
    }
}

impl UploadSettlementList {
    /// Reads the input of either.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "setlinfo", "setl_id", "结算ID")?;
        // The other variant lists no amounts at all.
        if input.transaction().infno == "4101" {
            super::first(input, "iteminfo", "iteminfo.amt", "收费项目金额")?;
            super::first(input, "payinfo", "payinfo.fund_payamt", "基金支付金额")?;
        }
        check_main_diagnosis(input)?;
        let amount = |name: &str| row.get(name).map(|_| row.number::<Money>(name)).transpose();
        Ok(Self {
            settlement: super::settlement(row)?,
            encounter: super::encounter(row)?,
            person: row.get("psn_no").map(Into::into),
            total: sum(input, "iteminfo", "amt", |_| true)?,
            funds: sum(input, "payinfo", "fund_payamt", |row| is_fund(row.text("fund_pay_type")))?,
            account: amount("acct_pay")?,
            cash: amount("psn_cashpay")?,
            said: input.canonical().into(),
        })
    }
}

/// Whether a payer is a fund: the account and the hospital are listed beside them.
fn is_fund(payer: &str) -> bool {
    payer != super::ACCOUNT_FUND && payer != "999996"
}

/// Of several diagnoses one is the main one.
fn check_main_diagnosis(input: &Input) -> Result<(), Refusal> {
    let count = input.rows("diseinfo").filter(|row| row.text("maindiag_flag") == "1").count();
    if count == 1 {
        return Ok(());
    }
    let (field, value) = ("diseinfo.maindiag_flag".into(), count.to_string());
    Err(Refusal::FieldInvalid { field, value, rule: Rule::ExactlyOne })
}

/// What the rows of a node come to; none where it has none.
fn sum(
    input: &Input,
    node: &str,
    field: &str,
    which: impl Fn(&Fields<'_>) -> bool,
) -> Result<Option<Money>, Refusal> {
    if input.first(node).is_none() {
        return Ok(None);
    }
    let mut all = 0_i128;
    for row in input.rows(node).filter(which) {
        all += i128::from(row.number::<Money>(field)?.fen());
    }
    // More than all the money there is.
    let fen = i64::try_from(all).map_err(|_| Refusal::FieldInvalid {
        field: format!("{node}.{field}"),
        value: all.to_string(),
        rule: Rule::Number,
    })?;
    Ok(Some(Money::from_fen(fen)))
}

/// A list that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListKept {
    /// Its number.
    pub number: String,
}

impl Outgoing for ListKept {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        if name == "setl_list_id" { self.number.as_str().into() } else { Value::Absent }
    }
}
