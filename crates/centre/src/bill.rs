//! One bill of a visit under the policy in force: shared by the trial and the settlement.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::{
    Cover, EncounterId, FilingKind, Hardship, Item, ItemClass, Referral, Region, Servant, SettlementId, Sex,
    Standing, VisitKind,
};
use money::{Exact, Money, Rate, Rounding};
use policy::{Accumulators, Adjudication, Counter, DateRule, Earlier, Edition, Editions, Line, Person};
use store::{
    Counters, EncounterRow, EncounterState, FilingRow, LineRow, LineState, PersonRecord, PersonRow,
    SettlementRow,
};
use wire::transactions::{HospitalFacts, PersonFacts, PricedLine, STAY_SCOPE, SettleBill, Settled, Splits};
use wire::{Both, Refusal};

use crate::decide::Moment;
use crate::directory::Hospital;
use crate::inputs::Inputs;
use crate::people::{died, merged_into};
use crate::state::{State, Visit};
use crate::words;

/// A bill, adjudicated.
pub(crate) struct Bill {
    pub(crate) inputs: Inputs,
    pub(crate) edition: String,
    pub(crate) before: Accumulators,
    pub(crate) adjudication: Adjudication,
    pub(crate) cover: Cover,
    pub(crate) year: i16,
    /// Which bill of the visit it is; the centre counts interim ones itself.
    pub(crate) scope: String,
    /// National kind of care.
    pub(crate) care_kind: String,
}

/// The visit a message names, seen by its owner. A visit of another hospital is one that does not exist.
pub(crate) fn visit<'s>(
    state: &'s State,
    hospital: &Hospital,
    id: EncounterId,
) -> Result<&'s Visit, Refusal> {
    state.visit(hospital.id(), id).ok_or_else(|| Refusal::VisitUnknown { visit: id.to_string() })
}

/// The person a message names.
pub(crate) fn person<'s>(
    state: &'s State,
    number: &model::PersonNumber,
) -> Result<&'s PersonRecord, Refusal> {
    state.person(number).ok_or_else(|| Refusal::PersonUnknown { person: number.to_string() })
}

/// The visit and the person, who must own it.
pub(crate) fn owned<'s>(
    state: &'s State,
    hospital: &Hospital,
    id: EncounterId,
    number: &model::PersonNumber,
) -> Result<(&'s Visit, &'s PersonRecord), Refusal> {
    let person = person(state, number)?;
    let visit = visit(state, hospital, id)?;
    if visit.row.person != person.row.id {
        return Err(Refusal::PersonMismatch { person: number.to_string() });
    }
    Ok((visit, person))
}

/// A visit, or a stay, whichever the transaction is for; `action` is what was asked of it.
pub(crate) fn must_be_kind(visit: &Visit, stay: bool, action: Both) -> Result<(), Refusal> {
    match (visit.row.stay, stay) {
        (true, false) => Err(wrong_state(words::A_STAY, action)),
        (false, true) => Err(wrong_state(words::AN_OUTPATIENT_VISIT, action)),
        (false, false) if visit.row.visit == VisitKind::Pharmacy => {
            Err(wrong_state(words::A_PURCHASE, action))
        }
        _ => Ok(()),
    }
}

/// One that was not taken back.
pub(crate) fn must_stand(visit: &Visit, stay: bool, action: Both) -> Result<(), Refusal> {
    must_be_kind(visit, stay, action.clone())?;
    match visit.row.state {
        EncounterState::Open | EncounterState::Discharged => Ok(()),
        EncounterState::Cancelled => Err(wrong_state(words::CANCELLED, action)),
    }
}

/// One that goes on.
pub(crate) fn must_be_open(visit: &Visit, stay: bool, action: Both) -> Result<(), Refusal> {
    must_be_kind(visit, stay, action.clone())?;
    match visit.row.state {
        EncounterState::Open => Ok(()),
        EncounterState::Discharged => Err(wrong_state(words::DISCHARGED, action)),
        EncounterState::Cancelled => Err(wrong_state(words::CANCELLED, action)),
    }
}

/// A stay that has ended: it is settled as a whole.
pub(crate) fn must_be_discharged(visit: &Visit, action: Both) -> Result<(), Refusal> {
    must_be_kind(visit, true, action.clone())?;
    match visit.row.state {
        EncounterState::Discharged => Ok(()),
        EncounterState::Open => Err(wrong_state(words::IN_HOSPITAL, action)),
        EncounterState::Cancelled => Err(wrong_state(words::CANCELLED, action)),
    }
}

