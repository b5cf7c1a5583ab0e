//! 2405: The stay goes on as if it had not ended; its settlement must be undone first.

use store::{EncounterRow, EncounterState, Made, Needs, Sealer};
use wire::Refusal;
use wire::transactions::{CancelDischarge, STAY_SCOPE};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::opening;
use crate::state::State;
use crate::words;

pub(crate) fn needs(request: &CancelDischarge, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
    needs.open_stays = true;
}

pub(crate) fn decide(
    request: &CancelDischarge,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (visit, record) = bill::owned(state, context.hospital, request.encounter, &request.person)?;
    bill::must_be_discharged(visit, words::TO_CANCEL_DISCHARGE)?;
    if visit.effective(STAY_SCOPE).is_some() {
        return Err(Refusal::UndoFirst { step: words::STAY_SETTLEMENT });
    }
    let person = record.row.id;
    let row = EncounterRow { state: EncounterState::Open, ends: None, ..visit.row.clone() };
    opening::nowhere_else(person, state, at)?;
    state.change_encounter(row);
    Ok(Decision {
        made: Made::Encounter(request.encounter),
        person: Some(person),
        object: format!("encounter {}", request.encounter),
        ..Decision::answer(())
    })
}
