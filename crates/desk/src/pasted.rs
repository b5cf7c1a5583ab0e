//! Lists with commas, as programs and people write them: read row by row by the names of their columns, with every problem
//! told by line and column before anything of a list is taken over.

use std::collections::HashSet;

use web::Said;

/// Most rows of one list.
pub(crate) const ROWS_MAX: usize = 5_000;

/// What is wrong with a list, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The line in the file, from 1.
    pub(crate) line: usize,
    /// The column, as the file names it; empty: the whole row.
    pub(crate) column: String,
    /// What.
    pub(crate) said: Said,
}

/// The columns a list may have, each with every name it goes by: the first is told where one is missing.
pub(crate) struct Columns<'c> {
    /// Their names.
    pub(crate) names: Vec<Vec<&'c str>>,
    /// So many of them, from the first, must be there.
    pub(crate) needed: usize,
}

/// A row's cells by their columns; empty where the list has none.
pub(crate) type Cells<'c> = dyn Fn(usize) -> String + 'c;

/// A list that was read.
#[derive(Debug)]
pub(crate) struct Listed<T> {
    /// Its rows by their keys.
    pub(crate) rows: Vec<(String, T)>,
    /// Which columns it has.
    pub(crate) has: Vec<bool>,
}

/// A list's columns in its first line.
struct Head {
    headings: csv::StringRecord,
    places: Vec<Option<usize>>,
}

impl Head {
    /// As the list names a column.
    fn name(&self, columns: &Columns<'_>, column: usize) -> String {
        let named = self.places[column].and_then(|place| self.headings.get(place));
        named.unwrap_or(columns.names[column][0]).to_owned()
    }
}

/// Reads a list: its rows, or all that is wrong with it. `row` makes one of its cells: under which key, or which column is
/// wrong, and what.
pub(crate) fn read<T>(
    text: &str,
    columns: &Columns<'_>,
    row: impl Fn(&Cells<'_>) -> Result<(String, T), (usize, Said)>,
) -> Result<Listed<T>, Vec<Problem>> {
    let mut lines =
        csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let head = head(&mut lines, columns)?;
    let (mut rows, mut seen, mut problems) = (Vec::new(), HashSet::new(), Vec::new());
    let wrong =
        |line: usize, column: usize, said: Said| Problem { line, column: head.name(columns, column), said };
    for (at, record) in lines.records().enumerate() {
        let line = at + 2;
        if at == ROWS_MAX {
            problems.push(whole(line, Said::new("import-too-many").with("most", ROWS_MAX)));
            break;
        }
        let Ok(record) = record else {
            problems.push(whole(line, Said::new("import-unreadable")));
            continue;
        };
        let cell = |n: usize| {
            head.places[n].and_then(|place| record.get(place)).unwrap_or_default().trim().to_owned()
        };
        match row(&cell) {
            Ok((key, facts)) if seen.insert(key.clone()) => rows.push((key, facts)),
            Ok((key, _)) => problems.push(wrong(line, 0, Said::new("import-twice").with("seen", key))),
            Err((column, said)) => problems.push(wrong(line, column, said)),
        }
    }
    if rows.is_empty() && problems.is_empty() {
        problems.push(whole(1, Said::new("import-empty")));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Listed { rows, has: head.places.iter().map(Option::is_some).collect() })
}

fn whole(line: usize, said: Said) -> Problem {
    Problem { line, column: String::new(), said }
}

/// Which column stands where; or which are missing.
fn head(lines: &mut csv::Reader<&[u8]>, columns: &Columns<'_>) -> Result<Head, Vec<Problem>> {
    let Ok(headings) = lines.headers().cloned() else {
        return Err(vec![whole(1, Said::new("import-unreadable"))]);
    };
    let place = |names: &Vec<&str>| {
        let known = |heading: &str| names.iter().any(|known| heading.trim().eq_ignore_ascii_case(known));
        headings.iter().position(known)
    };
    let places: Vec<Option<usize>> = columns.names.iter().map(place).collect();
    let missing = columns.names.iter().zip(&places).take(columns.needed).filter(|(_, place)| place.is_none());
    let problems: Vec<Problem> = missing
        .map(|(names, _)| Problem {
            line: 1,
            column: names[0].to_owned(),
            said: Said::new("import-no-column"),
        })
        .collect();
    if problems.is_empty() { Ok(Head { headings, places }) } else { Err(problems) }
}
