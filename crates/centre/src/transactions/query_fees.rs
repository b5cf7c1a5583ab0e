//! 5204: The fee lines of a visit, with what was said of them when they came.

use std::collections::HashMap;

use model::MessageId;
use store::{LineRow, LineState, Needs, PersonRecord, Sealer};
use wire::transactions::{FeeFound, FeesFound, QueryFees, said_of_lines};
use wire::{CareListing, Facts, Message, Refusal};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::directory::Hospital;
use crate::state::{State, Visit};
use crate::undo;

pub(crate) fn needs(request: &QueryFees, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
    needs.uploads = true;
}

pub(crate) fn decide(
    request: &QueryFees,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (visit, record) = bill::owned(state, context.hospital, request.encounter, &request.person)?;
    let scope = match request.settlement {
        None => None,
        Some(id) => {
            let row = visit.settlement(id);
            let row = row.ok_or_else(|| Refusal::SettlementUnknown { settlement: id.to_string() })?;
            undo::check_person(row, record.row.id, request.person.as_str())?;
            Some(row.scope.clone())
        }
    };
    let asked = |line: &&LineRow| {
        line.state == LineState::Valid && scope.as_ref().is_none_or(|scope| *scope == line.charge_batch)
    };
    let said = said(visit, context.hospital, state, at);
    let lines =
        visit.lines.iter().filter(asked).map(|line| found(line, visit, record, &said, context.hospital, at));
    let lines = lines.collect::<Result<_, _>>()?;
    Ok(Decision {
        object: format!("encounter {}", request.encounter),
        ..Decision::answer(FeesFound { lines })
    })
}

/// What was said of each line, by its number and the message that brought it.
type Said = HashMap<(MessageId, String), Facts>;

fn said(visit: &Visit, hospital: &Hospital, state: &State, at: &Moment<'_>) -> Said {
    let mut uploads: Vec<MessageId> = visit.lines.iter().filter_map(|line| line.message).collect();
    uploads.sort_unstable();
    uploads.dedup();
    let read = |id: &MessageId| {
        let row = state.message_by_id(*id)?;
        let body = at.sealer.open("message.request", row.id.0, &row.request).ok()?;
        let message = Message::read(body.into(), Some(&row.key.infno)).ok()?;
        Some((*id, message.under(&hospital.profile).ok()?))
    };
    let read = uploads.iter().filter_map(read);
    read.flat_map(|(id, message)| {
        said_of_lines(&message.input).map(|(n, f)| ((id, n), f)).collect::<Vec<_>>()
    })
    .collect()
}

/// A line as it is told.
pub(crate) fn found(
    line: &LineRow,
    visit: &Visit,
    record: &PersonRecord,
    said: &Said,
    hospital: &Hospital,
    at: &Moment<'_>,
) -> Result<FeeFound, Refusal> {
    // What a later version says of that day is nothing to a line that was taken in.
    let listed = at.catalogue.item(&line.item, line.served.date());
    let facts = line.message.and_then(|id| said.get(&(id, line.number.clone()))).cloned();
    let told = facts.as_ref().and_then(CareListing::said);
    let elsewhere = told.filter(|_| hospital.profile.listed_elsewhere);
    let elsewhere = elsewhere.map(|listing| listing.item(&line.item, line.price));
    let item = elsewhere.as_ref().or(listed).or_else(|| at.catalogue.of(&line.item).next());
    let item =
        item.ok_or_else(|| Refusal::ItemUnknown { line: line.number.clone(), code: line.item.clone() })?;
    Ok(FeeFound {
        person: record.row.number.as_str().into(),
        encounter: line.encounter,
        settlement: visit.effective(&line.charge_batch).map(|row| row.id),
        hospital: (hospital.row.code.clone(), hospital.row.name.clone()),
        care_kind: visit.row.care_kind.clone(),
        served: line.served,
        item: [item.code.clone(), item.name.clone(), item.list_kind.clone(), item.specification.clone()],
        hospital_item: line.hospital_item.clone(),
        priced: bill::priced(line, item, visit, record, hospital, at)?,
        facts: facts.unwrap_or_default(),
    })
}
