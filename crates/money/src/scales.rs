//! Rates, unit prices and quantities, each an integer at the scale the interface gives it.

use std::fmt;
use std::ops::{Add, Neg};
use std::str::FromStr;

use crate::exact::divide;
use crate::{DecimalError, Money, Rounding, decimal};

/// A share in ten-thousandths: 80 % is 8,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(i64);

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The whole.
    pub const ONE: Self = Self(10_000);

    /// From ten-thousandths.
    pub const fn from_ten_thousandths(parts: i64) -> Self {
        Self(parts)
    }

    /// In ten-thousandths.
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }

    /// What is missing to the whole.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(10_000 - self.0)
    }

    /// Added percentage points, which may be negative; not above `at_most`, not below nothing.
    #[must_use]
    pub fn plus(self, points: Self, at_most: Self) -> Self {
        Self((self.0 + points.0).min(at_most.0).max(0))
    }

    /// Percentage points taken away; nothing is left below nothing.
    #[must_use]
    pub fn minus(self, points: Self) -> Self {
        Self((self.0 - points.0).max(0))
    }

    /// What share `part` is of `whole`, to four places as rounded; of nothing it is none.
    pub fn of(part: Money, whole: Money, rounding: Rounding) -> Self {
        if whole.is_zero() {
            return Self::ZERO;
        }
        let sign = i128::from(whole.fen().signum());
        let parts = divide(i128::from(part.fen()) * sign * 10_000, i128::from(whole.fen()) * sign, rounding);
        Self(i64::try_from(parts).unwrap_or(i64::MAX))
    }

    /// As per cent, without needless zeros: `80%`, `12.5%`.
    pub fn percent(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        match rest {
            0 => format!("{sign}{whole}%"),
            _ => format!("{sign}{whole}.{}%", format!("{rest:02}").trim_end_matches('0')),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, 4)
    }
}

impl FromStr for Rate {
    type Err = DecimalError;
    /// `85%`, `12.5%` or `0.85`.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        match text.strip_suffix('%') {
            Some(percent) => decimal::parse(percent.trim_end(), 2).map(Self),
            None => decimal::parse(text, 4).map(Self),
        }
    }
}

/// A price of one unit in millionths of a yuan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnitPrice(i64);

impl UnitPrice {
    /// From millionths of a yuan.
    pub const fn from_millionths(parts: i64) -> Self {
        Self(parts)
    }

    /// In millionths of a yuan.
    pub const fn millionths(self) -> i64 {
        self.0
    }
}

impl Neg for UnitPrice {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, 6)
    }
}

impl FromStr for UnitPrice {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        decimal::parse(text, 6).map(Self)
    }
}

/// A count in ten-thousandths of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(i64);

impl Quantity {
    /// One unit.
    pub const ONE: Self = Self(10_000);

    /// From ten-thousandths.
    pub const fn from_ten_thousandths(parts: i64) -> Self {
        Self(parts)
    }

    /// In ten-thousandths.
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }
}

impl Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Neg for Quantity {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, 4)
    }
}

impl FromStr for Quantity {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        decimal::parse(text, 4).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_a_void_is_that_of_its_bill() {
        let of = |part, whole| Rate::of(Money::from_fen(part), Money::from_fen(whole), Rounding::HalfUp);
        assert_eq!(of(2_480, 3_100), Rate::from_ten_thousandths(8_000));
        assert_eq!(of(-2_480, -3_100), Rate::from_ten_thousandths(8_000));
        assert_eq!(of(1, 3), Rate::from_ten_thousandths(3_333));
        assert_eq!(of(2, 3), Rate::from_ten_thousandths(6_667));
        assert_eq!(of(5, 0), Rate::ZERO);
    }

    #[test]
    fn a_rate_is_read_as_per_cent_or_as_a_fraction() {
        for (text, parts, percent) in [
            ("85%", 8_500, "85%"),
            ("12.5%", 1_250, "12.5%"),
            ("0.05", 500, "5%"),
            ("1", 10_000, "100%"),
            ("0.0001", 1, "0.01%"),
            ("0%", 0, "0%"),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!((rate.ten_thousandths(), rate.percent().as_str()), (parts, percent));
        }
        assert_eq!("0.00001".parse::<Rate>(), Err(DecimalError::TooManyPlaces));
        assert_eq!("八折".parse::<Rate>(), Err(DecimalError::NotANumber));
    }

    #[test]
    fn points_stop_at_their_limit() {
        let rate = Rate::from_ten_thousandths;
        assert_eq!(rate(8_000).plus(rate(500), rate(9_500)), rate(8_500));
        assert_eq!(rate(9_300).plus(rate(500), rate(9_500)), rate(9_500));
    }
}
