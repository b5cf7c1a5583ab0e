//! A row that differs: both sides of it, what happened to it, and the one thing that is done about it.

use minijinja::{Value, context};
use wire::asking::{AskOutcome, Became, Insured, OutcomeHeard};

use super::day::{day_of, told};
use super::{cause, clearing_name};
use crate::desk::{At, Shown, Stop};
use crate::place::{Inpatient, Office, Place};
use crate::reconcile::{Apart, Reconciliation};
use crate::screens::bills::events;
use crate::screens::person::ask;
use crate::settled::{Settled, SettledKind, settles_stays};
use crate::sheet::Sheet;

/// A row, with the day it is of and the hospital's paper.
pub(super) struct Found {
    pub(super) day: Sheet<Reconciliation>,
    pub(super) row: Apart,
    pub(super) paper: Option<Settled>,
}

/// The row of a day with this number.
pub(super) fn found(at: &At<'_>, day: &str, n: usize) -> Result<Found, Stop> {
    day_of(at, day)?;
    let day = at.papers.get::<Reconciliation>(day)?.ok_or(Stop::Nothing)?;
    let row = day.private.rows.get(n).cloned().ok_or(Stop::Nothing)?;
    let paper = row.paper.as_ref().map(|name| name.read(&at.papers)).transpose()?.flatten();
    Ok(Found { day, row, paper })
}

impl Found {
    /// The hospital still has the message that settled.
    pub(super) fn is_sent(&self) -> bool {
        self.paper.as_ref().is_some_and(|paper| !paper.patient().sent.is_empty())
    }

    /// Whom it is about, as messages name them.
    pub(super) fn person(&self) -> Insured {
        let home = self.paper.as_ref().map_or(&self.row.division, |paper| &paper.patient().home);
        Insured::of(&self.row.person, home)
    }

    /// The transaction that made it.
    pub(super) fn infno(&self) -> &'static str {
        match (settles_stays(&self.row.clearing_kind), self.row.refund) {
            (false, false) => "2207",
            (false, true) => "2208",
            (true, false) => "2304",
            (true, true) => "2305",
        }
    }
}

/// The page of a row.
pub(crate) fn show(at: &At<'_>, day: &str, n: usize, why: &str) -> Result<Shown, Stop> {
    let found = found(at, day, n)?;
    let row = &found.row;
    let remedy = row.remedy(found.is_sent());
    let facts = context! {
        day, why, seen => found.day.version, csrf => at.session.facts.csrf,
        here => Office::Row(day.to_owned(), n).to_string(), back => Office::Day(day.to_owned()).to_string(),
        cause => cause(at, &row.code), told => row.told, side => at.word(row.side().key()),
        kind => clearing_name(at, &row.clearing_kind), refund => row.refund,
        visit => row.visit, settlement => row.settlement, message => row.message,
        ours => row.ours.map(told), theirs => told(row.told_figures),
        beyond => row.ours.map(|ours| told(ours.beyond(row.told_figures))),
        remedy => at.word(remedy.key()), remedy_words => at.word(remedy.words()),
        ticket => remedy == crate::correction::Remedy::Ticket,
        paper => found.paper.as_ref().map(|paper| shown(at, paper)).transpose()?,
        outcome => outcome(at, &found),
    };
    Ok(Shown::Page("desk/reconcile-row.html", facts))
}

fn shown(at: &At<'_>, paper: &Settled) -> Result<Value, Stop> {
    let name = paper.name();
    let place = match (name.kind, paper) {
        (SettledKind::Stay, Settled::Stay(stay)) => {
            Place::Inpatient(Inpatient::Stay(stay.facts.stay.clone()))
        }
        _ => Place::Look(name.key),
    };
    let events = events(at, paper.events(&at.papers)?);
    Ok(context! {
        name => paper.patient().name, receipt => paper.receipt(), cashier => paper.cashier(),
        settlement => paper.number(), message => paper.counted().message, total => paper.total().to_string(),
        state => at.word(paper.state().key()), tone => paper.state().tone(), href => place.to_string(), events,
    })
}

/// What became of its message at the centre; empty where the centre cannot say.
fn outcome(at: &At<'_>, found: &Found) -> String {
    if found.row.message.is_empty() {
        return String::new();
    }
    if !at.desk.road.capabilities().outcome {
        return at.word("became-not-told");
    }
    let request = AskOutcome {
        infno: found.infno().to_owned(),
        msgid: found.row.message.clone(),
        home: found.person().home,
    };
    let Ok(heard) = ask(at, &request, OutcomeHeard::hear) else { return String::new() };
    let key = match heard.became {
        Became::Done => "became-done",
        Became::Refused => "became-refused",
        Became::TakenBack => "became-taken-back",
        Became::NotReceived => "became-not-received",
    };
    let decided = heard.times.map(|(_, decided)| decided.strftime(" %Y-%m-%d %H:%M:%S").to_string());
    format!("{}{}", at.word(key), decided.unwrap_or_default())
}
