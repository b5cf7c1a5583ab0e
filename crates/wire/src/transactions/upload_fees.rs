//! 2204 and 2301: fee lines of a visit or a stay.

use std::ops::Neg;

use jiff::civil::DateTime;
use model::{EncounterId, PersonNumber};
use money::{Money, Quantity, UnitPrice};

use super::STAY_SCOPE;
use crate::care_listing::CareListing;
use crate::codes::Refusal;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::words::Rule;
use model::ItemClass;
use money::Rate;

/// Most lines one call may carry.
pub const LINES_MAX: usize = 100;

/// Fee lines of one visit or stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadFees {
    /// Who.
    pub person: PersonNumber,
    /// Which visit.
    pub encounter: EncounterId,
    /// Asked of a stay.
    pub stay: bool,
    /// The lines, as sent.
    pub lines: Vec<FeeLine>,
}

/// One fee line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeLine {
    /// The hospital's number of the line.
    pub number: String,
    /// Which bill it will be settled with; a stay has one.
    pub charge_batch: String,
    /// When the service was given.
    pub served: DateTime,
    /// The item's national code.
    pub item: String,
    /// The hospital's own code of it.
    pub hospital_item: String,
    /// What was charged.
    pub amount: Money,
    /// How many.
    pub quantity: Quantity,
    /// For how much each.
    pub price: UnitPrice,
    /// The hospital confirms the restricted use of the item.
    pub confirmed: bool,
    /// Trace codes of the packs.
    pub traces: Vec<String>,
    /// A part of a pack: others may carry the same code.
    pub part_of_pack: bool,
    /// How the item is listed at the place of care, where another centre tells it.
    pub listing: Option<CareListing>,
    /// Of a refund row, whose quantity and amount are below nothing: the line it takes back from.
    pub refunds: Option<String>,
}

impl UploadFees {
    /// Reads the input of 2204 or 2301. All lines of a call belong to one visit of one person.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "feedetail", "feedetl_sn", "费用明细流水号")?;
        let count = input.rows("feedetail").count();
        if count > LINES_MAX {
            return Err(Refusal::LinesTooMany { count: count.to_string(), max: LINES_MAX.to_string() });
        }
        let (person, encounter) = (super::person(row)?, super::encounter(row)?);
        let stay = super::of_stay(input);
        super::one_visit(input, "feedetail", &person, encounter)?;
        let lines = input.rows("feedetail").map(|row| FeeLine::read(row, stay));
        let lines = lines.collect::<Result<_, _>>()?;
        Ok(Self { person, encounter, stay, lines })
    }
}

/// Largest price, quantity or amount of a line: far above any bill, far below what could overflow.
pub(super) const NUMBER_MAX: i64 = 1_000_000_000;

pub(super) fn bounded<T: std::str::FromStr + PartialOrd + Neg<Output = T> + Copy>(
    row: Fields<'_>,
    name: &str,
    max: T,
) -> Result<T, Refusal> {
    let value: T = row.number(name)?;
    if (-max..=max).contains(&value) {
        return Ok(value);
    }
    Err(Refusal::FieldInvalid {
        field: name.into(),
        value: row.text(name).into(),
        rule: Rule::UpTo(NUMBER_MAX),
    })
}

impl FeeLine {
    /// A row of a purchase.
    pub(super) fn of_purchase(row: Fields<'_>) -> Result<Self, Refusal> {
        Self::as_said(row, row.need("feedetl_sn")?, super::PURCHASE_SCOPE, false)
    }

    fn read(row: Fields<'_>, stay: bool) -> Result<Self, Refusal> {
        let batch = if stay { STAY_SCOPE } else { row.need("chrg_bchno")? };
        Self::as_said(row, row.need("feedetl_sn")?, batch, stay)
    }

    fn as_said(row: Fields<'_>, number: &str, batch: &str, stay: bool) -> Result<Self, Refusal> {
        let amount = bounded(row, "det_item_fee_sumamt", Money::from_yuan(NUMBER_MAX))?;
        let quantity = bounded(row, "cnt", Quantity::from_ten_thousandths(NUMBER_MAX * 10_000))?;
        let price = bounded(row, "pric", UnitPrice::from_millionths(NUMBER_MAX * 1_000_000))?;
        let (takes_back, below) = (quantity < Quantity::default(), price < UnitPrice::default());
        if !stay && (takes_back || below || amount.is_negative()) {
            return Err(Refusal::RefundNotOffered {
                line: row.text("feedetl_sn").into(),
                price: price.to_string(),
                quantity: quantity.to_string(),
                amount: amount.to_string(),
            });
        }
        if below {
            let (field, value) = ("pric".into(), row.text("pric").into());
            return Err(Refusal::FieldInvalid { field, value, rule: Rule::NotNegative });
        }
        // Some programs name an original on every row; it says something of refunds alone.
        let traces = packs(row)?;
        let refunds = if takes_back { Some(row.need("init_feedetl_sn")?.into()) } else { None };
        Ok(Self {
            number: number.into(),
            charge_batch: batch.into(),
            served: row.time("fee_ocur_time")?,
            item: row.need("med_list_codg")?.into(),
            hospital_item: row.text("medins_list_codg").into(),
            amount,
            quantity,
            price,
            confirmed: row.text("hosp_appr_flag") == "1",
            traces,
            part_of_pack: row.text("trdn_flag") == "1",
            listing: row.parse(crate::care_listing::FIELD, Rule::Listed)?,
            refunds,
        })
    }
}

