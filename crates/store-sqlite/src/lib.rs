//! The ports on embedded SQLite: one writer connection, readers apart, write-ahead log, every commit synced.

mod place;
mod lock;
mod load;
mod desk;
mod record;
mod checkpoint;
mod columns;
mod scan;
mod copy;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::civil::DateTime;
use model::{Clock, HospitalId, SettlementId};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use store::{
    AccessKey, AuditRow, CentreStore, DayKeys, HospitalRow, Loaded, Needs, Reader, RecordError, Scan, Sealer,
    SettlementRow, StoreError, StreamHead, Writer,
};

pub use copy::{SqliteLeaving, SqliteNewBooks, SqliteNewPapers, SqlitePaperScan, check_stands};
pub use desk::SqliteDesk;
pub use place::Room;

use checkpoint::Checkpointer;
use lock::LockFile;

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// The oldest bundled SQLite that keeps its write-ahead log sound.
const SQLITE_MIN: i32 = 3_051_003;

/// The last of the migrations.
fn schema() -> i64 {
    let all = migrations::migrations::runner();
    all.get_migrations().iter().map(|one| i64::from(one.version())).max().unwrap_or(0)
}

/// What the writer's connection must say of itself: 2 is full.
const DURABLE: &str = "journal_mode=wal synchronous=2";

/// The centre's store in one file.
pub struct SqliteStore {
    path: PathBuf,
    sealer: std::sync::Arc<Sealer>,
    clock: std::sync::Arc<dyn Clock>,
    /// Held by the writer; none: free.
    writer_lock: Mutex<Option<LockFile>>,
}

#[expect(clippy::needless_pass_by_value, reason = "subjects are mostly made for the call")]
fn fault(operation: &'static str, subject: impl ToString) -> impl FnOnce(rusqlite::Error) -> StoreError {
    let subject = subject.to_string();
    move |error| StoreError { operation, subject, source: error.into() }
}

#[expect(clippy::needless_pass_by_value, reason = "subjects are mostly made for the call")]
fn refuse(operation: &'static str, subject: impl ToString, why: &str) -> StoreError {
    StoreError { operation, subject: subject.to_string(), source: why.to_owned().into() }
}

impl SqliteStore {
    /// Opens the file, made where it is missing, and brings its schema up to date.
    pub fn open(
        path: &Path,
        sealer: std::sync::Arc<Sealer>,
        clock: std::sync::Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        check_library(path)?;
        place::check_local(path)?;
        let lock = LockFile::take(path)?;
        place::check_finished(path)?;
        let store = Self { path: path.into(), sealer, clock, writer_lock: Mutex::new(Some(lock)) };
        let mut connection = store.connect(Access::Write)?;
        check_version(&connection, path)?;
        copy::check_not_moved(&connection, path)?;
        migrate(&mut connection, path)?;
        store.close_old_streams(&connection)?;
        Ok(store)
    }

    /// Opens an existing file to read it only: while a centre runs on it, too.
    pub fn open_read_only(
        path: &Path,
        sealer: std::sync::Arc<Sealer>,
        clock: std::sync::Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        place::check_there(path)?;
        check_schema(&connect(path, Access::Read)?, path)?;
        Ok(Self { path: path.into(), sealer, clock, writer_lock: Mutex::new(None) })
    }

    fn connect(&self, access: Access) -> Result<Connection, StoreError> {
        connect(&self.path, access)
    }

