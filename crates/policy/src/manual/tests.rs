//! Holds the manual against what the readers ask for, and the schema against the shipped editions.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::document::{Asked, Source};
use crate::{Edition, Language, Track};

/// The folder of all cities.
fn cities() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

/// Every shipped edition: its file and text.
fn editions() -> Vec<(String, String)> {
    let mut editions = Vec::new();
    for city in fs::read_dir(cities()).unwrap() {
        for file in fs::read_dir(city.unwrap().path().join("editions")).unwrap() {
            let path = file.unwrap().path();
            editions.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
        }
    }
    editions
}

/// What readers ask for in all shipped editions, each kind of rules taken for all of them.
fn asked() -> Asked {
    let mut asked = Asked::new();
    for (name, text) in editions() {
        let source = Source::parse(&name, &text).unwrap();
        Edition::read(&source.root()).unwrap();
        asked.extend(source.asked.borrow().iter().map(|(table, key)| general(table, key)));
    }
    asked
}

/// `inpatient.deductible` is `<rules>.deductible`, `base.average_wage` is `base.<name>`.
fn general(table: &str, key: &str) -> (String, String) {
    let (first, rest) = table.split_once('.').map_or((table, ""), |(first, rest)| (first, rest));
    let is_rules = Track::ALL.iter().any(|track| track.key() == first);
    let below = |first: &str, rest: &str| {
        if rest.is_empty() { first.to_owned() } else { format!("{first}.{rest}") }
    };
    let of_row = !["", "edition"].contains(&table) && crate::situation::dimensions().any(|word| word == key);
    let key = if of_row { DIMENSIONS } else { key };
    match (first, is_rules) {
        (_, true) => (below("<rules>", rest), key.into()),
        ("base", _) if rest.is_empty() => ("base".into(), "<name>".into()),
        ("base", _) => ("base.<name>".into(), key.into()),
        _ => (table.into(), key.into()),
    }
}

/// Stands for all dimensions of a row.
const DIMENSIONS: &str = "<dimensions>";

/// Whether a path is told of as a key.
fn told_amount(path: &str, told: &Asked) -> bool {
    path.rsplit_once('.').is_some_and(|(table, key)| told.contains(&(table.into(), key.into())))
}

fn told() -> Asked {
    let mut told = Asked::new();
    for page in pages() {
        page.at.iter().for_each(|at| tell(at, page.keys, &mut told));
    }
    told
}

fn tell(at: &str, keys: &[Key], told: &mut Asked) {
    for key in keys {
        told.insert((at.into(), key.key.into()));
        let below = format!("{at}.{}", key.key);
        tell(&below, key.below(), told);
        if matches!(key.holds, Holds::Rules(_)) {
            told.insert((below, DIMENSIONS.into()));
        }
    }
}

#[test]
fn the_manual_tells_of_every_key_that_is_read_and_of_no_other() {
    let (asked, told) = (asked(), told());
    let list = |some: &mut dyn Iterator<Item = &(String, String)>| -> String {
        some.map(|(table, key)| ["  ", table, " ", key, "\n"].concat()).collect()
    };
    // Tables at the root are the pages themselves; an amount may be a table, which its kind tells of.
    let in_amount = ["times", "base", "to"];
    let missing = list(&mut asked.difference(&told).filter(|(table, key)| {
        !(table.is_empty() || in_amount.contains(&key.as_str()) && told_amount(table, &told))
    }));
    let made_up = list(&mut told.difference(&asked));
    assert!(missing.is_empty() && made_up.is_empty(), "missing:\n{missing}made up:\n{made_up}");
}

