//! What the engine writes, row by row: triggers in a recorded run copy every row beside, grouped by message.

use anyhow::Context;
use jiff::civil::{Date, DateTime};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params};
use tables::{Kind, Put, Table};

/// Tables a bill writes, in the order their rows may be written.
pub const TABLES: [Table; 9] = [
    tables::AUDIT,
    tables::MESSAGE,
    tables::ENCOUNTER,
    tables::DIAGNOSIS,
    tables::LINE,
    tables::SETTLEMENT,
    tables::JOURNAL,
    tables::POSTING,
    tables::PERSON_STATE,
];

/// The keys of tables whose rows are changed, too: such a row is written over the one before.
pub const CHANGED: [(&str, &[&str]); 2] =
    [("encounter", &["hospital", "encounter"]), ("person_state", &["person"])];

/// A value as it was written: ready for either engine, so that nothing is converted while time is taken.
#[derive(Debug, Clone)]
pub enum Cell {
    Null(Kind),
    Int(i64),
    Flag(bool),
    Text(String),
    Blob(Vec<u8>),
    /// As SQLite keeps it, and as a moment.
    Time(String, DateTime),
    Day(String, Date),
}

impl Cell {
    fn of(kind: Kind, value: ValueRef<'_>) -> anyhow::Result<Self> {
        if value == ValueRef::Null {
            return Ok(Self::Null(kind));
        }
        Ok(match kind {
            Kind::Int => Self::Int(value.as_i64()?),
            Kind::Flag => Self::Flag(value.as_i64()? != 0),
            Kind::Text => Self::Text(value.as_str()?.to_owned()),
            Kind::Blob => Self::Blob(value.as_blob()?.to_owned()),
            Kind::Time => {
                let text = value.as_str()?;
                Self::Time(text.to_owned(), store::read_time(text).context("a moment")?)
            }
            Kind::Day => {
                let text = value.as_str()?;
                Self::Day(text.to_owned(), store::read_date(text).context("a day")?)
            }
        })
    }

    /// Into an array of PostgreSQL's.
    pub fn put(&self, to: &mut dyn Put) {
        match self {
            Self::Null(Kind::Int) => to.int(None),
            Self::Null(Kind::Text) => to.text(None),
            Self::Null(Kind::Blob) => to.blob(None),
            Self::Null(Kind::Time) => to.time(None),
            Self::Null(Kind::Day) => to.day(None),
            Self::Null(Kind::Flag) => unreachable!("a flag is yes or no"),
            Self::Int(value) => to.int(Some(*value)),
            Self::Flag(value) => to.flag(*value),
            Self::Text(value) => to.text(Some(value)),
            Self::Blob(value) => to.blob(Some(value)),
            Self::Time(_, value) => to.time(Some(*value)),
            Self::Day(_, value) => to.day(Some(*value)),
        }
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null(_) => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Flag(value) => ValueRef::Integer(i64::from(*value)),
            Self::Text(text) | Self::Time(text, _) | Self::Day(text, _) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// One row.
pub type Row = Vec<Cell>;

/// The rows one message wrote.
#[derive(Debug, Default, Clone)]
pub struct Group {
    /// Its transaction number.
    pub infno: String,
    /// In the order of [`TABLES`].
    pub rows: [Vec<Row>; TABLES.len()],
}

/// Whether rows of a table are changed, too: by which columns one is known.
pub fn key(table: &Table) -> Option<&'static [&'static str]> {
    CHANGED.iter().find(|(name, _)| *name == table.name).map(|(_, key)| *key)
}

fn cells(table: &Table, row: &rusqlite::Row<'_>, first: usize) -> anyhow::Result<Row> {
    let read = |(at, (_, kind)): (usize, &(&str, Kind))| Cell::of(*kind, row.get_ref(first + at)?);
    table.columns.iter().enumerate().map(read).collect()
}

/// Makes a database remember what is written to it. A message writes its audit record first, and one only.
pub fn install(connection: &Connection) -> rusqlite::Result<()> {
    for Table { name: table, list, columns, .. } in TABLES {
        let new = columns.iter().map(|(name, _)| format!("new.{name}")).collect::<Vec<_>>().join(", ");
        let group = if table == "audit" { "0" } else { "(select max(n) from captured_audit)" };
        connection.execute_batch(&format!(
            "create table captured_{table} (n integer primary key, message_of integer not null, {list});"
        ))?;
        let events = if CHANGED.iter().any(|(changed, _)| *changed == table) {
            &["insert", "update"][..]
        } else {
            &["insert"][..]
        };
        for event in events {
            connection.execute_batch(&format!(
                "create trigger capture_{table}_{event} after {event} on {table} begin
                     insert into captured_{table} (message_of, {list}) values ({group}, {new});
                 end;"
            ))?;
        }
    }
    // Only rows of messages count: people are enrolled before.
    Ok(())
}

/// All groups of a recorded run, in its order.
pub fn groups(connection: &Connection) -> anyhow::Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, table) in TABLES.iter().enumerate() {
        let group = if table.name == "audit" { "n" } else { "message_of" };
        let sql = format!("select {group}, {} from captured_{} order by n", table.list, table.name);
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query(params![])?;
        while let Some(row) = rows.next()? {
            let n = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
            if groups.len() < n {
                groups.resize(n, Group::default());
            }
            groups[n - 1].rows[at].push(cells(table, row, 1)?);
        }
    }
    let action = tables::AUDIT.columns.iter().position(|(name, _)| *name == "action").unwrap_or(0);
    for group in &mut groups {
        if let Some(Cell::Text(infno)) = group.rows[0].first().map(|row| &row[action]) {
            group.infno.clone_from(infno);
        }
    }
    // The first record of a stream anchors the one before; it belongs to no message.
    groups.retain(|group| !group.rows[1].is_empty());
    Ok(groups)
}
