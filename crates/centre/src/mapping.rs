//! Which item of the catalogue an institution's own item is: a registration for each day a mapping begins on.

use jiff::civil::Date;
use model::{HospitalId, RegisterKind};
use store::{KEY_MARK, RegisterRow};
use wire::Facts;
use wire::transactions::MAPPED_ITEM;

use crate::kept::standing;
use crate::state::State;

/// The key of a mapping that begins on a day.
pub(crate) fn key(own: &str, from: Date) -> String {
    format!("{own}{KEY_MARK}{from}")
}

/// The institution's code in a key.
pub(crate) fn own_code(row: &RegisterRow) -> &str {
    row.key.split(KEY_MARK).next().unwrap_or_default()
}

/// The national code a mapping leads to.
pub(crate) fn item_code(row: &RegisterRow) -> String {
    Facts::from_text(&row.data).text(MAPPED_ITEM).to_owned()
}

/// Whether days have one in common.
pub(crate) fn overlaps(row: &RegisterRow, (from, to): (Date, Date)) -> bool {
    row.from <= to && row.to.is_none_or(|last| from <= last)
}

/// Whether an institution's item is mapped to an item of the catalogue on a day.
pub(crate) fn is_mapped(state: &State, hospital: HospitalId, own: &str, item: &str, day: Date) -> bool {
    standing(state, hospital, RegisterKind::Mapping)
        .any(|row| own_code(row) == own && overlaps(row, (day, day)) && item_code(row) == item)
}
