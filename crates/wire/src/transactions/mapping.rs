//! 3301, 3302, 1317: which item of the catalogue an institution's own item is, from a day to a day.

use jiff::civil::Date;

use super::query_catalogue::{BEGINNING, Page, Paged};
use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// Under which the national code is said.
pub const MAPPED_ITEM: &str = "med_list_codg";
/// Under which the national list type is said.
pub const LIST_TYPE: &str = "list_type";
/// Under which something more is said.
pub const MEMO: &str = "memo";
/// Under which the institution's name of the item is said.
pub const OWN_NAME: &str = "fixmedins_hilist_name";

/// What of a mapping says which thing an item is: its name, what it is mapped to, its approval, form and pack. The rest (price,
/// remarks) may change without its being another.
const IDENTIFIES: [&str; 7] = [OWN_NAME, LIST_TYPE, MAPPED_ITEM, "aprvno", "dosform", "spec", "pacspec"];

/// The words by which a mapping is the same again.
pub fn mapping_words(said: &Facts) -> String {
    IDENTIFIES.map(|name| said.text(name)).join("|")
}

/// Most mappings of one call.
pub const MAPPINGS_MAX: usize = 100;

/// One of an institution's items, mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The institution's code of it.
    pub own: String,
    /// National list type.
    pub list: String,
    /// National code of the item it is.
    pub item: String,
    /// First and last day.
    pub days: (Date, Date),
    /// All that was said but its days.
    pub facts: Facts,
}

/// Maps items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadMapping {
    /// One row each.
    pub rows: Vec<Mapped>,
}

/// Two programs' names of one field, the documented first.
const TWINS: [(&str, &str, &str); 4] = [
    ("fixmedins_hilist_id", "fixmedinsHilistId", "定点医药机构目录编号"),
    (OWN_NAME, "fixmedinsHilistName", "定点医药目录名称"),
    (LIST_TYPE, "listType", "医疗目录类别"),
    (MAPPED_ITEM, "medListCodg", "医疗目录编码"),
];

impl UploadMapping {
    /// Reads the input of 3301.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let rows: Vec<Mapped> = input.rows("data").map(mapped).collect::<Result<_, _>>()?;
        if rows.len() > MAPPINGS_MAX {
            return Err(Refusal::LinesTooMany {
                count: rows.len().to_string(),
                max: MAPPINGS_MAX.to_string(),
            });
        }
        Ok(Self { rows })
    }
}

fn mapped(row: Fields<'_>) -> Result<Mapped, Refusal> {
    let either = |at: usize| -> Result<String, Refusal> {
        let (name, twin, label) = TWINS[at];
        let missing = || Refusal::FieldMissing { field: name.into(), name: label.into() };
        row.get(name).or_else(|| row.get(twin)).map(str::to_owned).ok_or_else(missing)
    };
    let day = |name: &str, label: &str| -> Result<Date, Refusal> {
        row.date(name)?.ok_or_else(|| Refusal::FieldMissing { field: name.into(), name: label.into() })
    };
    either(1)?;
    let (from, to) = (day("begndate", "开始日期")?, day("enddate", "结束日期")?);
    if to < from {
        let (value, rule) = (row.text("enddate").into(), Rule::NotBefore(from.to_string()));
        return Err(Refusal::FieldInvalid { field: "enddate".into(), value, rule });
    }
    let (facts, _) =
        row.facts().named(&TWINS.map(|(name, twin, _)| (twin, name))).apart(&["begndate", "enddate"]);
    Ok(Mapped { own: either(0)?, list: either(2)?, item: either(3)?, days: (from, to), facts })
}

/// Withdraws mappings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelMapping {
    /// The institution's code and the national code of each. Without a code of its own all of the institution's items are
    /// meant that are mapped to the national one.
    pub rows: Vec<(String, String)>,
}

impl CancelMapping {
    /// Reads the input of 3302.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = |row: Fields<'_>| {
            // A national code is of one list alone.
            row.need(LIST_TYPE)?;
            Ok((row.text("fixmedins_hilist_id").to_owned(), row.need(MAPPED_ITEM)?.into()))
        };
        Ok(Self { rows: input.rows("data").map(row).collect::<Result<_, Refusal>>()? })
    }
}

/// Which items has this institution mapped?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryMapping {
    /// The institution's code; empty for any.
    pub own: String,
    /// Its name of the item has this in it.
    pub name: String,
    /// National code; empty for any.
    pub item: String,
    /// National list type; empty for any.
    pub list: String,
    /// Mapped on this day; none: whenever.
    pub day: Option<Date>,
    /// Mapped now (or on the day), or not; none: either.
    pub valid: Option<bool>,
    /// Said or changed on this day or later.
    pub updated: Date,
    /// Which page.
    pub page: Page,
}

impl QueryMapping {
    /// Reads the input of 1317.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "updt_time", "更新时间")?;
        let text = |name: &str| row.text(name).to_owned();
        Ok(Self {
            own: text("medins_list_codg"),
            name: text("medins_list_name"),
            item: text("med_list_codg"),
            list: text("list_type"),
            day: row.date("query_date")?,
            valid: row.get("vali_flag").map(|flag| flag != "0"),
            updated: row.date("updt_time")?.unwrap_or(BEGINNING),
            page: Page::read(row)?,
        })
    }
}

/// A mapping as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingShown {
    /// What was said of it.
    pub facts: Facts,
    /// The institution's code and the national one.
    pub codes: (String, String),
    /// First and last day.
    pub days: (Date, Option<Date>),
    /// It holds.
    pub valid: bool,
    /// When it was said last.
    pub updated: Date,
}

/// A page of mappings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingsFound {
    /// The city's division.
    pub division: String,
    /// The institution.
    pub hospital: String,
    /// Which page of how much.
    pub paged: Paged,
    /// Its rows.
    pub rows: Vec<MappingShown>,
}

impl Outgoing for MappingsFound {
    fn rows(&self, node: &str) -> usize {
        if node == "data" { self.rows.len() } else { 1 }
    }

    fn field(&self, node: &str, row: usize, name: &str) -> Value<'_> {
        if node != "data" {
            return self.paged.field(name);
        }
        let shown = &self.rows[row];
        let (own, item) = &shown.codes;
        match name {
            "med_list_codg" | "hilist_code" => item.as_str().into(),
            "medins_list_codg" => own.as_str().into(),
            "medins_list_name" => shown.facts.value(OWN_NAME),
            "fixmedins_code" => self.hospital.as_str().into(),
            "insu_admdvs" | "poolarea_no" => self.division.as_str().into(),
            "begndate" => Value::Date(shown.days.0),
            "enddate" => shown.days.1.map_or(Value::Absent, Value::Date),
            "vali_flag" => if shown.valid { "1" } else { "0" }.into(),
            "rid" => format!("{own}.{}", shown.days.0).into(),
            "updt_time" | "crte_time" | "opt_time" => Value::Date(shown.updated),
            other => shown.facts.value(other),
        }
    }
}
