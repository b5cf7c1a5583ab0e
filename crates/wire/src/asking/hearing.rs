//! Answers as a desk hears them: a message that was done has an output, whose members are read with patience. What is
//! there and cannot be read makes the whole unreadable; what is not there is told as such.

use std::borrow::Cow;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use money::{Money, Rate};

use crate::json::Node;
use crate::number;
use crate::output::Answer;
use crate::stamp::read_time;

/// Whether the message was done.
pub fn done(answer: &Answer) -> bool {
    heard(answer, |_| Some(())).is_some()
}

/// What the centre warns of although the message was done.
pub fn warning(answer: &Answer) -> Option<String> {
    Told(&answer.parsed()?).some("warn_msg")
}

/// Lines that were refused, by their numbers, each with the reason; none where the refusal is not about lines.
pub fn refused_lines(answer: &Answer) -> Vec<(String, String)> {
    let Some(parsed) = answer.parsed().filter(|_| answer.error().is_some()) else { return Vec::new() };
    let lines = |output: Told<'_>| {
        let rows = output.rows("result").filter(|row| !row.text("memo").is_empty());
        Some(rows.map(|row| (row.text("feedetl_sn"), row.text("memo"))).collect())
    };
    output(&parsed, lines).unwrap_or_default()
}

/// Reads the output of a message that was done.
pub(super) fn heard<T>(answer: &Answer, read: impl FnOnce(Told<'_>) -> Option<T>) -> Option<T> {
    let parsed = answer.parsed()?;
    let done = Told(&parsed).said("infcode").is_some_and(|code| code == "0");
    if done { output(&parsed, read) } else { None }
}

/// The output; some centres write it as a text.
fn output<T>(parsed: &Node<'_>, read: impl FnOnce(Told<'_>) -> Option<T>) -> Option<T> {
    match parsed.given("output") {
        None => read(Told(&Node::Null)),
        Some(Node::Text(text)) => read(Told(&Node::parse(text.as_bytes()).ok()?)),
        Some(node) => read(Told(node)),
    }
}

/// One object of an output.
#[derive(Clone, Copy)]
pub(super) struct Told<'n>(&'n Node<'n>);

impl<'n> Told<'n> {
    /// The object of this name, or the first of them.
    pub(super) fn node(self, name: &str) -> Option<Self> {
        self.rows(name).next()
    }

    /// The objects of this name.
    pub(super) fn rows(self, name: &str) -> impl Iterator<Item = Self> {
        let found = self.0.given(name).map(|node| Self(node).list());
        found.into_iter().flatten()
    }

