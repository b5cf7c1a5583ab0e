//! A small writer of inputs: objects whose members stand in the order they are said.

use std::fmt::{Display, Write};

use jiff::civil::{Date, DateTime};

use crate::json::write_text;
use crate::stamp::{print_date, print_time};

/// One object on its way out.
pub(super) struct Row {
    out: String,
}

impl Row {
    /// An object that says nothing yet.
    pub(super) fn new() -> Self {
        Self { out: String::from("{") }
    }

    /// An input of one node with one row.
    pub(super) fn within(self, node: &str) -> String {
        Self::new().row(node, self).end()
    }

    fn name(&mut self, name: &str) -> &mut String {
        if self.out.len() > 1 {
            self.out.push(',');
        }
        write_text(&mut self.out, name);
        self.out.push(':');
        &mut self.out
    }

    /// A text; an empty one is left out, for it means the same.
    pub(super) fn text(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            write_text(self.name(name), value);
        }
        self
    }

    /// Yes or no.
    pub(super) fn flag(self, name: &str, value: bool) -> Self {
        self.text(name, if value { "1" } else { "0" })
    }

    /// A number, in the digits it prints.
    pub(super) fn number(mut self, name: &str, value: impl Display) -> Self {
        let _ = write!(self.name(name), "{value}");
        self
    }

    /// A number that need not be said.
    pub(super) fn number_if(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }

    /// A file: its bytes as numbers.
    pub(super) fn bytes(mut self, name: &str, value: &[u8]) -> Self {
        let out = self.name(name);
        for (at, byte) in value.iter().enumerate() {
            let _ = write!(out, "{}{byte}", if at == 0 { "[" } else { "," });
        }
        out.push_str(if value.is_empty() { "[]" } else { "]" });
        self
    }

    /// A moment.
    pub(super) fn time(self, name: &str, value: DateTime) -> Self {
        self.text(name, &print_time(value))
    }

    /// A day.
    pub(super) fn date(self, name: &str, value: Date) -> Self {
        self.text(name, &print_date(value))
    }

    /// An object within.
    pub(super) fn row(mut self, name: &str, row: Self) -> Self {
        self.name(name).push_str(&row.end());
        self
    }

    /// Objects within; none are left out.
    pub(super) fn rows(mut self, name: &str, rows: impl IntoIterator<Item = Self>) -> Self {
        let rows: Vec<String> = rows.into_iter().map(Self::end).collect();
        if !rows.is_empty() {
            let _ = write!(self.name(name), "[{}]", rows.join(","));
        }
        self
    }

    /// The object as it is written.
    pub(super) fn end(mut self) -> String {
        self.out.push('}');
        self.out
    }
}
