//! 1101: who somebody is, and what insurance they have.

use jiff::civil::{Date, DateTime};
use model::InsuranceKind;
use money::Money;

use super::hearing::{Told, heard};
use super::speaker::{Asking, Speaker};
use super::writing::Row;
use crate::output::Answer;

/// How a person is named.
#[derive(Clone, PartialEq, Eq)]
pub enum FindBy {
    /// By an identity document.
    Document {
        /// National kind of document: 01 identity card.
        kind: String,
        /// Its number.
        number: String,
    },
    /// By a social security card.
    Card {
        /// Its number.
        number: String,
        /// What identifies the very card; not every centre asks for it.
        serial: String,
    },
    /// By an electronic voucher that was read: its token, and whose it is.
    Voucher {
        /// The token the platform of vouchers gave for it.
        token: String,
        /// The identity card's number it stands for.
        document: String,
    },
}

impl std::fmt::Debug for FindBy {
    /// The number stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Document { kind, .. } => {
                f.debug_struct("Document").field("kind", kind).finish_non_exhaustive()
            }
            Self::Card { .. } => f.debug_struct("Card").finish_non_exhaustive(),
            Self::Voucher { .. } => f.debug_struct("Voucher").finish_non_exhaustive(),
        }
    }
}

/// 1101: who is this, and what insurance have they?
#[derive(Clone, PartialEq, Eq)]
pub struct FindPerson {
    /// How the person is named.
    pub by: FindBy,
    /// The name to compare; empty for none.
    pub name: String,
    /// As of when; none: now.
    pub at: Option<DateTime>,
    /// Division where the person is insured; empty where it is not known.
    pub home: String,
}

impl std::fmt::Debug for FindPerson {
    /// The name stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FindPerson").field("by", &self.by).field("at", &self.at).finish_non_exhaustive()
    }
}

impl Asking for FindPerson {
    fn infno(&self) -> &'static str {
        "1101"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let (proof, shown, serial) = match &self.by {
            // An identity card is proof of itself; other documents are none at a window.
            FindBy::Document { kind, number } if kind == "01" => ("02", number.as_str(), ""),
            FindBy::Document { .. } => ("", "", ""),
            FindBy::Card { number, serial } => ("03", number.as_str(), serial.as_str()),
            FindBy::Voucher { token, .. } => ("01", token.as_str(), ""),
        };
        let row =
            Row::new().text("mdtrt_cert_type", proof).text("mdtrt_cert_no", shown).text("card_sn", serial);
        let row = match self.at {
            Some(at) => row.time("begntime", at),
            None => row,
        };
        let row = match &self.by {
            FindBy::Document { kind, number } => row.text("psn_cert_type", kind).text("certno", number),
            FindBy::Card { .. } => row,
            FindBy::Voucher { document, .. } => row.text("psn_cert_type", "01").text("certno", document),
        };
        row.text("psn_name", &self.name).within("data")
    }
}

/// The answer to [`FindPerson`].
#[derive(Clone, PartialEq, Eq)]
pub struct PersonHeard {
    /// The person's number.
    pub number: String,
    /// Name.
    pub name: String,
    /// National kind of document.
    pub document_kind: String,
    /// Its number.
    pub document: String,
    /// National code of gender.
    pub gender: String,
    /// Day of birth.
    pub born: Option<Date>,
    /// Full years.
    pub age: Option<u16>,
    /// Insurances.
    pub insurances: Vec<InsuranceHeard>,
    /// Identities.
    pub identities: Vec<IdentityHeard>,
}

impl std::fmt::Debug for PersonHeard {
    /// Names and document numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonHeard").field("number", &self.number).finish_non_exhaustive()
    }
}

/// One insurance of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsuranceHeard {
    /// Kind of insurance.
    pub kind: InsuranceKind,
    /// National type of person.
    pub person_type: String,
    /// National state: 0 none, 1 active, 2 paused, 3 void, 4 ended; empty where it is not told.
    pub state: String,
    /// First day.
    pub from: Option<Date>,
    /// Since when it is paused.
    pub paused_on: Option<Date>,
    /// What the account holds.
    pub balance: Money,
    /// The employer's name.
    pub employer: String,
    /// Has the civil servants' supplement.
    pub civil_servant: bool,
    /// Home division.
    pub home: String,
}

impl InsuranceHeard {
    /// Whether it is active.
    pub fn is_active(&self) -> bool {
        self.state == "1"
    }

    fn read(row: Told<'_>) -> Option<Self> {
        Some(Self {
            kind: InsuranceKind(row.word("insutype")??),
            person_type: row.text("psn_type"),
            state: row.text("psn_insu_stas"),
            from: row.date("psn_insu_date"),
            paused_on: row.date("paus_insu_date"),
            balance: row.amount("balc")?,
            employer: row.text("emp_name"),
            civil_servant: row.flag("cvlserv_flag"),
            home: row.text("insuplc_admdvs"),
        })
    }
}

/// One identity of a person: what makes that other rules hold for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityHeard {
    /// National kind.
    pub kind: String,
    /// Its level, where there are several.
    pub level: String,
    /// From when.
    pub from: Option<DateTime>,
    /// Until when.
    pub to: Option<DateTime>,
}

