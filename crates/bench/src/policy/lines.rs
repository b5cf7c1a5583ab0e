//! The item rules of the city written by hand: what the lines of a bill come to.
//!
//! Nothing in a line is foreseeable, so nothing here jumps. Products wrap unchecked: what a line may be at most is
//! checked where it comes in.

use std::hint::select_unpredictable as pick;

use model::{ItemClass, Standing};
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
        let inside = pick(outside, 0, amount);
        let within = pick(outside, 0, within_limit(line));
        let (own, has_own) = line.first_self_pay.masked();
        let rate = own | (pick(line.class == ItemClass::B, FIRST_OF_B, 0) & !has_own);
        let first = half_up(within.wrapping_mul(rate), 10_000);
        add(&mut sums.total, amount);
        add(&mut sums.out_of_scope, amount.wrapping_sub(inside));
        add(&mut sums.over_limit, inside.wrapping_sub(within));
        add(&mut sums.first_self_pay, first);
        if T::LISTENS {
            let (by_use, of_own) = (line.class != ItemClass::C, (has_own != 0) & !outside);
            add(&mut sums.by_use, pick(by_use, amount.wrapping_sub(inside), 0));
            add(&mut sums.base[0], pick(of_own | (rate == 0), 0, within));
            add(&mut sums.base[1], pick(of_own, within, 0));
            add(&mut sums.first[1], pick(of_own, first, 0));
            sums.own_rates_differ |= of_own & (sums.own_rate != 0) & (sums.own_rate != rate);
            sums.own_rate = pick(of_own, rate, sums.own_rate);
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
    let above = least(line.limit.millionths().wrapping_sub(price), 0);
    let most =
        half_up(price.wrapping_add(above).wrapping_mul(line.quantity.ten_thousandths()), PRODUCTS_A_FEN);
    let amount = line.amount.fen();
    pick(above < 0, amount.wrapping_add(least(most.wrapping_sub(amount), 0)), amount)
}

/// The lesser of two that lie near each other, reckoned: a comparison would be made a jump.
#[inline]
fn least(a: i64, b: i64) -> i64 {
    let more = a.wrapping_sub(b);
    b.wrapping_add(more & (more >> 63))
}

/// A number that is not below zero, divided.
#[inline]
fn half_up(value: i64, by: u64) -> i64 {
    (value.cast_unsigned().wrapping_add(by / 2) / by).cast_signed()
}
