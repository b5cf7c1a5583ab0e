//! The rows of a batch and what its messages change in them. Handlers read and write only through here, so two
//! messages of one person, or one message twice, need no special case.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use jiff::civil::DateTime;
use model::{EncounterId, HospitalId, MessageId, PersonId, PersonNumber, RegisterKind, SettlementId};
use store::{
    AuditRow, Changes, ClaimRow, DayKeys, DiagnosisRow, EncounterRow, EncounterState, FilingRow, JournalRow,
    KEY_MARK, LineRow, LineState, Loaded, Made, MessageKey, MessageResult, MessageRow, OffsiteRow,
    PersonRecord, RegisterRow, SettlementRow, SignInRow, StreamHead, TotalRow, TotalsOf,
};

use crate::decide::Moment;
use crate::people::merged_into;

/// A visit with its lines and settlement rows.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) row: EncounterRow,
    /// In the order of their numbers.
    pub(crate) lines: Vec<LineRow>,
    pub(crate) settlements: Vec<SettlementRow>,
}

impl Visit {
    /// The effective settlement of one bill.
    pub(crate) fn effective(&self, scope: &str) -> Option<&SettlementRow> {
        self.settlements.iter().find(|s| s.effective && s.scope == scope)
    }

    /// Settlements of the visit that stand, the earliest first.
    pub(crate) fn standing(&self) -> Vec<&SettlementRow> {
        let mut standing: Vec<_> = self.settlements.iter().filter(|s| s.effective).collect();
        standing.sort_unstable_by_key(|s| s.version);
        standing
    }

    /// A line by its number.
    pub(crate) fn line(&self, number: &str) -> Option<&LineRow> {
        let at = self.lines.binary_search_by(|l| l.number.as_str().cmp(number)).ok()?;
        self.lines.get(at)
    }

    /// A settlement row by id.
    pub(crate) fn settlement(&self, id: SettlementId) -> Option<&SettlementRow> {
        self.settlements.iter().find(|s| s.id == id)
    }

    /// The row that undoes another.
    pub(crate) fn undone_by(&self, id: SettlementId) -> Option<&SettlementRow> {
        self.settlements.iter().find(|s| s.undoes == Some(id))
    }
}

/// The rows of a batch.
pub(crate) struct State {
    messages: HashMap<MessageKey, MessageRow>,
    persons: HashMap<PersonId, PersonRecord>,
    /// Versions as loaded.
    versions: HashMap<PersonId, i64>,
    numbers: HashMap<String, PersonId>,
    hashes: Vec<([u8; 16], PersonId)>,
    visits: HashMap<(HospitalId, EncounterId), Visit>,
    /// When the stay before ended, of stays that were loaded.
    last_stays: HashMap<(HospitalId, EncounterId), DateTime>,
    sign_ins: Vec<SignInRow>,
    registers: Vec<RegisterRow>,
    diagnoses: Vec<DiagnosisRow>,
    listed: Vec<EncounterRow>,
    totals: Vec<(HospitalId, TotalsOf, TotalRow)>,
    claims: Vec<(HospitalId, DateTime, ClaimRow)>,
    offsite: Vec<(OffsiteRow, String)>,
    head: StreamHead,
    changes: Changes,
    touched: Vec<PersonId>,
}

/// What several messages of a batch asked for, each row once.
fn once<R, K: Hash + Eq>(rows: Vec<R>, key: impl Fn(&R) -> K) -> Vec<R> {
    let mut seen = HashSet::new();
    rows.into_iter().filter(|row| seen.insert(key(row))).collect()
}

impl State {
    /// Rows that are only read.
    pub(crate) fn to_read(loaded: Loaded) -> Self {
        Self::new(loaded, StreamHead { stream: 0, slot: 0, seq: 0, hash: [0; 32] })
    }

