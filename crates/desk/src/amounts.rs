//! Amounts as papers write them: decimal text that a person can read, exact.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes it.
pub fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// Reads it.
pub fn deserialize<'d, T: FromStr, D: Deserializer<'d>>(from: D) -> Result<T, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no amount")))
}

/// The same where there may be none.
pub mod maybe {
    use super::{Display, Error, FromStr};
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes it.
    pub fn serialize<T: Display, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }

    /// Reads it.
    pub fn deserialize<'d, T: FromStr, D: Deserializer<'d>>(from: D) -> Result<Option<T>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let read =
            |text: String| text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no amount")));
        text.map(read).transpose()
    }
}

/// The same of a list of names, each with its amount.
pub mod named {
    use super::{Display, Error, FromStr};
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes it.
    pub fn serialize<T: Display, S: Serializer>(value: &[(String, T)], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(value.iter().map(|(name, amount)| (name, amount.to_string())))
    }

    /// Reads it.
    pub fn deserialize<'d, T: FromStr, D: Deserializer<'d>>(from: D) -> Result<Vec<(String, T)>, D::Error> {
        let texts = Vec::<(String, String)>::deserialize(from)?;
        let read = |(name, text): (String, String)| match text.parse() {
            Ok(amount) => Ok((name, amount)),
            Err(_) => Err(D::Error::custom(format!("`{text}` is no amount"))),
        };
        texts.into_iter().map(read).collect()
    }
}
