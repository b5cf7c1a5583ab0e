//! The writer: turns a batch of jobs into one store transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Sender;

use model::{Clock, IdSource};
use road::{Done, Given, NoReply, Reply};
use store::{RecordError, StoreError, Writer};
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
    pub(crate) done: Done,
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
}

/// The writer thread's own.
pub(crate) struct Batcher {
    pub(crate) writer: Box<dyn Writer>,
    pub(crate) ids: IdSource,
    pub(crate) town: std::sync::Arc<Town>,
    pub(crate) clock: std::sync::Arc<dyn Clock>,
    pub(crate) counts: std::sync::Arc<Counts>,
    /// Whoever waits for an answer is woken by a thread of its own, so that the writer goes on with the next batch.
    pub(crate) answers: Sender<Vec<Answered>>,
}

/// Whom to tell what.
pub(crate) type Answered = (Done, Result<Reply, NoReply>);

/// So few are told by the writer itself: that is sooner than waking another thread.
const FEW: usize = 2;

/// Why a batch came to nothing; nobody in it was told anything.
enum Failed {
    /// Certainly nothing is in the store.
    RolledBack(String),
    /// The commit's outcome is unknown.
    Unknown(String),
}

type Verdicts = Vec<Result<Verdict, Doubt>>;

impl Batcher {
    /// Answers a batch; what has waited too long is not begun.
    pub(crate) fn run(&mut self, posted: Vec<Posted>) {
        let now = self.clock.now();
        let (stale, fresh): (Vec<_>, Vec<_>) = posted.into_iter().partition(|p| p.waited_too_long(now));
        let mut posted = self.known(stale);
        posted.extend(fresh);
        self.work(posted);
    }

    /// Of messages that waited too long, those whose first copy was recorded meanwhile; the others are certainly not
    /// processed, and told so.
    fn known(&mut self, stale: Vec<Posted>) -> Vec<Posted> {
        if stale.is_empty() {
            return stale;
        }
        let needs: Vec<_> = stale.iter().map(|p| p.job.needs_itself()).collect();
        let loaded = self.writer.load(&needs);
        self.writer.abandon();
        let Ok(loaded) = loaded else {
            let doubt = || Err(NoReply::Unknown(Doubt::InProgress { message: String::new() }));
            answer(stale, doubt);
            return Vec::new();
        };
        let (known, fresh): (Vec<_>, Vec<_>) = stale.into_iter().partition(|p| p.job.stands_in(&loaded));
        let stopping = self.town.stopping.load(Ordering::SeqCst);
        answer(fresh, || {
            Err(NoReply::NotProcessed(if stopping { Problem::Stopping } else { Problem::Busy }))
        });
        known
    }

    /// Decides, records and answers a batch. If that fails, its messages are decided again one at a time, so that one
    /// poisoned message cannot fail its neighbours.
    fn work(&mut self, posted: Vec<Posted>) {
        let posted = self.with_room(posted);
        if posted.is_empty() {
            return;
        }
        let jobs: Vec<&Job> = posted.iter().map(|p| &p.job).collect();
        match self.attempt(&jobs) {
            Ok(verdicts) => self.answer_all(posted, verdicts),
            Err(Failed::Unknown(id)) => self.settle_doubt(posted, &id),
            Err(Failed::RolledBack(id)) if posted.len() == 1 => {
                answer(posted, || Err(NoReply::NotProcessed(Problem::StoreFailed { id: id.clone() })));
            }
            Err(Failed::RolledBack(_)) => posted.into_iter().for_each(|one| self.work(vec![one])),
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

    /// On a disk that is nearly full only what undoes or ends something is still taken in.
    fn with_room(&mut self, posted: Vec<Posted>) -> Vec<Posted> {
        if !self.writer.disk_low() {
            return posted;
        }
        let (frees, adds): (Vec<_>, Vec<_>) = posted.into_iter().partition(|p| p.job.frees());
        answer(adds, || Err(NoReply::NotProcessed(Problem::DiskLow)));
        frees
    }

    /// One attempt at a batch. A panic before anything was written rolls it back; one behind that leaves a doubt.
    fn attempt(&mut self, jobs: &[&Job]) -> Result<Verdicts, Failed> {
        let mut writing = false;
        let tried = catch_unwind(AssertUnwindSafe(|| self.steps(jobs, &mut writing)));
        tried.unwrap_or_else(|_| {
            self.writer.abandon();
            let id = fault_id(jobs);
            tracing::error!(fault = id, writing, "a batch panicked");
            Err(if writing { Failed::Unknown(id) } else { Failed::RolledBack(id) })
        })
    }

    /// needs, load, decide, record.
    fn steps(&mut self, jobs: &[&Job], writing: &mut bool) -> Result<Verdicts, Failed> {
        let keys = self.town.city.sealer.day_keys();
        keys.advance(self.clock.now().date()).map_err(|error| {
            tracing::error!(%error, "the audit key of the day cannot be kept");
            Failed::RolledBack("audit key".into())
        })?;
        let needs: Vec<_> = jobs.iter().map(|job| job.needs(&self.town.city.sealer)).collect();
        let loaded = self.writer.load(&needs).map_err(|e| Failed::RolledBack(log_fault("load", &e)))?;
        let mut state = State::new(loaded, self.writer.head());
        let now = self.clock.now();
        let mut at = self.town.moment(now, self.ids.at(now));
        let verdicts: Verdicts = jobs.iter().map(|job| decide(job, &mut state, &mut at)).collect();
        let changes = state.into_changes();
        if changes.is_empty() {
            self.writer.abandon();
            return Ok(verdicts);
        }
        *writing = true;
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
    answers.into_iter().for_each(|(done, result)| done(result));
}

pub(crate) fn answer(posted: Vec<Posted>, what: impl Fn() -> Result<Reply, NoReply>) {
    posted.into_iter().for_each(|p| (p.done)(what()));
}
