//! 2203, 2203A: Sets the kind of care and the diagnoses of an open visit.

use store::{DiagnosisRow, EncounterRow, Made, Needs, Sealer};
use wire::Refusal;
use wire::transactions::UploadVisit;

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &UploadVisit, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
}

pub(crate) fn decide(
    request: &UploadVisit,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (visit, record) = bill::owned(state, context.hospital, request.encounter, &request.person)?;
    bill::must_be_open(visit, "上传就诊信息 upload visit")?;
    let person = record.row.id;
    let row = EncounterRow {
        care_kind: request.care_kind.clone(),
        visit: request.visit,
        disease: request.disease.clone(),
        ..visit.row.clone()
    };
    state.change_encounter(row);
    for diagnosis in request.diagnoses.iter().filter(|d| d.valid) {
        state.add_diagnosis(DiagnosisRow {
            hospital: context.hospital.id(),
            encounter: request.encounter,
            person,
            number: diagnosis.number,
            kind: diagnosis.kind.clone(),
            code: diagnosis.code.clone(),
            name: at.sealer.seal("diagnosis.name", request.encounter.0, diagnosis.name.as_bytes()),
        });
    }
    Ok(Decision {
        made: Made::Encounter(request.encounter),
        person: Some(person),
        object: format!("encounter {}", request.encounter),
        ..Decision::answer(())
    })
}
