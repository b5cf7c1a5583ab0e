//! The manual as Markdown: an index, the list of words, and one page for each table or construct, in one language.

use std::fmt::Write;

use super::{Holds, Key, Page, RULES, WORDS, meaning, pages, words};
use crate::{CONSTRUCTS, Construct, Language, Law};

/// The files of the manual in one language, by name. `example` gives the text of a city's edition by its first day.
pub fn markdown(language: Language, example: impl Fn(&str, &str) -> String) -> Vec<(String, String)> {
    let writer = Writer { language };
    let mut files = vec![(writer.file("README"), writer.index()), (writer.file("words"), writer.all_words())];
    for page in pages() {
        let construct = CONSTRUCTS.iter().copied().find(|construct| construct.page.key == page.key);
        files.push((writer.file(page.key), writer.page(page, construct, &example)));
    }
    files
}

#[derive(Clone, Copy)]
struct Writer {
    language: Language,
}

/// Chinese, English.
type Pair = (&'static str, &'static str);

/// How each kind of value is written: its name, what is told of it.
const VALUES: &[(Pair, Pair)] = &[
    (
        ("金额", "amount"),
        (
            "引号中的元,如 `\"1000\"`、`\"0.50\"`;或基数的倍数 `{ times = \"4\", base = \"average_wage\", to = \"10\" }`:\
         四舍五入到 `to` 元的整倍数,不写 `to` 则到分",
            "yuan in quotes, such as `\"1000\"`, `\"0.50\"`; or a multiple of a base, `{ times = \"4\", base = \
         \"average_wage\", to = \"10\" }`, rounded half up to whole multiples of `to` yuan, or to the fen",
        ),
    ),
    (("元", "yuan"), ("同上,但只写金额,不写倍数", "as above, but no multiple")),
    (("单价", "price"), ("引号中的元,最多六位小数", "yuan in quotes, to six places")),
    (("比例", "rate"), ("引号中,`\"0%\"` 至 `\"100%\"`", "in quotes, from `\"0%\"` to `\"100%\"`")),
    (("系数", "factor"), ("引号中,如 `\"0.8\"`、`\"2\"`", "in quotes, such as `\"0.8\"`, `\"2\"`")),
    (("百分点", "points"), ("如 `3`、`-5`、`\"2.5\"`", "such as `3`, `-5`, `\"2.5\"`")),
    (("整数", "whole number"), ("如 `15`", "such as `15`")),
    (("是否", "flag"), ("`true` 或 `false`", "`true` or `false`")),
    (("日期", "day"), ("如 `2026-01-01`,不加引号", "such as `2026-01-01`, without quotes")),
    (
        ("范围", "range"),
        (
            "一个数或一段,如 `3`、`\"3+\"`、`\"60..69\"`、`\"..44\"`、`\"1956-01-01..\"`",
            "a number or from one to another, such as `3`, `\"3+\"`, `\"60..69\"`, `\"..44\"`, `\"1956-01-01..\"`",
        ),
    ),
    (
        ("按情形的行", "rules by situation"),
        (
            "`[{ status = \"retired\", level = 1, is = \"90%\" }, …]`:条件在前,值在后;没写的条件不限",
            "`[{ status = \"retired\", level = 1, is = \"90%\" }, …]`: dimensions, then the value; a dimension left out may \
         be anything",
        ),
    ),
];

