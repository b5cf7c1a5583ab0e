//! IB-1, charges of inpatients: lines are entered, posted at once, and sent to the centre right behind.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use minijinja::{Value, context};
use money::Money;
use web::{Asked, Said, field};

use super::admission::places;
use super::charge::{Wrong, four_places, left_out, not_found, unpack};
use super::inpatients::{doctor, found, is_short, may, moment, own_wards, row, shown, stay, strip};
use super::sign_in::signed;
use super::trace::{self, Scanned};
use crate::arrears::Allowed;
use crate::bill::Line;
use crate::daily::DAYS_BACK;
use crate::desk::{At, Shown, Stop};
use crate::house::Use;
use crate::people::Right;
use crate::place::inpatient::{Charging, Inpatient};
use crate::place::{Place, What};
use crate::posting::{self, Entry, Poster, Posting, left, postings};
use crate::sheet::{PaperError, Sheet};
use crate::stay::{Stay, StayEvent};

/// The ward's patients; a bed that is typed leads to its patient.
pub(crate) fn ward(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let (wards, choices) = own_wards(at)?;
    let asked_for = asked.query.get("ward");
    let ward = wards.iter().find(|ward| ward.key == asked_for).or(wards.first());
    let code = ward.map(|ward| ward.key.clone()).unwrap_or_default();
    let all = found(at, &format!("ward:{code}"), "")?;
    let typed = field::plain(asked.query.get("bed"));
    let meant = |stay: &&Sheet<Stay>| stay.facts.bed == typed || stay.facts.bed == format!("{typed:0>2}");
    if !typed.is_empty() {
        let known = match all.iter().find(meant) {
            Some(stay) => Some(stay.key.clone()),
            None => found(at, "here", &typed)?.first().map(|stay| stay.key.clone()),
        };
        if let Some(key) = known {
            return Ok(Shown::Go(Inpatient::Posting(key).to_string()));
        }
    }
    let rows: Vec<Value> =
        all.iter().map(|stay| row(at, stay, &Inpatient::Posting(stay.key.clone()))).collect();
    let facts = context! {
        rows, count => all.len(), wards => choices, ward => code, bed => typed,
        error => if typed.is_empty() { String::new() } else { at.say(&Said::new("bed-unknown").with("seen", &typed)) },
        here => Inpatient::Postings.to_string(),
    };
    Ok(Shown::Page("desk/ward.html", facts))
}

/// The charges of a stay, and what is being entered for it.
pub(crate) fn show(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let wrong = if asked.query.has("package") {
        Wrong::new(at, "package", "", &Said::default())
    } else {
        Wrong::default()
    };
    page(at, &stay(at, key)?, &entry(at, key)?, &wrong)
}

fn entry(at: &At<'_>, stay: &str) -> Result<Sheet<Entry>, Stop> {
    let key = Entry::key(at.login(), stay);
    if let Some(entry) = at.papers.get::<Entry>(&key)? {
        return Ok(entry);
    }
    let of = self::stay(at, stay)?.facts;
    let facts = Entry {
        stay: stay.to_owned(),
        lines: Vec::new(),
        last_line: 0,
        doctor: of.doctor,
        doctor_code: of.doctor_code,
        department: of.department,
        served: None,
        unmapped_confirmed: false,
        tracing: None,
    };
    Ok(Sheet::new(key, Use::Active, None, facts))
}

fn page(at: &At<'_>, stay: &Sheet<Stay>, entry: &Sheet<Entry>, wrong: &Wrong) -> Result<Shown, Stop> {
    let all = postings(&at.papers, &stay.key)?;
    let neighbours = found(at, &format!("ward:{}", stay.facts.ward.code), "")?;
    let open = all.iter().filter(|line| line.state.is_open()).count();
    let step = |step: Charging| Inpatient::Post(stay.key.clone(), step).to_string();
    let total: Money = entry.facts.lines.iter().map(|line| line.amount).sum();
    let facts = context! {
        stay => strip(at, stay), places => places(stay), csrf => at.session.facts.csrf,
        beds => neighbours.iter().map(|other| row(at, other, &Inpatient::Posting(other.key.clone()))).collect::<Vec<_>>(),
        ward_place => Inpatient::Postings.to_string(), ward => stay.facts.ward.code,
        open_for => may(at, stay, StayEvent::Post).is_ok(),
        closed => may(at, stay, StayEvent::Post).err().map(|said| at.say(&said)),
        entry => context! {
            lines => entry.facts.lines.iter().map(|line| context! {
                traces => trace::line_facts(at, line), ..entered(line)
            }).collect::<Vec<_>>(),
            tracing => trace::asked_facts(&entry.facts.lines, entry.facts.tracing), total => total.to_string(),
            doctor => format!("{} {}", entry.facts.doctor.code, entry.facts.doctor.name).trim().to_owned(),
            served => entry.facts.served.map(shown).unwrap_or_default(),
        },
        posted => all.iter().rev().map(|line| posted(at, stay, line, &all)).collect::<Vec<_>>(),
        days => days(&all), count => all.len(), open,
        here => Inpatient::Posting(stay.key.clone()).to_string(),
        steps => context! {
            order => step(Charging::Order), line => step(Charging::Line), remove => step(Charging::Remove),
            package => step(Charging::Package), trace => step(Charging::Trace), post => step(Charging::Post), send => step(Charging::Send), trial => step(Charging::Try),
        },
        find => context! { item => Place::Find(What::Item).to_string(), doctor => Place::Find(What::Doctor).to_string(), package => Place::Find(What::Package).to_string() },
        wrong => context! { field => wrong.field, why => wrong.why, typed => wrong.typed },
    };
    Ok(Shown::Page("desk/posting.html", facts))
}

