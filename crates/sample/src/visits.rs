//! A year of visits: who comes when, where, and why. What is charged then stands in `charges.rs`.
//!
//! Drawn day by day from a seed, so that a year of a city never stands in memory. The mix is that of a real city: more
//! visits with age, on weekdays, in the morning; coughs in winter; each district to its own hospitals.

use std::cmp::Reverse;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};
use model::{PersonStatus, VisitKind};
use money::{Money, Quantity, UnitPrice};

use crate::charges::{Occasion, Shelves};
use crate::diagnoses::{DIAGNOSES, Diagnosis, Listed};
use crate::places::{self, Places};
use crate::{Random, SampleCity, SamplePerson};

/// One visit, stay or purchase with what was charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleVisit {
    /// Position in the city's persons.
    pub person: usize,
    /// Position in the city's hospitals.
    pub hospital: usize,
    /// The kind benefit rules see.
    pub kind: VisitKind,
    /// National kind of care.
    pub care_kind: &'static str,
    /// Registration, admission or purchase.
    pub begins: DateTime,
    /// Discharge; none where nobody stayed.
    pub ends: Option<DateTime>,
    /// Why.
    pub diagnosis: &'static Diagnosis,
    /// What was charged, in order of time.
    pub lines: Vec<SampleLine>,
}

impl SampleVisit {
    /// The whole bill.
    pub fn total(&self) -> Money {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

/// One charged line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleLine {
    /// Position in the catalogue's items.
    pub item: usize,
    /// When it was given.
    pub served: DateTime,
    /// Price of one unit.
    pub price: UnitPrice,
    /// How many.
    pub quantity: Quantity,
    /// Price times quantity, rounded half up.
    pub amount: Money,
}

impl SampleCity {
    /// The visits of these days, both included, in order of time; the same from the same seed and first day.
    pub fn visits(&self, seed: u64, from: Date, to: Date) -> impl Iterator<Item = SampleVisit> {
        Visits {
            city: self,
            places: Places::new(&self.hospitals),
            shelves: Shelves::new(&self.catalogue),
            seed,
            day: from,
            to,
            free_from: vec![from; self.persons.len()],
            waiting: Vec::new(),
        }
    }
}

struct Visits<'c> {
    city: &'c SampleCity,
    places: Places,
    shelves: Shelves<'c>,
    seed: u64,
    /// The day to be drawn next.
    day: Date,
    to: Date,
    /// Since when each person may come: who is in hospital goes nowhere else.
    free_from: Vec<Date>,
    /// Visits drawn and not yet given, the next last.
    waiting: Vec<SampleVisit>,
}

impl Iterator for Visits<'_> {
    type Item = SampleVisit;

    fn next(&mut self) -> Option<SampleVisit> {
        while self.waiting.is_empty() && self.day <= self.to {
            self.draw_day();
        }
        self.waiting.pop()
    }
}

/// Why somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    Outpatient,
    Pharmacy,
    Stay,
}

/// How often people below an age come in a hundred years, by errand.
const HUNDRED_YEARS: [(i16, [(Errand, usize); 3]); 5] = [
    (30, often(300, 90, 5)),
    (45, often(400, 110, 8)),
    (60, often(620, 140, 14)),
    (75, often(880, 170, 26)),
    (i16::MAX, often(1_000, 150, 34)),
];

const fn often(outpatient: usize, pharmacy: usize, stay: usize) -> [(Errand, usize); 3] {
    [(Errand::Outpatient, outpatient), (Errand::Pharmacy, pharmacy), (Errand::Stay, stay)]
}

/// Per cent of an ordinary day, from Monday.
const WEEKDAYS: [usize; 7] = [125, 115, 110, 108, 112, 72, 58];
/// Per cent of an ordinary month, from January.
const MONTHS: [usize; 12] = [112, 92, 108, 102, 98, 96, 94, 92, 97, 96, 105, 108];
/// Per cent of an ordinary month for diseases of the airways.
const COUGHS: [usize; 12] = [190, 170, 130, 100, 80, 60, 50, 50, 70, 90, 130, 180];

