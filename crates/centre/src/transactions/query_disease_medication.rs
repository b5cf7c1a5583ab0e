//! 5205: Drugs a person had for listed diseases, wherever that was, so that nobody prescribes them twice.

use std::collections::HashMap;

use model::ItemKind;
use store::{LineRow, LineState, Needs, Sealer, Visits};
use wire::Refusal;
use wire::transactions::{FeesFound, QueryDiseaseMedication};

use super::query_fees::found;
use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &QueryDiseaseMedication, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    let (from, to) = request.within;
    let to = to.unwrap_or(jiff::civil::DateTime::MAX);
    needs.visits = Some((Visits::OfPersonForDisease, from, to));
}

pub(crate) fn decide(
    request: &QueryDiseaseMedication,
    _: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = bill::person(state, &request.person)?;
    let (from, to) = request.within;
    let asked = state.listed().iter().filter(|row| {
        row.person == record.row.id && row.begins >= from && to.is_none_or(|to| row.begins <= to)
    });
    let drug = |line: &&LineRow| {
        line.state == LineState::Valid
            && matches!(line.kind, ItemKind::Drug | ItemKind::Patent | ItemKind::Herb)
    };
    let visits =
        asked.filter_map(|row| Some((state.visit(row.hospital, row.id)?, at.directory.by_id(row.hospital)?)));
    let lines = visits.flat_map(|(visit, hospital)| {
        visit.lines.iter().filter(drug).map(move |line| (visit, hospital, line))
    });
    // What was said of a line stays with the institution that said it.
    let said = HashMap::new();
    let lines = lines.map(|(visit, hospital, line)| found(line, visit, record, &said, hospital, at));
    let lines = lines.collect::<Result<_, _>>()?;
    let object = format!("person {}", record.row.id);
    Ok(Decision { object, ..Decision::answer(FeesFound { lines }) })
}
