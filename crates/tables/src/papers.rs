//! Papers of desks: what both engines say, and how a paper becomes values and values a paper. An engine runs one
//! statement at a time (`Run`); what belongs together is asked for here.

use jiff::civil::{Date, DateTime};
use store::{Act, By, Change, Event, Paper, Put, Sealer, StoreError, Tenant};

use crate::{Bad, Get};

/// A value of a statement.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// A whole number.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// A text, or null.
    Word(Option<&'a str>),
    /// Bytes.
    Blob(&'a [u8]),
    /// A moment.
    Time(DateTime),
    /// A day, or null.
    Day(Option<Date>),
}

/// Takes a row of what a statement answers.
pub type Each<'e> = &'e mut dyn FnMut(&dyn Get) -> Result<(), Bad>;

/// An engine that runs statements with values `$1`, `$2`, … in their order, one after the other in one transaction.
pub trait Run {
    /// Runs one; answers how many rows came.
    fn run(&mut self, sql: &'static str, cells: &[Cell<'_>], each: Each<'_>) -> Result<usize, StoreError>;
}

macro_rules! columns {
    () => {
        "p.kind, p.key, p.version, p.state, p.day, p.tags, p.facts, p.private"
    };
}

macro_rules! papers {
    ($where:literal) => {
        concat!("select ", columns!(), " from paper p where p.hospital = $1 and p.kind = $2", $where)
    };
}

const ONE: &str = papers!(" and p.key = $3");
const ALL: &str = papers!(" order by p.day desc, p.key desc limit $3 offset $4");
const IN_STATE: &str = papers!(" and p.state = $3 order by p.day desc, p.key desc limit $4 offset $5");
const OF_DAYS: &str =
    papers!(" and p.day >= $3 and p.day <= $4 order by p.day desc, p.key desc limit $5 offset $6");
// From the tag to its papers, few of many, and in this order: an engine that saves the sorting instead walks through all papers
// of the kind.
const TAGGED: &str = concat!(
    "select ",
    columns!(),
    " from paper_tag t cross join paper p where t.hospital = $1 and t.kind = $2 and t.tag = $3 \
     and p.hospital = t.hospital and p.kind = t.kind and p.key = t.key order by p.day desc, p.key desc limit $4 offset $5"
);
const EVENTS: &str = "select kind, key, version, at, operator, workstation, event, was, state from paper_event \
     where hospital = $1 and kind = $2 and key = $3 order by version";
const TENANTS: &str = "select distinct hospital from paper where kind = $1 and state = $2 order by hospital";
const NEW: &str = "insert into paper (hospital, kind, key, version, state, day, tags, facts, private) \
     values ($1, $2, $3, 1, $4, $5, $6, $7, $8) on conflict do nothing returning version";
const AGAIN: &str = "update paper set version = version + 1, state = $1, day = $2, tags = $3, facts = $4, private = $5 \
     where hospital = $6 and kind = $7 and key = $8 and version = $9 returning version";
const STATE: &str = "select state from paper where hospital = $1 and kind = $2 and key = $3";
const UNTAG: &str = "delete from paper_tag where hospital = $1 and kind = $2 and key = $3";
const TAG: &str =
    "insert into paper_tag (hospital, kind, tag, key) values ($1, $2, $3, $4) on conflict do nothing";
const HAPPENED: &str = "insert into paper_event (hospital, kind, key, version, at, operator, workstation, event, was, \
     state, facts, private) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

/// One paper.
pub fn paper(
    run: &mut dyn Run,
    sealer: &Sealer,
    of: &Tenant,
    kind: &str,
    key: &str,
) -> Result<Option<Paper>, StoreError> {
    let cells = [Cell::Text(&of.0), Cell::Text(kind), Cell::Text(key)];
    Ok(read(run, sealer, of, ONE, &cells)?.pop())
}

/// Papers of a kind, newest first.
pub fn papers(
    run: &mut dyn Run,
    sealer: &Sealer,
    of: &Tenant,
    kind: &str,
    by: By<'_>,
    (most, skip): (usize, usize),
) -> Result<Vec<Paper>, StoreError> {
    let (sql, named) = match by {
        By::All => (ALL, vec![]),
        By::State(state) => (IN_STATE, vec![Cell::Text(state)]),
        By::Days(from, to) => (OF_DAYS, vec![Cell::Day(Some(from)), Cell::Day(Some(to))]),
        By::Tag(tag) => (TAGGED, vec![Cell::Text(tag)]),
    };
    let count = |n: usize| Cell::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let cells = [vec![Cell::Text(&of.0), Cell::Text(kind)], named, vec![count(most), count(skip)]].concat();
    read(run, sealer, of, sql, &cells)
}

/// The steps of a paper, oldest first.
pub fn events(run: &mut dyn Run, of: &Tenant, kind: &str, key: &str) -> Result<Vec<Event>, StoreError> {
    let mut found = Vec::new();
    run.run(EVENTS, &[Cell::Text(&of.0), Cell::Text(kind), Cell::Text(key)], &mut |row| {
        found.push(Event {
            kind: text(row, 0)?,
            key: text(row, 1)?,
            version: row.int(2)?.unwrap_or_default(),
            at: row.time(3)?.ok_or_else(|| Bad::new(3, "no time"))?,
            operator: text(row, 4)?,
            workstation: text(row, 5)?,
            event: text(row, 6)?,
            from: row.text(7)?.map(Into::into),
            state: text(row, 8)?,
        });
        Ok(())
    })?;
    Ok(found)
}

/// Whose papers of a kind there are in a state.
pub fn tenants(run: &mut dyn Run, kind: &str, state: &str) -> Result<Vec<Tenant>, StoreError> {
    let mut found = Vec::new();
    run.run(TENANTS, &[Cell::Text(kind), Cell::Text(state)], &mut |row| {
        found.push(Tenant(text(row, 0)?));
        Ok(())
    })?;
    Ok(found)
}

/// Writes papers within the transaction that the engine has begun, and must end: done, it commits; stale, it does not.
pub fn put(
    run: &mut dyn Run,
    sealer: &Sealer,
    of: &Tenant,
    changes: &[Change],
    act: &Act,
) -> Result<Put, StoreError> {
    for change in changes {
        if !write(run, sealer, of, change, act)? {
            let Paper { kind, key, .. } = change.paper.clone();
            return Ok(Put::Stale { kind, key });
        }
    }
    Ok(Put::Done)
}

/// Whether it was at the version it was read at.
fn write(
    run: &mut dyn Run,
    sealer: &Sealer,
    of: &Tenant,
    change: &Change,
    act: &Act,
) -> Result<bool, StoreError> {
    let Paper { kind, key, version, state, day, tags, facts, .. } = &change.paper;
    let name = [Cell::Text(&of.0), Cell::Text(kind), Cell::Text(key)];
    let sealed = seal(sealer, of, &change.paper);
    let joined = tags.join("\n");
    let mut was = None;
    if *version > 0 && change.event.is_some() {
        run.run(STATE, &name, &mut |row| {
            was = Some(text(row, 0)?);
            Ok(())
        })?;
    }
    let says = [Cell::Text(&joined), Cell::Text(facts), Cell::Blob(&sealed)];
    let stands = [Cell::Text(state), Cell::Day(*day)];
    let written = if *version == 0 {
        run.run(NEW, &[&name[..], &stands, &says].concat(), &mut |_| Ok(()))?
    } else {
        let cells = [&stands[..], &says, &name, &[Cell::Int(*version)]].concat();
        run.run(AGAIN, &cells, &mut |_| Ok(()))?
    };
    if written == 0 {
        return Ok(false);
    }
    if *version > 0 {
        run.run(UNTAG, &name, &mut |_| Ok(()))?;
    }
    for tag in tags {
        run.run(TAG, &[name[0], name[1], Cell::Text(tag), name[2]], &mut |_| Ok(()))?;
    }
    if let Some(event) = &change.event {
        let who = [Cell::Time(act.at), Cell::Text(&act.operator), Cell::Text(&act.workstation)];
        let what = [Cell::Text(event), Cell::Word(was.as_deref()), Cell::Text(state)];
        let cells = [&name[..], &[Cell::Int(version + 1)], &who, &what, &says[1..]].concat();
        run.run(HAPPENED, &cells, &mut |_| Ok(()))?;
    }
    Ok(true)
}

fn read(
    run: &mut dyn Run,
    sealer: &Sealer,
    of: &Tenant,
    sql: &'static str,
    cells: &[Cell<'_>],
) -> Result<Vec<Paper>, StoreError> {
    let mut found = Vec::new();
    run.run(sql, cells, &mut |row| {
        let (kind, key) = (text(row, 0)?, text(row, 1)?);
        let sealed = row.blob(7)?.unwrap_or_default();
        let private = open(sealer, &place(of, &kind, &key), sealed)
            .ok_or_else(|| Bad::new(7, "sealed with other keys, or for another paper"))?;
        found.push(Paper {
            version: row.int(2)?.unwrap_or_default(),
            state: text(row, 3)?,
            day: row.day(4)?,
            tags: text(row, 5)?.split_terminator('\n').map(Into::into).collect(),
            facts: text(row, 6)?,
            private,
            kind,
            key,
        });
        Ok(())
    })?;
    Ok(found)
}

fn text(row: &dyn Get, at: usize) -> Result<String, Bad> {
    row.text(at)?.map(Into::into).ok_or_else(|| Bad::new(at, "no text"))
}

/// What is personal opens nowhere but in its own paper.
fn place(of: &Tenant, kind: &str, key: &str) -> String {
    format!("paper.private/{}/{kind}/{key}", of.0)
}

fn seal(sealer: &Sealer, of: &Tenant, paper: &Paper) -> Vec<u8> {
    match paper.private.as_str() {
        "" => Vec::new(),
        text => sealer.seal(&place(of, &paper.kind, &paper.key), 0, text.as_bytes()),
    }
}

fn open(sealer: &Sealer, place: &str, sealed: &[u8]) -> Option<String> {
    match sealed {
        [] => Some(String::new()),
        sealed => String::from_utf8(sealer.open(place, 0, sealed).ok()?).ok(),
    }
}
