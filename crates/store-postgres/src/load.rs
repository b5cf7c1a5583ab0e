//! Loads what a batch needs. First its messages and its persons are locked, each in ascending order: what is read behind
//! that is read as it is decided on. With the same round trip come the rows that its keys name, and with a second what
//! those lead to, where they lead further; of a stay that may follow a referral a third and a fourth. What few messages ask for
//! is looked up in `asked`.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::DateTime;
use model::{EncounterId, HospitalId, PersonId, SettlementId};
use store::{
    EncounterRow, Loaded, Made, MessageRow, Needs, PersonRecord, PersonRow, PersonState, SignInRow, Who,
};
use tables::{Bad, Enrolled, Get, Table};

use crate::link::{Answer, Link, Step, sql};
use crate::values::{Array, Line};

/// Why rows were not loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("{}", crate::told(.0))]
    Database(#[from] tokio_postgres::Error),
    #[error("a row that cannot be read")]
    Row(#[from] Bad),
    #[error("{0}")]
    Closed(String),
}

pub(crate) type Read<T> = Result<T, LoadError>;

/// Reads the rows of an answer.
pub(crate) fn rows<T>(answer: Answer, read: impl Fn(&dyn Get) -> Result<T, Bad>) -> Read<Vec<T>> {
    answer?.iter().map(|row| Ok(read(&Line(row))?)).collect()
}

/// What is locked while a batch is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Its messages and the persons it names.
    Batch,
    /// Nothing: it is only read.
    Nothing,
}

/// Begins with `begin`, and loads.
pub(crate) fn load(link: &mut Link, needs: &[Needs], begin: &'static str, lock: Lock) -> Read<Loaded> {
    let mut loader =
        Loader { link, loaded: Loaded::default(), wanted: Wanted::default(), seen: Seen::default() };
    loader.named(needs, begin, lock)?;
    loader.near(needs)?;
    loader.asked(needs)?;
    loader.hop()?;
    loader.rest()?;
    loader.stays_before(needs)?;
    loader.uploads(needs)?;
    loader.agreed(needs)?;
    Ok(loader.loaded)
}

/// Keys found on the way, each once and in order.
#[derive(Default)]
pub(crate) struct Wanted {
    pub(crate) persons: BTreeSet<PersonId>,
    pub(crate) encounters: BTreeSet<Visit>,
    settlements: BTreeSet<(HospitalId, SettlementId)>,
    stays_of: BTreeSet<PersonId>,
}

/// What is loaded already.
#[derive(Default)]
pub(crate) struct Seen {
    messages: HashSet<i64>,
    persons: BTreeSet<PersonId>,
    encounters: BTreeSet<Visit>,
}

pub(crate) type Visit = (HospitalId, EncounterId);

pub(crate) struct Loader<'l> {
    pub(crate) link: &'l mut Link,
    pub(crate) loaded: Loaded,
    pub(crate) wanted: Wanted,
    seen: Seen,
}

/// Of the empty visits under one number the newest: one opened twice is among them, however many patients a program
/// writes one number on.
const CANDIDATES: usize = 20;

pub(crate) fn pairs<T>(
    all: impl IntoIterator<Item = T> + Clone,
    parts: impl Fn(&T) -> (i64, i64),
) -> Vec<Array> {
    let first = Array::ints(all.clone().into_iter().map(|one| parts(&one).0));
    let second = Array::ints(all.into_iter().map(|one| parts(&one).1));
    vec![first, second]
}

fn named(all: &[(HospitalId, &str)]) -> Vec<Array> {
    vec![Array::ints(all.iter().map(|(h, _)| h.0)), Array::texts(all.iter().map(|(_, name)| *name))]
}

/// The rows of a table that `keys` name. Each key is looked up on its own, whatever the statistics say of the table:
/// the subquery keeps its place.
fn each(keys: &str, list: &str, from: &str) -> String {
    format!("select found.* from {keys} cross join lateral (select {list} from {from} offset 0) found")
}

