//! What of a stay is printed: receipts of deposits and of settlements, and what a patient was charged on a day. Printing
//! changes nothing but the count of its own.

use jiff::civil::Date;
use minijinja::{Value, context};
use money::Money;
use web::{Asked, capitals, field, grouped};

use super::charge::{category_name, four_places, fund_name};
use super::forms::{self, Filled};
use super::inpatients::{shown, stay};
use super::posting::many;
use super::print::twin;
use crate::bed::Bed;
use crate::bill::BillState;
use crate::deposit::{Deposit, DepositState};
use crate::desk::{At, Shown, Stop};
use crate::house::Named;
use crate::layout::PrintForm;
use crate::pay::method_name;
use crate::posting::{self, Posting, postings};
use crate::segment::ReceiptKind;
use crate::settlement::Settlement;
use crate::sheet::Sheet;
use crate::stay::Stay;
use crate::till::Moves as _;

/// What every receipt says: what it is, its number, which copy, whose, who took the money.
fn head(
    at: &At<'_>,
    form: PrintForm,
    (receipt, prints): (&str, u32),
    branch: &Named,
    stay: &Sheet<Stay>,
) -> Vec<(&'static str, String)> {
    let said = |key: &'static str, value: &str| format!("{} {value}", at.word(key));
    let mut texts = vec![
        ("title", at.word(form.key())),
        ("number", said("receipt-number", receipt)),
        ("hospital", at.house(branch)),
        ("name", said("receipt-name", &stay.private.patient.name)),
        ("kind", said("stay-number", &stay.key)),
    ];
    if prints > 1 {
        texts.push(("copy", at.say(&web::Said::new("receipt-copy").with("n", prints - 1))));
    }
    texts
}

/// The receipt of a deposit.
pub(crate) fn deposit(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut deposit = at.papers.get::<Deposit>(key)?.ok_or(Stop::Nothing)?;
    // What was carried over has the receipt it was taken with.
    while !deposit.facts.carried_from.is_empty() {
        deposit = at.papers.get::<Deposit>(&deposit.facts.carried_from)?.ok_or(Stop::Nothing)?;
    }
    let stay = stay(at, &deposit.facts.stay)?;
    if deposit.state == DepositState::Valid && !asked.query.has("look") {
        deposit.facts.printed(at.now, at.login());
        at.papers.put(&[deposit.happened("printed")], &at.act())?;
    }
    let facts = &deposit.facts;
    let mut texts = head(at, PrintForm::Deposit, (&facts.receipt, facts.prints), &facts.branch, &stay);
    let paid = format!("{} {} {}", at.word("method"), at.say(&method_name(&facts.method)), facts.document);
    let cashier = format!("{} {} {}", at.word("receipt-cashier"), facts.cashier, facts.window);
    texts.extend([
        ("time", shown(facts.taken)),
        ("total", format!("¥{}", grouped(&facts.amount.to_string()))),
        ("capitals", format!("{} {}", at.word("receipt-total"), capitals(facts.amount))),
        ("paid", paid.trim_end().to_owned()),
        ("note", at.word("deposit-keep")),
        ("cashier", cashier),
    ]);
    if deposit.state != DepositState::Valid {
        texts.push(("voided", at.word(deposit.state.key())));
    }
    forms::print(at, PrintForm::Deposit, &Filled { texts, ..Filled::default() })
}

