//! Tickets: what a person looks into, and how it ended.

use minijinja::{Value, context};
use store::By;
use web::Asked;

use super::cause;
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::place::{Office, Place};
use crate::sheet::{Sheet, state_word};
use crate::ticket::{Ticket, TicketState};

/// So many that have ended are listed.
const ENDED: usize = 50;

/// The columns of tickets as a file.
const COLUMNS: [Column; 8] = [
    ("day", "day", Kind::Text),
    ("cause", "cause", Kind::Text),
    ("ticket-text", "text", Kind::Text),
    ("settlement-id", "settlement", Kind::Text),
    ("operator", "by", Kind::Text),
    ("time", "at", Kind::Text),
    ("ticket-ended", "ended", Kind::Text),
    ("state", "state", Kind::Text),
];

/// Those that are open, and the last that have ended.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let open = at.papers.in_state::<Ticket>(TicketState::Open)?;
    let ended: Vec<Sheet<Ticket>> = at.papers.list(By::State(&state_word(TicketState::Closed)), ENDED, 0)?;
    let rows: Vec<Value> = open.iter().chain(&ended).map(|ticket| line(at, ticket)).collect();
    if let Some(file) = export::wanted(at, asked, "tickets", &COLUMNS, &rows) {
        return file;
    }
    let facts = context! { rows, open => open.len(), here => Office::Tickets.to_string() };
    Ok(Shown::Page("desk/tickets.html", facts))
}

fn line(at: &At<'_>, ticket: &Sheet<Ticket>) -> Value {
    let facts = &ticket.facts;
    context! {
        href => Office::Ticket(ticket.key.clone()).to_string(), key => ticket.key, day => facts.day.to_string(),
        at => facts.at.strftime("%Y-%m-%d %H:%M").to_string(), by => facts.by, cause => cause(at, &facts.code),
        visit => facts.visit, settlement => facts.settlement, text => facts.text, ended => facts.ended,
        state => at.word(ticket.state.key()), open => ticket.state == TicketState::Open,
    }
}

/// One of them.
pub(crate) fn show(at: &At<'_>, key: &str, why: &str) -> Result<Shown, Stop> {
    let ticket = at.papers.get::<Ticket>(key)?.ok_or(Stop::Nothing)?;
    let facts = context! {
        ticket => line(at, &ticket), why, csrf => at.session.facts.csrf,
        here => Office::Ticket(key.to_owned()).to_string(), back => Office::Tickets.to_string(),
        day => Office::Day(ticket.facts.day.to_string()).to_string(),
    };
    Ok(Shown::Page("desk/ticket.html", facts))
}

/// Ends one: how, is written.
pub(crate) fn close(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut ticket = at.papers.get::<Ticket>(key)?.ok_or(Stop::Nothing)?;
    if ticket.state == TicketState::Closed {
        return show(at, key, "");
    }
    let ended: String = asked.form.get("ended").chars().take(200).collect();
    if ended.is_empty() {
        return show(at, key, &at.word("ticket-ended-missing"));
    }
    ticket.facts.ended = ended;
    ticket.state = TicketState::Closed;
    at.papers.put(&[ticket.happened("close")], &at.act())?;
    Ok(Shown::Go(Place::Office(Office::Tickets).to_string()))
}
