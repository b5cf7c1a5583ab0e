//! What only a server can show: weak settings, several writers, a server that dies, a standby that takes its place.

use std::sync::Arc;

use ledger::Held;
use model::{Clock, MessageId, PersonId, SystemClock};
use money::Money;
use pgtest::{Durable, Server};
use store::{
    AuditRow, CentreStore, Changes, HospitalRow, Keys, Made, MessageKey, MessageResult, MessageRow, Needs,
    PersonRecord, PersonRow, PersonState, RecordError, Sealer, SignInRow, Who, Writer,
};
use store_postgres::{PostgresStore, Strictness};

fn open(server: &Server, strictness: Strictness) -> Result<PostgresStore, store::StoreError> {
    open_at(&server.url(), strictness)
}

fn open_at(url: &str, strictness: Strictness) -> Result<PostgresStore, store::StoreError> {
    let sealer = Arc::new(Sealer::new(&Keys::generate(), b""));
    PostgresStore::open(&format!("{url}/postgres"), sealer, Arc::new(SystemClock), strictness)
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
    let message = MessageRow {
        id: MessageId(writer.head().stream << 32 | writer.head().seq),
        key: key(number),
        digest: [7; 33],
        person: None,
        received: now,
        decided: now,
        result: MessageResult::Done,
        made: Made::Nothing,
        request: vec![1],
        reply: vec![2],
        taken_back_by: None,
    };
    Changes { audits: vec![audit], sign_ins: vec![row], messages: vec![message], ..Changes::default() }
}

fn key(number: &str) -> MessageKey {
    MessageKey { hospital: HOSPITAL, infno: "9001".into(), msgid: number.into(), content: Vec::new() }
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
    PersonRecord { row, covers: Vec::new(), identities: Vec::new(), filings: Vec::new(), state }
}

#[test]
fn a_commit_that_a_standby_only_has_in_memory_does_not_count() {
    let server = Server::start(Durable::Yes, &["synchronous_commit = remote_write"]).unwrap();
    let told = cause(&open(&server, Strictness::Strict).err().unwrap());
    assert!(told.contains("synchronous_commit is remote_write"), "{told}");
}

/// A commit waits for a standby.
const WAITS: &str = "exists (select from pg_stat_activity where wait_event = 'SyncRep')";

/// Records one batch after another until one is not told as done, and what it was told.
fn record_until(writer: &mut dyn Writer, keys: &store::DayKeys, name: &str) -> (String, RecordError) {
    for n in 0.. {
        let number = format!("{name}{n}");
        let recorded = match writer.load(&[Needs::of(HOSPITAL)]) {
            Ok(_) => writer.record(&batch(writer, keys, &number)),
            Err(error) => Err(RecordError::RolledBack(error)),
        };
        if let Err(error) = recorded {
            return (number, error);
        }
    }
    unreachable!()
}

/// Cuts the wait of a commit short, as an administrator does: the server answers it as done.
fn cut_wait_short(server: &Server) {
    server.wait_until(WAITS).unwrap();
    let sql = "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'";
    server.say("postgres", sql).unwrap();
}

/// Works while something else is done.
fn meanwhile<T: Send>(work: impl FnOnce() -> T + Send, done: impl FnOnce()) -> T {
    std::thread::scope(|scope| {
        let work = scope.spawn(work);
        done();
        work.join().unwrap()
    })
}

