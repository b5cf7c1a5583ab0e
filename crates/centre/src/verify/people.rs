//! What officers did to persons, as it stands in the books.

use std::collections::HashMap;

use jiff::civil::DateTime;
use ledger::Source;
use model::{Amounts, EventKind, PersonId, SettlementId};
use money::Money;
use policy::{Accumulators, Earlier};
use store::{EventRow, JournalRow};

use super::{Check, Lines, sorted};
use crate::bill::accumulators;
use crate::inputs::Inputs;
use crate::people::{beside, restored, to_person};

/// Accounts and what they receive, in order.
pub(super) type Postings = Vec<(&'static str, i64)>;

impl Check<'_> {
    /// What an officer did: looked at when its version is passed.
    pub(super) fn event(&mut self, row: EventRow) {
        self.tick();
        let (person, version) = (row.person, row.version);
        let fresh = self.others.insert((person, version), Some(row)).is_none();
        self.expect("I-18", fresh, || format!("person {person}: version {version} twice"));
    }

    /// Goes over the versions that credits and officers made behind the last settlement row; answers the last of them.
    pub(super) fn pass_others(&mut self, person: PersonId) -> i64 {
        let mut version = self.persons.entry(person).or_default().version;
        while let Some(made) = self.others.remove(&(person, version + 1)) {
            version += 1;
            if let Some(event) = made {
                self.pass_event(&event);
            }
        }
        self.persons.entry(person).or_default().version = version;
        version
    }

    /// Goes over what came behind each person's last settlement row; what then is left stands behind a gap.
    pub(super) fn pass_rest(&mut self) {
        let mut persons: Vec<PersonId> = self.others.keys().map(|(person, _)| *person).collect();
        persons.sort_unstable();
        persons.dedup();
        persons.into_iter().for_each(|person| {
            self.pass_others(person);
        });
    }

    /// A bill settled for money to the person comes to the same again, and what it is paid follows from it.
    fn pass_event(&mut self, event: &EventRow) {
        let key = || format!("person {}, version {}", event.person, event.version);
        let postings = match event.kind {
            EventKind::Reimbursed | EventKind::Supplement => {
                let found = self.recompute_event(event);
                self.expect("I-17", found.is_some(), || {
                    format!("{}: its bill comes to something else", key())
                });
                Some(found.unwrap_or_default())
            }
            EventKind::Merged | EventKind::Lent => None,
            _ => Some(Postings::new()),
        };
        // What is done to two at once moves nothing together, neither money nor counters.
        let pair = self.pairs.entry(event.at).or_default();
        match event.kind {
            EventKind::Merged => {
                self.merged.insert(event.person);
                for (year, change) in &event.change {
                    let sum = pair.counters.entry(*year).or_default();
                    *sum = std::mem::take(sum).plus(&accumulators(change));
                }
            }
            EventKind::Reimbursed | EventKind::Supplement => {}
            _ => self.expect("I-4", event.change.is_empty(), || format!("{} changes counters", key())),
        }
        match event.journal {
            Some(journal) => drop(self.events.insert(journal, (event.at, postings))),
            None => self
                .expect("I-1", postings.is_none_or(|p| p.is_empty()), || format!("{} has no journal", key())),
        }
        let sum = self.persons.entry(event.person).or_default();
        for (year, change) in &event.change {
            let held = sum.years.entry(*year).or_default();
            *held = std::mem::take(held).plus(&accumulators(change));
        }
    }

    /// The postings a bill of an event comes to; none where it comes to something else than it says.
    fn recompute_event(&mut self, event: &EventRow) -> Option<Postings> {
        let edition = self.editions.named(&event.edition)?;
        let inputs = Inputs::decode(&event.inputs)?;
        let (paid, change) = match event.kind {
            EventKind::Supplement => self.supplemented(event, &inputs)?,
            _ => (Amounts::default(), Accumulators::default()),
        };
        let held = self.persons.entry(event.person).or_default().years.get(&event.year).cloned();
        let before = held.unwrap_or_default().plus(&change.clone().negated());
        let again = inputs.adjudicate(edition, &before, Some(self.editions), &Earlier::default());
        let changed = again.change.plus(&change.negated());
        let [(year, told)] = event.change.as_slice() else { return None };
        let same = before == accumulators(&event.before)
            && event.trail == again.trail.as_bytes()
            && (*year, accumulators(told)) == (event.year, changed);
        let journal = to_person(&beside(&again.amounts, &paid));
        same.then(|| journal.map(|journal| sorted(&journal.postings)).unwrap_or_default())
    }

    /// What the settlement came to that is supplemented: one of the same person, of the same lines.
    fn supplemented(&self, event: &EventRow, inputs: &Inputs) -> Option<(Amounts, Accumulators)> {
        let seen = self.settlements.get(&SettlementId(event.reference.parse().ok()?))?;
        let row = &seen.row;
        let same = row.person == event.person
            && row.effective
            && seen.stopped.as_ref().map(restored).as_ref() == Some(inputs)
            && seen.lines == Lines::of(inputs.own_lines());
        same.then(|| (row.amounts, accumulators(&row.change)))
    }

    /// The journal of an event.
    pub(super) fn event_journal(&mut self, row: &JournalRow, (at, expected): (DateTime, Option<Postings>)) {
        let same = match expected {
            Some(postings) => {
                sorted(&row.journal.postings) == postings && row.journal.source == Source::Payment
            }
            None => {
                let moved = ledger::Held::default().after(&row.journal);
                self.pairs.entry(at).or_default().moved += moved.total() + moved.granted;
                row.journal.source == Source::AccountCredit
            }
        };
        self.expect("I-1", same, || format!("journal {} does not post its event", row.id));
    }

    /// What was done to two at once has moved nothing together.
    pub(super) fn check_pairs(&mut self) {
        for (at, pair) in std::mem::take(&mut self.pairs) {
            let moved = pair.moved;
            self.expect("I-1", moved.is_zero(), || format!("what was done to two at {at} has moved {moved}"));
            let apart = pair.counters.values().any(|sum| sum.used().next().is_some());
            self.expect("I-4", !apart, || format!("what was done to two at {at} has changed counters"));
        }
    }
}

/// What was done to two at one moment, together.
#[derive(Default)]
pub(super) struct Pair {
    moved: Money,
    counters: HashMap<i16, Accumulators>,
}
