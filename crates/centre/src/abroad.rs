//! People of other cities, at the place of care: their messages are sent on to the centre of the place of insurance, each line with how
//! its item is listed here; what is settled there is kept here as its answer says. A message has its effect there, under its own
//! id, so a copy that comes again has none and the answer can be asked for again; it is recorded here behind that.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use ledger::Journal;
use model::{InsuranceKind, JournalId, RegisterKind};
use road::{Given, Reply, Road};
use store::{
    JournalRow, MessageResult, Needs, OffsiteOf, OffsiteRow, Registers, Sealer, period_key, reconciled_key,
};
use wire::{CareListing, Class, Message, Refusal, SettledAbroad};

use crate::clearing::CLOSED;
use crate::decide::{Job, Moment, Verdict, record};
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

/// What the other centre said, or why the message was not sent on.
pub(crate) type Told = Result<(Given, bool), Refusal>;

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
    /// The way to the centre that decides a message, where that is another city's.
    pub(crate) fn way_abroad(&self, message: &Message) -> Option<Result<&Arc<dyn Road>, Refusal>> {
        let division = &message.envelope.home_district;
        if division.is_empty() || !is_about_a_person(message) {
            return None;
        }
        let peer = self.peers.iter().find(|peer| peer.settles_for(division))?;
        let road = peer.roads.get(&message.envelope.hospital);
        let unknown = || Refusal::HospitalUnknown { hospital: message.envelope.hospital.clone() };
        Some(road.ok_or_else(unknown))
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
            needs.registers.extend([RegisterKind::ReconciledDay, RegisterKind::Clearing].map(Registers::All));
        }
        _ => {}
    }
}

/// Whether a message may be sent on at all: what is taken back must count here, and its day not be agreed on.
pub(crate) fn check(job: &Job, state: &State) -> Result<(), Refusal> {
    let Ok(Request::ReverseMessage(reversal)) = &job.request else { return Ok(()) };
    let Some(row) = of_message(job, &reversal.original, state) else { return Ok(()) };
    let date = row.decided.date();
    let key = reconciled_key(date, row.insurance_kind, &kind_there(&row.clearing_kind, &row.division));
    let period = period_key(date);
    let registered =
        |kind, key: &str| state.registered(job.hospital.id(), kind).any(|known| known.key == key);
    if registered(RegisterKind::ReconciledDay, &key) {
        let settlement = row.settlement.to_string();
        return Err(Refusal::DayConfirmed { date: date.to_string(), settlement });
    }
    let closed = state.registered(job.hospital.id(), RegisterKind::Clearing);
    if closed.into_iter().any(|known| known.key == period && known.state == CLOSED) {
        return Err(Refusal::PeriodClosed { period });
    }
    Ok(())
}

/// A kind of clearing as days of another city's people are registered under it, beside those of this city's own.
pub(crate) fn kind_there(clearing_kind: &str, division: &str) -> String {
    format!("{clearing_kind} {}", city_of(division))
}

/// The city of a division: what its first four digits say.
pub(crate) fn city_of(division: &str) -> &str {
    division.get(..4).unwrap_or(division)
}

/// What the other centre's reply comes to.
pub(crate) fn told(reply: Reply) -> Option<Told> {
    match reply {
        Reply::Done(given) => Some(Ok((given, true))),
        Reply::Refused(given) => Some(Ok((given, false))),
        Reply::Held(_) => None,
    }
}

/// What is answered: what the other centre said, or why it was not asked.
pub(crate) fn answer(job: &Job, told: &Told, at: &Moment<'_>) -> Verdict {
    let (answer, done) = match told {
        Ok((given, done)) => (given.answer.clone(), *done),
        Err(refusal) => {
            let stamp = job.stamp(at.now);
            (wire::Answer::refused(refusal, &job.message.envelope, &job.hospital.profile, &stamp), false)
        }
    };
    let noted = if done {
        ("done", "elsewhere".into())
    } else {
        ("refused", answer.error_code().unwrap_or_default())
    };
    Verdict { answer, done, replayed: false, noted }
}

