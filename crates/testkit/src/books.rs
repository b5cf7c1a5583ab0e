//! Where the books of a test are: a file, or a database of its own on the server that `TONGQU_TEST_POSTGRES` names. A
//! story does not know on which of the two it runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use pgtest::{Durable, Server};
use store::{CentreStore, DeskStore, Leaving, NewBooks, NewPapers, PaperScan, Sealer, StoreError};
use store_postgres::{
    PostgresDesk, PostgresLeaving, PostgresNewBooks, PostgresNewPapers, PostgresPaperScan, PostgresStore,
    Strictness,
};
use store_sqlite::{
    SqliteDesk, SqliteLeaving, SqliteNewBooks, SqliteNewPapers, SqlitePaperScan, SqliteStore,
};
use tempfile::TempDir;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::FakeClock;

/// Names the server, such as `postgres://tongqu@localhost:5433`; tests make databases there.
const SERVER: &str = "TONGQU_TEST_POSTGRES";

/// The books of one test; they go when it goes.
pub enum Books {
    /// In a file.
    File(TempDir),
    /// In a database: the server's address, its name.
    Database(String, String),
}

impl Books {
    /// Where this run of the tests keeps its books.
    pub fn new() -> Self {
        std::env::var(SERVER).map_or_else(|_| Self::file(), Self::on_server)
    }

    /// In a database of this server.
    pub fn on_server(server: String) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        say(&format!("{server}/postgres"), &format!("create database {name}"));
        Self::Database(server, name)
    }

    /// On a server of its own, where the engine's login is no superuser: every wall stands there. The server goes with
    /// what is answered beside the books.
    pub fn behind_walls() -> (Self, Server) {
        let server = Server::start(Durable::No, &[]).expect("a server");
        let say = |sql| server.say("postgres", sql).expect("the server does what it is told");
        // Who drops a database must end whoever is connected to it.
        say("create role centre login createdb in role pg_signal_backend");
        say("grant connect on database postgres to centre");
        (Self::on_server(server.url().replace("//tongqu@", "//centre@")), server)
    }

    /// In a file, whatever this run does.
    pub fn file() -> Self {
        Self::File(TempDir::new().expect("a folder for the test"))
    }

    /// The file, of books in one.
    pub fn path(&self) -> PathBuf {
        match self {
            Self::File(folder) => folder.path().join("centre.db"),
            Self::Database(_, name) => panic!("the books are in the database {name}, not in a file"),
        }
    }

    /// The address of the database; of a file none.
    pub fn url(&self) -> String {
        match self {
            Self::File(_) => String::new(),
            Self::Database(server, name) => format!("{server}/{name}"),
        }
    }

    /// To run a centre on.
    pub fn open(&self, sealer: &Arc<Sealer>, clock: &Arc<FakeClock>) -> Box<dyn CentreStore> {
        let (sealer, clock) = (sealer.clone(), clock.clone());
        match self {
            Self::File(_) => Box::new(SqliteStore::open(&self.path(), sealer, clock).expect("a store")),
            Self::Database(..) => {
                let store = PostgresStore::open(&self.url(), sealer, clock, Strictness::AcceptsLoss);
                Box::new(store.expect("a store"))
            }
        }
    }

    /// The papers of desks beside them.
    pub fn desk(&self, sealer: &Arc<Sealer>) -> Box<dyn DeskStore> {
        match self {
            Self::File(folder) => {
                Box::new(SqliteDesk::open(&folder.path().join("desk.db"), sealer.clone()).expect("papers"))
            }
            Self::Database(..) => {
                let desk = PostgresDesk::open(&self.url(), sealer.clone(), Strictness::AcceptsLoss);
                Box::new(desk.expect("papers"))
            }
        }
    }

    /// To read only, while a centre runs on them.
    pub fn open_read_only(&self, sealer: &Arc<Sealer>, clock: &Arc<FakeClock>) -> Box<dyn CentreStore> {
        match self {
            Self::File(_) => file_read_only(&self.path(), sealer, clock),
            Self::Database(..) => {
                let store = PostgresStore::open_read_only(&self.url(), sealer.clone(), clock.clone());
                Box::new(store.expect("a store"))
            }
        }
    }

    /// To fill, where nothing is yet.
    pub fn begin(&self) -> Result<Box<dyn NewBooks>, StoreError> {
        Ok(match self {
            Self::File(_) => Box::new(SqliteNewBooks::begin(&self.path())?),
            Self::Database(..) => Box::new(PostgresNewBooks::begin(&self.url())?),
        })
    }

    /// The papers of desks, to be copied.
    pub fn papers(&self) -> Result<Box<dyn PaperScan>, StoreError> {
        Ok(match self {
            Self::File(folder) => Box::new(SqlitePaperScan::open(&folder.path().join("desk.db"))?),
            Self::Database(..) => Box::new(PostgresPaperScan::open(&self.url())?),
        })
    }

    /// To fill with papers of desks, where none is yet.
    pub fn begin_papers(&self) -> Result<Box<dyn NewPapers>, StoreError> {
        Ok(match self {
            Self::File(folder) => Box::new(SqliteNewPapers::begin(&folder.path().join("desk.db"))?),
            Self::Database(..) => Box::new(PostgresNewPapers::begin(&self.url())?),
        })
    }

    /// To leave for others.
    pub fn leave(&self) -> Result<Box<dyn Leaving>, StoreError> {
        Ok(match self {
            Self::File(_) => Box::new(SqliteLeaving::hold(&self.path())?),
            Self::Database(..) => Box::new(PostgresLeaving::hold(&self.url())?),
        })
    }

    /// What a centre is told that tries to run on them.
    pub fn refusal(&self, sealer: &Arc<Sealer>, clock: &Arc<FakeClock>) -> String {
        let (sealer, clock) = (sealer.clone(), clock.clone());
        let opened = match self {
            Self::File(_) => SqliteStore::open(&self.path(), sealer, clock).map(drop),
            Self::Database(..) => {
                PostgresStore::open(&self.url(), sealer, clock, Strictness::AcceptsLoss).map(drop)
            }
        };
        opened.expect_err("a refusal").source.to_string()
    }

    /// What the books answer: rows of texts; yes is `1`, null is nothing.
    pub fn ask(&self, sql: &str) -> Vec<Vec<String>> {
        match self {
            Self::File(_) => ask_file(&self.path(), sql),
            Self::Database(..) => say(&self.url(), sql),
        }
    }

    /// The names of all tables.
    pub fn tables(&self) -> Vec<String> {
        let sql = match self {
            Self::File(_) => {
                "select name from sqlite_schema where type = 'table' and name not like 'sqlite%'"
            }
            Self::Database(..) => "select tablename from pg_tables where schemaname = 'public' order by 1",
        };
        self.ask(sql).into_iter().flatten().collect()
    }
}

