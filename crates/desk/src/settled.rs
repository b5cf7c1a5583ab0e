//! Bills of visits and settlements of stays alike, as a day's comparison sees them: what each counts, and what it becomes
//! where the centre's record is taken over.

use jiff::civil::Date;
use money::{Money, TillRounding};
use serde::{Deserialize, Serialize};
use store::{By, Change};
use web::Said;
use wire::asking::{BillHeard, DetailRow};

use crate::bill::{Bill, BillState, Patient, Split, Voided};
use crate::counted::{Counted, settled_tag, visit_tag, voided_tag};
use crate::house::Named;
use crate::segment::{self, ReceiptKind, ReceiptState};
use crate::settlement::{Settlement, falls};
use crate::sheet::{ALL, PaperError, Papers, Sheet};
use crate::stay::Stay;

/// The national kinds of clearing of what a desk settles, where an older paper does not say its own.
const VISITS: &str = "11";
const STAYS: &str = "21";

/// Which kind of paper settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettledKind {
    /// A bill of a visit.
    Bill,
    /// The settlement of a stay.
    Stay,
}

/// The name of a paper that settles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledName {
    /// Its kind.
    pub kind: SettledKind,
    /// Its key.
    pub key: String,
}

/// A paper that settles.
pub(crate) enum Settled {
    /// A bill of a visit.
    Bill(Box<Sheet<Bill>>),
    /// The settlement of a stay.
    Stay(Box<Sheet<Settlement>>),
}

/// Whose sums are compared: under which insurance, as which kind of clearing, of which city's people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Group {
    /// A division of the city whose people they are.
    pub division: String,
    /// The national number of the insurance.
    pub insurance: u16,
    /// The national kind of clearing.
    pub clearing_kind: String,
}

/// One row of a day: what a paper counts there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DayRow {
    pub(crate) paper: SettledName,
    pub(crate) group: Group,
    pub(crate) row: DetailRow,
}

impl SettledName {
    /// The paper of this name.
    pub(crate) fn read(&self, papers: &Papers) -> Result<Option<Settled>, PaperError> {
        Ok(match self.kind {
            SettledKind::Bill => papers.get(&self.key)?.map(|bill| Settled::Bill(Box::new(bill))),
            SettledKind::Stay => papers.get(&self.key)?.map(|stay| Settled::Stay(Box::new(stay))),
        })
    }
}

/// All papers with a tag.
fn tagged(papers: &Papers, tag: &str) -> Result<Vec<Settled>, PaperError> {
    let bills: Vec<Sheet<Bill>> = papers.list(By::Tag(tag), ALL, 0)?;
    let stays: Vec<Sheet<Settlement>> = papers.list(By::Tag(tag), ALL, 0)?;
    Ok(bills
        .into_iter()
        .map(|bill| Settled::Bill(Box::new(bill)))
        .chain(stays.into_iter().map(|stay| Settled::Stay(Box::new(stay))))
        .collect())
}

/// What the hospital's papers count on a day, of the people of its own city and of others.
pub(crate) fn day_rows(papers: &Papers, division: &str, day: Date) -> Result<Vec<DayRow>, PaperError> {
    let mut all = tagged(papers, &settled_tag(day))?;
    for voided in tagged(papers, &voided_tag(day))? {
        let name = voided.name();
        if !all.iter().any(|known| known.name() == name) {
            all.push(voided);
        }
    }
    Ok(all.iter().flat_map(|paper| paper.rows(division, day)).collect())
}

/// The papers of a visit that stand, or once did.
pub(crate) fn of_visit(papers: &Papers, visit: &str) -> Result<Vec<Settled>, PaperError> {
    if visit.is_empty() { Ok(Vec::new()) } else { tagged(papers, &visit_tag(visit)) }
}

impl Settled {
    pub(crate) fn name(&self) -> SettledName {
        match self {
            Self::Bill(bill) => SettledName { kind: SettledKind::Bill, key: bill.key.clone() },
            Self::Stay(stay) => SettledName { kind: SettledKind::Stay, key: stay.key.clone() },
        }
    }

    pub(crate) fn state(&self) -> BillState {
        match self {
            Self::Bill(bill) => bill.state,
            Self::Stay(stay) => stay.state,
        }
    }

