//! 2207 and 2304: settles one bill of an outpatient visit, or a stay.

use model::{EncounterId, InsuranceKind, PersonNumber, Prescription, VisitKind};
use money::Money;

use super::Wanted;
use crate::codes::Refusal;
use crate::input::{Fields, Input};

/// The bill a stay ends with; interim ones before it are counted from 1 by the centre.
pub const STAY_SCOPE: &str = "0";

/// Settles one bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettleBill {
    /// Who.
    pub person: PersonNumber,
    /// Which visit or stay.
    pub encounter: EncounterId,
    /// Asked of a stay.
    pub stay: bool,
    /// Which bill of it: a charge batch, or [`STAY_SCOPE`].
    pub scope: String,
    /// What a stay has come to so far is settled, and the stay goes on.
    pub interim: bool,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of care, and the kind as benefit rules see it; a stay keeps those it was opened with.
    pub care: Option<(String, VisitKind)>,
    /// Where the prescription of a purchase came from.
    pub prescription: Prescription,
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

impl SettleBill {
    /// Reads the input of 2207 or 2304, and of 2206 or 2303, which have the same.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "mdtrt_id", "就诊ID")?;
        let stay = super::of_stay(input);
        Ok(Self {
            person: super::person(row)?,
            encounter: super::encounter(row)?,
            stay,
            scope: if stay { STAY_SCOPE } else { row.need("chrg_bchno")? }.into(),
            interim: stay && row.text("mid_setl_flag") == "1",
            insurance_kind: super::insurance_kind(row)?,
            care: if stay { None } else { Some(super::care(row, Wanted::Visit)?) },
            prescription: Prescription::None,
            proof: row.text("mdtrt_cert_type").into(),
            way: row.text("psn_setlway").into(),
            total: row.number("medfee_sumamt")?,
            uses_account: row.text("acct_used_flag") == "1",
            invoice: row.text("invono").into(),
            splits: Splits::read(row),
        })
    }
}

impl Splits {
    /// What is no amount is none: where they are compared, [`Input::check`] has refused it before.
    fn read(row: Fields<'_>) -> Self {
        let amount = |name: &str| row.get(name).and_then(|text| text.parse().ok());
        // 2206 has no such fields; the table answers none for a name it does not know.
        Self {
            out_of_scope: amount("fulamt_ownpay_amt"),
            over_price_limit: amount("overlmt_selfpay"),
            prior_self_pay: amount("preselfpay_amt"),
            eligible: amount("inscp_scp_amt"),
        }
    }
}
