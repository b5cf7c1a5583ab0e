//! What all screens of inpatients share: who a stay is of, what may be done to it, how a message about it is sent.

use jiff::civil::DateTime;
use minijinja::{Value, context};
use store::{By, Change};
use web::{Asked, Said, field, grouped};
use wire::asking::Asking;

use super::charge::patient_facts;
use super::{
    admission, arrears, beds, changes, deposits, discharge, periods, posting, print_bill, print_papers,
    print_stay, reversal, wards,
};
use crate::arrears::missing;
use crate::bed::Ward;
use crate::bill::Patient;
use crate::carry::{self, Carried};
use crate::desk::{At, Shown, Stop};
use crate::errand::{Errand, ErrandMail, ErrandState};
use crate::export::{self, Column, Kind};
use crate::house::{Named, Use};
use crate::place::inpatient::{Admitting, Changing, Charging, Depositing, Inpatient, Leaving};
use crate::sheet::{ALL, Sheet};
use crate::stay::{Rung, Stay, StayChange, StayEvent, StayState};

/// What is done where.
pub(crate) fn route(at: &At<'_>, asked: &Asked, place: &Inpatient) -> Result<Shown, Stop> {
    match (place, asked.post) {
        (Inpatient::Admissions, false) => admission::list(at, asked),
        (Inpatient::Admissions, true) => admission::card(at, asked),
        (Inpatient::Register, true) => admission::register(at, asked),
        (Inpatient::Stay(key), false) => admission::show(at, key),
        (Inpatient::Admit(key, step), true) => match step {
            Admitting::Bed => admission::bed(at, asked, key),
            Admitting::Release => admission::simple(at, key, StayEvent::ReleaseBed),
            Admitting::Leave => admission::simple(at, key, StayEvent::Leave),
            Admitting::Return => admission::simple(at, key, StayEvent::Return),
            Admitting::Again => admission::again(at, key),
            Admitting::Alone => admission::alone(at, key),
            Admitting::Cancel => admission::cancel(at, key),
            Admitting::GiveUp => admission::give_up(at, key),
        },
        (Inpatient::Deposits, false) => deposits::list(at, asked),
        (Inpatient::Account(key), false) => deposits::show(at, asked, key),
        (Inpatient::Deposit(key, step), true) => match step {
            Depositing::Take => deposits::take(at, asked, key),
            Depositing::Void => deposits::void(at, asked, key),
            Depositing::Refund => deposits::refund(at, asked, key),
            Depositing::Carry => deposits::carry(at, asked, key),
            Depositing::Guarantee => arrears::guarantee(at, asked, key),
        },
        (Inpatient::Postings, false) => posting::ward(at, asked),
        (Inpatient::Posting(key), false) => posting::show(at, asked, key),
        (Inpatient::Post(key, step), true) => match step {
            Charging::Order => posting::order(at, asked, key),
            Charging::Line => posting::line(at, asked, key),
            Charging::Remove => posting::remove(at, asked, key),
            Charging::Package => posting::package(at, asked, key),
            Charging::Trace => posting::scan(at, asked, key),
            Charging::Post => posting::post(at, asked, key),
            Charging::Send => posting::send(at, key),
            Charging::Try => posting::try_it(at, key),
        },
        (Inpatient::Batch, false) => super::batch::show(at, asked),
        (Inpatient::Batch, true) => super::batch::act(at, asked),
        (Inpatient::Reverse(key, line), false) => reversal::ask(at, key, line),
        (Inpatient::Reverse(key, line), true) => reversal::reverse(at, asked, key, line),
        (Inpatient::Discharges, false) => discharge::list(at, asked),
        (Inpatient::Discharge(key), false) => discharge::show(at, key),
        (Inpatient::Leave(key, step), true) => match step {
            Leaving::Go => discharge::go(at, asked, key),
            Leaving::Try => discharge::try_it(at, key),
            Leaving::Settle => discharge::settle(at, asked, key),
            Leaving::Void => discharge::void(at, asked, key),
            Leaving::Recall => discharge::recall(at, key),
            Leaving::Debt => discharge::debt(at, asked, key),
            Leaving::GiveUp => discharge::give_up(at, key),
        },
        (Inpatient::Change(key), false) => changes::show(at, key),
        (Inpatient::Changed(key, step), true) => match step {
            Changing::Say => changes::say(at, asked, key),
            Changing::Ask => changes::ask(at, asked, key),
            Changing::Accept => changes::accept(at, asked, key),
            Changing::Refuse => changes::refuse_transfer(at, asked, key),
        },
        (Inpatient::Arrears, false) => arrears::list(at, asked),
        (Inpatient::WriteOff(key), true) => arrears::write_off(at, asked, key),
        (Inpatient::Dunning(key), false) => print_papers::dunning(at, key),
        (Inpatient::AdmissionForm(key), false) => print_papers::admission(at, key),
        (Inpatient::Certificate(key), false) => print_papers::certificate(at, key),
        (Inpatient::StayBill(key), false) => print_bill::settlement(at, key),
        (Inpatient::FeeList(key), false) => print_bill::fees(at, asked, key),
        (Inpatient::Settlements(key), false) => periods::show(at, asked, key),
        (Inpatient::Settle(key, step), true) => periods::act(at, asked, key, *step),
        (Inpatient::Beds, false) => beds::board(at, asked),
        (Inpatient::Bed(key), true) => beds::change(at, asked, key),
        (Inpatient::Wards, false) => wards::list(at),
        (Inpatient::Wards, true) => wards::add(at, asked),
        (Inpatient::DepositReceipt(key), false) => print_stay::deposit(at, asked, key),
        (Inpatient::StayReceipt(key), false) => print_stay::settlement(at, asked, key),
        (Inpatient::WardDay(ward), false) => print_stay::ward_day(at, asked, ward),
        (Inpatient::Why(key), false) => super::why::stay(at, key),
        (Inpatient::DayList(key), false) => print_stay::day(at, asked, key),
        // Somebody loads the page again that came with a step.
        (
            Inpatient::Register
            | Inpatient::Admit(..)
            | Inpatient::Deposit(..)
            | Inpatient::Post(..)
            | Inpatient::Leave(..)
            | Inpatient::Changed(..)
            | Inpatient::WriteOff(_)
            | Inpatient::Settle(..)
            | Inpatient::Bed(_),
            false,
        ) => Ok(Shown::Go(place.page().to_string())),
        _ => Err(Stop::Nothing),
    }
}

