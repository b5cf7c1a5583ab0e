//! A road that resolves unknown outcomes by itself: intent first, then the same message again until it is known.
//!
//! A centre that cannot tell what became of a message may refuse its second copy because it did the first. Where such a
//! message moves money it is taken back, so that it certainly has no effect.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use wire::transactions::taking_back;
use wire::{Both, Class, Doubt, Message, Problem};

use crate::intents::{Intents, Key, key};
use crate::port::{Capabilities, Given, NoReply, Reply, Road};
use crate::words;

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
        // What takes another message back ends with it.
        let ours: Vec<Key> = pending.iter().filter_map(taking_back).map(|reversal| key(&reversal)).collect();
        let theirs = pending.into_iter().filter(|message| !ours.contains(&key(message)));
        theirs.map(|message| (message.clone(), self.carry(&message))).collect()
    }

    /// Carries a message from its intent to its outcome. A second copy of it meanwhile learns nothing, and disturbs
    /// nothing.
    fn carry(&self, message: &Message) -> Result<Reply, NoReply> {
        let Some(_carried) = self.take_up(message) else {
            return Err(NoReply::Unknown(Doubt::InProgress { message: message.envelope.msgid.clone() }));
        };
        match self.intents.begin(message) {
            Ok(sent_before) => self.resolve(message, sent_before),
            Err(error) => Err(NoReply::NotProcessed(Problem::IntentNotKept { cause: words::of_io(&error) })),
        }
    }

    fn resolve(&self, message: &Message, sent_before: bool) -> Result<Reply, NoReply> {
        if sent_before && taking_back(message).is_some_and(|reversal| self.intents.holds(&reversal)) {
            return self.take_back(message, &BEGUN);
        }
        let silent = self.must_not_ask_again(message);
        let (result, sent_before) = self.repeat(message, sent_before);
        match result {
            // Perhaps because the rules say no, perhaps because an earlier sending was done.
            Ok(Reply::Refused(given)) if sent_before && silent => self.take_back(message, &said(&given)),
            Err(NoReply::Unknown(_)) => result,
            known => self.end(&[message]).and(known),
        }
    }

    /// Takes a message back. While the intent to do so stands in the journal, the message is never sent again: a centre
    /// that has forgotten it would do it anew.
    fn take_back(&self, message: &Message, cause: &Both) -> Result<Reply, NoReply> {
        let not_taken_back =
            |cause: &Both| Err(NoReply::Unknown(Doubt::NotTakenBack { cause: cause.clone() }));
        let Some(reversal) = taking_back(message) else { return not_taken_back(cause) };
        self.intents.begin(&reversal).map_err(|error| unknown(words::of_io(&error)))?;
        match self.repeat(&reversal, true).0 {
            Ok(Reply::Done(_)) => {
                self.end(&[message, &reversal])?;
                Err(NoReply::NotProcessed(Problem::TakenBack { cause: cause.clone() }))
            }
            Ok(Reply::Refused(given)) => not_taken_back(&said(&given)),
            Ok(Reply::Held(ticket)) => Err(NoReply::Unknown(Doubt::InProgress { message: ticket.0 })),
            Err(no_reply) => Err(no_reply),
        }
    }

    /// A centre that tells no outcome refuses the second copy of what it did: after a power cut that would be taken for
    /// a doubt, and a paid bill for one to be taken back.
    fn must_not_ask_again(&self, message: &Message) -> bool {
        !self.road.capabilities().outcome && message.transaction.reversible
    }

    /// Their outcome is known.
    fn end(&self, messages: &[&Message]) -> Result<(), NoReply> {
        messages
            .iter()
            .try_for_each(|message| self.intents.end(message, self.must_not_ask_again(message)))
            .map_err(|error| unknown(words::of_io(&error)))
    }

    /// Sends a message until it is known what became of it, or no pause is left; also says whether an earlier sending
    /// may have arrived.
    fn repeat(&self, message: &Message, mut sent_before: bool) -> (Result<Reply, NoReply>, bool) {
        let mut pauses = self.pauses.iter();
        loop {
            let result = match self.road.send(message) {
                // An earlier sending may have arrived: what is not processed now says nothing about it.
                Err(NoReply::NotProcessed(problem)) if sent_before => {
                    Err(unknown(Both::same(problem.code())))
                }
                result => result,
            };
            let Some(pause) = pauses.next().filter(|_| matches!(result, Err(NoReply::Unknown(_)))) else {
                return (result, sent_before);
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

/// Said of a message whose taking back a former run began.
const BEGUN: Both = Both::of("此前已开始冲正", "taking it back had begun");

/// What a centre said, short enough to be repeated.
fn said(given: &Given) -> Both {
    Both::same(given.answer.error().unwrap_or_default().chars().take(80).collect::<String>())
}

fn unknown(cause: Both) -> NoReply {
    NoReply::Unknown(Doubt::NoAnswer { cause })
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

    /// Answers from a script, last first, and remembers what it was sent.
    struct Script {
        answers: Mutex<Vec<Result<Reply, NoReply>>>,
        sent: Mutex<Vec<String>>,
        capabilities: Capabilities,
    }

    impl Script {
        fn new(mut answers: Vec<Result<Reply, NoReply>>) -> Self {
            answers.reverse();
            let capabilities = Capabilities::default();
            Self { answers: Mutex::new(answers), sent: Mutex::new(Vec::new()), capabilities }
        }
    }

    impl Road for Script {
        fn send(&self, message: &Message) -> Result<Reply, NoReply> {
            self.sent.lock().unwrap().push(message.transaction.infno.into());
            self.answers.lock().unwrap().pop().expect("no more sendings than the script has")
        }
        fn capabilities(&self) -> Capabilities {
            self.capabilities
        }
    }

    fn done() -> Result<Reply, NoReply> {
        let answer = Answer { text: b"{}".as_slice().into() };
        Ok(Reply::Done(crate::Given { answer, replayed: false }))
    }

    fn lost() -> Result<Reply, NoReply> {
        Err(NoReply::Unknown(Doubt::NoAnswer { cause: Both::of("中断", "cut") }))
    }

    fn refused() -> Result<Reply, NoReply> {
        let text = r#"{"infcode":-1,"err_msg":"该就诊已结算","output":{}}"#;
        Ok(Reply::Refused(Given { answer: Answer { text: text.as_bytes().into() }, replayed: false }))
    }

    fn busy() -> Result<Reply, NoReply> {
        Err(NoReply::NotProcessed(Problem::Busy))
    }

    fn message() -> Message {
        of("2207")
    }

    fn of(infno: &str) -> Message {
        let body =
            format!(r#"{{"infno":"{infno}","msgid":"M1","fixmedins_code":"H1","input":{{"psn_no":"1"}}}}"#);
        Message::read(body.into_bytes().into(), None).unwrap()
    }

    /// A road with a journal of its own.
    fn road(script: Script, folder: &tempfile::TempDir) -> SafeRoad<Script> {
        let intents = Intents::open(&folder.path().join("intents")).unwrap();
        SafeRoad::new(script, intents, vec![Duration::ZERO; 2])
    }

    /// What comes of a message after a script, what was sent, and how many intents stay open.
    fn send(message: &Message, script: Script) -> (Result<Reply, NoReply>, Vec<String>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let road = road(script, &folder);
        let result = road.send(message);
        let sent = road.road.sent.lock().unwrap().clone();
        (result, sent, road.intents.pending().len())
    }

    /// What comes of a script, and how many intents stay open.
    fn check(script: Vec<Result<Reply, NoReply>>) -> (Result<Reply, NoReply>, usize) {
        let (result, _, open) = send(&message(), Script::new(script));
        (result, open)
    }

    #[test]
    fn what_may_have_been_sent_before_stays_open_while_the_line_is_down() {
        let folder = tempfile::tempdir().unwrap();
        Intents::open(&folder.path().join("intents")).unwrap().begin(&message()).unwrap();
        // A former run died between sending and hearing; the centre is busy, and busy again, and then it is not.
        let busy_twice = [busy(), busy(), busy(), busy(), busy(), busy(), done()];
        let road = road(Script::new(busy_twice.to_vec()), &folder);
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
        let road = road(Script::new(vec![done()]), &folder);
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
    fn taken_back(result: &Result<Reply, NoReply>) -> bool {
        matches!(result, Err(NoReply::NotProcessed(Problem::TakenBack { .. })))
    }

    fn not_taken_back(result: &Result<Reply, NoReply>) -> bool {
        matches!(result, Err(NoReply::Unknown(Doubt::NotTakenBack { .. })))
    }

    #[test]
    fn a_refusal_after_a_doubt_is_taken_back_where_the_centre_tells_no_outcome() {
        let (result, sent, open) = send(&message(), Script::new(vec![lost(), refused(), done()]));
        assert!(taken_back(&result), "{result:?}");
        let Err(NoReply::NotProcessed(problem)) = result else { return };
        assert!(problem.to_string().contains("该就诊已结算"), "{problem}");
        assert_eq!((sent, open), (vec!["2207".into(), "2207".into(), "2601".into()], 0));
        let (result, sent, open) =
            send(&message(), Script::new(vec![lost(), refused(), lost(), busy(), done()]));
        assert!(taken_back(&result), "{result:?}");
        assert_eq!((sent.len(), open), (5, 0), "2601 too is sent until it is known");
    }

    #[test]
    fn a_refusal_without_a_doubt_or_from_a_centre_that_tells_is_final() {
        assert_eq!(check(vec![refused()]), (refused(), 0));
        let capabilities = Capabilities { outcome: true, ..Capabilities::default() };
        let telling = Script { capabilities, ..Script::new(vec![lost(), refused()]) };
        let (result, sent, open) = send(&message(), telling);
        assert_eq!((result, sent.len(), open), (refused(), 2, 0));
        let (result, sent, open) = send(&of("2201"), Script::new(vec![lost(), refused()]));
        assert_eq!((result, sent.len(), open), (refused(), 2, 0), "2601 may not name it");
    }

    #[test]
    fn what_cannot_be_taken_back_stays_unknown_and_is_never_sent_again() {
        let folder = tempfile::tempdir().unwrap();
        let script = vec![lost(), refused(), refused(), busy(), lost(), lost(), done()];
        let road = road(Script::new(script), &folder);
        let result = road.send(&message());
        assert!(not_taken_back(&result), "{result:?}");
        assert_eq!(road.intents.pending().len(), 2, "the message, and what takes it back");
        assert!(matches!(road.send(&message()), Err(NoReply::Unknown(_))), "the line is down");
        let [(resolved, result)] = road.resolve_pending().try_into().unwrap();
        assert!(taken_back(&result), "{result:?}");
        assert_eq!(resolved.transaction.infno, "2207", "its sender knows nothing of 2601");
        assert_eq!(road.intents.pending().len(), 0);
        assert_eq!(*road.road.sent.lock().unwrap(), ["2207", "2207", "2601", "2601", "2601", "2601", "2601"]);
    }

    #[test]
    fn a_message_that_names_nobody_is_a_case_for_the_centre() {
        let body = r#"{"infno":"2103","msgid":"M1","fixmedins_code":"H1","input":{"setl_id":"1"}}"#;
        let message = Message::read(body.as_bytes().into(), None).unwrap();
        let (result, sent, open) = send(&message, Script::new(vec![lost(), refused()]));
        assert!(not_taken_back(&result), "{result:?}");
        assert_eq!((sent.len(), open), (2, 1));
    }
}
