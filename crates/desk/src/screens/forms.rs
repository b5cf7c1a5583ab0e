//! Printed forms, field by field where the hospital has them; and where each stands, to change with the paper in sight.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use store::By;
use web::{Asked, Said};

use super::charge::Wrong;
use crate::desk::{At, Shown, Stop};
use crate::house::Use;
use crate::layout::{Layout, PAPERS, PrintForm, millimetres, tenths};
use crate::place::{House, Place};
use crate::sheet::Sheet;

/// All fields of a form are moved by so many millimetres at most.
const SHIFT: i32 = 20;

/// What a form says: texts by field, amounts by kind of charge, and who pays them.
#[derive(Default)]
pub(crate) struct Filled {
    pub(crate) texts: Vec<(&'static str, String)>,
    pub(crate) categories: Vec<(String, String)>,
    pub(crate) payers: Vec<(String, String)>,
}

/// A form on its paper.
pub(crate) fn print(at: &At<'_>, form: PrintForm, filled: &Filled) -> Result<Shown, Stop> {
    let layout = Layout::of(&at.papers, form)?;
    Ok(printed(at, form, &layout, filled))
}

fn printed(at: &At<'_>, form: PrintForm, layout: &Layout, filled: &Filled) -> Shown {
    let (paper, width, height) = layout.sheet();
    let text = |name: &str, text: &str| {
        let (x, y) = layout.place(name);
        context! { x => millimetres(x), y => millimetres(y), class => name, text }
    };
    let texts: Vec<Value> = filled.texts.iter().map(|(name, said)| text(name, said)).collect();
    let facts = context! {
        tag => at.language().tag(), version => env!("CARGO_PKG_VERSION"), title => at.word(form.key()),
        paper, width, height, rules => paper == PAPERS[0].0,
        texts, categories => categories(layout, &filled.categories), payers => payers(layout, &filled.payers),
    };
    Shown::Raw(at.desk.render(at.language(), "desk/receipt.html", facts))
}

/// Kinds of charge, six a column.
fn categories(layout: &Layout, rows: &[(String, String)]) -> Vec<Value> {
    let (x, y) = layout.place("categories");
    let row = |(n, (name, amount)): (i32, &(String, String))| {
        let (x, y) = (x + n / 6 * 700, y + n % 6 * 70);
        context! { x => millimetres(x), y => millimetres(y), right => millimetres(x + 580), name, amount }
    };
    (0..).zip(rows).map(row).collect()
}

fn payers(layout: &Layout, rows: &[(String, String)]) -> Vec<Value> {
    let (x, y) = layout.place("payers");
    let row = |(n, (name, amount)): (i32, &(String, String))| {
        context! { x => millimetres(x), y => millimetres(y + n * 60), right => millimetres(x + 690), name, amount }
    };
    (0..).zip(rows).map(row).collect()
}

/// All forms.
pub(crate) fn list(at: &At<'_>) -> Result<Shown, Stop> {
    let kept: Vec<Sheet<Layout>> = at.papers.list(By::All, 20, 0)?;
    let rows = PrintForm::ALL.map(|form| {
        let own = kept.iter().find(|layout| layout.key == form.word());
        let paper = own.map_or(PAPERS[0].0, |layout| layout.facts.sheet().0);
        context! {
            name => at.word(form.key()), href => Place::House(House::Form(form.word().into())).to_string(),
            paper => at.word(paper_key(paper)), own => own.is_some(),
        }
    });
    Ok(Shown::Page("desk/forms.html", context! { rows }))
}

const fn paper_key(paper: &str) -> &'static str {
    match paper.as_bytes() {
        b"a4" => "paper-a4",
        b"a5" => "paper-a5",
        b"80" => "paper-80",
        b"58" => "paper-58",
        _ => "paper-241",
    }
}

/// The name of a field of a form.
fn field_key(field: &str) -> &'static str {
    match field {
        "title" => "place-title",
        "number" => "receipt-number",
        "copy" => "place-copy",
        "hospital" => "place-hospital",
        "name" => "receipt-name",
        "kind" => "place-kind",
        "time" => "time",
        "days" => "place-days",
        "categories" => "closing-categories",
        "payers" => "closing-payers",
        "capitals" => "receipt-total",
        "total" => "total",
        "balance" => "receipt-balance",
        "paid" => "method",
        "note" => "notes",
        "cashier" => "receipt-cashier",
        _ => "place-voided",
    }
}

/// Where a form's fields stand.
pub(crate) fn show(at: &At<'_>, word: &str) -> Result<Shown, Stop> {
    let form = PrintForm::of(word).ok_or(Stop::Nothing)?;
    page(at, form, &Layout::of(&at.papers, form)?, &BTreeMap::new(), &Wrong::default())
}

