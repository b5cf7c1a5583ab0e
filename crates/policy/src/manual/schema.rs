//! A JSON Schema (draft 2020-12) of an edition as TOML is told in JSON, made from the pages: for editors that show what
//! may stand where while somebody writes. What rows must add up to it does not know; `tongqu policy check` does.

use std::fmt::Write;

use super::{Holds, Key, Page, RULES, WORDS, general, pages};
use crate::Track;

/// The schema of an edition.
pub fn schema() -> String {
    let mut text = String::new();
    root().write(0, &mut text);
    text.push('\n');
    text
}

/// A value of JSON.
enum Json {
    Text(String),
    Number(u8),
    Flag(bool),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn write(&self, depth: usize, to: &mut String) {
        match self {
            Self::Text(text) => quote(text, to),
            Self::Number(number) => to.push_str(&number.to_string()),
            Self::Flag(flag) => to.push_str(&flag.to_string()),
            Self::List(all) => {
                to.push('[');
                for (at, value) in all.iter().enumerate() {
                    to.push_str(if at == 0 { "" } else { ", " });
                    value.write(depth, to);
                }
                to.push(']');
            }
            Self::Object(all) if all.len() == 1 => {
                to.push('{');
                quote(&all[0].0, to);
                to.push_str(": ");
                all[0].1.write(depth, to);
                to.push('}');
            }
            Self::Object(all) => {
                to.push('{');
                for (at, (key, value)) in all.iter().enumerate() {
                    to.push_str(if at == 0 { "\n" } else { ",\n" });
                    to.push_str(&"  ".repeat(depth + 1));
                    quote(key, to);
                    to.push_str(": ");
                    value.write(depth + 1, to);
                }
                let _ = write!(to, "\n{}}}", "  ".repeat(depth));
            }
        }
    }
}

fn quote(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => to.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(to, "\\u{:04x}", u32::from(c));
            }
            c => to.push(c),
        }
    }
    to.push('"');
}

fn text(text: &str) -> Json {
    Json::Text(text.into())
}

fn texts(all: &[&str]) -> Json {
    Json::List(all.iter().copied().map(text).collect())
}

