//! The centre: takes messages in, answers them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

use jiff::civil::DateTime;
use model::{Catalogue, Clock, CodeLists, IdSource, Ids, MessageId};
use policy::{AuditRules, Editions};
use road::{Capabilities, Done, NoReply, Reply, Road};
use store::{CentreStore, Reader, Sealer, StoreError};
use wire::{Class, Dialects, Doubt, Message, Problem, Refusal};

use crate::abroad::{self, Peer};
use crate::batch::{self, Batcher, Posted, Told};
use crate::decide::{Job, Moment, Verdict, decide, permitted};
use crate::directory::{Directory, Hospital};
use crate::files;
use crate::queue::{BATCH_MESSAGES, Queue};
use crate::state::State;
use crate::transactions::{Request, compare};

/// What a city's centre settles with. Taken once per batch; never changed under it.
pub struct City {
    /// Benefit rules by date.
    pub editions: Editions,
    /// The catalogue.
    pub catalogue: Catalogue,
    /// Lists of codes beside it.
    pub lists: CodeLists,
    /// What is looked for in what is charged.
    pub audit: AuditRules,
    /// How programs of a place speak otherwise than the table, by the name profiles call it.
    pub dialects: Dialects,
    /// Centres of other cities, whose people are treated here.
    pub peers: Vec<Peer>,
    /// Seals and opens.
    pub sealer: Arc<Sealer>,
    /// First digits of the home divisions this centre settles for: `9901`.
    pub divisions: Vec<String>,
}

/// The city with its institutions: what every decision may look at.
pub(crate) struct Town {
    pub(crate) city: City,
    pub(crate) directory: Directory,
    /// Nothing more is taken in.
    pub(crate) stopping: AtomicBool,
}

impl Town {
    pub(crate) fn moment<'a>(&'a self, now: DateTime, ids: &'a mut dyn Ids) -> Moment<'a> {
        Moment {
            now,
            ids,
            policy: &self.city.editions,
            catalogue: &self.city.catalogue,
            lists: &self.city.lists,
            audit: &self.city.audit,
            sealer: &self.city.sealer,
            directory: &self.directory,
            divisions: &self.city.divisions,
            peers: &self.city.peers,
        }
    }
}

/// How a centre runs.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Readers for queries.
    pub readers: usize,
    /// Writers at the most; the store says how many are worth while.
    pub writers: usize,
    /// Bounds on what waits, per hospital and in all.
    pub bounded: bool,
}

impl Default for Options {
    fn default() -> Self {
        // As many readers as leave half the cores to writers: queries that wait together are read together.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { readers: cores.div_ceil(2), writers: 8, bounded: true }
    }
}

