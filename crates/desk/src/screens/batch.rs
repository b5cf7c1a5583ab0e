//! IB-1, many at once: one item for the patients of a ward, on some days or on every day from now on. What would be posted is
//! shown before it is.

use jiff::civil::Date;
use minijinja::{Value, context};
use money::{Money, Quantity};
use store::By;
use web::{Asked, Said, field};

use super::charge::Wrong;
use super::inpatients::{found, is_short, own_wards, strip};
use super::posting::{many, poster, sent};
use crate::bill::amount;
use crate::daily::{DAYS_BACK, Daily, DailyRun, Skip, charge, check};
use crate::desk::{At, Shown, Stop};
use crate::house::{Item, Use};
use crate::place::inpatient::Inpatient;
use crate::place::{Place, What};
use crate::posting::postings;
use crate::sheet::{PaperError, Sheet};
use crate::stay::{Stay, StayEvent, StayState};

/// Runs that are shown.
const RUNS: usize = 7;

/// What is typed: an item, how many a day, from when to when, whom.
struct Typed {
    code: String,
    item: Item,
    quantity: Quantity,
    days: Vec<Date>,
    stays: Vec<String>,
}

/// The ward's patients, to choose from.
pub(crate) fn show(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    page(at, asked.query.get("ward"), asked, None, &Wrong::default())
}

fn page(
    at: &At<'_>,
    ward: &str,
    asked: &Asked,
    planned: Option<(String, Vec<Value>)>,
    wrong: &Wrong,
) -> Result<Shown, Stop> {
    let (wards, choices) = own_wards(at)?;
    let ward = wards.iter().find(|known| known.key == ward).or(wards.first());
    let code = ward.map(|ward| ward.key.clone()).unwrap_or_default();
    let stays = here(at, &code)?;
    let house = at.desk.shelves.of(&at.papers)?;
    let name =
        |code: &str| house.items.get(code).map_or_else(|| code.to_owned(), |item| item.facts.name.clone());
    let rows: Vec<Value> = stays
        .iter()
        .map(|stay| {
            let daily = stay.facts.daily.iter();
            context! {
                key => stay.key, stay => strip(at, stay),
                chosen => !asked.post || asked.form.all("stay").any(|key| key == stay.key),
                daily => daily.map(|daily| context! { item => daily.item, name => name(&daily.item), quantity => many(&daily.quantity.to_string()) }).collect::<Vec<_>>(),
            }
        })
        .collect();
    let today = at.now.date().to_string();
    let typed = |name: &'static str, usual: &str| {
        let said = asked.form.get(name);
        if said.is_empty() { usual.to_owned() } else { said.to_owned() }
    };
    let runs: Vec<Sheet<DailyRun>> = at.papers.list(By::All, RUNS, 0)?;
    let facts = context! {
        wards => choices, ward => code, rows, count => stays.len(),
        form => context! {
            item => typed("item", ""), quantity => typed("quantity", "1"), from => typed("from", &today), to => typed("to", &today),
        },
        what => planned.as_ref().map(|(what, _)| what.clone()), planned => planned.map(|(_, rows)| rows), find => Place::Find(What::Item).to_string(),
        runs => runs.iter().map(|run| self::run(at, run, &name)).collect::<Vec<_>>(),
        here => Inpatient::Batch.to_string(), back => Inpatient::Postings.to_string(), csrf => at.session.facts.csrf,
        wrong => context! { field => wrong.field, why => wrong.why, typed => wrong.typed },
    };
    Ok(Shown::Page("desk/batch.html", facts))
}

fn run(at: &At<'_>, run: &Sheet<DailyRun>, name: &dyn Fn(&str) -> String) -> Value {
    let skipped = run.facts.skipped.iter();
    context! {
        day => run.key, posted => run.facts.posted,
        skipped => skipped.map(|(stay, item, why)| format!("{stay} {} · {}", name(item), at.word(why.key()))).collect::<Vec<_>>(),
    }
}

fn here(at: &At<'_>, ward: &str) -> Result<Vec<Sheet<Stay>>, Stop> {
    let mut stays = found(at, &format!("ward:{ward}"), "")?;
    stays.retain(|stay| stay.state == StayState::InHouse);
    Ok(stays)
}

fn read(at: &At<'_>, asked: &Asked) -> Result<Result<Typed, Wrong>, Stop> {
    let typed = field::plain(asked.form.get("item"));
    let wrong = |field: &'static str, typed: &str, said: &Said| Ok(Err(Wrong::new(at, field, typed, said)));
    let house = at.desk.shelves.of(&at.papers)?;
    let picked = house.items.get(asked.form.get("item_pick")).or_else(|| house.items.get(&typed));
    let picked = picked.filter(|item| item.state == Use::Active);
    let Some(item) = picked.or_else(|| house.items.find(&typed, 1).into_iter().next()) else {
        return wrong("item", &typed, &Said::new("item-unknown").with("seen", &typed));
    };
    let quantity = match field::quantity(asked.form.get("quantity"), item.facts.whole) {
        Ok(quantity) => quantity,
        Err(said) => return wrong("quantity", asked.form.get("quantity"), &said),
    };
    let mut bounds = [at.now.date(); 2];
    for (bound, name) in bounds.iter_mut().zip(["from", "to"]) {
        match field::past_day(asked.form.get(name), at.now.date()) {
            Ok(day) => *bound = day,
            Err(said) => return wrong(name, asked.form.get(name), &said),
        }
    }
    let [from, to] = bounds;
    if from > to || from < at.now.date().saturating_sub(jiff::Span::new().days(DAYS_BACK)) {
        return wrong("from", asked.form.get("from"), &Said::new("too-long-ago").with("days", DAYS_BACK));
    }
    let days = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to).collect();
    let stays = asked.form.all("stay").map(str::to_owned).collect();
    let (code, item) = (item.key.clone(), item.facts.clone());
    Ok(Ok(Typed { code, item, quantity, days, stays }))
}

