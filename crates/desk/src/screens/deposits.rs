//! IM-2, deposits: each with its receipt, voided by who took it on the same day, given back against the paper.

use minijinja::{Value, context};
use store::Change;
use web::{Asked, Said, field};

use super::admission::places;
use super::charge::Wrong;
use super::inpatients::{exported, found, may, row, shown, stay, strip};
use crate::deposit::{Deposit, DepositState, Undone, deposits, sum};
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::pay::{CASH, METHODS, method_name};
use crate::place::inpatient::{Depositing, Inpatient};
use crate::segment::{self, ReceiptKind, ReceiptState, Wanted, issued};
use crate::sheet::Sheet;
use crate::stay::{Stay, StayEvent};

/// Balances of all who are here, and of those who left unsettled.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let typed = asked.query.get("q");
    let mut stays = found(at, "here", typed)?;
    stays.extend(found(at, "unsettled", typed)?);
    if let ([only], false) = (stays.as_slice(), typed.is_empty()) {
        return Ok(Shown::Go(Inpatient::Account(only.key.clone()).to_string()));
    }
    let rows: Vec<Value> =
        stays.iter().map(|stay| row(at, stay, &Inpatient::Account(stay.key.clone()))).collect();
    if let Some(file) = exported(at, asked, &rows) {
        return file;
    }
    let facts = context! {
        rows, count => stays.len(), q => typed, here => Inpatient::Deposits.to_string(),
        title => at.word("tab-deposits"),
    };
    Ok(Shown::Page("desk/stays.html", facts))
}

/// The columns of a stay's deposits as a file.
const COLUMNS: [Column; 7] = [
    ("time", "at", Kind::Text),
    ("receipt", "receipt", Kind::Text),
    ("amount", "amount", Kind::Amount),
    ("method", "method", Kind::Text),
    ("document-number", "document", Kind::Text),
    ("cashier", "cashier", Kind::Text),
    ("state", "state", Kind::Text),
];

/// The deposits of a stay.
pub(crate) fn show(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    if asked.query.has("as") {
        let all = deposits(&at.papers, key)?;
        let rows: Vec<Value> = all.iter().map(|deposit| self::deposit(at, deposit)).collect();
        if let Some(file) = export::wanted(at, asked, &format!("deposits-{key}"), &COLUMNS, &rows) {
            return file;
        }
    }
    page(at, &stay, asked.query.get("done"), &Wrong::default())
}

pub(crate) fn page(at: &At<'_>, stay: &Sheet<Stay>, done: &str, wrong: &Wrong) -> Result<Shown, Stop> {
    let all = deposits(&at.papers, &stay.key)?;
    let step = |step: Depositing| Inpatient::Deposit(stay.key.clone(), step).to_string();
    let receipts = issued(&at.papers, ReceiptKind::Deposit, at.login())?;
    let next = receipts.iter().find_map(|segment| segment.facts.peek());
    let left: u64 = receipts.iter().map(|segment| segment.facts.left()).sum();
    let taken = all.iter().find(|deposit| deposit.key == done);
    let facts = context! {
        stay => strip(at, stay), places => places(stay), csrf => at.session.facts.csrf,
        rows => all.iter().map(|deposit| self::deposit(at, deposit)).collect::<Vec<_>>(),
        here => Inpatient::Account(stay.key.clone()).to_string(),
        valid => sum(&all, DepositState::Valid).to_string(),
        open => may(at, stay, StayEvent::TakeDeposit).is_ok(),
        voids => VOIDS.map(|code| context! { code, name => at.word(code) }),
        methods => METHODS.map(|(code, key)| context! { code, name => at.word(key) }),
        steps => context! { take => step(Depositing::Take), void => step(Depositing::Void), refund => step(Depositing::Refund), guarantee => step(Depositing::Guarantee),
            carry => step(Depositing::Carry) },
        guarantees => may(at, stay, StayEvent::Guarantee).is_ok(), dunning => Inpatient::Dunning(stay.key.clone()).to_string(),
        segment => context! { next, left },
        done => taken.map(|deposit| context! {
            receipt => deposit.facts.receipt, amount => deposit.facts.amount.to_string(),
            print => (deposit.facts.prints == 0).then(|| Inpatient::DepositReceipt(deposit.key.clone()).to_string()),
        }),
        wrong => context! { field => wrong.field, why => wrong.why, typed => wrong.typed },
        back => Inpatient::Deposits.to_string(),
    };
    Ok(Shown::Page("desk/deposits.html", facts))
}