/// It is something, or in a state, that what was asked of it does not go with.
pub(crate) fn wrong_state(state: Both, action: Both) -> Refusal {
    Refusal::VisitWrongState { state, action }
}

/// The insurance of a kind on a day.
pub(crate) fn cover_on(
    person: &PersonRecord,
    kind: model::InsuranceKind,
    day: Date,
) -> Result<&Cover, Refusal> {
    // What is settled under a number that is closed would know nothing of the other's year.
    if let Some(other) = merged_into(person) {
        return Err(Refusal::PersonMerged { person: other.into() });
    }
    let held = person.covers.iter().find(|c| c.kind == kind && c.holds_on(day));
    held.filter(|c| c.premium != model::Premium::Ended).ok_or_else(|| match died(person) {
        Some(death) if death < day => Refusal::PersonDied { date: death.to_string() },
        _ => Refusal::CoverNone { date: day.to_string(), kind: kind.to_string() },
    })
}

/// Full years on a day.
pub(crate) fn age_on(born: Date, day: Date) -> u16 {
    let years = day.year() - born.year() - i16::from((day.month(), day.day()) < (born.month(), born.day()));
    u16::try_from(years).unwrap_or(0)
}

/// Where care is given, seen from the person's home, by what is on file on the day: of care outside the city an emergency
/// needs no filing, and who lives there, or was sent to this very institution, is on file.
pub(crate) fn region(
    record: &PersonRecord,
    cover: &Cover,
    hospital: &Hospital,
    day: Date,
    emergency: bool,
) -> Region {
    let city = |division: &str| division.get(..4).map(str::to_owned);
    let filed =
        |kind: FilingKind, fits: &dyn Fn(&str) -> bool| on_file(record, kind, day, fits).next().is_some();
    if city(&hospital.row.division) == city(&cover.division) {
        Region::Home
    } else if emergency {
        Region::Emergency
    } else if filed(FilingKind::OffSite, &|division| hospital.row.division.starts_with(division)) {
        Region::Filed
    } else if filed(FilingKind::Referral, &|code| code == hospital.row.code) {
        Region::Referred
    } else {
        Region::Unfiled
    }
}

/// The same of a visit, as it stands.
pub(crate) fn region_of(row: &EncounterRow, record: &PersonRecord, hospital: &Hospital) -> Region {
    let day = row.begins.date();
    // Somebody whose insurance does not hold is settled as told before.
    let Ok(cover) = cover_on(record, row.insurance_kind, day) else { return row.region };
    region(record, cover, hospital, day, is_emergency(row.visit, &row.care_kind))
}

/// An emergency visit, or a stay that began as one.
pub(crate) fn is_emergency(kind: VisitKind, care_kind: &str) -> bool {
    kind == VisitKind::Emergency || care_kind == "24"
}

/// What stands on file of a kind on a day.
pub(crate) fn on_file(
    record: &PersonRecord,
    kind: FilingKind,
    day: Date,
    fits: impl Fn(&str) -> bool,
) -> impl Iterator<Item = &FilingRow> {
    record.filings.iter().filter(move |f| f.kind == kind && f.holds_on(day) && fits(&f.code))
}

/// Whether an institution is one the person chose, and that of the family doctor.
pub(crate) fn chosen(record: &PersonRecord, hospital: &Hospital, day: Date) -> (bool, bool) {
    let here = |kind| on_file(record, kind, day, |code| code == hospital.row.code).next().is_some();
    (here(FilingKind::Institution), here(FilingKind::FamilyDoctor))
}

/// Male or female.
pub(crate) fn sex(row: &PersonRow) -> Sex {
    if row.gender == "1" { Sex::Male } else { Sex::Female }
}

/// The person as the rules see them on a day.
pub(crate) fn policy_person(
    record: &PersonRecord,
    cover: &Cover,
    day: Date,
    uses_account: bool,
    edition: &Edition,
) -> Person {
    let hardships = record.identities.iter().filter(|i| i.holds_on(day)).map(|i| edition.hardship(&i.kind));
    Person {
        sex: sex(&record.row),
        born: Some(record.row.born),
        premium: cover.premium,
        servant: if cover.civil_servant { Servant::Section } else { Servant::None },
        // Of several hardships the first in the order of the words, which begins with the heaviest.
        hardship: hardships.filter(|h| *h != Hardship::None).min().unwrap_or(Hardship::None),
        unit: edition.unit(&cover.employer),
        entitled: entitled(record, day, edition),
        account: (record.state.held.total() - record.state.on_hold).at_least_zero(),
        relatives: record.state.held.granted,
        uses_account,
        ..Person::new(cover.status, age_on(record.row.born, day))
    }
}