    /// A stream left open by a killed process is closed here, with the count and hash it reached; what was written
    /// under it is checked first.
    fn close_old_streams(&self, connection: &Connection) -> Result<(), StoreError> {
        let open: i64 = connection
            .query_row("select count(*) from stream where closed is null", [], |row| row.get(0))
            .map_err(fault("reading", "stream"))?;
        if open == 0 {
            return Ok(());
        }
        let verdict: String = connection
            .query_row("pragma quick_check(1)", [], |row| row.get(0))
            .map_err(fault("checking", self.path.display()))?;
        if verdict != "ok" {
            return Err(refuse("checking", self.path.display(), &verdict));
        }
        let now = store::write_time(self.clock.now());
        connection
            .execute(
                "update stream set closed = ?1,
                    behind = (select max(stream) from stream),
                    records = (select count(*) from audit a where a.stream = stream.stream),
                    last_hash = (select hash from audit a where a.stream = stream.stream order by seq desc limit 1)
                 where closed is null",
                params![now],
            )
            .map_err(fault("closing", "stream"))?;
        Ok(())
    }
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

pub(crate) fn connect(path: &Path, access: Access) -> Result<Connection, StoreError> {
    let subject = path.display().to_string();
    let flags = match access {
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(fault("opening", &subject))?;
    connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(fault("opening", &subject))?;
    connection.set_prepared_statement_cache_capacity(96);
    let pragmas = match access {
        Access::Read => "pragma query_only = on; pragma cache_size = -8192; pragma trusted_schema = off;",
        Access::Write => {
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
             pragma trusted_schema = off; pragma cache_size = -65536; pragma temp_store = memory;"
        }
    };
    connection.execute_batch(pragmas).map_err(fault("setting up", &subject))?;
    Ok(connection)
}

pub(crate) fn check_library(path: &Path) -> Result<(), StoreError> {
    if rusqlite::version_number() < SQLITE_MIN {
        return Err(refuse("opening", path.display(), "the SQLite library is older than 3.51.3"));
    }
    Ok(())
}

/// A file that a later version has made its own is not opened.
pub(crate) fn check_version(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let made = connection.table_exists(None, "meta").map_err(fault("reading", "meta"))?;
    if !made {
        return Ok(());
    }
    let least: String = connection
        .query_row("select max(min_binary) from meta", [], |row| row.get(0))
        .map_err(fault("reading", "meta"))?;
    tables::may_open(&least).map_err(|why| refuse("opening", path.display(), &why))
}

/// What is only read must be as this version writes it.
pub(crate) fn check_schema(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let version: i64 = connection
        .query_row("select max(version) from meta", [], |row| row.get(0))
        .map_err(fault("reading", "meta"))?;
    if version >= schema() {
        return Ok(());
    }
    let why = "这个库是旧版的,请先用本版运行一次中心 an older version wrote this file: start the centre of this one on it first";
    Err(refuse("opening", path.display(), why))
}

/// Brings the schema up to date. A later version may have added migrations this one does not know: `min_binary` says
/// whether it may go on.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    bring_up(migrations::migrations::runner(), connection, path)
}

/// Brings a file's schema up to date.
pub(crate) fn bring_up(
    runner: refinery::Runner,
    connection: &mut Connection,
    path: &Path,
) -> Result<(), StoreError> {
    runner.set_abort_missing(false).run(connection).map(drop).map_err(|e| StoreError {
        operation: "migrating",
        subject: path.display().to_string(),
        source: e.into(),
    })
}

impl CentreStore for SqliteStore {
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError> {
        let mut held = self.writer_lock.lock().expect("no writer panicked while it was taken");
        let lock = held
            .take()
            .ok_or_else(|| refuse("writing", self.path.display(), "another writer holds the file"))?;
        SqliteWriter::open(self, lock).map(|writer| Box::new(writer) as Box<dyn Writer>)
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(SqliteReader { connection: self.connect(Access::Read)? }))
    }

    fn hospitals(&self) -> Result<Vec<HospitalRow>, StoreError> {
        let connection = self.connect(Access::Read)?;
        let read = || -> rusqlite::Result<Vec<HospitalRow>> {
            let sql = format!("select {} from hospital order by hospital", tables::HOSPITAL.list);
            let mut statement = connection.prepare(&sql)?;
            let rows = statement.query_map([], columns::read(tables::hospital))?;
            rows.collect()
        };
        read().map_err(fault("reading", "hospital"))
    }

