//! Which item of the catalogue an institution's own item is: a registration for each day a mapping begins on.

use jiff::civil::Date;
use model::{HospitalId, RegisterKind};
use store::{KEY_MARK, RegisterRow};
use wire::transactions::{MAPPED_ITEM, mapping_words};
use wire::{Facts, MappingRule};

use crate::directory::Hospital;
use crate::kept;
use crate::state::State;

/// States of a mapping on which officers have looked, beside those of any registration.
pub(crate) const PASSED: &str = "passed";
/// Sent back before it began: it never counts.
pub(crate) const SENT_BACK: &str = "sent back";
/// Sent back later, unseen until then or passed before: it ends on the day before, and counts until then.
pub(crate) const STOPPED_UNSEEN: &str = "sent back, unseen";
pub(crate) const STOPPED_PASSED: &str = "sent back, passed";

/// Among what is sealed with it: when it was looked at and by whom; why it was sent back; the words that were sent back, a line
/// each.
pub(crate) const REVIEWED: &str = "reviewed";
pub(crate) const BY: &str = "by";
pub(crate) const WHY: &str = "why";
pub(crate) const REFUSED: &str = "refused";

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

/// Whether an officer sent it back, whenever.
pub(crate) fn is_sent_back(row: &RegisterRow) -> bool {
    [SENT_BACK, STOPPED_UNSEEN, STOPPED_PASSED].contains(&row.state.as_str())
}

/// Whether it says something on a day: what was sent back did until then, in so far as nobody had to look first.
pub(crate) fn counts(row: &RegisterRow, day: Date, rule: MappingRule) -> bool {
    let counted: &[&str] = match rule {
        MappingRule::Ignore | MappingRule::Uploaded => {
            &[kept::STANDS, PASSED, STOPPED_UNSEEN, STOPPED_PASSED]
        }
        MappingRule::Reviewed => &[PASSED, STOPPED_PASSED],
    };
    counted.contains(&row.state.as_str()) && overlaps(row, (day, day))
}

/// The words of a mapping by which it is the same again.
pub(crate) fn words_of(row: &RegisterRow) -> String {
    mapping_words(&Facts::from_text(&row.data))
}

/// Whether an institution's item is mapped to an item of the catalogue on a day, as far as it has to be.
pub(crate) fn is_mapped(state: &State, hospital: &Hospital, own: &str, item: &str, day: Date) -> bool {
    let rule = hospital.profile.mapping;
    rule == MappingRule::Ignore
        || state
            .registered(hospital.id(), RegisterKind::Mapping)
            .any(|row| own_code(row) == own && counts(row, day, rule) && item_code(row) == item)
}
