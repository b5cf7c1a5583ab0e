//! The record of an explanation written straight from the hand-written policy: all that knows the record's format, and
//! the numbers of constructs, sentences and articles in it.

#![expect(clippy::inline_always, reason = "what the values of a step are is then known where it is written")]

use super::tables::FIRST_OF_B;
use super::teller::{Payer, Piece, Sums, Teller};
use super::units::FEN;

/// The record, written into a buffer that is used again.
#[derive(Default)]
pub struct Record {
    pub bytes: Vec<u8>,
}

const FORMAT: u8 = 2;

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

/// A value of a step.
#[derive(Clone, Copy)]
enum Value {
    Nothing,
    /// A count or a rate.
    Number(i64),
    Fen(i64),
    Units(i64),
}

use Value::{Fen, Nothing, Number, Units};

impl Record {
    /// Begins anew.
    pub fn begin(&mut self) {
        self.bytes.clear();
        self.bytes.push(FORMAT);
    }

    #[inline(always)]
    fn step(&mut self, figure: u8, says: (u8, u8), article: u8, values: [Value; 4], result: Value) {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[figure, says.0, says.1, article, 0, 0, 0, 0]);
        let [a, b, c, d] = values;
        let mut kinds = 0;
        for (n, value) in [a, b, c, d, result].into_iter().enumerate() {
            kinds |= self.value(value) << (4 * n);
        }
        self.bytes[at + 5..at + 8].copy_from_slice(&kinds.to_le_bytes()[..3]);
    }

    #[inline(always)]
    fn value(&mut self, value: Value) -> u32 {
        match value {
            Nothing | Fen(0) | Units(0) => 0,
            Number(number) => match number.cast_unsigned() {
                0..0x100 => self.put(number, 1, 1),
                0x100..0x1_0000 => self.put(number, 2, 2),
                0x1_0000..0x1_0000_0000 => self.put(number, 4, 3),
                _ => self.put(number, 8, 4),
            },
            Fen(fen) => match fen.cast_unsigned() {
                0..0x1_0000 => self.put(fen, 2, 5),
                0x1_0000..0x100_0000 => self.put(fen, 3, 6),
                0x100_0000..0x100_0000_0000 => self.put(fen, 5, 7),
                _ => self.put(fen, 8, 8),
            },
            Units(units) if units % FEN == 0 => self.value_of_fen(units / FEN),
            Units(units) => {
                let zigzag = (units << 1) ^ (units >> 63);
                if zigzag.cast_unsigned() >> 40 == 0 {
                    self.put(zigzag, 5, 9)
                } else {
                    self.put(zigzag, 8, 10)
                }
            }
        }
    }

    #[inline(always)]
    fn value_of_fen(&mut self, fen: i64) -> u32 {
        match fen.cast_unsigned() {
            0..0x1_0000 => self.put(fen, 2, 5),
            0x1_0000..0x100_0000 => self.put(fen, 3, 6),
            0x100_0000..0x100_0000_0000 => self.put(fen, 5, 7),
            _ => self.put(fen, 8, 8),
        }
    }

    #[inline(always)]
    fn put(&mut self, value: i64, wide: usize, kind: u32) -> u32 {
        let end = self.bytes.len() + wide;
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self.bytes.truncate(end);
        kind
    }

    fn item_step(&mut self, figure: u8, says: u8, values: [Value; 4], amount: i64) {
        if amount != 0 {
            self.step(figure, (ITEMS, says), 2, values, Fen(amount));
        }
    }
}

const NONE: [Value; 4] = [Nothing; 4];

impl Teller for Record {
    const LISTENS: bool = true;

    fn lines(&mut self, count: usize, sums: &Sums) {
        let count = i64::try_from(count).expect("a bill has fewer lines");
        self.step(TOTAL, (ITEMS, 0), 2, [Number(count), Nothing, Nothing, Nothing], Fen(sums.total));
        self.item_step(OUT_OF_SCOPE, 1, NONE, sums.out_of_scope - sums.by_use);
        self.item_step(OUT_OF_SCOPE, 8, NONE, sums.by_use);
        self.item_step(OVER_LIMIT, 2, NONE, sums.over_limit);
        let ([of_b, of_own], [first_of_b, own]) = (sums.base, sums.first);
        self.item_step(PRIOR_SELF_PAY, 3, [Fen(of_b), Number(FIRST_OF_B), Nothing, Nothing], first_of_b);
        // The mean rate, where items have different ones.
        let rate = if sums.own_rates_differ { (own * 20_000 + of_own) / (of_own * 2) } else { sums.own_rate };
        self.item_step(PRIOR_SELF_PAY, 4, [Fen(of_own), Number(rate), Nothing, Nothing], own);
    }

    fn eligible(&mut self, sums: &Sums, eligible: i64) {
        let values = [sums.total, sums.out_of_scope, sums.over_limit, sums.first_self_pay];
        self.step(ELIGIBLE, (ITEMS, 5), 0, values.map(Fen), Fen(eligible));
    }

    fn arrears(&mut self) {
        self.step(NOTE, (ENTITLEMENT, 0), 1, NONE, Nothing);
    }

    fn stay_deductible(&mut self, line: i64, charged: i64) {
        self.step(
            USED_DEDUCTIBLE,
            (DEDUCTIBLE, 0),
            6,
            [Units(line), Nothing, Nothing, Nothing],
            Units(charged),
        );
    }

    fn year_deductible(&mut self, line: i64, paid_before: i64, charged: i64) {
        self.step(
            USED_DEDUCTIBLE,
            (DEDUCTIBLE, 1),
            3,
            [Units(line), Units(paid_before), Nothing, Nothing],
            Units(charged),
        );
    }

    fn piece(&mut self, payer: Payer, piece: &Piece) {
        let Piece { from, to, cost, rate, paid } = *piece;
        let (says, values) = match to {
            Some(to) => (1, [Fen(from), Fen(to), Units(cost), Number(rate)]),
            None if from == 0 => (0, [Units(cost), Number(rate), Nothing, Nothing]),
            None => (2, [Fen(from), Nothing, Units(cost), Number(rate)]),
        };
        self.step(payer.figure(), (SEGMENTS, says), payer.articles()[0], values, Units(paid));
    }

    fn over_ceiling(&mut self, payer: Payer, ceiling: i64, used: i64, over: i64) {
        self.step(
            NOTE,
            (CEILING, 0),
            payer.articles()[1],
            [Units(ceiling), Units(used), Units(over), Nothing],
            Nothing,
        );
    }

    fn rounded(&mut self, payer: Payer, difference: i64) {
        self.step(payer.figure(), (ROUNDING, 0), 0, NONE, Units(difference));
    }

    fn account(&mut self, payable: i64, held: i64, paid: i64) {
        self.step(FROM_ACCOUNT, (ACCOUNT, 0), 11, [Fen(payable), Fen(held), Nothing, Nothing], Fen(paid));
    }

    fn cash(&mut self, figures: [i64; 3], cash: i64) {
        let [total, funds, accounts] = figures.map(Fen);
        self.step(CASH, (ACCOUNT, 1), 0, [total, funds, accounts, Nothing], Fen(cash));
    }
}
