//! 5102: Who works at the institution that asks.

use model::RegisterKind;
use store::{Needs, Registers, Sealer};
use wire::transactions::{QueryStaff, RegisterFound};
use wire::{Facts, Refusal};

use super::register_department::{STANDS, personal};
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(_: &QueryStaff, needs: &mut Needs, _: &Sealer) {
    needs.registers = Some(Registers::All(RegisterKind::Staff));
}

pub(crate) fn decide(
    request: &QueryStaff,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let standing =
        state.registered(context.hospital.id(), RegisterKind::Staff).filter(|row| row.state == STANDS);
    let people = standing.map(|row| Facts::from_text(&row.data).and(personal(row, at)));
    let rows = people.filter(|facts| request.asks_for(facts)).collect();
    Ok(Decision::answer(RegisterFound { rows }))
}
