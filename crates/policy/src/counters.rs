//! What is remembered of a person within a benefit year.

use std::fmt;
use std::str::FromStr;

use money::{Exact, Money, Rounding};

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
}

/// One figure remembered within a benefit year. Amounts in yuan, exact; `Admissions` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// Deductible used up.
    Deductible(Track),
    /// Cost that entered the segments, the deductible included.
    Entered(Track),
    /// Paid by the pooled fund.
    Paid(Track),
    /// Paid by the large-amount fund.
    MajorMedicalPaid,
    /// Cost that entered the large-amount layer.
    MajorMedicalEntered,
    /// In-scope cost the patient bore.
    SelfPay,
    /// Admissions to hospital.
    Admissions,
}

/// How a count of one stands among amounts.
const ADMISSION: Money = Money::from_yuan(1);
const PER_TRACK: usize = 3;
const TRACKS: usize = Track::ALL.len();
const COUNTERS: usize = TRACKS * PER_TRACK + 4;

impl Counter {
    /// All counters.
    pub fn all() -> impl Iterator<Item = Self> {
        let tracks = Track::ALL.into_iter();
        tracks.flat_map(|t| [Self::Deductible(t), Self::Entered(t), Self::Paid(t)]).chain([
            Self::MajorMedicalPaid,
            Self::MajorMedicalEntered,
            Self::SelfPay,
            Self::Admissions,
        ])
    }

    const fn index(self) -> usize {
        match self {
            Self::Deductible(t) => t as usize * PER_TRACK,
            Self::Entered(t) => t as usize * PER_TRACK + 1,
            Self::Paid(t) => t as usize * PER_TRACK + 2,
            Self::MajorMedicalPaid => TRACKS * PER_TRACK,
            Self::MajorMedicalEntered => TRACKS * PER_TRACK + 1,
            Self::SelfPay => TRACKS * PER_TRACK + 2,
            Self::Admissions => TRACKS * PER_TRACK + 3,
        }
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deductible(t) => write!(f, "{}.deductible", t.key()),
            Self::Entered(t) => write!(f, "{}.entered", t.key()),
            Self::Paid(t) => write!(f, "{}.paid", t.key()),
            Self::MajorMedicalPaid => f.write_str("major_medical.paid"),
            Self::MajorMedicalEntered => f.write_str("major_medical.entered"),
            Self::SelfPay => f.write_str("self_pay"),
            Self::Admissions => f.write_str("admissions"),
        }
    }
}

impl FromStr for Counter {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::all().find(|c| c.to_string() == word).ok_or_else(|| format!("`{word}` is not a counter"))
    }
}

/// One benefit year's counters of one person, or a change of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accumulators {
    values: [Exact; COUNTERS],
}

impl Default for Accumulators {
    fn default() -> Self {
        Self { values: [Exact::ZERO; COUNTERS] }
    }
}

impl Accumulators {
    /// One counter. A count of admissions is in whole yuan.
    pub fn get(&self, counter: Counter) -> Exact {
        self.values[counter.index()]
    }

    /// How many stays the year has counted.
    pub fn admissions(&self) -> u16 {
        let whole = self.get(Counter::Admissions).round(Rounding::Down).fen() / ADMISSION.fen();
        u16::try_from(whole).unwrap_or(0)
    }

    /// Counts a stay.
    pub fn count_admission(&mut self) {
        self.add(Counter::Admissions, ADMISSION.exact());
    }

    /// Adds to one counter.
    pub fn add(&mut self, counter: Counter, amount: Exact) {
        self.values[counter.index()] += amount;
    }

    /// Sets one counter.
    pub fn set(&mut self, counter: Counter, amount: Exact) {
        self.values[counter.index()] = amount;
    }

    /// Adds a change.
    #[must_use]
    pub fn plus(mut self, change: &Self) -> Self {
        for (value, delta) in self.values.iter_mut().zip(change.values) {
            *value += delta;
        }
        self
    }

    /// The change that undoes this one.
    #[must_use]
    pub fn negated(mut self) -> Self {
        for value in &mut self.values {
            *value = -*value;
        }
        self
    }

    /// The counters that are not zero.
    pub fn used(&self) -> impl Iterator<Item = (Counter, Exact)> + '_ {
        Counter::all().map(|c| (c, self.get(c))).filter(|(_, v)| *v != Exact::ZERO)
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
        assert_eq!(accumulators.plus(&accumulators.negated()), Accumulators::default());
    }
}
