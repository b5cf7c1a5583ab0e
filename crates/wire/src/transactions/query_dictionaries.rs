//! 1901: the codes of a dictionary, or of all of them.

use crate::codes::Refusal;
use crate::dictionary::{Dictionary, dictionaries};
use crate::input::Input;
use crate::output::{Outgoing, Value};

/// Which codes are there?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryDictionaries {
    /// Of the dictionary of this national name; empty for all.
    pub dictionary: String,
    /// Only codes that are no more.
    gone: bool,
}

impl QueryDictionaries {
    /// Reads the input of 1901.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = input.first("data");
        let text = |name: &str| row.map_or("", |row| row.text(name));
        let gone = text("vali_Flag") == "0" || text("valiFlag") == "0";
        Ok(Self { dictionary: text("type").into(), gone })
    }

    /// The codes asked for. None of ours has ever been taken back.
    pub fn found(&self) -> CodesFound {
        let asked = |d: &&Dictionary| self.dictionary.is_empty() || d.name == self.dictionary;
        let codes = |d: &'static Dictionary| (0..d.codes.len()).map(move |at| (d, at));
        let all = dictionaries().iter().filter(asked).flat_map(codes);
        CodesFound { rows: all.filter(|_| !self.gone).collect() }
    }
}

/// Codes of dictionaries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodesFound {
    rows: Vec<(&'static Dictionary, usize)>,
}

impl Outgoing for CodesFound {
    fn rows(&self, _: &str) -> usize {
        self.rows.len()
    }

    fn field(&self, _: &str, row: usize, name: &str) -> Value<'_> {
        let (dictionary, at) = self.rows[row];
        let (code, label, _) = dictionary.codes[at];
        match name {
            "type" => dictionary.name.into(),
            "label" => label.into(),
            "value" => code.into(),
            "sort" => Value::Integer(i64::try_from(at + 1).unwrap_or_default()),
            "vali_flag" | "valiFlag" => "1".into(),
            "version" => Value::Integer(1),
            _ => Value::Absent,
        }
    }
}
