//! Files beside the messages: what they are numbered by, and the zip they travel in.

use std::fmt;
use std::io::{Cursor, Read, Write};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// Most a file may unpack to.
pub const UNPACKED_MAX: u64 = 64 << 20;

/// What a file is asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileNumber {
    /// One that is kept.
    Kept(i64),
    /// What of a list came behind a version, made when it is fetched; behind none: all of it.
    List {
        /// The transaction that named it.
        infno: String,
        /// The version the asker has.
        since: String,
        /// The version it was asked at.
        version: String,
    },
}

impl fmt::Display for FileNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(id) => write!(f, "{id}"),
            Self::List { infno, since, version } => write!(f, "{infno}.{since}.{version}"),
        }
    }
}

impl FromStr for FileNumber {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Kept(id));
        }
        let mut parts = text.splitn(3, '.').map(str::to_owned);
        let mut next = || parts.next().ok_or(());
        Ok(Self::List { infno: next()?, since: next()?, version: next()? })
    }
}

/// One file in a zip. Equal content makes equal bytes: no clock is in it.
pub fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let written = writer.start_file(name, options).and_then(|()| Ok(writer.write_all(content)?));
    written.and_then(|()| writer.finish()).expect("memory is written to").into_inner()
}

/// Why an uploaded file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileError {
    /// It looks like a zip and is none.
    Broken,
    /// It unpacks to more than is taken in.
    TooLarge,
    /// Its text is not UTF-8.
    Encoding,
}

/// The text of an uploaded file: as it is, or the first entry of a zip. A byte order mark in front is passed over.
pub fn text_of(bytes: &[u8]) -> Result<String, FileError> {
    let content = if is_zip(bytes) { unzip(bytes)? } else { bytes.to_vec() };
    let text = String::from_utf8(content).map_err(|_| FileError::Encoding)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes written in base 64, with breaks of lines or without.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let clean: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(clean).ok()
}

/// Whether bytes are a zip, by how they begin.
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP_MARK)
}

/// How a zip begins.
pub(crate) const ZIP_MARK: &[u8] = b"PK\x03\x04";

fn unzip(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileError::Broken)?;
    let entry = archive.by_index(0).map_err(|_| FileError::Broken)?;
    let mut content = Vec::new();
    // Whatever it says of its size: no more is read.
    let read = entry.take(UNPACKED_MAX + 1).read_to_end(&mut content).map_err(|_| FileError::Broken)?;
    if read as u64 > UNPACKED_MAX { Err(FileError::TooLarge) } else { Ok(content) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_zipped_is_read_and_equal_content_makes_equal_bytes() {
        let text = "1001\t中文\r\n".repeat(1_000);
        let packed = zip("rows.txt", text.as_bytes());
        assert!(packed.len() < 500, "{}", packed.len());
        assert_eq!(zip("rows.txt", text.as_bytes()), packed);
        assert_eq!(text_of(&packed).as_ref(), Ok(&text));
        assert_eq!(text_of("\u{feff}a\tb".as_bytes()).as_deref(), Ok("a\tb"));
    }

    #[test]
    fn what_is_no_file_of_text_is_told_apart() {
        assert_eq!(text_of(b"PK\x03\x04 and nothing"), Err(FileError::Broken));
        assert_eq!(text_of(b"\xc4\xe3"), Err(FileError::Encoding));
        let much = zip("much.txt", &vec![b'0'; usize::try_from(UNPACKED_MAX).unwrap() + 1]);
        assert_eq!(text_of(&much), Err(FileError::TooLarge));
    }

    #[test]
    fn numbers_read_back() {
        let list = |since: &str| FileNumber::List {
            infno: "1301".into(),
            since: since.into(),
            version: "2026-12-01".into(),
        };
        for number in [FileNumber::Kept(604_661_760_000_000_001), list(""), list("2026-01-01")] {
            assert_eq!(number.to_string().parse(), Ok(number.clone()));
            assert!(number.to_string().len() <= 30, "{number}");
        }
        assert_eq!("something".parse::<FileNumber>(), Err(()));
    }
}
