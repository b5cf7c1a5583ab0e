//! The same desk before somebody else's centre, which tells no outcome and has none of our extras: what is lost on the way
//! leaves the same books on both sides, and what is missing there is said.

use std::sync::Arc;
use std::time::Duration;

use desk::{Bill, BillState, Sheet};
use jiff::SignedDuration;
use model::Clock as _;
use road::{Capabilities, Family, Given, HttpRoad, HttpSettings, NoReply, Reply, Road};
use testkit::{Browser, Lost, PlainCentre, TestCentre, TestDesk, Way};
use wire::{Answer, Message};

const HOSPITAL: &str = "庄市佩珍医院";

/// A window where 王建国 is charged, over HTTP, on a line that loses what it is told to.
struct Window {
    desk: TestDesk,
    way: Arc<Way>,
    _plain: PlainCentre,
    browser: Browser,
    bill: String,
}

/// A centre that does not take messages back.
struct Stubborn(HttpRoad);

impl Road for Stubborn {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        if message.transaction.infno != "2601" {
            return self.0.send(message);
        }
        let text = r#"{"infcode":-1,"err_msg":"未找到原交易","output":{}}"#;
        Ok(Reply::Refused(Given { answer: Answer { text: text.as_bytes().into() }, replayed: false }))
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

impl Window {
    fn new() -> Self {
        Self::before(|road| Arc::new(road))
    }

    fn before(what: fn(HttpRoad) -> Arc<dyn Road>) -> Self {
        let centre = TestCentre::start(60);
        let plain = PlainCentre::start(&centre);
        let settings = HttpSettings {
            address: format!("http://{}", plain.address()),
            key: String::new(),
            secret: String::new(),
            family: Family::Tif,
            timeout: Duration::from_secs(30),
            capabilities: Capabilities::default(),
        };
        let way = Arc::new(Way::on(what(HttpRoad::new(settings, centre.clock.clone()))));
        let desk = TestDesk::on(centre, way.clone(), &[HOSPITAL]);
        let browser = desk.signed_in(HOSPITAL, "0103");
        let mut window = Self { desk, way, _plain: plain, browser, bill: String::new() };
        window.charge();
        window
    }

    /// A bill of two items, tried.
    fn charge(&mut self) {
        let document = self.desk.centre.sample.person("王建国").document.clone();
        self.browser.get("/charge");
        self.browser.post("/charge", &[("card", &document)]);
        self.browser.place.trim_start_matches("/charge/").clone_into(&mut self.bill);
        self.step("visit", &[("doctor", "012"), ("diagnosis", "I10")]);
        for item in ["amlz*2", "xcg"] {
            self.step("line", &[("item", item)]);
        }
        self.step("try", &[]);
        self.step("tender", &[("tendered", "100")]);
    }

    fn step(&mut self, step: &str, form: &[(&str, &str)]) {
        self.browser.post(&format!("/charge/{}/{step}", self.bill), form);
    }

    fn bill(&self) -> Sheet<Bill> {
        let papers = self.desk.desk.papers(&self.desk.code(HOSPITAL));
        papers.get(&self.bill).unwrap().unwrap()
    }

    fn stands_as(&self, state: BillState) {
        assert_eq!(self.bill().state, state, "{}", self.browser.text());
    }

    /// The machine looks after it, so many seconds later.
    fn later(&self, seconds: i64) {
        let clock = &self.desk.centre.clock;
        clock.set(clock.now().saturating_add(SignedDuration::from_secs(seconds)));
        self.desk.desk.resolve().unwrap();
    }

    /// Settlements of the centre that stand.
    fn standing(&self) -> u64 {
        let report = self.desk.centre.assert_clean();
        report.settlements - report.reversals
    }

