//! 2403: Says anew what was said of a stay that goes on. What a settlement of it went by stands while that does.

use store::{EncounterRow, LineState, Made, Needs, Sealer};
use wire::transactions::ChangeAdmission;
use wire::{Refusal, print_time};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::opening::{self, keep_diagnoses, with_facts};
use crate::state::{State, Visit};
use crate::words;

pub(crate) fn needs(request: &ChangeAdmission, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
}

pub(crate) fn decide(
    request: &ChangeAdmission,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (visit, record) = bill::owned(state, context.hospital, request.encounter, &request.person)?;
    bill::must_be_open(visit, true, words::TO_CHANGE)?;
    let row = said_anew(request, &visit.row);
    // Where care is given is looked at anew only where the day or the kind of care was said anew.
    let moved = (row.begins, &row.care_kind) != (visit.row.begins, &visit.row.care_kind);
    let region = if moved { bill::region_of(&row, record, context.hospital) } else { row.region };
    let row = EncounterRow { region, ..row };
    let by_rules = |row: &EncounterRow| (row.begins, row.care_kind.clone(), row.disease.clone(), row.region);
    if by_rules(&row) != by_rules(&visit.row) && visit.settlements.iter().any(|s| s.effective) {
        return Err(Refusal::UndoFirst { step: words::STAY_SETTLEMENT });
    }
    bill::cover_on(record, row.insurance_kind, row.begins.date())?;
    check_begin(&row, visit, context, at)?;
    let person = record.row.id;
    let row = with_facts(row, &request.facts, at.sealer);
    keep_diagnoses(&request.diagnoses, &row, state, at);
    state.change_encounter(row);
    Ok(Decision {
        made: Made::Encounter(request.encounter),
        person: Some(person),
        object: format!("encounter {}", request.encounter),
        ..Decision::answer(())
    })
}

fn said_anew(request: &ChangeAdmission, row: &EncounterRow) -> EncounterRow {
    let mut row = row.clone();
    let said = [
        (&mut row.visit_number, &request.visit_number),
        (&mut row.disease, &request.disease),
        (&mut row.doctor, &request.doctor),
        (&mut row.doctor_name, &request.doctor_name),
        (&mut row.department, &request.department),
        (&mut row.department_name, &request.department_name),
    ];
    for (to, text) in said.into_iter().filter_map(|(to, text)| Some((to, text.as_ref()?))) {
        to.clone_from(text);
    }
    if let Some((code, kind)) = &request.care {
        (row.care_kind, row.visit) = (code.clone(), *kind);
    }
    row.begins = request.begins.unwrap_or(row.begins);
    row
}

/// A stay that begins on another day: not in the future, not too long ago, and not behind what was given in it.
fn check_begin(
    row: &EncounterRow,
    visit: &Visit,
    context: &Context<'_>,
    at: &Moment<'_>,
) -> Result<(), Refusal> {
    if row.begins == visit.row.begins {
        return Ok(());
    }
    let (from, to) = opening::may_begin(context, at);
    let valid = || visit.lines.iter().filter(|l| l.state == LineState::Valid);
    // What joined the stay from before was let in by the day it began.
    if valid().any(|line| line.served.date() < visit.row.begins.date()) {
        return Err(Refusal::UndoFirst { step: words::STAY_FEES });
    }
    let to = valid().map(|l| l.served).min().map_or(to, |first| to.min(first));
    if row.begins.date() < from || row.begins > to {
        let (from, to) = (print_time(from.at(0, 0, 0, 0)), print_time(to));
        return Err(Refusal::DateOutOfRange { date: print_time(row.begins), from, to });
    }
    Ok(())
}
