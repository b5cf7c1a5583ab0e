//! The dimensions rules depend on: the situation of a bill, and the condition of a row.

use jiff::civil::Date;
use model::{
    Cause, Hardship, HospitalLevel, PersonStatus, Premium, Prescription, Referral, Region, Scheme, Servant,
    Sex, VisitKind,
};

use crate::document::{Place, Section};
use crate::edition::{date_of, day_number};
use crate::groups::Groups;
use crate::{Person, Visit};

/// A dimension with a closed set of words; each word is one bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Status,
    Level,
    Region,
    Visit,
    Premium,
    Sex,
    Servant,
    Identity,
    Scheme,
    Cause,
    Referral,
    Prescription,
    Chosen,
    Contract,
    Own,
    Clinic,
    Private,
    Supplement,
    Blacklist,
    Disease,
    Unit,
}

/// Each with its word in an edition and how many bits it takes.
const WORDS: [(Words, &str, usize); 21] = [
    (Words::Status, "status", PersonStatus::ALL.len()),
    (Words::Level, "level", 4),
    (Words::Region, "region", Region::ALL.len()),
    (Words::Visit, "visit", VisitKind::ALL.len()),
    (Words::Premium, "premium", Premium::ALL.len()),
    (Words::Sex, "sex", Sex::ALL.len()),
    (Words::Servant, "servant", Servant::ALL.len()),
    (Words::Identity, "identity", Hardship::ALL.len()),
    (Words::Scheme, "scheme", Scheme::ALL.len()),
    (Words::Cause, "cause", Cause::ALL.len()),
    (Words::Referral, "referral", Referral::ALL.len()),
    (Words::Prescription, "prescription", Prescription::ALL.len()),
    (Words::Chosen, "chosen", 2),
    (Words::Contract, "contract", 2),
    (Words::Own, "own", 2),
    (Words::Clinic, "clinic", 2),
    (Words::Private, "private", 2),
    (Words::Supplement, "supplement", 2),
    (Words::Blacklist, "blacklist", 4),
    (Words::Disease, "disease", Groups::DISEASES_MAX),
    (Words::Unit, "unit", Groups::UNITS_MAX),
];

/// A dimension of numbers or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Age,
    Admission,
    ServiceYears,
    Diseases,
    Born,
    WorkedFrom,
}

/// Each with its word and the least value that is looked at.
const NUMBERS: [(Number, &str, i32); 6] = [
    (Number::Age, "age", 0),
    (Number::Admission, "admission", 1),
    (Number::ServiceYears, "service_years", 0),
    (Number::Diseases, "diseases", 0),
    (Number::Born, "born", i32::MIN),
    (Number::WorkedFrom, "worked_from", i32::MIN),
];

/// The words of all dimensions a row may depend on.
#[cfg(test)]
pub(crate) fn dimensions() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(_, word, _)| *word).chain(NUMBERS.iter().map(|(_, word, _)| *word))
}

const fn at(dimension: Words) -> usize {
    let (mut at, mut n) = (0, 0);
    while n < dimension as usize {
        at += WORDS[n].2;
        n += 1;
    }
    at
}

/// Where each dimension's bits begin.
const OFFSETS: [usize; WORDS.len()] = {
    let mut offsets = [0; WORDS.len()];
    let mut n = 0;
    while n < WORDS.len() {
        offsets[n] = at(WORDS[n].0);
        n += 1;
    }
    offsets
};

const fn mask(dimension: Words) -> u128 {
    ((1 << WORDS[dimension as usize].2) - 1) << at(dimension)
}

const fn bit(dimension: Words, word: usize) -> u128 {
    1 << (at(dimension) + word)
}

/// Where one bill stands in every dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Situation {
    /// One bit a dimension of words.
    bits: u128,
    /// The same as the place of each dimension's word.
    words: [u8; WORDS.len()],
    numbers: [i32; NUMBERS.len()],
}

/// A day nobody knows: behind all others, and in no range but its own.
const UNKNOWN: i32 = i32::MAX;

fn day(date: Option<Date>) -> i32 {
    date.map_or(UNKNOWN, day_number)
}

