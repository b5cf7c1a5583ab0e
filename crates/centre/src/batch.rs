//! The writer: turns a batch of jobs into one store transaction.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Sender;

use model::{Clock, IdSource};
use road::{Done, Given, NoReply, Reply};
use store::{MessageKey, RecordError, StoreError, Writer};
use wire::{Doubt, Problem};

use crate::decide::{Job, Verdict, decide};
use crate::engine::{Counts, Town};
use crate::queue::Waiting;
use crate::state::State;

/// Longest a message waits for its batch.
const WAIT_MS_MAX: i64 = 10_000;

/// A job with whom to answer.
pub(crate) struct Posted {
    pub(crate) job: Job,
    pub(crate) done: Told,
    /// Why it was not taken in.
    pub(crate) away: Option<Problem>,
}

/// Whom to answer. Whatever happens, it is answered: one let go without an answer was lost in a fault.
pub(crate) struct Told {
    done: Option<Done>,
    /// It has had its effect at another centre: nobody is told that it has none.
    done_elsewhere: bool,
}

impl Told {
    pub(crate) fn new(done: Done) -> Self {
        Self { done: Some(done), done_elsewhere: false }
    }

    pub(crate) fn behind_elsewhere(self) -> Self {
        let mut told = self;
        told.done_elsewhere = true;
        told
    }

    pub(crate) fn tell(mut self, result: Result<Reply, NoReply>) {
        let result = match result {
            Err(NoReply::NotProcessed(_)) if self.done_elsewhere => {
                Err(NoReply::Unknown(Doubt::Fault { id: "elsewhere".into() }))
            }
            result => result,
        };
        if let Some(done) = self.done.take() {
            done(result);
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(done) = self.done.take() {
            done(Err(NoReply::Unknown(Doubt::Fault { id: "writer".into() })));
        }
    }
}

impl Posted {
    pub(crate) fn waited_too_long(&self, now: jiff::civil::DateTime) -> bool {
        model::ms_since_epoch(now) - model::ms_since_epoch(self.job.received) > WAIT_MS_MAX
    }
}

impl Waiting for Posted {
    fn hospital(&self) -> model::HospitalId {
        self.job.hospital.id()
    }

    fn rows(&self) -> usize {
        self.job.message.input.row_count()
    }

    fn bytes(&self) -> usize {
        self.job.message.body.len()
    }

    fn key(&self) -> Option<MessageKey> {
        self.job.key()
    }
}

/// The writer thread's own.
pub(crate) struct Batcher {
    pub(crate) writer: Box<dyn Writer>,
    /// Identifiers of rows, and whose slot they are of: a writer that connects anew has another.
    pub(crate) ids: (i64, IdSource),
    pub(crate) town: std::sync::Arc<Town>,
    pub(crate) clock: std::sync::Arc<dyn Clock>,
    pub(crate) counts: std::sync::Arc<Counts>,
    /// Whoever waits for an answer is woken by a thread of its own, so that the writer goes on with the next batch.
    pub(crate) answers: Sender<Vec<Answered>>,
}

/// Whom to tell what.
pub(crate) type Answered = (Told, Result<Reply, NoReply>);

/// So few are told by the writer itself: that is sooner than waking another thread.
const FEW: usize = 2;

/// Why a batch came to nothing; nobody in it was told anything.
enum Failed {
    /// Certainly nothing is in the store, and none of its messages was there before.
    RolledBack(String),
    /// Nothing was written, but whether an earlier copy stands in the store is not known.
    NotLooked(String),
    /// The commit's outcome is unknown.
    Unknown(String),
}

/// How far a batch had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    Begun,
    Looked,
    Writing,
}

type Verdicts = Vec<Result<Verdict, Doubt>>;

impl Batcher {
    /// Answers a batch. What was not taken in or has waited too long is not begun; on a disk that is nearly full only
    /// what undoes or ends something is. But a message that is known is always answered.
    pub(crate) fn run(&mut self, posted: Vec<Posted>) {
        let now = self.clock.now();
        let low = self.writer.disk_low();
        let turned_away = |p: &Posted| {
            if p.away.is_some() {
                p.away.clone()
            } else if p.job.abroad.is_some() {
                // It is done elsewhere: what is left is to write that down.
                None
            } else if p.waited_too_long(now) {
                let stopping = self.town.stopping.load(Ordering::SeqCst);
                Some(if stopping { Problem::Stopping } else { Problem::Busy })
            } else {
                (low && !p.job.frees()).then_some(Problem::DiskLow)
            }
        };
        let (away, mut rest): (Vec<_>, Vec<_>) = posted.into_iter().partition(|p| turned_away(p).is_some());
        if !away.is_empty() {
            let why: Vec<Problem> = away.iter().filter_map(turned_away).collect();
            rest.extend(self.known(away, why, &rest));
        }
        self.work(rest);
    }

