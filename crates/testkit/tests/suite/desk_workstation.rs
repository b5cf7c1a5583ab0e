//! A desk at a workstation that works on the centre's database with its hospital's own login: the same windows and the same
//! books, and nobody else's papers, by whatever statement.

use desk::{Bill, BillState, Sheet};
use store::{Act, By, Change, DeskStore, Paper, Tenant};
use testkit::{Books, TestCentre, TestDesk};
use tokio_postgres::NoTls;

const OURS: &str = "庄市佩珍医院";
const THEIRS: &str = "113医院";

/// What somebody tries who has the login of one hospital; `{theirs}` is the other's code.
const TRIED: &[&str] = &[
    "select * from desk.paper where hospital = '{theirs}'",
    "select count(*) from desk.paper where hospital <> (select desk.own_hospital())",
    "select * from desk.paper_tag where hospital = '{theirs}'",
    "select * from desk.paper_event where hospital = '{theirs}'",
    "select * from desk.login where hospital = '{theirs}'",
    "copy (select * from desk.paper where hospital = '{theirs}') to stdout",
    "set row_security = off; select * from desk.paper",
    "set role centre; select * from desk.paper",
    "set session authorization centre; select * from desk.paper",
    "update desk.paper set facts = '{}' where hospital = '{theirs}' returning key",
    "update desk.paper set hospital = '{theirs}' returning key",
    "insert into desk.paper select '{theirs}', kind, 'x', 1, state, day, tags, facts, private from desk.paper returning key",
    "insert into desk.paper_tag values ('{theirs}', 'bill', 'open:0103', 'x') returning key",
    "insert into desk.paper_event select '{theirs}', kind, key, 99, at, operator, workstation, event, was, state, facts, private from desk.paper_event returning key",
    "delete from desk.paper_tag where hospital = '{theirs}' returning key",
    "delete from desk.paper returning key",
    "delete from desk.paper_event returning key",
    "update desk.paper_event set operator = 'x' returning key",
    "truncate desk.paper",
    "truncate desk.paper_event",
    "insert into desk.login values (session_user, '{theirs}') returning role",
    "update desk.login set hospital = '{theirs}' returning role",
    "alter table desk.paper disable row level security",
    "drop policy tenant on desk.paper",
    "create policy mine on desk.paper using (true)",
    "create or replace function desk.own_hospital() returns text language sql as $$ select '{theirs}' $$",
    "drop trigger paper_event_stays on desk.paper_event",
    "alter table desk.paper_event disable trigger all",
    "create table desk.mine (a int)",
    "drop schema desk cascade",
    "grant select on desk.paper to public",
    "insert into desk.paper values ('{theirs}', 'hospital', 'hospital', 1, 'active', null, '', '{}', '') on conflict do nothing returning key",
];

fn paper(key: &str) -> Change {
    let paper = Paper {
        kind: "note".into(),
        key: key.into(),
        version: 0,
        state: "kept".into(),
        day: None,
        tags: vec!["a".into()],
        facts: "{}".into(),
        private: "secret".into(),
    };
    Change { paper, event: Some("write".into()) }
}

fn act(centre: &TestCentre) -> Act {
    use model::Clock as _;
    Act { at: centre.clock.now(), operator: "0103".into(), workstation: String::new() }
}

