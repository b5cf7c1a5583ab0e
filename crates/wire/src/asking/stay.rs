//! 2401 and 2403: a person is admitted to a stay, and what was said of it is said anew.

use jiff::civil::DateTime;
use model::InsuranceKind;

use super::speaker::{Asking, Insured, Named, Proof, Speaker};
use super::visit::{DiagnosisSaid, visit_of};
use super::writing::Row;

/// What is said of a stay when it begins, and said anew later.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Admission {
    /// The hospital's own number of the stay.
    pub number: String,
    /// Number of the medical record.
    pub record: String,
    /// Name of somebody to turn to.
    pub contact: String,
    /// Their telephone.
    pub telephone: String,
    /// National kind of care.
    pub care_kind: String,
    /// The doctor in charge.
    pub doctor: Named,
    /// The department.
    pub department: Named,
    /// The bed.
    pub bed: String,
    /// The diagnosis at admission, in words.
    pub diagnosis: String,
    /// The main disease.
    pub main_disease: Named,
    /// What the person complains of.
    pub condition: String,
    /// The listed disease it is for; empty for none.
    pub listed_disease: Named,
}

impl std::fmt::Debug for Admission {
    /// Who treats whom, and for what, stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Admission {
    fn reached(&self, row: Row) -> Row {
        row.text("coner_name", &self.contact).text("tel", &self.telephone)
    }

    fn described(&self, row: Row) -> Row {
        let row = row.text("medrcdno", &self.record).named("atddr_no", "chfpdr_name", &self.doctor);
        let row = row.text("adm_diag_dscr", &self.diagnosis);
        let row = row.named("adm_dept_codg", "adm_dept_name", &self.department).text("adm_bed", &self.bed);
        let row = row.named("dscg_maindiag_code", "dscg_maindiag_name", &self.main_disease);
        row.text("main_cond_dscr", &self.condition).named("dise_codg", "dise_name", &self.listed_disease)
    }
}

/// 2401: admits a person to a stay. It is answered as a visit is opened: [`Opened`](super::Opened).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admit {
    /// Who.
    pub person: Insured,
    /// Under which insurance.
    pub insurance: InsuranceKind,
    /// When the stay begins.
    pub begins: DateTime,
    /// What the person has shown.
    pub proof: Proof,
    /// What is said of it.
    pub admission: Admission,
    /// The diagnoses at admission.
    pub diagnoses: Vec<DiagnosisSaid>,
}

impl Asking for Admit {
    fn infno(&self) -> &'static str {
        "2401"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let said = &self.admission;
        let number = self.person.number.as_str();
        let row = Row::new().text("psn_no", number).text("insutype", &self.insurance.to_string());
        let row = said.reached(row).time("begntime", self.begins);
        let row = row.text("mdtrt_cert_type", &self.proof.kind).text("mdtrt_cert_no", &self.proof.number);
        let row = said.described(row.text("med_type", &said.care_kind).text("ipt_no", &said.number));
        let diagnosis = |diagnosis: &DiagnosisSaid| diagnosis.of_stay(Row::new().text("psn_no", number));
        Row::new().row("mdtrtinfo", row).rows("diseinfo", self.diagnoses.iter().map(diagnosis)).end()
    }
}

/// 2403: says anew what was said of a stay that goes on. What is left empty stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeAdmission {
    /// Who.
    pub person: Insured,
    /// Which stay, by the centre's id.
    pub visit: String,
    /// When it began.
    pub begins: Option<DateTime>,
    /// What the person has shown.
    pub proof: Proof,
    /// What is said of it.
    pub admission: Admission,
    /// The diagnoses; those of the same kind and order are said anew.
    pub diagnoses: Vec<DiagnosisSaid>,
}

impl Asking for ChangeAdmission {
    fn infno(&self) -> &'static str {
        "2403"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let said = &self.admission;
        let row = said.reached(visit_of(&self.visit, &self.person));
        let row = match self.begins {
            Some(begins) => row.time("begntime", begins),
            None => row,
        };
        let row = row.text("mdtrt_cert_type", &self.proof.kind).text("med_type", &said.care_kind);
        let row = said.described(row.text("ipt_otp_no", &said.number));
        let row = row.text("mdtrt_cert_no", &self.proof.number);
        let diagnosis = |diagnosis: &DiagnosisSaid| {
            diagnosis.withdrawn(diagnosis.of_stay(visit_of(&self.visit, &self.person)))
        };
        Row::new().row("adminfo", row).rows("diseinfo", self.diagnoses.iter().map(diagnosis)).end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{AT, ODD, diagnosis, heard_diagnosis, said};
    use crate::transactions::{self, RegisterInpatient};
    use model::{EncounterId, VisitKind};

