//! The desk: what stands behind its pages, and who is asking.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use model::{Clock, IdSource, Ids as _};
use road::Road;
use store::{Act, DeskStore, Sealer};
use web::{Language, Pages, Passwords, Said};
use wire::asking::{Asking, Speaker};
use wire::{Answer, Class, Message};

use crate::electronic::Receipts;
use crate::house::{Hospital, Named};
use crate::invite::{Catalogues, Invitations};
use crate::lists::Shelves;
use crate::machine::Machine;
use crate::notice::{Board, Bulletin};
use crate::people::{Certificates, Operator, Right, Session};
use crate::reader::Readers;
use crate::sheet::{PaperError, Papers, Sheet};
use crate::speak::{self, No};

/// What a desk is made of.
pub struct Setting {
    /// Its papers.
    pub store: Arc<dyn DeskStore>,
    /// Its way to the centre.
    pub road: Arc<dyn Road>,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Who says that somebody has passed an exam.
    pub certificates: Box<dyn Certificates>,
    /// A secret of the installation, for passwords.
    pub pepper: Vec<u8>,
    /// Who may set a hospital up.
    pub invitations: Box<dyn Invitations>,
    /// What a hospital without a price list begins with; none: it enters its own.
    pub catalogue: Option<Box<dyn Catalogues>>,
    /// What it runs on.
    pub machine: Box<dyn Machine>,
    /// What reads cards at its windows.
    pub readers: Box<dyn Readers>,
    /// Who issues electronic receipts; none: nobody does.
    pub receipts: Option<Box<dyn Receipts>>,
    /// What the centre has to tell.
    pub bulletin: Box<dyn Bulletin>,
}

/// The secret of an installation that its passwords are hashed with.
pub fn pepper(sealer: &Sealer) -> Vec<u8> {
    sealer.search("desk.pepper", "passwords").to_vec()
}

/// A desk of any number of hospitals.
pub struct Desk {
    pub(crate) store: Arc<dyn DeskStore>,
    pub(crate) road: Arc<dyn Road>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) certificates: Box<dyn Certificates>,
    pub(crate) invitations: Box<dyn Invitations>,
    pub(crate) catalogue: Option<Box<dyn Catalogues>>,
    pub(crate) machine: Box<dyn Machine>,
    pub(crate) readers: Box<dyn Readers>,
    pub(crate) receipts: Option<Box<dyn Receipts>>,
    pub(crate) bulletin: Box<dyn Bulletin>,
    pub(crate) pages: Pages,
    pub(crate) passwords: Passwords,
    pepper: Vec<u8>,
    pub(crate) shelves: Shelves,
    ids: Mutex<IdSource>,
    messages: AtomicU32,
    /// When each session was last heard of, by its hash: written to its paper now and then only.
    pub(crate) heard: Mutex<HashMap<String, DateTime>>,
    /// Wrong tries to sign in, by address.
    pub(crate) wrong: Mutex<HashMap<std::net::IpAddr, Vec<DateTime>>>,
    /// Bills whose message this process is carrying.
    pub(crate) carried: Mutex<std::collections::HashSet<(String, String)>>,
    /// Whether the last message got through.
    pub(crate) line: Mutex<bool>,
    /// How far the centre's clock was ahead of this one, and when that was seen.
    pub(crate) ahead: Mutex<Option<(SignedDuration, DateTime)>>,
    /// The notices of each hospital, and when they were read.
    pub(crate) boards: Mutex<HashMap<String, (DateTime, Board)>>,
    /// The last day whose daily charges this process has seen posted.
    pub(crate) charged_until: Mutex<Option<Date>>,
}

impl Desk {
    /// A desk.
    pub fn new(setting: Setting) -> Self {
        Self {
            store: setting.store,
            road: setting.road,
            clock: setting.clock,
            certificates: setting.certificates,
            invitations: setting.invitations,
            catalogue: setting.catalogue,
            machine: setting.machine,
            readers: setting.readers,
            receipts: setting.receipts,
            bulletin: setting.bulletin,
            pages: crate::site::pages(),
            passwords: Passwords::new(&setting.pepper),
            pepper: setting.pepper,
            shelves: Shelves::default(),
            ids: Mutex::new(IdSource::new(0)),
            messages: AtomicU32::new(u32::from_str_radix(&web::random_token()[..4], 16).unwrap_or_default()),
            heard: Mutex::default(),
            wrong: Mutex::default(),
            carried: Mutex::default(),
            line: Mutex::new(true),
            ahead: Mutex::default(),
            boards: Mutex::default(),
            charged_until: Mutex::default(),
        }
    }

    /// Its passwords, for whoever sets operators up.
    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// The papers of a hospital.
    pub fn papers(&self, hospital: &str) -> Papers {
        Papers::of(self.store.clone(), hospital)
    }

    /// A key nothing has yet.
    pub(crate) fn key(&self) -> String {
        let now = self.clock.now();
        locked(&self.ids).at(now).next().to_string()
    }

    /// What a person's papers are found by at a hospital, and nobody who sees it can tell whose they are.
    pub(crate) fn person_tag(&self, hospital: &str, number: &str) -> String {
        let pepper = web::token_hash(&String::from_utf8_lossy(&self.pepper));
        web::token_hash(&format!("{pepper}/{hospital}/{number}"))[..20].to_owned()
    }

