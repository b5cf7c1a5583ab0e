//! What moves at a till: papers by which money comes in or goes out again. Each side is in exactly one closing, of whoever
//! moved it.

use jiff::civil::{Date, DateTime};
use money::Money;
use serde::{Deserialize, Serialize};
use store::{By, Change};

use crate::bill::{Bill, BillState};
use crate::closing::Closing;
use crate::deposit::Deposit;
use crate::house::Named;
use crate::pay::Payment;
use crate::segment::ReceiptKind;
use crate::settlement::Settlement;
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet};

/// Which way money went by a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// In.
    In,
    /// Out again: voided, or given back.
    Out,
}

impl Side {
    /// An amount with the sign of its side.
    pub(crate) fn of(self, amount: Money) -> Money {
        match self {
            Self::In => amount,
            Self::Out => -amount,
        }
    }
}

/// One side of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement<'p> {
    /// Which way.
    pub side: Side,
    /// Who moved it.
    pub who: &'p str,
    /// In which branch; without a code: in the main house.
    pub branch: &'p Named,
    /// When.
    pub at: DateTime,
    /// The closing it is part of; empty: none yet.
    pub closing: &'p str,
}

/// That a receipt was printed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reprint {
    /// When.
    pub at: DateTime,
    /// By whom.
    pub by: String,
}

/// A paper by which money moves.
pub(crate) trait Moves: Form {
    /// What its numbers are for.
    const RECEIPTS: ReceiptKind;

    /// Both sides, as far as they have happened.
    fn movements(&self, state: Self::State) -> Vec<Movement<'_>>;

    /// The number of its receipt, and how often it was printed.
    fn receipt(&self) -> (&str, u32);

    /// Its receipt is printed anew, under another number.
    fn renumber(&mut self, number: &str);

    /// Its receipt is void once the money went out again.
    fn is_void(state: Self::State) -> bool;

    /// Marks a side as part of a closing; of none, where that is empty.
    fn mark(&mut self, side: Side, closing: &str);

    /// Adds what moved to the sums of a closing.
    fn count(&self, side: Side, closing: &mut Closing);

    /// How often its receipt was printed, and each time but the first.
    fn prints(&mut self) -> (&mut u32, &mut Vec<Reprint>);

    /// Each time its receipt was printed again.
    fn reprints(&self) -> &[Reprint];

    /// Its receipt was printed.
    fn printed(&mut self, at: DateTime, by: &str) {
        let (prints, reprints) = self.prints();
        *prints += 1;
        if *prints > 1 {
            reprints.push(Reprint { at, by: by.to_owned() });
        }
    }

    /// What it is found by at the tills: those who have moved it and have not closed since, the days it moved on, the days
    /// its receipt was printed again.
    fn till_tags(&self, state: Self::State) -> Vec<String> {
        let movements = self.movements(state);
        let open = movements.iter().filter(|movement| movement.closing.is_empty());
        let mut tags: Vec<String> = open.map(|movement| unclosed_tag(movement.who)).collect();
        tags.extend(movements.iter().map(|movement| moved_tag(movement.at.date())));
        tags.extend(self.reprints().iter().map(|reprint| reprinted_tag(reprint.at.date())));
        tags.dedup();
        tags
    }
}

/// What papers are found by that moved money on a day.
pub(crate) fn moved_tag(day: Date) -> String {
    format!("moved:{day}")
}

/// What papers are found by whose receipt was printed again on a day.
pub(crate) fn reprinted_tag(day: Date) -> String {
    format!("reprinted:{day}")
}

/// What papers are found by that somebody has moved and not closed.
pub(crate) fn unclosed_tag(who: &str) -> String {
    format!("unclosed:{who}")
}

/// Papers of a kind that somebody has moved and not closed.
pub(crate) fn unclosed<F: Moves>(papers: &Papers, who: &str) -> Result<Vec<Sheet<F>>, PaperError> {
    papers.list(By::Tag(&unclosed_tag(who)), ALL, 0)
}

/// The day of the first money somebody has moved and not closed; none: there is none.
pub(crate) fn unclosed_since(papers: &Papers, who: &str) -> Result<Option<Date>, PaperError> {
    let days = [
        first_day(who, &unclosed::<Bill>(papers, who)?),
        first_day(who, &unclosed::<Settlement>(papers, who)?),
        first_day(who, &unclosed::<Deposit>(papers, who)?),
    ];
    Ok(days.into_iter().flatten().min())
}

fn first_day<F: Moves>(who: &str, papers: &[Sheet<F>]) -> Option<Date> {
    let movements = papers.iter().flat_map(|paper| paper.facts.movements(paper.state));
    let open = movements.filter(|movement| movement.who == who && movement.closing.is_empty());
    open.map(|movement| movement.at.date()).min()
}

