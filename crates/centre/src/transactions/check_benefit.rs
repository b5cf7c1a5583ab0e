//! 2001: One row a fund: may it be used on this day, and why not.

use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::{BenefitChecked, CheckBenefit};

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
    let language = context.hospital.profile.language;
    let held = bill::cover_on(record, request.insurance_kind, date).ok().zip(at.policy.on(date));
    let funds = match held {
        None => {
            let reason = words::NOT_ENROLLED.told(language).to_owned();
            vec![(true, false, reason.clone()), (false, false, reason)]
        }
        Some((cover, edition)) => {
            let person = bill::policy_person(record, cover, date, true, edition);
            let (chosen, contract) = bill::chosen(record, context.hospital, date);
            let emergency = bill::is_emergency(request.visit, "");
            let visit = policy::Visit {
                region: bill::region(record, cover, context.hospital, date, emergency),
                chosen,
                contract,
                disease: edition.disease(&request.disease),
                ..policy::Visit::new(request.visit, context.hospital.level(), date)
            };
            let benefit = edition.benefit(&person, &visit);
            let told = |reason: Option<policy::Reason>| {
                reason.map(|r| bill::told(r, language).to_owned()).unwrap_or_default()
            };
            let row = |pool, reason: Option<policy::Reason>| (pool, reason.is_none(), told(reason));
            vec![row(true, benefit.funds), row(false, benefit.account)]
        }
    };
    let object = format!("person {}", record.row.id);
    Ok(Decision {
        object,
        ..Decision::answer(BenefitChecked { person: request.person.clone(), date, funds })
    })
}
