//! 异常: everything that was undone, changed or done twice, with who did it, why, and who allowed it.

use jiff::civil::DateTime;
use money::Money;
use store::By;

use super::Span;
use super::moved::{Bare, each};
use crate::bill::Bill;
use crate::deposit::{Deposit, DepositState};
use crate::posting::{Posting, reversed_tag};
use crate::price_change::{PriceChange, PriceChangeState};
use crate::refund;
use crate::segment::{Receipt, ReceiptKind, receipt_key};
use crate::settlement::Settlement;
use crate::sheet::{ALL, Form as _, PaperError, Papers, Sheet};
use crate::spoilt::{number_of, spoilt_tag};
use crate::till::{Moves, Side, reprinted_tag};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happened {
    /// A bill was voided whole.
    BillVoided,
    /// A part of a bill went back.
    PartRefunded,
    /// A settlement of a stay was voided.
    SettlementVoided,
    /// A deposit was voided within its shift.
    DepositVoided,
    /// A deposit was given back.
    DepositRefunded,
    /// A charge of a stay was taken back.
    ChargeReversed,
    /// Prices were changed.
    PricesChanged,
    /// A receipt was printed again.
    Reprinted,
    /// A number of a receipt was spoilt.
    NumberSpoilt,
}

impl Happened {
    /// All of them.
    pub(crate) const ALL: [Self; 9] = [
        Self::BillVoided,
        Self::PartRefunded,
        Self::SettlementVoided,
        Self::DepositVoided,
        Self::DepositRefunded,
        Self::ChargeReversed,
        Self::PricesChanged,
        Self::Reprinted,
        Self::NumberSpoilt,
    ];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        self.key().trim_start_matches("exception-")
    }

    /// The key of its name.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::BillVoided => "exception-bill-voided",
            Self::PartRefunded => "exception-part-refunded",
            Self::SettlementVoided => "exception-settlement-voided",
            Self::DepositVoided => "exception-deposit-voided",
            Self::DepositRefunded => "exception-deposit-refunded",
            Self::ChargeReversed => "exception-charge-reversed",
            Self::PricesChanged => "exception-prices-changed",
            Self::Reprinted => "exception-reprinted",
            Self::NumberSpoilt => "exception-number-spoilt",
        }
    }
}

/// Where more is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// With a bill.
    Bill(String),
    /// With a stay.
    Stay(String),
    /// With a change sheet of prices.
    Prices(String),
    /// Nowhere else.
    Nowhere,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    pub(crate) at: DateTime,
    pub(crate) what: Happened,
    pub(crate) told: Told,
    /// What people call the paper: a receipt's number, a stay's, a sheet's.
    pub(crate) number: String,
    /// What went back; nothing where no money did.
    pub(crate) amount: Money,
    /// Who did it.
    pub(crate) by: String,
    /// Who allowed it; empty: nobody had to.
    pub(crate) approver: String,
    /// Why: a key of a reason, or words; empty: nobody is asked.
    pub(crate) why: String,
}

/// All of them within days, the latest first.
pub(crate) fn exceptions(papers: &Papers, span: Span) -> Result<Vec<Exception>, PaperError> {
    let mut all = Vec::new();
    each::<Bill>(papers, span, |paper, movement| {
        if movement.side == Side::Out {
            all.extend(bill(&paper.key, &paper.facts.0));
        }
    })?;
    each::<Settlement>(papers, span, |paper, movement| {
        if movement.side == Side::Out {
            all.extend(settlement(&paper.facts.0));
        }
    })?;
    each::<Deposit>(papers, span, |paper, movement| {
        if movement.side == Side::Out {
            all.extend(deposit(paper.state, &paper.facts.0));
        }
    })?;
    for day in span.days() {
        let reversed: Vec<Sheet<Posting>> = papers.list(By::Tag(&reversed_tag(day)), ALL, 0)?;
        all.extend(reversed.iter().map(charge));
        let spoilt: Vec<Sheet<Receipt>> = papers.list(By::Tag(&spoilt_tag(day)), ALL, 0)?;
        all.extend(spoilt.iter().filter_map(number));
        reprinted::<Bill>(papers, day, &mut all)?;
        reprinted::<Settlement>(papers, day, &mut all)?;
        reprinted::<Deposit>(papers, day, &mut all)?;
    }
    let sheets = papers.in_state::<PriceChange>(PriceChangeState::Approved)?;
    all.extend(sheets.iter().filter_map(prices).filter(|change| span.has(change.at.date())));
    all.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.number.cmp(&b.number)));
    Ok(all)
}

