//! Reports: which there are, and each as a page, a file or a print of its days. What they say is reckoned in `reports`.

mod tables;

use minijinja::{Value, context};
use money::Money;
use web::{Asked, Fields, Said, grouped};

use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::paging::Paging;
use crate::place::{House, Inpatient, Place, Report};
use crate::reports::{DAYS_MAX, HISTORY, Span, USED_DAYS_MAX};
use crate::screens::inpatients::shown;

/// The most rows of a print.
const PRINTED: usize = 2_000;

/// A report as a table.
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Value>,
    /// What its columns of money come to, by their names.
    sums: Value,
    /// The column whose figures are drawn as bars.
    bar: &'static str,
    /// What puts names into a row that is shown.
    named: fn(&At<'_>, Value) -> Result<Value, Stop>,
    /// What does not add up, where something does not.
    wrong: Option<&'static str>,
    /// All sums of a closing over it.
    closing: Option<Value>,
}

impl Table {
    fn new(columns: &[Column], rows: Vec<Value>, sums: Value, bar: &'static str) -> Self {
        let columns = columns.to_vec();
        Self { columns, rows, sums, bar, named: |_, row| Ok(row), wrong: None, closing: None }
    }
}

/// The ways a report is looked at, the usual one first: the word of each and the key of its name.
fn ways(report: Report) -> &'static [(&'static str, &'static str)] {
    match report {
        Report::House => {
            &[("cashier", "report-by-cashier"), ("day", "report-by-day"), ("branch", "report-by-branch")]
        }
        Report::Departments => &[
            ("ordering", "report-by-ordering"),
            ("executing", "report-by-executing"),
            ("branch", "report-by-branch"),
        ],
        Report::Items => &[
            ("item", "report-by-item"),
            ("doctor", "report-by-doctor"),
            ("drugs", "report-drugs"),
            ("doctor-drugs", "report-drugs-by-doctor"),
        ],
        Report::Exceptions => &tables::EXCEPTIONS,
        Report::All | Report::Handed | Report::Deposits | Report::Shares => &[],
    }
}

/// What a report is asked for.
struct Wanted {
    report: Report,
    span: Span,
    /// The word of the way it is looked at; empty: there is only one.
    by: &'static str,
}

impl Wanted {
    fn read(asked: &Asked, report: Report, today: jiff::civil::Date) -> Result<Self, Said> {
        let most = if report == Report::Items { USED_DAYS_MAX } else { DAYS_MAX };
        let span = Span::read(asked.query.get("from"), asked.query.get("to"), today, most)?;
        if report == Report::Deposits && (today - span.from).get_days() > HISTORY {
            return Err(Said::new("report-days-old").with("most", HISTORY));
        }
        Ok(Self { report, span, by: Self::by(asked, report) })
    }

    fn by(asked: &Asked, report: Report) -> &'static str {
        let ways = ways(report);
        let asked = ways.iter().find(|(word, _)| *word == asked.query.get("by"));
        asked.or(ways.first()).map_or("", |(word, _)| word)
    }

    /// Its address, of other days or looked at in another way.
    fn again(&self, span: Span, by: &str) -> String {
        let (from, to) = (span.from.to_string(), span.to.to_string());
        let mut query = vec![("from", &*from), ("to", &*to)];
        query.extend((!by.is_empty()).then_some(("by", by)));
        format!("{}{}", self.report, Fields::of(&query).written())
    }
}

/// A report; or which there are.
pub(crate) fn show(at: &At<'_>, asked: &Asked, report: Report) -> Result<Shown, Stop> {
    if report == Report::All {
        return Ok(index(at));
    }
    let today = at.now.date();
    let wanted = match Wanted::read(asked, report, today) {
        Ok(wanted) => wanted,
        Err(said) => {
            let none = Wanted { report, span: Span::of(today), by: Wanted::by(asked, report) };
            return page(at, asked, &none, None, &at.say(&said));
        }
    };
    let mut table = tables::table(at, &wanted)?;
    if asked.query.has("as") {
        let rows = named(at, &table, table.rows.clone())?;
        let name = format!("{}-{}-{}", report.word(), wanted.span.from, wanted.span.to);
        if let Some(file) = export::wanted(at, asked, &name, &table.columns, &rows) {
            return file;
        }
    }
    if asked.query.has("print") {
        table.rows.truncate(PRINTED);
        return print(at, &wanted, &table);
    }
    page(at, asked, &wanted, Some(&table), "")
}

/// The reports somebody may read, each with what it tells; summaries and arrears, which have pages of their own, too.
fn index(at: &At<'_>) -> Shown {
    let row = |(place, (name, words)): (Place, (&'static str, &'static str))| {
        context! { href => place.to_string(), name => at.word(name), words => at.word(words) }
    };
    let reports = Report::FIGURES.into_iter().map(|report| (Place::Report(report), report.keys()));
    let arrears = (Place::Inpatient(Inpatient::Arrears), ("tab-arrears", "report-arrears-words"));
    let summaries = (Place::House(House::Summaries), ("summaries", "summaries-words"));
    let all = reports.chain([arrears, summaries]).filter(|(place, _)| at.lacks(place.right()).is_none());
    Shown::Page("desk/reports.html", context! { rows => all.map(row).collect::<Vec<_>>() })
}