    /// How often something was undone at the centre.
    fn undone(&self) -> u64 {
        self.desk.centre.assert_clean().reversals
    }
}

#[test]
fn a_bill_is_charged_looked_at_and_voided() {
    let mut window = Window::new();
    window.step("settle", &[]);
    window.stands_as(BillState::Settled);
    assert_eq!(window.standing(), 1);
    let why = format!("/bills/{}/why", window.bill);
    window.browser.get(&why);
    assert!(window.browser.text().contains("不提供"), "{}", window.browser.text());
    let void = format!("/bills/{}/void", window.bill);
    window.browser.get(&void);
    window.browser.post(&void, &[("reason", "void-wrong-item")]);
    window.stands_as(BillState::Voided);
    assert_eq!(window.standing(), 0);
}

#[test]
fn a_settlement_whose_reply_was_lost_is_taken_back_and_may_be_settled_again() {
    let mut window = Window::new();
    window.way.lose_of("2207", Lost::Reply);
    window.step("settle", &[]);
    window.stands_as(BillState::Unknown);
    assert_eq!(window.standing(), 1, "the centre has it");
    // Its copy is refused, because it was done: the desk cannot tell that from a refusal by the rules.
    window.later(4);
    window.stands_as(BillState::Unknown);
    window.later(1);
    window.stands_as(BillState::Tried);
    assert_eq!(window.standing(), 0);
    let place = format!("/charge/{}", window.bill);
    window.browser.get(&place);
    assert!(window.browser.text().contains("已冲正"), "{}", window.browser.text());
    window.step("try", &[]);
    assert!(!window.browser.text().contains("已冲正"), "{}", window.browser.text());
    window.step("tender", &[("tendered", "100")]);
    window.step("settle", &[]);
    window.stands_as(BillState::Settled);
    assert_eq!(window.standing(), 1);
}

#[test]
fn a_settlement_that_never_arrived_is_sent_again() {
    let mut window = Window::new();
    window.way.lose_of("2207", Lost::Kept);
    window.step("settle", &[]);
    window.stands_as(BillState::Unknown);
    assert_eq!(window.standing(), 0);
    window.later(4);
    window.stands_as(BillState::Settled);
    assert_eq!(window.standing(), 1);
}

#[test]
fn what_takes_back_may_be_lost_as_well() {
    for lost in [Lost::Reply, Lost::Message] {
        let mut window = Window::new();
        window.way.lose_of("2207", Lost::Reply);
        window.step("settle", &[]);
        window.later(4);
        window.way.lose_of("2601", lost);
        window.later(1);
        window.stands_as(BillState::Unknown);
        window.later(60);
        window.stands_as(BillState::Tried);
        assert_eq!(window.standing(), 0, "{lost:?}");
    }
}

#[test]
fn a_void_whose_reply_was_lost_is_taken_back_and_voided_again() {
    let mut window = Window::new();
    window.step("settle", &[]);
    window.way.lose_of("2208", Lost::Reply);
    let void = format!("/bills/{}/void", window.bill);
    window.browser.get(&void);
    window.browser.post(&void, &[("reason", "void-wrong-item")]);
    window.stands_as(BillState::VoidUnknown);
    assert_eq!(window.undone(), 1);
    window.later(4);
    window.later(1);
    window.stands_as(BillState::Settled);
    assert_eq!(window.undone(), 2, "the void is undone: both have the bill");
    window.browser.get(&void);
    window.browser.post(&void, &[("reason", "void-wrong-item")]);
    window.stands_as(BillState::Voided);
    assert_eq!(window.undone(), 3);
}

#[test]
fn what_stays_of_a_bill_is_settled_though_nobody_says_before_what_it_comes_to() {
    let mut window = Window::new();
    window.step("settle", &[]);
    let (whole, void) = (window.bill(), format!("/bills/{}/void", window.bill));
    window.browser.get(&void);
    let back = format!("back-{}", whole.facts.lines[1].number);
    let form = [("reason", "void-wrong-item"), (&*back, "1")];
    window.browser.post(&void, &form);
    assert!(window.browser.text().contains("不能先算出剩余多少"), "{}", window.browser.text());
    window.stands_as(BillState::Settled);
    window.browser.post(&void, &[&form[..], &[("sure", "untold")]].concat());
    window.stands_as(BillState::Voided);
    assert!(!window.bill().facts.voided.unwrap().rest.is_empty());
}

#[test]
fn what_the_centre_does_not_take_back_is_never_sent_again_and_the_window_is_told_why() {
    let mut window = Window::before(|road| Arc::new(Stubborn(road)));
    window.way.lose_of("2207", Lost::Reply);
    window.step("settle", &[]);
    for seconds in [4, 1, 60, 60] {
        window.later(seconds);
        window.stands_as(BillState::Unknown);
    }
    let place = format!("/charge/{}", window.bill);
    window.browser.get(&place);
    assert!(window.browser.text().contains("中心不同意冲正:未找到原交易"), "{}", window.browser.text());
    assert_eq!((window.standing(), window.undone()), (1, 0), "settled once, and neither doubled nor undone");
}

/// The number of the only settlement the centre has.
fn number_at_the_centre(window: &Window) -> String {
    let mut all = Vec::new();
    let mut reader = window.desk.centre.reader();
    reader.scan(&mut |scan| scan.settlements(&mut |row| all.push(row.id.0))).expect("books");
    let [number] = all.as_slice() else { panic!("one settlement: {all:?}") };
    number.to_string()
}

/// A settlement whose reply was lost, and which its centre does not take back.
fn stuck() -> (Window, Browser) {
    let mut window = Window::before(|road| Arc::new(Stubborn(road)));
    window.way.lose_of("2207", Lost::Reply);
    window.step("settle", &[]);
    let finance = window.desk.signed_in(HOSPITAL, "0401");
    (window, finance)
}

#[test]
fn what_its_centre_does_not_take_back_finance_ends_with_the_centres_own_record() {
    let (window, mut finance) = stuck();
    let key = window.bill.clone();
    let mut end = |what: &str, number: &str, why: &str| {
        finance.get("/doubts");
        finance.post(
            "/doubts",
            &[("kind", "bill"), ("key", &key), ("do", what), ("number", number), ("why", why)],
        );
        finance.text()
    };
    assert!(end("absent", "", "问过张科长").contains("不能人工了结"), "the machine asks still");
    for seconds in [4, 1, 60] {
        window.later(seconds);
    }
    window.stands_as(BillState::Unknown);
    assert!(end("absent", "", "").contains("要写明"), "with a reason alone");
    // Whatever number is told: the centre's record must be of this very visit.
    assert!(end("done", "1", "问过张科长").contains("中心"));
    window.stands_as(BillState::Unknown);
    let settlement = number_at_the_centre(&window);
    let told = end("done", &settlement, "问过张科长");
    window.stands_as(BillState::Settled);
    let bill = window.bill();
    assert_eq!(
        (bill.facts.settlement, bill.facts.split.map(|split| split.total)),
        (settlement, Some(bill.facts.lines.iter().map(|line| line.amount).sum()))
    );
    assert!(told.contains("没有结果未知的单据"), "{told}");
    assert_eq!((window.standing(), window.undone()), (1, 0));
}

#[test]
fn what_never_came_to_its_centre_finance_ends_and_the_window_may_settle_again() {
    let (mut window, mut finance) = stuck();
    for seconds in [4, 1, 60] {
        window.later(seconds);
    }
    let form =
        [("kind", "bill"), ("key", &*window.bill.clone()), ("do", "absent"), ("why", "张科长查无此单")];
    // A cashier does not decide that.
    window.browser.get("/doubts");
    assert_eq!(window.browser.status, 403);
    finance.get("/doubts");
    assert!(finance.text().contains("未找到原交易"), "{}", finance.text());
    finance.post("/doubts", &form);
    window.stands_as(BillState::Tried);
    let place = format!("/charge/{}", window.bill);
    window.browser.get(&place);
    assert!(
        window.browser.text().contains("财务核实中心没有这笔:张科长查无此单"),
        "{}",
        window.browser.text()
    );
}
