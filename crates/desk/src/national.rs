//! The centre's catalogue as far as a desk needs it: what each item is called and how it is classed, from a day to a day; and
//! what a later version says otherwise.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use store::{By, Change};
use wire::asking::CatalogueRow;

use crate::house::Use;
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet};

/// Rows of one paper.
const ROWS: usize = 500;

/// A row of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NationalItem {
    /// National code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Specification.
    pub specification: String,
    /// Unit.
    pub unit: String,
    /// National kind of list.
    pub list_kind: String,
    /// Class, A, B or C.
    pub class: String,
    /// The first share the patient pays, in per cent; empty where it follows from the rules.
    pub first_self_pay: String,
    /// The first day it holds; none: always.
    pub from: Option<Date>,
    /// The last day; none: it goes on.
    pub to: Option<Date>,
}

impl NationalItem {
    fn of(row: CatalogueRow) -> Self {
        let share = row.first_self_pay.parse::<money::Rate>().map(money::Rate::percent).unwrap_or_default();
        Self {
            code: row.code,
            name: row.name,
            specification: row.specification,
            unit: row.unit,
            list_kind: row.list_kind,
            class: row.class.word().into(),
            first_self_pay: share.trim_end_matches('%').into(),
            from: row.days.0,
            to: row.days.1,
        }
    }

    fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// A list of the catalogue as it was last fetched. The key is its national kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueKept {
    /// The version.
    pub version: String,
    /// Rows that are kept.
    pub rows: usize,
    /// When it was fetched.
    pub at: DateTime,
    /// By whom.
    pub by: String,
    /// What the last version that was fetched changed.
    pub changed: Vec<CatalogueChange>,
}

impl Form for CatalogueKept {
    const KIND: &'static str = "catalogue";
    type State = Use;
    type Private = ();
}

/// Some rows of a list. The key is the list and a count.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Page {
    rows: Vec<NationalItem>,
}

impl Form for Page {
    const KIND: &'static str = "catalogue-page";
    type State = Use;
    type Private = ();
}

/// What a version changed about an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueChange {
    /// National code.
    pub code: String,
    /// Name.
    pub name: String,
    /// What.
    pub what: WhatChanged,
    /// From which day on; none: it is not said.
    pub from: Option<Date>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhatChanged {
    /// It is new.
    New,
    /// It is classed otherwise: before, and then.
    Class(String, String),
    /// Its first self-pay share is another: before, and then.
    Share(String, String),
    /// It ends.
    Stopped,
    /// It is called or sold otherwise.
    Words,
}

/// The catalogue of a hospital's desk.
pub(crate) struct National {
    rows: Vec<NationalItem>,
}

impl National {
    /// As it is kept.
    pub(crate) fn read(papers: &Papers) -> Result<Self, PaperError> {
        let pages: Vec<Sheet<Page>> = papers.list(By::All, ALL, 0)?;
        Ok(Self { rows: pages.into_iter().flat_map(|page| page.facts.rows).collect() })
    }

    /// What holds on a day.
    pub(crate) fn on(&self, day: Date) -> Vec<&NationalItem> {
        let mut rows: Vec<&NationalItem> = self.rows.iter().filter(|row| row.holds_on(day)).collect();
        rows.sort_by(|a, b| a.code.cmp(&b.code));
        rows
    }
}

/// What is written where the rows behind a version were fetched: the list with what they change, and its pages.
pub(crate) fn fetched(
    papers: &Papers,
    kind: &str,
    version: &str,
    rows: Vec<CatalogueRow>,
    (at, by): (DateTime, &str),
) -> Result<Vec<Change>, PaperError> {
    let known = papers.get::<CatalogueKept>(kind)?;
    let pages: Vec<Sheet<Page>> = papers.list(By::All, ALL, 0)?;
    let own = |page: &&Sheet<Page>| page.key.starts_with(&format!("{kind}-"));
    let before: Vec<NationalItem> =
        pages.iter().filter(own).flat_map(|page| page.facts.rows.iter().cloned()).collect();
    let rows: Vec<NationalItem> = rows.into_iter().map(NationalItem::of).collect();
    // Of a list that was never fetched everything is new: that says nothing.
    let changed = if known.is_some() { changes(&before, &rows, at.date()) } else { Vec::new() };
    let merged = merged(before, rows);
    let count = merged.len();
    let mut all = Vec::new();
    for (n, rows) in merged.chunks(ROWS).enumerate() {
        let key = format!("{kind}-{n:04}");
        let old = pages.iter().find(|page| page.key == key);
        if old.is_some_and(|old| old.facts.rows == rows) {
            continue;
        }
        let mut page = Sheet::new(key, Use::Active, None, Page { rows: rows.to_vec() });
        page.version = old.map_or(0, |old| old.version);
        all.push(page.typed());
    }
    let facts = CatalogueKept { version: version.into(), rows: count, at, by: by.into(), changed };
    let mut list = Sheet::new(kind, Use::Active, None, facts);
    list.version = known.map_or(0, |known| known.version);
    all.push(list.happened("fetch"));
    Ok(all)
}