fn named(at: &At<'_>, table: &Table, rows: Vec<Value>) -> Result<Vec<Value>, Stop> {
    rows.into_iter().map(|row| (table.named)(at, row)).collect()
}

fn columns(at: &At<'_>, table: &Table) -> Vec<Value> {
    let column = |(key, _, kind): &Column| {
        context! { name => at.word(key), num => *kind != Kind::Text }
    };
    table.columns.iter().map(column).collect()
}

/// What a row has in each column, as people read it.
fn cells(table: &Table, row: &Value) -> Vec<String> {
    let cell = |column: &Column| {
        let cell = export::cell(row, column);
        if column.2 == Kind::Amount { grouped(&cell) } else { cell }
    };
    table.columns.iter().map(cell).collect()
}

/// What columns of money come to; in the first one, of how many rows.
fn sums(at: &At<'_>, table: &Table) -> Vec<String> {
    let mut sums = cells(table, &table.sums);
    if let Some(first) = sums.first_mut() {
        *first = at.say(&Said::new("report-sum").with("count", table.rows.len()));
    }
    sums
}

/// The page: a table of what is found, or why it is not.
fn page(
    at: &At<'_>,
    asked: &Asked,
    wanted: &Wanted,
    table: Option<&Table>,
    why: &str,
) -> Result<Shown, Stop> {
    let (name, words) = wanted.report.keys();
    let typed = |name: &str, day: jiff::civil::Date| {
        if why.is_empty() { day.to_string() } else { asked.query.get(name).to_owned() }
    };
    let days = Span::usual(at.now.date()).map(|(key, span)| {
        let here = why.is_empty() && span == wanted.span;
        context! { name => at.word(key), href => wanted.again(span, wanted.by), here }
    });
    let ways = ways(wanted.report).iter().map(|(word, key)| {
        context! { code => word, name => at.word(key), href => wanted.again(wanted.span, word), here => *word == wanted.by }
    });
    let here = wanted.again(wanted.span, wanted.by);
    let facts = context! {
        title => at.word(name), words => at.word(words), why, wrong_day => !why.is_empty(),
        from => typed("from", wanted.span.from), to => typed("to", wanted.span.to), by => wanted.by,
        days, ways => ways.collect::<Vec<_>>(), place => wanted.report.to_string(), here,
        print => format!("{here}&print=1"), all => Report::All.to_string(),
        table => table.map(|table| found(at, asked, table)).transpose()?,
    };
    Ok(Shown::Page("desk/report.html", facts))
}

fn found(at: &At<'_>, asked: &Asked, table: &Table) -> Result<Value, Stop> {
    let paging = Paging::of(&asked.query, table.rows.len());
    let longest = table.rows.iter().map(|row| amount(row, table.bar).fen().unsigned_abs()).max().unwrap_or(0);
    let drawn = |row: Value| {
        let fen = amount(&row, table.bar).fen();
        let width = u128::from(fen.unsigned_abs()) * 1_000 / u128::from(longest.max(1));
        let width = u64::try_from(width).unwrap_or(1_000);
        let href = export::cell(&row, &("", "href", Kind::Text));
        context! { href, width, below => fen < 0, cells => cells(table, &row) }
    };
    let rows = named(at, table, table.rows[paging.rows.clone()].to_vec())?;
    let bar = table.columns.iter().find(|(_, field, _)| *field == table.bar);
    Ok(context! {
        columns => columns(at, table), rows => rows.into_iter().map(drawn).collect::<Vec<_>>(), sums => sums(at, table),
        bar => bar.map(|(key, ..)| at.word(key)), count => table.rows.len(), page => paging.page, pages => paging.pages,
        wrong => table.wrong.map(|key| at.word(key)), closing => table.closing,
    })
}

/// The figure of a column that bars are drawn of.
fn amount(row: &Value, field: &str) -> Money {
    let told = row.get_attr(field).unwrap_or_default().to_string();
    told.parse().unwrap_or(Money::ZERO)
}

/// All rows on A4.
fn print(at: &At<'_>, wanted: &Wanted, table: &Table) -> Result<Shown, Stop> {
    let (name, _) = wanted.report.keys();
    let way = ways(wanted.report).iter().find(|(word, _)| *word == wanted.by);
    let facts = context! {
        tag => at.language().tag(), version => env!("CARGO_PKG_VERSION"), title => at.word(name),
        way => way.map(|(_, key)| at.word(key)), hospital => at.hospital.name,
        from => wanted.span.from.to_string(), to => wanted.span.to.to_string(),
        columns => columns(at, table), sums => sums(at, table),
        rows => named(at, table, table.rows.clone())?.iter().map(|row| cells(table, row)).collect::<Vec<_>>(),
        most => (table.rows.len() == PRINTED).then_some(PRINTED),
        printed => shown(at.now), operator => at.operator.name,
    };
    Ok(Shown::Raw(at.desk.render(at.language(), "desk/report-paper.html", facts)))
}
