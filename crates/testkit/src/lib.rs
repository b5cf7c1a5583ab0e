//! For tests only: a centre of the sample city on a store of its own, a clock that can be set, and a hospital program
//! that speaks to any road.

mod centre;
mod clock;
mod poison;
mod program;
mod server;

pub use centre::TestCentre;
pub use clock::FakeClock;
pub use poison::{Poison, PoisonStore};
pub use program::{Item, Program, Said};
pub use server::{Response, TestServer, read_response};
