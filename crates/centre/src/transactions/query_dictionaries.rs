//! 1901: The codes of dictionaries.

use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::QueryDictionaries;

use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(_: &QueryDictionaries, _: &mut Needs, _: &Sealer) {}

pub(crate) fn decide(
    request: &QueryDictionaries,
    _: &Context<'_>,
    _: &mut State,
    _: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    Ok(Decision::answer(request.found()))
}
