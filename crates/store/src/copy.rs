//! Copying whole books, and the papers of desks: a place that is being filled, and a place that is being left. Rows go from
//! one to the other as bytes that both backends write and read alike.

use jiff::civil::DateTime;

use crate::port::{Reader, StoreError};

/// Rows as they stand.
pub trait Rows {
    /// Every row of a table, what is sealed sealed, by its key: as bytes that are the same in every backend.
    fn rows(
        &mut self,
        table: &str,
        each: &mut dyn FnMut(Vec<u8>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

/// Papers of desks, all of them, to be copied: also while desks write.
pub trait PaperScan {
    /// Walks through them in one snapshot.
    fn scan(
        &mut self,
        walk: &mut dyn FnMut(&mut dyn Rows) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

/// Papers that are being filled. No desk opens them before they are released; dropped before, they stay closed.
pub trait NewPapers {
    /// Adds rows of one table, as [`Rows::rows`] gives them.
    fn add(&mut self, table: &str, rows: &[Vec<u8>]) -> Result<(), StoreError>;

    /// What has been added so far.
    fn scan(&mut self) -> Result<Box<dyn PaperScan>, StoreError>;

    /// They are whole, on the disk, and may be opened.
    fn release(self: Box<Self>) -> Result<(), StoreError>;
}

/// Books that are being filled. No centre opens them before they are released; dropped before, they stay closed for ever.
pub trait NewBooks {
    /// Adds rows of one table, as [`Rows::rows`] gives them; what they point at was added before.
    fn add(&mut self, table: &str, rows: &[Vec<u8>]) -> Result<(), StoreError>;

    /// A reader of what has been added so far.
    fn reader(&mut self) -> Result<Box<dyn Reader>, StoreError>;

    /// They are whole, on the disk, and may be opened. Where they come from stands in the audit log of whoever does.
    fn release(self: Box<Self>, origin: &str) -> Result<(), StoreError>;
}

/// Books that are being left: as long as it lives nobody else writes to them, and nothing of them is changed.
pub trait Leaving {
    /// A reader.
    fn reader(&mut self) -> Result<Box<dyn Reader>, StoreError>;

    /// From now on nobody opens them to write: whoever tries is told where they are.
    fn left(self: Box<Self>, to: &str, at: DateTime) -> Result<(), StoreError>;
}

/// What is told of books that were moved.
pub fn moved_words(to: &str, at: &str) -> String {
    format!(
        "账本已于 {at} 迁往 {to},此处只供查阅,请在新库上运行 \
         these books were moved to {to} on {at}: they are only to be read, run on the new ones"
    )
}

/// What is told of books whose making has not ended.
pub const UNFINISHED: &str = "这里的恢复或迁入没有完成,不能启用 a restore or a move into this place has not ended, it cannot be opened";
