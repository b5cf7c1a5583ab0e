//! The settlement of a stay: what the centre shares, what the deposits pay of the rest, what is collected or given back.
//! It stands as a bill does, by the same table.

use jiff::civil::DateTime;
use money::{Money, TillRounding};
use serde::{Deserialize, Serialize};
use store::{Act, Change};
use wire::Answer;
use wire::asking::BillHeard;

use crate::amounts;
use crate::bill::{BillState, Intent, Patient, Split, Voided};
use crate::carry::{Carried, Carries, Ended, end, message_of, settled_split};
use crate::counted::Counted;
use crate::deposit::{Deposit, DepositState, deposits};
use crate::pay::{CASH, Paid, Payment};
use crate::segment::{self, ReceiptKind, ReceiptState};
use crate::sheet::{Form, PaperError, Papers, Sheet};
use crate::stay::{Stay, StayEvent, happen};
use crate::till::Moves as _;

/// Deposits against the cash due: what is collected, what is given back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What the deposits come to.
    #[serde(with = "amounts")]
    pub deposits: Money,
    /// What is collected besides; nothing where the deposits are enough.
    pub payment: Payment,
    /// What is given back of the deposits.
    #[serde(with = "amounts")]
    pub refund: Money,
    /// How it is given back: a word such as `cash`.
    #[serde(default)]
    pub refund_by: String,
    /// What the till's rounding of it came to; never part of the insurance's amounts.
    #[serde(with = "amounts")]
    pub rounding: Money,
}

impl Account {
    /// Of deposits and the patient's share of a split: what is collected in these ways, or given back in this one.
    pub fn of(deposits: Money, share: Money, others: Vec<Paid>, refund_by: &str, till: TillRounding) -> Self {
        let open = share - deposits;
        let payment = Payment::with(open.at_least_zero(), others, till);
        let back = (-open).at_least_zero();
        let refund = if refund_by == CASH { till.collect(back.exact()) } else { back };
        let rounding = payment.due + payment.otherwise() - refund - open;
        Self { deposits, payment, refund, refund_by: refund_by.into(), rounding }
    }

    /// The same deposits against another share, in the same ways.
    pub fn again(&self, share: Money, till: TillRounding) -> Self {
        let open = (share - self.deposits).at_least_zero();
        let others = self.payment.again(open, till).others;
        let account = Self::of(self.deposits, share, others, &self.refund_by, till);
        Self { payment: Payment { tendered: self.payment.tendered, ..account.payment.clone() }, ..account }
    }

    /// What the hospital has of the patient in the end.
    pub fn kept(&self) -> Money {
        self.deposits + self.payment.due + self.payment.otherwise() - self.refund
    }
}

/// A settlement of a stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Of which stay.
    pub stay: String,
    /// Who settles.
    pub cashier: String,
    /// At which window.
    pub window: String,
    /// Charged to an insurance; else to the patient alone.
    pub insured: bool,
    /// The centre's id of the stay.
    pub visit: String,
    /// What the stay came to.
    #[serde(with = "amounts")]
    pub total: Money,
    /// What each kind of charge comes to.
    #[serde(with = "amounts::named", default)]
    pub categories: Vec<(String, Money)>,
    /// How the trial before it shared it; how it is shared, where it stands.
    pub split: Split,
    /// Deposits against cash.
    pub account: Account,
    /// The message on its way.
    pub intent: Option<Intent>,
    /// The number of the receipt: reserved with the intent, used with the settlement.
    pub receipt: String,
    /// The centre's id of it.
    #[serde(default)]
    pub number: String,
    /// When it was settled.
    #[serde(default)]
    pub settled: Option<DateTime>,
    /// That it was voided, or is to be.
    #[serde(default)]
    pub voided: Option<Voided>,
    /// The closing it is part of; empty: none yet.
    #[serde(default)]
    pub closing: String,
    /// How often the receipt was printed.
    #[serde(default)]
    pub prints: u32,
    /// How the centre counts it.
    #[serde(default)]
    pub counted: Counted,
}

impl Form for Settlement {
    const KIND: &'static str = "settlement";
    type State = BillState;
    type Private = Patient;

    fn tags(&self, state: BillState) -> Vec<String> {
        let mut tags = vec![format!("stay:{}", self.stay), format!("cashier:{}", self.cashier)];
        if !self.receipt.is_empty() {
            tags.push(format!("receipt:{}", self.receipt));
        }
        if state.is_in_doubt() {
            tags.push(format!("doubt:{}", self.cashier));
        }
        tags.extend(self.unclosed(state));
        tags.extend(self.counted.tags(state, self.settled, self.voided.as_ref(), &self.visit));
        tags
    }
}

impl Settlement {
    /// What a stay names it by while it is on its way.
    pub(crate) fn doubt(key: &str) -> String {
        format!("{}/{key}", Self::KIND)
    }

    fn of(papers: &Papers, settlement: &Sheet<Self>) -> Result<Sheet<Stay>, PaperError> {
        let missing = || PaperError::Stale { kind: Stay::KIND.into(), key: settlement.facts.stay.clone() };
        let mut stay = papers.get::<Stay>(&settlement.facts.stay)?.ok_or_else(missing)?;
        stay.facts.doubt.clear();
        Ok(stay)
    }
}

