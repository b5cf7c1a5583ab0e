//! Whole fen.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use crate::exact::divide_small;
use crate::{DecimalError, Exact, Rate, Rounding, decimal};

/// An amount in whole fen (1/100 yuan). Sums that leave 63 bits stop the program: no bill is that large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount from its fen.
    pub const fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    /// An amount from whole yuan.
    pub const fn from_yuan(yuan: i64) -> Self {
        Self(yuan * 100)
    }

    /// The amount in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// The same amount where finer figures are reckoned.
    pub const fn exact(self) -> Exact {
        Exact::from_fen(self.0)
    }

    /// `rate` of this amount, exactly.
    pub fn share(self, rate: Rate) -> Exact {
        Exact::share_of(self, rate)
    }

    /// `rate` of this amount in whole fen.
    #[must_use]
    pub fn share_rounded(self, rate: Rate, rounding: Rounding) -> Self {
        match self.0.checked_mul(rate.ten_thousandths()) {
            Some(product) => Self(divide_small(product, 10_000, rounding)),
            None => self.share(rate).round(rounding),
        }
    }

    /// What each of so many has of it on average, in whole fen.
    #[must_use]
    pub fn per(self, count: u32, rounding: Rounding) -> Self {
        Self(divide_small(self.0, i64::from(count), rounding))
    }

    /// True below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// True for nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// This amount, or nothing where it is below zero.
    #[must_use]
    pub fn at_least_zero(self) -> Self {
        self.max(Self::ZERO)
    }

    /// The size without the sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, 2)
    }
}

impl FromStr for Money {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        decimal::parse(text, 2).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_prints_two_places_and_reads_them_back() {
        for (fen, text) in
            [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (23_170, "231.70"), (-123_456, "-1234.56")]
        {
            assert_eq!(Money::from_fen(fen).to_string(), text);
            assert_eq!(text.parse(), Ok(Money::from_fen(fen)));
        }
        assert_eq!(format!("{:>9}", Money::from_fen(500)), "     5.00");
    }

    proptest! {
        #[test]
        fn printing_and_reading_are_inverse(fen in any::<i64>()) {
            let money = Money::from_fen(fen);
            if fen != i64::MIN { prop_assert_eq!(money.to_string().parse(), Ok(money)); }
        }
    }
}
