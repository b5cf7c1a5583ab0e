//! `explain`. Why a settlement of this hospital came to its figures; asking changes nothing.

use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::{Explain, Explained};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::explain::told;
use crate::state::State;
use crate::undo;

pub(crate) fn needs(request: &Explain, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
    needs.settlement = Some(request.settlement);
}

pub(crate) fn decide(
    request: &Explain,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = bill::person(state, &request.person)?;
    let (_, row) = bill::settlement(state, context.hospital, request.settlement)?;
    undo::check_person(row, record.row.id, request.person.as_str())?;
    let unexplained = || Refusal::NotExplained { settlement: row.id.to_string() };
    let (edition, steps) = told(row, at.policy).ok_or_else(unexplained)?;
    Ok(Decision::answer(Explained {
        settlement: row.id,
        undoes: row.undoes,
        edition: row.edition.clone(),
        order: edition.head.order.clone(),
        catalogue: row.catalogue.clone(),
        total: row.amounts.total,
        steps,
    }))
}