/// A stay of this hospital.
pub(crate) fn stay(at: &At<'_>, key: &str) -> Result<Sheet<Stay>, Stop> {
    at.papers.get::<Stay>(key)?.ok_or(Stop::Nothing)
}

/// Steps whose refusal names what must be undone first.
const UNDOING: [StayEvent; 4] =
    [StayEvent::Cancel, StayEvent::Recall, StayEvent::ReleaseBed, StayEvent::VoidPeriod];

/// Whether something may happen to a stay now; else why not.
pub(crate) fn may(at: &At<'_>, stay: &Sheet<Stay>, event: StayEvent) -> Result<(), Said> {
    if !stay.facts.doubt.is_empty() {
        return Err(Said::new("h304-stay"));
    }
    if Stay::may(stay.state, event).is_some() {
        return Ok(());
    }
    let key = match event {
        StayEvent::Post | StayEvent::Reverse
            if !stay.state.is_here() && stay.state != StayState::Cancelled =>
        {
            "h501"
        }
        // Before a stay begins there is no period of it.
        StayEvent::VoidPeriod if stay.state.is_here() => "state-cannot",
        event if UNDOING.contains(&event) => "h504",
        _ => "state-cannot",
    };
    let first = at.word(stay.facts.rung(stay.state).key());
    let said = Said::new(key).with("state", at.word(stay.state.key())).with("event", at.word(event.key()));
    Err(said.with("first", first))
}

/// That a rung must be undone first.
pub(crate) fn first(at: &At<'_>, stay: &Sheet<Stay>, event: StayEvent, rung: Rung) -> Said {
    let said = Said::new("h504").with("state", at.word(stay.state.key()));
    said.with("event", at.word(event.key())).with("first", at.word(rung.key()))
}

/// Sends a message about a stay: the intent with the stay on paper, the message, and what came of it.
pub(crate) fn send(
    at: &At<'_>,
    stay: Sheet<Stay>,
    event: StayEvent,
    request: &dyn Asking,
    more: Vec<Change>,
) -> Result<Carried, Stop> {
    send_change(at, stay, (event, None), request, more)
}

