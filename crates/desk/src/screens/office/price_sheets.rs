//! Change sheets: drawn up by one, approved or refused by another.

use minijinja::{Value, context};
use store::By;
use web::{Asked, Said};

use super::prices::sheet_line;
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::place::{Office, Place};
use crate::price_change::{PriceChange, PriceChangeState, approved};
use crate::screens::charge::four_places;
use crate::sheet::Sheet;

/// So many are listed.
const SHEETS: usize = 100;

const COLUMNS: [Column; 6] = [
    ("item-code", "code", Kind::Text),
    ("item-name", "name", Kind::Text),
    ("specification", "specification", Kind::Text),
    ("unit", "unit", Kind::Text),
    ("price-before", "before", Kind::Count),
    ("price-after", "after", Kind::Count),
];

/// The sheets, the latest first.
pub(crate) fn list(at: &At<'_>) -> Result<Shown, Stop> {
    let sheets: Vec<Sheet<PriceChange>> = at.papers.list(By::All, SHEETS, 0)?;
    let waiting = sheets.iter().filter(|sheet| sheet.state == PriceChangeState::Proposed).count();
    let facts = context! {
        rows => sheets.iter().map(|sheet| sheet_line(at, sheet)).collect::<Vec<_>>(), waiting,
        back => Office::Prices.to_string(),
    };
    Ok(Shown::Page("desk/price-changes.html", facts))
}

/// One of them, to look at, to print, as a file.
pub(crate) fn show(at: &At<'_>, asked: &Asked, key: &str, why: &str) -> Result<Shown, Stop> {
    let sheet = at.papers.get::<PriceChange>(key)?.ok_or(Stop::Nothing)?;
    let rows: Vec<Value> = sheet
        .facts
        .rows
        .iter()
        .map(|row| {
            context! {
                code => row.code, name => row.name, specification => row.specification, unit => row.unit,
                before => four_places(&row.before.to_string()), after => four_places(&row.after.to_string()),
                href => Office::Item(row.code.clone()).to_string(),
            }
        })
        .collect();
    if let Some(file) = export::wanted(at, asked, &format!("price-change-{key}"), &COLUMNS, &rows) {
        return file;
    }
    let waits = sheet.state == PriceChangeState::Proposed;
    let facts = context! {
        sheet => sheet_line(at, &sheet), rows, why, csrf => at.session.facts.csrf,
        may_approve => waits && sheet.facts.by != at.login(), waits, own => sheet.facts.by == at.login(),
        here => Office::PriceChange(key.to_owned()).to_string(), back => Office::PriceChanges.to_string(),
    };
    Ok(Shown::Page("desk/price-change.html", facts))
}

/// Approves or refuses one: never one's own.
pub(crate) fn decide(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut sheet = at.papers.get::<PriceChange>(key)?.ok_or(Stop::Nothing)?;
    let refuse = |said: &Said| show(at, asked, key, &at.say(said));
    if sheet.state != PriceChangeState::Proposed {
        return refuse(&Said::new("state-refused").with("state", at.word(sheet.state.key())));
    }
    let withdraws = asked.form.get("do") == "refuse";
    if sheet.facts.by == at.login() && !withdraws {
        return refuse(&Said::new("price-own"));
    }
    // A sheet that lay too long would change what was charged meanwhile.
    if !withdraws && sheet.facts.from <= at.now.date() {
        return refuse(&Said::new("price-not-back").with("seen", sheet.facts.from));
    }
    at.login().clone_into(&mut sheet.facts.approver);
    sheet.facts.decided = Some(at.now);
    let mut changes = if withdraws { Vec::new() } else { approved(&at.papers, &sheet)? };
    sheet.state = if withdraws { PriceChangeState::Refused } else { PriceChangeState::Approved };
    changes.push(sheet.happened(if withdraws { "refuse" } else { "approve" }));
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Place::Office(Office::PriceChange(key.to_owned())).to_string()))
}
