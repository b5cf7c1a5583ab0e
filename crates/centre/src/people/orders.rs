//! Changes of enrolment: all of a file, or none of it.

use std::collections::HashMap;
use std::ops::Range;

use model::{FilingKind, HospitalId, Ids, InsuranceKind, PersonNumber};
use policy::standing;
use store::{Changes, EventRow, Loaded, Needs, PersonRecord, PremiumRow, StoreError, Who};
use wire::Both;

use super::change::{What, apply, filing};
use super::{BATCH, Order, PeopleDesk, Trouble, find, holder};
use crate::enrol::document_hash;
use crate::fund::due_months;

/// What became of changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changed {
    /// What is wrong, by row.
    pub troubles: Vec<Trouble>,
    /// How many were made: all or none, unless another process changed the books meanwhile.
    pub made: usize,
}

/// Documents that earlier rows of the file have given somebody, each with the row.
type Taken = HashMap<[u8; 16], (PersonNumber, usize)>;

impl PeopleDesk<'_> {
    /// Makes changes, all of them or, where anything is wrong, none. Several of one person are made in their order. `dry`: only
    /// what is wrong is told.
    pub fn change(&mut self, orders: &[Order], by: &str, dry: bool) -> Result<Changed, StoreError> {
        // One person's orders are in one batch: what the first would do is seen by the second.
        let mut order: Vec<usize> = (0..orders.len()).collect();
        order.sort_by_key(|at| &orders[*at].number);
        let batches = batches(&order, orders);
        let mut changed = Changed::default();
        for write in [false, true] {
            let mut taken = Taken::new();
            for batch in &batches {
                let rows = &order[batch.clone()];
                let loaded = self.load(&self.needs_of(rows.iter().map(|at| &orders[*at])))?;
                let told = rows.iter().map(|at| (*at, &orders[*at]));
                match self.changed(told, by, &loaded, &mut taken) {
                    Ok(changes) if write => {
                        self.record(changes, &format!("changes {}", rows.len()))?;
                        changed.made += rows.len();
                    }
                    Ok(_) => self.writer.abandon(),
                    Err(found) => {
                        self.writer.abandon();
                        changed.troubles.extend(found);
                        if write {
                            return Ok(changed);
                        }
                    }
                }
            }
            if dry || !changed.troubles.is_empty() {
                break;
            }
        }
        changed.troubles.sort_by_key(|trouble| trouble.row);
        Ok(changed)
    }

    fn needs_of<'o>(&self, orders: impl Iterator<Item = &'o Order>) -> Vec<Needs> {
        let mut needs = vec![Needs { units: true, ..Needs::of(HospitalId(0)) }];
        for order in orders {
            let of = |who| Needs { who, premiums: true, identity: true, ..Needs::of(HospitalId(0)) };
            needs.push(of(Who::Number(order.number.clone())));
            if let What::Corrected(identity) = &order.what
                && !identity.document.is_empty()
            {
                let hash = document_hash(&identity.document_kind, &identity.document, self.sealer);
                needs.push(Needs { premiums: false, ..of(Who::Document(hash)) });
            }
        }
        needs
    }

    /// What changes come to, one behind the other.
    fn changed<'o>(
        &mut self,
        orders: impl Iterator<Item = (usize, &'o Order)>,
        by: &str,
        loaded: &Loaded,
        taken: &mut Taken,
    ) -> Result<Changes, Vec<Trouble>> {
        let (mut changes, mut troubles) = (Changes::default(), Vec::new());
        let mut records: HashMap<PersonNumber, (i64, PersonRecord)> = HashMap::new();
        for (row, order) in orders {
            let before = match records.get(&order.number) {
                Some((_, record)) => record.clone(),
                None => match find(loaded, &order.number) {
                    Ok(record) => record.clone(),
                    Err(trouble) => {
                        troubles.push(Trouble { row, ..trouble });
                        continue;
                    }
                },
            };
            let loaded_at = records.get(&order.number).map_or(before.state.version, |(version, _)| *version);
            match self.one(&before, order, loaded, (row, taken)) {
                Ok(after) => {
                    changes.events.push(EventRow {
                        why: order.why.clone(),
                        ..self.event(&before, order.what.kind(), order.day, by)
                    });
                    let touched = after.filings.iter().filter(|filing| !before.filings.contains(filing));
                    changes.filings.extend(touched.cloned());
                    records.insert(order.number.clone(), (loaded_at, after));
                }
                Err(trouble) => troubles.push(Trouble { row, ..trouble }),
            }
        }
        if !troubles.is_empty() {
            return Err(troubles);
        }
        for (version, record) in records.into_values() {
            changes.states.push((record.row.id, version, record.state.clone()));
            changes.enrolled.push(record);
        }
        Ok(changes)
    }

    /// The record after one change, a version on.
    fn one(
        &mut self,
        before: &PersonRecord,
        order: &Order,
        loaded: &Loaded,
        (row, taken): (usize, &mut Taken),
    ) -> Result<PersonRecord, Trouble> {
        let facts = self.facts(loaded, order.day, order.insurance);
        let mut after = apply(before, &order.what, order.day, &facts)?;
        match &order.what {
            What::Corrected(_) => after = self.identified(after, order, loaded, (row, taken))?,
            What::Died => {
                let id = self.ids.at(self.clock.now()).next();
                after.filings.push(filing(&after, id, FilingKind::Died, "", order.day));
            }
            // Debts stay debts, however often somebody is insured anew.
            What::Insured(_) | What::Revived => {
                let own = |row: &&PremiumRow| row.person == before.row.id;
                let due = due_months(loaded.premiums.iter().filter(own), self.editions);
                after.covers = standing(&after.covers, InsuranceKind::EMPLOYEE, &due);
            }
            _ => {}
        }
        after.state.version += 1;
        Ok(after)
    }

    /// The record with who it is set right.
    fn identified(
        &self,
        record: PersonRecord,
        order: &Order,
        loaded: &Loaded,
        (at, taken): (usize, &mut Taken),
    ) -> Result<PersonRecord, Trouble> {
        let What::Corrected(identity) = &order.what else { return Ok(record) };
        if identity.document.is_empty() != identity.document_kind.is_empty() {
            // By which kind a number was meant decides whose it is.
            let words =
                Both::of("证件类型与证件号码须同时填写", "the kind of a document and its number go together");
            return Err(Trouble::new("document_kind", "DOCUMENT_HALF", words));
        }
        let mut row = record.row.clone();
        for (told, place) in [
            (&identity.name, &mut row.name),
            (&identity.gender, &mut row.gender),
            (&identity.document_kind, &mut row.document_kind),
        ] {
            if !told.is_empty() {
                told.clone_into(place);
            }
        }
        row.born = identity.born.unwrap_or(row.born);
        if !identity.card.is_empty() {
            row.card_hash = Some(self.sealer.search("person.card", &identity.card));
        }
        if !identity.document.is_empty() {
            row.document_hash = document_hash(&row.document_kind, &identity.document, self.sealer);
            row.document = self.sealer.seal("person.document", row.id.0, identity.document.as_bytes());
            let other = holder(&row.document_hash, loaded).filter(|other| other.row.id != row.id);
            if let Some(other) = other {
                let number = &other.row.number;
                let words = Both::new(
                    format!("该证件属于 {number};同一人请合并"),
                    format!(
                        "the document is that of {number}; if that is the same person, merge the records"
                    ),
                );
                return Err(Trouble::new("document", "DOCUMENT_TAKEN", words));
            }
            let before = taken.insert(row.document_hash, (order.number.clone(), at));
            if let Some((_, same_as)) = before.filter(|(number, _)| *number != order.number) {
                let words = Both::of("文件中重复", "it stands twice in the file");
                let trouble = Trouble::new("document", "TWICE_IN_FILE", words);
                return Err(Trouble { same_as: Some(same_as), ..trouble });
            }
        }
        Ok(PersonRecord { row, ..record })
    }
}

/// Some hundred orders each; one person's are together.
fn batches(order: &[usize], orders: &[Order]) -> Vec<Range<usize>> {
    let number = |at: usize| &orders[order[at]].number;
    let (mut batches, mut start) = (Vec::new(), 0);
    while start < order.len() {
        let mut end = (start + BATCH).min(order.len());
        while end < order.len() && number(end) == number(end - 1) {
            end += 1;
        }
        batches.push(start..end);
        start = end;
    }
    batches
}
