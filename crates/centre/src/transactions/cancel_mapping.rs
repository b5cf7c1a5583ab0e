//! 3302: Withdraws mappings from today on, not those that have ended; what was charged under them stays as it is.

use model::RegisterKind;
use store::{Needs, RegisterRow, Registers, Sealer};
use wire::Refusal;
use wire::transactions::CancelMapping;

use crate::decide::{Context, Decision, Moment};
use crate::kept::{STANDS, WITHDRAWN};
use crate::mapping;
use crate::state::State;

pub(crate) fn needs(request: &CancelMapping, needs: &mut Needs, _: &Sealer) {
    let own: Vec<String> = request.rows.iter().map(|(own, _)| own.clone()).collect();
    // Without its own code one has to look through all of them.
    needs.registers.push(if own.iter().any(String::is_empty) {
        Registers::All(RegisterKind::Mapping)
    } else {
        Registers::Under(RegisterKind::Mapping, own)
    });
}

pub(crate) fn decide(
    request: &CancelMapping,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let hospital = context.hospital.id();
    let mut withdrawn = Vec::new();
    let today = at.now.date();
    for (own, item) in &request.rows {
        let meant = |row: &&RegisterRow| {
            (own.is_empty() || mapping::own_code(row) == own)
                && mapping::item_code(row) == *item
                && (mapping::is_sent_back(row) || mapping::stands(row) && row.to.is_none_or(|to| to >= today))
        };
        let all = state.registered(hospital, RegisterKind::Mapping);
        let found: Vec<RegisterRow> = all.into_iter().filter(meant).cloned().collect();
        if found.is_empty() && !ever(state, context, own, item) {
            let key = if own.is_empty() { item.clone() } else { own.clone() };
            return Err(Refusal::NotRegistered { key });
        }
        withdrawn.extend(found);
    }
    let object = format!("mappings {}", withdrawn.len());
    for row in withdrawn {
        let began = row.from < today;
        let yesterday = today.yesterday().ok();
        // One that has begun ends yesterday; one that is yet to begin never does. What was sent back no officer brings back.
        let state_now = match row.state.as_str() {
            mapping::STOPPED_UNSEEN => STANDS,
            mapping::STOPPED_PASSED => mapping::PASSED,
            mapping::SENT_BACK => WITHDRAWN,
            standing if began => standing,
            _ => WITHDRAWN,
        };
        state.put_register(RegisterRow {
            state: state_now.to_owned(),
            to: if began && !mapping::is_sent_back(&row) { yesterday } else { row.to },
            message: Some(context.id),
            ..row
        });
    }
    Ok(Decision { object, ..Decision::answer(()) })
}

/// Whether it was mapped once: withdrawn twice is withdrawn.
fn ever(state: &State, context: &Context<'_>, own: &str, item: &str) -> bool {
    state
        .registered(context.hospital.id(), RegisterKind::Mapping)
        .any(|row| (own.is_empty() || mapping::own_code(row) == own) && mapping::item_code(row) == item)
}
