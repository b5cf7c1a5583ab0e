//! What follows from the chain of rows of a bill and is kept beside it: marks, kinds, what messages and visits say.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use model::{Amounts, EncounterId, InsuranceKind, MessageId, SettlementId};
use money::Money;
use policy::Figure;
use store::{
    AuditRow, EncounterRow, EncounterState, Made, MessageResult, MessageRow, Scan, SettlementKind,
    SettlementRow, StoreError,
};
use wire::transactions::STAY_SCOPE;
use wire::{Class, transaction};

use super::Check;
use crate::bill::{benefit_day, clearing_kind};
use crate::decide::NOT_KEPT;
use crate::inputs::Inputs;

/// What is remembered of a visit.
pub(super) struct VisitFacts {
    state: EncounterState,
    pub(super) stay: bool,
    begins: Date,
    ends: Date,
    insurance_kind: InsuranceKind,
}

/// The settlement an audit record speaks of first: `settlement 7 …`, `message 5 settlement 7 undoes 6`.
pub(super) fn settlement_of(object: &str) -> Option<i64> {
    let (_, behind) = object.split_once("settlement ")?;
    behind.split(' ').next()?.parse().ok()
}

/// By how much two settlements differ, all figures together.
pub(super) fn difference(one: &Amounts, other: &Amounts) -> Money {
    Figure::reported().map(|figure| (figure.of(one) - figure.of(other)).abs()).sum()
}

