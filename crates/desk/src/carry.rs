//! Messages that move money or what money hangs on, from the intent to what became of them. The intent is on paper before
//! anything is sent; where no answer comes, the same message is sent again, by the machine, until it is known what became
//! of it. Nothing is printed and no state moves on before that. What a paper becomes then, its kind says.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use store::{Act, Change};
use wire::asking::{BillHeard, Insured, Speaker, TakeBack};
use wire::{Answer, Message};

use crate::bill::{Bill, BillState, Intent, Patient, Split};
use crate::correction::Correction;
use crate::desk::{Desk, locked};
use crate::errand::Errand;
use crate::refund;
use crate::segment::{self, ReceiptKind, ReceiptState};
use crate::settlement::Settlement;
use crate::sheet::{Form, PaperError, Papers, Sheet, state_word};
use crate::speak::No;

/// When a message of unknown outcome is sent again, behind its first sending; then every minute.
const AGAIN: [SignedDuration; 3] =
    [SignedDuration::from_secs(3), SignedDuration::from_secs(10), SignedDuration::from_secs(30)];
const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// An intent nobody carries any more, for its process is gone, is taken up again behind this.
const FORGOTTEN: SignedDuration = SignedDuration::from_secs(15);

/// What became of a message that was carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// It is settled, and its receipt may be printed.
    Settled,
    /// It is voided, and money may go back.
    Voided,
    /// It was done, and no money moved with it.
    Done,
    /// Certainly nothing has come of it.
    Back,
    /// Nobody knows; the machine asks on.
    Waits,
}

/// What a paper came to, and what is written with it.
pub(crate) type Ended = (Carried, Vec<Change>);

/// The operator whose name the machine's own steps carry.
pub const MACHINE: &str = "machine";

/// States of a paper whose message may be on its way.
pub(crate) trait Doubtful: Copy + 'static {
    /// Those in which a message is on its way, and those in which nobody knows what became of it.
    const IN_DOUBT: &'static [Self];

    /// The one in which nobody knows, of the one in which the message was sent; that one itself where nobody knows yet.
    fn unknown(self) -> Self;
}

/// What of a paper is personal about its message.
pub(crate) trait Mail {
    /// Its body, and the body of the one that is being taken back.
    fn bodies(&mut self) -> (&mut String, &mut String);

    /// Whom it is about.
    fn person(&self) -> Insured;
}

/// A kind of paper that sends messages which must not be lost.
pub(crate) trait Carries: Form<State: Doubtful, Private: Mail> {
    /// The message on its way.
    fn intent(&mut self) -> &mut Option<Intent>;

    /// What the paper becomes where it was done; none where the answer cannot be read: then nobody knows.
    fn done(
        papers: &Papers,
        sheet: &mut Sheet<Self>,
        answer: &Answer,
        act: &Act,
    ) -> Result<Option<Ended>, PaperError>
    where
        Self: Sized;

    /// What it becomes where nothing has come of it, with what the centre said; nothing: the message was taken back.
    fn back(papers: &Papers, sheet: &mut Sheet<Self>, why: Option<String>) -> Result<Ended, PaperError>
    where
        Self: Sized;
}

impl Intent {
    /// That a message is to be sent.
    pub(crate) fn new(message: &Message, at: DateTime) -> Self {
        let message = message.envelope.msgid.clone();
        Self { message, since: at, tries: 0, next: at, taking_back: String::new(), told: String::new() }
    }
}

/// Puts a message into a paper: it is on its way once that is written.
pub(crate) fn intend<F: Carries>(sheet: &mut Sheet<F>, message: &Message, at: DateTime) {
    *sheet.facts.intent() = Some(Intent::new(message, at));
    *sheet.private.bodies().0 = String::from_utf8_lossy(&message.body).into_owned();
}

impl Desk {
    /// Sends the message of a paper whose intent is written, and writes what came of it.
    pub(crate) fn carry<F: Carries>(
        &self,
        papers: &Papers,
        sheet: Sheet<F>,
        act: &Act,
    ) -> Result<Carried, PaperError> {
        let Some(_held) = self.hold(papers, &carried_name::<F>(&sheet.key)) else {
            return Ok(Carried::Waits);
        };
        self.carry_one(papers, sheet, act)
    }

