//! A month of the hospital's is applied for, asked after, withdrawn, and known to be closed when the centre says so.

use desk::{Application, ApplicationState, Sheet};
use jiff::civil::{date, datetime};
use store::By;
use testkit::{Browser, Item, TestCentre, TestDesk};

const HOSPITAL: &str = "庄市佩珍医院";

fn charge(browser: &mut Browser, document: &str) {
    browser.get("/charge");
    browser.post("/charge", &[("card", document)]);
    let place = browser.place.clone();
    browser.post(&format!("{place}/visit"), &[("doctor", "012")]);
    browser.post(&format!("{place}/visit"), &[("diagnosis", "I10")]);
    browser.post(&format!("{place}/line"), &[("item", "xcg")]);
    browser.post(&format!("{place}/try"), &[]);
    browser.post(&format!("{place}/tender"), &[("tendered", "100")]);
    browser.post(&format!("{place}/settle"), &[]);
    assert!(browser.place.contains("done="), "{}", browser.text());
}

fn applications(desk: &TestDesk) -> Vec<Sheet<Application>> {
    desk.desk.papers(&desk.code(HOSPITAL)).list(By::All, 10, 0).unwrap()
}

#[test]
fn a_month_is_applied_for_and_its_state_is_what_the_centre_answers() {
    let centre = TestCentre::start(60);
    let way = centre.way().clone();
    let mut desk = TestDesk::on(centre, way, &[HOSPITAL]);
    let document = desk.centre.sample.person("王建国").document.clone();
    charge(&mut desk.signed_in(HOSPITAL, "0103"), &document);
    let mut finance = desk.signed_in(HOSPITAL, "0401");
    let month = [("month", "2026-11"), ("kind", "11"), ("way", "10")];
    finance.get("/clearing?month=2026-11");
    finance.post("/clearing", &month);
    assert!(finance.text().contains("中心不同意"), "the month is not over: {}", finance.text());
    assert_eq!(applications(&desk)[0].state, ApplicationState::Refused);
    desk.centre.clock.set(datetime(2026, 12, 1, 8, 0, 0, 0));
    let mut finance = desk.signed_in(HOSPITAL, "0401");
    finance.get("/clearing");
    assert!(finance.text().contains("中心接口不告知"), "{}", finance.text());
    finance.post("/clearing", &month);
    let applied = applications(&desk).remove(0);
    assert_eq!(applied.state, ApplicationState::Applied, "{}", finance.text());
    assert_eq!((applied.facts.said.count, applied.facts.said.total.to_string().as_str()), (1, "12.00"));
    let again = [&month[..], &[("do", "ask")]].concat();
    finance.post("/clearing", &again);
    assert_eq!(applications(&desk)[0].facts.number, applied.facts.number, "it is the same application");
    let withdraw = [&month[..], &[("do", "withdraw")]].concat();
    finance.post("/clearing", &withdraw);
    assert_eq!(applications(&desk)[0].state, ApplicationState::Withdrawn, "{}", finance.text());
    finance.post("/clearing", &withdraw);
    assert!(finance.text().contains("已撤回"), "{}", finance.text());
    // What only the centre has stands in the way, and its figures are told.
    let program = desk.centre.program(HOSPITAL);
    desk.centre.clock.set(datetime(2026, 11, 30, 9, 0, 0, 0));
    let person = desk.centre.sample.person("王建国").number.clone();
    let items = [Item::one(desk.centre.item("血常规(五分类)"), "20.00")];
    let settled = program.settle(&person, &items, "20.00").1;
    desk.centre.clock.set(datetime(2026, 12, 1, 8, 5, 0, 0));
    finance.post("/clearing", &month);
    assert!(finance.text().contains("总额 12.00,中心 32.00"), "{}", finance.text());
    assert_eq!(applications(&desk)[0].state, ApplicationState::Refused);
    program.reverse(&person, "2207", &settled.get("setlinfo", "medins_setl_id")).done();
    finance.post("/clearing", &month);
    assert_eq!(applications(&desk)[0].state, ApplicationState::Applied, "{}", finance.text());
    let hands = centre::Hands { by: "甲", confirmed_by: "", why: "" };
    let groups = std::collections::HashMap::new();
    let closed = desk.centre.clearing_desk(HOSPITAL, |desk, row, rules| {
        desk.close(row, date(2026, 11, 1), rules, &groups, true, hands)
    });
    assert!(closed.is_ok(), "{closed:?}");
    finance.post("/clearing", &again);
    assert_eq!(applications(&desk)[0].state, ApplicationState::Closed, "{}", finance.text());
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    cashier.get("/clearing");
    assert_eq!(cashier.status, 403);
    desk.assert_described(HOSPITAL);
}
