//! What the manual, the schema and the comparison of editions tell of each key of an edition. A test holds it against
//! what the readers ask for, so that none of them tells of a key that is not there, or leaves one out.

mod differences;
mod expected;
mod general;
pub(crate) mod items;
mod markdown;
mod new;
mod schema;
mod words;

#[cfg(test)]
mod tests;

pub use differences::differences;
pub use general::GENERAL;
pub use markdown::markdown;
pub use new::new_city;
pub use schema::schema;
pub use words::{CHOICE, List, WORDS, Word, meaning};

use crate::CONSTRUCTS;

/// One table of an edition, or a table of each rule of a kind: a page of the manual.
#[derive(Debug)]
pub struct Page {
    /// Its word.
    pub key: &'static str,
    /// What officers call it, in Chinese and English.
    pub name: (&'static str, &'static str),
    /// What it does, in Chinese and English.
    pub text: (&'static str, &'static str),
    /// Where it stands: `items`, or `<rules>.deductible` below each table of rules. Nowhere: it is no table.
    pub at: &'static [&'static str],
    /// Every edition must have it.
    pub needed: bool,
    /// It may stand several times: `[[layer]]`.
    pub many: bool,
    /// Its keys, the most used ones first.
    pub keys: &'static [Key],
    /// The table of a shipped edition that the manual shows: city, first day, table. See [`NO_EXAMPLE`].
    pub example: (&'static str, &'static str, &'static str),
}

/// One key.
#[derive(Debug)]
pub struct Key {
    /// Its word.
    pub key: &'static str,
    /// What stands behind it.
    pub holds: Holds,
    /// It must be there.
    pub needed: bool,
    /// What it means, and what holds where it is left out; Chinese and English.
    pub text: (&'static str, &'static str),
}

/// What stands behind a key.
#[derive(Debug)]
pub enum Holds {
    /// A text in quotes.
    Text,
    /// Yuan in quotes, `"1000"`.
    Money,
    /// Yuan in quotes, or a multiple of a base.
    Amount,
    /// A unit price in quotes, to six places.
    Price,
    /// A share from `"0%"` to `"100%"`.
    Rate,
    /// A factor in quotes, which may exceed one.
    Factor,
    /// Percentage points.
    Points,
    /// A whole number.
    Count,
    /// `true` or `false`.
    Flag,
    /// A day.
    Date,
    /// One word of these.
    Choice(&'static [&'static str]),
    /// One word of a list in [`WORDS`].
    Word(&'static str),
    /// One word or several of such a list.
    Words(&'static str),
    /// One name or several that the edition gives itself, in its tables of this word.
    Names(&'static str),
    /// One code or name from elsewhere, or several.
    Codes,
    /// A number or a day, or from one to another.
    Range,
    /// Rows, each with the dimensions it depends on and these keys.
    Rules(&'static [Key]),
    /// Rows of these keys.
    Rows(&'static [Key]),
    /// A table of these keys.
    Table(&'static [Key]),
    /// Any of these; one of them at most has keys.
    OneOf(&'static [Holds]),
}

impl Holds {
    /// The keys of its rows or of its table.
    pub fn keys(&self) -> &'static [Key] {
        match self {
            Self::Rules(keys) | Self::Rows(keys) | Self::Table(keys) => keys,
            Self::OneOf(some) => some.iter().map(Self::keys).find(|keys| !keys.is_empty()).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The words it is a choice of.
    pub fn choices(&self) -> Vec<&'static str> {
        match self {
            Self::Choice(words) => words.to_vec(),
            Self::OneOf(some) => some.iter().flat_map(Self::choices).collect(),
            _ => Vec::new(),
        }
    }
}

impl Key {
    /// One that must be there.
    pub(crate) const fn needed(key: &'static str, holds: Holds, zh: &'static str, en: &'static str) -> Self {
        Self { key, holds, needed: true, text: (zh, en) }
    }

    /// One that may be left out.
    pub(crate) const fn optional(
        key: &'static str,
        holds: Holds,
        zh: &'static str,
        en: &'static str,
    ) -> Self {
        Self { key, holds, needed: false, text: (zh, en) }
    }

    /// The keys below it.
    pub fn below(&self) -> &'static [Self] {
        self.holds.keys()
    }
}

/// The article a table comes from.
pub(crate) const LAW: Key = Key::optional(
    "law",
    Holds::Text,
    "出自哪一条;说明中引用",
    "the article it comes from; explanations name it",
);

/// The fund of something that is the pool's as a rule.
pub(crate) const PAYS: Key = Key::optional(
    "pays",
    Holds::Word("fund"),
    "由哪个基金支付;省略为统筹基金",
    "the fund that pays; left out: the pooled fund",
);

/// Of a page that shows no table.
pub(crate) const NO_EXAMPLE: (&str, &str, &str) = ("", "", "");

/// Stands in [`Page::at`] for each table of rules.
pub const RULES: &str = "<rules>";

/// All pages: what is no construct first, then the registry.
pub fn pages() -> impl Iterator<Item = &'static Page> + Clone {
    GENERAL.iter().copied().chain(CONSTRUCTS.iter().map(|construct| construct.page))
}
