//! 2501, 2503, 2505: Puts something of a person on file. Of one thing no two periods overlap.

use jiff::civil::Date;
use model::FilingId;
use store::{FilingRow, Needs, PersonRecord, Sealer};
use wire::transactions::{OnFile, PutOnFile};
use wire::{Refusal, print_date};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::kept;
use crate::state::State;

pub(crate) fn needs(request: &PutOnFile, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
}

pub(crate) fn decide(
    request: &PutOnFile,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = bill::person(state, &request.person)?;
    let person = record.row.id;
    // Said again under another id, because its reply was lost: what is there is answered.
    if let Some(known) = record.filings.iter().find(|known| says_again(known, request, context)) {
        let object = format!("filing {}", known.id);
        return Ok(Decision { person: Some(person), object, ..Decision::answer(OnFile { id: known.id }) });
    }
    no_overlap(request, record)?;
    let id = FilingId(at.ids.next());
    state.put_filing(FilingRow {
        id,
        person,
        kind: request.kind,
        code: request.code.clone(),
        insurance_kind: request.insurance_kind,
        from: request.from,
        to: request.to,
        stands: true,
        hospital: Some(context.hospital.id()),
        message: Some(context.id),
        facts: kept::seal(&request.facts, FACTS, id.0, at.sealer),
    });
    let object = format!("filing {id}");
    Ok(Decision { person: Some(person), object, ..Decision::answer(OnFile { id }) })
}

/// Where what else is said of a filing is sealed.
pub(crate) const FACTS: &str = "filing.facts";

fn says_again(known: &FilingRow, request: &PutOnFile, context: &Context<'_>) -> bool {
    known.stands
        && known.hospital == Some(context.hospital.id())
        && (known.kind, &known.code, known.insurance_kind)
            == (request.kind, &request.code, request.insurance_kind)
        && (known.from, known.to) == (request.from, request.to)
}

fn no_overlap(request: &PutOnFile, record: &PersonRecord) -> Result<(), Refusal> {
    let last = |to: Option<Date>| to.unwrap_or(Date::MAX);
    let same = |known: &&FilingRow| {
        known.stands
            && (known.kind, &known.code) == (request.kind, &request.code)
            && known.from <= last(request.to)
            && request.from <= last(known.to)
    };
    record.filings.iter().find(same).map_or(Ok(()), |known| {
        Err(Refusal::FilingOverlaps {
            filing: known.id.to_string(),
            from: print_date(known.from),
            to: known.to.map_or_else(|| "…".into(), print_date),
        })
    })
}
