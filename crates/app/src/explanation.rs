//! Why a stored settlement came to its figures, for people: of a row that undoes another, which one, and every figure
//! of that one negated.

use anyhow::{Context, ensure};
use policy::{Editions, Figure, Language, Trail};
use store::{SettlementKind, SettlementRow};

/// The steps of a settlement, one a line. What they add is what the figures of the row are.
pub fn steps(row: &SettlementRow, editions: &Editions, language: Language) -> anyhow::Result<Vec<String>> {
    let told = centre::explain(row, editions, language)
        .with_context(|| format!("no edition {} at hand for settlement {}", row.edition, row.id))?;
    let trail = Trail::decode(&row.trail)?;
    let negated = negates(row.kind);
    let stated = if negated { -row.amounts } else { row.amounts };
    ensure!(trail.mismatch(&stated).is_none(), "the steps of settlement {} do not add up", row.id);
    let line = |(step, sentence): (policy::Step, String)| match language {
        _ if !negated || step.figure == Figure::Note => sentence,
        Language::Zh => format!("取反 {}:{sentence}", -step.result.amount()),
        Language::En => format!("negated {}: {sentence}", -step.result.amount()),
    };
    Ok(undoing(row, language).into_iter().chain(trail.steps().zip(told).map(line)).collect())
}

/// A row that undoes a settlement keeps the steps of that settlement.
fn negates(kind: SettlementKind) -> bool {
    matches!(kind, SettlementKind::Void | SettlementKind::TakeBack)
}

/// What a row undoes, in words; none where it is a settlement of its own.
fn undoing(row: &SettlementRow, language: Language) -> Option<String> {
    let undone = row.undoes?;
    let (zh, en) = match row.kind {
        SettlementKind::Settle => return None,
        SettlementKind::Void => (
            format!("撤销结算 {undone},各项取反"),
            format!("voids settlement {undone}, every figure negated"),
        ),
        SettlementKind::TakeBack => (
            format!("冲正结算 {undone},各项取反"),
            format!("takes back settlement {undone}, every figure negated"),
        ),
        SettlementKind::Reinstate => (
            format!("冲正撤销 {undone},原结算恢复"),
            format!("takes back void {undone}, the settlement stands again"),
        ),
    };
    Some(if language == Language::Zh { zh } else { en })
}
