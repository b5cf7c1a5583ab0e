//! A road that resolves unknown outcomes by itself: intent first, then the same message again until it is known.

use std::sync::mpsc;
use std::time::Duration;

use wire::{Class, Doubt, Message, Problem};

use crate::intents::Intents;
use crate::port::{Capabilities, NoReply, Reply, Road};

/// Wraps any road.
pub struct SafeRoad<R> {
    road: R,
    intents: Intents,
    /// Pauses before each further try.
    pauses: Vec<Duration>,
}

impl<R: Road> SafeRoad<R> {
    /// A safe road; `pauses` are waited before each further try of an unknown outcome.
    pub fn new(road: R, intents: Intents, pauses: Vec<Duration>) -> Self {
        Self { road, intents, pauses }
    }

    /// Sends every intent again whose outcome a former run did not learn; answers each with what became of it.
    pub fn resolve_pending(&self) -> Vec<(Message, Result<Reply, NoReply>)> {
        let pending = self.intents.pending();
        pending.into_iter().map(|message| (message.clone(), self.carry(&message))).collect()
    }

    fn carry(&self, message: &Message) -> Result<Reply, NoReply> {
        let mut result = self.road.send(message);
        for pause in &self.pauses {
            if !matches!(result, Err(NoReply::Unknown(_))) {
                break;
            }
            wait(*pause);
            result = match self.road.send(message) {
                // The first sending may have arrived: what is not processed now says nothing about it.
                Err(NoReply::NotProcessed(problem)) => {
                    Err(NoReply::Unknown(Doubt::NoAnswer { cause: problem.code().into() }))
                }
                known => known,
            };
        }
        if !matches!(result, Err(NoReply::Unknown(_)))
            && let Err(error) = self.intents.end(message)
        {
            return Err(NoReply::Unknown(Doubt::NoAnswer { cause: error.to_string() }));
        }
        result
    }
}

impl<R: Road> Road for SafeRoad<R> {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        if message.transaction.class == Class::Query {
            return self.road.send(message);
        }
        match self.intents.begin(message) {
            Ok(()) => self.carry(message),
            Err(error) => Err(NoReply::NotProcessed(Problem::IntentNotKept { cause: error.to_string() })),
        }
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
