//! OC-2, refunds: whole, or of some lines; what the rest would come to is shown before anything moves. Who may not do it
//! himself asks finance.

use minijinja::{Value, context};
use money::{Money, Quantity};
use store::By;
use web::{Asked, Said, field};
use wire::asking::{BillHeard, TryRest, VoidBill};

use super::bills::{self, reason_words, seen};
use super::charge::{Wrong, trial_facts};
use super::paying::others;
use super::person::{ask, centre_says, insured};
use super::posting::many;
use super::trace::{pack_field, packs};
use crate::bill::{ASKED, Bill, BillState, Line, Split, Voided, amount};
use crate::carry::{self, Carried};
use crate::desk::{At, Shown, Stop};
use crate::pay::{Payment, method_name};
use crate::people::Role;
use crate::place::{House, Place};
use crate::refund::{Approval, Kept, left, rest, total};
use crate::segment::{self, ReceiptKind, ReceiptState};
use crate::sheet::{ALL, Sheet};
use crate::trace;

/// Why money goes back, as its page offers it.
pub(crate) const REASONS: [&str; 4] =
    ["void-wrong-patient", "void-wrong-item", "void-not-done", "void-patient-asks"];

/// What is asked for: why, and what stays; nothing stays of a whole refund.
struct Wanted {
    reason: &'static str,
    kept: Vec<Kept>,
}

/// How the rest would be shared and paid.
struct Expected {
    split: Split,
    payment: Payment,
}

/// What would go back, before it does.
pub(crate) fn ask_void(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let bill = seen(at, key)?;
    if bill.state != BillState::Settled {
        return Ok(Shown::Go(Place::Look(bill.key.clone()).to_string()));
    }
    page(at, &Asked::get("/"), &bill, None, &Wrong::default())
}

fn page(
    at: &At<'_>,
    asked: &Asked,
    bill: &Sheet<Bill>,
    expected: Option<&Expected>,
    wrong: &Wrong,
) -> Result<Shown, Stop> {
    let reasons = REASONS.map(|key| context! { code => key, name => at.word(key) });
    let back = |line: &Line| asked.form.get(&field_of(line)).to_owned();
    let lines: Vec<Value> = bill
        .facts
        .lines
        .iter()
        .map(|line| {
            let name = field_of(line);
            let why = if wrong.field == BACK && wrong.typed == name { &*wrong.why } else { "" };
            context! {
                field => name, back => back(line), why,
                code => line.item, name => line.name, unit => line.unit,
                quantity => many(&line.quantity.to_string()), amount => line.amount.to_string(),
                packs => packs(asked, line.number, line.traces.iter()),
            }
        })
        .collect();
    let asked_for = bill.facts.approval.as_ref().map(|approval| approval_facts(at, bill, approval));
    let page = context! {
        reasons, reason => asked.form.get("reason"), refund_lines => lines,
        back_cash => bill.facts.payment.due.to_string(), back_others => others(at, &bill.facts.payment),
        expected => expected.map(|expected| expected_facts(at, bill, expected)),
        asked_for, may_ask => wrong.field == "approval" && bill.facts.approval.as_ref().is_none_or(|a| !a.waits()),
        untold => (wrong.field == "untold").then_some(UNTOLD),
        error => if wrong.field == BACK { "" } else { &wrong.why },
        here => Place::Void(bill.key.clone()).to_string(),
        back => Place::Look(bill.key.clone()).to_string(),
        ..bills::facts(at, bill)?
    };
    Ok(Shown::Page("desk/void.html", page))
}

/// The field of how many of a line go back.
const BACK: &str = "back";

fn field_of(line: &Line) -> String {
    format!("{BACK}-{}", line.number)
}

