//! 2206, 2303: What the settlement would answer now; changes nothing.

use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::PreviewBill;

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &PreviewBill, needs: &mut Needs, sealer: &Sealer) {
    super::settle_bill::needs(&request.0, needs, sealer);
}

pub(crate) fn decide(
    request: &PreviewBill,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let asked = &request.0;
    let bill = bill::adjudicate(state, context.hospital, asked, at)?;
    let record = bill::person(state, &asked.person)?;
    let msgid = &context.message.envelope.msgid;
    Ok(Decision::answer(bill::preview(&bill, asked, record, context.hospital, msgid, at)))
}
