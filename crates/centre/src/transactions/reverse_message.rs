//! 2601: Takes a message back whose outcome its sender does not know, as if it had never been sent. One that never
//! came gets a tombstone, so that it is refused should it still come.

use jiff::civil::DateTime;
use model::{PersonId, RegisterKind, SettlementId};
use store::{Made, MessageResult, MessageRow, Needs, Sealer, reconciled_key};
use wire::transactions::ReverseMessage;
use wire::{Both, Refusal, read_time, transaction};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;
use crate::undo;
use crate::words;

/// How near two time stamps must be for one message to be mistaken for another.
const NEAR_SECONDS: i64 = 2;

pub(crate) fn needs(request: &ReverseMessage, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.original = Some((request.original_infno.clone(), request.original.clone()));
    needs.near_original = true;
    needs.agreed = true;
}

pub(crate) fn decide(
    request: &ReverseMessage,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let person = bill::person(state, &request.person)?.row.id;
    check_reversible(&request.original_infno)?;
    let hospital = context.hospital.id();
    let original = state.originals(hospital, &request.original_infno, &request.original).next().cloned();
    let Some(original) = original else {
        return never_came(request, person, context, state, at);
    };
    if original.person.is_some_and(|owner| owner != person) {
        return Err(Refusal::PersonMismatch { person: request.person.to_string() });
    }
    let nothing = |why: Both| Decision {
        person: Some(person),
        warning: Some(why),
        object: format!("message {}", original.id),
        ..Decision::answer(())
    };
    match (&original.result, original.made) {
        (MessageResult::Refused(_), _) => Ok(nothing(words::HAD_BEEN_REFUSED)),
        (MessageResult::Tombstone, _) => Ok(nothing(words::STAYS_REFUSED)),
        _ if original.taken_back_by.is_some() => Ok(nothing(words::TAKEN_BACK_BEFORE)),
        (MessageResult::Done, Made::Settlement(made)) => {
            not_agreed(made, context, state)?;
            let row = undo::take_back(state, hospital, made, context, at)?;
            undo::cancel_purchase(&row, state);
            state.take_back(original.id, context.id);
            Ok(Decision {
                made: Made::Settlement(row.id),
                person: Some(person),
                object: format!("message {} settlement {} undoes {made}", original.id, row.id),
                ..Decision::answer(())
            })
        }
        (MessageResult::Done, Made::Encounter(made)) => {
            let row = bill::visit(state, context.hospital, made)?.row.clone();
            // Answered to a later message again, it is that one's.
            if row.message == original.id {
                undo::cancel_visit(&row, state)?;
            }
            state.take_back(original.id, context.id);
            Ok(Decision {
                made: Made::Encounter(made),
                person: Some(person),
                object: format!("message {} encounter {made}", original.id),
                ..Decision::answer(())
            })
        }
        (MessageResult::Done, Made::Nothing) => Ok(nothing(words::MOVED_NO_MONEY)),
    }
}

/// A day whose sums both sides agree on stays as it is: what was settled on it is undone by an act of its own.
fn not_agreed(made: SettlementId, context: &Context<'_>, state: &State) -> Result<(), Refusal> {
    let (_, row) = bill::settlement(state, context.hospital, made)?;
    let day = row.decided.date();
    let key = reconciled_key(day, row.insurance_kind, &row.clearing_kind);
    let mut agreed = state.registered(context.hospital.id(), RegisterKind::ReconciledDay);
    if agreed.any(|known| known.key == key) {
        return Err(Refusal::DayConfirmed { date: day.to_string(), settlement: row.root.to_string() });
    }
    Ok(())
}

/// Only what moves money, and admissions, are taken back; the rest has an undo of its own or is simply repeated.
fn check_reversible(infno: &str) -> Result<(), Refusal> {
    let short = || infno.chars().take(10).collect();
    let known = transaction(infno).ok_or_else(|| Refusal::OriginalInfnoUnknown { infno: short() })?;
    if known.reversible {
        return Ok(());
    }
    let undo = known.undo.map_or(words::THE_SAME_MESSAGE, Both::same);
    Err(Refusal::NotReversible { infno: short(), undo })
}

/// An original nobody knows: a tombstone, unless its sender most likely means another message of the same seconds.
fn never_came(
    request: &ReverseMessage,
    person: PersonId,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    if let Some((candidate, amount)) = candidate(request, person, context, state) {
        return Err(Refusal::CandidateExists { message: request.original.clone(), candidate, amount });
    }
    let key = (request.original_infno.as_str(), request.original.as_str());
    let id = state.bury(context.hospital.id(), key, Some(person), context.id, at);
    Ok(Decision {
        person: Some(person),
        warning: Some(words::NEVER_CAME),
        object: format!("tombstone {id}"),
        ..Decision::answer(())
    })
}

/// The one effective message within two seconds of the time stamp in the id, with its amount.
fn candidate(
    request: &ReverseMessage,
    person: PersonId,
    context: &Context<'_>,
    state: &State,
) -> Option<(String, String)> {
    let hospital = context.hospital.id();
    let code = &context.hospital.row.code;
    let meant = stamp_of(&request.original, code)?;
    let near = |message: &&MessageRow| {
        let stamp = stamp_of(&message.key.msgid, code).unwrap_or(message.received);
        let apart = model::ms_since_epoch(stamp) - model::ms_since_epoch(meant);
        apart.abs() <= NEAR_SECONDS * 1_000
    };
    let effective = |message: &MessageRow| {
        let Made::Settlement(made) = message.made else { return None };
        let visit = state.visit_of(hospital, made)?;
        let row = visit.settlement(made)?;
        let stands = if row.kind.settles() { undo::standing(visit, row.root).is_some() } else { row.counted };
        stands.then(|| (message.key.msgid.clone(), row.amounts.total.to_string()))
    };
    let mut found =
        state.money_messages(hospital, &request.original_infno, person).filter(near).filter_map(effective);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The time inside a message id: fourteen digits behind the institution's code, which has twelve characters where
/// the program writes another.
fn stamp_of(msgid: &str, code: &str) -> Option<DateTime> {
    let rest = msgid.strip_prefix(code).or_else(|| msgid.get(12..))?;
    read_time(rest.get(..14)?)
}
