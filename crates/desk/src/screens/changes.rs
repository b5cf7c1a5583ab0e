//! IM-4, changes: what was said of a stay is said anew, to the centre first; and a patient goes to another ward, where that
//! ward takes him.

use minijinja::{Value, context};
use web::{Asked, Said, field};
use wire::asking::{Admission, ChangeAdmission, DiagnosisSaid, Proof};

use super::admission::{CARE_KINDS, free_beds, places};
use super::charge::Wrong;
use super::inpatients::{all_wards, diagnoses, doctor, may, said_diagnoses, send_change, shown, stay, strip};
use super::person::insured;
use crate::bed::{Bed, BedEvent};
use crate::desk::{At, Shown, Stop};
use crate::house::Named;
use crate::place::inpatient::{Changing, Inpatient};
use crate::place::{Place, What};
use crate::posting::Entry;
use crate::sheet::Sheet;
use crate::stay::{Stay, StayChange, StayEvent, Transfer, changed, happen};

/// What may be said anew of a stay, and which ward is asked to take the patient.
pub(crate) fn show(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    page(at, &stay(at, key)?, &Wrong::default())
}

fn page(at: &At<'_>, stay: &Sheet<Stay>, wrong: &Wrong) -> Result<Shown, Stop> {
    let step = |step: Changing| Inpatient::Changed(stay.key.clone(), step).to_string();
    let facts = &stay.facts;
    let said = |named: &Named| format!("{} {}", named.code, named.name).trim().to_owned();
    let diagnosis = |n: usize| stay.private.patient.diagnoses.get(n).map(said).unwrap_or_default();
    let (wards, _) = all_wards(at)?;
    let others = wards.iter().filter(|ward| ward.key != facts.ward.code);
    let facts = context! {
        stay => strip(at, stay), places => places(stay), csrf => at.session.facts.csrf,
        here => Inpatient::Change(stay.key.clone()).to_string(),
        changes => may(at, stay, StayEvent::Change).is_ok(),
        moves => may(at, stay, StayEvent::AskTransfer).is_ok(),
        form => context! {
            doctor => said(&facts.doctor), care_kind => facts.care_kind, diagnosis => diagnosis(0),
            second => diagnosis(1), third => diagnosis(2),
        },
        care_kinds => CARE_KINDS.map(|(code, key)| context! { code, name => format!("{code} {}", at.word(key)) }),
        wards => others.map(|ward| context! { code => ward.key, name => ward.facts.name }).collect::<Vec<_>>(),
        not_taken => facts.not_taken,
        transfer => facts.transfer.as_ref().map(|transfer| asked_for(stay, transfer)), free => free_beds(at)?,
        find => context! { doctor => Place::Find(What::Doctor).to_string(), diagnosis => Place::Find(What::Diagnosis).to_string() },
        steps => context! {
            say => step(Changing::Say), ask => step(Changing::Ask), accept => step(Changing::Accept),
            refuse => step(Changing::Refuse),
        },
        wrong => context! { field => wrong.field, why => wrong.why, typed => wrong.typed },
    };
    Ok(Shown::Page("desk/change.html", facts))
}

fn asked_for(stay: &Sheet<Stay>, transfer: &Transfer) -> Value {
    context! {
        from => stay.facts.ward.name, ward => transfer.ward.name, code => transfer.ward.code,
        department => transfer.department.name, doctor => transfer.doctor.name, by => transfer.by,
        at => shown(transfer.at), why => transfer.why,
    }
}

fn refuse(at: &At<'_>, stay: &Sheet<Stay>, wrong: (&'static str, &str), said: &Said) -> Result<Shown, Stop> {
    page(at, stay, &Wrong::new(at, wrong.0, wrong.1, said))
}

fn again(key: &str) -> Result<Shown, Stop> {
    Ok(Shown::Go(Inpatient::Change(key.to_owned()).to_string()))
}

/// Diagnoses, doctor and kind of care, said anew.
pub(crate) fn say(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::Change) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let typed = asked.form.get("doctor");
    let Some((doctor, doctor_code, department)) = doctor(at, asked)? else {
        return refuse(at, &stay, ("doctor", typed), &Said::new("doctor-unknown").with("seen", typed));
    };
    let typed = asked.form.get("diagnosis");
    let Some(found) = diagnoses(at, asked)? else {
        return refuse(at, &stay, ("diagnosis", typed), &Said::new("diagnosis-unknown").with("seen", typed));
    };
    let care = asked.form.get("care_kind");
    let care_kind =
        CARE_KINDS.iter().find(|(code, _)| *code == care).map_or(&*stay.facts.care_kind, |(c, _)| c);
    // The same doctor treats where he treated the patient before.
    let department = if doctor == stay.facts.doctor { stay.facts.department.clone() } else { department };
    let change = StayChange { doctor, doctor_code, department, care_kind: care_kind.to_owned(), moves: None };
    if is_as_before(&stay, &change, &found) {
        return refuse(at, &stay, ("state", ""), &Said::new("change-nothing"));
    }
    carry(at, stay, (StayEvent::Change, change, found), Vec::new())?;
    again(key)
}

fn is_as_before(stay: &Sheet<Stay>, change: &StayChange, diagnoses: &[Named]) -> bool {
    let facts = &stay.facts;
    facts.doctor == change.doctor
        && facts.care_kind == change.care_kind
        && stay.private.patient.diagnoses == diagnoses
}

