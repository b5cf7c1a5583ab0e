//! OC-3 and OC-2: bills of a day, one of them with all that happened to it, and voiding it.

use jiff::civil::Date;
use minijinja::{Value, context};
use money::Money;
use store::By;
use web::{Asked, Fields, Said, field};
use wire::asking::VoidBill;

use super::charge::{Wrong, category_name, patient_facts, trial_facts};
use super::person::insured;
use crate::bill::{Bill, BillState, Voided};
use crate::carry::{self, Carried};
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::people::Role;
use crate::place::Place;
use crate::sheet::Sheet;

/// Rows a page has.
const ROWS: usize = 20;

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

/// Why a bill is voided, as its page offers it.
const REASONS: [&str; 4] = ["void-wrong-patient", "void-wrong-item", "void-not-done", "void-patient-asks"];

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
    let page: usize = asked.query.get("page").parse().unwrap_or(1).max(1);
    let all = found(at, day, &number)?;
    if asked.query.has("as") {
        let rows: Vec<Value> = all.iter().map(|bill| row(at, bill)).collect();
        if let Some(file) = export::wanted(at, asked, &format!("bills-{day}"), &COLUMNS, &rows) {
            return file;
        }
    }
    let sums = sums(&all);
    let shown: Vec<Value> = all.iter().skip((page - 1) * ROWS).take(ROWS).map(|bill| row(at, bill)).collect();
    let facts = context! {
        day => day.to_string(),
        why, receipt => number, rows => shown, count => all.len(), page,
        pages => all.len().div_ceil(ROWS).max(1),
        sums => context! { total => sums[0].to_string(), funds => sums[1].to_string(), account => sums[2].to_string(), cash => sums[3].to_string() },
        here => Place::Bills.to_string(),
        again => Fields::of(&[("day", &day.to_string()), ("receipt", &number)]).written(),
    };
    Ok(Shown::Page("desk/bills.html", facts))
}

fn found(at: &At<'_>, day: Date, number: &str) -> Result<Vec<Sheet<Bill>>, Stop> {
    let mut bills: Vec<Sheet<Bill>> = if number.is_empty() {
        at.papers.list(By::Days(day, day), crate::sheet::ALL, 0)?
    } else {
        at.papers.list(By::Tag(&format!("receipt:{number}")), ROWS, 0)?
    };
    let sees_all = at.operator.roles.iter().any(|role| *role != Role::Cashier);
    bills.retain(|bill| bill.state != BillState::Dropped && (sees_all || bill.facts.cashier == at.login()));
    Ok(bills)
}

/// Totals of what stands: total, funds, account, cash.
fn sums(bills: &[Sheet<Bill>]) -> [Money; 4] {
    let standing = bills.iter().filter(|bill| bill.state == BillState::Settled);
    let splits = standing.filter_map(|bill| bill.facts.split.as_ref());
    splits.fold([Money::ZERO; 4], |[total, funds, account, cash], split| {
        let account = account + split.account + split.relatives;
        [total + split.total, funds + split.funds_total(), account, cash + split.cash]
    })
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

/// A bill somebody may look at.
pub(crate) fn seen(at: &At<'_>, key: &str) -> Result<Sheet<Bill>, Stop> {
    let bill = at.papers.get::<Bill>(key)?.ok_or(Stop::Nothing)?;
    let sees_all = at.operator.roles.iter().any(|role| *role != Role::Cashier);
    if sees_all || bill.facts.cashier == at.login() { Ok(bill) } else { Err(Stop::Nothing) }
}

/// One bill: how it was shared, its lines, all that happened to it.
pub(crate) fn look(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let bill = seen(at, key)?;
    if bill.state.is_open() {
        return Ok(Shown::Go(Place::Bill(bill.key.clone()).to_string()));
    }
    Ok(Shown::Page("desk/look.html", facts(at, &bill)?))
}

fn facts(at: &At<'_>, bill: &Sheet<Bill>) -> Result<Value, Stop> {
    let facts = &bill.facts;
    let events = at.papers.events::<Bill>(&bill.key)?;
    let events: Vec<Value> = events
        .into_iter()
        .map(|event| {
            context! {
                at => event.at.strftime("%Y-%m-%d %H:%M:%S").to_string(), who => event.operator,
                where => event.workstation, what => at.say(&event_name(&event.event)),
            }
        })
        .collect();
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
            class => line.class, rate => line.first_self_pay,
            category => at.say(&category_name(&line.category)),
        }).collect::<Vec<_>>(),
        total => facts.total().to_string(),
        split => facts.split.as_ref().map(|split| trial_facts(at, split, facts.settled.unwrap_or(facts.begun))),
        payment => context! {
            due => facts.payment.due.to_string(), tendered => facts.payment.tendered.map(|given| given.to_string()),
            change => facts.payment.change().map(|change| change.to_string()),
            rounding => (!facts.payment.rounding.is_zero()).then(|| facts.payment.rounding.to_string()),
        },
        receipt => facts.receipt, settlement => facts.settlement, cashier => facts.cashier, window => facts.window,
        settled => facts.settled.map(|settled| settled.strftime("%Y-%m-%d %H:%M:%S").to_string()),
        voided => facts.voided.as_ref().map(|voided| context! { at => voided.at.strftime("%Y-%m-%d %H:%M").to_string(), why => at.say(&reason_name(&voided.why)) }),
        refused => facts.refused, prints => facts.prints, events, can_void,
        back => Place::Bills.to_string(),
        why_page => Place::Why(bill.key.clone()).to_string(),
        receipt_page => Place::Receipt(bill.key.clone()).to_string(),
        void_page => Place::Void(bill.key.clone()).to_string(),
        csrf => at.session.facts.csrf,
    })
}

