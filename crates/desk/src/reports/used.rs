//! 项目使用: how many of each item were charged, and for how much, by item or by the doctor who ordered them. What an
//! outpatient is charged counts on the day it was settled, what an inpatient is charged on the day it was given.

use std::collections::BTreeMap;

use money::{Money, Quantity};
use serde::{Deserialize, Serialize};
use store::By;

use super::Span;
use super::moved::each;
use crate::bill::{Bill, Line};
use crate::house::Named;
use crate::posting::{Posting, PostingState};
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet};
use crate::till::Side;

/// A charge of a stay, as this sees it. It is never written.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Given {
    line: Line,
    doctor: Named,
}

impl Form for Given {
    const KIND: &'static str = Posting::KIND;
    type State = PostingState;
    type Private = ();
}

/// How many of an item, and for how much; less what was taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Used {
    /// Who ordered it: staff number and name; empty: whoever.
    pub(crate) doctor: Named,
    /// The hospital's code of the item.
    pub(crate) item: String,
    pub(crate) name: String,
    pub(crate) specification: String,
    pub(crate) unit: String,
    pub(crate) drug: bool,
    pub(crate) quantity: Quantity,
    pub(crate) amount: Money,
}

/// The most days of this report: a big hospital gives a million charges a month.
pub(crate) const DAYS_MAX: i32 = 31;

/// Sums, by doctor and item.
#[derive(Default)]
struct Sums {
    by_doctor: bool,
    drugs: bool,
    all: BTreeMap<(String, String), Used>,
}

impl Sums {
    fn add(&mut self, doctor: &Named, line: &Line, side: Side) {
        if self.drugs && !line.drug {
            return;
        }
        let doctor = if self.by_doctor { doctor.clone() } else { Named::default() };
        let used = self.all.entry((doctor.code.clone(), line.item.clone())).or_insert_with(|| Used {
            doctor,
            item: line.item.clone(),
            name: line.name.clone(),
            specification: line.specification.clone(),
            unit: line.unit.clone(),
            drug: line.drug,
            ..Used::default()
        });
        let quantity = if side == Side::In { line.quantity } else { -line.quantity };
        used.quantity = used.quantity + quantity;
        used.amount += side.of(line.amount);
    }
}

/// What was used within days, the most of it first; drugs alone where that is asked.
pub(crate) fn used(
    papers: &Papers,
    span: Span,
    by_doctor: bool,
    drugs: bool,
) -> Result<Vec<Used>, PaperError> {
    let mut sums = Sums { by_doctor, drugs, all: BTreeMap::new() };
    each::<Bill>(papers, span, |paper, movement| {
        let bill = &paper.facts.0;
        bill.lines.iter().for_each(|line| sums.add(&bill.doctor, line, movement.side));
    })?;
    for day in span.days() {
        let given: Vec<Sheet<Given>> = papers.list(By::Days(day, day), ALL, 0)?;
        // A line that takes back is below nothing already.
        given.iter().for_each(|line| sums.add(&line.facts.doctor, &line.facts.line, Side::In));
    }
    let all = sums.all.into_values();
    let mut all: Vec<Used> =
        all.filter(|used| !used.amount.is_zero() || used.quantity != Quantity::default()).collect();
    all.sort_by(|a, b| {
        b.amount.cmp(&a.amount).then_with(|| (&a.doctor.code, &a.item).cmp(&(&b.doctor.code, &b.item)))
    });
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_back_is_taken_off_and_doctors_add_up_to_items() {
        let item = crate::found::tests::item("氨氯地平片", "18.6");
        let line = |n: i64| Line::of(1, "0001", &item, Quantity::from_ten_thousandths(n * 10_000));
        let sums = |by_doctor| {
            let mut sums = Sums { by_doctor, ..Sums::default() };
            sums.add(&Named::of("012", "甲"), &line(3), Side::In);
            sums.add(&Named::of("013", "乙"), &line(1), Side::In);
            sums.add(&Named::of("012", "甲"), &line(2), Side::Out);
            sums.all
        };
        let told = |all: BTreeMap<_, Used>| -> Vec<_> {
            all.into_values()
                .map(|used| (used.doctor.code, used.quantity.to_string(), used.amount.to_string()))
                .collect()
        };
        assert_eq!(told(sums(false)), [(String::new(), "2.0000".to_owned(), "37.20".to_owned())]);
        let one = |doctor: &str| (doctor.to_owned(), "1.0000".to_owned(), "18.60".to_owned());
        assert_eq!(told(sums(true)), [one("012"), one("013")]);
    }
}
