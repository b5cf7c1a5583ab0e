//! 9001: An operator who has a live sign-in of the day gets its number again.

use store::{Needs, Sealer, SignInRow};
use wire::Refusal;
use wire::transactions::{SignIn, SignedIn};

use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &SignIn, needs: &mut Needs, _: &Sealer) {
    needs.operator = Some(request.operator.clone());
}

pub(crate) fn decide(
    request: &SignIn,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let hospital = context.hospital.id();
    let number = match state.live_sign_in(hospital, &request.operator, at.now) {
        Some(live) => live.number.clone(),
        None => {
            let row = SignInRow {
                hospital,
                number: at.ids.next().to_string(),
                operator: request.operator.clone(),
                opened: at.now,
                closed: None,
            };
            state.add_sign_in(row.clone());
            row.number
        }
    };
    let object = format!("sign_in {number}");
    Ok(Decision { object, ..Decision::answer(SignedIn { at: at.now, number }) })
}