#[test]
fn a_window_at_a_workstation_leaves_the_same_books() {
    let (books, _server) = Books::behind_walls();
    let centre = TestCentre::start_over_counter(books, 60);
    let card = centre.sample.person("王建国").document.clone();
    let desk = TestDesk::at_workstation(centre, OURS);
    let mut cashier = desk.signed_in(OURS, "0103");
    cashier.get("/charge");
    cashier.post("/charge", &[("card", &card)]);
    let place = cashier.place.clone();
    cashier.post(&format!("{place}/visit"), &[("doctor", "012"), ("diagnosis", "I10")]);
    for item in ["amlz*2", "xcg"] {
        cashier.post(&format!("{place}/line"), &[("item", item)]);
    }
    cashier.post(&format!("{place}/try"), &[]);
    cashier.post(&format!("{place}/settle"), &[("tendered", "100")]);
    let papers = desk.desk.papers(&desk.code(OURS));
    let bill: Sheet<Bill> = papers.get(place.trim_start_matches("/charge/")).unwrap().unwrap();
    assert_eq!(bill.state, BillState::Settled, "{}", cashier.text());
    let report = desk.centre.assert_clean();
    assert_eq!(report.settlements - report.reversals, 1);
    let why = cashier.get(&format!("/bills/{}/why", bill.key));
    assert!(why.contains("第十二条"), "the centre explains over the counter too: {}", cashier.text());
    // A part goes back, and what the rest comes to is known before.
    let back = [("back-1", "1"), ("reason", "void-wrong-item")];
    cashier.get(&format!("/bills/{}/void", bill.key));
    cashier.post(&format!("/bills/{}/void", bill.key), &back);
    let sure = cashier.page.split("name=\"sure\" value=\"").nth(1).expect("what the rest comes to");
    let sure = sure.split('"').next().unwrap().to_owned();
    cashier.post(&format!("/bills/{}/void", bill.key), &[&back[..], &[("sure", &*sure)]].concat());
    let rest: Vec<Sheet<Bill>> = papers.list(By::Tag("receipt:NB-0000002"), 10, 0).unwrap();
    assert_eq!(rest[0].state, BillState::Settled, "{}", cashier.text());
    let report = desk.centre.assert_clean();
    assert_eq!(report.settlements - report.reversals, 1);
}

#[test]
fn the_login_of_a_hospital_gets_at_no_paper_of_another() {
    let (books, _server) = Books::behind_walls();
    let centre = TestCentre::start_over_counter(books, 60);
    let all = centre.desk_store();
    let [ours, theirs] = [OURS, THEIRS].map(|name| centre.sample.hospital(name).code.clone());
    let logins = [&ours, &theirs].map(|code| centre.login(code));
    let stores = [&ours, &theirs].map(|code| centre.desk_store_of(code));
    for (store, code) in stores.iter().zip([&ours, &theirs]) {
        store.put(&Tenant(code.clone()), &[paper("1")], &act(&centre)).unwrap();
    }
    // By the port.
    let store = &stores[0];
    assert!(store.paper(&Tenant(ours.clone()), "note", "1").unwrap().is_some());
    assert!(store.paper(&Tenant(theirs.clone()), "note", "1").unwrap().is_none());
    assert!(store.events(&Tenant(theirs.clone()), "note", "1").unwrap().is_empty());
    assert!(store.put(&Tenant(theirs.clone()), &[paper("2")], &act(&centre)).is_err());
    assert_eq!(store.tenants("note", "kept").unwrap(), [Tenant(ours.clone())]);
    assert_eq!(all.tenants("note", "kept").unwrap().len(), 2, "the centre sees both");
    // By any statement.
    let before = everything(all.as_ref(), &theirs);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut broken = Vec::new();
    for sql in TRIED {
        let sql = sql.replace("{theirs}", &theirs);
        let got = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&logins[0], NoTls).await.expect("a login");
            tokio::spawn(connection);
            client.simple_query(&sql).await
        });
        let rows = |message: &tokio_postgres::SimpleQueryMessage| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => {
                (0..row.len()).any(|at| row.get(at).is_some_and(|v| v != "0"))
            }
            _ => false,
        };
        match got {
            Ok(messages) if messages.iter().any(rows) => broken.push(format!("{sql}: got something")),
            Err(error) if error.code().is_some_and(|code| code.code() == "42601") => {
                broken.push(format!("{sql}: is no SQL"));
            }
            _ => {}
        }
        if everything(all.as_ref(), &theirs) != before {
            broken.push(format!("{sql}: changed something"));
        }
    }
    assert_eq!(broken, Vec::<String>::new());
    println!("{} statements, 0 succeeded", TRIED.len());
}

fn everything(store: &dyn DeskStore, hospital: &str) -> Vec<String> {
    let of = Tenant(hospital.to_owned());
    let papers = store.papers(&of, "note", By::All, 100, 0).unwrap();
    let events = store.events(&of, "note", "1").unwrap();
    papers
        .iter()
        .map(|paper| format!("{paper:?}"))
        .chain(events.iter().map(|event| format!("{event:?}")))
        .collect()
}
