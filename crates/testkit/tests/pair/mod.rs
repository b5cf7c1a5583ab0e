//! The pairs of request and answer of the vendors' manual: what was really said and answered, numbers given by the centre
//! in the order they came.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use serde_json::Value;
use testkit::Said;
use wire::{Node, Transaction};

/// What was asked and answered first of each transaction.
#[derive(Default)]
pub struct Pairs {
    /// By number of the transaction.
    parts: BTreeMap<&'static str, String>,
    numbers: HashMap<String, String>,
}

const HEAD: &str = "# 报文示例 Sample pairs\n\n[交易与字段](transactions.md) · [Transactions and fields](transactions.en.md)\n\n\
    每个交易一对:`input` 与答复的 `output`,都是真实往来;多行的只留一行,中心给的编号按出现次序改写。信封见接入手册。\n\n\
    A pair of each transaction: `input`, and `output` of the answer, as they were really said; of several rows one is left, and \
    numbers given by the centre are put in the order they came. The manual shows the envelope.\n";

impl Pairs {
    /// Takes down a pair, the first of its transaction.
    pub fn add(&mut self, transaction: &'static Transaction, input: &Value, said: &Said) {
        if self.parts.contains_key(transaction.infno) {
            return;
        }
        let Transaction { infno, zh, en, .. } = transaction;
        let anchor = infno.to_lowercase();
        let mut part = format!("\n## <a id=\"s{anchor}\"></a>{infno} {zh} {en}\n");
        let (asked, nothing) = (input.to_string(), Node::Null);
        let [asked, answered] = [&asked, &said.text].map(|text| Node::parse(text.as_bytes()).expect("JSON"));
        for node in [&asked, answered.get("output").unwrap_or(&nothing)] {
            let text = self.plain(node).laid_out();
            let _ = writeln!(part, "\n```json\n{text}\n```");
        }
        self.parts.insert(infno, part);
    }

    /// The page, in the order of numbers.
    pub fn page(&self) -> String {
        self.parts.values().fold(HEAD.to_owned(), |page, part| page + part)
    }

    /// Of lists the first row; what differs from run to run put in order.
    fn plain<'n>(&mut self, node: &Node<'n>) -> Node<'n> {
        match node {
            Node::Object(members) => {
                Node::Object(members.iter().map(|(name, value)| (name.clone(), self.plain(value))).collect())
            }
            Node::List(rows) => Node::List(rows.iter().take(1).map(|row| self.plain(row)).collect()),
            Node::Text(text) => Node::Text(Cow::Owned(self.ordered(text))),
            other => other.clone(),
        }
    }

    fn ordered(&mut self, text: &str) -> String {
        if is_moment(text) {
            return format!("{}00", &text[..17]);
        }
        if text.len() != NUMBER
            || text.starts_with(DIVISION)
            || !text.bytes().all(|byte| byte.is_ascii_digit())
        {
            return text.to_owned();
        }
        let next = FIRST + self.numbers.len() as u64;
        self.numbers.entry(text.to_owned()).or_insert(next.to_string()).clone()
    }
}

/// Digits of the numbers a centre gives, and the first of them here.
const NUMBER: usize = 18;
const FIRST: u64 = 900_000_000_000_000_001;

/// Documents of the sample city begin with its division.
const DIVISION: &str = "9901";

/// `2026-11-23 08:00:07`
fn is_moment(text: &str) -> bool {
    text.len() == 19 && text.as_bytes()[10] == b' ' && text.as_bytes()[16] == b':'
}
