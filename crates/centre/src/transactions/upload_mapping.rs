//! 3301: Maps items of an institution to the catalogue. What stands already is accepted again: programs send all their
//! items again and again.

use model::RegisterKind;
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::transactions::{Mapped, UploadMapping};
use wire::{Refusal, Rule, print_date};

use crate::decide::{Context, Decision, Moment};
use crate::kept::{self, STANDS};
use crate::mapping;
use crate::state::State;

pub(crate) fn needs(request: &UploadMapping, needs: &mut Needs, _: &Sealer) {
    let own = request.rows.iter().map(|row| row.own.clone()).collect();
    needs.registers.push(Registers::Under(RegisterKind::Mapping, own));
}

pub(crate) fn decide(
    request: &UploadMapping,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let mut new: Vec<RegisterRow> = Vec::new();
    for row in &request.rows {
        check_item(row, at)?;
        if let Some(fresh) = place(row, &new, context, state, at)? {
            new.push(fresh);
        }
    }
    let object = format!("mappings {}", request.rows.len());
    new.into_iter().for_each(|row| state.put_register(row));
    Ok(Decision { object, ..Decision::answer(()) })
}

/// What it is mapped to is listed on the first day, under the list it was said to be of.
fn check_item(row: &Mapped, at: &Moment<'_>) -> Result<(), Refusal> {
    let (line, code) = (row.own.clone(), row.item.clone());
    let item = at.catalogue.item(&row.item, row.days.0);
    let item = item.ok_or_else(|| match at.catalogue.of(&row.item).next() {
        Some(_) => Refusal::ItemStopped { line, code, date: print_date(row.days.0) },
        None => Refusal::ItemUnknown { line, code },
    })?;
    if item.list_kind == row.list {
        return Ok(());
    }
    let (value, rule) = (row.list.clone(), Rule::AsOriginal(item.list_kind.clone()));
    Err(Refusal::FieldInvalid { field: wire::transactions::LIST_TYPE.into(), value, rule })
}

/// The registration it makes; none where it stands as it is. An item is one thing on a day.
fn place(
    row: &Mapped,
    new: &[RegisterRow],
    context: &Context<'_>,
    state: &State,
    at: &Moment<'_>,
) -> Result<Option<RegisterRow>, Refusal> {
    let hospital = context.hospital.id();
    let key = mapping::key(&row.own, row.days.0);
    let data = row.facts.to_text();
    check_review(row, &data, context, state, at)?;
    let others = mapping::standing(state, hospital).chain(new);
    for other in
        others.filter(|other| mapping::own_code(other) == row.own && mapping::overlaps(other, row.days))
    {
        let code = mapping::item_code(other);
        if code != row.item {
            return Err(Refusal::MappingConflict { item: row.own.clone(), code });
        }
        if other.key == key {
            continue;
        }
        let within = other.from <= row.days.0 && other.to.is_none_or(|to| row.days.1 <= to);
        return if within { Ok(None) } else { Err(Refusal::MappingConflict { item: row.own.clone(), code }) };
    }
    let before = state.registered(hospital, RegisterKind::Mapping).find(|known| known.key == key);
    let same = |known: &&RegisterRow| mapping::stands(known) && known.data == data;
    let said = before.filter(same);
    if said.is_some_and(|known| known.to == Some(row.days.1)) {
        return Ok(None);
    }
    Ok(Some(RegisterRow {
        hospital,
        kind: RegisterKind::Mapping,
        version: before.map_or(0, |known| known.version),
        key,
        from: row.days.0,
        to: Some(row.days.1),
        // Of what was looked at only the last day is another: it need not be looked at again.
        state: said.map_or(STANDS.into(), |known| known.state.clone()),
        message: Some(context.id),
        data,
        facts: said.map_or_else(Vec::new, |known| known.facts.clone()),
    }))
}

/// What an officer has sent back is not said again in the same words.
fn check_review(
    row: &Mapped,
    data: &str,
    context: &Context<'_>,
    state: &State,
    at: &Moment<'_>,
) -> Result<(), Refusal> {
    let known = state.registered(context.hospital.id(), RegisterKind::Mapping);
    let refused = known.into_iter().find(|known| {
        known.state == mapping::SENT_BACK && mapping::own_code(known) == row.own && known.data == data
    });
    match refused {
        None => Ok(()),
        Some(refused) => Err(Refusal::MappingSentBack {
            item: row.own.clone(),
            code: row.item.clone(),
            why: kept::told(refused, at.sealer).text(mapping::WHY).to_owned(),
        }),
    }
}