/// The same; where it is done something of the stay is another, and so are its diagnoses.
pub(crate) fn send_change(
    at: &At<'_>,
    mut stay: Sheet<Stay>,
    (event, change): (StayEvent, Option<(StayChange, Vec<Named>)>),
    request: &dyn Asking,
    more: Vec<Change>,
) -> Result<Carried, Stop> {
    let message = at.message(request);
    let (change, diagnoses) = change.map_or((None, Vec::new()), |(change, said)| (Some(change), said));
    let facts = Errand { stay: stay.key.clone(), event, change, intent: None };
    let key = message.envelope.msgid.clone();
    let mut errand = Sheet::new(key, ErrandState::Sent, Some(at.now.date()), facts);
    let patient = &stay.private.patient;
    let (number, home) = (patient.number.clone(), patient.home.clone());
    errand.private = ErrandMail { number, home, diagnoses, ..ErrandMail::default() };
    carry::intend(&mut errand, &message, at.now);
    stay.facts.doubt = Errand::doubt(&errand.key);
    stay.facts.refused = None;
    stay.facts.taken_back = false;
    let begun = if stay.version == 0 { stay.happened("begin") } else { stay.typed() };
    at.papers.put(&[more, vec![begun, errand.happened("send")]].concat(), &at.act())?;
    errand.version += 1;
    Ok(at.desk.carry(&at.papers, errand, &at.act())?)
}

/// As a template shows whose stay it is, and how its account stands.
pub(crate) fn strip(at: &At<'_>, stay: &Sheet<Stay>) -> Value {
    let (facts, patient) = (&stay.facts, &stay.private.patient);
    // What is settled is paid.
    let open = stay.state.is_here() || stay.state.is_unsettled();
    let balance = if open { facts.balance(at.now) } else { money::Money::ZERO };
    let warning = money::Money::from_yuan(at.hospital.parameters.deposit_warning_yuan);
    let low = stay.state.is_here() && balance < warning;
    let limit = stay.limit(&at.hospital.parameters, at.now.date());
    let guarantee = stay.guarantee(at.now.date());
    context! {
        key => stay.key,
        patient => patient_facts(at, patient, facts.insured),
        insured => facts.insured,
        admitted => facts.admitted.strftime("%Y-%m-%d %H:%M").to_string(),
        ended => facts.ended.map(|ended| ended.strftime("%Y-%m-%d %H:%M").to_string()),
        days => facts.days(at.now),
        department => facts.department.name, ward => facts.ward.name, bed => facts.bed,
        doctor => facts.doctor.name,
        diagnoses => told(&patient.diagnoses),
        to_ward => facts.transfer.as_ref().map(|transfer| transfer.ward.name.clone()),
        state => at.word(stay.state.key()), tone => stay.state.tone(),
        doubt => !facts.doubt.is_empty(),
        refused => facts.refused, taken_back => facts.taken_back,
        deposited => facts.deposited.to_string(), charged => facts.charged.to_string(),
        settled => (!facts.settled.is_zero()).then(|| facts.settled.to_string()),
        expected => facts.expected(at.now).to_string(),
        tried => facts.trial.as_ref().map(|trial| trial.at.strftime("%m-%d %H:%M").to_string()),
        limit => limit.to_string(), short => is_short(at, stay),
        guarantor => guarantee.map(|g| format!("{} {}", g.name, g.relation)), guaranteed => guarantee.map(|g| g.amount.to_string()),
        guaranteed_until => guarantee.map(|g| g.until.to_string()), dunned => facts.dunned.map(shown),
        missing => missing(balance, warning).to_string(),
        balance => balance.to_string(), low, below => balance.is_negative(),
        add => low.then(|| at.say(&Said::new("h503").with("balance", grouped(&balance.to_string())).with("add", grouped(&missing(balance, warning).to_string())))),
    }
}

/// A patient who is here owes more than may be: what can wait is to be allowed.
pub(crate) fn is_short(at: &At<'_>, stay: &Sheet<Stay>) -> bool {
    let limit = stay.limit(&at.hospital.parameters, at.now.date());
    stay.state.is_here() && stay.facts.balance(at.now) < limit
}

/// Diagnoses in a line.
pub(crate) fn told(list: &[Named]) -> String {
    list.iter().map(|d| format!("{} {}", d.code, d.name)).collect::<Vec<_>>().join(" · ")
}

/// A row of a list of stays.
pub(crate) fn row(at: &At<'_>, stay: &Sheet<Stay>, place: &Inpatient) -> Value {
    context! { href => place.to_string(), stay => strip(at, stay) }
}

