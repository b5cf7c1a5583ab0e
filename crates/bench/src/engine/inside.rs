//! (b) the engine in this process, fed with messages; and its record step alone on the rows of recorded messages.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use model::{Clock, SystemClock};
use store::{
    AccessKey, CentreStore, Changes, HospitalRow, Keys, Loaded, Needs, Reader, RecordError, Sealer,
    StoreError, StreamHead, Writer,
};
use store_sqlite::SqliteStore;
use wire::Message;

use super::place::{self, Bill, Hands, Meter};
use super::raw::BATCH;
use super::{ArmArguments, Run, Work};

/// What clients did together.
#[derive(Default)]
pub struct Done {
    pub bills: u64,
    pub latencies: Vec<u32>,
}

/// Runs so many clients until the time is up or there is nothing left. Each makes bills by number and answers the
/// microseconds of its settlement.
pub fn drive<W>(
    arguments: &ArmArguments,
    client: impl Fn() -> anyhow::Result<W> + Sync,
) -> anyhow::Result<Done>
where
    W: FnMut(u64) -> anyhow::Result<Option<u32>>,
{
    let next = AtomicU64::new(0);
    let time = Duration::from_millis(arguments.ms);
    let meter = Meter::start();
    let all = std::thread::scope(|scope| {
        let work = || -> anyhow::Result<Vec<u32>> {
            let mut bill = client()?;
            let mut latencies = Vec::new();
            while meter.elapsed() < time {
                match bill(next.fetch_add(1, Ordering::Relaxed))? {
                    Some(latency) => latencies.push(latency),
                    None => break,
                }
            }
            Ok(latencies)
        };
        let threads: Vec<_> = (0..arguments.clients).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|t| t.join().expect("a client does not panic"))
            .collect::<anyhow::Result<Vec<_>>>()
    })?;
    let latencies: Vec<u32> = all.into_iter().flatten().collect();
    Ok(Done { bills: latencies.len() as u64, latencies })
}

/// Microseconds of something.
pub fn timed<T>(what: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<u32> {
    let meter = Meter::start_wall();
    what()?;
    Ok(u32::try_from(meter.elapsed().as_micros()).unwrap_or(u32::MAX))
}

/// (b)
pub fn engine(arguments: &ArmArguments) -> anyhow::Result<Run> {
    let scratch = place::scratch(arguments)?;
    let hands = Hands::open(scratch.path())?;
    let before = place::settlements(&scratch.database())?;
    let waiting = if arguments.work == Work::Settle {
        messages(&place::shuffled(arguments)?, &hands)?
    } else {
        Vec::new()
    };
    let counted = hands.centre.counts();
    let (commits, messages) =
        (counted.commits.load(Ordering::Relaxed), counted.messages.load(Ordering::Relaxed));
    let meter = Meter::start();
    let done = drive(arguments, || {
        Ok(|n: u64| match arguments.work {
            Work::Whole => hands.bill(n + arguments.seed * 1_000_000, arguments.persons).map(Some),
            Work::Settle => {
                let Some(message) = waiting.get(usize::try_from(n)?) else { return Ok(None) };
                timed(|| hands.send(message)).map(Some)
            }
        })
    })?;
    let (seconds, cpu) = meter.stop()?;
    let commits = counted.commits.load(Ordering::Relaxed) - commits;
    let messages = counted.messages.load(Ordering::Relaxed) - messages;
    hands.centre.stop();
    let counted = place::settlements(&scratch.database())? - before == done.bills;
    let sound = arguments.city == "large" || place::sound(scratch.path())?;
    Ok(Run {
        bills: done.bills,
        seconds,
        client_cpu: 0.0,
        server_cpu: cpu,
        latencies: done.latencies,
        memory: place::memory_peak(std::process::id())?,
        batch: messages as f64 / commits.max(1) as f64,
        equal: counted && sound,
    })
}

/// The bills that wait, as parsed messages.
fn messages(bills: &[place::Prepared], hands: &Hands) -> anyhow::Result<Vec<Message>> {
    let read = |(n, bill): (usize, &place::Prepared)| {
        let body = Bill::of(&hands.city, bill, n as u64).settle(&bill.visit);
        Message::read(body.into_bytes().into(), None).map_err(|u| anyhow::anyhow!("{}", u.problem))
    };
    bills.iter().enumerate().map(read).collect()
}

/// A store that remembers what was recorded.
struct Remembering {
    inner: SqliteStore,
    kept: Arc<Mutex<Vec<Changes>>>,
}

struct RememberingWriter {
    inner: Box<dyn Writer>,
    kept: Arc<Mutex<Vec<Changes>>>,
}

impl CentreStore for Remembering {
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError> {
        Ok(Box::new(RememberingWriter { inner: self.inner.writer()?, kept: self.kept.clone() }))
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.inner.reader()
    }

    fn hospitals(&self) -> Result<Vec<HospitalRow>, StoreError> {
        self.inner.hospitals()
    }

    fn access_keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        self.inner.access_keys()
    }

    fn put_hospitals(&self, hospitals: &[HospitalRow], keys: &[AccessKey]) -> Result<(), StoreError> {
        self.inner.put_hospitals(hospitals, keys)
    }
}

impl Writer for RememberingWriter {
    fn head(&self) -> StreamHead {
        self.inner.head()
    }

