//! One message: was it answered before, may it be asked, what becomes of it.

use std::hash::{Hash as _, Hasher as _};

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::{Catalogue, CodeLists, Ids, MessageId, PersonId};
use policy::{AuditRules, Editions};
use store::{AuditRow, Loaded, Made, MessageKey, MessageResult, MessageRow, Needs, Sealer, Who};
use wire::transactions::ReconcileDetails;
use wire::{Answer, Both, Class, Doubt, MappingRule, Message, Outgoing, Profile, Refusal, SignInRule, Stamp};

use crate::abroad;
use crate::directory::{Directory, Hospital};
use crate::state::State;
use crate::transactions::{Compared, Request};

/// What a decision needs besides its message and the loaded rows.
pub(crate) struct Moment<'a> {
    pub(crate) now: DateTime,
    pub(crate) ids: &'a mut dyn Ids,
    pub(crate) policy: &'a Editions,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) lists: &'a CodeLists,
    pub(crate) audit: &'a AuditRules,
    pub(crate) sealer: &'a Sealer,
    pub(crate) directory: &'a Directory,
    /// First digits of the home divisions this centre settles for.
    pub(crate) divisions: &'a [String],
    /// Centres of other cities.
    pub(crate) peers: &'a [abroad::Peer],
}

/// A batch whose day ended has been recorded so long after it.
const SETTLED_MINUTES: i64 = 10;

impl Moment<'_> {
    /// A day that nothing is settled on any more.
    pub(crate) fn is_over(&self, day: Date) -> bool {
        self.now.saturating_sub(SETTLED_MINUTES.minutes()).date() > day
    }

    /// Whether the people of a division are another city's whose centre is known, or this one's.
    pub(crate) fn is_elsewhere(&self, division: &str) -> Result<bool, Refusal> {
        if abroad::is_elsewhere(self.peers, division) {
            return Ok(true);
        }
        self.check_division(division).map(|()| false)
    }

    /// The people of a division are this centre's.
    pub(crate) fn check_division(&self, division: &str) -> Result<(), Refusal> {
        let ours = self.divisions.iter().any(|known| division.starts_with(known.as_str()));
        if ours { Ok(()) } else { Err(Refusal::DivisionUnknown { division: division.into() }) }
    }
}

/// One message with where it came from.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) message: &'a Message,
    pub(crate) hospital: &'a Hospital,
    pub(crate) id: MessageId,
    /// What was read and compared for it before it was queued.
    pub(crate) compared: Option<&'a Result<Compared, Refusal>>,
    /// A file it brings or came to, sealed before it was queued.
    pub(crate) file: Option<&'a [u8]>,
}

/// What a message that was done answers and made.
pub(crate) struct Decision {
    pub(crate) output: Box<dyn Outgoing>,
    pub(crate) made: Made,
    pub(crate) person: Option<PersonId>,
    pub(crate) warning: Option<Both>,
    /// What was worked on, for the audit log: ids only.
    pub(crate) object: String,
    /// A file, instead of an output.
    pub(crate) file: Option<Vec<u8>>,
}

impl Decision {
    /// An output that made nothing to take back.
    pub(crate) fn answer(output: impl Outgoing + 'static) -> Self {
        Self {
            output: Box::new(output),
            made: Made::Nothing,
            person: None,
            warning: None,
            object: String::new(),
            file: None,
        }
    }

    /// A file.
    pub(crate) fn file(bytes: Vec<u8>) -> Self {
        Self { file: Some(bytes), ..Self::answer(()) }
    }
}

