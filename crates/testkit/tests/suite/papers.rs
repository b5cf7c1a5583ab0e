//! What every backend promises of the papers of desks, whichever this run is on.

use std::sync::Arc;

use jiff::civil::{DateTime, date, datetime};
use store::{Act, By, Change, DeskStore, Keys, Paper, Put, Sealer, Tenant};
use testkit::Books;

const NOW: DateTime = datetime(2026, 11, 23, 8, 0, 0, 0);

struct Scene {
    desk: Box<dyn DeskStore>,
    _books: Books,
}

fn scene() -> Scene {
    let books = Books::new();
    let sealer = Arc::new(Sealer::new(&Keys::generate(), wire::TEXTS));
    Scene { desk: books.desk(&sealer), _books: books }
}

fn ours() -> Tenant {
    Tenant("H99010100001".into())
}

fn theirs() -> Tenant {
    Tenant("H99010100002".into())
}

fn act() -> Act {
    Act { at: NOW, operator: "0103".into(), workstation: "窗口1".into() }
}

fn bill(key: &str, tags: &[&str]) -> Paper {
    Paper {
        kind: "bill".into(),
        key: key.into(),
        state: "entry".into(),
        day: Some(NOW.date()),
        tags: tags.iter().map(|tag| (*tag).into()).collect(),
        facts: r#"{"total":"231.70"}"#.into(),
        private: r#"{"name":"王建国"}"#.into(),
        ..Paper::default()
    }
}

fn made(paper: &Paper) -> Change {
    Change { paper: paper.clone(), event: Some("made".into()) }
}

impl Scene {
    fn put(&self, of: &Tenant, changes: &[Change]) -> Put {
        self.desk.put(of, changes, &act()).unwrap()
    }

    fn keys(&self, by: By<'_>) -> Vec<String> {
        self.desk.papers(&ours(), "bill", by, 20, 0).unwrap().into_iter().map(|paper| paper.key).collect()
    }
}

#[test]
fn a_paper_is_read_as_it_was_written() {
    let scene = scene();
    let written = bill("1", &["receipt:1", "open:0103"]);
    assert_eq!(scene.put(&ours(), &[made(&written)]), Put::Done);
    let read = scene.desk.paper(&ours(), "bill", "1").unwrap().unwrap();
    assert_eq!(read, Paper { version: 1, ..written });
    let bare = Paper { day: None, tags: Vec::new(), private: String::new(), ..bill("2", &[]) };
    scene.put(&ours(), &[made(&bare)]);
    assert_eq!(scene.desk.paper(&ours(), "bill", "2").unwrap().unwrap(), Paper { version: 1, ..bare });
}

#[test]
fn who_writes_on_an_old_version_writes_nothing_at_all() {
    let scene = scene();
    scene.put(&ours(), &[made(&bill("1", &[]))]);
    let stale = Put::Stale { kind: "bill".into(), key: "1".into() };
    assert_eq!(scene.put(&ours(), &[made(&bill("2", &[])), made(&bill("1", &[]))]), stale);
    assert_eq!(scene.desk.paper(&ours(), "bill", "2").unwrap(), None, "all or none");
    let read = scene.desk.paper(&ours(), "bill", "1").unwrap().unwrap();
    let settled = Change { paper: Paper { state: "settled".into(), ..read }, event: Some("settle".into()) };
    assert_eq!(scene.put(&ours(), std::slice::from_ref(&settled)), Put::Done);
    assert_eq!(scene.put(&ours(), &[settled]), stale);
}

