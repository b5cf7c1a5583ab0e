//! OC-3: bills of a day, one of them with all that happened to it.

use jiff::civil::Date;
use minijinja::{Value, context};
use money::Money;
use store::{By, Event};
use web::{Asked, Fields, Said, field};

use super::charge::{category_name, patient_facts, trial_facts};
use super::paying::others;
use super::print::twin_words;
use super::{deposits, refund, settling};
use crate::bill::{Bill, BillState, Glance};
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::paging::{Paging, ROWS};
use crate::people::Role;
use crate::place::{House, Place};
use crate::segment::{Receipt, ReceiptKind, receipt_key};
use crate::sheet::Sheet;
use crate::spoilt;

/// The columns of a day's bills as a file.
const COLUMNS: [Column; 9] = [
    ("time", "time", Kind::Text),
    ("receipt", "receipt", Kind::Text),
    ("name", "name", Kind::Text),
    ("cashier", "cashier", Kind::Text),
    ("total", "total", Kind::Amount),
    ("funds", "funds", Kind::Amount),
    ("split-account", "account", Kind::Amount),
    ("cash", "cash", Kind::Amount),
    ("state", "state", Kind::Text),
];

/// Bills of a day; of everybody for those who look after all, else one's own. Or the one with a receipt's number.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let typed = asked.query.get("day");
    let number = field::plain(asked.query.get("receipt")).to_uppercase();
    let (day, why) = match typed {
        "" => (at.now.date(), String::new()),
        typed => match field::past_day(typed, at.now.date()) {
            Ok(day) => (day, String::new()),
            Err(said) => (at.now.date(), at.say(&said)),
        },
    };
    let all = found(at, day, &number)?;
    if asked.query.has("as") {
        let rows = rows(at, all.iter())?;
        if let Some(file) = export::wanted(at, asked, &format!("bills-{day}"), &COLUMNS, &rows) {
            return file;
        }
    }
    let sums = sums(&all);
    let paging = Paging::of(&asked.query, all.len());
    let shown = rows(at, all[paging.rows.clone()].iter())?;
    let facts = context! {
        day => day.to_string(),
        why, receipt => number, rows => shown, count => all.len(), page => paging.page, pages => paging.pages,
        sums => context! { total => sums[0].to_string(), funds => sums[1].to_string(), account => sums[2].to_string(), cash => sums[3].to_string() },
        here => Place::Bills.to_string(),
        again => Fields::of(&[("day", &day.to_string()), ("receipt", &number)]).written(),
    };
    Ok(Shown::Page("desk/bills.html", facts))
}

/// Bills at a glance: a day has many, and of most only the sums are shown.
fn found(at: &At<'_>, day: Date, number: &str) -> Result<Vec<Sheet<Glance>>, Stop> {
    let mut bills: Vec<Sheet<Glance>> = if number.is_empty() {
        at.papers.list(By::Days(day, day), crate::sheet::ALL, 0)?
    } else {
        at.papers.list(By::Tag(&format!("receipt:{number}")), ROWS, 0)?
    };
    let sees_all = at.operator.roles.iter().any(|role| *role != Role::Cashier);
    // A day's list shows a cashier his own; a receipt's number finds whoever charged it.
    let shows = |bill: &Sheet<Glance>| sees_all || !number.is_empty() || bill.facts.cashier == at.login();
    bills.retain(|bill| bill.state != BillState::Dropped && shows(bill));
    Ok(bills)
}

/// Totals of what stands: total, funds, account, cash.
fn sums(bills: &[Sheet<Glance>]) -> [Money; 4] {
    let standing = bills.iter().filter(|bill| bill.state == BillState::Settled);
    let splits = standing.filter_map(|bill| bill.facts.split.as_ref());
    splits.fold([Money::ZERO; 4], |[total, funds, account, cash], split| {
        let account = account + split.account + split.relatives;
        [total + split.total, funds + split.funds_total(), account, cash + split.cash]
    })
}

/// Rows of those that are shown, each read in full.
fn rows<'g>(at: &At<'_>, bills: impl Iterator<Item = &'g Sheet<Glance>>) -> Result<Vec<Value>, Stop> {
    let mut rows = Vec::new();
    for bill in bills {
        if let Some(bill) = at.papers.get::<Bill>(&bill.key)? {
            rows.push(row(at, &bill));
        }
    }
    Ok(rows)
}

fn row(at: &At<'_>, bill: &Sheet<Bill>) -> Value {
    let facts = &bill.facts;
    let split = facts.split.clone().unwrap_or_default();
    let place = if bill.state.is_open() || bill.state.is_in_doubt() {
        Place::Bill(bill.key.clone())
    } else {
        Place::Look(bill.key.clone())
    };
    context! {
        href => place.to_string(),
        time => facts.settled.unwrap_or(facts.begun).strftime("%H:%M").to_string(),
        receipt => facts.receipt, name => bill.private.name, cashier => facts.cashier,
        total => facts.total().to_string(), funds => split.funds_total().to_string(),
        account => (split.account + split.relatives).to_string(), cash => split.cash.to_string(),
        state => at.word(bill.state.key()), tone => bill.state.tone(),
    }
}

/// A bill of the hospital: whoever has its receipt may ask at any window.
pub(crate) fn seen(at: &At<'_>, key: &str) -> Result<Sheet<Bill>, Stop> {
    at.papers.get::<Bill>(key)?.ok_or(Stop::Nothing)
}

/// One bill: how it was shared, its lines, all that happened to it.
pub(crate) fn look(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let bill = seen(at, key)?;
    if bill.state.is_open() {
        return Ok(Shown::Go(Place::Bill(bill.key.clone()).to_string()));
    }
    Ok(Shown::Page("desk/look.html", facts(at, &bill)?))
}

