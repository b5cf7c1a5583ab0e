//! A line that fails: a proxy on loopback that delays, cuts and doubles requests, by a seed.
//!
//! For tests and for trying a hospital program: whatever the line does, the books must end the same. Nothing is
//! garbled; a cut is what a client sees when a modem hangs up.

use std::io::{BufReader, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Random;
use crate::http::Packet;
use crate::listener::{Connections, Listener};

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrives, and so does its answer.
    Pass,
    /// So do they, but later.
    Delay,
    /// The line breaks before anything is sent.
    CutBefore,
    /// The line breaks in the middle of the request.
    CutWithin,
    /// The request arrives, the answer is lost.
    CutAfter,
    /// The request arrives twice, one after the other; the first answer is given.
    Doubled,
}

impl Fate {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Pass, Self::Delay, Self::CutBefore, Self::CutWithin, Self::CutAfter, Self::Doubled];
}

/// How many of a hundred requests meet each fate; the others pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// [`Fate::Delay`].
    pub delay: usize,
    /// [`Fate::CutBefore`].
    pub cut_before: usize,
    /// [`Fate::CutWithin`].
    pub cut_within: usize,
    /// [`Fate::CutAfter`].
    pub cut_after: usize,
    /// [`Fate::Doubled`].
    pub doubled: usize,
    /// The delays there are, in milliseconds; none: delays of nothing.
    pub delays_ms: Vec<u64>,
}

impl Faults {
    /// A bad day: a quarter of all requests is cut, some are late or come twice.
    pub fn bad_day() -> Self {
        Self {
            delay: 10,
            cut_before: 8,
            cut_within: 7,
            cut_after: 10,
            doubled: 10,
            delays_ms: vec![1, 5, 20],
        }
    }

    fn draw(&self, random: &mut Random) -> Fate {
        let faults = [
            (Fate::Delay, self.delay),
            (Fate::CutBefore, self.cut_before),
            (Fate::CutWithin, self.cut_within),
            (Fate::CutAfter, self.cut_after),
            (Fate::Doubled, self.doubled),
        ];
        let mut left = random.below(100);
        for (fate, percent) in faults {
            if left < percent {
                return fate;
            }
            left -= percent;
        }
        Fate::Pass
    }
}

/// A line that fails. Its threads end when it is dropped.
pub struct FaultyLine {
    listener: Listener,
    shared: Arc<Shared>,
}

struct Shared {
    to: SocketAddr,
    faults: Faults,
    state: Mutex<State>,
}

struct State {
    random: Random,
    met: [usize; Fate::ALL.len()],
    cut: bool,
}

impl FaultyLine {
    /// A line to an address. The same seed gives the same fates to the same requests in the same order.
    pub fn start(to: SocketAddr, seed: u64, faults: Faults) -> Result<Self> {
        let state = State { random: Random::new(seed), met: [0; Fate::ALL.len()], cut: false };
        let shared = Arc::new(Shared { to, faults, state: Mutex::new(state) });
        let carried = shared.clone();
        let listener = Listener::start(move |request, connections| {
            let fate = carried.draw();
            carried.meet(fate, request, connections)
        })?;
        Ok(Self { listener, shared })
    }

    /// The near end.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// From now on every request meets [`Fate::CutBefore`].
    pub fn cut(&self) {
        self.shared.lock().cut = true;
    }

    /// The seed rules again.
    pub fn mend(&self) {
        self.shared.lock().cut = false;
    }

    /// How many requests met a fate.
    pub fn met(&self, fate: Fate) -> usize {
        self.shared.lock().met[fate as usize]
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self) -> Fate {
        let mut state = self.lock();
        let fate = if state.cut { Fate::CutBefore } else { self.faults.draw(&mut state.random) };
        state.met[fate as usize] += 1;
        fate
    }

