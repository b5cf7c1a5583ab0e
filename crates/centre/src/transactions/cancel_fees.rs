//! 2205, 2302: Withdraws lines that no effective settlement covers.

use store::{LineRow, LineState, Made, Needs, Sealer};
use wire::Refusal;
use wire::transactions::{CancelFees, WhichFees};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::{State, Visit};
use crate::words;

pub(crate) fn needs(request: &CancelFees, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.encounter = Some(request.encounter);
}

pub(crate) fn decide(
    request: &CancelFees,
    context: &Context<'_>,
    state: &mut State,
    _: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (visit, record) = bill::owned(state, context.hospital, request.encounter, &request.person)?;
    bill::must_be_open(visit, request.stay, words::TO_WITHDRAW_FEES)?;
    if let WhichFees::Batch(batch) = &request.which
        && visit.effective(batch).is_some()
    {
        return Err(Refusal::UndoFirst { step: words::OUTPATIENT_SETTLEMENT });
    }
    let named = |line: &LineRow| match &request.which {
        WhichFees::All => true,
        WhichFees::Batch(batch) => *batch == line.charge_batch,
        WhichFees::Lines(lines) => lines.contains(&line.number),
    };
    let wanted = |line: &&LineRow| {
        line.state == LineState::Valid && named(line) && visit.effective(&line.charge_batch).is_none()
    };
    let withdrawn: Vec<LineRow> = visit
        .lines
        .iter()
        .filter(wanted)
        .map(|line| LineRow { state: LineState::Withdrawn, ..line.clone() })
        .collect();
    no_refund_stands(visit, &withdrawn)?;
    let person = record.row.id;
    let count = withdrawn.len();
    withdrawn.into_iter().for_each(|line| state.put_line(line));
    let warning = (count == 0).then_some(words::NO_LINE_WITHDRAWN);
    Ok(Decision {
        made: Made::Encounter(request.encounter),
        person: Some(person),
        warning,
        object: format!("encounter {} lines {count}", request.encounter),
        ..Decision::answer(())
    })
}

/// A line does not go while a refund row that stays takes back from it.
fn no_refund_stands(visit: &Visit, withdrawn: &[LineRow]) -> Result<(), Refusal> {
    let goes = |number: &str| withdrawn.iter().any(|line| line.number == number);
    let mut refunds = visit.lines.iter().filter(|line| line.state == LineState::Valid && !goes(&line.number));
    let stands = refunds.find_map(|line| Some((line.refunds.as_ref().filter(|of| goes(of))?, &line.number)));
    stands.map_or(Ok(()), |(line, refund)| {
        Err(Refusal::RefundStands { line: line.clone(), refund: refund.clone() })
    })
}
