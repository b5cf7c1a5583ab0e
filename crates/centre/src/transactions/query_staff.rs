//! 5102: Who works at the institution that asks.

use model::RegisterKind;
use store::{Needs, Registers, Sealer};
use wire::Refusal;
use wire::transactions::{QueryStaff, RegisterFound};

use crate::decide::{Context, Decision, Moment};
use crate::kept;
use crate::state::State;

pub(crate) fn needs(_: &QueryStaff, needs: &mut Needs, _: &Sealer) {
    needs.registers.push(Registers::All(RegisterKind::Staff));
}

pub(crate) fn decide(
    request: &QueryStaff,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let standing = kept::standing(state, context.hospital.id(), RegisterKind::Staff);
    let people = standing.map(|row| kept::told(row, at.sealer));
    let rows = people.filter(|facts| request.asks_for(facts)).collect();
    Ok(Decision::answer(RegisterFound { rows }))
}
