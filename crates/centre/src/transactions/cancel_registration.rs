//! 2202: Only an empty visit is taken back: settlements and lines must be undone first.

use store::{EncounterRow, EncounterState, LineState, Made, Needs, Sealer};
use wire::Refusal;
use wire::transactions::CancelRegistration;

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

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
    bill::must_be_open(visit, "撤销挂号 cancel")?;
    if visit.settlements.iter().any(|s| s.effective) {
        return Err(Refusal::UndoFirst { step: "2208 门诊结算".into() });
    }
    if visit.lines.iter().any(|l| l.state == LineState::Valid) {
        return Err(Refusal::UndoFirst { step: "2205 门诊费用明细".into() });
    }
    let person = record.row.id;
    let row = EncounterRow { state: EncounterState::Cancelled, ..visit.row.clone() };
    state.change_encounter(row);
    Ok(Decision {
        made: Made::Encounter(request.encounter),
        person: Some(person),
        object: format!("encounter {}", request.encounter),
        ..Decision::answer(())
    })
}
