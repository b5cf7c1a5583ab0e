//! 1101: who is this, and what insurance have they?

use jiff::civil::DateTime;

use super::PersonFacts;
use crate::codes::Refusal;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::stamp::read_time;
use jiff::civil::Date;
use money::Money;

/// How a person is named.
#[derive(Clone, PartialEq, Eq)]
pub enum PersonKey {
    /// By an identity document: kind and number.
    Document(String, String),
    /// By a social security card's number.
    Card(String),
}

impl PersonKey {
    /// An identity document goes before a card; a voucher's token is not ours to read.
    pub(super) fn read(row: Fields<'_>) -> Result<Self, Refusal> {
        let missing =
            || Refusal::FieldMissing { field: "mdtrt_cert_no / certno".into(), name: "证件号码".into() };
        Ok(match (row.get("certno"), row.text("mdtrt_cert_type"), row.get("mdtrt_cert_no")) {
            (_, "02", Some(number)) | (None, "", Some(number)) => {
                Self::Document("01".into(), number.to_uppercase())
            }
            (Some(number), ..) => {
                Self::Document(document_kind(row.text("psn_cert_type")), number.to_uppercase())
            }
            (None, "03", Some(number)) => Self::Card(number.into()),
            (None, "01", Some(_)) => return Err(Refusal::VoucherNotRead),
            (None, other, Some(_)) => {
                return Err(Refusal::CodeUnknown {
                    field: "mdtrt_cert_type".into(),
                    value: other.into(),
                    dictionary: "mdtrt_cert_type".into(),
                });
            }
            (None, _, None) => return Err(missing()),
        })
    }
}

impl std::fmt::Debug for PersonKey {
    /// The number stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Document(kind, _) => f.debug_tuple("Document").field(kind).finish_non_exhaustive(),
            Self::Card(_) => f.debug_tuple("Card").finish_non_exhaustive(),
        }
    }
}

/// Who is this, and what insurance have they?
#[derive(Clone, PartialEq, Eq)]
pub struct GetPerson {
    /// How the person is named.
    pub key: PersonKey,
    /// The name to compare, where sent.
    pub name: String,
    /// As of when; none: now.
    pub at: Option<DateTime>,
}

impl std::fmt::Debug for GetPerson {
    /// Names and document numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GetPerson").field("key", &self.key).field("at", &self.at).finish_non_exhaustive()
    }
}

impl GetPerson {
    /// Reads the input of 1101.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "data", "mdtrt_cert_no / certno", "证件号码")?;
        let key = PersonKey::read(row)?;
        Ok(Self { key, name: row.text("psn_name").into(), at: row.get("begntime").and_then(read_time) })
    }
}

/// Some programs leave the leading zero out, or the kind altogether: an identity card.
fn document_kind(code: &str) -> String {
    match code.len() {
        0 => "01".into(),
        1 => format!("0{code}"),
        _ => code.into(),
    }
}

/// A person found, with insurances and identities.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonFound {
    /// Who.
    pub person: PersonFacts,
    /// Insurances as of the day asked about.
    pub insurances: Vec<Insurance>,
    /// Identities, with their days.
    pub identities: Vec<(String, Date, Option<Date>)>,
}

impl std::fmt::Debug for PersonFound {
    /// Names and document numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonFound")
            .field("person", &self.person)
            .field("insurances", &self.insurances.len())
            .finish_non_exhaustive()
    }
}

/// One insurance of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insurance {
    /// What the account holds.
    pub balance: Money,
    /// Kind of insurance.
    pub kind: u16,
    /// National type of person.
    pub person_type: String,
    /// National state: 1 active, 2 paused, 4 ended.
    pub state: &'static str,
    /// First day.
    pub from: Date,
    /// Since when it is paused.
    pub paused: Option<Date>,
    /// Has the civil servants' supplement.
    pub civil_servant: bool,
    /// Home division.
    pub division: String,
    /// The employer's name.
    pub employer: String,
}

impl Outgoing for PersonFound {
    fn rows(&self, node: &str) -> usize {
        match node {
            "insuinfo" => self.insurances.len(),
            "idetinfo" => self.identities.len(),
            _ => 1,
        }
    }

    fn field(&self, node: &str, row: usize, name: &str) -> Value<'_> {
        match node {
            "insuinfo" => self.insurances[row].field(name),
            "idetinfo" => {
                let (kind, from, to) = &self.identities[row];
                match name {
                    "psn_idet_type" => kind.as_str().into(),
                    "begntime" => Value::Time(from.at(0, 0, 0, 0)),
                    "endtime" => to.map_or(Value::Absent, |to| Value::Time(to.at(23, 59, 59, 0))),
                    _ => Value::Absent,
                }
            }
            _ => self.person.field(name),
        }
    }
}

impl Insurance {
    fn field(&self, name: &str) -> Value<'_> {
        match name {
            "balc" => self.balance.into(),
            "insutype" => self.kind.to_string().into(),
            "psn_type" => self.person_type.as_str().into(),
            "psn_insu_stas" => self.state.into(),
            "psn_insu_date" => Value::Date(self.from),
            "paus_insu_date" => self.paused.map_or(Value::Absent, Value::Date),
            "cvlserv_flag" => super::flag(self.civil_servant),
            "insuplc_admdvs" => self.division.as_str().into(),
            "emp_name" => self.employer.as_str().into(),
            _ => Value::Absent,
        }
    }
}
