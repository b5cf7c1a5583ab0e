//! 2201, 2202 and 2203: an outpatient visit is opened, taken back and described.

use jiff::civil::DateTime;
use model::InsuranceKind;

use super::hearing::heard;
use super::speaker::{Asking, Insured, Named, Proof, Speaker};
use super::writing::Row;
use crate::output::Answer;

/// 2201: opens an outpatient visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenVisit {
    /// Who.
    pub person: Insured,
    /// Under which insurance.
    pub insurance: InsuranceKind,
    /// When the visit begins.
    pub begins: DateTime,
    /// What the person has shown.
    pub proof: Proof,
    /// The hospital's own number of the visit.
    pub number: String,
    /// The doctor.
    pub doctor: Named,
    /// The department.
    pub department: Named,
    /// National code of the department's speciality.
    pub speciality: String,
}

impl Asking for OpenVisit {
    fn infno(&self) -> &'static str {
        "2201"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = Row::new().text("psn_no", self.person.number.as_str());
        let row = row.text("insutype", &self.insurance.to_string()).time("begntime", self.begins);
        let row = row.text("mdtrt_cert_type", &self.proof.kind).text("mdtrt_cert_no", &self.proof.number);
        let row = row.text("ipt_otp_no", &self.number).named("atddr_no", "dr_name", &self.doctor);
        row.named("dept_code", "dept_name", &self.department).text("caty", &self.speciality).within("data")
    }
}

/// The answer to [`OpenVisit`] and to an admission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The centre's id of the visit or stay.
    pub visit: String,
}

impl Opened {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| {
            let row = output.node("data").or_else(|| output.node("result"))?;
            Some(Self { visit: row.some("mdtrt_id")? })
        })
    }
}

/// 2202: takes an outpatient visit back before anything of it was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelVisit {
    /// Who.
    pub person: Insured,
    /// Which visit, by the centre's id.
    pub visit: String,
    /// The hospital's own number of it.
    pub number: String,
}

impl Asking for CancelVisit {
    fn infno(&self) -> &'static str {
        "2202"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        of_visit(&self.person, &self.visit).text("ipt_otp_no", &self.number).within("data")
    }
}

/// The person and the visit, as most requests begin.
pub(super) fn of_visit(person: &Insured, visit: &str) -> Row {
    Row::new().text("psn_no", person.number.as_str()).text("mdtrt_id", visit)
}

/// The visit and the person, as the others begin.
pub(super) fn visit_of(visit: &str, person: &Insured) -> Row {
    Row::new().text("mdtrt_id", visit).text("psn_no", person.number.as_str())
}

/// One diagnosis.
#[derive(Clone, PartialEq, Eq)]
pub struct DiagnosisSaid {
    /// National kind: 1 western, 2 Chinese main disease, 3 syndrome.
    pub kind: String,
    /// Its place among those of its kind, from 1.
    pub order: u8,
    /// Code and name.
    pub disease: Named,
    /// The main one; a visit's are not asked for it.
    pub main: bool,
    /// How it was at admission; of stays alone.
    pub condition: String,
    /// The department.
    pub department: String,
    /// The doctor.
    pub doctor: Named,
    /// When it was made.
    pub time: DateTime,
    /// It holds; one that is withdrawn is said again with this off.
    pub valid: bool,
}

impl std::fmt::Debug for DiagnosisSaid {
    /// What a person suffers from stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DiagnosisSaid")
            .field("kind", &self.kind)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

impl DiagnosisSaid {
    /// As part of the description of a visit.
    fn of_visit(&self) -> Row {
        self.made(self.named(Row::new().text("diag_type", &self.kind))).flag("vali_flag", self.valid)
    }

    /// As part of what is said of a stay, behind what `row` says.
    pub(super) fn of_stay(&self, row: Row) -> Row {
        let row = row.text("diag_type", &self.kind).flag("maindiag_flag", self.main);
        self.made(self.named(row).text("adm_cond", &self.condition))
    }

    /// Only what is withdrawn says so of a stay: not every centre knows the word there.
    pub(super) fn withdrawn(&self, row: Row) -> Row {
        if self.valid { row } else { row.flag("vali_flag", false) }
    }

    fn named(&self, row: Row) -> Row {
        row.number("diag_srt_no", self.order).named("diag_code", "diag_name", &self.disease)
    }

    fn made(&self, row: Row) -> Row {
        let row = row.text("diag_dept", &self.department);
        row.named("dise_dor_no", "dise_dor_name", &self.doctor).time("diag_time", self.time)
    }
}

/// 2203: what a visit was for.
#[derive(Clone, PartialEq, Eq)]
pub struct DescribeVisit {
    /// Who.
    pub person: Insured,
    /// Which visit, by the centre's id.
    pub visit: String,
    /// National kind of care.
    pub care_kind: String,
    /// When it began.
    pub begins: DateTime,
    /// What the person complains of.
    pub condition: String,
    /// The listed disease it is for; empty for none.
    pub disease: Named,
    /// The diagnoses.
    pub diagnoses: Vec<DiagnosisSaid>,
}

impl std::fmt::Debug for DescribeVisit {
    /// What a person suffers from stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DescribeVisit")
            .field("person", &self.person)
            .field("visit", &self.visit)
            .finish_non_exhaustive()
    }
}