impl Loader<'_> {
    /// Sends statements together. One without a single key is not sent: it would find nothing.
    fn ask(&mut self, steps: Vec<Step>) -> Read<impl Iterator<Item = Answer> + use<>> {
        let idle = |step: &Step| !step.values.is_empty() && step.values.iter().all(Array::is_empty);
        let idle: Vec<bool> = steps.iter().map(idle).collect();
        let sent: Vec<Step> =
            steps.into_iter().zip(&idle).filter(|(_, idle)| !**idle).map(|(step, _)| step).collect();
        let mut answers = self.link.send(&sent)?.into_iter();
        let answer = move |idle| {
            if idle { Ok(Vec::new()) } else { answers.next().expect("every statement is answered") }
        };
        Ok(idle.into_iter().map(answer))
    }

    /// What the batch names, and the rows under the keys it names them by.
    fn named(&mut self, needs: &[Needs], begin: &'static str, lock: Lock) -> Read<()> {
        let mut steps = vec![Step::command(begin)];
        if lock == Lock::Batch {
            steps.push(lock_messages(needs));
            steps.push(lock_days(needs));
        }
        let before = steps.len();
        let encounters: BTreeSet<Visit> =
            needs.iter().filter_map(|n| Some((n.hospital, n.encounter?))).collect();
        steps.extend(named_persons(needs, lock));
        steps.extend([
            messages(needs),
            originals(needs),
            settlements(needs.iter().filter_map(|need| Some((need.hospital, need.settlement?)))),
            visits(needs),
            sign_ins_by_number(needs),
            sign_ins_by_operator(needs),
            credits(needs),
            premiums(needs),
        ]);
        steps.extend(visit_rows(&encounters));
        let mut answers = self.ask(steps)?;
        let mut next = || answers.next().expect("every statement is answered");
        for _ in 0..before {
            next()?;
        }
        self.keep_persons(next(), next())?;
        self.found_persons(needs);
        for message in rows(next(), tables::message)? {
            self.keep_message(message);
        }
        for message in rows(next(), tables::message)? {
            self.follow(&message);
            self.keep_message(message);
        }
        self.found_visits(next())?;
        for row in next()? {
            self.wanted.encounters.insert((HospitalId(row.get(0)), EncounterId(row.get(1))));
        }
        for answer in [next(), next()] {
            for found in rows(answer, tables::sign_in)? {
                self.keep_sign_in(found);
            }
        }
        self.loaded.credits = rows(next(), tables::credit)?;
        self.loaded.premiums = rows(next(), tables::premium)?;
        self.keep_visits(&encounters, [next(), next(), next()])
    }

    pub(crate) fn keep_message(&mut self, message: MessageRow) {
        if self.seen.messages.insert(message.id.0) {
            self.loaded.messages.push(message);
        }
    }

    fn keep_sign_in(&mut self, found: SignInRow) {
        let known = |s: &SignInRow| s.hospital == found.hospital && s.number == found.number;
        if !self.loaded.sign_ins.iter().any(known) {
            self.loaded.sign_ins.push(found);
        }
    }

    fn keep_persons(&mut self, persons: Answer, enrolled: Answer) -> Read<()> {
        let found = people([persons, enrolled])?;
        self.seen.persons.extend(found.iter().map(|record| record.row.id));
        self.loaded.persons.extend(found);
        Ok(())
    }

    /// Visits with all of theirs; whom they belong to is wanted, too.
    fn keep_visits(&mut self, asked: &BTreeSet<Visit>, answers: [Answer; 3]) -> Read<()> {
        let [encounters, lines, settlements] = answers;
        let stay_before = tables::ENCOUNTER.columns.len();
        let read = |row: &dyn Get| Ok((tables::encounter(row)?, row.time(stay_before)?));
        for (row, ended) in rows(encounters, read)? {
            self.wanted.persons.insert(row.person);
            self.loaded.last_stays.extend(ended.map(|ended| (row.hospital, row.id, ended)));
            self.loaded.encounters.push(row);
        }
        self.loaded.lines.extend(rows(lines, tables::line)?);
        self.loaded.settlements.extend(rows(settlements, tables::settlement)?);
        self.loaded.lines.sort_unstable_by(|a, b| {
            (a.hospital, a.encounter, &a.number).cmp(&(b.hospital, b.encounter, &b.number))
        });
        self.loaded.settlements.sort_unstable_by_key(|row| row.version);
        self.seen.encounters.extend(asked);
        Ok(())
    }

    /// From a message to what it made.
    pub(crate) fn follow(&mut self, message: &MessageRow) {
        self.wanted.persons.extend(message.person);
        match message.made {
            Made::Nothing => {}
            Made::Encounter(encounter) => {
                self.wanted.encounters.insert((message.key.hospital, encounter));
            }
            Made::Settlement(settlement) => {
                self.wanted.settlements.insert((message.key.hospital, settlement));
            }
        }
    }

    /// Which documents and cards of the batch belong to whom, and whose open stays it needs.
    fn found_persons(&mut self, needs: &[Needs]) {
        for person in self.loaded.persons.iter().map(|record| &record.row) {
            for need in needs {
                let hash = match &need.who {
                    Who::Number(asked) if asked.as_str() == person.number => None,
                    Who::Document(hash) if *hash == person.document_hash => Some(*hash),
                    Who::Card(hash) if Some(*hash) == person.card_hash => Some(*hash),
                    _ => continue,
                };
                let known = hash.map(|hash| (hash, person.id));
                self.loaded.hashes.extend(known.filter(|known| !self.loaded.hashes.contains(known)));
                if need.open_stays {
                    self.wanted.stays_of.insert(person.id);
                }
            }
        }
    }

    /// What messages made and open stays lead to visits.
    fn hop(&mut self) -> Read<()> {
        let settled = std::mem::take(&mut self.wanted.settlements);
        let stays_of = std::mem::take(&mut self.wanted.stays_of);
        let stays = "select hospital, encounter from encounter where person = any($1::bigint[]) and stay and state = 'open'";
        let steps = vec![
            settlements(settled.into_iter()),
            Step::new(stays, vec![Array::ints(stays_of.into_iter().map(|p| p.0))]),
        ];
        let answers: Vec<Answer> = self.ask(steps)?.collect();
        answers.into_iter().try_for_each(|answer| self.found_visits(answer))
    }

    fn found_visits(&mut self, answer: Answer) -> Read<()> {
        for row in answer? {
            self.wanted.encounters.insert((HospitalId(row.get(0)), EncounterId(row.get(1))));
        }
        Ok(())
    }

    /// What was found on the way and is not loaded yet. Nothing is written to a person the batch does not name: a visit
    /// may belong to another than its message says.
    fn rest(&mut self) -> Read<()> {
        while let Some((persons, encounters)) = self.wanted.take(&self.seen) {
            let mut steps = Vec::from(records(&persons));
            steps.extend(visit_rows(&encounters));
            let mut answers = self.ask(steps)?;
            let mut next = || answers.next().expect("every statement is answered");
            self.keep_persons(next(), next())?;
            self.keep_visits(&encounters, [next(), next(), next()])?;
            self.seen.persons.extend(persons);
        }
        Ok(())
    }
}

