//! Closings: a cashier ends his shift, finance counts the cash.

use minijinja::{Value, context};
use money::Money;
use store::{By, Change};
use web::{Asked, Said, field};

use super::charge::{category_name, fund_name};
use crate::bill::Bill;
use crate::closing::{Closing, ClosingState, Sums};
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::people::Role;
use crate::place::{House, Place};
use crate::sheet::{ALL, PaperError, Sheet};

/// What a closing would be now, and those before.
pub(crate) fn now(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let own = format!("cashier:{}", at.login());
    if let Some(file) = exported(at, asked, || at.papers.list(By::Tag(&own), ALL, 0))? {
        return file;
    }
    page(at, "")
}

/// The columns of closings as a file.
const COLUMNS: [Column; 9] = [
    ("closing-number", "key", Kind::Text),
    ("cashier", "cashier", Kind::Text),
    ("closing-until", "until", Kind::Text),
    ("closing-charged", "charged", Kind::Count),
    ("closing-voided", "voided", Kind::Count),
    ("total", "total", Kind::Amount),
    ("hand-over", "hand_over", Kind::Amount),
    ("counted", "counted", Kind::Amount),
    ("state", "state", Kind::Text),
];

/// Closings as a file, where one is asked for.
fn exported(
    at: &At<'_>,
    asked: &Asked,
    closings: impl FnOnce() -> Result<Vec<Sheet<Closing>>, PaperError>,
) -> Result<Option<Result<Shown, Stop>>, Stop> {
    if !asked.query.has("as") {
        return Ok(None);
    }
    let rows: Vec<Value> = closings()?.iter().map(|closing| row(at, closing)).collect();
    Ok(export::wanted(at, asked, "closings", &COLUMNS, &rows))
}

fn page(at: &At<'_>, why: &str) -> Result<Shown, Stop> {
    let (closing, _) = open(at)?;
    let before: Vec<Sheet<Closing>> = at.papers.list(By::Tag(&format!("cashier:{}", at.login())), 20, 0)?;
    let facts = context! {
        closing => told(at, &closing),
        empty => closing.charged + closing.voided == 0,
        before => before.iter().map(|closing| row(at, closing)).collect::<Vec<_>>(),
        here => Place::House(House::Closing).to_string(),
        csrf => at.session.facts.csrf,
        why,
    };
    Ok(Shown::Page("desk/closing.html", facts))
}

/// All that is in no closing yet.
fn open(at: &At<'_>) -> Result<(Closing, Vec<Sheet<Bill>>), Stop> {
    let bills: Vec<Sheet<Bill>> = at.papers.list(By::Tag(&format!("unclosed:{}", at.login())), ALL, 0)?;
    Ok((Closing::of(at.login(), &bills), bills))
}

fn row(at: &At<'_>, closing: &Sheet<Closing>) -> Value {
    context! {
        href => Place::House(House::Closed(closing.key.clone())).to_string(),
        key => closing.key, cashier => closing.facts.cashier,
        until => closing.facts.until.map(|until| until.strftime("%Y-%m-%d %H:%M").to_string()),
        charged => closing.facts.charged, voided => closing.facts.voided,
        total => closing.facts.total.to_string(), hand_over => closing.facts.hand_over.to_string(),
        counted => closing.facts.counted.map(|counted| counted.to_string()),
        state => at.word(closing.state.key()),
        tone => if closing.state == ClosingState::Closed { "warn" } else { "" },
    }
}