impl PersonHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| {
            let base = output.node("baseinfo")?;
            let identity = |row: Told<'_>| IdentityHeard {
                kind: row.text("psn_idet_type"),
                level: row.text("psn_type_lv"),
                from: row.time("begntime"),
                to: row.time("endtime"),
            };
            Some(Self {
                number: base.some("psn_no")?,
                name: base.text("psn_name"),
                document_kind: base.text("psn_cert_type"),
                document: base.text("certno"),
                gender: base.text("gend"),
                born: base.date("brdy"),
                age: base.text("age").split('.').next().and_then(|years| years.parse().ok()),
                insurances: output.rows("insuinfo").map(InsuranceHeard::read).collect::<Option<_>>()?,
                identities: output.rows("idetinfo").map(identity).collect(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{AT, ODD, answered, answered_in_texts, said};
    use crate::transactions::{GetPerson, Insurance, PersonFacts, PersonFound, PersonKey};
    use jiff::civil::date;

    fn asked(by: FindBy) -> FindPerson {
        FindPerson { by, name: ODD.into(), at: Some(AT), home: "990101".into() }
    }

    #[test]
    fn a_person_is_named_by_document_card_or_voucher() {
        let document =
            |kind: &str| FindBy::Document { kind: kind.into(), number: "99010019900101123x".into() };
        let card = FindBy::Card { number: "A\"1".into(), serial: "S\\1".into() };
        let voucher = FindBy::Voucher { token: "T\"1".into(), document: "99010019900101123x".into() };
        for (by, key) in [
            (document("01"), PersonKey::Document("01".into(), "99010019900101123X".into())),
            (document("08"), PersonKey::Document("08".into(), "99010019900101123X".into())),
            (card, PersonKey::Card("A\"1".into())),
            (voucher, PersonKey::Document("01".into(), "99010019900101123X".into())),
        ] {
            let request = asked(by);
            assert!(!format!("{request:?}").contains('王') && !format!("{request:?}").contains("9901"));
            let message = said(&request);
            assert_eq!(message.envelope.home_district, "990101");
            let read = GetPerson::read(&message.input).unwrap();
            assert_eq!(read, GetPerson { key, name: ODD.into(), at: Some(AT) });
        }
        let now = FindPerson { at: None, name: String::new(), ..asked(document("01")) };
        let read = GetPerson::read(&said(&now).input).unwrap();
        assert_eq!((read.name.as_str(), read.at), ("", None));
    }

    fn found() -> PersonFound {
        let insurance = |paused| Insurance {
            balance: Money::from_fen(12_345),
            kind: 310,
            person_type: "11".into(),
            state: if paused { "2" } else { "1" },
            from: date(2010, 7, 1),
            paused: paused.then(|| date(2026, 11, 1)),
            civil_servant: paused,
            division: "990101".into(),
            employer: "\"一\"厂\\甲𠮷".into(),
        };
        PersonFound {
            person: PersonFacts {
                number: "990100".into(),
                name: ODD.into(),
                document_kind: "01".into(),
                document: "99010019900101123X".into(),
                gender: "1".into(),
                born: Some(date(1990, 1, 1)),
                age: 36,
                ..PersonFacts::default()
            },
            insurances: vec![insurance(false), insurance(true)],
            identities: vec![
                ("2302".into(), date(2026, 1, 1), None),
                ("1".into(), date(2026, 1, 1), Some(date(2026, 12, 31))),
            ],
        }
    }

    #[test]
    fn a_person_is_heard_with_insurances_and_identities() {
        let told = found();
        for answer in [answered("1101", &told), answered_in_texts("1101", &told)] {
            let heard = PersonHeard::hear(&answer).unwrap();
            assert_eq!(
                [heard.number.as_str(), &heard.name, &heard.document],
                ["990100", ODD, "99010019900101123X"]
            );
            assert_eq!([heard.document_kind.as_str(), &heard.gender], ["01", "1"]);
            assert_eq!((heard.born, heard.age), (Some(date(1990, 1, 1)), Some(36)));
            assert!(!format!("{heard:?}").contains('王'));
            let expected = InsuranceHeard {
                kind: InsuranceKind::EMPLOYEE,
                person_type: "11".into(),
                state: "1".into(),
                from: Some(date(2010, 7, 1)),
                paused_on: None,
                balance: Money::from_fen(12_345),
                employer: "\"一\"厂\\甲𠮷".into(),
                civil_servant: false,
                home: "990101".into(),
            };
            assert!(expected.is_active());
            assert_eq!(heard.insurances[0], expected);
            let paused = &heard.insurances[1];
            assert_eq!(
                (paused.is_active(), paused.paused_on, paused.civil_servant),
                (false, Some(date(2026, 11, 1)), true)
            );
            let [for_ever, for_a_year] = heard.identities.as_slice() else { panic!("there are two") };
            assert_eq!((for_ever.kind.as_str(), for_ever.to), ("2302", None));
            assert_eq!(for_a_year.from, Some(date(2026, 1, 1).at(0, 0, 0, 0)));
            assert_eq!(for_a_year.to, Some(date(2026, 12, 31).at(23, 59, 59, 0)));
        }
    }

    #[test]
    fn an_answer_that_names_nobody_is_none() {
        let nobody = PersonFound { person: PersonFacts::default(), ..found() };
        assert_eq!(PersonHeard::hear(&answered("1101", &nobody)), None);
        assert_eq!(PersonHeard::hear(&answered("2202", &())), None);
    }
}
