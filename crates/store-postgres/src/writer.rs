//! A writer: a connection, a stream of audit records, and one batch at a time.

use std::sync::Arc;

use jiff::civil::DateTime;
use model::Clock;
use store::{Changes, Loaded, Needs, RecordError, Sealer, StoreError, StreamHead, Writer};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::address::Address;
use crate::link::{Answer, FENCE, Link, Step};
use crate::load::{self, LoadError, Lock};
use crate::{PostgresStore, Strictness, fault, record, settings, stream};

pub(crate) struct PostgresWriter {
    address: Address,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    link: Link,
    head: StreamHead,
    /// The server's process behind the connection.
    process: i32,
    /// A transaction is open.
    begun: bool,
    /// A stream and a server process whose last commit nobody knows the outcome of.
    doubt: Option<(i64, i32)>,
    /// The server said that its disk is full.
    full: Option<DateTime>,
    strictness: Strictness,
}

/// Whatever the server's defaults are.
const BEGIN: &str = "begin isolation level read committed read write";

/// Seconds for which a server is taken to be full after it said so.
const FULL_SECONDS: i64 = 30;

impl PostgresWriter {
    pub(crate) fn open(store: &PostgresStore) -> Result<Self, StoreError> {
        let mut link = store.connect()?;
        let (head, process) =
            begin_stream(&mut link, &store.sealer, store.clock.now(), store.weak.as_deref())?;
        Ok(Self {
            address: store.address.clone(),
            sealer: store.sealer.clone(),
            clock: store.clock.clone(),
            link,
            head,
            process,
            begun: false,
            doubt: None,
            full: None,
            strictness: store.strictness,
        })
    }

    /// A connection that stands, with a stream of its own; behind a commit of unknown outcome only once that is over.
    fn ready(&mut self) -> Result<(), StoreError> {
        if self.link.is_gone() || self.doubt.is_some() {
            // Taken only as a whole: a connection without a stream of its own, or with a doubt left, is none.
            let mut link = self.address.connect()?;
            settings::check(&mut link, self.strictness)?;
            // What the old session holds locked it must let go, and what it sent last must be over.
            let (stream, process) = self.doubt.unwrap_or((self.head.stream, self.process));
            stream::wait_for_end(&mut link, stream, process).map_err(fault("fencing", "batch"))?;
            let (head, process) = begin_stream(&mut link, &self.sealer, self.clock.now(), None)?;
            (self.link, self.head, self.process) = (link, head, process);
            (self.begun, self.doubt) = (false, None);
        }
        Ok(())
    }

    fn notice_full(&mut self, error: &Error) {
        if error.code() == Some(&SqlState::DISK_FULL) {
            self.full = Some(self.clock.now());
        }
    }
}

/// A stream, and the server's process. What is weak in the server's settings, and was accepted, is put on record.
fn begin_stream(
    link: &mut Link,
    sealer: &Sealer,
    now: DateTime,
    weak: Option<&str>,
) -> Result<(StreamHead, i32), StoreError> {
    sealer.day_keys().advance(now.date()).map_err(fault("advancing", "the audit key"))?;
    let head = stream::open(link, now, sealer.day_keys(), weak).map_err(fault("opening", "stream"))?;
    let rows = link.rows("select pg_backend_pid()", Vec::new()).map_err(fault("opening", "stream"))?;
    link.limit().map_err(fault("opening", "stream"))?;
    Ok((head, rows.first().map(|row| row.get(0)).unwrap_or_default()))
}

/// What a batch came to, from the answers to all its statements; the commit is the last of them. A commit alone proves
/// nothing: that of a failed transaction is answered as done.
fn outcome(answers: Result<Vec<Answer>, Error>) -> Result<(), RecordError> {
    let failed = |error: Error| fault("recording", "batch")(crate::told(&error));
    let answers = match answers {
        Ok(answers) => answers,
        // What could not be prepared was not sent.
        Err(error) => return Err(RecordError::RolledBack(failed(error))),
    };
    let commit = answers.len().saturating_sub(1);
    let first = answers.into_iter().enumerate().find_map(|(at, answer)| Some((at, answer.err()?)));
    match first {
        None => Ok(()),
        Some((at, error)) if is_certain(&error, at == commit) => Err(RecordError::RolledBack(failed(error))),
        Some((_, error)) => Err(RecordError::Unknown(failed(error))),
    }
}

