//! One story told twice: over a perfect line and over one that delays, cuts and doubles. The books end the same.
//!
//! `TONGQU_SEED=7` tells the story of one seed alone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use road::{Capabilities, Family, HttpRoad, HttpSettings, Intents, SafeRoad};
use sample::{Fate, Faults, FaultyLine, Random};
use serve::Limits;
use tempfile::TempDir;
use testkit::{Item, Program, TestCentre, TestServer};

const HOSPITAL: &str = "澜州市第一医院";
const BILLS: usize = 40;

/// The seeds to tell the story of.
fn seeds() -> Vec<u64> {
    match std::env::var("TONGQU_SEED") {
        Ok(seed) => vec![seed.parse().expect("TONGQU_SEED is a number")],
        Err(_) => (1..=5).collect(),
    }
}

/// Says how to tell a story again whose test failed.
struct Replay(u64);

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("TONGQU_SEED={} tells this story again", self.0);
        }
    }
}

/// A hospital program on a road that resolves unknown outcomes by itself, with its intents on disk.
struct Window {
    program: Program,
    _folder: TempDir,
}

impl Window {
    fn new(centre: &TestCentre, to: SocketAddr, capabilities: Capabilities) -> Self {
        let hospital = centre.sample.hospital(HOSPITAL);
        let settings = HttpSettings {
            address: format!("http://{to}"),
            key: hospital.key.clone(),
            secret: hospital.secret.clone(),
            family: Family::Tif,
            timeout: Duration::from_secs(20),
            capabilities,
        };
        let folder = TempDir::new().expect("a folder for the intents");
        let intents = Intents::open(&folder.path().join("intents")).expect("a journal");
        // A line that cuts every fourth request does not cut thirty in a row.
        let pauses = vec![Duration::from_millis(1); 30];
        let road = SafeRoad::new(HttpRoad::new(settings, centre.clock.clone()), intents, pauses);
        Self { program: Program::new(hospital, Arc::new(road), centre.clock.clone()), _folder: folder }
    }
}

/// Tells the story of a seed: bills, some voided, some taken back. Answers the settlements that stand.
fn tell(centre: &TestCentre, program: &Program, seed: u64) -> BTreeSet<String> {
    let mut random = Random::new(seed);
    let mut standing = BTreeSet::new();
    for _ in 0..BILLS {
        let person = centre.sample.persons[30 + random.below(8)].enrolment.number.clone();
        let price = format!("{}.{:02}", random.between(5, 400), random.below(100));
        let item = Item::one(&centre.sample.catalogue.items()[random.below(50)].code, &price);
        let visit = program.charge(&person, &[item]);
        let msgid = program.msgid();
        let settled = program.say_as("2207", &msgid, &program.bill(&person, &visit, "1", &price)).done();
        let settlement = settled.get("setlinfo", "setl_id");
        match random.below(100) {
            0..20 => drop(program.void(&person, &visit, &settlement).done()),
            20..40 => drop(program.reverse(&person, "2207", &msgid).done()),
            _ => drop(standing.insert(settlement)),
        }
    }
    standing
}

/// What the books say at the end of a story.
#[derive(Debug, PartialEq, Eq)]
struct Books {
    /// Sums by account and person.
    sums: BTreeMap<(String, String), i64>,
    /// Rows by kind, and whether they count.
    rows: BTreeMap<(String, bool), i64>,
}

impl Books {
    fn read(centre: &TestCentre) -> Self {
        let books = rusqlite::Connection::open(centre.database()).expect("the books can be opened");
        Self {
            sums: query(
                &books,
                "select p.account, coalesce(i.number, ''), sum(p.amount)
                 from posting p left join person i on i.person = p.person group by 1, 2",
            ),
            rows: query(&books, "select kind, counted, count(*) from settlement group by 1, 2"),
        }
    }
}

fn query<A, B>(books: &rusqlite::Connection, sql: &str) -> BTreeMap<(A, B), i64>
where
    A: rusqlite::types::FromSql + Ord,
    B: rusqlite::types::FromSql + Ord,
{
    let mut statement = books.prepare(sql).expect("a query");
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)));
    rows.expect("rows").collect::<Result<_, _>>().expect("rows")
}

/// The settlements that stand in the books.
fn effective(centre: &TestCentre) -> BTreeSet<String> {
    let books = rusqlite::Connection::open(centre.database()).expect("the books can be opened");
    let mut statement =
        books.prepare("select settlement from settlement where effective = 1").expect("a query");
    let rows = statement.query_map([], |row| row.get::<_, i64>(0)).expect("rows");
    rows.map(|id| id.expect("a row").to_string()).collect()
}

fn free() -> Limits {
    Limits { rate: None, ..Limits::default() }
}

/// The story over a perfect line.
fn perfect(seed: u64) -> Books {
    let centre = TestCentre::start(60);
    let server = TestServer::start(&centre, free());
    let window = Window::new(&centre, server.address, ours());
    let standing = tell(&centre, &window.program, seed);
    assert_eq!(effective(&centre), standing);
    Books::read(&centre)
}

/// What our own centre offers.
fn ours() -> Capabilities {
    Capabilities { outcome: true, explain: true, ..Capabilities::default() }
}

#[test]
fn whatever_the_line_does_the_books_end_the_same() {
    for seed in seeds() {
        let _replay = Replay(seed);
        let centre = TestCentre::start(60);
        let server = TestServer::start(&centre, free());
        let line = FaultyLine::start(server.address, seed, Faults::bad_day()).expect("a line");
        let window = Window::new(&centre, line.address(), ours());
        let standing = tell(&centre, &window.program, seed);
        assert_eq!(effective(&centre), standing, "nothing is lost and nothing doubled");
        centre.assert_clean();
        assert_eq!(Books::read(&centre), perfect(seed));
        let failed = Fate::ALL[1..].iter().all(|fate| line.met(*fate) > 0);
        assert!(failed, "every fault was met");
    }
}
