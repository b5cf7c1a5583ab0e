//! 2601 and our own `outcome`: a message whose end is not known is taken back, or asked after.

use jiff::civil::DateTime;

use super::hearing::{Told, heard};
use super::speaker::{Asking, Insured, Speaker};
use super::writing::Row;
use crate::output::Answer;

/// 2601: takes a message back whose end is not known, whether it came or not. Only those that move money, and an
/// admission, can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeBack {
    /// Whom the message was about.
    pub person: Insured,
    /// Its transaction.
    pub infno: String,
    /// Its id.
    pub msgid: String,
}

impl Asking for TakeBack {
    fn infno(&self) -> &'static str {
        "2601"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("psn_no", self.person.number.as_str());
        row.text("omsgid", &self.msgid).text("oinfno", &self.infno).within("data")
    }
}

/// `outcome`: what became of a message. Our own; another centre knows no such transaction and refuses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskOutcome {
    /// Its transaction.
    pub infno: String,
    /// Its id.
    pub msgid: String,
    /// The home division its envelope named, so that whoever decided it is asked; empty where it named none.
    pub home: String,
}

impl Asking for AskOutcome {
    fn infno(&self) -> &'static str {
        "outcome"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.home)
    }

    fn input(&self, _: &Speaker) -> String {
        Row::new().text("omsgid", &self.msgid).text("oinfno", &self.infno).within("data")
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// Done.
    Done,
    /// Refused by rule.
    Refused,
    /// Taken back: without effect, and never to have any.
    TakenBack,
    /// It never came; it may still be on its way.
    NotReceived,
}

impl Became {
    /// Reads the centre's word.
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "done" => Self::Done,
            "refused" => Self::Refused,
            "taken back" => Self::TakenBack,
            "not received" => Self::NotReceived,
            _ => return None,
        })
    }
}

/// The answer to [`AskOutcome`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeHeard {
    /// What became of it.
    pub became: Became,
    /// The code of the refusal; empty where it was not refused.
    pub code: String,
    /// When it came in, and when it was decided.
    pub times: Option<(DateTime, DateTime)>,
    /// The visit it opened.
    pub visit: Option<String>,
    /// The settlement it made.
    pub settlement: Option<String>,
    /// The whole answer it got.
    pub answer: Option<Answer>,
}

impl OutcomeHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| Self::read(output.node("result")?))
    }

    fn read(row: Told<'_>) -> Option<Self> {
        Some(Self {
            became: Became::read(&row.some("outcome")?)?,
            code: row.text("err_code"),
            times: row.time("received").zip(row.time("decided")),
            visit: row.some("mdtrt_id"),
            settlement: row.some("setl_id"),
            answer: row.some("answer").map(|text| Answer { text: text.into_bytes().into() }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::SignedIn;
    use crate::asking::checked::{AT, ODD, answered, refused, said};
    use crate::codes::Refusal;
    use crate::transactions::{self, Outcome, OutcomeFound, ReverseMessage};
    use model::{EncounterId, SettlementId};

    #[test]
    fn a_message_is_named_by_number_and_id() {
        let back =
            TakeBack { person: Insured::of("990100", "990101"), infno: "2207".into(), msgid: "M\"1".into() };
        let message = said(&back);
        assert_eq!(message.envelope.home_district, "990101");
        let read = ReverseMessage::read(&message.input).unwrap();
        assert_eq!(
            read,
            ReverseMessage {
                person: "990100".into(),
                original: "M\"1".into(),
                original_infno: "2207".into()
            }
        );
        let asked = AskOutcome { infno: "2203A".into(), msgid: "M1".into(), home: "990200".into() };
        let message = said(&asked);
        assert_eq!(message.envelope.home_district, "990200");
        let read = Outcome::read(&message.input).unwrap();
        assert_eq!(read, Outcome { original: "M1".into(), original_infno: "2203A".into() });
    }

    fn found(outcome: &'static str) -> OutcomeFound {
        let asked = Outcome { original: "M1".into(), original_infno: "2207".into() };
        OutcomeFound {
            asked,
            outcome,
            code: String::new(),
            times: None,
            encounter: None,
            settlement: None,
            answer: None,
        }
    }

    #[test]
    fn what_became_of_it_is_heard_with_the_answer_it_got() {
        let signed = answered("9001", &transactions::SignedIn { at: AT, number: ODD.into() });
        let told = OutcomeFound {
            times: Some((AT, AT)),
            encounter: Some(EncounterId(7)),
            settlement: Some(SettlementId(8)),
            answer: Some(std::str::from_utf8(&signed.text).unwrap().to_owned()),
            ..found("done")
        };
        let heard = OutcomeHeard::hear(&answered("outcome", &told)).unwrap();
        let expected = OutcomeHeard {
            became: Became::Done,
            code: String::new(),
            times: Some((AT, AT)),
            visit: Some("7".into()),
            settlement: Some("8".into()),
            answer: Some(signed),
        };
        assert_eq!(heard, expected);
        assert_eq!(heard.answer.as_ref().and_then(SignedIn::hear), Some(SignedIn { sign_in: ODD.into() }));
    }

    #[test]
    fn every_end_is_told_apart() {
        for (word, became) in [
            ("refused", Became::Refused),
            ("taken back", Became::TakenBack),
            ("not received", Became::NotReceived),
        ] {
            let told = OutcomeFound { code: "NO_LINES".into(), ..found(word) };
            let heard = OutcomeHeard::hear(&answered("outcome", &told)).unwrap();
            assert_eq!((heard.became, heard.code.as_str(), heard.answer), (became, "NO_LINES", None));
        }
        assert_eq!(OutcomeHeard::hear(&answered("outcome", &found("lost"))), None);
        assert_eq!(OutcomeHeard::hear(&refused("outcome", &Refusal::NoLines)), None);
    }
}
