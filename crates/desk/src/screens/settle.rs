//! OC-1, from the trial to the receipt. Nothing is taken and nothing printed before the settlement stands.

use model::InsuranceKind;
use money::Money;
use web::{Asked, Said, field};
use wire::asking::{
    Approval, BillAsked, BillHeard, ChargeLines, DescribeVisit, DiagnosisSaid, Line as LineSaid, SettleBill,
    TryBill, WithdrawLines,
};

use super::charge::{Wrong, bill, doctor, keep, open_bill, open_visit, page};
use super::paying;
use super::person::{ask, card_gone, centre_says, insured, proof};
use crate::bill::{Bill, BillState, Question, Split, Trial};
use crate::carry::{self, Carried};
use crate::desk::{At, Shown, Stop};
use crate::pay::Payment;
use crate::place::Place;
use crate::segment::{self, ReceiptKind, ReceiptState, Wanted};
use crate::sheet::Sheet;
use crate::trace;

/// Lines go to the centre in so many at once.
const LINES_AT_ONCE: usize = wire::transactions::LINES_MAX;

/// How the bill would be shared now.
pub(crate) fn try_it(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut bill = open_bill(at, key)?;
    if let Some((field, said)) = not_ready(at, &mut bill) {
        return page(at, &bill, &Wrong::new(at, field, "", &said));
    }
    let tried = try_now(at, &mut bill);
    if tried.is_err() {
        bill.facts.trial = None;
        bill.state = BillState::Entry;
    }
    keep(at, &mut bill)?;
    page(at, &bill, &tried.map_or_else(|said| Wrong::new(at, "trial", "", &said), |()| Wrong::default()))
}

/// What is missing before a bill can be tried, and in which field.
fn not_ready(at: &At<'_>, bill: &mut Sheet<Bill>) -> Option<(&'static str, Said)> {
    let facts = &bill.facts;
    if facts.lines.is_empty() {
        return Some(("item", Said::new("no-lines")));
    }
    let needs_doctor = facts.insured || facts.lines.iter().any(|line| line.drug);
    if needs_doctor && facts.doctor.code.is_empty() {
        return Some(("doctor", Said::new("drug-needs-doctor")));
    }
    let line =
        trace::required(&facts.lines, at.hospital.parameters.tracing()).filter(|_| !facts.is_rest())?;
    let (number, said) = (line.number, super::trace::missing(line));
    bill.facts.tracing = Some(number);
    Some(("trace", said))
}

/// Brings visit and lines to the centre and asks how the bill would be shared.
fn try_now(at: &At<'_>, bill: &mut Sheet<Bill>) -> Result<(), Said> {
    let total = bill.facts.total();
    let split = if bill.facts.insured {
        upload(at, bill)?;
        let heard =
            ask(at, &TryBill(asked_bill(bill, "")), BillHeard::hear).map_err(|no| centre_says(&no))?;
        Split::of(&heard, total).map_err(|by| Said::new("h301").with("by", by))?
    } else {
        Split::self_paid(total)
    };
    bill.facts.payment = payment(at, bill, &split);
    bill.facts.trial = Some(Trial { at: at.now, split });
    bill.facts.refused = None;
    bill.facts.taken_back = false;
    bill.state = BillState::Tried;
    Ok(())
}

/// How so much is paid: in the ways of the bill it is the rest of, or in those that were said before.
fn payment(at: &At<'_>, bill: &Sheet<Bill>, split: &Split) -> Payment {
    let (before, rounding) = (&bill.facts.payment, at.hospital.parameters.rounding());
    if let Some(paid) = &bill.facts.paid_before {
        let rest = paid.rest(split.cash, rounding);
        return Payment { tendered: before.tendered.filter(|given| *given >= rest.asked()), ..rest };
    }
    let others = if before.otherwise() <= split.cash { before.others.clone() } else { Vec::new() };
    let due = Payment::with(split.cash, others, rounding);
    // What was handed over stays where what is due is the same.
    Payment { tendered: before.tendered.filter(|_| before.due == due.due), ..due }
}