/// When people come, by the hour: two peaks, a quiet noon; doors close at half past five.
const WINDOW_HOURS: [(i8, usize); 9] =
    [(8, 70), (9, 150), (10, 150), (11, 80), (12, 15), (13, 45), (14, 120), (15, 115), (16, 65)];
/// Pharmacies are open until nine.
const PHARMACY_HOURS: [(i8, usize); 12] = [
    (8, 40),
    (9, 80),
    (10, 90),
    (11, 60),
    (12, 40),
    (13, 40),
    (14, 60),
    (15, 70),
    (16, 80),
    (17, 90),
    (18, 110),
    (19, 90),
];
/// Emergencies come at any hour, most in the evening.
const ALL_HOURS: [(i8, usize); 8] =
    [(1, 15), (4, 10), (7, 25), (11, 40), (15, 40), (18, 70), (20, 80), (22, 45)];
/// Days of a stay.
const STAY_DAYS: [(i32, usize); 12] = [
    (3, 10),
    (4, 13),
    (5, 15),
    (6, 14),
    (7, 13),
    (8, 10),
    (9, 8),
    (10, 6),
    (11, 4),
    (12, 3),
    (13, 2),
    (14, 2),
];

impl Visits<'_> {
    fn draw_day(&mut self) {
        let number = u64::from((self.day - date(2000, 1, 1)).get_days().unsigned_abs());
        let mut random = Random::new(self.seed ^ (number << 24));
        for person in 0..self.city.persons.len() {
            if self.free_from[person] > self.day {
                continue;
            }
            let Some(visit) = self.draw(person, &mut random) else { continue };
            self.free_from[person] = visit.ends.map_or(self.day, |ends| ends.date().saturating_add(1.day()));
            self.waiting.push(visit);
        }
        self.waiting.sort_by_key(|visit| Reverse((visit.begins, visit.person)));
        self.day = self.day.saturating_add(1.day());
    }

    /// What a person does on the day; most do nothing.
    fn draw(&self, person: usize, random: &mut Random) -> Option<SampleVisit> {
        let errand = self.errand(&self.city.persons[person], random)?;
        let diagnosis = self.diagnosis(errand, person, random);
        Some(match errand {
            Errand::Outpatient => self.outpatient(person, diagnosis, random),
            Errand::Pharmacy => self.purchase(person, diagnosis, random),
            Errand::Stay => self.stay(person, diagnosis, random),
        })
    }

    fn errand(&self, person: &SamplePerson, random: &mut Random) -> Option<Errand> {
        let cover = person.enrolment.covers.iter().find(|cover| cover.holds_on(self.day))?;
        let age = age_on(person, self.day);
        let (_, often) = HUNDRED_YEARS.iter().find(|(below, _)| age < *below)?;
        let status = if cover.status == PersonStatus::Employed { 100 } else { 110 };
        let factor = WEEKDAYS[nth(self.day.weekday().to_monday_zero_offset())] * self.month(&MONTHS) * status;
        // Days of a hundred years, at a factor of 100 % three times over.
        let mut left = random.below(36_500 * 1_000_000);
        for (errand, times) in often {
            if left < times * factor {
                return Some(*errand);
            }
            left -= times * factor;
        }
        None
    }

    fn month(&self, percents: &[usize; 12]) -> usize {
        percents[nth(self.day.month() - 1)]
    }

    /// A diagnosis the person can have, as often as it is at this time of the year.
    fn diagnosis(&self, errand: Errand, person: usize, random: &mut Random) -> &'static Diagnosis {
        let person = &self.city.persons[person];
        let age = age_on(person, self.day);
        let weight = |d: &Diagnosis| {
            let season = if d.respiratory() { self.month(&COUGHS) } else { 100 };
            season * if errand == Errand::Stay { d.stay_weight } else { d.weight }
        };
        let fits = DIAGNOSES.iter().filter(|d| d.fits(person, age));
        let weighed: Vec<(&'static Diagnosis, usize)> = fits.map(|d| (d, weight(d))).collect();
        random.weighted::<&'static Diagnosis>(&weighed)
    }

    fn outpatient(&self, person: usize, diagnosis: &'static Diagnosis, random: &mut Random) -> SampleVisit {
        let (kind, care_kind) = outpatient_kind(diagnosis, random);
        let emergency = kind == VisitKind::Emergency;
        let levels = if emergency { places::EMERGENCY } else { places::OUTPATIENT };
        let hospital = self.places.hospital(&levels, diagnosis, self.home(person), random);
        let begins = if emergency { self.at(&ALL_HOURS, random) } else { self.at(&WINDOW_HOURS, random) };
        let closes = if emergency { self.day.at(23, 59, 59, 0) } else { self.day.at(17, 30, 0, 0) };
        let occasion =
            Occasion { diagnosis, hospital: &self.city.hospitals[hospital], kind, begins, until: closes };
        let lines = self.shelves.outpatient(&occasion, random);
        SampleVisit { person, hospital, kind, care_kind, begins, ends: None, diagnosis, lines }
    }

    fn purchase(&self, person: usize, diagnosis: &'static Diagnosis, random: &mut Random) -> SampleVisit {
        let (kind, hospital) = (VisitKind::Pharmacy, self.places.pharmacy(random));
        let begins = self.at(&PHARMACY_HOURS, random);
        let occasion =
            Occasion { diagnosis, hospital: &self.city.hospitals[hospital], kind, begins, until: begins };
        let lines = self.shelves.purchase(&occasion, random);
        SampleVisit { person, hospital, kind, care_kind: "41", begins, ends: None, diagnosis, lines }
    }

    fn stay(&self, person: usize, diagnosis: &'static Diagnosis, random: &mut Random) -> SampleVisit {
        let (kind, care_kind) = stay_kind(diagnosis, random);
        let hospital = self.places.hospital(&places::STAY, diagnosis, self.home(person), random);
        let begins = self.at(&WINDOW_HOURS, random);
        let leaves = self.day.saturating_add(random.weighted(&STAY_DAYS).days());
        let until = leaves.at(9, 0, 0, 0).saturating_add(random.between(0, 150).minutes());
        let occasion = Occasion { diagnosis, hospital: &self.city.hospitals[hospital], kind, begins, until };
        let lines = self.shelves.stay(&occasion, random);
        SampleVisit { person, hospital, kind, care_kind, begins, ends: Some(until), diagnosis, lines }
    }

    /// The division a person lives in.
    fn home(&self, person: usize) -> &str {
        &self.city.persons[person].enrolment.covers[0].division
    }

    /// A moment of the day.
    fn at(&self, hours: &[(i8, usize)], random: &mut Random) -> DateTime {
        let hour = *random.weighted(hours);
        self.day.at(hour, 0, 0, 0).saturating_add(random.between(0, 3_599).seconds())
    }
}

