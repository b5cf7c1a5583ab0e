//! The writer: turns a batch of jobs into one store transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

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
}

/// Why a batch came to nothing; nobody in it was told anything.
enum Failed {
    /// Certainly nothing is in the store.
    RolledBack(String),
    /// The commit's outcome is unknown.
    Unknown(String),
}

impl Batcher {
    /// Decides, records and answers a batch. If that fails, its messages are decided again one at a time, so that one
    /// poisoned message cannot fail its neighbours.
    pub(crate) fn run(&mut self, posted: Vec<Posted>) {
        let posted = self.without_stale(posted);
        if posted.is_empty() {
            return;
        }
        let jobs: Vec<&Job> = posted.iter().map(|p| &p.job).collect();
        match self.attempt(&jobs) {
            Ok(verdicts) => answer_all(posted, verdicts),
            Err(Failed::Unknown(id)) => self.settle_doubt(posted, &id),
            Err(Failed::RolledBack(id)) if posted.len() == 1 => {
                answer(posted, || Err(NoReply::NotProcessed(Problem::StoreFailed { id: id.clone() })));
            }
            Err(Failed::RolledBack(_)) => posted.into_iter().for_each(|one| self.run(vec![one])),
        }
    }

    fn without_stale(&self, posted: Vec<Posted>) -> Vec<Posted> {
        let now = model::ms_since_epoch(self.clock.now());
        let (stale, fresh): (Vec<_>, Vec<_>) =
            posted.into_iter().partition(|p| now - model::ms_since_epoch(p.job.received) > WAIT_MS_MAX);
        answer(stale, || Err(NoReply::NotProcessed(Problem::Busy)));
        fresh
    }

    /// needs, load, decide, record.
    fn attempt(&mut self, jobs: &[&Job]) -> Result<Vec<Verdict>, Failed> {
        let needs: Vec<_> = jobs.iter().map(|job| job.needs(&self.town.city.sealer)).collect();
        let loaded = self.writer.load(&needs).map_err(|e| Failed::RolledBack(log_fault("load", &e)))?;
        let decided = catch_unwind(AssertUnwindSafe(|| {
            let mut state = State::new(loaded, self.writer.head());
            let now = self.clock.now();
            let mut at = self.town.moment(now, self.ids.at(now));
            let verdicts: Vec<Verdict> = jobs.iter().map(|job| decide(job, &mut state, &mut at)).collect();
            (verdicts, state.into_changes())
        }));
        let Ok((verdicts, changes)) = decided else {
            self.writer.abandon();
            let id = fault_id(jobs);
            tracing::error!(fault = id, "a decision panicked; its batch was rolled back");
            return Err(Failed::RolledBack(id));
        };
        if changes.is_empty() {
            self.writer.abandon();
            return Ok(verdicts);
        }
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

    /// The connection went while committing: what the store now says of each message decides.
    fn settle_doubt(&mut self, posted: Vec<Posted>, id: &str) {
        let needs: Vec<_> = posted.iter().map(|p| p.job.needs(&self.town.city.sealer)).collect();
        let loaded = self.writer.load(&needs);
        self.writer.abandon();
        let Ok(loaded) = loaded else {
            return answer(posted, || Err(NoReply::Unknown(Doubt::Fault { id: id.into() })));
        };
        let (written, lost): (Vec<_>, Vec<_>) =
            posted.into_iter().partition(|p| loaded.messages.iter().any(|m| m.id == p.job.id));
        answer(lost, || Err(NoReply::NotProcessed(Problem::StoreFailed { id: id.into() })));
        // What was written is answered as the replay it now is.
        written.into_iter().for_each(|one| self.run(vec![one]));
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

pub(crate) fn reply(verdict: Verdict) -> Reply {
    let given = Given { answer: verdict.answer, replayed: verdict.replayed };
    if verdict.done { Reply::Done(given) } else { Reply::Refused(given) }
}

fn answer_all(posted: Vec<Posted>, verdicts: Vec<Verdict>) {
    for (posted, verdict) in posted.into_iter().zip(verdicts) {
        (posted.done)(Ok(reply(verdict)));
    }
}

pub(crate) fn answer(posted: Vec<Posted>, what: impl Fn() -> Result<Reply, NoReply>) {
    posted.into_iter().for_each(|p| (p.done)(what()));
}
