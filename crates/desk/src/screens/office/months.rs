//! AR-3: months that are applied for, each kind of clearing by itself, and what the centre has answered.

use jiff::ToSpan as _;
use jiff::civil::Date;
use minijinja::{Value, context};
use store::By;
use web::{Asked, Said};
use wire::asking::{ApplicationHeard, ApplyClearing, WithdrawClearing, done};

use super::clearing_name;
use super::day::told;
use crate::clearing::{Application, ApplicationState};
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::place::{Office, Place};
use crate::reconcile::{Figures, figures};
use crate::screens::person::{ask, centre_says};
use crate::settled::{CLEARING_KINDS, day_rows};
use crate::sheet::{ALL, Sheet};
use crate::speak::No;

/// So many applications are listed.
const APPLICATIONS: usize = 60;

/// National ways of clearing.
const WAYS: [(&str, &str); 6] = [
    ("10", "clearing-way-10"),
    ("20", "clearing-way-20"),
    ("30", "clearing-way-30"),
    ("40", "clearing-way-40"),
    ("50", "clearing-way-50"),
    ("60", "clearing-way-60"),
];

/// The applications, and what a month would be applied for with.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    if asked.query.has("as") {
        let all: Vec<Sheet<Application>> = at.papers.list(By::All, ALL, 0)?;
        let rows: Vec<Value> = all.iter().map(|row| line(at, row)).collect();
        if let Some(file) = export::wanted(at, asked, "clearing", &COLUMNS, &rows) {
            return file;
        }
    }
    page(at, asked.query.get("month"), "")
}

/// The columns of applications as a file.
const COLUMNS: [Column; 9] = [
    ("month", "month", Kind::Text),
    ("clearing-kind", "kind", Kind::Text),
    ("clearing-way", "way", Kind::Text),
    ("application-number", "number", Kind::Text),
    ("count", "said.count", Kind::Count),
    ("total", "said.total", Kind::Amount),
    ("funds", "said.funds", Kind::Amount),
    ("split-account", "said.account", Kind::Amount),
    ("state", "state", Kind::Text),
];

