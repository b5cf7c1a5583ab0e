//! Which backend a database's address names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use model::Clock;
use store::{CentreStore, Keys, Sealer};
use store_sqlite::SqliteStore;

/// The file of a `sqlite://` address.
pub fn sqlite_file(address: &str) -> anyhow::Result<PathBuf> {
    match address.strip_prefix("sqlite://") {
        Some(path) => Ok(PathBuf::from(path)),
        None => bail!("`{address}` is no database address; use sqlite://FILE 数据库地址应为 sqlite://文件"),
    }
}

/// Opens a store to run a centre on.
pub fn open(
    address: &str,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Box<dyn CentreStore>> {
    let path = sqlite_file(address)?;
    let store = SqliteStore::open(&path, sealer, clock).context("opening the database 打开数据库")?;
    Ok(Box::new(store))
}

/// Opens a store to read it only, also while a centre runs on it. Nothing sealed is opened.
pub fn open_read_only(address: &str, clock: Arc<dyn Clock>) -> anyhow::Result<Box<dyn CentreStore>> {
    let sealer = Arc::new(Sealer::new(&Keys::generate(), wire::TEXTS));
    let store = SqliteStore::open_read_only(&sqlite_file(address)?, sealer, clock)
        .context("opening the database 打开数据库")?;
    Ok(Box::new(store))
}

/// Reads a key file.
pub fn sealer(keys: &Path) -> anyhow::Result<Arc<Sealer>> {
    let keys = Keys::read(keys).with_context(|| format!("reading the keys 读取密钥 {}", keys.display()))?;
    Ok(Arc::new(Sealer::new(&keys, wire::TEXTS)))
}