    fn access_keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        let connection = self.connect(Access::Read)?;
        let read = || -> rusqlite::Result<Vec<(String, i64, Vec<u8>)>> {
            let mut statement =
                connection.prepare("select key, hospital, secret from access_key order by key")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect()
        };
        let sealed = read().map_err(fault("reading", "access_key"))?;
        let open = |(key, hospital, secret): (String, i64, Vec<u8>)| {
            let secret = self.sealer.open("access_key.secret", hospital, &secret).ok();
            let secret = secret.and_then(|s| String::from_utf8(s).ok());
            let secret =
                secret.ok_or_else(|| refuse("opening", &key, "the key file does not fit this database"))?;
            Ok(AccessKey { key, hospital: HospitalId(hospital), secret })
        };
        sealed.into_iter().map(open).collect()
    }

    fn put_hospitals(&self, hospitals: &[HospitalRow], keys: &[AccessKey]) -> Result<(), StoreError> {
        let mut connection = self.connect(Access::Write)?;
        let mut write = || {
            let transaction = connection.transaction()?;
            record::hospitals(&transaction, hospitals)?;
            for k in keys {
                let secret = self.sealer.seal("access_key.secret", k.hospital.0, k.secret.as_bytes());
                transaction
                    .execute(
                        "insert into access_key values (?1, ?2, ?3)
                     on conflict (key) do update set secret = ?3 where hospital = ?2",
                        params![k.key, k.hospital.0, secret],
                    )
                    // A key of another institution is not taken over.
                    .and_then(|rows| {
                        if rows == 1 { Ok(()) } else { Err(rusqlite::Error::StatementChangedRows(rows)) }
                    })?;
            }
            transaction.commit()
        };
        write().map_err(fault("writing", "hospital"))
    }
}

/// The one writer.
struct SqliteWriter {
    checkpointer: Checkpointer,
    connection: Connection,
    path: PathBuf,
    head: StreamHead,
    clock: std::sync::Arc<dyn Clock>,
    /// A commit failed in a way that may have left its frames whole in the write-ahead log.
    doubtful: bool,
    /// When the disk was last looked at, and what was seen.
    room: Option<(DateTime, bool)>,
    _lock: LockFile,
}

/// Seconds between two looks at the disk.
const LOOK_SECONDS: i64 = 5;

impl SqliteWriter {
    fn open(store: &SqliteStore, lock: LockFile) -> Result<Self, StoreError> {
        let connection = store.connect(Access::Write)?;
        let today = store.clock.now().date();
        store.sealer.day_keys().advance(today).map_err(|e| StoreError {
            operation: "advancing",
            subject: "the audit key".into(),
            source: e.into(),
        })?;
        let open = || {
            let transaction = connection.unchecked_transaction()?;
            let stream: i64 =
                connection.query_row("select coalesce(max(stream), 0) + 1 from stream", [], |r| r.get(0))?;
            let slot = stream % (model::IdSource::SLOT_MAX + 1);
            connection.execute(
                "insert into stream (stream, slot, process, opened) values (?1, ?2, ?3, ?4)",
                params![stream, slot, std::process::id().to_string(), store::write_time(store.clock.now())],
            )?;
            let head = StreamHead { stream, slot, seq: 0, hash: [0; 32] };
            let head = anchor(&connection, head, store.clock.now(), store.sealer.day_keys())?;
            transaction.commit()?;
            Ok(head)
        };
        let head = open().map_err(fault("opening", "stream"))?;
        let checkpointer = Checkpointer::start(&connection, store.connect(Access::Write)?).map_err(|e| {
            StoreError { operation: "starting", subject: "the checkpoint thread".into(), source: e.into() }
        })?;
        let writer = Self {
            checkpointer,
            connection,
            path: store.path.clone(),
            head,
            clock: store.clock.clone(),
            doubtful: false,
            room: None,
            _lock: lock,
        };
        match writer.durability()?.as_str() {
            DURABLE => Ok(writer),
            other => Err(refuse(
                "opening",
                store.path.display(),
                &format!("the connection is not durable: {other}"),
            )),
        }
    }

    /// Ends every doubt about a failed commit: one more synced frame at the same place in the log, behind which older
    /// frames no longer fit their checksums. Until it succeeds, a restart might still bring the failed commit back.
    fn fence(&mut self) -> rusqlite::Result<()> {
        self.connection
            .execute("update stream set opened = opened where stream = ?1", params![self.head.stream])?;
        self.doubtful = false;
        Ok(())
    }
}

