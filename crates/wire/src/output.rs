//! The answer: documented order, every documented member, exact decimals, in the institution's form.

use std::borrow::Cow;
use std::fmt::{Display, Write};
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use model::IdSource;
use money::{Money, Quantity, Rate, UnitPrice};

use crate::codes::{Doubt, Problem, Refusal};
use crate::envelope::{Amounts, Envelope, Profile};
use crate::file::ZIP_MARK;
use crate::json::{Node, write_text};
use crate::stamp::{compact_time, print_date, print_time, read_time};
use crate::table::{Field, FieldType, NodeSpec, Transaction, transaction};

/// A value on its way out.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Written as null.
    Absent,
    /// Text.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// Whole fen, written in yuan with two places.
    Money(Money),
    /// Four places.
    Rate(Rate),
    /// Four places.
    Quantity(Quantity),
    /// Six places.
    Price(UnitPrice),
    /// A day.
    Date(Date),
    /// A moment, to the second.
    Time(DateTime),
    /// Those rows of the node the field is called by.
    Rows(Range<usize>),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Money> for Value<'_> {
    fn from(amount: Money) -> Self {
        Self::Money(amount)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

/// Supplies the values of an output; the table supplies names, order and types.
pub trait Outgoing {
    /// How many rows a node has. A node that is no list is left out when it has none.
    fn rows(&self, node: &str) -> usize {
        let _ = node;
        1
    }

    /// One field of one row.
    fn field(&self, node: &str, row: usize, name: &str) -> Value<'_>;
}

impl Outgoing for () {
    fn rows(&self, _: &str) -> usize {
        0
    }

    fn field(&self, _: &str, _: usize, _: &str) -> Value<'_> {
        Value::Absent
    }
}

/// Lines that were refused, each with the reason in its note; amounts say nothing.
struct RefusedLines<'r>(Vec<(&'r str, String)>);

impl Outgoing for RefusedLines<'_> {
    fn rows(&self, node: &str) -> usize {
        if node == "result" { self.0.len() } else { 0 }
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        let (line, why) = &self.0[row];
        match name {
            "feedetl_sn" => (*line).into(),
            "memo" => why.as_str().into(),
            _ => Value::Absent,
        }
    }
}

/// What every answer carries besides its output.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// When the message came in.
    pub received: DateTime,
    /// When it was decided.
    pub decided: DateTime,
    /// Our id of the message; zero where it has none.
    pub serial: i64,
    /// Division of the place of care, six digits.
    pub division: u32,
}

/// What became of a message, as said in the header `x-tongqu-outcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeWord {
    /// Done.
    Done,
    /// Refused by rule.
    Refused,
    /// Certainly without effect.
    NotProcessed,
    /// Nothing is known.
    Unknown,
}

impl OutcomeWord {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::NotProcessed => "not-processed",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Done, Self::Refused, Self::NotProcessed, Self::Unknown].into_iter().find(|o| o.word() == word)
    }
}

/// A whole response envelope. What is stored with a message and given again, byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The bytes.
    pub text: Arc<[u8]>,
}

impl std::fmt::Debug for Answer {
    /// What was answered stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}

impl Answer {
    /// An answer to a message that was done.
    pub fn done(
        transaction: &Transaction,
        output: &dyn Outgoing,
        warning: Option<&str>,
        envelope: &Envelope,
        profile: &Profile,
        stamp: &Stamp,
    ) -> Self {
        let mut out = String::with_capacity(2_048);
        write_head(&mut out, true, warning, "", envelope, profile, stamp);
        write_output(&mut out, transaction, output, profile);
        out.push('}');
        Self { text: out.into_bytes().into() }
    }

    /// An answer to a message that the rules refuse.
    pub fn refused(refusal: &Refusal, envelope: &Envelope, profile: &Profile, stamp: &Stamp) -> Self {
        let message = refusal.message(profile.language);
        let Refusal::LinesRefused { lines, .. } = refusal else {
            return Self::failed(&message, envelope, profile, stamp);
        };
        let transaction = transaction(&envelope.infno).expect("lines are those of a transaction we know");
        let lines = RefusedLines(
            lines.0.iter().map(|(line, why)| (&**line, why.message(profile.language))).collect(),
        );
        let mut out = String::with_capacity(2_048);
        write_head(&mut out, false, None, &message, envelope, profile, stamp);
        write_output(&mut out, transaction, &lines, profile);
        out.push('}');
        Self { text: out.into_bytes().into() }
    }

