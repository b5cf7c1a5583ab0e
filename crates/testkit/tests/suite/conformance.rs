//! What every backend promises at its ports, whichever this run is on.

use std::sync::Arc;

use jiff::civil::{DateTime, datetime};
use ledger::Journal;
use model::{HospitalId, InsuranceKind, JournalId, MessageId, PersonNumber};
use money::Money;
use sample::SampleCity;
use store::{
    AuditRow, CentreStore, Changes, JournalRow, Keys, Made, MessageKey, MessageResult, MessageRow, Needs,
    PersonRecord, RecordError, Sealer, SignInRow, Who, Writer,
};
use testkit::{Books, FakeClock};

const NOW: DateTime = datetime(2026, 11, 23, 8, 0, 0, 0);

/// A store with the people and institutions of a small city.
struct Scene {
    store: Box<dyn CentreStore>,
    sealer: Arc<Sealer>,
    clock: Arc<FakeClock>,
    number: PersonNumber,
    books: Books,
}

fn scene() -> Scene {
    let (books, clock) = (Books::new(), Arc::new(FakeClock::at(NOW)));
    let sealer = Arc::new(Sealer::new(&Keys::generate(), wire::TEXTS));
    let store = books.open(&sealer, &clock);
    let sample = SampleCity::new(1, 60, NOW.date());
    centre::designate(store.as_ref(), &sample.hospitals).unwrap();
    let people: Vec<_> = sample.persons.iter().map(|p| p.enrolment.clone()).collect();
    let mut writer = store.writer().unwrap();
    centre::enrol(writer.as_mut(), &sealer, &*clock, &people, &mut |_| {}).unwrap();
    writer.close().unwrap();
    drop(writer);
    let number = PersonNumber::from(&*people[0].number);
    let mut scene = Scene { store, sealer, clock, number, books };
    scene.reopen();
    scene
}

impl Scene {
    /// As the next process would: a file has one writer a process.
    fn reopen(&mut self) {
        self.store = self.books.open(&self.sealer, &self.clock);
    }

    fn audit(&self, writer: &dyn Writer) -> AuditRow {
        AuditRow::new(NOW, "test", String::new()).behind(&writer.head(), self.sealer.day_keys())
    }

    fn who(&self) -> Needs {
        Needs { who: Who::Number(self.number.clone()), ..Needs::of(HospitalId(1)) }
    }

    fn person(&self, writer: &mut dyn Writer) -> PersonRecord {
        writer.load(&[self.who()]).unwrap().persons.remove(0)
    }

    /// What is known under a message's id.
    fn knows(&self, msgid: &str) -> bool {
        let needs = Needs { message: Some(key(msgid)), ..Needs::of(HospitalId(1)) };
        !self.store.reader().unwrap().load(&[needs]).unwrap().messages.is_empty()
    }

    /// A batch with a message.
    fn batch(&self, writer: &dyn Writer, id: i64, msgid: &str) -> Changes {
        let message = MessageRow {
            id: MessageId(id),
            key: key(msgid),
            digest: [7; 33],
            person: None,
            received: NOW,
            decided: NOW,
            result: MessageResult::Done,
            made: Made::Nothing,
            request: vec![1],
            reply: vec![2],
            taken_back_by: None,
        };
        Changes { audits: vec![self.audit(writer)], messages: vec![message], ..Changes::default() }
    }
}

fn key(msgid: &str) -> MessageKey {
    MessageKey { hospital: HospitalId(1), infno: "2207".into(), msgid: msgid.into(), content: Vec::new() }
}

fn journal(id: i64, person: &PersonRecord) -> JournalRow {
    JournalRow {
        id: JournalId(id),
        settlement: None,
        person: Some(person.row.id),
        hospital: None,
        insurance_kind: InsuranceKind::EMPLOYEE,
        at: NOW,
        journal: Journal::account_credit(Money::from_fen(100), Money::ZERO),
    }
}

fn rolled_back(outcome: &Result<(), RecordError>) {
    assert!(matches!(outcome, Err(RecordError::RolledBack(_))), "{outcome:?}");
}

#[test]
fn what_is_recorded_is_there_and_the_stream_has_moved() {
    let scene = scene();
    let mut writer = scene.store.writer().unwrap();
    let before = writer.head();
    writer.load(&[scene.who()]).unwrap();
    let batch = scene.batch(writer.as_ref(), 7, "M1");
    assert!(!scene.knows("M1"), "nobody sees what is not recorded");
    writer.record(&batch).unwrap();
    assert_eq!((writer.head().stream, writer.head().seq), (before.stream, before.seq + 1));
    assert_eq!(writer.head().hash, batch.audits[0].hash);
    let needs = Needs { message: Some(key("M1")), ..Needs::of(HospitalId(1)) };
    let found = scene.store.reader().unwrap().load(&[needs]).unwrap().messages;
    assert_eq!(found, batch.messages);
}