/// Shows what would be posted, posts it, or begins or ends what is charged every day.
pub(crate) fn act(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let ward = asked.form.get("ward").to_owned();
    if asked.form.get("do") == "end-daily" {
        return daily(at, asked, &ward, None);
    }
    let typed = match read(at, asked)? {
        Ok(typed) => typed,
        Err(wrong) => return page(at, &ward, asked, None, &wrong),
    };
    match asked.form.get("do") {
        "daily" => daily(at, asked, &ward, Some(&typed)),
        "post" => post(at, &ward, &typed),
        _ => plan(at, asked, &ward, &typed),
    }
}

/// Days of a stay that are charged, and those that are not.
type Due = (Vec<Date>, Vec<(Date, Skip)>);

fn days_of(at: &At<'_>, stay: &Sheet<Stay>, typed: &Typed) -> Result<Due, Stop> {
    let lines = postings(&at.papers, &stay.key)?;
    let unmapped = !at.hospital.parameters.unmapped_code.is_empty();
    let (mut due, mut skipped) = (Vec::new(), Vec::new());
    if is_short(at, stay) {
        return Ok((due, typed.days.iter().map(|day| (*day, Skip::Arrears)).collect()));
    }
    for day in &typed.days {
        match check(stay, Some((&typed.code, &typed.item)), unmapped, *day, &lines) {
            Ok(_) => due.push(*day),
            Err(skip) => skipped.push((*day, skip)),
        }
    }
    Ok((due, skipped))
}

fn chosen(at: &At<'_>, ward: &str, typed: &Typed) -> Result<Vec<Sheet<Stay>>, Stop> {
    let mut stays = here(at, ward)?;
    stays.retain(|stay| typed.stays.contains(&stay.key));
    Ok(stays)
}

fn plan(at: &At<'_>, asked: &Asked, ward: &str, typed: &Typed) -> Result<Shown, Stop> {
    let mut rows = Vec::new();
    for stay in chosen(at, ward, typed)? {
        let (due, skipped) = days_of(at, &stay, typed)?;
        let all: Money = due.iter().map(|day| amount(typed.item.on(*day).price, typed.quantity)).sum();
        rows.push(context! {
            bed => stay.facts.bed, name => stay.private.patient.name, key => stay.key,
            days => due.len(), amount => all.to_string(),
            skipped => skipped.iter().map(|(day, skip)| format!("{day} {}", at.word(skip.key()))).collect::<Vec<_>>(),
        });
    }
    let what = format!("{} {} × {}", typed.code, typed.item.name, many(&typed.quantity.to_string()));
    page(at, ward, asked, Some((what, rows)), &Wrong::default())
}

/// Posts it, a patient after the other: whose stay somebody else writes meanwhile is read again.
fn post(at: &At<'_>, ward: &str, typed: &Typed) -> Result<Shown, Stop> {
    let poster = poster(at);
    for stay in chosen(at, ward, typed)? {
        let mut next = Some(stay.clone());
        while let Some(mut stay) = next.take() {
            let (due, _) = days_of(at, &stay, typed)?;
            let changes =
                charge(&mut stay, (&typed.code, &typed.item), typed.quantity, &due, (&poster, at.now));
            match at.papers.put(&changes, &at.act()) {
                Ok(()) => {}
                Err(PaperError::Stale { .. }) => next = at.papers.get::<Stay>(&stay.key)?,
                Err(error) => return Err(error.into()),
            }
        }
        sent(at, &stay.key)?;
    }
    Ok(Shown::Go(format!("{}?ward={ward}", Inpatient::Batch)))
}

/// From now on the item is charged every day; or, without one, an item is not any more.
fn daily(at: &At<'_>, asked: &Asked, ward: &str, typed: Option<&Typed>) -> Result<Shown, Stop> {
    let ended = asked.form.get("daily").split_once('/');
    for mut stay in here(at, ward)? {
        let before = stay.facts.daily.clone();
        if let Some(typed) = typed.filter(|typed| typed.stays.contains(&stay.key)) {
            stay.facts.daily.retain(|daily| daily.item != typed.code);
            let (item, from) = (typed.code.clone(), at.now.date());
            stay.facts.daily.push(Daily { item, quantity: typed.quantity, from });
        } else if let Some((_, item)) = ended.filter(|(key, _)| typed.is_none() && *key == stay.key) {
            stay.facts.daily.retain(|daily| daily.item != item);
        }
        if stay.facts.daily != before {
            at.papers.put(&[stay.happened(StayEvent::Post.word())], &at.act())?;
        }
    }
    Ok(Shown::Go(format!("{}?ward={ward}", Inpatient::Batch)))
}