impl Asking for DescribeVisit {
    fn infno(&self) -> &'static str {
        "2203"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = visit_of(&self.visit, &self.person).text("med_type", &self.care_kind);
        let row = row.time("begntime", self.begins).text("main_cond_dscr", &self.condition);
        let row = row.named("dise_codg", "dise_name", &self.disease);
        let diagnoses = self.diagnoses.iter().map(DiagnosisSaid::of_visit);
        Row::new().row("mdtrtinfo", row).rows("diseinfo", diagnoses).end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{AT, ODD, answered, said};
    use crate::transactions::{CancelRegistration, RegisterOutpatient, Registered, UploadVisit};
    use model::{EncounterId, VisitKind};

    #[test]
    fn a_visit_is_opened_and_its_id_heard() {
        let request = OpenVisit {
            person: Insured::of("990100", "990101"),
            insurance: InsuranceKind::EMPLOYEE,
            begins: AT,
            proof: Proof::identity_card("990100199001011234"),
            number: "MZ\"1".into(),
            doctor: Named::new("D990100000001", ODD),
            department: Named::new("0301", "内科\\门诊"),
            speciality: "A03".into(),
        };
        let message = said(&request);
        let read = RegisterOutpatient::read(&message.input).unwrap();
        assert_eq!(
            (read.person.as_str(), read.insurance_kind, read.begins, read.visit_number.as_str()),
            ("990100", InsuranceKind::EMPLOYEE, AT, "MZ\"1")
        );
        assert_eq!([read.doctor, read.doctor_name], ["D990100000001", ODD]);
        assert_eq!([read.department, read.department_name], ["0301", "内科\\门诊"]);
        assert_eq!((read.facts.text("mdtrt_cert_type"), read.facts.text("caty")), ("02", "A03"));
        assert_eq!(message.input.first("data").unwrap().text("mdtrt_cert_no"), "990100199001011234");

        let told =
            Registered { encounter: EncounterId(7), person: "990100".into(), visit_number: "MZ1".into() };
        for infno in ["2201", "2401"] {
            assert_eq!(Opened::hear(&answered(infno, &told)), Some(Opened { visit: "7".into() }), "{infno}");
        }
        assert_eq!(Opened::hear(&answered("2202", &())), None);
    }

    #[test]
    fn a_visit_is_taken_back() {
        let request = CancelVisit { person: "990100".into(), visit: "7".into(), number: "MZ1".into() };
        let read = CancelRegistration::read(&said(&request).input).unwrap();
        assert_eq!(
            read,
            CancelRegistration { person: "990100".into(), encounter: EncounterId(7), stay: false }
        );
    }

    #[test]
    fn a_visit_is_described_with_its_diagnoses() {
        let diagnosis = |order, valid| DiagnosisSaid {
            kind: "1".into(),
            order,
            disease: Named::new("I10", "原发性\"高血压\""),
            main: order == 1,
            condition: String::new(),
            department: "0301".into(),
            doctor: Named::new("D990100000001", ODD),
            time: AT,
            valid,
        };
        let request = DescribeVisit {
            person: "990100".into(),
            visit: "7".into(),
            care_kind: "14".into(),
            begins: AT,
            condition: "头晕\n三日".into(),
            disease: Named::new("M03900", "高血压病"),
            diagnoses: vec![diagnosis(1, true), diagnosis(2, false)],
        };
        let read = UploadVisit::read(&said(&request).input).unwrap();
        assert_eq!(
            (
                read.person.as_str(),
                read.encounter,
                read.care_kind.as_str(),
                read.visit,
                read.disease.as_str()
            ),
            ("990100", EncounterId(7), "14", VisitKind::Chronic, "M03900")
        );
        assert_eq!(
            (read.facts.text("main_cond_dscr"), read.facts.text("dise_name")),
            ("头晕 三日", "高血压病")
        );
        let [first, second] = read.diagnoses.as_slice() else { panic!("two were said") };
        assert_eq!(
            (first.number, first.kind.as_str(), first.code.as_str(), first.valid),
            (1, "1", "I10", true)
        );
        assert_eq!((first.name.as_str(), first.facts.text("dise_dor_name")), ("原发性\"高血压\"", ODD));
        assert_eq!(
            (second.number, second.valid, second.facts.text("diag_time")),
            (2, false, "2026-11-23 08:00:00")
        );
        assert!(!format!("{request:?}{:?}", request.diagnoses).contains("I10"));
    }
}
