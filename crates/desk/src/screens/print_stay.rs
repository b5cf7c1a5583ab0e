//! What of a stay is printed: receipts of deposits and of settlements, and what a patient was charged on a day. Printing
//! changes nothing but the count of its own.

use minijinja::{Value, context};
use money::Money;
use web::{Asked, capitals, field, grouped};

use super::charge::{category_name, four_places, fund_name};
use super::inpatients::{shown, stay};
use super::posting::many;
use crate::bill::BillState;
use crate::deposit::{Deposit, DepositState};
use crate::desk::{At, Shown, Stop};
use crate::pay::method_name;
use crate::posting::{self, Posting, postings};
use crate::settlement::Settlement;
use crate::sheet::Sheet;
use crate::stay::Stay;

/// A text at its place on the paper, in millimetres.
fn text(x: i32, y: i32, class: &str, text: impl Into<Value>) -> Value {
    let text: Value = text.into();
    context! { x, y, class, text }
}

fn show(
    at: &At<'_>,
    title: &str,
    texts: &[Value],
    categories: &[Value],
    payers: &[Value],
) -> Result<Shown, Stop> {
    let facts = context! {
        tag => at.language().tag(), version => env!("CARGO_PKG_VERSION"), title, texts, categories, payers,
    };
    Ok(Shown::Raw(at.desk.render(at.language(), "desk/receipt.html", facts)))
}

/// What every receipt says: what it is, its number, which copy, whose, who took the money.
fn head(at: &At<'_>, title: &'static str, receipt: &str, prints: u32, stay: &Sheet<Stay>) -> Vec<Value> {
    let said = |key: &'static str, value: &str| format!("{} {value}", at.word(key));
    let mut texts = vec![
        text(80, 14, "title", at.word(title)),
        text(180, 14, "number", said("receipt-number", receipt)),
        text(12, 24, "hospital", format!("{} {}", at.hospital.name, at.hospital.branch)),
        text(12, 32, "name", said("receipt-name", &stay.private.patient.name)),
        text(80, 32, "kind", said("stay-number", &stay.key)),
    ];
    if prints > 1 {
        let copy = web::Said::new("receipt-copy").with("n", prints - 1);
        texts.push(text(180, 21, "copy", at.say(&copy)));
    }
    texts
}

/// The receipt of a deposit.
pub(crate) fn deposit(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut deposit = at.papers.get::<Deposit>(key)?.ok_or(Stop::Nothing)?;
    let stay = stay(at, &deposit.facts.stay)?;
    if deposit.state == DepositState::Valid && !asked.query.has("look") {
        deposit.facts.prints += 1;
        at.papers.put(&[deposit.happened("printed")], &at.act())?;
    }
    let facts = &deposit.facts;
    let mut texts = head(at, "deposit-receipt-title", &facts.receipt, facts.prints, &stay);
    let paid = format!("{} {} {}", at.word("method"), at.say(&method_name(&facts.method)), facts.document);
    let cashier = format!("{} {} {}", at.word("receipt-cashier"), facts.cashier, facts.window);
    texts.extend([
        text(140, 32, "time", shown(facts.taken)),
        text(12, 60, "total", format!("¥{}", grouped(&facts.amount.to_string()))),
        text(12, 70, "capitals", format!("{} {}", at.word("receipt-total"), capitals(facts.amount))),
        text(12, 80, "paid", paid.trim_end().to_owned()),
        text(12, 118, "note", at.word("deposit-keep")),
        text(12, 128, "cashier", cashier),
    ]);
    if deposit.state != DepositState::Valid {
        texts.push(text(100, 128, "voided", at.word(deposit.state.key())));
    }
    show(at, &at.word("deposit-receipt-title"), &texts, &[], &[])
}

