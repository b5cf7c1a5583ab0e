//! The desk of enrolment: people and employers come, change and go. Each change is an event of its own day; what was before
//! stays on it. On a store that no centre runs on, or beside one that shares its database: a person is locked.

mod bills;
mod change;
mod orders;
mod pairs;

use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use ledger::Journal;
use model::{
    Clock, Cover, Enrolment, EventKind, HospitalId, IdSource, Ids, InsuranceKind, JournalId, PersonNumber,
};
use money::Money;
use policy::Editions;
use store::{
    AuditRow, Changes, Counters, EventRow, JournalRow, Loaded, Needs, PersonRecord, Sealer, StoreError,
    UnitRow, Who, Writer,
};
use wire::Both;

pub use bills::{Owed, PaperBill, PaperLine, Reimbursed};
pub use change::{Identity, What};
pub use orders::Changed;

pub(crate) use bills::{beside, restored};
pub(crate) use change::{died, merged_into};

use crate::enrol::document_hash;
use change::Facts;

/// What is wrong with one row of a file, or with what an officer asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Which row, from 0.
    pub row: usize,
    /// Which column.
    pub column: &'static str,
    /// A code that never changes its meaning.
    pub code: &'static str,
    /// In words.
    pub words: Both,
    /// The row it is the same as.
    pub same_as: Option<usize>,
}

impl Trouble {
    pub(crate) fn new(column: &'static str, code: &'static str, words: Both) -> Self {
        Self { row: 0, column, code, words, same_as: None }
    }
}

/// A change of one person, as an officer tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Whose.
    pub number: PersonNumber,
    /// Of which insurance; none: of the one that holds.
    pub insurance: Option<InsuranceKind>,
    /// What.
    pub what: What,
    /// From which day on.
    pub day: Date,
    /// Why.
    pub why: String,
}

/// An employer, as an officer tells it; one that is there under the same code is another from this day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What kind: `enterprise`, `government`.
    pub kind: String,
    /// Division, six digits.
    pub division: String,
    /// First day.
    pub from: Date,
    /// Last day; none: open.
    pub to: Option<Date>,
    /// From which account it pays, and whom to ask.
    pub contact: String,
}

/// The desk.
pub struct PeopleDesk<'a> {
    writer: &'a mut dyn Writer,
    editions: &'a Editions,
    sealer: &'a Sealer,
    clock: &'a dyn Clock,
    ids: IdSource,
}

/// Rows looked at and written together.
const BATCH: usize = 500;

/// The label under which what was before is sealed.
pub(crate) const SAID: &str = "person_event.said";

impl<'a> PeopleDesk<'a> {
    /// On a writer that nobody else has.
    pub fn new(
        writer: &'a mut dyn Writer,
        editions: &'a Editions,
        sealer: &'a Sealer,
        clock: &'a dyn Clock,
    ) -> Self {
        let ids = writer.head().row_ids();
        Self { writer, editions, sealer, clock, ids }
    }