impl Loader<'_> {
    /// The stays that referrals may have come from.
    fn stays_before(&mut self, needs: &[Needs]) -> Read<()> {
        let asked: Vec<Visit> = needs
            .iter()
            .filter(|need| need.stay_before)
            .filter_map(|need| Some((need.hospital, need.encounter?)))
            .collect();
        let named = |row: &&EncounterRow| row.stay && asked.contains(&(row.hospital, row.id));
        let stays = self.loaded.encounters.iter().filter(named);
        let stays: Vec<&EncounterRow> = stays.filter(|stay| self.loaded.is_referred(stay)).collect();
        if stays.is_empty() {
            return Ok(());
        }
        let bounds: Vec<[DateTime; 4]> = stays.iter().map(|stay| store::stay_before(stay.begins)).collect();
        let moments = |at: usize| Array::times(bounds.iter().map(|bounds| bounds[at]));
        let sql = sql!(each(
            "unnest($1::bigint[], $2::bigint[], $3::timestamp[], $4::timestamp[], $5::timestamp[], $6::timestamp[]) \
             k (person, own, from_time, to_time, ended_from, ended_to)",
            "hospital, encounter",
            "encounter e where e.person = k.person and e.begins between k.from_time and k.to_time and e.encounter <> k.own \
             and e.stay and e.state = 'discharged' and e.ends between k.ended_from and k.ended_to \
             order by e.begins desc limit 1",
        ));
        let values = vec![
            Array::ints(stays.iter().map(|stay| stay.person.0)),
            Array::ints(stays.iter().map(|stay| stay.id.0)),
            moments(0),
            moments(1),
            moments(2),
            moments(3),
        ];
        let answers: Vec<Answer> = self.ask(vec![Step::new(sql, values)])?.collect();
        answers.into_iter().try_for_each(|answer| self.found_visits(answer))?;
        self.rest()
    }
}

