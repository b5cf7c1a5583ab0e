//! People of other cities, at the place of care: their messages are sent on to the centre of the place of insurance, each line with how
//! its item is listed here; what is settled there is kept here as its answer says. A message has its effect there, under its own
//! id, so a copy that comes again has none and the answer can be asked for again; it is recorded here behind that.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use ledger::Journal;
use model::{InsuranceKind, JournalId, RegisterKind, SettlementId};
use road::{Reply, Road};
use store::{
    JournalRow, MessageResult, Needs, OffsiteOf, OffsiteRow, Registers, Sealer, period_key, reconciled_key,
};
use wire::transactions::ReverseMessage;
use wire::{Answer, CareListing, Class, Doubt, Message, Refusal, SettledAbroad};

use crate::clearing::CLOSED;
use crate::decide::{Job, Moment, NOT_KEPT, Verdict, audit, record};
use crate::directory::Hospital;
use crate::engine::City;
use crate::state::State;
use crate::transactions::Request;

/// The centre of another city, whose people are treated here.
#[derive(Clone, Default)]
pub struct Peer {
    /// First digits of its home divisions.
    pub divisions: Vec<String>,
    /// The way to it, of each institution here by its code: it knows them as its own.
    pub roads: HashMap<String, Arc<dyn Road>>,
}

impl Peer {
    /// Whether the people of a division are its.
    pub(crate) fn settles_for(&self, division: &str) -> bool {
        self.divisions.iter().any(|known| division.starts_with(known.as_str()))
    }
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer").field("divisions", &self.divisions).finish_non_exhaustive()
    }
}

/// What became of a message that the other centre decides.
pub(crate) enum Told {
    /// What it said, and whether it is done; with what it settled, where it says so.
    Said { answer: Answer, done: bool, settled: Option<SettledAbroad> },
    /// Why it was not sent on.
    Not(Refusal),
}

impl Told {
    /// A reply there is.
    pub(crate) fn of(reply: Reply) -> Self {
        let done = matches!(reply, Reply::Done(_));
        let (Reply::Done(given) | Reply::Refused(given)) = reply else {
            unreachable!("one that is held there is told to be on its way")
        };
        let settled = if done { SettledAbroad::read(&given.answer) } else { None };
        Self::Said { answer: given.answer, done, settled }
    }

    fn settled(&self) -> Option<&SettledAbroad> {
        let Self::Said { settled, .. } = self else { return None };
        settled.as_ref()
    }
}

/// Whether the people of a division are another centre's.
pub(crate) fn is_elsewhere(peers: &[Peer], division: &str) -> bool {
    peers.iter().any(|peer| peer.settles_for(division))
}

/// Where what names a person of another city is sealed.
pub(crate) const DOCUMENT: &str = "offsite.document";

/// Whether a message is about a person, so that the centre of the place of insurance decides it. What is looked for in what is
/// ordered is looked for at the place of care.
fn is_about_a_person(message: &Message) -> bool {
    let transaction = message.transaction;
    match transaction.infno {
        "3101" | "3102" => false,
        "outcome" => true,
        _ => transaction.names_a_person(),
    }
}

impl City {
    /// Which of the peers decides a message, where one does.
    pub(crate) fn peer_of(&self, message: &Message) -> Option<usize> {
        let division = &message.envelope.home_district;
        if division.is_empty() || !is_about_a_person(message) {
            return None;
        }
        self.peers.iter().position(|peer| peer.settles_for(division))
    }

    /// The way to the centre that decides a message.
    pub(crate) fn way_abroad(&self, message: &Message) -> Result<&Arc<dyn Road>, Refusal> {
        let hospital = &message.envelope.hospital;
        let peer = self.peer_of(message).map(|at| &self.peers[at]);
        let road = peer.and_then(|peer| peer.roads.get(hospital));
        road.ok_or_else(|| Refusal::HospitalUnknown { hospital: hospital.clone() })
    }

    /// How an item is listed here on a day, at an institution's level.
    pub(crate) fn listing(&self, hospital: &Hospital, code: &str, day: Date) -> Option<CareListing> {
        let item = self.catalogue.item(code, day)?;
        Some(CareListing::of(item, usize::from(hospital.level().get())))
    }
}

