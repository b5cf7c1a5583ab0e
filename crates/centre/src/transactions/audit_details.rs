//! 3101, 3102: Looks at what is ordered by the rules of audit: what meets one is told before it is settled, and kept for an
//! officer.

use jiff::ToSpan;
use model::RegisterKind;
use policy::AuditedVisit;
use store::{Needs, Registers, Sealer, Visits};
use wire::Refusal;
use wire::transactions::{AuditDetails, DetailsAudited, Order};

use crate::audit::{self, Looked, Phase};
use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

/// Days before what a rule looks back to within which a stay may have begun.
const LONGEST_STAY: i64 = 180;

pub(crate) fn needs(request: &AuditDetails, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = request.encounter();
    needs.diagnoses = true;
    needs.open_stays = true;
    needs.registers.push(Registers::Under(RegisterKind::AuditHit, vec![request.kept_under()]));
    let from = request.visit.from.saturating_sub(LONGEST_STAY.days());
    needs.visits = Some((Visits::OfPersonFully, from.at(0, 0, 0, 0), request.visit.to.at(23, 59, 59, 0)));
}

pub(crate) fn decide(
    request: &AuditDetails,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = bill::person(state, &request.person)?;
    let person = record.row.id;
    let visit = request.encounter().and_then(|id| state.visit(context.hospital.id(), id));
    if visit.is_some_and(|visit| visit.row.person != person) {
        return Err(Refusal::PersonMismatch { person: request.person.to_string() });
    }
    let care = &request.visit;
    let audited: AuditedVisit = audit::ordered(care, visit, record, context, state, at);
    let day = if care.stay { at.now.date() } else { care.from };
    let hits = at.audit.hits(&audited, day, &request.rules);
    let phase = if request.before { Phase::Before } else { Phase::During };
    let looked = Looked { visit: request.kept_under(), phase, person: request.person.to_string(), context };
    let told = hits.iter().map(|hit| {
        let orders = hit.lines.iter().filter_map(|line| care.orders.get(*line));
        let lines: Vec<String> = orders.map(|order| line_of(order, &care.orders)).collect();
        audit::told(hit, looked.keep(hit, &lines, state, at), &care.orders, context)
    });
    let hits: Vec<_> = told.collect();
    let object = format!("person {person} hits {}", hits.len());
    let (person_number, visit) = (request.person.clone(), care.number.clone());
    let output = DetailsAudited { person: person_number, visit, task: request.task.clone(), hits };
    Ok(Decision { object, person: Some(person), ..Decision::answer(output) })
}

/// How a case names an order: by its number; where several have one, with the item.
fn line_of(order: &Order, all: &[Order]) -> String {
    let number = order.number.replace(',', ";");
    let alone = all.iter().filter(|other| other.number == order.number).count() == 1;
    if alone { number } else { format!("{number}/{}", order.item) }
}
