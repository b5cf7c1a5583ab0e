//! The price list: what the hospital charges, one item with all its prices, new ones, and what is stopped.

use jiff::civil::Date;
use minijinja::{Value, context};
use store::By;
use web::{Asked, Fields, Said, field};

use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::house::{Item, Named, StoppedItem, Use};
use crate::lists::House;
use crate::lists::lists_changed;
use crate::paging::{Paging, ROWS};
use crate::place::{Office, Place};
use crate::price_change::{PriceChange, PriceChangeState, PriceRow, item_tag};
use crate::price_list;
use crate::screens::charge::{category_name, four_places};
use crate::sheet::Sheet;

/// So many are found by what is typed.
const FOUND: usize = 200;

/// The columns of the list as a file: those that are read again.
const COLUMNS: [Column; 15] = [
    ("item-code", "code", Kind::Text),
    ("item-name", "name", Kind::Text),
    ("specification", "specification", Kind::Text),
    ("unit", "unit", Kind::Text),
    ("price", "price", Kind::Count),
    ("item-category", "category", Kind::Text),
    ("executing-code", "executing_code", Kind::Text),
    ("executing", "executing", Kind::Text),
    ("item-aliases", "aliases", Kind::Text),
    ("national-code", "mapped", Kind::Text),
    ("item-drug", "drug", Kind::Text),
    ("item-whole", "whole", Kind::Text),
    ("item-traced", "traced", Kind::Text),
    ("class", "class", Kind::Text),
    ("state", "state", Kind::Text),
];

/// The list, or what of it is looked for.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let typed = asked.query.get("q");
    let house = at.desk.shelves.of(&at.papers)?;
    let found = found(&house, typed);
    let today = at.now.date();
    if asked.query.has("as") {
        let rows: Vec<Value> = found.iter().map(|item| line(at, item, today)).collect();
        if let Some(file) = export::wanted(at, asked, "prices", &COLUMNS, &rows) {
            return file;
        }
    }
    let paging = Paging::of(&asked.query, found.len());
    let shown = found[paging.rows.clone()].iter();
    let facts = context! {
        rows => shown.map(|item| line(at, item, today)).collect::<Vec<_>>(),
        count => found.len(), page => paging.page, pages => paging.pages, q => typed,
        again => Fields::of(&[("q", typed)]).written(),
        here => Office::Prices.to_string(), new => Office::NewItem.to_string(),
        import => Office::Import.to_string(), sheets => Office::PriceChanges.to_string(),
    };
    Ok(Shown::Page("desk/prices.html", facts))
}

/// What is typed, stopped or not: a code, initials, a name. Nothing typed: all, by their codes.
fn found<'h>(house: &'h House, typed: &str) -> Vec<&'h Sheet<Item>> {
    if typed.is_empty() {
        return house.items.rows().collect();
    }
    let exact = house.items.get(typed).into_iter().filter(|item| item.state == Use::Stopped);
    exact.chain(house.items.find(typed, FOUND)).collect()
}

/// A row of the list, as a page and a file have it.
fn line(at: &At<'_>, item: &Sheet<Item>, today: Date) -> Value {
    let facts = &item.facts;
    let yes = |yes: bool| if yes { at.word("yes") } else { String::new() };
    context! {
        href => Office::Item(item.key.clone()).to_string(), code => item.key, name => facts.name,
        specification => facts.specification, unit => facts.unit,
        price => four_places(&facts.price_on(today).to_string()),
        category => format!("{} {}", facts.category, at.say(&category_name(&facts.category))),
        executing_code => facts.executing.code, executing => facts.executing.name,
        aliases => facts.aliases.join(";"), mapped => facts.mapped.clone().unwrap_or_default(),
        drug => yes(facts.drug), whole => yes(facts.whole), traced => yes(facts.traced), class => facts.class,
        active => item.state == Use::Active,
        state => at.word(if item.state == Use::Active { "item-active" } else { "item-stopped" }),
    }
}

/// An item with all its prices, and what happened to it.
pub(crate) fn show(at: &At<'_>, code: &str, why: &str) -> Result<Shown, Stop> {
    let item = at.papers.get::<Item>(code)?.ok_or(Stop::Nothing)?;
    let facts = &item.facts;
    let sheets: Vec<Sheet<PriceChange>> = at.papers.list(By::Tag(&item_tag(code)), ROWS, 0)?;
    let prices: Vec<Value> = std::iter::once((String::new(), facts.price))
        .chain(facts.prices.iter().map(|dated| (dated.from.to_string(), dated.price)))
        .map(|(from, price)| context! { from, price => four_places(&price.to_string()) })
        .collect();
    let events = at.papers.events::<Item>(code)?;
    let page = context! {
        item => line(at, &item, at.now.date()), why, prices, csrf => at.session.facts.csrf,
        sheets => sheets.iter().map(|sheet| sheet_line(at, sheet)).collect::<Vec<_>>(),
        stopped => facts.stopped.as_ref().map(|stopped| context! {
            by => stopped.by, at => stopped.at.strftime("%Y-%m-%d %H:%M").to_string(), why => stopped.why,
            instead => stopped.instead,
        }),
        events => events.iter().rev().take(ROWS).map(|event| context! {
            at => event.at.strftime("%Y-%m-%d %H:%M:%S").to_string(), who => event.operator,
            what => at.say(&event_name(&event.event)),
        }).collect::<Vec<_>>(),
        tomorrow => at.now.date().tomorrow().unwrap_or(at.now.date()).to_string(),
        categories => categories(at), category => facts.category,
        here => Office::Item(code.to_owned()).to_string(), back => Office::Prices.to_string(),
        mapping => Office::Map(code.to_owned()).to_string(),
    };
    Ok(Shown::Page("desk/price.html", page))
}

