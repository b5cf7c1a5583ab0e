//! 3261: The institution confirms a month's settlements of people of other cities, row by row. A month is closed with them once it
//! is confirmed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use model::RegisterKind;
use money::Money;
use store::{Needs, OffsiteOf, OffsiteRow, RegisterRow, Registers, Sealer, period_key};
use wire::transactions::{ConfirmOffsite, ConfirmedRow};
use wire::{Both, Refusal};

use crate::clearing::{APPLIED, CLOSED, is_over, moments, offsite_key};
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &ConfirmOffsite, needs: &mut Needs, _: &Sealer) {
    needs.offsite = rows_of(request.month);
    needs_of(request.month, needs);
}

pub(crate) fn decide(
    request: &ConfirmOffsite,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let known = open(request.month, context, state, at)?.cloned();
    let rows = counted(request.month, context, state);
    apart(&request.rows, &rows).map_or(Ok(()), |what| Err(Refusal::ClearingDiffers { what }))?;
    let owed: Money = rows.iter().map(|row| row.owed()).sum();
    let (count, month) = (rows.len(), request.month);
    state.put_register(RegisterRow {
        hospital: context.hospital.id(),
        kind: RegisterKind::Clearing,
        key: offsite_key(month),
        version: known.map_or(0, |row| row.version),
        from: month,
        to: Some(month.last_of_month()),
        state: APPLIED.into(),
        message: Some(context.id),
        data: format!(r#"{{"count":"{count}","owed":"{owed}"}}"#),
        facts: Vec::new(),
    });
    Ok(Decision { object: format!("offsite {} rows {count}", period_key(month)), ..Decision::answer(()) })
}

/// How what the hospital confirms is not what the books have: each kind of difference, and how often.
fn apart(theirs: &[ConfirmedRow], ours: &[&OffsiteRow]) -> Option<Both> {
    let mut open: BTreeMap<String, &OffsiteRow> =
        ours.iter().map(|row| (row.settlement.to_string(), *row)).collect();
    let (mut unknown, mut amounts, mut disputed) = (0, 0, 0);
    for row in theirs {
        let Some(own) = open.remove(&row.settlement) else {
            unknown += 1;
            continue;
        };
        let same = row.total.is_none_or(|total| total == own.total)
            && row.paid.is_none_or(|paid| paid == own.owed());
        amounts += usize::from(!same);
        disputed += usize::from(!row.agrees);
    }
    let told = [
        (open.len(), "中心有而未确认", "not confirmed"),
        (unknown, "中心没有或重复", "not in the books, or twice"),
        (amounts, "金额不同", "of other amounts"),
        (disputed, "医院不同意", "not agreed to"),
    ];
    let told = told.into_iter().filter(|(count, ..)| *count > 0);
    told.map(|(count, zh, en)| Both::new(format!("{zh} {count} 行"), format!("{count} rows {en}")))
        .reduce(|all, one| all.and(&one))
}

/// Those recorded in a month.
pub(super) fn rows_of(month: Date) -> Option<OffsiteOf> {
    let (from, to) = moments(month);
    Some(OffsiteOf::Days(from, to))
}

/// What counts of a month, in the order it was recorded.
pub(super) fn counted<'s>(month: Date, context: &Context<'_>, state: &'s State) -> Vec<&'s OffsiteRow> {
    let ((from, to), hospital) = (moments(month), context.hospital.id());
    let of_month =
        |row: &&OffsiteRow| row.counted && row.hospital == hospital && (from..=to).contains(&row.decided);
    let mut rows: Vec<&OffsiteRow> = state.offsite().iter().map(|(row, _)| row).filter(of_month).collect();
    rows.sort_by_key(|row| (row.decided, row.settlement));
    rows
}

/// What is registered of a month: whether it is closed, and of its confirmation.
pub(super) fn needs_of(month: Date, needs: &mut Needs) {
    let keys = vec![period_key(month), offsite_key(month)];
    needs.registers.push(Registers::Keys(RegisterKind::Clearing, keys));
}

/// The month must be over, and open. Answers what is registered of its confirmation.
pub(super) fn open<'s>(
    month: Date,
    context: &Context<'_>,
    state: &'s State,
    at: &Moment<'_>,
) -> Result<Option<&'s RegisterRow>, Refusal> {
    let period = period_key(month);
    let registered = |key: &str| {
        state.registered(context.hospital.id(), RegisterKind::Clearing).find(|row| row.key == key)
    };
    if registered(&period).is_some_and(|row| row.state == CLOSED) {
        return Err(Refusal::PeriodClosed { period });
    }
    if is_over(month, at.now) {
        Ok(registered(&offsite_key(month)))
    } else {
        Err(Refusal::PeriodNotOver { period })
    }
}
