//! A road that resolves unknown outcomes by itself: intent first, then the same message again until it is known.

use std::collections::HashSet;
use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use wire::{Class, Doubt, Message, Problem};

use crate::intents::{Intents, Key, key};
use crate::port::{Capabilities, NoReply, Reply, Road};

/// Wraps any road.
pub struct SafeRoad<R> {
    road: R,
    intents: Intents,
    /// Pauses before each further try.
    pauses: Vec<Duration>,
    /// Messages being carried now.
    carried: Mutex<HashSet<Key>>,
}

impl<R: Road> SafeRoad<R> {
    /// A safe road; `pauses` are waited before each further try of an unknown outcome.
    pub fn new(road: R, intents: Intents, pauses: Vec<Duration>) -> Self {
        Self { road, intents, pauses, carried: Mutex::new(HashSet::new()) }
    }

    /// Sends every intent again whose outcome a former run did not learn; answers each with what became of it.
    pub fn resolve_pending(&self) -> Vec<(Message, Result<Reply, NoReply>)> {
        let pending = self.intents.pending();
        pending.into_iter().map(|message| (message.clone(), self.carry(&message))).collect()
    }

    /// Carries a message from its intent to its outcome. A second copy of it meanwhile learns nothing, and disturbs
    /// nothing.
    fn carry(&self, message: &Message) -> Result<Reply, NoReply> {
        let Some(_carried) = self.take_up(message) else {
            return Err(NoReply::Unknown(Doubt::InProgress { message: message.envelope.msgid.clone() }));
        };
        match self.intents.begin(message) {
            Ok(sent_before) => self.resolve(message, sent_before),
            Err(error) => Err(NoReply::NotProcessed(Problem::IntentNotKept { cause: error.to_string() })),
        }
    }

    fn resolve(&self, message: &Message, sent_before: bool) -> Result<Reply, NoReply> {
        let result = self.repeat(message, sent_before);
        if !matches!(result, Err(NoReply::Unknown(_)))
            && let Err(error) = self.intents.end(message)
        {
            return Err(unknown(&error));
        }
        result
    }

    /// Sends a message until it is known what became of it, or no pause is left.
    fn repeat(&self, message: &Message, mut sent_before: bool) -> Result<Reply, NoReply> {
        let mut pauses = self.pauses.iter();
        loop {
            let result = match self.road.send(message) {
                // An earlier sending may have arrived: what is not processed now says nothing about it.
                Err(NoReply::NotProcessed(problem)) if sent_before => Err(unknown(&problem.code())),
                result => result,
            };
            let Some(pause) = pauses.next().filter(|_| matches!(result, Err(NoReply::Unknown(_)))) else {
                return result;
            };
            wait(*pause);
            sent_before = true;
        }
    }

    /// Marks a message as being carried; none where it is already.
    fn take_up(&self, message: &Message) -> Option<Carried<'_>> {
        let key = key(message);
        let is_new = locked(&self.carried).insert(key.clone());
        is_new.then(|| Carried { all: &self.carried, key })
    }
}

/// A message being carried.
struct Carried<'r> {
    all: &'r Mutex<HashSet<Key>>,
    key: Key,
}

impl Drop for Carried<'_> {
    fn drop(&mut self) {
        locked(self.all).remove(&self.key);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unknown(cause: &dyn Display) -> NoReply {
    NoReply::Unknown(Doubt::NoAnswer { cause: cause.to_string() })
}

impl<R: Road> Road for SafeRoad<R> {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        if message.transaction.class == Class::Query {
            return self.road.send(message);
        }
        self.carry(message)
    }

    fn capabilities(&self) -> Capabilities {
        self.road.capabilities()
    }
}

/// Waits on a channel nobody sends on.
fn wait(pause: Duration) {
    let (_keep, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(pause);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use wire::Answer;

    /// Answers from a script, last first.
    struct Script(Mutex<Vec<Result<Reply, NoReply>>>);

    impl Road for Script {
        fn send(&self, _: &Message) -> Result<Reply, NoReply> {
            self.0.lock().unwrap().pop().expect("no more sendings than the script has")
        }
        fn capabilities(&self) -> Capabilities {
            Capabilities::default()
        }
    }

    fn done() -> Result<Reply, NoReply> {
        let answer = Answer { text: b"{}".as_slice().into() };
        Ok(Reply::Done(crate::Given { answer, replayed: false }))
    }

    fn lost() -> Result<Reply, NoReply> {
        Err(NoReply::Unknown(Doubt::NoAnswer { cause: "cut".into() }))
    }

    fn busy() -> Result<Reply, NoReply> {
        Err(NoReply::NotProcessed(Problem::Busy))
    }

    fn message() -> Message {
        let body = r#"{"infno":"2207","msgid":"M1","fixmedins_code":"H1","input":{}}"#;
        Message::read(body.as_bytes().into(), None).unwrap()
    }

    /// What comes of a script, and how many intents stay open.
    fn check(mut script: Vec<Result<Reply, NoReply>>) -> (Result<Reply, NoReply>, usize) {
        script.reverse();
        let folder = tempfile::tempdir().unwrap();
        let intents = Intents::open(&folder.path().join("intents")).unwrap();
        let road = SafeRoad::new(Script(Mutex::new(script)), intents, vec![Duration::ZERO; 2]);
        let result = road.send(&message());
        (result, road.intents.pending().len())
    }

    #[test]
    fn what_may_have_been_sent_before_stays_open_while_the_line_is_down() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("intents");
        Intents::open(&path).unwrap().begin(&message()).unwrap();
        // A former run died between sending and hearing; now the line is down, then busy, then up.
        let script = Script(Mutex::new(vec![done(), busy(), busy()]));
        let road = SafeRoad::new(script, Intents::open(&path).unwrap(), Vec::new());
        let [(_, result)] = road.resolve_pending().try_into().unwrap();
        assert!(matches!(result, Err(NoReply::Unknown(_))), "{result:?}");
        assert!(matches!(road.send(&message()), Err(NoReply::Unknown(_))), "the cashier tries again");
        assert_eq!(road.intents.pending().len(), 1);
        assert_eq!(road.send(&message()), done());
        assert_eq!(road.intents.pending().len(), 0);
    }

    #[test]
    fn a_copy_of_a_message_on_its_way_is_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let intents = Intents::open(&folder.path().join("intents")).unwrap();
        let road = SafeRoad::new(Script(Mutex::new(vec![done()])), intents, Vec::new());
        let first = road.take_up(&message());
        assert!(matches!(road.send(&message()), Err(NoReply::Unknown(Doubt::InProgress { .. }))));
        drop(first);
        assert_eq!(road.send(&message()), done());
    }

    #[test]
    fn an_unknown_outcome_is_asked_after_and_stays_open_until_known() {
        assert_eq!(check(vec![done()]), (done(), 0));
        assert_eq!(check(vec![lost(), lost(), done()]), (done(), 0));
        assert_eq!(check(vec![busy()]), (busy(), 0), "certainly nothing happened");
        let (result, open) = check(vec![lost(), busy(), busy()]);
        assert!(matches!(result, Err(NoReply::Unknown(_))), "the first sending may have arrived");
        assert_eq!(open, 1);
        assert_eq!(check(vec![lost(), lost(), lost()]).1, 1);
    }
}
