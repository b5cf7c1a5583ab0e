//! 2207: settles one bill of an outpatient visit.

use model::{EncounterId, InsuranceKind, PersonNumber, VisitKind};
use money::Money;

use crate::codes::Refusal;
use crate::input::{Fields, Input};

/// Settles one bill of an outpatient visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettleOutpatient {
    /// Who.
    pub person: PersonNumber,
    /// Which visit.
    pub encounter: EncounterId,
    /// Which bill of it.
    pub charge_batch: String,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of care.
    pub care_kind: String,
    /// The kind as benefit rules see it.
    pub visit: VisitKind,
    /// National kind of proof shown.
    pub proof: String,
    /// National way of settling.
    pub way: String,
    /// The whole bill as the hospital adds it up.
    pub total: Money,
    /// The patient wants the account used.
    pub uses_account: bool,
    /// The hospital's invoice number.
    pub invoice: String,
    /// The split amounts the program sends, where it does.
    pub splits: Splits,
}

/// Split amounts as hospital programs echo them: `fulamt_ownpay_amt`, `overlmt_selfpay`, `preselfpay_amt`,
/// `inscp_scp_amt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Splits {
    /// Class C and excluded.
    pub out_of_scope: Option<Money>,
    /// Above price limits.
    pub over_price_limit: Option<Money>,
    /// First self-pay.
    pub prior_self_pay: Option<Money>,
    /// Inside the policy.
    pub eligible: Option<Money>,
}

impl SettleOutpatient {
    /// Reads the input of 2207 (and of 2206, which has the same).
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "mdtrt_id", "就诊ID")?;
        let (care_kind, visit) = super::outpatient_care(row)?;
        Ok(Self {
            person: super::person(row)?,
            encounter: super::encounter(row)?,
            charge_batch: row.need("chrg_bchno")?.into(),
            insurance_kind: super::insurance_kind(row)?,
            care_kind,
            visit,
            proof: row.text("mdtrt_cert_type").into(),
            way: row.text("psn_setlway").into(),
            total: row.number("medfee_sumamt")?,
            uses_account: row.text("acct_used_flag") == "1",
            invoice: row.text("invono").into(),
            splits: Splits::read(row)?,
        })
    }
}

impl Splits {
    fn read(row: Fields<'_>) -> Result<Self, Refusal> {
        let amount = |name: &str| if row.get(name).is_some() { row.parse(name, "amount") } else { Ok(None) };
        // 2206 has no such fields; the table answers none for a name it does not know.
        Ok(Self {
            out_of_scope: amount("fulamt_ownpay_amt")?,
            over_price_limit: amount("overlmt_selfpay")?,
            prior_self_pay: amount("preselfpay_amt")?,
            eligible: amount("inscp_scp_amt")?,
        })
    }
}
