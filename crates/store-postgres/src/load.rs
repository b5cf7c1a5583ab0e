//! Loads what a batch needs. First its persons are locked, in ascending order: what is read behind that is read as it is
//! decided on. Then what its keys lead to, and what hangs on persons and visits.

use std::collections::{BTreeSet, HashSet};

use model::{EncounterId, HospitalId, PersonId, SettlementId};
use store::{Loaded, Made, MessageRow, Needs, PersonRecord, Who};
use tables::{Bad, Enrolled, Get};
use tokio_postgres::Row;

use crate::link::{Answer, Link, Step};
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

type Read<T> = Result<T, LoadError>;

/// Reads the rows of an answer.
pub(crate) fn rows<T>(answer: Answer, read: impl Fn(&dyn Get) -> Result<T, Bad>) -> Read<Vec<T>> {
    answer?.iter().map(|row| Ok(read(&Line(row))?)).collect()
}

/// Begins with `begin`, and loads. Persons are locked where the batch is recorded.
pub(crate) fn load(link: &mut Link, needs: &[Needs], begin: &str, locks: bool) -> Read<Loaded> {
    let mut loader = Loader { link, loaded: Loaded::default(), wanted: Wanted::default() };
    loader.keys(needs, begin, locks)?;
    loader.near(needs)?;
    loader.rows()?;
    Ok(loader.loaded)
}

/// Keys found on the way, each once and in order.
#[derive(Default)]
struct Wanted {
    persons: BTreeSet<PersonId>,
    encounters: BTreeSet<(HospitalId, EncounterId)>,
    settlements: BTreeSet<(HospitalId, SettlementId)>,
    messages: HashSet<i64>,
    stays_of: BTreeSet<PersonId>,
}

struct Loader<'l> {
    link: &'l mut Link,
    loaded: Loaded,
    wanted: Wanted,
}

/// Of the empty visits under one number the newest: one opened twice is among them, however many patients a program
/// writes one number on.
const CANDIDATES: usize = 20;

fn pairs<T>(all: impl IntoIterator<Item = T> + Clone, parts: impl Fn(&T) -> (i64, i64)) -> Vec<Array> {
    let first = Array::ints(all.clone().into_iter().map(|one| parts(&one).0));
    let second = Array::ints(all.into_iter().map(|one| parts(&one).1));
    vec![first, second]
}

fn named(all: &[(HospitalId, &str)]) -> Vec<Array> {
    vec![Array::ints(all.iter().map(|(h, _)| h.0)), Array::texts(all.iter().map(|(_, name)| *name))]
}

fn prefixed(list: &str, table: &str) -> String {
    list.split(", ").map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
}

