//! Closings: a cashier ends his shift, finance counts the cash.

use minijinja::{Value, context};
use money::Money;
use store::{By, Change};
use web::{Asked, Said, field};

use super::charge::{Wrong, category_name, fund_name};
use crate::bill::Bill;
use crate::closing::{BranchCash, Closing, ClosingState, Count, Sums};
use crate::deposit::Deposit;
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::paging::ROWS;
use crate::pay::method_name;
use crate::people::Role;
use crate::place::{House, Place};
use crate::segment::ReceiptKind;
use crate::settlement::Settlement;
use crate::sheet::{ALL, Form, PaperError, Sheet, state_word};
use crate::spoilt;
use crate::till::marked;

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
    ("closing-came", "came", Kind::Count),
    ("closing-went", "went", Kind::Count),
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
    let closing = Closing::open(&at.papers, at.login())?;
    let before: Vec<Sheet<Closing>> = at.papers.list(By::Tag(&format!("cashier:{}", at.login())), 20, 0)?;
    let facts = context! {
        closing => told(at, &closing),
        empty => closing.is_empty(),
        before => before.iter().map(|closing| row(at, closing)).collect::<Vec<_>>(),
        here => Place::House(House::Closing).to_string(),
        csrf => at.session.facts.csrf,
        why,
    };
    Ok(Shown::Page("desk/closing.html", facts))
}

/// The papers of a closing, marked as part of it; of none, where the mark is empty.
fn parts(at: &At<'_>, closing: &Closing, mark: &str) -> Result<Vec<Change>, Stop> {
    let mut changes = marked::<Bill>(&at.papers, closing, mark)?;
    changes.extend(marked::<Settlement>(&at.papers, closing, mark)?);
    changes.extend(marked::<Deposit>(&at.papers, closing, mark)?);
    changes.extend(spoilt::marked(&at.papers, closing, mark)?);
    Ok(changes)
}

fn row(at: &At<'_>, closing: &Sheet<Closing>) -> Value {
    let facts = &closing.facts;
    context! {
        href => Place::House(House::Closed(closing.key.clone())).to_string(),
        key => closing.key, cashier => facts.cashier,
        until => facts.until.map(|until| until.strftime("%Y-%m-%d %H:%M").to_string()),
        came => facts.charged.came + facts.stays.came + facts.deposits.came,
        went => facts.charged.went + facts.stays.went + facts.deposits.went,
        total => facts.total.to_string(), hand_over => facts.hand_over.to_string(),
        counted => facts.counted.map(|counted| counted.to_string()),
        state => at.word(closing.state.key()),
        tone => if closing.state == ClosingState::Closed { "warn" } else { "" },
    }
}

/// All that a closing says, or what several together come to.
pub(super) fn told(at: &At<'_>, closing: &Closing) -> Value {
    let sums = |sums: &Sums, name: &dyn Fn(&str) -> Said| -> Vec<Value> {
        sums.iter().map(|(key, amount)| context! { name => at.say(&name(key)), amount }).collect()
    };
    let time =
        |time: Option<jiff::civil::DateTime>| time.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string());
    let counts = [
        ("closing-bills", closing.charged),
        ("closing-stays", closing.stays),
        ("closing-deposits", closing.deposits),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count != Count::default());
    let numbers = ReceiptKind::ALL.into_iter().filter_map(|kind| {
        let numbers = closing.numbers.get(kind.word())?;
        Some(context! {
            name => at.word(kind.key()), first => numbers.used.first(), last => numbers.used.last(),
            used => numbers.used.len(), void => numbers.void, spoilt => numbers.spoilt,
        })
    });
    context! {
        cashier => closing.cashier, from => time(closing.from), until => time(closing.until),
        counts => counts.map(|(key, count)| context! { name => at.word(key), came => count.came, went => count.went }).collect::<Vec<_>>(),
        numbers => numbers.collect::<Vec<_>>(), copies => closing.copies, gaps => closing.gaps(),
        categories => sums(&closing.categories, &category_name),
        funds => sums(&closing.funds, &fund_name),
        methods => sums(&closing.methods, &method_name),
        moved => closing.moved_in_all().to_string(),
        accounts => closing.accounts.to_string(), hospital => closing.hospital.to_string(),
        total => closing.total.to_string(), share => closing.share.to_string(),
        rounding => closing.rounding.to_string(), hand_over => closing.hand_over.to_string(),
        branches => branches(at, closing), deposits => closing.deposits_in != Money::ZERO || closing.deposits_out != Money::ZERO || closing.from_deposits != Money::ZERO || closing.carried_out != Money::ZERO,
        from_deposits => (-closing.from_deposits).to_string(), carried => closing.carried_in != Money::ZERO || closing.carried_out != Money::ZERO,
        carried_in => closing.carried_in.to_string(), carried_out => closing.carried_out.to_string(), deposits_in => closing.deposits_in.to_string(),
        deposits_out => (-closing.deposits_out).to_string(),
        adds_up => closing.adds_up(),
        counted => closing.counted.map(|counted| counted.to_string()),
        counted_by => closing.counted_by, difference => closing.difference,
    }
}

/// The cash of each branch, where it is of more than one.
fn branches(at: &At<'_>, closing: &Closing) -> Vec<Value> {
    let several = closing.branches.len() > 1;
    let row = |lies: &BranchCash| {
        let name =
            if lies.branch.code.is_empty() { at.word("branch-main") } else { lies.branch.name.clone() };
        context! { name, cash => lies.cash.to_string() }
    };
    closing.branches.iter().filter(|_| several).map(row).collect()
}

