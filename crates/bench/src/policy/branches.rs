//! How often each branch of the policy is taken. A branch that hardly any visit takes would be measured by nobody, and
//! its equality would mean little.

use std::collections::{BTreeMap, BTreeSet};

use model::{PersonStatus, Premium, VisitKind};

use super::tables::BAND_ENDS;
use super::teller::{Payer, Piece, Sums, Teller};
use super::visits::Bill;

/// Of all visits, each branch is taken by at least this many hundredths.
const LEAST_PERCENT: usize = 1;

const BRANCHES: [&str; 45] = [
    "stay, level 1",
    "stay, level 2",
    "stay, level 3",
    "stay, employed",
    "stay, retired",
    "stay, admission 1",
    "stay, admission 2",
    "stay, admission 3 and later",
    "outpatient, level 1",
    "outpatient, level 2",
    "outpatient, level 3",
    "outpatient, employed",
    "outpatient, retired",
    "lines above price limits",
    "lines of class C",
    "lines out of scope by use",
    "lines with one rate of their own",
    "lines with several rates of their own",
    "arrears",
    "deductible of a stay, in full",
    "deductible of a stay, in part",
    "deductible of the year, in full",
    "deductible of the year, in part",
    "deductible of the year, its rest",
    "deductible of the year, used before",
    "outpatient, pool pays",
    "stay, band 1",
    "stay, band 2",
    "stay, band 3",
    "stay, several bands",
    "stay, reaches the ceiling",
    "stay, above the ceiling before",
    "outpatient, reaches the ceiling",
    "outpatient, above the ceiling before",
    "large amounts",
    "large amounts, above their end",
    "civil servant, stay",
    "civil servant, outpatient",
    "pool rounded",
    "large amounts rounded",
    "civil servant rounded",
    "account pays all",
    "account pays in part",
    "account empty",
    "account not wanted",
];

/// Visits by the branches they take.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Branches {
    visits: usize,
    taken: BTreeMap<&'static str, usize>,
}

impl Branches {
    /// Counts a bill that was watched.
    pub fn count(&mut self, bill: &Bill, mut watch: Watch) {
        watch.look_at(bill);
        self.visits += 1;
        for branch in watch.taken {
            *self.taken.entry(branch).or_default() += 1;
        }
    }

    /// Each branch with the visits that took it.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, usize)> {
        BRANCHES.into_iter().map(|branch| (branch, self.taken.get(branch).copied().unwrap_or(0)))
    }

    /// Those that too few visits took.
    pub fn rare(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.all().filter(|(_, count)| count * 100 < self.visits * LEAST_PERCENT)
    }
}

/// The branches one bill takes, as the policy tells them.
#[derive(Default)]
pub struct Watch {
    taken: BTreeSet<&'static str>,
    charged: bool,
    servant: bool,
    pieces: usize,
}

impl Watch {
    fn take(&mut self, branch: &'static str) {
        assert!(BRANCHES.contains(&branch), "{branch} is not in the list");
        self.taken.insert(branch);
    }

    fn look_at(&mut self, bill: &Bill) {
        let stay = bill.visit.kind == VisitKind::Inpatient;
        let retired = bill.person.status == PersonStatus::Retired;
        self.take(match (stay, bill.visit.level.get()) {
            (true, 1) => "stay, level 1",
            (true, 2) => "stay, level 2",
            (true, _) => "stay, level 3",
            (false, 1) => "outpatient, level 1",
            (false, 2) => "outpatient, level 2",
            (false, _) => "outpatient, level 3",
        });
        self.take(match (stay, retired) {
            (true, false) => "stay, employed",
            (true, true) => "stay, retired",
            (false, false) => "outpatient, employed",
            (false, true) => "outpatient, retired",
        });
        if stay {
            self.take(match bill.visit.admission {
                1 => "stay, admission 1",
                2 => "stay, admission 2",
                _ => "stay, admission 3 and later",
            });
        } else if !self.charged && self.pieces > 0 && bill.person.premium == Premium::Paid {
            self.take("deductible of the year, used before");
        }
        if self.servant {
            self.take(if stay { "civil servant, stay" } else { "civil servant, outpatient" });
        }
        if bill.person.account.is_zero() {
            self.take("account empty");
        }
        if !bill.person.uses_account {
            self.take("account not wanted");
        }
    }
}

impl Teller for Watch {
    const LISTENS: bool = true;

    fn lines(&mut self, _count: usize, sums: &Sums) {
        let seen = [
            ("lines above price limits", sums.over_limit > 0),
            ("lines of class C", sums.out_of_scope > sums.by_use),
            ("lines out of scope by use", sums.by_use > 0),
            ("lines with one rate of their own", sums.own_rate > 0 && !sums.own_rates_differ),
            ("lines with several rates of their own", sums.own_rates_differ),
        ];
        seen.into_iter().filter(|(_, yes)| *yes).for_each(|(branch, _)| self.take(branch));
    }

    fn arrears(&mut self) {
        self.take("arrears");
    }

    fn stay_deductible(&mut self, line: i64, charged: i64) {
        let full = charged == line;
        self.take(if full { "deductible of a stay, in full" } else { "deductible of a stay, in part" });
    }

    fn year_deductible(&mut self, line: i64, paid_before: i64, charged: i64) {
        self.charged = true;
        self.take(match (paid_before == 0, charged == line - paid_before) {
            (_, false) => "deductible of the year, in part",
            (true, true) => "deductible of the year, in full",
            (false, true) => "deductible of the year, its rest",
        });
    }

    fn piece(&mut self, payer: Payer, piece: &Piece) {
        match payer {
            Payer::Outpatient => self.take("outpatient, pool pays"),
            Payer::Stay if piece.from == 0 => self.take("stay, band 1"),
            Payer::Stay if piece.from == BAND_ENDS[0] => self.take("stay, band 2"),
            Payer::Stay => self.take("stay, band 3"),
            Payer::Large if piece.to.is_some() => self.take("large amounts"),
            Payer::Large => self.take("large amounts, above their end"),
            Payer::Servant => self.servant = true,
        }
        self.pieces += 1;
        if matches!(payer, Payer::Stay) && self.pieces > 1 {
            self.take("stay, several bands");
        }
    }

    fn over_ceiling(&mut self, payer: Payer, _ceiling: i64, _used: i64, _over: i64) {
        self.take(match (payer, self.pieces > 0) {
            (Payer::Outpatient, true) => "outpatient, reaches the ceiling",
            (Payer::Outpatient, false) => "outpatient, above the ceiling before",
            (_, true) => "stay, reaches the ceiling",
            (_, false) => "stay, above the ceiling before",
        });
    }

    fn rounded(&mut self, payer: Payer, _difference: i64) {
        self.take(match payer {
            Payer::Outpatient | Payer::Stay => "pool rounded",
            Payer::Large => "large amounts rounded",
            Payer::Servant => "civil servant rounded",
        });
    }

    fn account(&mut self, payable: i64, _held: i64, paid: i64) {
        self.take(if paid == payable { "account pays all" } else { "account pays in part" });
    }
}
