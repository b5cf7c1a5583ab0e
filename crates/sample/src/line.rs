//! A line that fails: a proxy on loopback that delays, cuts and doubles requests, by a seed.
//!
//! For tests and for trying a hospital program: whatever the line does, the books must end the same. Nothing is
//! garbled; a cut is what a client sees when a modem hangs up.

use std::collections::HashMap;
use std::io::{BufReader, ErrorKind, Result, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::Random;
use crate::http::Packet;

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
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    to: SocketAddr,
    faults: Faults,
    state: Mutex<State>,
    stopped: Condvar,
}

struct State {
    random: Random,
    met: [usize; Fate::ALL.len()],
    cut: bool,
    stopping: bool,
    /// Connections in use: stopping shuts them, so that nobody waits on them for ever.
    open: HashMap<u64, TcpStream>,
    opened: u64,
}

impl FaultyLine {
    /// A line to an address. The same seed gives the same fates to the same requests in the same order.
    pub fn start(to: SocketAddr, seed: u64, faults: Faults) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let state = State {
            random: Random::new(seed),
            met: [0; Fate::ALL.len()],
            cut: false,
            stopping: false,
            open: HashMap::new(),
            opened: 0,
        };
        let shared = Arc::new(Shared { to, faults, state: Mutex::new(state), stopped: Condvar::new() });
        let accepted = shared.clone();
        let accepting = Some(thread::spawn(move || accepted.accept(&listener)));
        Ok(Self { shared, address, accepting })
    }

    /// The near end.
    pub fn address(&self) -> SocketAddr {
        self.address
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

impl Drop for FaultyLine {
    fn drop(&mut self) {
        self.shared.stop();
        // The accept loop looks up when somebody comes.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        let mut state = self.lock();
        state.stopping = true;
        for stream in state.open.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.stopped.notify_all();
    }

    /// A thread for each connection; the scope ends when all of them have.
    fn accept(&self, listener: &TcpListener) {
        thread::scope(|scope| {
            for stream in listener.incoming() {
                if self.lock().stopping {
                    return;
                }
                let Ok(near) = stream else { continue };
                // A broken line is what this is for.
                scope.spawn(move || self.carry(&near).unwrap_or_default());
            }
        });
    }

    /// Serves a connection until it ends or breaks. Whoever waits at its near end then sees it end.
    fn carry(&self, near: &TcpStream) -> Result<()> {
        let _open = self.keep(near)?;
        let mut requests = BufReader::new(near);
        while let Some(request) = Packet::read(&mut requests)? {
            let fate = self.draw();
            let Some(answer) = self.meet(fate, &request)? else { break };
            (&*near).write_all(&answer.bytes())?;
            if request.closes() || answer.closes() {
                break;
            }
        }
        Ok(())
    }

    fn draw(&self) -> Fate {
        let mut state = self.lock();
        let fate = if state.cut { Fate::CutBefore } else { self.faults.draw(&mut state.random) };
        state.met[fate as usize] += 1;
        fate
    }

    /// The answer; none where the line breaks.
    fn meet(&self, fate: Fate, request: &Packet) -> Result<Option<Packet>> {
        match fate {
            Fate::Pass => self.forward(request),
            Fate::Delay => {
                self.delay();
                self.forward(request)
            }
            Fate::CutBefore => Ok(None),
            Fate::CutWithin => {
                let bytes = request.bytes();
                TcpStream::connect(self.to)?.write_all(&bytes[..bytes.len() / 2])?;
                Ok(None)
            }
            Fate::CutAfter => self.forward(request).map(|_| None),
            Fate::Doubled => {
                let first = self.forward(request)?;
                self.forward(request)?;
                Ok(first)
            }
        }
    }

    /// Sends a request to the far end, on a connection of its own, and waits for the answer.
    fn forward(&self, request: &Packet) -> Result<Option<Packet>> {
        let far = TcpStream::connect(self.to)?;
        let _open = self.keep(&far)?;
        (&far).write_all(&request.bytes())?;
        Packet::read(&mut BufReader::new(&far))
    }

    fn delay(&self) {
        let mut state = self.lock();
        if self.faults.delays_ms.is_empty() {
            return;
        }
        let delay = Duration::from_millis(*state.random.pick(&self.faults.delays_ms));
        drop(self.stopped.wait_timeout_while(state, delay, |state| !state.stopping));
    }

    /// Notes a connection as in use.
    fn keep(&self, stream: &TcpStream) -> Result<Open<'_>> {
        let mut state = self.lock();
        if state.stopping {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        state.opened += 1;
        let number = state.opened;
        state.open.insert(number, stream.try_clone()?);
        Ok(Open { shared: self, number })
    }
}

/// A connection in use.
struct Open<'s> {
    shared: &'s Shared,
    number: u64,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.shared.lock().open.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\n2207";
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone";
    const LAST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

    /// Answers requests until one comes without a body; says how many came whole.
    fn answer(listener: &TcpListener) -> usize {
        let mut whole = 0;
        for stream in listener.incoming() {
            let far = stream.unwrap();
            match Packet::read(&mut BufReader::new(&far)) {
                Ok(Some(request)) if request.body.is_empty() => return whole,
                Ok(Some(_)) => whole += 1,
                _ => continue,
            }
            (&far).write_all(ANSWER).unwrap();
        }
        whole
    }

    /// Sends requests over a line that `act` handles; says how many arrived.
    fn with_line(faults: Faults, act: impl FnOnce(&FaultyLine)) -> usize {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let to = listener.local_addr().unwrap();
        thread::scope(|scope| {
            let far = scope.spawn(|| answer(&listener));
            let line = FaultyLine::start(to, 1, faults).unwrap();
            act(&line);
            drop(line);
            TcpStream::connect(to).unwrap().write_all(LAST).unwrap();
            far.join().unwrap()
        })
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