fn page(
    at: &At<'_>,
    form: PrintForm,
    layout: &Layout,
    typed: &BTreeMap<String, String>,
    wrong: &Wrong,
) -> Result<Shown, Stop> {
    let said = |name: String, tenths: i32| typed.get(&name).cloned().unwrap_or_else(|| millimetres(tenths));
    let fields: Vec<Value> = form
        .fields()
        .map(|(name, ..)| {
            let (x, y) = layout.places.get(name).copied().unwrap_or_default();
            context! {
                name, label => at.word(field_key(name)),
                x => said(format!("x-{name}"), x), y => said(format!("y-{name}"), y),
                wrong => wrong.field == "place" && (wrong.typed == format!("x-{name}") || wrong.typed == format!("y-{name}")),
            }
        })
        .collect();
    let here = Place::House(House::Form(form.word().into())).to_string();
    let facts = context! {
        title => at.word(form.key()), fields, here, csrf => at.session.facts.csrf,
        papers => PAPERS.map(|(code, ..)| context! { code, name => at.word(paper_key(code)) }), paper => layout.paper,
        shift_x => said("shift-x".into(), layout.shift.0), shift_y => said("shift-y".into(), layout.shift.1),
        back => Place::House(House::Forms).to_string(), why => wrong.why, sample => format!("{here}?sample=1"),
    };
    Ok(Shown::Page("desk/form.html", facts))
}

/// The form with every field's name where it stands: a test page.
pub(crate) fn sample(at: &At<'_>, word: &str) -> Result<Shown, Stop> {
    let form = PrintForm::of(word).ok_or(Stop::Nothing)?;
    Ok(printed(at, form, &Layout::of(&at.papers, form)?, &filled(at, form)))
}

fn filled(at: &At<'_>, form: PrintForm) -> Filled {
    let is_list = |name: &str| ["categories", "payers"].contains(&name);
    let texts = form.fields().filter(|(name, ..)| !is_list(name));
    let texts = texts.map(|(name, ..)| match name {
        "title" => (name, at.word(form.key())),
        "hospital" => (name, at.hospital.name.clone()),
        name => (name, at.word(field_key(name))),
    });
    let has = |field: &str| form.fields().any(|(name, ..)| name == field);
    let rows = |field: &str, keys: &[&'static str]| -> Vec<(String, String)> {
        let keys = if has(field) { keys } else { &[] };
        keys.iter().map(|key| (at.word(key), "1234.50".to_owned())).collect()
    };
    Filled {
        texts: texts.collect(),
        categories: rows("categories", &["category-09", "category-03", "category-04"]),
        payers: rows("payers", &["fund-pooled", "split-account", "split-due"]),
    }
}

/// Shows what is typed on its paper, keeps it, or takes the usual places again.
pub(crate) fn act(at: &At<'_>, asked: &Asked, word: &str) -> Result<Shown, Stop> {
    let form = PrintForm::of(word).ok_or(Stop::Nothing)?;
    if asked.form.get("do") == "usual" {
        return keep(at, form, Layout::usual(form));
    }
    let (layout, typed, wrong) = read(at, asked, form)?;
    match (wrong, asked.form.get("do")) {
        (None, "look") => Ok(printed(at, form, &layout, &filled(at, form))),
        (None, _) => keep(at, form, layout),
        (Some(wrong), _) => page(at, form, &layout, &typed, &wrong),
    }
}

type Typed = (Layout, BTreeMap<String, String>, Option<Wrong>);

/// What is typed, as a layout; and what of it is no place on the paper.
fn read(at: &At<'_>, asked: &Asked, form: PrintForm) -> Result<Typed, Stop> {
    let mut layout = Layout::of(&at.papers, form)?;
    let (mut typed, mut wrong) = (BTreeMap::new(), None);
    if PAPERS.iter().any(|(word, ..)| *word == asked.form.get("paper")) {
        asked.form.get("paper").clone_into(&mut layout.paper);
    }
    let (_, width, height) = layout.sheet();
    let mut number = |name: &str, least: i32, most: i32, before: i32| {
        let text = asked.form.get(name);
        typed.insert(name.to_owned(), text.to_owned());
        let read = tenths(text).filter(|tenths| (least * 10..=most * 10).contains(tenths));
        if read.is_none() && wrong.is_none() {
            let said = Said::new("place-wrong").with("seen", text).with("least", least).with("most", most);
            wrong = Some(Wrong { field: "place", typed: name.to_owned(), why: at.say(&said) });
        }
        read.unwrap_or(before)
    };
    for (name, ..) in form.fields() {
        let (x, y) = layout.places.get(name).copied().unwrap_or_default();
        let place = (number(&format!("x-{name}"), 0, width, x), number(&format!("y-{name}"), 0, height, y));
        layout.places.insert(name.to_owned(), place);
    }
    layout.shift =
        (number("shift-x", -SHIFT, SHIFT, layout.shift.0), number("shift-y", -SHIFT, SHIFT, layout.shift.1));
    Ok((layout, typed, wrong))
}

fn keep(at: &At<'_>, form: PrintForm, layout: Layout) -> Result<Shown, Stop> {
    let version = at.papers.get::<Layout>(form.word())?.map_or(0, |known| known.version);
    let mut sheet = Sheet::new(form.word(), Use::Active, None, layout);
    sheet.version = version;
    at.papers.put(&[sheet.happened("change")], &at.act())?;
    Ok(Shown::Go(Place::House(House::Form(form.word().into())).to_string()))
}