impl Loader<'_> {
    /// What the keys of the batch lead to.
    fn keys(&mut self, needs: &[Needs], begin: &str, locks: bool) -> Read<()> {
        let mut steps = vec![Step::command(begin)];
        if locks {
            steps.push(lock(needs));
        }
        let before = steps.len();
        steps.extend([
            messages(needs),
            originals(needs),
            persons_by(needs),
            settlements(needs.iter().filter_map(|need| Some((need.hospital, need.settlement?)))),
            visits(needs),
            sign_ins_by_number(needs),
            sign_ins_by_operator(needs),
            credits(needs),
        ]);
        let mut answers = self.link.send(&steps)?.into_iter();
        let mut next = || answers.next().expect("every statement is answered");
        for _ in 0..before {
            next()?;
        }
        for message in rows(next(), tables::message)? {
            self.keep_message(message);
        }
        for message in rows(next(), tables::message)? {
            self.follow(&message);
            self.keep_message(message);
        }
        self.found_persons(&next()?, needs);
        for row in next()? {
            self.wanted.encounters.insert((HospitalId(row.get(0)), EncounterId(row.get(1))));
            self.wanted.persons.insert(PersonId(row.get(2)));
        }
        let visits = next()?;
        let keys = visits.iter().map(|row| (HospitalId(row.get(0)), EncounterId(row.get(1))));
        self.wanted.encounters.extend(keys);
        self.wanted.encounters.extend(needs.iter().filter_map(|n| Some((n.hospital, n.encounter?))));
        for _ in 0..2 {
            for found in rows(next(), tables::sign_in)? {
                let known = |s: &store::SignInRow| s.hospital == found.hospital && s.number == found.number;
                if !self.loaded.sign_ins.iter().any(known) {
                    self.loaded.sign_ins.push(found);
                }
            }
        }
        self.loaded.credits = rows(next(), tables::credit)?;
        Ok(())
    }

    fn keep_message(&mut self, message: MessageRow) {
        if self.wanted.messages.insert(message.id.0) {
            self.loaded.messages.push(message);
        }
    }

    /// From a message to what it made.
    fn follow(&mut self, message: &MessageRow) {
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

    fn found_persons(&mut self, found: &[Row], needs: &[Needs]) {
        for row in found {
            let (person, number) = (PersonId(row.get(0)), row.get::<_, &str>(1));
            let hashes = [row.get::<_, &[u8]>(2), row.get::<_, Option<&[u8]>>(3).unwrap_or_default()];
            self.wanted.persons.insert(person);
            for need in needs {
                let hash = match &need.who {
                    Who::Number(asked) if asked.as_str() == number => None,
                    Who::Document(hash) if hash[..] == *hashes[0] => Some(*hash),
                    Who::Card(hash) if hash[..] == *hashes[1] => Some(*hash),
                    _ => continue,
                };
                let known = hash.map(|hash| (hash, person));
                self.loaded.hashes.extend(known.filter(|known| !self.loaded.hashes.contains(known)));
                if need.open_stays {
                    self.wanted.stays_of.insert(person);
                }
            }
        }
    }

    /// Money messages of a person and number near an original that is not found by its id.
    fn near(&mut self, needs: &[Needs]) -> Read<()> {
        let near = needs.iter().filter(|need| need.near_original);
        for (need, infno) in near.filter_map(|need| Some((need, need.original.as_ref()?.0.as_str()))) {
            let Who::Number(number) = &need.who else { continue };
            let sql = format!(
                "select {}, substr(request, 1, 1), substr(reply, 1, 1) from message \
                 where person = (select person from person where number = ($1::text[])[1]) \
                 and infno = ($2::text[])[1] and made = 'settlement' and hospital = ($3::bigint[])[1] \
                 order by made_id desc limit 20",
                tables::MESSAGE_BARE.list
            );
            let values =
                vec![Array::texts([number.as_str()]), Array::texts([infno]), Array::ints([need.hospital.0])];
            for message in rows(self.link.rows(&sql, values), tables::message)? {
                self.follow(&message);
                self.keep_message(message);
            }
        }
        Ok(())
    }

    /// Persons with all that hangs on them, visits with all of theirs.
    fn rows(&mut self) -> Read<()> {
        self.hop()?;
        let persons = std::mem::take(&mut self.wanted.persons);
        let encounters = std::mem::take(&mut self.wanted.encounters);
        let mut steps = Vec::from(records(&persons));
        let key = || pairs(encounters.iter(), |(hospital, encounter)| (hospital.0, encounter.0));
        steps.extend([encounter_rows(key()), line_rows(key()), settlement_rows(key()), last_stays(key())]);
        let answers = self.link.send(&steps)?;
        let mut answers = answers.into_iter();
        let mut next = || answers.next().expect("every statement is answered");
        let found = people([next(), next()])?;
        self.loaded.persons.extend(found);
        self.loaded.encounters = rows(next(), tables::encounter)?;
        self.loaded.lines = rows(next(), tables::line)?;
        self.loaded.settlements = rows(next(), tables::settlement)?;
        for row in next()? {
            let ended = Line(&row).time(2)?;
            let key = (HospitalId(row.get(0)), EncounterId(row.get(1)));
            self.loaded.last_stays.extend(ended.map(|ended| (key.0, key.1, ended)));
        }
        self.owners(&persons)
    }

    /// What messages made and open stays lead to visits.
    fn hop(&mut self) -> Read<()> {
        let settled = std::mem::take(&mut self.wanted.settlements);
        let stays_of = std::mem::take(&mut self.wanted.stays_of);
        let mut steps = Vec::new();
        if !settled.is_empty() {
            steps.push(settlements(settled.into_iter()));
        }
        if !stays_of.is_empty() {
            let sql = "select hospital, encounter, person from encounter where person = any($1::bigint[]) \
                       and stay and state = 'open'";
            steps.push(Step::new(sql, vec![Array::ints(stays_of.into_iter().map(|p| p.0))]));
        }
        if steps.is_empty() {
            return Ok(());
        }
        for answer in self.link.send(&steps)? {
            for row in answer? {
                self.wanted.encounters.insert((HospitalId(row.get(0)), EncounterId(row.get(1))));
                self.wanted.persons.insert(PersonId(row.get(2)));
            }
        }
        Ok(())
    }

    /// A visit may belong to another person than its message names. Nothing is written to that person.
    fn owners(&mut self, loaded: &BTreeSet<PersonId>) -> Read<()> {
        let owners: BTreeSet<PersonId> = self.loaded.encounters.iter().map(|e| e.person).collect();
        let missing: BTreeSet<PersonId> = owners.difference(loaded).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let mut answers = self.link.send(&records(&missing))?;
        let covers = answers.pop().expect("every statement is answered");
        let persons = answers.pop().expect("every statement is answered");
        self.loaded.persons.extend(people([persons, covers])?);
        Ok(())
    }
}