    /// The answer; none where the line breaks.
    fn meet(&self, fate: Fate, request: &Packet, connections: &Connections) -> Result<Option<Packet>> {
        match fate {
            Fate::Pass => self.forward(request, connections),
            Fate::Delay => {
                connections.pause(self.delay());
                self.forward(request, connections)
            }
            Fate::CutBefore => Ok(None),
            Fate::CutWithin => {
                let bytes = request.bytes();
                TcpStream::connect(self.to)?.write_all(&bytes[..bytes.len() / 2])?;
                Ok(None)
            }
            Fate::CutAfter => self.forward(request, connections).map(|_| None),
            Fate::Doubled => {
                let first = self.forward(request, connections)?;
                self.forward(request, connections)?;
                Ok(first)
            }
        }
    }

    /// Sends a request to the far end, on a connection of its own, and waits for the answer.
    fn forward(&self, request: &Packet, connections: &Connections) -> Result<Option<Packet>> {
        let mut far = TcpStream::connect(self.to)?;
        let _open = connections.keep(&far)?;
        far.write_all(&request.bytes())?;
        Packet::read(&mut BufReader::new(far))
    }

    fn delay(&self) -> Duration {
        let delays = &self.faults.delays_ms;
        Duration::from_millis(if delays.is_empty() { 0 } else { *self.lock().random.pick(delays) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const REQUEST: &[u8] = b"POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\n2207";
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone";

    /// Sends requests over a line that `act` handles; says how many arrived.
    fn with_line(faults: Faults, act: impl FnOnce(&FaultyLine)) -> usize {
        let arrived = Arc::new(AtomicUsize::new(0));
        let counted = arrived.clone();
        let far = Listener::start(move |_, _| {
            counted.fetch_add(1, Ordering::Relaxed);
            Packet::read(&mut &*ANSWER)
        });
        let far = far.unwrap();
        let line = FaultyLine::start(far.address(), 1, faults).unwrap();
        act(&line);
        drop(line);
        arrived.load(Ordering::Relaxed)
    }

    /// One request: whether an answer came.
    fn ask(line: &FaultyLine) -> bool {
        let mut near = TcpStream::connect(line.address()).unwrap();
        near.write_all(REQUEST).unwrap();
        matches!(Packet::read(&mut BufReader::new(&near)), Ok(Some(answer)) if answer.body == b"done")
    }

    fn check(fate: Fate, faults: Faults, answered: bool, arrived: usize) {
        let came = with_line(faults, |line| {
            assert_eq!(ask(line), answered, "{fate:?}");
            assert_eq!(line.met(fate), 1, "{fate:?}");
        });
        assert_eq!(came, arrived, "{fate:?}");
    }

    #[test]
    fn each_fate_does_what_its_name_says() {
        let none = Faults::default;
        check(Fate::Pass, none(), true, 1);
        check(Fate::Delay, Faults { delay: 100, delays_ms: vec![1, 2], ..none() }, true, 1);
        check(Fate::CutBefore, Faults { cut_before: 100, ..none() }, false, 0);
        check(Fate::CutWithin, Faults { cut_within: 100, ..none() }, false, 0);
        check(Fate::CutAfter, Faults { cut_after: 100, ..none() }, false, 1);
        check(Fate::Doubled, Faults { doubled: 100, ..none() }, true, 2);
    }

    #[test]
    fn a_cut_line_carries_nothing_until_it_is_mended() {
        let came = with_line(Faults::default(), |line| {
            line.cut();
            assert!(!ask(line) && !ask(line));
            line.mend();
            assert!(ask(line));
            assert_eq!((line.met(Fate::CutBefore), line.met(Fate::Pass)), (2, 1));
        });
        assert_eq!(came, 1);
    }

    #[test]
    fn a_line_stops_while_somebody_waits_on_it() {
        with_line(Faults { delay: 100, delays_ms: vec![600_000], ..Faults::default() }, |line| {
            let waiting = TcpStream::connect(line.address()).unwrap();
            (&waiting).write_all(REQUEST).unwrap();
        });
    }

    #[test]
    fn the_same_seed_gives_the_same_fates() {
        let fates = |seed: u64| {
            let mut random = Random::new(seed);
            (0..1_000).map(|_| Faults::bad_day().draw(&mut random)).collect::<Vec<_>>()
        };
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
        let passed = fates(7).iter().filter(|fate| **fate == Fate::Pass).count();
        assert!((500..600).contains(&passed), "{passed} of a thousand pass on a bad day");
    }
}