impl Situation {
    /// Of a bill; `level` is the hospital's, as the edition takes it.
    pub(crate) fn new(person: &Person, visit: &Visit, level: HospitalLevel) -> Self {
        let words = [
            person.status as u8,
            level.get(),
            visit.region as u8,
            visit.kind as u8,
            person.premium as u8,
            person.sex as u8,
            person.servant as u8,
            person.hardship as u8,
            person.scheme as u8,
            visit.cause as u8,
            visit.referral as u8,
            visit.prescription as u8,
            u8::from(visit.chosen),
            u8::from(visit.contract),
            u8::from(visit.own),
            u8::from(visit.clinic),
            u8::from(visit.private),
            u8::from(person.supplement),
            person.blacklist.min(3),
            visit.disease,
            person.unit,
        ];
        let bits = WORDS
            .iter()
            .zip(OFFSETS)
            .zip(words)
            .fold(0, |all, ((_, at), word)| all | 1 << (at + usize::from(word)));
        let numbers = [
            i32::from(person.age),
            i32::from(visit.admission),
            i32::from(person.service_years),
            i32::try_from(person.entitled.count_ones()).unwrap_or(0),
            day(person.born),
            day(person.worked_from),
        ];
        Self { bits, words, numbers }
    }

    /// Of nothing yet.
    pub(crate) fn empty() -> Self {
        Self { bits: 0, words: [0; WORDS.len()], numbers: [1; NUMBERS.len()] }
    }

    #[inline]
    pub(crate) fn word(&self, dimension: u8) -> usize {
        usize::from(self.words[usize::from(dimension)])
    }

    #[inline]
    pub(crate) fn number(&self, dimension: u8) -> i32 {
        self.numbers[usize::from(dimension)]
    }

    pub(crate) fn set_word(&mut self, dimension: u8, word: usize) {
        let (dimension, ..) = WORDS[usize::from(dimension)];
        self.bits = (self.bits & !mask(dimension)) | bit(dimension, word);
        self.words[dimension as usize] = u8::try_from(word).expect("few words");
    }

    pub(crate) fn set_number(&mut self, dimension: u8, value: i32) {
        self.numbers[usize::from(dimension)] = value;
    }

    /// The same bill, were it for another disease.
    pub(crate) fn with_disease(mut self, group: u8) -> Self {
        self.set_word(Words::Disease as u8, usize::from(group));
        self
    }

    /// In words, for problems: `status employed, level 2, …`; only what `used` says matters.
    fn words(&self, used: &Used, groups: &Groups) -> String {
        let mut told = Vec::new();
        for (dimension, key, _) in WORDS.iter().filter(|(d, ..)| used.bits & mask(*d) != 0) {
            let at = (self.bits & mask(*dimension)).trailing_zeros() as usize - at(*dimension);
            told.push(format!("{key} {}", word(*dimension, at, groups)));
        }
        for ((number, key, _), value) in NUMBERS.iter().zip(self.numbers) {
            if !used.cuts[*number as usize].is_empty() {
                told.push(format!("{key} {}", number_word(*number, value)));
            }
        }
        if told.is_empty() { "any bill".into() } else { told.join(", ") }
    }
}

fn number_word(number: Number, value: i32) -> String {
    match number {
        Number::Born | Number::WorkedFrom if value == UNKNOWN => UNKNOWN_WORD.into(),
        Number::Born | Number::WorkedFrom => {
            date_of(value).map_or_else(|| "any day".into(), |d| d.to_string())
        }
        _ => value.to_string(),
    }
}

/// The word of one bit.
fn word(dimension: Words, at: usize, groups: &Groups) -> String {
    words(dimension, groups).into_iter().nth(at).unwrap_or_default()
}

/// All words of a dimension, in the order of its bits.
fn words(dimension: Words, groups: &Groups) -> Vec<String> {
    fn all<T: Copy + ToString>(all: &[T]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }
    match dimension {
        Words::Status => all(PersonStatus::ALL),
        Words::Level | Words::Blacklist => all(&[0, 1, 2, 3]),
        Words::Region => all(Region::ALL),
        Words::Visit => all(VisitKind::ALL),
        Words::Premium => all(Premium::ALL),
        Words::Sex => all(Sex::ALL),
        Words::Servant => all(Servant::ALL),
        Words::Identity => all(Hardship::ALL),
        Words::Scheme => all(Scheme::ALL),
        Words::Cause => all(Cause::ALL),
        Words::Referral => all(Referral::ALL),
        Words::Prescription => all(Prescription::ALL),
        Words::Chosen | Words::Contract | Words::Own | Words::Clinic | Words::Private | Words::Supplement => {
            all(&[false, true])
        }
        Words::Disease => groups.disease_words(),
        Words::Unit => groups.unit_words(),
    }
}

