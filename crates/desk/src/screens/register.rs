//! A list the administrator keeps: found by initials, a row typed in one line, many rows from a file, nothing ever deleted.

use minijinja::{Value, context};
use store::Change;
use web::{Asked, Fields, Said};

use super::charge::Wrong;
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::house::Use;
use crate::lists::lists_changed;
use crate::paging::Paging;
use crate::pasted::{self, Columns, Problem};
use crate::place::Place;
use crate::register::Register;
use crate::sheet::Sheet;

/// So many are found of what is typed.
const FOUND: usize = 200;
/// So many problems are shown.
const SHOWN: usize = 200;
/// Papers are written in so many at once.
const AT_ONCE: usize = 500;

/// The list; or, where one is asked for, the form for a list from a file.
pub(crate) fn show<F: Register>(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    if asked.query.has("file") {
        return from_file::<F>(at, None, &Found::default());
    }
    list::<F>(at, asked, &Wrong::default())
}

fn here<F: Register>() -> String {
    Place::House(F::PLACE).to_string()
}

fn list<F: Register>(at: &At<'_>, asked: &Asked, wrong: &Wrong) -> Result<Shown, Stop> {
    let house = at.desk.shelves.of(&at.papers)?;
    let typed = asked.query.get("q");
    let mut rows: Vec<&Sheet<F>> = F::shelf(&house).rows().collect();
    if !typed.is_empty() {
        let found = F::shelf(&house).find(typed, FOUND);
        let stopped = rows.iter().filter(|row| row.state == Use::Stopped && row.key == typed).copied();
        rows = found.into_iter().chain(stopped).collect();
    }
    if asked.query.has("as") {
        let all: Vec<Value> = rows.iter().map(|row| file_row(at, row)).collect();
        let columns: Vec<Column> =
            F::COLUMNS.iter().chain(&["state"]).map(|key| (*key, *key, Kind::Text)).collect();
        if let Some(file) =
            export::wanted(at, asked, F::PLACE.to_string().trim_start_matches('/'), &columns, &all)
        {
            return file;
        }
    }
    let paging = Paging::of(&asked.query, rows.len());
    let shown: Vec<Value> = rows[paging.rows.clone()].iter().map(|row| line(at, row)).collect();
    let edited = F::shelf(&house).get(asked.query.get("key"));
    let facts = context! {
        title => at.word(F::TITLE), rows => shown, q => typed, count => rows.len(),
        again => if typed.is_empty() { String::new() } else { Fields::of(&[("q", typed)]).written() },
        page => paging.page, pages => paging.pages, here => here::<F>(),
        headings => F::COLUMNS.iter().map(|key| at.word(key)).collect::<Vec<_>>(),
        fields => fields::<F>(at, asked, edited, wrong), edited => edited.map(|row| &row.key),
        csrf => at.session.facts.csrf,
    };
    Ok(Shown::Page("desk/register.html", facts))
}

fn state(at: &At<'_>, state: Use) -> String {
    at.word(if state == Use::Active { "item-active" } else { "item-stopped" })
}

fn line<F: Register>(at: &At<'_>, row: &Sheet<F>) -> Value {
    let active = row.state == Use::Active;
    let href = here::<F>() + &Fields::of(&[("key", &row.key)]).written();
    context! { key => row.key, href, cells => row.facts.cells(), active, state => state(at, row.state) }
}

/// A row of it as a file has it.
fn file_row<F: Register>(at: &At<'_>, row: &Sheet<F>) -> Value {
    let cells = std::iter::once(row.key.clone()).chain(row.facts.cells());
    let cells = F::COLUMNS.iter().map(|key| (*key).to_owned()).zip(cells);
    cells.chain([("state".to_owned(), state(at, row.state))]).collect()
}

/// The form's fields: as typed, as the row that is changed has them, or empty.
fn fields<F: Register>(at: &At<'_>, asked: &Asked, edited: Option<&Sheet<F>>, wrong: &Wrong) -> Vec<Value> {
    let stands = edited.map(|row| [vec![row.key.clone()], row.facts.cells()].concat()).unwrap_or_default();
    let field = |(n, key): (usize, &&'static str)| {
        let value = if asked.post { asked.form.get(key) } else { stands.get(n).map_or("", String::as_str) };
        let bad = wrong.field == *key;
        let focus = if wrong.field.is_empty() { n == usize::from(edited.is_some()) } else { bad };
        context! { name => *key, label => at.word(key), value, focus, why => if bad { wrong.why.as_str() } else { "" } }
    };
    F::COLUMNS.iter().enumerate().map(field).collect()
}

/// Keeps a row, stops one or lets it be used again; or takes a list from a file.
pub(crate) fn act<F: Register>(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    match asked.form.get("do") {
        "stop" => used::<F>(at, asked.form.get("key"), Use::Stopped),
        "go-on" => used::<F>(at, asked.form.get("key"), Use::Active),
        "check" | "apply" => take::<F>(at, asked),
        _ => keep::<F>(at, asked),
    }
}