/// A listed disease is not always what its holder comes for.
fn outpatient_kind(diagnosis: &Diagnosis, random: &mut Random) -> (VisitKind, &'static str) {
    match diagnosis.listed {
        Some(Listed::Maternity) => (VisitKind::Maternity, "51"),
        Some(Listed::Special) => (VisitKind::Special, "1402"),
        Some(Listed::Chronic) if random.percent(40) => (VisitKind::Chronic, "1401"),
        _ if random.percent(6) => (VisitKind::Emergency, "13"),
        _ => (VisitKind::Outpatient, "11"),
    }
}

fn stay_kind(diagnosis: &Diagnosis, random: &mut Random) -> (VisitKind, &'static str) {
    match diagnosis.listed {
        Some(Listed::Maternity) => (VisitKind::Maternity, "52"),
        _ if random.percent(15) => (VisitKind::Inpatient, "24"),
        _ => (VisitKind::Inpatient, "21"),
    }
}

fn age_on(person: &SamplePerson, day: Date) -> i16 {
    let born = person.enrolment.born;
    day.year() - born.year() - i16::from((day.month(), day.day()) < (born.month(), born.day()))
}

fn nth(number: i8) -> usize {
    usize::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ItemKind;
    use money::{Exact, Rounding};
    use std::collections::HashMap;

    const PERSONS: usize = 4_000;

    fn city() -> SampleCity {
        SampleCity::new(1, PERSONS, date(2026, 11, 23))
    }

    /// A quarter of a smaller city: about seven thousand visits.
    fn quarter(city: &SampleCity) -> Vec<SampleVisit> {
        city.visits(7, date(2026, 1, 1), date(2026, 3, 31)).collect()
    }

    /// Fails unless `part` of `whole` is between two per cents.
    fn check(what: &str, part: usize, whole: usize, from: usize, to: usize) {
        let percent = 100 * part / whole.max(1);
        assert!((from..to).contains(&percent), "{what}: {part} of {whole} are {percent} %");
    }

    fn count(visits: &[SampleVisit], which: impl Fn(&SampleVisit) -> bool) -> usize {
        visits.iter().filter(|visit| which(visit)).count()
    }

    fn stays(visit: &SampleVisit) -> bool {
        visit.ends.is_some()
    }

    fn bought(visit: &SampleVisit) -> bool {
        visit.kind == VisitKind::Pharmacy
    }

    #[test]
    fn the_same_seed_gives_the_same_visits() {
        let city = SampleCity::new(1, 500, date(2026, 11, 23));
        let visits = |seed| city.visits(seed, date(2026, 1, 1), date(2026, 1, 31)).collect::<Vec<_>>();
        assert_eq!(visits(7), visits(7));
        assert_ne!(visits(7), visits(8));
    }

    #[test]
    fn a_quarter_has_the_mix_of_a_city() {
        let city = city();
        let visits = quarter(&city);
        let (stay, pharmacy) = (count(&visits, stays), count(&visits, bought));
        let outpatient = visits.len() - stay - pharmacy;
        let quarters = PERSONS * 90;
        check("outpatient visits a year, in hundredths", outpatient * 365, quarters, 600, 850);
        check("stays a year, in hundredths", stay * 365, quarters, 15, 22);
        check("purchases a year, in hundredths", pharmacy * 365, quarters, 100, 170);
        let level = |level: u8| {
            count(&visits, |v| !stays(v) && !bought(v) && city.hospitals[v.hospital].level == level)
        };
        for (graded, from, to) in [(0, 3, 8), (1, 28, 40), (2, 30, 42), (3, 20, 32)] {
            check(&format!("visits at level {graded}"), level(graded), outpatient, from, to);
        }
        let home = |v: &SampleVisit| city.persons[v.person].enrolment.covers[0].division.as_str();
        let near = count(&visits, |v| !bought(v) && city.hospitals[v.hospital].division == home(v));
        check("visits in the own district", near, visits.len() - pharmacy, 60, 85);
        let old = |v: &SampleVisit| age_on(&city.persons[v.person], v.begins.date()) >= 60;
        check("visits of people of sixty and more", count(&visits, old), visits.len(), 50, 70);
    }

    #[test]
    fn people_come_on_weekdays_in_two_peaks_and_cough_in_winter() {
        let city = city();
        let visits = quarter(&city);
        let planned: Vec<SampleVisit> =
            visits.iter().filter(|v| v.kind == VisitKind::Outpatient).cloned().collect();
        let weekend = |v: &SampleVisit| v.begins.date().weekday().to_monday_zero_offset() >= 5;
        check("weekend visits", count(&planned, weekend), planned.len(), 12, 24);
        let within = |from: i8, to: i8| count(&planned, |v| (from..to).contains(&v.begins.hour()));
        check("visits from nine to eleven", within(9, 11), planned.len(), 32, 42);
        check("visits from two to four", within(14, 16), planned.len(), 24, 34);
        check("visits at noon", within(12, 13), planned.len(), 0, 5);
        let coughs =
            |visits: &[SampleVisit]| 100 * count(visits, |v| v.diagnosis.respiratory()) / visits.len();
        let summer: Vec<_> = city.visits(7, date(2026, 7, 1), date(2026, 7, 31)).collect();
        assert!(coughs(&visits) > 2 * coughs(&summer), "{} and {}", coughs(&visits), coughs(&summer));
    }

    #[test]
    fn bills_have_the_lines_of_their_kind_and_every_line_multiplies_out() {
        let city = city();
        let mut lengths = Vec::new();
        for visit in quarter(&city) {
            let kinds: Vec<ItemKind> =
                visit.lines.iter().map(|line| city.catalogue.items()[line.item].kind).collect();
            let has = |kind: ItemKind| kinds.contains(&kind);
            for line in &visit.lines {
                assert_eq!(line.amount, Exact::line(line.price, line.quantity).round(Rounding::HalfUp));
            }
            match (visit.ends, visit.kind) {
                (Some(_), _) => assert!(has(ItemKind::Bed) && has(ItemKind::Nursing) && has(ItemKind::Drug)),
                (None, VisitKind::Pharmacy) => {
                    assert!(kinds.iter().all(|k| matches!(k, ItemKind::Drug | ItemKind::Patent)));
                    assert!((1..=4).contains(&kinds.len()));
                }
                (None, _) => {
                    assert!(!has(ItemKind::Bed) && !has(ItemKind::Nursing));
                    assert!((1..=12).contains(&kinds.len()));
                    lengths.push(kinds.len());
                }
            }
        }
        lengths.sort_unstable();
        assert!((3..=5).contains(&lengths[lengths.len() / 2]), "median {}", lengths[lengths.len() / 2]);
    }

    #[test]
    fn visits_come_in_order_of_time_within_opening_hours_or_the_stay() {
        let visits = quarter(&city());
        assert!(visits.is_sorted_by_key(|visit| visit.begins));
        for visit in &visits {
            let served: Vec<DateTime> = visit.lines.iter().map(|line| line.served).collect();
            assert!(served.is_sorted());
            let day = visit.begins.date();
            let until = match (visit.ends, visit.kind) {
                (Some(ends), _) => ends,
                (None, VisitKind::Pharmacy) => day.at(21, 0, 0, 0),
                (None, VisitKind::Emergency) => day.at(23, 59, 59, 0),
                (None, _) => day.at(17, 30, 0, 0),
            };
            assert!(served.iter().all(|served| (visit.begins..=until).contains(served)));
            assert!(visit.begins.hour() >= 8 || visit.kind == VisitKind::Emergency);
        }
    }

    #[test]
    fn a_stay_is_charged_on_each_of_its_days_and_its_patient_goes_nowhere_else() {
        let visits = quarter(&city());
        let mut free: HashMap<usize, DateTime> = HashMap::new();
        for visit in &visits {
            let left = free.insert(visit.person, visit.ends.unwrap_or(visit.begins));
            assert!(left.is_none_or(|left| left < visit.begins), "somebody is in two places");
            let Some(ends) = visit.ends else { continue };
            let days = (ends.date() - visit.begins.date()).get_days();
            assert!((3..=14).contains(&days), "{days} days");
            for n in 0..days {
                let day = visit.begins.date().saturating_add(n.days());
                let lines = visit.lines.iter().filter(|line| line.served.date() == day).count();
                assert!((5..=25).contains(&lines), "{lines} lines on one day");
            }
        }
    }

    #[test]
    fn kinds_of_care_are_national_and_mean_the_kind_of_the_visit() {
        let known = wire::dictionary("med_type").expect("the dictionary is there");
        for visit in quarter(&city()) {
            assert!(known.has(visit.care_kind), "{}", visit.care_kind);
            let meant = match visit.ends {
                Some(_) => wire::transactions::inpatient_kind(visit.care_kind),
                None => wire::transactions::outpatient_kind(visit.care_kind),
            };
            let expected = (visit.kind != VisitKind::Pharmacy).then_some(visit.kind);
            assert_eq!(meant, expected, "{}", visit.care_kind);
        }
    }
}
