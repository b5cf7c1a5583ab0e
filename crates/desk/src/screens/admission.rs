//! IM-1, admission: who is in the hospital, who comes, and each step back until nothing is left.

use minijinja::{Value, context};
use model::InsuranceKind;
use money::Quantity;
use web::{Asked, Said, field};
use wire::asking::{Admission, Admit, CancelAdmission, WithdrawStayLines};

use super::charge::Wrong;
use super::inpatients::{
    all_wards, diagnosis, doctor, exported, first, found, insurances, may, moment, own_wards, row,
    said_diagnoses, said_doctor, send, shown, stay, strip,
};
use super::person::{self, ask, centre_says, insured, proof};
use crate::bed::{Bed, BedEvent, BedState};
use crate::bill::Patient;
use crate::carry::Carried;
use crate::deposit::deposits;
use crate::desk::{At, Shown, Stop};
use crate::errand::{Errand, ErrandState};
use crate::house::Named;
use crate::place::inpatient::{Admitting, Inpatient};
use crate::posting::{PostingState, left, postings};
use crate::sheet::Sheet;
use crate::stay::{Numbers, Rung, Stay, StayEvent, StayPrivate, StayState, happen};

/// Kinds of care a stay is for, the usual one first.
pub(crate) const CARE_KINDS: [(&str, &str); 2] = [("21", "care-21"), ("22", "care-22")];

/// Two windows may reach for one number or bed so often.
const TAKES: usize = 20;

/// Who is in the hospital; a card is read for who comes.
pub(crate) fn list(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    if asked.query.has("as") {
        let stays = found(at, "here", asked.query.get("q"))?;
        let rows: Vec<Value> =
            stays.iter().map(|stay| row(at, stay, &Inpatient::Stay(stay.key.clone()))).collect();
        if let Some(file) = exported(at, asked, &rows) {
            return file;
        }
    }
    begin(at, asked, asked.query.get("q"), &Wrong::default())
}

fn begin(at: &At<'_>, asked: &Asked, typed: &str, wrong: &Wrong) -> Result<Shown, Stop> {
    let stays = found(at, "here", typed)?;
    let rows: Vec<Value> =
        stays.iter().map(|stay| row(at, stay, &Inpatient::Stay(stay.key.clone()))).collect();
    let facts = context! {
        rows, count => stays.len(), q => typed,
        here => Inpatient::Admissions.to_string(),
        card => person::card_facts(at, asked, wrong),
    };
    Ok(Shown::Page("desk/admissions.html", facts))
}

/// A card, or nothing: the form for whoever it names, or for somebody who pays alone.
pub(crate) fn card(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    match known(at, asked)? {
        Ok(None) if let Some(said) = at.serves_insured_only() => {
            begin(at, asked, "", &Wrong::new(at, "card", "", &said))
        }
        Ok(known) => form(at, asked, known.as_ref(), &Wrong::default()),
        Err(said) => begin(at, asked, "", &Wrong::new(at, person::card_field(&said), "", &said)),
    }
}

/// What was shown, and whom it names.
type Known = (person::Presented, Patient);

/// Who comes; none where nothing was shown.
fn known(at: &At<'_>, asked: &Asked) -> Result<Result<Option<Known>, Said>, Stop> {
    let presented = match person::presented(at, asked)? {
        Ok(Some(presented)) => presented,
        Ok(None) => return Ok(Ok(None)),
        Err(said) => return Ok(Err(said)),
    };
    let found = person::find(at, &presented, CARE_KINDS[0].0);
    Ok(found.map(|patient| Some((presented, patient))))
}

fn form(at: &At<'_>, asked: &Asked, known: Option<&Known>, wrong: &Wrong) -> Result<Shown, Stop> {
    let patient = known.map(|(_, patient)| patient);
    let (_, wards) = own_wards(at)?;
    let free = free_beds(at)?;
    let typed = |name: &str, usual: String| {
        if asked.form.has(name) { asked.form.get(name).to_owned() } else { usual }
    };
    let insurances = patient.map(|patient| insurances(at, patient));
    let facts = context! {
        here => Inpatient::Register.to_string(), back => Inpatient::Admissions.to_string(),
        card => known.map(|(presented, _)| presented.facts()), csrf => at.session.facts.csrf,
        patient => patient.map(|patient| super::charge::patient_facts(at, patient, true)),
        insurances, wards, free,
        care_kinds => CARE_KINDS.map(|(code, key)| context! { code, name => format!("{code} {}", at.word(key)) }),
        typed => context! {
            name => typed("name", String::new()), sex => typed("sex", "1".into()), age => typed("age", String::new()),
            insurance => typed("insurance", String::new()), care_kind => typed("care_kind", CARE_KINDS[0].0.into()),
            ward => typed("ward", String::new()), bed => typed("bed", String::new()),
            doctor => typed("doctor", String::new()), diagnosis => typed("diagnosis", String::new()),
            complaint => typed("complaint", String::new()), contact => typed("contact", String::new()),
            telephone => typed("telephone", String::new()), time => typed("time", shown(at.now)),
        },
        wrong => context! { field => wrong.field, why => wrong.why },
    };
    Ok(Shown::Page("desk/admit.html", facts))
}