    /// An answer to what was certainly not processed.
    pub fn not_processed(problem: &Problem, envelope: &Envelope, profile: &Profile, stamp: &Stamp) -> Self {
        Self::failed(&problem.message(profile.language), envelope, profile, stamp)
    }

    /// An answer where nothing is known.
    pub fn unknown(doubt: &Doubt, envelope: &Envelope, profile: &Profile, stamp: &Stamp) -> Self {
        Self::failed(&doubt.message(profile.language), envelope, profile, stamp)
    }

    fn failed(message: &str, envelope: &Envelope, profile: &Profile, stamp: &Stamp) -> Self {
        let mut out = String::with_capacity(512);
        write_head(&mut out, false, None, message, envelope, profile, stamp);
        out.push_str("{}}");
        Self { text: out.into_bytes().into() }
    }

    /// Whether it is a file, and no envelope.
    pub fn is_file(&self) -> bool {
        self.text.starts_with(ZIP_MARK)
    }

    /// The answer parsed.
    pub fn parsed(&self) -> Option<Node<'_>> {
        Node::parse(&self.text).ok()
    }

    /// The text of `err_msg`, where the message was not done.
    pub fn error(&self) -> Option<String> {
        let node = self.parsed()?;
        let failed = node.get("infcode")?.scalar()?.as_ref() != "0";
        failed.then(|| node.get("err_msg").and_then(Node::as_str).unwrap_or_default().to_owned())
    }

    /// The stable code in front of `err_msg`.
    pub fn error_code(&self) -> Option<String> {
        let message = self.error()?;
        let (code, _) = message.strip_prefix('[')?.split_once(']')?;
        Some(code.to_owned())
    }

    /// When it was decided, by the centre's clock.
    pub fn time(&self) -> Option<DateTime> {
        read_time(self.parsed()?.get("respond_time")?.as_str()?)
    }

    /// One field of one output node, first row.
    pub fn output(&self, node: &str, field: &str) -> Option<String> {
        let parsed = self.parsed()?;
        let output = parsed.get("output")?;
        let found = if node == "output" { output } else { output.get(node)? };
        let row = match found {
            Node::List(rows) => rows.first()?,
            row => row,
        };
        row.get(field)?.scalar().map(Cow::into_owned)
    }
}

fn write_head(
    out: &mut String,
    done: bool,
    warning: Option<&str>,
    error: &str,
    envelope: &Envelope,
    profile: &Profile,
    stamp: &Stamp,
) {
    let code = if done { "0" } else { "-1" };
    let quote = if profile.infcode_as_text(envelope) { "\"" } else { "" };
    let _ = write!(out, "{{\"infcode\":{quote}{code}{quote},\"inf_refmsgid\":\"{}\"", reference(stamp));
    let _ = write!(out, ",\"refmsg_time\":\"{}\"", compact_time(stamp.received));
    let _ = write!(out, ",\"respond_time\":\"{}\",\"warn_msg\":", compact_time(stamp.decided));
    match warning {
        None => out.push_str("null"),
        Some(text) => write_text(out, text),
    }
    out.push_str(",\"cainfo\":null,\"signtype\":null,\"enctype\":null,\"err_msg\":");
    write_text(out, error);
    out.push_str(",\"output\":");
}

/// Division (6), second (14), serial within the second (10). Second and serial are those of our id, so that no two
/// messages have one reference; where there is no id, those of the answer.
fn reference(stamp: &Stamp) -> String {
    let (at, within) = match stamp.serial {
        0 => (stamp.decided, 0),
        id => IdSource::parts(id),
    };
    // Within one millisecond ids differ in their low 22 bits; a second has a thousand of them.
    let serial = i64::from(at.millisecond()) << 22 | within;
    format!("{:06}{}{serial:010}", stamp.division, &compact_time(at)[..14])
}

fn write_output(out: &mut String, transaction: &Transaction, output: &dyn Outgoing, profile: &Profile) {
    let start = out.len();
    write_national(out, transaction, output, profile);
    let Some(dialect) = profile.dialect.as_deref().filter(|dialect| dialect.tells()) else { return };
    let written = out.split_off(start);
    let mut node = Node::parse(written.as_bytes()).expect("what we write is JSON");
    dialect.tell(transaction, &mut node);
    node.write(out);
}

