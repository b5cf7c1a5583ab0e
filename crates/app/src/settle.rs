//! Settles one bill from a file: no server, no database.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use policy::{Adjudication, CaseFile, Edition, Figure, Language};
use serde_json::{Map, Value, json};

use crate::receipt::{FIGURES, word};

/// Settles a file and prints the split and the steps.
pub fn settle(
    file: &Path,
    as_json: bool,
    language: Language,
    policies: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let case = CaseFile::parse(&file.display().to_string(), &text)?;
    let editions = crate::city::editions(policies)?;
    let edition =
        case.edition(&editions).context("no edition is in force for this bill 没有适用的政策版本")?;
    let settled = case.adjudicate(edition, &editions)?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&to_json(&case, edition, &settled))?);
    } else {
        print(&case, edition, &settled, language);
    }
    let failures = case.check(&editions);
    for failure in &failures {
        eprintln!("{failure}");
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The split and the steps of a settled case.
pub fn print(case: &CaseFile, edition: &Edition, settled: &Adjudication, language: Language) {
    println!("{}", case.title);
    println!("{} ({})", edition.head.order, edition.key());
    crate::receipt::lines(&settled.amounts, language).iter().for_each(|line| println!("  {line}"));
    println!("{}", if language == Language::Zh { "怎样算出来的" } else { "How it was reckoned" });
    for (n, step) in (1..).zip(settled.trail.render(edition, language)) {
        println!("  {n:>2}. {step}");
    }
}

fn to_json(case: &CaseFile, edition: &Edition, settled: &Adjudication) -> Value {
    let figures: Map<String, Value> = FIGURES
        .iter()
        .map(|named| (named.word.to_owned(), named.figure.of(&settled.amounts).to_string().into()))
        .collect();
    let steps: Vec<Value> = settled
        .trail
        .steps()
        .map(|step| {
            json!({
                "figure": word(step.figure),
                "adds": if step.figure == Figure::Note { Value::Null } else { step.result.amount().to_string().into() },
                "zh": step.render(edition, Language::Zh),
                "en": step.render(edition, Language::En),
            })
        })
        .collect();
    json!({"title": case.title, "edition": edition.key(), "figures": figures, "steps": steps})
}
