//! Candidates for what is being typed.

use minijinja::{Value, context};
use web::Asked;

use super::charge::four_places;
use crate::desk::{At, Shown, Stop};
use crate::place::What;
use crate::register::Register as _;

/// So many are shown.
const CANDIDATES: usize = 12;

/// A list under the field; nothing where nothing is found: the typed text stays, and Enter says so.
pub(crate) fn candidates(at: &At<'_>, asked: &Asked, what: What) -> Result<Shown, Stop> {
    let typed = asked.query.get("q");
    let house = at.desk.shelves.of(&at.papers)?;
    let (items, others): (Vec<Value>, Vec<Value>) = match what {
        What::Item => {
            let found = house.items.find(typed, CANDIDATES).into_iter().map(|item| {
                let facts = &item.facts;
                context! {
                    pick => item.key, name => facts.name, specification => facts.specification, unit => facts.unit,
                    price => four_places(&facts.price_on(at.now.date()).to_string()), class => facts.class, rate => facts.first_self_pay,
                    mapped => facts.mapped.is_some(), executing => facts.executing.name,
                }
            });
            (found.collect(), Vec::new())
        }
        What::Diagnosis => {
            let found = house.diagnoses.find(typed, CANDIDATES).into_iter();
            (
                Vec::new(),
                found.map(|row| context! { pick => row.key, name => row.facts.name, more => "" }).collect(),
            )
        }
        What::Package => {
            let found = house.packages.find(typed, CANDIDATES).into_iter();
            let shown = found.map(|row| {
                let [_, items] = row.facts.cells().try_into().unwrap_or_default();
                context! { pick => row.key, name => row.facts.name, more => items }
            });
            (Vec::new(), shown.collect())
        }
        What::Doctor => {
            let found = house.doctors.find(typed, CANDIDATES).into_iter();
            let shown = found.map(|row| {
                context! { pick => row.key, name => row.facts.name, more => row.facts.department.name }
            });
            (Vec::new(), shown.collect())
        }
    };
    if items.is_empty() && others.is_empty() {
        return Ok(Shown::Raw(web::Answer::of(web::HTML, "")));
    }
    let facts = context! { items, others };
    Ok(Shown::Raw(at.desk.render(at.language(), "desk/candidates.html", facts)))
}
