//! Reads TOML with places, so that a wrong edition says where and why. Collects all problems, not just the first.

mod words;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use money::{Money, Rate, UnitPrice};
use toml_edit::{Document, Item, TableLike, Value};

use crate::Language;

/// One thing wrong with an edition or a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File as the caller named it.
    pub file: String,
    /// Line, from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// Where in the file: `inpatient.deductible.amount`.
    pub path: String,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl Problem {
    /// The problem in one language. Words of the file's own language and values shown are told as they are.
    pub fn told(&self, language: Language) -> String {
        // Where the file as a whole is meant there is no path.
        let colon = if self.path.is_empty() { "" } else { ": " };
        let place = format!("{}:{}: {}{colon}", self.file, self.line, self.path);
        match language {
            Language::Zh => {
                let (found, expected) = (words::chinese(&self.found), words::chinese(&self.expected));
                format!("{place}此处为 {found},应为 {expected}")
            }
            Language::En => format!("{place}found {}, expected {}", self.found, self.expected),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(Language::En))
    }
}

/// All that is wrong with a file, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// All of it in one language, one a line.
    pub fn told(&self, language: Language) -> String {
        self.0.iter().map(|problem| problem.told(language) + "\n").collect()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(Language::En))
    }
}

impl std::error::Error for Problems {}

/// A parsed file and the problems seen in it so far.
pub(crate) struct Source {
    name: String,
    text: String,
    document: Document<String>,
    problems: RefCell<Vec<Problem>>,
    /// What was asked for: a table and a key in it.
    #[cfg(test)]
    pub(crate) asked: RefCell<Asked>,
}

/// Pairs of a table and a key that was asked for in it.
#[cfg(test)]
pub(crate) type Asked = BTreeSet<(String, String)>;

impl Source {
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, Problems> {
        match Document::parse(text.to_owned()) {
            Ok(document) => Ok(Self {
                name: name.into(),
                text: text.into(),
                document,
                problems: RefCell::default(),
                #[cfg(test)]
                asked: RefCell::default(),
            }),
            Err(error) => {
                let line = error.span().map_or(0, |span| line_of(text, span.start));
                let found = error.message().lines().next().unwrap_or_default().to_owned();
                let expected = "TOML".to_owned();
                Err(Problems(vec![Problem { file: name.into(), line, path: "-".into(), found, expected }]))
            }
        }
    }

    pub(crate) fn root(&self) -> Section<'_> {
        Section {
            source: self,
            table: self.document.as_table(),
            path: String::new(),
            at: 0,
            used: RefCell::default(),
        }
    }

    /// What was made of the file, if nothing was wrong with it.
    pub(crate) fn finish<T>(self, made: Option<T>) -> Result<T, Problems> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|p| p.line);
        // A table that others are like is read several times.
        problems.dedup();
        match made {
            Some(value) if problems.is_empty() => Ok(value),
            _ => Err(Problems(problems)),
        }
    }

    fn report(&self, at: usize, path: &str, found: String, expected: String) {
        let line = line_of(&self.text, at);
        self.problems.borrow_mut().push(Problem {
            file: self.name.clone(),
            line,
            path: path.into(),
            found,
            expected,
        });
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count() + 1
}

/// More of a value is not shown: a table may be as long as the file.
const SHOWN_MAX: usize = 60;

/// A value in a message: on one line, and not more of it than one reads.
fn quoted(value: &str) -> String {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match value.char_indices().nth(SHOWN_MAX) {
        None => format!("`{value}`"),
        Some((end, _)) => format!("`{}…`", &value[..end]),
    }
}

/// One table of the file. Every key must be asked for before [`Section::done`], or it is reported as unknown.
pub(crate) struct Section<'a> {
    source: &'a Source,
    table: &'a dyn TableLike,
    path: String,
    at: usize,
    used: RefCell<BTreeSet<String>>,
}

