//! Loads what a batch needs, each row once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write;
use std::sync::LazyLock;

use jiff::civil::DateTime;
use model::{EncounterId, HospitalId, PersonId, RegisterKind, SettlementId};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use store::{
    EncounterRow, LineRow, Loaded, Made, MessageRow, Needs, OffsiteOf, PersonRecord, Registers, SettledOf,
    SettlementRow, StoreError, TotalRow, VISITS_MAX, Visits, Who,
};
use tables::Enrolled;

use crate::columns::{self, read};
use crate::fault;

type Read<T> = rusqlite::Result<T>;

pub(crate) fn load(connection: &Connection, needs: &[Needs]) -> Result<Loaded, StoreError> {
    let loader = Loader {
        connection,
        loaded: Loaded::default(),
        wanted: Wanted::default(),
        numbers: HashMap::new(),
        seen_persons: HashSet::new(),
        sql: String::new(),
    };
    loader.load(needs).map_err(fault("loading", "batch"))
}

/// Keys found on the way, each once and in order.
#[derive(Default)]
struct Wanted {
    persons: BTreeSet<PersonId>,
    encounters: BTreeSet<(HospitalId, EncounterId)>,
    messages: HashSet<i64>,
}

struct Loader<'c> {
    connection: &'c Connection,
    loaded: Loaded,
    wanted: Wanted,
    /// Persons asked for by number, found or not.
    numbers: HashMap<String, Option<PersonId>>,
    /// Persons loaded.
    seen_persons: HashSet<PersonId>,
    sql: String,
}

/// Of the empty visits under one number the newest: one opened twice is among them, however many patients a program
/// writes one number on.
const CANDIDATES: i64 = 20;

/// Of an ordinary bill: room made ahead.
const LINES: usize = 12;

