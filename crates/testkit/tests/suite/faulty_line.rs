//! One story told twice: over a perfect line and over one that delays, cuts and doubles. The books end the same.
//!
//! `TONGQU_SEED=7` tells the story of one seed alone.

use std::collections::{BTreeMap, BTreeSet};

use road::Capabilities;
use sample::{Fate, Faults, FaultyLine, Random};
use serde_json::{Value, json};
use serve::Limits;
use testkit::{Item, PlainCentre, Program, Said, TestCentre, TestServer, Window};

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

/// Says an input until it stands: what the road took back, because nobody could say what became of it, goes again under
/// a new id. Answers that id too.
fn insist(program: &Program, infno: &str, input: &Value) -> (String, Said) {
    loop {
        let msgid = program.msgid();
        let said = program.say_as(infno, &msgid, input);
        if said.code.as_deref() != Some("TAKEN_BACK") {
            return (msgid, said.done());
        }
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
        let (msgid, settled) = insist(program, "2207", &program.bill(&person, &visit, "1", &price));
        let settlement = settled.get("setlinfo", "setl_id");
        let void = json!({"data": {"psn_no": person, "mdtrt_id": visit, "setl_id": settlement}});
        match random.below(100) {
            0..20 => drop(insist(program, "2208", &void)),
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
    sums: BTreeMap<[String; 2], i64>,
    /// Totals of the rows that count, by hospital and kind of care.
    counted: BTreeMap<[String; 2], i64>,
    /// Rows by kind, and whether they count.
    rows: BTreeMap<[String; 2], i64>,
}

impl Books {
    fn read(centre: &TestCentre) -> Self {
        Self {
            sums: query(
                centre,
                "select p.account, coalesce(i.number, ''), sum(p.amount)
                 from posting p left join person i on i.person = p.person group by 1, 2",
            ),
            counted: query(
                centre,
                "select hospital, care_kind, sum(total) from settlement where counted group by 1, 2",
            ),
            rows: query(centre, "select kind, counted, count(*) from settlement group by 1, 2"),
        }
    }
}

fn query(centre: &TestCentre, sql: &str) -> BTreeMap<[String; 2], i64> {
    let pair = |row: Vec<String>| {
        let [a, b, sum] = row.try_into().expect("three columns");
        ([a, b], sum.parse().expect("a number"))
    };
    centre.books().ask(sql).into_iter().map(pair).collect()
}

/// The settlements that stand in the books.
fn effective(centre: &TestCentre) -> BTreeSet<String> {
    centre.books().ask("select settlement from settlement where effective").into_iter().flatten().collect()
}

fn free() -> Limits {
    Limits { rate: None, ..Limits::default() }
}

/// The story over a perfect line.
fn perfect(seed: u64) -> Books {
    let centre = TestCentre::start(60);
    let server = TestServer::start(&centre, free());
    let window = Window::open(&centre, HOSPITAL, server.address, ours());
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
        let window = Window::open(&centre, HOSPITAL, line.address(), ours());
        let standing = tell(&centre, &window.program, seed);
        assert_eq!(effective(&centre), standing, "nothing is lost and nothing doubled");
        centre.assert_clean();
        assert_eq!(Books::read(&centre), perfect(seed));
        let failed = Fate::ALL[1..].iter().all(|fate| line.met(*fate) > 0);
        assert!(failed, "every fault was met");
    }
}

#[test]
fn behind_a_plain_centre_nothing_is_lost_or_doubled_either() {
    for seed in seeds() {
        let _replay = Replay(seed);
        let centre = TestCentre::start(60);
        let plain = PlainCentre::start(&centre);
        let line = FaultyLine::start(plain.address(), seed, Faults::bad_day()).expect("a line");
        let window = Window::open(&centre, HOSPITAL, line.address(), Capabilities::default());
        let standing = tell(&centre, &window.program, seed);
        assert_eq!(effective(&centre), standing, "nothing is lost and nothing doubled");
        centre.assert_clean();
        let (books, perfect) = (Books::read(&centre), perfect(seed));
        assert_eq!((&books.sums, &books.counted), (&perfect.sums, &perfect.counted));
        let taken_back = |books: &Books| books.rows.get(&["take back", "0"].map(str::to_owned)).copied();
        assert!(taken_back(&books) > taken_back(&perfect), "the road had to take something back");
    }
}
