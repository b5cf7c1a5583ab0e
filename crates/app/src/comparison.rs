//! One bill under two editions, side by side.

use std::fmt::Write as _;

use model::Amounts;
use money::Money;
use policy::{Edition, Language, Trail};

use crate::receipt::{FIGURES, aligned, padded};

/// A bill under one edition.
pub struct Side<'a> {
    /// The edition.
    pub edition: &'a Edition,
    /// Its shares.
    pub amounts: &'a Amounts,
    /// How they came about.
    pub trail: &'a Trail,
}

/// Places of a figure.
const WIDE: usize = 16;

/// The figures of both and what differs, then the steps of each.
pub fn side_by_side(left: &Side<'_>, right: &Side<'_>, language: Language) -> String {
    let mut text = String::new();
    let difference = if language == Language::Zh { "差" } else { "difference" };
    let heads = [left.edition.key(), right.edition.key(), difference.to_owned()];
    let _ = writeln!(text, "  {}{}", padded("", 22), heads.map(|head| aligned(&head, WIDE)).concat());
    for named in &FIGURES {
        let (a, b) = (named.figure.of(left.amounts), named.figure.of(right.amounts));
        if a.is_zero() && b.is_zero() {
            continue;
        }
        let apart = if a == b { String::new() } else { signed(b - a) };
        let cells = [a.to_string(), b.to_string(), apart].map(|figure| aligned(&figure, WIDE)).concat();
        let _ = writeln!(text, "  {}{cells}", padded(named.figure.label(language), 22));
    }
    for side in [left, right] {
        let _ = writeln!(text, "{} ({})", side.edition.head.order, side.edition.key());
        for (n, step) in (1..).zip(side.trail.render(side.edition, language)) {
            let _ = writeln!(text, "  {n:>2}. {step}");
        }
    }
    text
}

/// With its sign, also above nothing.
pub fn signed(amount: Money) -> String {
    if amount > Money::ZERO { format!("+{amount}") } else { amount.to_string() }
}
