//! AR-1 and AR-2: a day's sums beside the centre's, and where they differ the rows that do.

use jiff::ToSpan as _;
use jiff::civil::Date;
use minijinja::{Value, context};
use model::InsuranceKind;
use money::Money;
use store::By;
use web::{Asked, Said, field};
use wire::asking::{
    DetailRow, DetailsHeard, DownloadFile, FileHeard, ReconcileDetails, ReconcileTotals, TotalsHeard,
    UploadFile, details_file, differences, file_text,
};

use super::{cause, clearing_name};
use crate::bill::{Bill, BillState};
use crate::carry::Doubtful as _;
use crate::correction::Correction;
use crate::desk::{At, Shown, Stop};
use crate::errand::ErrandState;
use crate::export::{self, Column, Kind};
use crate::place::{Office, Place};
use crate::reconcile::{
    Apart, ApartRows, Compared, DayState, Figures, Reconciliation, Side, figures, groups, parts,
};
use crate::screens::inpatients::insurance_name;
use crate::screens::person::{ask, centre_says};
use crate::settled::{DayRow, SettledName, day_rows, of_visit};
use crate::settlement::Settlement;
use crate::sheet::{PaperError, Sheet};
use crate::speak::No;

/// So many days are listed.
const DAYS: usize = 31;

/// The columns of compared days as a file.
const COLUMNS: [Column; 9] = [
    ("day", "day", Kind::Text),
    ("count", "count", Kind::Count),
    ("total", "total", Kind::Amount),
    ("funds", "funds", Kind::Amount),
    ("split-account", "account", Kind::Amount),
    ("rows-apart", "apart", Kind::Count),
    ("compared-at", "at", Kind::Text),
    ("operator", "by", Kind::Text),
    ("state", "state", Kind::Text),
];

/// The days that were compared, and one to compare: yesterday, as a rule.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let typed = asked.query.get("day");
    let yesterday = at.now.date().checked_sub(1.day()).unwrap_or(at.now.date());
    let why = match typed {
        "" => String::new(),
        typed => match field::past_day(typed, at.now.date()) {
            Ok(day) => return Ok(Shown::Go(place(day))),
            Err(said) => at.say(&said),
        },
    };
    let days: Vec<Sheet<Reconciliation>> = at.papers.list(By::All, DAYS, 0)?;
    let rows: Vec<Value> = days.iter().map(|day| line(at, day)).collect();
    if let Some(file) = export::wanted(at, asked, "reconciliation", &COLUMNS, &rows) {
        return file;
    }
    let facts = context! {
        rows,
        day => if typed.is_empty() { yesterday.to_string() } else { typed.to_owned() },
        why, here => Office::Days.to_string(),
    };
    Ok(Shown::Page("desk/reconcile.html", facts))
}

fn line(at: &At<'_>, day: &Sheet<Reconciliation>) -> Value {
    let ours = day.facts.sums.iter().fold(Figures::default(), |all, sums| all.and(sums.ours));
    context! {
        href => Office::Day(day.key.clone()).to_string(), day => day.key,
        count => ours.count, total => ours.total.to_string(), funds => ours.funds.to_string(),
        account => ours.account.to_string(), apart => day.facts.apart,
        at => day.facts.at.strftime("%Y-%m-%d %H:%M").to_string(), by => day.facts.by,
        state => at.word(day.state.key()), tone => tone(day.state),
    }
}

const fn tone(state: DayState) -> &'static str {
    match state {
        DayState::Equal => "",
        DayState::Apart => "bad",
    }
}

fn place(day: Date) -> String {
    Place::Office(Office::Day(day.to_string())).to_string()
}

/// The day an address names; none: it names none that has begun.
pub(super) fn day_of(at: &At<'_>, text: &str) -> Result<Date, Stop> {
    let day: Date = text.parse().map_err(|_| Stop::Nothing)?;
    if day > at.now.date() || day.to_string() != text { Err(Stop::Nothing) } else { Ok(day) }
}

/// A day as it was last compared.
pub(crate) fn show(at: &At<'_>, key: &str, why: &str) -> Result<Shown, Stop> {
    let day = day_of(at, key)?;
    let known = at.papers.get::<Reconciliation>(key)?;
    let rows = known.as_ref().map(|known| known.private.rows.as_slice()).unwrap_or_default();
    let facts = context! {
        day => key, here => place(day), back => Office::Days.to_string(), csrf => at.session.facts.csrf, why,
        waiting => in_doubt(at, day)?,
        compared => known.as_ref().map(|known| compared(at, known)),
        sides => Side::ALL.map(|side| {
            let own = rows.iter().enumerate().filter(|(_, row)| row.side() == side);
            let own: Vec<Value> = own.map(|(n, row)| apart(at, key, n, row)).collect();
            context! { name => at.word(side.key()), rows => own }
        }),
        done => corrections(at, day)?,
    };
    Ok(Shown::Page("desk/reconcile-day.html", facts))
}