    /// Sends a message and sorts what comes. Whether it got through is what the line's state says; what the centre's clock
    /// showed is kept.
    pub(crate) fn send(&self, message: &Message) -> Result<Answer, No> {
        let answer = speak::send(self.road.as_ref(), message);
        *locked(&self.line) = !matches!(answer, Err(No::Unknown { .. } | No::NotProcessed { .. }));
        if let (Ok(answer), Class::Query) = (&answer, message.transaction.class) {
            self.note_clock(answer);
        }
        answer
    }

    /// A request that must have been done, and whose answer must be readable.
    pub(crate) fn ask<T>(&self, message: &Message, hear: impl FnOnce(&Answer) -> Option<T>) -> Result<T, No> {
        let answer = self.send(message)?;
        hear(&answer).ok_or_else(|| No::Unknown { text: format!("{}: ?", message.transaction.infno) })
    }

    /// Once a minute is often enough. Only of queries: others may be answered with what was said before.
    fn note_clock(&self, answer: &Answer) {
        let now = self.clock.now();
        let mut ahead = locked(&self.ahead);
        if ahead.is_some_and(|(_, seen)| now.duration_since(seen) < SignedDuration::from_mins(1)) {
            return;
        }
        *ahead = answer.time().map(|there| (there.duration_since(now), now));
    }

    /// The id of a message of a hospital. Its serial begins anywhere, so that two workstations hardly ever meet.
    pub(crate) fn message_id(&self, hospital: &str) -> String {
        let serial = self.messages.fetch_add(1, Ordering::Relaxed);
        wire::asking::msgid(hospital, self.clock.now(), serial)
    }
}

/// Whatever happened to who held it last.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who asks, of which hospital, when.
pub(crate) struct At<'d> {
    pub(crate) desk: &'d Desk,
    pub(crate) papers: Papers,
    pub(crate) hospital: Hospital,
    pub(crate) session: Sheet<Session>,
    pub(crate) operator: Operator,
    pub(crate) now: DateTime,
}

impl At<'_> {
    pub(crate) fn language(&self) -> Language {
        self.session.facts.language
    }

    pub(crate) fn login(&self) -> &str {
        &self.session.facts.operator
    }

    pub(crate) fn workstation(&self) -> &str {
        &self.session.facts.workstation
    }

    /// The branch he works in; without a code: the main house.
    pub(crate) fn branch(&self) -> &Named {
        &self.session.facts.branch
    }

    /// The hospital, as what belongs to a branch of it names it.
    pub(crate) fn house(&self, branch: &Named) -> String {
        format!("{} {}", self.hospital.name, branch.name).trim_end().to_owned()
    }

    /// Why somebody who pays alone is not served here; none: he is.
    pub(crate) fn serves_insured_only(&self) -> Option<Said> {
        self.session.facts.insured_only.then(|| Said::new("window-insured-only"))
    }

    /// What is said, in the language of whoever asks.
    pub(crate) fn say(&self, said: &Said) -> String {
        self.desk.pages.texts().say(self.language(), said)
    }

    pub(crate) fn word(&self, key: &'static str) -> String {
        self.say(&Said::new(key))
    }

    /// What he does, as papers keep it.
    pub(crate) fn act(&self) -> Act {
        Act {
            at: self.now,
            operator: self.login().to_owned(),
            workstation: self.session.facts.workstation.clone(),
        }
    }

    pub(crate) fn speaker(&self) -> Speaker {
        Speaker {
            hospital: self.papers.hospital().to_owned(),
            hospital_name: self.hospital.name.clone(),
            division: self.hospital.division.clone(),
            operator: self.login().to_owned(),
            operator_name: self.operator.name.clone(),
            sign_in: self.session.facts.sign_in.clone(),
        }
    }

    /// A message of his to the centre.
    pub(crate) fn message(&self, request: &dyn Asking) -> Message {
        let id = self.desk.message_id(self.papers.hospital());
        self.speaker().say(&id, self.now, request)
    }

    /// That he was heard of: at once in memory, on paper once a minute.
    pub(crate) fn keep_heard(&mut self) {
        locked(&self.desk.heard).insert(self.session.key.clone(), self.now);
        if self.now.duration_since(self.session.facts.heard) >= SignedDuration::from_mins(1) {
            self.session.facts.heard = self.now;
            match self.papers.put(&[self.session.typed()], &self.act()) {
                Ok(()) => self.session.version += 1,
                // Another request of the same browser did.
                Err(PaperError::Stale { .. }) => {}
                Err(error) => tracing::warn!(%error, "when a session was heard of is not on paper"),
            }
        }
    }

    /// What of a right he lacks.
    pub(crate) fn lacks(&self, right: Right) -> Option<Stop> {
        if !self.operator.has(right) {
            return Some(Stop::Right(right));
        }
        let module = right.post()?;
        let holds = self.desk.certificates.holds(&self.operator, module, self.now.date());
        (!holds).then_some(Stop::Post)
    }
}

/// What is shown.
pub(crate) enum Shown {
    /// A page of a template, at a place.
    Page(&'static str, minijinja::Value),
    /// Another place.
    Go(String),
    /// Something that is no page.
    Raw(web::Answer),
}

/// Why what was asked for is not shown.
pub(crate) enum Stop {
    /// There is no such thing, or not here.
    Nothing,
    /// Who asks may not.
    Right(Right),
    /// He has no certificate for this post.
    Post,
    /// The form is not of this session.
    Foreign,
    /// Papers could not be read or written.
    Papers(PaperError),
    /// Something else is shown, which says why.
    Instead(Shown),
}

impl From<PaperError> for Stop {
    fn from(error: PaperError) -> Self {
        Self::Papers(error)
    }
}
