//! Everything a hospital has on paper, as tables with commas that any program reads, with a description of each column. So
//! a hospital can leave with what is its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use store::{By, DeskStore, StoreError, Tenant};

use crate::export::{self, Kind};
use crate::sheet::ALL;

/// The kinds of papers. Sessions, what is being typed and what is only counted are none.
const KINDS: [&str; 27] = [
    "hospital",
    "operator",
    "doctor",
    "diagnosis",
    "item",
    "price-change",
    "mapping",
    "ward",
    "bed",
    "segment",
    "receipt",
    "bill",
    "stay",
    "posting",
    "deposit",
    "settlement",
    "errand",
    "closing",
    "summary",
    "daily-run",
    "reconciliation",
    "correction",
    "ticket",
    "application",
    "parameter",
    "layout",
    "catalogue",
];

/// What is never written: what opens doors.
const SECRET: [&str; 3] = ["password", "code_used", "wrong"];

/// What is personal and never written: secrets, and messages as they were sent, whose figures stand in the papers.
const SECRET_PERSONAL: [&str; 4] = ["totp", "message", "first_message", "sent"];

/// What a row goes by; what a paper says under the same name stands behind `said.`.
const OWN: [&str; 5] = ["key", "row", "version", "day", "state"];

/// What each column means: where it stands, what it is in Chinese and in English.
const MEANINGS: &str = include_str!("../data/columns.txt");

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainTable {
    /// Its name: the kind of paper, and behind a dot the list within it.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Its rows, a cell for each column.
    pub rows: Vec<Vec<String>>,
}

impl PlainTable {
    /// As a file with commas, safe to be opened by a spreadsheet: figures are figures, in whichever column.
    pub fn csv(&self) -> Vec<u8> {
        export::csv(&self.columns, &vec![Kind::Amount; self.columns.len()], &self.rows)
    }
}

/// A column with its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

/// A row that is being made.
type Row = BTreeMap<String, String>;

/// Tables that are being made, by their names.
#[derive(Default)]
struct Tables(BTreeMap<String, Vec<Row>>);

