//! One's own numbers: which comes next on each kind of receipt, and what becomes of paper that is spoilt.

use minijinja::{Value, context};
use web::{Asked, Said, field};

use super::bills::reason_words;
use super::charge::Wrong;
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::place::{House, Inpatient, Place};
use crate::segment::{Receipt, ReceiptKind, ReceiptState, receipt_key};
use crate::sheet::Sheet;
use crate::spoilt::{self, REASONS, SEVERAL, number_of};

/// What is spoilt as a file.
const COLUMNS: [Column; 5] = [
    ("time", "at", Kind::Text),
    ("segment-kind", "kind", Kind::Text),
    ("receipt", "number", Kind::Text),
    ("spoilt-instead", "instead", Kind::Text),
    ("reason", "why", Kind::Text),
];

/// The next numbers, and what whoever asks has spoilt since his last closing.
pub(crate) fn show(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let rows = rows(at)?;
    if let Some(file) = export::wanted(at, asked, "spoilt", &COLUMNS, &rows) {
        return file;
    }
    page(at, &asked.query, &rows, None, &Wrong::default())
}

fn rows(at: &At<'_>) -> Result<Vec<Value>, Stop> {
    let spoilt = spoilt::unclosed(&at.papers, at.login())?;
    Ok(spoilt.iter().filter_map(|receipt| row(at, receipt)).collect())
}

fn row(at: &At<'_>, receipt: &Sheet<Receipt>) -> Option<Value> {
    let spoilt = receipt.facts.spoilt.as_ref()?;
    Some(context! {
        at => spoilt.at.strftime("%Y-%m-%d %H:%M").to_string(), number => number_of(receipt),
        kind => kind_of(&receipt.key).map(|kind| at.word(kind.key())),
        instead => spoilt.instead, why => reason_words(at, &spoilt.why),
    })
}

fn kind_of(word: &str) -> Option<ReceiptKind> {
    let word = word.split('/').next()?;
    ReceiptKind::ALL.into_iter().find(|kind| kind.word() == word)
}

/// What was done: how many were spoilt, or which number a receipt has now and where it is printed.
enum Done {
    Ahead(usize),
    Again { number: String, print: Place },
}

fn page(
    at: &At<'_>,
    typed: &web::Fields,
    rows: &[Value],
    done: Option<&Done>,
    wrong: &Wrong,
) -> Result<Shown, Stop> {
    let next = spoilt::next(at)?;
    let first = next.first().map(|(kind, ..)| kind.word()).unwrap_or_default();
    let kind = if typed.get("kind").is_empty() { first } else { typed.get("kind") };
    let facts = context! {
        next => next.iter().map(|(kind, number, left)| context! { kind => at.word(kind.key()), number, left }).collect::<Vec<_>>(),
        kinds => ReceiptKind::ALL.map(|kind| context! { code => kind.word(), name => at.word(kind.key()) }),
        reasons => REASONS.map(|code| context! { code, name => at.word(code) }),
        kind, number => typed.get("number"), reason => typed.get("reason"),
        count => if wrong.field == SEVERAL { wrong.typed.as_str() } else { "" },
        done => done.map(|done| match done {
            Done::Ahead(count) => context! { words => at.say(&Said::new("spoilt-done").with("count", *count)), print => "" },
            Done::Again { number, print } => context! {
                words => at.say(&Said::new("spoilt-again").with("number", number)), print => print.to_string(),
            },
        }),
        rows, wrong => context! { field => wrong.field, why => wrong.why },
        here => Place::House(House::Numbers).to_string(), csrf => at.session.facts.csrf,
    };
    Ok(Shown::Page("desk/numbers.html", facts))
}

/// Spoils a number: one that nobody used, with all before it, or one whose receipt is printed again under the next.
pub(crate) fn act(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let again = |wrong: &Wrong| page(at, &asked.form, &rows(at)?, None, wrong);
    let number = field::plain(asked.form.get("number")).to_uppercase();
    let (Some(kind), Some(why)) = (
        kind_of(asked.form.get("kind")),
        REASONS.into_iter().find(|reason| *reason == asked.form.get("reason")),
    ) else {
        return again(&Wrong::new(at, "reason", "", &Said::new("void-reason")));
    };
    let receipt = at.papers.get::<Receipt>(&receipt_key(kind, &number))?;
    let done = match receipt.filter(|receipt| receipt.state != ReceiptState::Free) {
        Some(receipt) => spoilt::again(at, kind, receipt, why)?
            .map(|(number, paper)| Done::Again { number, print: printed_at(kind, paper) }),
        None => {
            let said = asked.form.get(SEVERAL).parse().unwrap_or(1);
            spoilt::ahead(at, kind, &number, said, why)?.map(Done::Ahead)
        }
    };
    match done {
        Ok(done) => page(at, &web::Fields::default(), &rows(at)?, Some(&done), &Wrong::default()),
        // Where it is asked how many are meant, their count is said again with F9.
        Err((name, count, said)) => again(&Wrong::new(at, name, &count, &said)),
    }
}

fn printed_at(kind: ReceiptKind, paper: String) -> Place {
    match kind {
        ReceiptKind::Outpatient => Place::Receipt(paper),
        ReceiptKind::Inpatient => Place::Inpatient(Inpatient::StayReceipt(paper)),
        ReceiptKind::Deposit => Place::Inpatient(Inpatient::DepositReceipt(paper)),
    }
}
