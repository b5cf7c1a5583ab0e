//! The envelope around every input, and how one institution wants its answers.

use std::borrow::Cow;

use crate::codes::{Language, Problem};
use crate::json::Node;

/// The envelope of a request as we understood it. Texts of absent members are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Envelope {
    /// Transaction number.
    pub infno: String,
    /// The sender's id of this message.
    pub msgid: String,
    /// Division of the place of care.
    pub care_district: String,
    /// Division where the person is insured.
    pub home_district: String,
    /// The hospital's code.
    pub hospital: String,
    /// Operator's number.
    pub operator: String,
    /// Operator's name.
    pub operator_name: String,
    /// Sign-in number.
    pub sign_in: String,
    /// When the sender says it was sent, as written.
    pub sent_at: String,
    /// A hub-style program: `input` came as a text, or the hospital under its other name. Answers want `"0"`.
    pub hub_style: bool,
}

/// How the answer's `infcode` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InfcodeForm {
    /// A number, but a text for hub-style programs.
    #[default]
    Auto,
    /// Always a number.
    Number,
    /// Always a text.
    Text,
}

/// How amounts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Amounts {
    /// JSON numbers.
    #[default]
    Number,
    /// Texts.
    Text,
}

/// What a message without a live sign-in meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignInRule {
    /// Nothing.
    Ignore,
    /// A warning.
    #[default]
    Warn,
    /// A refusal.
    Require,
}

/// How one institution speaks and is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Form of `infcode`.
    pub infcode: InfcodeForm,
    /// Form of amounts.
    pub amounts: Amounts,
    /// Language of texts.
    pub language: Language,
    /// Sign-in rule.
    pub sign_in: SignInRule,
    /// Compare the split amounts the program sends.
    pub compare_splits: bool,
    /// How far an amount may be from price × quantity, in fen.
    pub line_tolerance_fen: i64,
    /// How many days back a date of care may lie.
    pub backdate_days: i64,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            infcode: InfcodeForm::Auto,
            amounts: Amounts::Number,
            language: Language::Zh,
            sign_in: SignInRule::Warn,
            compare_splits: false,
            line_tolerance_fen: 1,
            backdate_days: 90,
        }
    }
}

impl Profile {
    /// Reads `word=value` pairs separated by blanks, as stored with an institution; words left out keep their default.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut profile = Self::default();
        for pair in text.split_whitespace() {
            let (word, value) = pair.split_once('=').ok_or_else(|| format!("`{pair}` is not word=value"))?;
            let unknown = || format!("`{word}` cannot be `{value}`");
            match word {
                "infcode" => {
                    profile.infcode = pick(
                        value,
                        &[
                            ("auto", InfcodeForm::Auto),
                            ("number", InfcodeForm::Number),
                            ("text", InfcodeForm::Text),
                        ],
                    )
                    .ok_or_else(unknown)?;
                }
                "amounts" => {
                    profile.amounts = pick(value, &[("number", Amounts::Number), ("text", Amounts::Text)])
                        .ok_or_else(unknown)?;
                }
                "language" => {
                    profile.language =
                        pick(value, &[("zh", Language::Zh), ("en", Language::En)]).ok_or_else(unknown)?;
                }
                "sign_in" => {
                    profile.sign_in = pick(
                        value,
                        &[
                            ("ignore", SignInRule::Ignore),
                            ("warn", SignInRule::Warn),
                            ("require", SignInRule::Require),
                        ],
                    )
                    .ok_or_else(unknown)?;
                }
                "compare_splits" => profile.compare_splits = value.parse().map_err(|_| unknown())?,
                "line_tolerance_fen" => profile.line_tolerance_fen = value.parse().map_err(|_| unknown())?,
                "backdate_days" => profile.backdate_days = value.parse().map_err(|_| unknown())?,
                _ => return Err(format!("`{word}` is no word of a profile")),
            }
        }
        Ok(profile)
    }

    /// Whether `infcode` is written as a text to the sender of `envelope`.
    pub(crate) fn infcode_as_text(&self, envelope: &Envelope) -> bool {
        match self.infcode {
            InfcodeForm::Auto => envelope.hub_style,
            InfcodeForm::Number => false,
            InfcodeForm::Text => true,
        }
    }
}

fn pick<T: Copy>(value: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(word, _)| *word == value).map(|(_, found)| *found)
}

/// Longest message id accepted; the interface says 30, some programs send more.
const MSGID_MAX: usize = 64;

impl Envelope {
    /// Reads the envelope of a request. `infno_in_path` stands in for a member left out.
    pub(crate) fn read(body: &Node<'_>, infno_in_path: Option<&str>) -> Result<Self, Problem> {
        let Node::Object(members) = body else {
            return Err(Problem::Malformed { place: "the body is not an object".into() });
        };
        let mut envelope = Self::default();
        for (name, value) in members {
            let slot = match name.as_ref() {
                "infno" => &mut envelope.infno,
                "msgid" => &mut envelope.msgid,
                "mdtrtarea_admvs" => &mut envelope.care_district,
                "insuplc_admdvs" => &mut envelope.home_district,
                "fixmedins_code" => &mut envelope.hospital,
                "medins_code" if envelope.hospital.is_empty() => {
                    envelope.hub_style = true;
                    &mut envelope.hospital
                }
                "opter" => &mut envelope.operator,
                "opter_name" => &mut envelope.operator_name,
                "sign_no" => &mut envelope.sign_in,
                "inf_time" => &mut envelope.sent_at,
                "input" => {
                    envelope.hub_style |= matches!(value, Node::Text(_));
                    continue;
                }
                _ => continue,
            };
            if let Some(text) = value.scalar() {
                *slot = text.trim().into();
            }
        }
        if let Some(infno) = infno_in_path.filter(|_| envelope.infno.is_empty()) {
            envelope.infno = infno.into();
        }
        envelope.check(infno_in_path)
    }

    fn check(self, infno_in_path: Option<&str>) -> Result<Self, Problem> {
        let bad = |field: &str, rule: Cow<'_, str>| {
            Err(Problem::EnvelopeField { field: field.into(), rule: rule.into() })
        };
        if self.infno.is_empty() {
            return bad("infno", "present".into());
        }
        if let Some(path) = infno_in_path.filter(|path| !path.eq_ignore_ascii_case(&self.infno)) {
            return bad("infno", format!("{path}, as the address says").into());
        }
        if self.msgid.is_empty() {
            return bad("msgid", "present".into());
        }
        if self.msgid.chars().count() > MSGID_MAX || self.msgid.chars().any(char::is_control) {
            return bad("msgid", format!("at most {MSGID_MAX} printable characters").into());
        }
        if self.hospital.is_empty() || self.hospital.len() > 30 {
            return bad("fixmedins_code", "a code of at most 30 characters".into());
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_from_words_and_refuses_others() {
        let profile =
            Profile::parse("infcode=text amounts=text language=en sign_in=require compare_splits=true")
                .unwrap();
        assert_eq!(
            (profile.infcode, profile.amounts, profile.language),
            (InfcodeForm::Text, Amounts::Text, Language::En)
        );
        assert_eq!((profile.sign_in, profile.compare_splits), (SignInRule::Require, true));
        assert_eq!(Profile::parse(""), Ok(Profile::default()));
        for text in ["infcode=roman", "colour=red", "amounts", "backdate_days=soon"] {
            assert!(Profile::parse(text).is_err(), "{text}");
        }
    }
}