#[test]
fn every_table_at_the_root_has_its_page_and_every_dimension_its_key() {
    let read: BTreeSet<String> =
        asked().into_iter().filter(|(table, _)| table.is_empty()).map(|(_, key)| key).collect();
    let rules = || Track::ALL.iter().map(|track| track.key().to_owned());
    let of = |at: &str| -> Vec<String> {
        match at {
            RULES => rules().collect(),
            at => vec![at.to_owned()],
        }
    };
    let told: BTreeSet<String> =
        pages().flat_map(|page| page.at).filter(|at| !at.contains('.')).flat_map(|at| of(at)).collect();
    assert_eq!(read, told);
    let dimensions: BTreeSet<&str> = general::DIMENSIONS.keys.iter().map(|key| key.key).collect();
    assert_eq!(dimensions, crate::situation::dimensions().collect());
}

/// The text of a city's edition.
fn edition(city: &str, day: &str) -> String {
    fs::read_to_string(cities().join(city).join(format!("editions/{day}.toml"))).unwrap_or_default()
}

#[test]
fn every_page_is_written_in_both_languages_and_shows_a_table_that_is_read_as_written() {
    for language in [Language::Zh, Language::En] {
        let files = markdown(language, edition);
        assert_eq!(files.len(), pages().count() + 2);
        for (name, text) in &files {
            assert!(text.starts_with("# ") && text.ends_with('\n'), "{name}");
            for link in text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap()) {
                let known = [".md", ".en.md"].map(|ending| {
                    link.trim_end_matches(".en.md").trim_end_matches(".md").to_owned() + ending
                });
                let there = |file: &String| {
                    files.iter().any(|(name, _)| name == file) || file.starts_with("tutorial")
                };
                assert!(known.iter().any(there), "{name}: {link}");
            }
        }
        for page in pages().filter(|page| page.example != NO_EXAMPLE) {
            let (city, day, _) = page.example;
            let (_, text) = files.iter().find(|(name, _)| name.split('.').next() == Some(page.key)).unwrap();
            let shown =
                text.split("```toml\n").nth(1).unwrap_or_else(|| panic!("{} shows nothing", page.key));
            let shown = shown.split("\n```").next().unwrap();
            assert!(edition(city, day).contains(shown), "{}: {shown}", page.key);
            assert!(
                page.keys.iter().any(|key| shown.contains(key.key)) || page.key == "base",
                "{}",
                page.key
            );
        }
    }
}

#[test]
fn every_shipped_edition_is_what_the_schema_says_and_spoilt_ones_are_not() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let new = new_city("city", jiff::civil::date(2026, 1, 1)).swap_remove(0);
    for (name, text) in editions().into_iter().chain([new]) {
        assert_eq!(wrong(&schema, &json(&text)), Vec::<String>::new(), "{name}");
    }
    let good = edition("demo-city", "2026-01-01");
    for (from, to) in [
        ("unrated_as = 1", "unrated_as = 1\nsurprise = 1"),
        ("[entitlement]", "[entitled]"),
        ("per = \"year\"", "per = \"month\""),
        ("\"outpatient\", \"emergency\"", "\"outpatient\", \"night\""),
        ("is = \"92%\"", "is = 92"),
        ("{ level = 1, is = \"200\" }", "{ level = 4, is = \"200\" }"),
        ("{ level = 1, is = \"200\" }", "{ level = 1 }"),
        ("price = \"40\"", "price = \"forty\""),
        ("highest_and = \"1500\"", "highest = \"1500\""),
        ("from = 2026-01-01", "from = \"the first\""),
    ] {
        assert!(good.contains(from), "{from}");
        assert_ne!(wrong(&schema, &json(&good.replacen(from, to, 1))), Vec::<String>::new(), "{to}");
    }
}

