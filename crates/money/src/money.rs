//! Whole fen.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use crate::{DecimalError, Exact, Rate, decimal};

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

    /// Divides this amount by weights so that the parts add up to it: each part is rounded down, and the fen left
    /// over go one by one to the largest remainders, the earlier first. Weights are not negative; where all are
    /// zero the first part takes all. No weights, no parts.
    pub fn split(self, weights: &[i64]) -> Vec<Self> {
        let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        if weights.is_empty() {
            return Vec::new();
        }
        if sum == 0 {
            let mut parts = vec![Self::ZERO; weights.len()];
            parts[0] = self;
            return parts;
        }
        let size = i128::from(self.0.abs());
        let mut parts: Vec<i128> = weights.iter().map(|w| size * i128::from(*w) / sum).collect();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(size * i128::from(weights[i]) % sum));
        let left = size - parts.iter().sum::<i128>();
        for &index in order.iter().take(usize::try_from(left).unwrap_or(0)) {
            parts[index] += 1;
        }
        let sign = self.0.signum();
        parts
            .into_iter()
            .map(|p| Self(sign * i64::try_from(p).expect("a part is at most the whole")))
            .collect()
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
        fn parts_of_a_split_add_up(fen in -1_000_000_000_i64..1_000_000_000, weights in prop::collection::vec(0_i64..1000, 1..20)) {
            let whole = Money::from_fen(fen);
            let parts = whole.split(&weights);
            prop_assert_eq!(parts.iter().copied().sum::<Money>(), whole);
            prop_assert!(parts.iter().all(|p| p.fen().signum() * fen.signum() >= 0));
        }

        #[test]
        fn printing_and_reading_are_inverse(fen in any::<i64>()) {
            let money = Money::from_fen(fen);
            if fen != i64::MIN { prop_assert_eq!(money.to_string().parse(), Ok(money)); }
        }
    }
}