/// Why a centre did not start.
#[derive(Debug, thiserror::Error)]
#[error("the centre cannot start: {0}")]
pub struct CentreError(#[from] StoreError);

/// A running centre. Dropping it stops it as [`Centre::stop`] does.
pub struct Centre {
    lines: Arc<Lines>,
    queries: Arc<Queue<Posted>>,
    /// Rows of many days are compared one after the other, and nobody else's query waits for that.
    comparisons: Arc<Queue<Posted>>,
    /// What is sent on to another city's centre waits for its answer, and nobody else for that.
    abroad: Vec<Arc<Queue<Posted>>>,
    town: Arc<Town>,
    clock: Arc<dyn Clock>,
    /// Ids of messages; drawn where they come in, so that requests are sealed before they wait.
    ids: Mutex<IdSource>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    durability: String,
    counts: Arc<Counts>,
}

/// What waits for each writer. All that is about one person goes to one of them, so that it is decided in its order, and
/// no two writers wait for one person.
struct Lines(Vec<Queue<Posted>>);

impl Lines {
    fn put(&self, posted: Posted, sealer: &Sealer) {
        let queues = self.0.len();
        let at = if queues == 1 { 0 } else { posted.job.line(sealer) % queues };
        let queue = &self.0[at];
        let Err((mut posted, full)) = queue.put(posted) else { return };
        posted.away = Some(full.problem());
        // Only who looks into the books can say that it has no effect.
        if let Err(posted) = queue.turn_away(posted) {
            let doubt = Doubt::InProgress { message: posted.job.message.envelope.msgid.clone() };
            posted.done.tell(Err(NoReply::Unknown(doubt)));
        }
    }

    fn stop(&self) {
        self.0.iter().for_each(Queue::stop);
    }
}

/// What the writers have done since the start.
#[derive(Debug, Default)]
pub struct Counts {
    /// Batches committed.
    pub commits: AtomicU64,
    /// Messages decided in them.
    pub messages: AtomicU64,
}

impl Centre {
    /// Starts a centre on a store.
    pub fn start(
        store: &dyn CentreStore,
        city: City,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, CentreError> {
        let directory = Directory::read(store, &city.dialects)?;
        let town = Arc::new(Town { city, directory, stopping: AtomicBool::new(false) });
        let count = options.writers.clamp(1, store.writers());
        let writers = (0..count).map(|_| store.writer()).collect::<Result<Vec<_>, _>>()?;
        let lines = Arc::new(Lines(writers.iter().map(|_| Queue::new(options.bounded, count)).collect()));
        let (head, durability) = (writers[0].head(), writers[0].durability()?);
        let counts = Arc::new(Counts::default());
        let readers = (0..options.readers.max(1)).map(|_| store.reader()).collect::<Result<Vec<_>, _>>()?;
        let (answers, answered) = mpsc::channel();
        let queries = Arc::new(Queue::new(options.bounded, 1));
        let comparisons = Arc::new(Queue::new(options.bounded, 1));
        let mut threads = vec![spawn("answers", move || answered.into_iter().for_each(batch::tell))];
        for (n, writer) in writers.into_iter().enumerate() {
            let ids = (writer.head().slot, writer.head().row_ids());
            let (town, clock, counts) = (town.clone(), clock.clone(), counts.clone());
            let batcher = Batcher { writer, ids, town, clock, counts, answers: answers.clone() };
            threads.push(spawn("writer", write_loop(batcher, lines.clone(), n)));
        }
        let desk = |reader, queries: &Arc<Queue<Posted>>| Desk {
            reader,
            queries: queries.clone(),
            audits: lines.clone(),
            town: town.clone(),
            clock: clock.clone(),
        };
        for reader in readers {
            let desk = desk(reader, &queries);
            threads.push(spawn("reader", move || desk.answer_all()));
        }
        // A centre that does not answer holds up nobody but those who wait for it.
        let abroad: Vec<_> =
            town.city.peers.iter().map(|_| Arc::new(Queue::new(options.bounded, 1))).collect();
        for queue in abroad.iter().flat_map(|queue| [queue; CARRIERS]) {
            let desk = desk(store.reader()?, queue);
            threads.push(spawn("carrier", move || desk.carry_all()));
        }
        let comparer = desk(store.reader()?, &comparisons);
        threads.push(spawn("comparer", move || comparer.compare_all()));
        Ok(Self {
            lines,
            queries,
            comparisons,
            abroad,
            town,
            clock,
            ids: Mutex::new(head.message_ids()),
            threads: Mutex::new(threads),
            durability,
            counts,
        })
    }

    /// The institutions.
    pub fn directory(&self) -> &Directory {
        &self.town.directory
    }

    /// What the writer's own connection says of its durability.
    pub fn durability(&self) -> &str {
        &self.durability
    }

    /// What the writers have done since the start.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Stops: nothing more is taken in; what waits is decided for up to ten seconds, the rest is not processed. The
    /// audit stream is closed and the log checkpointed.
    pub fn stop(&self) {
        if self.town.stopping.swap(true, Ordering::SeqCst) {
            return;
        }
        self.queries.stop();
        self.comparisons.stop();
        self.abroad.iter().for_each(|queue| queue.stop());
        self.lines.stop();
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for thread in threads {
            let _ = thread.join();
        }
    }

    fn job(&self, message: Message, hospital: Arc<Hospital>) -> Job {
        let received = self.clock.now();
        let id = {
            let mut ids = self.ids.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            MessageId(ids.at(received).next())
        };
        let sealed = match message.transaction.class {
            Class::Query => Vec::new(),
            _ => self.town.city.sealer.seal("message.request", id.0, &message.kept()),
        };
        let request = Request::read(&message);
        let file = match &request {
            Ok(Request::UploadFile(brought)) => {
                Some(files::seal(&brought.content, id, &self.town.city.sealer).into())
            }
            _ => None,
        };
        Job {
            message,
            request,
            hospital,
            id,
            received,
            sealed,
            answered: None,
            compared: None,
            file,
            abroad: None,
        }
    }

    /// A message of an institution that is not in the list: refused, and nothing to record it under.
    fn unknown_hospital(&self, message: &Message) -> Result<Reply, NoReply> {
        let now = self.clock.now();
        let refusal = Refusal::HospitalUnknown { hospital: message.envelope.hospital.clone() };
        let stamp = wire::Stamp { received: now, decided: now, serial: 0, division: 0 };
        let answer = wire::Answer::refused(&refusal, &message.envelope, &wire::Profile::default(), &stamp);
        batch::reply(Ok(Verdict::refused(&refusal, answer)))
    }
}

impl Road for Centre {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.post(
            message.clone(),
            Box::new(move |result| {
                let _ = sender.send(result);
            }),
        );
        receiver.recv().unwrap_or_else(|_| Err(NoReply::Unknown(Doubt::Fault { id: "writer".into() })))
    }

    fn post(&self, message: Message, done: Done) {
        let Some(hospital) = self.town.directory.find(&message.envelope.hospital).cloned() else {
            return done(self.unknown_hospital(&message));
        };
        let message = match message.under(&hospital.profile) {
            Ok(message) => message,
            Err(problem) => return done(Err(NoReply::NotProcessed(problem))),
        };
        let query = message.transaction.class == Class::Query;
        let elsewhere = self.town.city.peer_of(&message);
        let posted = Posted { job: self.job(message, hospital), done: Told::new(done), away: None };
        if let Some(peer) = elsewhere {
            ask(&self.abroad[peer], posted);
        } else if query {
            ask(&self.queries, posted);
        } else if posted.job.compares().is_some() {
            ask(&self.comparisons, posted);
        } else {
            self.lines.put(posted, &self.town.city.sealer);
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { outcome: true, explain: true, rest: true, ..Capabilities::default() }
    }
}

/// Queues what is read only, or read first; or answers that it was not taken. A query never has an effect; of another a
/// copy may have been taken before.
fn ask(queue: &Queue<Posted>, posted: Posted) {
    let Err((posted, full)) = queue.put(posted) else { return };
    let message = posted.job.message.envelope.msgid.clone();
    posted.done.tell(Err(match posted.job.message.transaction.class {
        Class::Query => NoReply::NotProcessed(full.problem()),
        _ => NoReply::Unknown(Doubt::InProgress { message }),
    }));
}

impl Drop for Centre {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    std::thread::Builder::new().name(name.into()).spawn(work).expect("the system has a thread to spare")
}

fn write_loop(mut batcher: Batcher, lines: Arc<Lines>, at: usize) -> impl FnOnce() + Send {
    move || {
        while let Some(batch) = lines.0[at].take(BATCH_MESSAGES) {
            // Whoever was in a batch that panics hears that its outcome is not known; the writer goes on.
            if catch_unwind(AssertUnwindSafe(|| batcher.run(batch))).is_err() {
                tracing::error!("the writer panicked outside a batch's steps");
            }
        }
        if let Err(error) = batcher.close() {
            tracing::error!(%error, "the audit stream was not closed");
        }
    }
}

/// Where queries are answered, on a reader of its own.
struct Desk {
    reader: Box<dyn Reader>,
    queries: Arc<Queue<Posted>>,
    audits: Arc<Lines>,
    town: Arc<Town>,
    clock: Arc<dyn Clock>,
}

impl Desk {
    fn answer_all(mut self) {
        let mut ids = IdSource::new(0);
        while let Some(waiting) = self.queries.take(QUERIES) {
            let now = self.clock.now();
            let (stale, fresh): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|p| p.waited_too_long(now));
            batch::answer(stale, || Err(NoReply::NotProcessed(Problem::Busy)));
            self.answer(fresh, &mut self.town.clone().moment(now, ids.at(now)));
        }
    }

    fn carry_all(mut self) {
        let mut ids = IdSource::new(0);
        while let Some(waiting) = self.queries.take(1) {
            let now = self.clock.now();
            let stopping = self.town.stopping.load(Ordering::SeqCst);
            for posted in waiting {
                if stopping || posted.waited_too_long(now) {
                    let why = if stopping { Problem::Stopping } else { Problem::Busy };
                    posted.done.tell(Err(NoReply::NotProcessed(why)));
                    continue;
                }
                let town = self.town.clone();
                let carried = catch_unwind(AssertUnwindSafe(|| {
                    // Whoever waits for one that is let go is told that nothing is known.
                    self.carry(posted, &mut town.moment(now, ids.at(now)));
                }));
                if carried.is_err() {
                    tracing::error!("a message that goes elsewhere was not carried to its end");
                }
            }
        }
    }

    /// Sends a message on to the centre that decides it. What that says is recorded here before anybody hears of it; where
    /// nothing is heard nothing is recorded, and the same message may come again.
    fn carry(&mut self, mut posted: Posted, at: &mut Moment<'_>) {
        let query = posted.job.message.transaction.class == Class::Query;
        let told = match self.way_on(&posted.job, at) {
            Err(no_reply) => return posted.done.tell(Err(no_reply)),
            // What is known here already is answered as it was.
            Ok(Way::Known) => return self.audits.put(posted, &self.town.city.sealer),
            Ok(Way::No(refusal)) => abroad::Told::Not(refusal),
            Ok(Way::On { road, message, unheard }) => match road.send(&message) {
                Err(no_reply) => return posted.done.tell(Err(no_reply)),
                // It is on its way there, or not in the books here yet: nobody is told more.
                Ok(reply) if matches!(reply, Reply::Held(_)) || unheard && abroad::is_done(&reply) => {
                    let message = posted.job.message.envelope.msgid.clone();
                    return posted.done.tell(Err(NoReply::Unknown(Doubt::InProgress { message })));
                }
                Ok(reply) => {
                    // A refusal is kept there under its id too: nobody is told that the message was nothing.
                    posted.done = posted.done.behind_elsewhere();
                    abroad::Told::of(reply)
                }
            },
        };
        if query {
            posted.job.answered = Some(abroad::answer(&posted.job, &told, at));
        } else {
            posted.job.abroad = Some(Arc::new(told));
        }
        self.audits.put(posted, &self.town.city.sealer);
    }

    /// The way on and the message for it; why it is not sent on; or nothing where it is known here.
    fn way_on(&mut self, job: &Job, at: &mut Moment<'_>) -> Result<Way, NoReply> {
        let query = job.message.transaction.class == Class::Query;
        let mut needs = job.needs_itself();
        needs.sign_in_number = Some(job.message.envelope.sign_in.clone()).filter(|number| !number.is_empty());
        abroad::needs(job, &mut needs);
        let loaded = self.reader.load(&[needs]).map_err(|error| {
            let id = job.id.to_string();
            tracing::error!(%error, "a message that goes elsewhere could not be looked up");
            // Whether an earlier copy was done is not known.
            if query {
                NoReply::NotProcessed(Problem::StoreFailed { id })
            } else {
                NoReply::Unknown(Doubt::Fault { id })
            }
        })?;
        if job.stands_in(&loaded) {
            return Ok(Way::Known);
        }
        let state = State::to_read(loaded);
        let town = self.town.clone();
        let listing = |code: &str, day| town.city.listing(&job.hospital, code, day);
        let allowed = permitted(job, &state, at).and_then(|_| abroad::check(job, &state));
        let road = town.city.way_abroad(&job.message);
        let unheard = abroad::is_unheard_of(job, &state);
        let ready = allowed.and_then(|()| Ok((road.clone()?, job.message.sent_on(Some(&listing))?)));
        match (ready, road) {
            (Ok((road, message)), _) => {
                Ok(Way::On { road: road.clone(), message: Box::new(message), unheard })
            }
            (Err(refusal), Ok(road)) if !query => after_all(job, road, refusal),
            (Err(refusal), _) => Ok(Way::No(refusal)),
        }
    }

    fn compare_all(mut self) {
        while let Some(waiting) = self.queries.take(1) {
            waiting.into_iter().for_each(|posted| self.compare(posted));
        }
    }

    /// Reads what a message compares, and hands it on. Where that fails nothing has happened, as far as this copy goes.
    fn compare(&mut self, mut posted: Posted) {
        let Some(request) = posted.job.compares() else { return };
        let read = catch_unwind(AssertUnwindSafe(|| {
            let today = self.clock.now().date();
            let City { sealer, peers, .. } = &self.town.city;
            let elsewhere = abroad::is_elsewhere(peers, &request.division);
            compare(request, elsewhere, &posted.job.hospital, today, self.reader.as_mut(), sealer)
        }));
        match read {
            Ok(Ok(compared)) => {
                let (compared, text) = match compared {
                    Ok((compared, text)) => (Ok(compared), Some(text)),
                    Err(refusal) => (Err(refusal), None),
                };
                let seal = |text: String| files::seal(text.as_bytes(), posted.job.id, &self.town.city.sealer);
                posted.job.file = text.map(|text| seal(text).into());
                posted.job.compared = Some(Arc::new(compared));
                self.audits.put(posted, &self.town.city.sealer);
            }
            other => {
                let id = posted.job.id.to_string();
                let cause =
                    other.ok().and_then(Result::err).map(|error| error.to_string()).unwrap_or_default();
                tracing::error!(fault = id, cause, "rows could not be compared");
                posted.done.tell(Err(NoReply::Unknown(Doubt::Fault { id })));
            }
        }
    }

    /// Answers queries from one snapshot; where that fails, each from its own.
    fn answer(&mut self, waiting: Vec<Posted>, at: &mut Moment<'_>) {
        let jobs: Vec<&Job> = waiting.iter().map(|p| &p.job).collect();
        match query(&jobs, self.reader.as_mut(), at) {
            Ok(verdicts) => waiting.into_iter().zip(verdicts).for_each(|(p, verdict)| self.tell(p, verdict)),
            Err(_) if waiting.len() > 1 => waiting.into_iter().for_each(|one| self.answer(vec![one], at)),
            Err(id) => {
                batch::answer(waiting, || {
                    Err(NoReply::NotProcessed(Problem::StoreFailed { id: id.clone() }))
                });
            }
        }
    }

    /// Nobody hears of a person before it is on record who asked.
    fn tell(&self, posted: Posted, verdict: Result<Verdict, Doubt>) {
        let mut posted = posted;
        match verdict {
            Ok(verdict) if posted.job.request.as_ref().is_ok_and(Request::is_audited_query) => {
                posted.job.answered = Some(verdict);
                self.audits.put(posted, &self.town.city.sealer);
            }
            verdict => posted.done.tell(batch::reply(verdict)),
        }
    }
}

/// How many messages are on their way to other cities' centres at once.
const CARRIERS: usize = 4;

/// The way on of a message that is refused here: a copy of it may have been done when this did not stand in its way yet, and then that
/// is what it is answered.
fn after_all(job: &Job, road: &Arc<dyn Road>, refusal: Refusal) -> Result<Way, NoReply> {
    let (Ok(asked), Ok(message)) = (job.message.asked_after(), job.message.sent_on(None)) else {
        return Ok(Way::No(refusal));
    };
    match road.send(&asked) {
        Ok(reply) if abroad::was_received(&reply) => {
            Ok(Way::On { road: road.clone(), message: Box::new(message), unheard: false })
        }
        Ok(Reply::Done(_) | Reply::Refused(_)) => Ok(Way::No(refusal)),
        Err(no_reply @ NoReply::Unknown(_)) => Err(no_reply),
        Ok(Reply::Held(_)) | Err(NoReply::NotProcessed(_)) => {
            let cause =
                wire::Both::of("参保地中心没有答复", "the centre of the place of insurance does not answer");
            Err(NoReply::Unknown(Doubt::NoAnswer { cause }))
        }
    }
}

/// What becomes of a message about another city's person.
enum Way {
    /// It is known here, with its answer.
    Known,
    /// It is sent on. `unheard`: it asks after one that is in no books here.
    On { road: Arc<dyn Road>, message: Box<Message>, unheard: bool },
    /// It is not.
    No(Refusal),
}

/// Queries answered from one snapshot at most: what one has read the next need not read again.
const QUERIES: usize = 16;

/// Answers queries from one snapshot, or the number of the fault. Whatever goes wrong, the reader goes on.
fn query(
    jobs: &[&Job],
    reader: &mut dyn Reader,
    at: &mut Moment<'_>,
) -> Result<Vec<Result<Verdict, Doubt>>, String> {
    let id = || jobs.first().map(|job| job.id.to_string()).unwrap_or_default();
    let decided = catch_unwind(AssertUnwindSafe(|| {
        let needs: Vec<_> = jobs.iter().map(|job| job.needs(at.sealer)).collect();
        let loaded = reader.load(&needs).map_err(|error| {
            tracing::error!(%error, "a query failed");
            id()
        })?;
        let mut state = State::to_read(loaded);
        Ok(jobs.iter().map(|job| decide(job, &mut state, at)).collect())
    }));
    decided.unwrap_or_else(|_| {
        tracing::error!(fault = id(), "a query panicked");
        Err(id())
    })
}
