//! Amounts finer than a fen, and how they are rounded.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use crate::{Money, Quantity, Rate, UnitPrice};

/// How a finer amount becomes a coarser one. Halves: exactly between two neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To the nearest; halves away from zero.
    HalfUp,
    /// To the nearest; halves to the even neighbour.
    HalfEven,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
}

/// Divides with the rounding named. `divisor` is positive.
pub(crate) fn divide(value: i128, divisor: i128, rounding: Rounding) -> i128 {
    let (quotient, rest) = (value / divisor, value % divisor);
    if rest == 0 {
        return quotient;
    }
    let away = quotient + value.signum();
    let half = (rest.abs() * 2).cmp(&divisor);
    let goes_away = match rounding {
        Rounding::Up => true,
        Rounding::Down => false,
        Rounding::HalfUp => half.is_ge(),
        Rounding::HalfEven => half.is_gt() || (half.is_eq() && quotient % 2 != 0),
    };
    if goes_away { away } else { quotient }
}

/// The same within 64 bits.
#[inline]
pub(crate) fn divide_small(value: i64, divisor: i64, rounding: Rounding) -> i64 {
    let (quotient, rest) = (value / divisor, value % divisor);
    if rest == 0 {
        return quotient;
    }
    let half = (rest.unsigned_abs() * 2).cmp(&divisor.unsigned_abs());
    let goes_away = match rounding {
        Rounding::Up => true,
        Rounding::Down => false,
        Rounding::HalfUp => half.is_ge(),
        Rounding::HalfEven => half.is_gt() || (half.is_eq() && quotient % 2 != 0),
    };
    if goes_away { quotient + value.signum() } else { quotient }
}

/// An amount in units of 10⁻¹² yuan. Two rates of four places may multiply an amount of fen before anything is
/// rounded; a third product is rounded half-even at the last place, a ten-thousand-millionth of a fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Exact(i128);

const UNITS_PER_FEN: i128 = 10_000_000_000;

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of whole fen.
    pub const fn from_fen(fen: i64) -> Self {
        Self(fen as i128 * UNITS_PER_FEN)
    }

    /// From units of 10⁻¹² yuan.
    pub const fn from_units(units: i128) -> Self {
        Self(units)
    }

    /// In units of 10⁻¹² yuan.
    pub const fn units(self) -> i128 {
        self.0
    }

    /// `rate` of `amount`; exact.
    pub fn share_of(amount: Money, rate: Rate) -> Self {
        Self(i128::from(amount.fen()) * i128::from(rate.ten_thousandths()) * (UNITS_PER_FEN / 10_000))
    }

    /// Price times quantity; exact (both scales together are 10⁻¹⁰ yuan).
    pub fn line(price: UnitPrice, quantity: Quantity) -> Self {
        Self(i128::from(price.millionths()) * i128::from(quantity.ten_thousandths()) * 100)
    }

    /// `rate` of this amount; rounded half-even at 10⁻¹² yuan where finer.
    #[must_use]
    pub fn share(self, rate: Rate) -> Self {
        // Most amounts fit 64 bits even in these units; there a division by a constant costs a multiplication.
        if let (Ok(units), parts) = (i64::try_from(self.0), rate.ten_thousandths())
            && parts.unsigned_abs() < 1 << 32
        {
            let (whole, rest) = (units / 10_000, units % 10_000 * parts);
            let share = i128::from(whole) * i128::from(parts) + i128::from(rest / 10_000);
            let finer = rest % 10_000;
            let half = (finer.unsigned_abs() * 2).cmp(&10_000);
            let away = half.is_gt() || (half.is_eq() && share % 2 != 0);
            return Self(share + i128::from(if away { finer.signum() } else { 0 }));
        }
        Self(divide(self.0 * i128::from(rate.ten_thousandths()), 10_000, Rounding::HalfEven))
    }

    /// What amount yields this one at `rate`: the inverse of [`Exact::share`], rounded as named at 10⁻¹² yuan.
    /// Nothing yields anything at a rate of zero: the answer is zero.
    #[must_use]
    pub fn whole_of(self, rate: Rate, rounding: Rounding) -> Self {
        match rate.ten_thousandths() {
            0 => Self::ZERO,
            parts => Self(divide(self.0 * 10_000, i128::from(parts), rounding)),
        }
    }

    /// To whole fen.
    pub fn round(self, rounding: Rounding) -> Money {
        if let Ok(units) = i64::try_from(self.0) {
            return Money::from_fen(divide_small(units, 10_000_000_000, rounding));
        }
        let fen = divide(self.0, UNITS_PER_FEN, rounding);
        Money::from_fen(i64::try_from(fen).expect("an amount of money fits 63 bits of fen"))
    }

    /// The same in whole fen; none where it is finer.
    #[inline]
    pub fn whole(self) -> Option<Money> {
        let Ok(units) = i64::try_from(self.0) else {
            return self.is_whole().then(|| self.round(Rounding::Down));
        };
        (units % 10_000_000_000 == 0).then(|| Money::from_fen(units / 10_000_000_000))
    }

    /// True where no part of a fen is left.
    pub fn is_whole(self) -> bool {
        self.0 % UNITS_PER_FEN == 0
    }

    /// This amount, or nothing where it is below zero.
    #[must_use]
    pub fn at_least_zero(self) -> Self {
        self.max(Self::ZERO)
    }
}

