//! Papers of desks in a file of their own: one connection writes, others read.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::types::Null;
use rusqlite::{Connection, TransactionBehavior};
use store::{Act, By, Change, DeskStore, Event, Paper, Put, Sealer, StoreError, Tenant};
use tables::papers::{self, Cell, Each, Run};

use crate::columns::Line;
use crate::lock::LockFile;
use crate::{Access, connect, fault, place};

mod migrations {
    refinery::embed_migrations!("desk");
}

/// The papers of desks in one file.
pub struct SqliteDesk {
    path: std::path::PathBuf,
    sealer: Arc<Sealer>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    _lock: LockFile,
}

impl SqliteDesk {
    /// Opens the file, made where it is missing, and brings its schema up to date. One process holds it.
    pub fn open(path: &Path, sealer: Arc<Sealer>) -> Result<Self, StoreError> {
        crate::check_library(path)?;
        place::check_local(path)?;
        let lock = LockFile::take(path)?;
        let mut writer = connect(path, Access::Write)?;
        crate::check_version(&writer, path)?;
        migrate(&mut writer, path)?;
        Ok(Self {
            path: path.into(),
            sealer,
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            _lock: lock,
        })
    }

    /// Reads with a connection nobody else uses meanwhile.
    fn read<T>(&self, read: impl FnOnce(&mut dyn Run) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = locked(&self.readers).pop();
        let connection = idle.map_or_else(|| connect(&self.path, Access::Read), Ok)?;
        let answer = read(&mut Statements(&connection));
        locked(&self.readers).push(connection);
        answer
    }
}

/// Brings the schema of papers up to date.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    crate::bring_up(migrations::migrations::runner(), connection, path)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DeskStore for SqliteDesk {
    fn paper(&self, of: &Tenant, kind: &str, key: &str) -> Result<Option<Paper>, StoreError> {
        self.read(|run| papers::paper(run, &self.sealer, of, kind, key))
    }

    fn papers(
        &self,
        of: &Tenant,
        kind: &str,
        by: By<'_>,
        most: usize,
        skip: usize,
    ) -> Result<Vec<Paper>, StoreError> {
        self.read(|run| papers::papers(run, &self.sealer, of, kind, by, (most, skip)))
    }

    fn put(&self, of: &Tenant, changes: &[Change], act: &Act) -> Result<Put, StoreError> {
        let mut writer = locked(&self.writer);
        // Dropped without a commit, it is rolled back.
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(fault("beginning", "papers"))?;
        let put = papers::put(&mut Statements(&transaction), &self.sealer, of, changes, act)?;
        if put == Put::Done {
            transaction.commit().map_err(fault("committing", "papers"))?;
        }
        Ok(put)
    }

    fn events(&self, of: &Tenant, kind: &str, key: &str) -> Result<Vec<Event>, StoreError> {
        self.read(|run| papers::events(run, of, kind, key))
    }

    fn tenants(&self, kind: &str, state: &str) -> Result<Vec<Tenant>, StoreError> {
        self.read(|run| papers::tenants(run, kind, state))
    }
}

/// Statements of one connection.
struct Statements<'c>(&'c Connection);

impl Run for Statements<'_> {
    fn run(&mut self, sql: &'static str, cells: &[Cell<'_>], each: Each<'_>) -> Result<usize, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(fault("preparing", "papers"))?;
        for (at, cell) in (1..).zip(cells) {
            bind(&mut statement, at, cell).map_err(fault("binding", "papers"))?;
        }
        let mut rows = statement.raw_query();
        let mut count = 0;
        while let Some(row) = rows.next().map_err(fault("reading", "papers"))? {
            each(&Line(row)).map_err(|bad| StoreError {
                operation: "reading",
                subject: "papers".into(),
                source: bad.into(),
            })?;
            count += 1;
        }
        Ok(count)
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, at: usize, cell: &Cell<'_>) -> rusqlite::Result<()> {
    match cell {
        Cell::Int(value) => statement.raw_bind_parameter(at, value),
        Cell::Text(text) | Cell::Word(Some(text)) => statement.raw_bind_parameter(at, text),
        Cell::Blob(bytes) => statement.raw_bind_parameter(at, bytes),
        Cell::Time(time) => statement.raw_bind_parameter(at, store::write_time(*time)),
        Cell::Day(Some(day)) => statement.raw_bind_parameter(at, store::write_date(*day)),
        Cell::Day(None) | Cell::Word(None) => statement.raw_bind_parameter(at, Null),
    }
}
