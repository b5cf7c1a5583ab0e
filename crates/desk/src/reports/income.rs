//! 科室收入: what was settled, by the department that ordered it or did it, and by kind of charge.

use std::collections::BTreeMap;

use money::Money;

use super::Span;
use super::moved::{Earns, each};
use crate::bill::Bill;
use crate::house::Named;
use crate::posting;
use crate::settlement::Settlement;
use crate::sheet::{PaperError, Papers};
use crate::till;

/// By what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The department that ordered it.
    Ordering,
    /// The department that did it.
    Executing,
    /// The branch it was settled in.
    Branch,
}

/// Sums by kind of charge.
pub(crate) type Categories = BTreeMap<String, Money>;

/// What departments earned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Income {
    /// Of each department, by its code: its name, and its sums.
    pub(crate) rows: BTreeMap<String, (String, Categories)>,
    /// Of all.
    pub(crate) total: Categories,
}

impl Income {
    fn add(&mut self, department: &Named, category: &str, amount: Money) {
        let (name, sums) = self.rows.entry(department.code.clone()).or_default();
        department.name.clone_into(name);
        *sums.entry(category.to_owned()).or_default() += amount;
        *self.total.entry(category.to_owned()).or_default() += amount;
    }

    fn count(&mut self, (parts, branch): (&[posting::Income], &Named), by: Side, side: till::Side) {
        for part in parts {
            let earns = match by {
                Side::Ordering => &part.ordering,
                Side::Executing => &part.executing,
                Side::Branch => branch,
            };
            self.add(earns, &part.category, side.of(part.amount));
        }
    }

    fn read<F: Earns>(&mut self, papers: &Papers, span: Span, by: Side) -> Result<(), PaperError> {
        each::<F>(papers, span, |paper, movement| {
            let facts = &paper.facts.0;
            // What goes back is taken off where it was earned, wherever the money was paid out.
            self.count((&facts.income(), facts.branch()), by, movement.side);
        })
    }
}

/// What departments earned within days.
pub(crate) fn income(papers: &Papers, span: Span, by: Side) -> Result<Income, PaperError> {
    let mut income = Income::default();
    income.read::<Bill>(papers, span, by)?;
    income.read::<Settlement>(papers, span, by)?;
    Ok(income)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_departments_have_the_same_in_all_and_what_goes_back_is_taken_off() {
        let part = |ordering: &str, executing: &str, category: &str, fen: i64| posting::Income {
            ordering: Named::of(ordering, ordering),
            executing: Named::of(executing, executing),
            category: category.into(),
            amount: Money::from_fen(fen),
        };
        let came = [part("内科", "检验科", "04", 1_200), part("内科", "内科", "09", 3_000)];
        let went = [part("内科", "检验科", "04", 1_200)];
        let of = |by| {
            let mut income = Income::default();
            let branch = Named::of("E", "东院");
            income.count((&came, &branch), by, till::Side::In);
            income.count((&went, &branch), by, till::Side::Out);
            income
        };
        let (ordering, executing) = (of(Side::Ordering), of(Side::Executing));
        assert_eq!(ordering.total, executing.total);
        assert_eq!(of(Side::Branch).rows["E"].1, ordering.total);
        assert_eq!(ordering.rows.keys().collect::<Vec<_>>(), ["内科"]);
        assert_eq!(executing.rows["检验科"].1["04"], Money::ZERO, "it came and went");
        assert_eq!(executing.rows["内科"].1["09"], Money::from_fen(3_000));
    }
}
