//! 2202, 2404: Only an empty visit or stay is taken back: settlements and lines must be undone first.

use store::{Made, Needs, Sealer};
use wire::Refusal;
use wire::transactions::CancelRegistration;

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;
use crate::undo;
use crate::words;

pub(crate) fn needs(request: &CancelRegistration, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
}

pub(crate) fn decide(
    request: &CancelRegistration,
    context: &Context<'_>,
    state: &mut State,
    _: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (visit, record) = bill::owned(state, context.hospital, request.encounter, &request.person)?;
    bill::must_stand(visit, request.stay, words::TO_CANCEL)?;
    let (row, person) = (visit.row.clone(), record.row.id);
    undo::cancel_visit(&row, state)?;
    Ok(Decision {
        made: Made::Encounter(request.encounter),
        person: Some(person),
        object: format!("encounter {}", request.encounter),
        ..Decision::answer(())
    })
}