fn event_name(event: &str) -> Said {
    Said::new(match event {
        "found" => "event-found",
        "new" => "event-new-item",
        "change" => "event-change-item",
        "price" => "event-price",
        "stop" => "event-stop",
        "go-on" => "event-go-on",
        "map" => "event-map",
        "unmap" => "event-unmap",
        _ => "event-other",
    })
}

/// The kinds of charge, as a choice.
fn categories(at: &At<'_>) -> Vec<Value> {
    let all = (1..=14).map(|n| format!("{n:02}"));
    all.map(|code| context! { name => format!("{code} {}", at.say(&category_name(&code))), code }).collect()
}

/// A change sheet in a list.
pub(super) fn sheet_line(at: &At<'_>, sheet: &Sheet<PriceChange>) -> Value {
    let facts = &sheet.facts;
    context! {
        href => Office::PriceChange(sheet.key.clone()).to_string(), key => sheet.key,
        from => facts.from.to_string(), rows => facts.rows.len(), why => facts.why, by => facts.by,
        at => facts.at.strftime("%Y-%m-%d %H:%M").to_string(), approver => facts.approver,
        decided => facts.decided.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default(),
        state => at.word(sheet.state.key()), tone => sheet.state.tone(),
    }
}

/// Something about an item is done.
pub(crate) fn act(at: &At<'_>, asked: &Asked, code: &str) -> Result<Shown, Stop> {
    let item = at.papers.get::<Item>(code)?.ok_or(Stop::Nothing)?;
    let done = match asked.form.get("do") {
        "price" => return price(at, asked, &item),
        "stop" => stop(at, asked, item)?,
        "go-on" => go_on(at, item)?,
        _ => change(at, asked, item)?,
    };
    match done {
        Ok(()) => Ok(Shown::Go(Place::Office(Office::Item(code.to_owned())).to_string())),
        Err(said) => show(at, code, &at.say(&said)),
    }
}

/// Another price, from a day to come on: a sheet that somebody else approves.
fn price(at: &At<'_>, asked: &Asked, item: &Sheet<Item>) -> Result<Shown, Stop> {
    let refuse = |said: &Said| show(at, &item.key, &at.say(said));
    let from = match from_day(asked.form.get("from"), at.now.date()) {
        Ok(from) => from,
        Err(said) => return refuse(&said),
    };
    let after = match price_list::price(asked.form.get("price")) {
        Ok(after) => after,
        Err(said) => return refuse(&said),
    };
    let why: String = asked.form.get("why").chars().take(100).collect();
    if why.is_empty() {
        return refuse(&Said::new("price-why"));
    }
    let Some(row) = PriceRow::of(item, from, after) else { return refuse(&Said::new("price-same")) };
    let sheet = propose(at, from, &why, vec![row]);
    let key = sheet.key.clone();
    at.papers.put(&[sheet.happened("propose")], &at.act())?;
    Ok(Shown::Go(Place::Office(Office::PriceChange(key)).to_string()))
}

/// A change sheet as it is drawn up.
pub(super) fn propose(at: &At<'_>, from: Date, why: &str, rows: Vec<PriceRow>) -> Sheet<PriceChange> {
    let facts = PriceChange {
        from,
        why: why.to_owned(),
        rows,
        by: at.login().to_owned(),
        at: at.now,
        approver: String::new(),
        decided: None,
    };
    Sheet::new(at.desk.key(), PriceChangeState::Proposed, Some(at.now.date()), facts)
}

/// The day a price holds from: none that has begun.
pub(super) fn from_day(typed: &str, today: Date) -> Result<Date, Said> {
    let from = field::day(typed, today)?;
    if from > today { Ok(from) } else { Err(Said::new("price-not-back").with("seen", from)) }
}

fn stop(at: &At<'_>, asked: &Asked, mut item: Sheet<Item>) -> Result<Result<(), Said>, Stop> {
    let why: String = asked.form.get("why").chars().take(100).collect();
    if why.is_empty() {
        return Ok(Err(Said::new("stop-why")));
    }
    let instead = field::plain(asked.form.get("instead"));
    if !instead.is_empty() {
        let other = at.papers.get::<Item>(&instead)?;
        if instead == item.key || other.is_none_or(|other| other.state != Use::Active) {
            return Ok(Err(Said::new("item-unknown").with("seen", instead)));
        }
    }
    item.state = Use::Stopped;
    item.facts.stopped = Some(StoppedItem { by: at.login().to_owned(), at: at.now, why, instead });
    at.papers.put(&[item.happened("stop"), lists_changed(&at.papers, |_| {})?], &at.act())?;
    Ok(Ok(()))
}

