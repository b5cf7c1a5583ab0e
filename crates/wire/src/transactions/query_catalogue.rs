//! 1304, 1312, 1316, 1318, 1319: the insurance catalogue page by page.

use std::ops::Range;

use jiff::civil::{Date, date};
use model::{Item, ItemClass};
use money::{Rate, UnitPrice};

use super::download_catalogue::class_code;
use crate::codes::Refusal;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// A page of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Its number, from 1.
    pub number: usize,
    /// Rows of a full one.
    pub size: usize,
}

/// Most rows of a page.
pub const PAGE_MAX: u16 = 1_000;

impl Page {
    pub(crate) fn read(row: Fields<'_>) -> Result<Self, Refusal> {
        let whole = |name: &str| {
            row.parse::<usize>(name, Rule::Number)?.filter(|n| *n > 0).ok_or_else(|| Refusal::FieldInvalid {
                field: name.into(),
                value: row.text(name).into(),
                rule: Rule::AtLeastOne,
            })
        };
        let (number, size) = (whole("page_num")?, whole("page_size")?);
        if size > usize::from(PAGE_MAX) {
            let rule = Rule::UpTo(PAGE_MAX.into());
            return Err(Refusal::FieldInvalid { field: "page_size".into(), value: size.to_string(), rule });
        }
        Ok(Self { number, size })
    }

    /// Which of `all` rows are on it.
    pub fn of(self, all: usize) -> Range<usize> {
        let from = (self.number - 1).saturating_mul(self.size).min(all);
        from..from.saturating_add(self.size).min(all)
    }
}

/// What was found beside a page of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paged {
    /// Which page.
    pub page: Page,
    /// Rows of all pages.
    pub all: usize,
}

impl Paged {
    /// The member of an answer's page that is called so.
    pub(crate) fn field(self, name: &str) -> Value<'static> {
        let (rows, pages) = (self.page.of(self.all), self.all.div_ceil(self.page.size));
        let value = match name {
            "recordCounts" => self.all,
            "pages" | "lastPage" => pages,
            "pageNum" => self.page.number,
            "pageSize" => self.page.size,
            "size" => rows.len(),
            "startRow" => {
                if rows.is_empty() {
                    0
                } else {
                    rows.start + 1
                }
            }
            "endRow" => {
                if rows.is_empty() {
                    0
                } else {
                    rows.end
                }
            }
            "firstPage" => 1,
            _ => return Value::Absent,
        };
        Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

/// What of items is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Ethnic drugs as medical goods.
    EthnicDrugs,
    /// Items of the insurance catalogue.
    Items,
    /// Which insured item a medical item is.
    Matches,
    /// Price limits, a row a hospital level.
    Limits,
    /// First self-pay ratios.
    SelfPay,
}

/// Which items are listed?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryCatalogue {
    /// What of them.
    pub shown: Shown,
    /// With this code; empty for any.
    pub code: String,
    /// Whose name has this in it.
    pub name: String,
    /// Whose initials begin so.
    pub initials: String,
    /// Of this national list type; empty for any.
    pub list: String,
    /// Of this class's national code; empty for any.
    pub class: String,
    /// Listed on this day; none: whenever.
    pub day: Option<Date>,
    /// Listed today (or on the day), or not; none: either.
    pub valid: Option<bool>,
    /// Said or changed on this day or later.
    pub updated: Date,
    /// Which page.
    pub page: Page,
}

impl QueryCatalogue {
    /// Reads the input of any of them.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "updt_time", "更新时间")?;
        let shown = match input.transaction().infno {
            "1304" => Shown::EthnicDrugs,
            "1316" => Shown::Matches,
            "1318" => Shown::Limits,
            "1319" => Shown::SelfPay,
            _ => Shown::Items,
        };
        let either = |names: &[&str]| {
            names.iter().map(|name| row.text(name)).find(|text| !text.is_empty()).unwrap_or("").to_owned()
        };
        Ok(Self {
            shown,
            code: either(&["hilist_code", "med_list_codg"]),
            name: either(&["hilist_name", "drug_genname", "drug_prodname", "reg_name"]),
            initials: row.text("pinyin").to_ascii_uppercase(),
            list: row.text("list_type").into(),
            class: row.text("chrgitm_lv").into(),
            day: row.date("query_date")?,
            valid: row.get("vali_flag").map(|flag| flag != "0"),
            updated: row.date("updt_time")?.unwrap_or(BEGINNING),
            page: Page::read(row)?,
        })
    }

    /// Whether an item is one of those asked for, whatever its days are.
    pub fn asks_for(&self, item: &Item) -> bool {
        let ethnic = item.list_kind == ETHNIC;
        (self.shown != Shown::EthnicDrugs || ethnic)
            && (self.code.is_empty() || self.code == item.code)
            && item.name.contains(&self.name)
            && item.initials.starts_with(&self.initials)
            && (self.list.is_empty() || self.list == item.list_kind)
            && (self.class.is_empty() || self.class == class_code(item.class))
    }
}

