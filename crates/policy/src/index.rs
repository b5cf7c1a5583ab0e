//! Situations by number: which rows of a table fit is worked out once, when an edition is read, for every situation
//! that differs for some row. Then a look-up is a few additions, however many rows there are.

use crate::situation::{Condition, Situation, Used};

/// More situations than this are not worked out beforehand.
const CELLS_MAX: usize = 1 << 15;

/// A dimension of numbers, how many numbers one part takes, and the values that part it.
type Cuts = (u8, usize, Box<[i32]>);

/// Numbers the situations that differ for some conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Index {
    /// Dimensions of words, each with how many numbers one word takes.
    words: Box<[(u8, usize)]>,
    /// Dimensions of numbers, with the values at which some condition begins or ends to fit.
    numbers: Box<[Cuts]>,
    cells: usize,
}

impl Index {
    /// None where there are too many.
    pub(crate) fn new<'c>(conditions: impl Iterator<Item = &'c Condition> + Clone) -> Option<Self> {
        let used = Used::by(conditions);
        let mut cells = 1_usize;
        let mut take = |size: usize| {
            let stride = cells;
            cells = cells.checked_mul(size).filter(|all| *all <= CELLS_MAX)?;
            Some(stride)
        };
        let words = used.words().map(|(at, size)| Some((at, take(size)?))).collect::<Option<_>>()?;
        let numbers =
            used.cuts().map(|(at, cuts)| Some((at, take(cuts.len() + 1)?, cuts))).collect::<Option<_>>()?;
        Some(Self { words, numbers, cells })
    }

    /// The number of a situation.
    #[inline]
    pub(crate) fn cell(&self, situation: &Situation) -> usize {
        if self.cells == 1 { 0 } else { self.cell_of(situation) }
    }

    fn cell_of(&self, situation: &Situation) -> usize {
        let words = self.words.iter().map(|(at, stride)| situation.word(*at) * stride);
        let numbers = self.numbers.iter().map(|(at, stride, cuts)| {
            let value = situation.number(*at);
            cuts.iter().map(|cut| usize::from(*cut <= value)).sum::<usize>() * stride
        });
        words.sum::<usize>() + numbers.sum::<usize>()
    }

    /// One situation for each number, in order.
    pub(crate) fn situations(&self) -> impl Iterator<Item = Situation> + '_ {
        (0..self.cells).map(|cell| {
            let mut situation = Situation::empty();
            for (n, (at, stride)) in self.words.iter().enumerate() {
                let end = self.words.get(n + 1).map(|(_, stride)| *stride);
                situation.set_word(*at, self.part(cell, *stride, end.or_else(|| self.first_number())));
            }
            for (n, (at, stride, cuts)) in self.numbers.iter().enumerate() {
                let end = self.numbers.get(n + 1).map(|(_, stride, _)| *stride);
                let part = self.part(cell, *stride, end);
                situation.set_number(*at, part.checked_sub(1).map_or(i32::MIN, |cut| cuts[cut]));
            }
            situation
        })
    }

    fn first_number(&self) -> Option<usize> {
        self.numbers.first().map(|(_, stride, _)| *stride)
    }

    /// What of a cell's number is one dimension's; `end` is how many numbers a word of the next dimension takes.
    fn part(&self, cell: usize, stride: usize, end: Option<usize>) -> usize {
        cell % end.unwrap_or(self.cells) / stride
    }
}
