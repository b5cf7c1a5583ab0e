//! 2601: takes a message back whose outcome the sender does not know.

use model::PersonNumber;

use crate::codes::Refusal;
use crate::input::Input;
use crate::json::{Node, write_text};
use crate::message::Message;

/// Its number.
const INFNO: &str = "2601";

/// Takes a message back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseMessage {
    /// Whose message it was.
    pub person: PersonNumber,
    /// Its id.
    pub original: String,
    /// Its transaction.
    pub original_infno: String,
}

impl ReverseMessage {
    /// Reads the input of 2601.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "omsgid", "原发送方报文ID")?;
        Ok(Self {
            person: super::person(row)?,
            original: row.need("omsgid")?.into(),
            original_infno: row.need("oinfno")?.to_uppercase(),
        })
    }
}

/// The message that takes `original` back: its envelope around another input. It follows from the original alone, so
/// that made again, after a crash too, it is the same message. None where 2601 may not name the original, or the
/// original names no person.
pub fn taking_back(original: &Message) -> Option<Message> {
    let mut nodes = original.transaction.input.iter();
    let person = nodes.find_map(|node| original.input.first(node.name)?.get("psn_no"));
    let person = person.filter(|_| original.transaction.reversible)?;
    let body = body_around(original, &input_of(original, person))?;
    Message::read(body.into_bytes().into(), None).ok()
}

fn input_of(original: &Message, person: &str) -> String {
    let mut out = String::from("{\"data\":{");
    let (message, infno) = (original.envelope.msgid.as_str(), original.transaction.infno);
    for (n, (name, value)) in [("psn_no", person), ("omsgid", message), ("oinfno", infno)].iter().enumerate()
    {
        out.push_str(if n == 0 { "" } else { "," });
        write_text(&mut out, name);
        out.push(':');
        write_text(&mut out, value);
    }
    out.push_str("}}");
    out
}

/// The original's envelope with another number, id and input. Its signature was made over the input and is left out.
fn body_around(original: &Message, input: &str) -> Option<String> {
    let Ok(Node::Object(members)) = Node::parse(&original.body) else { return None };
    let mut out = format!("{{\"infno\":\"{INFNO}\",\"msgid\":");
    write_text(&mut out, &msgid_of(original));
    let kept = |name: &str| !["infno", "msgid", "cainfo"].iter().any(|own| own.eq_ignore_ascii_case(name));
    for (name, value) in members.iter().filter(|(name, _)| kept(name)) {
        out.push(',');
        write_text(&mut out, name);
        out.push(':');
        match (name.eq_ignore_ascii_case("input"), value) {
            (true, Node::Text(_)) => write_text(&mut out, input),
            (true, _) => out.push_str(input),
            _ => value.write_sorted(&mut out),
        }
    }
    out.push('}');
    Some(out)
}

/// Characters of a national id in front of its serial: the institution's code and the second.
const HEAD: usize = 26;
/// All of them.
const NATIONAL: usize = 30;

/// An id of the original's institution and second. A serial of four digits goes half a round on, where no program is in
/// the same second; any other id gets four digits drawn from all of it.
fn msgid_of(original: &Message) -> String {
    let id = original.envelope.msgid.as_str();
    let national = id.get(HEAD..).filter(|_| id.len() == NATIONAL);
    let serial = national.and_then(|serial| serial.parse::<u16>().ok());
    // Programs use one id for messages of several numbers; each number gets a place of its own.
    let infno: u16 = original.transaction.infno.parse().unwrap_or(0);
    let serial = serial.map_or_else(
        || drawn(original.transaction.infno, id),
        |serial| (serial % 10_000 + 15_000 + infno % 10_000 - 2_207) % 10_000,
    );
    let head: String = id.chars().take(HEAD).collect();
    format!("{head}{serial:04}")
}

