//! 2502, 2504, 2506: Withdraws what is on file. What was settled under it stands.

use store::{FilingRow, Needs, Sealer};
use wire::Refusal;
use wire::transactions::TakeOffFile;

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &TakeOffFile, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
}

pub(crate) fn decide(
    request: &TakeOffFile,
    context: &Context<'_>,
    state: &mut State,
    _: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = bill::person(state, &request.person)?;
    let person = record.row.id;
    // What another institution filed, or the centre, is theirs to withdraw.
    let ours = |f: &&FilingRow| {
        f.id == request.filing && f.kind == request.kind && f.hospital == Some(context.hospital.id())
    };
    let filing = record.filings.iter().find(ours);
    let filing = filing.ok_or_else(|| Refusal::FilingUnknown { filing: request.filing.to_string() })?;
    if !filing.stands {
        return Err(Refusal::FilingWithdrawn { filing: request.filing.to_string() });
    }
    let row = FilingRow { stands: false, message: Some(context.id), ..filing.clone() };
    state.put_filing(row);
    let object = format!("filing {}", request.filing);
    Ok(Decision { person: Some(person), object, ..Decision::answer(()) })
}
