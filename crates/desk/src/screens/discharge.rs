//! IM-5 and IM-6: the ward lets a patient go, the stay is tried and settled against its deposits; and back, the last step
//! first. Nothing is collected, given back or printed before the settlement stands.

use jiff::civil::DateTime;
use minijinja::{Value, context};
use model::InsuranceKind;
use web::{Asked, Said, field};
use wire::asking::{CancelDischarge, Discharge};

use super::admission::places;
use super::charge::Wrong;
use super::inpatients::{
    diagnoses, exported, first, found, may, moment, row, said_diagnoses, send, shown, stay, strip,
};
use super::person::insured;
use super::posting::sent;
use super::settling::{self, Refused, sum_valid};
use super::sign_in::signed;
use crate::arrears::Debt;
use crate::desk::{At, Shown, Stop};
use crate::people::Right;
use crate::place::inpatient::{Inpatient, Leaving};
use crate::place::{Place, What};
use crate::posting::{Entry, PostingState, open_postings, postings, sum};
use crate::settlement::Settlement;
use crate::sheet::Sheet;
use crate::stay::{Rung, Stay, StayEvent, StayState, happen};

/// National ways of leaving.
pub(crate) const WAYS: [(&str, &str); 6] = [
    ("1", "way-order"),
    ("2", "way-transfer"),
    ("3", "way-community"),
    ("4", "way-own-wish"),
    ("5", "way-death"),
    ("9", "way-other"),
];

/// Who is here and may go, and who has gone unsettled.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let typed = asked.query.get("q");
    let mut stays = found(at, "unsettled", typed)?;
    stays.extend(found(at, "here", typed)?);
    let rows: Vec<Value> =
        stays.iter().map(|stay| row(at, stay, &Inpatient::Discharge(stay.key.clone()))).collect();
    if let Some(file) = exported(at, asked, &rows) {
        return file;
    }
    let facts = context! {
        rows, count => stays.len(), q => typed, here => Inpatient::Discharges.to_string(),
        title => at.word("tab-discharge"),
    };
    Ok(Shown::Page("desk/stays.html", facts))
}

/// The discharge of a stay, in whatever state it is.
pub(crate) fn show(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    page(at, &stay(at, key)?, &Wrong::default())
}

fn page(at: &At<'_>, stay: &Sheet<Stay>, wrong: &Wrong) -> Result<Shown, Stop> {
    let step = |step: Leaving| Inpatient::Leave(stay.key.clone(), step).to_string();
    let rung = stay.facts.rung(stay.state);
    let facts = context! {
        stay => strip(at, stay), places => places(stay), csrf => at.session.facts.csrf,
        here => Inpatient::Discharge(stay.key.clone()).to_string(),
        checks => checks(at, stay)?,
        goes => may(at, stay, StayEvent::Discharge).is_ok(),
        recalls => may(at, stay, StayEvent::Recall).is_ok(),
        leaves => may(at, stay, StayEvent::LeaveWithDebt).is_ok(),
        rungs => Rung::ALL.map(|step| context! { name => at.word(step.key()), here => step == rung }),
        ways => WAYS.map(|(code, key)| context! { code, name => at.word(key) }),
        form => context! {
            time => shown(at.now),
            diagnosis => stay.private.patient.diagnoses.first().map(|d| format!("{} {}", d.code, d.name)).unwrap_or_default(),
        },
        find => Place::Find(What::Diagnosis).to_string(),
        settling => settling::facts(at, stay, StayEvent::Settle)?,
        steps => context! {
            go => step(Leaving::Go), trial => step(Leaving::Try), settle => step(Leaving::Settle),
            void => step(Leaving::Void), recall => step(Leaving::Recall), debt => step(Leaving::Debt),
            give_up => step(Leaving::GiveUp),
        },
        wrong => context! { field => wrong.field, why => wrong.why, typed => wrong.typed },
    };
    Ok(Shown::Page("desk/discharge.html", facts))
}

