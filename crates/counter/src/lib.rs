//! The road over the centre's database. A workstation puts its message on the counter there; the centre's engine takes
//! it, carries it as it would any other, and puts the answer. Nothing is decided on either side of the counter, and a
//! message repeated over it is the same message.

mod frame;
mod pump;
mod road;

pub use pump::{Holder, Pump};
pub use road::{CounterRoad, wake};
