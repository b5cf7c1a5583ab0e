//! 2207, 2304: Settles one bill: shares, counters, account and journal in one row each.

use ledger::Journal;
use model::SettlementId;
use store::{JournalRow, Made, Needs, PersonRecord, Sealer, SettlementKind, SettlementRow};
use wire::Refusal;
use wire::transactions::SettleBill;

use crate::bill::{self, Bill, Details};
use crate::decide::{Context, Decision, Moment};
use crate::state::State;
use crate::undo::journal_row;
use crate::words;

pub(crate) fn needs(request: &SettleBill, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
    needs.stay_before = request.stay;
}

pub(crate) fn decide(
    request: &SettleBill,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    if request.stay {
        let (visit, _) = bill::owned(state, context.hospital, request.encounter, &request.person)?;
        if !request.interim {
            bill::must_be_discharged(visit, words::TO_SETTLE)?;
        }
    }
    let bill = bill::adjudicate(state, context.hospital, request, at)?;
    let record = bill::person(state, &request.person)?;
    let (row, journal) = rows(&bill, request, record, state.next_audit(), context, at);
    let output = bill::settled(&row, state, record, context.hospital, at);
    let (id, person) = (row.id, row.person);
    if request.interim {
        state.move_lines(row.hospital, row.encounter, &request.scope, &row.scope);
    }
    state.add_settlement(row, journal);
    Ok(Decision {
        made: Made::Settlement(id),
        person: Some(person),
        object: format!("settlement {id} encounter {}", request.encounter),
        ..Decision::answer(output)
    })
}

/// The row of a bill, and its journal.
pub(crate) fn rows(
    bill: &Bill,
    request: &SettleBill,
    record: &PersonRecord,
    audit: (i64, i64),
    context: &Context<'_>,
    at: &mut Moment<'_>,
) -> (SettlementRow, JournalRow) {
    let held = record.state.held;
    let journal = Journal::settlement(&bill.adjudication.amounts, held);
    let after = held.after(&journal);
    let id = SettlementId(at.ids.next());
    let row = SettlementRow {
        id,
        root: id,
        person: record.row.id,
        version: record.state.version + 1,
        from_current: held.current - after.current,
        balance: after.total(),
        audit,
        ..settlement_row(bill, request, context, at)
    };
    let journal = journal_row(at.ids.next(), &row, journal);
    (row, journal)
}

/// What the row takes from the bill and the message; the person's part is filled in by the caller.
fn settlement_row(
    bill: &Bill,
    request: &SettleBill,
    context: &Context<'_>,
    at: &Moment<'_>,
) -> SettlementRow {
    let details = Details {
        proof: request.proof.clone(),
        way: request.way.clone(),
        invoice: request.invoice.clone(),
        message: context.message.envelope.msgid.clone(),
    };
    SettlementRow {
        id: SettlementId(0),
        hospital: context.hospital.id(),
        person: model::PersonId(0),
        version: 0,
        encounter: request.encounter,
        scope: bill.scope.clone(),
        kind: SettlementKind::Settle,
        undoes: None,
        root: SettlementId(0),
        message: context.id,
        effective: true,
        counted: true,
        decided: at.now,
        benefit_date: bill.inputs.visit.date,
        year: bill.year,
        insurance_kind: request.insurance_kind,
        care_kind: bill.care_kind.clone(),
        clearing_kind: bill::clearing_kind(&bill.care_kind).into(),
        edition: bill.edition.clone(),
        catalogue: at.catalogue.version().into(),
        amounts: bill.adjudication.amounts,
        from_current: money::Money::ZERO,
        balance: money::Money::ZERO,
        inputs: bill.inputs.encode(),
        before: bill::counters(&bill.before),
        change: bill::counters(&bill.adjudication.change),
        trail: bill.adjudication.trail.as_bytes().into(),
        details: details.to_text(),
        audit: (0, 0),
    }
}
