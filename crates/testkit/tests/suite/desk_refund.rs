//! Money that goes back at a window, in browsers without script: a part of a bill, with the finance office's approval, by
//! the way it came; and how a shift closes over all of it.

use std::sync::Arc;

use desk::{Bill, BillState, Closing, Hospital, Papers, Receipt, ReceiptState, Sheet};
use jiff::SignedDuration;
use model::Clock as _;
use money::Money;
use road::{Capabilities, NoReply, Reply, Road};
use store::By;
use testkit::{Browser, Lost, TestCentre, TestDesk};
use wire::Message;

const HOSPITAL: &str = "庄市佩珍医院";
/// Two of the first line; the second line stays whole.
const ONE_BACK: [(&str, &str); 2] = [("back-1", "1"), ("reason", "void-wrong-item")];

/// A window at which somebody was charged two of one item and one of another.
struct Window {
    desk: TestDesk,
    browser: Browser,
    bill: String,
}

impl Window {
    fn settled(desk: TestDesk, who: &str) -> Self {
        let browser = desk.signed_in(HOSPITAL, "0103");
        let mut window = Self { desk, browser, bill: String::new() };
        window.charge(who, &[]);
        window
    }

    fn charge(&mut self, who: &str, paid: &[(&str, &str)]) {
        self.browser.get("/charge");
        if who.is_empty() {
            self.browser.post("/charge", &[("name", "路人甲")]);
        } else {
            let card = self.desk.centre.sample.person(who).document.clone();
            self.browser.post("/charge", &[("card", &card)]);
        }
        self.bill = self.browser.place.trim_start_matches("/charge/").to_owned();
        self.step("visit", &[("doctor", "012"), ("diagnosis", "I10")]);
        for item in ["amlz*2", "xcg"] {
            self.step("line", &[("item", item)]);
        }
        self.step("try", &[]);
        self.step("tender", &[&[("tendered", "9000")], paid].concat());
        self.step("settle", &[]);
        assert_eq!(self.bill().state, BillState::Settled, "{}", self.browser.text());
    }

    fn step(&mut self, step: &str, form: &[(&str, &str)]) -> String {
        self.browser.post(&format!("/charge/{}/{step}", self.bill), form)
    }

    fn refund(&mut self, form: &[(&str, &str)]) -> String {
        let place = format!("/bills/{}/void", self.bill);
        self.browser.get(&place);
        self.browser.post(&place, form)
    }

    /// The figure a refund's page asks to confirm.
    fn sure(&self) -> String {
        let after = self.browser.page.split("name=\"sure\" value=\"").nth(1).expect("what the rest comes to");
        after.split('"').next().unwrap().to_owned()
    }

    /// Looks at what the rest comes to, and confirms.
    fn confirm(&mut self, form: &[(&str, &str)]) {
        self.refund(form);
        let sure = self.sure();
        let place = format!("/bills/{}/void", self.bill);
        self.browser.post(&place, &[form, &[("sure", &*sure)]].concat());
    }

    fn papers(&self) -> Papers {
        self.desk.desk.papers(&self.desk.code(HOSPITAL))
    }

    fn bill(&self) -> Sheet<Bill> {
        self.papers().get::<Bill>(&self.bill).unwrap().unwrap()
    }

    /// What stayed of the bill.
    fn rest(&self) -> Sheet<Bill> {
        let rest = self.bill().facts.voided.expect("voided").rest;
        self.papers().get::<Bill>(&rest).unwrap().expect("a rest")
    }

    fn receipt(&self, number: &str) -> ReceiptState {
        self.papers().get::<Receipt>(&format!("outpatient/{number}")).unwrap().expect("taken").state
    }

    fn standing(&self) -> i64 {
        let report = self.desk.centre.assert_clean();
        i64::try_from(report.settlements).unwrap() - i64::try_from(report.reversals).unwrap()
    }

    fn close(&mut self) -> Closing {
        let closing = Closing::open(&self.papers(), "0103").unwrap();
        self.browser.get("/closing");
        self.browser.post("/closing", &[]);
        closing
    }

    fn wait(&self, seconds: i64) {
        let clock = &self.desk.centre.clock;
        clock.set(clock.now().saturating_add(SignedDuration::from_secs(seconds)));
    }
}

fn on_a_line() -> TestDesk {
    let centre = TestCentre::start(60);
    let way = centre.way().clone();
    TestDesk::on(centre, way, &[HOSPITAL])
}

