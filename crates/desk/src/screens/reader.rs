//! The simulated reader of a workstation, and its drawer of cards. Where readers are real there is no such page.

use minijinja::{Value, context};
use web::{Asked, field};

use crate::desk::{At, Shown, Stop};
use crate::place::Place;
use crate::reader::{CardKind, Drawer, Drawn};

/// The drawer, and which card lies on the reader.
pub(crate) fn show(at: &At<'_>) -> Result<Shown, Stop> {
    let drawer = drawer(at)?;
    let lies = drawer.on(at.workstation());
    let row = |(number, drawn): (usize, &Drawn)| {
        let card = &drawn.card;
        let shown = if card.kind == CardKind::Voucher { &drawn.code } else { &card.number };
        context! {
            number, name => drawn.name, kind => at.word(card.kind.key()), home => card.home,
            shown => if card.kind == CardKind::Identity { field::masked(shown) } else { shown.clone() },
            lies => lies == Some(number),
        }
    };
    let cards: Vec<Value> = drawer.cards().iter().enumerate().map(row).collect();
    let facts = context! {
        cards, there => at.desk.readers.is_at(at.workstation()), workstation => at.workstation(),
        here => Place::Reader.to_string(), back => Place::Charge.to_string(),
    };
    Ok(Shown::Page("desk/reader.html", facts))
}

/// Lays a card on the reader, takes away what lies there, or puts the reader away.
pub(crate) fn lay(at: &At<'_>, asked: &Asked) -> Result<Shown, Stop> {
    let drawer = drawer(at)?;
    match asked.form.get("card") {
        "away" => drawer.put_away(at.workstation()),
        card => drawer.lay(at.workstation(), card.parse().ok()),
    }
    Ok(Shown::Go(Place::Reader.to_string()))
}

fn drawer<'a>(at: &'a At<'_>) -> Result<&'a Drawer, Stop> {
    at.desk.readers.drawer().ok_or(Stop::Nothing)
}
