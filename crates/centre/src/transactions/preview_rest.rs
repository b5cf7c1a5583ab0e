//! `rest`. What the rest of a settled bill would come to, were the bill voided first; asking changes nothing.

use model::Prescription;
use store::{LineRow, LineState, Needs, PersonRecord, Sealer, SettlementRow};
use wire::Refusal;
use wire::transactions::{PreviewRest, RestLine, SettleBill, Splits};

use crate::bill::{self, Details};
use crate::decide::{Context, Decision, Moment};
use crate::state::{State, Visit};
use crate::undo;
use crate::words;

pub(crate) fn needs(request: &PreviewRest, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.settlement = Some(request.settlement);
}

pub(crate) fn decide(
    request: &PreviewRest,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = bill::person(state, &request.person)?;
    let (visit, named) = bill::settlement(state, context.hospital, request.settlement)?;
    undo::check_person(named, record.row.id, request.person.as_str())?;
    if request.encounter != visit.row.id {
        return Err(Refusal::VisitUnknown { visit: request.encounter.to_string() });
    }
    bill::must_be_kind(visit, false, words::TO_VOID)?;
    let voided = || Refusal::AlreadyVoided { settlement: request.settlement.to_string() };
    let target = undo::standing(visit, named.root).filter(|_| named.kind.settles()).ok_or_else(voided)?;
    let (visit, record) = (rest(visit, target, &request.lines)?, without(record, target));
    let asked = asked(request, target, &visit);
    let bill = bill::adjudicate_visit(&visit, &record, state, context.hospital, &asked, at)?;
    let msgid = &context.message.envelope.msgid;
    Ok(Decision::answer(bill::preview(&bill, &asked, &record, context.hospital, msgid, at)))
}

/// The person as he would be had the settlement not been made.
fn without(record: &PersonRecord, target: &SettlementRow) -> PersonRecord {
    let mut record = record.clone();
    bill::add_counters(&mut record.state.years, target.year, &undo::negated(&target.change));
    record.state.held = record.state.held.after(&target.journal().reversed());
    record
}

/// The visit with the settlement voided, and of its bill the lines that stay.
fn rest(visit: &Visit, target: &SettlementRow, stays: &[RestLine]) -> Result<Visit, Refusal> {
    let own = |line: &&LineRow| line.state == LineState::Valid && line.charge_batch == target.scope;
    let mut lines = Vec::new();
    for line in visit.lines.iter().filter(own) {
        let Some(said) = stays.iter().find(|said| said.number == line.number) else { continue };
        if said.quantity > line.quantity || said.amount > line.amount || said.amount.is_negative() {
            let asked = format!("{} {}", said.quantity, said.amount);
            let left = format!("{} {}", line.quantity, line.amount);
            return Err(Refusal::RefundExceeds { line: line.number.clone(), asked, left });
        }
        lines.push(LineRow { quantity: said.quantity, amount: said.amount, ..line.clone() });
    }
    let settlements = visit
        .settlements
        .iter()
        .map(|row| SettlementRow { effective: row.effective && row.id != target.id, ..row.clone() });
    Ok(Visit { row: visit.row.clone(), lines, settlements: settlements.collect() })
}

/// The bill as it was settled, of what stays.
fn asked(request: &PreviewRest, target: &SettlementRow, visit: &Visit) -> SettleBill {
    let details = Details::from_text(&target.details);
    SettleBill {
        person: request.person.clone(),
        encounter: target.encounter,
        stay: false,
        scope: target.scope.clone(),
        interim: false,
        insurance_kind: target.insurance_kind,
        care: Some((target.care_kind.clone(), visit.row.visit)),
        prescription: Prescription::None,
        proof: details.proof,
        way: details.way,
        total: request.total,
        uses_account: request.uses_account,
        invoice: String::new(),
        splits: Splits::default(),
    }
}