/// One message on its way through the engine.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) message: Message,
    /// The typed input, or why it is none.
    pub(crate) request: Result<Request, Refusal>,
    pub(crate) hospital: std::sync::Arc<Hospital>,
    pub(crate) id: MessageId,
    pub(crate) received: DateTime,
    /// The request's text, sealed; empty for queries.
    pub(crate) sealed: Vec<u8>,
    /// A query that was answered from a snapshot and is told only once the audit log says who asked.
    pub(crate) answered: Option<Verdict>,
    /// What was read and compared for it before it was queued.
    pub(crate) compared: Option<std::sync::Arc<Result<Compared, Refusal>>>,
    /// A file it brings or came to, sealed before it was queued.
    pub(crate) file: Option<std::sync::Arc<[u8]>>,
    /// What another city's centre said of it, before it was queued.
    pub(crate) abroad: Option<std::sync::Arc<abroad::Told>>,
}

impl Job {
    fn recorded(&self) -> bool {
        self.message.transaction.class != Class::Query
    }

    /// The key under which this message is known; none for queries.
    pub(crate) fn key(&self) -> Option<MessageKey> {
        let class = self.message.transaction.class;
        let content = match class {
            Class::Query => return None,
            Class::Upload => self.message.digest.0.to_vec(),
            Class::Act | Class::Money => Vec::new(),
        };
        Some(MessageKey {
            hospital: self.hospital.id(),
            infno: self.message.transaction.infno.into(),
            msgid: self.message.envelope.msgid.clone(),
            content,
        })
    }

    /// Only the row under which this message itself is known.
    pub(crate) fn needs_itself(&self) -> Needs {
        Needs { message: self.key(), ..Needs::of(self.hospital.id()) }
    }

    /// Whether a message of this key is among the rows.
    pub(crate) fn stands_in(&self, loaded: &Loaded) -> bool {
        self.key().is_some_and(|key| loaded.messages.iter().any(|m| m.key == key))
    }

    /// Whether it undoes or ends something: such messages are taken in also on a disk that is nearly full.
    pub(crate) fn frees(&self) -> bool {
        self.answered.is_some() || self.request.as_ref().is_ok_and(Request::frees)
    }

    /// The rows this message must see.
    pub(crate) fn needs(&self, sealer: &Sealer) -> Needs {
        let mut needs = self.needs_itself();
        if self.answered.is_some() {
            return needs;
        }
        if self.hospital.profile.sign_in != SignInRule::Ignore && !self.message.envelope.sign_in.is_empty() {
            needs.sign_in_number = Some(self.message.envelope.sign_in.clone());
        }
        if self.abroad.is_some() {
            abroad::needs(self, &mut needs);
        } else if let Ok(request) = &self.request {
            request.needs(&mut needs, sealer);
            if self.profile().mapping != MappingRule::Ignore {
                request.needs_mapping(&mut needs);
            }
        }
        needs
    }

    /// A number that all messages about one person have in common; where none is named, those of one institution.
    pub(crate) fn line(&self, sealer: &Sealer) -> usize {
        let mut needs = Needs::of(self.hospital.id());
        if let Ok(request) = &self.request {
            request.needs(&mut needs, sealer);
        }
        let mut hasher = std::hash::DefaultHasher::new();
        match needs.who {
            Who::Nobody => needs.hospital.hash(&mut hasher),
            who => who.hash(&mut hasher),
        }
        usize::try_from(hasher.finish() >> 33).unwrap_or(0)
    }

    /// What it compares, where that is yet to be read.
    pub(crate) fn compares(&self) -> Option<&ReconcileDetails> {
        match &self.request {
            Ok(Request::ReconcileDetails(request)) if self.compared.is_none() => Some(request),
            _ => None,
        }
    }

    pub(crate) fn stamp(&self, now: DateTime) -> Stamp {
        let division = self.hospital.row.division.parse().unwrap_or(0);
        Stamp { received: self.received, decided: now, serial: self.id.0, division }
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.hospital.profile
    }
}

/// What became of a message, to be answered once the batch is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) answer: Answer,
    pub(crate) done: bool,
    pub(crate) replayed: bool,
    /// For the audit log: `done` or a code, and what was worked on.
    pub(crate) noted: (&'static str, String),
}

