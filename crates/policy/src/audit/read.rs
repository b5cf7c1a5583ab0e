//! Reads rules from TOML.

use std::collections::HashSet;

use super::{AuditRule, AuditRules, Check, Pattern, Per, Severity};
use crate::document::{Problems, Section, Source};
use money::Quantity;

/// What a rule may look for.
const CHECKS: [(&str, Kind); 9] = [
    ("duplicate", Kind::Duplicate),
    ("frequency", Kind::Frequency),
    ("patient", Kind::Patient),
    ("diagnosis", Kind::Diagnosis),
    ("supply", Kind::Supply),
    ("excess", Kind::Excess),
    ("overlap", Kind::Overlap),
    ("readmission", Kind::Readmission),
    ("sold before", Kind::SoldBefore),
];

#[derive(Clone, Copy)]
enum Kind {
    Duplicate,
    Frequency,
    Patient,
    Diagnosis,
    Supply,
    Excess,
    Overlap,
    Readmission,
    SoldBefore,
}

impl AuditRules {
    /// Reads files of rules: name and text.
    pub fn parse(files: &[(String, String)]) -> Result<Self, Problems> {
        let (mut rules, mut problems, mut ids) = (Vec::new(), Vec::new(), HashSet::new());
        for (name, text) in files {
            match read_file(name, text, &mut ids) {
                Ok(read) => rules.extend(read),
                Err(Problems(found)) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Self(rules)) } else { Err(Problems(problems)) }
    }
}

fn read_file(name: &str, text: &str, ids: &mut HashSet<String>) -> Result<Vec<AuditRule>, Problems> {
    let source = Source::parse(name, text)?;
    let root = source.root();
    let mut rules = Vec::new();
    for section in root.rows("rule") {
        let rule = read_rule(&section);
        if let Some(rule) = &rule
            && !ids.insert(rule.id.clone())
        {
            section.report(&format!("the name `{}` a second time", rule.id), "a name of its own");
        }
        section.done();
        rules.push(rule);
    }
    root.done();
    drop(root);
    source.finish(rules.into_iter().collect())
}

fn read_rule(section: &Section<'_>) -> Option<AuditRule> {
    let text = |key: &str| section.need(key)?.text().map(str::to_owned);
    let words = |key: &str| section.get(key).map(|place| place.plain_words()).unwrap_or_default();
    let (id, zh, en, basis) = (text("id"), text("name"), text("english"), text("basis"));
    let version = section.need("version").and_then(|place| place.count());
    let severity = section.need_choice(
        "severity",
        &[("clear", Severity::Clear), ("likely", Severity::Likely), ("possible", Severity::Possible)],
    );
    let (from, to) = (section.get("from"), section.get("to"));
    let (from, to) = (from.map(|place| place.date()), to.map(|place| place.date()));
    let kind = section.need_choice("check", &CHECKS);
    let check = kind.and_then(|kind| read_check(kind, section));
    let kinds = section.get("kinds").map(|place| place.words("a kind of item")).unwrap_or_default();
    let visits = section.get("visits").map(|place| place.words("a kind of visit")).unwrap_or_default();
    let items = words("items").into_iter().map(Pattern).collect();
    let alike = section.choice("counts", &[("each item", false), ("all together", true)]).unwrap_or(false);
    Some(AuditRule {
        id: id?,
        name: [zh?, en?],
        version: version?,
        basis: basis?,
        severity: severity?,
        check: check?,
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
        visits,
        kinds,
        items,
        alike,
    })
}

fn read_check(kind: Kind, section: &Section<'_>) -> Option<Check> {
    let days = || section.need("days").and_then(|place| place.count());
    let quantity =
        |key: &str| section.get(key).and_then(|place| place.parse::<Quantity>("a quantity in quotes"));
    Some(match kind {
        Kind::Duplicate => Check::Duplicate,
        Kind::Frequency => {
            let most = section.need("most").and_then(|place| place.parse("a quantity in quotes"));
            Check::Frequency { days: days()?, most: most? }
        }
        Kind::Patient => {
            let sex = section.get("sex").and_then(|place| place.parse("male, female"));
            let age = |key: &str| section.get(key).and_then(|place| place.count());
            let (from, to) = (age("age_from"), age("age_to"));
            if sex.is_none() && from.is_none() && to.is_none() {
                section.report("neither `sex` nor `age_from`", "one of them");
            }
            Check::Patient { sex, from: from.unwrap_or(0), to: to.unwrap_or(u16::MAX) }
        }
        Kind::Diagnosis => {
            let codes = section.need("diagnoses")?.plain_words();
            Check::Diagnosis(codes.into_iter().map(Pattern).collect())
        }
        Kind::Supply => Check::Supply { days: days()? },
        Kind::Excess => {
            let per =
                section.need_choice("per", &[("line", Per::Line), ("day", Per::Day), ("visit", Per::Visit)]);
            let (most, amount) = (quantity("most"), section.get("amount").and_then(|place| place.money()));
            if most.is_none() && amount.is_none() {
                section.report("neither `most` nor `amount`", "one of them");
            }
            Check::Excess { per: per?, most, amount }
        }
        Kind::Overlap => Check::Overlap,
        Kind::Readmission => Check::Readmission { days: days()? },
        Kind::SoldBefore => Check::SoldBefore,
    })
}
