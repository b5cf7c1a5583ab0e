//! Why a settlement came to what it came to: its stored steps as sentences.

use model::SettlementId;
use policy::{Adjudication, CONSTRUCTS, Earlier, Edition, Editions, Language, Step, Trail};
use store::{SettlementKind, SettlementRow};
use wire::Both;
use wire::transactions::StepTold;

use crate::bill::accumulators;
use crate::inputs::Inputs;
use crate::rehearse::Numbers;

/// The steps of a settlement, one sentence a line; none where its edition is not at hand or the steps are damaged.
pub fn explain(row: &SettlementRow, editions: &Editions, language: Language) -> Option<Vec<String>> {
    let edition = editions.named(&row.edition)?;
    Some(Trail::decode(&row.trail).ok()?.render(edition, language))
}

/// The edition of a settlement, and its steps apart from each other, as an institution is told them: what they add comes to
/// the figures of the row. None where its edition is not at hand or the steps are damaged.
pub(crate) fn told<'e>(row: &SettlementRow, editions: &'e Editions) -> Option<(&'e Edition, Vec<StepTold>)> {
    let edition = editions.named(&row.edition)?;
    let trail = Trail::decode(&row.trail).ok()?;
    // A row that undoes a settlement keeps the steps of that settlement.
    let negated = matches!(row.kind, SettlementKind::Void | SettlementKind::TakeBack);
    let stated = if negated { -row.amounts } else { row.amounts };
    if trail.mismatch(&stated).is_some() {
        return None;
    }
    let steps = trail.steps().map(|step| told_step(&step, edition, negated)).collect::<Option<_>>()?;
    Some((edition, steps))
}

fn told_step(step: &Step, edition: &Edition, negated: bool) -> Option<StepTold> {
    let (id, sentence) = step.says;
    let page = CONSTRUCTS.iter().find(|construct| construct.id == id)?.page;
    // Its article stands apart.
    let plain = Step { law: 0, ..*step };
    let amount = step.result.amount();
    let [zh, en] = [Language::Zh, Language::En];
    Some(StepTold {
        key: format!("{}.{sentence}", page.key),
        title: Both::of(page.name.0, page.name.1),
        figure: Both::of(step.figure.label(zh), step.figure.label(en)),
        words: Both::new(plain.render(edition, zh), plain.render(edition, en)),
        amount: if negated { -amount } else { amount },
        law: edition.law(step.law).map(|article| format!("{} {article}", edition.head.order)),
    })
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