    /// Of messages to be turned away those that are known, or whose other copy is to be decided now; the others are
    /// certainly not processed, and told so.
    fn known(&mut self, away: Vec<Posted>, why: Vec<Problem>, rest: &[Posted]) -> Vec<Posted> {
        let needs: Vec<_> = away.iter().map(|p| p.job.needs_itself()).collect();
        let loaded = self.writer.load(&needs);
        self.writer.abandon();
        let Ok(loaded) = loaded else {
            let doubt = || Err(NoReply::Unknown(Doubt::InProgress { message: String::new() }));
            answer(away, doubt);
            return Vec::new();
        };
        let begun: HashSet<_> = rest.iter().filter_map(|p| p.job.key()).collect();
        let mut known = Vec::new();
        for (posted, why) in away.into_iter().zip(why) {
            let is_known =
                posted.job.stands_in(&loaded) || posted.job.key().is_some_and(|k| begun.contains(&k));
            if is_known {
                known.push(posted);
            } else {
                posted.done.tell(Err(NoReply::NotProcessed(why)));
            }
        }
        known
    }

    /// Decides, records and answers a batch. If that fails, its messages are decided again one at a time, so that one
    /// poisoned message cannot fail its neighbours; one that was alone, too: another process may have taken a copy of it
    /// meanwhile, and then that is what is answered.
    fn work(&mut self, posted: Vec<Posted>) {
        if posted.is_empty() {
            return;
        }
        let jobs: Vec<&Job> = posted.iter().map(|p| &p.job).collect();
        match self.attempt(&jobs) {
            Ok(verdicts) => self.answer_all(posted, verdicts),
            Err(Failed::Unknown(id)) => self.settle_doubt(posted, &id),
            Err(Failed::NotLooked(id)) if posted.len() == 1 => {
                answer(posted, || Err(NoReply::Unknown(Doubt::Fault { id: id.clone() })));
            }
            Err(Failed::RolledBack(_) | Failed::NotLooked(_)) => self.one_by_one(posted),
        }
    }

    /// One message at a time. Copies of one message stand and fall together: who was told that it has no effect must
    /// not be proven wrong by the next copy.
    fn one_by_one(&mut self, posted: Vec<Posted>) {
        let mut copies: Vec<Vec<Posted>> = Vec::new();
        let mut places: HashMap<MessageKey, usize> = HashMap::new();
        for one in posted {
            let place = one.job.key().map(|key| *places.entry(key).or_insert(copies.len()));
            match place.filter(|place| *place < copies.len()) {
                Some(place) => copies[place].push(one),
                None => copies.push(vec![one]),
            }
        }
        for copies in copies {
            let jobs: Vec<&Job> = copies.iter().map(|p| &p.job).collect();
            match self.attempt(&jobs) {
                Ok(verdicts) => self.answer_all(copies, verdicts),
                Err(Failed::Unknown(id)) => self.settle_doubt(copies, &id),
                Err(Failed::NotLooked(id)) => {
                    answer(copies, || Err(NoReply::Unknown(Doubt::Fault { id: id.clone() })));
                }
                Err(Failed::RolledBack(id)) => {
                    answer(copies, || Err(NoReply::NotProcessed(Problem::StoreFailed { id: id.clone() })));
                }
            }
        }
    }

    fn answer_all(&self, posted: Vec<Posted>, verdicts: Verdicts) {
        let answers = posted.into_iter().zip(verdicts).map(|(posted, verdict)| (posted.done, reply(verdict)));
        let answers: Vec<Answered> = answers.collect();
        if answers.len() <= FEW {
            return tell(answers);
        }
        if let Err(unsent) = self.answers.send(answers) {
            tell(unsent.0);
        }
    }