fn bill(key: &str, bill: &Bill) -> Option<Exception> {
    let voided = bill.voided.as_ref()?;
    let kept = refund::total(&refund::left(&bill.lines, &voided.kept));
    let said = bill.approval.as_ref().and_then(|approval| approval.said.clone());
    Some(Exception {
        at: voided.at,
        what: if voided.kept.is_empty() { Happened::BillVoided } else { Happened::PartRefunded },
        told: Told::Bill(key.to_owned()),
        number: bill.receipt.clone(),
        amount: bill.total() - kept,
        by: voided.by.clone(),
        approver: said.filter(|(yes, _)| *yes).map(|(_, who)| who).unwrap_or_default(),
        why: voided.why.clone(),
    })
}

fn settlement(settlement: &Settlement) -> Option<Exception> {
    let voided = settlement.voided.as_ref()?;
    Some(Exception {
        at: voided.at,
        what: Happened::SettlementVoided,
        told: Told::Stay(settlement.stay.clone()),
        number: settlement.receipt.clone(),
        amount: settlement.total,
        by: voided.by.clone(),
        approver: String::new(),
        why: voided.why.clone(),
    })
}

fn deposit(state: DepositState, deposit: &Deposit) -> Option<Exception> {
    let undone = deposit.undone.as_ref().filter(|undone| !undone.carried)?;
    Some(Exception {
        at: undone.at,
        what: if Deposit::is_void(state) { Happened::DepositVoided } else { Happened::DepositRefunded },
        told: Told::Stay(deposit.stay.clone()),
        number: deposit.receipt.clone(),
        amount: deposit.amount,
        by: undone.by.clone(),
        approver: String::new(),
        why: undone.why.clone(),
    })
}

fn charge(line: &Sheet<Posting>) -> Exception {
    let facts = &line.facts;
    Exception {
        at: facts.posted,
        what: Happened::ChargeReversed,
        told: Told::Stay(facts.stay.clone()),
        number: format!("{} {}", facts.stay, facts.line.name),
        amount: -facts.line.amount,
        by: facts.poster.number.clone(),
        approver: String::new(),
        why: facts.reason.clone(),
    }
}

/// With the number its receipt has instead.
fn number(receipt: &Sheet<Receipt>) -> Option<Exception> {
    let spoilt = receipt.facts.spoilt.as_ref()?;
    let is_bill = receipt.key == receipt_key(ReceiptKind::Outpatient, number_of(receipt));
    let told = !spoilt.instead.is_empty() && is_bill;
    Some(Exception {
        at: spoilt.at,
        what: Happened::NumberSpoilt,
        told: if told { Told::Bill(receipt.facts.bill.clone()) } else { Told::Nowhere },
        number: format!("{} {}", number_of(receipt), spoilt.instead).trim_end().to_owned(),
        amount: Money::ZERO,
        by: spoilt.by.clone(),
        approver: String::new(),
        why: spoilt.why.clone(),
    })
}

fn prices(change: &Sheet<PriceChange>) -> Option<Exception> {
    let facts = &change.facts;
    let names: Vec<&str> = facts.rows.iter().take(3).map(|row| row.name.as_str()).collect();
    Some(Exception {
        at: facts.decided?,
        what: Happened::PricesChanged,
        told: Told::Prices(change.key.clone()),
        number: format!("{} ({})", names.join(", "), facts.rows.len()),
        amount: Money::ZERO,
        by: facts.by.clone(),
        approver: facts.approver.clone(),
        why: facts.why.clone(),
    })
}

fn reprinted<F: Moves>(
    papers: &Papers,
    day: jiff::civil::Date,
    all: &mut Vec<Exception>,
) -> Result<(), PaperError> {
    let printed: Vec<Sheet<Bare<F>>> = papers.list(By::Tag(&reprinted_tag(day)), ALL, 0)?;
    for paper in &printed {
        let copies = paper.facts.0.reprints().iter().filter(|copy| copy.at.date() == day);
        all.extend(copies.map(|copy| Exception {
            at: copy.at,
            what: Happened::Reprinted,
            told: if F::KIND == Bill::KIND { Told::Bill(paper.key.clone()) } else { Told::Nowhere },
            number: paper.facts.0.receipt().0.to_owned(),
            amount: Money::ZERO,
            by: copy.by.clone(),
            approver: String::new(),
            why: String::new(),
        }));
    }
    Ok(())
}