fn deposit(at: &At<'_>, deposit: &Sheet<Deposit>) -> Value {
    let facts = &deposit.facts;
    context! {
        key => deposit.key, receipt => facts.receipt, at => shown(facts.taken), amount => facts.amount.to_string(),
        method => at.say(&method_name(&facts.method)), document => facts.document, cashier => facts.cashier,
        state => at.word(deposit.state.key()), tone => deposit.state.tone(),
        voidable => deposit.state == DepositState::Valid && is_of_this_shift(at, facts),
        print => Inpatient::DepositReceipt(deposit.key.clone()).to_string(),
    }
}

/// Why one is voided, as its page offers it.
pub(crate) const VOIDS: [&str; 4] =
    ["void-wrong-amount", "void-wrong-method", "void-wrong-patient", "void-patient-asks"];

/// Taken at a till by whoever asks, today, and not closed.
fn is_of_this_shift(at: &At<'_>, deposit: &Deposit) -> bool {
    deposit.cashier == at.login()
        && deposit.carried_from.is_empty()
        && deposit.taken.date() == at.now.date()
        && deposit.closing.is_empty()
}

fn refuse(at: &At<'_>, stay: &Sheet<Stay>, wrong: (&'static str, &str), said: &Said) -> Result<Shown, Stop> {
    page(at, stay, "", &Wrong::new(at, wrong.0, wrong.1, said))
}

/// Takes a deposit: the money, its receipt and what the stay has, in one.
pub(crate) fn take(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let before = stay(at, key)?;
    if let Err(said) = may(at, &before, StayEvent::TakeDeposit) {
        return refuse(at, &before, ("state", ""), &said);
    }
    let typed = asked.form.get("amount");
    let amount = match field::money(typed) {
        Ok(amount) if amount.is_zero() => {
            return refuse(at, &before, ("amount", typed), &Said::new("deposit-nothing"));
        }
        Ok(amount) => amount,
        Err(said) => return refuse(at, &before, ("amount", typed), &said),
    };
    let method = METHODS.iter().find(|(code, _)| *code == asked.form.get("method"));
    let method = method.map_or(CASH, |(code, _)| code);
    let document: String = asked.form.get("document").chars().take(60).collect();
    if method != CASH && document.is_empty() {
        return refuse(at, &before, ("document", ""), &Said::new("document-missing"));
    }
    let paper = at.desk.key();
    let mut stay = before.clone();
    stay.facts.deposited += amount;
    let kind = ReceiptKind::Deposit;
    let wanted = Wanted {
        kind,
        cashier: at.login(),
        paper: &paper,
        amount,
        state: ReceiptState::Used,
        electronic: false,
    };
    let why = segment::with_number(&at.papers, &at.act(), &wanted, |receipt| {
        let facts = Deposit {
            stay: key.to_owned(),
            amount,
            method: method.into(),
            document: document.clone(),
            receipt: receipt.to_owned(),
            cashier: at.login().to_owned(),
            window: at.session.facts.workstation.clone(),
            branch: at.branch().clone(),
            taken: at.now,
            closing: String::new(),
            used_by: String::new(),
            carried_from: String::new(),
            undone: None,
            prints: 0,
            reprints: Vec::new(),
        };
        let deposit = Sheet::new(paper.clone(), DepositState::Valid, Some(at.now.date()), facts);
        Ok(vec![deposit.happened("take"), stay.happened(StayEvent::TakeDeposit.word())])
    })?;
    match why {
        Some(said) => refuse(at, &before, ("amount", typed), &said),
        None => Ok(Shown::Go(format!("{}?done={paper}", Inpatient::Account(key.to_owned())))),
    }
}

/// Voids one within the shift that took it: its number is listed as void, the money goes back.
pub(crate) fn void(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    let all = deposits(&at.papers, key)?;
    let Some(deposit) = all.into_iter().find(|deposit| deposit.key == asked.form.get("deposit")) else {
        return Err(Stop::Nothing);
    };
    if !is_of_this_shift(at, &deposit.facts) {
        return refuse(at, &stay, ("state", ""), &Said::new("deposit-other-shift"));
    }
    let Some(why) = VOIDS.into_iter().find(|why| *why == asked.form.get("reason")) else {
        return refuse(at, &stay, ("reason", &deposit.key), &Said::new("void-reason"));
    };
    undo(at, stay, vec![deposit], DepositState::Void, why)
}

/// Gives one back against its paper, with all it was parted into.
pub(crate) fn refund(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::ReturnDeposit) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let typed = field::plain(asked.form.get("receipt")).to_uppercase();
    let all = deposits(&at.papers, key)?;
    let meant = |deposit: &Sheet<Deposit>| {
        deposit.state == DepositState::Valid && deposit.facts.receipt.to_uppercase() == typed
    };
    let parts: Vec<Sheet<Deposit>> = all.into_iter().filter(meant).collect();
    if parts.is_empty() {
        let said = Said::new("receipt-unknown").with("seen", &typed);
        return refuse(at, &stay, ("receipt", &typed), &said);
    }
    if (stay.facts.balance(at.now) - sum(&parts, DepositState::Valid)).is_negative() {
        let said = Said::new("deposit-needed").with("balance", stay.facts.balance(at.now));
        return refuse(at, &stay, ("receipt", &typed), &said);
    }
    undo(at, stay, parts, DepositState::Refunded, "")
}

