//! 2402, 2404 and 2405: a person is discharged from a stay; a discharge and an admission are taken back.

use jiff::civil::{Date, DateTime};
use model::InsuranceKind;

use super::speaker::{Asking, Insured, Named, Speaker};
use super::visit::{DiagnosisSaid, visit_of};
use super::writing::Row;

/// 2402: discharges a person from a stay.
#[derive(Clone, PartialEq, Eq)]
pub struct Discharge {
    /// Who.
    pub person: Insured,
    /// Which stay, by the centre's id.
    pub visit: String,
    /// Under which insurance.
    pub insurance: InsuranceKind,
    /// When it ended.
    pub ends: DateTime,
    /// The listed disease it was for; empty: as admitted.
    pub listed_disease: Named,
    /// There were complications; none where nobody says.
    pub complications: Option<bool>,
    /// The department.
    pub department: Named,
    /// The bed.
    pub bed: String,
    /// National way of leaving: 1 on the doctor's order.
    pub way: String,
    /// The day of death.
    pub died: Option<Date>,
    /// The diagnoses at discharge.
    pub diagnoses: Vec<DiagnosisSaid>,
}

impl std::fmt::Debug for Discharge {
    /// What a person suffers from stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Discharge")
            .field("person", &self.person)
            .field("visit", &self.visit)
            .finish_non_exhaustive()
    }
}

impl Asking for Discharge {
    fn infno(&self) -> &'static str {
        "2402"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let row = visit_of(&self.visit, &self.person).text("insutype", &self.insurance.to_string());
        let row = row.time("endtime", self.ends).named("dise_codg", "dise_name", &self.listed_disease);
        let row = match self.complications {
            Some(complications) => row.flag("cop_flag", complications),
            None => row,
        };
        let row = row.named("dscg_dept_codg", "dscg_dept_name", &self.department);
        let row = row.text("dscg_bed", &self.bed).text("dscg_way", &self.way);
        let row = match self.died {
            Some(day) => row.date("die_date", day),
            None => row,
        };
        let diagnosis = |diagnosis: &DiagnosisSaid| {
            let row = diagnosis.of_stay(Row::new().text("psn_no", self.person.number.as_str()));
            diagnosis.withdrawn(row.text("mdtrt_id", &self.visit))
        };
        Row::new().row("dscginfo", row).rows("diseinfo", self.diagnoses.iter().map(diagnosis)).end()
    }
}

/// 2404: takes an admission back before anything of it was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelAdmission {
    /// Who.
    pub person: Insured,
    /// Which stay, by the centre's id.
    pub visit: String,
}

impl Asking for CancelAdmission {
    fn infno(&self) -> &'static str {
        "2404"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        visit_of(&self.visit, &self.person).within("data")
    }
}

/// 2405: takes a discharge back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelDischarge {
    /// Who.
    pub person: Insured,
    /// Which stay, by the centre's id.
    pub visit: String,
}

impl Asking for CancelDischarge {
    fn infno(&self) -> &'static str {
        "2405"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        visit_of(&self.visit, &self.person).within("data")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{AT, diagnosis, heard_diagnosis, said};
    use crate::transactions::{self, CancelRegistration, DischargeInpatient};
    use jiff::civil::date;
    use model::EncounterId;

    #[test]
    fn a_person_is_discharged() {
        let request = |died, complications| Discharge {
            person: Insured::of("990100", "990101"),
            visit: "7".into(),
            insurance: InsuranceKind::EMPLOYEE,
            ends: AT,
            listed_disease: Named::default(),
            complications,
            department: Named::new("A05", "内科"),
            bed: "1203".into(),
            way: "5".into(),
            died,
            diagnoses: vec![diagnosis(false)],
        };
        let read =
            DischargeInpatient::read(&said(&request(Some(date(2026, 11, 23)), Some(true))).input).unwrap();
        assert_eq!(
            (read.person.as_str(), read.encounter, read.ends, read.disease.as_str()),
            ("990100", EncounterId(7), AT, "")
        );
        for (name, text) in [
            ("cop_flag", "1"),
            ("dscg_dept_codg", "A05"),
            ("dscg_dept_name", "内科"),
            ("dscg_bed", "1203"),
            ("dscg_way", "5"),
            ("die_date", "2026-11-23"),
        ] {
            assert_eq!(read.facts.text(name), text, "{name}");
        }
        heard_diagnosis(&read.diagnoses, false);
        let read = DischargeInpatient::read(&said(&request(None, None)).input).unwrap();
        assert_eq!((read.facts.text("die_date"), read.facts.text("cop_flag")), ("", ""));
    }

    #[test]
    fn an_admission_and_a_discharge_are_taken_back() {
        let request = CancelAdmission { person: "990100".into(), visit: "7".into() };
        let read = CancelRegistration::read(&said(&request).input).unwrap();
        let expected = CancelRegistration { person: "990100".into(), encounter: EncounterId(7), stay: true };
        assert_eq!(read, expected);
        let request = CancelDischarge { person: "990100".into(), visit: "7".into() };
        let read = transactions::CancelDischarge::read(&said(&request).input).unwrap();
        let expected = transactions::CancelDischarge { person: "990100".into(), encounter: EncounterId(7) };
        assert_eq!(read, expected);
    }
}
