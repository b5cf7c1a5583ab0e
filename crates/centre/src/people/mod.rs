//! The desk of enrolment: people and employers come, change and go. Each change is an event of its own day; what was before
//! stays on it. On a store that no centre runs on, or beside one that shares its database: a person is locked.

mod bills;
mod change;

use std::fmt::Write as _;

use jiff::civil::Date;
use ledger::{Held, Journal};
use model::{
    Clock, Cover, Enrolment, EventKind, FilingKind, HospitalId, IdSource, Ids, InsuranceKind, JournalId,
    PersonNumber,
};
use money::Money;
use policy::Editions;
use store::{
    AuditRow, Changes, Counters, EventRow, JournalRow, Loaded, Needs, PersonRecord, Sealer, StoreError,
    UnitRow, Who, Writer,
};
use wire::Both;

pub(crate) use bills::beside;
pub use bills::{Owed, PaperBill, PaperLine, Reimbursed};
pub use change::{Identity, What};
pub(crate) use change::{died, merged_into};

use crate::bill::add_counters;
use change::{Facts, apply, filing, must_live};

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
}

impl Trouble {
    pub(crate) fn new(column: &'static str, code: &'static str, words: Both) -> Self {
        Self { row: 0, column, code, words }
    }
}

/// A change of one person, as an officer tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Whose.
    pub number: PersonNumber,
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
        let mut seen = std::collections::HashMap::new();
        for (first, batch) in (0..).step_by(BATCH).zip(people.chunks(BATCH)) {
            let needs: Vec<Needs> = batch.iter().flat_map(|person| self.known_by(person)).collect();
            let loaded = self.load(&needs)?;
            for (row, person) in (first..).zip(batch) {
                let found = self.check_new(person, &loaded).err();
                let twice = [("number", person.number.clone()), ("document", document_text(person))]
                    .into_iter()
                    .find_map(|(column, key)| Some((column, seen.insert((column, key), row)?)));
                let twice = twice.map(|(column, line)| {
                    let line = line + 2;
                    let words = Both::new(format!("与第 {line} 行相同"), format!("the same as line {line}"));
                    Trouble::new(column, "TWICE_IN_FILE", words)
                });
                troubles.extend(found.or(twice).map(|trouble| Trouble { row, ..trouble }));
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
        let by = |who| Needs { who, units: true, ..Needs::of(HospitalId(0)) };
        let hash = self.sealer.search("person.document", &document_text(person));
        [by(Who::Number(PersonNumber::from(&*person.number))), by(Who::Document(hash))]
    }

    fn check_new(&self, person: &Enrolment, loaded: &Loaded) -> Result<(), Trouble> {
        let hash = self.sealer.search("person.document", &document_text(person));
        if loaded.persons.iter().any(|known| known.row.number == person.number) {
            let words = Both::of("该编号已有人", "somebody has this number already");
            return Err(Trouble::new("number", "NUMBER_TAKEN", words));
        }
        if let Some(known) = loaded.persons.iter().find(|known| known.row.document_hash == hash) {
            let number = &known.row.number;
            let words = Both::new(
                format!("该证件已参保,编号 {number};续保请用变更"),
                format!("the document is that of {number}; to insure again, use a change"),
            );
            return Err(Trouble::new("document", "DOCUMENT_TAKEN", words));
        }
        let facts = self.facts(loaded, self.clock.now().date());
        person.covers.iter().try_for_each(|cover| facts.check_unit(&cover.employer, cover.from))
    }

    fn facts<'f>(&'f self, loaded: &'f Loaded, day: Date) -> Facts<'f> {
        let today = self.clock.now().date();
        Facts { today, units: &loaded.units, edition: self.editions.on(day) }
    }

    /// Makes changes, all of them or, where anything is wrong, none. Several of one person are made in their order. `dry`: only
    /// what is wrong is told.
    pub fn change(&mut self, orders: &[Order], by: &str, dry: bool) -> Result<Vec<Trouble>, StoreError> {
        let mut troubles = Vec::new();
        let mut batches: Vec<std::ops::Range<usize>> = Vec::new();
        // No person is in two batches at once: what the first would do is seen by the second.
        let mut order: Vec<usize> = (0..orders.len()).collect();
        order.sort_by_key(|at| &orders[*at].number);
        let mut start = 0;
        while start < order.len() {
            let mut end = (start + BATCH).min(order.len());
            while end < order.len() && orders[order[end]].number == orders[order[end - 1]].number {
                end += 1;
            }
            batches.push(start..end);
            start = end;
        }
        for write in [false, true] {
            for batch in &batches {
                let rows = &order[batch.clone()];
                let loaded = self.load(&self.needs_of(rows.iter().map(|at| &orders[*at])))?;
                match self.changed(rows.iter().map(|at| (*at, &orders[*at])), by, &loaded) {
                    Ok(changes) if write => self.record(changes, &format!("changes {}", rows.len()))?,
                    Ok(_) => self.writer.abandon(),
                    Err(found) => {
                        self.writer.abandon();
                        troubles.extend(found);
                    }
                }
            }
            if dry || !troubles.is_empty() {
                break;
            }
        }
        troubles.sort_by_key(|trouble| trouble.row);
        Ok(troubles)
    }

    fn needs_of<'o>(&self, orders: impl Iterator<Item = &'o Order>) -> Vec<Needs> {
        let mut needs = Vec::new();
        for order in orders {
            let of = || Needs::of(HospitalId(0));
            needs.push(Needs { who: Who::Number(order.number.clone()), ..of() });
            if let What::Corrected(identity) = &order.what {
                let hash = self
                    .sealer
                    .search("person.document", &format!("{} {}", identity.document_kind, identity.document));
                needs.push(Needs { who: Who::Document(hash), ..of() });
            }
        }
        needs.push(Needs { units: true, ..Needs::of(HospitalId(0)) });
        needs
    }

    /// What changes come to, one behind the other.
    fn changed<'o>(
        &mut self,
        orders: impl Iterator<Item = (usize, &'o Order)>,
        by: &str,
        loaded: &Loaded,
    ) -> Result<Changes, Vec<Trouble>> {
        let now = self.clock.now();
        let (mut changes, mut troubles) = (Changes::default(), Vec::new());
        let mut records: Vec<(i64, PersonRecord)> = Vec::new();
        for (row, order) in orders {
            let place = match records.iter().position(|(_, r)| r.row.number == order.number.as_str()) {
                Some(place) => place,
                None => match find(loaded, &order.number) {
                    Ok(record) => {
                        records.push((record.state.version, record.clone()));
                        records.len() - 1
                    }
                    Err(trouble) => {
                        troubles.push(Trouble { row, ..trouble });
                        continue;
                    }
                },
            };
            let before = records[place].1.clone();
            let facts = self.facts(loaded, order.day);
            let after = apply(&before, &order.what, order.day, &facts)
                .and_then(|after| self.identified(after, &order.what, loaded));
            let mut after = match after {
                Ok(after) => after,
                Err(trouble) => {
                    troubles.push(Trouble { row, ..trouble });
                    continue;
                }
            };
            if order.what == What::Died {
                let filing = filing(&after, self.ids.at(now).next(), FilingKind::Died, "", order.day);
                after.filings.push(filing.clone());
                changes.filings.push(filing);
            }
            after.state.version += 1;
            changes.events.push(EventRow {
                why: order.why.clone(),
                ..self.event(&before, &after, order.what.kind(), order.day, by)
            });
            records[place].1 = after;
        }
        if !troubles.is_empty() {
            return Err(troubles);
        }
        for (version, record) in records {
            changes.states.push((record.row.id, version, record.state.clone()));
            changes.enrolled.push(record);
        }
        Ok(changes)
    }

    /// The record with who it is set right.
    fn identified(
        &self,
        record: PersonRecord,
        what: &What,
        loaded: &Loaded,
    ) -> Result<PersonRecord, Trouble> {
        let What::Corrected(identity) = what else { return Ok(record) };
        let mut row = record.row.clone();
        for (told, place) in [(&identity.name, &mut row.name), (&identity.gender, &mut row.gender)] {
            if !told.is_empty() {
                told.clone_into(place);
            }
        }
        row.born = identity.born.unwrap_or(row.born);
        if !identity.card.is_empty() {
            row.card_hash = Some(self.sealer.search("person.card", &identity.card));
        }
        if !identity.document.is_empty() {
            identity.document_kind.clone_into(&mut row.document_kind);
            let text = format!("{} {}", identity.document_kind, identity.document);
            row.document_hash = self.sealer.search("person.document", &text);
            row.document = self.sealer.seal("person.document", row.id.0, identity.document.as_bytes());
            let other = loaded
                .persons
                .iter()
                .find(|other| other.row.document_hash == row.document_hash && other.row.id != row.id);
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
        }
        Ok(PersonRecord { row, ..record })
    }

    /// An event: with what the person was enrolled as before.
    fn event(
        &self,
        before: &PersonRecord,
        after: &PersonRecord,
        kind: EventKind,
        day: Date,
        by: &str,
    ) -> EventRow {
        event(before, after.state.version, kind, day, by, self.clock, self.sealer)
    }

    /// Makes one person of two records, by two officers: what the second's account holds, what it used of the year, and what it
    /// has on file come to the first; the second is closed and leads to the first. Bills stay where they are.
    pub fn merge(
        &mut self,
        [from, into]: [&PersonNumber; 2],
        by: [&str; 2],
        why: &str,
    ) -> Result<Option<Trouble>, StoreError> {
        if by[0].trim() == by[1].trim() || by.iter().any(|name| name.trim().is_empty()) {
            let words = Both::of("须由两人办理", "two officers are needed");
            return Ok(Some(Trouble::new("with", "TWO_OFFICERS", words)));
        }
        let who = |number: &PersonNumber| Needs {
            who: Who::Number(number.clone()),
            open_stays: true,
            ..Needs::of(HospitalId(0))
        };
        let loaded = self.load(&[who(from), who(into)])?;
        match self.merging([from, into], &format!("{} / {}", by[0].trim(), by[1].trim()), why, &loaded) {
            Ok(changes) => self.record(changes, &format!("merge {from} into {into}")).map(|()| None),
            Err(trouble) => {
                self.writer.abandon();
                Ok(Some(trouble))
            }
        }
    }

    fn merging(
        &mut self,
        [from, into]: [&PersonNumber; 2],
        by: &str,
        why: &str,
        loaded: &Loaded,
    ) -> Result<Changes, Trouble> {
        let (second, first) = (find(loaded, from)?, find(loaded, into)?);
        let now = self.clock.now();
        let today = now.date();
        if second.row.id == first.row.id {
            let words = Both::of("不能与自己合并", "nobody is merged with himself");
            return Err(Trouble::new("into", "SAME_PERSON", words));
        }
        must_live(second, today)?;
        must_live(first, today)?;
        if let Some(stay) = loaded.encounters.iter().find(|row| row.person == second.row.id && row.stay) {
            let since = stay.begins.date();
            let words = Both::new(
                format!("{from} 自 {since} 住院未结,请先结算"),
                format!("{from} is in hospital since {since}: settle that first"),
            );
            return Err(Trouble::new("from", "STAY_OPEN", words));
        }
        if !second.state.on_hold.is_zero() {
            let words = Both::of("账户有冻结金额", "a part of its account is promised away");
            return Err(Trouble::new("from", "ACCOUNT_HELD", words));
        }
        let mut changes = Changes::default();
        let moved = second.state.held;
        let negative = negated(moved);
        let mut closed = second.clone();
        closed.covers = second.covers.iter().filter(|cover| cover.from < today).cloned().collect();
        let last = today.yesterday().unwrap_or(today);
        closed.covers.iter_mut().for_each(|c| c.to = c.to.filter(|to| *to <= last).or(Some(last)));
        closed.row.card_hash = None;
        changes.filings.push(filing(
            second,
            self.ids.at(now).next(),
            FilingKind::Merged,
            into.as_str(),
            today,
        ));
        let mut one = first.clone();
        for known in second.filings.iter().filter(|filing| filing.stands && !on_file_of(first, filing)) {
            let id = self.ids.next();
            changes.filings.push(store::FilingRow {
                id: model::FilingId(id),
                person: first.row.id,
                ..known.clone()
            });
        }
        for (year, used) in &second.state.years {
            add_counters(&mut one.state.years, *year, used);
        }
        for (record, other, amounts, years) in
            [(&mut closed, into, negative, Vec::new()), (&mut one, from, moved, second.state.years.clone())]
        {
            let before = record.clone();
            let journal = (moved != Held::default()).then(|| Journal::into_account(amounts));
            record.state.version += 1;
            let journal = journal.map(|journal| self.journal(record, journal));
            record.state.held =
                journal.as_ref().map_or(record.state.held, |j| record.state.held.after(&j.journal));
            changes.events.push(EventRow {
                why: why.into(),
                reference: other.to_string(),
                change: years,
                journal: journal.as_ref().map(|journal| journal.id),
                ..self.event(&before, record, EventKind::Merged, today, by)
            });
            changes.journals.extend(journal);
        }
        for (before, record) in [(second, closed), (first, one)] {
            changes.states.push((record.row.id, before.state.version, record.state.clone()));
            changes.enrolled.push(record);
        }
        Ok(changes)
    }

    /// Gives money of one account for another person's bills; an amount below zero gives back what is left of it. Which relatives
    /// may is the officer's to know; whether any may, the edition's.
    pub fn lend(
        &mut self,
        [from, to]: [&PersonNumber; 2],
        amount: Money,
        by: &str,
        why: &str,
    ) -> Result<Option<Trouble>, StoreError> {
        let who =
            |number: &PersonNumber| Needs { who: Who::Number(number.clone()), ..Needs::of(HospitalId(0)) };
        let loaded = self.load(&[who(from), who(to)])?;
        match self.lending([from, to], amount, by, why, &loaded) {
            Ok(changes) => self.record(changes, &format!("lend {from} to {to}")).map(|()| None),
            Err(trouble) => {
                self.writer.abandon();
                Ok(Some(trouble))
            }
        }
    }

    fn lending(
        &mut self,
        [from, to]: [&PersonNumber; 2],
        amount: Money,
        by: &str,
        why: &str,
        loaded: &Loaded,
    ) -> Result<Changes, Trouble> {
        let (giver, taker) = (find(loaded, from)?, find(loaded, to)?);
        let today = self.clock.now().date();
        must_live(giver, today)?;
        must_live(taker, today)?;
        if giver.row.id == taker.row.id || amount.is_zero() {
            let words = Both::of("须为两人,金额不为零", "it takes two persons and an amount");
            return Err(Trouble::new("amount", "NOTHING_LENT", words));
        }
        if !self.editions.on(today).is_some_and(policy::Edition::relatives_pay) {
            let words = Both::of("政策版本不允许家庭共济", "the edition has no money of relatives");
            return Err(Trouble::new("to", "NOT_OFFERED", words));
        }
        let held = giver.state.held;
        let (free, given) = (held.total() - giver.state.on_hold, taker.state.held.granted);
        if amount > free || -amount > given {
            let words = Both::new(
                format!("账户可用 {free},已共济未用 {given}"),
                format!("the account has {free}, and {given} of what was given is left"),
            );
            return Err(Trouble::new("amount", "ACCOUNT_SHORT", words));
        }
        // This year's money goes first, and what comes back is of this year.
        let current = amount.min(held.current);
        let out = Held { current: -current, prior: current - amount, granted: Money::ZERO };
        let into = Held { granted: amount, ..Held::default() };
        let mut changes = Changes::default();
        for (record, other, moved) in [(giver, to, out), (taker, from, into)] {
            let mut after = record.clone();
            after.state.version += 1;
            let journal = self.journal(&after, Journal::into_account(moved));
            after.state.held = record.state.held.after(&journal.journal);
            changes.events.push(EventRow {
                why: why.into(),
                reference: other.to_string(),
                journal: Some(journal.id),
                ..self.event(record, &after, EventKind::Lent, today, by)
            });
            changes.journals.push(journal);
            changes.states.push((record.row.id, record.state.version, after.state));
        }
        Ok(changes)
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

    fn journal(&mut self, record: &PersonRecord, journal: Journal) -> JournalRow {
        let now = self.clock.now();
        JournalRow {
            id: JournalId(self.ids.at(now).next()),
            settlement: None,
            person: Some(record.row.id),
            hospital: None,
            insurance_kind: record.covers.first().map_or(InsuranceKind::EMPLOYEE, |cover| cover.kind),
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
    version: i64,
    kind: EventKind,
    day: Date,
    by: &str,
    clock: &dyn Clock,
    sealer: &Sealer,
) -> EventRow {
    let id = before.row.id;
    EventRow {
        person: id,
        version,
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

fn negated(held: Held) -> Held {
    Held { current: -held.current, prior: -held.prior, granted: -held.granted }
}

/// Whether a person has the same on file.
fn on_file_of(record: &PersonRecord, other: &store::FilingRow) -> bool {
    let alike = |own: &store::FilingRow| own.stands && (own.kind, &own.code) == (other.kind, &other.code);
    record.filings.iter().any(alike)
}

fn document_text(person: &Enrolment) -> String {
    format!("{} {}", person.document_kind, person.document)
}

/// What funds owe as a journal: each its part, together to the person.
pub(crate) fn to_person(amounts: &model::Amounts) -> Option<Journal> {
    let parts = model::Fund::ALL.iter().map(|fund| (*fund, amounts.fund(*fund)));
    let journal = Journal::paid_by_funds(parts);
    (journal.paid_to_person() != Money::ZERO).then_some(journal)
}
