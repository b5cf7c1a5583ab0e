//! One client: settles bills, takes some back, and never leaves an unknown outcome unknown.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::bail;
use model::{Clock, SystemClock};
use road::{HttpRoad, NoReply, Reply};
use sample::Random;
use wire::Answer;

use crate::hospital::Bodies;
use crate::site::Site;

/// What a client believes of a message it sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belief {
    /// It stands.
    Done,
    /// It was refused, or taken back.
    NotDone,
}

/// By transaction number and message id.
type Key = (String, String);

/// What all clients believe.
#[derive(Default)]
pub struct Beliefs(Mutex<HashMap<Key, Belief>>);

impl Beliefs {
    fn set(&self, infno: &str, msgid: &str, belief: Belief) {
        let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.insert((infno.into(), msgid.into()), belief);
    }

    /// How many messages are believed done.
    pub fn count(&self) -> usize {
        self.all().values().filter(|b| **b == Belief::Done).count()
    }

    /// Every belief.
    pub fn all(&self) -> HashMap<Key, Belief> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// One client.
pub struct Client<'a> {
    site: &'a Site,
    bodies: Bodies<'a>,
    road: HttpRoad,
    beliefs: &'a Beliefs,
    stop: &'a AtomicBool,
    random: Random,
    number: usize,
    serial: u64,
}

/// What became of a message, none where it was refused; fails where that could not be learnt.
type Learnt = anyhow::Result<Option<Answer>>;

/// How long a message is sent again once nothing is killed any more.
const PATIENCE: Duration = Duration::from_mins(1);

impl<'a> Client<'a> {
    /// Client `number`; it has a hospital and people of its own.
    pub fn new(site: &'a Site, number: usize, beliefs: &'a Beliefs, stop: &'a AtomicBool) -> Self {
        let hospital = &site.city.hospitals[number];
        let road = site.road(number, Duration::from_secs(20));
        let random = Random::new(number as u64 + u64::from(std::process::id()) + beliefs.count() as u64);
        Self { site, bodies: Bodies { hospital }, road, beliefs, stop, random, number, serial: 0 }
    }

    /// Settles bills until told to stop.
    pub fn work(&mut self) -> anyhow::Result<()> {
        while !self.stop.load(Ordering::SeqCst) {
            self.bill()?;
        }
        Ok(())
    }

    fn msgid(&mut self) -> String {
        self.serial += 1;
        self.bodies.msgid(SystemClock.now(), self.serial)
    }

    /// Sends until it is known what became of it. What is told to be certainly not processed at the first try is half the
    /// time believed and let go, as a hospital may that sends anew under another id.
    fn say(&mut self, infno: &str, msgid: &str, body: &str) -> Learnt {
        self.insist(infno, msgid, body, 0)
    }

    /// The same, of a message that was sent so often before.
    fn insist(&mut self, infno: &str, msgid: &str, body: &str, sent: u32) -> Learnt {
        let (mut tries, mut stopped) = (sent, None);
        loop {
            let why = match self.road.send_body(infno, body.as_bytes()) {
                Ok(Reply::Done(given)) => {
                    self.beliefs.set(infno, msgid, Belief::Done);
                    return Ok(Some(given.answer));
                }
                Ok(Reply::Refused(_)) => {
                    self.beliefs.set(infno, msgid, Belief::NotDone);
                    return Ok(None);
                }
                Err(NoReply::NotProcessed(_)) if tries == 0 && self.random.percent(50) => {
                    self.beliefs.set(infno, msgid, Belief::NotDone);
                    return Ok(None);
                }
                Ok(Reply::Held(_)) => "held".into(),
                Err(NoReply::NotProcessed(why)) => format!("not processed: {why:?}"),
                Err(NoReply::Unknown(why)) => format!("unknown: {why:?}"),
            };
            let since = self.stop.load(Ordering::SeqCst).then(|| *stopped.get_or_insert_with(now));
            if since.is_some_and(|since| since.elapsed() > PATIENCE) {
                bail!("what became of {infno} {msgid} cannot be learnt: {why}");
            }
            tries += 1;
            super::pause(Duration::from_millis(20));
        }
    }

    /// One bill from visit to settlement, as far as nothing of it is refused.
    fn bill(&mut self) -> anyhow::Result<()> {
        // Persons 100 and after, in stripes: each client has its own.
        let people = (self.site.city.persons.len() - 100) / super::CLIENTS;
        let at = 100 + self.random.below(people) * super::CLIENTS + self.number;
        let person = self.site.city.persons[at].enrolment.number.clone();
        let now = SystemClock.now();
        let items = self.site.city.catalogue.items();
        let charges: Vec<(&str, &str)> =
            (0..3).map(|_| (items[self.random.below(items.len())].code.as_str(), "12.50")).collect();
        let msgid = self.msgid();
        let body = self.bodies.register(&msgid, now, &person, &msgid[12..]);
        let registered = self.say("2201", &msgid, &body)?;
        let Some(visit) = registered.and_then(|answer| answer.output("data", "mdtrt_id")) else {
            return Ok(());
        };
        let msgid = self.msgid();
        let body = self.bodies.visit(&msgid, now, &person, &visit);
        if self.say("2203", &msgid, &body)?.is_none() {
            return Ok(());
        }
        let msgid = self.msgid();
        let body = self.bodies.fees(&msgid, now, &person, &visit, &charges);
        if self.say("2204", &msgid, &body)?.is_none() {
            return Ok(());
        }
        let msgid = self.msgid();
        let body = self.bodies.bill("2207", &msgid, now, &person, &visit, "37.50");
        if self.random.percent(20) {
            self.settle_once_and_take_back(&person, &msgid, &body)
        } else {
            self.say("2207", &msgid, &body).map(|_| ())
        }
    }

    /// Sends once, whatever comes; then takes it back, until that is known.
    fn settle_once_and_take_back(&mut self, person: &str, msgid: &str, body: &str) -> anyhow::Result<()> {
        let _ = self.road.send_body("2207", body.as_bytes());
        let undo = self.msgid();
        let reversal = self.bodies.reverse(&undo, SystemClock.now(), person, "2207", msgid);
        if self.say("2601", &undo, &reversal)?.is_some() {
            self.beliefs.set("2207", msgid, Belief::NotDone);
        } else {
            // Another of this person's bills lies too near: the message itself tells.
            self.insist("2207", msgid, body, 1)?;
        }
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "patience is over real time")]
fn now() -> Instant {
    Instant::now()
}
