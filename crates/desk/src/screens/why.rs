//! Why this amount: the explanation of a settlement, step by step, with the article each step follows.

use jiff::civil::DateTime;
use minijinja::{Value, context};
use money::Exact;
use web::Language;
use wire::asking::{Explain, ExplanationHeard};

use super::bills::seen;
use super::charge::trial_facts;
use super::person::{ask, centre_says, insured};
use crate::bill::{Patient, Split};
use crate::desk::{At, Shown, Stop};
use crate::place::{Inpatient, Place};
use crate::settlement::Settlement;

/// What is to be explained: whose, of which settlement, how it was shared, and where one comes from.
struct Settled<'s> {
    patient: &'s Patient,
    insured: bool,
    settlement: &'s str,
    receipt: &'s str,
    split: &'s Split,
    at: DateTime,
    stay: bool,
    back: String,
}

/// The steps of a bill, for the window and for the patient.
pub(crate) fn show(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let bill = seen(at, key)?;
    let facts = &bill.facts;
    let Some(split) = &facts.split else { return Err(Stop::Nothing) };
    page(
        at,
        &Settled {
            patient: &bill.private,
            insured: facts.insured,
            settlement: &facts.settlement,
            receipt: &facts.receipt,
            split,
            at: facts.settled.unwrap_or(facts.begun),
            stay: false,
            back: Place::Look(bill.key.clone()).to_string(),
        },
    )
}

/// The same of a stay.
pub(crate) fn stay(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let settlement = at.papers.get::<Settlement>(key)?.ok_or(Stop::Nothing)?;
    let facts = &settlement.facts;
    let Some(settled) = facts.settled else { return Err(Stop::Nothing) };
    page(
        at,
        &Settled {
            patient: &settlement.private,
            insured: facts.insured,
            settlement: &facts.number,
            receipt: &facts.receipt,
            split: &facts.split,
            at: settled,
            stay: true,
            back: Inpatient::Stay(facts.stay.clone()).to_string(),
        },
    )
}

fn page(at: &At<'_>, settled: &Settled<'_>) -> Result<Shown, Stop> {
    let mut why = String::new();
    let (mut steps, mut edition): (Vec<Value>, String) = (Vec::new(), String::new());
    if !settled.insured {
        why = at.word("why-alone");
    } else if at.desk.road.capabilities().explain {
        let request = Explain { person: insured(settled.patient), settlement: settled.settlement.to_owned() };
        match ask(at, &request, ExplanationHeard::hear) {
            Ok(heard) => {
                edition = format!("{} {} · {}", heard.order, heard.edition, heard.catalogue);
                steps = heard.steps.into_iter().map(|step| self::step(at.language(), &step)).collect();
            }
            Err(no) => why = at.say(&centre_says(&no)),
        }
    } else {
        why = at.word("why-not-offered");
    }
    let facts = context! {
        name => settled.patient.name, receipt => settled.receipt, total => settled.split.total.to_string(),
        steps, edition, why, stay => settled.stay,
        split => trial_facts(at, settled.split, settled.at), back => settled.back,
    };
    Ok(Shown::Page("desk/why.html", facts))
}

fn step(language: Language, step: &wire::asking::StepHeard) -> Value {
    let language = match language {
        Language::Zh => wire::Language::Zh,
        Language::En => wire::Language::En,
    };
    let said = |both: &wire::Both| both.told(language).to_owned();
    // Some steps add parts of a fen: they are told as they are, for only the whole figure is rounded.
    let amount = step.amount.whole().map_or_else(|| exact(&step.amount), |whole| whole.to_string());
    context! { title => said(&step.title), figure => said(&step.figure), words => said(&step.words), amount, law => step.law }
}

/// An amount finer than fen, without noughts that say nothing.
fn exact(amount: &Exact) -> String {
    amount.to_string().trim_end_matches('0').to_owned()
}