/// From a number to a number, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    number: u8,
    from: i32,
    to: i32,
}

/// When a row applies. A dimension left out means any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    bits: u128,
    ranges: Box<[Range]>,
}

impl Condition {
    /// Every bill.
    pub(crate) fn any() -> Self {
        Self { bits: u128::MAX, ranges: Box::default() }
    }

    #[inline]
    pub(crate) fn fits(&self, situation: &Situation) -> bool {
        situation.bits & !self.bits == 0
            && self.ranges.iter().all(|range| {
                let value = situation.numbers[usize::from(range.number)];
                range.from <= value && value <= range.to
            })
    }

    /// Whether somebody of a status can come under it.
    pub(crate) fn allows(&self, status: PersonStatus) -> bool {
        self.bits & bit(Words::Status, status as usize) != 0
    }

    /// Reads the dimensions a row names.
    pub(crate) fn read(row: &Section<'_>, groups: &Groups) -> Self {
        let mut bits = u128::MAX;
        for (dimension, key, _) in WORDS {
            if let Some(place) = row.get(key) {
                bits = (bits & !mask(dimension)) | read_words(&place, dimension, groups);
            }
        }
        let ranges = NUMBERS.iter().filter_map(|(number, key, _)| {
            let (from, to) = range(&row.get(key)?)?;
            Some(Range { number: *number as u8, from, to })
        });
        Self { bits, ranges: ranges.collect() }
    }
}

fn read_words(place: &Place<'_>, dimension: Words, groups: &Groups) -> u128 {
    let known = words(dimension, groups);
    let mut bits = 0;
    for text in place.plain_words() {
        match known.iter().position(|word| *word == text) {
            Some(at) => bits |= bit(dimension, at),
            None => place.report(&format!("`{text}`"), &known.join(", ")),
        }
    }
    bits
}

const RANGES: &str = "a number or day, \"3+\", \"60..69\", \"..44\", \"1956-01-01..\" or \"unknown\"";
const UNKNOWN_WORD: &str = "unknown";

/// `3`, `"3+"`, `"60..69"`, `"..44"`, `"1956-01-01.."`.
fn range(place: &Place<'_>) -> Option<(i32, i32)> {
    let words = place.plain_words();
    let text = words.first()?;
    let parsed = if text == UNKNOWN_WORD {
        Some((UNKNOWN, UNKNOWN))
    } else if let Some(from) = text.strip_suffix('+') {
        number(from).map(|from| (from, i32::MAX - 1))
    } else if let Some((from, to)) = text.split_once("..") {
        let from = if from.is_empty() { Some(i32::MIN) } else { number(from) };
        let to = if to.is_empty() { Some(i32::MAX - 1) } else { number(to) };
        from.zip(to)
    } else {
        number(text).map(|n| (n, n))
    };
    let parsed = parsed.filter(|(from, to)| from <= to);
    if parsed.is_none() {
        place.report(&place.shown(), RANGES);
    }
    parsed
}

fn number(text: &str) -> Option<i32> {
    if text.contains('-') { text.parse().ok().map(|date| day(Some(date))) } else { text.parse().ok() }
}

/// Dimensions of words and of numbers that hold of a person, whatever the bill.
const OF_PERSON: [Words; 9] = [
    Words::Status,
    Words::Premium,
    Words::Sex,
    Words::Servant,
    Words::Identity,
    Words::Scheme,
    Words::Supplement,
    Words::Blacklist,
    Words::Unit,
];
const NUMBERS_OF_PERSON: [Number; 4] = [Number::Age, Number::ServiceYears, Number::Born, Number::WorkedFrom];

/// Which bits and numbers some row looks at.
pub(crate) struct Used {
    bits: u128,
    /// Where some range of a number begins, or ends before.
    cuts: [Vec<i32>; NUMBERS.len()],
}

/// What a table is written for: what of each dimension can come to it.
pub(crate) struct Ground<'a> {
    pub(crate) statuses: &'a [PersonStatus],
    pub(crate) levels: &'a [HospitalLevel],
    pub(crate) visits: &'a [VisitKind],
    pub(crate) groups: &'a Groups,
    pub(crate) whom: &'a [Condition],
}

