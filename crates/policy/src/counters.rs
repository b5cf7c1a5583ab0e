//! What is remembered of a person within a benefit year.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::civil::Date;
use money::{Exact, Money, Rounding};

use crate::constructs::own_rate;
use crate::document::Place;

/// A set of benefit rules with counters of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Track {
    /// Ordinary outpatient visits.
    Outpatient,
    /// Stays.
    Inpatient,
    /// Listed chronic diseases.
    Chronic,
    /// Listed special diseases.
    Special,
    /// Dual-channel drugs.
    DualChannel,
    /// Pharmacies.
    Pharmacy,
    /// Maternity.
    Maternity,
}

impl Track {
    /// All, in order.
    pub const ALL: [Self; 7] = [
        Self::Outpatient,
        Self::Inpatient,
        Self::Chronic,
        Self::Special,
        Self::DualChannel,
        Self::Pharmacy,
        Self::Maternity,
    ];

    /// The table of an edition that holds this track's rules.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Outpatient => "outpatient",
            Self::Inpatient => "inpatient",
            Self::Chronic => "chronic",
            Self::Special => "special",
            Self::DualChannel => "dual_channel",
            Self::Pharmacy => "pharmacy",
            Self::Maternity => "maternity",
        }
    }

    /// Reads a list of tables of rules.
    pub(crate) fn read_all(place: &Place<'_>) -> Vec<Self> {
        let mut tracks = Vec::new();
        for word in place.plain_words() {
            match Self::ALL.into_iter().find(|t| t.key() == word) {
                Some(track) => tracks.push(track),
                None => {
                    let known: Vec<_> = Self::ALL.iter().map(|t| t.key()).collect();
                    place.report(&format!("`{word}`"), &known.join(", "));
                }
            }
        }
        tracks
    }
}

/// A layer above the pool, by its name in an edition; each has counters of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayerName {
    /// Cost above the ceiling.
    LargeAmount,
    /// Serious illness.
    SeriousIllness,
    /// Civil servants' supplement.
    CivilServant,
    /// The same for outpatient visits, where it is another.
    CivilServantOutpatient,
    /// An employer's supplement.
    Employer,
    /// Voluntary supplement.
    Supplement,
    /// Unified supplement of the retired.
    RetiredSupplement,
    /// Disabled soldiers' aid.
    Disabled,
    /// Medical aid.
    Aid,
    /// Medical aid paid once a year.
    YearlyAid,
    /// Local additional fund.
    LocalFund,
    /// Any other.
    Other,
}

impl LayerName {
    /// All, in order.
    pub const ALL: [Self; 12] = [
        Self::LargeAmount,
        Self::SeriousIllness,
        Self::CivilServant,
        Self::CivilServantOutpatient,
        Self::Employer,
        Self::Supplement,
        Self::RetiredSupplement,
        Self::Disabled,
        Self::Aid,
        Self::YearlyAid,
        Self::LocalFund,
        Self::Other,
    ];

    /// The word in an edition.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LargeAmount => "large amount",
            Self::SeriousIllness => "serious illness",
            Self::CivilServant => "civil servant",
            Self::CivilServantOutpatient => "civil servant outpatient",
            Self::Employer => "employer",
            Self::Supplement => "supplement",
            Self::RetiredSupplement => "retired supplement",
            Self::Disabled => "disabled",
            Self::Aid => "aid",
            Self::YearlyAid => "yearly aid",
            Self::LocalFund => "local fund",
            Self::Other => "other",
        }
    }
}

/// A part of a year that a limit counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// A day of the year.
    Day,
    /// Seven days, counted from 1 January.
    Week,
    /// A month.
    Month,
    /// A quarter.
    Quarter,
}

impl Period {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Quarter];

    /// The word in an edition.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
        }
    }

    /// Which of the year a day lies in, from 1.
    pub fn of(self, date: Date) -> u16 {
        let of_year = date.day_of_year().unsigned_abs();
        let month = u16::from(date.month().unsigned_abs());
        match self {
            Self::Day => of_year,
            Self::Week => of_year.div_ceil(7),
            Self::Month => month,
            Self::Quarter => month.div_ceil(3),
        }
    }
}

