//! What every screen is made of: what a browser asks and is answered, pages from templates in two languages, passwords
//! and sessions, fields, amounts in words.
//!
//! Knows no hospital, no message and no book; never reads a clock.

mod ask;
mod languages;
mod pages;
mod password;
mod session;
mod squares;
mod assets;
pub mod field;
mod capitals;

pub use ask::{Answer, Asked, Fields, HTML, Site, segments};
pub use assets::{BASE, TEXTS, asset};
pub use capitals::capitals;
pub use languages::{Language, Said, Texts, keys};
pub use pages::{Pages, grouped};
pub use password::{Busy, Passwords, TRIES, TRIES_ADDRESS, WINDOW, acceptable, locked_until};
pub use session::{
    IDLE, LOCK, Standing, WHOLE, base32, code_address, code_at, random_token, right_code, standing,
    token_hash,
};
pub use squares::Squares;
