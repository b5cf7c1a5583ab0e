//! The way to a centre, on which a message or its reply can be lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use centre::Centre;
use road::{Capabilities, NoReply, Reply, Road, Ticket};
use wire::{Both, Doubt, Message, Problem};

/// What becomes of the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It does not arrive.
    Message,
    /// It arrives, and nothing is heard of it.
    Reply,
    /// Something on the way keeps it, and will send it later.
    Kept,
    /// It arrives, and whoever sent it dies before he hears of it.
    Process,
}

/// Leads to a centre, also after that was started anew.
#[derive(Default)]
pub struct Way {
    to: Mutex<Option<Arc<dyn Road>>>,
    /// What becomes of the next message, or the next of a number.
    next: Mutex<Option<(&'static str, Lost)>>,
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cut() -> Both {
    Both::of("中断", "cut")
}

impl Way {
    /// From now on it leads here; to nothing while that stands still.
    pub(crate) fn lead_to(&self, centre: Option<&Arc<Centre>>) {
        *hold(&self.to) = centre.map(|centre| centre.clone() as Arc<dyn Road>);
    }

    /// One on any road.
    pub fn on(road: Arc<dyn Road>) -> Self {
        Self { to: Mutex::new(Some(road)), next: Mutex::default() }
    }

    /// This becomes of the next message.
    pub fn lose(&self, what: Lost) {
        self.lose_of("", what);
    }

    /// This becomes of the next message of this number.
    pub fn lose_of(&self, infno: &'static str, what: Lost) {
        *hold(&self.next) = Some((infno, what));
    }
}

impl Road for Way {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        let meant = |(infno, _): &mut (&str, Lost)| infno.is_empty() || *infno == message.transaction.infno;
        let lost = hold(&self.next).take_if(meant).map(|(_, lost)| lost);
        let to = hold(&self.to).clone();
        let (Some(to), None | Some(Lost::Reply | Lost::Kept | Lost::Process)) = (to, lost) else {
            return Err(NoReply::NotProcessed(Problem::LineDown { cause: cut() }));
        };
        if lost == Some(Lost::Kept) {
            return Ok(Reply::Held(Ticket(message.envelope.msgid.clone())));
        }
        let heard = to.send(message);
        if lost == Some(Lost::Process) {
            // As a process ends: nothing behind this is done, and nobody is told.
            std::panic::resume_unwind(Box::new("the process dies"));
        }
        if lost.is_some() { Err(NoReply::Unknown(Doubt::NoAnswer { cause: cut() })) } else { heard }
    }

    fn capabilities(&self) -> Capabilities {
        let ours = Capabilities { outcome: true, explain: true, rest: true, ..Capabilities::default() };
        hold(&self.to).as_ref().map_or(ours, |road| road.capabilities())
    }
}
