//! A file that is being filled, under a name no centre opens, and a file that is being left.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use rusqlite::{Connection, OptionalExtension, params};
use store::{Leaving, NewBooks, NewPapers, PaperScan, Reader, Rows, StoreError};
use tables::{PAPERS, WHOLE, Whole};

use crate::lock::LockFile;
use crate::scan::SqliteScan;
use crate::{Access, SqliteReader, columns, connect, fault, place, record, refuse};

/// What is not there yet needs no care: it goes, or it is synced as a whole at the end.
const FILLING: &str = "pragma journal_mode = off; pragma synchronous = off; pragma foreign_keys = off;
    pragma trusted_schema = off; pragma cache_size = -65536; pragma temp_store = memory;";

/// A new file; its place is held while it is filled.
struct NewFile {
    place: PathBuf,
    /// Where it lies until it is whole.
    path: PathBuf,
    connection: Option<Connection>,
    released: bool,
    _lock: LockFile,
}

/// Books in a new file.
pub struct SqliteNewBooks(NewFile);

/// Papers of desks in a new file.
pub struct SqliteNewPapers(NewFile);

/// Brings a new file's schema up.
type Migrate = fn(&mut Connection, &Path) -> Result<(), StoreError>;

/// Where a file lies while it is filled: beside its place.
pub(crate) fn unfinished(place: &Path) -> PathBuf {
    beside(place, ".unfinished")
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// What SQLite keeps beside a file.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

impl SqliteNewBooks {
    /// Begins to fill a place: one without a file, or whose file holds no row. What an earlier try left is taken away.
    pub fn begin(place: &Path) -> Result<Self, StoreError> {
        NewFile::begin(place, &WHOLE, crate::migrate).map(Self)
    }
}

impl SqliteNewPapers {
    /// The same for papers.
    pub fn begin(place: &Path) -> Result<Self, StoreError> {
        NewFile::begin(place, &PAPERS, crate::desk::migrate).map(Self)
    }
}

impl NewFile {
    fn begin(place: &Path, tables: &[Whole], migrate: Migrate) -> Result<Self, StoreError> {
        crate::check_library(place)?;
        place::check_local(place)?;
        let lock = LockFile::take(place)?;
        check_empty(place, tables)?;
        let path = unfinished(place);
        remove(&path);
        let mut new = Self { place: place.into(), path, connection: None, released: false, _lock: lock };
        let mut connection = Connection::open(&new.path).map_err(fault("opening", new.path.display()))?;
        connection.execute_batch(FILLING).map_err(fault("setting up", new.path.display()))?;
        migrate(&mut connection, &new.path)?;
        new.connection = Some(connection);
        Ok(new)
    }

    fn add(&self, table: &str, rows: &[Vec<u8>]) -> Result<(), StoreError> {
        let whole = known(table)?;
        let read = rows.iter().map(|row| whole.read(row)).collect::<Result<Vec<_>, _>>();
        let read = read.map_err(|bad| refuse("reading", table, &bad.to_string()))?;
        let add = || {
            let transaction = self.open().unchecked_transaction()?;
            record::insert(&transaction, &whole.table, &read, |to, row| row.put(to))?;
            transaction.commit()
        };
        add().map_err(fault("adding", table))
    }

    fn open(&self) -> &Connection {
        self.connection.as_ref().expect("open until it is released")
    }

    /// What points at nothing was not noticed while rows came.
    fn check_references(&self) -> Result<(), StoreError> {
        let table: Option<String> = self
            .open()
            .query_row("select \"table\" from pragma_foreign_key_check limit 1", [], |row| row.get(0))
            .optional()
            .map_err(fault("checking", self.path.display()))?;
        match table {
            None => Ok(()),
            Some(table) => Err(refuse("checking", table, "a row points at one that is not there")),
        }
    }

    fn whole_on_disk(&mut self) -> Result<(), StoreError> {
        let subject = self.path.display().to_string();
        let connection = self.connection.take().expect("open until it is released");
        connection
            .query_row("pragma journal_mode = wal", [], |row| row.get::<_, String>(0))
            .map_err(fault("setting up", &subject))?;
        connection.close().map_err(|(_, error)| fault("closing", &subject)(error))?;
        let io = |source: std::io::Error| StoreError {
            operation: "releasing",
            subject: subject.clone(),
            source: source.into(),
        };
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(io)?;
        fs::rename(&self.path, &self.place).map_err(io)?;
        let folder = self.place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)?;
        self.released = true;
        Ok(())
    }
}

impl NewBooks for SqliteNewBooks {
    fn add(&mut self, table: &str, rows: &[Vec<u8>]) -> Result<(), StoreError> {
        self.0.add(table, rows)
    }

    fn reader(&mut self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(SqliteReader { connection: connect(&self.0.path, Access::Read)? }))
    }

    fn release(mut self: Box<Self>, origin: &str) -> Result<(), StoreError> {
        self.0.check_references()?;
        let note = || {
            let transaction = self.0.open().unchecked_transaction()?;
            transaction.execute("create table origin (origin text not null, told_by integer) strict", [])?;
            transaction.execute("insert into origin (origin) values (?1)", params![origin])?;
            transaction.commit()
        };
        note().map_err(fault("releasing", self.0.path.display()))?;
        self.0.whole_on_disk()
    }
}

impl NewPapers for SqliteNewPapers {
    fn add(&mut self, table: &str, rows: &[Vec<u8>]) -> Result<(), StoreError> {
        self.0.add(table, rows)
    }

    fn scan(&mut self) -> Result<Box<dyn PaperScan>, StoreError> {
        Ok(Box::new(SqlitePaperScan { connection: connect(&self.0.path, Access::Read)? }))
    }