fn expected_facts(at: &At<'_>, bill: &Sheet<Bill>, expected: &Expected) -> Value {
    let before = bill.facts.split.clone().unwrap_or_default();
    let (split, payment) = (&expected.split, &expected.payment);
    let row = |key: &'static str, before: Money, now: Money| {
        context! { name => at.word(key), before => before.to_string(), now => now.to_string(), change => (now - before).to_string() }
    };
    context! {
        rows => [
            row("split-total", before.total, split.total),
            row("funds", before.funds_total(), split.funds_total()),
            row("split-account", before.account + before.relatives, split.account + split.relatives),
            row("split-deductible", before.deductible, split.deductible),
            row("split-due", before.cash, split.cash),
        ],
        trial => trial_facts(at, split, at.now),
        sure => split.cash.to_string(),
        net => payment.back().to_string(), owes => payment.asked().to_string(),
        patient_owes => !payment.asked().is_zero(),
        others => bill.facts.payment.others.iter().map(|paid| {
            let kept: Money = payment.others.iter().filter(|now| now.document == paid.document && now.method == paid.method).map(|now| now.amount).sum();
            context! { name => at.say(&method_name(&paid.method)), amount => (paid.amount - kept).to_string(), document => paid.document }
        }).collect::<Vec<_>>(),
    }
}

fn approval_facts(at: &At<'_>, bill: &Sheet<Bill>, approval: &Approval) -> Value {
    let stays = total(&left(&bill.facts.lines, &approval.kept));
    let (state, tone) = match &approval.said {
        None => ("approval-waits", "warn"),
        Some((true, _)) => ("approval-given", ""),
        Some((false, _)) => ("approval-refused", "bad"),
    };
    context! {
        by => approval.by, at => approval.at.strftime("%Y-%m-%d %H:%M").to_string(),
        why => reason_words(at, &approval.why), back => (bill.facts.total() - stays).to_string(),
        whole => approval.kept.is_empty(), state => at.word(state), tone,
        answered_by => approval.said.as_ref().map(|(_, who)| who.clone()),
    }
}

/// What is typed: how many of each line go back. None of any: all of all.
fn read(at: &At<'_>, asked: &Asked, bill: &Sheet<Bill>) -> Result<Wanted, Wrong> {
    let mut kept = Vec::new();
    let mut back = false;
    for line in &bill.facts.lines {
        let name = field_of(line);
        let typed = asked.form.get(&name);
        let wrong = |said: &Said| Wrong { field: BACK, typed: name.clone(), why: at.say(said) };
        let gone = match typed.trim() {
            "" | "0" => Quantity::default(),
            typed => field::quantity(typed, false).map_err(|said| wrong(&said))?,
        };
        if gone > line.quantity {
            return Err(wrong(&Said::new("h402").with("left", many(&line.quantity.to_string()))));
        }
        let stays = line.quantity + -gone;
        // What stays is charged as if it alone had been: less than a fen cannot be.
        if stays != Quantity::default() && amount(line.price, stays).is_zero() {
            return Err(wrong(&Said::new("line-nothing")));
        }
        let part = gone != Quantity::default() && stays != Quantity::default();
        let goes = |code: &str| asked.form.has(&pack_field(line.number, code));
        let traces = if part { trace::stay(line, line.traces.iter(), stays, goes) } else { Ok(Vec::new()) };
        let traces = traces.map_err(|said| wrong(&said))?;
        back |= gone != Quantity::default();
        kept.push(Kept { line: line.number, quantity: stays, traces });
    }
    let stays = kept.iter().any(|kept| kept.quantity != Quantity::default());
    if !back || !stays {
        kept.clear();
    }
    let reason = REASONS.into_iter().find(|reason| *reason == asked.form.get("reason"));
    let reason = reason.ok_or_else(|| Wrong::new(at, "reason", "", &Said::new("void-reason")))?;
    Ok(Wanted { reason, kept })
}

/// Sure, though nobody says what the rest comes to.
const UNTOLD: &str = "untold";

