//! Electronic receipts: each number that is used has a twin at the treasury's platform, with a code, a number and a check of
//! its own; where its bill is voided a red one takes it back. They are issued behind the settlement, never within it: where
//! the platform is not reached the machine asks on, and money and books stand as they are. The platform is a port.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use money::Money;
use serde::{Deserialize, Serialize};
use store::{Act, By};

use crate::bill::{Bill, Split};
use crate::carry::machine;
use crate::desk::Desk;
use crate::house::{Hospital, Use};
use crate::posting::{categories, postings};
use crate::segment::{Receipt, ReceiptKind, ReceiptState};
use crate::settlement::Settlement;
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet, state_word};

/// An electronic receipt, as the platform gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Code of its kind.
    pub code: String,
    /// Its number.
    pub number: String,
    /// What it is checked by.
    pub check: String,
    /// When it was issued.
    pub at: DateTime,
}

/// What a receipt is to say.
#[derive(Clone, PartialEq, Eq)]
pub struct Order {
    /// What it is asked for by: the same again is the same receipt.
    pub id: String,
    /// The hospital's code.
    pub hospital: String,
    /// Its name.
    pub hospital_name: String,
    /// Of an outpatient or of a stay.
    pub kind: ReceiptKind,
    /// The hospital's own number of it.
    pub receipt: String,
    /// Who paid.
    pub payer: String,
    /// Its day.
    pub day: Date,
    /// What each kind of charge came to, by its national number.
    pub categories: Vec<(String, Money)>,
    /// The whole.
    pub total: Money,
    /// What funds paid.
    pub funds: Money,
    /// What accounts paid.
    pub account: Money,
    /// What the patient paid.
    pub cash: Money,
}

impl std::fmt::Debug for Order {
    /// Who paid stays out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Order").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why there is none yet: what the platform said, or that it said nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotIssued(pub String);

/// The platform that issues electronic receipts.
pub trait Receipts: Send + Sync {
    /// Issues one. What was asked for before is answered as it was, whatever became of that answer.
    fn issue(&self, order: &Order) -> Result<Issued, NotIssued>;

    /// The red one that takes it back; asked again, the same.
    fn reverse(&self, order: &Order, issued: &Issued) -> Result<Issued, NotIssued>;
}

/// A number's electronic twin, as far as there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Electronic {
    /// It.
    #[serde(default)]
    pub issued: Option<Issued>,
    /// The red one that took it back.
    #[serde(default)]
    pub red: Option<Issued>,
    /// How often the platform was asked in vain.
    #[serde(default)]
    pub tries: u32,
    /// Not before this it is asked again.
    #[serde(default)]
    pub next: Option<DateTime>,
    /// Why there is none yet.
    #[serde(default)]
    pub told: String,
}

/// What numbers are found by whose electronic receipt, or the red one, is still to come.
pub(crate) const WANTED: &str = "electronic";

/// When the platform is asked again; then every quarter of an hour.
const AGAIN: [SignedDuration; 3] =
    [SignedDuration::from_secs(5), SignedDuration::from_secs(30), SignedDuration::from_mins(2)];
const EVERY: SignedDuration = SignedDuration::from_mins(15);

impl Electronic {
    /// Something is still to come of it.
    pub(crate) fn is_wanted(&self, state: ReceiptState) -> bool {
        match state {
            ReceiptState::Used => self.issued.is_none(),
            // Asked for in vain it may have been issued all the same.
            ReceiptState::Void => self.red.is_none() && (self.issued.is_some() || self.tries > 0),
            ReceiptState::Reserved | ReceiptState::Free => false,
        }
    }

    fn missed(&mut self, told: String, now: DateTime) {
        let pause = AGAIN.get(self.tries as usize).copied().unwrap_or(EVERY);
        self.tries += 1;
        self.next = Some(now.saturating_add(pause));
        self.told = told;
    }
}

