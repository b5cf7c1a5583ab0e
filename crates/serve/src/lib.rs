//! The HTTP side of any road: one endpoint, gateway keys, and an accept loop that slow or greedy clients cannot hold.
//!
//! Reads a body, finds the key, hands the message to the road and writes what it answered. Decides nothing about money.

mod access;
mod body;
mod limits;
mod listen;
mod respond;
mod watch;

pub use access::{Access, KeyHolder};
pub use limits::Limits;
pub use listen::{Server, Service, Settings};
