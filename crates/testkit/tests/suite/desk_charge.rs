//! A cashier at a window: from the card to the receipt, and back, in a browser without script. Whatever is lost on the way,
//! the two books say the same in the end, and no receipt is printed before a settlement stands.

use std::sync::Arc;

use desk::{Bill, BillState, Papers, Receipt, ReceiptState, Sheet};
use jiff::SignedDuration;
use model::Clock as _;
use road::{Capabilities, NoReply, Reply, Road};
use store::By;
use testkit::{Browser, Lost, TestCentre, TestDesk};
use web::Site as _;
use wire::Message;

const HOSPITAL: &str = "庄市佩珍医院";
const OTHER: &str = "113医院";

/// A window where 王建国 stands: his bill is begun, with doctor and diagnosis.
struct Window {
    desk: TestDesk,
    browser: Browser,
    bill: String,
}

fn window() -> Window {
    Window::at(TestDesk::start(60, &[HOSPITAL]))
}

/// The same on a line that loses what it is told to.
fn window_on_a_line() -> Window {
    let centre = TestCentre::start(60);
    let way = centre.way().clone();
    Window::at(TestDesk::on(centre, way, &[HOSPITAL]))
}

impl Window {
    fn at(desk: TestDesk) -> Self {
        let browser = desk.signed_in(HOSPITAL, "0103");
        let mut window = Self { desk, browser, bill: String::new() };
        window.begin("王建国");
        window
    }

    fn begin(&mut self, name: &str) {
        let document = self.desk.centre.sample.person(name).document.clone();
        self.browser.get("/charge");
        self.browser.post("/charge", &[("card", &document)]);
        self.bill = self.browser.place.trim_start_matches("/charge/").to_owned();
        self.step("visit", &[("doctor", "012")]);
        self.step("visit", &[("diagnosis", "I10")]);
    }

    fn step(&mut self, step: &str, form: &[(&str, &str)]) -> String {
        self.browser.post(&format!("/charge/{}/{step}", self.bill), form)
    }

    /// Two items, and a trial.
    fn fill(&mut self) {
        for item in ["amlz*2", "xcg"] {
            self.step("line", &[("item", item)]);
        }
        self.step("try", &[]);
    }

    /// All that is due, and a little more.
    fn settle(&mut self) -> String {
        self.step("tender", &[("tendered", "100")]);
        self.step("settle", &[])
    }

    fn papers(&self) -> Papers {
        self.desk.desk.papers(&self.desk.code(HOSPITAL))
    }

    fn bill(&self) -> Sheet<Bill> {
        self.papers().get::<Bill>(&self.bill).unwrap().unwrap()
    }

    fn wait(&self, seconds: i64) {
        let clock = &self.desk.centre.clock;
        clock.set(clock.now().saturating_add(SignedDuration::from_secs(seconds)));
    }

    /// Settlements of the centre that stand.
    fn standing(&self) -> i64 {
        let report = self.desk.centre.assert_clean();
        i64::try_from(report.settlements).unwrap() - i64::try_from(report.reversals).unwrap()
    }
}

