//! What is copied: the books of a centre, or the papers of desks. Each has its tables, and its ways in and out.

use crate::{BackupError, Sum};
use store::{NewBooks, NewPapers, PaperScan, Reader, Rows, StoreError};
use tables::{LAYOUT, PAPERS, PAPERS_LAYOUT, WHOLE, Whole};

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The books of a centre.
    Books,
    /// The papers of desks.
    Papers,
}

impl What {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Books, Self::Papers];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Books => "books",
            Self::Papers => "papers",
        }
    }

    /// How it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Books => "账本 books",
            Self::Papers => "前台单据 papers",
        }
    }

    /// Its sealed rows.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Books => "books.tqb",
            Self::Papers => "papers.tqb",
        }
    }

    /// What the name of its folder has behind the moment.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Books => "",
            Self::Papers => "-papers",
        }
    }

    /// Its tables, what is pointed at before what points.
    pub(crate) fn tables(self) -> &'static [Whole] {
        match self {
            Self::Books => &WHOLE,
            Self::Papers => &PAPERS,
        }
    }

    /// The number of its columns.
    pub(crate) const fn layout(self) -> i64 {
        match self {
            Self::Books => LAYOUT,
            Self::Papers => PAPERS_LAYOUT,
        }
    }

    /// The table without a row of which there is nothing in it.
    pub(crate) const fn heart(self) -> &'static str {
        match self {
            Self::Books => "person",
            Self::Papers => "paper",
        }
    }

    /// The tables that only grow: what is found by tags changes.
    pub(crate) fn grows(self, table: &str) -> bool {
        self == Self::Books || table != "paper_tag"
    }
}

/// Where rows come from.
pub enum Source<'s, 'd> {
    /// Books.
    Books(&'s mut (dyn Reader + 'd)),
    /// Papers.
    Papers(&'s mut (dyn PaperScan + 'd)),
}

impl<'s, 'd> From<&'s mut (dyn Reader + 'd)> for Source<'s, 'd> {
    fn from(books: &'s mut (dyn Reader + 'd)) -> Self {
        Self::Books(books)
    }
}

impl<'s, 'd> From<&'s mut (dyn PaperScan + 'd)> for Source<'s, 'd> {
    fn from(papers: &'s mut (dyn PaperScan + 'd)) -> Self {
        Self::Papers(papers)
    }
}

impl Source<'_, '_> {
    /// What comes.
    pub fn what(&self) -> What {
        match self {
            Self::Books(_) => What::Books,
            Self::Papers(_) => What::Papers,
        }
    }

    /// Walks through its rows in one snapshot.
    pub(crate) fn scan(
        &mut self,
        walk: &mut dyn FnMut(&mut dyn Rows) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Books(reader) => reader.scan(&mut |scan| walk(scan)),
            Self::Papers(papers) => papers.scan(walk),
        }
    }
}

/// Where rows go.
pub enum Target<'t, 'd> {
    /// Into books.
    Books(&'t mut (dyn NewBooks + 'd)),
    /// Into papers.
    Papers(&'t mut (dyn NewPapers + 'd)),
}

impl<'t, 'd> From<&'t mut (dyn NewBooks + 'd)> for Target<'t, 'd> {
    fn from(books: &'t mut (dyn NewBooks + 'd)) -> Self {
        Self::Books(books)
    }
}

impl<'t, 'd> From<&'t mut (dyn NewPapers + 'd)> for Target<'t, 'd> {
    fn from(papers: &'t mut (dyn NewPapers + 'd)) -> Self {
        Self::Papers(papers)
    }
}

impl<'d> Target<'_, 'd> {
    /// The same place, to be used once more.
    pub fn again(&mut self) -> Target<'_, 'd> {
        match self {
            Self::Books(new) => Target::Books(&mut **new),
            Self::Papers(new) => Target::Papers(&mut **new),
        }
    }

    /// What every table of it comes to so far.
    pub fn sums(&mut self, progress: &mut dyn FnMut(u64)) -> Result<Vec<Sum>, BackupError> {
        match self {
            Self::Books(new) => crate::sums(new.reader()?.as_mut(), progress),
            Self::Papers(new) => crate::sums(new.scan()?.as_mut(), progress),
        }
    }

    /// What goes in.
    pub(crate) fn what(&self) -> What {
        match self {
            Self::Books(_) => What::Books,
            Self::Papers(_) => What::Papers,
        }
    }

    pub(crate) fn add(&mut self, table: &str, rows: &[Vec<u8>]) -> Result<(), StoreError> {
        match self {
            Self::Books(new) => new.add(table, rows),
            Self::Papers(new) => new.add(table, rows),
        }
    }
}
