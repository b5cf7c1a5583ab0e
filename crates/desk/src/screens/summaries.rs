//! Summaries: finance seals a day of the house, and takes the latest back.

use minijinja::{Value, context};
use store::By;
use web::{Asked, Fields, Said, field};

use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::place::{House, Place, Report};
use crate::sheet::{ALL, Sheet};
use crate::summary::{Summary, SummaryState, cancel, latest, seal};

/// Summaries a page has; files have all.
const SHOWN: usize = 31;

/// The columns of summaries.
const COLUMNS: [Column; 7] = [
    ("day", "key", Kind::Text),
    ("summary-closings", "count", Kind::Count),
    ("total", "total", Kind::Amount),
    ("hand-over", "hand_over", Kind::Amount),
    ("counted", "counted", Kind::Amount),
    ("summary-by", "by", Kind::Text),
    ("state", "state", Kind::Text),
];

/// The last ones, and a day to seal.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    if asked.query.has("as") {
        let all: Vec<Sheet<Summary>> = at.papers.list(By::All, ALL, 0)?;
        let rows: Vec<Value> = all.iter().map(|summary| row(at, summary, None)).collect();
        if let Some(file) = export::wanted(at, asked, "summaries", &COLUMNS, &rows) {
            return file;
        }
    }
    page(at, &at.now.date().to_string(), "")
}

fn row(at: &At<'_>, summary: &Sheet<Summary>, latest: Option<&str>) -> Value {
    let facts = &summary.facts;
    context! {
        key => summary.key, count => facts.closings.len(), total => facts.total.to_string(),
        hand_over => facts.hand_over.to_string(), counted => facts.counted.to_string(),
        by => format!("{} {}", facts.by, super::inpatients::shown(facts.at)), state => at.word(summary.state.key()),
        tone => if summary.state == SummaryState::Sealed { "" } else { "bad" },
        report => format!("{}{}", Report::House, Fields::of(&[("from", &*summary.key), ("to", &summary.key)]).written()),
        may_cancel => latest == Some(&*summary.key),
    }
}

fn page(at: &At<'_>, day: &str, why: &str) -> Result<Shown, Stop> {
    let latest = latest(&at.papers)?.map(|latest| latest.key);
    let last: Vec<Sheet<Summary>> = at.papers.list(By::All, SHOWN, 0)?;
    let rows = last.iter().map(|summary| row(at, summary, latest.as_deref()));
    let facts = context! {
        rows => rows.collect::<Vec<_>>(), day, why, csrf => at.session.facts.csrf,
        here => Place::House(House::Summaries).to_string(), reports => Report::All.to_string(),
    };
    Ok(Shown::Page("desk/summaries.html", facts))
}

/// Seals a day, or takes the latest back.
pub(crate) fn act(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let typed = asked.form.get("day");
    let changes = if asked.form.get("do") == "cancel" {
        match latest(&at.papers)?.filter(|latest| latest.key == typed) {
            Some(latest) => cancel(&at.papers, latest)?,
            None => return page(at, typed, &at.word("summary-not-latest")),
        }
    } else {
        let day = match field::past_day(typed, at.now.date()) {
            Ok(day) => day,
            Err(said) => return refused(at, typed, &said),
        };
        match seal(&at.papers, day, (at.login(), at.now))? {
            Ok(changes) => changes,
            Err(said) => return refused(at, typed, &said),
        }
    };
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Place::House(House::Summaries).to_string()))
}

fn refused(at: &At<'_>, typed: &str, said: &Said) -> Result<Shown, Stop> {
    page(at, typed, &at.say(said))
}