impl Writer {
    fn pick<T: Copy>(self, (zh, en): (T, T)) -> T {
        match self.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    fn file(self, name: &str) -> String {
        format!("{name}{}", self.pick((".md", ".en.md")))
    }

    /// The line below a title: the other language, and the way back.
    fn ways(self, name: &str) -> String {
        let other = self.pick(("[English]", "[中文]"));
        let file = format!("{name}{}", self.pick((".en.md", ".md")));
        if name == "README" {
            return format!("{other}({file})\n");
        }
        format!("{other}({file}) · [{}]({})\n", self.pick(("目录", "Contents")), self.file("README"))
    }

    fn index(self) -> String {
        let mut text = format!("# {}\n\n{}\n", self.pick(("政策手册", "Policy manual")), self.ways("README"));
        text += self.pick((
            "一个统筹区的规定写在 `policies/<统筹区>/editions/<施行日>.toml` 里,一个文件是一个版本。从[教程](tutorial.md)学起;\
             每张表、每个词的含义在下面各页。\n\n## 各页\n\n",
            "What holds in a pooling area stands in `policies/<city>/editions/<first day>.toml`; one file is an edition. \
             Begin with the [tutorial](tutorial.en.md); what each table and word means stands on the pages below.\n\n\
             ## Pages\n\n",
        ));
        for page in pages() {
            let (name, told) = (self.pick(page.name), self.pick(page.text));
            let first = told.split_inclusive(self.pick(('。', '.'))).next().unwrap_or(told);
            let colon = self.pick((":", ": "));
            let _ = writeln!(text, "* [{name}]({}) `{}`{colon}{first}", self.file(page.key), page.key);
        }
        let (all, told) =
            self.pick((("词表", ":版本里可写的每个词的含义。"), ("Words", ": what every word means.")));
        let _ = writeln!(text, "* [{all}]({}){told}", self.file("words"));
        text += self.pick((
            "\n## 值怎样写\n\n| 名称 | 写法 |\n|---|---|\n",
            "\n## How values are written\n\n| name | written |\n|---|---|\n",
        ));
        for (name, told) in VALUES {
            let _ = writeln!(text, "| {} | {} |", self.pick(*name), self.pick(*told));
        }
        text
    }

    fn all_words(self) -> String {
        let mut text = format!("# {}\n\n{}", self.pick(("词表", "Words")), self.ways("words"));
        for (list, name, all) in WORDS {
            let _ = write!(text, "\n## {list}\n\n{}\n\n", self.pick(*name));
            text += self.pick(("| 词 | 含义 |\n|---|---|\n", "| word | meaning |\n|---|---|\n"));
            for (word, zh, en) in *all {
                let _ = writeln!(text, "| `{word}` | {} |", self.pick((zh, en)));
            }
        }
        text
    }

    fn page(
        self,
        page: &Page,
        construct: Option<&Construct>,
        example: impl Fn(&str, &str) -> String,
    ) -> String {
        let mut text = format!("# {}\n\n{}\n", self.pick(page.name), self.ways(page.key));
        let _ = writeln!(text, "{}", self.pick(page.text));
        text += &self.place(page);
        text += &self.keys(page);
        text += &self.choices(page);
        let (city, day, path) = page.example;
        if !city.is_empty()
            && let Some(shown) = cut(&example(city, day), path)
        {
            let title = self.pick(("例", "Example"));
            let _ = write!(
                text,
                "\n## {title}\n\n`policies/{city}/editions/{day}.toml`\n\n```toml\n{shown}\n```\n"
            );
        }
        if let Some(construct) = construct {
            text += &self.sentences(construct);
            text += &self.laws(construct);
        }
        text
    }

    /// Where it stands, and whether it must.
    fn place(self, page: &Page) -> String {
        if page.at.is_empty() {
            return String::new();
        }
        let header = |at: &&str| {
            let at = at.replace(RULES, self.pick(("<待遇规则>", "<rules>")));
            if page.many { format!("`[[{at}]]`") } else { format!("`[{at}]`") }
        };
        let all: Vec<String> = page.at.iter().map(header).collect();
        let mut text =
            format!("\n{}{}", self.pick(("位置:", "Stands at ")), all.join(self.pick(("、", ", "))));
        if page.at.iter().any(|at| at.starts_with(RULES)) {
            let tables: Vec<String> = rules().map(|table| format!("`{table}`")).collect();
            text += self.pick((",`<待遇规则>` 为[七个词](", ", where `<rules>` is one of [seven words]("));
            let _ = write!(text, "{}#rules){}", self.file("words"), self.pick(("之一:", ": ")));
            text += &tables.join(self.pick(("、", ", ")));
        }
        if page.needed {
            text += self.pick((",每个版本必须有", ", and every edition must have it"));
        } else if page.many {
            text += self.pick((",可写多张", "; there may be several"));
        }
        text + self.pick(("。\n", ".\n"))
    }

    fn keys(self, page: &Page) -> String {
        if page.keys.is_empty() {
            return String::new();
        }
        let mut text = self
            .pick((
                "\n## 键\n\n| 键 | 写什么 | 必须 | 含义 |\n|---|---|---|---|\n",
                "\n## Keys\n\n| key | holds | needed | meaning |\n|---|---|---|---|\n",
            ))
            .to_owned();
        let at = page.at.first().copied().unwrap_or_default();
        self.rows(at, "", page.keys, &mut text);
        text
    }

    fn rows(self, at: &str, above: &str, keys: &[Key], text: &mut String) {
        for key in keys {
            let path = format!("{at}.{}", key.key);
            let other = pages().find(|page| page.at.contains(&path.as_str()));
            let holds = match other {
                Some(page) => format!("[{}]({})", self.pick(page.name), self.file(page.key)),
                None => self.holds(&key.holds),
            };
            let needed = if key.needed { self.pick(("是", "yes")) } else { "" };
            let shown = format!("{above}`{}`", key.key);
            let _ = writeln!(text, "| {shown} | {holds} | {needed} | {} |", self.pick(key.text));
            if other.is_none() {
                self.rows(&path, &format!("{shown} › "), key.below(), text);
            }
        }
    }

    /// What stands behind a key, in a few words.
    fn holds(self, holds: &Holds) -> String {
        let list = |list: &str| {
            let name =
                WORDS.iter().find(|(known, ..)| *known == list).map_or(list, |(_, name, _)| self.pick(*name));
            format!("[{name}]({}#{list})", self.file("words"))
        };
        let names = |table: &str| {
            let page = pages().find(|page| page.key == table);
            let name = page.map_or(table, |page| self.pick(page.name));
            format!("[{name}]({})", self.file(table))
        };
        match holds {
            Holds::Text => self.pick(("文本", "text")).into(),
            Holds::Money => self.pick(("元", "yuan")).into(),
            Holds::Amount => self.pick(("金额", "amount")).into(),
            Holds::Price => self.pick(("单价", "price")).into(),
            Holds::Rate => self.pick(("比例", "rate")).into(),
            Holds::Factor => self.pick(("系数", "factor")).into(),
            Holds::Points => self.pick(("百分点", "points")).into(),
            Holds::Count => self.pick(("整数", "whole number")).into(),
            Holds::Flag => self.pick(("是否", "flag")).into(),
            Holds::Date => self.pick(("日期", "day")).into(),
            Holds::Range => self.pick(("范围", "range")).into(),
            Holds::Codes => self.pick(("编码或名称,一个或几个", "a code or name, or several")).into(),
            Holds::Choice(words) => {
                words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(self.pick(("、", ", ")))
            }
            Holds::Word(name) => list(name),
            Holds::Words(name) => list(name) + self.pick((",一个或几个", ", one or several")),
            Holds::Names(table) => {
                names(table) + self.pick(("的名称,一个或几个", " by name, one or several"))
            }
            Holds::Rules(_) => {
                format!("[{}]({})", self.pick(("按情形的行", "rules by situation")), self.file("dimensions"))
            }
            Holds::Rows(_) => self.pick(("行", "rows")).into(),
            Holds::Table(_) => self.pick(("表", "table")).into(),
            Holds::OneOf(some) => some
                .iter()
                .map(|holds| self.holds(holds))
                .collect::<Vec<_>>()
                .join(self.pick((",或", ", or "))),
        }
    }

    /// What the words of its choices mean.
    fn choices(self, page: &Page) -> String {
        let mut rows = String::new();
        let at = page.at.first().copied().unwrap_or_default();
        self.choice_rows(at, page.keys, &mut rows);
        if rows.is_empty() {
            return rows;
        }
        self.pick((
            "\n## 词\n\n| 键 | 词 | 含义 |\n|---|---|---|\n",
            "\n## Words\n\n| key | word | meaning |\n|---|---|---|\n",
        ))
        .to_owned()
            + &rows
    }

    fn choice_rows(self, at: &str, keys: &[Key], text: &mut String) {
        for key in keys {
            let path = format!("{at}.{}", key.key);
            for word in key.holds.choices() {
                let told = meaning(words::CHOICE, word).map_or("", |told| self.pick(told));
                let _ = writeln!(text, "| `{}` | `{word}` | {told} |", key.key);
            }
            if !pages().any(|page| page.at.contains(&path.as_str())) {
                self.choice_rows(&path, key.below(), text);
            }
        }
    }

    fn sentences(self, construct: &Construct) -> String {
        let mut text = String::new();
        if !construct.sentences.is_empty() {
            let _ = write!(text, "\n## {}\n\n", self.pick(("说明中的句子", "What explanations say")));
        }
        for sentence in construct.sentences {
            let _ = writeln!(text, "* {}", without_figures(self.pick(*sentence)));
        }
        text
    }

    fn laws(self, construct: &Construct) -> String {
        let mut text = String::new();
        if !construct.keeps.is_empty() {
            let _ = write!(text, "\n## {}\n\n", self.pick(("总是成立的", "What always holds")));
        }
        for law in construct.keeps {
            let _ = writeln!(text, "* {}", self.pick(told(*law)));
        }
        text
    }
}

/// A law of money in words.
const fn told(law: Law) -> (&'static str, &'static str) {
    match law {
        Law::Monotone => {
            ("范围内费用多了,基金支付不会少。", "More in-scope cost never lowers what the funds pay.")
        }
        Law::OrderFree => ("费用明细的次序不影响结果。", "The order of fee lines does not matter."),
        Law::Telescopes => ("分几次中途结算,合计与一次结算相同。", "Interim settlements add up to one."),
    }
}

/// The names of all tables of rules.
fn rules() -> impl Iterator<Item = &'static str> {
    crate::Track::ALL.iter().map(|track| track.key())
}

