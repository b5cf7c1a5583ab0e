//! Notices: what must be read comes before all else at each sign-in until it was, and nobody sees another hospital's.

use std::sync::{Arc, Mutex};

use desk::{Bulletin, Notice, NoticeRead, Role, Sheet};
use jiff::SignedDuration;
use jiff::civil::date;
use model::Clock as _;
use store::By;
use testkit::{Browser, TestDesk};
use web::{Asked, Fields};

const HOSPITAL: &str = "庄市佩珍医院";
const OTHER: &str = "龙赛医院";

/// A centre that tells one hospital these, as long as they are there.
struct Centre(String, Arc<Mutex<Vec<(String, Notice)>>>);

impl Bulletin for Centre {
    fn notices(&self, hospital: &str) -> Vec<(String, Notice)> {
        if hospital == self.0 { self.1.lock().unwrap().clone() } else { Vec::new() }
    }
}

fn told(key: &str, title: &str, must_read: bool) -> (String, Notice) {
    let notice = Notice {
        title: title.into(),
        body: "请周五前下载\n并复核对照".into(),
        roles: Vec::new(),
        from: date(2026, 1, 1),
        until: None,
        must_read,
        by: String::new(),
    };
    (key.to_owned(), notice)
}

/// A centre that tells that the catalogue changes.
fn desk() -> TestDesk {
    desk_told(Arc::new(Mutex::new(vec![told("centre-1", "目录 C-119 下周一生效", true)])))
}

fn desk_told(notices: Arc<Mutex<Vec<(String, Notice)>>>) -> TestDesk {
    let desk = TestDesk::start(10, &[HOSPITAL, OTHER]);
    let (road, code) = (desk.centre.centre.clone(), desk.code(HOSPITAL));
    desk.set_up(road, |setting| setting.bulletin = Box::new(Centre(code, notices)))
}

fn publish(browser: &mut Browser, form: &[(&str, &str)]) -> String {
    browser.get("/notices");
    browser.post("/notices", &[&[("do", "publish")], form].concat());
    browser.text()
}

#[test]
fn what_must_be_read_comes_first_until_it_was() {
    let desk = desk();
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    assert_eq!(cashier.place, "/notices", "{}", cashier.text());
    assert!(
        cashier.text().contains("下周一生效") && cashier.text().contains("公告 (1)"),
        "{}",
        cashier.text()
    );
    // It keeps nobody from the next patient.
    assert!(cashier.get("/charge").contains("公告 (1)"));
    cashier.get("/notices");
    // With the script the next page comes in the same answer: he has read it there, too.
    let (csrf, asked) = (cashier.csrf(), Asked::get("/notices"));
    let form = Fields::of(&[("do", "read"), ("key", "centre-1"), ("csrf", &csrf)]);
    let page = cashier.raw(Asked { post: true, part: true, form, ..asked }).text();
    assert!(page.contains("下周一生效") && !page.contains("公告 (1)"), "{page}");
    assert!(!cashier.get("/notices").contains("公告 (1)"), "{}", cashier.text());
    let again = desk.signed_in(HOSPITAL, "0103");
    assert_eq!(again.place, "/charge", "it was read: {}", again.text());
    let other = desk.signed_in(HOSPITAL, "0104");
    assert_eq!(other.place, "/notices", "by this cashier it was not");
    let elsewhere = desk.signed_in(OTHER, "0103");
    assert!(!elsewhere.text().contains("下周一生效") && !elsewhere.text().contains("公告 ("));
}

#[test]
fn what_the_centre_tells_or_takes_down_is_seen_within_half_a_minute() {
    let notices = Arc::new(Mutex::new(Vec::new()));
    let desk = desk_told(notices.clone());
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    let later = || {
        let clock = &desk.centre.clock;
        clock.set(clock.now().saturating_add(SignedDuration::from_secs(31)));
    };
    let mut sees = |title: &str| cashier.get("/notices").contains(title);
    assert!(!sees("周六停机"));
    notices.lock().unwrap().push(told("centre-2", "周六停机", false));
    later();
    assert!(sees("周六停机"));
    notices.lock().unwrap().clear();
    later();
    assert!(!sees("周六停机"));
}

#[test]
fn a_house_tells_its_own() {
    let desk = desk();
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    for (form, said) in [
        (&[("title", ""), ("body", "明早停电")][..], "要填"),
        (&[("title", "停电"), ("body", "")], "要填"),
        (&[("title", "停电"), ("body", "明早停电"), ("until", "2020-01-01")], "不能早于今天"),
    ] {
        let told = publish(&mut administrator, form);
        assert!(told.contains(said), "{told}");
    }
    let told = publish(&mut administrator, &[("title", "停电"), ("body", "明早停电"), ("role", "cashier")]);
    assert!(told.contains("已读 0 人"), "{told}");
    let papers = desk.desk.papers(&desk.code(HOSPITAL));
    let notice: Sheet<Notice> = papers.list(By::All, 10, 0).unwrap().remove(0);
    assert_eq!(notice.facts.roles, [Role::Cashier]);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    assert!(cashier.get("/notices").contains("明早停电"));
    cashier.post("/notices", &[("do", "read"), ("key", &notice.key)]);
    let mut finance = desk.signed_in(HOSPITAL, "0401");
    assert!(!finance.get("/notices").contains("明早停电"), "it is for cashiers");
    finance.post("/notices", &[("do", "read"), ("key", &notice.key)]);
    assert_eq!(papers.list::<NoticeRead>(By::All, 10, 0).unwrap().len(), 1);
    cashier.get("/notices");
    cashier.post("/notices", &[("do", "withdraw"), ("key", &notice.key)]);
    assert!(cashier.text().contains("H702"), "{}", cashier.text());
    // Of another hospital it is nobody's to withdraw.
    let mut foreign = desk.signed_in_with_code(OTHER, "0001");
    foreign.get("/notices");
    foreign.post("/notices", &[("do", "withdraw"), ("key", &notice.key)]);
    assert!(desk.signed_in(HOSPITAL, "0104").get("/notices").contains("明早停电"));
    administrator.get("/notices");
    administrator.post("/notices", &[("do", "withdraw"), ("key", &notice.key)]);
    assert!(!desk.signed_in(HOSPITAL, "0104").get("/notices").contains("明早停电"));
    desk.assert_described(HOSPITAL);
}

#[test]
fn the_administrator_is_told_on_his_page_how_many_are_unread() {
    let desk = desk();
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    assert!(administrator.get("/today").contains("未读公告"));
    assert!(administrator.text().contains("读后按「我已读」"), "{}", administrator.text());
}