impl Loader<'_> {
    fn load(mut self, needs: &[Needs]) -> Read<Loaded> {
        for need in needs {
            self.messages(need)?;
            self.sign_ins(need)?;
            self.who(need)?;
            self.visits(need)?;
        }
        for need in needs {
            self.asked(need)?;
        }
        let encounters = std::mem::take(&mut self.wanted.encounters);
        self.loaded.lines.reserve(encounters.len() * LINES);
        for (hospital, encounter) in encounters {
            self.encounter(hospital, encounter)?;
        }
        for need in needs.iter().filter(|need| need.stay_before) {
            self.stay_before(need)?;
        }
        for need in needs.iter().filter(|need| need.uploads) {
            self.uploads(need)?;
        }
        for need in needs.iter().filter(|need| need.agreed) {
            self.agreed(need)?;
        }
        for person in std::mem::take(&mut self.wanted.persons) {
            self.person(person)?;
        }
        Ok(self.loaded)
    }

    fn one<T>(
        &mut self,
        columns: &str,
        rest: &str,
        values: &[&dyn ToSql],
        read: impl Fn(&Row<'_>) -> Read<T>,
    ) -> Read<Option<T>> {
        self.compose(columns, rest);
        self.connection.prepare_cached(&self.sql)?.query_row(values, read).optional()
    }

    fn many<T>(
        &mut self,
        columns: &str,
        rest: &str,
        values: &[&dyn ToSql],
        read: impl Fn(&Row<'_>) -> Read<T>,
    ) -> Read<Vec<T>> {
        self.compose(columns, rest);
        let mut statement = self.connection.prepare_cached(&self.sql)?;
        statement.query_map(values, read)?.collect()
    }

    fn compose(&mut self, columns: &str, rest: &str) {
        self.sql.clear();
        let _ = write!(self.sql, "select {columns} from {rest}");
    }

    fn messages(&mut self, need: &Needs) -> Read<()> {
        if let Some(key) = &need.message {
            let found = self.one(
                tables::MESSAGE.list,
                "message where hospital = ?1 and infno = ?2 and msgid = ?3 and content = ?4",
                &[&key.hospital.0, &key.infno, &key.msgid, &key.content],
                read(tables::message),
            )?;
            self.keep_message(found);
        }
        if let Some((infno, msgid)) = &need.original {
            let found = self.many(
                tables::MESSAGE.list,
                "message where hospital = ?1 and infno = ?2 and msgid = ?3",
                &[&need.hospital.0, infno, msgid],
                read(tables::message),
            )?;
            for message in found {
                self.follow(need.hospital, &message)?;
                self.keep_message(Some(message));
            }
        }
        Ok(())
    }

    fn keep_message(&mut self, message: Option<MessageRow>) {
        if let Some(message) = message.filter(|m| self.wanted.messages.insert(m.id.0)) {
            self.loaded.messages.push(message);
        }
    }

    /// From a message to what it made.
    fn follow(&mut self, hospital: HospitalId, message: &MessageRow) -> Read<()> {
        self.wanted.persons.extend(message.person);
        match message.made {
            Made::Nothing => Ok(()),
            Made::Encounter(encounter) => {
                self.wanted.encounters.insert((hospital, encounter));
                Ok(())
            }
            Made::Settlement(settlement) => self.settlement(hospital, settlement),
        }
    }

    fn settlement(&mut self, hospital: HospitalId, settlement: SettlementId) -> Read<()> {
        let found: Option<(i64, i64)> = self
            .connection
            .prepare_cached(
                "select encounter, person from settlement where hospital = ?1 and settlement = ?2",
            )?
            .query_row(params![hospital.0, settlement.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((encounter, person)) = found {
            self.wanted.encounters.insert((hospital, EncounterId(encounter)));
            self.wanted.persons.insert(PersonId(person));
        }
        Ok(())
    }

    fn sign_ins(&mut self, need: &Needs) -> Read<()> {
        let known = |loaded: &Loaded, number: &str| {
            loaded.sign_ins.iter().any(|s| s.hospital == need.hospital && s.number == number)
        };
        let by_number = match &need.sign_in_number {
            Some(number) if !known(&self.loaded, number) => self.one(
                tables::SIGN_IN.list,
                "sign_in where hospital = ?1 and number = ?2",
                &[&need.hospital.0, number],
                read(tables::sign_in),
            )?,
            _ => None,
        };
        let by_operator = match &need.operator {
            Some(operator) => self.one(
                tables::SIGN_IN.list,
                "sign_in where hospital = ?1 and operator = ?2 order by opened desc limit 1",
                &[&need.hospital.0, operator],
                read(tables::sign_in),
            )?,
            None => None,
        };
        for found in [by_number, by_operator].into_iter().flatten() {
            if !known(&self.loaded, &found.number) {
                self.loaded.sign_ins.push(found);
            }
        }
        Ok(())
    }

    fn who(&mut self, need: &Needs) -> Read<()> {
        let persons: Vec<i64> = match &need.who {
            Who::Nobody => return Ok(()),
            Who::Number(number) => self.numbered(number.as_str())?.map(|id| id.0).into_iter().collect(),
            Who::Document(hash) => {
                self.many("person", "person where document_hash = ?1", &[&&hash[..]], |row| row.get(0))?
            }
            Who::Card(hash) => {
                self.many("person", "person where card_hash = ?1", &[&&hash[..]], |row| row.get(0))?
            }
            Who::OwnerOf(settlement) => {
                let of = "settlement where hospital = ?1 and settlement = ?2";
                self.many("person", of, &[&need.hospital.0, &settlement.0], |row| row.get(0))?
            }
        };
        for person in persons.into_iter().map(PersonId) {
            self.wanted.persons.insert(person);
            self.credit(person, need)?;
            if let Who::Document(hash) | Who::Card(hash) = &need.who {
                self.loaded.hashes.push((*hash, person));
            }
            if need.open_stays {
                self.open_stays(person)?;
            }
            if need.premiums {
                let of = "premium where person = ?1 order by month";
                let found = self.many(tables::PREMIUM.list, of, &[&person.0], read(tables::premium))?;
                self.loaded.premiums.extend(found);
            }
            if need.events {
                let of = "person_event where person = ?1 order by version";
                let found = self.many(tables::EVENT.list, of, &[&person.0], read(tables::event))?;
                self.loaded.events.extend(found);
            }
            if let Some((infno, _)) = need.original.as_ref().filter(|_| need.near_original) {
                self.near(need.hospital, person, infno)?;
            }
        }
        Ok(())
    }

    fn credit(&mut self, person: PersonId, need: &Needs) -> Read<()> {
        let Some((kind, period)) = &need.credit else { return Ok(()) };
        let found = self.many(
            tables::CREDIT.list,
            "credit where person = ?1 and kind = ?2 and (period = ?3 or period glob ?3 || ':*')",
            &[&person.0, &kind.word(), period],
            read(tables::credit),
        )?;
        self.loaded.credits.extend(found);
        Ok(())
    }

    /// A person by number, loaded on the spot: that is the way most messages name one.
    fn numbered(&mut self, number: &str) -> Read<Option<PersonId>> {
        if let Some(known) = self.numbers.get(number) {
            return Ok(*known);
        }
        let found = person_record(self.connection, &columns::PERSON_BY_NUMBER, &number)?;
        let id = found.as_ref().map(|record| record.row.id);
        self.numbers.insert(number.to_owned(), id);
        // Found before by another key, it is loaded already.
        if let Some(record) = found.filter(|record| self.seen_persons.insert(record.row.id)) {
            self.loaded.persons.push(record);
        }
        Ok(id)
    }

    fn open_stays(&mut self, person: PersonId) -> Read<()> {
        let found: Vec<(i64, i64)> = self.many(
            "hospital, encounter",
            "encounter where person = ?1 and stay = 1 and state = 'open'",
            &[&person.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let keys =
            found.into_iter().map(|(hospital, encounter)| (HospitalId(hospital), EncounterId(encounter)));
        self.wanted.encounters.extend(keys);
        Ok(())
    }

    /// Money messages of a person and number, for an original that is not found by its id.
    fn near(&mut self, hospital: HospitalId, person: PersonId, infno: &str) -> Read<()> {
        let found = self.many(
            &bare(),
            "message where message in (select message from settlement where person = ?1 and hospital = ?3 \
             order by version desc limit 100) and infno = ?2 limit 20",
            &[&person.0, &infno, &hospital.0],
            read(tables::message),
        )?;
        for message in found {
            self.follow(hospital, &message)?;
            self.keep_message(Some(message));
        }
        Ok(())
    }

    fn visits(&mut self, need: &Needs) -> Read<()> {
        self.wanted.encounters.extend(need.encounter.map(|e| (need.hospital, e)));
        if let Some(number) = &need.visit_number {
            let found: Vec<i64> = self.many(
                "encounter",
                "encounter e indexed by encounter_visit_number \
                 where hospital = ?1 and visit_number = ?2 and state = 'open' \
                 and not exists (select 1 from fee_line f where f.hospital = e.hospital and f.encounter = e.encounter) \
                 order by encounter desc limit ?3",
                &[&need.hospital.0, number, &CANDIDATES],
                |row| row.get(0),
            )?;
            self.wanted.encounters.extend(found.into_iter().map(|e| (need.hospital, EncounterId(e))));
        }
        match need.settlement {
            Some(settlement) => self.settlement(need.hospital, settlement),
            None => Ok(()),
        }
    }

    /// What few messages ask for.
    fn asked(&mut self, need: &Needs) -> Read<()> {
        let hospital = need.hospital.0;
        need.registers.iter().try_for_each(|registers| self.registers(hospital, registers))?;
        need.traces.iter().try_for_each(|code| self.traced(code))?;
        if let Some(encounter) = need.encounter.filter(|_| need.diagnoses) {
            let of = "diagnosis where hospital = ?1 and encounter = ?2 order by kind, number";
            let list = tables::DIAGNOSIS.list;
            let found = self.many(list, of, &[&hospital, &encounter.0], read(tables::diagnosis))?;
            self.loaded.diagnoses.extend(found);
        }
        if let Some(of) = &need.totals {
            let (from, to) = (store::write_time(of.from), store::write_time(of.to));
            let kind = i64::from(of.insurance_kind.0);
            let values: [&dyn ToSql; 5] = [&need.hospital.0, &kind, &of.clearing_kind, &from, &to];
            let mut sums = self.connection.prepare_cached(&TOTALS)?;
            let found = sums.query_map(&values[..], read(tables::total))?;
            let found: Vec<TotalRow> = found.collect::<Read<_>>()?;
            self.loaded.totals.extend(found.into_iter().map(|row| (need.hospital, of.clone(), row)));
        }
        if let Some(of) = &need.settled {
            self.settled(need.hospital.0, of)?;
        }
        if let Some((kinds, first, to)) = &need.claims {
            let (from, to) = (store::write_time(*first), store::write_time(*to));
            let mut claims = self.connection.prepare_cached(&CLAIMS)?;
            for kind in kinds {
                let values: [&dyn ToSql; 4] = [&hospital, kind, &from, &to];
                let found = claims.query_map(&values[..], read(tables::claim))?;
                found.into_iter().try_for_each(|row| {
                    row.map(|row| self.loaded.claims.push((need.hospital, *first, row)))
                })?;
            }
        }
        if let Some(paper) = &need.paper {
            let of = "person_event where kind = 'reimbursed' and reference = ?1";
            let found = self.many(tables::EVENT.list, of, &[paper], read(tables::event))?;
            self.loaded.events.extend(found);
        }
        if let Some(of) = &need.offsite {
            self.offsite(hospital, of)?;
        }
        if need.units {
            let of = "unit order by code, from_day";
            let found = self.many(tables::UNIT.list, of, &[], read(tables::unit))?;
            self.loaded.units.extend(found);
        }
        if need.clearings {
            let of = "clearing where hospital = ?1 order by period, number";
            let found = self.many(tables::CLEARING.list, of, &[&hospital], read(tables::clearing))?;
            self.loaded.clearings.extend(found);
        }
        need.visits.map_or(Ok(()), |(visits, from, to)| self.listed(need, visits, from, to))
    }

    fn offsite(&mut self, hospital: i64, of: &OffsiteOf) -> Read<()> {
        let texts = match of {
            OffsiteOf::Days(from, to) => [store::write_time(*from), store::write_time(*to)],
            OffsiteOf::Settlement(_) => [String::new(), String::new()],
            OffsiteOf::Message(infno, msgid) => [infno.clone(), msgid.clone()],
        };
        let number = if let OffsiteOf::Settlement(id) = of { id.0 } else { 0 };
        let (sql, values): (&str, [&dyn ToSql; 3]) = match of {
            OffsiteOf::Days(..) => (&OFFSITE_ON, [&hospital, &texts[0], &texts[1]]),
            OffsiteOf::Settlement(_) => (&OFFSITE_AS, [&hospital, &number, &number]),
            OffsiteOf::Message(..) => (&OFFSITE_BY, [&hospital, &texts[0], &texts[1]]),
        };
        let mut rows = self.connection.prepare_cached(sql)?;
        let found = rows.query_map(&values[..], read(tables::offsite_said))?;
        found.into_iter().try_for_each(|row| row.map(|row| self.loaded.offsite.push(row)))
    }

    fn settled(&mut self, hospital: i64, of: &SettledOf) -> Read<()> {
        match of {
            SettledOf::Days(kinds, from, to) => {
                let (from, to) = (store::write_time(*from), store::write_time(*to));
                let mut rows = self.connection.prepare_cached(&SETTLED_ON)?;
                for kind in kinds {
                    let values: [&dyn ToSql; 4] = [kind, &hospital, &from, &to];
                    let found = rows.query_map(&values[..], read(tables::settled))?;
                    found.into_iter().try_for_each(|row| row.map(|row| self.loaded.settled.push(row)))?;
                }
            }
            SettledOf::Visits(visits) => {
                let mut rows = self.connection.prepare_cached(&SETTLED_OF_VISIT)?;
                for visit in visits {
                    let found = rows.query_map([&visit.0, &hospital], read(tables::settled))?;
                    found.into_iter().try_for_each(|row| row.map(|row| self.loaded.settled.push(row)))?;
                }
            }
            SettledOf::Named(named) => {
                let mut rows = self.connection.prepare_cached(&SETTLED_AS)?;
                let mut refunds = self.connection.prepare_cached(&REFUNDS_OF)?;
                for id in &named.settlements {
                    let found = rows.query_row([&hospital, &id.0], read(tables::settled)).optional()?;
                    let refund = refunds.query_row([&id.0, &hospital], read(tables::settled)).optional()?;
                    self.loaded.settled.extend([found, refund].into_iter().flatten());
                }
                let mut made = self.connection.prepare_cached(&SETTLED_BY)?;
                for (infno, msgid) in &named.messages {
                    let values: [&dyn ToSql; 3] = [&hospital, infno, msgid];
                    let found = made.query_row(&values[..], read(tables::settled)).optional()?;
                    self.loaded.settled.extend(found);
                }
                let visits = &named.visits;
                let known = "select 1 from encounter where hospital = ?1 and encounter = ?2";
                let mut known = self.connection.prepare_cached(known)?;
                for visit in visits {
                    if known.exists([&hospital, &visit.0])? {
                        self.loaded.known_visits.push(*visit);
                    }
                }
            }
        }
        Ok(())
    }

    fn registers(&mut self, hospital: i64, registers: &Registers) -> Read<()> {
        let register = tables::REGISTER.list;
        match registers {
            Registers::All(kind) => {
                let of = "register where hospital = ?1 and kind = ?2 order by key";
                let found = self.many(register, of, &[&hospital, &kind.word()], read(tables::register))?;
                self.loaded.registers.extend(found);
            }
            Registers::Under(kind, all) => {
                for what in all {
                    let [from, behind] = store::keys_under(what);
                    let of =
                        "register where hospital = ?1 and kind = ?2 and key >= ?3 and key < ?4 order by key";
                    let values: [&dyn ToSql; 4] = [&hospital, &kind.word(), &from, &behind];
                    let found = self.many(register, of, &values, read(tables::register))?;
                    self.loaded.registers.extend(found);
                }
            }
            Registers::Keys(kind, keys) => {
                for key in keys {
                    let of = "register where hospital = ?1 and kind = ?2 and key = ?3";
                    let found =
                        self.one(register, of, &[&hospital, &kind.word(), key], read(tables::register))?;
                    self.loaded.registers.extend(found);
                }
            }
        }
        Ok(())
    }

    /// Where packs of a trace code were sold, with those visits.
    fn traced(&mut self, code: &str) -> Read<()> {
        let [from, behind] = store::keys_under(code);
        let of = "register where kind = 'trace' and key >= ?1 and key < ?2";
        for row in self.many(tables::REGISTER.list, of, &[&from, &behind], read(tables::register))? {
            self.wanted.encounters.extend(row.traced().map(|(visit, _)| (row.hospital, visit)));
            self.loaded.registers.push(row);
        }
        Ok(())
    }

    fn listed(&mut self, need: &Needs, visits: Visits, from: DateTime, to: DateTime) -> Read<()> {
        let person = match &need.who {
            Who::Number(number) => self.numbered(number.as_str())?.map(|id| id.0),
            _ => None,
        };
        let (from, to, hospital) = (store::write_time(from), store::write_time(to), need.hospital.0);
        let (of, whose): (_, &[&dyn ToSql]) = match visits {
            Visits::OfPersonHere => ("person = ?3 and hospital = ?4", &[&person, &hospital]),
            Visits::OfPersonForDisease => ("person = ?3 and disease <> '' and stay = 0", &[&person]),
            Visits::OfPersonFully => ("person = ?3", &[&person]),
            Visits::StaysHere => ("hospital = ?3 and stay = 1 and state = 'open'", &[&hospital]),
        };
        let of = format!(
            "encounter where begins between ?1 and ?2 and {of} order by begins desc limit {VISITS_MAX}"
        );
        let values = [&[&from as &dyn ToSql, &to], whose].concat();
        for row in self.many(tables::ENCOUNTER.list, &of, &values, read(tables::encounter))? {
            self.wanted.persons.insert(row.person);
            if visits.with_lines() {
                self.wanted.encounters.insert((row.hospital, row.id));
            }
            self.loaded.listed.push(row);
        }
        Ok(())
    }

    /// Whether the days of settlements are agreed on.
    fn agreed(&mut self, need: &Needs) -> Read<()> {
        let here = self.loaded.settlements.iter().filter(|row| row.hospital == need.hospital);
        let key = |row: &SettlementRow| {
            store::reconciled_key(row.decided.date(), row.insurance_kind, &row.clearing_kind)
        };
        let keys: BTreeSet<String> = here.map(key).collect();
        let days = Registers::Keys(RegisterKind::ReconciledDay, keys.into_iter().collect());
        let closed = store::closing_keys(&self.loaded.settlements, need.hospital);
        let registers = vec![days, Registers::Keys(RegisterKind::Clearing, closed)];
        self.asked(&Needs { registers, ..Needs::of(need.hospital) })
    }

    /// The messages that brought the lines of a visit.
    fn uploads(&mut self, need: &Needs) -> Read<()> {
        let of = |line: &&LineRow| (line.hospital, Some(line.encounter)) == (need.hospital, need.encounter);
        let ids: BTreeSet<i64> =
            self.loaded.lines.iter().filter(of).filter_map(|line| Some(line.message?.0)).collect();
        for id in ids {
            let found =
                self.one(tables::MESSAGE.list, "message where message = ?1", &[&id], read(tables::message))?;
            self.keep_message(found);
        }
        Ok(())
    }

    fn encounter(&mut self, hospital: HospitalId, encounter: EncounterId) -> Read<()> {
        let key: [&dyn ToSql; 2] = [&hospital.0, &encounter.0];
        let found = self.one(
            tables::ENCOUNTER.list,
            "encounter where hospital = ?1 and encounter = ?2",
            &key,
            read(tables::encounter),
        )?;
        let Some(found) = found else { return Ok(()) };
        self.wanted.persons.insert(found.person);
        self.last_stay(&found)?;
        self.loaded.encounters.push(found);
        let lines = self.many(
            tables::LINE.list,
            "fee_line where hospital = ?1 and encounter = ?2 order by number",
            &key,
            read(tables::line),
        )?;
        self.loaded.lines.extend(lines);
        // Named, because the planner would rather walk all of the hospital's settlements by their primary key.
        let mut settlements = self.many(
            tables::SETTLEMENT.list,
            "settlement indexed by settlement_encounter where hospital = ?1 and encounter = ?2",
            &key,
            read(tables::settlement),
        )?;
        settlements.sort_unstable_by_key(|settlement| settlement.version);
        self.loaded.settlements.extend(settlements);
        Ok(())
    }

    /// The stay a referral may have come from.
    fn stay_before(&mut self, need: &Needs) -> Read<()> {
        let named =
            |row: &&EncounterRow| row.stay && (row.hospital, Some(row.id)) == (need.hospital, need.encounter);
        let Some(stay) = self.loaded.encounters.iter().find(named) else { return Ok(()) };
        if !self.loaded.is_referred(stay) {
            return Ok(());
        }
        let (own, person) = (stay.id.0, stay.person.0);
        let [from, to, ended_from, ended_to] = store::stay_before(stay.begins).map(store::write_time);
        let found: Vec<(i64, i64)> = self.many(
            "hospital, encounter",
            "encounter indexed by encounter_person where person = ?1 and begins between ?2 and ?3 \
             and encounter <> ?4 and stay = 1 and state = 'discharged' and ends between ?5 and ?6 \
             order by begins desc limit 1",
            &[&person, &from, &to, &own, &ended_from, &ended_to],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        for (hospital, encounter) in found.into_iter().map(|(h, e)| (HospitalId(h), EncounterId(e))) {
            let known = |row: &EncounterRow| (row.hospital, row.id) == (hospital, encounter);
            if !self.loaded.encounters.iter().any(known) {
                self.encounter(hospital, encounter)?;
            }
        }
        Ok(())
    }

    fn last_stay(&mut self, stay: &EncounterRow) -> Read<()> {
        if !stay.stay {
            return Ok(());
        }
        let ended: Option<String> = self
            .connection
            .prepare_cached(
                "select max(ends) from encounter indexed by encounter_stays \
                 where hospital = ?1 and person = ?2 and stay = 1 and state = 'discharged' and ends <= ?3 \
                 and encounter <> ?4",
            )?
            .query_row(
                params![stay.hospital.0, stay.person.0, store::write_time(stay.begins), stay.id.0],
                |row| row.get(0),
            )?;
        let ended = ended.and_then(|text| store::read_time(&text));
        self.loaded.last_stays.extend(ended.map(|ended| (stay.hospital, stay.id, ended)));
        Ok(())
    }

    fn person(&mut self, person: PersonId) -> Read<()> {
        if !self.seen_persons.insert(person) {
            return Ok(());
        }
        if let Some(record) = person_record(self.connection, &columns::PERSON_BY_ID, &person.0)? {
            self.loaded.persons.push(record);
        }
        Ok(())
    }
}

/// A message with the first byte of each of its texts: whether it is there.
pub(crate) fn bare() -> String {
    let text = |column| format!("ifnull(substr({column}, 1, 1), x'')");
    format!("{}, {}, {}", tables::MESSAGE_BARE.list, text("request"), text("reply"))
}

/// All there is of a person; `sql` is one of the two statements that find it by `key`.
pub(crate) fn person_record(
    connection: &Connection,
    sql: &str,
    key: &dyn ToSql,
) -> Read<Option<PersonRecord>> {
    let found = connection.prepare_cached(sql)?.query_row([key], read(tables::person)).optional()?;
    let Some((row, state)) = found else { return Ok(None) };
    let (mut covers, mut identities, mut filings) = (Vec::new(), Vec::new(), Vec::new());
    let mut statement = connection.prepare_cached(&ENROLLED)?;
    for enrolled in statement.query_map([row.id.0], read(tables::enrolled))? {
        match enrolled? {
            (_, Enrolled::Cover(cover)) => covers.push(cover),
            (_, Enrolled::Identity(identity)) => identities.push(identity),
            (_, Enrolled::Filing(filing)) => filings.push(filing),
        }
    }
    covers.sort_unstable_by_key(|cover| (cover.kind, cover.from));
    identities.sort_unstable_by_key(|identity| identity.from);
    filings.sort_unstable_by_key(|filing| filing.id);
    Ok(Some(PersonRecord { row, covers, identities, filings, state }))
}

/// All in one statement.
static TOTALS: LazyLock<String> = LazyLock::new(|| tables::totals_of(["?1", "?2", "?3", "?4", "?5"], " = 1"));

static SETTLED_ON: LazyLock<String> = LazyLock::new(|| {
    tables::settled_where("s.clearing_kind = ?1 and s.hospital = ?2 and s.decided between ?3 and ?4")
});
static OFFSITE_ON: LazyLock<String> = LazyLock::new(|| {
    tables::offsite_where("o.hospital = ?1 and o.decided between ?2 and ?3 order by o.decided, o.settlement")
});
// Left to itself the planner goes through all rows of the hospital: without the plus its number is as good a key to it.
static OFFSITE_AS: LazyLock<String> = LazyLock::new(|| {
    let [one, other] = ["o.settlement = ?2 and +o.hospital = ?1", "o.undoes = ?3 and +o.hospital = ?1"]
        .map(tables::offsite_where);
    format!("{one} union all {other}")
});
static OFFSITE_BY: LazyLock<String> =
    LazyLock::new(|| tables::offsite_where("m.hospital = ?1 and m.infno = ?2 and m.msgid = ?3"));
static SETTLED_OF_VISIT: LazyLock<String> =
    LazyLock::new(|| tables::settled_where("s.encounter = ?1 and s.hospital = ?2"));
static CLAIMS: LazyLock<String> = LazyLock::new(|| tables::claims_of(["?1", "= ?2", "?3", "?4"], " = 1"));
static SETTLED_AS: LazyLock<String> =
    LazyLock::new(|| tables::settled_where("s.hospital = ?1 and s.settlement = ?2"));
static REFUNDS_OF: LazyLock<String> =
    LazyLock::new(|| tables::settled_where("s.undoes = ?1 and s.hospital = ?2"));
static SETTLED_BY: LazyLock<String> =
    LazyLock::new(|| tables::settled_where("m.hospital = ?1 and m.infno = ?2 and m.msgid = ?3"));

static ENROLLED: LazyLock<String> = LazyLock::new(|| tables::enrolled_of("= ?1", "0"));

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::Arc;

    use rusqlite::trace::{TraceEvent, TraceEventCodes};
    use store::{MessageKey, Named};

    use super::*;

    /// A person with a visit and a message that settled it, as far as loading follows them.
    const ROWS: &str = "pragma foreign_keys = off;
        insert into person values (1, 'P1', 1, '', '01', x'', zeroblob(16), zeroblob(16), '1', '1980-01-01');
        insert into person_state values (1, 0, 0, 0, 0, '', 0);
        insert into encounter values (1, 1, 1, 'V1', 310, '21', 'inpatient', 1, 'home', '2026-01-31 09:41:05.123',
            null, '', '', '', '', '', 'open', 1, x'');
        insert into message values (1, 1, '2207', 'M1', x'', zeroblob(33), 1, '2026-01-31 09:41:05.123',
            '2026-01-31 09:41:05.123', 'done', '', 'settlement', 1, null, x'', x'');";

    thread_local! {
        static SAID: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
    }

    #[expect(clippy::needless_pass_by_value, reason = "what listens to SQLite has this form")]
    fn listen(event: TraceEvent<'_>) {
        if let TraceEvent::Stmt(_, sql) = event {
            SAID.with_borrow_mut(|said| said.insert(sql.to_owned()));
        }
    }

    fn needs() -> Vec<Needs> {
        let of = Needs::of(HospitalId(1));
        let key = MessageKey {
            hospital: of.hospital,
            infno: "2207".into(),
            msgid: "M2".into(),
            content: Vec::new(),
        };
        let by_number = Needs {
            message: Some(key),
            original: Some(("2207".into(), "M1".into())),
            near_original: true,
            who: Who::Number("P1".into()),
            credit: Some((store::CreditKind::Month, "2026-11".into())),
            encounter: Some(EncounterId(1)),
            open_stays: true,
            stay_before: true,
            sign_in_number: Some("S1".into()),
            operator: Some("O1".into()),
            ..of.clone()
        };
        let listed =
            |visits| Needs { visits: Some((visits, DateTime::MIN, DateTime::MAX)), ..by_number.clone() };
        let queries = [
            listed(Visits::OfPersonHere),
            listed(Visits::OfPersonForDisease),
            listed(Visits::OfPersonFully),
            Needs { traces: vec!["1".into()], ..of.clone() },
            listed(Visits::StaysHere),
            Needs {
                registers: vec![Registers::All(RegisterKind::Department)],
                diagnoses: true,
                uploads: true,
                agreed: true,
                ..by_number.clone()
            },
            Needs { registers: vec![Registers::Keys(RegisterKind::File, vec!["1".into()])], ..of.clone() },
            Needs {
                registers: vec![Registers::Under(RegisterKind::Mapping, vec!["1".into()])],
                ..of.clone()
            },
            Needs { who: Who::OwnerOf(SettlementId(1)), ..of.clone() },
            Needs { offsite: Some(OffsiteOf::Days(DateTime::MIN, DateTime::MAX)), ..of.clone() },
            Needs { offsite: Some(OffsiteOf::Settlement(SettlementId(1))), ..of.clone() },
            Needs { offsite: Some(OffsiteOf::Message("2207".into(), "M1".into())), ..of.clone() },
            Needs {
                settled: Some(SettledOf::Days(vec!["11".into()], DateTime::MIN, DateTime::MAX)),
                ..of.clone()
            },
            Needs {
                settled: Some(SettledOf::Named(Named {
                    settlements: vec![SettlementId(1)],
                    messages: vec![("2207".into(), "M1".into())],
                    visits: vec![EncounterId(1)],
                })),
                ..of.clone()
            },
        ];
        let by_document = Needs {
            who: Who::Document([0; 16]),
            visit_number: Some("V1".into()),
            settlement: Some(SettlementId(1)),
            ..of.clone()
        };
        let named = [by_number, by_document, Needs { who: Who::Card([0; 16]), ..of }];
        named.into_iter().chain(queries).collect()
    }

    /// A search by less than a whole key costs more with every settlement a hospital has.
    #[test]
    fn nothing_is_searched_by_less_than_a_whole_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centre.db");
        let sealer = Arc::new(store::Sealer::new(&store::Keys::generate(), b""));
        drop(crate::SqliteStore::open(&path, sealer, Arc::new(model::SystemClock)).unwrap());
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(ROWS).unwrap();
        connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(listen));
        let loaded = load(&connection, &needs()).unwrap();
        connection.trace_v2(TraceEventCodes::empty(), None);
        assert_eq!((loaded.persons.len(), loaded.encounters.len(), loaded.messages.len()), (1, 1, 1));
        let said = SAID.take();
        assert!(said.len() >= 24, "every kind of look-up was made: {said:#?}");
        for sql in said {
            let mut plan = connection.prepare(&format!("explain query plan {sql}")).unwrap();
            let mut rows = plan.raw_query();
            let mut steps: Vec<String> = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                steps.push(row.get(3).unwrap());
            }
            let dear = |step: &String| {
                step.starts_with("SCAN") || step.ends_with("(hospital=?)") || step.contains("TEMP B-TREE")
            };
            assert!(!steps.iter().any(dear), "{sql}\n{steps:#?}");
        }
    }
}
