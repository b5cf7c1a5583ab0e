//! (b) the engine in this process, fed with messages; and its record step alone on the rows of recorded messages.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use anyhow::Context;
use store::{
    AccessKey, CentreStore, Changes, HospitalRow, Loaded, Needs, Reader, RecordError, StoreError, StreamHead,
    Writer,
};
use wire::Message;

use super::place::{self, Bill, Hands, Meter, Used};
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
    let meter = Meter::start_wall();
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

/// (b) One thread feeds all clients' messages, each client's next when its last was answered, so that the machine's
/// time goes to the engine and not to waking clients.
pub fn engine(arguments: &ArmArguments) -> anyhow::Result<Run> {
    let scratch = place::scratch(arguments)?;
    let hands = Hands::open(&scratch)?;
    let before = scratch.books.settlements()?;
    let waiting = match arguments.work {
        Work::Whole => Vec::new(),
        Work::Settle => messages(&place::shuffled(arguments)?, &hands)?,
    };
    let counted = hands.centre.counts();
    let (commits, messages) =
        (counted.commits.load(Ordering::Relaxed), counted.messages.load(Ordering::Relaxed));
    let meter = Meter::start(arguments);
    let latencies = Feeder::new(arguments, &hands, &waiting).feed()?;
    let used = meter.stop()?;
    let commits = counted.commits.load(Ordering::Relaxed) - commits;
    let messages = counted.messages.load(Ordering::Relaxed) - messages;
    hands.centre.stop();
    let bills = latencies.len() as u64;
    let counted = scratch.books.settlements()? - before == bills;
    let sound = arguments.city == "large" || scratch.books.sound(&scratch.sealer)?;
    Ok(Run {
        bills,
        latencies,
        memory: place::memory_peak(std::process::id())?,
        batch: messages as f64 / commits.max(1) as f64,
        equal: counted && sound,
        ..Run::of(&used)
    })
}

/// Where a client is with its bill.
struct Client<'h> {
    bill: Bill<'h>,
    visit: String,
    /// Steps done: 2201, 2203, 2204, 2206, 2207.
    step: usize,
    sent: Meter,
}

/// What came back to which client.
type Heard = (usize, Result<road::Reply, road::NoReply>);

struct Feeder<'h> {
    arguments: &'h ArmArguments,
    hands: &'h Hands,
    waiting: &'h [Message],
    next: usize,
    clients: Vec<Client<'h>>,
    sender: mpsc::Sender<Heard>,
    receiver: mpsc::Receiver<Heard>,
    latencies: Vec<u32>,
}

impl<'h> Feeder<'h> {
    fn new(arguments: &'h ArmArguments, hands: &'h Hands, waiting: &'h [Message]) -> Self {
        let (sender, receiver) = mpsc::channel();
        let (clients, latencies) = (Vec::new(), Vec::new());
        Self { arguments, hands, waiting, next: 0, clients, sender, receiver, latencies }
    }

    /// Feeds until the time is up or no bill is left; answers the microseconds of each settlement.
    fn feed(mut self) -> anyhow::Result<Vec<u32>> {
        let time = Duration::from_millis(self.arguments.ms);
        let meter = Meter::start_wall();
        let mut flying = 0;
        for at in 0..self.arguments.clients {
            let client =
                Client { bill: self.pick(), visit: String::new(), step: 0, sent: Meter::start_wall() };
            self.clients.push(client);
            flying += usize::from(self.send(at)?);
        }
        while flying > 0 {
            let (at, heard) = self.receiver.recv()?;
            let Ok(road::Reply::Done(given)) = heard else { anyhow::bail!("{}", place::not_done(&heard)) };
            let goes_on = self.heard(at, &given.answer)? || meter.elapsed() < time;
            flying -= usize::from(!(goes_on && self.send(at)?));
        }
        Ok(self.latencies)
    }