fn compared(at: &At<'_>, known: &Sheet<Reconciliation>) -> Value {
    let facts = &known.facts;
    let ours = facts.sums.iter().fold(Figures::default(), |all, sums| all.and(sums.ours));
    let theirs = facts.sums.iter().try_fold(Figures::default(), |all, sums| Some(all.and(sums.theirs?)));
    context! {
        state => at.word(known.state.key()), tone => tone(known.state), equal => known.state == DayState::Equal,
        at => facts.at.strftime("%Y-%m-%d %H:%M:%S").to_string(), by => facts.by,
        rows_at => facts.rows_at.map(|at| at.strftime("%H:%M:%S").to_string()), apart => facts.apart,
        sums => facts.sums.iter().map(|sums| context! {
            insurance => insurance_name(at, sums.group.insurance),
            kind => clearing_name(at, &sums.group.clearing_kind), division => sums.group.division,
            ours => told(sums.ours), theirs => sums.theirs.map(told),
            apart => sums.theirs.map(|theirs| told(sums.ours.beyond(theirs))),
            equal => sums.equal, told => sums.told,
        }).collect::<Vec<_>>(),
        ours => told(ours), theirs => theirs.map(told), beyond => theirs.map(|theirs| told(ours.beyond(theirs))),
    }
}

/// Figures as a page shows them.
pub(super) fn told(figures: Figures) -> Value {
    context! {
        count => figures.count, total => figures.total.to_string(), funds => figures.funds.to_string(),
        account => figures.account.to_string(),
    }
}

fn apart(at: &At<'_>, day: &str, n: usize, row: &Apart) -> Value {
    context! {
        href => Office::Row(day.to_owned(), n).to_string(), visit => row.visit, settlement => row.settlement,
        refund => row.refund, cause => cause(at, &row.code), told => row.told,
        ours => row.ours.map(told), theirs => told(row.told_figures),
    }
}

/// What was done about the day, the latest first.
fn corrections(at: &At<'_>, day: Date) -> Result<Vec<Value>, Stop> {
    let done: Vec<Sheet<Correction>> = at.papers.list(By::Tag(&format!("day:{day}")), DAYS, 0)?;
    let mut rows = Vec::new();
    for correction in done {
        let first = at.papers.events::<Correction>(&correction.key)?.into_iter().next();
        let (key, tone) = match correction.state {
            ErrandState::Sent | ErrandState::Unknown => ("correction-waits", "warn"),
            ErrandState::Done => ("correction-done", ""),
            ErrandState::Undone => ("correction-refused", "bad"),
        };
        rows.push(context! {
            at => first.as_ref().map(|event| event.at.strftime("%m-%d %H:%M:%S").to_string()),
            by => first.as_ref().map(|event| event.operator.clone()),
            what => at.word(correction.facts.remedy.key()), visit => correction.facts.visit,
            state => at.word(key), tone, refused => correction.facts.refused,
        });
    }
    Ok(rows)
}

/// Settlements of the day nobody knows the outcome of: until they are known, sums may differ by them.
fn in_doubt(at: &At<'_>, day: Date) -> Result<usize, Stop> {
    let mut count = 0;
    for &state in BillState::IN_DOUBT {
        let bills = at.papers.in_state::<Bill>(state)?;
        let stays = at.papers.in_state::<Settlement>(state)?;
        count += bills.iter().filter(|bill| bill.day == Some(day)).count();
        count += stays.iter().filter(|stay| stay.day == Some(day)).count();
    }
    Ok(count)
}

/// Compares the day: its sums, and where they differ or where it is wished its rows.
pub(crate) fn compare(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let day = day_of(at, key)?;
    let rows = asked.form.get("do") == "rows";
    match compare_now(at, day, rows)? {
        Ok(()) => Ok(Shown::Go(place(day))),
        Err(said) => show(at, key, &at.say(&said)),
    }
}

