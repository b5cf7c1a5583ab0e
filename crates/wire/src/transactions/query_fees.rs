//! 5204, 5205: fee lines of a visit; drugs of a person for listed diseases.

use jiff::civil::DateTime;
use model::{EncounterId, PersonNumber, SettlementId};

use super::PricedLine;
use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::Input;
use crate::output::{Outgoing, Value};

/// The fee lines of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryFees {
    /// Whose.
    pub person: PersonNumber,
    /// Of which visit.
    pub encounter: EncounterId,
    /// Those of one settlement alone.
    pub settlement: Option<SettlementId>,
}

impl QueryFees {
    /// Reads the input of 5204.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "mdtrt_id", "就诊ID")?;
        Ok(Self {
            person: super::person(row)?,
            encounter: super::encounter(row)?,
            settlement: row.get("setl_id").map(|_| super::settlement(row)).transpose()?,
        })
    }
}

/// Which drugs has a person had for listed diseases?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryDiseaseMedication {
    /// Whose.
    pub person: PersonNumber,
    /// In visits begun within; without an end: until now.
    pub within: (DateTime, Option<DateTime>),
}

impl QueryDiseaseMedication {
    /// Reads the input of 5205.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "psn_no", "人员编号")?;
        let within = match row.get("endtime") {
            None => (row.time("begntime")?, None),
            Some(_) => super::query_visits::within(row).map(|(from, to)| (from, Some(to)))?,
        };
        Ok(Self { person: super::person(row)?, within })
    }
}

/// What was said of each line of an upload, by the line's number.
pub fn said_of_lines(input: &Input) -> impl Iterator<Item = (String, Facts)> {
    let rows = input.rows("feedetail").chain(input.rows("drugdetail"));
    rows.filter_map(|row| Some((row.get("feedetl_sn")?.to_owned(), row.facts())))
}

/// Fee lines that were found.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FeesFound {
    /// One row each.
    pub lines: Vec<FeeFound>,
}

/// One fee line with what its item is.
#[derive(Clone, PartialEq, Eq)]
pub struct FeeFound {
    /// Whose.
    pub person: PersonNumber,
    /// Of which visit.
    pub encounter: EncounterId,
    /// The settlement it is in.
    pub settlement: Option<SettlementId>,
    /// Where: code and name.
    pub hospital: (String, String),
    /// National kind of care.
    pub care_kind: String,
    /// When served.
    pub served: DateTime,
    /// The item: its national code, its name, the national kind of its list, its specification.
    pub item: [String; 4],
    /// The hospital's code of it.
    pub hospital_item: String,
    /// What it comes to before any benefit.
    pub priced: PricedLine,
    /// What else was said of it.
    pub facts: Facts,
}

impl Outgoing for FeesFound {
    fn rows(&self, _: &str) -> usize {
        self.lines.len()
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        let line = &self.lines[row];
        let [code, called, list, specification] = &line.item;
        let said = |other: &str| line.facts.value(other);
        match name {
            "mdtrt_id" => line.encounter.to_string().into(),
            "setl_id" => line.settlement.map(|id| id.to_string()).into(),
            "psn_no" => line.person.as_str().into(),
            "fixmedins_code" => line.hospital.0.as_str().into(),
            "fixmedins_name" => line.hospital.1.as_str().into(),
            "rx_drord_no" => match line.facts.text("drord_no") {
                "" => said("rxno"),
                _ => said("drord_no"),
            },
            "med_type" => line.care_kind.as_str().into(),
            "fee_ocur_time" => Value::Time(line.served),
            "sin_dos_dscr" => said("sin_dos"),
            "used_frqu_dscr" => said("frqu_dscr"),
            "hilist_code" | "med_list_codg" => code.as_str().into(),
            "hilist_name" => called.as_str().into(),
            "list_type" => list.as_str().into(),
            "spec" if !specification.is_empty() => specification.as_str().into(),
            "medins_list_codg" => line.hospital_item.as_str().into(),
            "medins_list_name" if line.facts.text(name).is_empty() => called.as_str().into(),
            other => match line.priced.field(other) {
                Value::Absent => said(other),
                value => value,
            },
        }
    }
}