/// What must hold before a patient goes, each with what is found.
fn checks(at: &At<'_>, stay: &Sheet<Stay>) -> Result<Vec<Value>, Stop> {
    let lines = postings(&at.papers, &stay.key)?;
    let open = lines.iter().filter(|line| line.state.is_open()).count();
    let unmapped = lines.iter().filter(|line| line.facts.line.mapped.is_none()).count();
    let sum = sum(&lines);
    let given = sum_valid(at, &stay.key)?;
    let unposted = Entry::unposted(&at.papers, &stay.key)?;
    let check = |key: &'static str, good: bool, found: String| context! { name => at.word(key), good, found };
    Ok(vec![
        check("check-posted", unposted == 0, unposted.to_string()),
        check("check-sent", open == 0, open.to_string()),
        check("check-doubt", stay.facts.doubt.is_empty(), String::new()),
        check("check-total", sum == stay.facts.charged && !sum.is_negative(), sum.to_string()),
        // What is not mapped was asked about when it was posted.
        check("check-mapped", true, unmapped.to_string()),
        check("check-deposits", given == stay.facts.deposited, given.to_string()),
    ])
}

fn refuse(at: &At<'_>, stay: &Sheet<Stay>, wrong: (&'static str, &str), said: &Said) -> Result<Shown, Stop> {
    page(at, stay, &Wrong::new(at, wrong.0, wrong.1, said))
}

fn again(key: &str) -> Result<Shown, Stop> {
    Ok(Shown::Go(Inpatient::Discharge(key.to_owned()).to_string()))
}

/// The patient goes: time, way and diagnoses on paper, then the centre.
pub(crate) fn go(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    sent(at, key)?;
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Discharge) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let open = open_postings(&at.papers, key)?.len();
    if open > 0 {
        return refuse(at, &stay, ("state", ""), &Said::new("h502").with("open", open));
    }
    let unposted = Entry::unposted(&at.papers, key)?;
    if unposted > 0 {
        return refuse(at, &stay, ("state", ""), &Said::new("h502-unposted").with("open", unposted));
    }
    if let Some(transfer) = &stay.facts.transfer {
        let said = Said::new("h502-transfer").with("ward", &transfer.ward.name);
        return refuse(at, &stay, ("state", ""), &said);
    }
    // The settlement it ends with is of something: the centre makes none of nothing.
    if !stay.facts.periods.is_empty() && stay.facts.unsettled().is_zero() {
        return refuse(at, &stay, ("state", ""), &Said::new("h502-all-settled"));
    }
    let typed = asked.form.get("time");
    let ended = match ends(at, &stay, typed)? {
        Ok(ended) => ended,
        Err(said) => return refuse(at, &stay, ("time", typed), &said),
    };
    let Some(found) = diagnoses(at, asked)? else {
        let typed = asked.form.get("diagnosis");
        return refuse(at, &stay, ("diagnosis", typed), &Said::new("diagnosis-unknown").with("seen", typed));
    };
    if let Err(said) = super::settling::no_strays(at, &stay)? {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let way = WAYS.iter().find(|(code, _)| *code == asked.form.get("way")).map_or("1", |(code, _)| code);
    stay.facts.ended = Some(ended);
    way.clone_into(&mut stay.facts.way_out);
    stay.facts.trial = None;
    stay.private.at_discharge = found;
    if stay.facts.insured {
        let request = said_discharge(&stay, ended);
        send(at, stay, StayEvent::Discharge, &request, Vec::new())?;
    } else {
        let changes = happen(&at.papers, &mut stay, StayEvent::Discharge)?;
        at.papers.put(&changes, &at.act())?;
    }
    again(key)
}