    /// Enrols people of a file, all of them or, where anything is wrong, none. `dry`: only what is wrong is told.
    pub fn enrol(
        &mut self,
        people: &[Enrolment],
        dry: bool,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Trouble>, StoreError> {
        let mut troubles = Vec::new();
        let mut seen = HashMap::new();
        for (first, batch) in (0..).step_by(BATCH).zip(people.chunks(BATCH)) {
            let mut needs = vec![Needs { units: true, ..Needs::of(HospitalId(0)) }];
            needs.extend(batch.iter().flat_map(|person| self.known_by(person)));
            let loaded = self.load(&needs)?;
            for (row, person) in (first..).zip(batch) {
                let keys = [
                    ("number", person.number.clone()),
                    ("document", format!("{} {}", person.document_kind, person.document)),
                ];
                let twice = keys.into_iter().find_map(|key| Some((key.0, seen.insert(key, row)?)));
                let twice = twice.map(|(column, other)| {
                    let words = Both::of("文件中重复", "it stands twice in the file");
                    Trouble { same_as: Some(other), ..Trouble::new(column, "TWICE_IN_FILE", words) }
                });
                let found = self.check_new(person, &loaded).err().or(twice);
                troubles.extend(found.map(|trouble| Trouble { row, ..trouble }));
            }
            self.writer.abandon();
        }
        if troubles.is_empty() && !dry {
            crate::enrol::enrol(self.writer, self.sealer, self.clock, people, progress)?;
        }
        Ok(troubles)
    }

    /// Who has the number or the document of somebody new.
    fn known_by(&self, person: &Enrolment) -> [Needs; 2] {
        let hash = document_hash(&person.document_kind, &person.document, self.sealer);
        [Who::Number(PersonNumber::from(&*person.number)), Who::Document(hash)]
            .map(|who| Needs { who, ..Needs::of(HospitalId(0)) })
    }

    fn check_new(&self, person: &Enrolment, loaded: &Loaded) -> Result<(), Trouble> {
        let hash = document_hash(&person.document_kind, &person.document, self.sealer);
        if loaded.persons.iter().any(|known| known.row.number == person.number) {
            let words = Both::of("该编号已有人", "somebody has this number already");
            return Err(Trouble::new("number", "NUMBER_TAKEN", words));
        }
        if let Some(known) = holder(&hash, loaded) {
            let number = &known.row.number;
            let words = Both::new(
                format!("该证件已参保,编号 {number};续保请用变更"),
                format!("the document is that of {number}; to insure again, use a change"),
            );
            return Err(Trouble::new("document", "DOCUMENT_TAKEN", words));
        }
        let facts = self.facts(loaded, self.clock.now().date(), None);
        person.covers.iter().try_for_each(|cover| facts.check_unit(&cover.employer, cover.from))
    }

    fn facts<'f>(&'f self, loaded: &'f Loaded, day: Date, insurance: Option<InsuranceKind>) -> Facts<'f> {
        let today = self.clock.now().date();
        Facts { today, insurance, units: &loaded.units, edition: self.editions.on(day) }
    }

    /// An event: with what the person was enrolled as before.
    fn event(&self, before: &PersonRecord, kind: EventKind, day: Date, by: &str) -> EventRow {
        event(before, kind, day, by, self.clock, self.sealer)
    }

    /// Enters employers, or changes them from a day on.
    pub fn put_units(&mut self, units: &[Unit], dry: bool) -> Result<Vec<Trouble>, StoreError> {
        let loaded = self.load(&[Needs { units: true, ..Needs::of(HospitalId(0)) }])?;
        let (mut changes, mut troubles) = (Changes::default(), Vec::new());
        let mut known = loaded.units;
        for (row, unit) in units.iter().enumerate() {
            let last = known.iter_mut().filter(|one| one.code == unit.code).max_by_key(|one| one.from);
            if let Some(last) = last {
                if last.from >= unit.from {
                    let from = last.from;
                    let words = Both::new(
                        format!("已有自 {from} 起的记录,新记录须在其后"),
                        format!("it is there from {from} on: a change must be of a later day"),
                    );
                    troubles.push(Trouble { row, ..Trouble::new("from", "UNIT_THERE", words) });
                    continue;
                }
                last.to = last.to.into_iter().chain(unit.from.yesterday().ok()).min();
                changes.units.push(last.clone());
            }
            let place = format!("unit.facts {} {}", unit.code, unit.from);
            let facts = self.sealer.seal(&place, 0, unit.contact.as_bytes());
            let new = UnitRow {
                code: unit.code.clone(),
                from: unit.from,
                to: unit.to,
                name: unit.name.clone(),
                kind: unit.kind.clone(),
                division: unit.division.clone(),
                facts,
            };
            known.push(new.clone());
            changes.units.push(new);
        }
        if dry || !troubles.is_empty() || changes.units.is_empty() {
            self.writer.abandon();
        } else {
            self.record(changes, &format!("employers {}", units.len()))?;
        }
        Ok(troubles)
    }

    fn journal(&mut self, record: &PersonRecord, kind: InsuranceKind, journal: Journal) -> JournalRow {
        let now = self.clock.now();
        JournalRow {
            id: JournalId(self.ids.at(now).next()),
            settlement: None,
            person: Some(record.row.id),
            hospital: None,
            insurance_kind: kind,
            at: now,
            journal,
        }
    }

    fn load(&mut self, needs: &[Needs]) -> Result<Loaded, StoreError> {
        self.writer.load(needs)
    }

    fn record(&mut self, mut changes: Changes, object: &str) -> Result<(), StoreError> {
        let audit = AuditRow::new(self.clock.now(), "people", object.to_owned());
        changes.audits.push(audit.behind(&self.writer.head(), self.sealer.day_keys()));
        Ok(self.writer.record(&changes)?)
    }
}

/// An event of a person: with what he was enrolled as before.
pub(crate) fn event(
    before: &PersonRecord,
    kind: EventKind,
    day: Date,
    by: &str,
    clock: &dyn Clock,
    sealer: &Sealer,
) -> EventRow {
    let id = before.row.id;
    EventRow {
        person: id,
        version: before.state.version + 1,
        kind,
        day,
        at: clock.now(),
        by: by.into(),
        why: String::new(),
        reference: String::new(),
        edition: String::new(),
        year: 0,
        inputs: Vec::new(),
        before: Counters::default(),
        change: Vec::new(),
        trail: Vec::new(),
        journal: None,
        said: sealer.seal(SAID, id.0, enrolled_as(before).as_bytes()),
    }
}

/// What a person is enrolled as, one insurance a line.
fn enrolled_as(record: &PersonRecord) -> String {
    let row = &record.row;
    let mut text = format!("{} {} {}\n", row.name, row.gender, row.born);
    for Cover { kind, from, to, person_type, status, premium, civil_servant, employer, division } in
        &record.covers
    {
        let to = to.map(|to| to.to_string()).unwrap_or_default();
        let servant = if *civil_servant { " servant" } else { "" };
        let _ = writeln!(
            text,
            "{kind} {from}..{to} {person_type} {status} {premium}{servant} {division} {employer}"
        );
    }
    text
}

fn find<'l>(loaded: &'l Loaded, number: &PersonNumber) -> Result<&'l PersonRecord, Trouble> {
    let found = loaded.persons.iter().find(|record| record.row.number == number.as_str());
    found.ok_or_else(|| {
        let words = Both::of("无此人员", "nobody has this number");
        Trouble::new("number", "PERSON_UNKNOWN", words)
    })
}

/// Whose document it is, of those that stand for themselves.
fn holder<'l>(hash: &[u8; 16], loaded: &'l Loaded) -> Option<&'l PersonRecord> {
    let standing = loaded.persons.iter().filter(|record| merged_into(record).is_none());
    standing.into_iter().find(|record| record.row.document_hash == *hash)
}

/// What a person was enrolled as before an event, one insurance a line.
pub fn enrolled_before(event: &EventRow, sealer: &Sealer) -> String {
    let opened = sealer.open(SAID, event.person.0, &event.said).unwrap_or_default();
    String::from_utf8(opened).unwrap_or_default()
}

/// What funds owe as a journal: each its part, together to the person.
pub(crate) fn to_person(amounts: &model::Amounts) -> Option<Journal> {
    let parts = model::Fund::ALL.iter().map(|fund| (*fund, amounts.fund(*fund)));
    let journal = Journal::paid_by_funds(parts);
    (journal.paid_to_person() != Money::ZERO).then_some(journal)
}