/// One figure remembered within a benefit year. Amounts in yuan, exact; counts in whole yuan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// Deductible used up.
    Deductible(Track),
    /// Cost that entered the segments, the deductible included.
    Entered(Track),
    /// Paid by the pooled fund.
    Paid(Track),
    /// What came to a layer: cost, or what was left to the patient.
    LayerEntered(LayerName),
    /// What a layer paid.
    LayerPaid(LayerName),
    /// In-scope cost the patient bore.
    SelfPay,
    /// Admissions to hospital.
    Admissions,
    /// What the account paid.
    Account,
    /// Paid by the pooled fund within a part of the year.
    PeriodPaid(Track, Period, u16),
    /// Bills within a part of the year.
    PeriodTimes(Track, Period, u16),
    /// Paid by the pooled fund for a group of diseases.
    DiseasePaid(Track, u8),
    /// Paid for a class with a rate of its own, by its number from 1.
    OwnRatePaid(u8),
    /// Cost of such a class that entered.
    OwnRateEntered(u8),
}

/// How a count of one stands among amounts.
const ONE: Money = Money::from_yuan(1);
const PER_TRACK: usize = 3;
const TRACKS: usize = Track::ALL.len();
const LAYERS_AT: usize = TRACKS * PER_TRACK;
const PLAIN_AT: usize = LAYERS_AT + LayerName::ALL.len() * 2;
const COUNTERS: usize = PLAIN_AT + 3;

/// All with a place, in their order.
const ALL: [Counter; COUNTERS] = {
    let mut all = [Counter::SelfPay; COUNTERS];
    let mut n = 0;
    while n < TRACKS {
        let track = Track::ALL[n];
        all[n * PER_TRACK] = Counter::Deductible(track);
        all[n * PER_TRACK + 1] = Counter::Entered(track);
        all[n * PER_TRACK + 2] = Counter::Paid(track);
        n += 1;
    }
    n = 0;
    while n < LayerName::ALL.len() {
        all[LAYERS_AT + n * 2] = Counter::LayerEntered(LayerName::ALL[n]);
        all[LAYERS_AT + n * 2 + 1] = Counter::LayerPaid(LayerName::ALL[n]);
        n += 1;
    }
    all[PLAIN_AT + 1] = Counter::Admissions;
    all[PLAIN_AT + 2] = Counter::Account;
    all
};

impl Counter {
    /// All counters but those of a part of the year, a disease or a class with a rate of its own.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.into_iter()
    }

    /// Its place; none for those of a part of the year, a disease or a class with a rate of its own.
    const fn index(self) -> Option<usize> {
        Some(match self {
            Self::Deductible(t) => t as usize * PER_TRACK,
            Self::Entered(t) => t as usize * PER_TRACK + 1,
            Self::Paid(t) => t as usize * PER_TRACK + 2,
            Self::LayerEntered(l) => LAYERS_AT + l as usize * 2,
            Self::LayerPaid(l) => LAYERS_AT + l as usize * 2 + 1,
            Self::SelfPay => PLAIN_AT,
            Self::Admissions => PLAIN_AT + 1,
            Self::Account => PLAIN_AT + 2,
            Self::PeriodPaid(..)
            | Self::PeriodTimes(..)
            | Self::DiseasePaid(..)
            | Self::OwnRatePaid(_)
            | Self::OwnRateEntered(_) => return None,
        })
    }

    fn keyed(word: &str) -> Option<Self> {
        if let Some(of_class) = word.strip_prefix("own_rate.") {
            return Self::of_class(of_class);
        }
        let mut parts = word.split('.');
        let track = parts.next()?;
        let track = Track::ALL.into_iter().find(|t| t.key() == track)?;
        let (kind, number, what) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        if kind == "disease" {
            return (what == "paid").then_some(Self::DiseasePaid(track, number.parse().ok()?));
        }
        let period = Period::ALL.into_iter().find(|p| p.word() == kind)?;
        match what {
            "paid" => Some(Self::PeriodPaid(track, period, number.parse().ok()?)),
            "times" => Some(Self::PeriodTimes(track, period, number.parse().ok()?)),
            _ => None,
        }
    }

    /// `2.paid`.
    fn of_class(word: &str) -> Option<Self> {
        let (number, what) = word.split_once('.')?;
        let number = number.parse().ok().filter(|number| own_rate::NUMBERS.contains(number))?;
        match what {
            "paid" => Some(Self::OwnRatePaid(number)),
            "entered" => Some(Self::OwnRateEntered(number)),
            _ => None,
        }
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deductible(t) => write!(f, "{}.deductible", t.key()),
            Self::Entered(t) => write!(f, "{}.entered", t.key()),
            Self::Paid(t) => write!(f, "{}.paid", t.key()),
            Self::LayerEntered(l) => write!(f, "{}.entered", l.word()),
            Self::LayerPaid(l) => write!(f, "{}.paid", l.word()),
            Self::SelfPay => f.write_str("self_pay"),
            Self::Admissions => f.write_str("admissions"),
            Self::Account => f.write_str("account"),
            Self::PeriodPaid(t, p, n) => write!(f, "{}.{}.{n}.paid", t.key(), p.word()),
            Self::PeriodTimes(t, p, n) => write!(f, "{}.{}.{n}.times", t.key(), p.word()),
            Self::DiseasePaid(t, n) => write!(f, "{}.disease.{n}.paid", t.key()),
            Self::OwnRatePaid(n) => write!(f, "own_rate.{n}.paid"),
            Self::OwnRateEntered(n) => write!(f, "own_rate.{n}.entered"),
        }
    }
}

