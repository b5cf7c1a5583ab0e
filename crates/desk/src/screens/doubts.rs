//! All that is in doubt at a hospital: since when, how often it was asked for, what the centre said. What it does not take
//! back is ended here by finance, which has asked there.

use jiff::civil::DateTime;
use minijinja::{Value, context};
use web::{Asked, Said};

use crate::bill::{Bill, BillState, Intent};
use crate::by_hand::{ByHandEnded, Outcome};
use crate::carry::Doubtful as _;
use crate::desk::{At, Shown, Stop};
use crate::errand::{Errand, ErrandState};
use crate::people::Right;
use crate::place::{House, Inpatient, Place};
use crate::settlement::Settlement;
use crate::sheet::{Form, Sheet};

/// One of them.
struct Doubt {
    kind: &'static str,
    key: String,
    title: &'static str,
    name: String,
    amount: Option<String>,
    href: String,
    intent: Intent,
}

/// The list.
pub(crate) fn list(at: &At<'_>) -> Result<Shown, Stop> {
    shown(at, None)
}

fn shown(at: &At<'_>, why: Option<&Said>) -> Result<Shown, Stop> {
    let mut doubts = all(at)?;
    doubts.sort_by_key(|doubt| doubt.intent.since);
    let ends = at.operator.has(Right::Approve);
    let row = |doubt: &Doubt| {
        let by_hand = ends && !doubt.intent.told.is_empty();
        context! {
            kind => doubt.kind, key => doubt.key, title => at.word(doubt.title), name => doubt.name, amount => doubt.amount,
            href => doubt.href, since => time(doubt.intent.since), tries => doubt.intent.tries,
            next => time(doubt.intent.next), told => doubt.intent.told, by_hand,
        }
    };
    let facts = context! {
        rows => doubts.iter().map(row).collect::<Vec<Value>>(), why => why.map(|said| at.say(said)),
        here => Place::House(House::Doubts).to_string(), csrf => at.session.facts.csrf,
    };
    Ok(Shown::Page("desk/doubts.html", facts))
}

fn time(at: DateTime) -> String {
    at.strftime("%m-%d %H:%M:%S").to_string()
}

fn all(at: &At<'_>) -> Result<Vec<Doubt>, Stop> {
    let mut doubts = Vec::new();
    for &state in BillState::IN_DOUBT {
        for bill in at.papers.in_state::<Bill>(state)? {
            doubts.extend(bill.facts.intent.clone().map(|intent| Doubt {
                kind: Bill::KIND,
                key: bill.key.clone(),
                title: state.key(),
                name: bill.private.name.clone(),
                amount: Some(bill.facts.total().to_string()),
                href: Place::Look(bill.key.clone()).to_string(),
                intent,
            }));
        }
        for settlement in at.papers.in_state::<Settlement>(state)? {
            doubts.extend(settlement.facts.intent.clone().map(|intent| Doubt {
                kind: Settlement::KIND,
                key: settlement.key.clone(),
                title: state.key(),
                name: settlement.private.name.clone(),
                amount: Some(settlement.facts.total.to_string()),
                href: Inpatient::Stay(settlement.facts.stay.clone()).to_string(),
                intent,
            }));
        }
    }
    for &state in ErrandState::IN_DOUBT {
        for errand in at.papers.in_state::<Errand>(state)? {
            doubts.extend(errand.facts.intent.clone().map(|intent| Doubt {
                kind: Errand::KIND,
                key: errand.key.clone(),
                title: errand.facts.event.key(),
                name: errand.facts.stay.clone(),
                amount: None,
                href: Inpatient::Stay(errand.facts.stay.clone()).to_string(),
                intent,
            }));
        }
    }
    Ok(doubts)
}

/// Somebody of finance says what became of one.
pub(crate) fn end(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    if let Some(stop) = at.lacks(Right::Approve) {
        return Err(stop);
    }
    let why: String = asked.form.get("why").chars().take(100).collect();
    if why.trim().is_empty() {
        return shown(at, Some(&Said::new("by-hand-why")));
    }
    let outcome = match asked.form.get("do") {
        "absent" => Outcome::Absent,
        "done" => Outcome::Done(web::field::plain(asked.form.get("number"))),
        _ => return Err(Stop::Nothing),
    };
    let ended = match asked.form.get("kind") {
        kind if kind == Bill::KIND => one::<Bill>(at, asked, &outcome, &why)?,
        kind if kind == Settlement::KIND => one::<Settlement>(at, asked, &outcome, &why)?,
        kind if kind == Errand::KIND => one::<Errand>(at, asked, &outcome, &why)?,
        _ => return Err(Stop::Nothing),
    };
    match ended {
        Ok(()) => Ok(Shown::Go(Place::House(House::Doubts).to_string())),
        Err(said) => shown(at, Some(&said)),
    }
}

fn one<F: ByHandEnded>(
    at: &At<'_>,
    asked: &Asked,
    outcome: &Outcome,
    why: &str,
) -> Result<Result<(), Said>, Stop> {
    let sheet: Sheet<F> = at.papers.get(asked.form.get("key"))?.ok_or(Stop::Nothing)?;
    let told = at.say(&Said::new("by-hand-told").with("why", why));
    let speaks = (&at.speaker(), &at.act());
    Ok(at.desk.end_by_hand(&at.papers, sheet, outcome, &told, speaks)?.map(|_| ()))
}
