//! Writes what a batch changed: new rows many at once, changed rows one by one, each exactly once.

use model::MessageId;
use rusqlite::{Connection, params};
use store::{AuditRow, Changes, PersonRecord, RegisterRow, write_time};
use tables::{Put, Table};

use crate::columns::Bind;

type Written = rusqlite::Result<()>;

pub(crate) fn write(connection: &Connection, changes: &Changes) -> Written {
    let c = connection;
    insert(c, &tables::AUDIT, &changes.audits, tables::put_audit)?;
    insert(c, &tables::MESSAGE, &changes.messages, tables::put_message)?;
    each(&changes.taken_back, |(original, by)| taken_back(c, *original, *by))?;
    persons(c, &changes.persons)?;
    each(&changes.states, |(id, loaded, row)| {
        update_at(c, &tables::PERSON_STATE, 1, *loaded, |to| tables::put_state(to, *id, row))
    })?;
    enrolled(c, &changes.enrolled)?;
    // First the marks: what hangs on a bill that was undone, its lines and its visit, may change again.
    each(&changes.marks, |row| update(c, &tables::MARK, 2, |to| tables::put_mark(to, row)))?;
    // A stay that ends makes room for the same person's next one.
    each(&changes.encounters_changed, |row| {
        update(c, &tables::ENCOUNTER_CHANGE, 2, |to| tables::put_encounter_change(to, row))
    })?;
    insert(c, &tables::ENCOUNTER, &changes.encounters, tables::put_encounter)?;
    insert(c, &tables::DIAGNOSIS, &changes.diagnoses, tables::put_diagnosis)?;
    insert(c, &tables::LINE, &changes.lines, tables::put_line)?;
    insert(c, &tables::LINE, &changes.lines_changed, tables::put_line)?;
    insert(c, &tables::SETTLEMENT, &changes.settlements, tables::put_settlement)?;
    insert(c, &tables::JOURNAL, &changes.journals, tables::put_journal)?;
    let postings: Vec<_> = changes.journals.iter().flat_map(tables::postings).collect();
    insert(c, &tables::POSTING, &postings, |to, (row, n, posting)| {
        tables::put_posting(to, row, *n, posting);
    })?;
    insert(c, &tables::FILING, &changes.filings, tables::put_filing)?;
    registers(c, &changes.registers)?;
    insert(c, &tables::CREDIT, &changes.credits, tables::put_credit)?;
    insert(c, &tables::EVENT, &changes.events, tables::put_event)?;
    insert(c, &tables::PREMIUM, &changes.premiums, tables::put_premium)?;
    insert(c, &tables::OFFSITE, &changes.offsite, tables::put_offsite)?;
    insert(c, &tables::UNIT, &changes.units, tables::put_unit)?;
    insert(c, &tables::CLEARING, &changes.clearings, tables::put_clearing)?;
    insert(c, &tables::SIGN_IN, &changes.sign_ins, tables::put_sign_in)?;
    each(&changes.signed_out, |(hospital, number, at)| {
        let mut update =
            c.prepare_cached("update sign_in set closed = ?3 where hospital = ?1 and number = ?2")?;
        exactly_one(update.execute(params![hospital.0, number, write_time(*at)])?)
    })
}

fn each<T>(rows: &[T], mut write: impl FnMut(&T) -> Written) -> Written {
    rows.iter().try_for_each(&mut write)
}

/// A change that meets no row, or more than one, means that the store is not as it was loaded.
fn exactly_one(rows: usize) -> Written {
    if rows == 1 { Ok(()) } else { Err(rusqlite::Error::StatementChangedRows(rows)) }
}

fn taken_back(c: &Connection, original: MessageId, by: MessageId) -> Written {
    let mut update = c.prepare_cached("update message set taken_back_by = ?2 where message = ?1")?;
    exactly_one(update.execute(params![original.0, by.0])?)
}

fn persons(c: &Connection, records: &[PersonRecord]) -> Written {
    insert(c, &tables::PERSON, records, |to, record| tables::put_person(to, &record.row))?;
    stands(c, records)?;
    let filings: Vec<_> = records.iter().flat_map(|r| &r.filings).collect();
    insert(c, &tables::FILING, &filings, |to, filing| tables::put_filing(to, filing))?;
    insert(c, &tables::PERSON_STATE, records, |to, record| {
        tables::put_state(to, record.row.id, &record.state);
    })
}