fn messages(needs: &[Needs]) -> Step {
    let keys: Vec<_> = needs.iter().filter_map(|need| need.message.as_ref()).collect();
    let sql = format!(
        "select distinct {} from unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[]) k (hospital, infno, msgid, content) \
         join message m using (hospital, infno, msgid, content)",
        prefixed(tables::MESSAGE.list, "m")
    );
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
    let sql = format!(
        "select distinct {} from unnest($1::bigint[], $2::text[], $3::text[]) k (hospital, infno, msgid) \
         join message m using (hospital, infno, msgid)",
        prefixed(tables::MESSAGE.list, "m")
    );
    let values = vec![
        Array::ints(keys.iter().map(|(hospital, _)| hospital.0)),
        Array::texts(keys.iter().map(|(_, (infno, _))| infno.as_str())),
        Array::texts(keys.iter().map(|(_, (_, msgid))| msgid.as_str())),
    ];
    Step::new(sql, values)
}

/// Numbers, documents and cards of the persons that messages name.
fn named_persons(needs: &[Needs]) -> Vec<Array> {
    let (mut numbers, mut documents, mut cards) = (Vec::new(), Vec::new(), Vec::new());
    for need in needs {
        match &need.who {
            Who::Nobody => {}
            Who::Number(number) => numbers.push(number.as_str()),
            Who::Document(hash) => documents.push(&hash[..]),
            Who::Card(hash) => cards.push(&hash[..]),
        }
    }
    vec![Array::texts(numbers), Array::blobs(documents), Array::blobs(cards)]
}

/// Messages write to the persons they name, and to no others.
fn lock(needs: &[Needs]) -> Step {
    let sql = "select person from person_state where person in ( \
               select person from person where number = any($1::text[]) \
               union select person from person where document_hash = any($2::bytea[]) \
               union select person from person where card_hash = any($3::bytea[])) order by person for update";
    Step::new(sql, named_persons(needs))
}

fn persons_by(needs: &[Needs]) -> Step {
    let sql = "select person, number, document_hash, card_hash from person where number = any($1::text[]) \
               union select person, number, document_hash, card_hash from person where document_hash = any($2::bytea[]) \
               union select person, number, document_hash, card_hash from person where card_hash = any($3::bytea[])";
    Step::new(sql, named_persons(needs))
}

fn settlements(keys: impl Iterator<Item = (HospitalId, SettlementId)>) -> Step {
    let keys: Vec<_> = keys.collect();
    let sql = "select s.hospital, s.encounter, s.person from unnest($1::bigint[], $2::bigint[]) k (hospital, settlement) \
               join settlement s using (hospital, settlement)";
    Step::new(sql, pairs(keys.iter(), |(hospital, settlement)| (hospital.0, settlement.0)))
}

/// A sum is sorted by: by the number alone the server would walk through all visits of the hospital, the newest first.
fn visits(needs: &[Needs]) -> Step {
    let keys: Vec<_> =
        needs.iter().filter_map(|need| Some((need.hospital, need.visit_number.as_deref()?))).collect();
    let sql = format!(
        "select k.hospital, found.encounter from unnest($1::bigint[], $2::text[]) k (hospital, visit_number) \
         cross join lateral (select encounter from encounter e where e.hospital = k.hospital \
         and e.visit_number = k.visit_number and e.state = 'open' and not exists (select 1 from fee_line f \
         where f.hospital = e.hospital and f.encounter = e.encounter) order by e.encounter + 0 desc limit {CANDIDATES}) found"
    );
    Step::new(sql, named(&keys))
}

