//! Messages that move money, from the intent to what became of them. The intent is on paper before anything is sent; where
//! no answer comes, the same message is sent again, by the machine, until it is known what became of it. Nothing is
//! printed and no state moves on before that.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use store::Act;
use wire::Message;
use wire::asking::{BillHeard, Insured, Speaker, TakeBack};

use crate::bill::{Bill, BillState, Split};
use crate::desk::{Desk, locked};
use crate::segment::{self, ReceiptKind, ReceiptState};
use crate::sheet::{PaperError, Papers, Sheet};
use crate::speak::{self, No};

/// When a message of unknown outcome is sent again, behind its first sending; then every minute.
const AGAIN: [SignedDuration; 3] =
    [SignedDuration::from_secs(3), SignedDuration::from_secs(10), SignedDuration::from_secs(30)];
const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// An intent nobody carries any more, for its process is gone, is taken up again behind this.
const FORGOTTEN: SignedDuration = SignedDuration::from_secs(15);

/// What became of a message that was carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// The bill is settled, and its receipt may be printed.
    Settled,
    /// It is voided, and money may go back.
    Voided,
    /// Certainly nothing has come of it.
    Back,
    /// Nobody knows; the machine asks on.
    Waits,
}

/// The operator whose name the machine's own steps carry.
pub const MACHINE: &str = "machine";

impl Desk {
    /// Sends the message of a bill whose intent is on paper, and writes what came of it.
    pub(crate) fn carry(&self, papers: &Papers, bill: Sheet<Bill>, act: &Act) -> Result<Carried, PaperError> {
        let name = (papers.hospital().to_owned(), bill.key.clone());
        if !locked(&self.carried).insert(name.clone()) {
            return Ok(Carried::Waits);
        }
        let carried = self.carry_one(papers, bill, act);
        locked(&self.carried).remove(&name);
        carried
    }

    fn carry_one(&self, papers: &Papers, mut bill: Sheet<Bill>, act: &Act) -> Result<Carried, PaperError> {
        let Some(intent) = bill.facts.intent.clone() else { return Ok(Carried::Back) };
        let body: Arc<[u8]> = bill.private.message.clone().into_bytes().into();
        let Ok(message) = Message::read(body, None) else {
            tracing::error!(bill = bill.key, "the message of an intent cannot be read");
            return Ok(Carried::Waits);
        };
        let first = intent.tries == 0;
        let answer = speak::send(self.road.as_ref(), &message);
        self.note_line(&answer);
        let taking_back = !intent.taking_back.is_empty();
        match answer {
            Ok(_) if taking_back => Self::back(papers, &mut bill, None, act),
            Ok(answer) => match bill.state {
                BillState::Voiding | BillState::VoidUnknown => Self::voided(papers, &mut bill, act),
                _ => match BillHeard::hear(&answer) {
                    Some(heard) => Self::settled(papers, &mut bill, &heard, act),
                    None => Self::waits(papers, &mut bill, act),
                },
            },
            // That it was to be taken back is refused where it was done: then what it did stands, and is asked for again.
            Err(No::Refused { .. }) if taking_back => Self::settle_after_all(papers, &mut bill, act),
            Err(No::Refused { text, .. }) => Self::back(papers, &mut bill, Some(text), act),
            // An earlier sending may have arrived: that this one has not says nothing.
            Err(No::NotProcessed { text }) if first => Self::back(papers, &mut bill, Some(text), act),
            Err(No::NotProcessed { .. } | No::Unknown { .. }) => Self::waits(papers, &mut bill, act),
        }
    }

    fn settled(
        papers: &Papers,
        bill: &mut Sheet<Bill>,
        heard: &BillHeard,
        act: &Act,
    ) -> Result<Carried, PaperError> {
        let total = bill.facts.total();
        // It stands at the centre, whether it adds up or not: what does not is told in the log and on the page of doubts.
        let split = Split::of(heard, total).unwrap_or_else(|by| {
            tracing::error!(bill = bill.key, by = by.to_string(), "a settlement does not add up");
            bill.facts.trial.as_ref().map(|trial| trial.split.clone()).unwrap_or_default()
        });
        bill.facts.settlement = heard.settlement.clone().unwrap_or_default();
        bill.facts.settled = Some(heard.time.unwrap_or(act.at));
        bill.facts.split = Some(split);
        bill.state = BillState::Settled;
        bill.day = Some(act.at.date());
        end(bill);
        Self::write(papers, bill, "settled", ReceiptState::Used, act)?;
        Ok(Carried::Settled)
    }

    fn voided(papers: &Papers, bill: &mut Sheet<Bill>, act: &Act) -> Result<Carried, PaperError> {
        bill.state = BillState::Voided;
        end(bill);
        Self::write(papers, bill, "voided", ReceiptState::Void, act)?;
        Ok(Carried::Voided)
    }

