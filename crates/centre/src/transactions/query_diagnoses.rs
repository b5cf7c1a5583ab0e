//! 5202: The diagnoses of a visit that stand.

use store::{DiagnosisRow, EncounterState, Needs, Sealer};
use wire::Refusal;
use wire::transactions::{DiagnosesFound, Diagnosis, QueryDiagnoses};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::kept;
use crate::opening::DIAGNOSIS_FACTS;
use crate::state::State;

pub(crate) fn needs(request: &QueryDiagnoses, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
    needs.diagnoses = true;
}

pub(crate) fn decide(
    request: &QueryDiagnoses,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (visit, _) = bill::owned(state, context.hospital, request.encounter, &request.person)?;
    let visit_id = visit.row.id.0;
    let told = |row: &DiagnosisRow| Diagnosis {
        number: row.number,
        kind: row.kind.clone(),
        code: row.code.clone(),
        name: String::from_utf8(at.sealer.open("diagnosis.name", visit_id, &row.name).unwrap_or_default())
            .unwrap_or_default(),
        valid: row.valid,
        facts: kept::open(&row.facts, DIAGNOSIS_FACTS, visit_id, at.sealer),
    };
    let diagnoses = state.diagnoses(&visit.row).filter(|row| row.valid).map(told).collect();
    let output = DiagnosesFound {
        person: request.person.clone(),
        encounter: request.encounter,
        at_end: visit.row.state == EncounterState::Discharged || !visit.row.stay,
        diagnoses,
    };
    Ok(Decision { object: format!("encounter {}", request.encounter), ..Decision::answer(output) })
}