/// An edition as TOML is told in JSON: days as text.
fn json(text: &str) -> Value {
    fn of(item: &toml_edit::Item) -> Value {
        if let Some(table) = item.as_table_like() {
            return table.iter().map(|(key, item)| (key.to_owned(), of(item))).collect();
        }
        if let Some(tables) = item.as_array_of_tables() {
            return tables.iter().map(|table| of(&toml_edit::Item::Table(table.clone()))).collect();
        }
        match item.as_value().unwrap() {
            toml_edit::Value::Array(all) => {
                all.iter().map(|v| of(&toml_edit::Item::Value(v.clone()))).collect()
            }
            toml_edit::Value::String(text) => text.value().as_str().into(),
            toml_edit::Value::Integer(number) => (*number.value()).into(),
            toml_edit::Value::Boolean(flag) => (*flag.value()).into(),
            toml_edit::Value::Datetime(day) => day.value().to_string().into(),
            other => panic!("no edition holds {other}"),
        }
    }
    of(text.parse::<toml_edit::DocumentMut>().unwrap().as_item())
}

fn wrong(schema: &Value, value: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    check(schema, schema, value, "", &mut wrong);
    wrong
}

/// Checks the words of JSON Schema that ours is written in.
fn check(root: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let fine = |schema: &Value, value: &Value| {
        let mut wrong = Vec::new();
        check(root, schema, value, at, &mut wrong);
        wrong.is_empty()
    };
    for (word, asks) in schema.as_object().unwrap() {
        let all = || asks.as_array().unwrap();
        let met = match word.as_str() {
            "$ref" => fine(root.pointer(asks.as_str().unwrap().trim_start_matches('#')).unwrap(), value),
            "type" => match asks.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "integer" => value.is_i64(),
                "boolean" => value.is_boolean(),
                other => panic!("{other}"),
            },
            "enum" => all().contains(value),
            "pattern" => value.as_str().is_none_or(|text| fits(asks.as_str().unwrap(), text)),
            "anyOf" => all().iter().any(|schema| fine(schema, value)),
            "required" => all().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
            "items" => {
                let rows = value.as_array().map_or(&[][..], Vec::as_slice);
                rows.iter()
                    .enumerate()
                    .for_each(|(n, row)| check(root, asks, row, &format!("{at}[{n}]"), wrong));
                true
            }
            "properties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    match (asks.get(key), &schema["additionalProperties"]) {
                        (Some(schema), _) => check(root, schema, value, &format!("{at}.{key}"), wrong),
                        (None, Value::Bool(false)) => wrong.push(format!("{at}.{key}: unknown")),
                        (None, others) => check(root, others, value, &format!("{at}.{key}"), wrong),
                    }
                }
                true
            }
            "$schema" | "$defs" | "title" | "description" | "additionalProperties" => true,
            other => panic!("the schema has the word {other}"),
        };
        if !met {
            wrong.push(format!("{at}: {value} is not {word} {asks}"));
        }
    }
}

/// Whether a text is of a pattern: `^`, letters or classes `[0-9.]` with `?`, `*` or `+`, `$`.
fn fits(pattern: &str, text: &str) -> bool {
    rest_fits(pattern.strip_prefix('^').unwrap(), text)
}

fn rest_fits(pattern: &str, text: &str) -> bool {
    if pattern == "$" {
        return text.is_empty();
    }
    let end = if pattern.starts_with('[') { pattern.find(']').unwrap() + 1 } else { 1 };
    let (atom, rest) = pattern.split_at(end);
    let one = |text: &str| text.chars().next().is_some_and(|c| holds(atom, c)).then(|| text[1..].to_owned());
    match rest.chars().next() {
        Some('?') => {
            rest_fits(&rest[1..], text) || one(text).is_some_and(|text| rest_fits(&rest[1..], &text))
        }
        Some('*') => rest_fits(&rest[1..], text) || one(text).is_some_and(|text| rest_fits(pattern, &text)),
        Some('+') => one(text).is_some_and(|text| rest_fits(&format!("{atom}*{}", &rest[1..]), &text)),
        _ => one(text).is_some_and(|text| rest_fits(rest, &text)),
    }
}

fn holds(atom: &str, c: char) -> bool {
    let Some(class) = atom.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return atom.starts_with(c);
    };
    let digits = class.starts_with("0-9");
    digits && c.is_ascii_digit() || class.trim_start_matches("0-9").contains(c)
}
