//! What the manual, the schema and the comparison of editions tell of each key of an edition. A test holds it against
//! what the readers ask for, so that none of them tells of a key that is not there, or leaves one out.

/// One table of an edition, or a table of each rule of a kind: a page of the manual.
#[derive(Debug)]
pub struct Page {
    /// Its word.
    pub key: &'static str,
    /// What officers call it, in Chinese and English.
    pub name: (&'static str, &'static str),
    /// What it does, in Chinese and English.
    pub text: (&'static str, &'static str),
    /// Where it stands: `items`, or `<rules>.deductible` below each table of rules.
    pub at: &'static [&'static str],
    /// It may stand several times: `[[layer]]`.
    pub many: bool,
    /// Its keys, the most used ones first.
    pub keys: &'static [Key],
    /// The table of a shipped edition that the manual shows: city, first day, table.
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
    /// One word or several of these; what each means is in the list of words.
    Words(&'static str),
    /// One name or several that the edition gives itself.
    Names(&'static str),
    /// Rows, each with the dimensions it depends on and these keys.
    Rules(&'static [Key]),
    /// Rows of these keys.
    Rows(&'static [Key]),
    /// A table of these keys.
    Table(&'static [Key]),
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
        match self.holds {
            Holds::Rules(keys) | Holds::Rows(keys) | Holds::Table(keys) => keys,
            _ => &[],
        }
    }
}

/// The article a table comes from.
pub(crate) const LAW: Key = Key::optional(
    "law",
    Holds::Text,
    "出自哪一条;说明中引用",
    "the article it comes from; explanations name it",
);

/// Tables that are no construct.
pub const GENERAL: &[&Page] = &[&EDITION];

const EDITION: Page = Page {
    key: "edition",
    name: ("版本", "Edition"),
    text: (
        "一个统筹区自某日起的规定。项目规则、待遇规则各按哪一天,由本表写明;已出的结算永不改变。",
        "A pooling area's rules from a day on. It states by which day item rules and benefit rules go; an issued settlement \
         never changes.",
    ),
    at: &["edition"],
    many: false,
    keys: &[
        Key::needed("city", Holds::Text, "统筹区名称", "the pooling area's name"),
        Key::needed("scheme", Holds::Text, "险种", "the scheme"),
        Key::needed("from", Holds::Date, "自哪天起施行", "the first day it is in force"),
        Key::needed("order", Holds::Text, "所依据的文件", "the order it comes from"),
        Key::needed("items_by", Holds::Choice(DATES), "项目规则按哪一天", "by which day item rules go"),
        Key::needed("benefits_by", Holds::Choice(DATES), "待遇规则按哪一天", "by which day benefit rules go"),
        Key::needed("persons", Holds::Words("status"), "统筹为哪些人支付", "for whom the pool pays"),
        Key::needed(
            "unrated_as",
            Holds::Count,
            "未定级的机构按几级",
            "the level of institutions that have none",
        ),
        Key::needed(
            "rounding",
            Holds::Table(&[
                Key::needed("mode", Holds::Choice(&["half-up", "half-even", "down"]), "怎样化为分", "how"),
                Key::needed(
                    "at",
                    Holds::Choice(&["end", "segment"]),
                    "end 每个数最后化一次;segment 每段各化一次",
                    "end: each figure once; segment: in each segment",
                ),
                Key::optional(
                    "last_fen",
                    Holds::Choice(&["share"]),
                    "剩下的一分归个人负担",
                    "the fen left over is the patient's",
                ),
            ]),
            "何时、怎样化为分;见“舍入”",
            "when and how figures become whole fen; see Rounding",
        ),
    ],
    example: ("demo-city", "2026-01-01", "edition"),
};

const DATES: &[&str] = &["service date", "admission date", "discharge date", "settlement date"];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::document::{Asked, Source};
    use crate::{CONSTRUCTS, Edition, Track};

    /// What readers ask for in all shipped editions, each kind of rules taken for all of them.
    fn asked() -> Asked {
        let mut asked = Asked::new();
        let cities = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")).unwrap();
        for city in cities {
            for file in fs::read_dir(city.unwrap().path().join("editions")).unwrap() {
                let text = fs::read_to_string(file.unwrap().path()).unwrap();
                let source = Source::parse("edition", &text).unwrap();
                Edition::read(&source.root()).unwrap();
                asked.extend(source.asked.borrow().iter().map(|(table, key)| general(table, key)));
            }
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
        let of_row = table != "edition" && crate::situation::dimensions().any(|word| word == key);
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
        for page in GENERAL.iter().copied().chain(CONSTRUCTS.iter().map(|c| c.page)) {
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
            some.map(|(table, key)| format!("  {table} {key}\n")).collect()
        };
        // Tables at the root are the pages themselves; an amount may be a table, which its kind tells of.
        let in_amount = ["times", "base", "to"];
        let missing = list(&mut asked.difference(&told).filter(|(table, key)| {
            !table.is_empty() && !(in_amount.contains(&key.as_str()) && told_amount(table, &told))
        }));
        let made_up = list(&mut told.difference(&asked));
        assert!(missing.is_empty() && made_up.is_empty(), "missing:\n{missing}made up:\n{made_up}");
    }
}
