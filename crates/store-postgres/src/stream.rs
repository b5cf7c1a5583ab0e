//! Streams of audit records: one a writer and connection. Who opens one closes those whose writers are gone, and says how
//! those ended that nobody has told of.

use jiff::civil::DateTime;
use store::{AuditRow, DayKeys, StreamHead};

use crate::link::{Link, Step};
use crate::load::{LoadError, rows};
use crate::values::Array;
use crate::{copy, record};

/// Held while streams open and close.
pub(crate) const OPENING: i64 = 0x5452_0000_0000_0000;

/// Held as long as a stream's writer is connected.
pub(crate) fn alive(stream: i64) -> i64 {
    0x5453_0000_0000_0000 | stream
}

type Done<T> = Result<T, LoadError>;

/// Opens the next stream.
pub(crate) fn open(link: &mut Link, now: DateTime, keys: &DayKeys, weak: Option<&str>) -> Done<StreamHead> {
    link.batch(&format!("begin isolation level read committed; select pg_advisory_xact_lock({OPENING})"))?;
    let opened = opened(link, now, keys, weak);
    match opened {
        Ok(head) => {
            link.batch("commit")?;
            // What stands here alone may go with this server: the stream, and all that was committed before it.
            link.warning().map_or(Ok(head), |told| Err(LoadError::Closed(told)))
        }
        Err(error) => {
            let _ = link.batch("rollback");
            Err(error)
        }
    }
}

fn opened(link: &mut Link, now: DateTime, keys: &DayKeys, weak: Option<&str>) -> Done<StreamHead> {
    // Whoever moved these books away held this lock; one that opened them before comes to know of it here.
    copy::check_stand(link)?;
    close_dead(link, now)?;
    let next = link.rows("select coalesce(max(stream), 0) + 1 from stream", Vec::new())?;
    let stream: i64 = next.first().map_or(1, |row| row.get(0));
    // The lowest that no writer has; of so many there is always one.
    let free = format!(
        "select min(slot) from generate_series(0, {}) slot where slot not in (select slot from stream where closed is null)",
        StreamHead::SLOTS - 1
    );
    let slot =
        link.rows_once(&free)?.first().and_then(|row| row.get::<_, Option<i32>>(0)).map_or(0, i64::from);
    let sql = "insert into stream (stream, slot, process, opened) \
               select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamp[])";
    let process = std::process::id().to_string();
    let values = vec![
        Array::ints([stream]),
        Array::ints([slot]),
        Array::texts([process.as_str()]),
        Array::times([now]),
    ];
    link.rows(sql, values)?;
    // Nobody has it: a number is given once. Not waited for, because all others wait for us.
    link.rows_once(&format!("select must(pg_try_advisory_lock({})::int, 1)", alive(stream)))?;
    anchor(link, StreamHead { stream, slot, seq: 0, hash: [0; 32] }, now, keys, weak)
}

/// Streams whose writers are gone are closed with the count and hash they reached.
fn close_dead(link: &mut Link, now: DateTime) -> Done<()> {
    let open = link.rows("select stream from stream where closed is null", Vec::new())?;
    for stream in open.iter().map(|row| row.get::<_, i64>(0)) {
        let lock = format!("select pg_try_advisory_xact_lock({})", alive(stream));
        let gone = link.rows_once(&lock)?.first().is_some_and(|row| row.get(0));
        if gone {
            close(link, stream, now)?;
        }
    }
    Ok(())
}

fn close(link: &mut Link, stream: i64, now: DateTime) -> Done<()> {
    let sql = "update stream s set closed = ($2::timestamp[])[1], \
               records = (select coalesce(max(seq), 0) from audit a where a.stream = s.stream), \
               last_hash = (select hash from audit a where a.stream = s.stream order by seq desc limit 1), \
               behind = (select max(stream) from stream) where stream = ($1::bigint[])[1]";
    link.rows(sql, vec![Array::ints([stream]), Array::times([now])])?;
    Ok(())
}

/// Ends a stream whose writer stops.
pub(crate) fn end(link: &mut Link, stream: i64, now: DateTime) -> Done<()> {
    link.batch(&format!("begin; select pg_advisory_xact_lock({OPENING})"))?;
    close(link, stream, now)?;
    link.batch(&format!("commit; select pg_advisory_unlock({})", alive(stream)))?;
    Ok(())
}

/// The first records of a stream say how those before it ended, so that what was cut off there is noticed.
fn anchor(
    link: &mut Link,
    mut head: StreamHead,
    now: DateTime,
    keys: &DayKeys,
    weak: Option<&str>,
) -> Done<StreamHead> {
    let sql = "select stream, coalesce(records, 0), last_hash, behind from stream \
               where closed is not null and anchored_by is null order by stream";
    let ends = rows(link.rows(sql, Vec::new()), tables::stream_end)?;
    let told = ends.iter().map(|end| AuditRow::new(now, AuditRow::ANCHOR, end.to_string()));
    let accepted = weak.map(|what| AuditRow::new(now, "data loss accepted", what.to_owned()));
    let origin = copy::origin(link)?;
    let arrived = origin.iter().map(|origin| AuditRow::new(now, AuditRow::ORIGIN, origin.clone()));
    let mut news: Vec<AuditRow> = told.chain(arrived).chain(accepted).collect();
    // A stream without a record would be looked for in vain.
    if news.is_empty() {
        news.push(AuditRow::new(now, "stream opened", String::new()));
    }
    let mut records = Vec::new();
    for row in news {
        let row = row.behind(&head, keys);
        head = StreamHead { seq: row.seq, hash: row.hash, ..head };
        records.push(row);
    }
    let mut steps = Vec::new();
    record::insert(&mut steps, &tables::AUDIT, &records, tables::put_audit);
    let told = "update stream set anchored_by = ($2::bigint[])[1] where stream = any($1::bigint[])";
    steps.push(Step::new(
        told,
        vec![Array::ints(ends.iter().map(|end| end.stream)), Array::ints([head.stream])],
    ));
    if origin.is_some() {
        let told = "update origin set told_by = ($1::bigint[])[1]";
        steps.push(Step::new(told, vec![Array::ints([head.stream])]));
    }
    for answer in link.send(&steps)? {
        answer?;
    }
    Ok(head)
}

/// Waits until the session that wrote a stream is over, whatever became of its last transaction: then what is read is
/// read for ever. One whose commit waits for a standby is not ended: that would show to all what may yet be lost. On a
/// server that took the place of another there is no such session; nobody else's is ended, because a stream's number,
/// which stood on both before anybody had it, is given once.
pub(crate) fn wait_for_end(link: &mut Link, stream: i64, process: i32) -> Done<()> {
    let key = alive(stream);
    let sql = format!(
        "select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid) \
               where locktype = 'advisory' and pid = {process} and objsubid = 1 \
               and wait_event is distinct from 'SyncRep' \
               and classid::bigint = ({key}::bigint >> 32) and objid::bigint = ({key}::bigint & 4294967295)"
    );
    link.rows_once(&sql)?;
    link.batch(&format!(
        "begin; set local lock_timeout = '10s'; select pg_advisory_xact_lock({key}); commit"
    ))?;
    Ok(())
}
