//! Designates institutions and enrols people: who they are, what insurance they have, what their account opens with.

use std::collections::HashMap;

use ledger::{Held, Journal};
use model::{
    Clock, Enrolment, FilingId, HospitalId, Ids, Institution, InsuranceKind, JournalId, OnFile, PersonId,
};
use money::Money;
use store::{
    AccessKey, AuditRow, CentreStore, Changes, FilingRow, HospitalRow, JournalRow, Needs, PersonRecord,
    PersonRow, PersonState, Sealer, StoreError, Writer,
};

/// Designates institutions; one that is known by its code is changed, the others get ids behind those there are, in the order
/// given.
pub fn designate(store: &dyn CentreStore, institutions: &[Institution]) -> Result<(), StoreError> {
    let known: HashMap<String, HospitalId> =
        store.hospitals()?.into_iter().map(|row| (row.code, row.id)).collect();
    let mut next = known.values().map(|id| id.0).max().unwrap_or(0);
    let row = |i: &Institution| {
        let id = known.get(&i.code).copied().unwrap_or_else(|| {
            next += 1;
            HospitalId(next)
        });
        let row = HospitalRow {
            id,
            code: i.code.clone(),
            name: i.name.clone(),
            kind: i.kind.clone(),
            level: i.level,
            grade: i.grade.clone(),
            division: i.division.clone(),
            scheme: i.scheme,
            profile: i.profile.clone(),
            active: i.active,
        };
        (row, AccessKey { key: i.key.clone(), hospital: id, secret: i.secret.clone() })
    };
    let (rows, keys): (Vec<_>, Vec<_>) = institutions.iter().map(row).unzip();
    store.put_hospitals(&rows, &keys)
}

/// Writes into the audit log who designated institutions, on a store that no centre runs on.
pub fn note_designated(
    writer: &mut dyn Writer,
    sealer: &Sealer,
    clock: &dyn Clock,
    by: &str,
    count: usize,
) -> Result<(), StoreError> {
    writer.load(&[] as &[Needs])?;
    let audit = AuditRow::new(clock.now(), "designate", format!("institutions {count}"));
    let audit = AuditRow { operator: by.into(), ..audit };
    let audits = vec![audit.behind(&writer.head(), sealer.day_keys())];
    Ok(writer.record(&Changes { audits, ..Changes::default() })?)
}

/// People written in one batch.
const BATCH: usize = 500;

/// Enrols people on a store that no centre runs on. `progress` is told how many are done.
pub fn enrol(
    writer: &mut dyn Writer,
    sealer: &Sealer,
    clock: &dyn Clock,
    people: &[Enrolment],
    progress: &mut dyn FnMut(usize),
) -> Result<(), StoreError> {
    let mut ids = writer.head().row_ids();
    for (n, batch) in people.chunks(BATCH).enumerate() {
        let now = clock.now();
        writer.load(&[] as &[Needs])?;
        let mut changes = Changes::default();
        for person in batch {
            let id = PersonId(ids.at(now).next());
            let filings =
                person.filings.iter().map(|filing| on_file(id, filing, FilingId(ids.next()))).collect();
            let record = PersonRecord { filings, ..record(person, id, sealer) };
            if record.state.held.total() > Money::ZERO {
                changes.journals.push(opening(&record, JournalId(ids.next()), now));
            }
            changes.persons.push(record);
        }
        let audit = AuditRow::new(now, "enrol", format!("persons {}", batch.len()));
        let audit = audit.behind(&writer.head(), sealer.day_keys());
        changes.audits.push(audit);
        writer.record(&changes)?;
        progress((n * BATCH + batch.len()).min(people.len()));
    }
    Ok(())
}

fn record(person: &Enrolment, id: PersonId, sealer: &Sealer) -> PersonRecord {
    let (current, prior) = person.opening;
    PersonRecord {
        row: PersonRow {
            id,
            number: person.number.clone(),
            name: person.name.clone(),
            document_kind: person.document_kind.clone(),
            document: sealer.seal("person.document", id.0, person.document.as_bytes()),
            document_hash: document_hash(&person.document_kind, &person.document, sealer),
            card_hash: (!person.card.is_empty()).then(|| sealer.search("person.card", &person.card)),
            gender: person.gender.clone(),
            born: person.born,
        },
        covers: person.covers.clone(),
        identities: person.identities.clone(),
        filings: Vec::new(),
        state: PersonState {
            version: 0,
            held: Held { current, prior, granted: Money::ZERO },
            on_hold: Money::ZERO,
            years: Vec::new(),
        },
    }
}

/// By which an identity document is searched for.
pub(crate) fn document_hash(kind: &str, number: &str, sealer: &Sealer) -> [u8; 16] {
    sealer.search("person.document", &format!("{kind} {number}"))
}

fn on_file(person: PersonId, filing: &OnFile, id: FilingId) -> FilingRow {
    FilingRow {
        id,
        person,
        kind: filing.kind,
        code: filing.code.clone(),
        insurance_kind: None,
        from: filing.from,
        to: filing.to,
        stands: true,
        hospital: None,
        message: None,
        facts: Vec::new(),
    }
}

fn opening(record: &PersonRecord, id: JournalId, now: jiff::civil::DateTime) -> JournalRow {
    let held = record.state.held;
    JournalRow {
        id,
        settlement: None,
        person: Some(record.row.id),
        hospital: None,
        insurance_kind: record.covers.first().map_or(InsuranceKind::EMPLOYEE, |c| c.kind),
        at: now,
        journal: Journal::account_credit(held.current, held.prior),
    }
}
