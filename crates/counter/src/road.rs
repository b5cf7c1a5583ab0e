//! The workstation's side: a road.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use road::{Capabilities, NoReply, Reply, Road};
use store::{Counter, SlotError, StoreError};
use wire::{Both, Doubt, Message, Problem};

use crate::frame::{self, Told};

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

/// The road over the counter. It may be used from many threads; each has a connection of its own while it waits.
pub struct CounterRoad {
    open: Open,
    idle: Mutex<Vec<Box<dyn Counter>>>,
    timeout: Duration,
}

impl CounterRoad {
    /// `open` makes a further connection; `timeout`: how long to wait for an answer.
    pub fn new(
        open: impl Fn() -> Result<Box<dyn Counter>, StoreError> + Send + Sync + 'static,
        timeout: Duration,
    ) -> Self {
        Self { open: Box::new(open), idle: Mutex::new(Vec::new()), timeout }
    }

    /// Sends bytes as they are.
    pub fn send_body(&self, body: &[u8]) -> Result<Reply, NoReply> {
        let mut counter = self.counter().map_err(|error| NoReply::NotProcessed(line_down(&error)))?;
        let told = self.ask(counter.as_mut(), body);
        // One that went wrong has let its connection go, and makes another when it is needed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(counter);
        let Told { outcome, replayed, answer } = told?;
        road::understand(answer, Some(outcome), replayed, true)
    }

    fn counter(&self) -> Result<Box<dyn Counter>, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| (self.open)(), Ok)
    }

    fn ask(&self, counter: &mut dyn Counter, body: &[u8]) -> Result<Told, NoReply> {
        let unheard = |error| match error {
            SlotError::NotPut(error) => NoReply::NotProcessed(line_down(&error)),
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
        Told::from_bytes(&answer).map_err(|_| no_answer("答复无法读取", "the answer cannot be read"))
    }
}

fn cause(error: &StoreError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn line_down(error: &StoreError) -> Problem {
    Problem::LineDown { cause: Both::same(cause(error)) }
}

impl Road for CounterRoad {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        self.send_body(&message.body)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { outcome: true, explain: true, combined_refund: false, offline: false, deltas: false }
    }
}
