//! Branches and windows, as the administrator sets them up. What is set up holds from the next sign-in there.

use minijinja::{Value, context};
use store::By;
use web::{Asked, Fields, Said, field};

use super::charge::Wrong;
use crate::bed::Ward;
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::house::Use;
use crate::people::{Session, SessionState};
use crate::place::{House, Inpatient};
use crate::sheet::{ALL, Sheet};
use crate::window::{self, Branch, Window};

/// The columns of the list as a file.
const COLUMNS: [Column; 4] = [
    ("workstation", "name", Kind::Text),
    ("branch-code", "branch", Kind::Text),
    ("branch", "branch_name", Kind::Text),
    ("window-serves", "serves", Kind::Text),
];

/// All branches and all windows, and a form for one more of each.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    if asked.query.has("as") {
        let rows = rows(at, &windows(at)?, &branches(at)?);
        if let Some(file) = export::wanted(at, asked, "windows", &COLUMNS, &rows) {
            return file;
        }
    }
    page(at, &asked.query, &Wrong::default())
}

/// All branches there ever were, by their codes: papers of old days know them.
pub(crate) fn branches(at: &At<'_>) -> Result<Vec<Sheet<Branch>>, Stop> {
    let mut all: Vec<Sheet<Branch>> = at.papers.list(By::All, ALL, 0)?;
    all.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(all)
}

/// The main house and the branches, as a choice; nothing where there are no branches.
pub(crate) fn choices(at: &At<'_>) -> Result<Vec<Value>, Stop> {
    let mut branches = branches(at)?;
    branches.retain(|branch| branch.state == Use::Active);
    let house = context! { code => "", name => at.word("branch-main") };
    let some = branches.iter().map(
        |branch| context! { code => branch.key, name => format!("{} {}", branch.key, branch.facts.name) },
    );
    Ok(if branches.is_empty() { Vec::new() } else { std::iter::once(house).chain(some).collect() })
}

/// The branch that was chosen in a form; nothing: the main house. Or why it is none.
pub(crate) fn chosen(at: &At<'_>, asked: &Asked) -> Result<Result<String, Said>, Stop> {
    let code = asked.form.get("branch");
    let known =
        code.is_empty() || at.papers.get::<Branch>(code)?.is_some_and(|branch| branch.state == Use::Active);
    Ok(if known { Ok(code.to_owned()) } else { Err(Said::new("branch-unknown").with("seen", code)) })
}

/// What a branch is called now, by its code.
pub(crate) fn called(at: &At<'_>, branches: &[Sheet<Branch>], code: &str) -> String {
    let known = branches.iter().find(|branch| branch.key == code);
    match (code, known) {
        ("", _) => at.word("branch-main"),
        (_, Some(branch)) => branch.facts.name.clone(),
        (code, None) => code.to_owned(),
    }
}

fn windows(at: &At<'_>) -> Result<Vec<Sheet<Window>>, Stop> {
    let mut all = at.papers.in_state::<Window>(Use::Active)?;
    all.sort_by(|a, b| (&a.facts.branch, &a.key).cmp(&(&b.facts.branch, &b.key)));
    Ok(all)
}

/// How many windows and how many wards are in a branch.
fn stands(windows: &[Sheet<Window>], wards: &[Sheet<Ward>], code: &str) -> (usize, usize) {
    let windows = windows.iter().filter(|window| window.facts.branch == code).count();
    (windows, wards.iter().filter(|ward| ward.facts.branch == code).count())
}

fn rows(at: &At<'_>, windows: &[Sheet<Window>], branches: &[Sheet<Branch>]) -> Vec<Value> {
    let row = |window: &Sheet<Window>| {
        let Window { branch, insured_only } = &window.facts;
        context! {
            name => window.key, branch_name => called(at, branches, branch), branch, insured_only,
            serves => at.word(serves(*insured_only)),
        }
    };
    windows.iter().map(row).collect()
}

const fn serves(insured_only: bool) -> &'static str {
    if insured_only { "window-insured" } else { "window-everybody" }
}

