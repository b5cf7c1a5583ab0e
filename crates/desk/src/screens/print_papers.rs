//! Papers about a stay that are no receipts: each a sheet with what it is about, and room to sign.

use minijinja::{Value, context};
use web::{Said, capitals, grouped};

use super::admission::CARE_KINDS;
use super::discharge::WAYS;
use super::inpatients::{insurance_name, shown, stay, strip, told};
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
        hospital => at.house(at.branch()), stay => strip(at, stay),
        words => paper.words, figures => paper.figures.iter().map(figure).collect::<Vec<Value>>(),
        signs => paper.signs.iter().map(|key| at.word(key)).collect::<Vec<_>>(),
        printed => shown(at.now), operator => at.operator.name,
    };
    Shown::Raw(at.desk.render(at.language(), "desk/stay-paper.html", facts))
}

/// 催款单: what is to be paid, in whole hundreds. That it was printed is a step of the stay.
pub(crate) fn dunning(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    // Who has paid, or never came, is asked for nothing.
    if !stay.state.is_here() && !stay.state.is_unsettled() {
        return Err(Stop::Nothing);
    }
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

/// 入院登记表: what was written down at the admission.
pub(crate) fn admission(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    let (facts, private) = (&stay.facts, &stay.private);
    let care = CARE_KINDS.iter().find(|(code, _)| *code == facts.care_kind);
    let pays = if facts.insured { insurance_name(at, facts.insurance) } else { at.word("alone") };
    let figures = vec![
        ("insurance", pays),
        ("care-kind", care.map_or_else(|| facts.care_kind.clone(), |(_, key)| at.word(key))),
        ("admission-diagnosis", told(&private.patient.diagnoses)),
        ("complaint", private.complaint.clone()),
        ("contact", private.contact.clone()),
        ("telephone", private.telephone.clone()),
        ("visit-id", facts.visit.clone()),
        ("deposited", grouped(&facts.deposited.to_string())),
    ];
    let signs = vec!["sign-patient", "sign-clerk"];
    let paper = Paper { title: "admission-form-title", words: Vec::new(), figures, signs };
    Ok(sheet(at, &stay, &paper))
}

/// 出院证明: that somebody was here and has gone. Of who has not, there is none.
pub(crate) fn certificate(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    let Some(ended) = stay.facts.ended else { return Err(Stop::Nothing) };
    let (facts, private) = (&stay.facts, &stay.private);
    let words = Said::new("certificate-words").with("name", &private.patient.name);
    let words =
        words.with("from", facts.admitted.date()).with("to", ended.date()).with("days", facts.days(at.now));
    let way = WAYS.iter().find(|(code, _)| *code == facts.way_out);
    let figures = vec![
        ("admission-diagnosis", told(&private.patient.diagnoses)),
        ("main-diagnosis", told(&private.at_discharge)),
        ("way-out", way.map_or_else(String::new, |(_, key)| at.word(key))),
    ];
    let signs = vec!["sign-doctor", "sign-ward"];
    let paper = Paper { title: "certificate-title", words: vec![at.say(&words)], figures, signs };
    Ok(sheet(at, &stay, &paper))
}
