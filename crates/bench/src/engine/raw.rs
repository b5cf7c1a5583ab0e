//! Recorded rows as raw multi-row statements: what the database itself can take.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::capture::{self, Group, TABLES};
use super::place::{self, Meter};
use super::{ArmArguments, Run};

/// Rows of one statement; the rest goes in smaller ones.
const ROWS: [usize; 4] = [64, 16, 4, 1];
/// Messages of one commit.
pub const BATCH: usize = 64;

/// Writes recorded rows.
pub struct RawWriter {
    connection: Connection,
    /// By table and by [`ROWS`].
    sql: Vec<[String; ROWS.len()]>,
}

impl RawWriter {
    /// A writer on a copy of the city, set as durable as the product's.
    pub fn open(database: &Path, recorded: &Path) -> anyhow::Result<Self> {
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
        let sql =
            TABLES.iter().map(|table| statements(&connection, table)).collect::<rusqlite::Result<_>>()?;
        Ok(Self { connection, sql })
    }

    /// One commit with all rows of these messages.
    pub fn write(&mut self, groups: &[&Group]) -> rusqlite::Result<()> {
        self.connection.execute_batch("begin immediate")?;
        for (at, sql) in self.sql.iter().enumerate() {
            let rows: Vec<&Vec<Value>> = groups.iter().flat_map(|group| &group.rows[at]).collect();
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

fn statements(connection: &Connection, table: &str) -> rusqlite::Result<[String; ROWS.len()]> {
    let names = capture::columns(connection, table)?;
    let row = format!("({})", vec!["?"; names.len()].join(", "));
    let mut over = String::new();
    if capture::CHANGED.contains(&table) {
        let set: Vec<String> = names.iter().map(|name| format!("{name} = excluded.{name}")).collect();
        over = format!(
            " on conflict ({}) do update set {}",
            capture::key(connection, table)?.join(", "),
            set.join(", ")
        );
    }
    let list = names.join(", ");
    Ok(ROWS.map(|size| {
        format!("insert into {table} ({list}) values {}{over}", vec![row.as_str(); size].join(", "))
    }))
}

/// (d): all recorded rows in batches of 64 messages.
pub fn raw(arguments: &ArmArguments) -> anyhow::Result<Run> {
    let scratch = place::scratch(arguments)?;
    let recorded = place::recorded(arguments);
    let groups = capture::groups(&Connection::open(&recorded)?)?;
    let mut writer = RawWriter::open(&scratch.database(), &recorded)?;
    let meter = Meter::start();
    for batch in groups.chunks(BATCH) {
        writer.write(&batch.iter().collect::<Vec<_>>())?;
    }
    let (seconds, cpu) = meter.stop()?;
    let commits = groups.len().div_ceil(BATCH);
    Ok(Run {
        bills: place::bills(&groups),
        seconds,
        client_cpu: 0.0,
        server_cpu: cpu,
        latencies: Vec::new(),
        memory: place::memory_peak(std::process::id())?,
        batch: groups.len() as f64 / commits as f64,
        equal: place::same_rows(&scratch.database(), &recorded)?,
    })
}