/// The columns of stays as a file.
const COLUMNS: [Column; 11] = [
    ("bed", "stay.bed", Kind::Text),
    ("name", "stay.patient.name", Kind::Text),
    ("sex-age", "stay.patient.sex", Kind::Text),
    ("stay-number", "stay.key", Kind::Text),
    ("department", "stay.department", Kind::Text),
    ("admitted", "stay.admitted", Kind::Text),
    ("days", "stay.days", Kind::Count),
    ("deposited", "stay.deposited", Kind::Amount),
    ("charged", "stay.charged", Kind::Amount),
    ("stay-balance", "stay.balance", Kind::Amount),
    ("state", "stay.state", Kind::Text),
];

/// Stays as a file, where one is asked for.
pub(crate) fn exported(at: &At<'_>, asked: &Asked, rows: &[Value]) -> Option<Result<Shown, Stop>> {
    export::wanted(at, asked, "stays", &COLUMNS, rows)
}

/// Stays with a tag that what is typed finds: by number, name, bed or the end of the telephone; by bed.
pub(crate) fn found(at: &At<'_>, tag: &str, typed: &str) -> Result<Vec<Sheet<Stay>>, Stop> {
    let mut stays: Vec<Sheet<Stay>> = at.papers.list(By::Tag(tag), ALL, 0)?;
    let typed = field::plain(typed).to_lowercase();
    stays.retain(|stay| typed.is_empty() || is_meant(stay, &typed));
    stays.sort_by(|a, b| {
        (&a.facts.ward.code, &a.facts.bed, &a.key).cmp(&(&b.facts.ward.code, &b.facts.bed, &b.key))
    });
    Ok(stays)
}

fn is_meant(stay: &Sheet<Stay>, typed: &str) -> bool {
    let name = stay.private.patient.name.to_lowercase();
    let telephone = &stay.private.telephone;
    stay.key.ends_with(typed)
        || name.contains(typed)
        || crate::search::initials(&name).iter().any(|initials| initials.starts_with(typed))
        || stay.facts.bed == typed
        || (typed.len() >= 4 && telephone.ends_with(typed))
}

/// A moment that is not to come: a day as fields take it, and a time of that day; a day alone is its midnight, or now where
/// it is today.
pub(crate) fn moment(typed: &str, now: DateTime) -> Result<DateTime, Said> {
    let text = field::plain(typed);
    if text.is_empty() {
        return Ok(now);
    }
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((&text, ""));
    let day = field::past_day(day, now.date())?;
    if time.is_empty() {
        return Ok(if day == now.date() { now } else { day.at(0, 0, 0, 0) });
    }
    let wrong = || Said::new("time-wrong").with("seen", typed);
    let digits: String = time.trim().chars().filter(char::is_ascii_digit).collect();
    let at = |from: usize| digits.get(from..from + 2).and_then(|two| two.parse::<i8>().ok());
    let (hour, minute) = at(0).zip(at(2)).filter(|_| (4..=6).contains(&digits.len())).ok_or_else(wrong)?;
    let moment =
        DateTime::new(day.year(), day.month(), day.day(), hour, minute, 0, 0).map_err(|_| wrong())?;
    if moment > now { Err(Said::new("time-future").with("seen", typed)) } else { Ok(moment) }
}

/// A moment as a field shows it.
pub(crate) fn shown(moment: DateTime) -> String {
    moment.strftime("%Y-%m-%d %H:%M").to_string()
}

/// The doctor a field names; none where nothing is found.
pub(crate) fn doctor(at: &At<'_>, asked: &Asked) -> Result<Option<(Named, String, Named)>, Stop> {
    let house = at.desk.shelves.of(&at.papers)?;
    let (typed, pick) = (asked.form.get("doctor"), asked.form.get("doctor_pick"));
    // As it was shown, or as it is typed anew.
    let code = typed.split_whitespace().next().unwrap_or_default();
    let known = house.doctors.get(pick).or_else(|| house.doctors.get(code));
    let found = known.or_else(|| house.doctors.find(typed, 1).into_iter().next());
    let active = found.filter(|doctor| doctor.state == Use::Active);
    Ok(active.map(|doctor| {
        let named = Named::of(&doctor.key, &doctor.facts.name);
        (named, doctor.facts.code.clone(), doctor.facts.department.clone())
    }))
}