    pub(crate) fn patient(&self) -> &Patient {
        match self {
            Self::Bill(bill) => &bill.private,
            Self::Stay(stay) => &stay.private,
        }
    }

    pub(crate) fn visit(&self) -> &str {
        match self {
            Self::Bill(bill) => &bill.facts.visit,
            Self::Stay(stay) => &stay.facts.visit,
        }
    }

    /// The centre's id of its settlement.
    pub(crate) fn number(&self) -> &str {
        match self {
            Self::Bill(bill) => &bill.facts.settlement,
            Self::Stay(stay) => &stay.facts.number,
        }
    }

    pub(crate) fn receipt(&self) -> &str {
        match self {
            Self::Bill(bill) => &bill.facts.receipt,
            Self::Stay(stay) => &stay.facts.receipt,
        }
    }

    pub(crate) fn cashier(&self) -> &str {
        match self {
            Self::Bill(bill) => &bill.facts.cashier,
            Self::Stay(stay) => &stay.facts.cashier,
        }
    }

    fn branch(&self) -> &Named {
        match self {
            Self::Bill(bill) => &bill.facts.branch,
            Self::Stay(stay) => &stay.facts.branch,
        }
    }

    pub(crate) fn total(&self) -> Money {
        match self {
            Self::Bill(bill) => bill.facts.total(),
            Self::Stay(stay) => stay.facts.total,
        }
    }

    pub(crate) fn counted(&self) -> &Counted {
        match self {
            Self::Bill(bill) => &bill.facts.counted,
            Self::Stay(stay) => &stay.facts.counted,
        }
    }

    pub(crate) fn counted_mut(&mut self) -> &mut Counted {
        match self {
            Self::Bill(bill) => &mut bill.facts.counted,
            Self::Stay(stay) => &mut stay.facts.counted,
        }
    }

    pub(crate) fn split(&self) -> Option<&Split> {
        match self {
            Self::Bill(bill) => bill.facts.split.as_ref(),
            Self::Stay(stay) => Some(&stay.facts.split),
        }
    }

    pub(crate) fn happened(&self, event: &str) -> Change {
        match self {
            Self::Bill(bill) => bill.happened(event),
            Self::Stay(stay) => stay.happened(event),
        }
    }

    fn group(&self, division: &str) -> Group {
        let (kind, insurance) = match self {
            Self::Bill(bill) => (VISITS, bill.facts.insurance),
            // What a stay was settled under is heard with its settlement.
            Self::Stay(_) => (STAYS, model::InsuranceKind::EMPLOYEE.0),
        };
        let counted = self.counted();
        let kind = if counted.clearing_kind.is_empty() { kind } else { &counted.clearing_kind };
        Group {
            division: of_city(&self.patient().home, division),
            insurance: counted.insurance.unwrap_or(insurance),
            clearing_kind: kind.to_owned(),
        }
    }

    /// What it counts on a day: its settlement, its void, both, or nothing.
    fn rows(&self, division: &str, day: Date) -> Vec<DayRow> {
        let (settled, voided) = match self {
            Self::Bill(bill) => (bill.facts.settled, bill.facts.voided.as_ref()),
            Self::Stay(stay) => (stay.facts.settled, stay.facts.voided.as_ref()),
        };
        let Some(split) = self.split().filter(|_| self.state().stood()) else { return Vec::new() };
        let counted = self.counted();
        let row = |refund: bool, number: &str, message: &str| {
            let signed = |amount: Money| if refund { -amount } else { amount };
            let row = DetailRow {
                person: self.patient().number.clone(),
                visit: self.visit().to_owned(),
                settlement: number.to_owned(),
                msgid: message.to_owned(),
                refund,
                total: signed(split.total),
                funds: signed(split.funds_total()),
                account: signed(split.account),
            };
            DayRow { paper: self.name(), group: self.group(division), row }
        };
        let settled = settled.filter(|at| at.date() == day);
        let settled = settled.map(|_| row(false, self.number(), &counted.message));
        let void = counted.voided_at(self.state(), voided).filter(|at| at.date() == day);
        let void = void.map(|_| match &counted.voided {
            Some(void) => row(true, &void.number, &void.message),
            None => row(true, self.number(), ""),
        });
        settled.into_iter().chain(void).collect()
    }

