//! 5303: Who lies in the institution that asks.

use store::{EncounterRow, EncounterState, Needs, Sealer, Visits};
use wire::Refusal;
use wire::transactions::{QueryInpatients, VisitsFound};

use super::query_visits::{found, more};
use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &QueryInpatients, needs: &mut Needs, _: &Sealer) {
    if let Some(person) = &request.person {
        needs.who = super::who(person);
    }
    let (from, to) = request.within;
    needs.visits = Some((Visits::StaysHere, from, to));
}

pub(crate) fn decide(
    request: &QueryInpatients,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let person = request.person.as_ref().map(|number| bill::person(state, number)).transpose()?;
    let person = person.map(|record| record.row.id);
    let (from, to) = request.within;
    let asked = |row: &&EncounterRow| {
        row.hospital == context.hospital.id()
            && row.stay
            && row.state == EncounterState::Open
            && (from..=to).contains(&row.begins)
            && person.is_none_or(|person| person == row.person)
    };
    let visits = state.listed().iter().filter(asked).filter_map(|row| found(row, state, at)).collect();
    let warning = more(state);
    Ok(Decision { object: "inpatients".into(), warning, ..Decision::answer(VisitsFound { visits }) })
}
