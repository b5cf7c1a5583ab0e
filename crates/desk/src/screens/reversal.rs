//! IB-2: a posted line is taken back, whole or in part, by a line below nothing that names it.

use minijinja::context;
use web::{Asked, Said, field};

use super::admission::places;
use super::charge::{Wrong, four_places};
use super::inpatients::{may, shown, stay, strip};
use super::posting::{many, poster, sent};
use super::trace::{pack_field, packs};
use crate::desk::{At, Shown, Stop};
use crate::place::inpatient::Inpatient;
use crate::posting::{Posting, PostingState, Way, given_back, left, postings};
use crate::sheet::Sheet;
use crate::stay::{Stay, StayEvent};
use crate::trace;
use crate::upload::below;

/// How many of a line are to be taken back, and why.
pub(crate) fn ask(at: &At<'_>, key: &str, line: &str) -> Result<Shown, Stop> {
    page(at, &Asked::get("/"), &stay(at, key)?, line, &Wrong::default())
}

/// A line of a stay with all others of it.
fn of(at: &At<'_>, stay: &str, line: &str) -> Result<(Sheet<Posting>, Vec<Sheet<Posting>>), Stop> {
    let all = postings(&at.papers, stay)?;
    let found = all.iter().find(|known| known.key == line && known.facts.original.is_none());
    let found = found.cloned().ok_or(Stop::Nothing)?;
    Ok((found, all))
}

fn page(at: &At<'_>, asked: &Asked, stay: &Sheet<Stay>, line: &str, wrong: &Wrong) -> Result<Shown, Stop> {
    let (posting, all) = of(at, &stay.key, line)?;
    let (rest, amount) = left(&posting, &all);
    let facts = &posting.facts;
    let facts = context! {
        stay => strip(at, stay), places => places(stay), csrf => at.session.facts.csrf,
        name => facts.line.name, served => shown(facts.served), unit => facts.line.unit,
        price => four_places(&facts.line.price.to_string()),
        quantity => many(&facts.line.quantity.to_string()), left => many(&rest.to_string()),
        amount => facts.line.amount.to_string(), amount_left => amount.to_string(),
        packs => packs(asked, facts.line.number, codes_left(&posting, &all).iter()),
        state => at.word(posting.state.key()), tone => posting.state.tone(),
        here => Inpatient::Reverse(stay.key.clone(), posting.key.clone()).to_string(),
        back => Inpatient::Posting(stay.key.clone()).to_string(),
        wrong => context! { field => wrong.field, why => wrong.why, typed => wrong.typed },
    };
    Ok(Shown::Page("desk/reverse.html", facts))
}

/// The packs of a line that have not gone back.
fn codes_left(original: &Sheet<Posting>, all: &[Sheet<Posting>]) -> Vec<String> {
    let back = all.iter().filter(|line| line.facts.original.as_ref() == Some(&original.key));
    let gone: Vec<&String> = back.flat_map(|line| &line.facts.line.traces).collect();
    original.facts.line.traces.iter().filter(|code| !gone.contains(code)).cloned().collect()
}

/// Takes it back, and tells the centre.
pub(crate) fn reverse(at: &At<'_>, asked: &Asked, key: &str, line: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Reverse) {
        return page(at, asked, &stay, line, &Wrong::new(at, "state", "", &said));
    }
    let (mut original, all) = of(at, key, line)?;
    if !original.facts.period.is_empty() {
        let period = stay.facts.periods.iter().position(|period| *period == original.facts.period);
        let said = Said::new("h504-period").with("period", period.map_or(0, |n| n + 1));
        return page(at, asked, &stay, line, &Wrong::new(at, "state", "", &said));
    }
    let rest = left(&original, &all);
    let typed = asked.form.get("quantity");
    let refuse = |field, said: &Said| page(at, asked, &stay, line, &Wrong::new(at, field, typed, said));
    let quantity = match field::quantity(typed, false) {
        Ok(quantity) if quantity > rest.0 => {
            return refuse("quantity", &Said::new("h402").with("left", many(&rest.0.to_string())));
        }
        Ok(quantity) => quantity,
        Err(said) => return refuse("quantity", &said),
    };
    let reason: String = asked.form.get("reason").chars().take(100).collect();
    if reason.is_empty() {
        return refuse("reason", &Said::new("reverse-why"));
    }
    let whole = quantity == original.facts.line.quantity;
    // Of a line the centre has not taken in there is nothing to take a part of.
    if original.state.is_open() && !whole {
        return refuse("quantity", &Said::new("reverse-whole"));
    }
    let codes = codes_left(&original, &all);
    let goes = |code: &str| asked.form.has(&pack_field(original.facts.line.number, code));
    let stays = match trace::stay(&original.facts.line, codes.iter(), rest.0 + -quantity, goes) {
        Ok(stays) => stays,
        // All of what is left goes: so do its packs.
        Err(_) if quantity == rest.0 => Vec::new(),
        Err(said) => return refuse("quantity", &said),
    };
    let traces = codes.into_iter().filter(|code| !stays.contains(code)).collect();
    let (way, state) = way(&original, whole);
    if whole && original.state != PostingState::Own {
        original.state = PostingState::Withdrawn;
        original.facts.why.clear();
    }
    let amount = given_back(&original.facts.line, quantity, rest);
    stay.facts.last_line += 1;
    stay.facts.charged -= amount;
    let posting = Posting {
        line: below(&original.facts.line, stay.facts.last_line, (quantity, amount), traces),
        served: at.now,
        posted: at.now,
        poster: poster(at),
        original: Some(original.key.clone()),
        reason,
        allowed: None,
        way,
        tries: 0,
        next: at.now.saturating_add(jiff::SignedDuration::from_mins(1)),
        why: String::new(),
        ..original.facts.clone()
    };
    let back = Posting::key(key, stay.facts.last_line);
    let back = Sheet::new(back, state, Some(at.now.date()), posting);
    let mut changes = vec![back.happened("reverse"), stay.happened(StayEvent::Reverse.word())];
    if whole {
        changes.push(original.happened("reversed"));
    }
    at.papers.put(&changes, &at.act())?;
    sent(at, key)?;
    Ok(Shown::Go(Inpatient::Posting(key.to_owned()).to_string()))
}

/// How taking it back goes to the centre: a whole row is withdrawn, of a part a row below nothing tells.
fn way(original: &Sheet<Posting>, whole: bool) -> (Way, PostingState) {
    match original.state {
        PostingState::Own => (Way::Nowhere, PostingState::Own),
        // It was never on its way.
        PostingState::Unsent if original.facts.tries == 0 => (Way::Nowhere, PostingState::Withdrawn),
        _ if whole => (Way::Withdrawal, PostingState::Unsent),
        _ => (Way::Row, PostingState::Unsent),
    }
}