/// Most trace codes of a line, and the fewest characters of one.
const PACKS_MAX: usize = 200;
const CODE_MIN: usize = 7;

/// The trace codes of a line. What is filled in for want of one would be sold everywhere.
/// Whether something may be the trace code of a pack: long enough, and not one sign again and again.
pub fn is_trace_code(code: &str) -> bool {
    code.chars().count() >= CODE_MIN && !code.chars().all(|c| code.starts_with(c))
}

fn packs(row: Fields<'_>) -> Result<Vec<String>, Refusal> {
    let packs: Vec<String> =
        row.rows("drugtracinfo").map(|pack| pack.text("drug_trac_codg").to_owned()).collect();
    if packs.len() > PACKS_MAX {
        let (count, max) = (packs.len().to_string(), PACKS_MAX.to_string());
        return Err(Refusal::LinesTooMany { count, max });
    }
    match packs.iter().find(|code| !is_trace_code(code)) {
        None => Ok(packs),
        Some(code) => Err(Refusal::FieldInvalid {
            field: "drug_trac_codg".into(),
            value: super::short(code),
            rule: Rule::TraceCode,
        }),
    }
}

impl FeeLine {
    /// What a refund row says of its item is what its original says.
    pub fn must_be_of(&self, item: &str, price: UnitPrice) -> Result<(), Refusal> {
        let same = |field: &str, said: String, original: String| {
            if said == original {
                return Ok(());
            }
            Err(Refusal::FieldInvalid { field: field.into(), value: said, rule: Rule::AsOriginal(original) })
        };
        same("med_list_codg", self.item.clone(), item.to_owned())?;
        same("pric", self.price.to_string(), price.to_string())
    }
}

/// Fee lines, priced.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeesPriced {
    /// One row a line, in the order sent.
    pub lines: Vec<PricedLine>,
}

/// One fee line, priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine {
    /// The hospital's number of the line.
    pub number: String,
    /// Charged.
    pub amount: Money,
    /// How many.
    pub quantity: Quantity,
    /// For how much each.
    pub price: UnitPrice,
    /// The price limit applied.
    pub limit: Option<UnitPrice>,
    /// First self-pay rate.
    pub rate: Rate,
    /// Class C.
    pub out_of_scope: Money,
    /// Above the limit.
    pub over_limit: Money,
    /// First self-pay.
    pub first_self_pay: Money,
    /// Inside the policy.
    pub eligible: Money,
    /// Class.
    pub class: ItemClass,
    /// National kind of charge.
    pub charge_kind: String,
    /// Has a rule of restricted use.
    pub restricted: bool,
    /// What the hospital should know of this line.
    pub memo: String,
}

/// What the interface writes for "no limit".
pub(crate) const NO_LIMIT: UnitPrice = UnitPrice::from_millionths(999_999_000_000);

impl Outgoing for FeesPriced {
    fn rows(&self, _: &str) -> usize {
        self.lines.len()
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        self.lines[row].field(name)
    }
}

impl PricedLine {
    /// One field of a priced line.
    pub(super) fn field(&self, name: &str) -> Value<'_> {
        let line = self;
        match name {
            "feedetl_sn" => line.number.as_str().into(),
            "det_item_fee_sumamt" => line.amount.into(),
            "cnt" => Value::Quantity(line.quantity),
            "pric" => Value::Price(line.price),
            "pric_uplmt_amt" => Value::Price(line.limit.unwrap_or(NO_LIMIT)),
            "selfpay_prop" => Value::Rate(line.rate),
            "fulamt_ownpay_amt" => line.out_of_scope.into(),
            "overlmt_amt" => line.over_limit.into(),
            "preselfpay_amt" => line.first_self_pay.into(),
            "inscp_scp_amt" => line.eligible.into(),
            "chrgitm_lv" => match line.class {
                ItemClass::A => "01",
                ItemClass::B => "02",
                ItemClass::C => "03",
            }
            .into(),
            "med_chrgitm_type" => line.charge_kind.as_str().into(),
            "lmt_used_flag" => super::flag(line.restricted),
            "memo" if !line.memo.is_empty() => line.memo.as_str().into(),
            _ => Value::Absent,
        }
    }
}