/// Workstations somebody is signed in at and nobody has set up.
fn unknown(at: &At<'_>, known: &[Sheet<Window>]) -> Result<Vec<String>, Stop> {
    let sessions = at.papers.in_state::<Session>(SessionState::Open)?;
    let names = sessions.into_iter().map(|session| session.facts.workstation);
    let mut names: Vec<String> =
        names.filter(|name| !name.is_empty() && !known.iter().any(|window| window.key == *name)).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

fn page(at: &At<'_>, typed: &Fields, wrong: &Wrong) -> Result<Shown, Stop> {
    let (branches, windows, wards) = (branches(at)?, windows(at)?, Ward::all(&at.papers)?);
    let there = branches.iter().filter(|branch| branch.state == Use::Active);
    let houses = there.map(|branch| {
        let (windows, wards) = stands(&windows, &wards, &branch.key);
        context! { code => branch.key, name => branch.facts.name, windows, wards }
    });
    let facts = context! {
        branches => houses.collect::<Vec<_>>(), windows => rows(at, &windows, &branches), unknown => unknown(at, &windows)?, choices => choices(at)?,
        serves => [("", serves(false)), ("1", serves(true))].map(|(code, key)| context! { code, name => at.word(key) }),
        code => typed.get("code"), name => typed.get("name"), window => typed.get("window"), branch => typed.get("branch"),
        insured_only => typed.get("insured_only"), wrong => context! { field => wrong.field, why => wrong.why },
        here => House::Windows.to_string(), wards => Inpatient::Wards.to_string(), csrf => at.session.facts.csrf,
    };
    Ok(Shown::Page("desk/windows.html", facts))
}

/// Sets a branch or a window up, or takes one away.
pub(crate) fn act(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let done = match asked.form.get("do") {
        "branch" => keep_branch(at, asked)?,
        "window" => keep_window(at, asked)?,
        "stop-branch" => stop_branch(at, asked.form.get("key"))?,
        "stop-window" => stop_window(at, asked.form.get("key"))?,
        _ => return Err(Stop::Nothing),
    };
    match done {
        Ok(()) => Ok(Shown::Go(House::Windows.to_string())),
        Err((name, said)) => page(at, &asked.form, &Wrong::new(at, name, asked.form.get(name), &said)),
    }
}

type Done = Result<(), (&'static str, Said)>;

/// A new branch, or another name of one there is.
fn keep_branch(at: &At<'_>, asked: &Asked) -> Result<Done, Stop> {
    let code = match field::short_code(asked.form.get("code")) {
        Ok(code) => code,
        Err(seen) => return Ok(Err(("code", Said::new("branch-code-wrong").with("seen", seen)))),
    };
    let name = match field::name(asked.form.get("name")) {
        Ok(name) => name,
        Err(said) => return Ok(Err(("name", said))),
    };
    let (known, facts) = (at.papers.get::<Branch>(&code)?, Branch { name });
    let mut branch = known.unwrap_or_else(|| Sheet::new(code, Use::Active, None, facts.clone()));
    (branch.state, branch.facts) = (Use::Active, facts);
    at.papers.put(&[branch.happened("set-up")], &at.act())?;
    Ok(Ok(()))
}

/// A new window, or one there is in another way.
fn keep_window(at: &At<'_>, asked: &Asked) -> Result<Done, Stop> {
    let name = window::name(asked.form.get("window"));
    if name.is_empty() {
        return Ok(Err(("window", Said::new("window-name"))));
    }
    let branch = match chosen(at, asked)? {
        Ok(branch) => branch,
        Err(said) => return Ok(Err(("branch", said))),
    };
    let facts = Window { branch, insured_only: asked.form.get("insured_only") == "1" };
    let known = at.papers.get::<Window>(&name)?;
    let mut window = known.unwrap_or_else(|| Sheet::new(name, Use::Active, None, facts.clone()));
    (window.state, window.facts) = (Use::Active, facts);
    at.papers.put(&[window.happened("set-up")], &at.act())?;
    Ok(Ok(()))
}

/// A branch is closed where nothing stands in it any more; its papers stay its own.
fn stop_branch(at: &At<'_>, code: &str) -> Result<Done, Stop> {
    let mut branch = at.papers.get::<Branch>(code)?.ok_or(Stop::Nothing)?;
    let (windows, wards) = stands(&windows(at)?, &Ward::all(&at.papers)?, code);
    if windows + wards > 0 {
        let said = Said::new("branch-in-use").with("name", &branch.facts.name);
        return Ok(Err(("stop-branch", said.with("windows", windows).with("wards", wards))));
    }
    branch.state = Use::Stopped;
    at.papers.put(&[branch.happened("stop")], &at.act())?;
    Ok(Ok(()))
}

fn stop_window(at: &At<'_>, name: &str) -> Result<Done, Stop> {
    let mut window = at.papers.get::<Window>(name)?.ok_or(Stop::Nothing)?;
    window.state = Use::Stopped;
    at.papers.put(&[window.happened("stop")], &at.act())?;
    Ok(Ok(()))
}