/// The groups of diseases whose outpatient care is on file on a day, one bit each.
fn entitled(record: &PersonRecord, day: Date, edition: &Edition) -> u16 {
    let filed = on_file(record, FilingKind::ListedDisease, day, |_| true);
    let groups = filed.map(|filing| edition.disease(&filing.code)).filter(|group| *group > 0);
    groups.fold(0, |all, group| all | 1 << group)
}

/// Why money may not be used, in the words of an institution's language.
pub(crate) fn told(reason: policy::Reason, language: wire::Language) -> &'static str {
    reason.text(match language {
        wire::Language::Zh => policy::Language::Zh,
        wire::Language::En => policy::Language::En,
    })
}

/// A line as the rules see it: those of the day of service, or of the bill, as the bill's edition says.
pub(crate) fn policy_line(line: &LineRow, edition: &Edition, all: &Editions) -> Line {
    let rules = all.for_items(edition, line.served.date());
    Line { lists: rules.lists(&line.item), ..bare_line(line) }
}

/// The same, before an edition says which lists its item is on.
pub(crate) fn bare_line(line: &LineRow) -> Line {
    Line {
        class: line.class,
        kind: line.kind,
        amount: line.amount,
        price: line.price,
        quantity: line.quantity,
        limit: line.price_limit.into(),
        first_self_pay: line.first_self_pay.into(),
        lists: 0,
        standing: line.standing,
        day: policy::day_number(line.served.date()),
    }
}

/// Which bill of the visit is asked for: of the interim ones of a stay, the next.
fn asked_scope(visit: &Visit, asked: &SettleBill) -> String {
    let interims = visit.settlements.iter().filter(|s| s.effective && s.scope != STAY_SCOPE).count();
    if asked.interim { (interims + 1).to_string() } else { asked.scope.clone() }
}

/// What was settled of a stay before, in a benefit year, and what it came to.
fn settled_before(visit: &Visit, year: i16) -> (Vec<&SettlementRow>, Earlier) {
    let mut rows = if visit.row.stay { visit.standing() } else { Vec::new() };
    rows.retain(|row| row.year == year);
    let mut earlier = Earlier::default();
    rows.iter().for_each(|row| earlier.add(&row.amounts, &accumulators(&row.change)));
    (rows, earlier)
}

/// What earlier years' settlements of a stay charged as its deductible.
fn deductible_before(visit: &Visit, year: i16) -> Money {
    let before = visit.settlements.iter().filter(|s| visit.row.stay && s.effective && s.year < year);
    before.map(|s| s.amounts.deductible_paid).sum()
}

/// A stay that another follows as a referral.
struct SentOnFrom<'s> {
    /// Up or down in level.
    referral: Referral,
    visit: &'s Visit,
}

impl SentOnFrom<'_> {
    /// What it charged as its deductible, and what was charged before it where it follows another itself. Of a year before
    /// the referral nothing counts.
    fn deductible(&self, begins: Date) -> Money {
        let rows = self.visit.standing();
        let rows = rows.iter().filter(|row| row.year >= begins.year());
        let before = rows.clone().find_map(|row| {
            let visit = Inputs::decode(&row.inputs)?.visit;
            (visit.referral != Referral::None).then_some(visit.deductible_before)
        });
        rows.map(|row| row.amounts.deductible_paid).sum::<Money>() + before.unwrap_or(Money::ZERO)
    }

    /// Which admission of a year it was: the referral goes on with it.
    fn admission(&self, year: i16) -> Option<u16> {
        let first = self.visit.standing().into_iter().find(|row| row.year == year)?;
        Some(Inputs::decode(&first.inputs)?.visit.admission)
    }
}

/// The stay at an institution of another level that the person was sent on from, to this very one.
fn sent_on_from<'s>(
    state: &'s State,
    visit: &Visit,
    record: &PersonRecord,
    hospital: &Hospital,
    at: &Moment<'_>,
) -> Option<SentOnFrom<'s>> {
    let stay = &visit.row;
    let day = stay.begins.date();
    let here = |code: &str| code == hospital.row.code;
    if !stay.stay || on_file(record, FilingKind::Referral, day, here).next().is_none() {
        return None;
    }
    let visit = state.stay_before(stay).filter(|before| !before.standing().is_empty())?;
    // What has no level counts as the first.
    let level = |hospital: &Hospital| hospital.level().get().max(1);
    let from = at.directory.by_id(visit.row.hospital)?;
    let referral = match level(hospital).cmp(&level(from)) {
        Ordering::Greater => Referral::Up,
        Ordering::Less => Referral::Down,
        Ordering::Equal => return None,
    };
    Some(SentOnFrom { referral, visit })
}

