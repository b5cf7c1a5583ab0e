//! What moved money within days, read day by day: a day's papers are in memory at once, and no more.

use serde::{Deserialize, Serialize};
use store::By;

use super::Span;
use crate::bill::{Bill, Split};
use crate::house::Named;
use crate::posting::Income;
use crate::segment::ReceiptKind;
use crate::settlement::Settlement;
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet, Unread};
use crate::till::{Movement, Moves, moved_tag};

/// A paper without what of it is personal: figures need nobody's name. It is never written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Bare<F>(pub(crate) F);

impl<F: Form> Form for Bare<F> {
    const KIND: &'static str = F::KIND;
    type State = F::State;
    type Private = Unread;
}

/// Each side of a paper of a kind that moved within days, once.
pub(crate) fn each<F: Moves>(
    papers: &Papers,
    span: Span,
    mut count: impl FnMut(&Sheet<Bare<F>>, &Movement<'_>),
) -> Result<(), PaperError> {
    for day in span.days() {
        let all: Vec<Sheet<Bare<F>>> = papers.list(By::Tag(&moved_tag(day)), ALL, 0)?;
        for paper in &all {
            let movements = paper.facts.0.movements(paper.state).into_iter();
            movements
                .filter(|movement| movement.at.date() == day)
                .for_each(|movement| count(paper, &movement));
        }
    }
    Ok(())
}

/// What is settled: a bill of a visit, or a stay or a part of it.
pub(crate) trait Earns: Moves {
    /// It is of a stay.
    const INPATIENT: bool = matches!(Self::RECEIPTS, ReceiptKind::Inpatient);

    /// How it is shared.
    fn split(&self) -> Option<&Split>;

    /// Under which insurance; none: the patient pays alone.
    fn insurance(&self) -> Option<u16>;

    /// The visit or the stay it is of.
    fn care(&self) -> &str;

    /// The branch it was settled in; without a code: the main house.
    fn branch(&self) -> &Named;

    /// What it comes to by departments and kinds of charge.
    fn income(&self) -> Vec<Income>;
}

impl Earns for Bill {
    fn split(&self) -> Option<&Split> {
        self.split.as_ref()
    }

    fn insurance(&self) -> Option<u16> {
        self.insured.then(|| self.counted.insurance.unwrap_or(self.insurance))
    }

    fn care(&self) -> &str {
        &self.visit_number
    }

    fn branch(&self) -> &Named {
        &self.branch
    }

    fn income(&self) -> Vec<Income> {
        let of = |line: &crate::bill::Line| Income {
            ordering: self.department.clone(),
            executing: line.done_by(&self.department).clone(),
            category: line.category.clone(),
            amount: line.amount,
        };
        self.lines.iter().map(of).collect()
    }
}

impl Earns for Settlement {
    fn split(&self) -> Option<&Split> {
        Some(&self.split)
    }

    fn insurance(&self) -> Option<u16> {
        // What a stay was settled under is heard with its settlement.
        self.insured.then(|| self.counted.insurance.unwrap_or(model::InsuranceKind::EMPLOYEE.0))
    }

    fn care(&self) -> &str {
        &self.stay
    }

    fn branch(&self) -> &Named {
        &self.branch
    }

    fn income(&self) -> Vec<Income> {
        if !self.income.is_empty() {
            return self.income.clone();
        }
        // Older papers do not say which departments.
        let of = |(category, amount): &(String, money::Money)| Income {
            ordering: Named::default(),
            executing: Named::default(),
            category: category.clone(),
            amount: *amount,
        };
        self.categories.iter().map(of).collect()
    }
}