pub(crate) fn free_beds(at: &At<'_>) -> Result<Vec<Value>, Stop> {
    let mut beds: Vec<Sheet<Bed>> = at.papers.in_state(BedState::Free)?;
    beds.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(beds
        .iter()
        .map(|bed| context! { ward => bed.facts.ward, number => bed.facts.number, kind => bed.facts.kind })
        .collect())
}

/// What was filled in, understood.
struct Filled {
    stay: Stay,
    private: StayPrivate,
}

/// Admits: the number and the bed on paper, then the centre.
pub(crate) fn register(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let known = match known(at, asked)? {
        Ok(known) => known,
        Err(said) => return begin(at, asked, "", &Wrong::new(at, person::card_field(&said), "", &said)),
    };
    let patient = known.as_ref().map(|(_, patient)| patient.clone());
    let filled = match filled(at, asked, patient)? {
        Ok(filled) => filled,
        Err((name, said)) => {
            let wrong = Wrong::new(at, name, asked.form.get(name), &said);
            return form(at, asked, known.as_ref(), &wrong);
        }
    };
    for _ in 0..TAKES {
        match admit(at, &filled) {
            Ok(Some(key)) => return Ok(Shown::Go(Inpatient::Stay(key).to_string())),
            Ok(None) => {
                let said = Said::new("bed-not-free").with("bed", &filled.stay.bed);
                let wrong = Wrong::new(at, "bed", &filled.stay.bed, &said);
                return form(at, asked, known.as_ref(), &wrong);
            }
            // Another window took the number.
            Err(Stop::Papers(crate::sheet::PaperError::Stale { kind, .. })) if kind == "stay-numbers" => {}
            Err(stop) => return Err(stop),
        }
    }
    Err(Stop::Papers(crate::sheet::PaperError::Stale { kind: "stay-numbers".into(), key: String::new() }))
}

