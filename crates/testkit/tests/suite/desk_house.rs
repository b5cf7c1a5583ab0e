//! What keeps a hospital's desk going: its first administrator, operators, number segments, closings.

use std::sync::Mutex;

use desk::{Bill, Closing, ClosingState, Hospital, Invitation, Invitations, Operator, Parameters, Sheet};
use jiff::civil::DateTime;
use money::Money;
use store::By;
use testkit::{Browser, DESK_PASSWORD, TestDesk};

const HOSPITAL: &str = "庄市佩珍医院";

/// One patient after the other at a window, each charged alone.
fn charge_alone(browser: &mut Browser, name: &str, item: &str) -> String {
    browser.get("/charge");
    browser.post("/charge", &[("name", name)]);
    let bill = browser.place.clone();
    browser.post(&format!("{bill}/line"), &[("item", item)]);
    browser.post(&format!("{bill}/try"), &[]);
    browser.post(&format!("{bill}/tender"), &[("tendered", "9000")]);
    browser.post(&format!("{bill}/settle"), &[]);
    assert!(browser.place.contains("done="), "{}", browser.text());
    bill.trim_start_matches("/charge/").to_owned()
}

fn void(browser: &mut Browser, bill: &str) {
    let place = format!("/bills/{bill}/void");
    browser.get(&place);
    browser.post(&place, &[("reason", "void-not-done")]);
}

fn closings(desk: &TestDesk) -> Vec<Sheet<Closing>> {
    desk.desk.papers(&desk.code(HOSPITAL)).list(By::All, 100, 0).unwrap()
}

#[test]
fn a_shift_is_closed_confirmed_and_adds_up() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    cashier.get("/closing");
    cashier.post("/closing", &[]);
    assert!(cashier.text().contains("没有要结的单"), "{}", cashier.text());
    charge_alone(&mut cashier, "甲", "xcg*2");
    let second = charge_alone(&mut cashier, "乙", "xcg");
    charge_alone(&mut cashier, "丙", "cgxd");
    void(&mut cashier, &second);
    cashier.get("/closing");
    cashier.post("/closing", &[]);
    let closing = &closings(&desk)[0].clone();
    let sums = &closing.facts;
    assert_eq!((sums.charged.came, sums.charged.went), (3, 1), "{}", cashier.text());
    assert_eq!(sums.hand_over.to_string(), "56.00", "24.00 and 32.00; 12.00 came and went");
    assert!(sums.adds_up());
    let numbers = &sums.numbers["outpatient"];
    assert_eq!((numbers.void.as_slice(), sums.gaps().len()), (&["NB-0000002".to_owned()][..], 0));
    // Cancelled and made again, it is the same.
    let place = format!("/closing/{}", closing.key);
    cashier.get(&place);
    cashier.post(&place, &[("do", "cancel")]);
    cashier.get("/closing");
    cashier.post("/closing", &[]);
    let again = closings(&desk).into_iter().find(|c| c.state == ClosingState::Closed).unwrap();
    assert_eq!(again.facts.parts.len(), 4, "three came, one went");
    assert_eq!(again.facts.hand_over, sums.hand_over);
    // Finance counts: a difference is explained.
    let mut finance = desk.signed_in(HOSPITAL, "0401");
    assert!(finance.get("/confirm").contains(&again.key));
    let place = format!("/closing/{}", again.key);
    finance.get(&place);
    finance.post(&place, &[("counted", "55")]);
    assert!(finance.text().contains("实点与应交差 -1.00"), "{}", finance.text());
    finance.post(&place, &[("counted", "55"), ("difference", "少一元,已追")]);
    let confirmed = closings(&desk).into_iter().find(|c| c.key == again.key).unwrap();
    assert_eq!(
        (confirmed.state, confirmed.facts.counted),
        (ClosingState::Confirmed, Some(Money::from_yuan(55)))
    );
    cashier.get(&place);
    cashier.post(&place, &[("do", "cancel")]);
    assert!(cashier.text().contains("已交款"), "{}", cashier.text());
}

