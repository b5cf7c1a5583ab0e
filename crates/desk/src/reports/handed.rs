//! 应交已交: what each operator owes the finance office of his closings, what was handed over, and what is outstanding.

use std::collections::BTreeMap;

use money::Money;
use store::By;

use super::Span;
use crate::closing::{Closing, ClosingState};
use crate::people::Operator;
use crate::sheet::{ALL, PaperError, Papers, Sheet};

/// The cash of one operator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Handed {
    /// Of closings before these days: still not handed over.
    pub(crate) earlier: Money,
    /// Of closings of these days.
    pub(crate) closed: Money,
    /// Moved and not closed until now.
    pub(crate) open: Money,
    /// What finance has counted of the closings of these days.
    pub(crate) handed: Money,
    /// By how much that is more than was due; less: below nothing.
    pub(crate) difference: Money,
}

impl Handed {
    /// What is due.
    pub(crate) fn due(&self) -> Money {
        self.earlier + self.closed + self.open
    }

    /// What finance does not have: all that is due, but what was counted of it, and what it lacked, which was explained.
    pub(crate) fn outstanding(&self) -> Money {
        self.due() + self.difference - self.handed
    }

    /// With another's.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self {
            earlier: self.earlier + other.earlier,
            closed: self.closed + other.closed,
            open: self.open + other.open,
            handed: self.handed + other.handed,
            difference: self.difference + other.difference,
        }
    }

    fn close(&mut self, closing: &Closing) {
        self.closed += closing.hand_over;
        if let Some(counted) = closing.counted {
            self.handed += counted;
            self.difference += counted - closing.hand_over;
        }
    }
}

/// What each operator owes and has handed over; who neither owes nor owed anything is left out.
pub(crate) fn handed(papers: &Papers, span: Span) -> Result<BTreeMap<String, Handed>, PaperError> {
    let mut all = BTreeMap::<String, Handed>::new();
    let within: Vec<Sheet<Closing>> = papers.list(By::Days(span.from, span.to), ALL, 0)?;
    for closing in within.iter().filter(|closing| closing.state != ClosingState::Cancelled) {
        all.entry(closing.facts.cashier.clone()).or_default().close(&closing.facts);
    }
    let waiting = papers.in_state::<Closing>(ClosingState::Closed)?;
    for closing in waiting.iter().filter(|closing| closing.day.is_some_and(|day| day < span.from)) {
        all.entry(closing.facts.cashier.clone()).or_default().earlier += closing.facts.hand_over;
    }
    let operators: Vec<Sheet<Operator>> = papers.list(By::All, ALL, 0)?;
    for operator in operators {
        let open = Closing::open(papers, &operator.key)?;
        if !open.is_empty() {
            all.entry(operator.key).or_default().open += open.hand_over;
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_and_what_it_lacked_is_not_outstanding() {
        let fen = Money::from_fen;
        let closing = |due: i64, counted: Option<i64>| Closing {
            hand_over: fen(due),
            counted: counted.map(fen),
            ..Closing::default()
        };
        let mut handed = Handed { earlier: fen(1_000), open: fen(500), ..Handed::default() };
        handed.close(&closing(5_600, Some(5_500)));
        handed.close(&closing(2_400, None));
        assert_eq!((handed.due(), handed.handed, handed.difference), (fen(9_500), fen(5_500), fen(-100)));
        assert_eq!(handed.outstanding(), fen(1_000 + 2_400 + 500));
    }
}