/// Records a message with what the other centre said of it.
pub(crate) fn decide(job: &Job, told: &Told, state: &mut State, at: &mut Moment<'_>) -> Verdict {
    let mut verdict = answer(job, told, at);
    let result = if verdict.done {
        verdict.noted.1 = keep(job, &verdict.answer, state, at);
        MessageResult::Done
    } else {
        MessageResult::Refused(verdict.noted.1.clone())
    };
    if let Some(key) = job.key() {
        record(job, key, (result, None, store::Made::Nothing), &verdict, state, at);
    }
    verdict
}

/// Keeps what a message that was done elsewhere settled, voided or took back. Answers what, for the audit log.
fn keep(job: &Job, answer: &wire::Answer, state: &mut State, at: &mut Moment<'_>) -> String {
    if job.message.transaction.class != Class::Money {
        return "elsewhere".into();
    }
    if let Ok(Request::ReverseMessage(reversal)) = &job.request {
        let key = (reversal.original_infno.as_str(), reversal.original.as_str());
        let original = state.originals(job.hospital.id(), key.0, key.1).next().map(|row| row.id);
        original.into_iter().for_each(|original| state.take_back(original, job.id));
        let row = of_message(job, &reversal.original, state).filter(|row| row.counted).cloned();
        let Some(row) = row else { return "elsewhere".into() };
        let settlement = row.settlement;
        let back = row.journal.map(|_| -row.owed());
        let back = back.map(|amount| journal(job, amount, at));
        let row = OffsiteRow { counted: false, back: back.as_ref().map(|j| j.id), ..row };
        state.put_offsite(row, &reversal.original, back);
        return format!("elsewhere, takes back {settlement}");
    }
    let Some(settled) = SettledAbroad::read(answer) else {
        // What it is must be looked up at the other centre: nothing is made up.
        tracing::error!(message = job.id.0, "an answer from elsewhere does not say what was settled");
        return "elsewhere, unread".into();
    };
    let undoes = match &job.request {
        Ok(Request::VoidBill(void)) => Some(void.settlement),
        _ => None,
    };
    let owed = settled.funds + settled.account + settled.relatives;
    let moved = (!owed.is_zero()).then(|| journal(job, owed, at));
    let settlement = settled.settlement;
    let row = OffsiteRow {
        hospital: job.hospital.id(),
        division: job.message.envelope.home_district.clone(),
        settlement,
        encounter: settled.encounter,
        person: settled.person,
        document: at.sealer.seal(DOCUMENT, settlement.0, settled.document.as_bytes()),
        message: job.id,
        undoes,
        decided: at.now,
        insurance_kind: settled.insurance_kind,
        care_kind: settled.care_kind,
        clearing_kind: settled.clearing_kind,
        total: settled.total,
        funds: settled.funds,
        account: settled.account,
        relatives: settled.relatives,
        cash: settled.cash,
        hospital_share: settled.hospital_share,
        counted: true,
        journal: moved.as_ref().map(|journal| journal.id),
        back: None,
    };
    state.put_offsite(row, &job.message.envelope.msgid, moved);
    format!("elsewhere, number {settlement}")
}

/// What a message of the institution settled elsewhere.
fn of_message<'s>(job: &Job, msgid: &str, state: &'s State) -> Option<&'s OffsiteRow> {
    let own = |(row, id): &&(OffsiteRow, String)| row.hospital == job.hospital.id() && id == msgid;
    state.offsite().iter().find(own).map(|(row, _)| row)
}

fn journal(job: &Job, amount: money::Money, at: &mut Moment<'_>) -> JournalRow {
    JournalRow {
        id: JournalId(at.ids.next()),
        settlement: None,
        person: None,
        hospital: Some(job.hospital.id()),
        insurance_kind: InsuranceKind::EMPLOYEE,
        at: at.now,
        journal: Journal::off_site(amount),
    }
}

/// Opens what names the person of a row.
pub(crate) fn document(row: &OffsiteRow, sealer: &Sealer) -> String {
    let opened = sealer.open(DOCUMENT, row.settlement.0, &row.document).unwrap_or_default();
    String::from_utf8(opened).unwrap_or_default()
}