impl Check<'_> {
    /// Every recorded message has its audit record: counted by institution and number.
    pub(super) fn audit_of_message(&mut self, row: &AuditRow) {
        let kept = transaction(&row.action).is_some_and(|t| t.class != Class::Query);
        let result = row.result.as_str();
        // A copy, or one under a key that is taken.
        let no_row = result == "replayed" || NOT_KEPT.contains(&result);
        if let Some(hospital) = row.hospital.filter(|_| kept && !no_row) {
            *self.recorded.entry((hospital, row.action.clone())).or_default() += 1;
        }
    }

    /// What a settlement row says of itself besides its amounts.
    pub(super) fn kinds(&mut self, row: &SettlementRow, inputs: Option<&Inputs>) {
        let id = row.id;
        let named = self.audits.get(&row.audit).copied().flatten();
        self.expect("I-15", named == Some(id.0), || {
            format!("settlement {id}: its audit record is another's")
        });
        let kind = clearing_kind(&row.care_kind);
        self.expect("I-17", kind == row.clearing_kind, || {
            format!("settlement {id}: clearing kind {}, its care is cleared as {kind}", row.clearing_kind)
        });
        let care = wire::transactions::outpatient_kind(&row.care_kind)
            .or_else(|| wire::transactions::inpatient_kind(&row.care_kind))
            .or_else(|| wire::transactions::purchase_kind(&row.care_kind));
        let settled_as = inputs.map(|inputs| inputs.visit.kind);
        self.expect("I-17", care.is_some() && care == settled_as, || {
            format!("settlement {id}: settled as {settled_as:?}, its kind of care is {}", row.care_kind)
        });
    }

    /// What counts in the totals: a settlement but one taken back, a void but one taken back; nothing else.
    pub(super) fn check_counted(&mut self) {
        let (mut roots, mut voids) = (HashSet::new(), HashSet::new());
        for seen in self.settlements.values() {
            match seen.row.kind {
                SettlementKind::TakeBack => drop(roots.insert(seen.row.root)),
                SettlementKind::Reinstate => voids.extend(seen.row.undoes),
                SettlementKind::Settle | SettlementKind::Void => {}
            }
        }
        let counts = |row: &SettlementRow| match row.kind {
            SettlementKind::Settle => !roots.contains(&row.id),
            SettlementKind::Void => !voids.contains(&row.id),
            SettlementKind::TakeBack | SettlementKind::Reinstate => false,
        };
        let wrong: Vec<String> = sorted(self.settlements.values().map(|seen| &seen.row), |row| {
            (counts(row) != row.counted)
                .then(|| format!("settlement {}: counted should be {}", row.id, counts(row)))
        });
        wrong.into_iter().for_each(|key| self.broken("I-7", key));
        self.taken_back = self.who_took_back();
    }

    /// The message that took back each settlement or void.
    fn who_took_back(&self) -> HashMap<SettlementId, MessageId> {
        let rows = self.settlements.values().map(|seen| &seen.row);
        rows.filter_map(|row| match row.kind {
            SettlementKind::TakeBack => Some((row.root, row.message)),
            SettlementKind::Reinstate => row.undoes.map(|void| (void, row.message)),
            SettlementKind::Settle | SettlementKind::Void => None,
        })
        .collect()
    }

    /// A bill that stands hangs on a visit that stands, of its day and insurance; a stay's on one that has ended.
    pub(super) fn walk_encounters(&mut self, scan: &mut dyn Scan) -> Result<(), StoreError> {
        scan.encounters(&mut |row: EncounterRow| {
            self.tick();
            let (begins, ends) =
                (row.begins.date(), row.ends.filter(|_| row.stay).unwrap_or(row.begins).date());
            let facts = VisitFacts {
                state: row.state,
                stay: row.stay,
                begins,
                ends,
                insurance_kind: row.insurance_kind,
            };
            self.visits.insert(row.id, facts);
        })?;
        let standing = self.settlements.values().map(|seen| &seen.row).filter(|row| row.effective);
        let wrong = sorted(standing, |row| {
            let stands = self.visits.get(&row.encounter).is_some_and(|visit| {
                let state_fits = match (visit.stay, is_interim(visit, row)) {
                    (true, true) => visit.state != EncounterState::Cancelled,
                    (true, false) => visit.state == EncounterState::Discharged,
                    (false, _) => visit.state == EncounterState::Open,
                };
                state_fits && self.day_fits(visit, row) && visit.insurance_kind == row.insurance_kind
            });
            (!stands)
                .then(|| format!("settlement {} stands on a visit that is no longer what it was", row.id))
        });
        wrong.into_iter().for_each(|key| self.broken("I-6", key));
        Ok(())
    }

    /// Settled by the rules of the day its edition states.
    fn day_fits(&self, visit: &VisitFacts, row: &SettlementRow) -> bool {
        let root = self.settlements.get(&row.root).map_or(row.decided, |root| root.row.decided);
        // A stay that goes on has come to its end so far.
        let ends = if is_interim(visit, row) { root.date() } else { visit.ends };
        let day = benefit_day(self.editions, visit.begins, ends, root.date());
        day == row.benefit_date
    }

    /// What a message says of itself besides its settlement.
    pub(super) fn message_facts(&mut self, row: &MessageRow) {
        let id = row.id;
        let tombstone = row.result == MessageResult::Tombstone;
        let whole = tombstone || (row.digest != [0; 33] && !row.request.is_empty() && !row.reply.is_empty());
        self.expect("I-5", whole, || format!("message {id}: its text, answer or digest is gone"));
        if !tombstone {
            *self.recorded.entry((row.key.hospital, row.key.infno.clone())).or_default() -= 1;
        }
        match row.made {
            Made::Encounter(visit) => self.expect("I-5", self.visits.contains_key(&visit), || {
                format!("message {id} made visit {visit}, which is not there")
            }),
            Made::Settlement(made) => {
                let by = self.taken_back.get(&made).copied();
                self.expect("I-16", by == row.taken_back_by, || {
                    format!("message {id}: taken back by {:?}, the books say {by:?}", row.taken_back_by)
                });
            }
            Made::Nothing => {}
        }
    }

    /// As many messages as audit records of messages.
    pub(super) fn check_recorded(&mut self) {
        let mut wrong: Vec<String> = std::mem::take(&mut self.recorded)
            .into_iter()
            .filter(|(_, apart)| *apart != 0)
            .map(|((hospital, infno), apart)| {
                format!("institution {hospital}, {infno}: {apart} more audit records than messages")
            })
            .collect();
        wrong.sort();
        wrong.into_iter().for_each(|key| self.broken("I-5", key));
    }
}

/// What is wrong with some rows, in order.
fn sorted<'r>(
    rows: impl Iterator<Item = &'r SettlementRow>,
    wrong: impl Fn(&SettlementRow) -> Option<String>,
) -> Vec<String> {
    let mut all: Vec<(SettlementId, String)> = rows.filter_map(|row| Some((row.id, wrong(row)?))).collect();
    all.sort();
    all.into_iter().map(|(_, text)| text).collect()
}

/// Visits by id.
pub(super) type Visits = HashMap<EncounterId, VisitFacts>;

/// A settlement of a stay that went on.
fn is_interim(visit: &VisitFacts, row: &SettlementRow) -> bool {
    visit.stay && row.scope != STAY_SCOPE
}
