//! Who a card or a document names, as every window asks it.

use minijinja::{Value, context};
use model::InsuranceKind;
use web::{Asked, Said, field};
use wire::asking::{
    AccumulatorsHeard, AskAccumulators, BenefitHeard, CheckBenefit, FindBy, FindPerson, InsuranceHeard,
    Insured, PersonHeard, Proof,
};

use super::charge::Wrong;
use crate::bill::{Cover, Patient};
use crate::desk::{At, Stop};
use crate::known::Known;
use crate::place::Place;
use crate::reader::{Card, CardKind, NotRead};
use crate::speak::No;

/// What is shown at the window: what lies on its reader, what another form took from there, or what was typed or scanned.
/// None where nothing was.
pub(crate) fn presented(at: &At<'_>, asked: &Asked) -> Result<Result<Option<Presented>, Said>, Stop> {
    let form = &asked.form;
    if form.has("patient") {
        let Some(known) = at.papers.get::<Known>(form.get("patient"))? else {
            return Ok(Err(Said::new("nothing-here")));
        };
        let card = Card { home: known.private.home, ..Card::typed(&known.private.document) };
        return Ok(Ok(Some(Presented { card, by_reader: false })));
    }
    Ok(card(at, asked))
}

/// What lies on the reader, or was typed.
fn card(at: &At<'_>, asked: &Asked) -> Result<Option<Presented>, Said> {
    let form = &asked.form;
    if form.get("reader") == "read" {
        let card = at.desk.readers.read(at.workstation()).map_err(|not| not_read(&not))?;
        return Ok(Some(Presented { card, by_reader: true }));
    }
    let typed = field::plain(form.get("card"));
    if typed.is_empty() {
        return Ok(None);
    }
    let card = match CardKind::of(form.get("card_kind")) {
        Some(kind) => Card {
            kind,
            number: typed,
            serial: form.get("card_serial").to_owned(),
            document: form.get("card_document").to_owned(),
            home: form.get("home").to_owned(),
        },
        None => match at.desk.readers.scanned(&typed) {
            Some(scanned) => scanned.map_err(|not| not_read(&not))?,
            None => Card { home: division(form.get("home"))?, ..Card::typed(&typed) },
        },
    };
    Ok(Some(Presented { card, by_reader: form.get("reader") == "was" }))
}

/// What was shown, and whether a device read it.
#[derive(Clone)]
pub(crate) struct Presented {
    /// The card.
    pub(crate) card: Card,
    /// It lay on a reader, and must still lie there when money moves.
    pub(crate) by_reader: bool,
}

impl Presented {
    /// As a form carries it to the next.
    pub(crate) fn facts(&self) -> Value {
        context! {
            number => self.card.number, kind => self.card.kind.word(), serial => self.card.serial,
            document => self.card.document, home => self.card.home, reader => if self.by_reader { "was" } else { "" },
        }
    }
}

/// The field of the division.
const HOME: &str = "home";

/// At which field it stands what is wrong with what was shown.
pub(crate) fn card_field(said: &Said) -> &'static str {
    if said.key == "home-wrong" { HOME } else { "card" }
}

/// What a page says where it asks for a card.
pub(crate) fn card_facts(at: &At<'_>, asked: &Asked, wrong: &Wrong) -> Value {
    let error = |home: bool| if (wrong.field == HOME) == home { wrong.why.as_str() } else { "" };
    context! {
        typed => asked.form.get("card"), home => asked.form.get("home"),
        error => error(false), home_error => error(true),
        reader => at.desk.readers.is_at(at.workstation()),
        drawer => at.desk.readers.drawer().map(|_| Place::Reader.to_string()),
    }
}

fn not_read(not: &NotRead) -> Said {
    match not {
        NotRead::Empty => Said::new("reader-empty"),
        NotRead::Failed(text) => Said::new("reader-failed").with("text", text),
    }
}

/// A division as it is typed: six digits, or nothing.
fn division(typed: &str) -> Result<String, Said> {
    let division = field::plain(typed);
    match division.len() {
        0 => Ok(division),
        6 if division.bytes().all(|sign| sign.is_ascii_digit()) => Ok(division),
        _ => Err(Said::new("home-wrong").with("seen", &division)),
    }
}

/// Why money must not move: the card that was read is no longer on the reader, or another is.
pub(crate) fn card_gone(at: &At<'_>, patient: &Patient) -> Option<Said> {
    if !patient.by_reader || !at.desk.readers.is_at(at.workstation()) {
        return None;
    }
    let same = at.desk.readers.read(at.workstation()).is_ok_and(|card| card.number == patient.proof_number);
    (!same).then(|| Said::new("h104"))
}

