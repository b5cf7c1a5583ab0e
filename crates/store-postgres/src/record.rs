//! Writes what a batch changed: one statement a table, each column an array; the commit is sent with them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{LazyLock, Mutex, PoisonError};

use model::MessageId;
use store::{Changes, PersonRecord, RegisterRow};
use tables::{Kind, Put, Table};

use crate::link::{Step, sql};
use crate::values::{Array, Columns, type_name};

/// The statements that write a batch, its commit behind them.
pub(crate) fn steps(changes: &Changes) -> Vec<Step> {
    let mut all = Vec::new();
    insert(&mut all, &tables::AUDIT, &changes.audits, tables::put_audit);
    insert(&mut all, &tables::MESSAGE, &changes.messages, tables::put_message);
    taken_back(&mut all, &changes.taken_back);
    persons(&mut all, &changes.persons);
    update_at(
        &mut all,
        &tables::PERSON_STATE,
        1,
        &changes.states,
        |(_, loaded, _)| *loaded,
        |to, (id, _, row)| {
            tables::put_state(to, *id, row);
        },
    );
    enrolled(&mut all, &changes.enrolled);
    // First the marks: what hangs on a bill that was undone, its lines and its visit, may change again.
    let marks = last(&changes.marks, |(hospital, settlement, ..)| (*hospital, *settlement));
    update(&mut all, &tables::MARK, 2, &marks, |to, row| tables::put_mark(to, row));
    // A stay that ends makes room for the same person's next one.
    let changed = last(&changes.encounters_changed, |row| (row.hospital, row.id));
    update(&mut all, &tables::ENCOUNTER_CHANGE, 2, &changed, |to, row| tables::put_encounter_change(to, row));
    insert(&mut all, &tables::ENCOUNTER, &changes.encounters, tables::put_encounter);
    let diagnoses = last(&changes.diagnoses, |row| (row.hospital, row.encounter, &row.kind, row.number));
    insert(&mut all, &tables::DIAGNOSIS, &diagnoses, |to, row| tables::put_diagnosis(to, row));
    insert(&mut all, &Table { over: "", ..tables::LINE }, &changes.lines, tables::put_line);
    let lines = last(&changes.lines_changed, |row| (row.hospital, row.encounter, &row.number));
    insert(&mut all, &tables::LINE, &lines, |to, row| tables::put_line(to, row));
    insert(&mut all, &tables::SETTLEMENT, &changes.settlements, tables::put_settlement);
    insert(&mut all, &tables::JOURNAL, &changes.journals, tables::put_journal);
    let postings: Vec<_> = changes.journals.iter().flat_map(tables::postings).collect();
    insert(&mut all, &tables::POSTING, &postings, |to, (row, n, posting)| {
        tables::put_posting(to, row, *n, posting);
    });
    insert(&mut all, &tables::FILING, &last(&changes.filings, |row| row.id), |to, row| {
        tables::put_filing(to, row);
    });
    registers(&mut all, &changes.registers);
    insert(&mut all, &tables::CREDIT, &changes.credits, tables::put_credit);
    insert(&mut all, &tables::EVENT, &changes.events, tables::put_event);
    // The same month may be told twice in one file.
    insert(&mut all, &tables::PREMIUM, &last(&changes.premiums, |row| (row.person, row.month)), |to, row| {
        tables::put_premium(to, row);
    });
    let offsite = last(&changes.offsite, |row| (row.hospital, &row.division, row.settlement));
    insert(&mut all, &tables::OFFSITE, &offsite, |to, row| tables::put_offsite(to, row));
    insert(&mut all, &tables::UNIT, &last(&changes.units, |row| (&row.code, row.from)), |to, row| {
        tables::put_unit(to, row);
    });
    insert(&mut all, &tables::CLEARING, &changes.clearings, tables::put_clearing);
    insert(&mut all, &tables::SIGN_IN, &changes.sign_ins, tables::put_sign_in);
    signed_out(&mut all, changes);
    all.push(Step::command("commit"));
    all
}

