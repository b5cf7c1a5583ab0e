//! A store that goes wrong when told: what a broken disk page, a lost connection, a full disk or a bug in a backend
//! would do.

use std::sync::{Condvar, Mutex};

use store::{
    AccessKey, CentreStore, Changes, HospitalRow, Loaded, Needs, Reader, RecordError, Slots, StoreError,
    StreamHead, Writer,
};

/// What goes wrong, where a message id of the batch contains the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poison {
    /// Nothing.
    None,
    /// It cannot be recorded: certainly nothing of it is kept.
    Record(&'static str),
    /// It is recorded, and the connection goes before that is known. Once.
    Written(&'static str),
    /// The connection goes, and it is not recorded. Once.
    Lost(&'static str),
    /// The backend panics while recording. Once.
    Panic(&'static str),
    /// The disk is nearly full.
    DiskLow,
    /// The disk takes its time, until it is let go on.
    Slow(&'static str, &'static Gate),
}

/// Where a slow disk waits.
#[derive(Debug, Default)]
pub struct Gate {
    /// Somebody waits; it is open.
    state: Mutex<(bool, bool)>,
    changed: Condvar,
}

impl Gate {
    /// A closed one.
    pub const fn new() -> Self {
        Self { state: Mutex::new((false, false)), changed: Condvar::new() }
    }

    /// Waits until somebody waits there.
    pub fn wait_for_somebody(&self) {
        let state = self.state.lock().expect("nobody panics with it");
        drop(self.changed.wait_while(state, |(waiting, _)| !*waiting).expect("nobody panics with it"));
    }

    /// Lets all go on, now and later.
    pub fn open(&self) {
        self.state.lock().expect("nobody panics with it").1 = true;
        self.changed.notify_all();
    }

    fn pass(&self) {
        let mut state = self.state.lock().expect("nobody panics with it");
        state.0 = true;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |(_, open)| !*open).expect("nobody panics with it"));
    }
}

impl PartialEq for Gate {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Gate {}

/// Wraps a real store.
pub struct PoisonStore {
    inner: Box<dyn CentreStore>,
    poison: Poison,
}

impl PoisonStore {
    /// A store in which this goes wrong.
    pub fn new(inner: Box<dyn CentreStore>, poison: Poison) -> Self {
        Self { inner, poison }
    }
}

struct PoisonWriter {
    inner: Box<dyn Writer>,
    poison: Poison,
}

impl CentreStore for PoisonStore {
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError> {
        Ok(Box::new(PoisonWriter { inner: self.inner.writer()?, poison: self.poison }))
    }

    fn writers(&self) -> usize {
        self.inner.writers()
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.inner.reader()
    }

    fn slots(&self) -> Result<Option<[Box<dyn Slots>; 2]>, StoreError> {
        self.inner.slots()
    }

    fn hospitals(&self) -> Result<Vec<HospitalRow>, StoreError> {
        self.inner.hospitals()
    }

    fn access_keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        self.inner.access_keys()
    }

    fn put_hospitals(&self, hospitals: &[HospitalRow], keys: &[AccessKey]) -> Result<(), StoreError> {
        self.inner.put_hospitals(hospitals, keys)
    }
}

fn error(subject: &str) -> StoreError {
    StoreError {
        operation: "recording",
        subject: subject.into(),
        source: "a page that cannot be written".into(),
    }
}

impl Writer for PoisonWriter {
    fn head(&self) -> StreamHead {
        self.inner.head()
    }

    fn durability(&self) -> Result<String, StoreError> {
        self.inner.durability()
    }

    /// Tests say when a disk is full: the disk they run on does not.
    fn disk_low(&mut self) -> bool {
        self.poison == Poison::DiskLow
    }

    fn load(&mut self, needs: &[Needs]) -> Result<Loaded, StoreError> {
        self.inner.load(needs)
    }

    fn record(&mut self, changes: &Changes) -> Result<(), RecordError> {
        let holds = |word: &str| changes.messages.iter().any(|m| m.key.msgid.contains(word));
        match self.poison {
            Poison::Record(word) if holds(word) => {
                self.inner.abandon();
                Err(RecordError::RolledBack(error(word)))
            }
            Poison::Written(word) if holds(word) => {
                self.poison = Poison::None;
                self.inner.record(changes)?;
                Err(RecordError::Unknown(error(word)))
            }
            Poison::Lost(word) if holds(word) => {
                self.poison = Poison::None;
                self.inner.abandon();
                Err(RecordError::Unknown(error(word)))
            }
            Poison::Slow(word, gate) if holds(word) => {
                gate.pass();
                self.inner.record(changes)
            }
            Poison::Panic(word) if holds(word) => {
                self.poison = Poison::None;
                panic!("a backend that panics on {word}");
            }
            _ => self.inner.record(changes),
        }
    }

    fn abandon(&mut self) {
        self.inner.abandon();
    }

    fn leave(&mut self) -> Result<(), StoreError> {
        self.inner.leave()
    }

    fn close(&mut self) -> Result<(), StoreError> {
        self.inner.close()
    }
}