/// The receipt of a settlement. What is not settled has none.
pub(crate) fn settlement(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut settlement = at.papers.get::<Settlement>(key)?.ok_or(Stop::Nothing)?;
    if !matches!(settlement.state, BillState::Settled | BillState::Voided) {
        return Err(Stop::Nothing);
    }
    let stay = stay(at, &settlement.facts.stay)?;
    if settlement.state == BillState::Settled && !asked.query.has("look") {
        settlement.facts.printed(at.now, at.login());
        at.papers.put(&[settlement.happened("printed")], &at.act())?;
    }
    let facts = &settlement.facts;
    let mut texts = head(at, PrintForm::Stay, (&facts.receipt, facts.prints), &facts.branch, &stay);
    // A stay that goes on is settled until the day of that.
    let until = if facts.interim { facts.settled } else { stay.facts.ended }.unwrap_or(at.now);
    let days = web::Said::new("stay-days").with("from", stay.facts.admitted.date());
    let days = days.with("to", until.date()).with("days", stay.facts.days(until));
    // Of a part of the stay: which.
    let period = if facts.interim {
        format!(" · {}", at.say(&web::Said::new("interim-period").with("period", facts.period)))
    } else {
        String::new()
    };
    texts.extend([
        ("time", facts.settled.map(shown).unwrap_or_default()),
        ("days", format!("{}{period}", at.say(&days))),
        ("capitals", format!("{} {}", at.word("receipt-total"), capitals(facts.total))),
        ("total", format!("¥{}", grouped(&facts.total.to_string()))),
        ("cashier", format!("{} {} {}", at.word("receipt-cashier"), facts.cashier, facts.window)),
    ]);
    texts.extend(twin(at, ReceiptKind::Inpatient, &facts.receipt)?.map(|twin| ("electronic", twin)));
    if settlement.state == BillState::Voided {
        texts.push(("voided", at.word("receipt-voided")));
    }
    let mut sums = facts.categories.clone();
    if sums.is_empty() {
        // Older papers do not have them.
        sums = posting::categories(&postings(&at.papers, &stay.key)?);
    }
    let categories = sums.iter().map(|(kind, sum)| (at.say(&category_name(kind)), sum.to_string())).collect();
    let filled = Filled { texts, categories, payers: payers(at, facts) };
    forms::print(at, PrintForm::Stay, &filled)
}

/// Who pays what: the centre's shares, then deposits against the cash that is due.
fn payers(at: &At<'_>, settlement: &Settlement) -> Vec<(String, String)> {
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
    funds.chain(others).chain(ways).collect()
}

/// What a patient was charged on a day, with what it has come to and what is left of the deposits.
pub(crate) fn day(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let day = which_day(at, asked)?;
    let stay = stay(at, key)?;
    Ok(day_lists(at, day, &[day_list(at, &stay, day)?]))
}

/// The same of all who lie in a ward, in the order of their beds, each on a page of its own.
pub(crate) fn ward_day(at: &At<'_>, asked: &Asked, ward: &str) -> Result<Shown, Stop> {
    let day = which_day(at, asked)?;
    let mut lists = Vec::new();
    for bed in Bed::of_ward(&at.papers, ward)? {
        if !bed.facts.stay.is_empty() {
            lists.push(day_list(at, &stay(at, &bed.facts.stay)?, day)?);
        }
    }
    Ok(day_lists(at, day, &lists))
}

fn which_day(at: &At<'_>, asked: &Asked) -> Result<Date, Stop> {
    match asked.query.get("day") {
        "" => Ok(at.now.date()),
        typed => field::past_day(typed, at.now.date()).map_err(|_| Stop::Nothing),
    }
}

fn day_lists(at: &At<'_>, day: Date, lists: &[Value]) -> Shown {
    let facts = context! {
        tag => at.language().tag(), version => env!("CARGO_PKG_VERSION"), title => at.word("day-list-title"),
        hospital => at.hospital.name, day => day.to_string(), lists,
        printed => shown(at.now), operator => at.operator.name,
    };
    Shown::Raw(at.desk.render(at.language(), "desk/day-list.html", facts))
}

fn day_list(at: &At<'_>, stay: &Sheet<Stay>, day: Date) -> Result<Value, Stop> {
    let all = postings(&at.papers, &stay.key)?;
    let sum = |lines: &mut dyn Iterator<Item = &Sheet<Posting>>| -> Money {
        lines.map(|line| line.facts.line.amount).sum()
    };
    let of_day: Vec<&Sheet<Posting>> = all.iter().filter(|line| line.facts.served.date() == day).collect();
    let today = sum(&mut of_day.iter().copied());
    let so_far = sum(&mut all.iter().filter(|line| line.facts.served.date() <= day));
    Ok(context! {
        name => stay.private.patient.name, key => stay.key,
        ward => stay.facts.ward.name, bed => stay.facts.bed, department => stay.facts.department.name,
        rows => of_day.iter().map(|line| day_row(line)).collect::<Vec<_>>(),
        today => today.to_string(), so_far => so_far.to_string(),
        deposited => stay.facts.deposited.to_string(), balance => stay.facts.balance(at.now).to_string(),
    })
}

fn day_row(line: &Sheet<Posting>) -> Value {
    let line = &line.facts.line;
    context! {
        name => line.name, specification => line.specification, unit => line.unit,
        price => four_places(&line.price.to_string()), quantity => many(&line.quantity.to_string()),
        amount => line.amount.to_string(), class => line.class, rate => line.first_self_pay,
    }
}
