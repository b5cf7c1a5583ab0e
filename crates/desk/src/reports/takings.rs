//! 全院日报: what all tills together took and gave back, by cashier, by day or by branch, as their closings count it.

use std::collections::BTreeMap;

use money::Money;

use super::Span;
use super::moved::each;
use crate::bill::Bill;
use crate::closing::Closing;
use crate::deposit::Deposit;
use crate::segment::ReceiptKind;
use crate::settlement::Settlement;
use crate::sheet::{PaperError, Papers};
use crate::till::{Movement, Moves, Side};

/// What a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// A cashier.
    Cashier,
    /// A day.
    Day,
    /// A branch.
    Branch,
}

impl Row {
    fn of(self, movement: &Movement<'_>) -> String {
        match self {
            Self::Cashier => movement.who.to_owned(),
            Self::Day => movement.at.date().to_string(),
            Self::Branch => movement.branch.code.clone(),
        }
    }
}

/// What was taken less what was given back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Takings {
    /// Of it, what bills of outpatients come to.
    pub(crate) outpatient: Money,
    /// All of it, as a closing over it would count.
    pub(crate) all: Closing,
}

impl Takings {
    /// What settlements of stays come to.
    pub(crate) fn inpatient(&self) -> Money {
        self.all.total - self.outpatient
    }

    /// What came in less what went out by other ways than cash.
    pub(crate) fn otherwise(&self) -> Money {
        self.all.moved_in_all() - self.all.hand_over
    }

    fn count<F: Moves>(&mut self, paper: &F, side: Side) {
        let before = self.all.total;
        paper.count(side, &mut self.all);
        if F::RECEIPTS == ReceiptKind::Outpatient {
            self.outpatient += self.all.total - before;
        }
    }
}

/// The takings of the house.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct House {
    /// Each cashier's, each day's or each branch's.
    pub(crate) rows: BTreeMap<String, Takings>,
    /// All together.
    pub(crate) total: Takings,
}

impl House {
    fn read<F: Moves>(&mut self, papers: &Papers, span: Span, row: Row) -> Result<(), PaperError> {
        each::<F>(papers, span, |paper, movement| {
            let paper = &paper.facts.0;
            self.rows.entry(row.of(movement)).or_default().count(paper, movement.side);
            self.total.count(paper, movement.side);
        })
    }
}

/// What all tills took and gave back within days.
pub(crate) fn takings(papers: &Papers, span: Span, row: Row) -> Result<House, PaperError> {
    let mut house = House::default();
    house.read::<Bill>(papers, span, row)?;
    house.read::<Settlement>(papers, span, row)?;
    house.read::<Deposit>(papers, span, row)?;
    Ok(house)
}