/// Days since the same person's stay before at the same hospital.
fn days_since_stay(state: &State, visit: &Visit) -> Option<u16> {
    let stay = Some(&visit.row).filter(|row| row.stay)?;
    let ended = state.last_stay(stay)?.date();
    u16::try_from((stay.begins.date() - ended).get_days()).ok()
}

/// The deductible that was in force when a stay began that began in an earlier year, for the admission it was then.
fn deductible_at_admission(
    inputs: &Inputs,
    visit: &Visit,
    sent_on: Option<&SentOnFrom<'_>>,
    record: &PersonRecord,
    cover: &Cover,
    policy: &Editions,
) -> Option<Money> {
    let admitted = inputs.visit.admitted.filter(|day| day.year() < inputs.visit.date.year())?;
    let edition = policy.on(admitted)?;
    let before = visit.standing().into_iter().find(|row| row.year == admitted.year());
    let then = before.and_then(|row| Inputs::decode(&row.inputs)).map(|inputs| inputs.visit.admission);
    let same = sent_on.filter(|from| edition.goes_on(inputs.visit.kind, from.referral));
    let admission = then
        .or_else(|| same?.admission(admitted.year()))
        .unwrap_or_else(|| counters_of(&record.state.years, admitted.year()).admissions() + 1);
    let disease = edition.disease(&visit.row.disease);
    let person = policy_person(record, cover, admitted, false, edition);
    edition.deductible_line(&person, &policy::Visit { admission, disease, ..inputs.visit })
}

/// Adjudicates one bill, or says why not.
pub(crate) fn adjudicate(
    state: &State,
    hospital: &Hospital,
    asked: &SettleBill,
    at: &Moment<'_>,
) -> Result<Bill, Refusal> {
    let (visit, record) = owned(state, hospital, asked.encounter, &asked.person)?;
    if asked.interim {
        must_be_open(visit, true, words::TO_SETTLE)?;
    }
    must_stand(visit, asked.stay, words::TO_SETTLE)?;
    adjudicate_visit(visit, record, state, hospital, asked, at)
}

