//! A file of rows with named columns, as officers send them: what is wrong is told with line, column and problem, of each row the
//! first.

use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context;
use wire::Both;

/// The file, read.
pub struct Table {
    heads: Vec<String>,
    rows: Vec<(u64, csv::StringRecord)>,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellTrouble {
    /// Its line in the file.
    pub line: u64,
    /// Its column.
    pub column: String,
    /// What is wrong.
    pub words: Both,
}

impl std::fmt::Display for CellTrouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, column, words } = self;
        write!(f, "line {line} column {column} 第 {line} 行 {column}: {}", words.in_both())
    }
}

impl Table {
    /// Reads a file; a column of `needed` that is not there is an error.
    pub fn read(file: &Path, needed: &[&str]) -> anyhow::Result<Self> {
        let told = || format!("reading {} 读取失败", file.display());
        let text = std::fs::read_to_string(file).with_context(told)?;
        Self::parse(&text, needed).with_context(told)
    }

    /// The same of a text.
    pub fn parse(text: &str, needed: &[&str]) -> anyhow::Result<Self> {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let heads: Vec<String> = reader.headers()?.iter().map(|head| head.trim().to_owned()).collect();
        let missing = needed.iter().find(|name| !heads.iter().any(|head| head == **name));
        if let Some(name) = missing {
            anyhow::bail!("there is no column `{name}` 缺少该列");
        }
        let lines: Vec<&str> = text.lines().collect();
        let row = |row: Result<csv::StringRecord, csv::Error>| {
            let row = row?;
            let mut line = row.position().map_or(0, csv::Position::line);
            // Empty lines before a row are passed over, but its position is that of the first of them.
            let empty = |line: u64| {
                let at = usize::try_from(line).unwrap_or(usize::MAX).wrapping_sub(1);
                lines.get(at).is_some_and(|text| text.trim().is_empty())
            };
            while empty(line) {
                line += 1;
            }
            Ok((line, row))
        };
        let rows = reader.records().map(row).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Self { heads, rows })
    }

    /// Whether it has a column.
    pub fn has(&self, column: &str) -> bool {
        self.heads.iter().any(|head| head == column)
    }

    /// Its rows.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, record)| Row { table: self, line: *line, record })
    }

    /// The line of a row, counted from 0.
    pub fn line(&self, row: usize) -> u64 {
        self.rows.get(row).map_or(0, |(line, _)| *line)
    }
}

/// One row.
#[derive(Clone, Copy)]
pub struct Row<'t> {
    table: &'t Table,
    line: u64,
    record: &'t csv::StringRecord,
}

impl<'t> Row<'t> {
    /// Its line.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// A cell; nothing where the column or the cell is not there.
    pub fn text(&self, column: &str) -> &'t str {
        let at = self.table.heads.iter().position(|head| head == column);
        at.and_then(|at| self.record.get(at)).unwrap_or_default().trim()
    }

    /// A cell that must say something.
    pub fn need(&self, column: &str) -> Result<&'t str, CellTrouble> {
        match self.text(column) {
            "" => Err(self.trouble(column, Both::of("不能为空", "it must not be empty"))),
            text => Ok(text),
        }
    }

    /// A cell as a value; none where it is empty. `what` says what it must be.
    pub fn maybe<T: FromStr>(&self, column: &str, what: &Both) -> Result<Option<T>, CellTrouble> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let told = |language| format!("`{text}`: {}", what.told(language));
        let told = || Both::new(told(wire::Language::Zh), told(wire::Language::En));
        text.parse().map(Some).map_err(|_| self.trouble(column, told()))
    }

    /// A cell that must be a value.
    pub fn value<T: FromStr>(&self, column: &str, what: &Both) -> Result<T, CellTrouble> {
        self.need(column)?;
        Ok(self.maybe(column, what)?.expect("just seen"))
    }

    /// One of several words, each with what it stands for.
    pub fn pick<T: Clone>(&self, column: &str, words: &[(&str, T)]) -> Result<T, CellTrouble> {
        let text = self.need(column)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| value.clone());
        found.ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let known = known.join(" ");
            let told =
                Both::new(format!("`{text}` 不是 {known} 之一"), format!("`{text}` is none of {known}"));
            self.trouble(column, told)
        })
    }

    /// What is wrong with a cell of this row.
    pub fn trouble(&self, column: &str, words: Both) -> CellTrouble {
        CellTrouble { line: self.line, column: column.into(), words }
    }
}

/// All values, or all troubles.
pub fn all<T>(results: impl Iterator<Item = Result<T, CellTrouble>>) -> Result<Vec<T>, Vec<CellTrouble>> {
    let (mut values, mut troubles) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(trouble) => troubles.push(trouble),
        }
    }
    if troubles.is_empty() { Ok(values) } else { Err(troubles) }
}

/// The rows of a file; where some are wrong those are printed, and nothing is done.
pub fn or_told<T>(rows: Result<Vec<T>, Vec<CellTrouble>>) -> Result<Vec<T>, ExitCode> {
    rows.map_err(|troubles| {
        troubles.iter().for_each(|trouble| println!("{trouble}"));
        wrong(troubles.len(), 0)
    })
}

/// How many rows of a file are wrong, and how many were written all the same.
pub fn wrong(count: usize, written: usize) -> ExitCode {
    if written == 0 {
        println!("{count} 处有误,未写入任何一行 wrong: not one row was written");
    } else {
        println!(
            "{count} 处有误,账本同时被改动,已写入 {written} 行 wrong: the books changed meanwhile, {written} rows are written"
        );
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Date;

    #[test]
    fn a_cell_is_named_by_its_line_and_column_with_all_that_is_wrong() {
        let text = "\u{feff}number,born,kind\n1,1990-02-30,a\n\n2,,c\n";
        let table = Table::parse(text, &["number", "born"]).unwrap();
        let day = Both::of("应为日期", "it must be a day");
        let found = all(table.rows().map(|row| row.value::<Date>("born", &day))).unwrap_err();
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 2 column born 第 2 行 born: `1990-02-30`: 应为日期 `1990-02-30`: it must be a day",
                "line 4 column born 第 4 行 born: 不能为空 it must not be empty",
            ]
        );
        let kinds = all(table.rows().map(|row| row.pick("kind", &[("a", 1), ("b", 2)]))).unwrap_err();
        assert_eq!(
            kinds[0].to_string(),
            "line 4 column kind 第 4 行 kind: `c` 不是 a b 之一 `c` is none of a b"
        );
        assert_eq!(table.rows().map(|row| row.text("nothing")).collect::<String>(), "");
        assert!(Table::parse("a,b\n", &["c"]).is_err());
    }
}
