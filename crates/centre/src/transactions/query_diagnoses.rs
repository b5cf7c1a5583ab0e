//! 5202: The diagnoses of a visit that stand.

use store::{DiagnosisRow, EncounterState, Needs, Sealer};
use wire::transactions::{DiagnosesFound, Diagnosis, QueryDiagnoses};
use wire::{Facts, Refusal};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
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
    let opened = |context: &str, sealed: &[u8]| {
        let text = at.sealer.open(context, visit.row.id.0, sealed).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    };
    let told = |row: &DiagnosisRow| Diagnosis {
        number: row.number,
        kind: row.kind.clone(),
        code: row.code.clone(),
        name: opened("diagnosis.name", &row.name),
        valid: row.valid,
        facts: Facts::from_text(&opened("diagnosis.facts", &row.facts)),
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