fn entered(line: &Line) -> Value {
    context! {
        number => line.number, code => line.item, name => line.name, unit => line.unit,
        quantity => many(&line.quantity.to_string()), price => four_places(&line.price.to_string()),
        amount => line.amount.to_string(), class => line.class, rate => line.first_self_pay,
        mapped => line.mapped.is_some(),
    }
}

/// A quantity without noughts that say nothing.
pub(crate) fn many(quantity: &str) -> String {
    if quantity.contains('.') {
        quantity.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        quantity.to_owned()
    }
}

fn posted(at: &At<'_>, stay: &Sheet<Stay>, line: &Sheet<Posting>, all: &[Sheet<Posting>]) -> Value {
    let facts = &line.facts;
    let (rest, _) = left(line, all);
    let back = facts.original.is_none() && rest != money::Quantity::default();
    context! {
        line => entered(&facts.line), at => facts.served.strftime("%m-%d %H:%M").to_string(),
        who => facts.poster.name, doctor => facts.doctor.name,
        original => facts.original.as_deref().and_then(|key| key.rsplit_once('-')).map(|(_, n)| n.trim_start_matches('0').to_owned()),
        reason => facts.reason, why => facts.why,
        urgent => facts.allowed == Some(Allowed::Urgent),
        allowed => match &facts.allowed { Some(Allowed::By(who)) => who.as_str(), _ => "" },
        period => stay.facts.periods.iter().position(|period| *period == facts.period).map(|n| n + 1),
        state => at.word(line.state.key()), tone => line.state.tone(),
        reverse => (back && may(at, stay, StayEvent::Reverse).is_ok()).then(|| Inpatient::Reverse(stay.key.clone(), line.key.clone()).to_string()),
    }
}

/// What each day came to, the last first.
fn days(all: &[Sheet<Posting>]) -> Vec<Value> {
    let mut sums: BTreeMap<Date, Money> = BTreeMap::new();
    for line in all {
        *sums.entry(line.facts.served.date()).or_insert(Money::ZERO) += line.facts.line.amount;
    }
    let days = sums.into_iter().rev();
    days.map(|(day, amount)| context! { day => day.to_string(), amount => amount.to_string() }).collect()
}

/// Of a stay that may be charged, with what is being entered; else its page, which says why not.
fn open(at: &At<'_>, key: &str) -> Result<(Sheet<Stay>, Sheet<Entry>), Stop> {
    let (stay, entry) = (stay(at, key)?, entry(at, key)?);
    match may(at, &stay, StayEvent::Post) {
        Ok(()) => Ok((stay, entry)),
        Err(said) => Err(Stop::Instead(page(at, &stay, &entry, &Wrong::new(at, "state", "", &said))?)),
    }
}

fn keep(at: &At<'_>, stay: &Sheet<Stay>, entry: &mut Sheet<Entry>) -> Result<Shown, Stop> {
    at.papers.put(&[entry.typed()], &at.act())?;
    entry.version += 1;
    page(at, stay, entry, &Wrong::default())
}