/// One value with its place.
pub(crate) struct Place<'a> {
    source: &'a Source,
    item: &'a Item,
    path: String,
    at: usize,
}

impl<'a> Section<'a> {
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(crate) fn keys(&self) -> Vec<&'a str> {
        self.table.iter().map(|(key, _)| key).collect()
    }

    pub(crate) fn get(&self, key: &str) -> Option<Place<'a>> {
        self.used.borrow_mut().insert(key.into());
        #[cfg(test)]
        self.source.asked.borrow_mut().insert((self.path.clone(), key.into()));
        let item = self.table.get(key)?;
        let path = if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) };
        let at = self
            .table
            .get_key_value(key)
            .and_then(|(k, _)| k.span())
            .or_else(|| item.span())
            .map_or(self.at, |s| s.start);
        Some(Place { source: self.source, item, path, at })
    }

    pub(crate) fn need(&self, key: &str) -> Option<Place<'a>> {
        let place = self.get(key);
        if place.is_none() {
            self.report("nothing", &format!("`{key}`"));
        }
        place
    }

    /// A table below this one.
    pub(crate) fn section(&self, key: &str) -> Option<Section<'a>> {
        self.get(key)?.section()
    }

    /// One word of a closed set with what it stands for; absent: none.
    pub(crate) fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        self.get(key)?.choice(choices)
    }

    /// The same where the word must be there.
    pub(crate) fn need_choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        self.need(key)?.choice(choices)
    }

    /// Rows below `key`: an array of tables, inline or not. Absent: no rows.
    pub(crate) fn rows(&self, key: &str) -> Vec<Section<'a>> {
        self.get(key).map(Place::rows).unwrap_or_default()
    }

    pub(crate) fn report(&self, found: &str, expected: &str) {
        self.source.report(self.at, &self.path, found.into(), expected.into());
    }

    /// Reports every key nobody asked for.
    pub(crate) fn done(&self) {
        let used = self.used.borrow();
        for (key, item) in self.table.iter().filter(|(key, _)| !used.contains(*key)) {
            let known: Vec<&str> = used.iter().map(String::as_str).collect();
            let at = self.table.get_key_value(key).and_then(|(k, _)| k.span()).or(item.span());
            let at = at.map_or(self.at, |s| s.start);
            self.source.report(at, &self.path, format!("the unknown word `{key}`"), known.join(", "));
        }
    }
}

impl<'a> Place<'a> {
    pub(crate) fn report(&self, found: &str, expected: &str) {
        self.source.report(self.at, &self.path, found.into(), expected.into());
    }

    /// The value as written, for messages.
    pub(crate) fn shown(&self) -> String {
        quoted(&self.item.to_string())
    }

