//! The sheet of a month: what is claimed, cut, held back, payable and paid, one line a payer, insurance and kind of clearing.

use std::collections::BTreeMap;

use model::{InsuranceKind, Payer};
use money::Money;
use store::{ClearingRow, EntryKind};

/// One line of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetLine {
    /// Who pays.
    pub payer: Payer,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of clearing.
    pub clearing_kind: String,
    sums: [Money; EntryKind::ALL.len()],
}

impl SheetLine {
    /// The sum of entries of a kind.
    pub fn of(&self, kind: EntryKind) -> Money {
        self.sums[kind as usize]
    }

    /// What is to be paid, payments apart.
    pub fn payable(&self) -> Money {
        let all: Money = self.sums.iter().copied().sum();
        all - self.of(EntryKind::Payment)
    }

    /// What was paid.
    pub fn paid(&self) -> Money {
        -self.of(EntryKind::Payment)
    }

    /// What is still to be paid.
    pub fn open(&self) -> Money {
        self.payable() - self.paid()
    }
}

/// The lines that entries come to, in the order of payers.
pub fn sheet<'e>(entries: impl Iterator<Item = &'e ClearingRow>) -> Vec<SheetLine> {
    let mut lines: BTreeMap<(Payer, InsuranceKind, &str), [Money; EntryKind::ALL.len()]> = BTreeMap::new();
    for entry in entries {
        let sums = lines.entry((entry.payer, entry.insurance_kind, &entry.clearing_kind)).or_default();
        sums[entry.kind as usize] += entry.amount;
    }
    let line = |((payer, insurance_kind, kind), sums): (_, _)| {
        let _: &(Payer, InsuranceKind, &str) = &(payer, insurance_kind, kind);
        SheetLine { payer, insurance_kind, clearing_kind: str::to_owned(kind), sums }
    };
    lines.into_iter().map(line).collect()
}