/// Who ordered what is entered, and when it was given.
pub(crate) fn order(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let (stay, mut entry) = open(at, key)?;
    let typed = asked.form.get("doctor");
    if !typed.is_empty() {
        let Some((named, code, department)) = doctor(at, asked)? else {
            let said = Said::new("doctor-unknown").with("seen", typed);
            return page(at, &stay, &entry, &Wrong::new(at, "doctor", typed, &said));
        };
        (entry.facts.doctor, entry.facts.doctor_code, entry.facts.department) = (named, code, department);
    }
    let typed = asked.form.get("served");
    entry.facts.served = None;
    if !typed.is_empty() {
        match moment(typed, at.now).and_then(|served| served_in(at, &stay, served).map(|()| served)) {
            Ok(served) => entry.facts.served = Some(served),
            Err(said) => return page(at, &stay, &entry, &Wrong::new(at, "served", typed, &said)),
        }
    }
    // What was entered costs what held on the day it was given.
    let day = entry.facts.served.unwrap_or(at.now).date();
    let house = at.desk.shelves.of(&at.papers)?;
    for line in &mut entry.facts.lines {
        if let Some(item) = house.items.get(&line.item) {
            let priced = Line::of(line.number, &item.key, &item.facts.on(day), line.quantity);
            let (traces, part_of_pack) = (std::mem::take(&mut line.traces), line.part_of_pack);
            *line = Line { traces, part_of_pack, ..priced };
        }
    }
    keep(at, &stay, &mut entry)
}

/// What is charged was given within the stay, and not long ago.
fn served_in(at: &At<'_>, stay: &Sheet<Stay>, served: jiff::civil::DateTime) -> Result<(), Said> {
    if served.date() < stay.facts.admitted.date() {
        return Err(Said::new("before-admission").with("day", stay.facts.admitted.date()));
    }
    if served.date() < at.now.date().saturating_sub(DAYS_BACK.days()) {
        return Err(Said::new("too-long-ago").with("days", DAYS_BACK));
    }
    Ok(())
}

/// A line more: what is typed, `*` and how many. Nothing typed: they are posted.
pub(crate) fn line(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let typed = field::plain(asked.form.get("item"));
    if typed.is_empty() {
        return post(at, asked, key);
    }
    let (stay, mut entry) = open(at, key)?;
    let refuse = |field, said: &Said| page(at, &stay, &entry, &Wrong::new(at, field, &typed, said));
    let (text, count) = typed.split_once('*').unwrap_or((&typed, "1"));
    let house = at.desk.shelves.of(&at.papers)?;
    let picked = house.items.get(asked.form.get("item_pick")).filter(|item| item.state == Use::Active);
    let Some(item) = picked.or_else(|| house.items.find(text, 1).into_iter().next()) else {
        return refuse("item", &not_found(&house, text));
    };
    let quantity = match field::quantity(if count.is_empty() { "1" } else { count }, item.facts.whole) {
        Ok(quantity) => quantity,
        Err(said) => return refuse("item", &said),
    };
    if stay.facts.insured && item.facts.mapped.is_none() {
        if at.hospital.parameters.unmapped_code.is_empty() {
            return refuse("item", &Said::new("h202-refused").with("name", &item.facts.name));
        }
        if !entry.facts.unmapped_confirmed && !asked.form.has("confirm") {
            return refuse("unmapped", &Said::new("h202").with("name", &item.facts.name));
        }
        entry.facts.unmapped_confirmed = true;
    }
    entry.facts.last_line += 1;
    let day = entry.facts.served.unwrap_or(at.now).date();
    let line = Line::of(entry.facts.last_line, &item.key, &item.facts.on(day), quantity);
    entry.facts.lines.push(line);
    entry.facts.tracing = trace::asks(at, entry.facts.lines.last());
    keep(at, &stay, &mut entry)
}

/// All of a package; what of it cannot be charged is told.
pub(crate) fn package(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let (stay, mut entry) = open(at, key)?;
    let house = at.desk.shelves.of(&at.papers)?;
    let unpacked = match unpack(at, asked, &house, stay.facts.insured) {
        Ok(unpacked) => unpacked,
        Err(said) => {
            let wrong = Wrong::new(at, "package", asked.form.get("package"), &said);
            return page(at, &stay, &entry, &wrong);
        }
    };
    let day = entry.facts.served.unwrap_or(at.now).date();
    for (item, quantity) in &unpacked.items {
        entry.facts.last_line += 1;
        let line = Line::of(entry.facts.last_line, &item.key, &item.facts.on(day), *quantity);
        entry.facts.lines.push(line);
    }
    entry.facts.tracing = trace::asks(at, &entry.facts.lines);
    at.papers.put(&[entry.typed()], &at.act())?;
    entry.version += 1;
    page(at, &stay, &entry, &left_out(at, &unpacked.left_out).unwrap_or_default())
}

/// A pack of a line.
pub(crate) fn scan(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let (stay, mut entry) = open(at, key)?;
    match trace::scanned(asked, &mut entry.facts.lines) {
        Ok(Scanned::Asks(tracing) | Scanned::Taken(_, tracing)) => entry.facts.tracing = tracing,
        Err((code, said)) => return page(at, &stay, &entry, &Wrong::new(at, "trace", &code, &said)),
    }
    keep(at, &stay, &mut entry)
}

