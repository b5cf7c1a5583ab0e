//! Trace codes of drugs: which packs a line was sold with, and whether one was sold before.

use jiff::civil::Date;
use model::{EncounterId, HospitalId, Item, RegisterKind, Tracing};
use money::Quantity;
use policy::{AuditedLine, AuditedVisit};
use store::{EncounterRow, KEY_MARK, LineRow, LineState, PersonRow, RegisterRow};
use wire::Both;
use wire::transactions::FeeLine;

use crate::audit::{Looked, Phase};
use crate::bill;
use crate::decide::{Context, Moment};
use crate::state::{State, Visit};

/// States of a pack: one of which a part was sold may be sold again.
const WHOLE: &str = "whole";
const PART: &str = "part";

/// Trace codes that lines carry, each once.
pub(crate) fn codes(lines: &[FeeLine]) -> Vec<String> {
    let mut codes: Vec<String> = lines.iter().flat_map(|line| line.traces.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// What becomes of a drug without its trace code, at an institution, under the edition of a day.
pub(crate) fn rule(context: &Context<'_>, day: Date, at: &Moment<'_>) -> Tracing {
    let of_edition = || at.policy.on(day).map_or(Tracing::Off, |edition| edition.head.traces);
    context.hospital.profile.traces.unwrap_or_else(of_edition)
}

/// Whether a line lacks the code that its item has.
pub(crate) fn is_missing(line: &FeeLine, item: &Item) -> bool {
    item.traced && line.traces.is_empty() && line.refunds.is_none()
}

/// What is to be written of the packs of a line.
fn rows(sent: &FeeLine, line: &LineRow, context: &Context<'_>) -> Vec<RegisterRow> {
    let row = |code: &String| RegisterRow {
        hospital: line.hospital,
        kind: RegisterKind::Trace,
        key: format!("{code}{KEY_MARK}{} {}", line.encounter, line.number),
        version: 0,
        from: line.served.date(),
        to: None,
        state: if sent.part_of_pack { PART } else { WHOLE }.into(),
        message: Some(context.id),
        data: String::new(),
        facts: Vec::new(),
    };
    sent.traces.iter().map(row).collect()
}

/// Codes of a line whose packs were sold with another line that stands: settled, and not taken back; or in the same visit.
fn sold_before(sent: &FeeLine, line: &LineRow, state: &State) -> Vec<String> {
    let own = (line.hospital, line.encounter);
    let other = |code: &str| {
        state.packs(code).any(|row| {
            let Some((visit, number)) = row.traced().filter(|_| row.state == WHOLE) else { return false };
            let is_own = (row.hospital, visit) == own && number == line.number;
            let visit = state.visit(row.hospital, visit).filter(|_| !is_own);
            visit.is_some_and(|visit| stands(visit, number, row, own))
        })
    };
    sent.traces.iter().filter(|code| !sent.part_of_pack && other(code)).cloned().collect()
}

/// Whether a line with a pack stands: not withdrawn nor sent anew since, not taken back as a whole, and settled where it
/// is another visit's.
fn stands(visit: &Visit, number: &str, pack: &RegisterRow, own: (HospitalId, EncounterId)) -> bool {
    let line =
        visit.line(number).filter(|line| line.state == LineState::Valid && line.message == pack.message);
    let Some(line) = line else { return false };
    let refunds = visit
        .lines
        .iter()
        .filter(|row| row.state == LineState::Valid && row.refunds.as_deref() == Some(number));
    let left = refunds.fold(line.quantity, |left, row| left + row.quantity);
    let here = (visit.row.hospital, visit.row.id) == own;
    left > Quantity::default() && (here || visit.effective(&line.charge_batch).is_some())
}

/// Writes the packs of lines that are new; of those that were sold before it keeps a hit, and answers the lines' numbers
/// with what was found.
pub(crate) fn keep(
    lines: &[(&FeeLine, &LineRow)],
    visit: &EncounterRow,
    person: &PersonRow,
    context: &Context<'_>,
    state: &mut State,
    at: &Moment<'_>,
) -> Vec<(String, Both)> {
    let mut found = Vec::new();
    let rules = at.audit.of_packs();
    for (sent, line) in lines {
        let before = sold_before(sent, line, state);
        if !before.is_empty() && !rules.is_empty() {
            let audited = audited(line, before, visit, person, at);
            let phase = Phase::Charged;
            let looked =
                Looked { visit: visit.id.to_string(), phase, person: person.number.clone(), context };
            for hit in at.audit.hits(&audited, line.served.date(), &rules) {
                looked.keep(&hit, std::slice::from_ref(&line.number), state, at);
                let [zh, en] = hit.words.clone();
                found.push((line.number.clone(), Both::new(zh, en)));
            }
        }
        for row in rows(sent, line, context) {
            // A line that was withdrawn and comes again has been here before.
            let version = state.packs(&row.key).next().map_or(0, |known| known.version);
            state.put_register(RegisterRow { version, ..row });
        }
    }
    found
}

fn audited(
    line: &LineRow,
    sold_before: Vec<String>,
    visit: &EncounterRow,
    person: &PersonRow,
    at: &Moment<'_>,
) -> AuditedVisit {
    let day = line.served.date();
    AuditedVisit {
        sex: bill::sex(person),
        born: person.born,
        kind: visit.visit,
        stay: visit.stay,
        from: visit.begins,
        to: visit.ends,
        diagnoses: Vec::new(),
        lines: vec![AuditedLine {
            item: line.item.clone(),
            name: at.catalogue.item(&line.item, day).map(|item| item.name.clone()).unwrap_or_default(),
            kind: line.kind,
            day,
            quantity: line.quantity,
            amount: line.amount,
            days: None,
            here: true,
            asked: true,
            sold_before,
        }],
        stays: Vec::new(),
    }
}
