//! What only a server can show: weak settings, several writers, a server that dies.

use std::sync::Arc;

use ledger::Held;
use model::{Clock, PersonId, SystemClock};
use money::Money;
use pgtest::{Durable, Server};
use store::{
    AuditRow, CentreStore, Changes, HospitalRow, Keys, Needs, PersonRecord, PersonRow, PersonState,
    RecordError, Sealer, SignInRow, Who, Writer,
};
use store_postgres::{PostgresStore, Strictness};

fn open(server: &Server, strictness: Strictness) -> Result<PostgresStore, store::StoreError> {
    let sealer = Arc::new(Sealer::new(&Keys::generate(), b""));
    PostgresStore::open(&format!("{}/postgres", server.url()), sealer, Arc::new(SystemClock), strictness)
}

fn cause(error: &store::StoreError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

const HOSPITAL: model::HospitalId = model::HospitalId(1);

fn put_hospital(store: &PostgresStore) {
    let row = HospitalRow {
        id: HOSPITAL,
        code: "H1".into(),
        name: "H1".into(),
        kind: "hospital".into(),
        level: 1,
        grade: String::new(),
        division: "990100".into(),
        scheme: 1,
        profile: String::new(),
        active: true,
    };
    store.put_hospitals(&[row], &[]).unwrap();
}

/// A batch that signs an operator in.
fn batch(writer: &dyn Writer, keys: &store::DayKeys, number: &str) -> Changes {
    let now = SystemClock.now();
    let row = SignInRow {
        hospital: HOSPITAL,
        number: number.into(),
        operator: "1".into(),
        opened: now,
        closed: None,
    };
    let audit = AuditRow::new(now, "9001", String::new()).behind(&writer.head(), keys);
    Changes { audits: vec![audit], sign_ins: vec![row], ..Changes::default() }
}

fn keys() -> store::DayKeys {
    let keys = store::DayKeys::in_memory();
    keys.advance(SystemClock.now().date()).unwrap();
    keys
}

fn stands(store: &PostgresStore, number: &str) -> bool {
    let needs = Needs { sign_in_number: Some(number.into()), ..Needs::of(HOSPITAL) };
    !store.reader().unwrap().load(&[needs]).unwrap().sign_ins.is_empty()
}

#[test]
fn a_server_that_may_lose_commits_is_refused_unless_that_is_accepted_and_on_record() {
    let server = Server::start(Durable::No, &[]).unwrap();
    let refused = open(&server, Strictness::Strict).err().unwrap();
    let told = cause(&refused);
    for setting in ["fsync is off", "full_page_writes is off", "synchronous_commit is off"] {
        assert!(told.contains(setting), "{told}");
    }
    let store = open(&server, Strictness::AcceptsLoss).unwrap();
    let writer = store.writer().unwrap();
    assert!(writer.durability().unwrap().contains("fsync=off"));
    let mut records = Vec::new();
    let mut reader = store.reader().unwrap();
    reader.scan(&mut |scan| scan.audits(&mut |row| records.push((row.action, row.object)))).unwrap();
    assert!(
        records.iter().any(|(action, what)| action == "data loss accepted" && what.contains("fsync is off")),
        "{records:?}"
    );
}

#[test]
fn a_commit_whose_answer_is_lost_is_unknown_until_it_is_looked_at_again() {
    let server = Server::start(Durable::Yes, &[]).unwrap();
    let store = open(&server, Strictness::Strict).unwrap();
    put_hospital(&store);
    let keys = keys();
    let mut writer = store.writer().unwrap();
    assert_eq!(writer.durability().unwrap(), "fsync=on full_page_writes=on synchronous_commit=on");
    writer.load(&[Needs::of(HOSPITAL)]).unwrap();
    writer.record(&batch(writer.as_ref(), &keys, "S1")).unwrap();
    assert!(stands(&store, "S1"));

    // The server dies with the batch open: nobody was told anything, and nobody can say what became of it.
    writer.load(&[Needs::of(HOSPITAL)]).unwrap();
    let lost = batch(writer.as_ref(), &keys, "S2");
    server.stop().unwrap();
    let outcome = writer.record(&lost);
    assert!(matches!(outcome, Err(RecordError::Unknown(_) | RecordError::RolledBack(_))), "{outcome:?}");
    let down = writer.load(&[Needs::of(HOSPITAL)]);
    assert!(down.is_err(), "a server that is down answers nothing");
    server.begin().unwrap();
    let before = writer.head().stream;
    writer.load(&[Needs::of(HOSPITAL)]).unwrap();
    assert!(writer.head().stream > before, "a new connection has a stream of its own");
    assert!(stands(&store, "S1") && !stands(&store, "S2"));
    writer.record(&batch(writer.as_ref(), &keys, "S2")).unwrap();
    assert!(stands(&store, "S2"));
    writer.close().unwrap();
}

#[test]
fn writers_of_one_database_have_streams_of_their_own_and_the_next_tells_of_all() {
    let server = Server::start(Durable::Yes, &[]).unwrap();
    let store = open(&server, Strictness::Strict).unwrap();
    put_hospital(&store);
    let keys = keys();
    let mut writers: Vec<_> = (0..3).map(|_| store.writer().unwrap()).collect();
    assert_eq!(writers.iter().map(|w| w.head().stream).collect::<Vec<_>>(), [1, 2, 3]);
    let mut heads = Vec::new();
    for (n, writer) in writers.iter_mut().enumerate() {
        writer.load(&[Needs::of(HOSPITAL)]).unwrap();
        writer.record(&batch(writer.as_ref(), &keys, &format!("S{n}"))).unwrap();
        heads.push((writer.head().stream, writer.head().hash));
    }
    // One is dropped as a process that dies drops it; the others end their streams.
    writers[1].close().unwrap();
    writers[2].close().unwrap();
    drop(writers);
    let next = store.writer().unwrap();
    assert_eq!(next.head().seq, 3, "it says of all three how they ended");
    let mut ends = Vec::new();
    let mut reader = store.reader().unwrap();
    reader.scan(&mut |scan| scan.closed_streams(&mut |end| ends.push((end.stream, end.hash)))).unwrap();
    assert_eq!(ends, heads);
}

#[test]
fn a_person_another_writer_works_on_is_waited_for() {
    let server = Server::start(Durable::Yes, &[]).unwrap();
    let store = open(&server, Strictness::Strict).unwrap();
    put_hospital(&store);
    let keys = keys();
    let mut first = store.writer().unwrap();
    first.load(&[Needs::of(HOSPITAL)]).unwrap();
    let enrolled = Changes { persons: vec![person()], ..batch(first.as_ref(), &keys, "S1") };
    first.record(&enrolled).unwrap();

    let needs = || Needs { who: Who::Number("P1".into()), ..Needs::of(HOSPITAL) };
    let mut second = store.writer().unwrap();
    let loaded = first.load(&[needs()]).unwrap().persons.remove(0);
    let waiting = std::thread::spawn(move || second.load(&[needs()]).unwrap().persons.remove(0));
    let mut state = loaded.state.clone();
    state.version += 1;
    let raised = Changes {
        states: vec![(loaded.row.id, loaded.state.version, state)],
        ..batch(first.as_ref(), &keys, "S2")
    };
    first.record(&raised).unwrap();
    assert_eq!(waiting.join().unwrap().state.version, loaded.state.version + 1);
}

fn person() -> PersonRecord {
    let row = PersonRow {
        id: PersonId(7),
        number: "P1".into(),
        name: "P1".into(),
        document_kind: "01".into(),
        document: Vec::new(),
        document_hash: [1; 16],
        card_hash: None,
        gender: "1".into(),
        born: SystemClock.now().date(),
    };
    let state = PersonState { version: 0, held: Held::default(), on_hold: Money::ZERO, years: Vec::new() };
    PersonRecord { row, covers: Vec::new(), identities: Vec::new(), state }
}