impl From<Money> for Exact {
    fn from(amount: Money) -> Self {
        amount.exact()
    }
}

impl std::fmt::Display for Exact {
    /// At least two places, and no more than needed: `24.80`, `5162.2525`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = self.0.unsigned_abs();
        let per_yuan = UNITS_PER_FEN.unsigned_abs() * 100;
        let places = format!("{:012}", units % per_yuan);
        let kept = places.trim_end_matches('0').len().max(2);
        f.pad(&format!("{sign}{}.{}", units / per_yuan, &places[..kept]))
    }
}

impl std::str::FromStr for Exact {
    type Err = crate::DecimalError;
    /// Yuan with up to twelve places, as printed.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let negative = whole.starts_with('-');
        let yuan: i128 = whole.parse().map_err(|_| crate::DecimalError::NotANumber)?;
        if fraction.len() > 12 {
            return Err(crate::DecimalError::TooManyPlaces);
        }
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(crate::DecimalError::NotANumber);
        }
        let part: i128 = format!("{fraction:0<12}").parse().map_err(|_| crate::DecimalError::NotANumber)?;
        let per_yuan = UNITS_PER_FEN * 100;
        let yuan = yuan.checked_mul(per_yuan).ok_or(crate::DecimalError::OutOfRange)?;
        Ok(Self(if negative { yuan - part } else { yuan + part }))
    }
}

impl Add for Exact {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Exact {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Exact {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Exact {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Exact {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(units: i128, divisor: i128, expected: [i128; 4]) {
        let modes = [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down, Rounding::Up];
        assert_eq!(modes.map(|m| divide(units, divisor, m)), expected, "{units}/{divisor}");
    }

    #[test]
    fn each_rounding_does_what_its_name_says() {
        check(5, 10, [1, 0, 0, 1]);
        check(15, 10, [2, 2, 1, 2]);
        check(25, 10, [3, 2, 2, 3]);
        check(-25, 10, [-3, -2, -2, -3]);
        check(24, 10, [2, 2, 2, 3]);
        check(-26, 10, [-3, -3, -2, -3]);
        check(30, 10, [3, 3, 3, 3]);
    }

    #[test]
    fn a_class_b_line_of_four_fifty_two_at_five_percent_is_twenty_three_fen() {
        let share = Money::from_fen(452).share(Rate::from_ten_thousandths(500));
        assert_eq!(share.to_string(), "0.226");
        assert_eq!(share.round(Rounding::HalfUp), Money::from_fen(23));
    }

    proptest! {
        #[test]
        fn an_exact_amount_reads_back_as_printed(units in -1_000_000_000_000_000_000_000_i128..1_000_000_000_000_000_000_000) {
            let exact = Exact(units);
            prop_assert_eq!(exact.to_string().parse(), Ok(exact));
        }

        #[test]
        fn two_rates_multiply_exactly(fen in 0_i64..10_000_000_000, a in 0_i64..=10_000, b in 0_i64..=10_000) {
            let (a, b) = (Rate::from_ten_thousandths(a), Rate::from_ten_thousandths(b));
            let money = Money::from_fen(fen);
            prop_assert_eq!(money.share(a).share(b), money.share(b).share(a));
            prop_assert_eq!(money.share(a) + money.share(a.complement()), money.exact());
        }

        #[test]
        fn the_short_way_and_the_long_way_agree(
            units in any::<i64>(), tie in any::<bool>(), parts in -30_000_i64..=30_000, fen in any::<i32>(),
        ) {
            // Halves, where the ways to round part.
            let units = if tie { units / 10_000_000_000 * 10_000_000_000 + 5_000_000_000 * units.signum() } else { units };
            let rate = Rate::from_ten_thousandths(parts);
            let long = divide(i128::from(units) * i128::from(parts), 10_000, Rounding::HalfEven);
            prop_assert_eq!(Exact(i128::from(units)).share(rate), Exact(long));
            let halves = i128::from(units / 10_000) * 5_000;
            let long = divide(halves * i128::from(parts), 10_000, Rounding::HalfEven);
            prop_assert_eq!(Exact(halves).share(rate), Exact(long));
            for mode in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down, Rounding::Up] {
                let long = divide(i128::from(units), UNITS_PER_FEN, mode);
                prop_assert_eq!(Exact(i128::from(units)).round(mode).fen(), i64::try_from(long).unwrap());
                let money = Money::from_fen(i64::from(fen));
                prop_assert_eq!(money.share_rounded(rate, mode), money.share(rate).round(mode));
            }
        }

        #[test]
        fn rounding_moves_less_than_a_fen(units in -1_000_000_000_000_000_i128..1_000_000_000_000_000) {
            for mode in [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down, Rounding::Up] {
                let moved = (Exact(units).round(mode).exact() - Exact(units)).units().abs();
                prop_assert!(moved < UNITS_PER_FEN);
            }
        }
    }
}