/// Whether an error proves that nothing was committed: the server refused by a rule, or had no room for a statement. One
/// that goes down may have committed first, and what stands between may say anything.
fn is_certain(error: &Error, of_commit: bool) -> bool {
    let of = |classes: &[&str], code: &SqlState| classes.iter().any(|class| code.code().starts_with(class));
    error.code().is_some_and(|code| {
        let refused = of(&["22", "23", "25", "40", "42", "55", "P0", "TQ"], code);
        let no_room = !of_commit && of(&["53", "54"], code);
        (refused || no_room) && *code != SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN
    })
}

impl Writer for PostgresWriter {
    fn head(&self) -> StreamHead {
        self.head
    }

    fn durability(&self) -> Result<String, StoreError> {
        let mut link = self.address.connect()?;
        settings::told(&mut link)
    }

    fn disk_low(&mut self) -> bool {
        let ms = |time| model::ms_since_epoch(time);
        self.full.is_some_and(|since| (ms(self.clock.now()) - ms(since)).abs() < FULL_SECONDS * 1_000)
    }

    fn load(&mut self, needs: &[Needs]) -> Result<Loaded, StoreError> {
        self.ready()?;
        self.begun = true;
        let mut loaded = load::load(&mut self.link, needs, BEGIN, Lock::Batch);
        // A connection that broke while it waited: nothing was written, the same once more on a new one.
        if loaded.is_err() && self.link.is_gone() {
            self.ready()?;
            self.begun = true;
            loaded = load::load(&mut self.link, needs, BEGIN, Lock::Batch);
        }
        loaded.map_err(|error| {
            if let LoadError::Database(error) = &error {
                self.notice_full(error);
            }
            self.abandon();
            fault("loading", "batch")(error)
        })
    }

    fn record(&mut self, changes: &Changes) -> Result<(), RecordError> {
        let answers = self.link.send(&record::steps(changes));
        answers.iter().flatten().filter_map(|answer| answer.as_ref().err()).for_each(|e| self.notice_full(e));
        let outcome = outcome(answers).and_then(|()| match self.link.warning() {
            None => Ok(()),
            // Done on this server alone, for all that is known.
            Some(told) => Err(RecordError::Unknown(fault("recording", "batch")(told))),
        });
        match &outcome {
            Ok(()) => {
                self.begun = false;
                if let Some(last) = changes.audits.last() {
                    self.head.seq = last.seq;
                    self.head.hash = last.hash;
                }
            }
            Err(RecordError::RolledBack(_)) => self.abandon(),
            Err(RecordError::Unknown(_)) => self.doubt = Some((self.head.stream, self.process)),
        }
        outcome
    }

    fn abandon(&mut self) {
        if self.begun && !self.link.is_gone() {
            let _ = self.link.send(&[Step::command("rollback")]);
        }
        self.begun = false;
    }

    fn leave(&mut self) -> Result<(), StoreError> {
        let answers = self.link.send(&[Step::command(FENCE), Step::command("commit")]);
        let warning = self.link.warning();
        let left = answers.and_then(|answers| answers.into_iter().try_for_each(|answer| answer.map(drop)));
        self.begun &= left.is_err();
        self.abandon();
        left.map_err(|error| fault("leaving", "batch")(crate::told(&error)))?;
        // Done on this server alone, for all that is known.
        warning.map_or(Ok(()), |told| Err(fault("leaving", "batch")(told)))
    }

    fn close(&mut self) -> Result<(), StoreError> {
        self.ready()?;
        stream::end(&mut self.link, self.head.stream, self.clock.now()).map_err(fault("closing", "stream"))
    }
}