impl Default for Books {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Books {
    fn drop(&mut self) {
        if let Self::Database(server, name) = self {
            say(&format!("{server}/postgres"), &format!("drop database {name} with (force)"));
        }
    }
}

/// A copy of books in a file, to read only.
pub(crate) fn file_read_only(
    path: &Path,
    sealer: &Arc<Sealer>,
    clock: &Arc<FakeClock>,
) -> Box<dyn CentreStore> {
    let store = SqliteStore::open_read_only(path, sealer.clone(), clock.clone());
    Box::new(store.expect("a store"))
}

fn ask_file(path: &Path, sql: &str) -> Vec<Vec<String>> {
    use rusqlite::types::Value;
    let books = rusqlite::Connection::open(path).expect("the books can be opened");
    let mut statement = books.prepare(sql).expect("a query");
    let width = statement.column_count();
    let text = |value: Value| match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text,
        other => format!("{other:?}"),
    };
    let read = |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get(at).map(text)).collect();
    let rows = statement.query_map([], read).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

fn say(url: &str, sql: &str) -> Vec<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let answered = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the test server");
        tokio::spawn(connection);
        client.simple_query(sql).await.expect("a query")
    });
    let text = |value: Option<&str>| match value {
        Some("t") => "1".to_owned(),
        Some("f") => "0".to_owned(),
        other => other.unwrap_or_default().to_owned(),
    };
    let row = |message| match message {
        SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| text(row.get(at))).collect()),
        _ => None,
    };
    answered.into_iter().filter_map(row).collect()
}
