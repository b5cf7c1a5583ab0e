//! 3260: A month's settlements of people of other cities, told page by page.

use store::{Needs, OffsiteRow, Sealer};
use wire::Refusal;
use wire::transactions::{FetchOffsite, OFFSITE_ROWS_MAX, OffsiteFetched, OffsiteRowTold};

use super::confirm_offsite::{counted, rows_of};
use crate::abroad;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &FetchOffsite, needs: &mut Needs, _: &Sealer) {
    needs.offsite = rows_of(request.month);
}

pub(crate) fn decide(
    request: &FetchOffsite,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let rows = counted(request.month, context, state);
    let hospital = &context.hospital.row;
    let told = |(place, row): (usize, &&OffsiteRow)| OffsiteRowTold {
        place: i64::try_from(place).unwrap_or(i64::MAX),
        division: hospital.division.clone(),
        hospital: hospital.code.clone(),
        document: abroad::document(row, at.sealer),
        encounter: row.encounter.to_string(),
        decided: row.decided,
        settlement: row.settlement.to_string(),
        total: row.total,
        paid: row.owed(),
    };
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let page = (1..).zip(&rows).skip(request.before).take(OFFSITE_ROWS_MAX);
    Ok(Decision::answer(OffsiteFetched { total, rows: page.map(told).collect() }))
}
