//! A small listener on loopback: one thread a connection, one request at a time, and an end that leaves no thread.

use std::collections::HashMap;
use std::io::{BufReader, ErrorKind, Result, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::http::Packet;

/// Listens until it is dropped.
pub struct Listener {
    connections: Arc<Connections>,
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens on a port of its own. `answer` says what a request is answered; none, or an error: the connection
    /// breaks.
    pub fn start<A>(answer: A) -> Result<Self>
    where
        A: Fn(&Packet, &Connections) -> Result<Option<Packet>> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let connections = Arc::new(Connections::default());
        let kept = connections.clone();
        let accepting = Some(thread::spawn(move || accept(&listener, &kept, &answer)));
        Ok(Self { connections, address, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.connections.stop();
        // The accept loop looks up when somebody comes.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// The scope ends when every connection has.
fn accept<A>(listener: &TcpListener, connections: &Connections, answer: &A)
where
    A: Fn(&Packet, &Connections) -> Result<Option<Packet>> + Sync,
{
    thread::scope(|scope| {
        for stream in listener.incoming() {
            if connections.lock().stopping {
                return;
            }
            let Ok(near) = stream else { continue };
            // Whoever waits at the other end of a broken connection sees it end.
            scope.spawn(move || carry(&near, connections, answer).unwrap_or_default());
        }
    });
}

/// Serves a connection until it ends or breaks.
fn carry<A>(mut near: &TcpStream, connections: &Connections, answer: &A) -> Result<()>
where
    A: Fn(&Packet, &Connections) -> Result<Option<Packet>>,
{
    let _open = connections.keep(near)?;
    let mut requests = BufReader::new(near);
    while let Some(request) = Packet::read(&mut requests)? {
        let Some(answer) = answer(&request, connections)? else { break };
        near.write_all(&answer.bytes())?;
        if request.closes() || answer.closes() {
            break;
        }
    }
    Ok(())
}

/// The connections in use. Stopping shuts them, so that nobody waits on one for ever.
#[derive(Default)]
pub struct Connections {
    state: Mutex<State>,
    stopped: Condvar,
}

#[derive(Default)]
struct State {
    open: HashMap<u64, TcpStream>,
    opened: u64,
    stopping: bool,
}

impl Connections {
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

    /// Waits, but not beyond the end.
    pub(crate) fn pause(&self, time: Duration) {
        drop(self.stopped.wait_timeout_while(self.lock(), time, |state| !state.stopping));
    }

    /// Notes a connection as in use.
    pub(crate) fn keep(&self, stream: &TcpStream) -> Result<Open<'_>> {
        let mut state = self.lock();
        if state.stopping {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        state.opened += 1;
        let number = state.opened;
        state.open.insert(number, stream.try_clone()?);
        Ok(Open { connections: self, number })
    }
}

/// A connection in use.
pub(crate) struct Open<'c> {
    connections: &'c Connections,
    number: u64,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.connections.lock().open.remove(&self.number);
    }
}