    fn durability(&self) -> Result<String, StoreError> {
        self.inner.durability()
    }

    fn disk_low(&mut self) -> bool {
        self.inner.disk_low()
    }

    fn load(&mut self, needs: &[Needs]) -> Result<Loaded, StoreError> {
        self.inner.load(needs)
    }

    fn record(&mut self, changes: &Changes) -> Result<(), RecordError> {
        self.inner.record(changes)?;
        self.kept.lock().expect("one writer").push(changes.clone());
        Ok(())
    }

    fn abandon(&mut self) {
        self.inner.abandon();
    }

    fn close(&mut self) -> Result<(), StoreError> {
        self.inner.close()
    }
}

/// The record step alone: what recorded messages changed, in batches of 64 messages, through the product's writer.
pub fn record(arguments: &ArmArguments) -> anyhow::Result<Run> {
    let kept = remember(arguments)?;
    let mut batches: Vec<Changes> = kept.chunks(BATCH).map(merge).collect();
    let bills = kept.iter().flat_map(|c| &c.settlements).count() as u64;
    let scratch = place::scratch(arguments)?;
    let store = open(scratch.path())?;
    let mut writer = store.writer()?;
    // The stream began anew: its records are chained behind its own first.
    let mut last = writer.head().hash;
    for row in batches.iter_mut().flat_map(|batch| &mut batch.audits) {
        row.hash = row.chained(&last);
        last = row.hash;
    }
    let meter = Meter::start();
    for batch in &batches {
        writer.load(&[])?;
        writer.record(batch).context("recording")?;
    }
    let (seconds, cpu) = meter.stop()?;
    writer.close()?;
    drop(writer);
    Ok(Run {
        bills,
        seconds,
        client_cpu: 0.0,
        server_cpu: cpu,
        latencies: Vec::new(),
        memory: place::memory_peak(std::process::id())?,
        batch: kept.len() as f64 / batches.len() as f64,
        equal: place::sound(scratch.path())?
            && place::same_rows(&scratch.database(), &place::recorded(arguments))?,
    })
}

fn open(folder: &std::path::Path) -> anyhow::Result<SqliteStore> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sealer = Arc::new(Sealer::new(&Keys::read(&folder.join("centre.keys"))?, wire::TEXTS));
    Ok(SqliteStore::open(&folder.join("centre.db"), sealer, clock)?)
}

/// What each message of the recorded run changes, made again on a copy of its own.
fn remember(arguments: &ArmArguments) -> anyhow::Result<Vec<Changes>> {
    let scratch = place::scratch(arguments)?;
    let kept = Arc::new(Mutex::new(Vec::new()));
    let store = Remembering { inner: open(scratch.path())?, kept: kept.clone() };
    let sealer = Arc::new(Sealer::new(&Keys::read(&scratch.path().join("centre.keys"))?, wire::TEXTS));
    let hands = Hands::on(&store, sealer)?;
    match arguments.work {
        Work::Whole => (0..place::BILLS as u64).try_for_each(|n| hands.bill(n, 10_000).map(|_| ()))?,
        Work::Settle => messages(&place::prepared(arguments)?, &hands)?
            .iter()
            .try_for_each(|message| hands.send(message))?,
    }
    hands.centre.stop();
    drop(hands);
    let kept = std::mem::take(&mut *kept.lock().expect("one writer"));
    Ok(kept)
}

/// Several messages' changes as one batch's, as the engine's own state would have kept them.
fn merge(messages: &[Changes]) -> Changes {
    let mut all = Changes::default();
    for one in messages.iter().cloned() {
        all.audits.extend(one.audits);
        all.messages.extend(one.messages);
        all.diagnoses.extend(one.diagnoses);
        all.lines.extend(one.lines);
        all.settlements.extend(one.settlements);
        all.journals.extend(one.journals);
        all.encounters.extend(one.encounters);
        for row in one.encounters_changed {
            match all.encounters.iter_mut().find(|e| (e.hospital, e.id) == (row.hospital, row.id)) {
                Some(fresh) => *fresh = row,
                None => all.encounters_changed.push(row),
            }
        }
        for (person, version, state) in one.states {
            match all.states.iter_mut().find(|(p, _, _)| *p == person) {
                Some((_, _, earlier)) => *earlier = state,
                None => all.states.push((person, version, state)),
            }
        }
    }
    all
}

impl Hands {
    /// Bill number `n`, whole; answers the microseconds of its settlement.
    fn bill(&self, n: u64, persons: usize) -> anyhow::Result<u32> {
        let bill = Bill::pick(&self.city, n, persons);
        let registered = self.say(bill.register(), None)?;
        let visit = registered.output("data", "mdtrt_id").context("a visit")?;
        self.say(bill.visit(&visit), None)?;
        self.say(bill.fees(&visit), None)?;
        self.say(bill.preview(&visit), None)?;
        timed(|| self.say(bill.settle(&visit), None))
    }

    /// Sends a parsed message that must be done.
    fn send(&self, message: &Message) -> anyhow::Result<()> {
        match road::Road::send(&self.centre, message) {
            Ok(road::Reply::Done(_)) => Ok(()),
            other => anyhow::bail!("{}: {other:?}", message.transaction.infno),
        }
    }
}
