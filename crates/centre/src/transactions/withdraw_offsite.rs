//! 3262: Takes the confirmation of a month's settlements of people of other cities back.

use store::{Needs, RegisterRow, Sealer};
use wire::Refusal;
use wire::transactions::WithdrawOffsite;

use super::confirm_offsite::{needs_of, open};
use crate::clearing::{APPLIED, offsite_key};
use crate::decide::{Context, Decision, Moment};
use crate::kept::WITHDRAWN;
use crate::state::State;

pub(crate) fn needs(request: &WithdrawOffsite, needs: &mut Needs, _: &Sealer) {
    needs_of(request.month, needs);
}

pub(crate) fn decide(
    request: &WithdrawOffsite,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let key = offsite_key(request.month);
    let known = open(request.month, context, state, at)?.filter(|row| row.state == APPLIED).cloned();
    let known = known.ok_or_else(|| Refusal::NotRegistered { key: key.clone() })?;
    state.put_register(RegisterRow { state: WITHDRAWN.into(), message: Some(context.id), ..known });
    Ok(Decision { object: key, ..Decision::answer(()) })
}
