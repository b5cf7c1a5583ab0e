//! The transactions, from `data/transactions.txt`: one table from which reader checks and writer order come.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::envelope::{INFNO_MAX, MSGID_MAX};

/// What kind of message: decides store, lock, key and what a second sending means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Reads; nothing is kept.
    Query,
    /// Data sent in; the same id with other content is a new message.
    Upload,
    /// Changes the state of a visit or a filing.
    Act,
    /// Moves money.
    Money,
}

/// Whose row is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nobody's.
    None,
    /// The person's.
    Person,
    /// The hospital's.
    Hospital,
}

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    String,
    /// Decimal number.
    Number,
    /// Day.
    Date,
    /// Moment.
    DateTime,
    /// A file, as an array of numbers.
    Bytes,
    /// Rows of the node of this name, which stand within the row.
    Rows,
}

/// One field of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// National name.
    pub name: &'static str,
    /// Type.
    pub kind: FieldType,
    /// Most characters of a text; digits before and behind the point of a number.
    pub length: Option<u32>,
    /// Places behind the point of a number.
    pub places: Option<u32>,
    /// We refuse a message without it.
    pub required: bool,
    /// One province or vendor alone has it.
    pub local: bool,
    /// The centre reckons it itself: what is sent is looked at only where the institution's profile compares it.
    pub echo: bool,
    /// Its dictionary.
    pub dictionary: Option<&'static str>,
    /// Chinese label.
    pub label: &'static str,
    /// The same in English.
    pub label_en: &'static str,
}

/// One node of an input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSpec {
    /// National name; `output` means directly under output.
    pub name: &'static str,
    /// A list of rows.
    pub many: bool,
    /// The fields, in documented order.
    pub fields: Vec<Field>,
    /// Positions in `fields`, by name.
    sorted: Vec<u16>,
}

impl NodeSpec {
    /// A field by its name; `guess` is where it is looked for first. Exact spelling before any other case.
    pub(crate) fn find(&self, name: &str, guess: usize) -> Option<usize> {
        if self.fields.get(guess).is_some_and(|f| f.name == name) {
            return Some(guess);
        }
        let exact = self.sorted.binary_search_by(|&at| self.fields[usize::from(at)].name.cmp(name));
        match exact {
            Ok(at) => Some(usize::from(self.sorted[at])),
            Err(_) => self.fields.iter().position(|f| f.name.eq_ignore_ascii_case(name)),
        }
    }

    /// A field by its exact name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.find(name, 0).map(|at| &self.fields[at])
    }
}

/// One transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// National number.
    pub infno: &'static str,
    /// Our name for it.
    pub name: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// Class.
    pub class: Class,
    /// Whose row is locked.
    pub subject: Subject,
    /// The business act that undoes it.
    pub undo: Option<&'static str>,
    /// 2601 may name it.
    pub reversible: bool,
    /// Other names of input nodes: alias, documented name.
    pub aliases: Vec<(&'static str, &'static str)>,
    /// Input nodes.
    pub input: Vec<NodeSpec>,
    /// Output nodes.
    pub output: Vec<NodeSpec>,
}

impl Transaction {
    /// Whether its input holds a file: it is larger than any other may be, and kept apart from the message.
    pub fn brings_a_file(&self) -> bool {
        self.input.iter().flat_map(|node| &node.fields).any(|field| field.kind == FieldType::Bytes)
    }

    /// Whether it is about a person: what does something says so, what asks names him.
    pub fn names_a_person(&self) -> bool {
        let named = |field: &Field| matches!(field.name, "psn_no" | "certno");
        let asked = self.class == Class::Query;
        self.subject == Subject::Person || asked && self.input.iter().flat_map(|node| &node.fields).any(named)
    }

    /// Whether rows of an output node stand within those of another.
    pub(crate) fn is_within(&self, node: &NodeSpec) -> bool {
        let mut fields = self.output.iter().flat_map(|other| &other.fields);
        fields.any(|field| field.kind == FieldType::Rows && field.name == node.name)
    }

    /// The node that takes fields given directly under `input`: the first that is no list, else the first.
    pub(crate) fn main_node(&self) -> Option<usize> {
        self.input.iter().position(|n| !n.many).or(if self.input.is_empty() { None } else { Some(0) })
    }