/// A line less.
pub(crate) fn remove(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let (stay, mut entry) = open(at, key)?;
    let number: u32 = asked.form.get("number").parse().unwrap_or_default();
    let number = if number == 0 { entry.facts.lines.last().map_or(0, |line| line.number) } else { number };
    entry.facts.lines.retain(|line| line.number != number);
    entry.facts.tracing = entry.facts.tracing.filter(|tracing| *tracing != number);
    keep(at, &stay, &mut entry)
}

/// Posts what is entered, and sends it.
pub(crate) fn post(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let (mut stay, mut entry) = open(at, key)?;
    let missing = crate::trace::required(&entry.facts.lines, at.hospital.parameters.tracing());
    if let Some((number, said)) = missing.map(|line| (line.number, trace::missing(line))) {
        entry.facts.tracing = Some(number);
        return page(at, &stay, &entry, &Wrong::new(at, "trace", "", &said));
    }
    let wrong = |field, said: Said| page(at, &stay, &entry, &Wrong::new(at, field, "", &said));
    if entry.facts.lines.is_empty() {
        return wrong("item", Said::new("no-lines"));
    }
    if entry.facts.doctor.code.is_empty() {
        return wrong("doctor", Said::new("drug-needs-doctor"));
    }
    let served = entry.facts.served.unwrap_or(at.now);
    if let Err(said) = served_in(at, &stay, served) {
        return wrong("served", said);
    }
    let allowed = match allowed(at, asked, &stay)? {
        Ok(allowed) => allowed,
        Err(said) => return wrong("approver", said),
    };
    let mut changes = Vec::new();
    let poster = poster(at);
    for line in std::mem::take(&mut entry.facts.lines) {
        let facts = &entry.facts;
        let ordered = (facts.doctor.clone(), facts.doctor_code.clone(), facts.department.clone());
        let mut line = posting::posted(&mut stay, line, served, ordered, &poster, at.now);
        line.facts.allowed.clone_from(&allowed);
        changes.push(line.happened("post"));
    }
    entry.facts.unmapped_confirmed = false;
    entry.facts.tracing = None;
    entry.facts.served = None;
    changes.extend([stay.happened(StayEvent::Post.word()), entry.typed()]);
    at.papers.put(&changes, &at.act())?;
    sent(at, key)?;
    Ok(Shown::Go(Inpatient::Posting(key.to_owned()).to_string()))
}

/// Where the balance is below the limit: that it cannot wait, or who allows it. Nothing else is asked of anybody.
fn allowed(at: &At<'_>, asked: &Asked, stay: &Sheet<Stay>) -> Result<Result<Option<Allowed>, Said>, Stop> {
    if !is_short(at, stay) {
        return Ok(Ok(None));
    }
    if asked.form.has("urgent") {
        return Ok(Ok(Some(Allowed::Urgent)));
    }
    if asked.form.get("approver").is_empty() {
        let said = Said::new("h503-limit").with("balance", stay.facts.balance(at.now));
        let limit = stay.limit(&at.hospital.parameters, at.now.date());
        return Ok(Err(said.with("limit", limit)));
    }
    let signed = signed(at, asked, Right::AllowArrears)?;
    Ok(signed.map(|approver| Some(Allowed::By(approver))))
}

/// Who posts, as messages say it.
pub(crate) fn poster(at: &At<'_>) -> Poster {
    Poster {
        number: at.login().to_owned(),
        name: at.operator.name.clone(),
        sign_in: at.session.facts.sign_in.clone(),
    }
}

/// Sends what is open. That the machine was faster is no fault.
pub(crate) fn sent(at: &At<'_>, key: &str) -> Result<(), Stop> {
    match at.desk.send_lines(&at.papers, key, &at.act()) {
        Ok(_) | Err(PaperError::Stale { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What has not arrived is sent again.
pub(crate) fn send(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    sent(at, key)?;
    Ok(Shown::Go(Inpatient::Posting(key.to_owned()).to_string()))
}

/// What the funds would pay now.
pub(crate) fn try_it(at: &At<'_>, key: &str) -> Result<Shown, Stop> {
    let mut stay = stay(at, key)?;
    let entry = entry(at, key)?;
    sent(at, key)?;
    let wrong = match super::settling::try_now(at, &mut stay)? {
        Ok(()) => {
            at.papers.put(&[stay.typed()], &at.act())?;
            Wrong::default()
        }
        Err(said) => Wrong::new(at, "state", "", &said),
    };
    page(at, &stay, &entry, &wrong)
}
