//! What a hospital's desk keeps: papers. A bill, a receipt, a stay, an operator, a number segment are each a paper of
//! their kind, with a state, facts as JSON that a person can read, and what is personal sealed beside them. Every step
//! a paper takes leaves an event behind it: who, when, where, what it became.

use jiff::civil::{Date, DateTime};

use crate::port::StoreError;

/// Whose papers: a hospital's code. Only who has looked up a session makes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant(pub String);

/// A paper as it stands.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Paper {
    /// What it is, such as `bill`.
    pub kind: String,
    /// Its key among its kind.
    pub key: String,
    /// How often it was written; 0: not yet.
    pub version: i64,
    /// Its state, a word of its kind.
    pub state: String,
    /// The business day it belongs to.
    pub day: Option<Date>,
    /// What else it is found by, each a word of its own; personal ones only as keyed hashes.
    pub tags: Vec<String>,
    /// What it says: JSON.
    pub facts: String,
    /// What of it is personal: JSON, kept sealed. Empty: nothing.
    pub private: String,
}

impl std::fmt::Debug for Paper {
    /// What it says stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, key, version, state, .. } = self;
        write!(f, "{kind} {key} version {version} {state}")
    }
}

/// A paper written anew: at the version it was read at, or it is not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it becomes; its version is the one it was read at.
    pub paper: Paper,
    /// What happened to it; none: only what is being typed is kept, and leaves no event.
    pub event: Option<String>,
}

/// Who does something to papers, when and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: DateTime,
    /// The operator's number.
    pub operator: String,
    /// At which workstation.
    pub workstation: String,
}

/// What became of changes: all or none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// All stand, and are on disk.
    Done,
    /// None stands: this paper was written by somebody else meanwhile.
    Stale {
        /// Its kind.
        kind: String,
        /// Its key.
        key: String,
    },
}

/// Which papers of a kind are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By<'a> {
    /// All of them.
    All,
    /// Those in a state.
    State(&'a str),
    /// Those of these days, both included.
    Days(Date, Date),
    /// Those with this tag.
    Tag(&'a str),
}

/// A step a paper took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it is.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// The version it made.
    pub version: i64,
    /// When.
    pub at: DateTime,
    /// Who.
    pub operator: String,
    /// Where.
    pub workstation: String,
    /// What happened.
    pub event: String,
    /// The state it was in before; none: it was made.
    pub from: Option<String>,
    /// The state it came to.
    pub state: String,
}

/// The store of desks. Each call is one transaction of its own, from whichever thread.
pub trait DeskStore: Send + Sync {
    /// One paper.
    fn paper(&self, of: &Tenant, kind: &str, key: &str) -> Result<Option<Paper>, StoreError>;

    /// Papers of a kind, newest day and key first, `most` at the most behind the first `skip`.
    fn papers(
        &self,
        of: &Tenant,
        kind: &str,
        by: By<'_>,
        most: usize,
        skip: usize,
    ) -> Result<Vec<Paper>, StoreError>;

    /// Writes papers, all or none. Where the answer is an error, whether they stand is not known: read them again.
    fn put(&self, of: &Tenant, changes: &[Change], act: &Act) -> Result<Put, StoreError>;

    /// The steps of a paper, oldest first.
    fn events(&self, of: &Tenant, kind: &str, key: &str) -> Result<Vec<Event>, StoreError>;

    /// Whose papers of a kind there are in a state: what a machine looks after when nobody is signed in.
    fn tenants(&self, kind: &str, state: &str) -> Result<Vec<Tenant>, StoreError>;
}
