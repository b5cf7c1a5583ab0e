//! Moves committed pages from the write-ahead log into the database beside the writer, so that no commit waits for it.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

/// Frames after which the checkpointer is told to work, 4 MiB.
const NUDGE_FRAMES: u32 = 1_000;
/// Frames after which the writer itself finishes, so that the log begins anew: 16 MiB. Most is done by then, and in a
/// longer log every page would be longer to find.
const FINISH_FRAMES: u32 = 4_000;

thread_local! {
    /// Frames in the log after this thread's last commit.
    static FRAMES: Cell<u32> = const { Cell::new(0) };
}

/// A thread with a connection of its own.
pub(crate) struct Checkpointer {
    nudge: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    told_at: u32,
}

impl Checkpointer {
    /// Takes over the checkpoints of `writer`; works on a connection of its own.
    pub(crate) fn start(writer: &Connection, own: Connection) -> std::io::Result<Self> {
        writer.wal_hook(Some(|_, frames| {
            FRAMES.set(u32::try_from(frames).unwrap_or(0));
            Ok(())
        }));
        let (nudge, nudged) = sync_channel(1);
        let thread =
            std::thread::Builder::new().name("checkpoint".into()).spawn(move || work(&own, &nudged))?;
        Ok(Self { nudge: Some(nudge), thread: Some(thread), told_at: 0 })
    }

    /// Called by the writer's thread after each commit.
    pub(crate) fn after_commit(&mut self, writer: &Connection) {
        let frames = FRAMES.get();
        if frames < self.told_at {
            self.told_at = 0;
        }
        if frames >= FINISH_FRAMES {
            checkpoint(writer);
        } else if frames >= self.told_at + NUDGE_FRAMES {
            self.told_at = frames;
            // One that is still at work will be told again.
            let _ = self.nudge.as_ref().map(|nudge| nudge.try_send(()));
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.nudge.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(connection: &Connection, nudged: &Receiver<()>) {
    while nudged.recv().is_ok() {
        checkpoint(connection);
    }
}

/// As far as it goes without waiting for anybody. One that fails is tried again with the next; nothing is lost by it.
fn checkpoint(connection: &Connection) {
    let _ = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()));
}