/// The first records of a stream say how those before it ended, so that what was cut off there is noticed: in a file the
/// one before, in books that were copied from several writers all of theirs.
fn anchor(
    connection: &Connection,
    mut head: StreamHead,
    now: DateTime,
    keys: &DayKeys,
) -> rusqlite::Result<StreamHead> {
    let sql = format!("{CLOSED_STREAMS} and anchored_by is null order by stream");
    let ends = {
        let mut closed = connection.prepare(&sql)?;
        let rows = closed.query_map([], columns::read(tables::stream_end))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?
    };
    for end in ends {
        let row = AuditRow::new(now, AuditRow::ANCHOR, end.to_string()).behind(&head, keys);
        record::audit(connection, &row)?;
        connection.execute(
            "update stream set anchored_by = ?2 where stream = ?1",
            params![end.stream, head.stream],
        )?;
        head = StreamHead { seq: row.seq, hash: row.hash, ..head };
    }
    if let Some(origin) = copy::origin(connection)? {
        let row = AuditRow::new(now, AuditRow::ORIGIN, origin).behind(&head, keys);
        record::audit(connection, &row)?;
        connection.execute("update origin set told_by = ?1", params![head.stream])?;
        head = StreamHead { seq: row.seq, hash: row.hash, ..head };
    }
    Ok(head)
}

/// How streams ended that are closed. A version before did not say what was behind one: then nothing was.
pub(crate) const CLOSED_STREAMS: &str = "select stream, coalesce(records, 0), last_hash, coalesce(behind, stream) \
                                         from stream where closed is not null";

/// Errors of a commit that certainly left nothing behind: it was never begun.
fn certain(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{ConstraintViolation, DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(ConstraintViolation | DatabaseBusy | DatabaseLocked))
}

impl Writer for SqliteWriter {
    fn head(&self) -> StreamHead {
        self.head
    }

    fn durability(&self) -> Result<String, StoreError> {
        let read = || -> rusqlite::Result<String> {
            let mode: String = self.connection.query_row("pragma journal_mode", [], |row| row.get(0))?;
            let sync: i64 = self.connection.query_row("pragma synchronous", [], |row| row.get(0))?;
            Ok(format!("journal_mode={mode} synchronous={sync}"))
        };
        read().map_err(fault("reading", "settings"))
    }

    fn load(&mut self, needs: &[Needs]) -> Result<Loaded, StoreError> {
        if self.doubtful {
            self.fence().map_err(fault("fencing", "write-ahead log"))?;
        }
        self.connection.execute_batch("begin immediate").map_err(fault("beginning", "batch"))?;
        load::load(&self.connection, needs).inspect_err(|_| self.abandon())
    }

    fn record(&mut self, changes: &store::Changes) -> Result<(), RecordError> {
        let failed = fault("recording", "batch");
        if let Err(error) = record::write(&self.connection, changes) {
            self.abandon();
            return Err(RecordError::RolledBack(failed(error)));
        }
        match self.connection.execute_batch("commit") {
            Ok(()) => {
                if let Some(last) = changes.audits.last() {
                    self.head.seq = last.seq;
                    self.head.hash = last.hash;
                }
                self.checkpointer.after_commit(&self.connection);
                Ok(())
            }
            Err(error) => {
                self.abandon();
                if certain(&error) {
                    return Err(RecordError::RolledBack(failed(error)));
                }
                self.doubtful = true;
                Err(RecordError::Unknown(failed(error)))
            }
        }
    }

    fn disk_low(&mut self) -> bool {
        let now = self.clock.now();
        let due = |seen: DateTime| {
            (model::ms_since_epoch(now) - model::ms_since_epoch(seen)).abs() >= LOOK_SECONDS * 1_000
        };
        match self.room {
            Some((seen, low)) if !due(seen) => low,
            _ => {
                // A disk that cannot be looked at is found out by writing to it.
                let low = Room::beside(&self.path).is_ok_and(|room| room.is_low());
                self.room = Some((now, low));
                low
            }
        }
    }

    fn abandon(&mut self) {
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("rollback");
        }
    }

    fn close(&mut self) -> Result<(), StoreError> {
        let hash = if self.head.seq == 0 { None } else { Some(self.head.hash.to_vec()) };
        self.connection
            .execute(
                "update stream set closed = ?2, records = ?3, last_hash = ?4, behind = ?1 where stream = ?1",
                params![self.head.stream, store::write_time(self.clock.now()), self.head.seq, hash],
            )
            .map_err(fault("closing", "stream"))?;
        self.connection
            .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
            .map_err(fault("checkpointing", "wal"))
    }
}

struct SqliteReader {
    connection: Connection,
}

