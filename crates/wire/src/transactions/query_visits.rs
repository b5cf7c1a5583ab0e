//! 5201, 5303: visits of a person at this institution; who lies in it.

use jiff::civil::{Date, DateTime};
use model::{EncounterId, PersonNumber};

use super::PersonFacts;
use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// Which visits had a person here?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryVisits {
    /// Whose.
    pub person: PersonNumber,
    /// Begun within.
    pub within: (DateTime, DateTime),
    /// Of this national kind of care; empty for any.
    pub care_kind: String,
    /// This one alone.
    pub encounter: Option<EncounterId>,
}

impl QueryVisits {
    /// Reads the input of 5201.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "psn_no", "人员编号")?;
        Ok(Self {
            person: super::person(row)?,
            within: within(row)?,
            care_kind: row.text("med_type").into(),
            encounter: row.get("mdtrt_id").map(|_| super::encounter(row)).transpose()?,
        })
    }
}

/// Who lies in this institution?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryInpatients {
    /// This person alone.
    pub person: Option<PersonNumber>,
    /// Admitted within.
    pub within: (DateTime, DateTime),
}

impl QueryInpatients {
    /// Reads the input of 5303.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "begntime", "开始时间")?;
        let person = row.get("psn_no").map(PersonNumber::from);
        Ok(Self { person, within: within(row)? })
    }
}

/// From one moment to another that is not before it. A day without a time is asked about to its end.
pub(super) fn within(row: Fields<'_>) -> Result<(DateTime, DateTime), Refusal> {
    let from = row.time("begntime")?;
    let to = row.time("endtime")?;
    let to =
        if to.time() == jiff::civil::Time::midnight() { to.date().at(23, 59, 59, 999_000_000) } else { to };
    if to < from {
        let rule = Rule::NotBefore(crate::print_time(from));
        return Err(Refusal::FieldInvalid {
            field: "endtime".into(),
            value: row.text("endtime").into(),
            rule,
        });
    }
    Ok((from, to))
}

/// Visits that were found.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct VisitsFound {
    /// One row each.
    pub visits: Vec<VisitFound>,
}

/// One visit.
#[derive(Clone, PartialEq, Eq)]
pub struct VisitFound {
    /// Our id.
    pub encounter: EncounterId,
    /// Whose.
    pub person: PersonFacts,
    /// Under which insurance.
    pub insurance_kind: u16,
    /// Employer and home division.
    pub employer: (String, String),
    /// When it began.
    pub begins: DateTime,
    /// When a stay ended.
    pub ends: Option<DateTime>,
    /// National kind of care.
    pub care_kind: String,
    /// The hospital's number of it.
    pub visit_number: String,
    /// The doctor's code and name.
    pub doctor: (String, String),
    /// The department's code and name.
    pub department: (String, String),
    /// The listed disease.
    pub disease: String,
    /// A stay, and whether it goes on.
    pub stay: Option<bool>,
    /// The person is insured elsewhere.
    pub elsewhere: bool,
    /// What else was said.
    pub facts: Facts,
}

impl Outgoing for VisitsFound {
    fn rows(&self, _: &str) -> usize {
        self.visits.len()
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        let visit = &self.visits[row];
        let last: Date = visit.ends.unwrap_or(visit.begins).date();
        let first = visit.begins.date();
        match name {
            "mdtrt_id" => visit.encounter.to_string().into(),
            "insutype" => visit.insurance_kind.to_string().into(),
            "emp_name" => visit.employer.0.as_str().into(),
            "insu_optins" => visit.employer.1.as_str().into(),
            "begntime" => Value::Time(visit.begins),
            "begndate" => Value::Date(first),
            // A visit ends as it begins; of a stay that goes on nobody knows.
            "endtime" if visit.stay != Some(true) => Value::Time(visit.ends.unwrap_or(visit.begins)),
            "med_type" => visit.care_kind.as_str().into(),
            "ipt_otp_no" => visit.visit_number.as_str().into(),
            "atddr_no" => visit.doctor.0.as_str().into(),
            "chfpdr_name" => visit.doctor.1.as_str().into(),
            "adm_dept_codg" => visit.department.0.as_str().into(),
            "adm_dept_name" => visit.department.1.as_str().into(),
            "dise_codg" if !visit.disease.is_empty() => visit.disease.as_str().into(),
            "inhosp_stas" => visit.stay.map(|goes_on| if goes_on { "1" } else { "0" }).into(),
            "ars_year_ipt_flag" => {
                visit.stay.map_or(Value::Absent, |_| super::flag(first.year() != last.year()))
            }
            "ipt_days" if visit.stay == Some(false) => Value::Integer(i64::from((last - first).get_days())),
            "out_flag" => super::flag(visit.elsewhere),
            other => match visit.person.field(other) {
                Value::Absent => visit.facts.value(other),
                value => value,
            },
        }
    }
}
