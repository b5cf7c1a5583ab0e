//! 1301 to 1303, 1305 to 1311, 1313 to 1315, 1320: a list as a file, all of it or what a later version changed.

use jiff::civil::Date;
use model::{Code, CodeList, Item, ItemClass, Validity};

use crate::codes::Refusal;
use crate::file::FileNumber;
use crate::input::Input;
use crate::output::{Outgoing, Value};
use crate::stamp::print_date;

/// A list that is downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Downloaded {
    /// Items of the catalogue, by national list type.
    Items(&'static str),
    /// A list of codes.
    Codes(CodeList),
}

impl Downloaded {
    /// Which list a transaction is about.
    pub fn of(infno: &str) -> Option<Self> {
        Some(match infno {
            "1301" => Self::Items("101"),
            "1302" => Self::Items("102"),
            "1303" => Self::Items("103"),
            "1305" => Self::Items("201"),
            "1306" => Self::Items("301"),
            "1307" => Self::Codes(CodeList::Diagnoses),
            "1308" => Self::Codes(CodeList::Procedures),
            "1309" => Self::Codes(CodeList::ListedDiseases),
            "1310" => Self::Codes(CodeList::DiseasePayments),
            "1311" => Self::Codes(CodeList::DaySurgeries),
            "1313" => Self::Codes(CodeList::TumourMorphology),
            "1314" => Self::Codes(CodeList::TcmDiseases),
            "1315" => Self::Codes(CodeList::TcmSyndromes),
            "1320" => Self::Items("106"),
            _ => return None,
        })
    }
}

/// What of a list came behind a version?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadCatalogue {
    infno: &'static str,
    /// Of which list.
    pub list: Downloaded,
    /// The version the hospital has; another name than of a version: it has none.
    pub since: String,
}

impl DownloadCatalogue {
    /// Reads the input of any of them.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let infno = input.transaction().infno;
        let list = Downloaded::of(infno).expect("only what is downloaded is read here");
        let since = input.first("data").map(|row| row.text("ver").to_owned()).unwrap_or_default();
        Ok(Self { infno, list, since })
    }

    /// The number under which the rows between two versions are fetched; `since` is empty for all of them.
    pub fn number(&self, since: &str, version: &str) -> FileNumber {
        FileNumber::List { infno: self.infno.into(), since: since.into(), version: version.into() }
    }

    /// What the file is called.
    pub fn file_name(&self, version: &str) -> String {
        format!("{}_{version}.zip", self.infno)
    }
}

/// A file that waits to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReady {
    /// Its number.
    pub number: FileNumber,
    /// Its name.
    pub name: String,
    /// The last day it can be fetched.
    pub until: Date,
    /// Rows in it.
    pub count: usize,
}

impl Outgoing for FileReady {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        match name {
            "file_qury_no" => self.number.to_string().into(),
            "filename" => self.name.as_str().into(),
            "dld_end_time" | "dld_endtime" => Value::Date(self.until),
            "data_cnt" => Value::Integer(i64::try_from(self.count).unwrap_or(i64::MAX)),
            _ => Value::Absent,
        }
    }
}

fn line<const N: usize>(columns: [&str; N]) -> String {
    let clean = columns.map(|column| column.replace(['\t', '\r', '\n'], " "));
    format!("{}\r\n", clean.join("\t"))
}

fn period(valid: &Validity) -> [String; 2] {
    [valid.from, valid.to].map(|day| day.map(print_date).unwrap_or_default())
}

/// National code of a class.
pub(crate) const fn class_code(class: ItemClass) -> &'static str {
    match class {
        ItemClass::A => "01",
        ItemClass::B => "02",
        ItemClass::C => "03",
    }
}

/// An item as a line of its list's file: code, name, list type, kind of charge, class, unit, specification, price limits of
/// the first to the third level, the first self-pay ratio of its own, restricted use, trace code, initials, first and last
/// day, version.
pub fn item_line(item: &Item, version: &str) -> String {
    let [from, to] = period(&item.valid);
    let [_, one, two, three] = item.limits.map(|limit| limit.map(|l| l.to_string()).unwrap_or_default());
    let flag = |set| if set { "1" } else { "0" };
    line([
        &item.code,
        &item.name,
        &item.list_kind,
        &item.charge_kind,
        class_code(item.class),
        &item.unit,
        &item.specification,
        &one,
        &two,
        &three,
        &item.first_self_pay.map(|rate| rate.to_string()).unwrap_or_default(),
        flag(item.restricted),
        flag(item.traced),
        &item.initials,
        &from,
        &to,
        version,
    ])
}

/// A code as a line of its list's file: code, name, first and last day, version.
pub fn code_line(code: &Code, version: &str) -> String {
    let [from, to] = period(&code.valid);
    line([&code.code, &code.name, &from, &to, version])
}
