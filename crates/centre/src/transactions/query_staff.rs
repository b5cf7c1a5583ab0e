//! 5102: Who works at the institution that asks.

use model::RegisterKind;
use store::{Needs, Registers, Sealer};
use wire::transactions::{QueryStaff, RegisterFound};
use wire::{Facts, Refusal};

use super::register_department::STANDS;
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
    let said = |sealed: &[u8]| {
        let text = at.sealer.open("register.facts", context.hospital.id().0, sealed).unwrap_or_default();
        Facts::from_text(&String::from_utf8_lossy(&text))
    };
    let people = standing.map(|row| Facts::from_text(&row.data).and(said(&row.facts)));
    let rows = people.filter(|facts| request.asks_for(facts)).collect();
    Ok(Decision::answer(RegisterFound { rows }))
}
