//! The demo's clock: starts where it is told, goes on as real time does, and can be set forward.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use jiff::civil::DateTime;
use model::Clock;

/// A clock that starts anywhere.
pub struct DemoClock {
    state: Mutex<(DateTime, Instant)>,
}

impl DemoClock {
    /// A clock that starts at a moment.
    pub fn at(start: DateTime) -> Self {
        Self { state: Mutex::new((start, instant())) }
    }

    /// Sets it.
    pub fn set(&self, now: DateTime) {
        *self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (now, instant());
    }
}

impl Clock for DemoClock {
    fn now(&self) -> DateTime {
        let (start, since) = *self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let passed = Duration::from_millis(u64::try_from(since.elapsed().as_millis()).unwrap_or(0));
        start.saturating_add(SignedDuration::try_from(passed).unwrap_or_default())
    }
}

#[expect(clippy::disallowed_methods, reason = "the demo's time goes on as real time does")]
fn instant() -> Instant {
    Instant::now()
}