fn told(at: &At<'_>, closing: &Closing) -> Value {
    let sums = |sums: &Sums, name: &dyn Fn(&str) -> Said| -> Vec<Value> {
        sums.iter().map(|(key, amount)| context! { name => at.say(&name(key)), amount }).collect()
    };
    let time =
        |time: Option<jiff::civil::DateTime>| time.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string());
    context! {
        cashier => closing.cashier, from => time(closing.from), until => time(closing.until),
        charged => closing.charged, voided => closing.voided, copies => closing.copies,
        first => closing.receipts.first(), last => closing.receipts.last(),
        void_receipts => closing.void_receipts, gaps => closing.gaps(),
        categories => sums(&closing.categories, &category_name),
        funds => sums(&closing.funds, &fund_name),
        accounts => closing.accounts.to_string(), hospital => closing.hospital.to_string(),
        total => closing.total.to_string(), cash => closing.cash.to_string(),
        rounding => closing.rounding.to_string(), hand_over => closing.hand_over.to_string(),
        adds_up => closing.adds_up(),
        counted => closing.counted.map(|counted| counted.to_string()),
        counted_by => closing.counted_by, difference => closing.difference,
    }
}

/// Closes: what nobody knows, or was left yesterday, comes first.
pub(crate) fn close(at: &At<'_>) -> Result<Shown, Stop> {
    let doubt: Vec<Sheet<Bill>> = at.papers.list(By::Tag(&format!("doubt:{}", at.login())), 20, 0)?;
    if !doubt.is_empty() {
        return page(at, &at.say(&Said::new("h306").with("count", doubt.len())));
    }
    let left: Vec<Sheet<Bill>> = at.papers.list(By::Tag(&format!("open:{}", at.login())), ALL, 0)?;
    let old = left.iter().filter(|bill| bill.day.is_some_and(|day| day < at.now.date())).count();
    if old > 0 {
        return page(at, &at.say(&Said::new("closing-parked").with("count", old)));
    }
    let (closing, bills) = open(at)?;
    if closing.charged + closing.voided == 0 {
        return page(at, &at.word("closing-empty"));
    }
    let number =
        at.papers.list::<Closing>(By::All, ALL, 0)?.iter().filter(|c| c.facts.cashier == at.login()).count();
    let key = format!("{}-{:05}", at.login(), number + 1);
    let closing = Sheet::new(key.clone(), ClosingState::Closed, Some(at.now.date()), closing);
    let mut changes: Vec<Change> =
        bills.into_iter().map(|bill| part_of(bill, &closing, &key).typed()).collect();
    changes.push(closing.happened("close"));
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Place::House(House::Closed(key)).to_string()))
}

/// A bill, marked as part of a closing; or as part of none again.
fn part_of(mut bill: Sheet<Bill>, closing: &Sheet<Closing>, mark: &str) -> Sheet<Bill> {
    if closing.facts.bills.contains(&bill.key) {
        mark.clone_into(&mut bill.facts.closing);
    }
    if closing.facts.void_bills.contains(&bill.key)
        && let Some(voided) = &mut bill.facts.voided
    {
        mark.clone_into(&mut voided.closing);
    }
    bill
}

/// A closing somebody may see: his own, or finance all.
fn seen(at: &At<'_>, key: &str) -> Result<Sheet<Closing>, Stop> {
    let closing = at.papers.get::<Closing>(key)?.ok_or(Stop::Nothing)?;
    let ours = closing.facts.cashier == at.login() || at.operator.roles.contains(&Role::Finance);
    if ours { Ok(closing) } else { Err(Stop::Nothing) }
}

/// One closing, to look at and to print.
pub(crate) fn look(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let closing = seen(at, key)?;
    look_with(at, &closing, "", "")
}

fn look_with(at: &At<'_>, closing: &Sheet<Closing>, typed: &str, why: &str) -> Result<Shown, Stop> {
    let waits = closing.state == ClosingState::Closed;
    let facts = context! {
        key => closing.key, state => at.word(closing.state.key()),
        closing => told(at, &closing.facts),
        may_cancel => waits && closing.facts.cashier == at.login(),
        may_confirm => waits && at.operator.roles.contains(&Role::Finance) && closing.facts.cashier != at.login(),
        here => Place::House(House::Closed(closing.key.clone())).to_string(),
        back => Place::House(if at.operator.roles.contains(&Role::Finance) { House::Confirm } else { House::Closing }).to_string(),
        csrf => at.session.facts.csrf, typed, why,
    };
    Ok(Shown::Page("desk/closed.html", facts))
}

