//! The settlement of a stay: what the centre shares, what the deposits pay of the rest, what is collected or given back.
//! It stands as a bill does, by the same table.

use jiff::civil::DateTime;
use money::{Money, TillRounding};
use serde::{Deserialize, Serialize};
use store::{Act, By, Change};
use wire::Answer;
use wire::asking::BillHeard;

use crate::amounts;
use crate::bill::{BillState, Intent, Patient, Split, Voided};
use crate::carry::{Carried, Carries, Ended, end, message_of, settled_split};
use crate::counted::Counted;
use crate::deposit::{unused, used};
use crate::house::Named;
use crate::pay::{CASH, Paid, Payment};
use crate::posting::{Income, Posting, postings, sum, unsettled};
use crate::segment::{self, ReceiptKind, ReceiptState};
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet};
use crate::stay::{Stay, StayEvent, happen};
use crate::till::{Moves as _, Reprint};

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
        self.deposits + self.payment.due + self.payment.comes_in() - self.refund
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
    /// In which branch that stands; without a code: in the main house.
    #[serde(default)]
    pub branch: Named,
    /// Charged to an insurance; else to the patient alone.
    pub insured: bool,
    /// The centre's id of the stay.
    pub visit: String,
    /// It settles a part of the stay, which goes on.
    #[serde(default)]
    pub interim: bool,
    /// Which settlement of the stay it is, from 1; 0: it is of older papers, and the only one.
    #[serde(default)]
    pub period: u32,
    /// What was not settled came to.
    #[serde(with = "amounts")]
    pub total: Money,
    /// What each kind of charge comes to.
    #[serde(with = "amounts::named", default)]
    pub categories: Vec<(String, Money)>,
    /// The same by who ordered and who did it; nothing: it is of older papers, or of no charge.
    #[serde(default)]
    pub income: Vec<Income>,
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
    /// Each time but the first.
    #[serde(default)]
    pub reprints: Vec<Reprint>,
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
        tags.extend(self.till_tags(state));
        tags.extend(self.counted.tags(state, self.settled, self.voided.as_ref(), &self.visit));
        tags
    }
}

impl Settlement {
    /// What a stay names it by while it is on its way.
    pub(crate) fn doubt(key: &str) -> String {
        format!("{}/{key}", Self::KIND)
    }

    /// What it is for its stay.
    pub(crate) const fn settles(&self) -> StayEvent {
        if self.interim { StayEvent::SettlePeriod } else { StayEvent::Settle }
    }

    /// What its void is.
    pub(crate) const fn is_voided_by(&self) -> StayEvent {
        if self.interim { StayEvent::VoidPeriod } else { StayEvent::VoidSettlement }
    }

    /// It is the last settlement of its stay that stands, and may be voided: those before it only behind it.
    pub(crate) fn is_last_of(settlement: &Sheet<Self>, stay: &Sheet<Stay>) -> bool {
        let facts = &stay.facts;
        let last = if settlement.facts.interim { facts.periods.last() } else { Some(&facts.settlement) };
        last == Some(&settlement.key) && Stay::may(stay.state, settlement.facts.is_voided_by()).is_some()
    }

    fn of(papers: &Papers, settlement: &Sheet<Self>) -> Result<Sheet<Stay>, PaperError> {
        let missing = || PaperError::Stale { kind: Stay::KIND.into(), key: settlement.facts.stay.clone() };
        let mut stay = papers.get::<Stay>(&settlement.facts.stay)?.ok_or_else(missing)?;
        stay.facts.doubt.clear();
        Ok(stay)
    }
}

/// What is written where a settlement stands: it, its receipt, the deposits it uses, the stay with its bed, and the lines
/// where it settles a part of a stay that goes on.
pub(crate) fn stands(
    papers: &Papers,
    settlement: &mut Sheet<Settlement>,
    at: DateTime,
) -> Result<Vec<Change>, PaperError> {
    let mut stay = Settlement::of(papers, settlement)?;
    settlement.state = BillState::Settled;
    settlement.facts.settled = Some(at);
    settlement.day = Some(at.date());
    let (key, facts) = (&settlement.key, &settlement.facts);
    let mut changes = Vec::new();
    if facts.interim {
        stay.facts.periods.push(key.clone());
        stay.facts.settled += facts.total;
        stay.facts.trial = None;
        let lines = unsettled(papers, &stay.key)?;
        assert_eq!(sum(&lines), facts.total, "a period settles what is there");
        changes.extend(in_period(lines, key));
    } else {
        stay.facts.settlement.clone_from(key);
    }
    let deposits = facts.account.deposits;
    changes.extend(used(papers, (&stay.key, key), deposits, (&facts.cashier, at))?);
    stay.facts.deposited -= deposits;
    changes.extend(happen(papers, &mut stay, facts.settles())?);
    Ok(changes)
}

/// What is written where one is voided: the deposits are the patient's again, and its lines open.
pub(crate) fn falls(papers: &Papers, settlement: &mut Sheet<Settlement>) -> Result<Vec<Change>, PaperError> {
    let mut stay = Settlement::of(papers, settlement)?;
    settlement.state = BillState::Voided;
    let (key, facts) = (&settlement.key, &settlement.facts);
    let mut changes = Vec::new();
    if facts.interim {
        stay.facts.periods.retain(|period| period != key);
        stay.facts.settled -= facts.total;
        let lines = postings(papers, &stay.key)?.into_iter();
        changes.extend(in_period(lines.filter(|line| line.facts.period == *key).collect(), ""));
    } else {
        stay.facts.settlement.clear();
    }
    stay.facts.deposited += facts.account.deposits;
    stay.facts.trial = None;
    changes.extend(happen(papers, &mut stay, facts.is_voided_by())?);
    changes.extend(unused(papers, &stay.key, key)?);
    changes.extend(segment::settle(papers, ReceiptKind::Inpatient, &facts.receipt, ReceiptState::Void)?);
    changes.push(settlement.happened("voided"));
    Ok(changes)
}

/// Lines as settled by a settlement of a part of their stay; by none, where that is empty.
fn in_period(lines: Vec<Sheet<Posting>>, settlement: &str) -> impl Iterator<Item = Change> {
    let event = if settlement.is_empty() { "open-again" } else { "settled" };
    lines.into_iter().map(move |mut line| {
        settlement.clone_into(&mut line.facts.period);
        line.happened(event)
    })
}

/// The settlements of a stay, whatever became of them, the first first.
pub(crate) fn settlements(papers: &Papers, stay: &str) -> Result<Vec<Sheet<Settlement>>, PaperError> {
    let mut all: Vec<Sheet<Settlement>> = papers.list(By::Tag(&format!("stay:{stay}")), ALL, 0)?;
    // Keys are given in the order of time.
    all.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(all)
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
        stay.facts.taken_back = why.is_none();
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