/// The diagnosis a field names; none where nothing is found.
pub(crate) fn diagnosis(at: &At<'_>, typed: &str, pick: &str) -> Result<Option<Named>, Stop> {
    let house = at.desk.shelves.of(&at.papers)?;
    let code = typed.split_whitespace().next().unwrap_or_default();
    let known = house.diagnoses.get(pick).or_else(|| house.diagnoses.get(code));
    let found = known.or_else(|| house.diagnoses.find(typed, 1).into_iter().next());
    Ok(found.map(|diagnosis| Named::of(&diagnosis.key, &diagnosis.facts.name)))
}

/// The diagnoses a form names, the main one first; none where one is not found.
pub(crate) fn diagnoses(at: &At<'_>, asked: &Asked) -> Result<Option<Vec<Named>>, Stop> {
    let Some(main) = diagnosis(at, asked.form.get("diagnosis"), asked.form.get("diagnosis_pick"))? else {
        return Ok(None);
    };
    let mut all = vec![main];
    for name in ["second", "third"] {
        let typed = asked.form.get(name);
        if typed.is_empty() {
            continue;
        }
        match diagnosis(at, typed, "")? {
            Some(found) if !all.contains(&found) => all.push(found),
            Some(_) => {}
            None => return Ok(None),
        }
    }
    Ok(Some(all))
}

/// All wards, as a choice.
pub(crate) fn all_wards(at: &At<'_>) -> Result<(Vec<Sheet<Ward>>, Vec<Value>), Stop> {
    Ok(choice(Ward::all(&at.papers)?))
}

/// Those of the branch one works in, as a choice; at the main house all.
pub(crate) fn own_wards(at: &At<'_>) -> Result<(Vec<Sheet<Ward>>, Vec<Value>), Stop> {
    let own = at.branch().code.as_str();
    let mut wards = Ward::all(&at.papers)?;
    wards.retain(|ward| own.is_empty() || ward.facts.branch == own);
    Ok(choice(wards))
}

fn choice(wards: Vec<Sheet<Ward>>) -> (Vec<Sheet<Ward>>, Vec<Value>) {
    let shown = wards.iter().map(|ward| context! { code => ward.key, name => ward.facts.name }).collect();
    (wards, shown)
}

/// As messages name a patient's doctor: by the national code.
pub(crate) fn said_doctor(stay: &Stay) -> wire::asking::Named {
    wire::asking::Named { code: stay.doctor_code.clone(), name: stay.doctor.name.clone() }
}

/// Diagnoses as messages say them, the main one first.
pub(crate) fn said_diagnoses(
    stay: &Stay,
    diagnoses: &[Named],
    time: DateTime,
) -> Vec<wire::asking::DiagnosisSaid> {
    let said = (1..).zip(diagnoses).map(|(order, diagnosis)| wire::asking::DiagnosisSaid {
        kind: "1".into(),
        order,
        disease: diagnosis.said(),
        main: order == 1,
        condition: String::new(),
        department: stay.department.code.clone(),
        doctor: said_doctor(stay),
        time,
        valid: true,
    });
    said.collect()
}

/// The name of a kind of insurance.
pub(crate) fn insurance_name(at: &At<'_>, kind: u16) -> String {
    match kind {
        310 => at.word("insurance-310"),
        340 => at.word("insurance-340"),
        390 => at.word("insurance-390"),
        other => other.to_string(),
    }
}

/// The kinds of insurance somebody has, as a choice.
pub(crate) fn insurances(at: &At<'_>, patient: &Patient) -> Vec<Value> {
    let name = |kind: u16| insurance_name(at, kind);
    let kinds = patient.insurances.iter().filter(|cover| cover.active || patient.insurances.len() == 1);
    kinds.map(|cover| context! { code => cover.kind.to_string(), name => name(cover.kind) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn a_moment_is_a_day_and_a_time_and_never_to_come() {
        let now = datetime(2026, 11, 23, 8, 30, 5, 0);
        let check = |typed: &str, expected: DateTime| assert_eq!(moment(typed, now), Ok(expected), "{typed}");
        check("", now);
        check("t", now);
        check("2026-11-22 14:05", datetime(2026, 11, 22, 14, 5, 0, 0));
        check("1122 1405", datetime(2026, 11, 22, 14, 5, 0, 0));
        check("t-1", datetime(2026, 11, 22, 0, 0, 0, 0));
        for (typed, why) in
            [("t 0831", "time-future"), ("t 25:00", "time-wrong"), ("1124", "field-day-future")]
        {
            assert_eq!(moment(typed, now).unwrap_err().key, why, "{typed}");
        }
    }
}
