//! Any list as a file: comma separated, or a workbook. The columns are those of its page; whoever sees the page gets the file.

use minijinja::Value;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use web::{Answer, Asked};

use crate::desk::{At, Shown, Stop};

/// A column of a list: the key of its heading, the name its rows have it by, and whether it is a number.
pub(crate) type Column = (&'static str, &'static str, Kind);

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Words, codes, days.
    Text,
    /// Counts.
    Count,
    /// Amounts.
    Amount,
}

/// As what a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Csv,
    Xlsx,
}

/// The most rows of a workbook's sheet, headings aside.
const ROWS_MAX: usize = 1_000_000;

/// The list as a file, where one is asked for; none: its page is shown.
pub(crate) fn wanted(
    at: &At<'_>,
    asked: &Asked,
    name: &str,
    columns: &[Column],
    rows: &[Value],
) -> Option<Result<Shown, Stop>> {
    let how = match asked.query.get("as") {
        "csv" => How::Csv,
        "xlsx" => How::Xlsx,
        _ => return None,
    };
    let headings: Vec<String> = columns.iter().map(|(key, ..)| at.word(key)).collect();
    let cells: Vec<Vec<String>> =
        rows.iter().take(ROWS_MAX).map(|row| columns.iter().map(|c| cell(row, c)).collect()).collect();
    let kinds: Vec<Kind> = columns.iter().map(|(_, _, kind)| *kind).collect();
    let made = match how {
        How::Csv => Ok(csv(&headings, &kinds, &cells)),
        How::Xlsx => xlsx(&headings, &kinds, &cells),
    };
    let (kind, ending) = match how {
        How::Csv => ("text/csv; charset=utf-8", "csv"),
        How::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    };
    let answer = match made {
        Ok(body) => Answer::of(kind, body)
            .with("content-disposition", format!("attachment; filename=\"{name}.{ending}\"")),
        Err(error) => {
            tracing::error!(%error, name, "a list could not be made a workbook");
            Answer::of("text/plain; charset=utf-8", "系统内部错误 an error of the program").with_status(500)
        }
    };
    Some(Ok(Shown::Raw(answer)))
}

/// What a row has in a column; nothing where it has none.
pub(crate) fn cell(row: &Value, (_, field, _): &Column) -> String {
    let within = |row: Value, name: &str| row.get_attr(name).unwrap_or_default();
    let found = field.split('.').fold(row.clone(), within);
    if found.is_undefined() || found.is_none() { String::new() } else { found.to_string() }
}

/// The list with commas. It begins with the mark by which spreadsheets know what encoding it is.
pub(crate) fn csv(headings: &[String], kinds: &[Kind], rows: &[Vec<String>]) -> Vec<u8> {
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let told = |(cell, kind): (&String, &Kind)| {
        if number(*kind, cell).is_some() { cell.clone() } else { harmless(cell) }
    };
    let lines = rows.iter().map(|row| row.iter().zip(kinds).map(told).collect());
    for line in
        std::iter::once(headings.iter().map(|heading| harmless(heading)).collect::<Vec<_>>()).chain(lines)
    {
        out.write_record(line).expect("memory takes what is written, and every line has every cell");
    }
    out.into_inner().expect("memory takes what is written")
}

/// A text that a spreadsheet does not take for something to run.
fn harmless(text: &str) -> String {
    let runs = |sign: char| "=+-@\t\r\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(sign);
    if text.starts_with(runs) { format!("'{text}") } else { text.to_owned() }
}

/// A number of a column of numbers: an amount or a count as papers write it.
fn number(kind: Kind, text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if kind == Kind::Text || !plain { None } else { text.parse().ok() }
}

fn xlsx(headings: &[String], kinds: &[Kind], rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let (bold, amount) = (Format::new().set_bold(), Format::new().set_num_format("#,##0.00"));
    for (column, heading) in (0..).zip(headings) {
        sheet.write_string_with_format(0, column, heading, &bold)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (column, (cell, kind)) in (0..).zip(row.iter().zip(kinds)) {
            match (number(*kind, cell), kind) {
                (Some(value), Kind::Amount) => {
                    sheet.write_number_with_format(line, column, value, &amount)?;
                }
                (Some(value), _) => {
                    sheet.write_number(line, column, value)?;
                }
                (None, _) => {
                    sheet.write_string(line, column, cell)?;
                }
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 3] = [Kind::Text, Kind::Count, Kind::Amount];

    fn rows(cells: [&str; 3]) -> Vec<Vec<String>> {
        vec![cells.map(str::to_owned).to_vec()]
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_a_text_and_numbers_are_numbers() {
        let headings = ["名称", "数量", "金额"].map(str::to_owned);
        let check = |cells: [&str; 3], line: &str| {
            let text = String::from_utf8(csv(&headings, &KINDS, &rows(cells))).unwrap();
            assert_eq!(text, format!("\u{feff}名称,数量,金额\r\n{line}\r\n"));
        };
        check(["氨氯地平片", "2", "-37.20"], "氨氯地平片,2,-37.20");
        check(["=1+1", "", "0.00"], "'=1+1,,0.00");
        check(["-5", "x", "-x"], "'-5,x,'-x");
        check(["@a\"b,c", "1", "1"], "\"'@a\"\"b,c\",1,1");
        check(["\u{ff1d}1", "+1", "1.5"], "'\u{ff1d}1,'+1,1.5");
    }

    #[test]
    fn a_workbook_is_made() {
        let headings = ["名称", "数量", "金额"].map(str::to_owned);
        let made = xlsx(&headings, &KINDS, &rows(["=1+1", "2", "37.20"])).unwrap();
        assert!(wire::is_zip(&made));
    }

    #[test]
    fn a_cell_is_what_its_row_has() {
        let row = minijinja::context! { name => "甲", count => 2, none => Option::<String>::None };
        let of = |field| cell(&row, &("total", field, Kind::Text));
        assert_eq!(
            (of("name"), of("count"), of("none"), of("nothing")),
            ("甲".into(), "2".into(), String::new(), String::new())
        );
    }
}
