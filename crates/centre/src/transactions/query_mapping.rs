//! 1317: A page of the mappings of the institution that asks.

use jiff::civil::Date;
use model::{IdSource, RegisterKind};
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::transactions::{MEMO, MappingShown, MappingsFound, Paged, QueryMapping};
use wire::{Facts, MappingRule, Refusal};

use super::query_catalogue::division;
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
    MappingShown {
        facts: told(row, at),
        codes: (mapping::own_code(row).to_owned(), mapping::item_code(row)),
        days: (row.from, row.to),
        valid: mapping::counts(row, day, rule),
        updated: updated(row, at),
    }
}

/// When it was said or looked at last.
fn updated(row: &RegisterRow, at: &Moment<'_>) -> Date {
    let said = row.message.map_or(row.from, |id| IdSource::parts(id.0).0.date());
    let looked =
        kept::told(row, at.sealer).text(mapping::REVIEWED).get(..10).and_then(|day| day.parse().ok());
    looked.map_or(said, |day| said.max(day))
}

/// What was said; for what was sent back, why.
fn told(row: &RegisterRow, at: &Moment<'_>) -> Facts {
    let said = Facts::from_text(&row.data);
    if !mapping::is_sent_back(row) {
        return said;
    }
    let why = kept::told(row, at.sealer).text(mapping::WHY).to_owned();
    said.and([(MEMO.to_owned(), why)].into_iter().collect())
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
