//! All rows of the books, or of the papers of desks, in a sealed folder, and back again; or from one place to another without a folder between.
//!
//! Whatever engine keeps them, the same books give the same bytes, and so the same sums. A copy is compared with what it
//! was made from before anybody may use it. Never opens what is sealed in the rows, and never decides whether books are
//! sound: that is `centre::verify`, which whoever restores asks before the place is released.

mod what;
mod save;
mod restore;
mod copy;
mod manifest;
mod drill;
mod kept;
mod sealed;
mod signed;
mod key;

pub use copy::{Sum, carry, compare, sums};
pub use drill::Drill;
pub use kept::{Kept, Standing, doubts, kept, problems, standing};
pub use key::BackupKey;
pub use manifest::Manifest;
pub use restore::fill;
pub use save::save;
pub use what::{Source, Target, What};

use std::path::Path;

use store::StoreError;

/// What they are.
pub const MANIFEST: &str = "manifest.toml";
/// How the last drill with them ended.
pub const DRILL: &str = "drill.toml";

/// Why a backup was not made or not taken.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A store failed, that of the books or that of the copy.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file or folder failed.
    #[error("{0} 读写失败 cannot be read or written")]
    File(String, #[source] std::io::Error),
    /// Not what was written.
    #[error("备份已损坏或被改动 the backup is damaged or was altered: {0}")]
    Damaged(String),
    /// Sealed with another key.
    #[error(
        "备份密钥不对:此备份用的是密钥 {0} another backup key: this backup was made with the key {0}; \
         请用当时的密钥文件 use the key file of then"
    )]
    OtherKey(String),
    /// Of a version with other tables.
    #[error(
        "此备份由其他版本 {0} 生成,请用该版本恢复后再升级 this backup was made by version {0}, whose tables are others: \
         restore it with that version, then go on to this one"
    )]
    OtherVersion(String),
    /// Of something else.
    #[error("这是{0}的备份,不能用在这里 this is a backup of {0}, which does not go here")]
    OtherKind(&'static str),
    /// There already, or not there.
    #[error("{0}")]
    Place(String),
    /// The copy is not what it was made from.
    #[error("{0} 的副本与原件不符 the copy of {0} is not what it was made from")]
    Differs(String),
}

pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let subject = path.display().to_string();
    move |error| BackupError::File(subject, error)
}