/// National list type of ethnic drugs.
const ETHNIC: &str = "104";

/// The first day of what has always been so.
pub const BEGINNING: Date = date(2000, 1, 1);

/// A row of the catalogue as it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemShown {
    /// The item.
    pub item: Item,
    /// Listed today.
    pub valid: bool,
    /// The version that said so, and its day.
    pub version: (String, Date),
    /// A price limit, and for which hospital level.
    pub limit: Option<(usize, UnitPrice)>,
    /// A first self-pay ratio.
    pub self_pay: Option<Rate>,
}

/// A page of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogueFound {
    /// The city's division.
    pub division: String,
    /// Which page of how much.
    pub paged: Paged,
    /// Its rows.
    pub rows: Vec<ItemShown>,
}

impl Outgoing for CatalogueFound {
    fn rows(&self, node: &str) -> usize {
        if node == "data" { self.rows.len() } else { 1 }
    }

    fn field(&self, node: &str, row: usize, name: &str) -> Value<'_> {
        if node != "data" {
            return self.paged.field(name);
        }
        let shown = &self.rows[row];
        let item = &shown.item;
        let flag = |set| Value::from(if set { "1" } else { "0" });
        match name {
            "med_list_codg" | "med_list_code" | "hilist_code" => item.code.as_str().into(),
            "hilist_name" | "drug_prodname" | "drug_genname" => item.name.as_str().into(),
            "insu_admdvs" | "poolarea_no" | "crte_optins_no" | "optins_no" => self.division.as_str().into(),
            "begndate" => Value::Date(item.valid.from.unwrap_or(BEGINNING)),
            "enddate" => item.valid.to.map_or(Value::Absent, Value::Date),
            "med_chrgitm_type" => item.charge_kind.as_str().into(),
            "chrgitm_lv" => class_code(item.class).into(),
            "lmt_used_flag" => flag(item.restricted),
            "list_type" => item.list_kind.as_str().into(),
            "med_use_flag" => flag(item.class != ItemClass::C),
            // Not told apart here; whoever changed it last is the centre. A ratio is the same for everybody.
            "matn_used_flag"
            | "hilist_use_type"
            | "lmt_cpnd_type"
            | "crter_id"
            | "opter_id"
            | "selfpay_prop_psn_type" => "0".into(),
            "pinyin" => item.initials.as_str().into(),
            "drug_spec" => item.specification.as_str().into(),
            "min_salunt" => item.unit.as_str().into(),
            "vali_flag" | "vail_flag" => flag(shown.valid),
            "rid" => format!("{}.{}", item.code, item.valid.version + 1).into(),
            "updt_time" | "crte_time" | "opt_time" => Value::Date(shown.version.1),
            "ver" => shown.version.0.as_str().into(),
            "crter_name" | "opter_name" => "目录管理".into(),
            // Of a level; what is above is paid by the patient.
            "hilist_lmtpric_type" => shown.limit.map_or(Value::Absent, |(level, _)| level.to_string().into()),
            "overlmt_dspo_way" => "1".into(),
            "hilist_pric_uplmt_amt" => shown.limit.map_or(Value::Absent, |(_, limit)| Value::Price(limit)),
            "selfpay_prop_type" => "10".into(),
            "selfpay_prop" => shown.self_pay.map_or(Value::Absent, Value::Rate),
            _ => Value::Absent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_where_the_rows_end() {
        let page = |number| Page { number, size: 100 };
        assert_eq!(page(1).of(250), 0..100);
        assert_eq!(page(3).of(250), 200..250);
        assert_eq!(page(4).of(250), 250..250);
        let told = |number, name| Paged { page: page(number), all: 250 }.field(name);
        assert_eq!(told(3, "startRow"), Value::Integer(201));
        assert_eq!(told(3, "endRow"), Value::Integer(250));
        assert_eq!(told(3, "lastPage"), Value::Integer(3));
        assert_eq!(told(4, "startRow"), Value::Integer(0));
    }
}
