//! The HTTP side of any road: one endpoint, gateway keys, and an accept loop that slow or greedy clients cannot hold.
//!
//! Reads a body, finds the key, hands the message to the road and writes what it answered. Decides nothing about money.

mod listen;
mod access;
mod limits;
mod body;
mod exchanges;
mod pages;
mod watch;
mod respond;

pub use access::{KeyHolder, Keyring};
pub use limits::Limits;
pub use listen::{Server, Service, Settings};