impl Verdict {
    /// A refusal that is not among the message rows: no message is known under its key, or another is.
    pub(crate) fn refused(refusal: &Refusal, answer: Answer) -> Self {
        Self { answer, done: false, replayed: false, noted: (refusal.code(), String::new()) }
    }
}

/// Decides one message on the batch's rows. A refusal changes nothing but the message's own rows. What is known but
/// cannot be told stays unknown.
pub(crate) fn decide(job: &Job, state: &mut State, at: &mut Moment<'_>) -> Result<Verdict, Doubt> {
    if let Some(verdict) = &job.answered {
        audit(job, &verdict.noted, state, at);
        return Ok(verdict.clone());
    }
    if let Some(verdict) = answered_before(job, state, at) {
        return verdict;
    }
    if let Some(told) = job.abroad.as_deref() {
        return abroad::decide(job, told, state, at);
    }
    let (compared, file) = (job.compared.as_deref(), job.file.as_deref());
    let context = Context { message: &job.message, hospital: &job.hospital, id: job.id, compared, file };
    let before = state.mark();
    let result = permitted(job, state, at).and_then(|warning| {
        let request = job.request.as_ref().map_err(Clone::clone)?;
        let mut made = request.decide(&context, state, at)?;
        made.warning = join(warning, made.warning);
        Ok(made)
    });
    debug_assert!(result.is_ok() || state.mark() == before, "a refusal changes nothing");
    debug_assert!(job.recorded() || state.mark() == before, "a query changes nothing");
    let stamp = job.stamp(at.now);
    let envelope = &job.message.envelope;
    let verdict = match &result {
        Ok(made) => {
            let transaction = job.message.transaction;
            let warning = made.warning.as_ref().map(|words| words.told(job.profile().language));
            let answer = match &made.file {
                Some(bytes) => Answer { text: bytes.as_slice().into() },
                None => Answer::done(transaction, &*made.output, warning, envelope, job.profile(), &stamp),
            };
            Verdict { answer, done: true, replayed: false, noted: ("done", made.object.clone()) }
        }
        Err(refusal) => Verdict::refused(refusal, Answer::refused(refusal, envelope, job.profile(), &stamp)),
    };
    if let Some(key) = job.key() {
        let made = result.as_ref().map_or((None, Made::Nothing), |made| (made.person, made.made));
        let result = match &result {
            Ok(_) => MessageResult::Done,
            Err(refusal) => MessageResult::Refused(refusal.code().into()),
        };
        record(job, key, (result, made.0, made.1), &verdict, state, at);
    }
    Ok(verdict)
}

fn join(first: Option<Both>, second: Option<Both>) -> Option<Both> {
    match (first, second) {
        (Some(a), Some(b)) => Some(a.and(&b)),
        (a, b) => a.or(b),
    }
}

/// A message known under its key: the same answer again, or the reason why it is another.
fn answered_before(job: &Job, state: &mut State, at: &Moment<'_>) -> Option<Result<Verdict, Doubt>> {
    let known = state.message(&job.key()?)?;
    let msgid = || job.message.envelope.msgid.clone();
    let refusal = match known.result {
        MessageResult::Tombstone => Refusal::ReversedBeforeArrival { message: msgid() },
        _ if !same_content(job, known, at) => Refusal::MsgidReused { message: msgid() },
        // Whoever heard that it was done would book what is there no more.
        _ if known.taken_back_by.is_some() => Refusal::MessageTakenBack { message: msgid() },
        _ => {
            let Ok(text) = at.sealer.open("message.reply", known.id.0, &known.reply) else {
                tracing::error!(message = known.id.0, "a stored answer cannot be opened");
                return Some(Err(Doubt::Fault { id: known.id.to_string() }));
            };
            let done = known.result == MessageResult::Done;
            let noted = ("replayed", String::new());
            return Some(Ok(Verdict { answer: Answer { text: text.into() }, done, replayed: true, noted }));
        }
    };
    // The key is taken: this refusal is audited, but has no message row of its own.
    let answer = Answer::refused(&refusal, &job.message.envelope, job.profile(), &job.stamp(at.now));
    let verdict = Verdict::refused(&refusal, answer);
    audit(job, &verdict.noted, state, at);
    Some(Ok(verdict))
}