#[test]
fn a_bill_is_charged_from_card_to_receipt_and_voided() {
    let mut window = window();
    assert!(window.browser.text().contains("王建国"), "{}", window.browser.text());
    window.fill();
    assert_eq!(window.bill().state, BillState::Tried, "{}", window.browser.text());
    let due = window.browser.fact("应收现金").expect("what is due");
    window.settle();
    let bill = window.bill();
    assert_eq!(bill.state, BillState::Settled, "{}", window.browser.text());
    assert!(window.browser.text().contains("NB-0000001"), "{}", window.browser.text());
    let split = bill.facts.split.clone().unwrap();
    assert_eq!(split.total, bill.facts.total());
    assert_eq!(bill.facts.payment.due.to_string(), due);
    assert_eq!(window.standing(), 1);
    let key = bill.key.clone();
    let why = window.browser.get(&format!("/bills/{key}/why"));
    assert!(why.contains("第十二条"), "the article is named: {}", window.browser.text());
    let receipt = window.browser.get(&format!("/print/receipt/{key}"));
    assert!(receipt.contains("NB-0000001") && !receipt.contains("补打"), "{receipt}");
    assert!(window.browser.get(&format!("/print/receipt/{key}")).contains("补打第 1 次"));
    window.browser.get(&format!("/bills/{key}/void"));
    window.browser.post(&format!("/bills/{key}/void"), &[("reason", "void-wrong-item")]);
    let bill = window.bill();
    assert_eq!(bill.state, BillState::Voided, "{}", window.browser.text());
    assert_eq!(window.standing(), 0);
    let receipt = window.papers().get::<Receipt>("outpatient/NB-0000001").unwrap().unwrap();
    assert_eq!(receipt.state, ReceiptState::Void);
}

#[test]
fn a_reply_lost_at_any_arrow_ends_right_by_itself_and_nothing_is_printed_early() {
    for lost in ["2201", "2203", "2204", "2206", "2207"] {
        let mut window = window_on_a_line();
        let way = window.desk.centre.way().clone();
        if lost == "2201" {
            way.lose_of(lost, Lost::Reply);
        }
        for item in ["amlz*2", "xcg"] {
            window.step("line", &[("item", item)]);
        }
        if ["2203", "2204", "2206"].contains(&lost) {
            way.lose_of(lost, Lost::Reply);
            window.step("try", &[]);
            assert!(window.browser.text().contains("中心没有答复"), "{lost}: {}", window.browser.text());
        }
        window.step("try", &[]);
        assert_eq!(window.bill().state, BillState::Tried, "{lost}: {}", window.browser.text());
        if lost == "2207" {
            way.lose_of(lost, Lost::Reply);
        }
        window.settle();
        if lost == "2207" {
            assert_eq!(window.bill().state, BillState::Unknown);
            assert!(window.browser.text().contains("H304"), "{}", window.browser.text());
            let receipt = format!("/print/receipt/{}", window.bill);
            window.browser.get(&receipt);
            assert_eq!(window.browser.status, 404, "no receipt before it stands");
            assert_eq!(window.desk.desk.resolve().unwrap(), 0, "not yet");
            window.wait(4);
            assert_eq!(window.desk.desk.resolve().unwrap(), 1);
        }
        let bill = window.bill();
        assert_eq!(bill.state, BillState::Settled, "{lost}: {}", window.browser.text());
        assert_eq!(bill.facts.prints, 0);
        assert_eq!(window.standing(), 1, "{lost}");
    }
}

#[test]
fn a_void_whose_reply_is_lost_ends_right_by_itself() {
    let mut window = window_on_a_line();
    window.fill();
    window.settle();
    window.desk.centre.way().lose_of("2208", Lost::Reply);
    let void = format!("/bills/{}/void", window.bill);
    window.browser.get(&void);
    window.browser.post(&void, &[("reason", "void-wrong-item")]);
    assert_eq!(window.bill().state, BillState::VoidUnknown, "{}", window.browser.text());
    window.wait(4);
    assert_eq!(window.desk.desk.resolve().unwrap(), 1);
    assert_eq!(window.bill().state, BillState::Voided);
    assert_eq!(window.standing(), 0);
}

