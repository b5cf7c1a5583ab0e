//! 1201, 5101, 5102: institutions, and what one has registered of itself.

use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::Input;
use crate::output::{Outgoing, Value};

/// Which institutions are designated?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetInstitution {
    /// Of which kind: 1 hospitals, 2 pharmacies; empty for any.
    pub kind: String,
    /// Whose name has this in it.
    pub name: String,
    /// With this code.
    pub code: String,
}

impl GetInstitution {
    /// Reads the input of 1201.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = input.first("medinsinfo");
        let text = |name: &str| row.map(|row| row.text(name).to_owned()).unwrap_or_default();
        Ok(Self { kind: text("fixmedins_type"), name: text("fixmedins_name"), code: text("fixmedins_code") })
    }
}

/// Designated institutions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InstitutionsFound {
    /// Code, name, whether it is a pharmacy, national grade.
    pub rows: Vec<(String, String, bool, String)>,
}

impl Outgoing for InstitutionsFound {
    fn rows(&self, _: &str) -> usize {
        self.rows.len()
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        let (code, called, pharmacy, grade) = &self.rows[row];
        match name {
            "fixmedins_code" => code.as_str().into(),
            "fixmedins_name" => called.as_str().into(),
            "fixmedins_type" => if *pharmacy { "2" } else { "1" }.into(),
            "hosp_lv" if !grade.is_empty() => grade.as_str().into(),
            _ => Value::Absent,
        }
    }
}

/// Which departments has this institution?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryDepartments;

impl QueryDepartments {
    /// Reads the input of 5101, which has none.
    pub fn read(_: &Input) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

/// Who works at this institution?
#[derive(Clone, PartialEq, Eq)]
pub struct QueryStaff {
    /// What was asked about; what is left out fits everybody.
    asked: Facts,
}

impl std::fmt::Debug for QueryStaff {
    /// Names and document numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueryStaff").finish_non_exhaustive()
    }
}

impl QueryStaff {
    /// Reads the input of 5102.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        Ok(Self { asked: super::main_row(input, "prac_psn_type", "执业人员分类")?.facts() })
    }

    /// Whether somebody is whom it asks about.
    pub fn asks_for(&self, facts: &Facts) -> bool {
        ["prac_psn_type", "psn_cert_type", "certno", "prac_psn_name", "prac_psn_code"]
            .iter()
            .all(|name| self.asked.text(name).is_empty() || self.asked.text(name) == facts.text(name))
    }
}

/// What was registered, as it was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registered {
    /// One row each.
    pub rows: Vec<Facts>,
}

impl Outgoing for Registered {
    fn rows(&self, _: &str) -> usize {
        self.rows.len()
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        self.rows[row].value(name)
    }
}