type Refused = (&'static str, Said);

fn filled(at: &At<'_>, asked: &Asked, patient: Option<Patient>) -> Result<Result<Filled, Refused>, Stop> {
    let insured = patient.is_some();
    if let Some(said) = at.serves_insured_only().filter(|_| !insured) {
        return Ok(Err(("name", said)));
    }
    let mut patient = match patient.map_or_else(|| alone_patient(asked), Ok) {
        Ok(patient) => patient,
        Err(said) => return Ok(Err(("name", said))),
    };
    let time = match moment(asked.form.get("time"), at.now) {
        Ok(time) => time,
        Err(said) => return Ok(Err(("time", said))),
    };
    let (wards, _) = own_wards(at)?;
    let Some(ward) = wards.iter().find(|ward| ward.key == asked.form.get("ward")) else {
        return Ok(Err(("ward", Said::new("ward-missing"))));
    };
    let Some((doctor, doctor_code, department)) = doctor(at, asked)? else {
        let said = Said::new("doctor-unknown").with("seen", asked.form.get("doctor"));
        return Ok(Err(("doctor", said)));
    };
    let typed = asked.form.get("diagnosis");
    let Some(diagnosis) = diagnosis(at, typed, asked.form.get("diagnosis_pick"))? else {
        return Ok(Err(("diagnosis", Said::new("diagnosis-unknown").with("seen", typed))));
    };
    patient.diagnoses = vec![diagnosis];
    if let Some(said) = lies_here(at, &patient)? {
        return Ok(Err(("card", said)));
    }
    let care = asked.form.get("care_kind");
    let chosen = asked.form.get("insurance");
    let chosen = patient.insurances.iter().find(|cover| cover.kind.to_string() == chosen).cloned();
    if let Some(cover) = &chosen {
        person::cover_by(at, &mut patient, cover, CARE_KINDS[0].0);
    }
    let insurance = chosen.or_else(|| patient.usual_cover().cloned());
    let insurance = insurance.map_or(InsuranceKind::EMPLOYEE.0, |cover| cover.kind);
    let stay = Stay {
        clerk: at.login().to_owned(),
        insured,
        insurance,
        care_kind: CARE_KINDS.iter().find(|(code, _)| *code == care).map_or("21", |(code, _)| code).into(),
        visit: String::new(),
        admitted: time,
        ended: None,
        way_out: String::new(),
        department,
        ward: Named::of(&ward.key, &ward.facts.name),
        bed: field::plain(asked.form.get("bed")),
        doctor,
        doctor_code,
        transfer: None,
        not_taken: String::new(),
        doubt: String::new(),
        settlement: String::new(),
        periods: Vec::new(),
        settled: money::Money::ZERO,
        last_line: 0,
        charged: money::Money::ZERO,
        deposited: money::Money::ZERO,
        debt: None,
        dunned: None,
        daily: Vec::new(),
        trial: None,
        refused: None,
        taken_back: false,
    };
    let text = |name: &str| asked.form.get(name).chars().take(100).collect::<String>();
    let private = StayPrivate {
        patient,
        complaint: text("complaint"),
        contact: text("contact"),
        telephone: text("telephone"),
        ..StayPrivate::default()
    };
    Ok(Ok(Filled { stay, private }))
}

/// Where somebody lies in this hospital already. Of other hospitals the centre knows.
fn lies_here(at: &At<'_>, patient: &Patient) -> Result<Option<Said>, Stop> {
    if patient.number.is_empty() {
        return Ok(None);
    }
    let here = found(at, "here", "")?;
    let same = here.iter().find(|stay| stay.private.patient.number == patient.number);
    Ok(same.map(|stay| {
        let said = Said::new("h103-here").with("number", &stay.key);
        said.with("ward", &stay.facts.ward.name).with("bed", &stay.facts.bed)
    }))
}

fn alone_patient(asked: &Asked) -> Result<Patient, Said> {
    let name = field::name(asked.form.get("name"))?;
    let (female, age) = (asked.form.get("sex") == "2", asked.form.get("age").parse().ok());
    Ok(Patient { name, female, age, ..Patient::default() })
}

/// Under a new number; none where the bed is not free.
fn admit(at: &At<'_>, filled: &Filled) -> Result<Option<String>, Stop> {
    at.desk.remember(&at.papers, &filled.private.patient, &filled.private.telephone, &at.act());
    let (number, numbered) = Numbers::next(&at.papers, at.now)?;
    let mut stay = Sheet::new(number.clone(), StayState::Expected, Some(at.now.date()), filled.stay.clone());
    stay.private = filled.private.clone();
    let mut changes = vec![numbered];
    if let Some(key) = stay.facts.bed_key() {
        let bed = at.papers.get::<Bed>(&key)?;
        let Some(change) = bed.and_then(|bed| bed.changed(BedEvent::Assign, &number)) else {
            return Ok(None);
        };
        changes.push(change);
    }
    if stay.facts.insured {
        let request = said_admission(&stay);
        send(at, stay, StayEvent::Register, &request, changes)?;
    } else {
        changes.extend(happen(&at.papers, &mut stay, StayEvent::Register)?);
        at.papers.put(&changes, &at.act())?;
    }
    Ok(Some(number))
}

fn said_admission(stay: &Sheet<Stay>) -> Admit {
    let (facts, private) = (&stay.facts, &stay.private);
    let diagnoses = &private.patient.diagnoses;
    let main = diagnoses.first().cloned().unwrap_or_default();
    Admit {
        person: insured(&private.patient),
        insurance: InsuranceKind(facts.insurance),
        begins: facts.admitted,
        proof: proof(&private.patient),
        admission: Admission {
            number: stay.key.clone(),
            record: stay.key.clone(),
            contact: private.contact.clone(),
            telephone: private.telephone.clone(),
            care_kind: facts.care_kind.clone(),
            doctor: said_doctor(facts),
            department: facts.department.said(),
            bed: facts.bed.clone(),
            diagnosis: main.name.clone(),
            main_disease: main.said(),
            condition: private.complaint.clone(),
            listed_disease: wire::asking::Named::default(),
        },
        diagnoses: said_diagnoses(facts, diagnoses, facts.admitted),
    }
}

/// One stay: whose it is, the ladder it stands on, all that happened to it.
pub(crate) fn show(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    page(at, &stay(at, key)?, &Wrong::default())
}

fn page(at: &At<'_>, stay: &Sheet<Stay>, wrong: &Wrong) -> Result<Shown, Stop> {
    let rung = stay.facts.rung(stay.state);
    let rungs = Rung::ALL.map(|step| context! { name => at.word(step.key()), here => step == rung });
    let events = at.papers.events::<Stay>(&stay.key)?.into_iter().map(|event| {
        let what = StayEvent::of(&event.event).map_or("event-other", StayEvent::key);
        let what = match event.event.as_str() {
            "begin" => "event-begin-stay",
            "refused" => "event-refused",
            "deposit" => "stay-event-take-deposit",
            "carried" => "event-deposit-carried",
            "dunned" => "event-dunned",
            _ => what,
        };
        context! { at => shown(event.at), what => at.word(what), who => event.operator, where => event.workstation }
    });
    let step = |step: Admitting| Inpatient::Admit(stay.key.clone(), step).to_string();
    let offers = |event: StayEvent| stay.facts.doubt.is_empty() && Stay::may(stay.state, event).is_some();
    let facts = context! {
        stay => strip(at, stay), csrf => at.session.facts.csrf,
        works => at.operator.has(crate::people::Right::Admit),
        contact => stay.private.contact, telephone => stay.private.telephone, visit => stay.facts.visit,
        rungs, events => events.collect::<Vec<_>>(), free => free_beds(at)?,
        steps => context! {
            bed => step(Admitting::Bed), release => step(Admitting::Release), leave => step(Admitting::Leave),
            come => step(Admitting::Return), again => step(Admitting::Again), alone => step(Admitting::Alone),
            cancel => step(Admitting::Cancel), give_up => step(Admitting::GiveUp),
        },
        can => context! {
            bed => offers(StayEvent::AssignBed) || offers(StayEvent::MoveBed),
            release => offers(StayEvent::ReleaseBed), leave => offers(StayEvent::Leave),
            come => offers(StayEvent::Return), again => offers(StayEvent::Register),
            cancel => stay.facts.doubt.is_empty() && stay.state != StayState::Cancelled,
        },
        gives_up => stay.facts.doubt.starts_with(Errand::doubt("").as_str()) && stay.state == StayState::Expected,
        places => places(stay),
        wrong => context! { field => wrong.field, why => wrong.why, typed => wrong.typed },
    };
    Ok(Shown::Page("desk/stay.html", facts))
}

/// Where else a stay is worked on.
pub(crate) fn places(stay: &Sheet<Stay>) -> Value {
    let key = || stay.key.clone();
    context! {
        stay => Inpatient::Stay(key()).to_string(), account => Inpatient::Account(key()).to_string(),
        posting => Inpatient::Posting(key()).to_string(), discharge => Inpatient::Discharge(key()).to_string(),
        day => Inpatient::DayList(key()).to_string(), settlements => Inpatient::Settlements(key()).to_string(),
        change => Inpatient::Change(key()).to_string(), form => Inpatient::AdmissionForm(key()).to_string(),
        certificate => stay.facts.ended.map(|_| Inpatient::Certificate(key()).to_string()),
        fees => Inpatient::FeeList(key()).to_string(),
    }
}

fn refuse(at: &At<'_>, stay: &Sheet<Stay>, field: &'static str, said: &Said) -> Result<Shown, Stop> {
    page(at, stay, &Wrong::new(at, field, "", said))
}

fn go(stay: &Sheet<Stay>) -> Result<Shown, Stop> {
    Ok(Shown::Go(Inpatient::Stay(stay.key.clone()).to_string()))
}

/// A bed for somebody who has none, or another.
pub(crate) fn bed(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    let event = if stay.state == StayState::InHouse { StayEvent::MoveBed } else { StayEvent::AssignBed };
    if let Err(said) = may(at, &stay, event) {
        return refuse(at, &stay, "state", &said);
    }
    let number = field::plain(asked.form.get("bed"));
    let (ward, number) = number.split_once('-').unwrap_or((&stay.facts.ward.code, &number));
    if event == StayEvent::MoveBed && ward != stay.facts.ward.code {
        return refuse(at, &stay, "bed", &Said::new("bed-other-ward").with("ward", ward));
    }
    let (wards, _) = all_wards(at)?;
    let ward = wards.into_iter().find(|known| known.key == ward);
    let bed = match &ward {
        Some(ward) => at.papers.get::<Bed>(&Bed::key(&ward.key, number))?,
        None => None,
    };
    let taken = bed.and_then(|bed| bed.changed(BedEvent::Assign, &stay.key));
    let (Some(ward), Some(taken)) = (ward, taken) else {
        return refuse(at, &stay, "bed", &Said::new("bed-not-free").with("bed", asked.form.get("bed")));
    };
    let before = match stay.facts.bed_key() {
        Some(before) => at.papers.get::<Bed>(&before)?.and_then(|bed| bed.changed(BedEvent::Vacate, "")),
        None => None,
    };
    number.clone_into(&mut stay.facts.bed);
    stay.facts.ward = Named::of(&ward.key, &ward.facts.name);
    let changes = happen(&at.papers, &mut stay, event)?;
    at.papers.put(&before.into_iter().chain([taken]).chain(changes).collect::<Vec<_>>(), &at.act())?;
    go(&stay)
}

/// A step of which nobody else hears.
pub(crate) fn simple(at: &At<'_>, key: &str, event: StayEvent) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, event) {
        return refuse(at, &stay, "state", &said);
    }
    if event == StayEvent::ReleaseBed && !stay.facts.charged.is_zero() {
        return refuse(at, &stay, "state", &first(at, &stay, event, stay.facts.rung(stay.state)));
    }
    let changes = happen(&at.papers, &mut stay, event)?;
    at.papers.put(&changes, &at.act())?;
    go(&stay)
}

