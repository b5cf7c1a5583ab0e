//! Why a settlement came to what it came to: its stored steps as sentences.

use policy::{Editions, Language, Trail};
use store::SettlementRow;

/// The steps of a settlement, one sentence a line; none where its edition is not at hand or the steps are damaged.
pub fn explain(row: &SettlementRow, editions: &Editions, language: Language) -> Option<Vec<String>> {
    let edition = editions.named(&row.edition)?;
    Some(Trail::decode(&row.trail).ok()?.render(edition, language))
}