impl Reader for SqliteReader {
    fn load(&mut self, needs: &[Needs]) -> Result<Loaded, StoreError> {
        // Ended when it is let go, whatever happens: an open snapshot would hold the write-ahead log.
        let snapshot = self.connection.unchecked_transaction().map_err(fault("beginning", "query"))?;
        load::load(&snapshot, needs)
    }

    fn settlement(&mut self, id: SettlementId) -> Result<Option<SettlementRow>, StoreError> {
        // Hospital by hospital: settlements are kept under theirs.
        let sql = format!(
            "select {} from settlement where hospital in (select hospital from hospital) and settlement = ?1",
            tables::SETTLEMENT.list
        );
        let read = || {
            self.connection
                .prepare(&sql)?
                .query_row(params![id.0], columns::read(tables::settlement))
                .optional()
        };
        read().map_err(fault("reading", id))
    }

    fn scan(
        &mut self,
        walk: &mut dyn FnMut(&mut dyn Scan) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let snapshot = self.connection.unchecked_transaction().map_err(fault("beginning", "scan"))?;
        walk(&mut scan::SqliteScan { connection: &snapshot })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(
            path,
            Arc::new(Sealer::new(&store::Keys::generate(), b"")),
            Arc::new(model::SystemClock),
        )
    }

    fn refusal(opened: Result<SqliteStore, StoreError>) -> String {
        opened.err().expect("a refusal").source.to_string()
    }

    #[test]
    fn a_database_of_a_later_version_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centre.db");
        drop(open(&path).unwrap());
        Connection::open(&path).unwrap().execute("update meta set min_binary = '99.0.0'", []).unwrap();
        assert!(refusal(open(&path)).contains("needs 99.0.0 or later"));
    }

    #[test]
    fn a_database_with_an_addition_of_a_later_version_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centre.db");
        drop(open(&path).unwrap());
        let addition =
            "insert into refinery_schema_history values (99, 'addition', '2027-01-01T00:00:00Z', '7')";
        Connection::open(&path).unwrap().execute(addition, []).unwrap();
        assert!(open(&path).is_ok());
    }

    #[test]
    fn a_second_process_is_told_who_holds_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centre.db");
        let _first = open(&path).unwrap();
        assert!(refusal(open(&path)).contains(&format!("process {} holds", std::process::id())));
    }

    /// A file as the version before wrote it: two streams that ended, and one that was killed.
    fn of_before(path: &Path) {
        let mut connection = Connection::open(path).unwrap();
        let three = refinery::Target::Version(3);
        migrations::migrations::runner().set_target(three).run(&mut connection).unwrap();
        connection
            .execute_batch(
                "insert into stream values (1, 1, '7', '2026-11-23 08:00:00.000', '2026-11-23 09:00:00.000', 0, null),
                    (2, 2, '8', '2026-11-23 09:00:00.000', '2026-11-23 10:00:00.000', 0, null),
                    (3, 3, '9', '2026-11-23 10:00:00.000', null, null, null)",
            )
            .unwrap();
    }

    #[test]
    fn streams_of_a_file_of_before_keep_what_was_told_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centre.db");
        of_before(&path);
        let sealer = Arc::new(Sealer::new(&store::Keys::generate(), b""));
        let refused = SqliteStore::open_read_only(&path, sealer, Arc::new(model::SystemClock));
        assert!(refusal(refused).contains("an older version wrote this file"));
        let store = open(&path).unwrap();
        let streams = || {
            let connection = Connection::open(&path).unwrap();
            let mut all =
                connection.prepare("select behind, anchored_by from stream order by stream").unwrap();
            let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.collect::<rusqlite::Result<Vec<(Option<i64>, Option<i64>)>>>().unwrap()
        };
        assert_eq!(streams(), [(Some(1), Some(2)), (Some(2), Some(3)), (Some(3), None)]);
        let writer = store.writer().unwrap();
        assert_eq!((writer.head().stream, writer.head().seq), (4, 1), "it tells of the one that was killed");
        assert_eq!(streams()[2..], [(Some(3), Some(4)), (None, None)]);
    }

    #[test]
    fn a_file_in_no_folder_is_refused() {
        assert!(refusal(open(Path::new("/nowhere/centre.db"))).contains("folder does not exist"));
    }
}
