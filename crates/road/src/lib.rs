//! The way to the centre, whatever lies behind it.
//!
//! The port every client speaks to, the HTTP carrier, and the journal of intents that lets a client survive a lost
//! reply. Never decides anything about money.

mod gateway;
mod port;

pub use gateway::{Claim, Family, sign};
pub use port::{Capabilities, Done, Given, NoReply, Reply, Road, Ticket};