/// What the centre must have of a bill: its visit described, and its lines as they stand.
fn upload(at: &At<'_>, bill: &mut Sheet<Bill>) -> Result<(), Said> {
    if let Some(said) = open_visit(at, bill) {
        return Err(said);
    }
    if bill.facts.uploaded {
        return Ok(());
    }
    let person = insured(&bill.private);
    let visit = bill.facts.visit.clone();
    if bill.facts.was_uploaded {
        // All of the visit that is not settled: of the rest of a bill that is the bill before.
        let withdraw = WithdrawLines { person: person.clone(), visit: visit.clone(), batch: None };
        ask(at, &withdraw, |_| Some(())).map_err(|no| centre_says(&no))?;
        bill.facts.was_uploaded = false;
    }
    ask(at, &described(bill), |_| Some(())).map_err(|no| centre_says(&no))?;
    let lines: Vec<LineSaid> = bill.facts.lines.iter().map(|line| said_line(at, bill, line)).collect();
    bill.facts.was_uploaded = true;
    for some in lines.chunks(LINES_AT_ONCE) {
        let request = ChargeLines { person: person.clone(), visit: visit.clone(), lines: some.to_vec() };
        let warned = |answer: &wire::Answer| Some(wire::asking::warning(answer));
        let warned = ask(at, &request, warned).map_err(|no| centre_says(&no))?;
        bill.facts.warned = warned.unwrap_or_default();
    }
    bill.facts.uploaded = true;
    Ok(())
}

fn described(bill: &Sheet<Bill>) -> DescribeVisit {
    let diagnoses = (1..).zip(&bill.private.diagnoses).map(|(order, diagnosis)| DiagnosisSaid {
        kind: "1".into(),
        order,
        disease: diagnosis.said(),
        department: bill.facts.department.code.clone(),
        doctor: doctor(&bill.facts),
        time: bill.facts.begun,
        main: order == 1,
        condition: String::new(),
        valid: true,
    });
    DescribeVisit {
        person: insured(&bill.private),
        visit: bill.facts.visit.clone(),
        care_kind: bill.facts.care_kind.clone(),
        begins: bill.facts.begun,
        diagnoses: diagnoses.collect(),
        condition: String::new(),
        disease: wire::asking::Named::default(),
    }
}

fn said_line(at: &At<'_>, bill: &Sheet<Bill>, line: &crate::bill::Line) -> LineSaid {
    LineSaid {
        number: bill.facts.line_number(&bill.key, line.number),
        batch: bill.facts.batch.clone(),
        served: bill.facts.begun,
        item: line.mapped.clone().unwrap_or_else(|| at.hospital.parameters.unmapped_code.clone()),
        own: wire::asking::Named::new(&*line.item, &*line.name),
        amount: line.amount,
        quantity: line.quantity,
        price: line.price,
        department: bill.facts.department.said(),
        doctor: doctor(&bill.facts),
        executing: line.executing.said(),
        approval: Approval::NotNeeded,
        part_of_pack: line.part_of_pack && !line.traces.is_empty(),
        traces: line.traces.clone(),
        ..LineSaid::default()
    }
}

fn asked_bill(bill: &Sheet<Bill>, receipt: &str) -> BillAsked {
    BillAsked {
        person: insured(&bill.private),
        visit: bill.facts.visit.clone(),
        batch: bill.facts.batch.clone(),
        insurance: InsuranceKind(bill.facts.insurance),
        proof: proof(&bill.private),
        care_kind: bill.facts.care_kind.clone(),
        way: "01".into(),
        total: bill.facts.total(),
        uses_account: bill.facts.uses_account,
        invoice: receipt.into(),
        splits: wire::transactions::Splits::default(),
    }
}

