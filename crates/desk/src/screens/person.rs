//! Who a card or a document names, as every window asks it.

use model::InsuranceKind;
use web::Said;
use wire::asking::{
    AccumulatorsHeard, AskAccumulators, BenefitHeard, CheckBenefit, FindBy, FindPerson, Insured, PersonHeard,
    Proof,
};

use crate::bill::{Cover, Patient};
use crate::desk::At;
use crate::speak::No;

/// Who a card or document names, and how the insurance stands; else what to tell.
pub(crate) fn find(at: &At<'_>, typed: &str, care_kind: &str) -> Result<Patient, Said> {
    // What a reader types: 18 signs are an identity number, anything else a card's.
    let document = typed.len() == 18 && typed.is_ascii();
    let by = if document {
        FindBy::Document { kind: "01".into(), number: typed.to_uppercase() }
    } else {
        FindBy::Card { number: typed.into(), serial: String::new() }
    };
    let request = FindPerson { by, name: String::new(), at: None, home: String::new() };
    let found = ask(at, &request, PersonHeard::hear).map_err(|no| match no {
        No::Refused { text, .. } => Said::new("h101").with("text", text),
        _ => Said::new("no-answer"),
    })?;
    let insurance = found.insurances.iter().find(|i| i.is_active()).or(found.insurances.first());
    let Some(insurance) = insurance else { return Err(Said::new("h101").with("text", "")) };
    let mut patient = Patient {
        proof: if document { "02" } else { "03" }.into(),
        proof_number: typed.into(),
        home: insurance.home.clone(),
        employer: insurance.employer.clone(),
        person_type: insurance.person_type.clone(),
        balance: insurance.balance,
        active: insurance.is_active(),
        paused: insurance.paused_on,
        female: found.gender == "2",
        age: found.age,
        insurances: found
            .insurances
            .iter()
            .map(|i| Cover { kind: i.kind.0, active: i.is_active(), balance: i.balance })
            .collect(),
        number: found.number,
        name: found.name,
        document: found.document,
        ..Patient::default()
    };
    entitlements(at, &mut patient, insurance.kind, care_kind);
    Ok(patient)
}

/// What funds pay now, and how far the year has gone. What the centre does not tell is left out: it is shown only.
fn entitlements(at: &At<'_>, patient: &mut Patient, insurance: InsuranceKind, care_kind: &str) {
    let person = insured(patient);
    let request = CheckBenefit {
        person: person.clone(),
        insurance,
        care_kind: care_kind.into(),
        begins: at.now,
        disease: String::new(),
    };
    if let Ok(heard) = ask(at, &request, BenefitHeard::hear) {
        let closed = heard.funds.into_iter().filter(|fund| !fund.allowed);
        patient.closed_funds = closed.map(|fund| format!("{} {}", fund.name, fund.reason)).collect();
    }
    let year = at.now.date().year();
    if let Ok(heard) = ask(at, &AskAccumulators { person, year: Some(year) }, AccumulatorsHeard::hear) {
        patient.deductible_paid = heard.deductible(year, false);
        patient.funds_paid = heard.paid(year, false);
    }
}

/// Asks the centre; whether it got through is what the line's state says.
pub(crate) fn ask<T>(
    at: &At<'_>,
    request: &dyn wire::asking::Asking,
    hear: impl FnOnce(&wire::Answer) -> Option<T>,
) -> Result<T, No> {
    at.desk.ask(&at.message(request), hear)
}

/// As messages name him.
pub(crate) fn insured(patient: &Patient) -> Insured {
    Insured::of(&patient.number, &patient.home)
}

/// What he has shown.
pub(crate) fn proof(patient: &Patient) -> Proof {
    Proof { kind: patient.proof.clone(), number: patient.proof_number.clone() }
}

/// What the centre says, as the window is told.
pub(crate) fn centre_says(no: &No) -> Said {
    match no {
        No::Refused { text, .. } => Said::new("centre-refused").with("text", text),
        No::NotProcessed { text } => Said::new("centre-not-processed").with("text", text),
        No::Unknown { .. } => Said::new("no-answer"),
    }
}