    fn admission() -> Admission {
        Admission {
            number: "ZY\"1".into(),
            record: "BA1".into(),
            contact: ODD.into(),
            telephone: "010-1".into(),
            care_kind: "21".into(),
            doctor: Named::new("D990100000009", ODD),
            department: Named::new("A05", "内科"),
            bed: "1203".into(),
            diagnosis: "肺\\炎".into(),
            main_disease: Named::new("J18.900", "肺炎"),
            condition: "发热".into(),
            listed_disease: Named::new("B1", "某病"),
        }
    }

    #[test]
    fn a_person_is_admitted() {
        let request = Admit {
            person: Insured::of("990100", "990101"),
            insurance: InsuranceKind::EMPLOYEE,
            begins: AT,
            proof: Proof::identity_card("990100199001011234"),
            admission: admission(),
            diagnoses: vec![diagnosis(true)],
        };
        let told = format!("{request:?}");
        assert!(!told.contains("J18") && !told.contains('王') && !told.contains("0119900101"), "{told}");
        let message = said(&request);
        assert_eq!(message.envelope.home_district, "990101");
        let read = RegisterInpatient::read(&message.input).unwrap();
        assert_eq!(
            (read.person.as_str(), read.insurance_kind, read.begins, read.visit),
            ("990100", InsuranceKind::EMPLOYEE, AT, VisitKind::Inpatient)
        );
        assert_eq!([read.visit_number, read.care_kind, read.disease], ["ZY\"1", "21", "B1"]);
        assert_eq!([read.doctor, read.doctor_name], ["D990100000009", ODD]);
        assert_eq!([read.department, read.department_name], ["A05", "内科"]);
        for (name, text) in [
            ("mdtrt_cert_type", "02"),
            ("coner_name", ODD),
            ("tel", "010-1"),
            ("medrcdno", "BA1"),
            ("adm_bed", "1203"),
            ("adm_diag_dscr", "肺\\炎"),
            ("dscg_maindiag_code", "J18.900"),
            ("main_cond_dscr", "发热"),
            ("dise_name", "某病"),
        ] {
            assert_eq!(read.facts.text(name), text, "{name}");
        }
        heard_diagnosis(&read.diagnoses, true);
    }

    #[test]
    fn what_was_said_of_a_stay_is_said_anew() {
        let request = |begins, admission, diagnoses| ChangeAdmission {
            person: "990100".into(),
            visit: "7".into(),
            begins,
            proof: Proof::default(),
            admission,
            diagnoses,
        };
        let message = said(&request(Some(AT), admission(), vec![diagnosis(false)]));
        let read = transactions::ChangeAdmission::read(&message.input).unwrap();
        assert_eq!((read.person.as_str(), read.encounter, read.begins), ("990100", EncounterId(7), Some(AT)));
        assert_eq!(read.visit_number.as_deref(), Some("ZY\"1"));
        assert_eq!(read.care, Some(("21".to_owned(), VisitKind::Inpatient)));
        assert_eq!([read.doctor.as_deref(), read.doctor_name.as_deref()], [Some("D990100000009"), Some(ODD)]);
        assert_eq!(
            [read.department.as_deref(), read.department_name.as_deref()],
            [Some("A05"), Some("内科")]
        );
        assert_eq!((read.disease.as_deref(), read.facts.text("adm_bed")), (Some("B1"), "1203"));
        heard_diagnosis(&read.diagnoses, false);

        let read = transactions::ChangeAdmission::read(
            &said(&request(None, Admission::default(), Vec::new())).input,
        )
        .unwrap();
        assert_eq!((read.begins, &read.visit_number, &read.care, &read.doctor), (None, &None, &None, &None));
        assert!(read.facts.is_empty() && read.diagnoses.is_empty(), "what is left empty is not said");
    }
}