impl Wanted {
    /// What of it is not loaded.
    fn take(&mut self, seen: &Seen) -> Option<(BTreeSet<PersonId>, BTreeSet<Visit>)> {
        let mut persons = std::mem::take(&mut self.persons);
        let mut encounters = std::mem::take(&mut self.encounters);
        persons.retain(|person| !seen.persons.contains(person));
        encounters.retain(|visit| !seen.encounters.contains(visit));
        (!persons.is_empty() || !encounters.is_empty()).then_some((persons, encounters))
    }
}

/// Copies of a message are decided one behind the other, in whatever process: who answers that one is not in the books
/// knows that none is being written. Before any person is locked, so that no two batches wait for each other.
fn lock_messages(needs: &[Needs]) -> Step {
    let keys: Vec<_> = needs.iter().filter_map(|need| need.message.as_ref()).collect();
    let sql = "select pg_advisory_xact_lock((key >> 32)::int, (key << 32 >> 32)::int) from ( \
               select distinct hashtextextended(hospital || ' ' || infno || ' ' || msgid, 0) as key \
               from unnest($1::bigint[], $2::text[], $3::text[]) k (hospital, infno, msgid) order by key) keys";
    let values = vec![
        Array::ints(keys.iter().map(|key| key.hospital.0)),
        Array::texts(keys.iter().map(|key| key.infno.as_str())),
        Array::texts(keys.iter().map(|key| key.msgid.as_str())),
    ];
    Step::new(sql, values)
}

/// Who agrees on a day of a hospital, and who takes something back that may be of one, are decided one behind the other.
fn lock_days(needs: &[Needs]) -> Step {
    let asks = |need: &&Needs| need.agreed || need.totals.is_some() || need.claims.is_some();
    let hospitals = needs.iter().filter(asks).map(|need| need.hospital.0);
    let hospitals: BTreeSet<i64> = hospitals.collect();
    let sql = "select pg_advisory_xact_lock(hashtextextended('days of ' || hospital, 0)) \
               from unnest($1::bigint[]) k (hospital) order by hospital";
    Step::new(sql, vec![Array::ints(hospitals)])
}

const MESSAGE_KEY: &str = "m.hospital = k.hospital and m.infno = k.infno and m.msgid = k.msgid";

