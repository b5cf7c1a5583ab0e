//! 3401, 3402: Registers a department, or says it anew.

use jiff::civil::DateTime;
use model::RegisterKind;
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::Refusal;
use wire::transactions::RegisterDepartment;

use crate::decide::{Context, Decision, Moment};
use crate::kept::{self, REGISTERED, STANDS};
use crate::state::State;

pub(crate) fn needs(request: &RegisterDepartment, needs: &mut Needs, _: &Sealer) {
    needs.registers.push(Registers::Keys(RegisterKind::Department, vec![request.code.clone()]));
}

pub(crate) fn decide(
    request: &RegisterDepartment,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let hospital = context.hospital.id();
    let mut ever = state.registered(hospital, RegisterKind::Department);
    let before = ever.find(|row| row.key == request.code).cloned();
    drop(ever);
    let known = before.as_ref().filter(|row| row.state == STANDS);
    if request.change && known.is_none() {
        return Err(Refusal::NotRegistered { key: request.code.clone() });
    }
    let asked = request.facts.clone();
    let told = known.map(|known| kept::told(known, at.sealer));
    let said = if request.change { told.clone().unwrap_or_default().and(asked) } else { asked };
    // Programs send all their departments again and again.
    if told.as_ref() != Some(&said) {
        if known.is_some() && !request.change {
            return Err(Refusal::RegisteredOtherwise { key: request.code.clone() });
        }
        let (public, personal) = RegisterDepartment::apart(said);
        let from = request.from.map(DateTime::date).or(known.map(|known| known.from));
        state.put_register(RegisterRow {
            hospital,
            kind: RegisterKind::Department,
            key: request.code.clone(),
            version: before.map_or(0, |row| row.version),
            from: from.unwrap_or(at.now.date()),
            to: request.to.map(DateTime::date),
            state: STANDS.into(),
            message: Some(context.id),
            data: public.to_text(),
            facts: kept::seal(&personal, REGISTERED, hospital.0, at.sealer),
        });
    }
    Ok(Decision { object: format!("department {}", request.code), ..Decision::answer(()) })
}