/// A sentence with `…` for each figure.
fn without_figures(sentence: &str) -> String {
    let mut parts = sentence.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "…" + part.split_once('}').map_or(part, |(_, rest)| rest))
}

/// A table of an edition as it is written there, with the tables below it; of several of one name the first. Where it
/// has no header of its own, its key with what stands behind it.
fn cut(edition: &str, path: &str) -> Option<String> {
    let lines: Vec<&str> = edition.lines().collect();
    let within =
        |name: &str| name == path || name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    let Some(start) = lines.iter().position(|line| header(line).is_some_and(within)) else {
        let (above, key) = path.rsplit_once('.')?;
        let table = cut(edition, above)?;
        return table.lines().find(|line| line.starts_with(&format!("{key} ="))).map(str::to_owned);
    };
    let goes_on = |line: &&&str| header(line).is_none_or(|name| within(name) && name != path);
    let rest = lines[start + 1..].iter().take_while(goes_on);
    let mut shown: Vec<&str> = std::iter::once(&lines[start]).chain(rest).copied().collect();
    // What stands right before the next header is the next table's.
    while shown.last().is_some_and(|line| line.is_empty() || line.starts_with('#')) {
        shown.pop();
    }
    Some(shown.join("\n"))
}

/// The name in a header.
fn header(line: &str) -> Option<&str> {
    let name = line.strip_prefix('[')?;
    Some(name.strip_prefix('[').unwrap_or(name).split_once(']')?.0)
}