#[test]
fn the_next_patient_is_served_while_one_is_not_known_and_what_is_given_up_has_no_effect() {
    let mut window = window_on_a_line();
    window.fill();
    window.desk.centre.way().lose_of("2207", Lost::Reply);
    window.settle();
    let unknown = window.bill.clone();
    window.begin("林秀英");
    window.fill();
    window.settle();
    assert_eq!(window.bill().state, BillState::Settled, "{}", window.browser.text());
    assert_eq!(window.bill().facts.receipt, "NB-0000002");
    window.bill = unknown;
    window.browser.get(&format!("/charge/{}", window.bill));
    window.step("give-up", &[]);
    let bill = window.bill();
    assert_eq!(bill.state, BillState::Tried, "{}", window.browser.text());
    assert_eq!(window.standing(), 1, "only hers");
    window.step("try", &[]);
    window.settle();
    assert_eq!(window.bill().state, BillState::Settled, "{}", window.browser.text());
    assert_eq!(window.bill().facts.receipt, "NB-0000001", "the number was not printed, and goes first");
    assert_eq!(window.standing(), 2);
}

#[test]
fn what_is_given_up_twice_is_taken_back_once() {
    let mut window = window_on_a_line();
    window.fill();
    window.desk.centre.way().lose_of("2207", Lost::Reply);
    window.settle();
    window.browser.get(&format!("/charge/{}", window.bill));
    window.desk.centre.way().lose_of("2601", Lost::Reply);
    window.step("give-up", &[]);
    assert_eq!(window.bill().state, BillState::Unknown, "{}", window.browser.text());
    window.step("give-up", &[]);
    window.wait(61);
    window.desk.desk.resolve().unwrap();
    assert_eq!(window.bill().state, BillState::Tried, "{}", window.browser.text());
    assert_eq!(window.standing(), 0, "nothing stands at the centre, and nothing here");
    window.step("try", &[]);
    window.settle();
    assert_eq!(window.bill().state, BillState::Settled, "{}", window.browser.text());
    assert_eq!(window.standing(), 1);
}

#[test]
fn what_was_settled_while_nobody_looked_is_to_be_printed() {
    let mut window = window_on_a_line();
    window.fill();
    window.desk.centre.way().lose_of("2207", Lost::Reply);
    window.settle();
    window.wait(4);
    assert_eq!(window.desk.desk.resolve().unwrap(), 1);
    let told = |window: &mut Window| window.browser.get("/charge").contains("请补打给病人");
    assert!(!told(&mut window), "whoever looks at it prints it");
    window.wait(61);
    assert!(told(&mut window), "{}", window.browser.text());
    assert!(window.browser.text().contains("NB-0000001 王建国"), "{}", window.browser.text());
    let mut other = window.desk.signed_in(HOSPITAL, "0104");
    assert!(!other.get("/charge").contains("王建国"), "nobody else's");
    let receipt = format!("/print/receipt/{}", window.bill);
    window.browser.get(&receipt);
    assert!(!told(&mut window), "it is printed");
}

/// Dies with a message on its way: what it carried arrives, and nobody hears of it.
struct Dying(Arc<dyn Road>, &'static str);

impl Road for Dying {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        let heard = self.0.send(message);
        assert_ne!(message.transaction.infno, self.1, "the process dies here");
        heard
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

#[test]
fn what_a_process_that_died_was_carrying_is_taken_up_by_the_next() {
    let centre = TestCentre::start(60);
    let road = Arc::new(Dying(centre.centre.clone(), "2207"));
    let mut window = Window::at(TestDesk::on(centre, road, &[HOSPITAL]));
    window.fill();
    window.step("tender", &[("tendered", "100")]);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| window.step("settle", &[])));
    assert!(died.is_err());
    assert_eq!(window.bill().state, BillState::Settling);
    let next = window.desk.again(window.desk.centre.centre.clone());
    assert_eq!(next.resolve().unwrap(), 0, "whoever carries it may still be at it");
    window.wait(16);
    assert_eq!(next.resolve().unwrap(), 1);
    assert_eq!(window.bill().state, BillState::Settled);
    assert_eq!(window.standing(), 1);
}

