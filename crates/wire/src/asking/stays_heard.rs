//! 5303: who lies in this hospital. There is no number that tells of stays elsewhere: a person who lies somewhere else is
//! seen when they are admitted, which the centre refuses.

use jiff::civil::{Date, DateTime};
use model::InsuranceKind;

use super::hearing::{Told, heard};
use super::speaker::{Asking, Insured, Speaker};
use super::writing::Row;
use crate::output::Answer;

/// 5303: who lies in the hospital that asks?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskStays {
    /// This person alone.
    pub person: Option<Insured>,
    /// Admitted from when.
    pub from: DateTime,
    /// Admitted until when; a day without a time is asked about to its end.
    pub to: DateTime,
}

impl Asking for AskStays {
    fn infno(&self) -> &'static str {
        "5303"
    }

    fn home(&self) -> Option<&str> {
        self.person.as_ref().map(|person| person.home.as_str())
    }

    fn input(&self, _: &Speaker) -> String {
        let person = self.person.as_ref().map_or("", |person| person.number.as_str());
        Row::new().text("psn_no", person).time("begntime", self.from).time("endtime", self.to).within("data")
    }
}

/// The answer to [`AskStays`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaysHeard {
    /// One row a stay that goes on.
    pub stays: Vec<StayHeard>,
}

/// One stay that goes on.
#[derive(Clone, PartialEq, Eq)]
pub struct StayHeard {
    /// The centre's id of it.
    pub visit: String,
    /// The person's number.
    pub person: String,
    /// The person's name.
    pub name: String,
    /// Number of the person's document.
    pub document: String,
    /// Under which insurance; none where it is not told.
    pub insurance: Option<InsuranceKind>,
    /// When it began.
    pub from: Option<Date>,
    /// National kind of care.
    pub care_kind: String,
    /// The hospital's own number of it.
    pub number: String,
    /// The person is insured elsewhere.
    pub elsewhere: bool,
}

impl std::fmt::Debug for StayHeard {
    /// Names and document numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StayHeard")
            .field("visit", &self.visit)
            .field("person", &self.person)
            .finish_non_exhaustive()
    }
}

impl StaysHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        let stay = |row: Told<'_>| {
            Some(StayHeard {
                visit: row.some("mdtrt_id")?,
                person: row.text("psn_no"),
                name: row.text("psn_name"),
                document: row.text("certno"),
                insurance: row.word("insutype")?.map(InsuranceKind),
                from: row.date("begndate"),
                care_kind: row.text("med_type"),
                number: row.text("ipt_otp_no"),
                elsewhere: row.flag("out_flag"),
            })
        };
        heard(answer, |output| Some(Self { stays: output.rows("data").map(stay).collect::<Option<_>>()? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Facts;
    use crate::asking::checked::{AT, ODD, answered, said};
    use crate::transactions::{PersonFacts, QueryInpatients, VisitFound, VisitsFound};
    use jiff::civil::datetime;
    use model::EncounterId;

    #[test]
    fn who_lies_here_is_asked_and_heard() {
        let to = datetime(2026, 11, 24, 9, 0, 0, 0);
        for person in [None, Some(Insured::of("990100", "990101"))] {
            let request = AskStays { person: person.clone(), from: AT, to };
            let read = QueryInpatients::read(&said(&request).input).unwrap();
            let expected = QueryInpatients { person: person.map(|person| person.number), within: (AT, to) };
            assert_eq!(read, expected);
        }
        let found = VisitFound {
            encounter: EncounterId(7),
            person: PersonFacts {
                number: "990100".into(),
                name: ODD.into(),
                document: "990100199001011234".into(),
                ..PersonFacts::default()
            },
            insurance_kind: 310,
            employer: (String::new(), "990101".into()),
            begins: AT,
            ends: None,
            care_kind: "21".into(),
            visit_number: "ZY1".into(),
            doctor: (String::new(), String::new()),
            department: (String::new(), String::new()),
            disease: String::new(),
            stay: Some(true),
            elsewhere: true,
            facts: Facts::default(),
        };
        let heard = StaysHeard::hear(&answered("5303", &VisitsFound { visits: vec![found] })).unwrap();
        let expected = StayHeard {
            visit: "7".into(),
            person: "990100".into(),
            name: ODD.into(),
            document: "990100199001011234".into(),
            insurance: Some(InsuranceKind::EMPLOYEE),
            from: Some(AT.date()),
            care_kind: "21".into(),
            number: "ZY1".into(),
            elsewhere: true,
        };
        assert_eq!(heard.stays, [expected]);
        assert!(!format!("{heard:?}").contains('王'));
        let nobody = StaysHeard::hear(&answered("5303", &VisitsFound::default()));
        assert_eq!(nobody, Some(StaysHeard { stays: Vec::new() }));
    }
}
