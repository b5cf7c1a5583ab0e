//! 3501 to 3507, 4102, 4201 to 4205, 4401, 4402: Kept as it was said, under its message; nothing follows from it here.

use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::KeepUpload;

use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(_: &KeepUpload, _: &mut Needs, _: &Sealer) {}

pub(crate) fn decide(
    request: &KeepUpload,
    _: &Context<'_>,
    _: &mut State,
    _: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    Ok(Decision { object: format!("rows {}", request.rows), ..Decision::answer(()) })
}