/// The rows a message sent on must see here.
pub(crate) fn needs(job: &Job, needs: &mut Needs) {
    match &job.request {
        Ok(Request::VoidBill(void)) => {
            needs.offsite = Some(OffsiteOf::Settlement(void.settlement));
        }
        Ok(Request::ReverseMessage(reversal)) => {
            let original = (reversal.original_infno.clone(), reversal.original.clone());
            needs.original = Some(original.clone());
            needs.offsite = Some(OffsiteOf::Message(original.0, original.1));
            needs.registers.extend(all_shut());
        }
        Ok(Request::Outcome(asked)) => {
            needs.original = Some((asked.original_infno.clone(), asked.original.clone()));
        }
        _ => {}
    }
    // The day it was settled on may be shut here by now.
    let settled = job.abroad.as_deref().and_then(Told::settled);
    if let Some(settled) = settled.filter(|_| job.message.transaction.class == Class::Money) {
        needs.registers.extend(day_of(settled, &job.message.envelope.home_district).unwrap_or_else(all_shut));
    }
}

/// Where it is registered that the day of a settlement is shut; none where its answer does not say of which kind it is.
fn day_of(settled: &SettledAbroad, division: &str) -> Option<[Registers; 2]> {
    let day = settled.decided?.date();
    let clearing_kind = kind_at(settled.clearing_kind.as_ref()?, division, true);
    let day_key = reconciled_key(day, settled.insurance_kind?, &clearing_kind);
    Some(
        [(RegisterKind::ReconciledDay, day_key), (RegisterKind::Clearing, period_key(day))]
            .map(|(kind, key)| Registers::Keys(kind, vec![key])),
    )
}

/// Of all days and months.
fn all_shut() -> [Registers; 2] {
    [RegisterKind::ReconciledDay, RegisterKind::Clearing].map(Registers::All)
}

/// Whether a message may be sent on at all: what is taken back must not be of a day that is agreed on, or of a closed month.
pub(crate) fn check(job: &Job, state: &State) -> Result<(), Refusal> {
    let Ok(Request::ReverseMessage(reversal)) = &job.request else { return Ok(()) };
    let Some(row) = of_message(job, reversal, state) else { return Ok(()) };
    shut(job, row.decided, &row, state).map_or(Ok(()), Err)
}

/// Why nothing may change of a day any more.
fn shut(job: &Job, at: DateTime, row: &OffsiteRow, state: &State) -> Option<Refusal> {
    let (date, period) = (at.date(), period_key(at.date()));
    let key = reconciled_key(date, row.insurance_kind, &kind_at(&row.clearing_kind, &row.division, true));
    let registered = |kind| state.registered(job.hospital.id(), kind);
    if registered(RegisterKind::ReconciledDay).any(|known| known.key == key) {
        return Some(Refusal::DayConfirmed {
            date: date.to_string(),
            settlement: row.settlement.to_string(),
        });
    }
    let closed = registered(RegisterKind::Clearing).any(|known| known.key == period && known.state == CLOSED);
    closed.then_some(Refusal::PeriodClosed { period })
}

/// A kind of clearing as days are registered under it: those of another city's people beside those of this city's own.
pub(crate) fn kind_at<'k>(clearing_kind: &'k str, division: &str, elsewhere: bool) -> Cow<'k, str> {
    if elsewhere { format!("{clearing_kind} {}", city_of(division)).into() } else { clearing_kind.into() }
}

/// The city of a division: its first four digits, of a municipality its first two.
pub(crate) fn city_of(division: &str) -> &str {
    let municipality = ["11", "12", "31", "50"].iter().any(|code| division.starts_with(code));
    division.get(..if municipality { 2 } else { 4 }).unwrap_or(division)
}

/// Whether a message asks after one that moves money and is in no books here.
pub(crate) fn is_unheard_of(job: &Job, state: &State) -> bool {
    let Ok(Request::Outcome(asked)) = &job.request else { return false };
    let money = wire::transaction(&asked.original_infno).is_some_and(|t| t.class == Class::Money);
    money && state.originals(job.hospital.id(), &asked.original_infno, &asked.original).next().is_none()
}