    fn pick(&self) -> Bill<'h> {
        let n = self.next as u64 + self.arguments.seed * 1_000_000;
        Bill::pick(&self.hands.city, n, self.arguments.persons)
    }

    /// Sends a client's next message; false where there is none left.
    fn send(&mut self, at: usize) -> anyhow::Result<bool> {
        let client = &mut self.clients[at];
        let message = match (self.arguments.work, client.step) {
            (Work::Settle, _) => {
                let Some(message) = self.waiting.get(self.next) else { return Ok(false) };
                self.next += 1;
                message.clone()
            }
            (Work::Whole, step) => {
                if step == 0 {
                    self.next += 1;
                }
                read(client.bill.step(step, &client.visit))?
            }
        };
        client.sent = Meter::start_wall();
        let sender = self.sender.clone();
        let done = Box::new(move |result| {
            let _ = sender.send((at, result));
        });
        road::Road::post(&self.hands.centre, message, done);
        Ok(true)
    }

    /// Takes an answer; true where the bill goes on, whatever the time.
    fn heard(&mut self, at: usize, answer: &wire::Answer) -> anyhow::Result<bool> {
        let next = self.pick();
        let client = &mut self.clients[at];
        if self.arguments.work == Work::Whole {
            if client.step == 0 {
                client.visit = answer.output("data", "mdtrt_id").context("a visit")?;
            }
            client.step += 1;
            if client.step < 5 {
                return Ok(true);
            }
            (client.bill, client.step) = (next, 0);
        }
        self.latencies.push(u32::try_from(client.sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        Ok(false)
    }
}

fn read(body: String) -> anyhow::Result<Message> {
    Message::read(body.into_bytes().into(), None).map_err(|u| anyhow::anyhow!("{}", u.problem))
}

/// The bills that wait, as parsed messages.
fn messages(bills: &[place::Prepared], hands: &Hands) -> anyhow::Result<Vec<Message>> {
    let parsed = |(n, bill): (usize, &place::Prepared)| {
        read(Bill::of(&hands.city, bill, n as u64).settle(&bill.visit))
    };
    bills.iter().enumerate().map(parsed).collect()
}

/// A store that remembers what was recorded.
struct Remembering {
    inner: Box<dyn CentreStore>,
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

    fn leave(&mut self) -> Result<(), StoreError> {
        self.inner.leave()
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
    let store = scratch.books.open(&scratch.sealer)?;
    let mut writer = store.writer()?;
    let keys = scratch.sealer.day_keys();
    // The stream is another: the records are chained behind its own first.
    let mut last = writer.head();
    let mut now_called = HashMap::new();
    for batch in &mut batches {
        for row in &mut batch.audits {
            let before = (row.stream, row.seq);
            *row = row.clone().behind(&last, keys);
            (last.seq, last.hash) = (row.seq, row.hash);
            now_called.insert(before, (row.stream, row.seq));
        }
        for row in &mut batch.settlements {
            row.audit = now_called[&row.audit];
        }
    }
    let meter = Meter::start(arguments);
    let mut seconds = 0.0;
    for batch in &batches {
        writer.load(&[])?;
        // The step alone: what it takes to begin is not in it.
        let step = Meter::start_wall();
        writer.record(batch).context("recording")?;
        seconds += step.elapsed().as_secs_f64();
    }
    let used = Used { seconds, ..meter.stop()? };
    writer.close()?;
    drop(writer);
    Ok(Run {
        bills,
        memory: place::memory_peak(std::process::id())?,
        batch: kept.len() as f64 / batches.len() as f64,
        equal: scratch.books.sound(&scratch.sealer)?
            && scratch.books.same_rows(&place::recorded(arguments))?,
        ..Run::of(&used)
    })
}

/// What each message of the recorded run changes, made again on a copy of the file it started from.
fn remember(arguments: &ArmArguments) -> anyhow::Result<Vec<Changes>> {
    let scratch = place::scratch(&ArmArguments { server: None, ..arguments.clone() })?;
    let kept = Arc::new(Mutex::new(Vec::new()));
    let store = Remembering { inner: scratch.books.open(&scratch.sealer)?, kept: kept.clone() };
    let hands = Hands::on(&store, scratch.sealer.clone())?;
    match arguments.work {
        Work::Whole => (0..place::BILLS as u64).try_for_each(|n| hands.bill(n, 10_000))?,
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
        all.lines_changed.extend(one.lines_changed);
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
    /// Bill number `n`, whole, one message behind the other.
    fn bill(&self, n: u64, persons: usize) -> anyhow::Result<()> {
        let bill = Bill::pick(&self.city, n, persons);
        let mut visit = String::new();
        for step in 0..5 {
            let answer = self.say(bill.step(step, &visit), None)?;
            if step == 0 {
                visit = answer.output("data", "mdtrt_id").context("a visit")?;
            }
        }
        Ok(())
    }

    /// Sends a parsed message that must be done.
    fn send(&self, message: &Message) -> anyhow::Result<()> {
        match road::Road::send(&self.centre, message) {
            Ok(road::Reply::Done(_)) => Ok(()),
            other => anyhow::bail!("{}: {}", message.transaction.infno, place::not_done(&other)),
        }
    }
}