    /// Nothing has come of it: the bill is where it was before.
    fn back(
        papers: &Papers,
        bill: &mut Sheet<Bill>,
        why: Option<String>,
        act: &Act,
    ) -> Result<Carried, PaperError> {
        bill.facts.refused = why;
        let voiding = matches!(bill.state, BillState::Voiding | BillState::VoidUnknown);
        end(bill);
        if voiding {
            bill.state = BillState::Settled;
            bill.facts.voided = None;
            papers.put(&[bill.happened("void-refused")], act)?;
            return Ok(Carried::Back);
        }
        bill.state = BillState::Tried;
        bill.facts.trial = None;
        let number = std::mem::take(&mut bill.facts.receipt);
        let mut changes = segment::settle(papers, ReceiptKind::Outpatient, &number, ReceiptState::Free)?;
        changes.push(bill.happened("not-settled"));
        papers.put(&changes, act)?;
        Ok(Carried::Back)
    }

    /// It cannot be taken back, for it was done: the first message is asked for again.
    fn settle_after_all(papers: &Papers, bill: &mut Sheet<Bill>, act: &Act) -> Result<Carried, PaperError> {
        if let Some(intent) = &mut bill.facts.intent {
            intent.taking_back.clear();
            intent.next = act.at;
        }
        bill.private.message = std::mem::take(&mut bill.private.first_message);
        papers.put(&[bill.happened("not-taken-back")], act)?;
        Ok(Carried::Waits)
    }

    fn waits(papers: &Papers, bill: &mut Sheet<Bill>, act: &Act) -> Result<Carried, PaperError> {
        let was = bill.state;
        bill.state = match was {
            BillState::Voiding | BillState::VoidUnknown => BillState::VoidUnknown,
            _ => BillState::Unknown,
        };
        if let Some(intent) = &mut bill.facts.intent {
            let pause = AGAIN.get(intent.tries as usize).copied().unwrap_or(EVERY);
            intent.tries += 1;
            intent.next = act.at.saturating_add(pause);
        }
        let change = if was == bill.state { bill.typed() } else { bill.happened("unknown") };
        papers.put(&[change], act)?;
        Ok(Carried::Waits)
    }

    fn write(
        papers: &Papers,
        bill: &Sheet<Bill>,
        event: &str,
        receipt: ReceiptState,
        act: &Act,
    ) -> Result<(), PaperError> {
        let mut changes = segment::settle(papers, ReceiptKind::Outpatient, &bill.facts.receipt, receipt)?;
        changes.push(bill.happened(event));
        papers.put(&changes, act)
    }

    /// The message becomes one that takes the first back.
    pub(crate) fn begin_taking_back(&self, bill: &mut Sheet<Bill>, hospital: &str) {
        let id = self.message_id(hospital);
        let Some(intent) = &mut bill.facts.intent else { return };
        let Ok(first) = Message::read(bill.private.message.clone().into_bytes().into(), None) else { return };
        let request = TakeBack {
            person: Insured::of(&bill.private.number, &bill.private.home),
            infno: first.envelope.infno.clone(),
            msgid: intent.message.clone(),
        };
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
        bill.private.first_message = std::mem::take(&mut bill.private.message);
        bill.private.message = String::from_utf8_lossy(&message.body).into_owned();
    }

    /// Whether the line is up, by what became of a message.
    pub(crate) fn note_line<T>(&self, answer: &Result<T, No>) {
        *locked(&self.line) = !matches!(answer, Err(No::Unknown { .. } | No::NotProcessed { .. }));
    }

    /// Takes up every message whose time has come, of all hospitals; answers how many are known now.
    pub fn resolve(&self) -> Result<usize, PaperError> {
        let mut known = 0;
        for state in [BillState::Unknown, BillState::VoidUnknown, BillState::Settling, BillState::Voiding] {
            for tenant in self.store.tenants("bill", &crate::sheet::state_word(state))? {
                let papers = self.papers(&tenant.0);
                for bill in papers.in_state::<Bill>(state)? {
                    known += usize::from(self.resolve_one(&papers, bill)?);
                }
            }
        }
        Ok(known)
    }

    fn resolve_one(&self, papers: &Papers, bill: Sheet<Bill>) -> Result<bool, PaperError> {
        let now = self.clock.now();
        let Some(intent) = &bill.facts.intent else { return Ok(false) };
        let waits = matches!(bill.state, BillState::Unknown | BillState::VoidUnknown);
        if !due(intent.next, intent.since, waits, now) {
            return Ok(false);
        }
        let mut bill = bill;
        if !waits && let Some(intent) = &mut bill.facts.intent {
            // Whoever carried it may have sent it.
            intent.tries = intent.tries.max(1);
        }
        let act = Act { at: now, operator: MACHINE.into(), workstation: String::new() };
        match self.carry(papers, bill, &act) {
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

/// Whether a message's time has come.
fn due(next: DateTime, since: DateTime, waits: bool, now: DateTime) -> bool {
    if waits { next <= now } else { now.duration_since(since) >= FORGOTTEN }
}

/// The message has come to something.
fn end(bill: &mut Sheet<Bill>) {
    bill.facts.intent = None;
    bill.private.message.clear();
    bill.private.first_message.clear();
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
