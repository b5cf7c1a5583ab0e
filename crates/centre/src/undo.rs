//! Undoing a settlement row: its exact negation under the same benefit year; nothing is computed again.

use ledger::Journal;
use model::{HospitalId, JournalId, PersonId, RegisterKind, SettlementId, VisitKind};
use money::Money;
use store::{
    Counters, EncounterRow, EncounterState, JournalRow, LineRow, LineState, PersonRecord, RegisterRow,
    SettlementKind, SettlementRow, period_key, permit_key, supplement_key,
};
use wire::transactions::STAY_SCOPE;
use wire::{Both, Refusal};

use crate::bill::{self, Details};
use crate::clearing::CLOSED;
use crate::decide::{Context, Moment};
use crate::inputs::Inputs;
use crate::kept::STANDS;
use crate::people::merged_into;
use crate::state::{State, Visit};
use crate::words;

/// State of a permit that a void has used.
const USED: &str = "used";

/// Writes the row that undoes `target`, and its journal. Answers the new row.
pub(crate) fn undo(
    state: &mut State,
    target: &SettlementRow,
    kind: SettlementKind,
    context: &Context<'_>,
    at: &mut Moment<'_>,
) -> Result<SettlementRow, Refusal> {
    debug_assert!(kind.undoes());
    let permit = check_period(state, target, kind)?;
    let record = state.person_by_id(target.person).expect("a settlement's person was loaded");
    check_person_rests(state, record, target)?;
    let journal = target.journal().reversed();
    let held = record.state.held.after(&journal);
    let free = held.total() - record.state.on_hold;
    if !held.is_solid() || free < Money::ZERO {
        let balance = record.state.held.total() - record.state.on_hold;
        let needed = target.amounts.personal_account.abs();
        return Err(Refusal::AccountShort { balance: balance.to_string(), needed: needed.to_string() });
    }
    let details =
        Details { message: context.message.envelope.msgid.clone(), ..Details::from_text(&target.details) };
    let row = SettlementRow {
        id: SettlementId(at.ids.next()),
        version: record.state.version + 1,
        kind,
        undoes: Some(target.id),
        message: context.id,
        effective: kind == SettlementKind::Reinstate,
        // Only a void is an act of its own; what takes a message back counts nowhere.
        counted: kind == SettlementKind::Void,
        decided: at.now,
        amounts: -target.amounts,
        from_current: -target.from_current,
        balance: held.total(),
        before: Counters::default(),
        change: negated(&target.change),
        details: details.to_text(),
        audit: state.next_audit(),
        ..target.clone()
    };
    if let Some(permit) = permit {
        state.put_register(permit);
    }
    let counted = target.counted && kind == SettlementKind::Void;
    state.mark_settlement(target.hospital, target.id, false, counted);
    move_interim_lines(state, &row);
    let journal = journal_row(at.ids.next(), &row, journal);
    state.add_settlement(row.clone(), journal);
    Ok(row)
}

/// What one bill came to is not taken from under what was reckoned on it: counters that another record took over, money that the
/// person was paid besides.
fn check_person_rests(state: &State, record: &PersonRecord, target: &SettlementRow) -> Result<(), Refusal> {
    if let Some(other) = merged_into(record) {
        return Err(Refusal::PersonMerged { person: other.into() });
    }
    let key = supplement_key(target.root);
    let supplemented = state.registered(target.hospital, RegisterKind::Clearing).any(|row| row.key == key);
    let settlement = target.root.to_string();
    if supplemented { Err(Refusal::BillSupplemented { settlement }) } else { Ok(()) }
}

