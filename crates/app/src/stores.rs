//! Which backend a database's address names.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use counter::{CounterRoad, wake};
use model::Clock;
use store::{
    CentreStore, Counter, DayKeys, Keys, Leaving, NewBooks, NewPapers, PaperScan, Sealer, StoreError,
};
use store_postgres::{
    PostgresCounter, PostgresLeaving, PostgresNewBooks, PostgresNewPapers, PostgresPaperScan, PostgresStore,
    Strictness,
};
use store_sqlite::{SqliteLeaving, SqliteNewBooks, SqliteNewPapers, SqlitePaperScan, SqliteStore};

/// What an address names.
pub enum Place<'a> {
    /// A file of SQLite.
    File(PathBuf),
    /// A database of a PostgreSQL server.
    Server(&'a str),
}

impl<'a> Place<'a> {
    /// Of `sqlite://FILE` or `postgres://USER@HOST/NAME`.
    pub fn of(address: &'a str) -> anyhow::Result<Self> {
        if let Some(path) = address.strip_prefix("sqlite://") {
            return Ok(Self::File(PathBuf::from(path)));
        }
        if ["postgres://", "postgresql://"].iter().any(|scheme| address.starts_with(scheme)) {
            return Ok(Self::Server(address));
        }
        bail!(
            "`{}` is no database address; use sqlite://FILE or postgres://USER@HOST/NAME \
             数据库地址应为 sqlite://文件 或 postgres://用户@主机/库名",
            // What stands behind it may be a password.
            address.split_inclusive("://").next().unwrap_or_default()
        )
    }

    /// The kind of backend, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "sqlite",
            Self::Server(_) => "postgres",
        }
    }

    /// As others may read it: without user and password.
    pub fn told(&self) -> String {
        match self {
            Self::File(file) => {
                format!("sqlite://{}", std::path::absolute(file).as_ref().unwrap_or(file).display())
            }
            Self::Server(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or_default();
                let place = rest.split('?').next().unwrap_or_default();
                format!("{scheme}://{}", place.rsplit('@').next().unwrap_or_default())
            }
        }
    }

    /// Fails where no centre may run on it: it is not whole, or its books have been moved away.
    pub fn check_stands(&self) -> Result<(), StoreError> {
        match self {
            Self::File(path) => store_sqlite::check_stands(path),
            Self::Server(url) => store_postgres::check_stands(url),
        }
    }

    /// Begins to fill it: no centre opens it before it is released.
    pub fn begin(&self) -> anyhow::Result<Box<dyn NewBooks>> {
        Ok(match self {
            Self::File(path) => Box::new(SqliteNewBooks::begin(path)?),
            Self::Server(url) => Box::new(PostgresNewBooks::begin(url)?),
        })
    }

    /// The papers of desks there, to be copied: also while desks write.
    pub fn papers(&self) -> Result<Box<dyn PaperScan>, StoreError> {
        Ok(match self {
            Self::File(path) => Box::new(SqlitePaperScan::open(path)?),
            Self::Server(url) => Box::new(PostgresPaperScan::open(url)?),
        })
    }

    /// Begins to fill it with papers of desks.
    pub fn begin_papers(&self) -> anyhow::Result<Box<dyn NewPapers>> {
        Ok(match self {
            Self::File(path) => Box::new(SqliteNewPapers::begin(path)?),
            Self::Server(url) => Box::new(PostgresNewPapers::begin(url)?),
        })
    }

    /// Holds it to leave it: nobody else writes there meanwhile.
    pub fn leave(&self) -> anyhow::Result<Box<dyn Leaving>> {
        Ok(match self {
            Self::File(path) => Box::new(SqliteLeaving::hold(path)?),
            Self::Server(url) => Box::new(PostgresLeaving::hold(url)?),
        })
    }

    /// The key file where none is named: beside a database's file.
    pub fn keys(&self, named: Option<&Path>) -> anyhow::Result<PathBuf> {
        match (named, self) {
            (Some(keys), _) => Ok(keys.into()),
            (None, Self::File(file)) => Ok(file.with_extension("keys")),
            (None, Self::Server(_)) => bail!("name the key file with --keys 请用 --keys 指定密钥文件"),
        }
    }
}