/// The receipt of a settlement. What is not settled has none.
pub(crate) fn settlement(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut settlement = at.papers.get::<Settlement>(key)?.ok_or(Stop::Nothing)?;
    if !matches!(settlement.state, BillState::Settled | BillState::Voided) {
        return Err(Stop::Nothing);
    }
    let stay = stay(at, &settlement.facts.stay)?;
    if settlement.state == BillState::Settled && !asked.query.has("look") {
        settlement.facts.prints += 1;
        at.papers.put(&[settlement.happened("printed")], &at.act())?;
    }
    let facts = &settlement.facts;
    let mut texts = head(at, "stay-receipt-title", &facts.receipt, facts.prints, &stay);
    let days = web::Said::new("stay-days").with("from", stay.facts.admitted.date());
    let days =
        days.with("to", stay.facts.ended.unwrap_or(at.now).date()).with("days", stay.facts.days(at.now));
    texts.extend([
        text(140, 32, "time", facts.settled.map(shown).unwrap_or_default()),
        text(80, 24, "days", at.say(&days)),
        text(12, 96, "capitals", format!("{} {}", at.word("receipt-total"), capitals(facts.total))),
        text(170, 96, "total", format!("¥{}", grouped(&facts.total.to_string()))),
        text(
            12,
            128,
            "cashier",
            format!("{} {} {}", at.word("receipt-cashier"), facts.cashier, facts.window),
        ),
    ]);
    if settlement.state == BillState::Voided {
        texts.push(text(100, 128, "voided", at.word("receipt-voided")));
    }
    let lines = postings(&at.papers, &stay.key)?;
    show(at, &at.word("stay-receipt-title"), &texts, &categories(at, &lines), &payers(at, facts))
}

fn categories(at: &At<'_>, lines: &[Sheet<Posting>]) -> Vec<Value> {
    let place = |(n, (category, sum)): (i32, (String, Money))| {
        let (x, y) = (12 + n / 6 * 70, 44 + n % 6 * 7);
        context! { x, y, name => at.say(&category_name(&category)), amount => sum.to_string(), right => x + 58 }
    };
    (0..).zip(posting::categories(lines)).map(place).collect()
}

/// Who pays what: the centre's shares, then deposits against the cash that is due.
fn payers(at: &At<'_>, settlement: &Settlement) -> Vec<Value> {
    let (split, account) = (&settlement.split, &settlement.account);
    let funds = split.funds.iter().map(|(word, amount)| (at.say(&fund_name(word)), amount.clone()));
    let others = [
        ("split-hospital", split.hospital, false),
        ("split-account", split.account, false),
        ("split-relatives", split.relatives, false),
        ("split-due", split.cash, true),
        ("deposits-used", account.deposits, true),
        ("collected", account.payment.due, true),
        ("given-back", account.refund, true),
        ("split-rounding", account.rounding, false),
    ];
    let others = others.into_iter().filter(|(_, amount, always)| *always || !amount.is_zero());
    let others = others.map(|(key, amount, _)| (at.word(key), amount.to_string()));
    let ways = account.payment.others.iter();
    let ways = ways.map(|paid| (at.say(&method_name(&paid.method)), paid.amount.to_string()));
    let all = (0..).zip(funds.chain(others).chain(ways));
    all.map(|(n, (name, amount))| context! { name, amount, y => 44 + n * 6 }).collect()
}

/// What a patient was charged on a day, with what it has come to and what is left of the deposits.
pub(crate) fn day(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    let typed = asked.query.get("day");
    let day = if typed.is_empty() {
        at.now.date()
    } else {
        field::past_day(typed, at.now.date()).map_err(|_| Stop::Nothing)?
    };
    let all = postings(&at.papers, key)?;
    let sum = |lines: &mut dyn Iterator<Item = &Sheet<Posting>>| -> Money {
        lines.map(|line| line.facts.line.amount).sum()
    };
    let of_day: Vec<&Sheet<Posting>> = all.iter().filter(|line| line.facts.served.date() == day).collect();
    let today = sum(&mut of_day.iter().copied());
    let so_far = sum(&mut all.iter().filter(|line| line.facts.served.date() <= day));
    let rows: Vec<Value> = of_day.iter().map(|line| day_row(line)).collect();
    let facts = context! {
        tag => at.language().tag(), version => env!("CARGO_PKG_VERSION"), title => at.word("day-list-title"),
        hospital => at.hospital.name, day => day.to_string(), name => stay.private.patient.name, key => stay.key,
        ward => stay.facts.ward.name, bed => stay.facts.bed, department => stay.facts.department.name,
        rows, today => today.to_string(), so_far => so_far.to_string(),
        deposited => stay.facts.deposited.to_string(), balance => stay.facts.balance(at.now).to_string(),
        printed => shown(at.now), operator => at.operator.name,
    };
    Ok(Shown::Raw(at.desk.render(at.language(), "desk/day-list.html", facts)))
}

fn day_row(line: &Sheet<Posting>) -> Value {
    let line = &line.facts.line;
    context! {
        name => line.name, specification => line.specification, unit => line.unit,
        price => four_places(&line.price.to_string()), quantity => many(&line.quantity.to_string()),
        amount => line.amount.to_string(), class => line.class, rate => line.first_self_pay,
    }
}