/// A month that is cleared stays as it is, be it the row's or that of the settlement it stands for; what two persons have allowed
/// is voided all the same, once and on its own day. Answers what becomes of the permit: a void uses it, and gives it back when it
/// is taken back itself.
fn check_period(
    state: &State,
    target: &SettlementRow,
    kind: SettlementKind,
) -> Result<Option<RegisterRow>, Refusal> {
    let registered =
        |key: &str| state.registered(target.hospital, RegisterKind::Clearing).find(|row| row.key == key);
    let closed = |period: &str| registered(period).is_some_and(|row| row.state == CLOSED);
    let visit = state.visit(target.hospital, target.encounter).expect("its visit was loaded");
    let root = visit.settlement(target.root).unwrap_or(target);
    let [own, of_root] = [target, root].map(|row| period_key(row.decided.date()));
    // What takes a void back changes only the void's month: its settlement counts as it did.
    let touched = if kind == SettlementKind::Reinstate { vec![own] } else { vec![of_root, own] };
    let shut = touched.into_iter().find(|period| closed(period));
    let permit = registered(&permit_key(target.root));
    let now =
        |permit: &RegisterRow, state: &str| Ok(Some(RegisterRow { state: state.into(), ..permit.clone() }));
    match (shut, kind, permit) {
        (Some(_), SettlementKind::Void, Some(permit)) if permit.state == STANDS => now(permit, USED),
        (Some(period), ..) => Err(Refusal::PeriodClosed { period }),
        (None, SettlementKind::Reinstate, Some(permit)) if permit.state == USED => now(permit, STANDS),
        (None, ..) => Ok(None),
    }
}

/// Lines of an interim bill that is undone are open again, those of one that stands again are its own.
fn move_interim_lines(state: &mut State, row: &SettlementRow) {
    let stay = state.visit(row.hospital, row.encounter).is_some_and(|visit| visit.row.stay);
    if !stay || row.scope == STAY_SCOPE {
        return;
    }
    let (from, to) = if row.effective { (STAY_SCOPE, &*row.scope) } else { (&*row.scope, STAY_SCOPE) };
    state.move_lines(row.hospital, row.encounter, from, to);
}

/// The settlement of the same stay that was made after a row and stands: each goes on from the one before.
pub(crate) fn built_on<'v>(visit: &'v Visit, row: &SettlementRow) -> Option<&'v SettlementRow> {
    visit.standing().into_iter().find(|later| visit.row.stay && later.version > row.version)
}

/// The journal of a settlement row, as it is kept.
pub(crate) fn journal_row(id: i64, row: &SettlementRow, journal: Journal) -> JournalRow {
    JournalRow {
        id: JournalId(id),
        settlement: Some(row.id),
        person: Some(row.person),
        hospital: Some(row.hospital),
        insurance_kind: row.insurance_kind,
        at: row.decided,
        journal,
    }
}

pub(crate) fn negated(change: &Counters) -> Counters {
    Counters(change.0.iter().map(|(name, value)| (name.clone(), -*value)).collect())
}

/// The row of a chain that stands now: the settlement, or what re-instated it.
pub(crate) fn standing(visit: &Visit, root: SettlementId) -> Option<&SettlementRow> {
    visit.settlements.iter().find(|s| s.root == root && s.effective)
}

/// Whose row it is must be who asks.
pub(crate) fn check_person(row: &SettlementRow, person: PersonId, number: &str) -> Result<(), Refusal> {
    if row.person == person { Ok(()) } else { Err(Refusal::PersonMismatch { person: number.into() }) }
}

/// Takes back the settlement row a message made, as if the message had never been sent.
pub(crate) fn take_back(
    state: &mut State,
    hospital: HospitalId,
    made: SettlementId,
    context: &Context<'_>,
    at: &mut Moment<'_>,
) -> Result<SettlementRow, Refusal> {
    let visit = state.visit_of(hospital, made).expect("the hop from message to settlement loaded its visit");
    let target = visit.settlement(made).expect("just found").clone();
    if target.kind.settles() {
        take_back_bill(state, &target, context, at)
    } else {
        reinstate(state, &target, context, at)
    }
}

/// The bill that stands for the settlement goes, be it what re-instated it; a void that stands comes first.
fn take_back_bill(
    state: &mut State,
    settled: &SettlementRow,
    context: &Context<'_>,
    at: &mut Moment<'_>,
) -> Result<SettlementRow, Refusal> {
    let visit = state.visit(settled.hospital, settled.encounter).expect("its visit was loaded");
    let Some(standing) = standing(visit, settled.root).cloned() else {
        let undone = visit.undone_by(settled.id).map_or(settled.id, |later| later.id);
        return Err(Refusal::ReversalDependedOn { settlement: undone.to_string() });
    };
    if let Some(later) = built_on(visit, &standing) {
        return Err(Refusal::ReversalDependedOn { settlement: later.id.to_string() });
    }
    let row = undo(state, &standing, SettlementKind::TakeBack, context, at)?;
    state.mark_settlement(settled.hospital, settled.id, false, false);
    Ok(row)
}

