//! The item rules of the city written by hand: what the lines of a bill come to.
//!
//! Nothing in a line is foreseeable, so nothing here jumps. Products wrap unchecked: what a line may be at most is
//! checked where it comes in.

use model::{ItemClass, Standing};
use money::Rate;
use policy::Line;

use super::tables::FIRST_OF_B;
use super::teller::{Sums, Teller};

/// Millionths of a yuan times ten-thousandths of a piece, in a fen.
const PRODUCTS_A_FEN: u64 = 100_000_000;

/// Sums the lines; what is needed for telling alone only where somebody listens.
#[expect(clippy::needless_bitwise_bool, reason = "a lazy operator is a jump")]
#[inline]
pub fn sum<T: Teller>(lines: &[Line]) -> Sums {
    let mut sums = Sums::default();
    for line in lines {
        let amount = line.amount.fen();
        let outside = (line.class == ItemClass::C) | (line.standing >= Standing::Unconfirmed);
        let inside = if outside { 0 } else { amount };
        let within = if outside { 0 } else { within_limit(line) };
        let own = line.first_self_pay.map(Rate::ten_thousandths);
        let rate = own.unwrap_or(if line.class == ItemClass::B { FIRST_OF_B } else { 0 });
        let first = half_up(within.wrapping_mul(rate), 10_000);
        add(&mut sums.total, amount);
        add(&mut sums.out_of_scope, amount.wrapping_sub(inside));
        add(&mut sums.over_limit, inside.wrapping_sub(within));
        add(&mut sums.first_self_pay, first);
        if T::LISTENS {
            let (by_use, of_own) = (line.class != ItemClass::C, own.is_some() & !outside);
            add(&mut sums.by_use, if by_use { amount.wrapping_sub(inside) } else { 0 });
            add(&mut sums.base[0], if of_own | (rate == 0) { 0 } else { within });
            add(&mut sums.base[1], if of_own { within } else { 0 });
            add(&mut sums.first[1], if of_own { first } else { 0 });
            sums.own_rates_differ |= of_own & (sums.own_rate != 0) & (sums.own_rate != rate);
            sums.own_rate = if of_own { rate } else { sums.own_rate };
        }
    }
    sums.first[0] = sums.first_self_pay - sums.first[1];
    sums
}

#[inline]
fn add(sum: &mut i64, amount: i64) {
    *sum = sum.wrapping_add(amount);
}

/// What of a line's amount is within the limit of its item; amounts are above zero.
#[inline]
fn within_limit(line: &Line) -> i64 {
    let price = line.price.millionths();
    let limit = line.limit.map_or(price, |limit| limit.millionths().min(price));
    let most = half_up(limit.wrapping_mul(line.quantity.ten_thousandths()), PRODUCTS_A_FEN);
    if limit < price { most.min(line.amount.fen()) } else { line.amount.fen() }
}

/// A number that is not below zero, divided.
#[inline]
fn half_up(value: i64, by: u64) -> i64 {
    (value.cast_unsigned().wrapping_add(by / 2) / by).cast_signed()
}