/// The admission, said to the centre again.
pub(crate) fn again(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Register) {
        return refuse(at, &stay, "state", &said);
    }
    let request = said_admission(&stay);
    let shown = go(&stay);
    send(at, stay, StayEvent::Register, &request, Vec::new())?;
    shown
}

/// Whom the centre does not take in pays alone.
pub(crate) fn alone(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Register) {
        return refuse(at, &stay, "state", &said);
    }
    if let Some(said) = at.serves_insured_only() {
        return refuse(at, &stay, "state", &said);
    }
    stay.facts.insured = false;
    let changes = happen(&at.papers, &mut stay, StayEvent::Register)?;
    at.papers.put(&changes, &at.act())?;
    go(&stay)
}

/// The admission is taken back: nothing may hang on it.
pub(crate) fn cancel(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Cancel) {
        return refuse(at, &stay, "state", &said);
    }
    if !stay.facts.periods.is_empty() {
        return refuse(at, &stay, "state", &first(at, &stay, StayEvent::Cancel, Rung::Period));
    }
    let lines = postings(&at.papers, key)?;
    let charges = lines.iter().filter(|line| line.facts.original.is_none());
    if charges.into_iter().any(|line| left(line, &lines).0 != Quantity::default()) {
        return refuse(at, &stay, "state", &first(at, &stay, StayEvent::Cancel, Rung::Lines));
    }
    if !stay.facts.deposited.is_zero() {
        return refuse(at, &stay, "state", &first(at, &stay, StayEvent::Cancel, Rung::Deposits));
    }
    debug_assert!(deposits(&at.papers, key)?.iter().all(|d| d.state != crate::deposit::DepositState::Valid));
    if !stay.facts.insured || stay.facts.visit.is_empty() {
        let changes = happen(&at.papers, &mut stay, StayEvent::Cancel)?;
        at.papers.put(&changes, &at.act())?;
        return go(&stay);
    }
    if let Err(said) = super::settling::no_strays(at, &stay)? {
        return refuse(at, &stay, "state", &said);
    }
    let person = insured(&stay.private.patient);
    let visit = stay.facts.visit.clone();
    // Lines that were taken back in parts come to nothing, and are there: they go before the stay does.
    if lines.iter().any(|line| line.state == PostingState::Sent) {
        let all = WithdrawStayLines { person: person.clone(), visit: visit.clone(), lines: None };
        if let Err(no) = ask(at, &all, |_| Some(())) {
            return refuse(at, &stay, "state", &centre_says(&no));
        }
        let gone = lines.into_iter().filter(|line| line.state == PostingState::Sent);
        let gone = gone.map(|line| Sheet { state: PostingState::Withdrawn, ..line }.happened("withdrawn"));
        at.papers.put(&gone.collect::<Vec<_>>(), &at.act())?;
    }
    let shown = go(&stay);
    send(at, stay, StayEvent::Cancel, &CancelAdmission { person, visit }, Vec::new())?;
    shown
}

/// An admission of which nobody knows whether it came is taken back, so that it certainly has no effect.
pub(crate) fn give_up(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    let errand = stay.facts.doubt.split_once('/').map_or("", |(_, key)| key);
    let errand = at.papers.get::<Errand>(errand)?.filter(|errand| errand.state == ErrandState::Unknown);
    let Some(mut errand) = errand.filter(|errand| errand.facts.event == StayEvent::Register) else {
        return go(&stay);
    };
    at.desk.begin_taking_back(&mut errand, at.papers.hospital());
    at.papers.put(&[errand.happened("give-up")], &at.act())?;
    errand.version += 1;
    let _: Carried = at.desk.carry(&at.papers, errand, &at.act())?;
    go(&stay)
}
