//! What differs between two editions, in words: which rule, for whom, from what to what.

use std::collections::BTreeMap;

use toml_edit::{Document, Item, TableLike, Value};

use super::{Holds, Key, Page, RULES, meaning, pages};
use crate::{Edition, Language, Problems};

/// Every difference of two editions, one a line, in the order of the newer; both must be well formed. The files are
/// named in problems.
pub fn differences(
    (old_file, old): (&str, &str),
    (new_file, new): (&str, &str),
    language: Language,
) -> Result<Vec<String>, Problems> {
    Edition::parse(old_file, old)?;
    Edition::parse(new_file, new)?;
    let read = |text: &str| text.parse::<Document<String>>().expect("an edition that was read is TOML");
    let (old, new) = (read(old), read(new));
    let mut writer = Writer { language, lines: Vec::new() };
    let keys = keys_of(new.as_table()).into_iter().chain(keys_of(old.as_table()));
    let mut seen = Vec::new();
    for key in keys {
        if !seen.contains(&key) {
            writer.root(&key, old.get(&key), new.get(&key));
            seen.push(key);
        }
    }
    Ok(writer.lines)
}

struct Writer {
    language: Language,
    lines: Vec<String>,
}

/// A row or a table as its keys and what stands behind each, in their own spelling.
type Row = BTreeMap<String, String>;

impl Writer {
    fn pick<T>(&self, (zh, en): (T, T)) -> T {
        match self.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    /// A table at the root: a page of the manual, or the rules of a kind of visit.
    fn root(&mut self, key: &str, old: Option<&Item>, new: Option<&Item>) {
        let rules = meaning("rules", key);
        let page = pages().find(|page| page.at.contains(&if rules.is_some() { RULES } else { key }));
        let name = rules.map_or_else(
            || page.map_or(key.to_owned(), |page| self.pick(page.name).to_owned()),
            |meaning| self.pick(meaning).to_owned(),
        );
        let below = if rules.is_some() { RULES } else { key };
        match page {
            Some(page) if page.many => self.rows(&name, page.keys, old, new),
            _ => self.table(&name, below, page.map_or(&[], |page| page.keys), old, new),
        }
    }

    /// A table: key by key; tables below it have pages of their own, or keys.
    fn table(&mut self, name: &str, at: &str, keys: &[Key], old: Option<&Item>, new: Option<&Item>) {
        let (old, new) = (old.and_then(Item::as_table_like), new.and_then(Item::as_table_like));
        let mut all = new.map(keys_of).unwrap_or_default();
        let gone = old.map(keys_of).unwrap_or_default();
        all.extend(gone.into_iter().filter(|key| new.is_none_or(|new| !new.contains_key(key))));
        for key in all {
            let path = format!("{at}.{key}");
            let (before, after) = (old.and_then(|t| t.get(&key)), new.and_then(|t| t.get(&key)));
            let known = keys.iter().find(|known| known.key == key);
            let page = pages().find(|page| page.at.contains(&path.as_str()));
            let below = self.below(name, page, known, &key);
            match (page, known.map(|known| &known.holds)) {
                (Some(page), _) if page.many => self.rows(&below, page.keys, before, after),
                (Some(page), _) => self.table(&below, &path, page.keys, before, after),
                (None, Some(Holds::Rules(keys) | Holds::Rows(keys))) => {
                    self.rows(&below, keys, before, after);
                }
                (None, Some(Holds::Table(keys))) => self.table(&below, &path, keys, before, after),
                (None, _) => self.value(&below, before, after),
            }
        }
    }

    fn below(&self, name: &str, page: Option<&Page>, key: Option<&Key>, word: &str) -> String {
        let of = page.map(|page| self.pick(page.name)).or_else(|| key.map(|key| self.name(key)));
        format!("{name}{}{}", self.pick(("·", ", ")), of.unwrap_or(word))
    }

    /// What a key is called: the first part of what it means, or its word where that begins with one.
    fn name(&self, key: &Key) -> &'static str {
        let name = first(self.pick(key.text));
        let foreign = self.language == Language::Zh && name.starts_with(|c: char| c.is_ascii_alphabetic());
        if foreign || name.contains('(') { key.key } else { name }
    }

    fn value(&mut self, name: &str, old: Option<&Item>, new: Option<&Item>) {
        let (old, new) = (old.map(shown), new.map(shown));
        if old != new {
            self.change(name, old, new);
        }
    }

