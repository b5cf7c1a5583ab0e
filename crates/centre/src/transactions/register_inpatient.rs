//! 2401: Opens a stay. The diagnoses are those of the admission; the discharge brings its own.

use store::{EncounterRow, Made, Needs, Sealer};
use wire::Refusal;
use wire::transactions::RegisterInpatient;

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::opening::{Opening, keep_diagnoses};
use crate::state::State;

pub(crate) fn needs(request: &RegisterInpatient, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.visit_number = Some(request.visit_number.clone());
    needs.open_stays = true;
}

pub(crate) fn decide(
    request: &RegisterInpatient,
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
    let decision = opening.open(context, state, at, |row| EncounterRow {
        care_kind: request.care_kind.clone(),
        visit: request.visit,
        stay: true,
        disease: request.disease.clone(),
        doctor: request.doctor.clone(),
        doctor_name: request.doctor_name.clone(),
        department: request.department.clone(),
        department_name: request.department_name.clone(),
        ..row
    })?;
    if let Made::Encounter(encounter) = decision.made {
        let row = bill::visit(state, context.hospital, encounter)?.row.clone();
        keep_diagnoses(&request.diagnoses, &row, state, at);
    }
    Ok(decision)
}