    pub(crate) fn new(loaded: Loaded, head: StreamHead) -> Self {
        let mut visits: HashMap<_, _> = loaded
            .encounters
            .into_iter()
            .map(|row| ((row.hospital, row.id), Visit { row, lines: Vec::new(), settlements: Vec::new() }))
            .collect();
        for line in loaded.lines {
            if let Some(visit) = visits.get_mut(&(line.hospital, line.encounter)) {
                visit.lines.push(line);
            }
        }
        for settlement in loaded.settlements {
            if let Some(visit) = visits.get_mut(&(settlement.hospital, settlement.encounter)) {
                assert_eq!(settlement.amounts.check_balance(), Ok(()), "a stored settlement balances");
                visit.settlements.push(settlement);
            }
        }
        let mut listed = once(loaded.listed, |row| (row.hospital, row.id));
        listed.sort_by_key(|row| std::cmp::Reverse(row.begins));
        Self {
            messages: loaded.messages.into_iter().map(|m| (m.key.clone(), m)).collect(),
            numbers: loaded.persons.iter().map(|p| (p.row.number.clone(), p.row.id)).collect(),
            versions: loaded.persons.iter().map(|p| (p.row.id, p.state.version)).collect(),
            persons: loaded.persons.into_iter().map(|p| (p.row.id, p)).collect(),
            hashes: loaded.hashes,
            visits,
            last_stays: loaded.last_stays.into_iter().map(|(h, stay, ended)| ((h, stay), ended)).collect(),
            sign_ins: loaded.sign_ins,
            registers: once(loaded.registers, |row| (row.hospital, row.kind, row.key.clone())),
            diagnoses: once(loaded.diagnoses, |d| (d.hospital, d.encounter, d.kind.clone(), d.number)),
            listed,
            claims: once(loaded.claims, |(of, from, row)| {
                (*of, *from, row.insurance_kind, row.clearing_kind.clone())
            }),
            offsite: once(loaded.offsite, |(row, _)| (row.hospital, row.division.clone(), row.settlement)),
            totals: once(loaded.totals, |(of, asked, row)| (*of, asked.clone(), row.refund, row.stands)),
            head,
            changes: Changes::default(),
            touched: Vec::new(),
        }
    }

    /// What is recorded, with the hot rows as they are now.
    pub(crate) fn into_changes(mut self) -> Changes {
        self.touched.sort_unstable();
        self.touched.dedup();
        for person in self.touched {
            let state = self.persons[&person].state.clone();
            self.changes.states.push((person, self.versions[&person], state));
        }
        self.changes
    }

    /// How much has been changed so far: a refusal must leave it as it was.
    pub(crate) fn mark(&self) -> usize {
        let c = &self.changes;
        c.encounters.len()
            + c.encounters_changed.len()
            + c.lines.len()
            + c.lines_changed.len()
            + c.diagnoses.len()
            + c.filings.len()
            + c.registers.len()
            + c.settlements.len()
            + c.marks.len()
            + c.journals.len()
            + c.sign_ins.len()
            + c.signed_out.len()
            + c.taken_back.len()
            + self.touched.len()
    }

    pub(crate) fn message(&self, key: &MessageKey) -> Option<&MessageRow> {
        self.messages.get(key)
    }

