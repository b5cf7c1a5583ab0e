//! The catalogue: which version the centre has and which the desk, what the last one changed, and which of the hospital's items
//! that touches.

use minijinja::{Value, context};
use web::{Asked, Said};
use wire::asking::{AskList, CatalogueList, DownloadFile, ListHeard, catalogue_rows, file_text};

use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::house::Use;
use crate::lists::House;
use crate::national::{CatalogueChange, CatalogueKept, WhatChanged, fetched};
use crate::place::{Office, Place};
use crate::screens::person::{ask, centre_says};
use crate::speak::No;

const COLUMNS: [Column; 5] = [
    ("national-code", "code", Kind::Text),
    ("national-name", "name", Kind::Text),
    ("catalogue-change", "what", Kind::Text),
    ("price-from", "from", Kind::Text),
    ("items-touched", "touched", Kind::Text),
];

/// The lists, here and at the centre.
pub(crate) fn show(at: &At<'_>, asked: &Asked, why: &str) -> Result<Shown, Stop> {
    let mut lists = Vec::new();
    let mut changes = Vec::new();
    let (mut why, mut old) = (why.to_owned(), None);
    for list in CatalogueList::ALL {
        let kept = at.papers.get::<CatalogueKept>(list.kind())?;
        let since = kept.as_ref().map(|kept| kept.facts.version.clone()).unwrap_or_default();
        let there = ask(at, &AskList { list, since: since.clone() }, ListHeard::hear);
        if let Err(no) = &there {
            why = at.say(&centre_says(no));
        }
        let there = there.ok();
        let newer = there.as_ref().is_some_and(|there| there.version() != since);
        if newer && !since.is_empty() {
            old = there.as_ref().map(|there| (since.clone(), there.version().to_owned()));
        }
        lists.push(context! {
            name => list_name(at, list), here => since, newer,
            there => there.as_ref().map(|there| there.version().to_owned()),
            more => there.as_ref().and_then(|there| there.count),
            rows => kept.as_ref().map(|kept| kept.facts.rows),
            at => kept.as_ref().map(|kept| kept.facts.at.strftime("%Y-%m-%d %H:%M").to_string()),
            by => kept.as_ref().map(|kept| kept.facts.by.clone()),
        });
        changes.extend(kept.map(|kept| kept.facts.changed).unwrap_or_default());
    }
    let house = at.desk.shelves.of(&at.papers)?;
    let rows: Vec<Value> = changes.iter().map(|change| line(at, change, &house)).collect();
    if let Some(file) = export::wanted(at, asked, "catalogue-changes", &COLUMNS, &rows) {
        return file;
    }
    let touched =
        rows.iter().filter(|row| row.get_attr("touches").is_ok_and(|touches| touches.is_true())).count();
    let old = old.map(|(here, there)| at.say(&Said::new("h802").with("here", here).with("there", there)));
    let facts = context! {
        lists, rows, touched, why, old, csrf => at.session.facts.csrf,
        here => Office::Catalogue.to_string(), mapping => Office::Mapping.to_string(),
    };
    Ok(Shown::Page("desk/catalogue.html", facts))
}

fn list_name(at: &At<'_>, list: CatalogueList) -> String {
    at.word(match list {
        CatalogueList::Drugs => "list-drugs",
        CatalogueList::Herbs => "list-herbs",
        CatalogueList::Preparations => "list-preparations",
        CatalogueList::Services => "list-services",
        CatalogueList::Materials => "list-materials",
    })
}

fn line(at: &At<'_>, change: &CatalogueChange, house: &House) -> Value {
    let own = house.items.rows().filter(|item| item.state == Use::Active);
    let own = own.filter(|item| item.facts.mapped.as_deref() == Some(&change.code));
    let touched: Vec<String> = own.map(|item| format!("{} {}", item.key, item.facts.name)).collect();
    let what = match &change.what {
        WhatChanged::New => Said::new("change-new"),
        WhatChanged::Class(before, then) => {
            Said::new("change-class").with("before", class(at, before)).with("then", class(at, then))
        }
        WhatChanged::Share(before, then) => {
            let share =
                |share: &str| if share.is_empty() { at.word("by-rules") } else { format!("{share}%") };
            Said::new("change-share").with("before", share(before)).with("then", share(then))
        }
        WhatChanged::Stopped => Said::new("change-stopped"),
        WhatChanged::Words => Said::new("change-words"),
    };
    context! {
        code => change.code, name => change.name, what => at.say(&what),
        bad => change.what == WhatChanged::Stopped,
        from => change.from.map(|from| from.to_string()).unwrap_or_default(),
        touches => !touched.is_empty(), touched => touched.join("; "),
    }
}

fn class(at: &At<'_>, class: &str) -> String {
    at.word(match class {
        "A" => "class-A",
        "B" => "class-B",
        _ => "class-C",
    })
}

/// Fetches what is newer at the centre.
pub(crate) fn fetch(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    for list in CatalogueList::ALL {
        let kept = at.papers.get::<CatalogueKept>(list.kind())?;
        let since = kept.map(|kept| kept.facts.version).unwrap_or_default();
        match fetch_one(at, list, &since) {
            Ok(None) => {}
            Ok(Some((version, rows))) => {
                let by = (at.now, at.login());
                let changes = fetched(&at.papers, list.kind(), &version, rows, by)?;
                at.papers.put(&changes, &at.act())?;
            }
            Err(no) => return show(at, asked, &at.say(&centre_says(&no))),
        }
    }
    Ok(Shown::Go(Place::Office(Office::Catalogue).to_string()))
}

/// The rows of a list behind a version, with the newest; none where there is nothing newer.
fn fetch_one(
    at: &At<'_>,
    list: CatalogueList,
    since: &str,
) -> Result<Option<(String, Vec<wire::asking::CatalogueRow>)>, No> {
    let there = ask(at, &AskList { list, since: since.to_owned() }, ListHeard::hear)?;
    if there.version() == since && !since.is_empty() {
        return Ok(None);
    }
    let version = there.version().to_owned();
    let file = DownloadFile { number: there.file, name: there.name };
    let rows = ask(at, &file, |answer| catalogue_rows(&file_text(answer)?))?;
    Ok(Some((version, rows)))
}
