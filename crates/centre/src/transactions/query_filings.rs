//! 5301, 5302, 5304: What a person has on file, and was not withdrawn.

use store::{FilingRow, Needs, Sealer};
use wire::Refusal;
use wire::transactions::{FilingFound, FilingsFound, QueryFilings};

use super::put_on_file::FACTS;
use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::kept;
use crate::state::State;

pub(crate) fn needs(request: &QueryFilings, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
}

pub(crate) fn decide(
    request: &QueryFilings,
    _: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = bill::person(state, &request.person)?;
    let of_kind = record.filings.iter().filter(|filing| filing.stands && filing.kind == request.kind);
    let found = of_kind.map(|filing| found(filing, at)).filter(|found| request.asks_for(&found.facts));
    let filings = found.collect();
    let object = format!("person {}", record.row.id);
    Ok(Decision { object, ..Decision::answer(FilingsFound { person: request.person.clone(), filings }) })
}

fn found(filing: &FilingRow, at: &Moment<'_>) -> FilingFound {
    FilingFound {
        id: filing.id,
        code: filing.code.clone(),
        name: at.directory.find(&filing.code).map(|hospital| hospital.row.name.clone()).unwrap_or_default(),
        insurance_kind: filing.insurance_kind,
        from: filing.from,
        to: filing.to,
        facts: kept::open(&filing.facts, FACTS, filing.id.0, at.sealer),
    }
}
