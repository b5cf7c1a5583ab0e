//! 5101: The departments of the institution that asks.

use model::RegisterKind;
use store::{Needs, Registers, Sealer};
use wire::transactions::{QueryDepartments, RegisterFound};
use wire::{Facts, Refusal};

use super::register_department::STANDS;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(_: &QueryDepartments, needs: &mut Needs, _: &Sealer) {
    needs.registers = Some(Registers::All(RegisterKind::Department));
}

pub(crate) fn decide(
    _: &QueryDepartments,
    context: &Context<'_>,
    state: &mut State,
    _: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let standing = state.registered(context.hospital.id(), RegisterKind::Department);
    let rows = standing.filter(|row| row.state == STANDS).map(|row| Facts::from_text(&row.data)).collect();
    Ok(Decision::answer(RegisterFound { rows }))
}
