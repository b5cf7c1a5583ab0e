//! China Standard Time, to the millisecond.

use jiff::civil::{DateTime, date};
use jiff::tz::Offset;

/// Identifiers count their milliseconds from 1 January of this year.
pub const EPOCH_YEAR: i16 = 2020;

/// Says what time it is, in China Standard Time (a constant +08:00).
pub trait Clock: Send + Sync {
    /// The present moment, cut to the millisecond.
    fn now(&self) -> DateTime;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> DateTime {
        cut(Offset::constant(8).to_datetime(jiff::Timestamp::now()))
    }
}

/// A clock that always says the same; tests and recomputation use it.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub DateTime);

impl Clock for FixedClock {
    fn now(&self) -> DateTime {
        self.0
    }
}

fn cut(time: DateTime) -> DateTime {
    let ms = time.millisecond();
    time.with().subsec_nanosecond(i32::from(ms) * 1_000_000).build().expect("a cut time is a time")
}

/// Milliseconds from the identifiers' epoch to `time`; zero before it.
pub fn ms_since_epoch(time: DateTime) -> i64 {
    let days = i64::from((time.date() - date(EPOCH_YEAR, 1, 1)).get_days());
    let seconds = days * 86_400
        + i64::from(time.hour()) * 3_600
        + i64::from(time.minute()) * 60
        + i64::from(time.second());
    (seconds * 1_000 + i64::from(time.millisecond())).max(0)
}

/// The moment that many milliseconds from the identifiers' epoch.
pub fn from_ms_since_epoch(ms: i64) -> DateTime {
    date(EPOCH_YEAR, 1, 1).at(0, 0, 0, 0).saturating_add(jiff::SignedDuration::from_millis(ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn milliseconds_count_from_the_epoch() {
        assert_eq!(ms_since_epoch(datetime(2020, 1, 1, 0, 0, 0, 1_000_000)), 1);
        assert_eq!(ms_since_epoch(datetime(2020, 1, 2, 0, 0, 1, 0)), 86_401_000);
        assert_eq!(ms_since_epoch(datetime(2019, 1, 1, 0, 0, 0, 0)), 0);
        for time in [datetime(2020, 1, 1, 0, 0, 0, 0), datetime(2028, 2, 29, 23, 59, 59, 999_000_000)] {
            assert_eq!(from_ms_since_epoch(ms_since_epoch(time)), time);
        }
    }

    #[test]
    fn the_system_clock_is_cut_to_the_millisecond() {
        assert_eq!(SystemClock.now().subsec_nanosecond() % 1_000_000, 0);
    }
}
