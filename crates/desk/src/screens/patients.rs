//! F4: a patient the hospital has seen, by name, initials, document or telephone.

use minijinja::{Value, context};
use web::{Asked, Said, field};

use crate::desk::{At, Shown, Stop};
use crate::known::Known;
use crate::place::Place;
use crate::sheet::Sheet;

/// So many are shown.
const SHOWN: usize = 20;

/// Who is meant by what is typed.
pub(crate) fn find(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let typed = asked.query.get("q");
    let found = at.desk.known(&at.papers, typed, SHOWN + 1)?;
    let rows: Vec<Value> = found.iter().take(SHOWN).map(|known| row(at, known)).collect();
    let why = match found.len() {
        _ if typed.is_empty() => None,
        0 => Some(Said::new("patients-none").with("seen", typed)),
        n if n > SHOWN => Some(Said::new("patients-more").with("most", SHOWN)),
        _ => None,
    };
    let facts = context! {
        q => typed, rows, why => why.map(|said| at.say(&said)),
        here => Place::Patients.to_string(), back => Place::Charge.to_string(),
    };
    Ok(Shown::Page("desk/patients.html", facts))
}

fn row(at: &At<'_>, known: &Sheet<Known>) -> Value {
    context! {
        href => format!("{}?patient={}", Place::Charge, known.key), ..facts(at, known)
    }
}

/// Who somebody is, as far as a window may see.
pub(crate) fn facts(at: &At<'_>, known: &Sheet<Known>) -> Value {
    context! {
        key => known.key, name => known.private.name,
        sex => at.word(if known.facts.female { "sex-female" } else { "sex-male" }), age => known.facts.age,
        document => field::masked(&known.private.document), employer => known.private.employer,
        telephone => known.private.telephone, seen => known.day.map(|day| day.to_string()),
    }
}