    /// Rows: those for the same situation are compared, in their order.
    fn rows(&mut self, name: &str, keys: &[Key], old: Option<&Item>, new: Option<&Item>) {
        let (old, new) = (rows_of(old), rows_of(new));
        let mut situations: Vec<Row> = Vec::new();
        for row in new.iter().chain(&old) {
            let (situation, _) = parted(row, keys);
            if !situations.contains(&situation) {
                situations.push(situation);
            }
        }
        for situation in situations {
            let of = |rows: &[Row]| -> Vec<Row> {
                rows.iter()
                    .map(|row| parted(row, keys))
                    .filter(|(s, _)| *s == situation)
                    .map(|(_, v)| v)
                    .collect()
            };
            let (before, after) = (of(&old), of(&new));
            let name = format!("{name}{}", self.situation(&situation));
            for at in 0..before.len().max(after.len()) {
                let (before, after) = (before.get(at), after.get(at));
                if before != after {
                    let told = |row: &Row| self.told(row, keys);
                    let (before, after) = (before.map(told), after.map(told));
                    self.change(&name, before, after);
                }
            }
        }
    }

    /// `(退休、三级)`; nothing where a row is for all.
    fn situation(&self, situation: &Row) -> String {
        if situation.is_empty() {
            return String::new();
        }
        let words: Vec<String> =
            situation.iter().map(|(dimension, words)| self.dimension(dimension, words)).collect();
        self.pick((format!("({})", words.join("、")), format!(" ({})", words.join(", "))))
    }

    fn dimension(&self, dimension: &str, value: &str) -> String {
        let list = value.trim_matches(['[', ']']).split(',').map(|word| word.trim().trim_matches('"'));
        let told: Option<Vec<&str>> =
            list.map(|word| meaning(dimension, word).map(|both| self.pick(both))).collect();
        match told {
            None if NAMES.contains(&dimension) => value.trim_matches('"').to_owned(),
            Some(told) => told.join(self.pick(("或", " or "))),
            None => {
                let page = pages().find(|page| page.key == "dimensions");
                let key = page.and_then(|page| page.keys.iter().find(|key| key.key == dimension));
                let name = key.map_or(dimension, |key| first(self.pick(key.text)));
                format!("{name} {}", value.trim_matches('"'))
            }
        }
    }

    /// The values of a row.
    fn told(&self, row: &Row, keys: &[Key]) -> String {
        match row.iter().collect::<Vec<_>>().as_slice() {
            [] => self.pick(("适用", "applies")).into(),
            [(key, value)] if key.as_str() == "is" => (*value).clone(),
            all => {
                let name = |word: &str| keys.iter().find(|key| key.key == word).map(|key| self.name(key));
                let values = all.iter().map(|(key, value)| format!("{} {value}", name(key).unwrap_or(key)));
                values.collect::<Vec<_>>().join(", ")
            }
        }
    }

    fn change(&mut self, name: &str, old: Option<String>, new: Option<String>) {
        let line = match (old, new) {
            (Some(old), Some(new)) => format!("{old} → {new}"),
            (None, Some(new)) => format!("{} {new}", self.pick(("新增", "new"))),
            (Some(old), None) => format!("{} {old}", self.pick(("删去", "gone"))),
            (None, None) => return,
        };
        self.lines.push(format!("{name}{}{line}", self.pick((":", ": "))));
    }
}

/// The first part of what a key means: its name.
fn first(text: &str) -> &str {
    text.split([';', ',', ':', '\u{ff1b}', '\u{ff0c}', '\u{ff1a}']).next().unwrap_or(text)
}

fn keys_of(table: &dyn TableLike) -> Vec<String> {
    table.iter().map(|(key, _)| key.to_owned()).collect()
}

/// What tells rows apart besides dimensions.
const NAMES: [&str; 4] = ["name", "class", "kind", "list"];

/// The situation of a row, and its values: keys the manual knows as such.
fn parted(row: &Row, keys: &[Key]) -> (Row, Row) {
    let is_value = |key: &String| keys.iter().any(|known| known.key == key) && !NAMES.contains(&key.as_str());
    row.clone().into_iter().partition(|(key, _)| !is_value(key))
}