#[test]
fn a_bill_is_never_settled_at_another_amount_than_was_shown() {
    let mut window = window();
    window.fill();
    window.step("tender", &[("tendered", "100")]);
    // The same person pays with the account somewhere else meanwhile.
    let elsewhere = window.bill.clone();
    window.begin("王建国");
    window.step("line", &[("item", "tbct*20")]);
    window.step("try", &[]);
    window.step("tender", &[("tendered", "9000")]);
    window.step("settle", &[]);
    assert_eq!(window.bill().state, BillState::Settled, "{}", window.browser.text());
    window.bill = elsewhere;
    let before = window.bill().facts.trial.unwrap().split.cash;
    window.browser.get(&format!("/charge/{}", window.bill));
    window.step("settle", &[]);
    let bill = window.bill();
    let now = bill.facts.trial.clone().unwrap().split.cash;
    assert_ne!(before, now, "the account is spent");
    assert_eq!(bill.state, BillState::Tried, "{}", window.browser.text());
    assert!(window.browser.text().contains("H302"), "{}", window.browser.text());
    window.step("answer", &[("answer", "yes")]);
    window.settle();
    assert_eq!(window.bill().state, BillState::Settled, "{}", window.browser.text());
}

#[test]
fn a_patient_without_insurance_is_charged_alone() {
    let mut window = window();
    window.browser.get("/charge");
    window.browser.post("/charge", &[("card", "")]);
    window.browser.post("/charge", &[("name", "阿卜杜拉·买买提"), ("sex", "1"), ("age", "30")]);
    window.bill = window.browser.place.trim_start_matches("/charge/").to_owned();
    window.step("line", &[("item", "xcg*2")]);
    window.step("line", &[("item", "")]);
    assert_eq!(window.browser.fact("应收现金").as_deref(), Some("24.00"), "{}", window.browser.text());
    window.step("tender", &[("tendered", "20")]);
    assert!(window.browser.text().contains("H303 实收不足,还差 4.00"), "{}", window.browser.text());
    window.step("tender", &[("tendered", "50")]);
    window.step("settle", &[]);
    assert_eq!(window.bill().state, BillState::Settled, "{}", window.browser.text());
    assert!(window.browser.text().contains("26.00"), "the change");
    assert_eq!(window.standing(), 0, "the centre hears nothing of it");
}

#[test]
fn what_is_typed_wrong_is_told_beside_it_and_stays() {
    let mut window = window();
    let mut check = |step: &str, form: &[(&str, &str)], why: &str| {
        let page = window.step(step, form);
        assert!(window.browser.text().contains(why), "{form:?}: {}", window.browser.text());
        let typed = form[0].1;
        assert!(page.contains(&format!("value=\"{typed}\"")) && page.contains("aria-invalid"), "{form:?}");
    };
    check("visit", &[("doctor", "999")], "没有找到医生");
    check("visit", &[("diagnosis", "zzzzz")], "没有找到诊断");
    check("line", &[("item", "zzzzz")], "没有找到");
    check("line", &[("item", "xcg*0")], "数量必须大于 0");
    check("line", &[("item", "xcg*1.5")], "该项目只能整数");
    window.step("try", &[]);
    assert!(window.browser.text().contains("没有收费项目"));
    window.step("line", &[("item", "xcg")]);
    window.step("line", &[("item", "xcg*2")]);
    assert!(window.browser.text().contains("第 1 行已有"), "{}", window.browser.text());
    window.step("answer", &[("answer", "yes")]);
    assert_eq!(window.bill().facts.lines.len(), 1);
    assert_eq!(window.bill().facts.total().to_string(), "36.00");
    window.step("line", &[("item", "xcg")]);
    window.step("answer", &[("answer", "no")]);
    assert_eq!(window.bill().facts.lines.len(), 2);
    window.step("remove", &[("number", "2")]);
    assert_eq!(window.bill().facts.lines.len(), 1);
    window.step("drop", &[]);
    assert_eq!(window.bill().state, BillState::Dropped, "{}", window.browser.text());
}