/// Takes one's latest closing back, or confirms somebody's cash.
pub(crate) fn act(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let closing = seen(at, key)?;
    if closing.state != ClosingState::Closed {
        let said = Said::new("state-refused").with("state", at.word(closing.state.key()));
        return look_with(at, &closing, "", &at.say(&said));
    }
    if asked.form.get("do") == "cancel" { cancel(at, closing) } else { confirm(at, asked, closing) }
}

fn cancel(at: &At<'_>, mut closing: Sheet<Closing>) -> Result<Shown, Stop> {
    let latest: Vec<Sheet<Closing>> = at.papers.list(By::Tag(&format!("cashier:{}", at.login())), 1, 0)?;
    if closing.facts.cashier != at.login() || latest.first().is_none_or(|latest| latest.key != closing.key) {
        return look_with(at, &closing, "", &at.word("closing-not-latest"));
    }
    let mut changes = Vec::new();
    for key in closing.facts.bills.iter().chain(&closing.facts.void_bills) {
        if let Some(bill) = at.papers.get::<Bill>(key)?
            && !changes.iter().any(|change: &Change| change.paper.key == *key)
        {
            changes.push(part_of(bill, &closing, "").typed());
        }
    }
    closing.state = ClosingState::Cancelled;
    changes.push(closing.happened("cancel"));
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Place::House(House::Closing).to_string()))
}

fn confirm(at: &At<'_>, asked: &Asked, mut closing: Sheet<Closing>) -> Result<Shown, Stop> {
    if !at.operator.roles.contains(&Role::Finance) || closing.facts.cashier == at.login() {
        return look_with(at, &closing, "", &at.word("closing-not-own"));
    }
    let typed = asked.form.get("counted");
    // More may be given back than came in: then cash is handed to the cashier, and typed with its sign.
    let counted = match typed.strip_prefix('-') {
        Some(rest) => field::money(rest).map(|amount| -amount),
        None => field::money(typed),
    };
    let counted = match counted {
        Ok(counted) => counted,
        Err(said) => return look_with(at, &closing, typed, &at.say(&said)),
    };
    let difference = counted - closing.facts.hand_over;
    let why = asked.form.get("difference");
    if difference != Money::ZERO && why.is_empty() {
        let said = Said::new("closing-difference").with("difference", difference);
        return look_with(at, &closing, typed, &at.say(&said));
    }
    closing.facts.counted = Some(counted);
    at.login().clone_into(&mut closing.facts.counted_by);
    closing.facts.difference = why.chars().take(200).collect();
    closing.state = ClosingState::Confirmed;
    at.papers.put(&[closing.happened("confirm")], &at.act())?;
    Ok(Shown::Go(Place::House(House::Confirm).to_string()))
}

/// Closings that wait for finance, and the last that do not.
pub(crate) fn waiting(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    if let Some(file) = exported(at, asked, || at.papers.list(By::All, ALL, 0))? {
        return file;
    }
    let waiting = at.papers.in_state::<Closing>(ClosingState::Closed)?;
    let done: Vec<Sheet<Closing>> =
        at.papers.list(By::State(&crate::sheet::state_word(ClosingState::Confirmed)), 20, 0)?;
    let due: Money = waiting.iter().map(|closing| closing.facts.hand_over).sum();
    let rows =
        |closings: &[Sheet<Closing>]| closings.iter().map(|closing| row(at, closing)).collect::<Vec<_>>();
    let facts = context! { waiting => rows(&waiting), done => rows(&done), due => due.to_string(), here => Place::House(House::Confirm).to_string() };
    Ok(Shown::Page("desk/confirm.html", facts))
}
