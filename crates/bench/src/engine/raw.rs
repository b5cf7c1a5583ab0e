//! Recorded rows as raw multi-row statements: what the database itself can take.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use futures_util::future::join_all;
use rusqlite::{Connection, params_from_iter};
use store_postgres::arrays::{self, Array, Columns};
use tables::Table;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};

use super::books::Books;
use super::capture::{self, Cell, Group, Row, TABLES};
use super::place::{self, Meter};
use super::{ArmArguments, Run};

/// Messages of one commit.
pub const BATCH: usize = 64;

/// Writes recorded rows.
pub enum RawWriter {
    File(FileWriter),
    Server(ServerWriter),
}

impl RawWriter {
    /// A writer on a copy of the city, set as durable as the product's.
    pub fn open(books: &Books, recorded: &Path) -> anyhow::Result<Self> {
        Ok(match books {
            Books::File(file) => Self::File(FileWriter::open(file, recorded)?),
            Books::Server { .. } => Self::Server(ServerWriter::open(&books.address())?),
        })
    }

    /// One commit with all rows of these messages.
    pub fn write(&mut self, groups: &[&Group]) -> anyhow::Result<()> {
        match self {
            Self::File(writer) => Ok(writer.write(groups)?),
            Self::Server(writer) => writer.write(groups),
        }
    }
}

/// Rows of one statement; the rest goes in smaller ones.
const ROWS: [usize; 4] = [64, 16, 4, 1];

/// Into a file.
pub struct FileWriter {
    connection: Connection,
    /// By table and by [`ROWS`].
    sql: Vec<[String; ROWS.len()]>,
}

impl FileWriter {
    fn open(database: &Path, recorded: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(database)?;
        connection.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
             pragma trusted_schema = off; pragma cache_size = -65536; pragma temp_store = memory;",
        )?;
        connection.set_prepared_statement_cache_capacity(64);
        // Audit records name their stream.
        connection.execute("attach ?1 as recorded", [recorded.to_string_lossy()])?;
        connection
            .execute_batch("insert or ignore into stream select * from recorded.stream; detach recorded")?;
        Ok(Self { connection, sql: TABLES.iter().map(statements).collect() })
    }

    fn write(&mut self, groups: &[&Group]) -> rusqlite::Result<()> {
        self.connection.execute_batch("begin immediate")?;
        for (at, sql) in self.sql.iter().enumerate() {
            let rows: Vec<&Row> = groups.iter().flat_map(|group| &group.rows[at]).collect();
            let mut rest = rows.as_slice();
            for (size, sql) in ROWS.iter().zip(sql) {
                while rest.len() >= *size {
                    let (now, later) = rest.split_at(*size);
                    let values = now.iter().flat_map(|row| row.iter());
                    self.connection.prepare_cached(sql)?.execute(params_from_iter(values))?;
                    rest = later;
                }
            }
        }
        self.connection.execute_batch("commit")
    }
}

/// What becomes of a row that is there already.
fn over(table: &Table) -> String {
    let Some(key) = capture::key(table) else { return String::new() };
    let set: Vec<String> =
        table.columns.iter().map(|(column, _)| format!("{column} = excluded.{column}")).collect();
    format!(" on conflict ({}) do update set {}", key.join(", "), set.join(", "))
}

fn statements(table: &Table) -> [String; ROWS.len()] {
    let Table { name, list, columns, .. } = table;
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    let over = over(table);
    ROWS.map(|size| {
        format!("insert into {name} ({list}) values {}{over}", vec![row.as_str(); size].join(", "))
    })
}

/// Into a database of a server: the product's driver, the product's arrays, everything of a batch sent together.
pub struct ServerWriter {
    runtime: Runtime,
    client: Client,
    begin: Statement,
    commit: Statement,
    insert: Vec<Statement>,
}

impl ServerWriter {
    fn open(address: &str) -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (client, connection) = runtime.block_on(tokio_postgres::connect(address, NoTls))?;
        runtime.spawn(connection);
        // The server looks references up by the plans of the session that writes.
        runtime.block_on(client.batch_execute(arrays::SESSION))?;
        let prepare = |sql: &str| runtime.block_on(client.prepare(sql));
        let insert = TABLES.iter().map(|table| prepare(&arrays::insert(table, &over(table))));
        let insert = insert.collect::<Result<_, _>>()?;
        let (begin, commit) = (prepare("begin")?, prepare("commit")?);
        Ok(Self { runtime, client, begin, commit, insert })
    }

    fn write(&mut self, groups: &[&Group]) -> anyhow::Result<()> {
        let mut steps: Vec<(&Statement, Vec<Array>)> = vec![(&self.begin, Vec::new())];
        for (at, table) in TABLES.iter().enumerate() {
            let rows: Vec<&Row> = groups.iter().flat_map(|group| &group.rows[at]).collect();
            let rows = if capture::key(table).is_some() { last(table, rows) } else { rows };
            if !rows.is_empty() {
                steps.push((&self.insert[at], columns(table, &rows)));
            }
        }
        steps.push((&self.commit, Vec::new()));
        let values: Vec<Vec<&(dyn ToSql + Sync)>> =
            steps.iter().map(|(_, arrays)| arrays.iter().map(|array| array as _).collect()).collect();
        let sent = steps.iter().zip(&values).map(|((sql, _), values)| self.client.query(*sql, values));
        for answer in self.runtime.block_on(join_all(sent)) {
            answer.map_err(|error| anyhow::anyhow!("{error}: {:?}", error.as_db_error()))?;
        }
        Ok(())
    }
}

/// The arrays of some rows.
pub fn columns(table: &Table, rows: &[&Row]) -> Vec<Array> {
    Columns::of(table, rows, |to, row| row.iter().for_each(|cell| cell.put(to)))
}

/// Of rows under one key the last: a statement may meet a row once. By their keys, so that no two writers wait for each
/// other.
pub fn last<'r>(table: &Table, rows: Vec<&'r Row>) -> Vec<&'r Row> {
    let key = capture::key(table).unwrap_or_default();
    let places: Vec<usize> =
        key.iter().filter_map(|name| table.columns.iter().position(|(column, _)| column == name)).collect();
    let number = |cell: &Cell| if let Cell::Int(value) = cell { *value } else { 0 };
    let mut kept: BTreeMap<Vec<i64>, &Row> = BTreeMap::new();
    for row in rows {
        kept.insert(places.iter().map(|at| number(&row[*at])).collect(), row);
    }
    kept.into_values().collect()
}

/// (d): all recorded rows in batches of 64 messages.
pub fn raw(arguments: &ArmArguments) -> anyhow::Result<Run> {
    let scratch = place::scratch(arguments)?;
    let recorded = place::recorded(arguments);
    let groups = capture::groups(&Connection::open(&recorded)?).context("the recorded run")?;
    let mut writer = RawWriter::open(&scratch.books, &recorded)?;
    let meter = Meter::start(arguments);
    for batch in groups.chunks(BATCH) {
        writer.write(&batch.iter().collect::<Vec<_>>())?;
    }
    let used = meter.stop()?;
    let commits = groups.len().div_ceil(BATCH);
    Ok(Run {
        bills: place::bills(&groups),
        memory: place::memory_peak(std::process::id())?,
        batch: groups.len() as f64 / commits as f64,
        equal: scratch.books.same_rows(&recorded)?,
        ..Run::of(&used)
    })
}
