//! What of ours is measured beside the peers.

use std::hint::black_box;
use std::ops::Range;

use centre::Inputs;
use model::Amounts;
use policy::{Accumulators, Earlier, Language, Line, adjudicate};

use crate::policy::edges::{codes, resolve};
use crate::policy::rounds::timed;
use crate::policy::visits::{Bill, Visits};

/// Visits of a round besides the rehearsal, which does all.
const VISITS: usize = 20_000;

/// The visits as our arms take them.
pub struct Ours<'a> {
    visits: &'a Visits,
    bills: &'a [Bill],
    codes: Vec<String>,
    stored: Stored,
}

impl<'a> Ours<'a> {
    pub fn new(visits: &'a Visits) -> Self {
        let bills = &visits.bills[..visits.bills.len().min(VISITS)];
        Self { visits, bills, codes: codes(visits, bills), stored: Stored::new(visits) }
    }

    /// Nanoseconds a visit: codes to lines, settling, the record, the explanation's text.
    pub fn text_included(&self) -> f64 {
        let mut codes = self.codes.iter();
        let mut lines: Vec<Line> = Vec::new();
        let taken = timed(|| {
            for bill in self.bills {
                lines.clear();
                let known = self.visits.lines(bill).iter().zip(&mut codes);
                lines.extend(known.filter_map(|(line, code)| resolve(self.visits, bill, code, line)));
                let case = policy::Case { lines: &lines, ..self.visits.case(bill) };
                let settled = adjudicate(&self.visits.edition, &case);
                black_box(settled.trail.as_bytes());
                black_box(settled.trail.render(&self.visits.edition, Language::Zh));
                black_box(settled);
            }
        });
        taken / self.bills.len() as f64
    }

    /// Nanoseconds a visit: settling and the record.
    pub fn core(&self) -> f64 {
        let taken = timed(|| {
            for bill in self.bills {
                let settled = adjudicate(&self.visits.edition, &self.visits.case(bill));
                black_box(settled.trail.as_bytes());
                black_box(settled);
            }
        });
        taken / self.bills.len() as f64
    }

    /// Nanoseconds a visit: stored inputs read and settled again, all visits.
    pub fn rehearsal(&self) -> f64 {
        let mut sums = Amounts::default();
        let taken = timed(|| self.stored.rehearse(self.visits, |again| sums = sums + *again));
        black_box(sums);
        taken / self.visits.bills.len() as f64
    }

    /// Nanoseconds a visit: of the rehearsal, what reading the inputs takes.
    pub fn reading(&self) -> f64 {
        let read = || self.stored.rows.iter().for_each(|(row, _)| drop(black_box(self.stored.inputs(row))));
        timed(read) / self.visits.bills.len() as f64
    }

    /// Bytes of the stored inputs.
    pub fn stored_bytes(&self) -> usize {
        self.stored.bytes.len()
    }
}

/// The inputs of all visits in the form the centre stores, and where each person begins.
struct Stored {
    bytes: Vec<u8>,
    rows: Vec<(Range<usize>, bool)>,
}

impl Stored {
    fn new(visits: &Visits) -> Self {
        let mut stored = Self { bytes: Vec::new(), rows: Vec::with_capacity(visits.bills.len()) };
        for bill in &visits.bills {
            let inputs = Inputs {
                person: bill.person,
                visit: bill.visit,
                lines: visits.lines(bill).to_vec(),
                fund_left: None,
                earlier: Vec::new(),
                settled: Vec::new(),
                refunds: Vec::new(),
            };
            let from = stored.bytes.len();
            stored.bytes.extend(inputs.encode());
            // Who begins a year has no counters yet; that is the person's first bill.
            stored.rows.push((from..stored.bytes.len(), bill.year == Accumulators::default()));
        }
        stored
    }

    fn inputs(&self, row: &Range<usize>) -> Inputs {
        Inputs::decode(&self.bytes[row.clone()]).expect("what was stored reads back")
    }

    /// Settles everything again. The year's counters are carried from bill to bill, as a rehearsal must: under another
    /// edition they are others. Peers are handed them.
    fn rehearse(&self, visits: &Visits, mut tell: impl FnMut(&Amounts)) {
        let mut year = Accumulators::default();
        let earlier = Earlier::default();
        for (row, first) in &self.rows {
            if *first {
                year = Accumulators::default();
            }
            let again = self.inputs(row).adjudicate(&visits.edition, &year, None, &earlier);
            year = year.plus(&again.change);
            tell(&again.amounts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rehearsal_of_stored_inputs_comes_to_the_same() {
        let visits = Visits::new(5, 400);
        let settled = |bill| adjudicate(&visits.edition, &visits.case(bill)).amounts;
        let expected: Vec<Amounts> = visits.bills.iter().map(settled).collect();
        let mut again = Vec::new();
        Stored::new(&visits).rehearse(&visits, |amounts| again.push(*amounts));
        assert_eq!(again, expected);
    }
}