fn messages(needs: &[Needs]) -> Step {
    let keys: Vec<_> = needs.iter().filter_map(|need| need.message.as_ref()).collect();
    let sql = sql!(each(
        "unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[]) k (hospital, infno, msgid, content)",
        tables::MESSAGE.list,
        &format!("message m where {MESSAGE_KEY} and m.content = k.content"),
    ));
    let values = vec![
        Array::ints(keys.iter().map(|key| key.hospital.0)),
        Array::texts(keys.iter().map(|key| key.infno.as_str())),
        Array::texts(keys.iter().map(|key| key.msgid.as_str())),
        Array::blobs(keys.iter().map(|key| key.content.as_slice())),
    ];
    Step::new(sql, values)
}

fn originals(needs: &[Needs]) -> Step {
    let keys: Vec<_> =
        needs.iter().filter_map(|need| Some((need.hospital, need.original.as_ref()?))).collect();
    let sql = sql!(each(
        "unnest($1::bigint[], $2::text[], $3::text[]) k (hospital, infno, msgid)",
        tables::MESSAGE.list,
        &format!("message m where {MESSAGE_KEY}"),
    ));
    let values = vec![
        Array::ints(keys.iter().map(|(hospital, _)| hospital.0)),
        Array::texts(keys.iter().map(|(_, (infno, _))| infno.as_str())),
        Array::texts(keys.iter().map(|(_, (_, msgid))| msgid.as_str())),
    ];
    Step::new(sql, values)
}

/// The persons that messages name, with what they are enrolled as. Messages write to them and to no others, so that
/// they are locked.
fn named_persons(needs: &[Needs], lock: Lock) -> [Step; 2] {
    let (mut numbers, mut documents, mut cards) = (Vec::new(), Vec::new(), Vec::new());
    let mut owned: Vec<(HospitalId, SettlementId)> = Vec::new();
    for need in needs {
        match &need.who {
            Who::Nobody => {}
            Who::Number(number) => numbers.push(number.as_str()),
            Who::Document(hash) => documents.push(&hash[..]),
            Who::Card(hash) => cards.push(&hash[..]),
            Who::OwnerOf(settlement) => owned.push((need.hospital, *settlement)),
        }
    }
    let only_numbers = documents.is_empty() && cards.is_empty() && owned.is_empty();
    let values = || {
        let mut values = vec![Array::texts(numbers.iter().copied())];
        if !only_numbers {
            values.extend([Array::blobs(documents.iter().copied()), Array::blobs(cards.iter().copied())]);
            values.extend(pairs(owned.iter(), |(hospital, settlement)| (hospital.0, settlement.0)));
        }
        values
    };
    // Who a person is may be changed meanwhile by whoever holds the lock: it is read behind it, where it may change again.
    let lock = match lock {
        Lock::Batch if needs.iter().any(|need| need.identity) => Locked::Wholly,
        Lock::Batch => Locked::State,
        Lock::Nothing => Locked::Not,
    };
    let persons = match (only_numbers, lock) {
        (true, Locked::Wholly) => sql!(persons_where("number = any($1::text[])", Locked::Wholly)),
        (true, Locked::State) => sql!(persons_where("number = any($1::text[])", Locked::State)),
        (true, Locked::Not) => sql!(persons_where("number = any($1::text[])", Locked::Not)),
        (false, Locked::Wholly) => sql!(persons_where(&format!("person in ({BY_ANY})"), Locked::Wholly)),
        (false, Locked::State) => sql!(persons_where(&format!("person in ({BY_ANY})"), Locked::State)),
        (false, Locked::Not) => sql!(persons_where(&format!("person in ({BY_ANY})"), Locked::Not)),
    };
    let enrolled = if only_numbers {
        sql!(enrolled("number = any($1::text[])"))
    } else {
        sql!(enrolled(&format!("person in ({BY_ANY})")))
    };
    [Step::new(persons, values()), Step::new(enrolled, values())]
}

