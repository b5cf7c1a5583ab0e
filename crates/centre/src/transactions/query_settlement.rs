//! 5203: One settlement row, as it was answered.

use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::QuerySettlement;

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;
use crate::undo;

pub(crate) fn needs(request: &QuerySettlement, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.settlement = Some(request.settlement);
}

pub(crate) fn decide(
    request: &QuerySettlement,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = bill::person(state, &request.person)?;
    let (_, row) = bill::settlement(state, context.hospital, request.settlement)?;
    undo::check_person(row, record.row.id, request.person.as_str())?;
    Ok(Decision::answer(bill::settled(row, state, record, context.hospital, at)))
}
