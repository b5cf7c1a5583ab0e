//! 3204: An application for clearing is withdrawn, until the centre has closed the month.

use model::RegisterKind;
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::Refusal;
use wire::transactions::WithdrawClearing;

use crate::clearing::{APPLIED, CLOSED};
use crate::decide::{Context, Decision, Moment};
use crate::kept::WITHDRAWN;
use crate::state::State;

pub(crate) fn needs(_: &WithdrawClearing, needs: &mut Needs, _: &Sealer) {
    needs.registers.push(Registers::All(RegisterKind::Clearing));
}

pub(crate) fn decide(
    request: &WithdrawClearing,
    context: &Context<'_>,
    state: &mut State,
    _: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let rows = state.registered(context.hospital.id(), RegisterKind::Clearing);
    let found =
        rows.into_iter().find(|row| row.message.is_some_and(|id| id.to_string() == request.application));
    let found = found.filter(|row| row.state == APPLIED || row.state == CLOSED);
    let unknown = || Refusal::ClearingUnknown { application: request.application.clone() };
    let row = found.ok_or_else(unknown)?;
    if row.state == CLOSED {
        let period = row.key.split(' ').next().unwrap_or_default().to_owned();
        return Err(Refusal::PeriodClosed { period });
    }
    let withdrawn = RegisterRow { state: WITHDRAWN.into(), ..row.clone() };
    state.put_register(withdrawn);
    Ok(Decision { object: format!("application {}", request.application), ..Decision::answer(()) })
}