fn write_national(out: &mut String, transaction: &Transaction, output: &dyn Outgoing, profile: &Profile) {
    // Rows directly under output: it is a list itself.
    if let [node] = transaction.output.as_slice()
        && node.name == "output"
        && node.many
    {
        return write_rows(out, transaction, node, 0..output.rows(node.name), output, profile);
    }
    out.push('{');
    let mut first = true;
    for node in transaction.output.iter().filter(|node| !transaction.is_within(node)) {
        let rows = output.rows(node.name);
        if rows == 0 && !node.many {
            continue;
        }
        if !first {
            out.push(',');
        }
        first = false;
        if node.name == "output" {
            write_fields(out, transaction, node, 0, output, profile);
            continue;
        }
        let _ = write!(out, "\"{}\":", node.name);
        write_rows(out, transaction, node, 0..rows, output, profile);
    }
    out.push('}');
}

fn write_rows(
    out: &mut String,
    transaction: &Transaction,
    node: &NodeSpec,
    rows: Range<usize>,
    output: &dyn Outgoing,
    profile: &Profile,
) {
    if node.many {
        out.push('[');
    }
    let first = rows.start;
    for row in rows {
        if row > first {
            out.push(',');
        }
        out.push('{');
        write_fields(out, transaction, node, row, output, profile);
        out.push('}');
    }
    if node.many {
        out.push(']');
    }
}

fn write_fields(
    out: &mut String,
    transaction: &Transaction,
    node: &NodeSpec,
    row: usize,
    output: &dyn Outgoing,
    profile: &Profile,
) {
    let mut first = true;
    for field in &node.fields {
        let value = output.field(node.name, row, field.name);
        // A member only one province knows is written where it has a value.
        if field.local && value == Value::Absent {
            continue;
        }
        if !first {
            out.push(',');
        }
        first = false;
        out.push('"');
        out.push_str(field.name);
        out.push_str("\":");
        let Value::Rows(rows) = &value else {
            write_value(out, field, &value, profile);
            continue;
        };
        let within = transaction.output.iter().find(|within| within.name == field.name);
        let within = within.expect("a field of rows is called by their node");
        write_rows(out, transaction, within, rows.clone(), output, profile);
    }
}

fn write_value(out: &mut String, field: &Field, value: &Value<'_>, profile: &Profile) {
    match value {
        Value::Absent | Value::Rows(_) => out.push_str("null"),
        // What was said and is said again.
        Value::Text(text) if field.kind == FieldType::Number => write_number(out, field, text, profile),
        Value::Text(text) => write_text(out, text),
        Value::Integer(number) => write_number(out, field, number, profile),
        Value::Money(amount) => write_number(out, field, amount, profile),
        Value::Rate(rate) => write_number(out, field, rate, profile),
        Value::Quantity(quantity) => write_number(out, field, quantity, profile),
        Value::Price(price) => write_number(out, field, price, profile),
        Value::Date(date) => write_text(out, &print_date(*date)),
        Value::Time(time) => write_text(out, &print_time(*time)),
    }
}

fn write_number(out: &mut String, field: &Field, number: &dyn Display, profile: &Profile) {
    let quoted = field.kind != FieldType::Number || profile.amounts == Amounts::Text;
    let quote = if quoted { "\"" } else { "" };
    out.push_str(quote);
    let start = out.len();
    let _ = write!(out, "{number}");
    if let (FieldType::Number, Some(places)) = (field.kind, field.places.filter(|places| *places > 0)) {
        bring_to_scale(out, start, places as usize);
        let whole = out[start..].trim_start_matches('-').find('.').unwrap_or(out.len() - start);
        debug_assert!(
            field.length.is_none_or(|length| whole + places as usize <= length as usize),
            "{} does not fit {}",
            &out[start..],
            field.name
        );
    }
    out.push_str(quote);
}

