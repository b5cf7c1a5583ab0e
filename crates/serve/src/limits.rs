//! What one client may take.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Bounds of a server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest body, in bytes.
    pub body_max: usize,
    /// Largest body of a file that is uploaded under its own address.
    pub file_max: usize,
    /// Until the head of a request must have come.
    pub head_deadline: Duration,
    /// Over so long a body must keep the slowest rate.
    pub body_window: Duration,
    /// Slowest rate of a body over a window, in bytes a second.
    pub body_rate_min: u64,
    /// Slowest rate of a body as a whole, in bytes a second; one window is given on top.
    pub body_total_rate_min: u64,
    /// How long a connection may rest between requests.
    pub idle: Duration,
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address: of one workstation, or of the many behind one line.
    pub connections_per_address: usize,
    /// Connections of one institution, wherever they come from.
    pub connections_per_hospital: usize,
    /// Messages a second of one key, sustained; none: unlimited.
    pub rate: Option<u32>,
    /// Messages of one key at once.
    pub burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_max: 1 << 20,
            file_max: 64 << 20,
            head_deadline: Duration::from_secs(20),
            body_window: Duration::from_secs(30),
            body_rate_min: 100,
            body_total_rate_min: 300,
            idle: Duration::from_mins(2),
            connections: 2_048,
            connections_per_address: 64,
            connections_per_hospital: 64,
            rate: Some(20),
            burst: 100,
        }
    }
}

/// Counts messages of keys: a bucket that fills at the sustained rate.
pub(crate) struct Rates {
    buckets: Mutex<HashMap<String, (f64, Instant)>>,
}

impl Rates {
    pub(crate) fn new() -> Self {
        Self { buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes one message of a key; false where the bucket is empty.
    pub(crate) fn take(&self, key: &str, limits: &Limits, now: Instant) -> bool {
        let Some(rate) = limits.rate else { return true };
        let burst = f64::from(limits.burst);
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (left, since) = buckets.entry(key.to_owned()).or_insert((burst, now));
        *left = (*left + now.duration_since(*since).as_secs_f64() * f64::from(rate)).min(burst);
        *since = now;
        if *left < 1.0 {
            return false;
        }
        *left -= 1.0;
        true
    }
}

/// Counts connections: in all, by address, by institution.
#[derive(Default)]
pub(crate) struct Connections {
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    addresses: HashMap<IpAddr, usize>,
    hospitals: HashMap<String, usize>,
}

impl Connections {
    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn enter(&self, address: IpAddr, limits: &Limits) -> bool {
        let mut open = self.lock();
        if open.all >= limits.connections {
            return false;
        }
        let entered = one_more(&mut open.addresses, address, limits.connections_per_address);
        open.all += usize::from(entered);
        entered
    }

    pub(crate) fn enter_hospital(&self, hospital: &str, limits: &Limits) -> bool {
        one_more(&mut self.lock().hospitals, hospital.to_owned(), limits.connections_per_hospital)
    }

    pub(crate) fn leave(&self, address: IpAddr, hospital: Option<&str>) {
        let mut open = self.lock();
        open.all -= 1;
        one_less(&mut open.addresses, &address);
        if let Some(hospital) = hospital {
            one_less(&mut open.hospitals, hospital);
        }
    }
}

/// Counts one more, unless there are as many as may be.
fn one_more<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, usize>, key: K, most: usize) -> bool {
    let count = counts.entry(key).or_default();
    let room = *count < most;
    *count += usize::from(room);
    room
}

fn one_less<K, Q>(counts: &mut HashMap<K, usize>, key: &Q)
where
    K: Eq + std::hash::Hash + std::borrow::Borrow<Q>,
    Q: Eq + std::hash::Hash + ?Sized,
{
    let Some(count) = counts.get_mut(key) else { return };
    *count -= 1;
    if *count == 0 {
        counts.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a bucket is filled by a real clock; the test only needs a start"
    )]
    fn a_key_has_its_burst_and_then_its_rate() {
        let (limits, rates, start) = (Limits::default(), Rates::new(), Instant::now());
        let taken =
            |at: u64| (0..200).filter(|_| rates.take("k", &limits, start + Duration::from_secs(at))).count();
        assert_eq!(taken(0), 100);
        assert_eq!(taken(1), 20);
        assert_eq!(taken(1_000), 100);
        assert!(rates.take("other", &limits, start));
    }

    #[test]
    fn connections_are_counted_by_address() {
        let limits = Limits { connections: 3, connections_per_address: 2, ..Limits::default() };
        let connections = Connections::default();
        let (a, b) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        assert!(connections.enter(a, &limits) && connections.enter(a, &limits));
        assert!(!connections.enter(a, &limits), "two of one address");
        assert!(connections.enter(b, &limits));
        assert!(!connections.enter(b, &limits), "three in all");
        connections.leave(a, None);
        assert!(connections.enter(b, &limits));
    }

    #[test]
    fn an_institution_has_its_connections_wherever_they_come_from() {
        let limits = Limits { connections_per_hospital: 1, ..Limits::default() };
        let connections = Connections::default();
        let (a, b) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        assert!(connections.enter(a, &limits) && connections.enter(b, &limits));
        assert!(connections.enter_hospital("H1", &limits));
        assert!(!connections.enter_hospital("H1", &limits));
        assert!(connections.enter_hospital("H2", &limits));
        connections.leave(a, Some("H1"));
        assert!(connections.enter_hospital("H1", &limits));
    }
}