pub(crate) fn facts(at: &At<'_>, bill: &Sheet<Bill>) -> Result<Value, Stop> {
    let facts = &bill.facts;
    let events = events(at, at.papers.events::<Bill>(&bill.key)?);
    let can_void =
        bill.state == BillState::Settled && at.lacks(Place::Void(bill.key.clone()).right()).is_none();
    Ok(context! {
        key => bill.key,
        state => at.word(bill.state.key()), tone => bill.state.tone(), doubt => bill.state.is_in_doubt(),
        patient => patient_facts(at, &bill.private, facts.insured),
        lines => facts.lines.iter().map(|line| context! {
            code => line.item, name => line.name, specification => line.specification, unit => line.unit,
            quantity => line.quantity.to_string().trim_end_matches('0').trim_end_matches('.'),
            price => super::charge::four_places(&line.price.to_string()), amount => line.amount.to_string(),
            class => line.class, rate => line.first_self_pay, codes => line.traces.join(" "),
            category => at.say(&category_name(&line.category)),
        }).collect::<Vec<_>>(),
        total => facts.total().to_string(),
        split => facts.split.as_ref().map(|split| trial_facts(at, split, facts.settled.unwrap_or(facts.begun))),
        payment => context! {
            others => others(at, &facts.payment), due => facts.payment.due.to_string(), tendered => facts.payment.tendered.map(|given| given.to_string()),
            change => facts.payment.change().map(|change| change.to_string()),
            rounding => (!facts.payment.rounding.is_zero()).then(|| facts.payment.rounding.to_string()),
        },
        electronic => electronic(at, &facts.receipt)?, receipt => facts.receipt, settlement => facts.settlement, cashier => facts.cashier, window => facts.window,
        settled => facts.settled.map(|settled| settled.strftime("%Y-%m-%d %H:%M:%S").to_string()),
        rest_of => (!facts.rest_of.is_empty()).then(|| Place::Look(facts.rest_of.clone()).to_string()),
        rest => facts.voided.as_ref().filter(|voided| !voided.rest.is_empty()).map(|voided| Place::Bill(voided.rest.clone()).to_string()),
        voided => facts.voided.as_ref().map(|voided| context! { at => voided.at.strftime("%Y-%m-%d %H:%M").to_string(), why => reason_words(at, &voided.why) }),
        refused => facts.refused, taken_back => facts.taken_back, prints => facts.prints, events, can_void,
        back => Place::Bills.to_string(),
        why_page => Place::Why(bill.key.clone()).to_string(),
        receipt_page => Place::Receipt(bill.key.clone()).to_string(),
        renumber => is_renumbered(at, bill).then(|| format!("{}?kind=outpatient&number={}", Place::House(House::Numbers), facts.receipt)),
        void_page => Place::Void(bill.key.clone()).to_string(),
        csrf => at.session.facts.csrf,
    })
}

/// Whoever looks at it may give it another number: it is his, and of a shift that is open.
fn is_renumbered(at: &At<'_>, bill: &Sheet<Bill>) -> bool {
    let facts = &bill.facts;
    bill.state == BillState::Settled && facts.cashier == at.login() && facts.closing.is_empty()
}

/// The electronic receipt of a number, in words; none where there is none.
fn electronic(at: &At<'_>, number: &str) -> Result<Option<Value>, Stop> {
    let receipt = at.papers.get::<Receipt>(&receipt_key(ReceiptKind::Outpatient, number))?;
    let twin = receipt.and_then(|receipt| Some((receipt.state, receipt.facts.electronic?)));
    Ok(twin.map(|(state, twin)| {
        context! { words => twin_words(at, &twin), wanted => twin.is_wanted(state), why => twin.told }
    }))
}

/// A reason in words: most papers keep the key of one that was chosen, others what was typed.
pub(crate) fn reason_words(at: &At<'_>, why: &str) -> String {
    let known = refund::REASONS.into_iter().chain(settling::REASONS).chain(deposits::VOIDS);
    let mut known = known.chain(spoilt::REASONS).chain(["void-by-centre"]);
    known.find(|reason| *reason == why).map_or_else(|| why.to_owned(), |key| at.word(key))
}

/// What happened to a bill or a stay, as a page tells it.
pub(super) fn events(at: &At<'_>, events: Vec<Event>) -> Vec<Value> {
    let told = |event: Event| {
        context! {
            at => event.at.strftime("%Y-%m-%d %H:%M:%S").to_string(), who => event.operator,
            where => event.workstation, what => at.say(&event_name(&event.event)),
        }
    };
    events.into_iter().map(told).collect()
}

fn event_name(event: &str) -> Said {
    Said::new(match event {
        "begin" => "event-begin",
        "settle" => "event-settle",
        "settled" => "event-settled",
        "not-settled" => "event-not-settled",
        "unknown" => "event-unknown",
        "give-up" => "event-give-up",
        "not-taken-back" => "event-not-taken-back",
        "taken-back-in-doubt" => "event-taken-back-in-doubt",
        "void" => "event-void",
        "voided" => "event-voided",
        "void-refused" => "event-void-refused",
        "printed" => "event-printed",
        "renumber" => "event-renumber",
        "rest" => "event-rest",
        "ask-approval" => "event-ask-approval",
        "approve" => "event-approve",
        "disapprove" => "event-disapprove",
        "drop" => "event-drop",
        "fetch" => "event-fetch",
        "to-patient" => "event-to-patient",
        "to-insurance" => "event-to-insurance",
        "adopted" => "event-adopted",
        "adopted-void" => "event-adopted-void",
        "voided-there" => "event-voided-there",
        _ => "event-other",
    })
}