#[test]
fn a_part_of_a_bill_goes_back_and_the_rest_is_what_was_shown() {
    let mut window = Window::settled(TestDesk::start(60, &[HOSPITAL]), "王建国");
    let before = window.bill();
    window.refund(&ONE_BACK);
    let page = window.browser.text();
    assert!(page.contains("剩余") && page.contains("应退现金"), "{page}");
    assert_eq!(window.bill().state, BillState::Settled, "nothing moved yet");
    window.confirm(&ONE_BACK);
    let rest = window.rest();
    assert_eq!((window.bill().state, rest.state), (BillState::Voided, BillState::Settled), "{page}");
    let quantities: Vec<String> = rest.facts.lines.iter().map(|line| line.quantity.to_string()).collect();
    assert_eq!(quantities, ["1.0000", "1.0000"]);
    let gone = before.facts.lines[0].amount + before.facts.lines[1].amount - rest.facts.total();
    assert_eq!(gone + gone, before.facts.lines[0].amount);
    assert_eq!(window.standing(), 1, "one was voided, one stands");
    assert_eq!(
        (window.receipt("NB-0000001"), window.receipt("NB-0000002")),
        (ReceiptState::Void, ReceiptState::Used)
    );
    assert!(window.browser.text().contains("NB-0000002"), "{}", window.browser.text());
    // Again, and then all of it.
    window.bill = rest.key;
    window.confirm(&[("back-2", "1"), ("reason", "void-not-done")]);
    let last = window.rest();
    assert_eq!((last.state, last.facts.lines.len()), (BillState::Settled, 1), "{}", window.browser.text());
    window.bill = last.key;
    window.refund(&[("reason", "void-patient-asks")]);
    assert_eq!((window.bill().state, window.standing()), (BillState::Voided, 0));
    let closing = window.close();
    assert!(closing.adds_up());
    assert_eq!((closing.charged.came, closing.charged.went), (3, 3));
    assert_eq!((closing.total, closing.hand_over), (Money::ZERO, Money::ZERO));
    window.desk.assert_described(HOSPITAL);
}

/// Whoever comes to the same lines without having bought more is charged the same.
#[test]
fn the_rest_comes_to_what_it_would_have_alone() {
    let mut window = Window::settled(TestDesk::start(60, &[HOSPITAL]), "陈志远");
    window.confirm(&ONE_BACK);
    let rest = window.rest();
    window.bill = rest.key.clone();
    window.refund(&[("reason", "void-patient-asks")]);
    window.browser.get("/charge");
    let card = window.desk.centre.sample.person("陈志远").document.clone();
    window.browser.post("/charge", &[("card", &card)]);
    window.bill = window.browser.place.trim_start_matches("/charge/").to_owned();
    window.step("visit", &[("doctor", "012"), ("diagnosis", "I10")]);
    for item in ["amlz", "xcg"] {
        window.step("line", &[("item", item)]);
    }
    window.step("try", &[]);
    let alone = window.bill().facts.trial.expect("a trial").split;
    assert_eq!(rest.facts.split, Some(alone));
}

#[test]
fn more_than_was_charged_never_goes_back_and_a_reason_is_asked() {
    let mut window = Window::settled(TestDesk::start(60, &[HOSPITAL]), "王建国");
    window.refund(&[("back-1", "3"), ("reason", "void-wrong-item")]);
    assert!(window.browser.text().contains("H402"), "{}", window.browser.text());
    assert!(window.browser.page.contains("value=\"3\""), "what was typed stays");
    window.refund(&[("back-1", "x"), ("reason", "void-wrong-item")]);
    assert!(window.browser.page.contains("aria-invalid"), "{}", window.browser.text());
    window.refund(&[("back-1", "1")]);
    assert!(window.browser.text().contains("请选择原因"), "{}", window.browser.text());
    // Another figure than was shown is shown first.
    window.refund(&[&ONE_BACK[..], &[("sure", "0.01")]].concat());
    assert_eq!((window.bill().state, window.standing()), (BillState::Settled, 1));
}

#[test]
fn who_pays_alone_gets_a_part_back_too() {
    let mut window = Window::settled(TestDesk::start(60, &[HOSPITAL]), "");
    let due = window.bill().facts.payment.due;
    let unit = window.bill().facts.lines[0].amount;
    window.confirm(&ONE_BACK);
    let rest = window.rest();
    assert_eq!(rest.state, BillState::Settled, "{}", window.browser.text());
    assert_eq!(rest.facts.payment.back() + rest.facts.payment.back(), unit);
    assert_eq!(rest.facts.payment.due + rest.facts.payment.back(), due);
    assert_eq!(window.close().hand_over, rest.facts.payment.due);
}

