//! Who owes: patients who are here and below the limit or the warning, and those who went without having paid; who answers
//! for them, and what is let off.

use minijinja::{Value, context};
use web::{Asked, Said, field};

use super::charge::Wrong;
use super::deposits;
use super::inpatients::{found, may, row, shown, stay};
use crate::arrears::{Guarantee, WrittenOff};
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::people::Right;
use crate::place::inpatient::Inpatient;
use crate::sheet::Sheet;
use crate::stay::{Stay, StayEvent, StayState, happen};

/// The columns of who owes as a file.
const COLUMNS: [Column; 12] = [
    ("bed", "stay.bed", Kind::Text),
    ("name", "stay.patient.name", Kind::Text),
    ("stay-number", "stay.key", Kind::Text),
    ("state", "stay.state", Kind::Text),
    ("days", "stay.days", Kind::Count),
    ("deposited", "stay.deposited", Kind::Amount),
    ("charged", "stay.charged", Kind::Amount),
    ("stay-balance", "stay.balance", Kind::Amount),
    ("arrears-limit", "stay.limit", Kind::Amount),
    ("to-be-paid", "stay.missing", Kind::Amount),
    ("guarantor", "guarantor", Kind::Text),
    ("dunned", "stay.dunned", Kind::Text),
];

/// All who owe; of those who are here the ones below the limit, or all below the warning.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    page(at, asked, &Wrong::default())
}

fn page(at: &At<'_>, asked: &Asked, wrong: &Wrong) -> Result<Shown, Stop> {
    let all = asked.query.get("level") == "warning";
    let here = found(at, "here", asked.query.get("q"))?;
    let rows: Vec<Value> = here.iter().map(|stay| owing(at, stay)).collect();
    let level = if all { "low" } else { "short" };
    let is_meant = |row: &Value| {
        let stay = row.get_attr("stay").unwrap_or_default();
        stay.get_attr(level).is_ok_and(|flag| flag.is_true())
    };
    let rows: Vec<Value> = rows.into_iter().filter(is_meant).collect();
    let gone = found(at, "unsettled", asked.query.get("q"))?;
    let gone = gone.iter().filter(|stay| stay.state == StayState::LeftWithDebt);
    let gone: Vec<Value> = gone.map(|stay| owing(at, stay)).collect();
    let both = [rows.clone(), gone.clone()].concat();
    if let Some(file) = export::wanted(at, asked, "arrears", &COLUMNS, &both) {
        return file;
    }
    let here = Inpatient::Arrears.to_string();
    let facts = context! {
        rows, gone, count => both.len(), q => asked.query.get("q"), all,
        here => if all { format!("{here}?level=warning") } else { here.clone() },
        other => if all { here } else { format!("{here}?level=warning") },
        writes_off => at.operator.has(Right::WriteOff), csrf => at.session.facts.csrf,
        wrong => context! { field => wrong.field, why => wrong.why, typed => wrong.typed },
    };
    Ok(Shown::Page("desk/arrears.html", facts))
}

fn owing(at: &At<'_>, stay: &Sheet<Stay>) -> Value {
    let debt = stay.facts.debt.as_ref();
    let guarantee = stay.guarantee(at.now.date());
    let guaranteed =
        guarantee.map(|who| format!("{} {} {} {}", who.name, who.relation, who.amount, who.until));
    let guarantor = Some(stay.private.guarantor.clone()).filter(|who| !who.is_empty()).or(guaranteed);
    let off = debt.and_then(|debt| debt.written_off.as_ref());
    context! {
        guarantor => guarantor.unwrap_or_default(),
        allowed_by => debt.map(|debt| debt.allowed_by.clone()), left => debt.map(|debt| shown(debt.at)),
        written_off => off.map(|off| format!("{} {} {} {}", off.amount, off.by, shown(off.at), off.why)),
        print => Inpatient::Dunning(stay.key.clone()).to_string(),
        write_off => Inpatient::WriteOff(stay.key.clone()).to_string(),
        ..row(at, stay, &Inpatient::Stay(stay.key.clone()))
    }
}

/// Finance lets somebody off what he owes, with words; the clerk settles it then.
pub(crate) fn write_off(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    let why: String = field::plain(asked.form.get("why")).chars().take(100).collect();
    let refuse = |name, said: &Said| page(at, &Asked::get("/arrears"), &Wrong::new(at, name, key, said));
    if let Err(said) = may(at, &stay, StayEvent::WriteOff) {
        return refuse("state", &said);
    }
    if why.is_empty() {
        return refuse("why", &Said::new("write-off-why"));
    }
    let amount = (-stay.facts.balance(at.now)).at_least_zero();
    let Some(debt) = stay.facts.debt.as_mut() else { return Err(Stop::Nothing) };
    if debt.by == at.login() {
        return refuse("state", &Said::new("approval-own"));
    }
    debt.written_off = Some(WrittenOff { by: at.login().to_owned(), at: at.now, why, amount });
    let changes = happen(&at.papers, &mut stay, StayEvent::WriteOff)?;
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Inpatient::Arrears.to_string()))
}

/// Somebody answers for more of a patient's debt, until a day.
pub(crate) fn guarantee(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    let refuse = |name, typed: &str, said: &Said| {
        deposits::page(at, &self::stay(at, key)?, "", &Wrong::new(at, name, typed, said))
    };
    if let Err(said) = may(at, &stay, StayEvent::Guarantee) {
        return refuse("state", "", &said);
    }
    let typed = asked.form.get("guarantor");
    let name = match field::name(typed) {
        Ok(name) => name,
        Err(said) => return refuse("guarantor", typed, &said),
    };
    let typed = asked.form.get("guaranteed");
    let amount = match field::money(typed) {
        Ok(amount) if amount.is_zero() => {
            return refuse("guaranteed", typed, &Said::new("guarantee-nothing"));
        }
        Ok(amount) => amount,
        Err(said) => return refuse("guaranteed", typed, &said),
    };
    let typed = asked.form.get("until");
    let until = match field::day(typed, at.now.date()) {
        Ok(day) if day < at.now.date() => {
            return refuse("until", typed, &Said::new("guarantee-over").with("seen", typed));
        }
        Ok(day) => day,
        Err(said) => return refuse("until", typed, &said),
    };
    let relation = field::plain(asked.form.get("relation")).chars().take(20).collect();
    stay.private.guarantee = Some(Guarantee { name, relation, amount, until, by: at.login().to_owned() });
    let changes = happen(&at.papers, &mut stay, StayEvent::Guarantee)?;
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Inpatient::Account(key.to_owned()).to_string()))
}
