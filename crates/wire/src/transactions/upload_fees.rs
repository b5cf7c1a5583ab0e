//! 2204: fee lines of an outpatient visit.

use jiff::civil::DateTime;
use model::{EncounterId, PersonNumber};
use money::{Money, Quantity, UnitPrice};

use crate::codes::Refusal;
use crate::input::{Fields, Input};

/// Most lines one call may carry.
pub const LINES_MAX: usize = 100;

/// Fee lines of one outpatient visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadFees {
    /// Who.
    pub person: PersonNumber,
    /// Which visit.
    pub encounter: EncounterId,
    /// The lines, as sent.
    pub lines: Vec<FeeLine>,
}

/// One fee line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeLine {
    /// The hospital's number of the line.
    pub number: String,
    /// Which bill it will be settled with.
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
}

impl UploadFees {
    /// Reads the input of 2204. All lines of a call belong to one visit of one person.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "feedetail", "feedetl_sn", "费用明细流水号")?;
        let count = input.rows("feedetail").count();
        if count > LINES_MAX {
            return Err(Refusal::LinesTooMany { count: count.to_string(), max: LINES_MAX.to_string() });
        }
        let (person, encounter) = (super::person(row)?, super::encounter(row)?);
        let lines = input.rows("feedetail").map(|row| {
            if super::person(row)? != person {
                return Err(Refusal::PersonMismatch { person: row.text("psn_no").into() });
            }
            if super::encounter(row)? != encounter {
                return Err(Refusal::FieldInvalid {
                    field: "mdtrt_id".into(),
                    value: row.text("mdtrt_id").into(),
                    rule: "one visit a call".into(),
                });
            }
            FeeLine::read(row)
        });
        let lines = lines.collect::<Result<_, _>>()?;
        Ok(Self { person, encounter, lines })
    }
}

impl FeeLine {
    fn read(row: Fields<'_>) -> Result<Self, Refusal> {
        Ok(Self {
            number: row.need("feedetl_sn")?.into(),
            charge_batch: row.need("chrg_bchno")?.into(),
            served: row.time("fee_ocur_time")?,
            item: row.need("med_list_codg")?.into(),
            hospital_item: row.text("medins_list_codg").into(),
            amount: row.number("det_item_fee_sumamt")?,
            quantity: row.number("cnt")?,
            price: row.number("pric")?,
            confirmed: row.text("hosp_appr_flag") == "1",
        })
    }
}
