//! Which backend a database's address names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use model::Clock;
use store::{CentreStore, DayKeys, Keys, Sealer};
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

/// The keys of an installation: the key file, and beside it the day's audit key.
pub fn sealer(keys: &Path) -> anyhow::Result<Arc<Sealer>> {
    let read = Keys::read(keys).with_context(|| format!("reading the keys 读取密钥 {}", keys.display()))?;
    let audit = keys.with_extension("audit");
    let day_keys = DayKeys::open(&audit)
        .with_context(|| format!("reading the audit key 读取审计密钥 {}", audit.display()))?;
    Ok(Arc::new(Sealer::new(&read, wire::TEXTS).with_day_keys(day_keys)))
}

/// The audit key that is to be had for a database: the auditor's where named, the day's where it lies beside the file.
pub fn day_keys(address: &str, auditor: Option<&Path>) -> anyhow::Result<DayKeys> {
    if let Some(file) = auditor {
        return DayKeys::open_whole(file)
            .with_context(|| format!("reading the auditor's key 读取审计员密钥 {}", file.display()));
    }
    let beside = sqlite_file(address)?.with_extension("audit");
    if beside.exists() { Ok(DayKeys::open(&beside)?) } else { Ok(DayKeys::in_memory()) }
}
