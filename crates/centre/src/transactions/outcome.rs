//! `outcome`. What became of a message of this hospital; asking changes nothing.

use store::{Made, MessageResult, MessageRow, Needs, Sealer};
use wire::Refusal;
use wire::transactions::{Outcome, OutcomeFound};

use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &Outcome, needs: &mut Needs, _: &Sealer) {
    needs.original = Some((request.original_infno.clone(), request.original.clone()));
}

pub(crate) fn decide(
    request: &Outcome,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let originals = state.originals(context.hospital.id(), &request.original_infno, &request.original);
    // Of several uploads under one id the last is meant.
    let found = match originals.max_by_key(|m| m.id) {
        Some(message) => told(request, message, at),
        None => OutcomeFound {
            asked: request.clone(),
            outcome: "not received",
            code: String::new(),
            times: None,
            encounter: None,
            settlement: None,
            answer: None,
        },
    };
    Ok(Decision::answer(found))
}

fn told(request: &Outcome, message: &MessageRow, at: &Moment<'_>) -> OutcomeFound {
    let (outcome, code) = match &message.result {
        MessageResult::Done if message.taken_back_by.is_some() => ("taken back", String::new()),
        MessageResult::Done => ("done", String::new()),
        MessageResult::Refused(code) => ("refused", code.clone()),
        MessageResult::Tombstone => ("taken back", "REVERSED_BEFORE_ARRIVAL".into()),
    };
    let answer = at.sealer.open("message.reply", message.id.0, &message.reply).ok();
    OutcomeFound {
        asked: request.clone(),
        outcome,
        code,
        times: Some((message.received, message.decided)),
        encounter: match message.made {
            Made::Encounter(id) => Some(id),
            _ => None,
        },
        settlement: match message.made {
            Made::Settlement(id) => Some(id),
            _ => None,
        },
        answer: answer.and_then(|text| String::from_utf8(text).ok()),
    }
}