/// All papers of a hospital; names, documents and the like only where `personal`.
pub fn tables(store: &dyn DeskStore, hospital: &str, personal: bool) -> Result<Vec<PlainTable>, StoreError> {
    let tenant = Tenant(hospital.to_owned());
    let mut all = Vec::new();
    for kind in KINDS {
        let mut tables = Tables::default();
        tables.0.insert(kind.to_owned(), Vec::new());
        for paper in store.papers(&tenant, kind, By::All, ALL, 0)? {
            let mut row = Row::from([
                ("key".to_owned(), paper.key.clone()),
                ("state".to_owned(), paper.state.trim_matches('"').to_owned()),
                ("version".to_owned(), paper.version.to_string()),
            ]);
            row.extend(paper.day.map(|day| ("day".to_owned(), day.to_string())));
            tables.take(kind, &paper.key, "", &read(&paper.facts), &mut row);
            if personal {
                tables.take(kind, &paper.key, "personal", &read(&paper.private), &mut row);
            }
            tables.put(kind, row);
            tables.steps(store, &tenant, kind, &paper.key)?;
        }
        all.extend(tables.written());
    }
    all.retain(|table| !table.rows.is_empty());
    Ok(all)
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

impl Tables {
    fn put(&mut self, table: &str, row: Row) {
        self.0.entry(table.to_owned()).or_default().push(row);
    }

    /// Takes a value apart into the cells of a row; a list of more than words becomes a table of its own.
    fn take(&mut self, table: &str, key: &str, at: &str, value: &Value, row: &mut Row) {
        if is_secret(at) {
            return;
        }
        match value {
            Value::Null => {}
            Value::Array(none) if none.is_empty() => {}
            Value::Object(fields) => {
                for (name, value) in fields {
                    let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                    self.take(table, key, &at, value, row);
                }
            }
            Value::Array(all) if all.iter().all(|one| !one.is_array() && !one.is_object()) => {
                row.insert(named(at), all.iter().map(word).collect::<Vec<_>>().join("; "));
            }
            Value::Array(all) => self.list(table, key, at, all),
            single => {
                row.insert(named(at), word(single));
            }
        }
    }

    fn list(&mut self, table: &str, key: &str, at: &str, all: &[Value]) {
        let name = format!("{table}.{at}");
        for (number, one) in (1..).zip(all) {
            let mut row =
                Row::from([("key".to_owned(), key.to_owned()), ("row".to_owned(), i32::to_string(&number))]);
            match one {
                Value::Array(pair) => {
                    for (place, value) in (1..).zip(pair) {
                        self.take(&name, key, &format!("part-{}", i32::to_string(&place)), value, &mut row);
                    }
                }
                one => self.take(&name, key, "", one, &mut row),
            }
            self.put(&name, row);
        }
    }

    /// What happened to a paper.
    fn steps(&mut self, store: &dyn DeskStore, of: &Tenant, kind: &str, key: &str) -> Result<(), StoreError> {
        for event in store.events(of, kind, key)? {
            let cells = [
                ("key", event.key),
                ("version", event.version.to_string()),
                ("at", store::write_time(event.at)),
                ("operator", event.operator),
                ("workstation", event.workstation),
                ("event", event.event),
                ("from", event.from.unwrap_or_default().trim_matches('"').to_owned()),
                ("state", event.state.trim_matches('"').to_owned()),
            ];
            let row = cells.map(|(name, cell)| (name.to_owned(), cell));
            self.put(&format!("{kind}.steps"), row.into());
        }
        Ok(())
    }

    fn written(self) -> Vec<PlainTable> {
        let table = |(name, rows): (String, Vec<Row>)| {
            let names: BTreeSet<&str> = rows.iter().flat_map(|row| row.keys().map(String::as_str)).collect();
            // What it goes by stands first.
            let known = OWN.into_iter().filter(|name| names.contains(name));
            let columns: Vec<String> = known
                .chain(names.iter().copied().filter(|name| !OWN.contains(name)))
                .map(Into::into)
                .collect();
            let cells =
                |row: &Row| columns.iter().map(|name| row.get(name).cloned().unwrap_or_default()).collect();
            PlainTable { rows: rows.iter().map(cells).collect(), name, columns }
        };
        self.0.into_iter().map(table).collect()
    }
}

fn is_secret(at: &str) -> bool {
    let last = at.rsplit('.').next().unwrap_or_default();
    SECRET.contains(&at) || (at.starts_with("personal.") && SECRET_PERSONAL.contains(&last))
}

/// How a column is called.
fn named(at: &str) -> String {
    if OWN.contains(&at) { format!("said.{at}") } else { at.to_owned() }
}

/// A value that is no list and no object, as text.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What the columns of tables mean; of one that nobody has described yet, nothing.
pub fn meanings(tables: &[PlainTable]) -> Vec<Meaning> {
    let described: Vec<[&'static str; 4]> = MEANINGS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split('|').map(str::trim).collect::<Vec<_>>().try_into().ok())
        .collect();
    // What has a column for each kind of charge, say, is described once, as `categories.*`.
    let known = |table: &str, column: &str| {
        let of = |whose: &str| described.iter().find(|[table, name, ..]| *table == whose && *name == column);
        of(table).or_else(|| of("*")).map(|[_, _, zh, en]| (*zh, *en))
    };
    let find = |table: &str, column: &str| {
        let parts: Vec<&str> = column.split('.').collect();
        let wide = |n: usize| {
            let mut wide = parts.clone();
            wide[n] = "*";
            known(table, &wide.join("."))
        };
        known(table, column).or_else(|| (1..parts.len()).find_map(wide)).unwrap_or_default()
    };
    let all = tables.iter().flat_map(|table| table.columns.iter().map(move |column| (&table.name, column)));
    all.map(|(table, column)| {
        let (zh, en) = find(table, column);
        Meaning { table: table.clone(), column: column.clone(), zh, en }
    })
    .collect()
}