impl FromStr for Counter {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        static NAMES: LazyLock<BTreeMap<String, Counter>> =
            LazyLock::new(|| Counter::all().map(|counter| (counter.to_string(), counter)).collect());
        NAMES
            .get(word)
            .copied()
            .or_else(|| Self::keyed(word))
            .ok_or_else(|| format!("`{word}` is not a counter"))
    }
}

/// One benefit year's counters of one person, or a change of them. Few of all counters are in use at once: only those
/// have a place, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accumulators {
    /// One bit a counter that has a place.
    used: u64,
    /// Their values, as many as find room; zero behind.
    few: [Exact; FEW],
    /// All values, where there are more; else none.
    more: Vec<Exact>,
    /// Those without a place: few, in order, none of them zero.
    keyed: Vec<(Counter, Exact)>,
}

/// Hardly anybody uses more in a year.
const FEW: usize = 12;

const _: () = assert!(COUNTERS <= 64, "a counter is a bit");

impl Default for Accumulators {
    fn default() -> Self {
        Self { used: 0, few: [Exact::ZERO; FEW], more: Vec::new(), keyed: Vec::new() }
    }
}

impl Accumulators {
    /// One counter. A count is in whole yuan.
    #[inline]
    pub fn get(&self, counter: Counter) -> Exact {
        match counter.index() {
            Some(at) if self.used >> at & 1 == 0 => Exact::ZERO,
            Some(at) => self.values()[self.place(at)],
            None => self
                .keyed
                .binary_search_by_key(&counter, |(c, _)| *c)
                .map_or(Exact::ZERO, |at| self.keyed[at].1),
        }
    }

    #[inline]
    fn place(&self, at: usize) -> usize {
        (self.used & ((1 << at) - 1)).count_ones() as usize
    }

    #[inline]
    fn values(&self) -> &[Exact] {
        if self.more.is_empty() { &self.few } else { &self.more }
    }

    fn values_mut(&mut self) -> &mut [Exact] {
        if self.more.is_empty() { &mut self.few } else { &mut self.more }
    }

    /// A counter that counts.
    pub fn count(&self, counter: Counter) -> u16 {
        let whole = self.get(counter).round(Rounding::Down).fen() / ONE.fen();
        u16::try_from(whole).unwrap_or(0)
    }

    /// How many stays the year has counted.
    pub fn admissions(&self) -> u16 {
        self.count(Counter::Admissions)
    }

    /// Counts one.
    pub fn count_one(&mut self, counter: Counter) {
        self.add(counter, ONE.exact());
    }

    /// Adds to one counter.
    #[inline]
    pub fn add(&mut self, counter: Counter, amount: Exact) {
        if amount == Exact::ZERO {
            return;
        }
        match counter.index() {
            Some(at) if self.used >> at & 1 == 0 => self.insert(at, self.place(at), amount),
            _ => self.set(counter, self.get(counter) + amount),
        }
    }

    /// Sets one counter.
    pub fn set(&mut self, counter: Counter, amount: Exact) {
        if let Some(at) = counter.index() {
            let place = self.place(at);
            match (self.used >> at & 1 == 1, amount == Exact::ZERO) {
                (true, false) => self.values_mut()[place] = amount,
                (true, true) => self.remove(at, place),
                (false, false) => self.insert(at, place, amount),
                (false, true) => {}
            }
            return;
        }
        match self.keyed.binary_search_by_key(&counter, |(c, _)| *c) {
            Ok(at) if amount == Exact::ZERO => drop(self.keyed.remove(at)),
            Ok(at) => self.keyed[at].1 = amount,
            Err(_) if amount == Exact::ZERO => {}
            Err(at) => self.keyed.insert(at, (counter, amount)),
        }
    }

