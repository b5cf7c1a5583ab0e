//! 1301 to 1306: the lists of the catalogue as files, all of one or what a later version changed, and their rows.

use jiff::civil::Date;
use model::ItemClass;

use super::hearing::heard;
use super::speaker::{Asking, Speaker};
use super::writing::Row;
use crate::output::Answer;
use crate::stamp::read_date;
use crate::transactions::class_code;

/// A list of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogueList {
    /// Western and Chinese patent drugs.
    Drugs,
    /// Herbs.
    Herbs,
    /// Preparations of hospitals.
    Preparations,
    /// Services.
    Services,
    /// Materials.
    Materials,
}

impl CatalogueList {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Drugs, Self::Herbs, Self::Preparations, Self::Services, Self::Materials];

    /// Its national list type.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Drugs => "101",
            Self::Herbs => "102",
            Self::Preparations => "103",
            Self::Services => "201",
            Self::Materials => "301",
        }
    }

    const fn infno(self) -> &'static str {
        match self {
            Self::Drugs => "1301",
            Self::Herbs => "1302",
            Self::Preparations => "1303",
            Self::Services => "1305",
            Self::Materials => "1306",
        }
    }
}

/// 1301 to 1306: which file tells what came behind a version?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskList {
    /// Of which list.
    pub list: CatalogueList,
    /// The version the hospital has; empty: none.
    pub since: String,
}

impl Asking for AskList {
    fn infno(&self) -> &'static str {
        self.list.infno()
    }

    fn input(&self, _: &Speaker) -> String {
        let since = if self.since.is_empty() { "0" } else { &self.since };
        Row::new().text("ver", since).within("data")
    }
}

/// The answer to [`AskList`]: the file waits to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHeard {
    /// The number of the file.
    pub file: String,
    /// Its name.
    pub name: String,
    /// Rows in it; none where that is not told.
    pub count: Option<usize>,
}

impl ListHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| {
            let (file, name) = (output.some("file_qury_no")?, output.text("filename"));
            Some(Self { file, name, count: output.number("data_cnt", 0)? })
        })
    }

    /// The newest version, as the file's name has it; empty where it has none. There is no member for it.
    pub fn version(&self) -> &str {
        let stem = self.name.split_once('.').map_or(self.name.as_str(), |(stem, _)| stem);
        stem.split_once('_').map_or("", |(_, version)| version)
    }
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueRow {
    /// National code.
    pub code: String,
    /// Name.
    pub name: String,
    /// National list type.
    pub list_kind: String,
    /// National kind of charge.
    pub charge_kind: String,
    /// Class.
    pub class: ItemClass,
    /// Unit.
    pub unit: String,
    /// Specification.
    pub specification: String,
    /// A first self-pay share of its own, as it is told; empty: by the rules.
    pub first_self_pay: String,
    /// First and last day it holds.
    pub days: (Option<Date>, Option<Date>),
    /// The version that said so.
    pub version: String,
}

/// Reads the file of a list; none where a line of it cannot be read.
pub fn catalogue_rows(text: &str) -> Option<Vec<CatalogueRow>> {
    text.lines().filter(|line| !line.trim().is_empty()).map(row).collect()
}

fn row(line: &str) -> Option<CatalogueRow> {
    let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [
        code,
        name,
        list_kind,
        charge_kind,
        class,
        unit,
        specification,
        _,
        _,
        _,
        first_self_pay,
        _,
        _,
        _,
        from,
        to,
        version,
        ..,
    ] = columns[..]
    else {
        return None;
    };
    let day = |text: &str| if text.is_empty() { Some(None) } else { read_date(text).map(Some) };
    Some(CatalogueRow {
        code: code.into(),
        name: name.into(),
        list_kind: list_kind.into(),
        charge_kind: charge_kind.into(),
        class: ItemClass::ALL.iter().copied().find(|known| class_code(*known) == class)?,
        unit: unit.into(),
        specification: specification.into(),
        first_self_pay: first_self_pay.into(),
        days: (day(from)?, day(to)?),
        version: version.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{ODD, answered, said};
    use crate::transactions::{DownloadCatalogue, Downloaded, FileReady, item_line};
    use jiff::civil::date;
    use model::{Item, ItemKind, Validity};

    #[test]
    fn a_list_is_asked_for_behind_a_version() {
        for list in CatalogueList::ALL {
            let read = |since: &str| {
                let request = AskList { list, since: since.into() };
                DownloadCatalogue::read(&said(&request).input).unwrap()
            };
            assert_eq!(read("2026-01-01").list, Downloaded::Items(list.kind()));
            assert_eq!((read("2026-01-01").since.as_str(), read("").since.as_str()), ("2026-01-01", "0"));
        }
        let asked = AskList { list: CatalogueList::Drugs, since: String::new() };
        let asked = DownloadCatalogue::read(&said(&asked).input).unwrap();
        let told = FileReady {
            number: asked.number("", "2026-12-01"),
            name: asked.file_name("2026-12-01"),
            until: date(2026, 12, 23),
            count: 1_250,
        };
        let heard = ListHeard::hear(&answered("1301", &told)).unwrap();
        assert_eq!((heard.version(), heard.count), ("2026-12-01", Some(1_250)));
        assert_eq!(ListHeard { name: "list".into(), ..heard }.version(), "");
    }

    #[test]
    fn the_rows_of_a_list_are_read_as_they_are_written() {
        let item = Item {
            code: "XL01".into(),
            name: ODD.into(),
            class: ItemClass::B,
            kind: ItemKind::Drug,
            list_kind: "101".into(),
            charge_kind: "09".into(),
            unit: "盒".into(),
            specification: "10mg*7片".into(),
            price: "18.6".parse().unwrap(),
            limits: [None; 4],
            first_self_pay: Some("0.1".parse().unwrap()),
            restricted: true,
            traced: false,
            initials: "W".into(),
            valid: Validity {
                from: Some(date(2026, 1, 1)),
                to: Some(date(2026, 11, 30)),
                ..Validity::default()
            },
        };
        let rows = catalogue_rows(&item_line(&item, "2026-12-01")).unwrap();
        let expected = CatalogueRow {
            code: "XL01".into(),
            name: ODD.into(),
            list_kind: "101".into(),
            charge_kind: "09".into(),
            class: ItemClass::B,
            unit: "盒".into(),
            specification: "10mg*7片".into(),
            first_self_pay: item.first_self_pay.unwrap().to_string(),
            days: (Some(date(2026, 1, 1)), Some(date(2026, 11, 30))),
            version: "2026-12-01".into(),
        };
        assert_eq!(rows, [expected]);
        assert_eq!(catalogue_rows("\r\n"), Some(Vec::new()));
        for odd in ["XL01\tname", &item_line(&item, "v").replace("\t02\t", "\t09\t")] {
            assert_eq!(catalogue_rows(odd), None, "{odd}");
        }
    }
}