/// The name of a reason, as papers keep it by its key.
fn reason_name(key: &str) -> Said {
    let mut known = REASONS.into_iter().chain(["void-by-centre"]);
    Said::new(known.find(|reason| *reason == key).unwrap_or("event-other"))
}

pub(super) fn event_name(event: &str) -> Said {
    Said::new(match event {
        "begin" => "event-begin",
        "settle" => "event-settle",
        "settled" => "event-settled",
        "not-settled" => "event-not-settled",
        "unknown" => "event-unknown",
        "give-up" => "event-give-up",
        "not-taken-back" => "event-not-taken-back",
        "void" => "event-void",
        "voided" => "event-voided",
        "void-refused" => "event-void-refused",
        "printed" => "event-printed",
        "drop" => "event-drop",
        "to-patient" => "event-to-patient",
        "to-insurance" => "event-to-insurance",
        "adopted" => "event-adopted",
        "adopted-void" => "event-adopted-void",
        "voided-there" => "event-voided-there",
        _ => "event-other",
    })
}

/// What voiding would give back, before it is done.
pub(crate) fn ask_void(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let bill = seen(at, key)?;
    if bill.state != BillState::Settled {
        return Ok(Shown::Go(Place::Look(bill.key.clone()).to_string()));
    }
    void_page(at, &bill, &Wrong::default())
}

fn void_page(at: &At<'_>, bill: &Sheet<Bill>, wrong: &Wrong) -> Result<Shown, Stop> {
    let reasons = REASONS.map(|key| context! { code => key, name => at.word(key) });
    let page = context! {
        reasons, back_cash => bill.facts.payment.due.to_string(), error => wrong.why,
        here => Place::Void(bill.key.clone()).to_string(),
        back => Place::Look(bill.key.clone()).to_string(),
        ..facts(at, bill)?
    };
    Ok(Shown::Page("desk/void.html", page))
}

/// Voids it: the intent on paper, the message, what came of it.
pub(crate) fn void(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = seen(at, key)?;
    if bill.state != BillState::Settled {
        return Ok(Shown::Go(Place::Look(bill.key.clone()).to_string()));
    }
    let Some(reason) = REASONS.into_iter().find(|reason| *reason == asked.form.get("reason")) else {
        return void_page(at, &bill, &Wrong::new(at, "reason", "", &Said::new("void-reason")));
    };
    if let Some(said) = needs_approval(at, &bill) {
        return void_page(at, &bill, &Wrong::new(at, "approval", "", &said));
    }
    bill.facts.voided = Some(Voided {
        at: at.now,
        why: reason.to_owned(),
        by: at.login().to_owned(),
        closing: String::new(),
    });
    if !bill.facts.insured {
        bill.state = BillState::Voided;
        let changes = crate::segment::settle(
            &at.papers,
            crate::segment::ReceiptKind::Outpatient,
            &bill.facts.receipt,
            crate::segment::ReceiptState::Void,
        )?;
        at.papers.put(&[changes, vec![bill.happened("voided")]].concat(), &at.act())?;
        return Ok(Shown::Go(Place::Look(bill.key.clone()).to_string()));
    }
    let request = VoidBill {
        person: insured(&bill.private),
        visit: bill.facts.visit.clone(),
        settlement: bill.facts.settlement.clone(),
    };
    let message = at.message(&request);
    carry::intend(&mut bill, &message, at.now);
    bill.state = BillState::Voiding;
    at.papers.put(&[bill.happened("void")], &at.act())?;
    bill.version += 1;
    let key = bill.key.clone();
    match at.desk.carry(&at.papers, bill, &at.act())? {
        Carried::Waits => Ok(Shown::Go(Place::Bill(key).to_string())),
        _ => Ok(Shown::Go(Place::Look(key).to_string())),
    }
}

/// Same day, same cashier, and not much: he may himself. Else finance must.
fn needs_approval(at: &At<'_>, bill: &Sheet<Bill>) -> Option<Said> {
    if at.operator.roles.contains(&Role::Finance) && bill.facts.cashier != at.login() {
        return None;
    }
    let limit = Money::from_yuan(at.hospital.parameters.refund_approval_yuan);
    let same_shift = bill.facts.cashier == at.login() && bill.day == Some(at.now.date());
    let small = bill.facts.total() <= limit;
    (!(same_shift && small)).then(|| Said::new("h404").with("limit", limit))
}
