//! The record of an explanation written straight from the hand-written policy: all that knows the record's format, and
//! the numbers of constructs, sentences and articles in it.

use super::tables::FIRST_OF_B;
use super::teller::{Payer, Piece, Sums, Teller};
use super::units::FEN;

/// The record, written into a buffer that is used again.
#[derive(Default)]
pub struct Record {
    pub bytes: Vec<u8>,
}

const FORMAT: u8 = 1;

/// Constructs.
const ROUNDING: u8 = 2;
const ENTITLEMENT: u8 = 3;
const ITEMS: u8 = 4;
const DEDUCTIBLE: u8 = 6;
const SEGMENTS: u8 = 7;
const CEILING: u8 = 8;
const ACCOUNT: u8 = 10;

/// Figures.
const NOTE: u8 = 0;
const TOTAL: u8 = 1;
const OUT_OF_SCOPE: u8 = 2;
const OVER_LIMIT: u8 = 3;
const PRIOR_SELF_PAY: u8 = 4;
const ELIGIBLE: u8 = 5;
const USED_DEDUCTIBLE: u8 = 6;
const FROM_ACCOUNT: u8 = 7;
const CASH: u8 = 8;

impl Payer {
    /// The figure of the fund.
    const fn figure(self) -> u8 {
        match self {
            Self::Outpatient | Self::Stay => 16,
            Self::Large => 17,
            Self::Servant => 18,
        }
    }

    /// The articles of what it pays and of its ceiling.
    const fn articles(self) -> [u8; 2] {
        match self {
            Self::Outpatient => [4, 5],
            Self::Stay => [7, 8],
            Self::Large => [9, 0],
            Self::Servant => [10, 0],
        }
    }
}

/// A step takes at most this: figure, construct and sentence, the article, five numbers.
const STEP_MAX: usize = 3 + 1 + 5 * 10;

impl Record {
    /// Begins anew.
    pub fn begin(&mut self) {
        self.bytes.clear();
        self.bytes.push(FORMAT);
    }

    fn step(&mut self, figure: u8, says: (u8, u8), article: u8, values: [i64; 4], result: i64) {
        let mut step = [0; STEP_MAX];
        // An article's number stands with its sign behind it, as all numbers do.
        step[..4].copy_from_slice(&[figure, says.0, says.1, article << 1]);
        let mut end = 4;
        for value in values.into_iter().chain([result]) {
            let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
            while rest >= 0x80 {
                step[end] = rest.to_le_bytes()[0] | 0x80;
                rest >>= 7;
                end += 1;
            }
            step[end] = rest.to_le_bytes()[0];
            end += 1;
        }
        self.bytes.extend_from_slice(&step[..end]);
    }

    fn item_step(&mut self, figure: u8, says: u8, values: [i64; 4], amount: i64) {
        if amount != 0 {
            self.step(figure, (ITEMS, says), 2, values, amount * FEN);
        }
    }
}

impl Teller for Record {
    const LISTENS: bool = true;

    fn lines(&mut self, count: usize, sums: &Sums) {
        let count = i64::try_from(count).expect("a bill has fewer lines");
        self.step(TOTAL, (ITEMS, 0), 2, [count, 0, 0, 0], sums.total * FEN);
        self.item_step(OUT_OF_SCOPE, 1, [0; 4], sums.out_of_scope - sums.by_use);
        self.item_step(OUT_OF_SCOPE, 8, [0; 4], sums.by_use);
        self.item_step(OVER_LIMIT, 2, [0; 4], sums.over_limit);
        let ([of_b, of_own], [first_of_b, own]) = (sums.base, sums.first);
        self.item_step(PRIOR_SELF_PAY, 3, [of_b * FEN, FIRST_OF_B, 0, 0], first_of_b);
        // The mean rate, where items have different ones.
        let rate = if sums.own_rates_differ { (own * 20_000 + of_own) / (of_own * 2) } else { sums.own_rate };
        self.item_step(PRIOR_SELF_PAY, 4, [of_own * FEN, rate, 0, 0], own);
    }

    fn eligible(&mut self, sums: &Sums, eligible: i64) {
        let values = [sums.total, sums.out_of_scope, sums.over_limit, sums.first_self_pay];
        self.step(ELIGIBLE, (ITEMS, 5), 0, values.map(|value| value * FEN), eligible * FEN);
    }

    fn arrears(&mut self) {
        self.step(NOTE, (ENTITLEMENT, 0), 1, [0; 4], 0);
    }

    fn stay_deductible(&mut self, line: i64, charged: i64) {
        self.step(USED_DEDUCTIBLE, (DEDUCTIBLE, 0), 6, [line, 0, 0, 0], charged);
    }

    fn year_deductible(&mut self, line: i64, paid_before: i64, charged: i64) {
        self.step(USED_DEDUCTIBLE, (DEDUCTIBLE, 1), 3, [line, paid_before, 0, 0], charged);
    }

    fn piece(&mut self, payer: Payer, piece: &Piece) {
        let Piece { from, to, cost, rate, paid } = *piece;
        let (says, values) = match to {
            Some(to) => (1, [from * FEN, to * FEN, cost, rate]),
            None if from == 0 => (0, [cost, rate, 0, 0]),
            None => (2, [from * FEN, 0, cost, rate]),
        };
        self.step(payer.figure(), (SEGMENTS, says), payer.articles()[0], values, paid);
    }

    fn over_ceiling(&mut self, payer: Payer, ceiling: i64, used: i64, over: i64) {
        self.step(NOTE, (CEILING, 0), payer.articles()[1], [ceiling, used, over, 0], 0);
    }

    fn rounded(&mut self, payer: Payer, difference: i64) {
        self.step(payer.figure(), (ROUNDING, 0), 0, [0; 4], difference);
    }

    fn account(&mut self, payable: i64, held: i64, paid: i64) {
        self.step(FROM_ACCOUNT, (ACCOUNT, 0), 11, [payable * FEN, held * FEN, 0, 0], paid * FEN);
    }

    fn cash(&mut self, figures: [i64; 3], cash: i64) {
        let [total, funds, accounts] = figures.map(|figure| figure * FEN);
        self.step(CASH, (ACCOUNT, 1), 0, [total, funds, accounts, 0], cash * FEN);
    }
}