#[test]
fn a_refund_whose_reply_is_lost_leaves_its_rest_to_be_settled_before_the_shift_closes() {
    let mut window = Window::settled(on_a_line(), "王建国");
    window.desk.centre.way().lose_of("2208", Lost::Reply);
    window.confirm(&ONE_BACK);
    assert_eq!(window.bill().state, BillState::VoidUnknown, "{}", window.browser.text());
    window.browser.get("/closing");
    assert!(window.browser.post("/closing", &[]).contains("H306"), "{}", window.browser.text());
    window.wait(4);
    assert_eq!(window.desk.desk.resolve().unwrap(), 1);
    let rest = window.rest();
    assert_eq!((window.bill().state, rest.state), (BillState::Voided, BillState::Entry));
    assert!(window.browser.get("/charge").contains("已全退,剩余待结"), "{}", window.browser.text());
    window.browser.get("/closing");
    window.browser.post("/closing", &[]);
    assert!(window.browser.text().contains("剩余待结"), "{}", window.browser.text());
    // Its lines are fixed; its reply is lost as well.
    window.bill = rest.key;
    window.browser.get(&format!("/charge/{}", window.bill));
    window.step("line", &[("item", "xcg")]);
    assert!(window.browser.text().contains("项目不能再改"), "{}", window.browser.text());
    window.step("try", &[]);
    assert!(window.browser.text().contains("原单退回现金"), "{}", window.browser.text());
    window.desk.centre.way().lose_of("2207", Lost::Reply);
    window.step("settle", &[("tendered", "0")]);
    assert_eq!(window.bill().state, BillState::Unknown, "{}", window.browser.text());
    window.wait(4);
    window.desk.desk.resolve().unwrap();
    assert_eq!((window.bill().state, window.standing()), (BillState::Settled, 1));
    assert!(window.close().adds_up());
}

#[test]
fn a_rest_nobody_wants_is_dropped_and_all_went_back() {
    let mut window = Window::settled(on_a_line(), "王建国");
    window.desk.centre.way().lose_of("2205", Lost::Message);
    window.confirm(&ONE_BACK);
    let rest = window.rest();
    assert_eq!(rest.state, BillState::Entry, "{}", window.browser.text());
    window.bill = rest.key;
    window.step("drop", &[]);
    assert_eq!(
        (window.bill().state, window.standing()),
        (BillState::Dropped, 0),
        "{}",
        window.browser.text()
    );
    assert_eq!(window.close().hand_over, Money::ZERO);
}

/// A centre that answers the national transactions and nothing else.
struct Plain(Arc<dyn Road>);

impl Road for Plain {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        let ours = ["rest", "explain", "outcome"].contains(&message.envelope.infno.as_str());
        assert!(!ours, "a plain centre is not asked {}", message.envelope.infno);
        self.0.send(message)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }
}

#[test]
fn where_the_centre_cannot_say_before_the_rest_is_shown_behind_the_refund() {
    let centre = TestCentre::start(60);
    let road = Arc::new(Plain(centre.centre.clone()));
    let mut window = Window::settled(TestDesk::on(centre, road, &[HOSPITAL]), "王建国");
    window.confirm(&ONE_BACK);
    let rest = window.rest();
    assert_eq!(
        (window.bill().state, rest.state),
        (BillState::Voided, BillState::Tried),
        "{}",
        window.browser.text()
    );
    assert!(window.browser.text().contains("应退现金"), "{}", window.browser.text());
    window.bill = rest.key;
    window.step("settle", &[("tendered", "0")]);
    assert_eq!(
        (window.bill().state, window.standing()),
        (BillState::Settled, 1),
        "{}",
        window.browser.text()
    );
}

#[test]
fn what_a_cashier_may_not_refund_himself_waits_for_finance() {
    let mut window = Window::settled(TestDesk::start(60, &[HOSPITAL]), "王建国");
    let papers = window.papers();
    let mut hospital = papers.get::<Hospital>(Hospital::KEY).unwrap().unwrap();
    hospital.facts.parameters.refund_approval_yuan = 1;
    let act = store::Act {
        at: window.desk.centre.clock.now(),
        operator: "0001".into(),
        workstation: String::new(),
    };
    papers.put(&[hospital.happened("change")], &act).unwrap();
    window.refund(&ONE_BACK);
    assert!(window.browser.text().contains("H404"), "{}", window.browser.text());
    window.refund(&[&ONE_BACK[..], &[("do", "ask")]].concat());
    assert!(window.browser.text().contains("待审批"), "{}", window.browser.text());
    let mut finance = window.desk.signed_in(HOSPITAL, "0401");
    assert!(finance.get("/approvals").contains("NB-0000001"), "{}", finance.text());
    let bill = window.bill.clone();
    finance.post("/approvals", &[("bill", &bill), ("do", "no")]);
    window.refund(&ONE_BACK);
    assert!(window.browser.text().contains("H404"), "{}", window.browser.text());
    window.refund(&[&ONE_BACK[..], &[("do", "ask")]].concat());
    finance.get("/approvals");
    finance.post("/approvals", &[("bill", &bill), ("do", "yes")]);
    // What was approved is that, and nothing more.
    window.refund(&[("reason", "void-wrong-item")]);
    assert!(window.browser.text().contains("H404"), "{}", window.browser.text());
    // Any window may do it, for whoever brings the receipt.
    window.browser = window.desk.signed_in(HOSPITAL, "0104");
    assert!(window.browser.get("/bills?receipt=NB-0000001").contains(&bill), "{}", window.browser.text());
    window.confirm(&ONE_BACK);
    let rest = window.rest();
    assert_eq!(
        (rest.state, rest.facts.cashier.as_str()),
        (BillState::Settled, "0104"),
        "{}",
        window.browser.text()
    );
    assert_eq!(rest.facts.receipt, "NB-0005001", "a number of his own");
    let both = ["0103", "0104"].map(|who| Closing::open(&papers, who).unwrap());
    assert!(both.iter().all(Closing::adds_up));
    assert_eq!(both.iter().map(|closing| closing.hand_over).sum::<Money>(), rest.facts.payment.due);
}

