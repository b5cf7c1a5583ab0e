//! 2001: One row a fund: may it be used on this day, and why not.

use model::Premium;
use store::{Needs, Sealer};
use wire::transactions::{BenefitChecked, CheckBenefit};
use wire::{Both, Refusal};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;
use crate::words;

pub(crate) fn needs(request: &CheckBenefit, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
}

pub(crate) fn decide(
    request: &CheckBenefit,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = bill::person(state, &request.person)?;
    let date = request.date;
    let held = record.covers.iter().find(|c| c.kind == request.insurance_kind && c.holds_on(date));
    let told = |words: Both| words.told(context.hospital.profile.language).to_owned();
    let reason = match held.map(|c| c.premium) {
        Some(Premium::Paid) => String::new(),
        Some(Premium::Arrears) => told(words::ARREARS),
        Some(Premium::Waiting) => told(words::WAITING),
        Some(Premium::Ended) | None => told(words::NOT_ENROLLED),
    };
    let enrolled = held.is_some_and(|c| c.premium != Premium::Ended);
    let stopped = held.is_some_and(|c| at.policy.on(date).is_some_and(|e| e.pool_stopped(c.premium)));
    let pool = enrolled && !stopped;
    let account = if enrolled { String::new() } else { reason.clone() };
    let reason = if pool { String::new() } else { reason };
    let funds = vec![(true, pool, reason), (false, enrolled, account)];
    let object = format!("person {}", record.row.id);
    Ok(Decision {
        object,
        ..Decision::answer(BenefitChecked { person: request.person.clone(), date, funds })
    })
}