#[test]
fn papers_are_found_by_day_state_and_tag_newest_first() {
    let scene = scene();
    let old = Paper { day: Some(date(2026, 11, 22)), state: "settled".into(), ..bill("1", &["open:0103"]) };
    scene.put(&ours(), &[made(&old), made(&bill("2", &["open:0103"])), made(&bill("3", &["open:0104"]))]);
    assert_eq!(scene.keys(By::All), ["3", "2", "1"]);
    assert_eq!(scene.keys(By::State("settled")), ["1"]);
    assert_eq!(scene.keys(By::Days(NOW.date(), NOW.date())), ["3", "2"]);
    assert_eq!(scene.keys(By::Tag("open:0103")), ["2", "1"]);
    let second = scene.desk.papers(&ours(), "bill", By::All, 1, 1).unwrap();
    assert_eq!(second.iter().map(|paper| &*paper.key).collect::<Vec<_>>(), ["2"]);
    let closed = Paper { tags: vec!["closing:1".into()], version: 1, ..bill("2", &[]) };
    scene.put(&ours(), &[made(&closed)]);
    assert_eq!(scene.keys(By::Tag("open:0103")), ["1"]);
    assert_eq!(scene.keys(By::Tag("closing:1")), ["2"]);
}

#[test]
fn every_step_leaves_its_event_and_what_is_being_typed_none() {
    let scene = scene();
    scene.put(&ours(), &[made(&bill("1", &[]))]);
    let typed = Paper { facts: r#"{"total":"1.00"}"#.into(), version: 1, ..bill("1", &[]) };
    scene.put(&ours(), &[Change { paper: typed.clone(), event: None }]);
    let settled = Paper { state: "settled".into(), version: 2, ..typed };
    scene.put(&ours(), &[Change { paper: settled, event: Some("settle".into()) }]);
    let events = scene.desk.events(&ours(), "bill", "1").unwrap();
    let steps: Vec<_> =
        events.iter().map(|e| (e.version, e.from.as_deref(), &*e.event, &*e.state, &*e.operator)).collect();
    let first = (1, None, "made", "entry", "0103");
    assert_eq!(steps, [first, (3, Some("entry"), "settle", "settled", "0103")]);
    assert_eq!((events[0].at, &*events[0].workstation), (NOW, "窗口1"));
}

#[test]
fn a_hospital_sees_its_own_papers_only() {
    let scene = scene();
    scene.put(&ours(), &[made(&bill("1", &["receipt:1"]))]);
    assert_eq!(scene.desk.paper(&theirs(), "bill", "1").unwrap(), None);
    for by in [By::All, By::State("entry"), By::Days(NOW.date(), NOW.date()), By::Tag("receipt:1")] {
        assert_eq!(scene.desk.papers(&theirs(), "bill", by, 20, 0).unwrap(), [], "{by:?}");
    }
    assert_eq!(scene.desk.events(&theirs(), "bill", "1").unwrap(), []);
    assert_eq!(scene.put(&theirs(), &[made(&bill("1", &[]))]), Put::Done, "keys of two hospitals never meet");
    assert_eq!(scene.desk.tenants("bill", "entry").unwrap(), [ours(), theirs()]);
}

#[test]
fn two_windows_that_write_one_paper_at_once_write_it_one_after_the_other() {
    let scene = scene();
    let segment = Paper { kind: "segment".into(), facts: "0".into(), ..bill("1", &[]) };
    scene.put(&ours(), &[made(&segment)]);
    let take = || {
        loop {
            let read = scene.desk.paper(&ours(), "segment", "1").unwrap().unwrap();
            let next: u32 = read.facts.parse().unwrap();
            let taken = Change { paper: Paper { facts: (next + 1).to_string(), ..read }, event: None };
            let receipt = Paper { kind: "receipt".into(), ..bill(&next.to_string(), &[]) };
            if scene.put(&ours(), &[taken, made(&receipt)]) == Put::Done {
                return;
            }
        }
    };
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| (0..25).for_each(|_| take()));
        }
    });
    let all = scene.desk.papers(&ours(), "receipt", By::All, 1_000, 0).unwrap();
    let mut numbers: Vec<u32> = all.iter().map(|receipt| receipt.key.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..100).collect::<Vec<_>>(), "no number twice, no gap");
}
