//! Why a settlement came to what it came to: its stored steps as sentences.

use model::SettlementId;
use policy::{Adjudication, Earlier, Edition, Editions, Language, Trail};
use store::SettlementRow;

use crate::bill::accumulators;
use crate::inputs::Inputs;
use crate::rehearse::Numbers;

/// The steps of a settlement, one sentence a line; none where its edition is not at hand or the steps are damaged.
pub fn explain(row: &SettlementRow, editions: &Editions, language: Language) -> Option<Vec<String>> {
    let edition = editions.named(&row.edition)?;
    Some(Trail::decode(&row.trail).ok()?.render(edition, language))
}

/// A stored settlement as another edition would have reckoned it, from the same inputs and counters. `named` finds the
/// settlements of the same stay it goes on from. None where the inputs cannot be read.
pub fn under(
    row: &SettlementRow,
    editions: &Editions,
    tried: &Edition,
    mut named: impl FnMut(SettlementId) -> Option<SettlementRow>,
) -> Option<Adjudication> {
    let old = editions.named(&row.edition)?;
    let mut inputs = Inputs::decode(&row.inputs)?;
    let numbers = Numbers::new(editions, tried);
    numbers.renumber(&mut inputs, old);
    let mut earlier = Earlier::default();
    for id in &inputs.earlier {
        let before = named(*id)?;
        earlier.add(&before.amounts, &accumulators(&before.change));
    }
    Some(inputs.adjudicate(tried, &accumulators(&row.before), None, &earlier))
}
