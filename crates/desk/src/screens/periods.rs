//! The settlements of a stay: all there were, and one of what it has come to so far while it goes on. They are voided from
//! the last one back.

use minijinja::{Value, context};
use web::Asked;

use super::admission::places;
use super::charge::Wrong;
use super::inpatients::{stay, strip};
use super::settling::{self, Refused, settled};
use crate::desk::{At, Shown, Stop};
use crate::export::{self, Column, Kind};
use crate::place::inpatient::{Inpatient, Settling};
use crate::settlement::settlements;
use crate::sheet::Sheet;
use crate::stay::{Stay, StayEvent};

/// The columns of a stay's settlements as a file.
const COLUMNS: [Column; 10] = [
    ("period", "period", Kind::Count),
    ("settlement-kind", "kind", Kind::Text),
    ("receipt", "receipt", Kind::Text),
    ("settled-at", "settled", Kind::Text),
    ("total", "total", Kind::Amount),
    ("funds", "funds", Kind::Amount),
    ("split-due", "cash", Kind::Amount),
    ("deposits-used", "account.deposits", Kind::Amount),
    ("cashier", "cashier", Kind::Text),
    ("state", "state", Kind::Text),
];

/// All settlements of a stay, and the next one's trial.
pub(crate) fn show(at: &At<'_>, asked: &Asked, key: &str) -> Result<Shown, Stop> {
    if asked.query.has("as") {
        let name = format!("settlements-{key}");
        if let Some(file) = export::wanted(at, asked, &name, &COLUMNS, &rows(at, key)?) {
            return file;
        }
    }
    page(at, &stay(at, key)?, &Wrong::default())
}

/// Those that came to something, or may yet.
fn rows(at: &At<'_>, key: &str) -> Result<Vec<Value>, Stop> {
    let all = settlements(&at.papers, key)?.into_iter();
    let all = all.filter(|settlement| settlement.state.stood() || settlement.state.is_in_doubt());
    Ok(all.map(|settlement| settled(at, &settlement)).collect())
}

fn page(at: &At<'_>, stay: &Sheet<Stay>, wrong: &Wrong) -> Result<Shown, Stop> {
    let step = |step: Settling| Inpatient::Settle(stay.key.clone(), step).to_string();
    let facts = context! {
        stay => strip(at, stay), places => places(stay), csrf => at.session.facts.csrf,
        works => at.operator.has(crate::people::Right::Admit),
        here => Inpatient::Settlements(stay.key.clone()).to_string(),
        rows => rows(at, &stay.key)?, has_periods => !stay.facts.periods.is_empty(),
        settling => settling::facts(at, stay, StayEvent::SettlePeriod)?,
        steps => context! {
            trial => step(Settling::Try), settle => step(Settling::Settle), void => step(Settling::Void),
            give_up => step(Settling::GiveUp),
        },
        wrong => context! { field => wrong.field, why => wrong.why, typed => wrong.typed },
    };
    Ok(Shown::Page("desk/settlements.html", facts))
}

/// Something done to them.
pub(crate) fn act(at: &At<'_>, asked: &Asked, key: &str, step: Settling) -> Result<Shown, Stop> {
    let refused = match step {
        Settling::Try => settling::try_it(at, key, StayEvent::SettlePeriod)?,
        Settling::Settle => settling::settle(at, asked, key, StayEvent::SettlePeriod)?,
        Settling::Void => settling::void(at, asked, key, StayEvent::VoidPeriod)?,
        Settling::GiveUp => {
            settling::give_up(at, key)?;
            None
        }
    };
    Refused::or_again(at, refused, &Inpatient::Settlements(key.to_owned()), page)
}