/// Whom a card names, and how the insurance stands; else what to tell.
pub(crate) fn find(at: &At<'_>, presented: &Presented, care_kind: &str) -> Result<Patient, Said> {
    let card = &presented.card;
    let (proof, by) = match card.kind {
        CardKind::Identity => {
            ("02", FindBy::Document { kind: "01".into(), number: card.number.to_uppercase() })
        }
        CardKind::Insurance => {
            ("03", FindBy::Card { number: card.number.clone(), serial: card.serial.clone() })
        }
        CardKind::Voucher => {
            ("01", FindBy::Voucher { token: card.number.clone(), document: card.document.clone() })
        }
    };
    let request = FindPerson { by, name: String::new(), at: None, home: card.home.clone() };
    let found = ask(at, &request, PersonHeard::hear).map_err(|no| match no {
        No::Refused { text, .. } => Said::new("h101").with("text", text),
        _ => Said::new("no-answer"),
    })?;
    let mut patient = Patient {
        proof: proof.into(),
        proof_number: card.number.clone(),
        by_reader: presented.by_reader,
        home: card.home.clone(),
        female: found.gender == "2",
        age: found.age,
        insurances: found.insurances.iter().map(cover).collect(),
        number: found.number,
        name: found.name,
        document: found.document,
        ..Patient::default()
    };
    let Some(usual) = patient.usual_cover().cloned() else { return Err(Said::new("h101").with("text", "")) };
    cover_by(at, &mut patient, &usual, care_kind);
    Ok(patient)
}

fn cover(heard: &InsuranceHeard) -> Cover {
    Cover {
        kind: heard.kind.0,
        active: heard.is_active(),
        balance: heard.balance,
        home: heard.home.clone(),
        employer: heard.employer.clone(),
        person_type: heard.person_type.clone(),
        paused: heard.paused_on,
    }
}

/// This one of his insurances is to pay.
pub(crate) fn cover_by(at: &At<'_>, patient: &mut Patient, cover: &Cover, care_kind: &str) {
    // Some centres do not say where: then it is where it was asked for.
    if !cover.home.is_empty() {
        patient.home.clone_from(&cover.home);
    }
    patient.employer.clone_from(&cover.employer);
    patient.person_type.clone_from(&cover.person_type);
    patient.balance = cover.balance;
    patient.active = cover.active;
    patient.paused = cover.paused;
    entitlements(at, patient, InsuranceKind(cover.kind), care_kind);
}

/// What funds pay now, and how far the year has gone. What the centre does not tell is left out: it is shown only.
fn entitlements(at: &At<'_>, patient: &mut Patient, insurance: InsuranceKind, care_kind: &str) {
    let person = insured(patient);
    let request = CheckBenefit {
        person: person.clone(),
        insurance,
        care_kind: care_kind.into(),
        begins: at.now,
        disease: String::new(),
    };
    patient.closed_funds.clear();
    if let Ok(heard) = ask(at, &request, BenefitHeard::hear) {
        let closed = heard.funds.into_iter().filter(|fund| !fund.allowed);
        patient.closed_funds = closed.map(|fund| format!("{} {}", fund.name, fund.reason)).collect();
    }
    let year = at.now.date().year();
    if let Ok(heard) = ask(at, &AskAccumulators { person, year: Some(year) }, AccumulatorsHeard::hear) {
        patient.deductible_paid = heard.deductible(year, false);
        patient.funds_paid = heard.paid(year, false);
    }
}

/// Asks the centre; whether it got through is what the line's state says.
pub(crate) fn ask<T>(
    at: &At<'_>,
    request: &dyn wire::asking::Asking,
    hear: impl FnOnce(&wire::Answer) -> Option<T>,
) -> Result<T, No> {
    at.desk.ask(&at.message(request), hear)
}

/// As messages name him.
pub(crate) fn insured(patient: &Patient) -> Insured {
    Insured::of(&patient.number, &patient.home)
}

/// What he has shown.
pub(crate) fn proof(patient: &Patient) -> Proof {
    Proof { kind: patient.proof.clone(), number: patient.proof_number.clone() }
}

/// What the centre says, as the window is told.
pub(crate) fn centre_says(no: &No) -> Said {
    match no {
        No::Refused { text, .. } => Said::new("centre-refused").with("text", text),
        No::NotProcessed { text } => Said::new("centre-not-processed").with("text", text),
        No::Unknown { .. } => Said::new("no-answer"),
    }
}