/// The same of a visit that may not be among the rows yet.
pub(crate) fn adjudicate_visit(
    visit: &Visit,
    record: &PersonRecord,
    state: &State,
    hospital: &Hospital,
    asked: &SettleBill,
    at: &Moment<'_>,
) -> Result<Bill, Refusal> {
    if let Some(settled) = visit.effective(&asked.scope) {
        return Err(Refusal::AlreadySettled { settlement: settled.id.to_string() });
    }
    let total: Money = canonical(visit, &[&asked.scope]).map(|l| l.amount).sum();
    let takes_back = takes_back_settled(visit, &asked.scope);
    // As much was taken back as has come since, or more: a settlement before is undone, and settled with it.
    if total.is_negative() || (total.is_zero() && takes_back) {
        return Err(Refusal::UndoFirst { step: words::STAY_SETTLEMENT });
    }
    if total.is_zero() {
        // Said again under another id, because its reply was lost: the number is to be booked.
        let last = visit
            .standing()
            .into_iter()
            .last()
            .filter(|last| visit.row.stay && last.amounts.total == asked.total);
        if let Some(last) = last {
            return Err(Refusal::AlreadySettled { settlement: last.id.to_string() });
        }
        return Err(Refusal::NoLines);
    }
    if total != asked.total {
        return Err(Refusal::TotalMismatch { sent: asked.total.to_string(), reckoned: total.to_string() });
    }
    let date = benefit_date(visit, asked.interim, at.policy, at.now.date());
    must_be_recent(date, hospital, at)?;
    if asked.insurance_kind != visit.row.insurance_kind {
        let (sent, held) = (asked.insurance_kind.to_string(), visit.row.insurance_kind.to_string());
        return Err(Refusal::InsuranceMismatch { sent, held });
    }
    let (care_kind, kind) =
        asked.care.clone().unwrap_or_else(|| (visit.row.care_kind.clone(), visit.row.visit));
    let before = counters_of(&record.state.years, date.year());
    let (settled, earlier) = settled_before(visit, date.year());
    let bills: Vec<&str> =
        settled.iter().map(|row| row.scope.as_str()).chain([asked.scope.as_str()]).collect();
    let lines: Vec<&LineRow> = canonical(visit, &bills).collect();
    // A stay keeps the number it was first settled under, whatever was settled since.
    let first = settled.first().and_then(|row| Inputs::decode(&row.inputs));
    let edition = at.policy.on(date).ok_or_else(|| Refusal::EditionNone { date: date.to_string() })?;
    let sent_on = sent_on_from(state, visit, record, hospital, at);
    let same = sent_on.as_ref().filter(|from| edition.goes_on(kind, from.referral));
    let goes_on = || same.and_then(|from| from.admission(date.year()));
    let admission = first
        .map(|inputs| inputs.visit.admission)
        .or_else(goes_on)
        .unwrap_or_else(|| before.admissions() + 1);
    let cover = cover_on(record, asked.insurance_kind, date)?;
    let (chosen, contract) = chosen(record, hospital, visit.row.begins.date());
    let mut inputs = Inputs {
        person: policy_person(record, cover, date, asked.uses_account, edition),
        visit: policy::Visit {
            region: visit.row.region,
            admitted: visit.row.stay.then(|| visit.row.begins.date()),
            admission: if visit.row.stay { admission } else { 0 },
            referral: sent_on.as_ref().map_or(Referral::None, |from| from.referral),
            deductible_before: deductible_before(visit, date.year())
                + same.map_or(Money::ZERO, |from| from.deductible(visit.row.begins.date())),
            disease: edition.disease(&visit.row.disease),
            days_since_stay: days_since_stay(state, visit),
            prescription: asked.prescription,
            chosen,
            contract,
            ..policy::Visit::new(kind, hospital.level(), date)
        },
        settled: places(&lines, |line| line.charge_batch != asked.scope),
        refunds: refunds(&lines)?,
        lines: lines.into_iter().map(|line| policy_line(line, edition, at.policy)).collect(),
        fund_left: None,
        earlier: settled.iter().map(|row| row.id).collect(),
    };
    inputs.visit.deductible_at_admission =
        deductible_at_admission(&inputs, visit, sent_on.as_ref(), record, cover, at.policy);
    let adjudication = inputs.adjudicate(edition, &before, Some(at.policy), &earlier);
    // A share that was settled of what is taken back now comes off no other share but by a fen of rounding.
    if takes_back && adjudication.made_up > Money::from_fen(1) {
        return Err(Refusal::UndoFirst { step: words::STAY_SETTLEMENT });
    }
    if hospital.profile.compare_splits {
        compare(&asked.splits, &adjudication)?;
    }
    Ok(Bill {
        inputs,
        edition: edition.key(),
        before,
        adjudication,
        cover: cover.clone(),
        year: date.year(),
        scope: asked_scope(visit, asked),
        care_kind,
    })
}

/// Whether a part of a stay takes back from a line that another part has settled.
fn takes_back_settled(visit: &Visit, scope: &str) -> bool {
    let own = visit.lines.iter().filter(|l| l.state == LineState::Valid && l.charge_batch == scope);
    let mut originals = own.filter_map(|line| visit.line(line.refunds.as_deref()?));
    originals.any(|original| original.charge_batch != scope)
}

/// Where refund rows are, and where what they take back from. What another benefit year has settled is not among the lines:
/// that part of the stay is undone first.
fn refunds(lines: &[&LineRow]) -> Result<Vec<(u32, u32)>, Refusal> {
    if lines.iter().all(|line| line.refunds.is_none()) {
        return Ok(Vec::new());
    }
    let places: HashMap<&str, u32> = lines.iter().map(|line| line.number.as_str()).zip(0..).collect();
    let refunds = (0..).zip(lines).filter_map(|(at, line)| Some((at, line.refunds.as_deref()?)));
    let undo_first = || Refusal::UndoFirst { step: words::STAY_SETTLEMENT };
    refunds.map(|(at, original)| Ok((at, *places.get(original).ok_or_else(undo_first)?))).collect()
}

/// Where in a list those are that `fits` fits.
fn places<T>(list: &[T], fits: impl Fn(&T) -> bool) -> Vec<u32> {
    (0_u32..).zip(list).filter(|(_, one)| fits(one)).map(|(at, _)| at).collect()
}

/// The day benefit rules go by of a bill that is settled `today`; a stay that goes on has come to its end so far.
pub(crate) fn benefit_date(visit: &Visit, interim: bool, policy: &Editions, today: Date) -> Date {
    let row = &visit.row;
    let ends = row.ends.map(DateTime::date).filter(|_| row.stay && !interim);
    let ends = ends.unwrap_or(if row.stay { today } else { row.begins.date() });
    benefit_day(policy, row.begins.date(), ends, today)
}

