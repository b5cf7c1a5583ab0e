//! `/kit`: every part that pages are made of, in every state, to look at.

use minijinja::context;

use crate::bill::BillState;
use crate::desk::{At, Shown, Stop};

/// The page of parts.
pub(crate) fn show(at: &At<'_>) -> Result<Shown, Stop> {
    let states = [
        BillState::Entry,
        BillState::Tried,
        BillState::Settling,
        BillState::Unknown,
        BillState::Settled,
        BillState::Voiding,
        BillState::VoidUnknown,
        BillState::Voided,
        BillState::Dropped,
    ];
    let facts = context! {
        states => states.map(|state| context! { words => at.word(state.key()), tone => state.tone() }),
        wrong => at.say(&web::Said::new("field-quantity-least").with("seen", "0")),
    };
    Ok(Shown::Page("desk/kit.html", facts))
}