#[test]
fn who_may_what_is_asked_of_everybody() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut nobody = Browser::new(desk.desk.clone());
    nobody.get("/charge");
    assert_eq!(nobody.status, 401);
    assert!(nobody.page.contains("name=\"password\""));
    let code = desk.code(HOSPITAL);
    let wrong = [("hospital", &*code), ("login", "0103"), ("password", "wrong wrong wrong")];
    for _ in 0..5 {
        nobody.post("/sign-in", &wrong);
        assert_eq!(nobody.status, 401);
    }
    let right = [("hospital", &*code), ("login", "0103"), ("password", testkit::DESK_PASSWORD)];
    nobody.post("/sign-in", &right);
    assert_eq!(nobody.status, 401, "locked for a quarter of an hour");
    let unknown = [("hospital", &*code), ("login", "9999"), ("password", "wrong wrong wrong")];
    let told = nobody.post("/sign-in", &unknown).replace("9999", "0103");
    assert_eq!(told, nobody.post("/sign-in", &wrong), "whether a login exists is not told");
    let mut biller = desk.signed_in(HOSPITAL, "0207");
    biller.get("/charge");
    assert_eq!(biller.status, 403);
    assert!(biller.text().contains("H702"), "{}", biller.text());
    let mut administrator = Browser::new(desk.desk.clone());
    administrator
        .post("/sign-in", &[("hospital", &*code), ("login", "0001"), ("password", testkit::DESK_PASSWORD)]);
    assert!(administrator.text().contains("还要输入动态码"), "{}", administrator.text());
    let mut cashier = desk.signed_in(HOSPITAL, "0104");
    let asked =
        web::Asked { post: true, form: web::Fields::of(&[("card", "1")]), ..web::Asked::get("/charge") };
    assert_eq!(cashier.raw(asked.clone()).status, 403, "a form without its token");
    let elsewhere = web::Asked { origin: Some("https://evil.example".into()), host: "desk".into(), ..asked };
    assert_eq!(cashier.raw(elsewhere).status, 403);
}

#[test]
fn a_post_is_worked_at_only_with_a_certificate_that_holds() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let clock = &desk.centre.clock;
    clock.set(clock.now().saturating_add(SignedDuration::from_hours(24 * 365 * 2 + 48)));
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    cashier.get("/charge");
    assert_eq!(cashier.status, 403);
    assert!(cashier.text().contains("H701"), "{}", cashier.text());
    cashier.get("/bills");
    assert_eq!(cashier.status, 200, "what was charged may still be looked at");
}

#[test]
fn a_screen_nobody_works_at_is_locked_and_the_bill_is_still_there() {
    let mut window = window();
    window.step("line", &[("item", "xcg")]);
    let place = format!("/charge/{}", window.bill);
    window.wait(11 * 60);
    window.browser.get(&place);
    assert_eq!(window.browser.status, 423);
    assert!(!window.browser.page.contains("王建国"));
    window.browser.post("/unlock", &[("password", "wrong wrong wrong"), ("back", &place)]);
    assert_eq!(window.browser.status, 423);
    window.browser.post("/unlock", &[("password", testkit::DESK_PASSWORD), ("back", &place)]);
    assert_eq!(window.browser.status, 200);
    assert!(window.browser.text().contains("血常规"), "{}", window.browser.text());
    window.wait(21 * 60);
    window.browser.get(&place);
    assert_eq!(window.browser.status, 401);
    assert!(window.browser.text().contains("您离开太久"));
    let mut again = window.desk.signed_in(HOSPITAL, "0103");
    assert!(again.get(&place).contains("血常规"));
}

