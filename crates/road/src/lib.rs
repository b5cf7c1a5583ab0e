//! The way to the centre, whatever lies behind it.
//!
//! The port every client speaks to, the HTTP carrier, and the journal of intents that lets a client survive a lost
//! reply. Never decides anything about money.

mod port;
mod words;
mod gateway;
mod http;
mod intents;
mod safe;
mod told;

pub use gateway::{Claim, Family, sign};
pub use http::{HttpRoad, HttpSettings, refusal_code, understand};
pub use intents::Intents;
pub use port::{Capabilities, Done, Given, NoReply, Reply, Road, Ticket};
pub use safe::SafeRoad;
pub use told::Told;
