//! Words of states and kinds, both ways.

use store::{Counters, EncounterState, LineState, SettlementKind};

pub(crate) const ENCOUNTER_STATES: [(EncounterState, &str); 3] = [
    (EncounterState::Open, "open"),
    (EncounterState::Discharged, "discharged"),
    (EncounterState::Cancelled, "cancelled"),
];

pub(crate) const LINE_STATES: [(LineState, &str); 2] =
    [(LineState::Valid, "valid"), (LineState::Withdrawn, "withdrawn")];

pub(crate) const SETTLEMENT_KINDS: [(SettlementKind, &str); 4] = [
    (SettlementKind::Settle, "settle"),
    (SettlementKind::Void, "void"),
    (SettlementKind::TakeBack, "take back"),
    (SettlementKind::Reinstate, "reinstate"),
];

/// Whether a filing was withdrawn.
pub(crate) const STANDS: &str = "stands";
pub(crate) const WITHDRAWN: &str = "withdrawn";

/// The word of a value.
pub(crate) fn word<T: Copy + PartialEq>(all: &[(T, &'static str)], value: T) -> &'static str {
    all.iter().find(|(known, _)| *known == value).map_or("", |(_, word)| word)
}

/// One benefit year a line: `2026 {"outpatient.paid":"24.80"}`.
pub(crate) fn years_to_text(years: &[(i16, Counters)]) -> String {
    let lines: Vec<String> =
        years.iter().map(|(year, counters)| format!("{year} {}", counters.to_json())).collect();
    lines.join("\n")
}

pub(crate) fn years_from_text(text: &str) -> Option<Vec<(i16, Counters)>> {
    let line = |line: &str| {
        let (year, counters) = line.split_once(' ')?;
        Some((year.parse().ok()?, Counters::from_json(counters)?))
    };
    text.lines().map(line).collect()
}