/// Closes: what nobody knows, or was left yesterday, comes first.
pub(crate) fn close(at: &At<'_>) -> Result<Shown, Stop> {
    let doubt = tagged::<Bill>(at, "doubt")?.len() + tagged::<Settlement>(at, "doubt")?.len();
    if doubt > 0 {
        return page(at, &at.say(&Said::new("h306").with("count", doubt)));
    }
    let left = tagged::<Bill>(at, "open")?;
    let rests = left.iter().filter(|bill| bill.facts.is_rest()).count();
    if rests > 0 {
        return page(at, &at.say(&Said::new("closing-rests").with("count", rests)));
    }
    let old = left.iter().filter(|bill| bill.day.is_some_and(|day| day < at.now.date())).count();
    if old > 0 {
        return page(at, &at.say(&Said::new("closing-parked").with("count", old)));
    }
    let closing = Closing::open(&at.papers, at.login())?;
    if closing.is_empty() {
        return page(at, &at.word("closing-empty"));
    }
    let number = at.papers.list::<Closing>(By::Tag(&format!("of:{}", at.login())), ALL, 0)?.len();
    let key = format!("{}-{:05}", at.login(), number + 1);
    let mut changes = parts(at, &closing, &key)?;
    let closing = Sheet::new(key.clone(), ClosingState::Closed, Some(at.now.date()), closing);
    changes.push(closing.happened("close"));
    let mut session = at.session.clone();
    session.facts.unclosed = None;
    changes.push(session.typed());
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Place::House(House::Closed(key)).to_string()))
}

/// Papers of whoever asks that a word and his number name.
fn tagged<F: Form>(at: &At<'_>, word: &str) -> Result<Vec<Sheet<F>>, Stop> {
    Ok(at.papers.list(By::Tag(&format!("{word}:{}", at.login())), ALL, 0)?)
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
    look_with(at, &closing, "", &Wrong::default())
}

/// Not a field, but the whole of it.
fn refused(at: &At<'_>, closing: &Sheet<Closing>, said: &Said) -> Result<Shown, Stop> {
    look_with(at, closing, "", &Wrong::new(at, "", "", said))
}

/// The page, with what was counted and said of it before.
fn look_with(at: &At<'_>, closing: &Sheet<Closing>, said: &str, wrong: &Wrong) -> Result<Shown, Stop> {
    let waits = closing.state == ClosingState::Closed;
    let facts = context! {
        key => closing.key, state => at.word(closing.state.key()),
        closing => told(at, &closing.facts),
        may_cancel => waits && closing.facts.cashier == at.login(),
        may_confirm => waits && at.operator.roles.contains(&Role::Finance) && closing.facts.cashier != at.login(),
        here => Place::House(House::Closed(closing.key.clone())).to_string(),
        back => Place::House(if at.operator.roles.contains(&Role::Finance) { House::Confirm } else { House::Closing }).to_string(),
        csrf => at.session.facts.csrf, typed => wrong.typed, said, why => wrong.why, wrong => wrong.field,
    };
    Ok(Shown::Page("desk/closed.html", facts))
}

/// Takes one's latest closing back, or confirms somebody's cash.
pub(crate) fn act(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let closing = seen(at, key)?;
    if closing.state != ClosingState::Closed {
        let said = Said::new("state-refused").with("state", at.word(closing.state.key()));
        return refused(at, &closing, &said);
    }
    if asked.form.get("do") == "cancel" { cancel(at, closing) } else { confirm(at, asked, closing) }
}

fn cancel(at: &At<'_>, mut closing: Sheet<Closing>) -> Result<Shown, Stop> {
    let latest: Vec<Sheet<Closing>> = at.papers.list(By::Tag(&format!("cashier:{}", at.login())), 1, 0)?;
    if closing.facts.cashier != at.login() || latest.first().is_none_or(|latest| latest.key != closing.key) {
        return refused(at, &closing, &Said::new("closing-not-latest"));
    }
    let mut changes = parts(at, &closing.facts, "")?;
    closing.state = ClosingState::Cancelled;
    changes.push(closing.happened("cancel"));
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Place::House(House::Closing).to_string()))
}

fn confirm(at: &At<'_>, asked: &Asked, mut closing: Sheet<Closing>) -> Result<Shown, Stop> {
    if !at.operator.roles.contains(&Role::Finance) || closing.facts.cashier == at.login() {
        return refused(at, &closing, &Said::new("closing-not-own"));
    }
    let (typed, why) = (asked.form.get("counted"), asked.form.get("difference"));
    // More may be given back than came in: then cash is handed to the cashier, and typed with its sign.
    let counted = match typed.strip_prefix('-') {
        Some(rest) => field::money(rest).map(|amount| -amount),
        None => field::money(typed),
    };
    let counted = match counted {
        Ok(counted) => counted,
        Err(said) => return look_with(at, &closing, why, &Wrong::new(at, "counted", typed, &said)),
    };
    let difference = counted - closing.facts.hand_over;
    if difference != Money::ZERO && why.is_empty() {
        let said = Said::new("closing-difference").with("difference", difference);
        return look_with(at, &closing, why, &Wrong::new(at, "difference", typed, &said));
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
    let last = |state| at.papers.list::<Closing>(By::State(&state_word(state)), ROWS, 0);
    let mut done = [last(ClosingState::Confirmed)?, last(ClosingState::Summarised)?].concat();
    done.sort_by(|a, b| (b.day, &b.key).cmp(&(a.day, &a.key)));
    done.truncate(ROWS);
    let due: Money = waiting.iter().map(|closing| closing.facts.hand_over).sum();
    let rows =
        |closings: &[Sheet<Closing>]| closings.iter().map(|closing| row(at, closing)).collect::<Vec<_>>();
    let facts = context! { waiting => rows(&waiting), done => rows(&done), due => due.to_string(), here => Place::House(House::Confirm).to_string() };
    Ok(Shown::Page("desk/confirm.html", facts))
}
