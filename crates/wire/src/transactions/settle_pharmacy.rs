//! 2101, 2102: a purchase at a pharmacy, its rows in the settlement: what it would come to, and settled.

use jiff::civil::DateTime;
use model::{EncounterId, InsuranceKind, Prescription, VisitKind};

use super::get_person::PersonKey;
use super::upload_fees::{FeeLine, LINES_MAX};
use super::{FeesPriced, SettleBill, Settled, Splits};
use crate::codes::Refusal;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};

/// The one bill of a purchase.
pub const PURCHASE_SCOPE: &str = "1";

/// A purchase at a pharmacy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlePharmacy {
    /// Who, where no number is given: by a document or card.
    pub key: Option<PersonKey>,
    /// When.
    pub begins: Option<DateTime>,
    /// The rows.
    pub lines: Vec<FeeLine>,
    /// What is settled; the visit is made with it.
    pub asked: SettleBill,
}

impl SettlePharmacy {
    /// Reads the input of 2101 or 2102.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "druginfo", "psn_no", "人员编号")?;
        super::first(input, "drugdetail", "feedetl_sn", "费用明细流水号")?;
        let count = input.rows("drugdetail").count();
        if count > LINES_MAX {
            return Err(Refusal::LinesTooMany { count: count.to_string(), max: LINES_MAX.to_string() });
        }
        let key = if row.get("psn_no").is_some() { None } else { Some(PersonKey::read(row)?) };
        let lines: Vec<FeeLine> =
            input.rows("drugdetail").map(FeeLine::of_purchase).collect::<Result<_, _>>()?;
        let transferred = input.rows("drugdetail").all(|row| row.text("rx_circ_flag") == "1");
        Ok(Self {
            key,
            begins: row.get("begntime").map(|_| row.time("begntime")).transpose()?,
            lines,
            asked: SettleBill {
                person: row.text("psn_no").into(),
                encounter: EncounterId(0),
                stay: false,
                scope: PURCHASE_SCOPE.into(),
                interim: false,
                insurance_kind: insurance_kind(row)?,
                care: Some(care(row)?),
                prescription: if transferred { Prescription::Transferred } else { Prescription::None },
                proof: row.text("mdtrt_cert_type").into(),
                way: String::new(),
                total: row.number("medfee_sumamt")?,
                // A purchase without a prescription is the account's to pay: only who says no keeps it closed.
                uses_account: row.text("acct_used_flag") != "0",
                invoice: row.text("invono").into(),
                splits: Splits::default(),
            },
        })
    }
}

fn insurance_kind(row: Fields<'_>) -> Result<InsuranceKind, Refusal> {
    row.get("insutype").map_or(Ok(InsuranceKind::EMPLOYEE), |_| super::insurance_kind(row))
}

/// What benefit rules see in a national kind of care; none for codes that mean no purchase.
pub fn purchase_kind(care_kind: &str) -> Option<VisitKind> {
    matches!(care_kind, "41" | "93").then_some(VisitKind::Pharmacy)
}

fn care(row: Fields<'_>) -> Result<(String, VisitKind), Refusal> {
    let code = row.get("med_type").unwrap_or("41");
    match purchase_kind(code) {
        Some(kind) => Ok((code.into(), kind)),
        None => Err(super::no_care(code)),
    }
}

/// What a purchase would answer; changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewPharmacy(
    /// The purchase asked about.
    pub SettlePharmacy,
);

impl PreviewPharmacy {
    /// Reads the input of 2101.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        SettlePharmacy::read(input).map(Self)
    }
}

/// A purchase as it is answered: the settlement, and each row before any benefit.
#[derive(Clone, PartialEq, Eq)]
pub struct PurchaseSettled {
    /// The settlement, or a trial.
    pub settled: Settled,
    /// The rows.
    pub lines: FeesPriced,
}

impl Outgoing for PurchaseSettled {
    fn rows(&self, node: &str) -> usize {
        if node == "detlcutinfo" { self.lines.rows(node) } else { self.settled.rows(node) }
    }

    fn field(&self, node: &str, row: usize, name: &str) -> Value<'_> {
        if node == "detlcutinfo" {
            self.lines.field(node, row, name)
        } else {
            self.settled.field(node, row, name)
        }
    }
}