/// What is written where a settlement stands: it, its receipt, the deposits it uses, the stay and its bed.
pub(crate) fn stands(
    papers: &Papers,
    settlement: &mut Sheet<Settlement>,
    at: DateTime,
) -> Result<Vec<Change>, PaperError> {
    let mut stay = Settlement::of(papers, settlement)?;
    settlement.state = BillState::Settled;
    settlement.facts.settled = Some(at);
    settlement.day = Some(at.date());
    stay.facts.settlement.clone_from(&settlement.key);
    stay.facts.deposited = Money::ZERO;
    let mut changes = happen(papers, &mut stay, StayEvent::Settle)?;
    changes.extend(moved(papers, &stay.key, (DepositState::Valid, DepositState::Applied), "applied")?);
    Ok(changes)
}

/// What is written where one is voided: the deposits are the patient's again.
pub(crate) fn falls(papers: &Papers, settlement: &mut Sheet<Settlement>) -> Result<Vec<Change>, PaperError> {
    let mut stay = Settlement::of(papers, settlement)?;
    settlement.state = BillState::Voided;
    stay.facts.settlement.clear();
    stay.facts.deposited = settlement.facts.account.deposits;
    stay.facts.trial = None;
    let mut changes = happen(papers, &mut stay, StayEvent::VoidSettlement)?;
    changes.extend(moved(papers, &stay.key, (DepositState::Applied, DepositState::Valid), "comes-back")?);
    let receipt = &settlement.facts.receipt;
    changes.extend(segment::settle(papers, ReceiptKind::Inpatient, receipt, ReceiptState::Void)?);
    changes.push(settlement.happened("voided"));
    Ok(changes)
}

fn moved(
    papers: &Papers,
    stay: &str,
    (from, to): (DepositState, DepositState),
    event: &str,
) -> Result<Vec<Change>, PaperError> {
    let deposits = deposits(papers, stay)?.into_iter().filter(|deposit| deposit.state == from);
    Ok(deposits.map(|deposit| Sheet::<Deposit> { state: to, ..deposit }.happened(event)).collect())
}

impl Carries for Settlement {
    fn intent(&mut self) -> &mut Option<Intent> {
        &mut self.intent
    }

    fn done(
        papers: &Papers,
        settlement: &mut Sheet<Self>,
        answer: &Answer,
        act: &Act,
    ) -> Result<Option<Ended>, PaperError> {
        let message = message_of(settlement.facts.intent.as_ref());
        if matches!(settlement.state, BillState::Voiding | BillState::VoidUnknown) {
            if let Some(heard) = BillHeard::hear(answer) {
                settlement.facts.counted.hear_void(&heard, &message, act.at);
            }
            end(settlement);
            return falls(papers, settlement).map(|all| Some((Carried::Voided, all)));
        }
        let Some(heard) = BillHeard::hear(answer) else { return Ok(None) };
        let facts = &mut settlement.facts;
        facts.split = settled_split(&heard, facts.total, Some(&facts.split), &settlement.key);
        facts.counted.hear(&heard, &message);
        facts.number = heard.settlement.unwrap_or_default();
        settlement.private.sent = std::mem::take(&mut settlement.private.message);
        end(settlement);
        let mut changes = stands(papers, settlement, heard.time.unwrap_or(act.at))?;
        let receipt = &settlement.facts.receipt;
        changes.extend(segment::settle(papers, ReceiptKind::Inpatient, receipt, ReceiptState::Used)?);
        changes.push(settlement.happened("settled"));
        Ok(Some((Carried::Settled, changes)))
    }

    fn back(papers: &Papers, settlement: &mut Sheet<Self>, why: Option<String>) -> Result<Ended, PaperError> {
        let mut stay = Self::of(papers, settlement)?;
        stay.facts.refused = why;
        let voiding = matches!(settlement.state, BillState::Voiding | BillState::VoidUnknown);
        end(settlement);
        if voiding {
            settlement.state = BillState::Settled;
            settlement.facts.voided = None;
            return Ok((Carried::Back, vec![stay.typed(), settlement.happened("void-refused")]));
        }
        stay.facts.trial = None;
        settlement.state = BillState::Dropped;
        let number = std::mem::take(&mut settlement.facts.receipt);
        let mut changes = segment::settle(papers, ReceiptKind::Inpatient, &number, ReceiptState::Free)?;
        changes.extend([stay.typed(), settlement.happened("not-settled")]);
        Ok((Carried::Back, changes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deposits_and_what_is_collected_or_given_back_are_the_cash_due() {
        let check = |deposits: i64, cash: i64, due: i64, refund: i64, till: TillRounding| {
            let account =
                Account::of(Money::from_fen(deposits), Money::from_fen(cash), Vec::new(), CASH, till);
            assert_eq!((account.payment.due.fen(), account.refund.fen()), (due, refund), "{deposits} {cash}");
            assert_eq!(account.kept(), Money::from_fen(cash) + account.rounding);
        };
        check(100_000, 73_456, 0, 26_544, TillRounding::None);
        check(50_000, 73_456, 23_456, 0, TillRounding::None);
        check(73_456, 73_456, 0, 0, TillRounding::None);
        check(50_000, 73_456, 23_460, 0, TillRounding::JiaoHalfUp);
        check(100_000, 73_456, 0, 26_540, TillRounding::JiaoHalfUp);
        check(0, 1_999, 1_990, 0, TillRounding::JiaoDown);
    }
}
