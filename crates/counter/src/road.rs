//! The workstation's side: a road.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use road::{Capabilities, NoReply, Reply, Road, Told};
use store::{Counter, SlotError, StoreError};
use wire::{Both, Doubt, Message, Problem};

use crate::frame;

/// Bytes of a name to be woken by.
pub(crate) const WAKE_LENGTH: usize = 16;

/// A name to be woken by that nobody can guess.
pub fn wake() -> [u8; WAKE_LENGTH] {
    let mut bytes = [0; WAKE_LENGTH];
    SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
    bytes
}

/// Opens one more place at the counter.
type Open = Box<dyn Fn() -> Result<Box<dyn Counter>, StoreError> + Send + Sync>;

/// Most connections of one workstation: a hospital has only so many.
const LINES_MAX: usize = 8;

/// The road over the counter. It may be used from many threads; each has a connection while it waits for its answer.
pub struct CounterRoad {
    open: Open,
    lines: Mutex<Lines>,
    free: Condvar,
    timeout: Duration,
}

#[derive(Default)]
struct Lines {
    idle: Vec<Box<dyn Counter>>,
    open: usize,
}

impl CounterRoad {
    /// `open` makes a further connection; `timeout`: how long to wait for an answer.
    pub fn new(
        open: impl Fn() -> Result<Box<dyn Counter>, StoreError> + Send + Sync + 'static,
        timeout: Duration,
    ) -> Self {
        Self { open: Box::new(open), lines: Mutex::default(), free: Condvar::new(), timeout }
    }

    /// Sends bytes as they are.
    pub fn send_body(&self, body: &[u8]) -> Result<Reply, NoReply> {
        if body.len() > frame::BODY_MAX {
            return Err(NoReply::NotProcessed(too_large()));
        }
        let mut counter = self.line()?;
        let told = self.ask(counter.as_mut(), body);
        // One that went wrong has let its connection go, and makes another when it is needed.
        self.lock().idle.push(counter);
        self.free.notify_one();
        let Told { outcome, replayed, answer } = told?;
        road::understand(answer, Some(outcome), replayed, true)
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line nobody uses, or a new one.
    fn line(&self) -> Result<Box<dyn Counter>, NoReply> {
        let none = |lines: &mut Lines| lines.idle.is_empty() && lines.open == LINES_MAX;
        let (mut lines, _) = self
            .free
            .wait_timeout_while(self.lock(), self.timeout, none)
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(idle) = lines.idle.pop() {
            return Ok(idle);
        }
        if lines.open == LINES_MAX {
            return Err(NoReply::NotProcessed(Problem::Busy));
        }
        let line = (self.open)().map_err(|error| NoReply::NotProcessed(line_down(&error)))?;
        lines.open += 1;
        Ok(line)
    }

    fn ask(&self, counter: &mut dyn Counter, body: &[u8]) -> Result<Told, NoReply> {
        let unheard = |error| match error {
            SlotError::NotPut(error) => NoReply::NotProcessed(line_down(&error)),
            SlotError::TooLong => NoReply::NotProcessed(too_large()),
            SlotError::Full => NoReply::NotProcessed(Problem::Busy),
            SlotError::Unknown(error) => {
                NoReply::Unknown(Doubt::NoAnswer { cause: Both::same(cause(&error)) })
            }
        };
        let no_answer = |zh: &'static str, en: &'static str| {
            NoReply::Unknown(Doubt::NoAnswer { cause: Both::of(zh, en) })
        };
        let ticket = counter.put(&frame::pack(body)).map_err(unheard)?;
        let answer = counter.take(ticket, self.timeout).map_err(unheard)?;
        let answer = answer.ok_or_else(|| no_answer("等待答复超时", "no answer in time"))?;
        frame::told_from_bytes(&answer).map_err(|_| no_answer("答复无法读取", "the answer cannot be read"))
    }
}

fn cause(error: &StoreError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn too_large() -> Problem {
    Problem::TooLarge { max: frame::BODY_MAX.to_string() }
}

fn line_down(error: &StoreError) -> Problem {
    Problem::LineDown { cause: Both::same(cause(error)) }
}

impl Road for CounterRoad {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        self.send_body(&message.body)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { outcome: true, explain: true, rest: true, ..Capabilities::default() }
    }
}