    /// An input node by its documented name or an alias.
    pub(crate) fn input_node(&self, name: &str) -> Option<usize> {
        let position = |name: &str| self.input.iter().position(|n| n.name.eq_ignore_ascii_case(name));
        position(name).or_else(|| {
            let (_, target) = self.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name))?;
            position(target)
        })
    }
}

/// The English of each label.
static LABELS_EN: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../data/labels-en.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('|')).collect()
});

static ALL: LazyLock<Vec<Transaction>> = LazyLock::new(|| read(include_str!("../data/transactions.txt")));

/// A transaction by its number.
pub fn transaction(infno: &str) -> Option<&'static Transaction> {
    let at = ALL.binary_search_by(|t| t.infno.cmp(infno)).ok();
    at.map(|at| &ALL[at]).or_else(|| ALL.iter().find(|t| t.infno.eq_ignore_ascii_case(infno)))
}

/// All transactions we know the fields of, by number.
pub fn transactions_known() -> impl Iterator<Item = &'static Transaction> {
    ALL.iter()
}

fn read(text: &'static str) -> Vec<Transaction> {
    let mut all: Vec<Transaction> = Vec::new();
    let mut output = false;
    for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
        let bad = |what: &str| -> ! { panic!("transactions.txt:{}: {what}: {line}", n + 1) };
        let (word, rest) = line.trim_start().split_once(' ').unwrap_or((line, ""));
        if word == "transaction" && !line.starts_with(' ') {
            all.push(read_head(rest).unwrap_or_else(|| bad("a head")));
            continue;
        }
        let Some(last) = all.last_mut() else { bad("nothing before the first transaction") };
        if line.starts_with(' ') {
            let nodes = if output { &mut last.output } else { &mut last.input };
            let field = read_field(line).unwrap_or_else(|| bad("a field"));
            nodes.last_mut().unwrap_or_else(|| bad("a field outside a node")).fields.push(field);
            continue;
        }
        match word {
            "zh" => last.zh = rest,
            "en" => last.en = rest,
            "key" | "note" => {}
            "alias" => last.aliases.push(rest.split_once(' ').unwrap_or_else(|| bad("an alias"))),
            "in" | "out" => {
                output = word == "out";
                let (name, many) = rest.strip_suffix(" many").map_or((rest, false), |name| (name, true));
                let node = NodeSpec { name, many, fields: Vec::new(), sorted: Vec::new() };
                if output { last.output.push(node) } else { last.input.push(node) }
            }
            _ => bad("an unknown word"),
        }
    }
    for transaction in &mut all {
        for node in transaction.input.iter_mut().chain(&mut transaction.output) {
            node.sorted = (0..u16::try_from(node.fields.len()).expect("few fields")).collect();
            node.sorted.sort_by_key(|at| node.fields[usize::from(*at)].name);
        }
    }
    all.sort_by_key(|t| t.infno);
    all
}

fn read_head(text: &'static str) -> Option<Transaction> {
    let mut words = text.split_whitespace();
    let (infno, name) = (words.next()?, words.next()?);
    let class = match words.next()? {
        "query" => Class::Query,
        "upload" => Class::Upload,
        "act" => Class::Act,
        "money" => Class::Money,
        _ => return None,
    };
    let subject = match words.next()? {
        "-" => Subject::None,
        "person" => Subject::Person,
        "hospital" => Subject::Hospital,
        _ => return None,
    };
    // The offline rule, for a front server.
    words.next().filter(|word| ["no", "local", "hold", "promise"].contains(word))?;
    let (mut undo, mut reversible) = (None, false);
    for word in words {
        match word.strip_prefix("undo=") {
            Some(infno) => undo = Some(infno),
            None if word == "reversible" => reversible = true,
            None => return None,
        }
    }
    Some(Transaction {
        infno,
        name,
        zh: "",
        en: "",
        class,
        subject,
        undo,
        reversible,
        aliases: Vec::new(),
        input: Vec::new(),
        output: Vec::new(),
    })
}