#[test]
fn what_is_voided_after_its_closing_is_in_the_next_one_of_who_gave_the_money_back() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    let bill = charge_alone(&mut cashier, "甲", "xcg*2");
    cashier.get("/closing");
    cashier.post("/closing", &[]);
    void(&mut cashier, &bill);
    assert!(
        cashier.text().contains("H404"),
        "what is closed goes back with finance's word: {}",
        cashier.text()
    );
    cashier.post(&format!("/bills/{bill}/void"), &[("reason", "void-not-done"), ("do", "ask")]);
    let mut finance = desk.signed_in(HOSPITAL, "0401");
    finance.get("/approvals");
    finance.post("/approvals", &[("bill", &bill), ("do", "yes")]);
    void(&mut cashier, &bill);
    charge_alone(&mut cashier, "乙", "xcg");
    cashier.get("/closing");
    cashier.post("/closing", &[]);
    let all = closings(&desk);
    let sums: Vec<String> = all.iter().map(|closing| closing.facts.hand_over.to_string()).collect();
    assert_eq!(sums, ["-12.00", "24.00"], "the latest first");
    let bills: Vec<Sheet<Bill>> = desk.desk.papers(&desk.code(HOSPITAL)).list(By::All, 100, 0).unwrap();
    let stands: Money = bills
        .iter()
        .filter(|bill| bill.state == desk::BillState::Settled)
        .map(|bill| bill.facts.payment.due)
        .sum();
    assert_eq!(all.iter().map(|closing| closing.facts.hand_over).sum::<Money>(), stands);
}

#[test]
fn segments_never_overlap_and_say_what_became_of_their_numbers() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut finance = desk.signed_in(HOSPITAL, "0401");
    finance.get("/segments");
    let issue = |finance: &mut Browser, from: &str, to: &str, owner: &str| {
        let form = [("kind", "outpatient"), ("prefix", "NB-"), ("from", from), ("to", to), ("owner", owner)];
        finance.post("/segments", &form);
        finance.text()
    };
    assert!(
        issue(&mut finance, "0004000", "0004100", "0104")
            .contains("与 0103 的号段 NB-0000001 – NB-0005000 重叠")
    );
    assert!(issue(&mut finance, "0020000", "0020100", "9999").contains("没有在用的人员"));
    assert!(issue(&mut finance, "20", "10", "0103").contains("起止号应为"));
    assert!(issue(&mut finance, "0020000", "0020100", "0104").contains("NB-0020100"));
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    let bill = charge_alone(&mut cashier, "甲", "xcg");
    charge_alone(&mut cashier, "乙", "xcg");
    void(&mut cashier, &bill);
    finance.get("/segments");
    let page = finance.text();
    assert!(page.contains("NB-0000001 NB-0005000 0103 1 1 0 4998 NB-0000003"), "{page}");
}

#[test]
fn an_administrator_sets_operators_up_and_what_he_changes_ends_their_sessions() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    administrator.get("/operators");
    let new = |password: &str, role: &str| {
        let login = "0105";
        [("login", login), ("name", "新来的"), ("password", password), ("role", role)]
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
    };
    let mut hire = |password: &str, role: &str| {
        let form = new(password, role);
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        administrator.post("/operators", &form);
        administrator.text()
    };
    assert!(hire("short", "cashier").contains("口令要 10 到 128 个字"));
    assert!(hire(DESK_PASSWORD, "nobody").contains("至少选一个角色"));
    hire(DESK_PASSWORD, "cashier");
    let mut cashier = desk.signed_in(HOSPITAL, "0105");
    cashier.get("/charge");
    assert!(cashier.text().contains("H701"), "no certificate yet: {}", cashier.text());
    administrator.get("/operators");
    assert!(administrator.text().contains("没有合格证"), "{}", administrator.text());
    administrator.get("/operators/0105");
    let post = [("do", "change"), ("role", "cashier"), ("module-outpatient-charging", "2028-01-31")];
    administrator.post("/operators/0105", &post);
    cashier.get("/charge");
    assert_eq!(cashier.status, 401, "he signs in anew");
    let mut cashier = desk.signed_in(HOSPITAL, "0105");
    cashier.get("/charge");
    assert_eq!(cashier.status, 200, "{}", cashier.text());
    cashier.get("/operators");
    assert_eq!(cashier.status, 403);
    administrator.post("/operators/0105", &[("do", "stop")]);
    cashier.get("/charge");
    assert_eq!(cashier.status, 401);
    let today = administrator.get("/today");
    assert!(today.contains("马骏"), "{}", administrator.text());
}

#[test]
fn several_windows_sign_in_with_one_login_at_one_moment() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let signed_in = std::thread::scope(|threads| {
        let all: Vec<_> = (0..4)
            .map(|_| threads.spawn(|| desk.signed_in(HOSPITAL, "0103").page.contains("/sign-out")))
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).filter(|open| *open).count()
    });
    assert_eq!(signed_in, 4);
}

#[test]
fn the_manual_is_read_by_whoever_has_signed_in_and_whoever_cannot() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut anybody = Browser::new(desk.desk.clone());
    anybody.get("/manual/begin");
    assert_eq!(anybody.status, 200);
    assert!(anybody.text().contains("忘记口令"), "{}", anybody.text());
    anybody.get("/manual/nothing");
    assert_eq!(anybody.status, 404);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    let page = cashier.get("/charge");
    assert!(page.contains("&#x2f;manual&#x2f;charging") && page.contains("data-key=\"F1\""), "{page}");
    let page = cashier.get("/manual/charging");
    assert!(page.contains("<table>") && page.contains("href=\"/manual/"), "{page}");
    assert!(cashier.text().contains("0103"), "within his frame");
    cashier.get("/manual");
    assert!(cashier.text().contains("操作手册"), "{}", cashier.text());
}