    /// One attempt at a batch. A panic before anything was written rolls it back; one behind that leaves a doubt.
    fn attempt(&mut self, jobs: &[&Job]) -> Result<Verdicts, Failed> {
        let mut progress = Progress::Begun;
        let tried = catch_unwind(AssertUnwindSafe(|| self.steps(jobs, &mut progress)));
        tried.unwrap_or_else(|_| {
            self.writer.abandon();
            let id = fault_id(jobs);
            tracing::error!(fault = id, ?progress, "a batch panicked");
            Err(match progress {
                Progress::Begun => Failed::NotLooked(id),
                Progress::Looked => Failed::RolledBack(id),
                Progress::Writing => Failed::Unknown(id),
            })
        })
    }

    /// needs, load, decide, record.
    fn steps(&mut self, jobs: &[&Job], progress: &mut Progress) -> Result<Verdicts, Failed> {
        let keys = self.town.city.sealer.day_keys();
        keys.advance(self.clock.now().date()).map_err(|error| {
            tracing::error!(%error, "the audit key of the day cannot be kept");
            Failed::NotLooked("audit key".into())
        })?;
        let needs: Vec<_> = jobs.iter().map(|job| job.needs(&self.town.city.sealer)).collect();
        let loaded = self.writer.load(&needs).map_err(|e| Failed::NotLooked(log_fault("load", &e)))?;
        *progress = Progress::Looked;
        let head = self.writer.head();
        let mut state = State::new(loaded, head);
        if self.ids.0 != head.slot {
            self.ids = (head.slot, head.row_ids());
        }
        let now = self.clock.now();
        let mut at = self.town.moment(now, self.ids.1.at(now));
        let verdicts: Verdicts = jobs.iter().map(|job| decide(job, &mut state, &mut at)).collect();
        let changes = state.into_changes();
        if changes.is_empty() {
            self.writer.leave().map_err(|e| Failed::NotLooked(log_fault("leave", &e)))?;
            return Ok(verdicts);
        }
        *progress = Progress::Writing;
        match self.writer.record(&changes) {
            Ok(()) => {
                self.counts.commits.fetch_add(1, Ordering::Relaxed);
                self.counts.messages.fetch_add(jobs.len() as u64, Ordering::Relaxed);
                Ok(verdicts)
            }
            Err(RecordError::RolledBack(e)) => Err(Failed::RolledBack(log_fault("record", &e))),
            Err(RecordError::Unknown(e)) => Err(Failed::Unknown(log_fault("commit", &e))),
        }
    }

    /// Nobody knows whether the commit took place: what the store says of each message, once it can tell, decides.
    fn settle_doubt(&mut self, posted: Vec<Posted>, id: &str) {
        let needs: Vec<_> = posted.iter().map(|p| p.job.needs_itself()).collect();
        let loaded = self.writer.load(&needs);
        self.writer.abandon();
        let Ok(loaded) = loaded else {
            return answer(posted, || Err(NoReply::Unknown(Doubt::Fault { id: id.into() })));
        };
        let (written, lost): (Vec<_>, Vec<_>) = posted.into_iter().partition(|p| p.job.stands_in(&loaded));
        answer(lost, || Err(NoReply::NotProcessed(Problem::StoreFailed { id: id.into() })));
        // What was written is answered as the replay it now is.
        written.into_iter().for_each(|one| self.work(vec![one]));
    }

    pub(crate) fn close(&mut self) -> Result<(), StoreError> {
        self.writer.close()
    }
}

fn fault_id(jobs: &[&Job]) -> String {
    jobs.first().map(|job| job.id.to_string()).unwrap_or_default()
}

/// Logs a fault once, with its causes, and gives it a number the sender can name.
fn log_fault(step: &str, error: &StoreError) -> String {
    static FAULTS: AtomicU32 = AtomicU32::new(1);
    let id = format!("{:x}-{}", std::process::id(), FAULTS.fetch_add(1, Ordering::Relaxed));
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    tracing::error!(
        fault = id,
        step,
        operation = error.operation,
        subject = error.subject,
        cause,
        "the store failed"
    );
    id
}

pub(crate) fn reply(verdict: Result<Verdict, Doubt>) -> Result<Reply, NoReply> {
    let verdict = verdict.map_err(NoReply::Unknown)?;
    let given = Given { answer: verdict.answer, replayed: verdict.replayed };
    Ok(if verdict.done { Reply::Done(given) } else { Reply::Refused(given) })
}

pub(crate) fn tell(answers: Vec<Answered>) {
    answers.into_iter().for_each(|(done, result)| done.tell(result));
}

pub(crate) fn answer(posted: Vec<Posted>, what: impl Fn() -> Result<Reply, NoReply>) {
    posted.into_iter().for_each(|p| p.done.tell(what()));
}
