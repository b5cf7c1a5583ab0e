//! Trace codes of drugs: which packs a line was sold with, and whether one was sold before.

use model::{EncounterId, HospitalId, Item, RegisterKind, Tracing};
use money::Quantity;
use policy::{AuditedLine, AuditedVisit, Hit};
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
/// Given back: free again.
const BACK: &str = "back";

/// Trace codes that lines carry, each once.
pub(crate) fn codes(lines: &[FeeLine]) -> Vec<String> {
    let mut codes: Vec<String> = lines.iter().flat_map(|line| line.traces.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// What becomes of a line that lacks the trace code its item has, at an institution, under the edition of its day; nothing of one
/// that does not.
pub(crate) fn missing(line: &FeeLine, item: &Item, context: &Context<'_>, at: &Moment<'_>) -> Tracing {
    if !item.traced || !line.traces.is_empty() || line.refunds.is_some() {
        return Tracing::Off;
    }
    let of_edition = || at.policy.on(line.served.date()).map_or(Tracing::Off, |edition| edition.head.traces);
    context.hospital.profile.traces.unwrap_or_else(of_edition)
}

/// What is to be written of the packs of a line: sold with it; or with a refund, that its original has them no more.
fn rows(sent: &FeeLine, line: &LineRow, state: &State) -> Vec<RegisterRow> {
    let number = line.refunds.as_deref().unwrap_or(&line.number);
    let row = |code: &String| {
        let key = format!("{code}{KEY_MARK}{} {number}", line.encounter);
        // A line that was withdrawn and comes again has been here before.
        let known = state.packs(&key).find(|row| row.hospital == line.hospital);
        let new = RegisterRow {
            hospital: line.hospital,
            kind: RegisterKind::Trace,
            version: known.map_or(0, |known| known.version),
            key: key.clone(),
            from: line.served.date(),
            to: None,
            state: if sent.part_of_pack { PART } else { WHOLE }.into(),
            message: line.message,
            data: String::new(),
            facts: Vec::new(),
        };
        match (line.refunds.is_some(), known) {
            (false, _) => Some(new),
            (true, Some(known)) => Some(RegisterRow { state: BACK.into(), ..known.clone() }),
            (true, None) => None,
        }
    };
    sent.traces.iter().filter_map(row).collect()
}

/// Codes of a line whose packs were sold with another line that stands: settled, and not taken back; in the same visit; or in
/// this very call. Parts of one pack may be sold one by one.
fn sold_before(
    sent: &FeeLine,
    line: &LineRow,
    state: &State,
    in_call: &mut Vec<(String, bool)>,
) -> Vec<String> {
    if line.refunds.is_some() {
        return Vec::new();
    }
    let own = (line.hospital, line.encounter);
    let clash = |part: bool| !(part && sent.part_of_pack);
    let other = |code: &str| {
        state.packs(code).any(|row| {
            let Some((visit, number)) =
                row.traced().filter(|_| row.state != BACK && clash(row.state == PART))
            else {
                return false;
            };
            let is_own = (row.hospital, visit) == own && number == line.number;
            let visit = state.visit(row.hospital, visit).filter(|_| !is_own);
            visit.is_some_and(|visit| stands(visit, number, row, own))
        })
    };
    let mut found = Vec::new();
    for code in &sent.traces {
        let here = in_call.iter().any(|(known, part)| known == code && clash(*part));
        if here || other(code) {
            found.push(code.clone());
        }
        in_call.push((code.clone(), sent.part_of_pack));
    }
    found.dedup();
    found
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

/// Lines whose packs were sold before, and what that is under the rules of audit.
pub(crate) fn sold_twice<'r>(
    lines: &[(&FeeLine, &LineRow)],
    visit: &EncounterRow,
    person: &PersonRow,
    state: &State,
    at: &Moment<'r>,
) -> Vec<(String, Hit<'r>)> {
    let rules = at.audit.of_packs();
    let (mut found, mut in_call) = (Vec::new(), Vec::new());
    for (sent, line) in lines {
        let before = sold_before(sent, line, state, &mut in_call);
        if before.is_empty() || rules.is_empty() {
            continue;
        }
        let audited = audited(line, before, visit, person, at);
        let hits = at.audit.hits(&audited, line.served.date(), &rules);
        found.extend(hits.into_iter().map(|hit| (line.number.clone(), hit)));
    }
    found
}

/// What is told of lines whose packs were sold before.
pub(crate) fn told(found: &[(String, Hit<'_>)]) -> Vec<(String, Both)> {
    let told = found.iter().map(|(number, hit)| {
        let [zh, en] = hit.told.clone();
        (number.clone(), Both::new(zh, en))
    });
    told.collect()
}

/// Writes the packs of lines that are new, or said with other packs than before; of those that were sold before it keeps a
/// hit, and answers the lines' numbers with what was found.
pub(crate) fn keep(
    lines: &[(&FeeLine, &LineRow)],
    visit: &EncounterRow,
    person: &PersonRow,
    context: &Context<'_>,
    state: &mut State,
    at: &Moment<'_>,
) -> Vec<(String, Both)> {
    let found = sold_twice(lines, visit, person, state, at);
    for (number, hit) in &found {
        let (kept_under, phase) = (visit.id.to_string(), Phase::Charged);
        let looked = Looked { visit: kept_under, phase, person: person.number.clone(), context };
        looked.keep(hit, std::slice::from_ref(number), state, at);
    }
    let rows: Vec<RegisterRow> = lines.iter().flat_map(|(sent, line)| rows(sent, line, state)).collect();
    rows.into_iter().for_each(|row| state.put_register(row));
    told(&found)
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