/// What was handed over the counter.
pub(crate) fn tender(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = open_bill(at, key)?;
    if bill.facts.trial_at(at.now).is_none() {
        return try_it(at, key);
    }
    if let Err(wrong) = paid(at, asked, &mut bill)? {
        return page(at, &bill, &wrong);
    }
    keep(at, &mut bill)?;
    page(at, &bill, &Wrong::default())
}

/// What a form says of how a bill is paid: what otherwise than in cash, and what was handed over.
fn paid(at: &At<'_>, asked: &Asked, bill: &mut Sheet<Bill>) -> Result<Result<(), Wrong>, Stop> {
    let share = bill.facts.trial.as_ref().map_or(Money::ZERO, |trial| trial.split.cash);
    if !bill.facts.is_rest() {
        match paying::read(at, asked, share)? {
            Ok(Some(others)) => {
                let tendered = bill.facts.payment.tendered;
                let payment = Payment::with(share, others, at.hospital.parameters.rounding());
                bill.facts.payment = Payment { tendered, ..payment };
            }
            Ok(None) => {}
            Err(wrong) => return Ok(Err(wrong)),
        }
    }
    let typed = asked.form.get("tendered");
    if bill.facts.payment.asked().is_zero() {
        bill.facts.payment.tendered = None;
        return Ok(Ok(()));
    }
    match take(&bill.facts.payment, typed) {
        Ok(payment) => bill.facts.payment = payment,
        Err(said) => return Ok(Err(Wrong::new(at, "tendered", typed, &said))),
    }
    Ok(Ok(()))
}

/// What is handed over must be enough.
fn take(payment: &Payment, typed: &str) -> Result<Payment, Said> {
    let tendered = field::money(typed)?;
    if tendered < payment.asked() {
        return Err(Said::new("h303").with("missing", payment.asked() - tendered));
    }
    Ok(Payment { tendered: Some(tendered), ..payment.clone() })
}

/// The rest of a bill that was just voided: settled at once where it comes to what was shown before; else it is shown.
pub(crate) fn rest(at: &At<'_>, key: &str, expected: Option<Money>) -> Result<Shown, Stop> {
    let mut bill = open_bill(at, key)?;
    if let Err(said) = try_now(at, &mut bill) {
        return page(at, &bill, &Wrong::new(at, "trial", "", &said));
    }
    let now = bill.facts.trial.as_ref().map_or(Money::ZERO, |trial| trial.split.cash);
    let asks = !bill.facts.payment.asked().is_zero();
    if expected != Some(now) || asks {
        bill.facts.question =
            expected.filter(|before| *before != now).map(|before| Question::CashChanged { before, now });
        keep(at, &mut bill)?;
        return page(at, &bill, &Wrong::default());
    }
    bill.facts.payment.tendered = Some(Money::ZERO);
    send(at, bill)
}

/// Settles: the trial once more, the intent with its receipt number on paper, the message, and what came of it.
pub(crate) fn settle(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut bill = open_bill(at, key)?;
    if let Some((field, said)) = not_ready(at, &mut bill) {
        return page(at, &bill, &Wrong::new(at, field, "", &said));
    }
    if let Some(said) = card_gone(at, &bill.private) {
        return page(at, &bill, &Wrong::new(at, "state", "", &said));
    }
    let before = bill.facts.trial.as_ref().map(|trial| trial.split.cash);
    if asked.form.has("tendered")
        && before.is_some()
        && let Err(wrong) = paid(at, asked, &mut bill)?
    {
        return page(at, &bill, &wrong);
    }
    // Never settled at another amount than was shown: what has changed since is shown first.
    if let Err(said) = try_now(at, &mut bill) {
        bill.facts.trial = None;
        bill.state = BillState::Entry;
        keep(at, &mut bill)?;
        return page(at, &bill, &Wrong::new(at, "trial", "", &said));
    }
    let now = bill.facts.trial.as_ref().map_or(Money::ZERO, |trial| trial.split.cash);
    if before != Some(now) {
        bill.facts.question = before.map(|before| Question::CashChanged { before, now });
        keep(at, &mut bill)?;
        return page(at, &bill, &Wrong::default());
    }
    if bill.facts.payment.tendered.is_none() {
        if !bill.facts.payment.asked().is_zero() {
            keep(at, &mut bill)?;
            let said = Said::new("h303").with("missing", bill.facts.payment.asked());
            return page(at, &bill, &Wrong::new(at, "tendered", "", &said));
        }
        bill.facts.payment.tendered = Some(Money::ZERO);
    }
    send(at, bill)
}