/// The day benefit rules go by, as the edition in force at the end of the care states it: its beginning, its end, or the
/// day of settlement.
pub(crate) fn benefit_day(policy: &Editions, begins: Date, ends: Date, settled: Date) -> Date {
    match policy.on(ends).map(|edition| edition.head.benefits_by) {
        Some(DateRule::Admission) => begins,
        Some(DateRule::Settlement) => settled,
        Some(DateRule::Discharge | DateRule::Service) | None => ends,
    }
}

/// Not older than an institution's profile allows: late bills go another way.
pub(crate) fn must_be_recent(date: Date, hospital: &Hospital, at: &Moment<'_>) -> Result<(), Refusal> {
    let from = at.now.date().saturating_sub(hospital.profile.backdate_days.days());
    if date >= from {
        return Ok(());
    }
    let (date, to) = (date.to_string(), at.now.date().to_string());
    Err(Refusal::DateOutOfRange { date, from: from.to_string(), to })
}

/// The valid lines of some bills in one order, whatever order they came in.
pub(crate) fn canonical<'v>(visit: &'v Visit, bills: &[&str]) -> impl Iterator<Item = &'v LineRow> + use<'v> {
    let mut lines: Vec<&LineRow> = visit
        .lines
        .iter()
        .filter(|l| l.state == LineState::Valid && bills.contains(&&*l.charge_batch))
        .collect();
    lines.sort_by(|a, b| {
        (a.served.date(), a.class, &a.item, &a.number).cmp(&(b.served.date(), b.class, &b.item, &b.number))
    });
    lines.into_iter()
}

/// What a line comes to before any benefit.
pub(crate) fn priced(
    row: &LineRow,
    item: &Item,
    visit: &Visit,
    record: &PersonRecord,
    hospital: &Hospital,
    at: &Moment<'_>,
) -> Result<PricedLine, Refusal> {
    // What joins a stay may be of before the first edition: the stay's own then says, as it does when it is settled.
    let day = row.served.date().max(visit.row.begins.date());
    let bill = at.policy.on(day).ok_or_else(|| Refusal::EditionNone { date: day.to_string() })?;
    let edition = at.policy.for_items(bill, row.served.date());
    let cover = cover_on(record, visit.row.insurance_kind, visit.row.begins.date())?;
    let person = policy_person(record, cover, day, true, edition);
    let policy_visit = policy::Visit {
        region: visit.row.region,
        admission: 0,
        disease: edition.disease(&visit.row.disease),
        ..policy::Visit::new(visit.row.visit, hospital.level(), day)
    };
    // A refund row takes back what as much of its original comes to.
    let takes_back = row.refunds.is_some();
    let line = policy_line(row, edition, at.policy);
    let (quantity, amount) =
        if takes_back { (-line.quantity, -line.amount) } else { (line.quantity, line.amount) };
    let shares = policy::price_line(edition, &person, &policy_visit, &Line { quantity, amount, ..line });
    let signed = |share: Money| if takes_back { -share } else { share };
    let unconfirmed = words::UNCONFIRMED;
    let told = unconfirmed.told(hospital.profile.language);
    let memo = if row.standing == Standing::Unconfirmed { told } else { "" };
    Ok(PricedLine {
        number: row.number.clone(),
        amount: row.amount,
        quantity: row.quantity,
        price: row.price,
        limit: shares.limit,
        rate: shares.rate,
        out_of_scope: signed(shares.out_of_scope),
        over_limit: signed(shares.over_limit),
        first_self_pay: signed(shares.first_self_pay),
        eligible: signed(shares.eligible),
        class: if shares.out_of_scope.is_zero() { row.class } else { ItemClass::C },
        charge_kind: item.charge_kind.clone(),
        restricted: item.restricted,
        memo: memo.into(),
    })
}

fn compare(sent: &Splits, reckoned: &Adjudication) -> Result<(), Refusal> {
    let a = &reckoned.amounts;
    let pairs = [
        (words::OUT_OF_SCOPE, sent.out_of_scope, a.out_of_scope),
        (words::OVER_LIMIT, sent.over_price_limit, a.over_price_limit),
        (words::FIRST_SELF_PAY, sent.prior_self_pay, a.prior_self_pay),
        (words::IN_SCOPE, sent.eligible, a.eligible),
    ];
    for (figure, sent, reckoned) in pairs {
        if let Some(sent) = sent.filter(|sent| *sent != reckoned) {
            let (sent, reckoned) = (sent.to_string(), reckoned.to_string());
            return Err(Refusal::SplitMismatch { figure, sent, reckoned });
        }
    }
    Ok(())
}