#[test]
fn another_hospitals_bills_are_not_there() {
    let desk = TestDesk::start(60, &[HOSPITAL, OTHER]);
    let mut window = Window::at(desk);
    window.fill();
    window.settle();
    let key = window.bill.clone();
    let mut other = window.desk.signed_in(OTHER, "0103");
    let known = ["/bills/KEY", "/bills/KEY/why", "/bills/KEY/void", "/print/receipt/KEY", "/charge/KEY"];
    for place in known {
        let (theirs, nothing) = (place.replace("KEY", &key), place.replace("KEY", "1"));
        let seen = (other.get(&theirs), other.status);
        let none = (other.get(&nothing), other.status);
        assert_eq!(seen.1, 404, "{place}");
        assert_eq!(seen.0.replace(&key, "1"), none.0, "{place}");
    }
    assert!(!other.get("/bills?receipt=NB-0000001").contains("王建国"));
    // A cookie that names another hospital opens nothing.
    let forged = web::Asked::get("/bills");
    let token = web::random_token();
    let cookies = web::Fields::of(&[("__Host-tongqu", &format!("{}.{token}", window.desk.code(HOSPITAL)))]);
    let answer = window.desk.desk.answer(&web::Asked { cookies, ..forged });
    assert_eq!(answer.status, 401);
}

/// `TONGQU_RECEIPTS` says how many.
#[test]
fn two_windows_on_one_segment_never_take_a_number_twice_and_leave_no_gap() {
    let count: usize = std::env::var("TONGQU_RECEIPTS").map_or(200, |text| text.parse().expect("a number"));
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let windows: Vec<Browser> = (0..2).map(|_| desk.signed_in(HOSPITAL, "0103")).collect();
    std::thread::scope(|threads| {
        for mut browser in windows {
            threads.spawn(move || {
                for n in 0..count / 2 {
                    browser.get("/charge");
                    browser.post("/charge", &[("name", &format!("病人{n}"))]);
                    let bill = browser.place.clone();
                    browser.post(&format!("{bill}/line"), &[("item", "xcg")]);
                    browser.post(&format!("{bill}/try"), &[]);
                    browser.post(&format!("{bill}/tender"), &[("tendered", "12")]);
                    browser.post(&format!("{bill}/settle"), &[]);
                    assert!(browser.place.contains("done="), "{}", browser.text());
                }
            });
        }
    });
    let papers = desk.desk.papers(&desk.code(HOSPITAL));
    let receipts: Vec<Sheet<Receipt>> = papers.list(By::All, 10_000, 0).unwrap();
    assert!(receipts.iter().all(|receipt| receipt.state == ReceiptState::Used));
    let mut numbers: Vec<String> = receipts.into_iter().map(|receipt| receipt.key).collect();
    numbers.sort();
    let expected: Vec<String> = (1..=count).map(|n| format!("outpatient/NB-{n:07}")).collect();
    assert_eq!(numbers, expected);
    println!("{count} receipts of two windows on one segment, none twice, no gap");
}

#[test]
fn what_was_entered_elsewhere_is_fetched_with_one_key_and_charged() {
    let mut window = window();
    for item in ["amlz*2", "xcg"] {
        window.step("line", &[("item", item)]);
    }
    window.step("park", &[]);
    let prepared = window.bill.clone();
    // At another window, somebody else.
    let document = window.desk.centre.sample.person("王建国").document.clone();
    let mut other = window.desk.signed_in(HOSPITAL, "0104");
    other.get("/charge");
    other.post("/charge", &[("card", &document)]);
    assert!(other.text().contains("有 1 张待收的单"), "{}", other.text());
    let place = other.place.clone();
    other.post(&format!("{place}/fetch"), &[]);
    assert_eq!(other.place, format!("/charge/{prepared}"), "{}", other.text());
    assert!(other.text().contains("应收现金"), "it is tried: {}", other.text());
    other.post(&format!("{}/settle", other.place.clone()), &[("tendered", "100")]);
    let bill = window.bill();
    assert_eq!((bill.state, bill.facts.cashier.as_str()), (BillState::Settled, "0104"), "{}", other.text());
    let empty = window.papers().get::<Bill>(place.trim_start_matches("/charge/")).unwrap().unwrap();
    assert_eq!((empty.state, window.standing()), (BillState::Dropped, 1));
}
