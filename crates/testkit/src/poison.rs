//! A store that cannot record certain messages: what a broken disk page or a bug in a backend would do to one message.

use store::{
    AccessKey, CentreStore, Changes, HospitalRow, Loaded, Needs, Reader, RecordError, StoreError, StreamHead,
    Writer,
};

/// Wraps a real store; recording a batch fails when a message id in it contains `word`.
pub struct PoisonStore<S> {
    inner: S,
    word: &'static str,
}

impl<S> PoisonStore<S> {
    /// A store that cannot record messages whose id contains `word`.
    pub fn new(inner: S, word: &'static str) -> Self {
        Self { inner, word }
    }
}

struct PoisonWriter {
    inner: Box<dyn Writer>,
    word: &'static str,
}

impl<S: CentreStore> CentreStore for PoisonStore<S> {
    fn writer(&self) -> Result<Box<dyn Writer>, StoreError> {
        Ok(Box::new(PoisonWriter { inner: self.inner.writer()?, word: self.word }))
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.inner.reader()
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

impl Writer for PoisonWriter {
    fn head(&self) -> StreamHead {
        self.inner.head()
    }

    fn durability(&self) -> Result<String, StoreError> {
        self.inner.durability()
    }

    fn load(&mut self, needs: &[Needs]) -> Result<Loaded, StoreError> {
        self.inner.load(needs)
    }

    fn record(&mut self, changes: &Changes) -> Result<(), RecordError> {
        let poisoned = changes.messages.iter().find(|m| m.key.msgid.contains(self.word));
        let Some(message) = poisoned else { return self.inner.record(changes) };
        self.inner.abandon();
        let source = "a page that cannot be written".into();
        let error = StoreError { operation: "recording", subject: message.id.to_string(), source };
        Err(RecordError::RolledBack(error))
    }

    fn abandon(&mut self) {
        self.inner.abandon();
    }

    fn close(&mut self) -> Result<(), StoreError> {
        self.inner.close()
    }
}