/// One year's counters in the form the rules use.
pub(crate) fn counters_of(years: &[(i16, Counters)], year: i16) -> Accumulators {
    years.iter().find(|(y, _)| *y == year).map_or_else(Accumulators::default, |(_, c)| accumulators(c))
}

/// Counters by name to the form the rules use.
pub(crate) fn accumulators(counters: &Counters) -> Accumulators {
    let mut accumulators = Accumulators::default();
    for (name, value) in &counters.0 {
        if let Ok(counter) = name.parse::<Counter>() {
            accumulators.add(counter, *value);
        }
    }
    accumulators
}

/// Counters in use by name.
pub(crate) fn counters(accumulators: &Accumulators) -> Counters {
    Counters(accumulators.used().map(|(counter, value)| (counter.to_string(), value)).collect())
}

/// Adds a change to a year; counters that come to nothing are left out.
pub(crate) fn add_counters(years: &mut Vec<(i16, Counters)>, year: i16, change: &Counters) {
    if !years.iter().any(|(y, _)| *y == year) {
        years.push((year, Counters::default()));
        years.sort_by_key(|(y, _)| *y);
    }
    let Some((_, held)) = years.iter_mut().find(|(y, _)| *y == year) else { return };
    for (name, delta) in &change.0 {
        match held.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, value)) => *value += *delta,
            None => held.0.push((name.clone(), *delta)),
        }
    }
    held.0.retain(|(_, value)| *value != Exact::ZERO);
    years.retain(|(_, counters)| !counters.0.is_empty());
}

/// The person as answers name them, on a day.
pub(crate) fn person_facts(
    record: &PersonRecord,
    cover: Option<&Cover>,
    day: Date,
    at: &Moment<'_>,
) -> PersonFacts {
    let row = &record.row;
    let document = at.sealer.open("person.document", row.id.0, &row.document).unwrap_or_default();
    PersonFacts {
        number: row.number.clone(),
        name: row.name.clone(),
        document_kind: row.document_kind.clone(),
        document: String::from_utf8(document).unwrap_or_default(),
        gender: row.gender.clone(),
        born: Some(row.born),
        age: i64::from(age_on(row.born, day)),
        person_type: cover.map(|c| c.person_type.clone()).unwrap_or_default(),
        civil_servant: cover.is_some_and(|c| c.civil_servant),
    }
}

/// Small facts kept with a settlement for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Details {
    pub(crate) proof: String,
    pub(crate) way: String,
    pub(crate) invoice: String,
    pub(crate) message: String,
}

impl Details {
    pub(crate) fn to_text(&self) -> String {
        let clean = |text: &str| text.replace(['\n', '\r'], " ");
        let Self { proof, way, invoice, message } = self;
        format!(
            "proof={}\nway={}\ninvoice={}\nmessage={}",
            clean(proof),
            clean(way),
            clean(invoice),
            clean(message)
        )
    }

    pub(crate) fn from_text(text: &str) -> Self {
        let find = |word: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix('='));
            line.unwrap_or_default().to_owned()
        };
        Self { proof: find("proof"), way: find("way"), invoice: find("invoice"), message: find("message") }
    }
}

/// What the pool pays of what lies above the deductible, to four places. All of it at most: of a package it may pay more
/// than the care cost, and the field has one digit before the point.
fn fund_rate(amounts: &model::Amounts) -> Rate {
    let base = amounts.eligible - amounts.deductible_paid;
    Rate::of(amounts.fund(model::Fund::Pooled), base, Rounding::HalfUp).min(Rate::ONE)
}

/// The answer of a trial.
pub(crate) fn preview(
    bill: &Bill,
    asked: &SettleBill,
    record: &PersonRecord,
    hospital: &Hospital,
    message: &str,
    at: &Moment<'_>,
) -> Settled {
    let amounts = bill.adjudication.amounts;
    Settled {
        person: person_facts(record, Some(&bill.cover), bill.inputs.visit.date, at),
        encounter: asked.encounter,
        settlement: None,
        time: None,
        insurance_kind: asked.insurance_kind.0,
        proof: asked.proof.clone(),
        care_kind: bill.care_kind.clone(),
        clearing_kind: clearing_kind(&bill.care_kind).into(),
        amounts,
        fund_rate: fund_rate(&amounts),
        balance: record.state.held.total() - amounts.personal_account,
        message: message.into(),
        division: hospital.row.division.clone(),
        refund: false,
        hospital: HospitalFacts::default(),
    }
}