/// A void goes, and its bill stands again: only where nothing of the bill has changed since.
fn reinstate(
    state: &mut State,
    void: &SettlementRow,
    context: &Context<'_>,
    at: &mut Moment<'_>,
) -> Result<SettlementRow, Refusal> {
    let visit = state.visit(void.hospital, void.encounter).expect("its visit was loaded");
    if let Some(other) = visit.effective(&void.scope).or_else(|| visit.undone_by(void.id)) {
        return Err(Refusal::ReversalDependedOn { settlement: other.id.to_string() });
    }
    let record = state.person_by_id(void.person).expect("a settlement's person was loaded");
    // What was settled since was settled as if this bill were not: its ceilings and deductibles may be used up.
    if record.state.version != void.version {
        return Err(Refusal::BillChanged { settlement: void.root.to_string() });
    }
    let interim = visit.row.stay && void.scope != STAY_SCOPE;
    let bill = if visit.row.stay { STAY_SCOPE } else { void.scope.as_str() };
    let ready = match (visit.row.stay, visit.row.state) {
        (_, EncounterState::Cancelled) => false,
        (true, EncounterState::Open) => interim,
        (true, EncounterState::Discharged) => true,
        (false, state) => state == EncounterState::Open,
    };
    // Other lines, another disease or another day at its end make another bill.
    let same =
        at.policy.named(&void.edition).zip(Inputs::decode(&void.inputs)).is_some_and(|(edition, inputs)| {
            let lines =
                bill::canonical(visit, &[bill]).map(|line| bill::policy_line(line, edition, at.policy));
            let admitted = visit.row.stay.then(|| visit.row.begins.date());
            lines.eq(inputs.own_lines().copied())
                && edition.disease(&visit.row.disease) == inputs.visit.disease
                && (admitted, visit.row.region) == (inputs.visit.admitted, inputs.visit.region)
                && (!visit.row.stay || visit.row.care_kind == void.care_kind)
        });
    let settled_on = visit.settlement(void.root).map_or(void.decided, |root| root.decided).date();
    let same_day = bill::benefit_date(visit, interim, at.policy, settled_on) == void.benefit_date;
    if !ready || !same || !same_day {
        return Err(Refusal::BillChanged { settlement: void.root.to_string() });
    }
    undo(state, void, SettlementKind::Reinstate, context, at)
}

/// A purchase whose message is taken back leaves nothing behind: its message made the visit and the lines, too.
pub(crate) fn cancel_purchase(row: &SettlementRow, state: &mut State) {
    let visit = state.visit(row.hospital, row.encounter).expect("its visit was loaded");
    if visit.row.visit != VisitKind::Pharmacy || row.kind != SettlementKind::TakeBack {
        return;
    }
    let withdrawn: Vec<LineRow> =
        visit.lines.iter().map(|line| LineRow { state: LineState::Withdrawn, ..line.clone() }).collect();
    let cancelled = EncounterRow { state: EncounterState::Cancelled, ..visit.row.clone() };
    withdrawn.into_iter().for_each(|line| state.put_line(line));
    state.change_encounter(cancelled);
}

/// Cancels a visit or a stay nothing hangs on any more: its settlements and lines must be undone first.
pub(crate) fn cancel_visit(row: &EncounterRow, state: &mut State) -> Result<(), Refusal> {
    let visit = state.visit(row.hospital, row.id).expect("a visit that is cancelled was loaded");
    let first = |outpatient: Both, stay: Both| {
        Err(Refusal::UndoFirst { step: if row.stay { stay } else { outpatient } })
    };
    if visit.settlements.iter().any(|s| s.effective) {
        return first(words::OUTPATIENT_SETTLEMENT, words::STAY_SETTLEMENT);
    }
    if row.state == EncounterState::Discharged {
        return Err(Refusal::UndoFirst { step: words::STAY_DISCHARGE });
    }
    if visit.lines.iter().any(|l| l.state == LineState::Valid) {
        return first(words::OUTPATIENT_FEES, words::STAY_FEES);
    }
    state.change_encounter(EncounterRow { state: EncounterState::Cancelled, ..row.clone() });
    Ok(())
}