#[test]
fn a_batch_that_fails_in_its_middle_leaves_nothing_and_says_so() {
    let scene = scene();
    let mut writer = scene.store.writer().unwrap();
    let person = scene.person(writer.as_mut());
    let first = Changes { journals: vec![journal(9, &person)], ..scene.batch(writer.as_ref(), 7, "M1") };
    writer.record(&first).unwrap();
    let head = writer.head();
    writer.load(&[scene.who()]).unwrap();
    // A journal of that number is there; what stands before and behind it is sound.
    let sign_in = SignInRow {
        hospital: HospitalId(1),
        number: "S9".into(),
        operator: "0103".into(),
        opened: NOW,
        closed: None,
    };
    let second = Changes {
        journals: vec![journal(9, &person)],
        sign_ins: vec![sign_in],
        ..scene.batch(writer.as_ref(), 8, "M2")
    };
    rolled_back(&writer.record(&second));
    assert_eq!(writer.head(), head);
    assert!(!scene.knows("M2"));
    // The writer goes on.
    writer.load(&[scene.who()]).unwrap();
    writer.record(&scene.batch(writer.as_ref(), 8, "M3")).unwrap();
    assert!(scene.knows("M3"));
}

#[test]
fn a_state_that_is_not_as_it_was_loaded_fails_the_batch() {
    let scene = scene();
    let mut writer = scene.store.writer().unwrap();
    let person = scene.person(writer.as_mut());
    let mut state = person.state.clone();
    state.version += 1;
    let loaded_at = person.state.version + 5;
    let batch =
        Changes { states: vec![(person.row.id, loaded_at, state)], ..scene.batch(writer.as_ref(), 7, "M1") };
    rolled_back(&writer.record(&batch));
    assert_eq!(scene.person(writer.as_mut()).state, person.state);
    assert!(!scene.knows("M1"));
}

#[test]
fn a_message_is_known_once_under_its_key() {
    let scene = scene();
    let mut writer = scene.store.writer().unwrap();
    for (id, msgid, fine) in [(7, "M1", true), (8, "M1", false), (8, "M2", true)] {
        writer.load(&[scene.who()]).unwrap();
        let outcome = writer.record(&scene.batch(writer.as_ref(), id, msgid));
        if fine {
            outcome.unwrap();
        } else {
            rolled_back(&outcome);
        }
    }
}

#[test]
fn what_is_abandoned_never_was() {
    let scene = scene();
    let mut writer = scene.store.writer().unwrap();
    let person = scene.person(writer.as_mut());
    writer.abandon();
    writer.abandon();
    assert_eq!(scene.person(writer.as_mut()), person);
    writer.record(&scene.batch(writer.as_ref(), 7, "M1")).unwrap();
    assert!(scene.knows("M1"));
}

#[test]
fn a_person_is_found_by_number_document_and_card_alike() {
    let scene = scene();
    let mut reader = scene.store.reader().unwrap();
    let by_number = reader.load(&[scene.who()]).unwrap().persons.remove(0);
    let keys = [Some(Who::Document(by_number.row.document_hash)), by_number.row.card_hash.map(Who::Card)];
    for who in keys.into_iter().flatten() {
        let loaded = reader.load(&[Needs { who: who.clone(), ..Needs::of(HospitalId(1)) }]).unwrap();
        assert!(loaded.persons.contains(&by_number), "{who:?}");
        assert!(loaded.hashes.iter().any(|(_, person)| *person == by_number.row.id), "{who:?}");
    }
    let nobody = Needs { who: Who::Number("nobody".into()), ..Needs::of(HospitalId(1)) };
    assert_eq!(reader.load(&[nobody]).unwrap().persons, []);
}

#[test]
fn a_closed_stream_is_told_of_by_the_next() {
    let mut scene = scene();
    let mut writer = scene.store.writer().unwrap();
    writer.load(&[scene.who()]).unwrap();
    writer.record(&scene.batch(writer.as_ref(), 7, "M1")).unwrap();
    let closed = writer.head();
    writer.close().unwrap();
    drop(writer);
    scene.reopen();
    let next = scene.store.writer().unwrap();
    assert!(next.head().stream > closed.stream && next.head().seq >= 1);
    let mut anchors = Vec::new();
    let mut ends = Vec::new();
    let mut reader = scene.store.reader().unwrap();
    reader
        .scan(&mut |scan| {
            scan.audits(&mut |row| anchors.extend((row.action == AuditRow::ANCHOR).then_some(row.object)))?;
            scan.closed_streams(&mut |end| ends.push(end))
        })
        .unwrap();
    let end = ends.into_iter().find(|end| end.stream == closed.stream).unwrap();
    assert_eq!((end.records, end.hash), (closed.seq, closed.hash));
    assert!(anchors.contains(&end.to_string()), "{anchors:?}");
}
