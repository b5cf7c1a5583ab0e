//! A message nobody knows the outcome of, and which its centre does not take back: somebody of finance has asked there, and
//! says what became of it. Of a settlement that stands the centre's own record is read; nothing is believed that it does not show.

use store::Act;
use web::Said;
use wire::asking::{AskSettlement, Insured, SettlementHeard, Speaker};

use crate::bill::{Bill, BillState};
use crate::carry::{Carried, Carries, Ended, Mail as _};
use crate::desk::Desk;
use crate::errand::Errand;
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
        if !told {
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

/// The centre's record of a settlement of a visit, or of its void; or why it is not that.
fn record(
    desk: &Desk,
    speaker: &Speaker,
    (person, visit, number): (Insured, &str, &str),
    voids: bool,
    act: &Act,
) -> Result<wire::Answer, Said> {
    let request = AskSettlement { person, settlement: number.to_owned(), visit: visit.to_owned() };
    let message = speaker.say(&desk.message_id(&speaker.hospital), act.at, &request);
    let answer = desk.send(&message).map_err(|no| crate::screens::person::centre_says(&no))?;
    let heard = SettlementHeard::hear(&answer).ok_or_else(|| Said::new("no-answer"))?;
    let other_visit = !heard.bill.visit.is_empty() && heard.bill.visit != visit;
    if other_visit || heard.refund != voids {
        return Err(Said::new("by-hand-other").with("number", number));
    }
    Ok(answer)
}

/// What moves money: by the centre's record of it, and only where that adds up to the hospital's own total.
fn moved<F: Carries<State = BillState>>(
    papers: &Papers,
    sheet: &mut Sheet<F>,
    answer: &wire::Answer,
    act: &Act,
) -> Result<Result<Ended, Said>, PaperError> {
    Ok(F::done(papers, sheet, answer, act)?.ok_or_else(|| Said::new("no-answer")))
}

impl ByHandEnded for Bill {
    fn shown(
        desk: &Desk,
        papers: &Papers,
        bill: &mut Sheet<Self>,
        number: &str,
        (speaker, act): (&Speaker, &Act),
    ) -> Result<Result<Ended, Said>, PaperError> {
        let voids = matches!(bill.state, BillState::Voiding | BillState::VoidUnknown);
        let of = (bill.private.person(), bill.facts.visit.as_str(), number);
        let answer = match record(desk, speaker, of, voids, act) {
            Ok(answer) => answer,
            Err(said) => return Ok(Err(said)),
        };
        if let Err(said) = adds_up(&answer, bill.facts.total()) {
            return Ok(Err(said));
        }
        moved(papers, bill, &answer, act)
    }
}

impl ByHandEnded for Settlement {
    fn shown(
        desk: &Desk,
        papers: &Papers,
        settlement: &mut Sheet<Self>,
        number: &str,
        (speaker, act): (&Speaker, &Act),
    ) -> Result<Result<Ended, Said>, PaperError> {
        let voids = matches!(settlement.state, BillState::Voiding | BillState::VoidUnknown);
        let of = (settlement.private.person(), settlement.facts.visit.as_str(), number);
        let answer = match record(desk, speaker, of, voids, act) {
            Ok(answer) => answer,
            Err(said) => return Ok(Err(said)),
        };
        if let Err(said) = adds_up(&answer, settlement.facts.total) {
            return Ok(Err(said));
        }
        moved(papers, settlement, &answer, act)
    }
}

/// The record is of as much as the hospital's own paper.
fn adds_up(answer: &wire::Answer, total: money::Money) -> Result<(), Said> {
    let there = SettlementHeard::hear(answer).map(|heard| heard.bill.amounts.total);
    let same = there.is_some_and(|there| there == total || there == -total);
    let seen = there.map(|there| there.to_string()).unwrap_or_default();
    if same { Ok(()) } else { Err(Said::new("by-hand-total").with("seen", seen).with("total", total)) }
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
