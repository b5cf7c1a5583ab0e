//! 1317: A page of the mappings of the institution that asks.

use jiff::civil::DateTime;
use model::{IdSource, RegisterKind};
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::transactions::{MAPPED_ITEM, MEMO, MappingShown, MappingsFound, Paged, QueryMapping};
use wire::{MappingRule, Refusal};

use super::query_catalogue::division;
use crate::audit::facts;
use crate::decide::{Context, Decision, Moment};
use crate::kept;
use crate::mapping;
use crate::state::State;

pub(crate) fn needs(request: &QueryMapping, needs: &mut Needs, _: &Sealer) {
    needs.registers.push(if request.own.is_empty() {
        Registers::All(RegisterKind::Mapping)
    } else {
        Registers::Under(RegisterKind::Mapping, vec![request.own.clone()])
    });
}

pub(crate) fn decide(
    request: &QueryMapping,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let hospital = context.hospital;
    let rows = state
        .registered(hospital.id(), RegisterKind::Mapping)
        .map(|row| shown(row, hospital.profile.mapping, request, at));
    let mut found: Vec<MappingShown> = rows.filter(|row| asked_for(row, request)).collect();
    found.sort_by(|a, b| (&a.codes, a.days.0).cmp(&(&b.codes, b.days.0)));
    let paged = Paged { page: request.page, all: found.len() };
    let rows = found.drain(request.page.of(paged.all)).collect();
    let output = MappingsFound { division: division(at), hospital: hospital.row.code.clone(), paged, rows };
    Ok(Decision::answer(output))
}

fn shown(row: &RegisterRow, rule: MappingRule, request: &QueryMapping, at: &Moment<'_>) -> MappingShown {
    let day = request.day.unwrap_or(at.now.date());
    let told = kept::told(row, at.sealer);
    let said = row.message.map_or(row.from, |id| IdSource::parts(id.0).0.date());
    let looked = wire::read_time(told.text(mapping::REVIEWED)).map(DateTime::date);
    let why = facts([(MEMO, told.text(mapping::WHY))]);
    MappingShown {
        codes: (mapping::own_code(row).to_owned(), told.text(MAPPED_ITEM).to_owned()),
        days: (row.from, row.to),
        valid: mapping::counts(row, day, rule),
        updated: looked.map_or(said, |day| said.max(day)),
        // Of what was sent back it is told why.
        facts: if mapping::is_sent_back(row) { told.and(why) } else { told },
    }
}

fn asked_for(row: &MappingShown, request: &QueryMapping) -> bool {
    let (own, item) = &row.codes;
    let same = |asked: &str, told: &str| asked.is_empty() || asked == told;
    same(&request.own, own)
        && same(&request.item, item)
        && same(&request.list, row.facts.text(wire::transactions::LIST_TYPE))
        && row.facts.text(wire::transactions::OWN_NAME).contains(&request.name)
        && request.day.is_none_or(|_| row.valid)
        && request.valid.is_none_or(|valid| valid == row.valid)
        && row.updated >= request.updated
}