/// The intent, the message, and what came of it; of who pays alone, the receipt.
fn send(at: &At<'_>, mut bill: Sheet<Bill>) -> Result<Shown, Stop> {
    let (key, insured) = (bill.key.clone(), bill.facts.insured);
    match if insured { intend(at, &mut bill)? } else { alone(at, &bill)? } {
        Some(said) => page(at, &bill, &Wrong::new(at, "receipt", "", &said)),
        None if insured => carried(at, bill),
        None => Ok(Shown::Go(format!("{}?done={key}", Place::Charge))),
    }
}

/// The number of the receipt a bill has with this state.
fn wanted<'w>(at: &'w At<'_>, bill: &'w Sheet<Bill>, state: ReceiptState) -> Wanted<'w> {
    let payment = &bill.facts.payment;
    let (kind, amount) = (ReceiptKind::Outpatient, payment.due + payment.otherwise());
    Wanted {
        kind,
        cashier: at.login(),
        paper: &bill.key,
        amount,
        state,
        electronic: at.hospital.parameters.is_electronic(),
    }
}

/// The intent, on paper before anything is sent; or why there is none.
fn intend(at: &At<'_>, bill: &mut Sheet<Bill>) -> Result<Option<Said>, Stop> {
    let mut next = bill.clone();
    let wanted = wanted(at, bill, ReceiptState::Reserved);
    let why = segment::with_number(&at.papers, &at.act(), &wanted, |number| {
        number.clone_into(&mut next.facts.receipt);
        next.state = BillState::Settling;
        carry::intend(&mut next, &at.message(&SettleBill(asked_bill(bill, number))), at.now);
        Ok(vec![next.happened("settle")])
    })?;
    if why.is_none() {
        next.version += 1;
        *bill = next;
    }
    Ok(why)
}

/// Settles a bill the centre hears nothing of: with its number, at once.
fn alone(at: &At<'_>, bill: &Sheet<Bill>) -> Result<Option<Said>, Stop> {
    let mut next = bill.clone();
    next.facts.settled = Some(at.now);
    next.facts.split = next.facts.trial.as_ref().map(|trial| trial.split.clone());
    next.state = BillState::Settled;
    let wanted = wanted(at, bill, ReceiptState::Used);
    Ok(segment::with_number(&at.papers, &at.act(), &wanted, |number| {
        number.clone_into(&mut next.facts.receipt);
        Ok(vec![next.happened("settled")])
    })?)
}

/// Carries it to the centre, and shows what came of it.
fn carried(at: &At<'_>, bill: Sheet<Bill>) -> Result<Shown, Stop> {
    let key = bill.key.clone();
    match at.desk.carry(&at.papers, bill, &at.act())? {
        Carried::Settled => Ok(Shown::Go(format!("{}?done={key}", Place::Charge))),
        Carried::Voided | Carried::Done => Ok(Shown::Go(Place::Look(key).to_string())),
        Carried::Back | Carried::Waits => Ok(Shown::Go(Place::Bill(key).to_string())),
    }
}

/// What nobody knows is taken back, so that it certainly has no effect.
pub(crate) fn give_up(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut bill = bill(at, key)?;
    if bill.state != BillState::Unknown {
        return page(at, &bill, &Wrong::default());
    }
    at.desk.begin_taking_back(&mut bill, at.papers.hospital());
    at.papers.put(&[bill.happened("give-up")], &at.act())?;
    bill.version += 1;
    carried(at, bill)
}