/// One invitation.
struct One(Mutex<Option<String>>);

impl Invitations for One {
    fn find(&self, code: &str, _: DateTime) -> Option<Invitation> {
        let hospital = Hospital {
            name: "新开的医院".into(),
            division: "990101".into(),
            parameters: Parameters::default(),
        };
        let known = self.0.lock().unwrap().as_deref() == Some(code);
        known.then(|| Invitation { code: "H99010100009".into(), hospital })
    }

    fn used(&self, _: &str) {
        *self.0.lock().unwrap() = None;
    }
}

#[test]
fn a_hospital_is_set_up_with_an_invitation_once() {
    let desk = TestDesk::start(60, &[]);
    let desk = desk.inviting(Box::new(One(Mutex::new(Some("open-sesame".into())))));
    let mut browser = Browser::new(desk.clone());
    browser.get("/set-up");
    let form = |code: &'static str| {
        [("invitation", code), ("login", "1001"), ("name", "院办主任"), ("password", DESK_PASSWORD)]
    };
    browser.post("/set-up", &form("wrong"));
    assert!(browser.text().contains("开通码不对"), "{}", browser.text());
    browser.post("/set-up", &form("open-sesame"));
    assert!(browser.text().contains("已开通"), "{}", browser.text());
    let papers = desk.papers("H99010100009");
    let operator = papers.get::<Operator>("1001").unwrap().unwrap();
    assert!(!operator.private.totp.is_empty() && operator.facts.password.starts_with("$argon2id$"));
    browser.post("/set-up", &form("open-sesame"));
    assert!(browser.text().contains("开通码不对"), "used");
}

/// Offsets are data: what the administrator moves is moved on the next print, and nothing else is.
#[test]
fn where_a_form_is_printed_is_changed_without_a_new_program() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    let bill = charge_alone(&mut cashier, "甲", "xcg");
    let receipt = format!("/print/receipt/{bill}?look=1");
    assert!(cashier.get(&receipt).contains("<text x=\"80\" y=\"14\" class=\"title\">"), "{}", cashier.page);
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    administrator.get("/forms");
    assert!(administrator.text().contains("门诊收费收据"), "{}", administrator.text());
    administrator.get("/forms/receipt");
    let fields: Vec<(String, String)> = administrator
        .page
        .split("<input")
        .skip(1)
        .filter_map(|input| {
            let value =
                |name: &str| Some(input.split(&format!("{name}=\"")).nth(1)?.split('"').next()?.to_owned());
            Some((value(" name")?, value(" value")?))
        })
        .filter(|(name, _)| name.starts_with("x-") || name.starts_with("y-") || name.starts_with("shift-"))
        .collect();
    assert!(fields.len() > 20, "{fields:?}");
    let typed = |change: &[(&'static str, &'static str)], what: &'static str| -> Vec<(String, String)> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let kept =
            fields.iter().filter(|(name, _)| !change.iter().any(|(changed, _)| changed == name)).cloned();
        kept.chain(change.iter().map(own))
            .chain([("paper".into(), "a5".into()), ("do".into(), what.into())])
            .collect()
    };
    let mut post = |form: Vec<(String, String)>| {
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        administrator.post("/forms/receipt", &form);
        (administrator.page.clone(), administrator.text())
    };
    let (page, _) = post(typed(&[("x-title", "60.5"), ("shift-y", "-2")], "look"));
    assert!(page.contains("<text x=\"60.5\" y=\"12\" class=\"title\">") && page.contains("210mm"), "{page}");
    assert!(cashier.get(&receipt).contains("x=\"80\" y=\"14\" class=\"title\""), "a look keeps nothing");
    administrator.get("/forms/receipt");
    let mut post = |form: Vec<(String, String)>| {
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        administrator.post("/forms/receipt", &form);
        administrator.text()
    };
    let wrong = post(typed(&[("x-title", "9999")], "keep"));
    assert!(wrong.contains("不是纸上的位置"), "{wrong}");
    post(typed(&[("x-title", "60.5"), ("shift-y", "-2")], "keep"));
    let page = cashier.get(&receipt);
    assert!(page.contains("x=\"60.5\" y=\"12\" class=\"title\"") && page.contains("paper-a5"), "{page}");
    post(vec![("do".into(), "usual".into())]);
    assert!(cashier.get(&receipt).contains("x=\"80\" y=\"14\" class=\"title\""));
}