impl Ground<'_> {
    /// Every situation that differs for some of these conditions, with its words.
    pub(crate) fn situations<'c>(
        &'c self,
        conditions: &(impl Iterator<Item = &'c Condition> + Clone),
    ) -> Vec<(Situation, String)> {
        let conditions = conditions.clone().chain(self.whom);
        let used = Used::by(conditions.clone());
        let mut all = vec![Situation::empty()];
        for (dimension, ..) in WORDS {
            let choices = if used.bits & mask(dimension) == 0 { vec![0] } else { self.choices(dimension) };
            all = cross(&all, &choices, |s, word| {
                if used.bits & mask(dimension) != 0 {
                    s.set_word(dimension as u8, *word);
                }
            });
        }
        for (number, _, least) in NUMBERS {
            if !used.cuts[number as usize].is_empty() {
                let points = used.points(number, self.least(number, least));
                all = cross(&all, &points, |s, value| s.numbers[number as usize] = *value);
            }
        }
        let meant = |s: &Situation| self.whom.is_empty() || self.whom.iter().any(|whom| whom.fits(s));
        all.into_iter().filter(meant).map(|s| (s, s.words(&used, self.groups))).collect()
    }

    /// Only stays are counted as admissions.
    fn least(&self, number: Number, least: i32) -> i32 {
        let stays = self.visits.iter().all(|v| matches!(v, VisitKind::Inpatient | VisitKind::DaySurgery));
        if number == Number::Admission && !stays { 0 } else { least }
    }

    fn choices(&self, dimension: Words) -> Vec<usize> {
        match dimension {
            Words::Status => self.statuses.iter().map(|s| *s as usize).collect(),
            Words::Level => self.levels.iter().map(|l| usize::from(l.get())).collect(),
            Words::Visit => self.visits.iter().map(|v| *v as usize).collect(),
            _ => (0..words(dimension, self.groups).len()).collect(),
        }
    }
}

impl Used {
    pub(crate) fn by<'c>(conditions: impl Iterator<Item = &'c Condition>) -> Self {
        let mut used = Self { bits: 0, cuts: [const { Vec::new() }; NUMBERS.len()] };
        for condition in conditions {
            used.bits |= !condition.bits;
            for range in &condition.ranges {
                let at = usize::from(range.number);
                used.cuts[at].push(range.from);
                used.cuts[at].extend(range.to.checked_add(1));
            }
        }
        used
    }

    /// The word of a dimension that is looked at and holds of a bill, not of the person.
    pub(crate) fn of_bill(&self) -> Option<&'static str> {
        let of_person = OF_PERSON.iter().fold(0, |all, dimension| all | mask(*dimension));
        let bits = self.bits & !of_person;
        let words =
            WORDS.iter().find(|(dimension, ..)| bits & mask(*dimension) != 0).map(|(_, word, _)| *word);
        let number = |(number, ..): &&(Number, _, _)| {
            !NUMBERS_OF_PERSON.contains(number) && !self.cuts[*number as usize].is_empty()
        };
        words.or_else(|| NUMBERS.iter().find(number).map(|(_, word, _)| *word))
    }

    /// Dimensions of words that are looked at, each with how many words it has.
    pub(crate) fn words(&self) -> impl Iterator<Item = (u8, usize)> + '_ {
        let looked_at = WORDS.iter().filter(|(dimension, ..)| self.bits & mask(*dimension) != 0);
        looked_at.map(|(dimension, _, size)| (*dimension as u8, *size))
    }

    /// Values of a number that differ for some condition, from the least on.
    fn points(&self, number: Number, least: i32) -> Vec<i32> {
        let mut points = vec![least];
        let cuts = self.cuts[number as usize].iter().filter(|cut| **cut < UNKNOWN);
        points.extend(cuts.map(|cut| (*cut).max(least)));
        if matches!(number, Number::Born | Number::WorkedFrom) {
            points.push(UNKNOWN);
        }
        points.sort_unstable();
        points.dedup();
        points
    }

    /// Dimensions of numbers that are looked at, each with the values at which some condition begins or ends to fit.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = (u8, Box<[i32]>)> + '_ {
        (0_u8..).zip(&self.cuts).filter(|(_, cuts)| !cuts.is_empty()).map(|(at, cuts)| {
            let mut cuts = cuts.clone();
            cuts.sort_unstable();
            cuts.dedup();
            (at, cuts.into())
        })
    }
}

fn cross<T>(all: &[Situation], choices: &[T], set: impl Fn(&mut Situation, &T)) -> Vec<Situation> {
    let mut crossed = Vec::with_capacity(all.len() * choices.len());
    for situation in all {
        for choice in choices {
            let mut next = *situation;
            set(&mut next, choice);
            crossed.push(next);
        }
    }
    crossed
}
