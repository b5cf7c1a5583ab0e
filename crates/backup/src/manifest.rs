//! What a backup is: readable without a key, and never about a person.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use jiff::civil::DateTime;
use store::{hex, read_time, unhex, write_time};
use toml_edit::Item;

use crate::copy::Sum;
use crate::key::BackupKey;
use crate::signed::{self, value};
use crate::{BackupError, MANIFEST, What, file};

/// A backup, as its manifest tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Its number.
    pub id: [u8; 32],
    /// What it holds.
    pub what: What,
    /// When its rows stood so.
    pub made: DateTime,
    /// From which kind of backend: for whoever reads it; it goes into any.
    pub from: String,
    /// By which version.
    pub product: String,
    /// The columns of the tables, as a number.
    pub schema: i64,
    /// Bytes of the sealed rows.
    pub bytes: u64,
    /// SHA-256 of the sealed rows.
    pub sha256: [u8; 32],
    /// Each table, in order.
    pub tables: Vec<Sum>,
}

impl Manifest {
    /// All rows.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|sum| sum.rows).sum()
    }

    /// The rows of one table.
    pub fn rows_of(&self, table: &str) -> u64 {
        self.tables.iter().find(|sum| sum.table == table).map_or(0, |sum| sum.rows)
    }

    /// As an audit log names it.
    pub fn told(&self) -> String {
        format!("backup {} of {}", hex(&self.id[..8]), write_time(self.made))
    }

    /// As it is written, signed.
    pub(crate) fn to_text(&self, key: &BackupKey) -> String {
        let mut text = format!(
            "# Tongqu 通衢: 备份清单,无密钥也可阅读 a backup's manifest, readable without a key; times are China Standard Time\n\
             format = 1\nid = \"{}\"\nmade = \"{}\"\nfrom = \"{}\"\nproduct = \"{}\"\nschema = {}\n\
             \n[{}]\nbytes = {}\nsha256 = \"{}\"\n",
            hex(&self.id),
            write_time(self.made),
            self.from,
            self.product,
            self.schema,
            self.what.word(),
            self.bytes,
            hex(&self.sha256),
        );
        for Sum { table, rows, sha256 } in &self.tables {
            let sum = hex(sha256);
            let _ = write!(text, "\n[[table]]\nname = \"{table}\"\nrows = {rows}\nsha256 = \"{sum}\"\n");
        }
        signed::signed(&text, key)
    }

    /// Reads the manifest of a backup's folder, whoever may have written it.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        Self::parse(&text(folder)?)
    }

    /// Reads it, and fails unless it is as it was signed with this key.
    pub fn read_signed(folder: &Path, key: &BackupKey) -> Result<Self, BackupError> {
        let text = text(folder)?;
        signed::check(&text, key, MANIFEST)?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, BackupError> {
        let document = signed::read(text, MANIFEST)?;
        let top = document.as_item();
        if top.get("format").and_then(Item::as_integer) != Some(1) {
            return Err(BackupError::OtherVersion(text_of(top, "product").unwrap_or_default()));
        }
        let part = |what: What| Some((what, top.get(what.word())?));
        let damaged = || BackupError::Damaged(format!("{MANIFEST}: what it is of"));
        let (what, sealed) = What::ALL.into_iter().find_map(part).ok_or_else(damaged)?;
        let tables = value(top, "table", Item::as_array_of_tables)?;
        let tables = tables.iter().map(|table| sum(&Item::Table(table.clone()))).collect::<Result<_, _>>()?;
        Ok(Self {
            id: hash(top, "id")?,
            what,
            made: value(top, "made", |item| read_time(item.as_str()?))?,
            from: text_of(top, "from")?,
            product: text_of(top, "product")?,
            schema: value(top, "schema", Item::as_integer)?,
            bytes: count(sealed, "bytes")?,
            sha256: hash(sealed, "sha256")?,
            tables,
        })
    }
}

fn text(folder: &Path) -> Result<String, BackupError> {
    let path = folder.join(MANIFEST);
    if !path.exists() {
        let why = format!(
            "{} 中没有 {MANIFEST},不是完整的备份 there is no {MANIFEST} in it, so it is no whole backup",
            folder.display()
        );
        return Err(BackupError::Place(why));
    }
    // What cannot be read as text was altered.
    let bytes = fs::read(&path).map_err(file(&path))?;
    String::from_utf8(bytes).map_err(|_| BackupError::Damaged(MANIFEST.into()))
}

fn sum(table: &Item) -> Result<Sum, BackupError> {
    Ok(Sum { table: text_of(table, "name")?, rows: count(table, "rows")?, sha256: hash(table, "sha256")? })
}

fn text_of(item: &Item, name: &str) -> Result<String, BackupError> {
    value(item, name, |item| item.as_str().map(str::to_owned))
}

fn count(item: &Item, name: &str) -> Result<u64, BackupError> {
    value(item, name, |item| item.as_integer().and_then(|count| count.try_into().ok()))
}

fn hash(item: &Item, name: &str) -> Result<[u8; 32], BackupError> {
    value(item, name, |item| item.as_str().and_then(unhex))
}
