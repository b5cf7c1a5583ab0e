//! 5201, 5303: Visits of a person here, and who lies here.

use store::{EncounterRow, EncounterState, Needs, Sealer, Visits};
use wire::Refusal;
use wire::transactions::{QueryVisits, VisitFound, VisitsFound};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::opening;
use crate::state::State;

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
    let visits =
        state.listed().iter().filter(asked).filter_map(|row| found(row, context, state, at)).collect();
    let object = format!("person {person}");
    Ok(Decision { object, ..Decision::answer(VisitsFound { visits }) })
}

/// A visit as it is told.
pub(crate) fn found(
    row: &EncounterRow,
    context: &Context<'_>,
    state: &State,
    at: &Moment<'_>,
) -> Option<VisitFound> {
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
        elsewhere: bill::region_of(row, record, context.hospital) != model::Region::Home,
        facts: opening::facts(row, at.sealer),
    })
}