    /// Nobody else of this process works at what has this name until it is let go; none where somebody does.
    pub(crate) fn hold(&self, papers: &Papers, name: &str) -> Option<Held<'_>> {
        let name = (papers.hospital().to_owned(), name.to_owned());
        locked(&self.carried).insert(name.clone()).then(|| Held { desk: self, name })
    }

    fn carry_one<F: Carries>(
        &self,
        papers: &Papers,
        mut sheet: Sheet<F>,
        act: &Act,
    ) -> Result<Carried, PaperError> {
        let Some(intent) = sheet.facts.intent().clone() else { return Ok(Carried::Back) };
        let body: Arc<[u8]> = sheet.private.bodies().0.clone().into_bytes().into();
        let Ok(message) = Message::read(body, None) else {
            tracing::error!(kind = F::KIND, key = sheet.key, "the message of an intent cannot be read");
            return Ok(Carried::Waits);
        };
        let first = intent.tries == 0;
        let answer = self.send(&message);
        let taking_back = !intent.taking_back.is_empty();
        let ended = match answer {
            Ok(_) if taking_back => Some(F::back(papers, &mut sheet, None)?),
            Ok(answer) => {
                let ended = F::done(papers, &mut sheet, &answer, act)?;
                if ended.is_none() {
                    tracing::warn!(kind = F::KIND, key = sheet.key, "an answer cannot be read");
                }
                ended
            }
            // That it was to be taken back is refused where it was done: then what it did stands, and is asked for again.
            Err(No::Refused { .. }) if taking_back && self.tells_outcomes() => {
                return Self::after_all(papers, &mut sheet, act);
            }
            // Never asked for again where the centre may have forgotten it, and would do it anew; what it said is told.
            Err(No::Refused { text, .. }) if taking_back => {
                if let Some(intent) = sheet.facts.intent() {
                    intent.told = text;
                }
                None
            }
            Err(No::Refused { .. }) if !first && message.transaction.reversible && !self.tells_outcomes() => {
                return self.doubts(papers, &mut sheet, act);
            }
            Err(No::Refused { text, .. }) => Some(F::back(papers, &mut sheet, Some(text))?),
            // An earlier sending may have arrived: that this one has not says nothing.
            Err(No::NotProcessed { text }) if first => Some(F::back(papers, &mut sheet, Some(text))?),
            Err(No::NotProcessed { .. } | No::Unknown { .. }) => None,
        };
        let Some((carried, changes)) = ended else { return Self::waits(papers, &mut sheet, act) };
        papers.put(&changes, act)?;
        Ok(carried)
    }

    /// Whether the centre tells what became of a message, and answers its copy as it answered it first.
    fn tells_outcomes(&self) -> bool {
        self.road.capabilities().outcome
    }

    /// A centre that tells no outcome refuses a copy perhaps because it did the first: that is taken back, so that it
    /// certainly has no effect.
    fn doubts<F: Carries>(
        &self,
        papers: &Papers,
        sheet: &mut Sheet<F>,
        act: &Act,
    ) -> Result<Carried, PaperError> {
        self.begin_taking_back(sheet, papers.hospital());
        sheet.state = sheet.state.unknown();
        if let Some(intent) = sheet.facts.intent() {
            intent.next = act.at;
        }
        papers.put(&[sheet.happened("taken-back-in-doubt")], act)?;
        Ok(Carried::Waits)
    }

    /// It cannot be taken back, for it was done: the first message is asked for again.
    fn after_all<F: Carries>(
        papers: &Papers,
        sheet: &mut Sheet<F>,
        act: &Act,
    ) -> Result<Carried, PaperError> {
        if let Some(intent) = sheet.facts.intent() {
            intent.taking_back.clear();
            intent.next = act.at;
        }
        let (body, first) = sheet.private.bodies();
        *body = std::mem::take(first);
        papers.put(&[sheet.happened("not-taken-back")], act)?;
        Ok(Carried::Waits)
    }

    fn waits<F: Carries>(papers: &Papers, sheet: &mut Sheet<F>, act: &Act) -> Result<Carried, PaperError> {
        let was = sheet.state;
        sheet.state = was.unknown();
        if let Some(intent) = sheet.facts.intent() {
            let pause = AGAIN.get(intent.tries as usize).copied().unwrap_or(EVERY);
            intent.tries += 1;
            intent.next = act.at.saturating_add(pause);
        }
        let change = if was == sheet.state { sheet.typed() } else { sheet.happened("unknown") };
        papers.put(&[change], act)?;
        Ok(Carried::Waits)
    }

    /// The message becomes one that takes the first back.
    pub(crate) fn begin_taking_back<F: Carries>(&self, sheet: &mut Sheet<F>, hospital: &str) {
        let id = self.message_id(hospital);
        let person = sheet.private.person();
        let body = sheet.private.bodies().0.clone();
        let Ok(first) = Message::read(body.clone().into_bytes().into(), None) else { return };
        let Some(intent) = sheet.facts.intent() else { return };
        // It is being taken back already: what does that must not be taken for the first message.
        if !intent.taking_back.is_empty() {
            return;
        }
        let infno = first.envelope.infno.clone();
        let request = TakeBack { person, infno, msgid: intent.message.clone() };
        let speaker = Speaker {
            hospital: first.envelope.hospital.clone(),
            hospital_name: String::new(),
            division: first.envelope.care_district.clone(),
            operator: first.envelope.operator.clone(),
            operator_name: first.envelope.operator_name.clone(),
            sign_in: first.envelope.sign_in.clone(),
        };
        let message = speaker.say(&id, self.clock.now(), &request);
        intent.taking_back = id;
        let (body, first_body) = sheet.private.bodies();
        *first_body = std::mem::take(body);
        *body = String::from_utf8_lossy(&message.body).into_owned();
    }

    /// Takes up every message whose time has come, of all hospitals; answers how many are known now.
    pub fn resolve(&self) -> Result<usize, PaperError> {
        let papers = self.resolve_all::<Bill>()? + self.resolve_all::<Errand>()?;
        let papers = papers + self.resolve_all::<Correction>()?;
        let known = papers + self.resolve_all::<Settlement>()? + self.send_due_lines()?;
        // Behind what is in doubt: neither a day that cannot be charged nor a receipt must keep that from being known.
        self.charge_daily()?;
        self.issue_due()?;
        Ok(known)
    }

    fn resolve_all<F: Carries>(&self) -> Result<usize, PaperError> {
        let mut known = 0;
        for state in F::State::IN_DOUBT {
            for tenant in self.store.tenants(F::KIND, &state_word(*state))? {
                let papers = self.papers(&tenant.0);
                for sheet in papers.in_state::<F>(*state)? {
                    known += usize::from(self.resolve_one(&papers, sheet)?);
                }
            }
        }
        Ok(known)
    }

    fn resolve_one<F: Carries>(&self, papers: &Papers, mut sheet: Sheet<F>) -> Result<bool, PaperError> {
        let now = self.clock.now();
        let waits = sheet.state.unknown() == sheet.state;
        let Some(intent) = sheet.facts.intent() else { return Ok(false) };
        if !due(intent.next, intent.since, waits, now) {
            return Ok(false);
        }
        if !waits {
            // Whoever carried it may have sent it.
            intent.tries = intent.tries.max(1);
        }
        match self.carry(papers, sheet, &machine(now)) {
            Ok(carried) => Ok(carried != Carried::Waits),
            // Its window wrote it meanwhile.
            Err(PaperError::Stale { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Looks after messages of unknown outcome until told to stop.
    pub fn look_after(self: &Arc<Self>) -> Caretaker {
        let desk = self.clone();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("caretaker".into())
            .spawn(move || {
                let second = Duration::from_secs(1);
                while stopped.recv_timeout(second) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                    if let Err(error) = desk.resolve() {
                        tracing::warn!(%error, "messages of unknown outcome could not be looked after");
                    }
                }
            })
            .expect("the system has a thread to spare");
        Caretaker { stop, thread: Some(thread) }
    }
}

/// The name of a paper while its message is carried.
pub(crate) fn carried_name<F: Form>(key: &str) -> String {
    format!("{}/{key}", F::KIND)
}

/// Something one process works at; let go with this, whatever became of it.
pub(crate) struct Held<'d> {
    desk: &'d Desk,
    name: (String, String),
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        locked(&self.desk.carried).remove(&self.name);
    }
}