/// The rows with those that replace some of them; in their order.
fn merged(before: Vec<NationalItem>, rows: Vec<NationalItem>) -> Vec<NationalItem> {
    let key = |row: &NationalItem| (row.code.clone(), row.from);
    let mut all: BTreeMap<(String, Option<Date>), NationalItem> =
        before.into_iter().map(|row| (key(&row), row)).collect();
    all.extend(rows.into_iter().map(|row| (key(&row), row)));
    all.into_values().collect()
}

/// What some rows change about what was known on a day.
fn changes(before: &[NationalItem], rows: &[NationalItem], day: Date) -> Vec<CatalogueChange> {
    let mut codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let all = merged(before.to_vec(), rows.to_vec());
    codes.into_iter().filter_map(|code| change(code, before, &all, day)).collect()
}

fn change(code: &str, before: &[NationalItem], all: &[NationalItem], day: Date) -> Option<CatalogueChange> {
    let was = before.iter().find(|row| row.code == code && row.holds_on(day));
    let of = all.iter().filter(|row| row.code == code);
    let last = of.max_by_key(|row| row.from)?;
    let told = |what, from| Some(CatalogueChange { code: code.into(), name: last.name.clone(), what, from });
    let Some(was) = was else {
        return if last.to.is_none() { told(WhatChanged::New, last.from) } else { None };
    };
    if let Some(to) = last.to {
        return told(WhatChanged::Stopped, to.tomorrow().ok());
    }
    if was.class != last.class {
        return told(WhatChanged::Class(was.class.clone(), last.class.clone()), last.from);
    }
    if was.first_self_pay != last.first_self_pay {
        let (before, then) = (was.first_self_pay.clone(), last.first_self_pay.clone());
        return told(WhatChanged::Share(before, then), last.from);
    }
    let words = |row: &NationalItem| (row.name.clone(), row.specification.clone(), row.unit.clone());
    if words(was) == words(last) { None } else { told(WhatChanged::Words, last.from) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use jiff::civil::date;

    /// A row that always holds.
    pub(crate) fn national(code: &str, name: &str, specification: &str) -> NationalItem {
        NationalItem {
            code: code.into(),
            name: name.into(),
            specification: specification.into(),
            unit: "盒".into(),
            list_kind: "101".into(),
            class: "A".into(),
            first_self_pay: String::new(),
            from: None,
            to: None,
        }
    }

    #[test]
    fn what_a_version_changes_is_told_item_by_item() {
        let today = date(2026, 11, 23);
        let (end, next) = (Some(date(2026, 11, 30)), Some(date(2026, 12, 1)));
        let before: Vec<NationalItem> = ["A", "B", "C", "D"].map(|code| national(code, code, "1g")).to_vec();
        let ended = |n: usize| NationalItem { to: end, ..before[n].clone() };
        let then = |n: usize| NationalItem { from: next, ..before[n].clone() };
        let rows = vec![
            ended(0),
            NationalItem { class: "C".into(), ..then(0) },
            ended(1),
            ended(2),
            NationalItem { name: "新名".into(), ..then(2) },
            national("E", "E", ""),
        ];
        let told: Vec<(String, WhatChanged, Option<Date>)> =
            changes(&before, &rows, today).into_iter().map(|c| (c.code, c.what, c.from)).collect();
        let expected = [
            ("A".to_owned(), WhatChanged::Class("A".into(), "C".into()), next),
            ("B".to_owned(), WhatChanged::Stopped, next),
            ("C".to_owned(), WhatChanged::Words, next),
            ("E".to_owned(), WhatChanged::New, None),
        ];
        assert_eq!(told, expected);
        let merged = merged(before, rows);
        assert_eq!(merged.len(), 7);
        let held = |day: Date| merged.iter().filter(|row| row.holds_on(day)).count();
        assert_eq!((held(today), held(date(2026, 12, 1))), (5, 4));
    }
}
