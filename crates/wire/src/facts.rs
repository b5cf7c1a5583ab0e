//! What was said of a thing and is only said again: by its national names, as it was understood. Whoever keeps it need
//! not know what it says.

use std::collections::BTreeMap;
use std::fmt;

use crate::input::Fields;
use crate::json::{Node, write_text};
use crate::output::Value;

/// What was said, by national name.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Facts(BTreeMap<String, String>);

impl fmt::Debug for Facts {
    /// Much of it is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts").field("count", &self.0.len()).finish_non_exhaustive()
    }
}

impl FromIterator<(String, String)> for Facts {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(said: I) -> Self {
        Self(said.into_iter().collect())
    }
}

impl Facts {
    /// Those of a row that are named and filled in.
    pub(crate) fn of(row: Fields<'_>, names: &[&str]) -> Self {
        let said = names.iter().filter_map(|name| Some(((*name).to_owned(), row.get(name)?.to_owned())));
        Self(said.collect())
    }

    /// With what was said later, which stands before what was said of the same before.
    #[must_use]
    pub fn and(mut self, later: Self) -> Self {
        self.0.extend(later.0);
        self
    }

    /// All but these, and these.
    pub(crate) fn apart(self, names: &[&str]) -> (Self, Self) {
        let (these, others) = self.0.into_iter().partition(|(name, _)| names.contains(&name.as_str()));
        (Self(others), Self(these))
    }

    /// With other names for some: `(as it was said, as it is kept)`.
    #[must_use]
    pub(crate) fn named(self, names: &[(&str, &str)]) -> Self {
        let kept = |name: String| {
            let found = names.iter().find(|(said, _)| *said == name);
            found.map_or(name, |(_, kept)| (*kept).to_owned())
        };
        Self(self.0.into_iter().map(|(name, text)| (kept(name), text)).collect())
    }

    /// One of them; empty where it was not said.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// One of them, on its way out.
    pub(crate) fn value(&self, name: &str) -> Value<'_> {
        self.0.get(name).map_or(Value::Absent, |text| text.as_str().into())
    }

    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One text: a JSON object, its members sorted.
    pub fn to_text(&self) -> String {
        let mut out = String::from("{");
        for (name, text) in &self.0 {
            if out.len() > 1 {
                out.push(',');
            }
            write_text(&mut out, name);
            out.push(':');
            write_text(&mut out, text);
        }
        out.push('}');
        out
    }

    /// Reads what [`Facts::to_text`] wrote; of anything else nothing.
    pub fn from_text(text: &str) -> Self {
        let Ok(Node::Object(members)) = Node::parse(text.as_bytes()) else { return Self::default() };
        let member = |(name, value): &(_, Node<'_>)| {
            let name: &std::borrow::Cow<'_, str> = name;
            Some((name.clone().into_owned(), value.as_str()?.to_owned()))
        };
        Self(members.iter().filter_map(member).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Input, transaction};

    fn said(json: &str) -> Facts {
        let input =
            Input::read(transaction("2401").unwrap(), &Node::parse(json.as_bytes()).unwrap()).unwrap();
        Facts::of(input.first("mdtrtinfo").unwrap(), &["tel", "adm_bed", "coner_name"])
    }

    #[test]
    fn what_was_said_is_read_back_and_said_anew() {
        let before = said(r#"{"mdtrtinfo":{"tel":"010 \"1\"","adm_bed":"12","psn_no":"1"}}"#);
        assert_eq!(before.to_text(), r#"{"adm_bed":"12","tel":"010 \"1\""}"#);
        assert_eq!(Facts::from_text(&before.to_text()), before);
        let later = before.and(said(r#"{"mdtrtinfo":{"adm_bed":"14","coner_name":"甲"}}"#));
        assert_eq!(
            (later.text("adm_bed"), later.text("tel"), later.text("coner_name")),
            ("14", "010 \"1\"", "甲")
        );
        assert_eq!(later.text("medrcdno"), "");
        assert!(Facts::from_text("no object").is_empty());
    }
}
