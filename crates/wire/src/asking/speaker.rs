//! Who speaks, of whom, and how a request becomes a message: the documented envelope around the request's input.

use std::fmt::Write;

use jiff::civil::DateTime;
use model::PersonNumber;

use super::writing::Row;
use crate::envelope::MEMBERS;
use crate::message::Message;
use crate::stamp::{compact_time, print_time};

/// Who speaks: what the envelope of every message of a desk carries.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Speaker {
    /// The hospital's code in the list of institutions.
    pub hospital: String,
    /// Its name.
    pub hospital_name: String,
    /// Division of the place of care.
    pub division: String,
    /// The operator's number.
    pub operator: String,
    /// The operator's name.
    pub operator_name: String,
    /// The number of the sign-in; empty where there is none yet.
    pub sign_in: String,
}

impl std::fmt::Debug for Speaker {
    /// Who works there stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speaker").field("hospital", &self.hospital).finish_non_exhaustive()
    }
}

/// A request in the words of the field.
pub trait Asking {
    /// The number of its transaction.
    fn infno(&self) -> &'static str;

    /// Division where the person is insured; empty where it is not known, none where nobody is named.
    fn home(&self) -> Option<&str> {
        None
    }

    /// Its input as JSON. Some inputs say again who speaks.
    fn input(&self, speaker: &Speaker) -> String;
}

impl Speaker {
    /// The message that says `request`, sent at `at`. What it is made of must fit an envelope: an id of at most 64
    /// printable characters, codes and names of the operator as long as the interface has them.
    pub fn say(&self, msgid: &str, at: DateTime, request: &dyn Asking) -> Message {
        let body = self.body(msgid, at, request);
        let read = Message::read(body.into_bytes().into(), None);
        read.unwrap_or_else(|unreadable| panic!("a message of ours cannot be read: {}", unreadable.problem))
    }

    /// The body, its members in documented order.
    fn body(&self, msgid: &str, at: DateTime, request: &dyn Asking) -> String {
        let mut out = String::from("{");
        for (name, ..) in MEMBERS {
            let value = match name {
                "infno" => request.infno().into(),
                "msgid" => msgid.into(),
                "mdtrtarea_admvs" => self.division.clone(),
                "insuplc_admdvs" => request.home().unwrap_or_default().to_owned(),
                "recer_sys_code" => "YBXT".into(),
                "infver" => "V1.0".into(),
                "opter_type" => "1".into(),
                "opter" => self.operator.clone(),
                "opter_name" => self.operator_name.clone(),
                "inf_time" => print_time(at),
                "fixmedins_code" => self.hospital.clone(),
                "fixmedins_name" => self.hospital_name.clone(),
                "sign_no" => self.sign_in.clone(),
                // No device and no signature: the gateway signs.
                _ => String::new(),
            };
            let (mark, text) = (if out.len() > 1 { "," } else { "" }, crate::quoted(&value));
            let text = if name == "input" { request.input(self) } else { text };
            let _ = write!(out, "{mark}\"{name}\":{text}");
        }
        out.push('}');
        out
    }
}

/// The id of a message: the hospital's code, the second, and four digits of a serial, which begins anew behind 9999.
pub fn msgid(hospital: &str, at: DateTime, serial: u32) -> String {
    format!("{hospital}{}{:04}", &compact_time(at)[..14], serial % 10_000)
}

/// Whom a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insured {
    /// The person's number.
    pub number: PersonNumber,
    /// Division where the person is insured; empty where it is not known.
    pub home: String,
}

impl From<&str> for Insured {
    /// A person whose home is not known.
    fn from(number: &str) -> Self {
        Self { number: number.into(), home: String::new() }
    }
}

impl Insured {
    /// A person of a division.
    pub fn of(number: &str, home: &str) -> Self {
        Self { number: number.into(), home: home.to_owned() }
    }
}

/// A code with its name: of a doctor, a department, a disease, an item.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
}

impl Named {
    /// Both.
    pub fn new(code: impl Into<String>, name: impl Into<String>) -> Self {
        Self { code: code.into(), name: name.into() }
    }

    /// Neither is known.
    pub fn is_empty(&self) -> bool {
        self.code.is_empty() && self.name.is_empty()
    }
}

impl std::fmt::Debug for Named {
    /// Names of people stay out of logs, and so does what they suffer from.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Named").finish_non_exhaustive()
    }
}

/// What a person has shown at the window.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// National kind: 01 electronic voucher, 02 identity card, 03 social security card.
    pub kind: String,
    /// Its number.
    pub number: String,
}

impl Proof {
    /// An identity card.
    pub fn identity_card(number: impl Into<String>) -> Self {
        Self { kind: "02".into(), number: number.into() }
    }

    /// A social security card.
    pub fn card(number: impl Into<String>) -> Self {
        Self { kind: "03".into(), number: number.into() }
    }
}

impl std::fmt::Debug for Proof {
    /// The number stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proof").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Row {
    /// A code and its name, each under its own name.
    pub(super) fn named(self, code: &str, name: &str, value: &Named) -> Self {
        self.text(code, &value.code).text(name, &value.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{AT, ODD, speaker};
    use crate::asking::{CancelVisit, SignOut};
    use jiff::civil::datetime;

    #[test]
    fn the_envelope_has_every_member_in_documented_order() {
        let request =
            CancelVisit { person: Insured::of("990100", "990200"), visit: "7".into(), number: "MZ1".into() };
        let message = speaker().say("H99010300002202611230800000007", AT, &request);
        assert_eq!(
            std::str::from_utf8(&message.body).unwrap(),
            r#"{"infno":"2202","msgid":"H99010300002202611230800000007","mdtrtarea_admvs":"990103","insuplc_admdvs":"990200","recer_sys_code":"YBXT","dev_no":"","dev_safe_info":"","cainfo":"","signtype":"","infver":"V1.0","opter_type":"1","opter":"0103","opter_name":"王\"小\\明𠮷😀","inf_time":"2026-11-23 08:00:00","fixmedins_code":"H99010300002","fixmedins_name":"示范\"医院\"","sign_no":"S1","input":{"data":{"psn_no":"990100","mdtrt_id":"7","ipt_otp_no":"MZ1"}}}"#
        );
        let envelope = message.envelope;
        assert_eq!(
            [envelope.operator_name.as_str(), &envelope.sign_in, &envelope.home_district],
            [ODD, "S1", "990200"]
        );
        assert!(!envelope.hub_style, "an answer has the documented form");
    }

    #[test]
    fn nothing_is_said_where_nothing_is_known() {
        let nobody = Speaker { hospital: "H1".into(), ..Speaker::default() };
        let message = nobody.say("M1", AT, &SignOut);
        assert_eq!((message.envelope.sign_in.as_str(), message.envelope.home_district.as_str()), ("", ""));
    }

    #[test]
    #[should_panic(expected = "a message of ours cannot be read")]
    fn what_fits_no_envelope_is_a_bug() {
        speaker().say("", AT, &SignOut);
    }

    #[test]
    fn ids_have_the_national_form() {
        assert_eq!(
            msgid("H99010300002", datetime(2026, 11, 23, 8, 0, 0, 999_000_000), 7),
            "H99010300002202611230800000007"
        );
        assert!(msgid("H99010300002", AT, 12_345).ends_with("2345"));
    }

    #[test]
    fn names_and_numbers_stay_out_of_logs() {
        let told = format!("{:?} {:?} {:?}", speaker(), Named::new("I10", ODD), Proof::card("A12345678"));
        assert!(!told.contains('王') && !told.contains("12345") && !told.contains("I10"), "{told}");
    }
}