/// The answer of a settlement row, as given when it was made.
pub(crate) fn settled(
    row: &SettlementRow,
    state: &State,
    record: &PersonRecord,
    hospital: &Hospital,
    at: &Moment<'_>,
) -> Settled {
    let visit = state.visit(row.hospital, row.encounter);
    let details = Details::from_text(&row.details);
    let cover = record.covers.iter().find(|c| c.kind == row.insurance_kind && c.holds_on(row.benefit_date));
    Settled {
        person: person_facts(record, cover, row.benefit_date, at),
        encounter: row.encounter,
        settlement: Some(row.id),
        time: Some(row.decided),
        insurance_kind: row.insurance_kind.0,
        proof: details.proof,
        care_kind: row.care_kind.clone(),
        clearing_kind: row.clearing_kind.clone(),
        amounts: row.amounts,
        fund_rate: fund_rate(&row.amounts),
        balance: row.balance,
        message: details.message,
        division: hospital.row.division.clone(),
        refund: row.amounts.total.is_negative(),
        hospital: HospitalFacts {
            code: hospital.row.code.clone(),
            name: hospital.row.name.clone(),
            grade: hospital.row.grade.clone(),
            begins: Some(visit.map_or(row.benefit_date, |visit| visit.row.begins.date())),
            ends: Some(row.benefit_date),
            year: row.year,
            invoice: details.invoice,
            employer: cover.map(|c| c.employer.clone()).unwrap_or_default(),
        },
    }
}

/// All national kinds of clearing that settlements have.
pub(crate) const CLEARING_KINDS: [&str; 4] = ["11", "21", "41", "99"];

/// The national kind of clearing of a kind of care: 11 outpatient, 21 stays, 41 pharmacies, 99 other.
pub(crate) fn clearing_kind(care_kind: &str) -> &'static str {
    match (care_kind, care_kind.as_bytes().first()) {
        ("51" | "5301", _) | (_, Some(b'1')) => "11",
        (_, Some(b'2' | b'5')) => "21",
        (_, Some(b'4')) => "41",
        _ => "99",
    }
}

/// A settlement row a message names, at its own hospital.
pub(crate) fn settlement<'s>(
    state: &'s State,
    hospital: &Hospital,
    id: SettlementId,
) -> Result<(&'s Visit, &'s SettlementRow), Refusal> {
    let unknown = || Refusal::SettlementUnknown { settlement: id.to_string() };
    let visit = state.visit_of(hospital.id(), id).ok_or_else(unknown)?;
    Ok((visit, visit.settlement(id).ok_or_else(unknown)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn every_kind_of_care_is_cleared_as_one_of_the_kinds() {
        let starts =
            (b'0'..=b'9').flat_map(|first| [format!("{}1", first as char), format!("{}301", first as char)]);
        let mut found: Vec<&str> = starts.map(|care| clearing_kind(&care)).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, CLEARING_KINDS);
    }

    #[test]
    fn age_counts_full_years() {
        assert_eq!(age_on(date(1980, 6, 15), date(2026, 6, 14)), 45);
        assert_eq!(age_on(date(1980, 6, 15), date(2026, 6, 15)), 46);
        assert_eq!(age_on(date(2026, 6, 15), date(2026, 1, 1)), 0);
    }

    #[test]
    fn counters_add_up_and_vanish_when_taken_back() {
        let change = Counters(vec![("outpatient.paid".into(), Money::from_fen(2_480).exact())]);
        let back = Counters(vec![("outpatient.paid".into(), -Money::from_fen(2_480).exact())]);
        let mut years = Vec::new();
        add_counters(&mut years, 2026, &change);
        add_counters(&mut years, 2026, &change);
        assert_eq!(years[0].1.to_json(), r#"{"outpatient.paid":"49.60"}"#);
        add_counters(&mut years, 2026, &back);
        add_counters(&mut years, 2026, &back);
        assert_eq!(years, []);
    }

    #[test]
    fn details_read_back() {
        let details =
            Details { proof: "02".into(), way: "01".into(), invoice: "NB\n1".into(), message: "M1".into() };
        assert_eq!(Details::from_text(&details.to_text()), Details { invoice: "NB 1".into(), ..details });
    }
}
