//! How money comes in and goes back at a till: in cash and otherwise, and what is rounded of the cash.

use money::{Money, TillRounding};
use serde::{Deserialize, Serialize};
use web::Said;

use crate::amounts;

/// The way that is counted at the till, given change of, and rounded.
pub(crate) const CASH: &str = "cash";

/// Ways money is paid, the usual one first: the word, and the key of its name.
pub(crate) const METHODS: [(&str, &str); 4] = [
    (CASH, "method-cash"),
    ("card", "method-card"),
    ("cheque", "method-cheque"),
    ("mobile", "method-mobile"),
];

/// Ways besides, of a bill: nobody hands anything over. A unit has a contract, of a waiver the approver answers.
pub(crate) const ON_PAPER: [(&str, &str); 2] = [("unit", "method-unit"), (WAIVER, "method-waiver")];

/// What the hospital lets somebody off.
pub(crate) const WAIVER: &str = "waiver";

/// What finance has written off of a debt: no form offers it.
pub(crate) const WRITTEN_OFF: &str = "written-off";

/// The most ways a bill is paid in besides cash.
pub(crate) const OTHERS: usize = 2;

/// The name of a way, by its word.
pub(crate) fn method_name(word: &str) -> Said {
    let known = METHODS.iter().chain(&ON_PAPER).chain(&[(WRITTEN_OFF, "method-written-off")]);
    let known = known.into_iter().find(|(known, _)| *known == word);
    Said::new(known.map_or("method-cash", |(_, key)| key))
}

/// What was paid otherwise than in cash.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// How: a word such as `card`.
    pub method: String,
    /// How much.
    #[serde(with = "amounts")]
    pub amount: Money,
    /// The number of the trade, the cheque or the contract, or who approved.
    pub document: String,
}

/// What is taken at the till.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// What the till asks for in cash: what other ways leave of the patient's share, rounded as the hospital's till does.
    #[serde(with = "amounts")]
    pub due: Money,
    /// What the rounding came to; never part of the insurance's amounts.
    #[serde(with = "amounts")]
    pub rounding: Money,
    /// What is paid otherwise.
    #[serde(default)]
    pub others: Vec<Paid>,
    /// What goes back in cash of the bill this one is the rest of.
    #[serde(with = "amounts", default)]
    pub credit: Money,
    /// What was handed over; none yet.
    #[serde(with = "amounts::maybe", default)]
    pub tendered: Option<Money>,
}

impl Payment {
    /// What is asked for of so much, all in cash.
    pub fn of(share: Money, rounding: TillRounding) -> Self {
        Self::with(share, Vec::new(), rounding)
    }

    /// The same, a part of it paid otherwise: cash alone is rounded.
    pub fn with(share: Money, others: Vec<Paid>, rounding: TillRounding) -> Self {
        let cash = share - others.iter().map(|paid| paid.amount).sum::<Money>();
        let due = rounding.collect(cash.exact());
        Self { due, rounding: due - cash, others, ..Self::default() }
    }

    /// How the rest of a bill that was paid so is paid: in the same ways, with what goes back of its cash.
    pub fn rest(&self, share: Money, rounding: TillRounding) -> Self {
        Self { credit: self.due, ..Self::with(share, self.less(share), rounding) }
    }

    /// The same payment of another share: in the same ways as far as it goes, the rest in cash.
    pub fn again(&self, share: Money, rounding: TillRounding) -> Self {
        let (credit, tendered) = (self.credit, self.tendered);
        Self { credit, tendered, ..Self::with(share, self.less(share), rounding) }
    }

    /// What is paid otherwise than in cash.
    pub fn otherwise(&self) -> Money {
        self.others.iter().map(|paid| paid.amount).sum()
    }

    /// What is paid otherwise and comes in: not what is written off.
    pub fn comes_in(&self) -> Money {
        let paid = self.others.iter().filter(|paid| paid.method != WRITTEN_OFF);
        paid.map(|paid| paid.amount).sum()
    }

    /// What is handed over the counter: what is due, less what goes back of the bill before.
    pub fn asked(&self) -> Money {
        (self.due - self.credit).at_least_zero()
    }

    /// What goes back of the bill before, less what is due.
    pub fn back(&self) -> Money {
        (self.credit - self.due).at_least_zero()
    }

    /// What goes back over the counter of what was handed over; none where nothing was.
    pub fn change(&self) -> Option<Money> {
        self.tendered.map(|tendered| tendered - self.asked())
    }

    /// What came in, by the way it came: cash too where nothing of it did.
    pub fn by_method(&self) -> impl Iterator<Item = (&str, Money)> {
        let others = self.others.iter().map(|paid| (paid.method.as_str(), paid.amount));
        others.chain([(CASH, self.due)])
    }

    /// How so much less is paid in the same ways: those besides cash first, in their order.
    fn less(&self, share: Money) -> Vec<Paid> {
        let mut open = share;
        let mut others = Vec::new();
        for paid in &self.others {
            let amount = paid.amount.min(open);
            open -= amount;
            if !amount.is_zero() {
                others.push(Paid { amount, ..paid.clone() });
            }
        }
        others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(fen: i64) -> Money {
        Money::from_fen(fen)
    }

    fn card(amount: i64) -> Paid {
        Paid { method: "card".into(), amount: fen(amount), document: "T1".into() }
    }

    #[test]
    fn the_till_rounds_what_is_due_and_gives_change_of_that() {
        let mut payment = Payment::of(fen(1_234), TillRounding::JiaoHalfUp);
        assert_eq!((payment.due, payment.rounding), (fen(1_230), fen(-4)));
        payment.tendered = Some(fen(2_000));
        assert_eq!(payment.change(), Some(fen(770)));
    }

    #[test]
    fn what_is_paid_by_card_is_not_rounded() {
        let payment = Payment::with(fen(1_234), vec![card(1_004)], TillRounding::JiaoHalfUp);
        assert_eq!((payment.due, payment.rounding, payment.otherwise()), (fen(230), fen(0), fen(1_004)));
        let whole = Payment::with(fen(1_234), vec![card(1_234)], TillRounding::JiaoHalfUp);
        assert_eq!((whole.due, whole.rounding), (fen(0), fen(0)));
        let ways: Vec<_> = whole.by_method().collect();
        assert_eq!(ways, [("card", fen(1_234)), ("cash", fen(0))]);
    }

    #[test]
    fn of_the_rest_of_a_bill_only_the_difference_crosses_the_counter() {
        let before = Payment::with(fen(5_000), vec![card(3_000)], TillRounding::None);
        let rest = |share: i64| before.rest(fen(share), TillRounding::None);
        let less = rest(2_500);
        assert_eq!(
            (less.otherwise(), less.due, less.back(), less.asked()),
            (fen(2_500), fen(0), fen(2_000), fen(0))
        );
        let more = rest(5_600);
        assert_eq!(
            (more.otherwise(), more.due, more.back(), more.asked()),
            (fen(3_000), fen(2_600), fen(0), fen(600))
        );
    }
}
