//! The engine's side: takes what is put, carries it over a road, puts what was answered.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use model::{Clock, HospitalId};
use road::{Done, NoReply, Road, Told};
use store::{PutMessage, SlotTicket, Slots};
use wire::{Answer, Doubt, Envelope, Message, OutcomeWord, Problem, Profile, Refusal, Stamp};

use crate::frame;

/// Messages taken at once.
const MOST: usize = 64;
/// How long to wait for the next, and for the database when it is away.
const WAIT: Duration = Duration::from_millis(200);
/// Nobody waits so long for an answer.
const OLD: Duration = Duration::from_mins(10);

/// So often what nobody waits for is cleared away.
const CLEAR_ROUNDS: u32 = 64;

/// An institution whose login put a message.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Its code.
    pub code: String,
    /// How it is spoken to.
    pub profile: Profile,
}

/// An answer on its way to the counter.
type Answered = (HospitalId, SlotTicket, Vec<u8>);

/// Runs until it is stopped.
pub struct Pump {
    stop: Arc<AtomicBool>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Pump {
    /// Starts to take and to answer. `find` knows the institutions; `division` stands in answers given before a message
    /// had an id.
    pub fn start(
        [take, answer]: [Box<dyn Slots>; 2],
        road: Arc<dyn Road>,
        find: impl Fn(HospitalId) -> Option<Holder> + Send + 'static,
        clock: Arc<dyn Clock>,
        division: u32,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (answers, answered) = channel();
        let taker =
            Taker { slots: take, road, find: Box::new(find), clock, division, answers, stop: stop.clone() };
        let threads = vec![
            std::thread::spawn(move || taker.run()),
            std::thread::spawn(move || answer_all(answer, &answered)),
        ];
        Self { stop, threads: Mutex::new(threads) }
    }

    /// Takes nothing more. What was taken is answered, as soon as the road behind has answered all of it.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Taker {
    slots: Box<dyn Slots>,
    road: Arc<dyn Road>,
    find: Box<dyn Fn(HospitalId) -> Option<Holder> + Send>,
    clock: Arc<dyn Clock>,
    division: u32,
    answers: Sender<Answered>,
    stop: Arc<AtomicBool>,
}

impl Taker {
    fn run(mut self) {
        let mut rounds = 0_u32;
        while !self.stop.load(Ordering::SeqCst) {
            if rounds.is_multiple_of(CLEAR_ROUNDS)
                && let Err(error) = self.slots.clear(OLD)
            {
                tracing::warn!(%error, "the counter was not cleared");
            }
            match self.slots.take(MOST, OLD, WAIT) {
                Ok(put) => put.iter().for_each(|put| self.guarded(put)),
                Err(error) => {
                    tracing::error!(%error, "the counter cannot be reached");
                    // Who stops it wakes it.
                    std::thread::park_timeout(WAIT);
                }
            }
            rounds = rounds.wrapping_add(1);
        }
    }

    /// A panic is answered too: nothing is known then.
    fn guarded(&self, put: &PutMessage) {
        if catch_unwind(AssertUnwindSafe(|| self.carry(put))).is_err() {
            tracing::error!("a message from the counter panicked");
            let doubt = Err(NoReply::Unknown(Doubt::Fault { id: "counter".into() }));
            let told = Told::of(doubt, &Envelope::default(), &Profile::default(), &self.stamp());
            let _ = self.answers.send((put.hospital, put.ticket, frame::told_to_bytes(&told)));
        }
    }

    fn carry(&self, put: &PutMessage) {
        let (hospital, ticket, answers) = (put.hospital, put.ticket, self.answers.clone());
        let answer = move |told: Told| {
            let _ = answers.send((hospital, ticket, frame::told_to_bytes(&told)));
        };
        match self.read(put) {
            Ok((message, profile)) => {
                let (envelope, stamp) = (message.envelope.clone(), self.stamp());
                let done: Done =
                    Box::new(move |result| answer(Told::of(result, &envelope, &profile, &stamp)));
                self.road.post(message, done);
            }
            Err(told) => answer(told),
        }
    }

    /// The message that was put: the institution it names is the one that put it.
    fn read(&self, put: &PutMessage) -> Result<(Message, Profile), Told> {
        let told = |outcome, answer| Told { outcome, replayed: false, answer };
        // Behind the name of the channel its sender is woken on.
        let packed = put.bytes.get(crate::road::WAKE_LENGTH..).unwrap_or_default();
        let holder = (self.find)(put.hospital);
        let profile = holder.as_ref().map(|h| h.profile.clone()).unwrap_or_default();
        let body = frame::unpack(packed).map_err(|_| {
            let problem = Problem::TooLarge { max: frame::BODY_MAX.to_string() };
            let answer = Answer::not_processed(&problem, &Envelope::default(), &profile, &self.stamp());
            told(OutcomeWord::NotProcessed, answer)
        })?;
        let message = Message::read(body.into(), None).map_err(|unreadable| {
            let envelope: Envelope = unreadable.envelope.as_deref().cloned().unwrap_or_default();
            let answer = Answer::not_processed(&unreadable.problem, &envelope, &profile, &self.stamp());
            told(OutcomeWord::NotProcessed, answer)
        })?;
        let code = holder.map(|h| h.code).unwrap_or_default();
        if message.envelope.hospital == code {
            return Ok((message, profile));
        }
        let refusal =
            Refusal::HospitalMismatch { hospital: message.envelope.hospital.clone(), key_hospital: code };
        Err(told(OutcomeWord::Refused, Answer::refused(&refusal, &message.envelope, &profile, &self.stamp())))
    }

    fn stamp(&self) -> Stamp {
        let received = self.clock.now();
        Stamp { received, decided: received, serial: 0, division: self.division }
    }
}

/// Puts answers in whatever batches wait, until no more can come. What cannot be put is let go: its sender will send the
/// same message again.
fn answer_all(mut slots: Box<dyn Slots>, answered: &Receiver<Answered>) {
    loop {
        let first = match answered.recv_timeout(WAIT) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let batch: Vec<Answered> = std::iter::once(first).chain(answered.try_iter().take(MOST)).collect();
        if slots.answer(&batch).is_err()
            && let Err(error) = slots.answer(&batch)
        {
            tracing::error!(%error, "answers were not put on the counter");
        }
    }
}