#[test]
fn money_goes_back_by_the_way_it_came() {
    let mut window = Window::settled(TestDesk::start(60, &[HOSPITAL]), "");
    let due = window.bill().facts.payment.due;
    window.refund(&[("reason", "void-not-done")]);
    let share = due.to_string();
    // A waiver needs somebody of finance; a card its number; and nothing is paid twice.
    let wrong = [
        ("card", vec![("document1", "")], "请输入支票号或交易号"),
        ("waiver", vec![("document1", "0103")], "减免要填批准人工号"),
        ("card", vec![("document1", "T1"), ("amount1", "9999")], "超过应付的"),
    ];
    window.browser.get("/charge");
    window.browser.post("/charge", &[("name", "路人乙")]);
    window.bill = window.browser.place.trim_start_matches("/charge/").to_owned();
    for item in ["amlz*2", "xcg"] {
        window.step("visit", &[("doctor", "012")]);
        window.step("line", &[("item", item)]);
    }
    window.step("try", &[]);
    for (way, form, told) in wrong {
        let said = [("tendered", "9000"), ("way1", way), ("amount1", "1")];
        let said: Vec<_> =
            said.into_iter().filter(|(name, _)| !form.iter().any(|(n, _)| n == name)).collect();
        window.step("tender", &[&said[..], &form[..]].concat());
        assert!(window.browser.text().contains(told), "{way}: {}", window.browser.text());
    }
    window.step(
        "tender",
        &[
            ("tendered", "9000"),
            ("way1", "card"),
            ("amount1", "10"),
            ("document1", "T1"),
            ("way2", "waiver"),
            ("amount2", "1"),
            ("document2", "0401"),
        ],
    );
    window.step("settle", &[]);
    let bill = window.bill();
    assert_eq!(bill.state, BillState::Settled, "{}", window.browser.text());
    assert_eq!(bill.facts.payment.otherwise(), Money::from_yuan(11));
    assert_eq!((bill.facts.payment.due + Money::from_yuan(11)).to_string(), share);
    let receipt = window.browser.get(&format!("/print/receipt/{}?look=1", bill.key));
    assert!(receipt.contains("银行卡") && receipt.contains("10.00"), "{receipt}");
    window.confirm(&ONE_BACK);
    let rest = window.rest();
    assert_eq!(rest.facts.payment.otherwise(), Money::from_yuan(11).min(rest.facts.total()));
    let closing = window.close();
    assert!(closing.adds_up());
    assert_eq!(closing.methods.get("card").map(String::as_str), Some("10.00"));
    assert_eq!(closing.hand_over, rest.facts.payment.due);
}

#[test]
fn who_has_not_closed_for_days_is_told_and_then_charges_nothing_new() {
    let window = Window::settled(TestDesk::start(60, &[HOSPITAL]), "");
    for (days, told, charges) in [(1, "", true), (1, "请今天结", true), (2, "超过 3 天", false)] {
        window.wait(days * 86_400);
        let mut cashier = window.desk.signed_in(HOSPITAL, "0103");
        cashier.get("/charge");
        assert_eq!(cashier.text().contains("没有日结"), !told.is_empty(), "{}", cashier.text());
        assert!(cashier.text().contains(told), "{}", cashier.text());
        cashier.post("/charge", &[("name", "路人")]);
        assert_eq!(cashier.place.starts_with("/charge/"), charges, "{}", cashier.text());
    }
    let mut cashier = window.desk.signed_in(HOSPITAL, "0103");
    let open: Vec<Sheet<Bill>> = window.papers().list(By::Tag("open:0103"), 10, 0).unwrap();
    for bill in open {
        cashier.get(&format!("/charge/{}", bill.key));
        cashier.post(&format!("/charge/{}/drop", bill.key), &[]);
    }
    cashier.get("/closing");
    cashier.post("/closing", &[]);
    cashier.get("/charge");
    cashier.post("/charge", &[("name", "路人")]);
    assert!(cashier.place.starts_with("/charge/"), "{}", cashier.text());
}
