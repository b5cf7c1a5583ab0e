//! Reads a body no slower than a modem, no larger than allowed.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};
use wire::Problem;

use crate::Limits;

/// Why a body was not read.
pub(crate) enum BodyError {
    /// Say so, and close.
    Problem(Problem),
    /// The client went away.
    Gone,
}

/// Reads the whole body, `max` bytes at the most, within its deadlines.
pub(crate) async fn read(mut body: Incoming, max: usize, limits: &Limits) -> Result<Vec<u8>, BodyError> {
    let too_large = || BodyError::Problem(Problem::TooLarge { max: max.to_string() });
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > max {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(announced);
    let mut pace = Pace::new(limits);
    loop {
        let frame = timeout_at(pace.deadline(bytes.len(), limits), body.frame()).await;
        match frame {
            Err(_) => return Err(BodyError::Problem(Problem::TooSlow)),
            Ok(None) => return Ok(bytes),
            Ok(Some(Err(_))) => return Err(BodyError::Gone),
            Ok(Some(Ok(frame))) => {
                let Ok(data) = frame.into_data() else { continue };
                if bytes.len() + data.len() > max {
                    return Err(too_large());
                }
                bytes.extend_from_slice(&data);
                pace.advance(bytes.len(), limits);
            }
        }
    }
}

/// Two deadlines: the slowest rate over the present window, and the slowest rate as a whole.
struct Pace {
    start: Instant,
    window: Instant,
    at_window: usize,
}

impl Pace {
    fn new(_: &Limits) -> Self {
        let now = Instant::now();
        Self { start: now, window: now, at_window: 0 }
    }

    fn deadline(&self, read: usize, limits: &Limits) -> Instant {
        let total = Duration::from_secs(read as u64 / limits.body_total_rate_min.max(1));
        (self.start + limits.body_window + total).min(self.window + limits.body_window)
    }

    /// A window that kept its rate gives way to the next.
    fn advance(&mut self, read: usize, limits: &Limits) {
        let owed = limits.body_window.as_secs().max(1) * limits.body_rate_min;
        if (read - self.at_window) as u64 >= owed {
            self.window = Instant::now();
            self.at_window = read;
        }
    }
}
