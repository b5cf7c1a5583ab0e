//! Ways of payment besides cash, as windows take and show them.

use minijinja::{Value, context};
use money::Money;
use web::{Asked, Said, field};

use super::charge::Wrong;
use crate::desk::{At, Stop};
use crate::pay::{CASH, METHODS, ON_PAPER, OTHERS, Paid, Payment, WAIVER, method_name};
use crate::people::{Operator, OperatorState, Role};

/// Ways besides cash, to choose from.
pub(crate) fn ways(at: &At<'_>) -> Vec<Value> {
    let ways = METHODS.iter().filter(|(word, _)| *word != CASH).chain(&ON_PAPER);
    ways.map(|(code, key)| context! { code, name => at.word(key) }).collect()
}

/// What is paid so.
pub(crate) fn others(at: &At<'_>, payment: &Payment) -> Vec<Value> {
    let other = |paid: &Paid| {
        context! {
            method => paid.method, name => at.say(&method_name(&paid.method)), amount => paid.amount.to_string(),
            document => paid.document,
        }
    };
    payment.others.iter().map(other).collect()
}

/// The fields of one way, by its place on the form.
const FIELDS: [(&str, &str, &str); OTHERS] =
    [("way1", "amount1", "document1"), ("way2", "amount2", "document2")];

/// What a form says is paid otherwise than in cash, at most so much; none where it does not ask.
pub(crate) fn read(
    at: &At<'_>,
    asked: &Asked,
    share: Money,
) -> Result<Result<Option<Vec<Paid>>, Wrong>, Stop> {
    if !asked.form.has(FIELDS[0].1) {
        return Ok(Ok(None));
    }
    let mut paid = Vec::new();
    for (way, amount, document) in FIELDS {
        let typed = asked.form.get(amount);
        if typed.is_empty() {
            continue;
        }
        let wrong = |field: &'static str, said: &Said| Wrong::new(at, field, typed, said);
        let money = match field::money(typed) {
            Ok(money) if money.is_zero() => continue,
            Ok(money) => money,
            Err(said) => return Ok(Err(wrong(amount, &said))),
        };
        let ways = METHODS.iter().filter(|(word, _)| *word != CASH).chain(&ON_PAPER);
        let Some((method, _)) = ways.into_iter().find(|(word, _)| *word == asked.form.get(way)) else {
            return Ok(Err(wrong(amount, &Said::new("way-missing"))));
        };
        let said: String = field::plain(asked.form.get(document)).chars().take(60).collect();
        if said.is_empty() {
            return Ok(Err(wrong(document, &Said::new("document-missing"))));
        }
        if *method == WAIVER && !approves(at, &said)? {
            return Ok(Err(wrong(document, &Said::new("waiver-approver").with("seen", said))));
        }
        paid.push(Paid { method: (*method).into(), amount: money, document: said });
    }
    let all: Money = paid.iter().map(|paid| paid.amount).sum();
    if all > share {
        let said = Said::new("ways-too-much").with("seen", all).with("most", share);
        return Ok(Err(Wrong::new(at, FIELDS[0].1, asked.form.get(FIELDS[0].1), &said)));
    }
    Ok(Ok(Some(paid)))
}

/// A waiver is answered for by somebody of finance who is not at the till himself.
fn approves(at: &At<'_>, login: &str) -> Result<bool, Stop> {
    let operator = at.papers.get::<Operator>(login)?;
    Ok(operator.is_some_and(|operator| {
        operator.state == OperatorState::Active
            && operator.facts.roles.contains(&Role::Finance)
            && login != at.login()
    }))
}
