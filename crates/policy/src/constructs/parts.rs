//! The parts a bill leaves to the patient; funds and accounts pay for some of them.

use std::ops::{Index, IndexMut};

use money::{Exact, Rate};

use crate::document::Place;

/// A part of a bill, before anybody has paid for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    OutOfScope,
    OverLimit,
    FirstSelfPay,
    /// First share of care elsewhere, or of the visit.
    VisitShare,
    Deductible,
    /// In-scope cost the pool did not pay.
    Share,
    OverCeiling,
}

const PARTS: [(&str, Part); 7] = [
    ("out of scope", Part::OutOfScope),
    ("over limit", Part::OverLimit),
    ("first self-pay", Part::FirstSelfPay),
    ("off-site share", Part::VisitShare),
    ("deductible", Part::Deductible),
    ("share", Part::Share),
    ("over the ceiling", Part::OverCeiling),
];

/// The words of all parts.
#[cfg(test)]
pub(crate) fn words() -> [&'static str; PARTS.len()] {
    PARTS.map(|(word, _)| word)
}

/// Something for each part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Parts<T>([T; PARTS.len()]);

impl<T> Index<Part> for Parts<T> {
    type Output = T;
    fn index(&self, part: Part) -> &T {
        &self.0[part as usize]
    }
}

impl<T> IndexMut<Part> for Parts<T> {
    fn index_mut(&mut self, part: Part) -> &mut T {
        &mut self.0[part as usize]
    }
}

impl Parts<bool> {
    pub(crate) fn of(parts: &[Part]) -> Self {
        let mut all = Self::default();
        parts.iter().for_each(|part| all[*part] = true);
        all
    }

    /// Reads a list of parts.
    pub(crate) fn read(place: &Place<'_>) -> Self {
        let mut all = Self::default();
        for word in place.plain_words() {
            match PARTS.iter().find(|(known, _)| *known == word) {
                Some((_, part)) => all[*part] = true,
                None => place.report(&format!("`{word}`"), &PARTS.map(|(known, _)| known).join(", ")),
            }
        }
        all
    }

    pub(crate) fn without(self, others: &Self) -> Self {
        let mut all = self;
        PARTS.iter().for_each(|(_, part)| all[*part] &= !others[*part]);
        all
    }

    pub(crate) fn with(self, others: &Self) -> Self {
        let mut all = self;
        PARTS.iter().for_each(|(_, part)| all[*part] |= others[*part]);
        all
    }
}

impl Parts<Exact> {
    pub(crate) fn all(&self) -> Exact {
        self.0.iter().copied().sum()
    }

    pub(crate) fn sum_of(&self, parts: &Parts<bool>) -> Exact {
        self.0.iter().zip(parts.0).filter(|(_, of)| *of).map(|(amount, _)| *amount).sum()
    }

    /// Takes the same share from some of the parts.
    pub(crate) fn pay_share(&mut self, parts: &Parts<bool>, rate: Rate) {
        for (amount, _) in self.0.iter_mut().zip(parts.0).filter(|(_, of)| *of) {
            *amount -= amount.share(rate);
        }
    }

    /// Takes a payment from some of the parts: what lies highest first.
    pub(crate) fn pay(&mut self, parts: &Parts<bool>, payment: Exact) {
        let mut left = payment;
        for (amount, _) in self.0.iter_mut().zip(parts.0).rev().filter(|(_, of)| *of) {
            let taken = left.min(*amount);
            *amount -= taken;
            left -= taken;
        }
    }
}
