//! 5101: The departments of the institution that asks.

use model::RegisterKind;
use store::{Needs, Registers, Sealer};
use wire::Refusal;
use wire::transactions::{QueryDepartments, RegisterFound};

use crate::decide::{Context, Decision, Moment};
use crate::kept;
use crate::state::State;

pub(crate) fn needs(_: &QueryDepartments, needs: &mut Needs, _: &Sealer) {
    needs.registers.push(Registers::All(RegisterKind::Department));
}

pub(crate) fn decide(
    _: &QueryDepartments,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let standing = kept::standing(state, context.hospital.id(), RegisterKind::Department);
    let rows = standing.map(|row| kept::told(row, at.sealer)).collect();
    Ok(Decision::answer(RegisterFound { rows }))
}
