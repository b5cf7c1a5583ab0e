//! What is done about a row that differs: its message again, its void or taking back at the centre, the centre's record
//! taken over, or a ticket.

use jiff::civil::Date;
use store::{By, Change};
use web::{Asked, Said};
use wire::Message;
use wire::asking::{AskSettlement, Asking, SettlementHeard, TakeBack, VoidBill, VoidStay};

use super::day::{compare_now, day_of};
use super::row::{self, Found, found};
use crate::bill::BillState;
use crate::carry::{self, Carried};
use crate::correction::{Correction, Remedy, till};
use crate::desk::{At, Shown, Stop};
use crate::errand::{ErrandMail, ErrandState};
use crate::place::{Office, Place};
use crate::screens::person::{ask, centre_says};
use crate::settled::settles_stays;
use crate::sheet::Sheet;
use crate::ticket::{Ticket, TicketState};

/// Does the one thing, or opens a ticket; then the day is compared again.
pub(crate) fn act(at: &At<'_>, asked: &Asked, key: &str, n: usize) -> Result<Shown, Stop> {
    let day = day_of(at, key)?;
    let found = found(at, key, n)?;
    let refuse = |said: &Said| row::show(at, key, n, &at.say(said));
    // Behind another comparison the number may be another row's.
    if asked.form.get("seen") != found.day.version.to_string() {
        return refuse(&Said::new("stale"));
    }
    if waits(at, day, &found)? {
        return refuse(&Said::new("remedy-waits"));
    }
    let remedy = match asked.form.get("do") {
        "ticket" => Remedy::Ticket,
        _ => found.row.remedy(found.is_sent()),
    };
    let done = match remedy {
        Remedy::Ticket => ticket(at, asked, day, &found)?,
        Remedy::Adopt => adopt(at, day, found)?,
        Remedy::Resend => resend(at, day, &found)?,
        Remedy::VoidThere | Remedy::TakeBack => undo(at, day, remedy, &found)?,
    };
    if let Err(said) = done {
        return refuse(&said);
    }
    if remedy != Remedy::Ticket {
        // Where the line is down meanwhile, the day stays as it was compared: it says when that was.
        let _: Result<(), Said> = compare_now(at, day, true)?;
    }
    Ok(Shown::Go(Place::Office(Office::Day(key.to_owned())).to_string()))
}

/// Whether a message about the same visit is on its way still.
fn waits(at: &At<'_>, day: Date, found: &Found) -> Result<bool, Stop> {
    let all: Vec<Sheet<Correction>> = at.papers.list(By::Tag(&format!("day:{day}")), crate::sheet::ALL, 0)?;
    let open = |correction: &Sheet<Correction>| {
        matches!(correction.state, ErrandState::Sent | ErrandState::Unknown)
            && correction.facts.visit == found.row.visit
    };
    Ok(all.iter().any(open))
}

fn ticket(at: &At<'_>, asked: &Asked, day: Date, found: &Found) -> Result<Result<(), Said>, Stop> {
    let text: String = asked.form.get("text").chars().take(200).collect();
    if text.is_empty() {
        return Ok(Err(Said::new("ticket-text-missing")));
    }
    let row = &found.row;
    let ticket = Ticket {
        day,
        by: at.login().to_owned(),
        at: at.now,
        code: row.code.clone(),
        visit: row.visit.clone(),
        settlement: row.settlement.clone(),
        text,
        ended: String::new(),
    };
    let sheet = Sheet::new(at.desk.key(), TicketState::Open, Some(at.now.date()), ticket);
    at.papers.put(&[sheet.happened("open")], &at.act())?;
    Ok(Ok(()))
}

