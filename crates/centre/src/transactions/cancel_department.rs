//! 3403: Withdraws a department; one withdrawn already stays so.

use model::RegisterKind;
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::Refusal;
use wire::transactions::CancelDepartment;

use crate::decide::{Context, Decision, Moment};
use crate::kept::{STANDS, WITHDRAWN};
use crate::state::State;

pub(crate) fn needs(request: &CancelDepartment, needs: &mut Needs, _: &Sealer) {
    needs.registers.push(Registers::Keys(RegisterKind::Department, vec![request.code.clone()]));
}

pub(crate) fn decide(
    request: &CancelDepartment,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let mut rows = state.registered(context.hospital.id(), RegisterKind::Department);
    let known = rows.find(|row| row.key == request.code).cloned();
    drop(rows);
    let known = known.ok_or_else(|| Refusal::NotRegistered { key: request.code.clone() })?;
    if known.state == STANDS {
        let row = RegisterRow {
            state: WITHDRAWN.into(),
            to: Some(at.now.date()),
            message: Some(context.id),
            ..known
        };
        state.put_register(row);
    }
    Ok(Decision { object: format!("department {}", request.code), ..Decision::answer(()) })
}