    fn insert(&mut self, at: usize, place: usize, amount: Exact) {
        let held = self.used.count_ones() as usize;
        self.used |= 1 << at;
        if held < FEW {
            for at in (place..held).rev() {
                self.few[at + 1] = self.few[at];
            }
            self.few[place] = amount;
            return;
        }
        if self.more.is_empty() {
            self.more = std::mem::replace(&mut self.few, [Exact::ZERO; FEW]).to_vec();
        }
        self.more.insert(place, amount);
    }

    fn remove(&mut self, at: usize, place: usize) {
        self.used &= !(1 << at);
        if self.more.is_empty() {
            self.few.copy_within(place + 1.., place);
            self.few[FEW - 1] = Exact::ZERO;
            return;
        }
        self.more.remove(place);
        if self.more.len() == FEW {
            self.few.copy_from_slice(&self.more);
            self.more = Vec::new();
        }
    }

    /// Adds a change.
    #[must_use]
    pub fn plus(mut self, change: &Self) -> Self {
        for (counter, delta) in change.used() {
            self.add(counter, delta);
        }
        self
    }

    /// The change that undoes this one.
    #[must_use]
    pub fn negated(mut self) -> Self {
        let all = self.few.iter_mut().chain(&mut self.more).chain(self.keyed.iter_mut().map(|(_, v)| v));
        all.for_each(|value| *value = -*value);
        self
    }

    /// The counters that are not zero.
    pub fn used(&self) -> impl Iterator<Item = (Counter, Exact)> + '_ {
        let held = (0..COUNTERS).filter(|at| self.used >> at & 1 == 1).map(|at| ALL[at]);
        held.zip(self.values().iter().copied()).chain(self.keyed.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_has_a_place_of_its_own_and_a_name_that_reads_back() {
        let mut accumulators = Accumulators::default();
        for (n, counter) in (1..).zip(Counter::all()) {
            accumulators.add(counter, Money::from_fen(n).exact());
            assert_eq!(counter.to_string().parse(), Ok(counter));
        }
        let values: Vec<_> = accumulators.used().map(|(_, v)| v.round(Rounding::Down).fen()).collect();
        assert_eq!(values, (1..=i64::try_from(COUNTERS).unwrap()).collect::<Vec<_>>());
        let keyed = [
            Counter::PeriodPaid(Track::Chronic, Period::Quarter, 4),
            Counter::PeriodTimes(Track::Pharmacy, Period::Week, 53),
            Counter::DiseasePaid(Track::Special, 2),
            Counter::OwnRatePaid(4),
            Counter::OwnRateEntered(1),
        ];
        for counter in keyed {
            accumulators.add(counter, Money::from_fen(7).exact());
            assert_eq!(counter.to_string().parse(), Ok(counter));
        }
        assert_eq!(accumulators.used().count(), COUNTERS + keyed.len());
        let back = accumulators.clone().negated();
        assert_eq!(accumulators.plus(&back), Accumulators::default());
    }

    #[test]
    fn a_class_that_no_edition_can_have_has_no_counter() {
        for word in ["own_rate.0.paid", "own_rate.5.paid", "own_rate.2.deductible", "own_rate.paid"] {
            assert_eq!(word.parse::<Counter>(), Err(format!("`{word}` is not a counter")));
        }
    }

    use proptest::prelude::*;

    proptest! {
        /// In any order, however many are in use, also when some vanish again.
        #[test]
        fn counters_hold_what_a_plain_map_holds(steps in prop::collection::vec((0..COUNTERS, -3_i64..4), 0..120)) {
            let mut map: BTreeMap<Counter, Exact> = BTreeMap::new();
            let mut held = Accumulators::default();
            for (at, fen) in steps {
                let amount = Exact::from_fen(fen);
                held.add(ALL[at], amount);
                let sum = map.get(&ALL[at]).copied().unwrap_or_default() + amount;
                map.insert(ALL[at], sum);
                prop_assert_eq!(held.get(ALL[at]), sum);
            }
            map.retain(|_, sum| *sum != Exact::ZERO);
            let mut used: Vec<_> = held.used().collect();
            used.sort();
            prop_assert_eq!(used, map.clone().into_iter().collect::<Vec<_>>());
            // The same sums are the same, whatever way they came about.
            let straight = map.iter().fold(Accumulators::default(), |mut all, (counter, sum)| {
                all.set(*counter, *sum);
                all
            });
            prop_assert_eq!(&held, &straight);
            prop_assert_eq!(held.clone().plus(&held.negated()), Accumulators::default());
        }
    }
}