/// Refusals without a message row: the id is taken, or is not the institution's own.
pub(crate) const NOT_KEPT: [&str; 5] = [
    "MSGID_REUSED",
    "MESSAGE_TAKEN_BACK",
    "REVERSED_BEFORE_ARRIVAL",
    "HOSPITAL_UNKNOWN",
    "HOSPITAL_MISMATCH",
];

/// Equal digests, or a stored request that today's reader understands as equal.
fn same_content(job: &Job, known: &MessageRow, at: &Moment<'_>) -> bool {
    if known.digest == job.message.digest.0 {
        return true;
    }
    let stored = at.sealer.open("message.request", known.id.0, &known.request).ok();
    let read = stored.and_then(|body| Message::read(body.into(), Some(job.message.transaction.infno)).ok());
    let meant = read.and_then(|message| message.under(job.profile()).ok());
    meant.is_some_and(|message| message.digest == job.message.digest)
}

/// What must hold before the rules are asked: an active institution, a live sign-in, a well-formed input.
pub(crate) fn permitted(job: &Job, state: &State, at: &Moment<'_>) -> Result<Option<Both>, Refusal> {
    if !job.hospital.row.active {
        return Err(Refusal::HospitalSuspended { hospital: job.hospital.row.code.clone() });
    }
    if let Err(refusal @ Refusal::InfnoNotOffered { .. }) = &job.request {
        return Err(refusal.clone());
    }
    job.message.input.check(job.profile())?;
    let warning = sign_in(job, state, at)?;
    Ok(warning)
}

fn sign_in(job: &Job, state: &State, at: &Moment<'_>) -> Result<Option<Both>, Refusal> {
    let rule = job.profile().sign_in;
    if rule == SignInRule::Ignore || job.request.as_ref().is_ok_and(Request::is_sign_in) {
        return Ok(None);
    }
    let envelope = &job.message.envelope;
    // One operator's number does not speak for another.
    let own = |operator: &str| envelope.operator.is_empty() || operator == envelope.operator;
    let found = state.sign_in(job.hospital.id(), &envelope.sign_in);
    let live = found.is_some_and(|s| s.live_at(at.now) && own(&s.operator));
    let refusal = Refusal::SignInRequired { operator: envelope.operator.clone() };
    match rule {
        _ if live => Ok(None),
        SignInRule::Require => Err(refusal),
        _ if job.recorded() => Ok(Some(refusal.words())),
        _ => Ok(None),
    }
}

/// Adds the message's own rows: what it was, what became of it, and the audit record.
pub(crate) fn record(
    job: &Job,
    key: MessageKey,
    (result, person, made): (MessageResult, Option<PersonId>, Made),
    verdict: &Verdict,
    state: &mut State,
    at: &Moment<'_>,
) {
    audit(job, &verdict.noted, state, at);
    let row = MessageRow {
        id: job.id,
        key,
        digest: job.message.digest.0,
        person,
        received: job.received,
        decided: at.now,
        result,
        made,
        request: job.sealed.clone(),
        reply: at.sealer.seal("message.reply", job.id.0, &verdict.answer.text),
        taken_back_by: None,
    };
    state.add_message(row);
}

pub(crate) fn audit(
    job: &Job,
    (result, object): &(&'static str, String),
    state: &mut State,
    at: &Moment<'_>,
) {
    let row = AuditRow {
        hospital: Some(job.hospital.id()),
        operator: job.message.envelope.operator.clone(),
        result: (*result).into(),
        ..AuditRow::new(at.now, job.message.transaction.infno, object.clone())
    };
    state.add_audit(row, at.sealer.day_keys());
}