impl Desk {
    /// Asks the platform for what is still to come, of all hospitals, until one does not come: whoever looks after messages
    /// must not wait for a platform that is away once for each receipt. Answers how many came.
    pub(crate) fn issue_due(&self) -> Result<usize, PaperError> {
        if self.receipts.is_none() {
            return Ok(0);
        }
        let (now, mut came) = (self.clock.now(), 0);
        for tenant in self.store.tenants(Hospital::KIND, &state_word(Use::Active))? {
            let papers = self.papers(&tenant.0);
            let wanted: Vec<Sheet<Receipt>> = papers.list(By::Tag(WANTED), ALL, 0)?;
            for receipt in wanted {
                match self.issue(&papers, receipt, &machine(now)) {
                    Ok(Some(twin)) if twin.tries > 0 => return Ok(came),
                    Ok(Some(_)) => came += 1,
                    // It is not its time yet; or its window was faster.
                    Ok(None) | Err(PaperError::Stale { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(came)
    }

    /// Asks for what is still to come of a number, where its time has come; answers its twin as it then is.
    pub(crate) fn issue(
        &self,
        papers: &Papers,
        mut receipt: Sheet<Receipt>,
        act: &Act,
    ) -> Result<Option<Electronic>, PaperError> {
        let (Some(platform), Some(mut twin)) = (&self.receipts, receipt.facts.electronic.clone()) else {
            return Ok(None);
        };
        let early = twin.next.is_some_and(|next| act.at < next);
        if early || !twin.is_wanted(receipt.state) {
            return Ok(None);
        }
        let Some(order) = order(papers, &receipt)? else { return Ok(None) };
        let came = ask(platform.as_ref(), &order, receipt.state, &mut twin);
        let event = match &came {
            Ok(event) => *event,
            Err(NotIssued(told)) => {
                twin.missed(told.clone(), act.at);
                "electronic-missed"
            }
        };
        receipt.facts.electronic = Some(twin.clone());
        papers.put(&[receipt.happened(event)], act)?;
        Ok(Some(twin))
    }
}

/// The receipt, and the red one where the number is void; what came stays though the rest does not.
fn ask(
    platform: &dyn Receipts,
    order: &Order,
    state: ReceiptState,
    twin: &mut Electronic,
) -> Result<&'static str, NotIssued> {
    let issued = match &twin.issued {
        Some(issued) => issued.clone(),
        None => twin.issued.insert(platform.issue(order)?).clone(),
    };
    if state == ReceiptState::Void {
        twin.red = Some(platform.reverse(order, &issued)?);
    }
    (twin.tries, twin.next) = (0, None);
    twin.told.clear();
    Ok(if state == ReceiptState::Void { "electronic-red" } else { "electronic" })
}

/// What the receipt of a number says; none where its bill never came to anything.
fn order(papers: &Papers, receipt: &Sheet<Receipt>) -> Result<Option<Order>, PaperError> {
    let Some((kind, number)) = receipt.key.split_once('/') else { return Ok(None) };
    let Some(kind) = ReceiptKind::ALL.into_iter().find(|known| known.word() == kind) else { return Ok(None) };
    let hospital = papers.get::<Hospital>(Hospital::KEY)?.map(|hospital| hospital.facts.name);
    let told = match kind {
        ReceiptKind::Outpatient => papers.get::<Bill>(&receipt.facts.bill)?.and_then(|bill| of_bill(&bill)),
        ReceiptKind::Inpatient => match papers.get::<Settlement>(&receipt.facts.bill)? {
            Some(settlement) => Some(of_stay(papers, &settlement)?),
            None => None,
        },
        // A deposit is no income: its receipt stays one of paper.
        ReceiptKind::Deposit => None,
    };
    Ok(told.map(|(payer, day, categories, split)| Order {
        id: receipt.key.clone(),
        hospital: papers.hospital().to_owned(),
        hospital_name: hospital.unwrap_or_default(),
        kind,
        receipt: number.to_owned(),
        payer,
        day,
        categories,
        total: split.total,
        funds: split.funds_total() + split.hospital,
        account: split.account + split.relatives,
        cash: split.cash,
    }))
}

/// Who paid, when, for what, and how it was shared.
type Told = (String, Date, Vec<(String, Money)>, Split);

fn of_bill(bill: &Sheet<Bill>) -> Option<Told> {
    let (split, settled) = (bill.facts.split.clone()?, bill.facts.settled?);
    Some((bill.private.name.clone(), settled.date(), bill.facts.categories(), split))
}

fn of_stay(papers: &Papers, settlement: &Sheet<Settlement>) -> Result<Told, PaperError> {
    let facts = &settlement.facts;
    let mut sums = facts.categories.clone();
    if sums.is_empty() {
        // Older papers do not have them.
        sums = categories(&postings(papers, &facts.stay)?);
    }
    let day = facts.settled.map(DateTime::date).or(settlement.day).unwrap_or_default();
    Ok((settlement.private.name.clone(), day, sums, facts.split.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    fn issued() -> Issued {
        let at = datetime(2026, 11, 23, 8, 30, 0, 0);
        Issued { code: "99010126".into(), number: "0000000001".into(), check: "a1b2c3".into(), at }
    }

    #[test]
    fn a_used_number_wants_one_and_a_void_one_its_red() {
        let none = Electronic::default();
        let has = Electronic { issued: Some(issued()), ..Electronic::default() };
        let both = Electronic { red: Some(issued()), ..has.clone() };
        let lost = Electronic { tries: 1, ..Electronic::default() };
        for (twin, used, void) in
            [(none, true, false), (has, false, true), (both, false, false), (lost, true, true)]
        {
            assert_eq!(
                (twin.is_wanted(ReceiptState::Used), twin.is_wanted(ReceiptState::Void)),
                (used, void)
            );
            assert!(!twin.is_wanted(ReceiptState::Reserved) && !twin.is_wanted(ReceiptState::Free));
        }
    }

    #[test]
    fn where_the_platform_is_away_it_is_asked_later_each_time() {
        let now = datetime(2026, 11, 23, 8, 30, 0, 0);
        let mut twin = Electronic::default();
        let pauses: Vec<i64> = (0..5)
            .map(|_| {
                twin.missed("?".into(), now);
                twin.next.unwrap().duration_since(now).as_secs()
            })
            .collect();
        assert_eq!(pauses, [5, 30, 120, 900, 900]);
    }
}
