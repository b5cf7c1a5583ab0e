//! Wards and their beds, as the administrator sets them up: a run of beds of one kind at a time.

use minijinja::{Value, context};
use store::Change;
use web::{Asked, Said, field};

use super::charge::Wrong;
use super::inpatients::all_wards;
use super::windows;
use crate::bed::{Bed, BedState, Ward};
use crate::desk::{At, Shown, Stop};
use crate::house::Use;
use crate::place::Inpatient;
use crate::sheet::Sheet;

/// So many beds are set up at once.
const BEDS_AT_ONCE: u32 = 100;

/// All wards, each with its beds, and a form for more.
pub(crate) fn list(at: &At<'_>) -> Result<Shown, Stop> {
    page(at, None, &Wrong::default())
}

fn page(at: &At<'_>, typed: Option<&Asked>, wrong: &Wrong) -> Result<Shown, Stop> {
    let (wards, _) = all_wards(at)?;
    let branches = windows::branches(at)?;
    let mut rows: Vec<Value> = Vec::new();
    for ward in &wards {
        let beds = Bed::of_ward(&at.papers, &ward.key)?;
        let numbers: Vec<String> =
            beds.iter().map(|bed| format!("{} {}", bed.facts.number, bed.facts.kind)).collect();
        let branch = windows::called(at, &branches, &ward.facts.branch);
        rows.push(context! { code => ward.key, name => ward.facts.name, branch, count => beds.len(), beds => numbers.join(" · ") });
    }
    let again = |name: &str| typed.map(|asked| asked.form.get(name).to_owned()).unwrap_or_default();
    let facts = context! {
        rows, here => Inpatient::Wards.to_string(), csrf => at.session.facts.csrf,
        code => again("code"), name => again("name"), from => again("from"), to => again("to"), kind => again("kind"), branch => again("branch"), branches => windows::choices(at)?,
        wrong => context! { field => wrong.field, why => wrong.why },
    };
    Ok(Shown::Page("desk/wards.html", facts))
}

/// A ward with a run of beds, or more beds of one there is. Beds there are already stay as they are.
pub(crate) fn add(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let refuse = |name: &'static str, said: &Said| {
        page(at, Some(asked), &Wrong::new(at, name, asked.form.get(name), said))
    };
    let code = match field::short_code(asked.form.get("code")) {
        Ok(code) => code,
        Err(seen) => return refuse("code", &Said::new("ward-code").with("seen", seen)),
    };
    let name = match field::name(asked.form.get("name")) {
        Ok(name) => name,
        Err(said) => return refuse("name", &said),
    };
    let branch = match windows::chosen(at, asked)? {
        Ok(branch) => branch,
        Err(said) => return refuse("branch", &said),
    };
    let number = |name: &str| field::plain(asked.form.get(name)).parse::<u32>().ok();
    let run = number("from").zip(number("to")).filter(|(from, to)| from <= to && to - from < BEDS_AT_ONCE);
    let Some((from, to)) = run else {
        return refuse("to", &Said::new("ward-beds").with("most", BEDS_AT_ONCE));
    };
    let kind: String = asked.form.get("kind").chars().take(20).collect();
    let known = at.papers.get::<Ward>(&code)?;
    let facts = Ward { name, branch };
    let mut ward = known.unwrap_or_else(|| Sheet::new(code.clone(), Use::Active, None, facts.clone()));
    ward.facts = facts;
    let mut changes: Vec<Change> = vec![ward.happened("set-up")];
    for number in from..=to {
        let number = format!("{number:02}");
        let key = Bed::key(&code, &number);
        if at.papers.get::<Bed>(&key)?.is_none() {
            let (ward, kind) = (code.clone(), kind.clone());
            let bed = Bed { ward, number, kind, stay: String::new(), note: String::new() };
            changes.push(Sheet::new(key, BedState::Free, None, bed).happened("set-up"));
        }
    }
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(Inpatient::Wards.to_string()))
}
