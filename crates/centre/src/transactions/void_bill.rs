//! 2208, 2305: A business act of its own: a negative settlement on its own day, exactly undoing the one that stands.

use store::{Made, Needs, Sealer, SettlementKind};
use wire::Refusal;
use wire::transactions::VoidBill;

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;
use crate::undo;
use crate::words;

pub(crate) fn needs(request: &VoidBill, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.settlement = Some(request.settlement);
}

pub(crate) fn decide(
    request: &VoidBill,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let person = bill::person(state, &request.person)?.row.id;
    let (visit, named) = bill::settlement(state, context.hospital, request.settlement)?;
    undo::check_person(named, person, request.person.as_str())?;
    if visit.row.id != request.encounter {
        return Err(Refusal::VisitUnknown { visit: request.encounter.to_string() });
    }
    bill::must_be_kind(visit, request.stay, words::TO_VOID)?;
    let voided = || Refusal::AlreadyVoided { settlement: request.settlement.to_string() };
    // The number of a void names no bill, although the bill behind it may stand again.
    let target =
        undo::standing(visit, named.root).filter(|_| named.kind.settles()).ok_or_else(voided)?.clone();
    if undo::built_on(visit, &target).is_some() {
        return Err(Refusal::UndoFirst { step: words::LATER_SETTLEMENT });
    }
    let row = undo::undo(state, &target, SettlementKind::Void, context, at)?;
    let record = state.person_by_id(person).expect("just seen");
    let output = bill::settled(&row, state, record, context.hospital, at);
    Ok(Decision {
        made: Made::Settlement(row.id),
        person: Some(person),
        object: format!("settlement {} voids {}", row.id, target.id),
        ..Decision::answer(output)
    })
}
