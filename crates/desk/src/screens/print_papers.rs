//! Papers about a stay that are no receipts: each a sheet with what it is about, and room to sign.

use minijinja::{Value, context};
use web::{Said, capitals, grouped};

use super::inpatients::{shown, stay, strip};
use crate::arrears::missing;
use crate::desk::{At, Shown, Stop};
use crate::sheet::Sheet;
use crate::stay::Stay;

/// A sheet: its title, its paragraphs, its figures, who signs.
struct Paper {
    title: &'static str,
    words: Vec<String>,
    figures: Vec<(&'static str, String)>,
    signs: Vec<&'static str>,
}

fn sheet(at: &At<'_>, stay: &Sheet<Stay>, paper: &Paper) -> Shown {
    let figure = |(key, value): &(&'static str, String)| context! { name => at.word(key), value };
    let facts = context! {
        tag => at.language().tag(), version => env!("CARGO_PKG_VERSION"), title => at.word(paper.title),
        hospital => format!("{} {}", at.hospital.name, at.hospital.branch).trim(), stay => strip(at, stay),
        words => paper.words, figures => paper.figures.iter().map(figure).collect::<Vec<Value>>(),
        signs => paper.signs.iter().map(|key| at.word(key)).collect::<Vec<_>>(),
        printed => shown(at.now), operator => at.operator.name,
    };
    Shown::Raw(at.desk.render(at.language(), "desk/stay-paper.html", facts))
}

/// 催款单: what is to be paid, in whole hundreds. That it was printed is a step of the stay.
pub(crate) fn dunning(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    let warning = money::Money::from_yuan(at.hospital.parameters.deposit_warning_yuan);
    let balance = stay.facts.balance(at.now);
    // Who has gone pays what he owes, and no more.
    let level = if stay.state.is_here() { warning } else { money::Money::ZERO };
    let add = if stay.state.is_here() { missing(balance, level) } else { (-balance).at_least_zero() };
    stay.facts.dunned = Some(at.now);
    at.papers.put(&[stay.happened("dunned")], &at.act())?;
    let amount = |money: money::Money| grouped(&money.to_string());
    let words = Said::new("dunning-words").with("name", &stay.private.patient.name);
    let words = words.with("balance", amount(balance)).with("add", amount(add));
    let facts = &stay.facts;
    let figures = vec![
        ("deposited", amount(facts.deposited)),
        ("charged", amount(facts.charged)),
        ("settled-so-far", amount(facts.settled)),
        ("expected", amount(facts.expected(at.now))),
        ("stay-balance", amount(balance)),
        ("to-be-paid", format!("{} {}", amount(add), capitals(add))),
    ];
    let signs = vec!["sign-patient", "sign-ward"];
    let paper = Paper { title: "dunning-title", words: vec![at.say(&words)], figures, signs };
    Ok(sheet(at, &stay, &paper))
}
