//! 2402: Ends a stay, so that it can be settled. After it no line is taken in.

use jiff::ToSpan;
use store::{EncounterRow, EncounterState, LineState, Made, Needs, Sealer};
use wire::transactions::DischargeInpatient;
use wire::{Refusal, print_time};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::opening::{keep_diagnoses, with_facts};
use crate::state::{State, Visit};
use crate::words;

pub(crate) fn needs(request: &DischargeInpatient, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
}

pub(crate) fn decide(
    request: &DischargeInpatient,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (visit, record) = bill::owned(state, context.hospital, request.encounter, &request.person)?;
    bill::must_be_open(visit, true, words::TO_DISCHARGE)?;
    check_end(request, visit, context, at)?;
    let person = record.row.id;
    let disease = if request.disease.is_empty() { &visit.row.disease } else { &request.disease };
    let row = EncounterRow {
        state: EncounterState::Discharged,
        ends: Some(request.ends),
        disease: disease.clone(),
        ..visit.row.clone()
    };
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

/// Behind the admission, every service given and every interim settlement, and not in the future.
fn check_end(
    request: &DischargeInpatient,
    visit: &Visit,
    context: &Context<'_>,
    at: &Moment<'_>,
) -> Result<(), Refusal> {
    let served = visit.lines.iter().filter(|l| l.state == LineState::Valid).map(|l| l.served.date()).max();
    let settled = visit.standing().iter().map(|s| s.benefit_date).max();
    let from = served.max(settled).map_or(visit.row.begins, |last| visit.row.begins.max(last.at(0, 0, 0, 0)));
    let to = at.now.saturating_add(10.minutes());
    bill::must_be_recent(request.ends.date(), context.hospital, at)?;
    if request.ends < from || request.ends > to {
        return Err(Refusal::DateOutOfRange {
            date: print_time(request.ends),
            from: print_time(from),
            to: print_time(to),
        });
    }
    Ok(())
}