/// Gives money back: voids the bill, and settles what stays of it. What that comes to was shown before.
pub(crate) fn void(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let bill = seen(at, key)?;
    if bill.state != BillState::Settled {
        return Ok(Shown::Go(Place::Look(bill.key.clone()).to_string()));
    }
    let wanted = match read(at, asked, &bill) {
        Ok(wanted) => wanted,
        Err(wrong) => return page(at, asked, &bill, None, &wrong),
    };
    if asked.form.get("do") == "ask" {
        return ask_approval(at, asked, bill, wanted);
    }
    if let Some(said) = needs_approval(at, &bill, &wanted) {
        return page(at, asked, &bill, None, &Wrong::new(at, "approval", "", &said));
    }
    if wanted.kept.is_empty() {
        return begin(at, bill, wanted, None);
    }
    if at.lacks(Place::Charge.right()).is_some() {
        return page(at, asked, &bill, None, &Wrong::new(at, "rest", "", &Said::new("rest-cashier")));
    }
    let sure = asked.form.get("sure");
    match expect(at, &bill, &wanted) {
        Ok(Some(expected)) if sure == expected.split.cash.to_string() => {
            begin(at, bill, wanted, Some(expected.split.cash))
        }
        Ok(Some(expected)) => page(at, asked, &bill, Some(&expected), &Wrong::default()),
        // The centre cannot say before: the rest is shown once the bill is voided. Who is told so says so once more.
        Ok(None) if sure == UNTOLD => begin(at, bill, wanted, None),
        Ok(None) => page(at, asked, &bill, None, &Wrong::new(at, "untold", "", &Said::new("rest-untold"))),
        Err(said) => page(at, asked, &bill, None, &Wrong::new(at, "rest", "", &said)),
    }
}

/// How what stays would be shared and paid; none where the centre does not say.
fn expect(at: &At<'_>, bill: &Sheet<Bill>, wanted: &Wanted) -> Result<Option<Expected>, Said> {
    let facts = &bill.facts;
    let lines = left(&facts.lines, &wanted.kept);
    let all = total(&lines);
    let split = if facts.insured {
        if !at.desk.road.capabilities().rest {
            return Ok(None);
        }
        let request = TryRest {
            person: insured(&bill.private),
            visit: facts.visit.clone(),
            settlement: facts.settlement.clone(),
            total: all,
            uses_account: facts.uses_account,
            lines: lines
                .iter()
                .map(|line| (facts.line_number(&bill.key, line.number), line.quantity, line.amount))
                .collect(),
        };
        match ask(at, &request, BillHeard::hear) {
            Ok(heard) => Split::of(&heard, all).map_err(|by| Said::new("h301").with("by", by))?,
            Err(no) => return Err(centre_says(&no)),
        }
    } else {
        Split::self_paid(all)
    };
    let payment = facts.payment.rest(split.cash, at.hospital.parameters.rounding());
    Ok(Some(Expected { split, payment }))
}

