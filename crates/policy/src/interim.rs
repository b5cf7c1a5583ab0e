//! Interim settlements: the stay so far is settled as a whole, less what was settled of it before. So however many
//! settlements a stay has, they add up to one.
//!
//! The parts of the bill and the deductible do so to the fen. Of the payers a fen may stand with another where the
//! rounding of several funds at once would have taken back a fen that was paid: nothing is taken back for a rounding, the
//! next settlement makes up for it, and differences never add up.

use model::{Amounts, Fund};
use money::Money;

use crate::constructs::interim;
use crate::steps::{Figure, Trail};
use crate::{Accumulators, Adjudication, Case, Edition, adjudicate};

/// What earlier settlements of a stay, in the same benefit year, came to together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Earlier {
    /// Their shares.
    pub amounts: Amounts,
    /// What they added to the year's counters.
    pub change: Accumulators,
}

impl Earlier {
    /// Adds one.
    pub fn add(&mut self, amounts: &Amounts, change: &Accumulators) {
        self.amounts = self.amounts + *amounts;
        self.change = std::mem::take(&mut self.change).plus(change);
    }
}

/// Settles what a stay has come to since. `case` is the stay so far: all its lines, and the year's counters as they
/// stand now, the earlier settlements included.
pub fn adjudicate_since(edition: &Edition, case: &Case<'_>, earlier: &Earlier) -> Adjudication {
    let before = case.year.clone().plus(&earlier.change.clone().negated());
    let mut person = case.person;
    // What the account paid before is settled; it pays on from what it holds now, if it may.
    let usable = if person.uses_account { person.account } else { Money::ZERO };
    person.account = usable + earlier.amounts.personal_account;
    person.uses_account = true;
    let granted = if case.person.uses_account { person.relatives } else { Money::ZERO };
    person.relatives = granted + earlier.amounts.mutual_aid;
    // What a fund gave to earlier parts it would have had for the whole.
    let fund_left = case.fund_left.map(|(fund, left)| (fund, left + earlier.amounts.fund(fund)));
    let whole = adjudicate(edition, &Case { person, year: &before, fund_left, ..*case });
    let change = whole.change.plus(&earlier.change.clone().negated());
    let mut trail = whole.trail;
    let mut amounts = whole.amounts + -earlier.amounts;
    for figure in Figure::reported() {
        less(figure, figure.of(&earlier.amounts), &mut trail);
    }
    let made_up = stand(&mut amounts, &mut trail);
    debug_assert_eq!(amounts.check_balance(), Ok(()));
    debug_assert_eq!(trail.mismatch(&amounts), None);
    Adjudication { amounts, change, remitted: whole.remitted, made_up, trail }
}

fn less(figure: Figure, before: Money, trail: &mut Trail) {
    if !before.is_zero() {
        trail.push(&interim::CONSTRUCT, 0, 0, figure, (before,), -before);
    }
}

/// What was settled before stands: where the year's other bills, or further items, have since made a share smaller than
/// what was settled of it already, that share is nothing now, and the others make up for it. Answers how much that was.
fn stand(amounts: &mut Amounts, trail: &mut Trail) -> Money {
    let parts = [Figure::Eligible, Figure::PriorSelfPay, Figure::OverLimit, Figure::OutOfScope];
    let below = |figures: &[Figure], amounts: &Amounts| -> Money {
        figures.iter().map(|figure| (-figure.of(amounts)).at_least_zero()).sum()
    };
    let of_parts = below(&parts, amounts);
    let _ = make_up(&parts, amounts, trail);
    let funds = Fund::ALL.iter().map(|fund| Figure::Fund(*fund)).rev();
    let payers: Vec<Figure> =
        [Figure::Cash, Figure::MutualAid, Figure::Account].into_iter().chain(funds).collect();
    let of_payers = below(&payers, amounts);
    let over = make_up(&payers, amounts, trail);
    // Of a bill that has become a package only at its end the payers have paid more than they had to; the hospital bears
    // what it had not yet been paid for, and no more.
    if !over.is_zero() {
        put(Figure::Hospital, -over, amounts, trail);
    }
    make_up(&[Figure::Deductible], amounts, trail);
    let beyond = (amounts.deductible_paid - amounts.eligible).at_least_zero();
    if !beyond.is_zero() {
        put(Figure::Deductible, -beyond, amounts, trail);
    }
    of_parts.max(of_payers)
}

/// Lifts what is below nothing, and takes as much from the others, the first of them first. Answers what they have not.
fn make_up(figures: &[Figure], amounts: &mut Amounts, trail: &mut Trail) -> Money {
    let mut over = Money::ZERO;
    for figure in figures {
        let share = figure.of(amounts);
        if share.is_negative() {
            put(*figure, -share, amounts, trail);
            over += -share;
        }
    }
    for figure in figures {
        let taken = figure.of(amounts).min(over);
        if taken > Money::ZERO && figures.len() > 1 {
            put(*figure, -taken, amounts, trail);
            over -= taken;
        }
    }
    over
}

fn put(figure: Figure, more: Money, amounts: &mut Amounts, trail: &mut Trail) {
    match figure {
        Figure::Cash => amounts.cash += more,
        Figure::MutualAid => amounts.mutual_aid += more,
        Figure::Account => amounts.personal_account += more,
        Figure::Deductible => amounts.deductible_paid += more,
        Figure::Fund(fund) => amounts.funds[fund as usize] += more,
        Figure::Eligible => amounts.eligible += more,
        Figure::PriorSelfPay => amounts.prior_self_pay += more,
        Figure::OverLimit => amounts.over_price_limit += more,
        Figure::OutOfScope => amounts.out_of_scope += more,
        Figure::Hospital => amounts.hospital_share += more,
        Figure::Note | Figure::Total => return,
    }
    trail.push(&interim::CONSTRUCT, 1, 0, figure, (), more);
}