fn read_field(line: &'static str) -> Option<Field> {
    let mut words = line.split_whitespace();
    let (name, kind, length, need, dictionary) =
        (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let label = &line[line.rfind(words.next()?)?..];
    let kind = match kind {
        "string" => FieldType::String,
        "number" => FieldType::Number,
        "date" => FieldType::Date,
        "datetime" => FieldType::DateTime,
        "bytes" => FieldType::Bytes,
        "rows" => FieldType::Rows,
        _ => return None,
    };
    let (length, places) = match (length, length.split_once(',')) {
        // A message that was taken in can be named.
        ("msgid", _) => (Some(MSGID_MAX), None),
        ("infno", _) => (Some(INFNO_MAX), None),
        (_, Some((length, places))) => (length.parse().ok(), places.parse().ok()),
        (_, None) => (length.parse().ok(), None),
    };
    let echo = need.contains("+echo");
    let varies = echo || need.contains("+varies") || need.contains("+local");
    Some(Field {
        name,
        kind,
        length,
        places,
        required: need.starts_with("required") && !varies,
        local: need.contains("+local"),
        echo,
        dictionary: (dictionary != "-").then_some(dictionary),
        label,
        label_en: LABELS_EN.get(label)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_has_its_english_and_no_english_is_left_over() {
        let nodes = ALL.iter().flat_map(|t| t.input.iter().chain(&t.output));
        let used: std::collections::HashSet<&str> = nodes.flat_map(|n| &n.fields).map(|f| f.label).collect();
        let left: Vec<&&str> = LABELS_EN.keys().filter(|label| !used.contains(**label)).collect();
        assert!(left.is_empty(), "{left:?}");
        assert!(LABELS_EN.values().all(|english| english.is_ascii() && !english.is_empty()));
    }

    #[test]
    fn seventy_nine_national_transactions_with_their_fields_and_three_of_ours() {
        let described = |t: &&Transaction| !t.output.is_empty() || !t.input.is_empty();
        assert_eq!(transactions_known().filter(described).count(), 79 + 21 + 3);
        assert!(transactions_known().all(|t| !t.zh.is_empty() && !t.en.is_empty()));
        assert_eq!(transaction("2203a").map(|t| t.infno), Some("2203A"));
        assert_eq!(transaction("9999"), None);
    }

    #[test]
    fn names_undo_and_aliases_refer_to_what_exists() {
        let mut names: Vec<_> = transactions_known().map(|t| t.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|w| w[0] != w[1]), "every transaction has a name of its own");
        for t in transactions_known() {
            assert!(t.undo.is_none_or(|undo| transaction(undo).is_some()), "{}", t.infno);
            for (alias, target) in &t.aliases {
                assert!(t.input.iter().any(|n| n.name == *target), "{}: {alias}", t.infno);
            }
            for node in t.input.iter().chain(&t.output) {
                let mut names: Vec<_> = node.fields.iter().map(|f| f.name.to_lowercase()).collect();
                names.sort();
                assert!(
                    names.windows(2).all(|w| w[0] != w[1]),
                    "{} {}: a field in two cases",
                    t.infno,
                    node.name
                );
            }
            for nodes in [&t.input, &t.output] {
                let mut rows = nodes.iter().flat_map(|n| &n.fields).filter(|f| f.kind == FieldType::Rows);
                assert!(rows.all(|field| nodes.iter().any(|n| n.name == field.name)), "{}", t.infno);
            }
            for field in t.input.iter().chain(&t.output).flat_map(|n| &n.fields) {
                assert!(
                    field.dictionary.is_none_or(|d| d.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
                );
                assert!(!field.label.is_empty());
            }
        }
    }

    #[test]
    fn every_amount_is_a_number() {
        for t in transactions_known() {
            for field in t.input.iter().chain(&t.output).flat_map(|n| &n.fields) {
                let scaled = field.places.is_some();
                assert!(!scaled || field.kind == FieldType::Number, "{}: {}", t.infno, field.name);
            }
        }
    }

    #[test]
    fn a_field_is_found_in_any_case_but_exactly_first() {
        let node = &transaction("2207").unwrap().input[0];
        assert_eq!(node.field("MDTRT_ID").map(|f| f.name), Some("mdtrt_id"));
        assert_eq!(node.field("chrg_bchno").map(|f| f.label), Some("收费批次号"));
        assert_eq!(node.field("nothing"), None);
    }
}
