//! 3401, 3402: Registers a department, or says it anew.

use model::{HospitalId, RegisterKind};
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::transactions::RegisterDepartment;
use wire::{Facts, Refusal};

use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &RegisterDepartment, needs: &mut Needs, _: &Sealer) {
    needs.registers = Some(Registers::Keys(RegisterKind::Department, vec![request.code.clone()]));
}

/// States of a department.
pub(crate) const STANDS: &str = "stands";
pub(crate) const WITHDRAWN: &str = "withdrawn";

pub(crate) fn decide(
    request: &RegisterDepartment,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let known = standing(state, context, &request.code);
    if request.change && known.is_none() {
        return Err(Refusal::NotRegistered { key: request.code.clone() });
    }
    let (said, personal) = match &known {
        Some(known) if request.change => {
            let personal = personal(known, at).and(request.personal.clone());
            (Facts::from_text(&known.data).and(request.facts.clone()), personal)
        }
        _ => (request.facts.clone(), request.personal.clone()),
    };
    let data = said.to_text();
    match &known {
        // Programs send all their departments again and again.
        Some(known) if known.data == data && self::personal(known, at) == personal => {}
        Some(_) if !request.change => {
            return Err(Refusal::RegisteredOtherwise { key: request.code.clone() });
        }
        _ => {
            let any = state.registered(context.hospital.id(), RegisterKind::Department);
            let version =
                any.filter(|row| row.key == request.code).map(|row| row.version).next().unwrap_or(0);
            let from =
                request.from.map(jiff::civil::DateTime::date).or(known.as_ref().map(|known| known.from));
            state.put_register(RegisterRow {
                hospital: context.hospital.id(),
                kind: RegisterKind::Department,
                key: request.code.clone(),
                version,
                from: from.unwrap_or(at.now.date()),
                to: request.to.map(jiff::civil::DateTime::date),
                state: STANDS.into(),
                message: Some(context.id),
                data,
                facts: sealed(context.hospital.id(), &personal, at),
            });
        }
    }
    Ok(Decision { object: format!("department {}", request.code), ..Decision::answer(()) })
}

/// A department that was not withdrawn.
pub(crate) fn standing(state: &State, context: &Context<'_>, code: &str) -> Option<RegisterRow> {
    let mut rows = state.registered(context.hospital.id(), RegisterKind::Department);
    rows.find(|row| row.key == code && row.state == STANDS).cloned()
}

/// What was said of persons, sealed.
fn sealed(hospital: HospitalId, personal: &Facts, at: &Moment<'_>) -> Vec<u8> {
    if personal.is_empty() {
        return Vec::new();
    }
    at.sealer.seal("register.facts", hospital.0, personal.to_text().as_bytes())
}

/// What was said of persons.
pub(crate) fn personal(row: &RegisterRow, at: &Moment<'_>) -> Facts {
    let text = at.sealer.open("register.facts", row.hospital.0, &row.facts).unwrap_or_default();
    Facts::from_text(&String::from_utf8_lossy(&text))
}
