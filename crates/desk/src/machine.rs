//! The machine a desk runs on, as far as its administrator must know it: whether its papers are saved, and whether there is room.

use jiff::civil::DateTime;

/// What is looked at each time somebody asks.
pub trait Machine: Send + Sync {
    /// Whether the papers are saved.
    fn backup(&self) -> Backup;

    /// Room where the papers lie; none where another machine looks after that.
    fn room(&self) -> Option<Room>;
}

impl<M: Machine + ?Sized> Machine for std::sync::Arc<M> {
    fn backup(&self) -> Backup {
        (**self).backup()
    }

    fn room(&self) -> Option<Room> {
        (**self).room()
    }
}

/// Whether papers are saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backup {
    /// Somebody else sees to it: the database's administrator, or it is not set up here.
    NotHere,
    /// There is none yet.
    None,
    /// The newest.
    Newest {
        /// When it was made.
        made: DateTime,
        /// That is too long ago.
        old: bool,
        /// Whether bringing one back, to try it, went well; none: nobody has tried lately.
        tried: Option<bool>,
    },
}

/// Room on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// What is free, in bytes.
    pub free: u64,
    /// Less than there must be.
    pub low: bool,
}

/// A machine nobody looks at: papers in memory, or in a test.
pub struct Unwatched;

impl Machine for Unwatched {
    fn backup(&self) -> Backup {
        Backup::NotHere
    }

    fn room(&self) -> Option<Room> {
        None
    }
}