const BY_ANY: &str = "select person from person where number = any($1::text[]) \
    union select person from person where document_hash = any($2::bytea[]) \
    union select person from person where card_hash = any($3::bytea[]) \
    union select found.person from unnest($4::bigint[], $5::bigint[]) k (hospital, settlement) cross join lateral \
    (select person from settlement s where s.hospital = k.hospital and s.settlement = k.settlement offset 0) found";

/// Which rows of persons are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Locked {
    Not,
    /// The hot rows.
    State,
    /// Those, and who they are.
    Wholly,
}

/// Persons with their hot rows, in ascending order; these are locked in it where they may be written to.
fn persons_where(which: &str, locked: Locked) -> String {
    let (person, state) = (tables::PERSON.list, tables::STATE.list);
    let lock = match locked {
        Locked::Not => "",
        Locked::State => " for update of s",
        Locked::Wholly => " for update of s, person",
    };
    format!(
        "select {person}, {state} from person_state s join person using (person) where {which} order by person{lock}"
    )
}

/// Insurances, identities and filings of the persons for whom `which` holds, in ascending order.
fn enrolled(which: &str) -> String {
    let all = tables::enrolled_of("= p.person", "false");
    format!(
        "select found.* from person p cross join lateral ({all} offset 0) found where p.{which} order by 1, 2, 3, 11"
    )
}

fn settlements(keys: impl Iterator<Item = (HospitalId, SettlementId)>) -> Step {
    let keys: Vec<_> = keys.collect();
    let sql = sql!(each(
        "unnest($1::bigint[], $2::bigint[]) k (hospital, settlement)",
        "hospital, encounter",
        "settlement s where s.hospital = k.hospital and s.settlement = k.settlement",
    ));
    Step::new(sql, pairs(keys.iter(), |(hospital, settlement)| (hospital.0, settlement.0)))
}

/// The sums keep the server from the way it would else take while a table is new: through all visits of the hospital,
/// the newest first.
fn visits(needs: &[Needs]) -> Step {
    let keys: Vec<_> =
        needs.iter().filter_map(|need| Some((need.hospital, need.visit_number.as_deref()?))).collect();
    let sql = sql!(format!(
        "select k.hospital, found.encounter from unnest($1::bigint[], $2::text[]) k (hospital, visit_number) \
         cross join lateral (select encounter from encounter e where e.hospital + 0 = k.hospital \
         and e.visit_number = k.visit_number and e.state = 'open' and not exists (select 1 from fee_line f \
         where f.hospital = e.hospital and f.encounter = e.encounter offset 0) \
         order by e.encounter + 0 desc limit {CANDIDATES}) found"
    ));
    Step::new(sql, named(&keys))
}

fn sign_ins_by_number(needs: &[Needs]) -> Step {
    let keys: Vec<_> =
        needs.iter().filter_map(|need| Some((need.hospital, need.sign_in_number.as_deref()?))).collect();
    let sql = sql!(each(
        "unnest($1::bigint[], $2::text[]) k (hospital, number)",
        tables::SIGN_IN.list,
        "sign_in s where s.hospital = k.hospital and s.number = k.number",
    ));
    Step::new(sql, named(&keys))
}

fn sign_ins_by_operator(needs: &[Needs]) -> Step {
    let keys: Vec<_> =
        needs.iter().filter_map(|need| Some((need.hospital, need.operator.as_deref()?))).collect();
    let sql = sql!(each(
        "unnest($1::bigint[], $2::text[]) k (hospital, operator)",
        tables::SIGN_IN.list,
        "sign_in s where s.hospital = k.hospital and s.operator = k.operator order by opened desc limit 1",
    ));
    Step::new(sql, named(&keys))
}