/// Brings the number that stands from `start` to a scale: zeros behind the point are added or taken away, nothing else.
fn bring_to_scale(out: &mut String, start: usize, places: usize) {
    let point = out[start..].find('.').map_or(out.len(), |at| start + at);
    if point == out.len() {
        out.push('.');
    }
    let wanted = point + 1 + places;
    while out.len() < wanted {
        out.push('0');
    }
    let more = out[wanted..].trim_end_matches('0').len();
    debug_assert!(more == 0, "{} has more than {places} places", &out[start..]);
    out.truncate(wanted + more);
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;
    use model::Ids;

    struct Signed;

    impl Outgoing for Signed {
        fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
            match name {
                "sign_no" => "S\"1".into(),
                _ => Value::Absent,
            }
        }
    }

    fn stamp() -> Stamp {
        let at = datetime(2026, 11, 23, 8, 0, 0, 5_000_000);
        Stamp { received: at, decided: at, serial: 0, division: 990_100 }
    }

    #[test]
    fn an_answer_has_every_documented_member_in_documented_order() {
        let transaction = crate::transaction("9001").unwrap();
        let envelope = Envelope::default();
        let answer = Answer::done(transaction, &Signed, None, &envelope, &Profile::default(), &stamp());
        assert_eq!(
            std::str::from_utf8(&answer.text).unwrap(),
            r#"{"infcode":0,"inf_refmsgid":"990100202611230800000020971520","refmsg_time":"20261123080000005","respond_time":"20261123080000005","warn_msg":null,"cainfo":null,"signtype":null,"enctype":null,"err_msg":"","output":{"signinoutb":{"sign_time":null,"sign_no":"S\"1"}}}"#
        );
        assert_eq!(answer.output("signinoutb", "sign_no").as_deref(), Some("S\"1"));
        assert_eq!(answer.error(), None);
    }

    #[test]
    fn a_thousand_messages_of_one_second_have_a_thousand_references() {
        let mut ids = IdSource::new(IdSource::SLOT_MAX);
        let decided = datetime(2026, 11, 23, 8, 0, 1, 0);
        let references: std::collections::BTreeSet<String> = (0..1_000)
            .map(|n| {
                let id = ids.at(datetime(2026, 11, 23, 8, 0, 0, n / 2 * 1_000_000)).next();
                reference(&Stamp { received: decided, decided, serial: id, division: 990_100 })
            })
            .collect();
        assert_eq!(references.len(), 1_000);
        assert!(references.iter().all(|r| r.len() == 30 && r.starts_with("99010020261123080000")));
    }

    #[test]
    fn numbers_have_the_scale_of_their_field() {
        let node = |infno: &str, at: usize| &crate::transaction(infno).unwrap().output[at];
        let check = |field: &Field, value: &Value<'_>, expected: &str| {
            for (amounts, quote) in [(Amounts::Number, ""), (Amounts::Text, "\"")] {
                let mut out = String::new();
                write_value(&mut out, field, value, &Profile { amounts, ..Profile::default() });
                assert_eq!(out, format!("{quote}{expected}{quote}"), "{}", field.name);
            }
        };
        let person = node("1101", 0);
        check(person.field("age").unwrap(), &Value::Integer(46), "46.0");
        check(person.field("age").unwrap(), &Value::Integer(0), "0.0");
        let line = node("2204", 0);
        check(line.field("cnt").unwrap(), &Value::Integer(-3), "-3.0000");
        check(line.field("cnt").unwrap(), &Value::Quantity(Quantity::ONE), "1.0000");
        check(line.field("pric").unwrap(), &Money::from_fen(-452).into(), "-4.520000");
        check(
            line.field("det_item_fee_sumamt").unwrap(),
            &Value::Rate(Rate::from_ten_thousandths(500)),
            "0.05",
        );
        let unscaled = node("1301", 0).field("data_cnt").unwrap();
        check(unscaled, &Value::Integer(7), "7");
    }

    #[test]
    #[cfg(debug_assertions)]
    fn a_number_that_does_not_fit_its_field_is_a_bug() {
        let node = &crate::transaction("1101").unwrap().output[0];
        for value in [Value::Integer(1_000), Value::Rate(Rate::from_ten_thousandths(500))] {
            let write =
                || write_value(&mut String::new(), node.field("age").unwrap(), &value, &Profile::default());
            assert!(std::panic::catch_unwind(write).is_err(), "{value:?}");
        }
    }

    #[test]
    fn hub_style_programs_get_a_text_and_a_refusal_carries_its_code() {
        let envelope = Envelope { hub_style: true, ..Envelope::default() };
        let answer = Answer::refused(&Refusal::NoLines, &envelope, &Profile::default(), &stamp());
        let text = std::str::from_utf8(&answer.text).unwrap();
        assert!(text.starts_with(r#"{"infcode":"-1","#), "{text}");
        assert!(text.ends_with(r#""output":{}}"#), "{text}");
        assert_eq!(answer.error_code().as_deref(), Some("NO_LINES"));
    }
}
