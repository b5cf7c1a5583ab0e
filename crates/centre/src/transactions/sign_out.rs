//! 9002: Ends the named sign-in, or the operator's own of the day. One already ended stays ended.

use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::{SignOut, SignedOut};

use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &SignOut, needs: &mut Needs, _: &Sealer) {
    if !request.number.is_empty() {
        needs.sign_in_number = Some(request.number.clone());
    }
    if !request.operator.is_empty() {
        needs.operator = Some(request.operator.clone());
    }
}

pub(crate) fn decide(
    request: &SignOut,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let hospital = context.hospital.id();
    let named = state.sign_in(hospital, &request.number).filter(|s| s.live_at(at.now));
    let own = || state.live_sign_in(hospital, &request.operator, at.now);
    let live = named.or_else(own).map(|s| s.number.clone());
    if let Some(sign_in_number) = &live {
        state.sign_out(hospital, sign_in_number, at.now);
    }
    let object = live.map(|sign_in_number| format!("sign_in {sign_in_number}")).unwrap_or_default();
    Ok(Decision { object, ..Decision::answer(SignedOut { at: at.now }) })
}