fn rows_of(item: Option<&Item>) -> Vec<Row> {
    let row = |table: &dyn TableLike| table.iter().map(|(key, item)| (key.to_owned(), shown(item))).collect();
    if let Some(tables) = item.and_then(Item::as_array_of_tables) {
        return tables.iter().map(|table| row(table)).collect();
    }
    let values = item.and_then(Item::as_array).into_iter().flatten();
    values.filter_map(Value::as_inline_table).map(|table| row(table)).collect()
}

/// A value as people write it: on one line, without comments, a lone text without its quotes.
fn shown(item: &Item) -> String {
    match item.as_str() {
        Some(text) => text.to_owned(),
        None => match item.as_value() {
            Some(value) => written(value),
            None => item.as_table_like().map(pairs).unwrap_or_default(),
        },
    }
}

fn written(value: &Value) -> String {
    if let Some(array) = value.as_array() {
        return format!("[{}]", array.iter().map(written).collect::<Vec<_>>().join(", "));
    }
    if let Some(table) = value.as_inline_table() {
        let pairs: Vec<String> =
            table.iter().map(|(key, value)| format!("{key} = {}", written(value))).collect();
        return format!("{{ {} }}", pairs.join(", "));
    }
    value.clone().decorated("", "").to_string()
}

fn pairs(table: &dyn TableLike) -> String {
    let pairs = table.iter().map(|(key, item)| format!("{key} = {}", shown(item)));
    pairs.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = include_str!("new/edition.toml");

    fn told(replace: &str, with: &str, language: Language) -> Vec<String> {
        assert!(OLD.contains(replace), "the edition says {replace}");
        let new = OLD.replacen(replace, with, 1);
        differences(("old", OLD), ("new", &new), language).unwrap_or_else(|problems| panic!("{problems}"))
    }

    #[test]
    fn an_edition_does_not_differ_from_itself() {
        assert_eq!(told("", "", Language::Zh), Vec::<String>::new());
    }

    #[test]
    fn a_rule_that_changes_is_told_with_its_situation() {
        let rate = (r#"rate = [{ is = "85%" }]"#, r#"rate = [{ is = "88%" }]"#);
        assert_eq!(told(rate.0, rate.1, Language::Zh), ["住院·分段支付·各段的支付比例:85% → 88%"]);
        let level = (r#"{ level = 3, is = "900" }"#, r#"{ level = 3, is = "1000" }"#);
        assert_eq!(told(level.0, level.1, Language::Zh), ["住院·起付线·起付标准(三级):900 → 1000"]);
        assert_eq!(
            told(level.0, level.1, Language::En),
            ["stays, Deductible, the amount (level 3): 900 → 1000"]
        );
        let class = (r#"{ class = "B", is = "10%" }"#, r#"{ class = "B", is = "12%" }"#);
        assert_eq!(
            told(class.0, class.1, Language::Zh),
            ["项目规则·甲、乙类各种项目先行自付多少(乙类):10% → 12%"]
        );
    }

    #[test]
    fn what_is_new_and_what_is_gone_is_told_whole() {
        let points = (
            "rate = [{ is = \"85%\" }]",
            "rate = [{ is = \"85%\" }]\npoints = [{ status = \"retired\", is = 5 }]",
        );
        assert_eq!(told(points.0, points.1, Language::Zh), ["住院·分段支付·支付比例加减百分点(退休):新增 5"]);
        let ceiling = "[inpatient.ceiling]                        # 统筹一年最多支付多少\nis = \"100000\"\ncounts = \"payment\"\nlaw = \"第七条\"\n";
        assert_eq!(
            told(ceiling, "", Language::Zh),
            [
                "住院·封顶线·全年额度:删去 100000",
                "住院·封顶线·额度按什么累计:删去 payment",
                "住院·封顶线·出自哪一条:删去 第七条"
            ]
        );
        let split = (
            r#"{ region = ["home", "filed"], first_self_pay = "0%" }"#,
            r#"{ region = ["home"], first_self_pay = "0%" }, { region = "filed", first_self_pay = "5%" }"#,
        );
        let lines = told(split.0, split.1, Language::Zh);
        assert_eq!(lines.len(), 3, "{lines:?}");
    }

    #[test]
    fn an_edition_that_cannot_be_read_is_not_compared() {
        let problems = differences(("old", OLD), ("new", "[edition]\n"), Language::Zh).unwrap_err();
        assert!(problems.to_string().contains("new:"));
    }
}
