//! 2501, 2503, 2505: puts something of a person on file: a referral, a listed disease, a chosen institution.

use jiff::civil::Date;
use model::{FilingId, FilingKind, InsuranceKind, PersonNumber};

use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// Puts something of a person on file.
#[derive(Clone, PartialEq, Eq)]
pub struct PutOnFile {
    /// Whose.
    pub person: PersonNumber,
    /// What kind.
    pub kind: FilingKind,
    /// Which: the disease's code, the institution's code.
    pub code: String,
    /// Under which insurance; none: under any.
    pub insurance_kind: Option<InsuranceKind>,
    /// First day.
    pub from: Date,
    /// Last day; none: open.
    pub to: Option<Date>,
    /// What else was said.
    pub facts: Facts,
}

impl std::fmt::Debug for PutOnFile {
    /// What a person suffers from stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PutOnFile")
            .field("person", &self.person)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl PutOnFile {
    /// Reads the input of 2501, 2503 or 2505.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let kind = super::filing_kind(input.transaction().infno);
        // The node, the field of the code, and that of the first day where none is given.
        let (node, code, day) = match kind {
            FilingKind::Referral => ("refmedin", "reflin_medins_no", "refl_date"),
            FilingKind::ListedDisease => ("data", "opsp_dise_code", ""),
            _ => ("data", "fixmedins_code", ""),
        };
        let row = super::first(input, node, "psn_no", "人员编号")?;
        let from = match row.date("begndate")? {
            None if !day.is_empty() => row.date(day)?,
            given => given,
        };
        let from = from
            .ok_or_else(|| Refusal::FieldMissing { field: "begndate".into(), name: "开始日期".into() })?;
        Ok(Self {
            person: super::person(row)?,
            kind,
            code: row.need(code)?.into(),
            insurance_kind: row.get("insutype").map(|_| super::insurance_kind(row)).transpose()?,
            from,
            to: last_day(row, from)?,
            facts: row.facts(),
        })
    }
}

fn last_day(row: Fields<'_>, from: Date) -> Result<Option<Date>, Refusal> {
    let to = row.date("enddate")?;
    if to.is_some_and(|to| to < from) {
        let rule = Rule::NotBefore(from.to_string());
        return Err(Refusal::FieldInvalid {
            field: "enddate".into(),
            value: row.text("enddate").into(),
            rule,
        });
    }
    Ok(to)
}

/// Something put on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnFile {
    /// Our id.
    pub id: FilingId,
}

impl Outgoing for OnFile {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        if name == "trt_dcla_detl_sn" { self.id.to_string().into() } else { Value::Absent }
    }
}
