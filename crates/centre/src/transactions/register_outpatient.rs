//! 2201: Opens an outpatient visit.

use store::{EncounterRow, Needs, Sealer};
use wire::Refusal;
use wire::transactions::RegisterOutpatient;

use crate::decide::{Context, Decision, Moment};
use crate::opening::Opening;
use crate::state::State;

pub(crate) fn needs(request: &RegisterOutpatient, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.visit_number = Some(request.visit_number.clone());
}

pub(crate) fn decide(
    request: &RegisterOutpatient,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let opening = Opening {
        person: &request.person,
        insurance_kind: request.insurance_kind,
        begins: request.begins,
        visit_number: &request.visit_number,
        facts: &request.facts,
    };
    opening.open(context, state, at, |row| EncounterRow {
        doctor: request.doctor.clone(),
        doctor_name: request.doctor_name.clone(),
        department: request.department.clone(),
        department_name: request.department_name.clone(),
        ..row
    })
}