    pub(crate) fn section(self) -> Option<Section<'a>> {
        match self.item.as_table_like() {
            Some(table) => Some(Section {
                source: self.source,
                table,
                path: self.path,
                at: self.at,
                used: RefCell::default(),
            }),
            None => {
                self.report(&self.shown(), "a table");
                None
            }
        }
    }

    /// Whether this is a table with a word at a key.
    pub(crate) fn has_word(&self, key: &str, word: &str) -> bool {
        let table = self.item.as_table_like();
        table.and_then(|table| table.get(key)?.as_str()).is_some_and(|text| text == word)
    }

    fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.report(&self.shown(), &known.join(", "));
        }
        found
    }

    pub(crate) fn is_table(&self) -> bool {
        self.item.is_table_like()
    }

    pub(crate) fn rows(self) -> Vec<Section<'a>> {
        let make = |table: &'a dyn TableLike, at: Option<usize>| Section {
            source: self.source,
            table,
            path: self.path.clone(),
            at: at.unwrap_or(self.at),
            used: RefCell::default(),
        };
        if let Some(tables) = self.item.as_array_of_tables() {
            return tables.iter().map(|t| make(t, t.span().map(|s| s.start))).collect();
        }
        let mut rows = Vec::new();
        if let Some(array) = self.item.as_array() {
            for value in array {
                match value.as_inline_table() {
                    Some(table) => rows.push(make(table, value.span().map(|s| s.start))),
                    None => self.report(&quoted(&value.to_string()), "a row `{ … }`"),
                }
            }
        } else {
            self.report(&self.shown(), "a list of rows `[{ … }, …]`");
        }
        rows
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        let text = self.item.as_str();
        if text.is_none() {
            self.report(&self.shown(), "a text in quotes");
        }
        text
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        let flag = self.item.as_bool();
        if flag.is_none() {
            self.report(&self.shown(), "true or false");
        }
        flag
    }

    /// A whole number, as a number or in quotes.
    pub(crate) fn integer(&self) -> Option<i64> {
        let number = self.item.as_integer().or_else(|| self.item.as_str()?.parse().ok());
        if number.is_none() {
            self.report(&self.shown(), "a whole number");
        }
        number
    }

    /// A number of days, hours and the like.
    pub(crate) fn count(&self) -> Option<u16> {
        let number = self.integer()?;
        let count = u16::try_from(number).ok();
        if count.is_none() {
            self.report(&number.to_string(), "a whole number from 0 to 65535");
        }
        count
    }

    pub(crate) fn date(&self) -> Option<Date> {
        let date = match self.item.as_value() {
            Some(Value::Datetime(stamp)) => stamp.value().to_string().parse().ok(),
            Some(Value::String(text)) => text.value().parse().ok(),
            _ => None,
        };
        if date.is_none() {
            self.report(&self.shown(), "a date such as 2026-01-01");
        }
        date
    }

    /// A word, money in yuan or a rate: whatever `T` reads from text in quotes.
    pub(crate) fn parse<T: FromStr<Err: fmt::Display>>(&self, expected: &str) -> Option<T> {
        match self.text()?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.report(&format!("{} ({error})", self.shown()), expected);
                None
            }
        }
    }

    pub(crate) fn money(&self) -> Option<Money> {
        let amount: Money = self.parse("an amount in yuan in quotes, such as \"1000\"")?;
        self.not_negative(amount >= Money::ZERO).then_some(amount)
    }

    /// A share between nothing and the whole.
    pub(crate) fn rate(&self) -> Option<Rate> {
        let rate: Rate = self.parse("a rate in quotes, such as \"85%\"")?;
        if rate > Rate::ONE || rate < Rate::ZERO {
            self.report(&self.shown(), "a rate from 0% to 100%");
            return None;
        }
        Some(rate)
    }

    /// Percentage points, as a number or in quotes; may be below zero.
    pub(crate) fn points(&self) -> Option<Rate> {
        let points = self
            .item
            .as_integer()
            .and_then(|n| n.checked_mul(100))
            .or_else(|| self.item.as_str()?.parse::<Rate>().ok().map(|r| r.ten_thousandths() * 100))
            .filter(|n| n.abs() <= Rate::ONE.ten_thousandths());
        if points.is_none() {
            self.report(&self.shown(), "percentage points, such as 3, -5 or \"2.5\"");
        }
        points.map(Rate::from_ten_thousandths)
    }

    /// A factor, which may exceed one.
    pub(crate) fn factor(&self) -> Option<Rate> {
        let factor: Rate = self.parse("a factor in quotes, such as \"0.8\"")?;
        self.not_negative(factor >= Rate::ZERO).then_some(factor)
    }

    /// A price in quotes, not below zero.
    pub(crate) fn price(&self) -> Option<UnitPrice> {
        let price: UnitPrice = self.parse("a price in yuan")?;
        self.not_negative(price >= UnitPrice::default()).then_some(price)
    }

    fn not_negative(&self, fine: bool) -> bool {
        if !fine {
            self.report(&self.shown(), "nothing below zero");
        }
        fine
    }

    /// One word or a list of words, numbers and yes or no among them, as text.
    pub(crate) fn plain_words(&self) -> Vec<String> {
        self.words::<String>("a word or a list of words")
    }

    /// One word or a list of words.
    pub(crate) fn words<T: FromStr<Err: fmt::Display>>(&self, expected: &str) -> Vec<T> {
        let values: Vec<&Value> = match self.item.as_value() {
            Some(Value::Array(array)) => array.iter().collect(),
            Some(value) => vec![value],
            None => Vec::new(),
        };
        let mut words = Vec::new();
        for value in values {
            let text = value
                .as_str()
                .map(str::to_owned)
                .or_else(|| value.as_integer().map(|n| n.to_string()))
                .or_else(|| value.as_bool().map(|b| b.to_string()));
            match text
                .ok_or_else(|| "not a word".to_owned())
                .and_then(|t| t.parse().map_err(|e: T::Err| e.to_string()))
            {
                Ok(word) => words.push(word),
                Err(error) => self.report(&format!("{} ({error})", quoted(&value.to_string())), expected),
            }
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CaseFile, Edition};
    use std::fs;
    use std::path::{Path, PathBuf};

    fn problems(text: &str) -> Problems {
        CaseFile::parse("bill.toml", text).unwrap_err()
    }

    #[test]
    fn a_problem_is_told_in_one_language_and_the_whole_file_has_no_path() {
        let none =
            problems("[person]\nstatus = \"employed\"\n[visit]\nkind = 7\nlevel = 2\ndate = 2026-01-31\n");
        assert_eq!(
            none.told(Language::En),
            "bill.toml:1: found nothing, expected `title`\n\
             bill.toml:4: visit.kind: found `7`, expected a text in quotes\n"
        );
        assert_eq!(
            none.told(Language::Zh),
            "bill.toml:1: 此处为 空缺,应为 `title`\nbill.toml:4: visit.kind: 此处为 `7`,应为 引号中的文本\n"
        );
        assert_eq!(none.to_string(), none.told(Language::En));
    }

    #[test]
    fn a_long_value_is_cut_where_it_is_shown() {
        let long = problems(&format!("title = [{}]", "\"起\", ".repeat(50)));
        let told = long.told(Language::Zh);
        let shown = told.lines().next().unwrap().split('`').nth(1).unwrap();
        assert_eq!((shown.chars().count(), shown.ends_with('…')), (SHOWN_MAX + 1, true), "{told}");
    }

    fn below(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).map(|all| all.map(|e| e.unwrap().path()).collect()).unwrap_or_default()
    }

    #[test]
    fn what_bad_editions_are_told_is_chinese_but_for_words_and_values() {
        let cities = below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies"));
        let mut seen = 0;
        for (city, file) in
            cities.iter().flat_map(|c| below(&c.join("cases/bad")).into_iter().map(move |f| (c, f)))
        {
            let bad: Document<String> = fs::read_to_string(&file).unwrap().parse().unwrap();
            let text = |key: &str| bad.get(key).and_then(Item::as_str).unwrap();
            let good = fs::read_to_string(city.join("editions").join(text("based_on"))).unwrap();
            let spoilt = good.replacen(text("replace"), text("with"), 1);
            for problem in Edition::parse("bad.toml", &spoilt).unwrap_err().0 {
                if problem.path == "-" {
                    continue; // What the reader of TOML says is its own.
                }
                let told = problem.told(Language::Zh);
                let ours: String = told.split('`').step_by(2).collect();
                let english = ["row", "rows", "a", "no", "nothing", "such", "second", "both", "behind"];
                let foreign = ours.split(|c: char| !c.is_ascii_alphabetic()).find(|w| english.contains(w));
                assert_eq!(foreign, None, "{}: {told}", file.display());
                seen += 1;
            }
        }
        assert!(seen >= 30, "{seen} problems");
    }
}
