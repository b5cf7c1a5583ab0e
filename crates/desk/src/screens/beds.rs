//! IM-3, the bed board: every bed of a ward with who lies in it, in words; as tiles or as a list.

use minijinja::{Value, context};
use web::{Asked, Said};

use super::charge::Wrong;
use super::inpatients::{found, own_wards, row, stay, strip};
use crate::bed::{Bed, BedEvent, BedState};
use crate::desk::{At, Shown, Stop};
use crate::people::Right;
use crate::place::inpatient::Inpatient;
use crate::sheet::Sheet;
use crate::stay::StayState;

/// The board of a ward.
pub(crate) fn board(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    page(at, asked.query.get("ward"), asked.query.get("view") == "list", &Wrong::default())
}

fn page(at: &At<'_>, ward: &str, list: bool, wrong: &Wrong) -> Result<Shown, Stop> {
    let (wards, choices) = own_wards(at)?;
    let code = wards.iter().find(|known| known.key == ward).or(wards.first());
    let code = code.map(|ward| ward.key.clone()).unwrap_or_default();
    let beds = Bed::of_ward(&at.papers, &code)?;
    let count = |state: BedState| beds.iter().filter(|bed| bed.state == state).count();
    let counts = BedState::ALL.map(|state| context! { name => at.word(state.key()), count => count(state) });
    let used = beds.len() - count(BedState::Stopped);
    // In tenths of a per cent.
    let rate = (count(BedState::Taken) * 1_000).checked_div(used).unwrap_or_default();
    let waiting = found(at, "here", "")?;
    let waiting = waiting.iter().filter(|stay| {
        matches!(stay.state, StayState::Registered | StayState::InHouse) && stay.facts.bed.is_empty()
    });
    let facts = context! {
        wards => choices, ward => code, list, total => beds.len(), counts,
        rate => format!("{}.{}%", rate / 10, rate % 10),
        beds => beds.iter().map(|bed| tile(at, bed)).collect::<Result<Vec<_>, _>>()?,
        waiting => waiting.map(|stay| row(at, stay, &Inpatient::Stay(stay.key.clone()))).collect::<Vec<_>>(),
        coming => found(at, &format!("to:{code}"), "")?
            .iter()
            .map(|stay| row(at, stay, &Inpatient::Change(stay.key.clone())))
            .collect::<Vec<_>>(),
        works => at.operator.has(Right::Admit), csrf => at.session.facts.csrf,
        here => Inpatient::Beds.to_string(), error => wrong.why,
    };
    Ok(Shown::Page("desk/beds.html", facts))
}

fn tile(at: &At<'_>, bed: &Sheet<Bed>) -> Result<Value, Stop> {
    let facts = &bed.facts;
    let stay = if facts.stay.is_empty() { None } else { Some(stay(at, &facts.stay)?) };
    let offers = BedEvent::BY_HAND.into_iter().filter(|event| Bed::may(bed.state, *event).is_some());
    let offers: Vec<Value> = offers
        .map(
            |event| context! { word => event.word(), name => at.word(event.key()), note => event.has_note() },
        )
        .collect();
    Ok(context! {
        number => facts.number, kind => facts.kind, note => facts.note,
        state => at.word(bed.state.key()), tone => bed.state.tone(),
        stay => stay.as_ref().map(|stay| strip(at, stay)),
        href => stay.as_ref().map(|stay| Inpatient::Stay(stay.key.clone()).to_string()),
        place => Inpatient::Bed(bed.key.clone()).to_string(), offers,
    })
}

/// Something done to a bed.
pub(crate) fn change(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    let bed = at.papers.get::<Bed>(key)?.ok_or(Stop::Nothing)?;
    let Some(event) = BedEvent::BY_HAND.into_iter().find(|event| event.word() == asked.form.get("event"))
    else {
        return Err(Stop::Nothing);
    };
    let note: String = asked.form.get("note").chars().take(60).collect();
    let list = asked.form.get("view") == "list";
    if event.has_note() && note.is_empty() {
        let said = Said::new("bed-note-missing").with("event", at.word(event.key()));
        return page(at, &bed.facts.ward, list, &Wrong::new(at, "note", "", &said));
    }
    let Some(change) = bed.changed(event, &note) else {
        let said = Said::new("state-cannot").with("state", at.word(bed.state.key()));
        let said = said.with("event", at.word(event.key()));
        return page(at, &bed.facts.ward, list, &Wrong::new(at, "state", "", &said));
    };
    at.papers.put(&[change], &at.act())?;
    let view = if list { "&view=list" } else { "" };
    Ok(Shown::Go(format!("{}?ward={}{view}", Inpatient::Beds, bed.facts.ward)))
}