/// The centre's record is asked for, and becomes the hospital's.
fn adopt(at: &At<'_>, day: Date, found: Found) -> Result<Result<(), Said>, Stop> {
    let person = found.person();
    let Found { row, paper, .. } = found;
    let Some(mut paper) = paper else { return Ok(Err(Said::new("nothing-here"))) };
    if paper.state() != BillState::Settled {
        return Ok(Err(Said::new("state-refused").with("state", at.word(paper.state().key()))));
    }
    if row.code == "TAKEN_BACK" {
        paper.counted_mut().taken_back = true;
        return written(at, paper.fall(&at.papers, at.now)?);
    }
    let request = AskSettlement { person, settlement: row.settlement.clone(), visit: row.visit.clone() };
    let heard = match ask(at, &request, SettlementHeard::hear) {
        Ok(heard) => heard,
        Err(no) => return Ok(Err(centre_says(&no))),
    };
    if heard.refund {
        paper.counted_mut().hear_void(&heard.bill, &row.message, at.now);
        return written(at, paper.fall(&at.papers, at.now)?);
    }
    let apart = match paper.take(&heard.bill, &row.message, till(&at.papers)?) {
        Ok(apart) => apart,
        Err(said) => return Ok(Err(said)),
    };
    let ticket = Ticket::of_cash(&paper, apart, day, &at.act());
    written(at, Ok(ticket.into_iter().chain([paper.happened("adopted")]).collect()))
}

fn written(at: &At<'_>, changes: Result<Vec<Change>, Said>) -> Result<Result<(), Said>, Stop> {
    match changes {
        Ok(changes) => Ok(Ok(at.papers.put(&changes, &at.act())?)),
        Err(said) => Ok(Err(said)),
    }
}

/// The very message that settled, once more: a centre that has it answers as it did.
fn resend(at: &At<'_>, day: Date, found: &Found) -> Result<Result<(), Said>, Stop> {
    let Some(paper) = &found.paper else { return Ok(Err(Said::new("nothing-here"))) };
    let body = paper.patient().sent.clone().into_bytes();
    match Message::read(body.into(), None) {
        Ok(message) => send(at, day, Remedy::Resend, found, &message),
        Err(_) => Ok(Err(Said::new("remedy-message-gone"))),
    }
}

/// Undone at the centre: by its number where the hospital has it, as if it had never been where it has not.
fn undo(at: &At<'_>, day: Date, remedy: Remedy, found: &Found) -> Result<Result<(), Said>, Stop> {
    let (person, row) = (found.person(), &found.row);
    let (visit, stay) = (row.visit.clone(), settles_stays(&row.clearing_kind));
    let number = || found.paper.as_ref().map(|paper| paper.number().to_owned()).unwrap_or_default();
    let request: Box<dyn Asking> = match (remedy, stay) {
        (Remedy::TakeBack, _) => {
            Box::new(TakeBack { person, infno: found.infno().to_owned(), msgid: row.message.clone() })
        }
        (_, false) => Box::new(VoidBill { person, visit, settlement: number() }),
        (_, true) => Box::new(VoidStay { person, visit, settlement: number() }),
    };
    let message = at.message(request.as_ref());
    send(at, day, remedy, found, &message)
}

/// Carries a message about the row: the intent on paper, the message, what came of it.
fn send(
    at: &At<'_>,
    day: Date,
    remedy: Remedy,
    found: &Found,
    message: &Message,
) -> Result<Result<(), Said>, Stop> {
    let person = found.person();
    let facts = Correction {
        day,
        remedy,
        paper: found.row.paper.clone(),
        visit: found.row.visit.clone(),
        intent: None,
        refused: None,
    };
    let mut sheet = Sheet::new(at.desk.key(), ErrandState::Sent, Some(at.now.date()), facts);
    sheet.private =
        ErrandMail { number: found.row.person.clone(), home: person.home, ..ErrandMail::default() };
    carry::intend(&mut sheet, message, at.now);
    at.papers.put(&[sheet.happened("send")], &at.act())?;
    sheet.version += 1;
    let key = sheet.key.clone();
    match at.desk.carry(&at.papers, sheet, &at.act())? {
        Carried::Back => {
            let undone = at.papers.get::<Correction>(&key)?.and_then(|undone| undone.facts.refused);
            Ok(Err(Said::new("centre-refused").with("text", undone.unwrap_or_default())))
        }
        _ => Ok(Ok(())),
    }
}