    fn release(mut self: Box<Self>) -> Result<(), StoreError> {
        self.0.whole_on_disk()
    }
}

/// The papers of a file, read only, also while a desk writes there.
pub struct SqlitePaperScan {
    connection: Connection,
}

impl SqlitePaperScan {
    /// Of a file that is there.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        place::check_there(path)?;
        let connection = connect(path, Access::Read)?;
        crate::check_version(&connection, path)?;
        Ok(Self { connection })
    }
}

impl PaperScan for SqlitePaperScan {
    fn scan(
        &mut self,
        walk: &mut dyn FnMut(&mut dyn Rows) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let snapshot = self.connection.unchecked_transaction().map_err(fault("beginning", "scan"))?;
        walk(&mut SqliteScan { connection: &snapshot })
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.released {
            drop(self.connection.take());
            remove(&self.path);
        }
    }
}

fn remove(path: &Path) {
    let _ = fs::remove_file(path);
    BESIDE.iter().for_each(|ending| drop(fs::remove_file(beside(path, ending))));
}

pub(crate) fn known(table: &str) -> Result<&'static Whole, StoreError> {
    Whole::of(table).ok_or_else(|| refuse("copying", table, "there is no such table"))
}

/// A file is there only as `init` leaves it: without a row.
fn check_empty(place: &Path, tables: &[Whole]) -> Result<(), StoreError> {
    let taken = |what: &str| {
        let why = format!(
            "{what},不能覆盖;请换一个位置 it is not overwritten: name another place, or move it away first"
        );
        Err(refuse("filling", place.display(), &why))
    };
    if place.exists() {
        let connection = connect(place, Access::Write)?;
        if let Some(table) =
            first_with_rows(&connection, tables).map_err(fault("reading", place.display()))?
        {
            return taken(&format!("此处已有数据 there are rows in it already ({table})"));
        }
        // Nothing is left in the log beside it, which would be taken for that of the file that comes.
        connection
            .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
            .map_err(fault("checkpointing", place.display()))?;
    }
    match BESIDE.iter().map(|ending| beside(place, ending)).find(|path| path.exists()) {
        None => Ok(()),
        Some(path) => taken(&format!("{} 属于另一个库 belongs to another database", path.display())),
    }
}

fn first_with_rows(connection: &Connection, tables: &[Whole]) -> rusqlite::Result<Option<&'static str>> {
    for whole in tables {
        let name = whole.table.name;
        if connection.table_exists(None, name)? {
            let some: bool =
                connection
                    .query_row(&format!("select exists (select 1 from {name})"), [], |row| row.get(0))?;
            if some {
                return Ok(Some(name));
            }
        } else if connection.query_row("select exists (select 1 from sqlite_schema)", [], |row| row.get(0))? {
            return Ok(Some("another database"));
        }
    }
    Ok(None)
}

/// Where the books of a file come from, unless the stream of an earlier centre has told of it.
pub(crate) fn origin(connection: &Connection) -> rusqlite::Result<Option<String>> {
    if !connection.table_exists(None, "origin")? {
        return Ok(None);
    }
    connection.query_row("select origin from origin where told_by is null", [], |row| row.get(0)).optional()
}

/// Fails where no centre may run on a file: it is not whole, or its books have been moved away.
pub fn check_stands(path: &Path) -> Result<(), StoreError> {
    place::check_there(path)?;
    check_not_moved(&connect(path, Access::Read)?, path)
}

/// Fails where the books of a file have been moved away.
pub(crate) fn check_not_moved(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    if !connection.table_exists(None, "moved").map_err(fault("reading", "moved"))? {
        return Ok(());
    }
    let read = columns::read(|row| Ok((row.text(0)?.unwrap_or_default().to_owned(), row.time(1)?)));
    let (to, at) = connection
        .query_row("select moved_to, at from moved", [], read)
        .map_err(fault("reading", "moved"))?;
    let at = at.map(store::write_time).unwrap_or_default();
    Err(refuse("opening", path.display(), &store::moved_words(&to, &at)))
}

/// A file that is being left; nobody else writes to it.
pub struct SqliteLeaving {
    path: PathBuf,
    _lock: LockFile,
}

impl SqliteLeaving {
    /// Holds a file. One that a centre runs on is refused.
    pub fn hold(path: &Path) -> Result<Self, StoreError> {
        place::check_there(path)?;
        place::check_local(path)?;
        let lock = LockFile::take(path).map_err(|held| StoreError {
            operation: "holding",
            subject: path.display().to_string(),
            source: format!(
                "请先停止在其上运行的中心 stop the centre that runs on it first: {}",
                held.source
            )
            .into(),
        })?;
        let connection = connect(path, Access::Read)?;
        check_not_moved(&connection, path)?;
        crate::check_version(&connection, path)?;
        crate::check_schema(&connection, path)?;
        Ok(Self { path: path.into(), _lock: lock })
    }
}

impl Leaving for SqliteLeaving {
    fn reader(&mut self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(SqliteReader { connection: connect(&self.path, Access::Read)? }))
    }

    fn left(self: Box<Self>, to: &str, at: DateTime) -> Result<(), StoreError> {
        let connection = connect(&self.path, Access::Write)?;
        let mark = || {
            let transaction = connection.unchecked_transaction()?;
            transaction
                .execute("create table moved (moved_to text not null, at text not null) strict", [])?;
            transaction.execute("insert into moved values (?1, ?2)", params![to, store::write_time(at)])?;
            transaction.commit()
        };
        mark().map_err(fault("marking", self.path.display()))
    }
}
