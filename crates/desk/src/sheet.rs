//! Papers with their meaning: facts as types, a state as a word of its kind, and what is personal apart.

use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Act, By, Change, DeskStore, Event, Paper, Put, StoreError, Tenant};

/// What a kind of paper says.
pub trait Form: Serialize + DeserializeOwned {
    /// Its word.
    const KIND: &'static str;
    /// Its states.
    type State: Serialize + DeserializeOwned + Copy + PartialEq + std::fmt::Debug;
    /// What of it is personal.
    type Private: Serialize + DeserializeOwned + Default;

    /// What else it is found by.
    fn tags(&self, state: Self::State) -> Vec<String> {
        let _ = state;
        Vec::new()
    }
}

/// A paper as its kind means it.
#[derive(Clone)]
pub struct Sheet<F: Form> {
    /// Its key.
    pub key: String,
    /// The version it was read at; 0: new.
    pub version: i64,
    /// Its state.
    pub state: F::State,
    /// Its business day.
    pub day: Option<Date>,
    /// What it says.
    pub facts: F,
    /// What of it is personal.
    pub private: F::Private,
}

/// What is personal of a paper that is only glanced at: it is not read.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Unread;

impl<'d> serde::Deserialize<'d> for Unread {
    fn deserialize<D: serde::Deserializer<'d>>(from: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(from).map(|_| Self)
    }
}

/// Why papers could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A paper says what its kind does not.
    #[error("{kind} {key}: {why}")]
    Unreadable {
        /// Its kind.
        kind: &'static str,
        /// Its key.
        key: String,
        /// Why.
        why: serde_json::Error,
    },
    /// Somebody else wrote it meanwhile.
    #[error("{kind} {key} was written by somebody else meanwhile")]
    Stale {
        /// Its kind.
        kind: String,
        /// Its key.
        key: String,
    },
}

impl<F: Form> Sheet<F> {
    /// A new one.
    pub fn new(key: impl Into<String>, state: F::State, day: Option<Date>, facts: F) -> Self {
        Self { key: key.into(), version: 0, state, day, facts, private: F::Private::default() }
    }

    fn read(paper: Paper) -> Result<Self, PaperError> {
        let unreadable = |why| PaperError::Unreadable { kind: F::KIND, key: paper.key.clone(), why };
        let state = serde_json::from_value(paper.state.clone().into()).map_err(unreadable)?;
        let facts = serde_json::from_str(&paper.facts).map_err(unreadable)?;
        let private = match paper.private.as_str() {
            "" => F::Private::default(),
            text => serde_json::from_str(text).map_err(unreadable)?,
        };
        Ok(Self { version: paper.version, day: paper.day, key: paper.key, state, facts, private })
    }

    fn paper(&self) -> Paper {
        let text = |value: serde_json::Result<String>| value.expect("plain facts have a JSON form");
        let private = text(serde_json::to_string(&self.private));
        Paper {
            kind: F::KIND.into(),
            key: self.key.clone(),
            version: self.version,
            state: state_word(self.state),
            day: self.day,
            tags: self.facts.tags(self.state),
            facts: text(serde_json::to_string(&self.facts)),
            private: if private == "null" { String::new() } else { private },
        }
    }

    /// This, written as something that happened.
    pub fn happened(&self, event: &str) -> Change {
        Change { paper: self.paper(), event: Some(event.into()) }
    }

    /// This, written while it is being typed.
    pub fn typed(&self) -> Change {
        Change { paper: self.paper(), event: None }
    }
}

/// A state as it is kept: the word serde gives it.
pub fn state_word<S: Serialize>(state: S) -> String {
    match serde_json::to_value(state) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The papers of one hospital.
#[derive(Clone)]
pub struct Papers {
    store: Arc<dyn DeskStore>,
    tenant: Tenant,
}

/// More papers than any list shows.
pub const ALL: usize = 1_000_000;

impl Papers {
    /// Of the hospital with this code.
    pub fn of(store: Arc<dyn DeskStore>, hospital: &str) -> Self {
        Self { store, tenant: Tenant(hospital.into()) }
    }

    /// Whose they are.
    pub fn hospital(&self) -> &str {
        &self.tenant.0
    }

    /// One of them.
    pub fn get<F: Form>(&self, key: &str) -> Result<Option<Sheet<F>>, PaperError> {
        self.store.paper(&self.tenant, F::KIND, key)?.map(Sheet::read).transpose()
    }

    /// Those of a kind, newest first.
    pub fn list<F: Form>(&self, by: By<'_>, most: usize, skip: usize) -> Result<Vec<Sheet<F>>, PaperError> {
        let papers = self.store.papers(&self.tenant, F::KIND, by, most, skip)?;
        papers.into_iter().map(Sheet::read).collect()
    }

    /// All of a kind in a state.
    pub fn in_state<F: Form>(&self, state: F::State) -> Result<Vec<Sheet<F>>, PaperError> {
        self.list(By::State(&state_word(state)), ALL, 0)
    }

    /// The steps one has taken.
    pub fn events<F: Form>(&self, key: &str) -> Result<Vec<Event>, PaperError> {
        Ok(self.store.events(&self.tenant, F::KIND, key)?)
    }

    /// Writes them, all or none.
    pub fn put(&self, changes: &[Change], act: &Act) -> Result<(), PaperError> {
        match self.store.put(&self.tenant, changes, act)? {
            Put::Done => Ok(()),
            Put::Stale { kind, key } => Err(PaperError::Stale { kind, key }),
        }
    }
}
