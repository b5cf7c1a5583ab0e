//! 9101, 9102: files beside the messages.

use jiff::civil::Date;

use crate::codes::Refusal;
use crate::file::{FileNumber, from_base64};
use crate::input::Input;
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// A file comes in.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadFile {
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for UploadFile {
    /// What is in it stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadFile").field("bytes", &self.content.len()).finish_non_exhaustive()
    }
}

impl UploadFile {
    /// Reads the input of 9101. Whether its bytes came as numbers or in base 64, they are in base 64 here.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "fsUploadIn", "in", "文件数据")?;
        let content = row.need("in")?;
        let rule = Rule::Bytes;
        let content = from_base64(content).ok_or_else(|| Refusal::FieldInvalid {
            field: "in".into(),
            value: content.chars().take(40).collect(),
            rule,
        })?;
        Ok(Self { name: row.need("filename")?.into(), content })
    }
}

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileKept {
    /// Its number.
    pub number: FileNumber,
    /// Its name.
    pub name: String,
    /// Whose.
    pub hospital: String,
    /// The last day it can be fetched.
    pub until: Date,
}

impl Outgoing for FileKept {
    fn field(&self, _: &str, _: usize, name: &str) -> Value<'_> {
        match name {
            "file_qury_no" => self.number.to_string().into(),
            "filename" => self.name.as_str().into(),
            "fixmedins_code" => self.hospital.as_str().into(),
            "dld_endtime" => Value::Time(self.until.at(23, 59, 59, 0)),
            _ => Value::Absent,
        }
    }
}

/// A file is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadFile {
    /// As it was asked for.
    pub asked: String,
    /// Its number; none where it is no number of ours.
    pub number: Option<FileNumber>,
}

impl DownloadFile {
    /// Reads the input of 9102.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let row = super::first(input, "fsDownloadIn", "file_qury_no", "文件查询号")?;
        let asked = row.need("file_qury_no")?;
        Ok(Self { asked: asked.chars().take(40).collect(), number: asked.parse().ok() })
    }
}
