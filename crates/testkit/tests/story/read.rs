//! A story as it stands in its file, read step by step; a word nobody knows is a mistake.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use toml_edit::{DocumentMut, Item, Table};

/// One story.
pub struct Story {
    /// What it is about.
    pub title: String,
    /// When it begins.
    pub begins: DateTime,
    /// The neighbour city's hospital speaks to that city's own centre.
    pub second_centre: bool,
    /// Its steps.
    pub steps: Vec<Step>,
}

impl Story {
    pub fn read(text: &str) -> Self {
        let document: DocumentMut = text.parse().unwrap_or_else(|error| panic!("{error}"));
        let head = Step { table: document.as_table().clone(), used: RefCell::default(), number: 0 };
        let title = format!("{} / {}", head.text("zh"), head.text("en"));
        let begins = head.moment("begins").expect("when the story begins");
        let second_centre = head.flag("second_centre");
        let steps = head.table.get("step").and_then(Item::as_array_of_tables).expect("steps");
        let steps = (1..).zip(steps.iter());
        let steps = steps
            .map(|(number, table)| Step { table: table.clone(), used: RefCell::default(), number })
            .collect();
        head.used.borrow_mut().insert("step".into());
        head.done();
        Self { title, begins, second_centre, steps }
    }
}

/// One step, which knows which of its words were asked for.
pub struct Step {
    table: Table,
    used: RefCell<BTreeSet<String>>,
    /// Counted from 1.
    pub number: usize,
}

impl Step {
    fn item(&self, word: &str) -> Option<&Item> {
        self.used.borrow_mut().insert(word.to_owned());
        self.table.get(word)
    }

    /// What went wrong is told with the step.
    pub fn told(&self) -> String {
        format!("step {}: {}", self.number, self.table.to_string().trim())
    }

    pub fn maybe(&self, word: &str) -> Option<String> {
        let item = self.item(word)?;
        Some(item.as_str().unwrap_or_else(|| panic!("`{word}` is no text; {}", self.told())).to_owned())
    }

    pub fn text(&self, word: &str) -> String {
        self.maybe(word).unwrap_or_else(|| panic!("`{word}` is missing; {}", self.told()))
    }

    pub fn flag(&self, word: &str) -> bool {
        self.item(word).and_then(Item::as_bool).unwrap_or(false)
    }

    pub fn texts(&self, word: &str) -> Vec<String> {
        let list = self.item(word).and_then(Item::as_array);
        let list = list.unwrap_or_else(|| panic!("`{word}` is no list; {}", self.told()));
        list.iter().map(|value| value.as_str().expect("a text").to_owned()).collect()
    }

    pub fn day(&self, word: &str) -> Option<Date> {
        self.maybe(word)
            .map(|text| text.parse().unwrap_or_else(|_| panic!("`{text}` is no day; {}", self.told())))
    }

    /// `2026-11-23 08:00`.
    pub fn moment(&self, word: &str) -> Option<DateTime> {
        let read = |text: String| {
            let whole = format!("{}:00", text.replace(' ', "T"));
            whole.parse().unwrap_or_else(|_| panic!("`{text}` is no moment; {}", self.told()))
        };
        self.maybe(word).map(read)
    }

    /// Figures by name.
    pub fn figures(&self, word: &str) -> BTreeMap<String, String> {
        let Some(table) = self.item(word).and_then(Item::as_inline_table) else { return BTreeMap::new() };
        let figure = |(name, value): (&str, &toml_edit::Value)| {
            (name.to_owned(), value.as_str().expect("a figure is a text").to_owned())
        };
        table.iter().map(figure).collect()
    }

    /// Fails where a word stands in the step that nobody asked for.
    pub fn done(&self) {
        let used = self.used.borrow();
        let more: Vec<&str> =
            self.table.iter().map(|(word, _)| word).filter(|word| !used.contains(*word)).collect();
        assert!(more.is_empty(), "nobody knows {more:?}; {}", self.told());
    }
}