#[test]
fn a_commit_whose_wait_for_the_standby_was_cut_short_is_not_told_as_done() {
    let server = Server::start(Durable::Yes, &[]).unwrap();
    let store = open(&server, Strictness::Strict).unwrap();
    put_hospital(&store);
    let keys = keys();
    let (mut first, mut second) = (store.writer().unwrap(), store.writer().unwrap());
    server.set("synchronous_standby_names", "nobody").unwrap();
    let cut = || cut_wait_short(&server);
    let (number, error) = meanwhile(|| record_until(first.as_mut(), &keys, "S"), cut);
    assert!(matches!(error, RecordError::Unknown(_)), "{error:?}");
    assert!(stands(&store, &number), "seen by all, and yet it may be lost");

    // Nobody else tells of it, and no stream is begun behind it.
    second.load(&[Needs::of(HOSPITAL)]).unwrap();
    meanwhile(|| second.leave(), cut).unwrap_err();
    let asked = [Needs { message: Some(key(&number)), ..Needs::of(HOSPITAL) }];
    let mut reader = store.reader().unwrap();
    meanwhile(|| reader.load(&asked).map(drop), cut).unwrap_err();
    meanwhile(|| first.load(&[Needs::of(HOSPITAL)]).map(drop), cut).unwrap_err();

    // Who takes the standby away says that one server is enough.
    server.set("synchronous_standby_names", "").unwrap();
    first.load(&[Needs::of(HOSPITAL)]).unwrap();
    assert!(stands(&store, &number));
    assert_eq!(reader.load(&asked).unwrap().messages.len(), 1);
}

#[test]
fn a_commit_held_back_by_a_silent_standby_is_done_if_that_comes_back_and_not_if_it_takes_over_without_it() {
    let primary = Server::start(Durable::Yes, &[]).unwrap();
    let standby = primary.standby().unwrap();
    let store = open_at(&primary.url_with(&standby), Strictness::Strict).unwrap();
    put_hospital(&store);
    let keys = keys();
    let mut writer = store.writer().unwrap();
    standby.stop().unwrap();
    let cut_line = || {
        primary.wait_until(WAITS).unwrap();
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'";
        primary.say("postgres", cut).unwrap();
    };
    let (kept, error) = meanwhile(|| record_until(writer.as_mut(), &keys, "S"), cut_line);
    assert!(matches!(error, RecordError::Unknown(_)), "{error:?}");
    standby.begin().unwrap();
    writer.load(&[Needs::of(HOSPITAL)]).unwrap();
    assert!(stands(&store, &kept));
    writer.abandon();

    standby.kill().unwrap();
    let kill = || {
        primary.wait_until(WAITS).unwrap();
        primary.kill().unwrap();
    };
    let (lost, error) = meanwhile(|| record_until(writer.as_mut(), &keys, "T"), kill);
    assert!(matches!(error, RecordError::Unknown(_)), "{error:?}");
    standby.begin().unwrap();
    standby.promote().unwrap();
    writer.load(&[Needs::of(HOSPITAL)]).unwrap();
    assert!(stands(&store, &kept) && !stands(&store, &lost));
    writer.record(&batch(writer.as_ref(), &keys, &lost)).unwrap();
    assert!(stands(&store, &lost));
}

#[test]
fn what_was_told_as_done_stands_on_the_standby_that_takes_over() {
    let primary = Server::start(Durable::Yes, &[]).unwrap();
    let standby = primary.standby().unwrap();
    let store = open_at(&primary.url_with(&standby), Strictness::Strict).unwrap();
    put_hospital(&store);
    let keys = keys();
    let mut writer = store.writer().unwrap();
    let take_over = || {
        primary.wait_until("(select count(*) from sign_in) > 20").unwrap();
        primary.kill().unwrap();
        standby.promote().unwrap();
    };
    let (number, why) = meanwhile(|| record_until(writer.as_mut(), &keys, "S"), take_over);
    // Whatever became of the last, all before it are there; and it goes on.
    writer.load(&[Needs::of(HOSPITAL)]).unwrap();
    let done: usize = number[1..].parse().unwrap();
    let asked: Vec<_> =
        (0..done).map(|n| Needs { sign_in_number: Some(format!("S{n}")), ..Needs::of(HOSPITAL) }).collect();
    assert_eq!(store.reader().unwrap().load(&asked).unwrap().sign_ins.len(), done, "{why:?}");
    if !stands(&store, &number) {
        writer.record(&batch(writer.as_ref(), &keys, &number)).unwrap();
    }
    assert!(stands(&store, &number));
}
