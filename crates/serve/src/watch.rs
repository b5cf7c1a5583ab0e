//! Watches where a connection stands: a head must come within its deadline, a rest may last longer, and what the
//! server itself is busy with is not the client's fault.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Instant, sleep_until};

use crate::Limits;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Nothing, since the last answer.
    Resting,
    /// Sending a head.
    Head,
    /// Its request is in our hands.
    Served,
}

/// Where a connection stands, and since when.
#[derive(Clone)]
pub(crate) struct Watch(Arc<Mutex<(Doing, Instant)>>);

impl Watch {
    pub(crate) fn new() -> Self {
        // A connection that was opened is about to send a head.
        Self(Arc::new(Mutex::new((Doing::Head, Instant::now()))))
    }

    fn set(&self, doing: Doing) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (doing, Instant::now());
    }

    fn get(&self) -> (Doing, Instant) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A request came whole as far as its head; its body has deadlines of its own.
    pub(crate) fn served(&self) {
        self.set(Doing::Served);
    }

    /// It was answered.
    pub(crate) fn answered(&self) {
        self.set(Doing::Resting);
    }

    /// Returns when the connection has overstayed.
    pub(crate) async fn overstayed(&self, limits: &Limits) {
        loop {
            let (doing, since) = self.get();
            let deadline = match doing {
                Doing::Head => since + limits.head_deadline,
                Doing::Resting | Doing::Served => since + limits.idle,
            };
            // A short look ahead, because what it does may change before the deadline.
            let soon = Instant::now() + limits.head_deadline / 4;
            if doing == Doing::Served {
                // However long it takes: its deadline is long past where an answer is slow.
                sleep_until(soon).await;
                continue;
            }
            if deadline <= Instant::now() {
                return;
            }
            sleep_until(deadline.min(soon)).await;
        }
    }
}

/// A stream whose first bytes after a rest begin a head.
pub(crate) struct Watched<T> {
    stream: T,
    watch: Watch,
}

impl<T> Watched<T> {
    pub(crate) fn new(stream: T, watch: Watch) -> Self {
        Self { stream, watch }
    }
}

impl<T: Read + Unpin> Read for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        let ready = Pin::new(&mut self.stream).poll_read(context, buffer);
        if ready.is_ready() && self.watch.get().0 == Doing::Resting {
            self.watch.set(Doing::Head);
        }
        ready
    }
}

impl<T: Write + Unpin> Write for Watched<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