/// Of rows that stand for the same, the last: one statement may meet a row once.
fn last<'r, R, K: Hash + Eq>(rows: &'r [R], key: impl Fn(&'r R) -> K) -> Vec<&'r R> {
    let mut places = HashMap::new();
    let mut kept: Vec<&R> = Vec::with_capacity(rows.len());
    for row in rows {
        let place = *places.entry(key(row)).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(known) => *known = row,
            None => kept.push(row),
        }
    }
    kept
}

fn arrays(columns: &[(&str, Kind)]) -> String {
    let array = |(n, (_, kind)): (usize, &(&str, Kind))| format!("${}::{}[]", n + 1, type_name(*kind));
    columns.iter().enumerate().map(array).collect::<Vec<_>>().join(", ")
}

pub(crate) fn insert<R>(all: &mut Vec<Step>, table: &Table, rows: &[R], put: impl Fn(&mut dyn Put, &R)) {
    if rows.is_empty() {
        return;
    }
    let what = if table.over.is_empty() { "insert" } else { "put" };
    let sql = once((what, table.name, table.columns.len()), || insert_sql(table, table.over));
    all.push(Step::new(sql, Columns::of(table, rows, put)));
}

/// Statements of tables, each put together once.
type Made = HashMap<(&'static str, &'static str, usize), &'static str>;

fn once(what: (&'static str, &'static str, usize), make: impl FnOnce() -> String) -> &'static str {
    static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(what).or_insert_with(|| Box::leak(make().into_boxed_str()))
}

/// Puts rows into a table, each column an array. `over`: what becomes of a row that is there already.
pub fn insert_sql(table: &Table, over: &str) -> String {
    let Table { name, list, columns, .. } = table;
    format!("insert into {name} ({list}) select * from unnest({}){over}", arrays(columns))
}

/// Changes the rows whose first `keys` columns are these, each exactly once.
fn update<R>(all: &mut Vec<Step>, table: &Table, keys: usize, rows: &[R], put: impl Fn(&mut dyn Put, &R)) {
    if rows.is_empty() {
        return;
    }
    let sql =
        once(("update", table.name, keys), || exactly_sql(&update_sql(table, keys), table.columns.len()));
    all.push(exactly(sql, Columns::of(table, rows, put), rows.len()));
}

/// The same, only at the versions they were loaded at.
fn update_at<R>(
    all: &mut Vec<Step>,
    table: &Table,
    keys: usize,
    rows: &[R],
    loaded: impl Fn(&R) -> i64,
    put: impl Fn(&mut dyn Put, &R),
) {
    if rows.is_empty() {
        return;
    }
    let mut values = Columns::of(table, rows, put);
    values.push(Array::ints(rows.iter().map(loaded)));
    let place = table.columns.len() + 1;
    let sql = once(("update at", table.name, keys), || {
        let change = changes(table, keys, &format!(", ${place}::bigint[]"), ", loaded");
        exactly_sql(&format!("{change} and t.version = v.loaded"), place)
    });
    all.push(exactly(sql, values, rows.len()));
}

fn update_sql(table: &Table, keys: usize) -> String {
    changes(table, keys, "", "")
}

/// With more arrays behind those of the columns, and what they are called.
fn changes(table: &Table, keys: usize, more: &str, called: &str) -> String {
    let same = |(column, _): &(&str, Kind)| format!("t.{column} = v.{column}");
    let set = |(column, _): &(&str, Kind)| format!("{column} = v.{column}");
    let (key, rest) = table.columns.split_at(keys);
    let key = key.iter().map(same).collect::<Vec<_>>().join(" and ");
    let set = rest.iter().map(set).collect::<Vec<_>>().join(", ");
    let from = format!("unnest({}{more}) v ({}{called})", arrays(table.columns), table.list);
    format!("update {} t set {set} from {from} where {key}", table.name)
}

/// A change that must meet so many rows, as the value behind its others says; else the batch stops there.
pub(crate) fn exactly_sql(change: &str, values: usize) -> String {
    let place = values + 1;
    format!(
        "with met as ({change} returning 1) select must((select count(*) from met), (${place}::bigint[])[1])"
    )
}