fn credits(needs: &[Needs]) -> Step {
    let keys: Vec<_> = needs
        .iter()
        .filter_map(|need| match (&need.who, &need.credit) {
            (Who::Number(number), Some((kind, period))) => {
                Some((number.as_str(), kind.word(), period.as_str()))
            }
            _ => None,
        })
        .collect();
    let sql = sql!(each(
        "unnest($1::text[], $2::text[], $3::text[]) k (number, kind, period)",
        tables::CREDIT.list,
        "credit c where c.person = (select person from person p where p.number = k.number) and c.kind = k.kind \
         and (c.period = k.period or starts_with(c.period, k.period || ':'))",
    ));
    let values = vec![
        Array::texts(keys.iter().map(|(number, ..)| *number)),
        Array::texts(keys.iter().map(|(_, kind, _)| *kind)),
        Array::texts(keys.iter().map(|(.., period)| *period)),
    ];
    Step::new(sql, values)
}

fn premiums(needs: &[Needs]) -> Step {
    let numbers = needs.iter().filter(|need| need.premiums).filter_map(|need| match &need.who {
        Who::Number(number) => Some(number.as_str()),
        _ => None,
    });
    let sql = sql!(each(
        "unnest($1::text[]) k (number)",
        tables::PREMIUM.list,
        "premium m where m.person = (select person from person p where p.number = k.number) order by month",
    ));
    Step::new(sql, vec![Array::texts(numbers)])
}

/// Persons, and their insurances and identities.
fn records(persons: &BTreeSet<PersonId>) -> [Step; 2] {
    let ids = || vec![Array::ints(persons.iter().map(|p| p.0))];
    [
        Step::new(sql!(persons_where("person = any($1::bigint[])", Locked::Not)), ids()),
        Step::new(sql!(enrolled("person = any($1::bigint[])")), ids()),
    ]
}

/// A person before it is known what they are enrolled as.
pub(crate) fn bare_record(row: PersonRow, state: PersonState) -> PersonRecord {
    PersonRecord { row, covers: Vec::new(), identities: Vec::new(), filings: Vec::new(), state }
}

/// Persons with what they are enrolled as.
pub(crate) fn people([persons, enrolled]: [Answer; 2]) -> Read<Vec<PersonRecord>> {
    let persons = rows(persons, tables::person)?;
    let mut records: Vec<PersonRecord> =
        persons.into_iter().map(|(row, state)| bare_record(row, state)).collect();
    for (person, what) in rows(enrolled, tables::enrolled)? {
        let Ok(at) = records.binary_search_by_key(&person, |record| record.row.id) else { continue };
        match what {
            Enrolled::Cover(cover) => records[at].covers.push(cover),
            Enrolled::Identity(identity) => records[at].identities.push(identity),
            Enrolled::Filing(filing) => records[at].filings.push(filing),
        }
    }
    Ok(records)
}

/// Visits, each with the end of the same person's stay before it at the same hospital; their lines; their settlements.
fn visit_rows(encounters: &BTreeSet<Visit>) -> [Step; 3] {
    let keys = || pairs(encounters.iter(), |(hospital, encounter)| (hospital.0, encounter.0));
    [
        Step::new(
            sql!(of_visits(&format!("{}, {STAY_BEFORE}", tables::ENCOUNTER.list), &tables::ENCOUNTER)),
            keys(),
        ),
        Step::new(sql!(of_visits(tables::LINE.list, &tables::LINE)), keys()),
        Step::new(sql!(of_visits(tables::SETTLEMENT.list, &tables::SETTLEMENT)), keys()),
    ]
}

const STAY_BEFORE: &str = "case when e.stay then (select max(b.ends) from encounter b where b.hospital = e.hospital \
    and b.person = e.person and b.stay and b.state = 'discharged' and b.ends <= e.begins \
    and b.encounter <> e.encounter) end";

/// Rows of a table that belong to visits.
fn of_visits(list: &str, table: &Table) -> String {
    let keys = "unnest($1::bigint[], $2::bigint[]) k (hospital, encounter)";
    each(keys, list, &format!("{} e where e.hospital = k.hospital and e.encounter = k.encounter", table.name))
}
