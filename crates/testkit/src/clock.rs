//! A clock that tests set.

use std::sync::Mutex;

use jiff::civil::DateTime;
use model::Clock;

/// Says what it was set to; each look moves it by a millisecond, as a real one would.
#[derive(Debug)]
pub struct FakeClock(Mutex<DateTime>);

impl FakeClock {
    /// A clock set to a moment.
    pub fn at(now: DateTime) -> Self {
        Self(Mutex::new(now))
    }

    /// Sets it.
    pub fn set(&self, now: DateTime) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = now;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> DateTime {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.saturating_add(jiff::SignedDuration::from_millis(1));
        *now
    }
}