    /// Itself, or what it is a list of.
    pub(super) fn list(self) -> impl Iterator<Item = Self> {
        let rows: &'n [Node<'n>] = match self.0 {
            Node::List(rows) => rows,
            Node::Null => &[],
            row => std::slice::from_ref(row),
        };
        rows.iter().map(Self)
    }

    /// A member as it was written.
    fn said(self, name: &str) -> Option<Cow<'n, str>> {
        self.0.given(name)?.scalar()
    }

    /// A text; empty where it is not told.
    pub(super) fn text(self, name: &str) -> String {
        self.some(name).unwrap_or_default()
    }

    /// A text, if it is told.
    pub(super) fn some(self, name: &str) -> Option<String> {
        self.said(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A number of so many places: none inside where it is not told, none outside where it is none.
    pub(super) fn number<T: FromStr>(self, name: &str, places: u32) -> Option<Option<T>> {
        let Some(node) = self.0.given(name) else { return Some(None) };
        let text = node.scalar()?;
        // A number may be a double that a machine printed.
        let places = Some(places).filter(|_| matches!(node, Node::Number(_)));
        number::canonical(text.trim(), places).parse().ok().map(Some)
    }

    /// An amount; nothing where it is not told.
    pub(super) fn amount(self, name: &str) -> Option<Money> {
        Some(self.number(name, 2)?.unwrap_or(Money::ZERO))
    }

    /// A share; none where it is not told.
    pub(super) fn rate(self, name: &str) -> Option<Rate> {
        Some(self.number(name, 4)?.unwrap_or(Rate::ZERO))
    }

    /// A code or another word, read as a value of its type: none inside where it is not told, none outside where it is none.
    pub(super) fn word<T: FromStr>(self, name: &str) -> Option<Option<T>> {
        self.some(name).map_or(Some(None), |text| text.parse().ok().map(Some))
    }

    /// A moment; the year 1 stands for none.
    pub(super) fn time(self, name: &str) -> Option<DateTime> {
        read_time(&self.said(name)?).filter(|time| time.year() > 1)
    }

    /// A day.
    pub(super) fn date(self, name: &str) -> Option<Date> {
        self.time(name).map(DateTime::date)
    }

    /// Whether a flag is set.
    pub(super) fn flag(self, name: &str) -> bool {
        self.said(name).is_some_and(|flag| flag == "1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{answered, refused};
    use crate::codes::{Lines, Refusal};
    use money::Quantity;

    fn answer(text: &str) -> Answer {
        Answer { text: text.as_bytes().into() }
    }

    #[test]
    fn every_form_of_an_answer_is_heard() {
        let read = |text: &str| {
            heard(&answer(text), |output| output.node("setlinfo")?.amount("medfee_sumamt")).map(Money::fen)
        };
        for same in [
            r#"{"infcode":0,"output":{"setlinfo":{"medfee_sumamt":12.3}}}"#,
            r#"{"infcode":"0","output":"{\"setlinfo\":{\"medfee_sumamt\":\"12.30\"}}"}"#,
            r#"{"INFCODE":0,"Output":{"SETLINFO":[{"MEDFEE_SUMAMT":12.299999999999999}]}}"#,
        ] {
            assert_eq!(read(same), Some(1_230), "{same}");
        }
        assert_eq!(read(r#"{"infcode":0,"output":{"setlinfo":{"x":1}}}"#), Some(0), "not told is none");
        for no in [
            r#"{"infcode":0,"output":{"setlinfo":{"medfee_sumamt":"dear"}}}"#,
            r#"{"infcode":0,"output":{"setlinfo":{"medfee_sumamt":12.305}}}"#,
            r#"{"infcode":-1,"output":{"setlinfo":{"medfee_sumamt":12.3}}}"#,
            r#"{"infcode":0,"output":{}}"#,
            r#"{"infcode":0,"output":"<html>"}"#,
            r#"{"output":{"setlinfo":{"medfee_sumamt":12.3}}}"#,
            "<html>",
        ] {
            assert_eq!(read(no), None, "{no}");
        }
    }

    #[test]
    fn a_double_of_another_centre_is_taken_at_its_scale() {
        let count = |text: &str| {
            let text = format!(r#"{{"infcode":0,"output":{{"x":{{"id":1,"cnt":{text}}}}}}}"#);
            heard(&answer(&text), |output| output.node("x")?.number::<Quantity>("cnt", 4))
        };
        assert_eq!(count("0.30000000000000004"), Some(Some(Quantity::from_ten_thousandths(3_000))));
        assert_eq!(count("null"), Some(None));
        assert_eq!(count(r#""0.30000000000000004""#), None, "a text was written by somebody");
    }

    #[test]
    fn done_warned_and_refused_are_told_apart() {
        let warned = answer(r#"{"infcode":0,"warn_msg":"余额 \"不足\"","output":{}}"#);
        assert_eq!((done(&warned), warning(&warned).as_deref()), (true, Some("余额 \"不足\"")));
        assert_eq!(warning(&answered("9002", &())), None);
        assert!(done(&answered("2202", &())) && !done(&answer("")) && !done(&answer("[]")));
        let why = Refusal::LinesRefused {
            count: "2".into(),
            lines: Lines(vec![("1".into(), Refusal::NoLines), ("2".into(), Refusal::NoLines)]),
        };
        let lines = refused_lines(&refused("2204", &why));
        assert_eq!(lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>(), ["1", "2"]);
        assert!(lines[0].1.starts_with("[NO_LINES] "), "{lines:?}");
        assert_eq!(refused_lines(&refused("2204", &Refusal::NoLines)), []);
        assert_eq!(refused_lines(&warned), []);
    }
}
