//! 5101: The departments of the institution that asks.

use model::RegisterKind;
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::transactions::{QueryDepartments, RegisterFound};
use wire::{Facts, Refusal};

use super::register_department::{STANDS, personal};
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(_: &QueryDepartments, needs: &mut Needs, _: &Sealer) {
    needs.registers = Some(Registers::All(RegisterKind::Department));
}

pub(crate) fn decide(
    _: &QueryDepartments,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let standing = state.registered(context.hospital.id(), RegisterKind::Department);
    let told = |row: &RegisterRow| Facts::from_text(&row.data).and(personal(row, at));
    let rows = standing.filter(|row| row.state == STANDS).map(told).collect();
    Ok(Decision::answer(RegisterFound { rows }))
}
