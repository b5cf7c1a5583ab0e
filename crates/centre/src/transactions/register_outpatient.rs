//! 2201: A visit of the same number that is still open and empty is answered again, for programs that retry under a
//! new id.

use jiff::ToSpan;
use model::{EncounterId, VisitKind};
use store::{EncounterRow, EncounterState, Made, Needs, Sealer};
use wire::Refusal;
use wire::transactions::{RegisterOutpatient, Registered};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
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
    let record = bill::person(state, &request.person)?;
    let person = record.row.id;
    check_date(request, context, at)?;
    check_home(context, at)?;
    let cover = bill::cover_on(record, request.insurance_kind, request.begins.date())?;
    let region = bill::region(context.hospital, cover);
    let open = state
        .visits_numbered(context.hospital.id(), &request.visit_number)
        .find(|v| v.row.state == EncounterState::Open && v.lines.is_empty() && v.row.person == person)
        .map(|v| v.row.id);
    let encounter = open.unwrap_or_else(|| {
        let row = EncounterRow {
            id: EncounterId(at.ids.next()),
            hospital: context.hospital.id(),
            person,
            visit_number: request.visit_number.clone(),
            insurance_kind: request.insurance_kind,
            care_kind: String::new(),
            visit: VisitKind::Outpatient,
            region,
            begins: request.begins,
            disease: String::new(),
            doctor: request.doctor.clone(),
            doctor_name: request.doctor_name.clone(),
            department: request.department.clone(),
            department_name: request.department_name.clone(),
            state: EncounterState::Open,
            message: context.id,
        };
        let id = row.id;
        state.add_encounter(row);
        id
    });
    let output =
        Registered { encounter, person: request.person.clone(), visit_number: request.visit_number.clone() };
    Ok(Decision {
        made: Made::Encounter(encounter),
        person: Some(person),
        object: format!("encounter {encounter}"),
        ..Decision::answer(output)
    })
}

/// Not in the future, not older than the institution's profile allows.
fn check_date(request: &RegisterOutpatient, context: &Context<'_>, at: &Moment<'_>) -> Result<(), Refusal> {
    let days = context.hospital.profile.backdate_days;
    let from = at.now.date().saturating_sub(days.days());
    let late = at.now.saturating_add(10.minutes());
    if request.begins > late || request.begins.date() < from {
        return Err(Refusal::DateOutOfRange {
            date: request.begins.to_string(),
            from: from.to_string(),
            to: late.to_string(),
        });
    }
    Ok(())
}

/// The home division in the envelope, where given, must be one this centre settles for.
fn check_home(context: &Context<'_>, at: &Moment<'_>) -> Result<(), Refusal> {
    let division = &context.message.envelope.home_district;
    let known = division.is_empty() || at.divisions.iter().any(|known| division.starts_with(known.as_str()));
    if known { Ok(()) } else { Err(Refusal::DivisionUnknown { division: division.clone() }) }
}