/// The papers of a kind that are in a closing, marked as part of it; of none, where the mark is empty.
pub(crate) fn marked<F: Moves>(
    papers: &Papers,
    closing: &Closing,
    mark: &str,
) -> Result<Vec<Change>, PaperError> {
    let parts: Vec<_> = closing.parts.iter().filter(|part| part.kind == F::KIND).collect();
    let mut keys: Vec<&str> = parts.iter().map(|part| part.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut changes = Vec::new();
    for key in keys {
        let Some(mut sheet) = papers.get::<F>(key)? else { continue };
        for part in parts.iter().filter(|part| part.key == key) {
            sheet.facts.mark(part.side, mark);
        }
        changes.push(sheet.typed());
    }
    Ok(changes)
}

/// What a paper that settles moves: in where it is settled, out where it was voided since.
macro_rules! settled_and_voided {
    () => {
        fn movements(&self, state: BillState) -> Vec<Movement<'_>> {
            let came = self.settled.filter(|_| state.stood()).map(|at| Movement {
                side: Side::In,
                who: &self.cashier,
                branch: &self.branch,
                at,
                closing: &self.closing,
            });
            let voided = self.voided.as_ref().filter(|_| state == BillState::Voided);
            let went = voided.map(|voided| Movement {
                side: Side::Out,
                who: &voided.by,
                branch: &voided.branch,
                at: voided.at,
                closing: &voided.closing,
            });
            came.into_iter().chain(went).collect()
        }

        fn receipt(&self) -> (&str, u32) {
            (&self.receipt, self.prints)
        }

        fn renumber(&mut self, number: &str) {
            number.clone_into(&mut self.receipt);
            self.prints = 0;
        }

        fn prints(&mut self) -> (&mut u32, &mut Vec<Reprint>) {
            (&mut self.prints, &mut self.reprints)
        }

        fn reprints(&self) -> &[Reprint] {
            &self.reprints
        }

        fn is_void(state: BillState) -> bool {
            state == BillState::Voided
        }

        fn mark(&mut self, side: Side, closing: &str) {
            match (side, &mut self.voided) {
                (Side::In, _) => closing.clone_into(&mut self.closing),
                (Side::Out, Some(voided)) => closing.clone_into(&mut voided.closing),
                (Side::Out, None) => {}
            }
        }
    };
}

fn count_payment(payment: &Payment, side: Side, closing: &mut Closing) {
    payment.by_method().for_each(|(method, amount)| closing.moved(method, side.of(amount)));
}

impl Moves for Bill {
    const RECEIPTS: ReceiptKind = ReceiptKind::Outpatient;

    settled_and_voided!();

    fn count(&self, side: Side, closing: &mut Closing) {
        let Some(split) = &self.split else { return };
        closing.charged.add(side);
        closing.shared(split, &self.categories(), side);
        closing.rounding += side.of(self.payment.rounding);
        count_payment(&self.payment, side, closing);
    }
}

impl Moves for Settlement {
    const RECEIPTS: ReceiptKind = ReceiptKind::Inpatient;

    settled_and_voided!();

    fn count(&self, side: Side, closing: &mut Closing) {
        closing.stays.add(side);
        closing.shared(&self.split, &self.categories, side);
        closing.rounding += side.of(self.account.rounding);
        closing.from_deposits += side.of(self.account.deposits);
        count_payment(&self.account.payment, side, closing);
        closing.moved(&self.account.refund_by, side.of(-self.account.refund));
    }
}

impl Moves for Deposit {
    const RECEIPTS: ReceiptKind = ReceiptKind::Deposit;

    fn movements(&self, _: crate::deposit::DepositState) -> Vec<Movement<'_>> {
        let came = Movement {
            side: Side::In,
            who: &self.cashier,
            branch: &self.branch,
            at: self.taken,
            closing: &self.closing,
        };
        let went = self.undone.as_ref().map(|undone| Movement {
            side: Side::Out,
            who: &undone.by,
            branch: &undone.branch,
            at: undone.at,
            closing: &undone.closing,
        });
        std::iter::once(came).chain(went).collect()
    }

    fn receipt(&self) -> (&str, u32) {
        // What was carried over goes on under the receipt it was taken with.
        if self.carried_from.is_empty() { (&self.receipt, self.prints) } else { ("", 0) }
    }

    fn renumber(&mut self, number: &str) {
        number.clone_into(&mut self.receipt);
        self.prints = 0;
    }

    fn prints(&mut self) -> (&mut u32, &mut Vec<Reprint>) {
        (&mut self.prints, &mut self.reprints)
    }

    fn reprints(&self) -> &[Reprint] {
        &self.reprints
    }

    fn is_void(state: crate::deposit::DepositState) -> bool {
        state == crate::deposit::DepositState::Void
    }

    fn mark(&mut self, side: Side, closing: &str) {
        match (side, &mut self.undone) {
            (Side::In, _) => closing.clone_into(&mut self.closing),
            (Side::Out, Some(undone)) => closing.clone_into(&mut undone.closing),
            (Side::Out, None) => {}
        }
    }

    fn count(&self, side: Side, closing: &mut Closing) {
        let carried = match side {
            Side::In => !self.carried_from.is_empty(),
            Side::Out => self.undone.as_ref().is_some_and(|undone| undone.carried),
        };
        if carried {
            match side {
                Side::In => closing.carried_in += self.amount,
                Side::Out => closing.carried_out += self.amount,
            }
            return;
        }
        closing.deposits.add(side);
        match side {
            Side::In => closing.deposits_in += self.amount,
            Side::Out => closing.deposits_out += self.amount,
        }
        closing.moved(&self.method, side.of(self.amount));
    }
}
