//! What is often charged together is kept as a package and entered with one name, at the window and at the ward.

use desk::{Bill, Package, Sheet};
use testkit::TestDesk;

use crate::ward::Ward;

const HOSPITAL: &str = "庄市佩珍医院";

/// Keeps a package, as the administrator does.
fn keep(desk: &TestDesk, code: &str, name: &str, items: &str) -> String {
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    administrator.get("/packages");
    administrator
        .post("/packages", &[("package-code", code), ("package-name", name), ("package-items", items)]);
    administrator.text()
}

#[test]
fn a_package_is_charged_with_one_name() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let told = keep(&desk, "P1", "高血压常规", "0003*2 0277 9999");
    assert!(told.contains("高血压常规"), "{told}");
    let package = desk.desk.papers(&desk.code(HOSPITAL)).get::<Package>("P1").unwrap().expect("it is kept");
    assert_eq!(package.facts.items.len(), 3);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    assert!(cashier.get("/find/package?q=gxy").contains("高血压常规"));
    let card = desk.centre.sample.person("王建国").document.clone();
    cashier.get("/charge");
    cashier.post("/charge", &[("card", &card)]);
    let key = cashier.place.trim_start_matches("/charge/").to_owned();
    let step = |cashier: &mut testkit::Browser, step: &str, form: &[(&str, &str)]| {
        cashier.post(&format!("/charge/{key}/{step}"), form);
        cashier.text()
    };
    step(&mut cashier, "visit", &[("doctor", "012"), ("diagnosis", "I10")]);
    assert!(cashier.get(&format!("/charge/{key}?package=1")).contains("name=\"package\""));
    assert!(step(&mut cashier, "package", &[("package", "不存在")]).contains("没有套餐"));
    let told = step(&mut cashier, "package", &[("package", "gxy")]);
    assert!(told.contains("没有加入") && told.contains("9999"), "{told}");
    let papers = desk.desk.papers(&desk.code(HOSPITAL));
    let bill: Sheet<Bill> = papers.get(&key).unwrap().unwrap();
    let lines: Vec<_> =
        bill.facts.lines.iter().map(|line| (line.item.as_str(), line.quantity.to_string())).collect();
    assert_eq!(lines, [("0003", "2.0000".to_owned()), ("0277", "1.0000".to_owned())]);
    assert!(!bill.facts.visit.is_empty(), "the visit is opened with the first line");
    desk.assert_described(HOSPITAL);
}

#[test]
fn a_package_that_names_nothing_is_refused_with_what_is_wrong() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    assert!(keep(&desk, "P1", "空", "").contains("应有 1 到 50 个项目"));
    assert!(desk.desk.papers(&desk.code(HOSPITAL)).get::<Package>("P1").unwrap().is_none());
}

#[test]
fn a_package_is_posted_to_a_stay() {
    let mut ward = Ward::with("王建国");
    let told = keep(&ward.desk, "P2", "护理常规", "0003 0277*2");
    assert!(told.contains("护理常规"), "{told}");
    assert!(ward.biller.get(&format!("/posting/{}?package=1", ward.stay)).contains("name=\"package\""));
    ward.bill("package", &[("package", "P2")]);
    ward.bill("post", &[]);
    let lines: Vec<String> = ward.lines().iter().map(|line| line.facts.line.quantity.to_string()).collect();
    assert_eq!(lines, ["1.0000", "2.0000"], "{}", ward.biller.text());
}
