//! 1101: who is this, and what insurance have they?

use jiff::civil::DateTime;

use crate::codes::Refusal;
use crate::input::Input;
use crate::stamp::read_time;

/// How a person is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonKey {
    /// By an identity document: kind and number.
    Document(String, String),
    /// By a social security card's number.
    Card(String),
}

/// Who is this, and what insurance have they?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetPerson {
    /// How the person is named.
    pub key: PersonKey,
    /// The name to compare, where sent.
    pub name: String,
    /// As of when; none: now.
    pub at: Option<DateTime>,
}

impl GetPerson {
    /// Reads the input of 1101. An identity document goes before a card; a voucher's token is not ours to read.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let missing = || Refusal::FieldMissing { field: "mdtrt_cert_no / certno".into(), name: "证件号码".into() };
        let row = super::first(input, "data", "mdtrt_cert_no / certno", "证件号码")?;
        let key = match (row.get("certno"), row.text("mdtrt_cert_type"), row.get("mdtrt_cert_no")) {
            (_, "02", Some(number)) => PersonKey::Document("01".into(), number.to_uppercase()),
            (Some(number), ..) => PersonKey::Document(document_kind(row.text("psn_cert_type")), number.to_uppercase()),
            (None, "03", Some(number)) => PersonKey::Card(number.into()),
            (None, "", Some(number)) => PersonKey::Document("01".into(), number.to_uppercase()),
            (None, other, Some(_)) => {
                return Err(Refusal::CodeUnknown {
                    field: "mdtrt_cert_type".into(),
                    value: other.into(),
                    dictionary: "mdtrt_cert_type".into(),
                });
            }
            (None, _, None) => return Err(missing()),
        };
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
