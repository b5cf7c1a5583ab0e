//! The ports of the counter in the centre's database: a workstation puts a message on it and takes the answer, the engine
//! takes the message and puts the answer.

use std::time::Duration;

use model::HospitalId;

use crate::port::StoreError;

/// By which an answer is taken. Nobody can guess one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlotTicket(pub [u8; 16]);

/// A message that was put on the counter.
#[derive(Debug, Clone)]
pub struct PutMessage {
    /// By whom: as the database knows it, not as the message says.
    pub hospital: HospitalId,
    /// For its answer.
    pub ticket: SlotTicket,
    /// What was put, byte for byte.
    pub bytes: Vec<u8>,
}

/// The engine's side.
pub trait Slots: Send {
    /// Takes messages, `most` at the most, the longest waiting first, none that was put longer ago than `fresh`. Where
    /// there are none it waits for one, `wait` at the longest.
    fn take(&mut self, most: usize, fresh: Duration, wait: Duration) -> Result<Vec<PutMessage>, StoreError>;

    /// Puts answers, and wakes whoever waits for them.
    fn answer(&mut self, answers: &[(HospitalId, SlotTicket, Vec<u8>)]) -> Result<(), StoreError>;

    /// Clears away what was put longer ago than this: nobody waits for it any more.
    fn clear(&mut self, older: Duration) -> Result<(), StoreError>;
}

/// Why nothing was heard at the counter.
#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    /// Certainly nothing was put.
    #[error("nothing was put on the counter")]
    NotPut(#[source] StoreError),
    /// It is longer than any message may be; nothing was put.
    #[error("the message is too long")]
    TooLong,
    /// So many of this hospital's wait already; nothing was put.
    #[error("too many messages wait")]
    Full,
    /// What was put may have been taken.
    #[error("whether it was put is not known")]
    Unknown(#[source] StoreError),
}

/// The workstation's side: one connection, one message at a time.
pub trait Counter: Send {
    /// Puts a message.
    fn put(&mut self, bytes: &[u8]) -> Result<SlotTicket, SlotError>;

    /// Takes its answer as soon as there is one; none after `wait`.
    fn take(&mut self, ticket: SlotTicket, wait: Duration) -> Result<Option<Vec<u8>>, SlotError>;
}
