//! Rows on their way: each table's are counted and summed wherever they pass.

use ring::digest::{Context, SHA256};
use store::{NewBooks, Reader, StoreError};

use crate::{BackupError, Source, Target};

/// What a table comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over all of them, by their key.
    pub sha256: [u8; 32],
}

/// Sums the rows of one table.
pub(crate) struct Summing {
    table: &'static str,
    rows: u64,
    context: Context,
}

impl Summing {
    pub(crate) fn new(table: &'static str) -> Self {
        Self { table, rows: 0, context: Context::new(&SHA256) }
    }

    pub(crate) fn row(&mut self, row: &[u8]) {
        self.rows += 1;
        self.context.update(&length(row).to_be_bytes());
        self.context.update(row);
    }

    pub(crate) fn sum(self) -> Sum {
        Sum { table: self.table.to_owned(), rows: self.rows, sha256: bytes(&self.context.finish()) }
    }
}

pub(crate) fn bytes(digest: &ring::digest::Digest) -> [u8; 32] {
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

pub(crate) fn length(row: &[u8]) -> u32 {
    u32::try_from(row.len()).expect("a row below 4 GiB")
}

/// Rows that go into a place together: bounded in number and in bytes, whatever the size of the books.
pub(crate) struct Batch<'n, 'd> {
    new: Target<'n, 'd>,
    rows: Vec<Vec<u8>>,
    bytes: usize,
}

const ROWS: usize = 2_000;
const BYTES: usize = 4 << 20;

impl<'n, 'd> Batch<'n, 'd> {
    pub(crate) fn new(new: Target<'n, 'd>) -> Self {
        Self { new, rows: Vec::new(), bytes: 0 }
    }

    /// A row of a table, or that the table has no more.
    pub(crate) fn row(&mut self, table: &str, row: Option<Vec<u8>>) -> Result<(), StoreError> {
        let ends = row.is_none();
        self.bytes += row.as_ref().map_or(0, Vec::len);
        self.rows.extend(row);
        if !self.rows.is_empty() && (ends || self.rows.len() == ROWS || self.bytes >= BYTES) {
            self.new.add(table, &self.rows)?;
            self.rows.clear();
            self.bytes = 0;
        }
        Ok(())
    }
}

/// Rows between two words to whoever watches.
pub(crate) const OFTEN: u64 = 1_000;

/// Walks through every table in one snapshot: each row with its table, and behind the last of each that there is none.
/// Tells what every table came to.
pub(crate) fn walk(
    from: &mut Source<'_, '_>,
    each: &mut dyn FnMut(&'static str, Option<Vec<u8>>) -> Result<(), StoreError>,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Sum>, StoreError> {
    let (mut sums, mut count) = (Vec::new(), 0_u64);
    let what = from.what();
    from.scan(&mut |scan| {
        for whole in what.tables() {
            let table = whole.table.name;
            let mut summing = Summing::new(table);
            scan.rows(table, &mut |row| {
                count += 1;
                if count.is_multiple_of(OFTEN) {
                    progress(count);
                }
                summing.row(&row);
                each(table, Some(row))
            })?;
            each(table, None)?;
            sums.push(summing.sum());
        }
        Ok(())
    })?;
    Ok(sums)
}

/// What every table comes to.
pub fn sums<'s, 'd: 's>(
    from: impl Into<Source<'s, 'd>>,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Sum>, BackupError> {
    Ok(walk(&mut from.into(), &mut |_, _| Ok(()), progress)?)
}

/// Carries all rows of some books into new ones; tells what was carried.
pub fn carry(
    from: &mut dyn Reader,
    to: &mut dyn NewBooks,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Sum>, BackupError> {
    let mut batch = Batch::new(Target::Books(to));
    Ok(walk(&mut Source::Books(from), &mut |table, row| batch.row(table, row), progress)?)
}

/// Fails unless what is there comes to these sums, table by table.
pub fn compare<'s, 'd: 's>(
    from: impl Into<Source<'s, 'd>>,
    with: &[Sum],
    progress: &mut dyn FnMut(u64),
) -> Result<(), BackupError> {
    let found = sums(from, progress)?;
    let differs = |(found, with): &(&Sum, &Sum)| found != with;
    match found.iter().zip(with).find(differs) {
        Some((_, with)) => Err(BackupError::Differs(with.table.clone())),
        None if found.len() != with.len() => Err(BackupError::Differs(format!("{} tables", with.len()))),
        None => Ok(()),
    }
}
