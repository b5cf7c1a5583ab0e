//! Trace codes of drugs: which packs a line was sold with, and how many are missing.

use model::Tracing;
use money::Quantity;
use web::Said;

use crate::bill::Line;

/// Signs a code has at most.
const SIGNS_MAX: usize = 100;
/// How many ten-thousandths one is.
const ONE: i64 = 10_000;

impl Line {
    /// How many packs it is: parts of one are one.
    pub(crate) fn packs(&self) -> usize {
        if self.part_of_pack { 1 } else { packs(self.quantity) }
    }

    /// How many of their codes are missing; of what has none, nothing.
    pub(crate) fn traces_missing(&self) -> usize {
        if self.traced && self.drug { self.packs().saturating_sub(self.traces.len()) } else { 0 }
    }
}

/// So many packs are begun by a quantity.
pub(crate) fn packs(quantity: Quantity) -> usize {
    let begun = (quantity.ten_thousandths() + ONE - 1) / ONE;
    usize::try_from(begun).unwrap_or_default()
}

/// Takes the code of a pack into a line of these, or says why not.
pub(crate) fn take(lines: &mut [Line], number: u32, typed: &str, part: bool) -> Result<(), Said> {
    let code = typed.trim();
    let signs = code.len() <= SIGNS_MAX && code.bytes().all(|sign| sign.is_ascii_graphic());
    if !signs || !wire::transactions::is_trace_code(code) {
        return Err(Said::new("trace-wrong").with("seen", code));
    }
    let known = |other: &Line| other.traces.iter().any(|known| known == code);
    let parts = |other: &Line| part && other.part_of_pack && other.number != number;
    if lines.iter().any(|other| known(other) && !parts(other)) {
        return Err(Said::new("trace-twice").with("seen", code));
    }
    let line = lines.iter_mut().find(|line| line.number == number);
    let Some(line) = line else { return Err(Said::new("trace-no-line")) };
    line.part_of_pack = part;
    if line.traces.len() >= line.packs() {
        return Err(Said::new("trace-enough").with("name", &line.name).with("packs", line.packs()));
    }
    line.traces.push(code.to_owned());
    Ok(())
}

/// Whether a line has all its codes, or is not there.
pub(crate) fn is_done(lines: &[Line], number: u32) -> bool {
    lines.iter().find(|line| line.number == number).is_none_or(|line| line.traces_missing() == 0)
}

/// Of the codes of a line of which so much stays, those that stay: of as many packs as there are left, none that goes. Else how
/// many must be said to go: nobody can guess which.
pub(crate) fn stay<'c>(
    line: &Line,
    codes: impl Iterator<Item = &'c String>,
    stays: Quantity,
    goes: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Said> {
    let kept: Vec<String> = codes.filter(|code| !goes(code)).cloned().collect();
    let most = if line.part_of_pack { 1 } else { packs(stays) };
    if kept.len() > most {
        return Err(Said::new("trace-back").with("count", kept.len() - most));
    }
    Ok(kept)
}

/// The first line whose packs must still be scanned, where they must be.
pub(crate) fn required(lines: &[Line], tracing: Tracing) -> Option<&Line> {
    let missing = lines.iter().find(|line| line.traces_missing() > 0);
    missing.filter(|_| tracing == Tracing::Required)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn a_pack_that_is_begun_is_a_pack() {
        for (count, begun) in [("1", 1), ("2", 2), ("0.5", 1), ("2.1", 3), ("0", 0)] {
            assert_eq!(packs(quantity(count)), begun, "{count}");
        }
    }
}