    /// All messages under a number and id, whatever their content.
    pub(crate) fn originals<'s>(
        &'s self,
        hospital: HospitalId,
        infno: &'s str,
        msgid: &'s str,
    ) -> impl Iterator<Item = &'s MessageRow> {
        let fits =
            move |m: &&MessageRow| m.key.hospital == hospital && m.key.infno == infno && m.key.msgid == msgid;
        self.messages.values().filter(fits)
    }

    /// Messages of a person and number that made a settlement.
    pub(crate) fn money_messages<'s>(
        &'s self,
        hospital: HospitalId,
        infno: &'s str,
        person: PersonId,
    ) -> impl Iterator<Item = &'s MessageRow> {
        let fits = move |m: &&MessageRow| {
            m.key.hospital == hospital
                && m.key.infno == infno
                && m.person == Some(person)
                && m.taken_back_by.is_none()
        };
        self.messages.values().filter(fits)
    }

    pub(crate) fn person(&self, number: &PersonNumber) -> Option<&PersonRecord> {
        self.persons.get(self.numbers.get(number.as_str())?)
    }

    pub(crate) fn person_by_id(&self, id: PersonId) -> Option<&PersonRecord> {
        self.persons.get(&id)
    }

    /// Everybody a document or card belongs to.
    pub(crate) fn by_hash(&self, hash: &[u8; 16]) -> Vec<&PersonRecord> {
        let mut ids: Vec<PersonId> =
            self.hashes.iter().filter(|(h, _)| h == hash).map(|(_, id)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = ids.iter().filter_map(|id| self.persons.get(id));
        // A record that was merged leads to the one that stands for it.
        found.filter(|record| ids.len() == 1 || merged_into(record).is_none()).collect()
    }

    pub(crate) fn visit(&self, hospital: HospitalId, encounter: EncounterId) -> Option<&Visit> {
        self.visits.get(&(hospital, encounter))
    }

    /// Visits under a hospital's own number.
    pub(crate) fn visits_numbered<'s>(
        &'s self,
        hospital: HospitalId,
        number: &'s str,
    ) -> impl Iterator<Item = &'s Visit> {
        self.visits.values().filter(move |v| v.row.hospital == hospital && v.row.visit_number == number)
    }

    /// A stay of a person that goes on, wherever it is.
    pub(crate) fn open_stay(&self, person: PersonId) -> Option<&EncounterRow> {
        let open =
            |row: &&EncounterRow| row.person == person && row.stay && row.state == EncounterState::Open;
        self.visits.values().map(|v| &v.row).find(open)
    }

    /// When the same person's stay before this one at the same hospital ended; one that ended in this very batch counts.
    pub(crate) fn last_stay(&self, stay: &EncounterRow) -> Option<DateTime> {
        let before = |row: &&EncounterRow| {
            row.hospital == stay.hospital
                && row.person == stay.person
                && row.stay
                && row.id != stay.id
                && row.state == EncounterState::Discharged
        };
        let here = self.visits.values().map(|v| &v.row).filter(before).filter_map(|row| row.ends);
        let loaded = self.last_stays.get(&(stay.hospital, stay.id)).copied();
        here.filter(|ended| *ended <= stay.begins).chain(loaded).max()
    }

    /// The stay before, of the same person and insurance, where that was at another hospital and so near that this one may
    /// follow it as a referral.
    pub(crate) fn stay_before(&self, stay: &EncounterRow) -> Option<&Visit> {
        let [from, to, ended_from, ended_to] = store::stay_before(stay.begins);
        let fits = |row: &EncounterRow| {
            row.person == stay.person
                && row.id != stay.id
                && row.stay
                && row.state == EncounterState::Discharged
                && (from..=to).contains(&row.begins)
                && row.ends.is_some_and(|ended| (ended_from..=ended_to).contains(&ended))
        };
        let last = self.visits.values().filter(|visit| fits(&visit.row));
        let last = last.max_by_key(|visit| (visit.row.begins, visit.row.id))?;
        let elsewhere = last.row.hospital != stay.hospital && last.row.insurance_kind == stay.insurance_kind;
        elsewhere.then_some(last)
    }

    /// The visit a settlement row belongs to.
    pub(crate) fn visit_of(&self, hospital: HospitalId, settlement: SettlementId) -> Option<&Visit> {
        self.visits.values().find(|v| v.row.hospital == hospital && v.settlement(settlement).is_some())
    }

    pub(crate) fn sign_in(&self, hospital: HospitalId, number: &str) -> Option<&SignInRow> {
        self.sign_ins.iter().find(|s| s.hospital == hospital && s.number == number)
    }

    pub(crate) fn live_sign_in(
        &self,
        hospital: HospitalId,
        operator: &str,
        now: DateTime,
    ) -> Option<&SignInRow> {
        self.sign_ins
            .iter()
            .rev()
            .find(|s| s.hospital == hospital && s.operator == operator && s.live_at(now))
    }

    /// What a hospital has registered, by kind.
    pub(crate) fn registered(
        &self,
        hospital: HospitalId,
        kind: RegisterKind,
    ) -> impl Iterator<Item = &RegisterRow> {
        self.registers.iter().filter(move |row| row.hospital == hospital && row.kind == kind)
    }

    /// Packs of a trace code, or the one of a whole key, wherever they were sold.
    pub(crate) fn packs<'s>(&'s self, code: &'s str) -> impl Iterator<Item = &'s RegisterRow> {
        let fits = move |row: &&RegisterRow| {
            row.kind == RegisterKind::Trace
                && row
                    .key
                    .strip_prefix(code)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(KEY_MARK))
        };
        self.registers.iter().filter(fits)
    }

    /// Registers something, or says it anew.
    pub(crate) fn put_register(&mut self, row: RegisterRow) {
        let same = |r: &RegisterRow| (r.hospital, r.kind, &r.key) == (row.hospital, row.kind, &row.key);
        match self.registers.iter_mut().find(|r| same(r)) {
            Some(known) => *known = row.clone(),
            None => self.registers.push(row.clone()),
        }
        match self.changes.registers.iter_mut().find(|r| same(r)) {
            Some(fresh) => *fresh = row,
            None => self.changes.registers.push(row),
        }
    }

    /// The diagnoses of a visit.
    pub(crate) fn diagnoses(&self, row: &EncounterRow) -> impl Iterator<Item = &DiagnosisRow> {
        let of = (row.hospital, row.id);
        self.diagnoses.iter().filter(move |d| (d.hospital, d.encounter) == of)
    }

    /// Whether this very batch takes something of the hospital's out of what counts.
    pub(crate) fn uncounted(&self, hospital: HospitalId) -> bool {
        self.changes.marks.iter().any(|(of, _, _, counted)| *of == hospital && !counted)
    }

    /// Sums of settlements that were asked about. What this very batch has settled is not among them: it is of today, and
    /// a day is agreed on when it is over.
    pub(crate) fn totals(&self, hospital: HospitalId, of: &TotalsOf) -> Vec<TotalRow> {
        let asked = self.totals.iter().filter(|(at, asked, _)| *at == hospital && asked == of);
        asked.map(|(_, _, row)| *row).collect()
    }

    /// What was settled of a hospital, as it was asked about.
    pub(crate) fn claims(&self, hospital: HospitalId, from: DateTime) -> impl Iterator<Item = &ClaimRow> {
        self.claims.iter().filter(move |(of, at, _)| (*of, *at) == (hospital, from)).map(|(.., row)| row)
    }

    /// Visits that were asked about, the latest first.
    pub(crate) fn listed(&self) -> &[EncounterRow] {
        &self.listed
    }

    /// A message by our id.
    pub(crate) fn message_by_id(&self, id: MessageId) -> Option<&MessageRow> {
        self.messages.values().find(|m| m.id == id)
    }

    /// Puts something of a person on file, or says it anew.
    pub(crate) fn put_filing(&mut self, row: FilingRow) {
        let record = self.persons.get_mut(&row.person).expect("a filing's person was loaded");
        match record.filings.iter_mut().find(|f| f.id == row.id) {
            Some(known) => *known = row.clone(),
            None => record.filings.push(row.clone()),
        }
        match self.changes.filings.iter_mut().find(|f| f.id == row.id) {
            Some(fresh) => *fresh = row,
            None => self.changes.filings.push(row),
        }
    }

    /// Settlements of people of other cities, each with the id of its message.
    pub(crate) fn offsite(&self) -> &[(OffsiteRow, String)] {
        &self.offsite
    }

    /// Keeps a settlement of a person of another city, or that it was taken back; with what moved.
    pub(crate) fn put_offsite(&mut self, row: OffsiteRow, msgid: &str, journal: Option<JournalRow>) {
        let key = |row: &OffsiteRow| (row.hospital, row.settlement);
        match self
            .offsite
            .iter_mut()
            .find(|(known, _)| key(known) == key(&row) && known.division == row.division)
        {
            Some((known, _)) => known.clone_from(&row),
            None => self.offsite.push((row.clone(), msgid.to_owned())),
        }
        self.changes.offsite.push(row);
        self.changes.journals.extend(journal);
    }

    /// The number the next audit record will have.
    pub(crate) fn next_audit(&self) -> (i64, i64) {
        (self.head.stream, self.head.seq + 1)
    }

    /// A message that never came stays without effect, should it still come: the message `by` says so.
    pub(crate) fn bury(
        &mut self,
        hospital: HospitalId,
        (infno, msgid): (&str, &str),
        person: Option<PersonId>,
        by: MessageId,
        at: &mut Moment<'_>,
    ) -> MessageId {
        let id = MessageId(at.ids.next());
        self.add_message(MessageRow {
            id,
            key: MessageKey { hospital, infno: infno.into(), msgid: msgid.into(), content: Vec::new() },
            digest: [0; 33],
            person,
            received: at.now,
            decided: at.now,
            result: MessageResult::Tombstone,
            made: Made::Nothing,
            request: Vec::new(),
            reply: Vec::new(),
            taken_back_by: Some(by),
        });
        id
    }

    pub(crate) fn add_message(&mut self, row: MessageRow) {
        self.messages.insert(row.key.clone(), row.clone());
        self.changes.messages.push(row);
    }

    pub(crate) fn take_back(&mut self, original: MessageId, by: MessageId) {
        for message in self.messages.values_mut().filter(|m| m.id == original) {
            message.taken_back_by = Some(by);
        }
        // A message recorded in this very batch is not yet in the store.
        match self.changes.messages.iter_mut().find(|m| m.id == original) {
            Some(message) => message.taken_back_by = Some(by),
            None => self.changes.taken_back.push((original, by)),
        }
    }

    /// Appends to the audit chain.
    pub(crate) fn add_audit(&mut self, row: AuditRow, keys: &DayKeys) {
        let row = row.behind(&self.head, keys);
        self.head.seq = row.seq;
        self.head.hash = row.hash;
        self.changes.audits.push(row);
    }

    pub(crate) fn add_encounter(&mut self, row: EncounterRow) {
        self.changes.encounters.push(row.clone());
        self.visits.insert((row.hospital, row.id), Visit { row, lines: Vec::new(), settlements: Vec::new() });
    }

    pub(crate) fn change_encounter(&mut self, row: EncounterRow) {
        let visit = self.visits.get_mut(&(row.hospital, row.id)).expect("a visit that changes was loaded");
        visit.row = row.clone();
        match self.changes.encounters.iter_mut().find(|e| e.hospital == row.hospital && e.id == row.id) {
            Some(fresh) => *fresh = row,
            None => self.changes.encounters_changed.push(row),
        }
    }

    pub(crate) fn put_line(&mut self, row: LineRow) {
        let visit = self.visits.get_mut(&(row.hospital, row.encounter)).expect("a line's visit was loaded");
        match visit.lines.binary_search_by(|l| l.number.cmp(&row.number)) {
            Ok(at) => {
                visit.lines[at] = row.clone();
                self.change_line(row);
            }
            Err(at) => {
                visit.lines.insert(at, row.clone());
                self.changes.lines.push(row);
            }
        }
    }

    fn change_line(&mut self, row: LineRow) {
        let same = |l: &&mut LineRow| {
            (l.hospital, l.encounter) == (row.hospital, row.encounter) && l.number == row.number
        };
        match self.changes.lines.iter_mut().find(same) {
            Some(fresh) => *fresh = row,
            None => self.changes.lines_changed.push(row),
        }
    }

    /// Moves the lines of one bill of a stay to another.
    pub(crate) fn move_lines(&mut self, hospital: HospitalId, stay: EncounterId, from: &str, to: &str) {
        let visit = self.visits.get_mut(&(hospital, stay)).expect("a stay that is settled was loaded");
        let moves = |l: &&mut LineRow| l.state == LineState::Valid && l.charge_batch == from;
        let mut moved = Vec::new();
        for line in visit.lines.iter_mut().filter(moves) {
            to.clone_into(&mut line.charge_batch);
            moved.push(line.clone());
        }
        moved.into_iter().for_each(|line| self.change_line(line));
    }

    pub(crate) fn add_diagnosis(&mut self, row: DiagnosisRow) {
        self.changes.diagnoses.push(row);
    }

    /// Adds a settlement row with its journal; the person's hot row follows from both.
    pub(crate) fn add_settlement(&mut self, row: SettlementRow, journal: JournalRow) {
        assert_eq!(row.amounts.check_balance(), Ok(()), "a settlement balances before it is stored");
        assert_eq!(journal.journal.check(), Ok(()), "a journal is sound before it is stored");
        let person = self.persons.get_mut(&row.person).expect("a settlement's person was loaded");
        person.state.version = row.version;
        person.state.held = person.state.held.after(&journal.journal);
        assert_eq!(person.state.held.total(), row.balance, "the balance told is the balance kept");
        crate::bill::add_counters(&mut person.state.years, row.year, &row.change);
        self.touched.push(row.person);
        let visit =
            self.visits.get_mut(&(row.hospital, row.encounter)).expect("a settlement's visit was loaded");
        visit.settlements.push(row.clone());
        self.changes.settlements.push(row);
        self.changes.journals.push(journal);
    }

    /// Sets the two marks of a settlement row.
    pub(crate) fn mark_settlement(
        &mut self,
        hospital: HospitalId,
        id: SettlementId,
        effective: bool,
        counted: bool,
    ) {
        let visits = self.visits.values_mut().filter(|v| v.row.hospital == hospital);
        for row in visits.flat_map(|v| &mut v.settlements).filter(|s| s.id == id) {
            row.effective = effective;
            row.counted = counted;
        }
        match self.changes.settlements.iter_mut().find(|s| s.id == id) {
            Some(fresh) => {
                fresh.effective = effective;
                fresh.counted = counted;
            }
            None => self.changes.marks.push((hospital, id, effective, counted)),
        }
    }

    pub(crate) fn add_sign_in(&mut self, row: SignInRow) {
        self.sign_ins.push(row.clone());
        self.changes.sign_ins.push(row);
    }

    pub(crate) fn sign_out(&mut self, hospital: HospitalId, number: &str, at: DateTime) {
        for row in self.sign_ins.iter_mut().filter(|s| s.hospital == hospital && s.number == number) {
            row.closed = Some(at);
        }
        match self.changes.sign_ins.iter_mut().find(|s| s.hospital == hospital && s.number == number) {
            Some(fresh) => fresh.closed = Some(at),
            None => self.changes.signed_out.push((hospital, number.to_owned(), at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use model::InsuranceKind;
    use money::Money;

    /// Two programs that ask the same in one batch hear the same as if each had asked alone.
    #[test]
    fn what_two_messages_of_a_batch_asked_for_is_there_once() {
        let hospital = HospitalId(1);
        let day = date(2026, 11, 23);
        let of = TotalsOf {
            insurance_kind: InsuranceKind::EMPLOYEE,
            clearing_kind: "11".into(),
            from: day.at(0, 0, 0, 0),
            to: day.at(23, 59, 59, 0),
        };
        let yuan = Money::from_yuan(1);
        let row = TotalRow {
            refund: false,
            stands: true,
            count: 1,
            total: yuan,
            funds: yuan,
            account: Money::ZERO,
        };
        let register = RegisterRow {
            hospital,
            kind: RegisterKind::Department,
            key: "N01".into(),
            version: 1,
            from: day,
            to: None,
            state: String::new(),
            message: None,
            data: String::new(),
            facts: Vec::new(),
        };
        let loaded = Loaded {
            totals: vec![(hospital, of.clone(), row), (hospital, of.clone(), row)],
            registers: vec![register.clone(), register],
            ..Loaded::default()
        };
        let state = State::new(loaded, StreamHead { stream: 1, slot: 0, seq: 0, hash: [0; 32] });
        assert_eq!(state.totals(hospital, &of), [row]);
        assert_eq!(state.registered(hospital, RegisterKind::Department).count(), 1);
    }
}
