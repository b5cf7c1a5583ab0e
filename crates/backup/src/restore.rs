//! Fills a new place from a backup. Every chunk is checked before a row of it is used, and in the end all of them together.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use ring::digest::{Context, SHA256};
use zstd::stream::read::Decoder;

use crate::copy::{Batch, OFTEN, Summing, bytes};
use crate::sealed::SealedReader;
use crate::{BackupError, BackupKey, Manifest, Target};

/// The longest a row may be: more would be no row.
const ROW_MAX: u64 = 256 << 20;

/// Fills a new place. It is not released: whether it is what was saved ([`crate::compare`]), and sound, is for whoever restores
/// to ask.
pub fn fill<'t, 'd: 't>(
    folder: &Path,
    manifest: &Manifest,
    key: &BackupKey,
    new: impl Into<Target<'t, 'd>>,
    progress: &mut dyn FnMut(u64),
) -> Result<(), BackupError> {
    let (new, what): (Target<'t, 'd>, _) = (new.into(), manifest.what);
    if new.what() != what {
        return Err(BackupError::OtherKind(what.name()));
    }
    if manifest.schema != what.layout() {
        return Err(BackupError::OtherVersion(manifest.product.clone()));
    }
    let path = folder.join(what.file());
    // What is wrong with a chunk is told by the chunk; what reads through it only says that it cannot go on.
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof | ErrorKind::Other => {
            BackupError::Damaged(format!("{}: {error}", what.file()))
        }
        _ => BackupError::File(path.display().to_string(), error),
    };
    let mut from = BufReader::new(Summed::open(&path).map_err(failed)?);
    let mut sealed = SealedReader::new(&mut from, key, manifest.id).map_err(failed)?;
    let mut rows = Decoder::new(&mut sealed).map_err(failed)?;
    let mut batch = Batch::new(new);
    let mut sums = Vec::new();
    let mut count = 0_u64;
    for whole in what.tables() {
        let mut summing = Summing::new(whole.table.name);
        while let Some(row) = row(&mut rows).map_err(failed)? {
            summing.row(&row);
            batch.row(whole.table.name, Some(row))?;
            count += 1;
            if count.is_multiple_of(OFTEN) {
                progress(count);
            }
        }
        batch.row(whole.table.name, None)?;
        sums.push(summing.sum());
    }
    end_of(&mut rows).map_err(failed)?;
    drop(rows);
    sealed.finish().map_err(failed)?;
    let whole = from.into_inner().sum() == (manifest.bytes, manifest.sha256);
    if !whole || sums != manifest.tables {
        return Err(BackupError::Damaged(format!("{} is not that of its manifest 与清单不符", what.file())));
    }
    Ok(())
}

/// The next row; none at the end of a table.
fn row(from: &mut impl Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u64::from(u32::from_be_bytes(length));
    if length > ROW_MAX {
        return Err(std::io::Error::new(ErrorKind::InvalidData, "a row is too long"));
    }
    let mut row = Vec::new();
    from.take(length).read_to_end(&mut row)?;
    if row.len() as u64 != length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok((length > 0).then_some(row))
}

/// Behind the last table there is nothing.
fn end_of(from: &mut impl Read) -> std::io::Result<()> {
    match from.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(std::io::Error::new(ErrorKind::InvalidData, "more than the tables")),
    }
}

/// Counts and sums what is read of a file.
struct Summed {
    from: File,
    bytes: u64,
    context: Context,
}

impl Summed {
    fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self { from: File::open(path)?, bytes: 0, context: Context::new(&SHA256) })
    }

    fn sum(self) -> (u64, [u8; 32]) {
        (self.bytes, bytes(&self.context.finish()))
    }
}

impl Read for Summed {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(bytes)?;
        self.context.update(&bytes[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