/// Told to the centre where it knows of the stay, with the intent on paper first; else written.
fn carry(
    at: &At<'_>,
    mut stay: Sheet<Stay>,
    (event, change, diagnoses): (StayEvent, StayChange, Vec<Named>),
    mut more: Vec<store::Change>,
) -> Result<(), Stop> {
    if stay.facts.insured {
        let request = said(&stay, &change, &diagnoses, at);
        send_change(at, stay, (event, Some((change, diagnoses))), &request, more)?;
        return Ok(());
    }
    more.extend(changed(&at.papers, &mut stay, (event, &change, diagnoses))?);
    at.papers.put(&more, &at.act())?;
    Ok(())
}

fn said(stay: &Sheet<Stay>, change: &StayChange, diagnoses: &[Named], at: &At<'_>) -> ChangeAdmission {
    let bed = change.moves.as_ref().map_or(&stay.facts.bed, |(_, bed)| bed);
    let main = diagnoses.first().cloned().unwrap_or_default();
    let facts = Stay {
        doctor: change.doctor.clone(),
        doctor_code: change.doctor_code.clone(),
        department: change.department.clone(),
        ..stay.facts.clone()
    };
    let mut all = said_diagnoses(&facts, diagnoses, at.now);
    // The centre knows diagnoses by their places: those behind the last one named do not hold any more.
    let gone = said_diagnoses(&facts, &stay.private.patient.diagnoses, at.now).into_iter();
    all.extend(gone.skip(diagnoses.len()).map(|said| DiagnosisSaid { valid: false, ..said }));
    ChangeAdmission {
        person: insured(&stay.private.patient),
        visit: stay.facts.visit.clone(),
        begins: None,
        proof: Proof::default(),
        admission: Admission {
            care_kind: change.care_kind.clone(),
            doctor: wire::asking::Named::new(&*change.doctor_code, &*change.doctor.name),
            department: change.department.said(),
            bed: bed.clone(),
            diagnosis: main.name.clone(),
            main_disease: main.said(),
            ..Admission::default()
        },
        diagnoses: all,
    }
}

/// Another ward is asked to take the patient; until it does he stays where he is.
pub(crate) fn ask(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::AskTransfer) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    if stay.facts.transfer.is_some() {
        return refuse(at, &stay, ("state", ""), &Said::new("transfer-asked"));
    }
    let unposted = Entry::unposted(&at.papers, key)?;
    if unposted > 0 {
        return refuse(at, &stay, ("state", ""), &Said::new("h502-unposted").with("open", unposted));
    }
    let (wards, _) = all_wards(at)?;
    let typed = asked.form.get("ward");
    let ward = wards.into_iter().find(|ward| ward.key == typed && ward.key != stay.facts.ward.code);
    let Some(ward) = ward else {
        return refuse(at, &stay, ("ward", typed), &Said::new("ward-missing"));
    };
    let typed = asked.form.get("doctor");
    let Some((doctor, doctor_code, department)) = doctor(at, asked)? else {
        return refuse(at, &stay, ("to_doctor", typed), &Said::new("doctor-unknown").with("seen", typed));
    };
    stay.facts.transfer = Some(Transfer {
        ward: Named::of(ward.key, ward.facts.name),
        department,
        doctor,
        doctor_code,
        by: at.login().to_owned(),
        at: at.now,
        why: field::plain(asked.form.get("why")).chars().take(100).collect(),
    });
    stay.facts.not_taken.clear();
    let changes = happen(&at.papers, &mut stay, StayEvent::AskTransfer)?;
    at.papers.put(&changes, &at.act())?;
    again(key)
}

/// The ward that was asked takes the patient: a bed there is kept, the centre is told, and the bed before is to be cleaned.
pub(crate) fn accept(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::AcceptTransfer) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let Some(transfer) = stay.facts.transfer.clone() else {
        return refuse(at, &stay, ("state", ""), &Said::new("transfer-none"));
    };
    let typed = field::plain(asked.form.get("bed"));
    let number = typed.rsplit_once('-').map_or(&*typed, |(_, number)| number).to_owned();
    let mut kept = Vec::new();
    if !number.is_empty() {
        let bed = at.papers.get::<Bed>(&Bed::key(&transfer.ward.code, &number))?;
        let Some(change) = bed.and_then(|bed| bed.changed(BedEvent::Assign, key)) else {
            return refuse(at, &stay, ("bed", &typed), &Said::new("bed-not-free").with("bed", &typed));
        };
        kept.push(change);
    }
    let Transfer { ward, department, doctor, doctor_code, .. } = transfer;
    let care_kind = stay.facts.care_kind.clone();
    let change = StayChange { doctor, doctor_code, department, care_kind, moves: Some((ward, number)) };
    let diagnoses = stay.private.patient.diagnoses.clone();
    carry(at, stay, (StayEvent::AcceptTransfer, change, diagnoses), kept)?;
    again(key)
}

/// It does not, or it is asked no more: the patient stays where he is.
pub(crate) fn refuse_transfer(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    if let Err(said) = may(at, &stay, StayEvent::RefuseTransfer) {
        return refuse(at, &stay, ("state", ""), &said);
    }
    let Some(transfer) = stay.facts.transfer.clone() else {
        return refuse(at, &stay, ("state", ""), &Said::new("transfer-none"));
    };
    let why: String = field::plain(asked.form.get("why")).chars().take(100).collect();
    if why.is_empty() {
        return refuse(at, &stay, ("why", ""), &Said::new("transfer-why"));
    }
    stay.facts.transfer = None;
    stay.facts.not_taken = format!("{}: {why}", transfer.ward.name);
    let changes = happen(&at.papers, &mut stay, StayEvent::RefuseTransfer)?;
    at.papers.put(&changes, &at.act())?;
    again(key)
}
