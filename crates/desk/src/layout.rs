//! Where the fields of a printed form stand on its paper: data a hospital changes, in tenths of a millimetre.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::house::Use;
use crate::sheet::{Form, PaperError, Papers};

/// A form that is printed field by field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintForm {
    /// The receipt of an outpatient's bill.
    Receipt,
    /// The receipt of a deposit.
    Deposit,
    /// The receipt of a stay.
    Stay,
}

/// Paper that forms are printed on: its word, width and height in millimetres. Rolls end where the form does.
pub const PAPERS: [(&str, i32, i32); 5] =
    [("241", 241, 140), ("a5", 210, 148), ("a4", 210, 297), ("80", 80, 200), ("58", 58, 200)];

/// Fields every form has, where they stand if nobody has moved them, in millimetres.
const HEAD: [(&str, i32, i32); 6] = [
    ("title", 80, 14),
    ("number", 180, 14),
    ("copy", 180, 21),
    ("hospital", 12, 24),
    ("name", 12, 32),
    ("kind", 80, 32),
];

impl PrintForm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Receipt, Self::Deposit, Self::Stay];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Deposit => "deposit",
            Self::Stay => "stay",
        }
    }

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Receipt => "receipt-title",
            Self::Deposit => "deposit-receipt-title",
            Self::Stay => "stay-receipt-title",
        }
    }

    /// Of its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }

    /// Its fields beside those of every form.
    const fn own(self) -> &'static [(&'static str, i32, i32)] {
        match self {
            Self::Receipt => &[
                ("time", 140, 32),
                ("categories", 12, 44),
                ("payers", 160, 44),
                ("capitals", 12, 96),
                ("total", 170, 96),
                ("electronic", 12, 110),
                ("balance", 12, 118),
                ("cashier", 12, 128),
                ("voided", 100, 128),
            ],
            Self::Deposit => &[
                ("time", 140, 32),
                ("total", 12, 60),
                ("capitals", 12, 70),
                ("paid", 12, 80),
                ("note", 12, 118),
                ("cashier", 12, 128),
                ("voided", 100, 128),
            ],
            Self::Stay => &[
                ("days", 80, 24),
                ("time", 140, 32),
                ("categories", 12, 44),
                ("payers", 160, 44),
                ("capitals", 12, 96),
                ("total", 170, 96),
                ("electronic", 12, 110),
                ("cashier", 12, 128),
                ("voided", 100, 128),
            ],
        }
    }

    /// All its fields, in the order they are read.
    pub fn fields(self) -> impl Iterator<Item = (&'static str, i32, i32)> {
        HEAD.into_iter().chain(self.own().iter().copied())
    }
}

/// Where a hospital prints a form's fields. The key is the form's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Its paper: a word of [`PAPERS`].
    pub paper: String,
    /// How far all fields are moved, right and down, in tenths of a millimetre: what a printer needs.
    pub shift: (i32, i32),
    /// Where fields stand, in tenths of a millimetre from the left and the top.
    pub places: BTreeMap<String, (i32, i32)>,
}

impl Form for Layout {
    const KIND: &'static str = "layout";
    type State = Use;
    type Private = ();
}

impl Layout {
    /// As it comes.
    pub fn usual(form: PrintForm) -> Self {
        let places = form.fields().map(|(name, x, y)| (name.to_owned(), (x * 10, y * 10)));
        Self { paper: PAPERS[0].0.into(), shift: (0, 0), places: places.collect() }
    }

    /// As a hospital has it.
    pub(crate) fn of(papers: &Papers, form: PrintForm) -> Result<Self, PaperError> {
        let mut layout = Self::usual(form);
        if let Some(kept) = papers.get::<Self>(form.word())? {
            layout.paper = kept.facts.paper;
            layout.shift = kept.facts.shift;
            // A field that is new keeps its usual place.
            layout.places.extend(kept.facts.places);
        }
        Ok(layout)
    }

    /// Its paper, with width and height in millimetres.
    pub fn sheet(&self) -> (&'static str, i32, i32) {
        PAPERS.into_iter().find(|(word, ..)| *word == self.paper).unwrap_or(PAPERS[0])
    }

    /// Where a field stands once everything is moved, in tenths of a millimetre.
    pub fn place(&self, field: &str) -> (i32, i32) {
        let (x, y) = self.places.get(field).copied().unwrap_or_default();
        (x + self.shift.0, y + self.shift.1)
    }
}

/// Tenths of a millimetre as people write them.
pub fn millimetres(tenths: i32) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    match (tenths.abs() / 10, tenths.abs() % 10) {
        (whole, 0) => format!("{sign}{whole}"),
        (whole, part) => format!("{sign}{whole}.{part}"),
    }
}

/// The other way round; none where that is no length on paper.
pub fn tenths(typed: &str) -> Option<i32> {
    let typed = typed.trim();
    let (sign, digits) = typed.strip_prefix('-').map_or((1, typed), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || whole.len() > 3 || part.len() > 1 {
        return None;
    }
    Some(sign * (whole.parse::<i32>().ok()? * 10 + part.parse::<i32>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_they_are_written() {
        for (typed, tenths_of_it) in [("12", 120), ("0", 0), ("12.5", 125), ("-3.2", -32), ("241", 2_410)] {
            assert_eq!(tenths(typed), Some(tenths_of_it));
            assert_eq!(millimetres(tenths_of_it), typed);
        }
        for wrong in ["", "x", "1.25", "1,5", "1000", "--1", "1."] {
            assert_eq!(tenths(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_field_stands_on_the_usual_paper() {
        for form in PrintForm::ALL {
            let layout = Layout::usual(form);
            let (_, width, height) = layout.sheet();
            for (name, ..) in form.fields() {
                let (x, y) = layout.place(name);
                assert!((0..width * 10).contains(&x) && (0..height * 10).contains(&y), "{name}");
            }
            assert_eq!(PrintForm::of(form.word()), Some(form));
        }
    }

    #[test]
    fn a_shift_moves_every_field() {
        let layout = Layout { shift: (-15, 20), ..Layout::usual(PrintForm::Receipt) };
        assert_eq!(layout.place("title"), (785, 160));
    }
}