fn used<F: Register>(at: &At<'_>, key: &str, state: Use) -> Result<Shown, Stop> {
    let mut row = at.papers.get::<F>(key)?.ok_or(Stop::Nothing)?;
    row.state = state;
    let event = if state == Use::Active { "go-on" } else { "stop" };
    at.papers.put(&[row.happened(event), lists_changed(&at.papers, |_| {})?], &at.act())?;
    Ok(Shown::Go(here::<F>()))
}

fn keep<F: Register>(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let cell = |n: usize| asked.form.get(F::COLUMNS[n]).trim().to_owned();
    let (key, facts) = match F::read(&cell) {
        Ok(row) => row,
        Err((column, said)) => {
            return list::<F>(at, asked, &Wrong::new(at, F::COLUMNS[column], &cell(column), &said));
        }
    };
    let known = at.papers.get::<F>(&key)?;
    let edits = asked.form.get("edited") == key;
    if known.is_some() && !edits {
        let said = Said::new("register-known").with("seen", &key);
        return list::<F>(at, asked, &Wrong::new(at, F::COLUMNS[0], &key, &said));
    }
    let change = plan(known.as_ref(), &key, facts);
    let more = usize::from(known.is_none());
    let mut changes = vec![lists_changed(&at.papers, |lists| *F::count(lists) += more)?];
    changes.extend(change);
    at.papers.put(&changes, &at.act())?;
    Ok(Shown::Go(here::<F>()))
}

/// What a row becomes; none where it is the same.
fn plan<F: Register>(known: Option<&Sheet<F>>, key: &str, facts: F) -> Option<Change> {
    match known {
        None => Some(Sheet::new(key, Use::Active, None, facts).happened("new")),
        Some(known) if known.facts == facts => None,
        Some(known) => Some(Sheet { facts, ..known.clone() }.happened("change")),
    }
}

/// What a list from a file came to.
#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    new: usize,
    changed: usize,
    same: usize,
}

fn from_file<F: Register>(at: &At<'_>, asked: Option<&Asked>, found: &Found) -> Result<Shown, Stop> {
    let told = found.problems.iter().take(SHOWN).map(|problem| {
        context! { line => problem.line, column => problem.column, what => at.say(&problem.said) }
    });
    let names: Vec<String> = F::COLUMNS.iter().map(|key| at.word(key)).collect();
    let facts = context! {
        title => at.word(F::TITLE), text => asked.map(|asked| asked.form.get("text")).unwrap_or_default(),
        help => at.say(&Said::new("register-help").with("columns", names.join(","))),
        problems => told.collect::<Vec<_>>(), wrong => found.problems.len(),
        checked => asked.is_some() && found.problems.is_empty(),
        new => found.new, changed => found.changed, same => found.same,
        csrf => at.session.facts.csrf, here => here::<F>(),
    };
    Ok(Shown::Page("desk/register-file.html", facts))
}

/// Tells what a list from a file would change; where that is wished and nothing is wrong, takes it over.
fn take<F: Register>(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let texts = at.desk.pages.texts();
    let told = F::COLUMNS.iter().map(|key| {
        [at.language(), at.language().other()].map(|language| texts.say(language, &Said::new(key)))
    });
    let told: Vec<[String; 2]> = told.collect();
    let names =
        told.iter().zip(F::COLUMNS).map(|([own, other], key)| vec![own.as_str(), other, key]).collect();
    let listed = match pasted::read(asked.form.get("text"), &Columns { names, needed: F::NEEDED }, F::read) {
        Ok(listed) => listed,
        Err(problems) => return from_file::<F>(at, Some(asked), &Found { problems, ..Found::default() }),
    };
    let house = at.desk.shelves.of(&at.papers)?;
    let (mut found, mut changes) = (Found::default(), Vec::<(bool, Change)>::new());
    for (key, facts) in listed.rows {
        let known = F::shelf(&house).get(&key);
        let change = plan(known, &key, facts);
        *match (known, &change) {
            (None, _) => &mut found.new,
            (Some(_), Some(_)) => &mut found.changed,
            (Some(_), None) => &mut found.same,
        } += 1;
        changes.extend(change.map(|change| (known.is_none(), change)));
    }
    if asked.form.get("do") == "check" {
        return from_file::<F>(at, Some(asked), &found);
    }
    // Each part says that the list has changed: what is taken over counts and is found, whatever becomes of the next.
    for some in changes.chunks(AT_ONCE) {
        let more = some.iter().filter(|(is_new, _)| *is_new).count();
        let mut part = vec![lists_changed(&at.papers, |lists| *F::count(lists) += more)?];
        part.extend(some.iter().map(|(_, change)| change.clone()));
        at.papers.put(&part, &at.act())?;
    }
    Ok(Shown::Go(here::<F>()))
}