/// Persons who are there, as they are enrolled now.
fn enrolled(c: &Connection, records: &[PersonRecord]) -> Written {
    each(records, |record| {
        update(c, &tables::PERSON, 1, |to| tables::put_person(to, &record.row))?;
        ["delete from cover where person = ?1", "delete from identity where person = ?1"]
            .into_iter()
            .try_for_each(|sql| c.prepare_cached(sql)?.execute([record.row.id.0]).map(drop))
    })?;
    stands(c, records)
}

/// Insurances and identities.
fn stands(c: &Connection, records: &[PersonRecord]) -> Written {
    let covers = records.iter().flat_map(|r| r.covers.iter().map(|cover| (r.row.id, cover)));
    insert(c, &tables::COVER, &covers.collect::<Vec<_>>(), |to, (id, cover)| {
        tables::put_cover(to, *id, cover);
    })?;
    let identities = records.iter().flat_map(|r| r.identities.iter().map(|identity| (r.row.id, identity)));
    insert(c, &tables::IDENTITY, &identities.collect::<Vec<_>>(), |to, (id, identity)| {
        tables::put_identity(to, *id, identity);
    })
}

/// New registrations, and those that change, at the version they were loaded at.
fn registers(c: &Connection, rows: &[RegisterRow]) -> Written {
    let (new, changed): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.version == 0);
    insert(c, &tables::REGISTER, &new, |to, row| tables::put_register(to, row))?;
    each(&changed, |row| update_at(c, &tables::REGISTER, 3, row.version, |to| tables::put_register(to, row)))
}

/// Changes the one row whose first `keys` columns are these.
fn update(c: &Connection, table: &Table, keys: usize, put: impl FnOnce(&mut dyn Put)) -> Written {
    let mut update = Bind::new(c.prepare_cached(&update_sql(table, keys))?);
    put(&mut update);
    exactly_one(update.execute()?)
}

/// The same, only at the version it was loaded at.
fn update_at(
    c: &Connection,
    table: &Table,
    keys: usize,
    loaded: i64,
    put: impl FnOnce(&mut dyn Put),
) -> Written {
    let sql = format!("{} and version = ?{}", update_sql(table, keys), table.columns.len() + 1);
    let mut update = Bind::new(c.prepare_cached(&sql)?);
    put(&mut update);
    update.int(Some(loaded));
    exactly_one(update.execute()?)
}

fn update_sql(table: &Table, keys: usize) -> String {
    let place = |(n, (column, _)): (usize, &(&str, tables::Kind))| format!("{column} = ?{}", n + 1);
    let places: Vec<String> = table.columns.iter().enumerate().map(place).collect();
    let (key, set) = (places[..keys].join(" and "), places[keys..].join(", "));
    format!("update {} set {set} where {key}", table.name)
}

/// Rows of one statement; what is left goes in smaller ones. Few sizes, so that each is prepared once.
const SIZES: [usize; 3] = [32, 8, 1];

/// Inserts rows of one table, many in one statement.
pub(crate) fn insert<R>(
    c: &Connection,
    table: &Table,
    rows: &[R],
    put: impl Fn(&mut dyn Put, &R),
) -> Written {
    let mut rest = rows;
    for size in SIZES {
        while let Some((now, later)) = rest.split_at_checked(size) {
            let mut values = Bind::new(c.prepare_cached(&insert_sql(table, size))?);
            now.iter().for_each(|row| put(&mut values, row));
            debug_assert_eq!(values.bound(), size * table.columns.len(), "{}: a value a column", table.name);
            values.execute()?;
            rest = later;
        }
    }
    Ok(())
}

fn insert_sql(table: &Table, rows: usize) -> String {
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    let Table { name, list, over, .. } = table;
    // `or fail`: SQLite need not keep what the statement changed to undo it alone; on an error all is rolled back.
    format!("insert or fail into {name} ({list}) values {}{over}", vec![row; rows].join(", "))
}

/// One audit record by itself: the one a stream begins with.
pub(crate) fn audit(c: &Connection, row: &AuditRow) -> Written {
    insert(c, &tables::AUDIT, std::slice::from_ref(row), tables::put_audit)
}

/// Institutions; existing ones are replaced.
pub(crate) fn hospitals(c: &Connection, rows: &[store::HospitalRow]) -> Written {
    insert(c, &tables::HOSPITAL, rows, tables::put_hospital)
}
