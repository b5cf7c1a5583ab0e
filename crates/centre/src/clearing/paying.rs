//! What goes to the bank: payments of what is open, and what is entered by hand. Each goes by a number of its own, so that done
//! again it is not done twice.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::{HospitalId, InsuranceKind, Payer};
use money::Money;
use store::{ClearingRow, EntryKind, Loaded, period_key};

use super::{CLOSED, ClearingDesk, ClearingError, Entry, Hands, Said, find, sheet};
use crate::bill::CLEARING_KINDS;

/// What is entered by hand, for a payer and a kind of clearing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// The month.
    pub month: Date,
    /// Who pays.
    pub payer: Payer,
    /// Under which insurance.
    pub insurance_kind: InsuranceKind,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// How much.
    pub amount: Money,
    /// By which number it goes; of an advance, that of the run it is paid with.
    pub reference: String,
}

/// What a run pays an institution, payer by payer: payments and advances that go by its number.
pub fn run_of(entries: &[ClearingRow], run: &str) -> BTreeMap<Payer, Money> {
    let mut paid = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_paid(entry) && entry.reference == run) {
        *paid.entry(entry.payer).or_default() -= entry.amount;
    }
    paid.retain(|_, amount: &mut Money| !amount.is_zero());
    paid
}

fn is_paid(entry: &ClearingRow) -> bool {
    matches!(entry.kind, EntryKind::Payment | EntryKind::Advance)
}

impl ClearingDesk<'_> {
    /// Pays what is open of months and years that are closed, up to a month, under the number of a run: each payment is entered
    /// under the period it pays. A number is used once. Answers what goes to the bank, payer by payer.
    pub fn pay(
        &mut self,
        hospital: HospitalId,
        month: Date,
        run: &str,
        hands: Hands<'_>,
    ) -> Result<BTreeMap<Payer, Money>, ClearingError> {
        let (by, run, period) = (hands.one()?, run.trim(), period_key(month));
        if run.is_empty() {
            return Err(ClearingError::Unsaid);
        }
        let loaded = self.load_entries(hospital)?;
        if loaded.clearings.iter().any(|row| row.kind == EntryKind::Payment && row.reference == run) {
            self.writer.abandon();
            return Err(ClearingError::ReferenceUsed(run.to_owned()));
        }
        if find(&loaded, &period).is_none_or(|row| row.state != CLOSED) {
            self.writer.abandon();
            return Err(ClearingError::Open(period));
        }
        let (periods, paid) = open(&loaded, &period, run);
        if periods.is_empty() {
            self.writer.abandon();
        } else {
            let what = Said { by: &by, why: hands.why, action: "paid" };
            self.record(hospital, what, &loaded.clearings, periods, Vec::new())?;
        }
        Ok(paid)
    }

    /// Pays something before the month is closed, with a run of its own or of others: it is kept of what the month comes to.
    pub fn advance(
        &mut self,
        hospital: HospitalId,
        what: &ByHand,
        hands: Hands<'_>,
    ) -> Result<(), ClearingError> {
        self.by_hand(hospital, EntryKind::Advance, what, hands)
    }

    /// Sets right what a fund owes of a month that is closed.
    pub fn correct(
        &mut self,
        hospital: HospitalId,
        what: &ByHand,
        hands: Hands<'_>,
    ) -> Result<(), ClearingError> {
        if what.payer.fund().is_none() {
            return Err(ClearingError::NotAFund);
        }
        self.by_hand(hospital, EntryKind::Correction, what, hands)
    }

    fn by_hand(
        &mut self,
        hospital: HospitalId,
        kind: EntryKind,
        what: &ByHand,
        hands: Hands<'_>,
    ) -> Result<(), ClearingError> {
        let (by, period, reference) = (hands.two()?, period_key(what.month), what.reference.trim());
        if what.amount.is_zero()
            || (kind == EntryKind::Advance && what.amount.is_negative())
            || reference.is_empty()
        {
            return Err(ClearingError::Unsaid);
        }
        if !CLEARING_KINDS.contains(&what.clearing_kind.as_str()) {
            return Err(ClearingError::NoKind(what.clearing_kind.clone()));
        }
        let entry = Entry {
            kind,
            payer: what.payer,
            insurance_kind: what.insurance_kind,
            clearing_kind: what.clearing_kind.clone(),
            amount: if kind == EntryKind::Advance { -what.amount } else { what.amount },
            encounter: None,
            reference: reference.to_owned(),
        };
        let loaded = self.load_entries(hospital)?;
        if let Some(done) = may_enter(&loaded, &period, &entry).transpose() {
            self.writer.abandon();
            return done;
        }
        let what = Said { by: &by, why: hands.why, action: kind.word() };
        let entries = BTreeMap::from([(period, vec![entry])]);
        self.record(hospital, what, &loaded.clearings, entries, Vec::new())?;
        Ok(())
    }
}

/// Whether an entry by hand may be made; something where it was made before.
fn may_enter(loaded: &Loaded, period: &str, entry: &Entry) -> Result<Option<()>, ClearingError> {
    let advance = entry.kind == EntryKind::Advance;
    let under = |row: &&ClearingRow| {
        row.reference == entry.reference
            && (row.kind == entry.kind || (advance && row.kind == EntryKind::Payment))
    };
    if let Some(known) = loaded.clearings.iter().find(under) {
        let of_known = (known.kind, known.payer, known.insurance_kind, &known.clearing_kind, known.amount);
        let same =
            of_known == (entry.kind, entry.payer, entry.insurance_kind, &entry.clearing_kind, entry.amount);
        return if same && known.period == period {
            Ok(Some(()))
        } else {
            Err(ClearingError::ReferenceUsed(entry.reference.clone()))
        };
    }
    match find(loaded, period).is_some_and(|row| row.state == CLOSED) {
        closed if closed != advance => Ok(None),
        true => Err(ClearingError::Closed(period.to_owned())),
        false => Err(ClearingError::Open(period.to_owned())),
    }
}

/// What is open of closed periods up to one, as payments by period, and what that comes to for each payer. What a payer gave too
/// much stays open, and is kept of what he gives next.
fn open(loaded: &Loaded, until: &str, run: &str) -> (BTreeMap<String, Vec<Entry>>, BTreeMap<Payer, Money>) {
    let closed = |period: &str| {
        let is_year = period.len() == 4;
        (is_year && period <= &until[..4])
            || (period <= until && find(loaded, period).is_some_and(|row| row.state == CLOSED))
    };
    let periods: BTreeSet<&str> = loaded.clearings.iter().map(|row| row.period.as_str()).collect();
    let mut lines = Vec::new();
    let mut paid: BTreeMap<Payer, Money> = BTreeMap::new();
    for period in periods.into_iter().filter(|period| closed(period)) {
        for line in sheet(loaded.clearings.iter().filter(|row| row.period == period)) {
            *paid.entry(line.payer).or_default() += line.open();
            lines.push((period, line));
        }
    }
    paid.retain(|_, amount| *amount > Money::ZERO);
    let mut entries: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for (period, line) in
        lines.iter().filter(|(_, line)| paid.contains_key(&line.payer) && !line.open().is_zero())
    {
        entries.entry((*period).to_owned()).or_default().push(Entry {
            kind: EntryKind::Payment,
            payer: line.payer,
            insurance_kind: line.insurance_kind,
            clearing_kind: line.clearing_kind.clone(),
            amount: -line.open(),
            encounter: None,
            reference: run.to_owned(),
        });
    }
    (entries, paid)
}
