//! 3401, 3402, 3403: departments of an institution: registers one, says it anew, withdraws it.

use jiff::civil::DateTime;

use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::Input;

/// Registers a department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterDepartment {
    /// Its code.
    pub code: String,
    /// Since when; none: since now.
    pub from: Option<DateTime>,
    /// Until when.
    pub to: Option<DateTime>,
    /// It must be there already.
    pub change: bool,
    /// All that was said.
    pub facts: Facts,
}

/// What is said of a person.
const PERSONAL: [&str; 2] = ["dept_resper_name", "dept_resper_tel"];

impl RegisterDepartment {
    /// Reads the input of 3401 or 3402.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::main_row(input, "hosp_dept_codg", "医院科室编码")?;
        let time = |name: &str| row.get(name).map(|_| row.time(name)).transpose();
        let change = input.transaction().infno == "3402";
        if !change {
            row.need("hosp_dept_name")?;
        }
        Ok(Self {
            code: row.need("hosp_dept_codg")?.into(),
            from: time("begntime")?,
            to: time("endtime")?,
            change,
            facts: row.facts(),
        })
    }
}

impl RegisterDepartment {
    /// What is said of the department, and what of who heads it.
    pub fn apart(said: Facts) -> (Facts, Facts) {
        said.apart(&PERSONAL)
    }
}

/// Withdraws a department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelDepartment {
    /// Its code.
    pub code: String,
}

impl CancelDepartment {
    /// Reads the input of 3403.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::main_row(input, "hosp_dept_codg", "医院科室编码")?;
        Ok(Self { code: row.need("hosp_dept_codg")?.into() })
    }
}
