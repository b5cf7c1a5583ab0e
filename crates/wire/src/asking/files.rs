//! 9101 and 9102: files beside the messages.

use jiff::civil::DateTime;

use super::hearing::heard;
use super::speaker::{Asking, Speaker};
use super::writing::Row;
use crate::file::text_of;
use crate::output::Answer;

/// 9101: sends a file.
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

impl Asking for UploadFile {
    fn infno(&self) -> &'static str {
        "9101"
    }

    fn input(&self, speaker: &Speaker) -> String {
        let row = Row::new().bytes("in", &self.content).text("filename", &self.name);
        row.text("fixmedins_code", &speaker.hospital).within("fsUploadIn")
    }
}

/// The answer to [`UploadFile`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHeard {
    /// The file's number.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Until when it is kept.
    pub until: Option<DateTime>,
}

impl FileHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| {
            let (number, name) = (output.some("file_qury_no")?, output.text("filename"));
            Some(Self { number, name, until: output.time("dld_endtime") })
        })
    }
}

/// 9102: fetches a file. It is answered by the file itself, which [`file_text`] reads, or by an envelope that says why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadFile {
    /// The file's number.
    pub number: String,
    /// Its name.
    pub name: String,
}

impl Asking for DownloadFile {
    fn infno(&self) -> &'static str {
        "9102"
    }

    fn input(&self, speaker: &Speaker) -> String {
        let row = Row::new().text("file_qury_no", &self.number).text("filename", &self.name);
        row.text("fixmedins_code", &speaker.hospital).within("fsDownloadIn")
    }
}

/// The text of a file that was fetched; none where the answer is no file, or one that cannot be read.
pub fn file_text(answer: &Answer) -> Option<String> {
    text_of(&answer.text).ok().filter(|_| answer.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{ODD, answered, said};
    use crate::file::{FileNumber, zip};
    use crate::transactions::{self, FileKept};
    use jiff::civil::date;

    #[test]
    fn a_file_is_sent() {
        for content in [vec![7], (0..=255).collect::<Vec<u8>>(), zip("rows.txt", ODD.as_bytes())] {
            let request = UploadFile { name: "rows\".zip".into(), content: content.clone() };
            let read = transactions::UploadFile::read(&said(&request).input).unwrap();
            assert_eq!(read, transactions::UploadFile { name: "rows\".zip".into(), content });
        }
        let until = date(2026, 12, 23);
        let told =
            FileKept { number: FileNumber::Kept(7), name: "rows.zip".into(), hospital: "H1".into(), until };
        let expected =
            FileHeard { number: "7".into(), name: "rows.zip".into(), until: Some(until.at(23, 59, 59, 0)) };
        assert_eq!(FileHeard::hear(&answered("9101", &told)), Some(expected));
    }

    #[test]
    fn a_file_is_fetched() {
        let request = DownloadFile { number: "7".into(), name: "result.zip".into() };
        let read = transactions::DownloadFile::read(&said(&request).input).unwrap();
        assert_eq!((read.asked.as_str(), read.number), ("7", Some(FileNumber::Kept(7))));
        let file = |bytes: &[u8]| Answer { text: bytes.into() };
        assert_eq!(file_text(&file(&zip("result.txt", ODD.as_bytes()))).as_deref(), Some(ODD));
        assert_eq!(file_text(&file(b"PK\x03\x04 and nothing")), None);
        assert_eq!(file_text(&answered("2202", &())), None);
    }
}
