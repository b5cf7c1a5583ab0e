//! What a drill came to: a backup was restored into a fresh place, checked, and compared with its manifest.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use jiff::civil::DateTime;
use store::{hex, read_time, unhex, write_time};
use toml_edit::Item;

use crate::key::BackupKey;
use crate::save::write_synced;
use crate::signed::{self, value};
use crate::{BackupError, DRILL, file};

/// A drill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    /// Of which backup.
    pub id: [u8; 32],
    /// When.
    pub at: DateTime,
    /// Into which kind of backend.
    pub into: String,
    /// Rows restored.
    pub rows: u64,
    /// How it failed; none: every table was equal and every invariant held.
    pub failed: Option<String>,
}

impl Drill {
    /// Writes it beside the manifest, signed; the one before is replaced.
    pub fn write(&self, folder: &Path, key: &BackupKey) -> Result<(), BackupError> {
        let mut text = format!(
            "# Tongqu 通衢: 恢复演练记录 how the last drill with this backup ended; times are China Standard Time\n\
             format = 1\nid = \"{}\"\nat = \"{}\"\ninto = \"{}\"\nrows = {}\npassed = {}\n",
            hex(&self.id),
            write_time(self.at),
            self.into,
            self.rows,
            self.failed.is_none(),
        );
        if let Some(why) = &self.failed {
            let _ = writeln!(text, "why = {}", toml_edit::value(why.as_str()));
        }
        let unfinished = folder.join(format!("{DRILL}.unfinished"));
        write_synced(&unfinished, &signed::signed(&text, key))?;
        let path = folder.join(DRILL);
        fs::rename(&unfinished, &path).map_err(file(&path))
    }

    /// Reads the one of a backup's folder, if there is one; with a key, it fails unless that signed it.
    pub fn read(folder: &Path, key: Option<&BackupKey>) -> Result<Option<Self>, BackupError> {
        let path = folder.join(DRILL);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).map_err(file(&path))?;
        key.map_or(Ok(()), |key| signed::check(&text, key, DRILL))?;
        let document = signed::read(&text, DRILL)?;
        let top = document.as_item();
        let passed = value(top, "passed", Item::as_bool)?;
        let why = top.get("why").and_then(Item::as_str).unwrap_or_default();
        Ok(Some(Self {
            id: value(top, "id", |item| item.as_str().and_then(unhex))?,
            at: value(top, "at", |item| read_time(item.as_str()?))?,
            into: value(top, "into", |item| item.as_str().map(str::to_owned))?,
            rows: value(top, "rows", |item| item.as_integer()?.try_into().ok())?,
            failed: (!passed).then(|| why.to_owned()),
        }))
    }
}
