//! What the engine writes, row by row: triggers in a recorded run copy every row beside, grouped by message.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

/// Tables a bill writes, in the order their rows may be written.
pub const TABLES: [&str; 9] = [
    "audit",
    "message",
    "encounter",
    "diagnosis",
    "fee_line",
    "settlement",
    "journal",
    "posting",
    "person_state",
];

/// Tables whose rows are changed, too: such a row is written over the one before.
pub const CHANGED: [&str; 2] = ["encounter", "person_state"];

/// The rows one message wrote.
#[derive(Debug, Default, Clone)]
pub struct Group {
    /// Its transaction number.
    pub infno: String,
    /// In the order of [`TABLES`].
    pub rows: [Vec<Vec<Value>>; TABLES.len()],
}

/// The columns of a table.
pub fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("select name from pragma_table_info(?1) order by cid")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    names.collect()
}

/// The primary key of a table.
pub fn key(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        connection.prepare("select name from pragma_table_info(?1) where pk > 0 order by pk")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    names.collect()
}

/// Makes a database remember what is written to it. A message writes its audit record first, and one only.
pub fn install(connection: &Connection) -> rusqlite::Result<()> {
    for table in TABLES {
        let names = columns(connection, table)?;
        let list = names.join(", ");
        let new = names.iter().map(|name| format!("new.{name}")).collect::<Vec<_>>().join(", ");
        let group = if table == "audit" { "0" } else { "(select max(n) from captured_audit)" };
        connection.execute_batch(&format!(
            "create table captured_{table} (n integer primary key, message_of integer not null, {list});"
        ))?;
        let events = if CHANGED.contains(&table) { &["insert", "update"][..] } else { &["insert"][..] };
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
pub fn groups(connection: &Connection) -> rusqlite::Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, table) in TABLES.iter().enumerate() {
        let names = columns(connection, table)?.join(", ");
        let group = if *table == "audit" { "n" } else { "message_of" };
        let sql = format!("select {group}, {names} from captured_{table} order by n");
        let mut statement = connection.prepare(&sql)?;
        let width = statement.column_count();
        let mut rows = statement.query(params![])?;
        while let Some(row) = rows.next()? {
            let n = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
            let values =
                (1..width).map(|column| row.get(column)).collect::<rusqlite::Result<Vec<Value>>>()?;
            if groups.len() < n {
                groups.resize(n, Group::default());
            }
            groups[n - 1].rows[at].push(values);
        }
    }
    let action = columns(connection, "audit")?.iter().position(|name| name == "action").unwrap_or(0);
    for group in &mut groups {
        if let Some(Value::Text(infno)) = group.rows[0].first().map(|row| &row[action]) {
            group.infno.clone_from(infno);
        }
    }
    // The first record of a stream anchors the one before; it belongs to no message.
    groups.retain(|group| !group.rows[1].is_empty());
    Ok(groups)
}