/// Carries one on to another stay of the same patient, with all it was parted into: no money moves, and the patient keeps the
/// receipt. Back is the same from there.
pub(crate) fn carry(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut from = stay(at, key)?;
    if let Err(said) = may(at, &from, StayEvent::ReturnDeposit) {
        return refuse(at, &from, ("state", ""), &said);
    }
    let typed = field::plain(asked.form.get("carry_receipt")).to_uppercase();
    let meant = |deposit: &Sheet<Deposit>| {
        deposit.state == DepositState::Valid && deposit.facts.receipt.to_uppercase() == typed
    };
    let parts: Vec<Sheet<Deposit>> = deposits(&at.papers, key)?.into_iter().filter(meant).collect();
    if parts.is_empty() {
        let said = Said::new("receipt-unknown").with("seen", &typed);
        return refuse(at, &from, ("carry_receipt", &typed), &said);
    }
    let amount = sum(&parts, DepositState::Valid);
    let typed = field::plain(asked.form.get("to"));
    let to = at.papers.get::<Stay>(&typed)?.filter(|to| to.key != key && is_same_patient(&from, to));
    let Some(mut to) = to else {
        return refuse(at, &from, ("to", &typed), &Said::new("carry-to-unknown").with("seen", &typed));
    };
    if let Err(said) = may(at, &to, StayEvent::TakeDeposit) {
        return refuse(at, &from, ("state", ""), &said);
    }
    if (from.facts.balance(at.now) - amount).is_negative() {
        let said = Said::new("deposit-needed").with("balance", from.facts.balance(at.now));
        return refuse(at, &from, ("carry_receipt", ""), &said);
    }
    let mut changes: Vec<Change> = Vec::new();
    for part in parts {
        let (gone, there) = part.carried(&[(&to.key, part.facts.amount)], at.login(), at.now);
        changes.push(gone.happened("carried"));
        changes.extend(there.iter().map(|deposit| deposit.happened("carried-here")));
    }
    from.facts.deposited -= amount;
    to.facts.deposited += amount;
    changes.extend([from.happened("carried"), to.happened("carried")]);
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Inpatient::Account(to.key).to_string()))
}

/// By the number of the insured or by the document; by name and sex only where neither has either. Many have one name: who
/// was known by less than now is not known to be the same.
fn is_same_patient(one: &Sheet<Stay>, other: &Sheet<Stay>) -> bool {
    let (one, other) = (&one.private.patient, &other.private.patient);
    let known = [(&one.number, &other.number), (&one.document, &other.document)];
    if let Some((one, other)) = known.iter().find(|(one, other)| !one.is_empty() && !other.is_empty()) {
        return one == other;
    }
    known.iter().all(|(one, other)| one.is_empty() && other.is_empty())
        && one.name == other.name
        && one.female == other.female
}

fn undo(
    at: &At<'_>,
    mut stay: Sheet<Stay>,
    deposits: Vec<Sheet<Deposit>>,
    to: DepositState,
    why: &str,
) -> Result<Shown, Stop> {
    if let Err(said) = may(at, &stay, StayEvent::ReturnDeposit) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    // Finance wrote off what was left beside these: given back, they would be written off as well.
    if stay.facts.debt.as_ref().is_some_and(|debt| debt.written_off.is_some()) {
        return refuse(at, &stay, ("state", ""), &Said::new("write-off-stands"));
    }
    let mut changes: Vec<Change> = Vec::new();
    for mut deposit in deposits {
        if deposit.state != DepositState::Valid {
            let said = Said::new("state-refused").with("state", at.word(deposit.state.key()));
            return refuse(at, &stay, ("state", ""), &said);
        }
        deposit.state = to;
        deposit.facts.undone = Some(Undone {
            at: at.now,
            by: at.login().to_owned(),
            branch: at.branch().clone(),
            why: why.to_owned(),
            closing: String::new(),
            carried: false,
        });
        stay.facts.deposited -= deposit.facts.amount;
        if to == DepositState::Void {
            let receipt = &deposit.facts.receipt;
            changes.extend(segment::settle(&at.papers, ReceiptKind::Deposit, receipt, ReceiptState::Void)?);
        }
        changes.push(deposit.happened(if to == DepositState::Void { "void" } else { "refund" }));
    }
    changes.push(stay.happened(StayEvent::ReturnDeposit.word()));
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Inpatient::Account(stay.key).to_string()))
}