/// When the patient goes: behind all that was given.
fn ends(at: &At<'_>, stay: &Sheet<Stay>, typed: &str) -> Result<Result<DateTime, Said>, Stop> {
    let ended = match moment(typed, at.now) {
        Ok(ended) => ended,
        Err(said) => return Ok(Err(said)),
    };
    let lines = postings(&at.papers, &stay.key)?;
    let charged = lines.iter().filter(|line| line.state != PostingState::Withdrawn);
    let served = charged.map(|line| line.facts.served.date()).max();
    // Nor before what was settled while it went on.
    let period = match stay.facts.periods.last() {
        Some(period) => at.papers.get::<Settlement>(period)?.and_then(|period| period.facts.settled),
        None => None,
    };
    let last = [served, period.map(DateTime::date)].into_iter().flatten().max();
    let last = last.unwrap_or(stay.facts.admitted.date());
    if ended < stay.facts.admitted || ended.date() < last {
        return Ok(Err(Said::new("before-last-line").with("day", last.max(stay.facts.admitted.date()))));
    }
    Ok(Ok(ended))
}

fn said_discharge(stay: &Sheet<Stay>, ended: DateTime) -> Discharge {
    let facts = &stay.facts;
    Discharge {
        person: insured(&stay.private.patient),
        visit: facts.visit.clone(),
        insurance: InsuranceKind(facts.insurance),
        ends: ended,
        listed_disease: wire::asking::Named::default(),
        complications: None,
        department: facts.department.said(),
        bed: facts.bed.clone(),
        way: facts.way_out.clone(),
        died: (facts.way_out == "5").then(|| ended.date()),
        diagnoses: said_diagnoses(facts, &stay.private.at_discharge, ended),
    }
}

/// A trial of a stay that is over.
pub(crate) fn try_it(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let refused = settling::try_it(at, key, StayEvent::Settle)?;
    Refused::or_again(at, refused, &Inpatient::Discharge(key.to_owned()), page)
}

/// Settles what is not settled of it.
pub(crate) fn settle(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let refused = settling::settle(at, asked, key, StayEvent::Settle)?;
    Refused::or_again(at, refused, &Inpatient::Discharge(key.to_owned()), page)
}

/// Voids the settlement it ended with.
pub(crate) fn void(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let refused = settling::void(at, asked, key, StayEvent::VoidSettlement)?;
    Refused::or_again(at, refused, &Inpatient::Discharge(key.to_owned()), page)
}

/// The discharge is taken back; its settlement first.
pub(crate) fn recall(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Recall) {
        let said = if stay.state == StayState::Settled && stay.facts.doubt.is_empty() {
            first(at, &stay, StayEvent::Recall, Rung::Settlement)
        } else {
            said
        };
        return refuse(at, &stay, ("state", ""), &said);
    }
    stay.facts.trial = None;
    if stay.facts.insured {
        let person = insured(&stay.private.patient);
        let visit = stay.facts.visit.clone();
        send(at, stay, StayEvent::Recall, &CancelDischarge { person, visit }, Vec::new())?;
    } else {
        let changes = happen(&at.papers, &mut stay, StayEvent::Recall)?;
        at.papers.put(&changes, &at.act())?;
    }
    again(key)
}

/// The patient goes without paying: somebody answers for it, or somebody else of the hospital allows it.
pub(crate) fn debt(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::LeaveWithDebt) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let typed = asked.form.get("guarantor");
    let mut allowed_by = String::new();
    match (field::name(typed), asked.form.get("approver")) {
        (Ok(guarantor), _) => stay.private.guarantor = guarantor,
        (Err(_), "") if stay.guarantee(at.now.date()).is_some() => {}
        (Err(_), "") => return refuse(at, &stay, ("guarantor", typed), &Said::new("guarantor-missing")),
        (Err(_), _) => match signed(at, asked, Right::AllowArrears)? {
            Ok(approver) => allowed_by = approver,
            Err(said) => return refuse(at, &stay, ("approver", ""), &said),
        },
    }
    stay.facts.debt = Some(Debt { at: at.now, by: at.login().to_owned(), allowed_by, written_off: None });
    let changes = happen(&at.papers, &mut stay, StayEvent::LeaveWithDebt)?;
    at.papers.put(&changes, &at.act())?;
    again(key)
}

/// A settlement nobody knows of is taken back.
pub(crate) fn give_up(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    settling::give_up(at, key)?;
    again(key)
}
