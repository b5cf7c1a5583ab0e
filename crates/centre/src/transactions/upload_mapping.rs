//! 3301: Maps items of an institution to the catalogue. What stands already is accepted again: programs send all their
//! items again and again.

use model::RegisterKind;
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::transactions::{Mapped, UploadMapping, mapping_words};
use wire::{Refusal, Rule, print_date};

use crate::audit::facts;
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
    let mut refused: Vec<Refusal> = Vec::new();
    for row in &request.rows {
        check_item(row, at)?;
        if let Err(refusal) = check_review(row, context, state, at) {
            refused.push(refusal);
        } else if let Some(fresh) = place(row, &new, context, state, at)? {
            new.push(fresh);
        }
    }
    // Programs send all their items again: what was sent back once does not keep the others out.
    if refused.len() == request.rows.len() && !refused.is_empty() {
        return Err(refused.swap_remove(0));
    }
    let warning = refused.iter().take(TOLD).map(Refusal::words).reduce(|all, one| all.and(&one));
    let object = format!("mappings {} sent back {}", request.rows.len(), refused.len());
    new.into_iter().for_each(|row| state.put_register(row));
    Ok(Decision { warning, object, ..Decision::answer(()) })
}

/// So many that were not taken are told.
const TOLD: usize = 3;

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
    let words = mapping_words(&row.facts);
    // The same thing said again, with other days or another price: it need not be looked at again.
    let same = |known: &&RegisterRow| mapping::stands(known) && mapping::words_of(known) == words;
    let said = before.filter(same);
    if said.is_some_and(|known| known.to == Some(row.days.1) && known.data == data) {
        return Ok(None);
    }
    let facts = match (said, before) {
        (Some(known), _) => known.facts.clone(),
        (None, Some(other)) => refused_before(other, at),
        (None, None) => Vec::new(),
    };
    Ok(Some(RegisterRow {
        hospital,
        kind: RegisterKind::Mapping,
        version: before.map_or(0, |known| known.version),
        key,
        from: row.days.0,
        to: Some(row.days.1),
        state: said.map_or(STANDS.into(), |known| known.state.clone()),
        message: Some(context.id),
        data,
        facts,
    }))
}

/// What stays sealed of a mapping when another is said in its place: the words that were sent back.
fn refused_before(other: &RegisterRow, at: &Moment<'_>) -> Vec<u8> {
    let told = kept::told(other, at.sealer);
    let mut refused: Vec<String> = told.text(mapping::REFUSED).lines().map(str::to_owned).collect();
    if mapping::is_sent_back(other) {
        refused.push(mapping::words_of(other));
    }
    let stays = facts([(mapping::REFUSED, &refused.join("\n")), (mapping::WHY, told.text(mapping::WHY))]);
    kept::seal(&stays, kept::REGISTERED, other.hospital.0, at.sealer)
}

/// What an officer has sent back is not said again in the same words.
fn check_review(row: &Mapped, context: &Context<'_>, state: &State, at: &Moment<'_>) -> Result<(), Refusal> {
    let words = mapping_words(&row.facts);
    let known = state.registered(context.hospital.id(), RegisterKind::Mapping);
    for known in known.into_iter().filter(|known| mapping::own_code(known) == row.own) {
        let told = kept::told(known, at.sealer);
        let sent_back = mapping::is_sent_back(known) && mapping::words_of(known) == words;
        if sent_back || told.text(mapping::REFUSED).lines().any(|refused| refused == words) {
            return Err(Refusal::MappingSentBack {
                item: row.own.clone(),
                code: row.item.clone(),
                why: told.text(mapping::WHY).to_owned(),
            });
        }
    }
    Ok(())
}