/// Whether a message's time has come.
fn due(next: DateTime, since: DateTime, waits: bool, now: DateTime) -> bool {
    if waits { next <= now } else { now.duration_since(since) >= FORGOTTEN }
}

/// What the machine does by itself.
pub(crate) fn machine(now: DateTime) -> Act {
    Act { at: now, operator: MACHINE.into(), workstation: String::new() }
}

/// The id of a message on its way; empty where there is none.
pub(crate) fn message_of(intent: Option<&Intent>) -> String {
    intent.map(|intent| intent.message.clone()).unwrap_or_default()
}

/// The message has come to something.
pub(crate) fn end<F: Carries>(sheet: &mut Sheet<F>) {
    *sheet.facts.intent() = None;
    let (body, first) = sheet.private.bodies();
    body.clear();
    first.clear();
}

impl Doubtful for BillState {
    const IN_DOUBT: &'static [Self] = &[Self::Unknown, Self::VoidUnknown, Self::Settling, Self::Voiding];

    fn unknown(self) -> Self {
        match self {
            Self::Voiding | Self::VoidUnknown => Self::VoidUnknown,
            _ => Self::Unknown,
        }
    }
}

impl Mail for Patient {
    fn bodies(&mut self) -> (&mut String, &mut String) {
        (&mut self.message, &mut self.first_message)
    }

