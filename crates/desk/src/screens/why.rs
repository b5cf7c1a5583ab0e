//! Why this amount: the explanation of a settlement, step by step, with the article each step follows.

use minijinja::{Value, context};
use money::Exact;
use web::Language;
use wire::asking::{Explain, ExplanationHeard};

use super::bills::seen;
use super::charge::trial_facts;
use super::person::{ask, centre_says, insured};
use crate::desk::{At, Shown, Stop};
use crate::place::Place;

/// The steps, for the window and for the patient.
pub(crate) fn show(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let bill = seen(at, key)?;
    let Some(split) = &bill.facts.split else { return Err(Stop::Nothing) };
    let mut why = String::new();
    let (mut steps, mut edition): (Vec<Value>, String) = (Vec::new(), String::new());
    if !bill.facts.insured {
        why = at.word("why-alone");
    } else if at.desk.road.capabilities().explain {
        let request = Explain { person: insured(&bill.private), settlement: bill.facts.settlement.clone() };
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
        name => bill.private.name, receipt => bill.facts.receipt, total => split.total.to_string(),
        steps, edition, why,
        split => trial_facts(at, split, bill.facts.settled.unwrap_or(bill.facts.begun)),
        back => Place::Look(bill.key.clone()).to_string(),
        here => Place::Why(bill.key.clone()).to_string(),
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