/// Compares the day, and writes what came of it; or says why it could not be compared.
pub(super) fn compare_now(at: &At<'_>, day: Date, rows: bool) -> Result<Result<(), Said>, Stop> {
    let ours = day_rows(&at.papers, &at.hospital.division, day)?;
    let mut sums = Vec::new();
    for (group, own) in groups(&ours, &at.hospital.division) {
        match totals(at, day, group, own) {
            Ok(compared) => sums.push(compared),
            Err(no) => return Ok(Err(centre_says(&no))),
        }
    }
    let mut private = ApartRows::default();
    let look = rows || sums.iter().any(|sums| !sums.equal);
    if look {
        for (division, kind) in parts(&sums) {
            match details(at, day, (&division, &kind), &ours)? {
                Ok(found) => private.rows.extend(found),
                Err(no) => return Ok(Err(centre_says(&no))),
            }
        }
    }
    let apart = private.rows.len();
    let rows_at = look.then_some(at.now);
    let facts = Reconciliation { at: at.now, by: at.login().to_owned(), sums, rows_at, apart };
    let key = day.to_string();
    let mut sheet = Sheet::new(key.clone(), facts.state(), Some(day), facts);
    sheet.private = private;
    sheet.version = at.papers.get::<Reconciliation>(&key)?.map_or(0, |known| known.version);
    at.papers.put(&[sheet.happened("compare")], &at.act())?;
    Ok(Ok(()))
}

fn totals(at: &At<'_>, day: Date, group: crate::settled::Group, ours: Figures) -> Result<Compared, No> {
    let request = ReconcileTotals {
        insurance: InsuranceKind(group.insurance),
        clearing_kind: group.clearing_kind.clone(),
        division: group.division.clone(),
        days: (day, day),
        sums: ours.said(),
        with_refunds: Some(true),
    };
    match ask(at, &request, TotalsHeard::hear) {
        Ok(heard) => {
            let theirs = heard.centre(ours.said()).map(Figures::heard);
            Ok(Compared { group, ours, theirs, equal: heard.equal, told: heard.told })
        }
        // A day with rows nobody can explain is not agreed on: that is told beside its sums.
        Err(No::Refused { text, .. }) => Ok(Compared { group, ours, theirs: None, equal: false, told: text }),
        Err(no) => Err(no),
    }
}

/// The rows of a kind of clearing that differ.
fn details(
    at: &At<'_>,
    day: Date,
    (division, kind): (&str, &str),
    ours: &[DayRow],
) -> Result<Result<Vec<Apart>, No>, Stop> {
    let own: Vec<DayRow> = ours
        .iter()
        .filter(|row| row.group.division == division && row.group.clearing_kind == kind)
        .cloned()
        .collect();
    let found = match told_differences(at, day, (division, kind), &own) {
        Ok(found) => found,
        Err(no) => return Ok(Err(no)),
    };
    let mut apart = Vec::new();
    for difference in found {
        let paper = paper_of(at, &difference.row, &difference.code)?;
        apart.push(Apart::of(difference, (division, kind), &own, paper));
    }
    Ok(Ok(apart))
}

fn told_differences(
    at: &At<'_>,
    day: Date,
    (division, kind): (&str, &str),
    own: &[DayRow],
) -> Result<Vec<wire::asking::Difference>, No> {
    let rows: Vec<DetailRow> = own.iter().map(|row| row.row.clone()).collect();
    let content = wire::zip("rows.txt", details_file(&rows).as_bytes());
    let file = ask(at, &UploadFile { name: format!("rows-{day}.zip"), content }, FileHeard::hear)?;
    let sums = figures(own);
    let request = ReconcileDetails {
        clearing_kind: kind.to_owned(),
        division: division.to_owned(),
        days: (day, day),
        file: file.number,
        count: sums.count,
        total: sums.total,
        funds: sums.funds,
        cash: Money::ZERO,
        with_refunds: Some(true),
    };
    let result = ask(at, &request, DetailsHeard::hear)?;
    let fetch = DownloadFile { number: result.file, name: result.name };
    ask(at, &fetch, |answer| differences(&file_text(answer)?))
}

/// The hospital's paper of a row only the centre counts on the day: it is the paper's settlement, or the void of it.
fn paper_of(at: &At<'_>, row: &DetailRow, code: &str) -> Result<Option<SettledName>, PaperError> {
    let all = of_visit(&at.papers, &row.visit)?;
    let meant = |paper: &&crate::settled::Settled| match code {
        "REFUND_NOT_WRITTEN" => paper.state() == BillState::Settled && paper.total() == -row.total,
        _ => paper.number() == row.settlement || (paper.number().is_empty() && paper.total() == row.total),
    };
    Ok(all.iter().find(meant).map(crate::settled::Settled::name))
}