fn drawn(infno: &str, id: &str) -> u16 {
    let hash = ring::digest::digest(&ring::digest::SHA256, format!("{infno} {id}").as_bytes());
    let bytes = hash.as_ref();
    u16::from_be_bytes([bytes[0], bytes[1]]) % 10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Message {
        Message::read(body.as_bytes().into(), None).unwrap()
    }

    fn settlement(msgid: &str, input: &str) -> Message {
        message(&format!(
            r#"{{"infno":"2207","msgid":"{msgid}","fixmedins_code":"H99010300002","opter":"0103","sign_no":"S1","cainfo":"x","inf_time":"2026-11-23 08:00:00","url":{{"b":1,"a":[2]}},"input":{input}}}"#
        ))
    }

    #[test]
    fn a_message_is_taken_back_in_its_own_envelope() {
        let original =
            settlement("H99010300002202611230800000007", r#"{"data":{"psn_no":"990100","mdtrt_id":"1"}}"#);
        let reversal = taking_back(&original).unwrap();
        assert_eq!(
            std::str::from_utf8(&reversal.body).unwrap(),
            r#"{"infno":"2601","msgid":"H99010300002202611230800005007","fixmedins_code":"H99010300002","opter":"0103","sign_no":"S1","inf_time":"2026-11-23 08:00:00","url":{"a":[2],"b":1},"input":{"data":{"psn_no":"990100","omsgid":"H99010300002202611230800000007","oinfno":"2207"}}}"#
        );
        let read = ReverseMessage::read(&reversal.input).unwrap();
        assert_eq!((read.person.as_str(), read.original_infno.as_str()), ("990100", "2207"));
        assert_eq!(read.original, original.envelope.msgid);
        reversal.input.check(&crate::Profile::default()).unwrap();
        assert_eq!(taking_back(&original).unwrap().body, reversal.body, "made again it is the same");
    }

    #[test]
    fn an_input_that_came_as_a_text_goes_as_a_text() {
        let original = settlement("M1", r#""{\"psn_no\":\"990100\"}""#);
        let reversal = taking_back(&original).unwrap();
        assert!(reversal.envelope.hub_style);
        assert_eq!(ReverseMessage::read(&reversal.input).unwrap().original, "M1");
    }

    #[test]
    fn names_in_another_case_are_the_same_members() {
        let original = message(
            r#"{"Infno":"2207","MSGID":"M1","fixmedins_code":"H1","CAINFO":"x","INPUT":{"data":{"psn_no":"990100"}}}"#,
        );
        let reversal = taking_back(&original).unwrap();
        assert_eq!(reversal.transaction.infno, "2601");
        assert_eq!(ReverseMessage::read(&reversal.input).unwrap().original, "M1");
        assert!(!std::str::from_utf8(&reversal.body).unwrap().to_lowercase().contains("cainfo"));
    }

    #[test]
    fn its_id_has_the_national_form_and_is_not_the_originals() {
        for (id, expected) in [
            ("H99010300002202611230800000007", Some("H99010300002202611230800005007")),
            ("H99010300002202611230800009999", Some("H99010300002202611230800004999")),
            ("H9901030000220261123080000", None),
            ("H990103000022026112308000000+7", None),
            ("M1", None),
        ] {
            let made = msgid_of(&settlement(id, r#"{"psn_no":"1"}"#));
            assert!(expected.is_none_or(|expected| made == expected), "{id}: {made}");
            assert!(made != id && made.starts_with(id.get(..26).unwrap_or(id)), "{id}: {made}");
            assert!(made.len() <= 30 && made[made.len() - 4..].parse::<u16>().is_ok(), "{id}: {made}");
        }
    }

    #[test]
    fn two_messages_under_one_id_are_taken_back_under_two() {
        let id = "H99010300002202611230800000007";
        let settled = settlement(id, r#"{"psn_no":"1"}"#);
        let body = String::from_utf8(settled.body.to_vec()).unwrap().replace("2207", "2208");
        assert_ne!(msgid_of(&settled), msgid_of(&message(&body)));
    }

    #[test]
    fn what_has_another_undo_or_names_nobody_is_not_taken_back() {
        let upload =
            r#"{"infno":"2204","msgid":"M1","fixmedins_code":"H1","input":{"feedetail":[{"psn_no":"1"}]}}"#;
        assert!(taking_back(&message(upload)).is_none());
        assert!(taking_back(&settlement("M1", "{}")).is_none());
    }
}
