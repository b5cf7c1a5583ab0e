//! Which item of the catalogue an institution's own item is: a registration for each day a mapping begins on.

use jiff::civil::Date;
use model::{HospitalId, RegisterKind};
use store::{KEY_MARK, RegisterRow};
use wire::transactions::MAPPED_ITEM;
use wire::{Facts, MappingRule};

use crate::directory::Hospital;
use crate::kept;
use crate::state::State;

/// States of a mapping on which officers have looked, beside those of any registration.
pub(crate) const PASSED: &str = "passed";
/// Does not count from the day it was sent back: that is where it ends.
pub(crate) const SENT_BACK: &str = "sent back";
/// Why it was sent back, among what is sealed with it.
pub(crate) const WHY: &str = "why";

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

/// What an institution says of its items, and no officer has sent back.
pub(crate) fn standing(state: &State, hospital: HospitalId) -> impl Iterator<Item = &RegisterRow> {
    state.registered(hospital, RegisterKind::Mapping).filter(|row| stands(row))
}

/// Neither withdrawn nor sent back.
pub(crate) fn stands(row: &RegisterRow) -> bool {
    row.state == kept::STANDS || row.state == PASSED
}

/// Whether it says something on a day: what was sent back did until then, in so far as nobody had to look first.
pub(crate) fn counts(row: &RegisterRow, day: Date, rule: MappingRule) -> bool {
    let counted = match rule {
        MappingRule::Ignore | MappingRule::Uploaded => row.state != kept::WITHDRAWN,
        MappingRule::Reviewed => row.state == PASSED,
    };
    counted && overlaps(row, (day, day))
}

/// Whether an institution's item is mapped to an item of the catalogue on a day, as far as it has to be.
pub(crate) fn is_mapped(state: &State, hospital: &Hospital, own: &str, item: &str, day: Date) -> bool {
    let rule = hospital.profile.mapping;
    rule == MappingRule::Ignore
        || state
            .registered(hospital.id(), RegisterKind::Mapping)
            .any(|row| own_code(row) == own && item_code(row) == item && counts(row, day, rule))
}