    /// The centre's record of its settlement becomes its own. Answers what the till must then collect or give back where that
    /// changes what was paid in cash; or why it cannot be taken over.
    pub(crate) fn take(
        &mut self,
        heard: &BillHeard,
        message: &str,
        till: TillRounding,
    ) -> Result<Money, Said> {
        let total = self.total();
        let split = Split::of(heard, total).map_err(|by| Said::new("adopt-total").with("by", by))?;
        let before = self.split().map_or(Money::ZERO, |split| split.cash);
        let apart = split.cash - before;
        self.counted_mut().hear(heard, message);
        let (number, time) = (heard.settlement.clone().unwrap_or_default(), heard.time);
        match self {
            Self::Bill(bill) => {
                if !apart.is_zero() {
                    bill.facts.payment = bill.facts.payment.again(split.cash, till);
                }
                bill.facts.split = Some(split);
                bill.facts.settlement = number;
                bill.facts.settled = time.or(bill.facts.settled);
            }
            Self::Stay(stay) => {
                if !apart.is_zero() {
                    stay.facts.account = stay.facts.account.again(split.cash, till);
                }
                stay.facts.split = split;
                stay.facts.number = number;
                stay.facts.settled = time.or(stay.facts.settled);
            }
        }
        Ok(apart)
    }

    /// Its void at the centre becomes its own: money goes back to the patient, in the next closing of whoever took it.
    /// Answers what is written; or why it cannot be.
    pub(crate) fn fall(
        &mut self,
        papers: &Papers,
        at: jiff::civil::DateTime,
    ) -> Result<Result<Vec<Change>, Said>, PaperError> {
        let (by, branch) = (self.cashier().to_owned(), self.branch().clone());
        let voided = Voided { at, why: "void-by-centre".into(), by, branch, ..Voided::default() };
        match self {
            Self::Bill(bill) => {
                bill.facts.voided = Some(voided);
                bill.state = BillState::Voided;
                let receipt = &bill.facts.receipt;
                let mut changes =
                    segment::settle(papers, ReceiptKind::Outpatient, receipt, ReceiptState::Void)?;
                changes.push(bill.happened("adopted-void"));
                Ok(Ok(changes))
            }
            Self::Stay(settlement) => {
                let stay = papers.get::<Stay>(&settlement.facts.stay)?;
                let may = stay.is_some_and(|stay| Settlement::is_last_of(settlement, &stay));
                if !may {
                    return Ok(Err(Said::new("adopt-not-last")));
                }
                settlement.facts.voided = Some(voided);
                falls(papers, settlement).map(Ok)
            }
        }
    }

    /// The kind of paper it is, as its events are kept.
    pub(crate) fn events(&self, papers: &Papers) -> Result<Vec<store::Event>, PaperError> {
        match self {
            Self::Bill(bill) => papers.events::<Bill>(&bill.key),
            Self::Stay(stay) => papers.events::<Settlement>(&stay.key),
        }
    }
}

/// Whether somebody is insured in the city a division is of: the first four digits are the city's. Nobody says: he is.
pub(crate) fn is_of_city(home: &str, own: &str) -> bool {
    home.get(..4).is_none_or(|city| own.starts_with(city))
}

/// The division that is named for somebody's city: the hospital's own for all of its city.
fn of_city(home: &str, own: &str) -> String {
    if is_of_city(home, own) { own.to_owned() } else { home.to_owned() }
}

/// Of which kind of paper a kind of clearing is.
pub(crate) fn settles_stays(clearing_kind: &str) -> bool {
    clearing_kind == STAYS
}

/// The kinds of clearing that are always asked about: what only the centre has is seen, too.
pub(crate) const CLEARING_KINDS: [&str; 2] = [VISITS, STAYS];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_of_the_own_city_are_named_by_the_hospitals_division() {
        assert_eq!(of_city("990103", "990101"), "990101");
        assert_eq!(of_city("", "990101"), "990101");
        assert_eq!(of_city("990201", "990101"), "990201");
    }
}
