//! 2101: What a purchase would answer now; changes nothing.

use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::{FeesPriced, PreviewPharmacy, PurchaseSettled};

use super::settle_pharmacy;
use super::upload_fees::Sold;
use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &PreviewPharmacy, needs: &mut Needs, sealer: &Sealer) {
    settle_pharmacy::needs(&request.0, needs, sealer);
}

pub(crate) fn decide(
    request: &PreviewPharmacy,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let mut purchase = settle_pharmacy::reckon(&request.0, context, state, at)?;
    let visit = &purchase.visit;
    let sold = Sold::of(&request.0.lines, visit.lines.iter(), &visit.row, &purchase.record.row);
    let warning = sold.and_then(|sold| sold.look(&mut purchase.priced, context, state, at));
    let (msgid, lines) = (&context.message.envelope.msgid, FeesPriced { lines: purchase.priced });
    let settled =
        bill::preview(&purchase.bill, &purchase.asked, &purchase.record, context.hospital, msgid, at);
    Ok(Decision { warning, ..Decision::answer(PurchaseSettled { settled, lines }) })
}
