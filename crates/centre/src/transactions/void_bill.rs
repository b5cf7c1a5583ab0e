//! 2103, 2208, 2305: A business act of its own: a negative settlement on its own day, exactly undoing the one that stands.

use model::VisitKind;
use store::{Made, Needs, Sealer, SettlementKind, Who};
use wire::Refusal;
use wire::transactions::VoidBill;

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::{State, Visit};
use crate::undo;
use crate::words;

pub(crate) fn needs(request: &VoidBill, needs: &mut Needs, _: &Sealer) {
    needs.who = request.person.as_ref().map_or(Who::OwnerOf(request.settlement), super::who);
    needs.settlement = Some(request.settlement);
    // A month that is cleared stays as it is.
    needs.agreed = true;
}

pub(crate) fn decide(
    request: &VoidBill,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let said = request.person.as_ref();
    let said = said.map(|number| Ok((bill::person(state, number)?.row.id, number))).transpose()?;
    let (visit, named) = bill::settlement(state, context.hospital, request.settlement)?;
    let person = named.person;
    if let Some((said, number)) = said {
        undo::check_person(named, said, number.as_str())?;
    }
    if let Some(encounter) = request.encounter.filter(|id| *id != visit.row.id) {
        return Err(Refusal::VisitUnknown { visit: encounter.to_string() });
    }
    must_be_asked(visit, request, context)?;
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

/// A purchase is voided as one, a stay as a stay, and other care as what it is.
fn must_be_asked(visit: &Visit, request: &VoidBill, context: &Context<'_>) -> Result<(), Refusal> {
    if context.message.transaction.infno != "2103" {
        return bill::must_be_kind(visit, request.stay, words::TO_VOID);
    }
    match visit.row.visit {
        VisitKind::Pharmacy => Ok(()),
        _ if visit.row.stay => Err(bill::wrong_state(words::A_STAY, words::TO_VOID)),
        _ => Err(bill::wrong_state(words::AN_OUTPATIENT_VISIT, words::TO_VOID)),
    }
}
