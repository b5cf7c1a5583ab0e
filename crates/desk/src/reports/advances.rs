//! 预交金: what the hospital owes of deposits, stay by stay: opening + received − refunded + carried − applied = closing.
//!
//! What is owed now stands on the deposits themselves. What moved since is taken back from there: so old deposits need not be
//! read, and an opening is what the days before came to, whoever looks.

use std::collections::BTreeMap;

use money::Money;
use store::By;

use super::Span;
use super::moved::{Bare, each};
use crate::deposit::{Deposit, DepositState};
use crate::settlement::Settlement;
use crate::sheet::{ALL, PaperError, Papers, Sheet, state_word};
use crate::till::Side;

/// So many days back a report of deposits begins at the most: all days until today are read for it.
pub(crate) const HISTORY: i32 = 366;

/// What moved of a stay's deposits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Moves {
    /// Taken at tills.
    received: Money,
    /// Voided or given back there.
    refunded: Money,
    /// Carried here from another stay, less what was carried on.
    carried: Money,
    /// Used in settlements, less what came back with their voids.
    applied: Money,
}

impl Moves {
    fn sum(&self) -> Money {
        self.received - self.refunded + self.carried - self.applied
    }

    fn deposit(&mut self, deposit: &Deposit, side: Side) {
        let carried = match side {
            Side::In => !deposit.carried_from.is_empty(),
            Side::Out => deposit.undone.as_ref().is_some_and(|undone| undone.carried),
        };
        match side {
            _ if carried => self.carried += side.of(deposit.amount),
            Side::In => self.received += deposit.amount,
            Side::Out => self.refunded += deposit.amount,
        }
    }
}

/// A stay's deposits within days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) opening: Money,
    pub(crate) received: Money,
    pub(crate) refunded: Money,
    pub(crate) carried: Money,
    pub(crate) applied: Money,
    pub(crate) closing: Money,
}

impl Account {
    /// Of what is owed now, what moved behind the days, and within.
    fn of(now: Money, after: &Moves, within: &Moves) -> Self {
        let closing = now - after.sum();
        let Moves { received, refunded, carried, applied } = *within;
        Self { opening: closing - within.sum(), received, refunded, carried, applied, closing }
    }

    /// With another.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self {
            opening: self.opening + other.opening,
            received: self.received + other.received,
            refunded: self.refunded + other.refunded,
            carried: self.carried + other.carried,
            applied: self.applied + other.applied,
            closing: self.closing + other.closing,
        }
    }

    /// The parts come to the whole, and nobody is owed less than nothing.
    pub(crate) fn adds_up(&self) -> bool {
        self.opening + self.received - self.refunded + self.carried - self.applied == self.closing
            && !self.opening.is_negative()
            && !self.closing.is_negative()
    }
}

/// The deposits of every stay that had any, or whose moved, within days until today.
pub(crate) fn advances(
    papers: &Papers,
    span: Span,
    today: jiff::civil::Date,
) -> Result<BTreeMap<String, Account>, PaperError> {
    let mut stays = BTreeMap::<String, (Money, Moves, Moves)>::new();
    let valid = state_word(DepositState::Valid);
    let valid: Vec<Sheet<Bare<Deposit>>> = papers.list(By::State(&valid), ALL, 0)?;
    for Sheet { facts: Bare(deposit), .. } in valid {
        stays.entry(deposit.stay).or_default().0 += deposit.amount;
    }
    let read = Span { from: span.from, to: today };
    each::<Deposit>(papers, read, |paper, movement| {
        let (_, after, within) = stays.entry(paper.facts.0.stay.clone()).or_default();
        let moves = if span.has(movement.at.date()) { within } else { after };
        moves.deposit(&paper.facts.0, movement.side);
    })?;
    each::<Settlement>(papers, read, |paper, movement| {
        let settlement = &paper.facts.0;
        let (_, after, within) = stays.entry(settlement.stay.clone()).or_default();
        let moves = if span.has(movement.at.date()) { within } else { after };
        moves.applied += movement.side.of(settlement.account.deposits);
    })?;
    let accounts =
        stays.into_iter().map(|(stay, (now, after, within))| (stay, Account::of(now, &after, &within)));
    Ok(accounts.filter(|(_, account)| *account != Account::default()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_is_what_the_days_before_closed_with() {
        let fen = Money::from_fen;
        let day = |received: i64, refunded: i64, carried: i64, applied: i64| Moves {
            received: fen(received),
            refunded: fen(refunded),
            carried: fen(carried),
            applied: fen(applied),
        };
        let (first, second, third) =
            (day(130_050, 0, 0, 0), day(0, 10_000, -20_000, 0), day(0, 0, 0, 100_050));
        let two = Moves {
            refunded: second.refunded,
            carried: second.carried,
            applied: third.applied,
            ..Moves::default()
        };
        let all = Moves { received: first.received, ..two };
        let now = all.sum();
        assert_eq!(now, Money::ZERO);
        let of = |after: &Moves, within: &Moves| Account::of(now, after, within);
        let days = [of(&two, &first), of(&third, &second), of(&Moves::default(), &third)];
        assert!(days.iter().all(Account::adds_up));
        assert_eq!(days.map(|day| day.opening), [Money::ZERO, fen(130_050), fen(100_050)]);
        assert_eq!(days.map(|day| day.closing), [fen(130_050), fen(100_050), Money::ZERO]);
        let whole = of(&Moves::default(), &all);
        assert_eq!((whole.opening, whole.closing), (days[0].opening, days[2].closing));
    }
}
