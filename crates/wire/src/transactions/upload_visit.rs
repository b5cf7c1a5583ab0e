//! 2203 and 2203A: what the visit was for.

use model::{EncounterId, PersonNumber, VisitKind};

use super::Wanted;
use crate::codes::Refusal;
use crate::facts::Facts;
use crate::input::{Fields, Input};

/// What the visit was for.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadVisit {
    /// Who.
    pub person: PersonNumber,
    /// Which visit.
    pub encounter: EncounterId,
    /// National kind of care.
    pub care_kind: String,
    /// The kind as benefit rules see it.
    pub visit: VisitKind,
    /// The listed disease it is for.
    pub disease: String,
    /// The diagnoses.
    pub diagnoses: Vec<Diagnosis>,
    /// What else was said.
    pub facts: Facts,
}

impl std::fmt::Debug for UploadVisit {
    /// What a person suffers from stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadVisit")
            .field("person", &self.person)
            .field("encounter", &self.encounter)
            .finish_non_exhaustive()
    }
}

/// One diagnosis.
#[derive(Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Order.
    pub number: i64,
    /// National kind: western, Chinese main disease, syndrome.
    pub kind: String,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Withdrawn diagnoses are sent with 0.
    pub valid: bool,
    /// What else was said.
    pub facts: Facts,
}

impl std::fmt::Debug for Diagnosis {
    /// What a person suffers from stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Diagnosis")
            .field("number", &self.number)
            .field("kind", &self.kind)
            .field("valid", &self.valid)
            .finish_non_exhaustive()
    }
}

impl UploadVisit {
    /// Reads the input of 2203 or 2203A.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "mdtrtinfo", "mdtrt_id", "就诊ID")?;
        let (care_kind, visit) = super::care(row, Wanted::Visit)?;
        Ok(Self {
            person: super::person(row)?,
            encounter: super::encounter(row)?,
            care_kind,
            visit,
            disease: row.text("dise_codg").into(),
            diagnoses: Diagnosis::read_all(input)?,
            facts: super::visit_facts(row),
        })
    }
}

/// What is said of a diagnosis, besides what has a column of its own.
const FACTS: [&str; 6] =
    ["maindiag_flag", "adm_cond", "diag_dept", "dise_dor_no", "dise_dor_name", "diag_time"];

impl Diagnosis {
    /// All diagnoses of a message: 2203, 2401 and 2402 write them alike.
    pub(super) fn read_all(input: &Input) -> Result<Vec<Self>, Refusal> {
        let read = |row: Fields<'_>| {
            Ok(Self {
                number: row.number("diag_srt_no")?,
                kind: row.text("diag_type").into(),
                code: row.need("diag_code")?.into(),
                name: row.text("diag_name").into(),
                valid: row.text("vali_flag") != "0",
                facts: Facts::of(row, &FACTS),
            })
        };
        input.rows("diseinfo").map(read).collect()
    }
}