fn go_on(at: &At<'_>, mut item: Sheet<Item>) -> Result<Result<(), Said>, Stop> {
    item.state = Use::Active;
    item.facts.stopped = None;
    at.papers.put(&[item.happened("go-on"), lists_changed(&at.papers, |_| {})?], &at.act())?;
    Ok(Ok(()))
}

/// What of an item may change at once: all but its code and its price.
fn change(at: &At<'_>, asked: &Asked, mut item: Sheet<Item>) -> Result<Result<(), Said>, Stop> {
    let typed = match typed(asked) {
        Ok(typed) => typed,
        Err(said) => return Ok(Err(said)),
    };
    item.facts = renewed(&item.facts, typed);
    at.papers.put(&[item.happened("change"), lists_changed(&at.papers, |_| {})?], &at.act())?;
    Ok(Ok(()))
}

/// An item with another's words, and its own prices and mapping.
pub(super) fn renewed(known: &Item, typed: Item) -> Item {
    Item {
        price: known.price,
        prices: known.prices.clone(),
        mapped: known.mapped.clone(),
        // What is mapped needs no proposal; of the rest a list may propose anew.
        proposed: if known.mapped.is_some() || typed.proposed.is_empty() {
            known.proposed.clone()
        } else {
            typed.proposed.clone()
        },
        class: known.class.clone(),
        first_self_pay: known.first_self_pay.clone(),
        stopped: known.stopped.clone(),
        ..typed
    }
}

/// What a form says of an item, its price aside.
fn typed(asked: &Asked) -> Result<Item, Said> {
    let short = |name: &str, most: usize| price_list::short(asked.form.get(name), most);
    Ok(Item {
        name: field::name(asked.form.get("name"))?,
        aliases: price_list::aliases(asked.form.get("aliases"))?,
        specification: short("specification", 100)?,
        unit: short("unit", 20)?,
        price: money::UnitPrice::default(),
        category: price_list::category(asked.form.get("category"))?,
        executing: Named::of(short("executing_code", 20)?, short("executing", 30)?),
        mapped: None,
        proposed: String::new(),
        class: "C".into(),
        first_self_pay: String::new(),
        drug: asked.form.has("drug"),
        whole: asked.form.has("whole"),
        traced: asked.form.has("traced"),
        prices: Vec::new(),
        stopped: None,
    })
}

/// The page of a new item.
pub(crate) fn ask_new(at: &At<'_>, asked: Option<&Asked>, why: &str) -> Result<Shown, Stop> {
    let again = |name: &str| asked.map(|asked| asked.form.get(name).to_owned()).unwrap_or_default();
    let ticked = |name: &str| asked.is_some_and(|asked| asked.form.has(name));
    let facts = context! {
        why, csrf => at.session.facts.csrf, categories => categories(at),
        here => Office::NewItem.to_string(), back => Office::Prices.to_string(),
        item => context! {
            code => again("code"), name => again("name"), specification => again("specification"),
            unit => again("unit"), price => again("price"), aliases => again("aliases"),
            executing_code => again("executing_code"), executing => again("executing"),
            drug => ticked("drug"), whole => ticked("whole"), traced => ticked("traced"),
        },
        category => again("category"),
    };
    Ok(Shown::Page("desk/price-new.html", facts))
}

/// A new item: it costs what is typed from today on.
pub(crate) fn new(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let refuse = |said: &Said| ask_new(at, Some(asked), &at.say(said));
    let code = match price_list::code(asked.form.get("code")) {
        Ok(code) => code,
        Err(said) => return refuse(&said),
    };
    if at.papers.get::<Item>(&code)?.is_some() {
        return refuse(&Said::new("item-known").with("seen", code));
    }
    let facts = match typed(asked)
        .and_then(|item| Ok(Item { price: price_list::price(asked.form.get("price"))?, ..item }))
    {
        Ok(facts) => facts,
        Err(said) => return refuse(&said),
    };
    let item = Sheet::new(code.clone(), Use::Active, None, facts);
    at.papers
        .put(&[item.happened("new"), lists_changed(&at.papers, |lists| lists.items += 1)?], &at.act())?;
    Ok(Shown::Go(Place::Office(Office::Item(code)).to_string()))
}

/// What is told of a stopped item whose code is typed: who stopped it, when, and what is charged instead.
pub(crate) fn stopped_said(code: &str, item: &Item) -> Said {
    match &item.stopped {
        Some(stopped) => {
            let key = if stopped.instead.is_empty() { "h201-by" } else { "h201-instead" };
            let said = Said::new(key).with("seen", code).with("by", &stopped.by);
            let said = said.with("at", stopped.at.strftime("%Y-%m-%d")).with("why", &stopped.why);
            if stopped.instead.is_empty() { said } else { said.with("instead", &stopped.instead) }
        }
        None => Said::new("h201").with("seen", code),
    }
}
