//! For tests only: a centre of the sample city on a store of its own, a clock that can be set, and a hospital program
//! that speaks to any road.

mod centre;
mod clock;
mod program;

pub use centre::TestCentre;
pub use clock::FakeClock;
pub use program::{Item, Program, Said};