/// Opens a store to run a centre on. A server that may lose what was committed is taken only where that was accepted.
pub fn open(
    address: &str,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    strictness: Strictness,
) -> anyhow::Result<Box<dyn CentreStore>> {
    Ok(match Place::of(address)? {
        Place::File(path) => {
            Box::new(SqliteStore::open(&path, sealer, clock).context("opening the database 打开数据库")?)
        }
        Place::Server(url) => Box::new(
            PostgresStore::open(url, sealer, clock, strictness).context("opening the database 打开数据库")?,
        ),
    })
}

/// Opens books that are there already, to write to them: no centre may run on a file meanwhile.
pub fn open_existing(
    address: &str,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Box<dyn CentreStore>> {
    if let Place::File(file) = Place::of(address)? {
        ensure!(file.exists(), "there is no {} 没有数据库", file.display());
    }
    // Whether a weak server is taken is the centre's to decide.
    open(address, sealer, clock, Strictness::AcceptsLoss)
}

/// The way to a centre over its database, with the login of a hospital.
pub fn counter_road(database: &str, timeout: Duration) -> CounterRoad {
    let (url, wake) = (database.to_owned(), wake());
    let open = move || Ok(Box::new(PostgresCounter::new(&url, wake)?) as Box<dyn Counter>);
    CounterRoad::new(open, timeout)
}

/// Opens a store to read it only, also while a centre runs on it. Nothing sealed is opened.
pub fn open_read_only(address: &str, clock: Arc<dyn Clock>) -> anyhow::Result<Box<dyn CentreStore>> {
    let sealer = Arc::new(Sealer::new(&Keys::generate(), wire::TEXTS));
    Ok(match Place::of(address)? {
        Place::File(path) => Box::new(
            SqliteStore::open_read_only(&path, sealer, clock).context("opening the database 打开数据库")?,
        ),
        Place::Server(url) => Box::new(
            PostgresStore::open_read_only(url, sealer, clock).context("opening the database 打开数据库")?,
        ),
    })
}

/// The keys of an installation: the key file, and beside it the day's audit key.
pub fn sealer(keys: &Path) -> anyhow::Result<Arc<Sealer>> {
    let read = Keys::read(keys).with_context(|| format!("reading the keys 读取密钥 {}", keys.display()))?;
    let audit = keys.with_extension("audit");
    let day_keys = DayKeys::open(&audit)
        .with_context(|| format!("reading the audit key 读取审计密钥 {}", audit.display()))?;
    Ok(Arc::new(Sealer::new(&read, wire::TEXTS).with_day_keys(day_keys)))
}

/// The audit key that is to be had for a database: the auditor's where named, the day's where it lies beside a file.
pub fn day_keys(address: &str, auditor: Option<&Path>) -> anyhow::Result<DayKeys> {
    if let Some(file) = auditor {
        return DayKeys::open_whole(file)
            .with_context(|| format!("reading the auditor's key 读取审计员密钥 {}", file.display()));
    }
    match Place::of(address)? {
        Place::File(file) if file.with_extension("audit").exists() => {
            Ok(DayKeys::open(&file.with_extension("audit"))?)
        }
        _ => Ok(DayKeys::in_memory()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_without_user_and_password() {
        for (address, told) in [
            (
                "postgres://tongqu:geh@im@db.local:5432/centre?password=geheim@x",
                "postgres://db.local:5432/centre",
            ),
            ("postgresql://db/centre", "postgresql://db/centre"),
            ("sqlite:///srv/centre.db", "sqlite:///srv/centre.db"),
        ] {
            assert_eq!(Place::of(address).unwrap().told(), told);
        }
    }
}
