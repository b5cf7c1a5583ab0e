//! Lists as files: what a page shows, for whoever may see the page, and nothing in it that a spreadsheet would run.

use testkit::{Browser, TestDesk};
use web::Asked;

const HOSPITAL: &str = "庄市佩珍医院";

fn file(browser: &mut Browser, target: &str) -> String {
    let answer = browser.raw(Asked::get(target));
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    let named = answer.header("content-disposition").expect("a file").to_owned();
    assert!(named.starts_with("attachment; filename=\""), "{named}");
    assert_eq!(answer.kind, "text/csv; charset=utf-8", "{target}");
    let text = answer.text();
    text.strip_prefix('\u{feff}')
        .unwrap_or_else(|| panic!("{target} does not say how it is written"))
        .to_owned()
}

#[test]
fn lists_are_files_for_whoever_sees_them() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    for name in ["=1+1", "乙,丙"] {
        cashier.get("/charge");
        cashier.post("/charge", &[("name", name)]);
        let bill = cashier.place.clone();
        cashier.post(&format!("{bill}/line"), &[("item", "xcg")]);
        cashier.post(&format!("{bill}/try"), &[]);
        cashier.post(&format!("{bill}/tender"), &[("tendered", "20")]);
        cashier.post(&format!("{bill}/settle"), &[]);
        assert!(cashier.place.contains("done="), "{}", cashier.text());
    }
    assert!(cashier.get("/bills").contains("as=csv"), "the page offers it");
    let bills = file(&mut cashier, "/bills?as=csv");
    let lines: Vec<&str> = bills.lines().collect();
    assert_eq!(lines.len(), 3, "{bills}");
    assert!(lines[0].starts_with("时间,票据号,姓名,收费员,合计"), "{bills}");
    assert!(bills.contains(",'=1+1,0103,12.00,") && bills.contains(",\"乙,丙\",0103,12.00,"), "{bills}");
    let book = cashier.raw(Asked::get("/bills?as=xlsx"));
    assert!(wire::is_zip(&book.body), "a workbook is a zip");
    cashier.get("/closing");
    cashier.post("/closing", &[]);
    assert!(
        file(&mut cashier, "/closing?as=csv").contains(",24.00,24.00,"),
        "the closing with what is handed over"
    );
    let mut finance = desk.signed_in(HOSPITAL, "0401");
    assert!(file(&mut finance, "/confirm?as=csv").contains("0103-00001,0103,"));
    assert!(file(&mut finance, "/segments?as=csv").contains("NB-0000001,NB-0005000,0103,2,0,0,4998,"));
    let mut clerk = desk.signed_in(HOSPITAL, "0301");
    for list in ["/admission", "/deposits", "/discharge"] {
        assert!(file(&mut clerk, &format!("{list}?as=csv")).starts_with("床位,姓名"), "{list}");
    }
    for nothing_of_his in ["/segments?as=csv", "/confirm?as=xlsx", "/admission?as=csv", "/reconcile?as=csv"] {
        assert_eq!(cashier.raw(Asked::get(nothing_of_his)).status, 403, "{nothing_of_his}");
    }
}

#[test]
fn all_papers_leave_as_tables_that_say_what_they_are() {
    let desk = TestDesk::start(60, &[HOSPITAL, "113医院"]);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    let card = desk.centre.sample.person("王建国").document.clone();
    cashier.get("/charge");
    cashier.post("/charge", &[("card", &card)]);
    let bill = cashier.place.clone();
    cashier.post(&format!("{bill}/visit"), &[("doctor", "012"), ("diagnosis", "I10")]);
    for item in ["amlz*2", "xcg"] {
        cashier.post(&format!("{bill}/line"), &[("item", item)]);
    }
    cashier.post(&format!("{bill}/try"), &[]);
    cashier.post(&format!("{bill}/tender"), &[("tendered", "900")]);
    cashier.post(&format!("{bill}/settle"), &[]);
    let (store, hospital) = (desk.store(), desk.code(HOSPITAL));
    let tables = desk::plain_tables(store, &hospital, true).unwrap();
    let table =
        |name: &str| tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("no {name}"));
    let text = |name: &str| String::from_utf8(table(name).csv()).unwrap();
    let key = bill.trim_start_matches("/charge/");
    let bills = text("bill");
    assert!(bills.contains(key) && bills.contains("settled") && bills.contains("王建国"), "{bills}");
    assert_eq!(table("bill.lines").rows.len(), 2);
    assert!(text("bill.lines").contains("血常规"), "{}", text("bill.lines"));
    assert!(text("bill.steps").contains("settled"));
    assert_eq!(table("operator").rows.len(), sample::OPERATORS.len());
    let all: String = tables.iter().map(|table| text(&table.name)).collect();
    // No secret leaves, and nothing of another hospital.
    for secret in ["argon2", "JBSW", "msgid", desk.code("113医院").as_str()] {
        assert!(!all.contains(secret), "{secret}");
    }
    desk.assert_described(HOSPITAL);
    let without: Vec<_> = desk::plain_tables(store, &hospital, false).unwrap();
    let without: String = without.iter().map(|t| String::from_utf8(t.csv()).unwrap()).collect();
    assert!(!without.contains("王建国") && !without.contains(&card), "nothing personal");
    assert!(desk::plain_tables(store, "H1", true).unwrap().is_empty());
}
