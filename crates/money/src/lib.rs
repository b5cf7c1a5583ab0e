//! Exact amounts of money and what multiplies them.
//!
//! Whole fen in [`Money`]; everything finer in [`Exact`]. Nothing here is a binary float, every division
//! names its [`Rounding`], and sharing loses nothing. Never knows what an amount is for.
#![deny(clippy::float_arithmetic)]

mod money;
mod exact;
mod scales;
mod decimal;
mod till;

pub use decimal::DecimalError;
pub use exact::{Exact, Rounding};
pub use money::Money;
pub use scales::{Quantity, Rate, UnitPrice};
pub use till::TillRounding;
