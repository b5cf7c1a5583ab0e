//! A message nobody knows the outcome of, and which its centre does not take back: somebody of finance has asked there, and
//! says what became of it. Of a settlement that stands the centre's own record is read; nothing is believed that it does not show.

use money::Money;
use store::Act;
use web::Said;
use wire::Answer;
use wire::asking::{AskSettlement, Insured, SettlementHeard, Speaker};

use crate::bill::{Bill, BillState};
use crate::carry::{Carried, Carries, Ended, Mail as _, carried_name};
use crate::desk::Desk;
use crate::errand::Errand;
use crate::screens::person::centre_says;
use crate::settlement::Settlement;
use crate::sheet::{PaperError, Papers, Sheet};
use crate::stay::StayEvent;

/// What somebody says became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing: the centre has no such record.
    Absent,
    /// It was done; with the number the centre has it by, where there is one.
    Done(String),
}

/// Kinds of papers whose message can be ended by hand.
pub(crate) trait ByHandEnded: Carries {
    /// What the paper becomes where it was done, by what the centre shows; or why that cannot be.
    fn shown(
        desk: &Desk,
        papers: &Papers,
        sheet: &mut Sheet<Self>,
        number: &str,
        by: (&Speaker, &Act),
    ) -> Result<Result<Ended, Said>, PaperError>
    where
        Self: Sized;
}

impl Desk {
    /// Ends a message that the centre does not take back. Answers what came of the paper; or why nothing was ended.
    pub(crate) fn end_by_hand<F: ByHandEnded>(
        &self,
        papers: &Papers,
        mut sheet: Sheet<F>,
        outcome: &Outcome,
        why: &str,
        (speaker, act): (&Speaker, &Act),
    ) -> Result<Result<Carried, Said>, PaperError> {
        let told = sheet.facts.intent().as_ref().is_some_and(|intent| !intent.told.is_empty());
        // The machine may be asking just now, and what it hears goes before.
        let held = self.hold(papers, &carried_name::<F>(&sheet.key));
        if !told || held.is_none() {
            return Ok(Err(Said::new("by-hand-waits")));
        }
        let ended = match outcome {
            Outcome::Absent => Ok(F::back(papers, &mut sheet, Some(why.to_owned()))?),
            Outcome::Done(number) => F::shown(self, papers, &mut sheet, number, (speaker, act))?,
        };
        match ended {
            Ok((carried, changes)) => {
                papers.put(&changes, act)?;
                Ok(Ok(carried))
            }
            Err(said) => Ok(Err(said)),
        }
    }
}

/// Whose settlement it is, and what the hospital has of it.
struct Of<'p> {
    person: Insured,
    visit: &'p str,
    total: Money,
    state: BillState,
}

/// The centre's own record of it, or of its void; or why that is of something else.
fn record(desk: &Desk, of: Of<'_>, number: &str, (speaker, act): (&Speaker, &Act)) -> Result<Answer, Said> {
    let request =
        AskSettlement { person: of.person, settlement: number.to_owned(), visit: of.visit.to_owned() };
    let message = speaker.say(&desk.message_id(&speaker.hospital), act.at, &request);
    let answer = desk.send(&message).map_err(|no| centre_says(&no))?;
    let heard = SettlementHeard::hear(&answer).ok_or_else(|| Said::new("no-answer"))?;
    let voids = matches!(of.state, BillState::Voiding | BillState::VoidUnknown);
    let other_visit = !heard.bill.visit.is_empty() && heard.bill.visit != of.visit;
    if other_visit || heard.refund != voids {
        return Err(Said::new("by-hand-other").with("number", number));
    }
    let there = heard.bill.amounts.total;
    if there != of.total && there != -of.total {
        return Err(Said::new("by-hand-total").with("seen", there).with("total", of.total));
    }
    Ok(answer)
}

/// What moves money becomes what the centre's record says.
fn by_record<F: Carries>(
    papers: &Papers,
    sheet: &mut Sheet<F>,
    record: Result<Answer, Said>,
    act: &Act,
) -> Result<Result<Ended, Said>, PaperError> {
    match record {
        Ok(answer) => Ok(F::done(papers, sheet, &answer, act)?.ok_or_else(|| Said::new("no-answer"))),
        Err(said) => Ok(Err(said)),
    }
}

impl ByHandEnded for Bill {
    fn shown(
        desk: &Desk,
        papers: &Papers,
        bill: &mut Sheet<Self>,
        number: &str,
        by: (&Speaker, &Act),
    ) -> Result<Result<Ended, Said>, PaperError> {
        let (person, total) = (bill.private.person(), bill.facts.total());
        let of = Of { person, visit: &bill.facts.visit, total, state: bill.state };
        let record = record(desk, of, number, by);
        by_record(papers, bill, record, by.1)
    }
}

impl ByHandEnded for Settlement {
    fn shown(
        desk: &Desk,
        papers: &Papers,
        settlement: &mut Sheet<Self>,
        number: &str,
        by: (&Speaker, &Act),
    ) -> Result<Result<Ended, Said>, PaperError> {
        let (person, total) = (settlement.private.person(), settlement.facts.total);
        let of = Of { person, visit: &settlement.facts.visit, total, state: settlement.state };
        let record = record(desk, of, number, by);
        by_record(papers, settlement, record, by.1)
    }
}

impl ByHandEnded for Errand {
    fn shown(
        _: &Desk,
        papers: &Papers,
        errand: &mut Sheet<Self>,
        number: &str,
        _: (&Speaker, &Act),
    ) -> Result<Result<Ended, Said>, PaperError> {
        // What the centre calls the stay, nothing else tells.
        if errand.facts.event == StayEvent::Register && number.is_empty() {
            return Ok(Err(Said::new("by-hand-visit")));
        }
        Self::done_as(papers, errand, number.to_owned()).map(Ok)
    }
}