/// The intent on paper, the message, and what came of it; then the rest.
fn begin(at: &At<'_>, mut bill: Sheet<Bill>, wanted: Wanted, expected: Option<Money>) -> Result<Shown, Stop> {
    let stays = !wanted.kept.is_empty();
    let rest_key = if stays { at.desk.key() } else { String::new() };
    bill.facts.taken_back = false;
    bill.facts.voided = Some(Voided {
        at: at.now,
        why: wanted.reason.to_owned(),
        by: at.login().to_owned(),
        branch: at.branch().clone(),
        closing: String::new(),
        kept: wanted.kept,
        rest: rest_key.clone(),
    });
    let key = bill.key.clone();
    if !bill.facts.insured {
        bill.state = BillState::Voided;
        let mut changes =
            segment::settle(&at.papers, ReceiptKind::Outpatient, &bill.facts.receipt, ReceiptState::Void)?;
        changes.push(bill.happened("voided"));
        changes.extend(rest(&bill).map(|rest| rest.happened("rest")));
        at.papers.put(&changes, &at.act())?;
        return after(at, &key, &rest_key, expected);
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
    match at.desk.carry(&at.papers, bill, &at.act())? {
        Carried::Waits => Ok(Shown::Go(Place::Bill(key).to_string())),
        Carried::Voided => after(at, &key, &rest_key, expected),
        _ => Ok(Shown::Go(Place::Look(key).to_string())),
    }
}

fn after(at: &At<'_>, key: &str, rest: &str, expected: Option<Money>) -> Result<Shown, Stop> {
    if rest.is_empty() {
        return Ok(Shown::Go(Place::Look(key.to_owned()).to_string()));
    }
    super::settle::rest(at, rest, expected)
}

/// Same shift, same cashier, and not much: he may himself. Else finance must have said so; or finance does it.
fn needs_approval(at: &At<'_>, bill: &Sheet<Bill>, wanted: &Wanted) -> Option<Said> {
    if at.operator.roles.contains(&Role::Finance) && bill.facts.cashier != at.login() {
        return None;
    }
    let limit = Money::from_yuan(at.hospital.parameters.refund_approval_yuan);
    let own = bill.facts.cashier == at.login() && bill.facts.closing.is_empty();
    let same_shift = own && bill.day == Some(at.now.date());
    let goes = bill.facts.total() - total(&left(&bill.facts.lines, &wanted.kept));
    let allowed = bill.facts.approval.as_ref().is_some_and(|a| a.allows(wanted.reason, &wanted.kept));
    let free = (same_shift && goes <= limit) || allowed;
    (!free).then(|| Said::new("h404").with("limit", limit))
}

/// Finance is asked.
fn ask_approval(at: &At<'_>, asked: &Asked, mut bill: Sheet<Bill>, wanted: Wanted) -> Result<Shown, Stop> {
    bill.facts.approval = Some(Approval {
        by: at.login().to_owned(),
        at: at.now,
        why: wanted.reason.to_owned(),
        kept: wanted.kept,
        said: None,
    });
    at.papers.put(&[bill.happened("ask-approval")], &at.act())?;
    page(at, asked, &bill, None, &Wrong::default())
}

/// Refunds that wait for finance.
pub(crate) fn waiting(at: &At<'_>) -> Result<Shown, Stop> {
    approvals(at, "")
}

fn approvals(at: &At<'_>, why: &str) -> Result<Shown, Stop> {
    let bills: Vec<Sheet<Bill>> = at.papers.list(By::Tag(ASKED), ALL, 0)?;
    let row = |bill: &Sheet<Bill>| {
        let approval = bill.facts.approval.as_ref()?;
        Some(context! {
            key => bill.key, href => Place::Look(bill.key.clone()).to_string(), receipt => bill.facts.receipt,
            name => bill.private.name, cashier => bill.facts.cashier,
            settled => bill.facts.settled.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()),
            total => bill.facts.total().to_string(), asked => approval_facts(at, bill, approval),
            lines => left(&bill.facts.lines, &approval.kept).iter().map(|line| format!("{} × {}", line.name, many(&line.quantity.to_string()))).collect::<Vec<_>>(),
        })
    };
    let facts = context! {
        rows => bills.iter().filter_map(row).collect::<Vec<_>>(), why,
        here => Place::House(House::Approvals).to_string(), csrf => at.session.facts.csrf,
    };
    Ok(Shown::Page("desk/approvals.html", facts))
}

/// Finance says yes or no; never to its own.
pub(crate) fn approve(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let mut bill = at.papers.get::<Bill>(asked.form.get("bill"))?.ok_or(Stop::Nothing)?;
    let Some(approval) = bill.facts.approval.as_mut().filter(|approval| approval.waits()) else {
        return approvals(at, "");
    };
    if approval.by == at.login() {
        return approvals(at, &at.word("approval-own"));
    }
    let yes = asked.form.get("do") == "yes";
    approval.said = Some((yes, at.login().to_owned()));
    at.papers.put(&[bill.happened(if yes { "approve" } else { "disapprove" })], &at.act())?;
    Ok(Shown::Go(Place::House(House::Approvals).to_string()))
}