fn sign_ins_by_number(needs: &[Needs]) -> Step {
    let keys: Vec<_> =
        needs.iter().filter_map(|need| Some((need.hospital, need.sign_in_number.as_deref()?))).collect();
    let sql = format!(
        "select {} from unnest($1::bigint[], $2::text[]) k (hospital, number) join sign_in s using (hospital, number)",
        prefixed(tables::SIGN_IN.list, "s")
    );
    Step::new(sql, named(&keys))
}

fn sign_ins_by_operator(needs: &[Needs]) -> Step {
    let keys: Vec<_> =
        needs.iter().filter_map(|need| Some((need.hospital, need.operator.as_deref()?))).collect();
    let sql = format!(
        "select {} from unnest($1::bigint[], $2::text[]) k (hospital, operator) \
         cross join lateral (select * from sign_in i where i.hospital = k.hospital and i.operator = k.operator \
         order by opened desc limit 1) s",
        prefixed(tables::SIGN_IN.list, "s")
    );
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
    let sql = format!(
        "select {} from unnest($1::text[], $2::text[], $3::text[]) k (number, kind, period) \
         join person p using (number) join credit c on c.person = p.person and c.kind = k.kind \
         and (c.period = k.period or starts_with(c.period, k.period || ':'))",
        prefixed(tables::CREDIT.list, "c")
    );
    let values = vec![
        Array::texts(keys.iter().map(|(number, ..)| *number)),
        Array::texts(keys.iter().map(|(_, kind, _)| *kind)),
        Array::texts(keys.iter().map(|(.., period)| *period)),
    ];
    Step::new(sql, values)
}

/// Persons, and their insurances and identities.
fn records(persons: &BTreeSet<PersonId>) -> [Step; 2] {
    let ids = || vec![Array::ints(persons.iter().map(|p| p.0))];
    let (person, state) = (tables::PERSON.list, tables::STATE.list);
    let persons = format!(
        "select {person}, {state} from person join person_state using (person) where person = any($1::bigint[]) \
         order by person"
    );
    let enrolled = "select person, insurance_kind, from_day, to_day, person_type, status, premium, civil_servant, \
                    employer, division from cover where person = any($1::bigint[]) union all \
                    select person, null, from_day, to_day, kind, '', '', false, '', '' from identity \
                    where person = any($1::bigint[]) order by 1, 2, 3";
    [Step::new(persons, ids()), Step::new(enrolled, ids())]
}

/// Persons with what they are enrolled as.
pub(crate) fn people([persons, enrolled]: [Answer; 2]) -> Read<Vec<PersonRecord>> {
    let persons = rows(persons, tables::person)?;
    let mut records: Vec<PersonRecord> = persons
        .into_iter()
        .map(|(row, state)| PersonRecord { row, covers: Vec::new(), identities: Vec::new(), state })
        .collect();
    for (person, what) in rows(enrolled, tables::enrolled)? {
        let Ok(at) = records.binary_search_by_key(&person, |record| record.row.id) else { continue };
        match what {
            Enrolled::Cover(cover) => records[at].covers.push(cover),
            Enrolled::Identity(identity) => records[at].identities.push(identity),
        }
    }
    Ok(records)
}

const KEY: &str = "unnest($1::bigint[], $2::bigint[]) k (hospital, encounter)";

fn encounter_rows(key: Vec<Array>) -> Step {
    let list = prefixed(tables::ENCOUNTER.list, "e");
    Step::new(format!("select {list} from {KEY} join encounter e using (hospital, encounter)"), key)
}

fn line_rows(key: Vec<Array>) -> Step {
    let list = prefixed(tables::LINE.list, "l");
    let sql = format!(
        "select {list} from {KEY} join fee_line l using (hospital, encounter) \
         order by l.hospital, l.encounter, l.number"
    );
    Step::new(sql, key)
}

fn settlement_rows(key: Vec<Array>) -> Step {
    let list = prefixed(tables::SETTLEMENT.list, "s");
    let sql =
        format!("select {list} from {KEY} join settlement s using (hospital, encounter) order by s.version");
    Step::new(sql, key)
}

fn last_stays(key: Vec<Array>) -> Step {
    let sql = format!(
        "select e.hospital, e.encounter, (select max(b.ends) from encounter b where b.hospital = e.hospital \
         and b.person = e.person and b.stay and b.state = 'discharged' and b.ends <= e.begins) \
         from {KEY} join encounter e using (hospital, encounter) where e.stay"
    );
    Step::new(sql, key)
}