    fn person(&self) -> Insured {
        Insured::of(&self.number, &self.home)
    }
}

impl Carries for Bill {
    fn intent(&mut self) -> &mut Option<Intent> {
        &mut self.intent
    }

    fn done(
        papers: &Papers,
        bill: &mut Sheet<Self>,
        answer: &Answer,
        act: &Act,
    ) -> Result<Option<Ended>, PaperError> {
        let message = message_of(bill.facts.intent.as_ref());
        if matches!(bill.state, BillState::Voiding | BillState::VoidUnknown) {
            if let Some(heard) = BillHeard::hear(answer) {
                bill.facts.counted.hear_void(&heard, &message, act.at);
            }
            bill.state = BillState::Voided;
            bill.facts.taken_back = false;
            end(bill);
            let mut all = written(papers, bill, "voided", ReceiptState::Void)?;
            all.extend(refund::rest(bill).map(|rest| rest.happened("rest")));
            return Ok(Some((Carried::Voided, all)));
        }
        let Some(heard) = BillHeard::hear(answer) else { return Ok(None) };
        let trial = bill.facts.trial.as_ref().map(|trial| &trial.split);
        bill.facts.split = Some(settled_split(&heard, bill.facts.total(), trial, &bill.key));
        bill.facts.counted.hear(&heard, &message);
        bill.private.sent = std::mem::take(&mut bill.private.message);
        bill.facts.settlement = heard.settlement.unwrap_or_default();
        bill.facts.settled = Some(heard.time.unwrap_or(act.at));
        bill.state = BillState::Settled;
        bill.day = Some(act.at.date());
        end(bill);
        written(papers, bill, "settled", ReceiptState::Used).map(|all| Some((Carried::Settled, all)))
    }

    fn back(papers: &Papers, bill: &mut Sheet<Self>, why: Option<String>) -> Result<Ended, PaperError> {
        bill.facts.taken_back = why.is_none();
        bill.facts.refused = why;
        let voiding = matches!(bill.state, BillState::Voiding | BillState::VoidUnknown);
        end(bill);
        if voiding {
            bill.state = BillState::Settled;
            bill.facts.voided = None;
            return Ok((Carried::Back, vec![bill.happened("void-refused")]));
        }
        bill.state = BillState::Tried;
        bill.facts.trial = None;
        let number = std::mem::take(&mut bill.facts.receipt);
        let mut changes = segment::settle(papers, ReceiptKind::Outpatient, &number, ReceiptState::Free)?;
        changes.push(bill.happened("not-settled"));
        Ok((Carried::Back, changes))
    }
}

fn written(
    papers: &Papers,
    bill: &Sheet<Bill>,
    event: &str,
    receipt: ReceiptState,
) -> Result<Vec<Change>, PaperError> {
    let mut changes = segment::settle(papers, ReceiptKind::Outpatient, &bill.facts.receipt, receipt)?;
    changes.push(bill.happened(event));
    Ok(changes)
}

/// How what was settled is shared. It stands at the centre, whether it adds up or not: where it does not, the trial's
/// shares stand in, and the log tells.
pub(crate) fn settled_split(
    heard: &BillHeard,
    total: money::Money,
    trial: Option<&Split>,
    key: &str,
) -> Split {
    Split::of(heard, total).unwrap_or_else(|by| {
        tracing::error!(key, by = by.to_string(), "a settlement does not add up");
        trial.cloned().unwrap_or_default()
    })
}

/// A thread that looks after messages; it ends with this.
pub struct Caretaker {
    stop: std::sync::mpsc::Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Caretaker {
    fn drop(&mut self) {
        // The channel's end tells it.
        self.stop = std::sync::mpsc::channel().0;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