/// The same with its values.
pub(crate) fn exactly(sql: &'static str, mut values: Vec<Array>, rows: usize) -> Step {
    values.push(Array::ints([i64::try_from(rows).expect("a batch has fewer rows")]));
    Step::new(sql, values)
}

fn taken_back(all: &mut Vec<Step>, rows: &[(MessageId, MessageId)]) {
    let rows = last(rows, |(id, _)| *id);
    if rows.is_empty() {
        return;
    }
    let values =
        vec![Array::ints(rows.iter().map(|(id, _)| id.0)), Array::ints(rows.iter().map(|(_, by)| by.0))];
    let sql = sql!({
        let change = "update message t set taken_back_by = v.by from unnest($1::bigint[], $2::bigint[]) v (message, by) \
                      where t.message = v.message";
        exactly_sql(change, 2)
    });
    all.push(exactly(sql, values, rows.len()));
}

/// Persons who are there, as they are enrolled now.
fn enrolled(all: &mut Vec<Step>, records: &[PersonRecord]) {
    if records.is_empty() {
        return;
    }
    update(all, &tables::PERSON, 1, records, |to, record| tables::put_person(to, &record.row));
    for sql in [
        "delete from cover where person = any($1::bigint[])",
        "delete from identity where person = any($1::bigint[])",
    ] {
        all.push(Step::new(sql, vec![Array::ints(records.iter().map(|record| record.row.id.0))]));
    }
    stands(all, records);
}

/// Insurances and identities.
fn stands(all: &mut Vec<Step>, records: &[PersonRecord]) {
    let covers: Vec<_> =
        records.iter().flat_map(|r| r.covers.iter().map(|cover| (r.row.id, cover))).collect();
    insert(all, &tables::COVER, &covers, |to, (id, cover)| tables::put_cover(to, *id, cover));
    let identities: Vec<_> =
        records.iter().flat_map(|r| r.identities.iter().map(|identity| (r.row.id, identity))).collect();
    insert(all, &tables::IDENTITY, &identities, |to, (id, identity)| tables::put_identity(to, *id, identity));
}

fn persons(all: &mut Vec<Step>, records: &[PersonRecord]) {
    insert(all, &tables::PERSON, records, |to, record| tables::put_person(to, &record.row));
    stands(all, records);
    let filings: Vec<_> = records.iter().flat_map(|r| &r.filings).collect();
    insert(all, &tables::FILING, &filings, |to, filing| tables::put_filing(to, filing));
    insert(all, &tables::PERSON_STATE, records, |to, record| {
        tables::put_state(to, record.row.id, &record.state);
    });
}

/// New registrations, and those that change, at the versions they were loaded at.
fn registers(all: &mut Vec<Step>, rows: &[RegisterRow]) {
    let (new, changed): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.version == 0);
    insert(all, &tables::REGISTER, &new, |to, row| tables::put_register(to, row));
    update_at(
        all,
        &tables::REGISTER,
        3,
        &changed,
        |row| row.version,
        |to, row| tables::put_register(to, row),
    );
}

fn signed_out(all: &mut Vec<Step>, changes: &Changes) {
    let rows = last(&changes.signed_out, |(hospital, number, _)| (*hospital, number));
    if rows.is_empty() {
        return;
    }
    let values = vec![
        Array::ints(rows.iter().map(|(hospital, ..)| hospital.0)),
        Array::texts(rows.iter().map(|(_, number, _)| number.as_str())),
        Array::times(rows.iter().map(|(.., at)| *at)),
    ];
    let sql = sql!({
        let change = "update sign_in t set closed = v.closed \
                      from unnest($1::bigint[], $2::text[], $3::timestamp[]) v (hospital, number, closed) \
                      where t.hospital = v.hospital and t.number = v.number";
        exactly_sql(change, 3)
    });
    all.push(exactly(sql, values, rows.len()));
}
