//! The port.

use wire::{Answer, Doubt, Message, Problem};

/// The way to the centre.
pub trait Road: Send + Sync {
    /// Sends one message and waits for what becomes of it.
    fn send(&self, message: &Message) -> Result<Reply, NoReply>;

    /// Sends one message; `done` is called once, from whichever thread, when it is known what became of it.
    fn post(&self, message: Message, done: Done) {
        done(self.send(&message));
    }

    /// What stands behind this road besides the national transactions.
    fn capabilities(&self) -> Capabilities;
}

/// Called once with what became of a message.
pub type Done = Box<dyn FnOnce(Result<Reply, NoReply>) + Send>;

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The whole response envelope.
    pub answer: Answer,
    /// Given before, and given again now, byte for byte.
    pub replayed: bool,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done(Given),
    /// The rules say no; final, and recorded.
    Refused(Given),
    /// A front server keeps it and will forward it in order.
    Held(Ticket),
}

/// By which a held message can be asked after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket(pub String);

/// No reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoReply {
    /// Certainly no effect; may be sent again, also under a new id.
    NotProcessed(Problem),
    /// Nothing is known: the same id again, `outcome`, or 2601.
    Unknown(Doubt),
}

/// What a road offers besides the national transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// Tells what became of a message.
    pub outcome: bool,
    /// Explains a settlement.
    pub explain: bool,
    /// Tells what the rest of a bill would come to before it is voided.
    pub rest: bool,
    /// Refunds and settles again in one call.
    pub combined_refund: bool,
    /// Works on while the line is down.
    pub offline: bool,
    /// Sends only what changed in a catalogue.
    pub deltas: bool,
}