fn object<'k>(all: impl IntoIterator<Item = (&'k str, Json)>) -> Json {
    Json::Object(all.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn of_type(name: &str) -> Json {
    object([("type", text(name))])
}

fn refers(to: &str) -> Json {
    object([("$ref", text(&format!("#/$defs/{to}")))])
}

fn any_of(all: Vec<Json>) -> Json {
    object([("anyOf", Json::List(all))])
}

fn list_of(items: Json) -> Json {
    object([("type", text("array")), ("items", items)])
}

fn one_or_several(one: impl Fn() -> Json) -> Json {
    any_of(vec![one(), list_of(one())])
}

fn pattern(pattern: &str) -> Json {
    object([("type", text("string")), ("pattern", text(pattern))])
}

fn root() -> Json {
    let tables: Vec<&Page> = pages().filter(|page| page.at.iter().any(|at| !at.contains('.'))).collect();
    let needed: Vec<&str> = tables.iter().filter(|page| page.needed).map(|page| page.key).collect();
    let mut properties = Vec::new();
    for page in &tables {
        for at in page.at.iter().filter(|at| !at.contains('.')) {
            if *at == RULES {
                properties.extend(Track::ALL.iter().map(|track| (track.key(), refers("rules"))));
            } else {
                properties.push((at, table(page)));
            }
        }
    }
    object([
        ("$schema", text("https://json-schema.org/draft/2020-12/schema")),
        ("title", text("通衢政策版本 An edition of Tongqu")),
        ("type", text("object")),
        ("properties", object(properties)),
        ("required", texts(&needed)),
        ("additionalProperties", Json::Flag(false)),
        ("$defs", definitions()),
    ])
}

fn table(page: &Page) -> Json {
    let table = keys(page.keys, false);
    described(page.name, page.text, if page.many { list_of(table) } else { table })
}

/// A value with a title and a description before it.
fn described(title: (&str, &str), told: (&str, &str), value: Json) -> Json {
    let mut all = vec![("description".to_owned(), text(&format!("{} {}", told.0, told.1)))];
    if !title.0.is_empty() {
        all.insert(0, ("title".to_owned(), text(&format!("{} {}", title.0, title.1))));
    }
    if let Json::Object(value) = value {
        all.extend(value);
    }
    Json::Object(all)
}

/// An object of keys; with `dimensions` those of a row, too.
fn keys(keys: &[Key], dimensions: bool) -> Json {
    let (any, named): (Vec<&Key>, Vec<&Key>) = keys.iter().partition(|key| key.key.starts_with('<'));
    let mut properties: Vec<(&str, Json)> =
        named.iter().map(|key| (key.key, described(("", ""), key.text, value(&key.holds)))).collect();
    if dimensions {
        let all = general::DIMENSIONS.keys.iter().map(|key| key.key);
        properties.extend(all.map(|key| (key, refers(&format!("dimensions/properties/{key}")))));
    }
    let needed: Vec<&str> = named.iter().filter(|key| key.needed).map(|key| key.key).collect();
    let others = any.first().map_or(Json::Flag(false), |key| value(&key.holds));
    object([
        ("type", text("object")),
        ("properties", object(properties)),
        ("required", texts(&needed)),
        ("additionalProperties", others),
    ])
}

fn value(holds: &Holds) -> Json {
    match holds {
        Holds::Text => of_type("string"),
        Holds::Money => refers("money"),
        Holds::Amount => refers("amount"),
        Holds::Price => refers("price"),
        Holds::Rate | Holds::Factor => refers("rate"),
        Holds::Points => refers("points"),
        Holds::Count => refers("count"),
        Holds::Flag => of_type("boolean"),
        Holds::Date => refers("date"),
        Holds::Choice(words) => object([("enum", texts(words))]),
        Holds::Word(list) => refers(&format!("words/{list}")),
        Holds::Words(list) => one_or_several(|| refers(&format!("words/{list}"))),
        Holds::Names(_) | Holds::Codes => one_or_several(|| of_type("string")),
        Holds::Range => refers("range"),
        Holds::Rules(below) => list_of(keys(below, true)),
        Holds::Rows(below) => list_of(keys(below, false)),
        Holds::Table(below) => keys(below, false),
        Holds::OneOf(some) => any_of(some.iter().map(value).collect()),
    }
}

/// What is referred to: kinds of values, lists of words, dimensions, the table of rules.
fn definitions() -> Json {
    let rules = pages().find(|page| page.at.contains(&RULES)).map(table);
    let dimensions = general::DIMENSIONS.keys.iter();
    let dimensions = dimensions.map(|key| (key.key, described(("", ""), key.text, value(&key.holds))));
    let words = WORDS.iter().map(|(list, _, words)| {
        let mut all: Vec<Json> = words.iter().map(|(word, ..)| text(word)).collect();
        all.extend(words.iter().filter_map(|(word, ..)| word.parse().ok().map(Json::Number)));
        (*list, object([("enum", Json::List(all))]))
    });
    let multiple = object([
        ("type", text("object")),
        (
            "properties",
            object([("times", refers("rate")), ("base", of_type("string")), ("to", refers("money"))]),
        ),
        ("required", texts(&["times", "base"])),
        ("additionalProperties", Json::Flag(false)),
    ]);
    let mut all = vec![
        ("money", pattern("^[0-9]+[.]?[0-9]?[0-9]?$")),
        ("amount", any_of(vec![refers("money"), multiple])),
        ("price", pattern("^[0-9]+[.]?[0-9]*$")),
        ("rate", pattern("^[0-9]+[.]?[0-9]*%?$")),
        ("points", any_of(vec![of_type("integer"), pattern("^-?[0-9]+[.]?[0-9]*$")])),
        ("count", any_of(vec![of_type("integer"), pattern("^[0-9]+$")])),
        ("date", pattern("^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$")),
        (
            "range",
            any_of(vec![
                of_type("integer"),
                pattern("^[0-9]+[+]?$"),
                pattern("^[0-9-]*[.][.][0-9-]*$"),
                object([("enum", texts(&["unknown"]))]),
            ]),
        ),
        ("words", object(words)),
        ("dimensions", object([("properties", object(dimensions))])),
    ];
    all.extend(rules.map(|rules| ("rules", rules)));
    object(all)
}
