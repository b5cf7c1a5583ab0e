//! Exact amounts in 64 bits, in the units of `money::Exact`: 10⁻¹² yuan, up to nine million yuan. What divides without
//! a rest, as almost everything does, takes the short way.

use money::Exact;

/// A fen.
pub const FEN: i64 = 10_000_000_000;

/// A share in ten-thousandths, half-even at the last place.
#[inline]
pub fn share(amount: i64, parts: i64) -> i64 {
    let (whole, rest) = (amount / 10_000, amount % 10_000);
    if rest == 0 { whole * parts } else { whole * parts + share_of_rest(rest * parts, whole * parts) }
}

/// The product of a rest below ten thousand, rounded; `beside` tells which neighbour is even.
#[cold]
fn share_of_rest(product: i64, beside: i64) -> i64 {
    let (whole, finer) = (product / 10_000, product % 10_000);
    let up = finer > 5_000 || (finer == 5_000 && (beside + whole) % 2 != 0);
    whole + i64::from(up)
}

/// What amount yields this one at a rate, half-up.
#[cold]
pub fn whole_of(amount: i64, parts: i64) -> i64 {
    let (product, parts) = (i128::from(amount) * 10_000, i128::from(parts));
    narrow((product * 2 + parts) / (parts * 2))
}

/// To whole fen, half-up.
#[inline]
pub fn fen(amount: i64) -> i64 {
    (amount + FEN / 2) / FEN
}

/// Into 64 bits.
#[inline]
pub fn of(amount: Exact) -> i64 {
    narrow(amount.units())
}

/// Out of them.
pub fn exact(amount: i64) -> Exact {
    Exact::from_units(i128::from(amount))
}

#[inline]
fn narrow(units: i128) -> i64 {
    i64::try_from(units).expect("amounts of this city fit 64 bits")
}
