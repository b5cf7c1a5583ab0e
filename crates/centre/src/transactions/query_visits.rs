//! 5201, 5303: Visits of a person here, and who lies here.

use store::{EncounterRow, EncounterState, Needs, Sealer, VISITS_MAX, Visits};
use wire::transactions::{QueryVisits, VisitFound, VisitsFound};
use wire::{Both, Refusal};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::opening;
use crate::state::State;
use crate::words;

pub(crate) fn needs(request: &QueryVisits, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    let (from, to) = request.within;
    needs.visits = Some((Visits::OfPersonHere, from, to));
}

pub(crate) fn decide(
    request: &QueryVisits,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let person = bill::person(state, &request.person)?.row.id;
    let (from, to) = request.within;
    let asked = |row: &&EncounterRow| {
        (row.hospital, row.person) == (context.hospital.id(), person)
            && (from..=to).contains(&row.begins)
            && row.state != EncounterState::Cancelled
            && (request.care_kind.is_empty() || row.care_kind == request.care_kind)
            && request.encounter.is_none_or(|id| id == row.id)
    };
    let visits = state.listed().iter().filter(asked).filter_map(|row| found(row, state, at)).collect();
    let object = format!("person {person}");
    let warning = more(state);
    Ok(Decision { warning, object, ..Decision::answer(VisitsFound { visits }) })
}

/// A list that is as long as one may be says so.
pub(crate) fn more(state: &State) -> Option<Both> {
    (state.listed().len() >= VISITS_MAX).then_some(words::MORE_VISITS)
}

/// A visit as it is told.
pub(crate) fn found(row: &EncounterRow, state: &State, at: &Moment<'_>) -> Option<VisitFound> {
    let record = state.person_by_id(row.person)?;
    let day = row.begins.date();
    let cover = bill::cover_on(record, row.insurance_kind, day).ok();
    Some(VisitFound {
        encounter: row.id,
        person: bill::person_facts(record, cover, day, at),
        insurance_kind: row.insurance_kind.0,
        employer: cover.map(|c| (c.employer.clone(), c.division.clone())).unwrap_or_default(),
        begins: row.begins,
        ends: row.ends,
        care_kind: row.care_kind.clone(),
        visit_number: row.visit_number.clone(),
        doctor: (row.doctor.clone(), row.doctor_name.clone()),
        department: (row.department.clone(), row.department_name.clone()),
        disease: row.disease.clone(),
        stay: row.stay.then_some(row.state == EncounterState::Open),
        elsewhere: row.region != model::Region::Home,
        facts: opening::facts(row, at.sealer),
    })
}
