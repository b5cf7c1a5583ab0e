//! Makes a backup: a folder that has its name only once it is whole and on the disk.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use ring::digest::{Context, SHA256};
use store::{StoreError, random_key};
use zstd::stream::write::Encoder;

use crate::copy::{bytes, length, walk};
use crate::sealed::SealedWriter;
use crate::{BackupError, BackupKey, MANIFEST, Manifest, Source, file};

/// Backups are made by night: rather small than fast.
const LEVEL: i32 = 6;

/// How a folder is called that is not whole yet.
pub(crate) const UNFINISHED: &str = ".unfinished";

/// Saves all rows into a new folder of `folder`, named by the moment. `from` says what kind of backend they are kept in.
pub fn save<'s, 'd: 's>(
    rows: impl Into<Source<'s, 'd>>,
    folder: &Path,
    key: &BackupKey,
    from: &str,
    now: DateTime,
    progress: &mut dyn FnMut(u64),
) -> Result<(PathBuf, Manifest), BackupError> {
    fs::create_dir_all(folder).map_err(file(folder))?;
    let _lock = Lock::take(folder)?;
    let mut rows = rows.into();
    let place = folder.join(format!("{}{}", now.strftime("%Y%m%d-%H%M%S"), rows.what().ending()));
    if place.exists() {
        let why = format!("{} 已存在 is there already: once a second is often enough", place.display());
        return Err(BackupError::Place(why));
    }
    let unfinished = folder.join(UNFINISHED);
    // What a backup that was killed left; nobody else is at work here.
    let _ = fs::remove_dir_all(&unfinished);
    fs::create_dir(&unfinished).map_err(file(&unfinished))?;
    let saved = save_into(&mut rows, &unfinished, key, (from, now), progress)
        .and_then(|manifest| named(&unfinished, &place).map(|()| manifest));
    if saved.is_err() {
        let _ = fs::remove_dir_all(&unfinished);
    }
    Ok((place, saved?))
}

/// From now on it is taken for a backup.
fn named(unfinished: &Path, place: &Path) -> Result<(), BackupError> {
    sync(unfinished)?;
    fs::rename(unfinished, place).map_err(file(place))?;
    sync(place.parent().unwrap_or(Path::new(".")))
}

fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(file(path))
}

fn save_into(
    rows: &mut Source<'_, '_>,
    folder: &Path,
    key: &BackupKey,
    (from, made): (&str, DateTime),
    progress: &mut dyn FnMut(u64),
) -> Result<Manifest, BackupError> {
    let (id, path) = (random_key(), folder.join(rows.what().file()));
    let failed = |error| file(&path)(error);
    let out = Summed::new(BufWriter::new(File::create_new(&path).map_err(failed)?));
    let sealed = SealedWriter::new(out, key, id).map_err(failed)?;
    let mut packed = Encoder::new(sealed, LEVEL).map_err(failed)?;
    let tables = walk(
        rows,
        &mut |_, row| {
            // A row with its length before it; a length of nothing ends a table.
            let row = row.unwrap_or_default();
            let written = packed.write_all(&length(&row).to_be_bytes()).and_then(|()| packed.write_all(&row));
            written.map_err(|error| StoreError {
                operation: "saving",
                subject: path.display().to_string(),
                source: error.into(),
            })
        },
        progress,
    )?;
    let summed = packed.finish().and_then(SealedWriter::finish).map_err(failed)?;
    let (bytes, sha256) = summed.finish().map_err(failed)?;
    sync(&path)?;
    let what = rows.what();
    let manifest = Manifest {
        id,
        what,
        made,
        from: from.to_owned(),
        product: env!("CARGO_PKG_VERSION").to_owned(),
        schema: what.layout(),
        bytes,
        sha256,
        tables,
    };
    write_synced(&folder.join(MANIFEST), &manifest.to_text(key))?;
    Ok(manifest)
}

/// Writes a small file and waits for the disk.
pub(crate) fn write_synced(path: &Path, text: &str) -> Result<(), BackupError> {
    fs::write(path, text).map_err(file(path))?;
    sync(path)
}

/// Counts and sums what is written.
struct Summed<W> {
    out: W,
    bytes: u64,
    context: Context,
}

impl<W: Write> Summed<W> {
    fn new(out: W) -> Self {
        Self { out, bytes: 0, context: Context::new(&SHA256) }
    }

    fn finish(mut self) -> std::io::Result<(u64, [u8; 32])> {
        self.out.flush()?;
        Ok((self.bytes, bytes(&self.context.finish())))
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.context.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// One backup at a time is made in a folder.
struct Lock(#[expect(dead_code, reason = "held as long as it lives")] File);

impl Lock {
    fn take(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(".lock");
        let lock =
            File::options().write(true).create(true).truncate(false).open(&path).map_err(file(&path))?;
        if lock.try_lock().is_err() {
            let why = format!("{} 中正在备份 another backup is being made there", folder.display());
            return Err(BackupError::Place(why));
        }
        Ok(Self(lock))
    }
}
