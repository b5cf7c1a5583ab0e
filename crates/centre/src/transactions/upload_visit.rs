//! 2203, 2203A: Sets the kind of care and the diagnoses of an open visit.

use store::{EncounterRow, Made, Needs, Sealer};
use wire::Refusal;
use wire::transactions::UploadVisit;

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::opening::{keep_diagnoses, with_facts};
use crate::state::State;
use crate::words;

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
    bill::must_be_open(visit, false, words::TO_UPLOAD_VISIT)?;
    let person = record.row.id;
    let row = EncounterRow {
        care_kind: request.care_kind.clone(),
        visit: request.visit,
        disease: request.disease.clone(),
        ..visit.row.clone()
    };
    // What a settlement went by stands while that does.
    let settled = visit.settlements.iter().any(|s| s.effective);
    let moved = row.care_kind != visit.row.care_kind && !settled;
    let region = if moved { bill::region_of(&row, record, context.hospital) } else { row.region };
    let row = with_facts(EncounterRow { region, ..row }, &request.facts, at.sealer);
    keep_diagnoses(&request.diagnoses, &row, state, at);
    state.change_encounter(row);
    Ok(Decision {
        made: Made::Encounter(request.encounter),
        person: Some(person),
        object: format!("encounter {}", request.encounter),
        ..Decision::answer(())
    })
}