/// Whether an answer to that question says that it was done.
pub(crate) fn is_done(reply: &Reply) -> bool {
    outcome_of(reply).as_deref() == Some("done")
}

/// Whether it says that the message came there at all.
pub(crate) fn was_received(reply: &Reply) -> bool {
    outcome_of(reply).is_some_and(|outcome| outcome != "not received")
}

fn outcome_of(reply: &Reply) -> Option<String> {
    let Reply::Done(given) = reply else { return None };
    given.answer.output("result", "outcome")
}

/// What is answered: what the other centre said, or why it was not asked.
pub(crate) fn answer(job: &Job, told: &Told, at: &Moment<'_>) -> Verdict {
    let (answer, done) = match told {
        Told::Said { answer, done, .. } => (answer.clone(), *done),
        Told::Not(refusal) => {
            let stamp = job.stamp(at.now);
            (Answer::refused(refusal, &job.message.envelope, &job.hospital.profile, &stamp), false)
        }
    };
    let noted = if done {
        ("done", "elsewhere".into())
    } else {
        ("refused", answer.error_code().unwrap_or_default())
    };
    Verdict { answer, done, replayed: false, noted }
}

/// Records a message with what the other centre said of it. What it settled and does not say how stays unknown.
pub(crate) fn decide(
    job: &Job,
    told: &Told,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Verdict, Doubt> {
    let mut verdict = answer(job, told, at);
    let not_kept = NOT_KEPT.into_iter().find(|code| !verdict.done && verdict.noted.1 == *code);
    if let Some(code) = not_kept {
        verdict.noted = (code, String::new());
        audit(job, &verdict.noted, state, at);
        return Ok(verdict);
    }
    let result = if verdict.done {
        verdict.noted.1 = keep(job, told, state, at)?;
        MessageResult::Done
    } else {
        MessageResult::Refused(verdict.noted.1.clone())
    };
    if let Some(key) = job.key() {
        record(job, key, (result, None, store::Made::Nothing), &verdict, state, at);
    }
    Ok(verdict)
}

/// Keeps what a message that was done elsewhere settled, voided or took back. Answers what, for the audit log.
fn keep(job: &Job, told: &Told, state: &mut State, at: &mut Moment<'_>) -> Result<String, Doubt> {
    match &job.request {
        _ if job.message.transaction.class != Class::Money => Ok("elsewhere".into()),
        Ok(Request::ReverseMessage(reversal)) => Ok(take_back(job, reversal, state, at)),
        _ => settle(job, told.settled(), state, at),
    }
}

fn settle(
    job: &Job,
    settled: Option<&SettledAbroad>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<String, Doubt> {
    let unread = |what: &str| {
        tracing::error!(message = job.id.0, what, "an answer from elsewhere does not say what was settled");
        Doubt::Fault { id: job.id.to_string() }
    };
    let settled = settled.cloned().ok_or_else(|| unread("figures"))?;
    let undoes = match &job.request {
        Ok(Request::VoidBill(void)) => Some(void.settlement),
        _ => None,
    };
    // What an answer to a void does not say is what it was.
    let known = state.offsite().iter().find(|(row, _)| Some(row.settlement) == undoes);
    let known = known.map(|(row, _)| row.clone());
    let number = settled.settlement;
    let document = match (&known, settled.document.as_str()) {
        (Some(known), "") => document(known, at.sealer),
        (_, told) => told.to_owned(),
    };
    let of = |told: Option<String>, known: Option<&String>| told.or_else(|| known.cloned());
    let clearing_kind = of(settled.clearing_kind, known.as_ref().map(|row| &row.clearing_kind));
    let care_kind = of(settled.care_kind, known.as_ref().map(|row| &row.care_kind));
    let insurance_kind = settled.insurance_kind.or(known.as_ref().map(|row| row.insurance_kind));
    let mut row = OffsiteRow {
        hospital: job.hospital.id(),
        division: job.message.envelope.home_district.clone(),
        settlement: number,
        encounter: settled.encounter,
        person: settled.person,
        document: at.sealer.seal(DOCUMENT, number.0, document.as_bytes()),
        message: job.id,
        undoes,
        decided: at.now,
        insurance_kind: insurance_kind.unwrap_or(InsuranceKind::EMPLOYEE),
        care_kind: care_kind.unwrap_or_default(),
        clearing_kind: clearing_kind.ok_or_else(|| unread("kind of clearing"))?,
        total: settled.total,
        funds: settled.funds,
        account: settled.account,
        relatives: settled.relatives,
        cash: settled.cash,
        hospital_share: settled.hospital_share,
        counted: true,
        journal: None,
        back: None,
    };
    // It counts when it was settled, as in the other books, unless that day is shut here.
    let then = settled.decided.filter(|then| *then <= at.now);
    row.decided = then.filter(|then| shut(job, *then, &row, state).is_none()).unwrap_or(at.now);
    post(job, row, &job.message.envelope.msgid, state, at);
    Ok(format!("elsewhere, number {number}"))
}

/// Keeps a row with what moves for it.
fn post(job: &Job, row: OffsiteRow, msgid: &str, state: &mut State, at: &mut Moment<'_>) {
    let moved = (!row.owed().is_zero()).then(|| journal(&row, row.owed(), at));
    let row = OffsiteRow { message: job.id, journal: moved.as_ref().map(|journal| journal.id), ..row };
    state.put_offsite(row, msgid, moved);
}

/// A message was taken back elsewhere. What it settled counts here no more; of a day that is shut by now that is undone by a row of
/// today. One that is not known here stays without effect, should it still come.
fn take_back(job: &Job, reversal: &ReverseMessage, state: &mut State, at: &mut Moment<'_>) -> String {
    let (infno, msgid) = (&reversal.original_infno, &reversal.original);
    let Some(original) = state.originals(job.hospital.id(), infno, msgid).next() else {
        state.bury(job.hospital.id(), (infno, msgid), None, job.id, at);
        return "elsewhere, never came".into();
    };
    if original.result != MessageResult::Done {
        return "elsewhere".into();
    }
    let (original, row) = (original.id, of_message(job, reversal, state));
    state.take_back(original, job.id);
    let Some(row) = row.filter(|row| row.counted) else { return "elsewhere".into() };
    let settlement = row.settlement;
    if shut(job, row.decided, &row, state).is_some() {
        let document = document(&row, at.sealer);
        let number = SettlementId(job.id.0);
        let undone = OffsiteRow {
            settlement: number,
            document: at.sealer.seal(DOCUMENT, number.0, document.as_bytes()),
            undoes: Some(settlement),
            decided: at.now,
            total: -row.total,
            funds: -row.funds,
            account: -row.account,
            relatives: -row.relatives,
            cash: -row.cash,
            hospital_share: -row.hospital_share,
            ..row
        };
        post(job, undone, &job.message.envelope.msgid, state, at);
        return format!("elsewhere, undoes {settlement}");
    }
    let back = row.journal.map(|_| journal(&row, -row.owed(), at));
    let row = OffsiteRow { counted: false, back: back.as_ref().map(|journal| journal.id), ..row };
    state.put_offsite(row, msgid, back);
    format!("elsewhere, takes back {settlement}")
}

/// What a message of the institution settled elsewhere.
fn of_message(job: &Job, reversal: &ReverseMessage, state: &State) -> Option<OffsiteRow> {
    let hospital = job.hospital.id();
    let original = state.originals(hospital, &reversal.original_infno, &reversal.original).next()?.id;
    let own = |(row, _): &&(OffsiteRow, String)| row.hospital == hospital && row.message == original;
    state.offsite().iter().find(own).map(|(row, _)| row.clone())
}

fn journal(row: &OffsiteRow, amount: money::Money, at: &mut Moment<'_>) -> JournalRow {
    JournalRow {
        id: JournalId(at.ids.next()),
        settlement: None,
        person: None,
        hospital: Some(row.hospital),
        insurance_kind: row.insurance_kind,
        at: at.now,
        journal: Journal::off_site(amount),
    }
}

/// Opens what names the person of a row.
pub(crate) fn document(row: &OffsiteRow, sealer: &Sealer) -> String {
    let opened = sealer.open(DOCUMENT, row.settlement.0, &row.document).unwrap_or_default();
    String::from_utf8(opened).unwrap_or_default()
}
