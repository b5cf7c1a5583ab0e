//! For tests only: a centre of the sample city on a store of its own, a clock that can be set, and a hospital program
//! that speaks to any road, and a double of somebody else's centre.

mod books;
mod centre;
mod clock;
mod filled;
mod language;
mod poison;
mod plain;
mod program;
mod server;
mod way;
mod window;
mod browser;

pub use books::Books;
pub use browser::{Browser, DESK_PASSWORD, DESK_TOTP, TestDesk};
pub use centre::TestCentre;
pub use clock::FakeClock;
pub use filled::filled;
pub use language::foreign;
pub use plain::PlainCentre;
pub use poison::{Gate, Poison, PoisonStore};
pub use program::{Item, Program, Said};
pub use server::{Response, TestServer, read_response};
pub use way::{Lost, Way};
pub use window::Window;