/// The month that is typed, `2026-11` or `202611`; without one, the last that is over.
fn month_of(typed: &str, today: Date) -> Option<Date> {
    if typed.is_empty() {
        return today.first_of_month().checked_sub(1.month()).ok();
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let (year, month) = digits.split_at_checked(4).filter(|(_, month)| month.len() == 2)?;
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok().filter(|month| *month <= today)
}

fn page(at: &At<'_>, typed: &str, why: &str) -> Result<Shown, Stop> {
    let month = month_of(typed, at.now.date());
    let mut why = why.to_owned();
    if month.is_none() {
        why = at.say(&Said::new("month-wrong").with("seen", typed));
    }
    let sums = month.map(|month| sums(at, month)).transpose()?.unwrap_or_default();
    let kinds: Vec<Value> = CLEARING_KINDS
        .iter()
        .zip(&sums)
        .map(|(kind, sums)| context! { code => kind, name => clearing_name(at, kind), sums => told(*sums) })
        .collect();
    let all: Vec<Sheet<Application>> = at.papers.list(By::All, APPLICATIONS, 0)?;
    let facts = context! {
        month => month.map_or_else(|| typed.to_owned(), |month| month.strftime("%Y-%m").to_string()),
        known => month.is_some(), kinds, why, csrf => at.session.facts.csrf,
        ways => WAYS.map(|(code, key)| context! { code, name => at.word(key) }),
        rows => all.iter().map(|row| line(at, row)).collect::<Vec<_>>(),
        here => Office::Months.to_string(),
    };
    Ok(Shown::Page("desk/months.html", facts))
}

fn line(at: &At<'_>, row: &Sheet<Application>) -> Value {
    let facts = &row.facts;
    let way = WAYS.iter().find(|(code, _)| *code == facts.way);
    context! {
        month => facts.month.strftime("%Y-%m").to_string(), kind => clearing_name(at, &facts.clearing_kind),
        code => facts.clearing_kind, way => way.map_or_else(|| facts.way.clone(), |(_, key)| at.word(key)),
        way_code => facts.way, said => told(facts.said), number => facts.number,
        at => facts.at.strftime("%Y-%m-%d %H:%M").to_string(), by => facts.by, told => facts.told,
        state => at.word(row.state.key()), tone => row.state.tone(),
        applied => row.state == ApplicationState::Applied,
    }
}

/// What the hospital's papers of a month come to, of its own city's people, by kind of clearing.
fn sums(at: &At<'_>, month: Date) -> Result<Vec<Figures>, Stop> {
    let division = &at.hospital.division;
    let mut sums = vec![Figures::default(); CLEARING_KINDS.len()];
    for day in 1..=month.days_in_month() {
        let Ok(day) = Date::new(month.year(), month.month(), day) else { continue };
        let rows = day_rows(&at.papers, division, day)?;
        for (kind, sum) in CLEARING_KINDS.iter().zip(&mut sums) {
            let own = rows
                .iter()
                .filter(|row| row.group.clearing_kind == **kind && row.group.division == *division);
            *sum = sum.and(figures(own));
        }
    }
    Ok(sums)
}

/// Applies for a month, asks how an application stands, or withdraws it.
pub(crate) fn act(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let typed = asked.form.get("month");
    let Some(month) = month_of(typed, at.now.date()).filter(|_| !typed.is_empty()) else {
        return page(at, typed, "");
    };
    let kind = asked.form.get("kind");
    let Some(kind) = CLEARING_KINDS.into_iter().find(|known| *known == kind) else {
        return page(at, typed, &at.word("clearing-kind-missing"));
    };
    let said = match asked.form.get("do") {
        "withdraw" => withdraw(at, month, kind)?,
        _ => apply(at, asked, month, kind)?,
    };
    match said {
        Some(said) => page(at, typed, &at.say(&said)),
        None => Ok(Shown::Go(format!("{}?month={typed}", Place::Office(Office::Months)))),
    }
}

/// Applies. Said again it is the same application, so that this is how one asks whether it still stands, too.
fn apply(at: &At<'_>, asked: &Asked, month: Date, kind: &str) -> Result<Option<Said>, Stop> {
    let way = asked.form.get("way");
    let way = WAYS.into_iter().find(|(code, _)| *code == way).map_or(WAYS[0].0, |(code, _)| code);
    let place = CLEARING_KINDS.iter().position(|known| *known == kind).unwrap_or_default();
    let said = sums(at, month)?.get(place).copied().unwrap_or_default();
    let request = ApplyClearing {
        clearing_kind: kind.to_owned(),
        way: way.to_owned(),
        month,
        count: said.count,
        total: said.total,
        funds: said.funds,
        account: said.account,
    };
    let key = Application::key(month, kind);
    let known = at.papers.get::<Application>(&key)?;
    let before = known.as_ref().map_or(ApplicationState::Refused, |known| known.state);
    let number = known.as_ref().map(|known| known.facts.number.clone()).unwrap_or_default();
    let (state, number, told) = match ask(at, &request, ApplicationHeard::hear) {
        Ok(heard) => (ApplicationState::Applied, heard.number, String::new()),
        Err(No::Refused { code, text, .. }) => (before.refused(&code), number, text),
        // It may have arrived: said again it is the same.
        Err(no) => return Ok(Some(centre_says(&no))),
    };
    let refused = (state != ApplicationState::Applied || !told.is_empty())
        .then(|| Said::new("centre-refused").with("text", &told));
    // What the centre has is what was said when it took it in.
    let stands = known.as_ref().filter(|_| !told.is_empty() && state != ApplicationState::Refused);
    let said = stands.map_or(said, |known| known.facts.said);
    let facts = Application {
        month,
        clearing_kind: kind.to_owned(),
        way: stands.map_or_else(|| way.to_owned(), |known| known.facts.way.clone()),
        said,
        number,
        at: at.now,
        by: at.login().to_owned(),
        told,
    };
    keep(at, &key, known.as_ref(), state, facts, "apply")?;
    Ok(refused)
}

fn withdraw(at: &At<'_>, month: Date, kind: &str) -> Result<Option<Said>, Stop> {
    let key = Application::key(month, kind);
    let Some(known) = at.papers.get::<Application>(&key)? else { return Err(Stop::Nothing) };
    if known.state != ApplicationState::Applied {
        return Ok(Some(Said::new("state-refused").with("state", at.word(known.state.key()))));
    }
    let request = WithdrawClearing { number: known.facts.number.clone() };
    let (state, told) = match ask(at, &request, |answer| done(answer).then_some(())) {
        Ok(()) => (ApplicationState::Withdrawn, String::new()),
        Err(No::Refused { code, text, .. }) => (known.state.refused(&code), text),
        Err(no) => return Ok(Some(centre_says(&no))),
    };
    let refused = (!told.is_empty()).then(|| Said::new("centre-refused").with("text", &told));
    let facts = Application { at: at.now, by: at.login().to_owned(), told, ..known.facts.clone() };
    keep(at, &key, Some(&known), state, facts, "withdraw")?;
    Ok(refused)
}

fn keep(
    at: &At<'_>,
    key: &str,
    known: Option<&Sheet<Application>>,
    state: ApplicationState,
    facts: Application,
    event: &str,
) -> Result<(), Stop> {
    let mut sheet = Sheet::new(key, state, Some(facts.month), facts);
    sheet.version = known.map_or(0, |known| known.version);
    at.papers.put(&[sheet.happened(event)], &at.act())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_month_is_typed_or_is_the_last_one() {
        let today = date(2026, 11, 23);
        assert_eq!(month_of("", today), Some(date(2026, 10, 1)));
        assert_eq!(month_of("2026-11", today), Some(date(2026, 11, 1)));
        assert_eq!(month_of("202601", today), Some(date(2026, 1, 1)));
        for wrong in ["2026-12", "2026", "november", "2026-13"] {
            assert_eq!(month_of(wrong, today), None, "{wrong}");
        }
    }
}
