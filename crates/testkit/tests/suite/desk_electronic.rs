//! Electronic receipts: each behind its settlement, never doubled, though the platform is away or its answer is lost; a red
//! one where the bill is voided.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use desk::{
    Bill, BillState, Electronic, Issued, NotIssued, Order, Receipt, Receipts, Sheet, SimulatedTreasury,
};
use jiff::SignedDuration;
use model::Clock as _;
use testkit::{Browser, TestCentre, TestDesk};

use crate::ward::Ward;

const HOSPITAL: &str = "庄市佩珍医院";

const HERE: u8 = 0;
const AWAY: u8 = 1;
const LOSES_ANSWERS: u8 = 2;

/// A platform on a bad line.
#[derive(Clone)]
struct Platform {
    inner: Arc<Mutex<Option<SimulatedTreasury>>>,
    line: Arc<AtomicU8>,
    orders: Arc<Mutex<Vec<Order>>>,
    /// How often it was asked, answered or not.
    asked: Arc<AtomicUsize>,
}

impl Platform {
    fn new() -> Self {
        Self {
            inner: Arc::default(),
            line: Arc::new(AtomicU8::new(HERE)),
            orders: Arc::default(),
            asked: Arc::default(),
        }
    }

    fn answer(
        &self,
        order: &Order,
        ask: impl Fn(&SimulatedTreasury) -> Result<Issued, NotIssued>,
    ) -> Result<Issued, NotIssued> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let line = self.line.load(Ordering::Relaxed);
        if line == AWAY {
            return Err(NotIssued("平台没有应答".into()));
        }
        self.orders.lock().unwrap().push(order.clone());
        let given = ask(self.inner.lock().unwrap().as_ref().expect("it is set up"));
        if line == LOSES_ANSWERS { Err(NotIssued("平台没有应答".into())) } else { given }
    }
}

impl Receipts for Platform {
    fn issue(&self, order: &Order) -> Result<Issued, NotIssued> {
        self.answer(order, |treasury| treasury.issue(order))
    }

    fn reverse(&self, order: &Order, issued: &Issued) -> Result<Issued, NotIssued> {
        self.answer(order, |treasury| treasury.reverse(order, issued))
    }
}

struct Window {
    desk: TestDesk,
    platform: Platform,
    browser: Browser,
    administrator: Browser,
    bill: String,
}

/// A desk of the hospital whose receipts have twins at a platform.
fn electronic() -> (TestDesk, Platform, Browser) {
    let centre = TestCentre::start(60);
    let way = centre.way().clone();
    let desk = TestDesk::on(centre, way.clone(), &[HOSPITAL]);
    let platform = Platform::new();
    let desk = desk.set_up(way, |setting| {
        let treasury = SimulatedTreasury::new(setting.store.clone(), setting.clock.clone());
        *platform.inner.lock().unwrap() = Some(treasury);
        setting.receipts = Some(Box::new(platform.clone()));
    });
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    administrator.get("/parameters");
    let form = [("name", "receipts"), ("value", "electronic"), ("why", "财政要求")];
    administrator.post("/parameters", &form);
    assert!(administrator.text().contains("财政要求"), "{}", administrator.text());
    (desk, platform, administrator)
}

impl Window {
    fn new() -> Self {
        let (desk, platform, administrator) = electronic();
        let browser = desk.signed_in(HOSPITAL, "0103");
        Self { desk, platform, browser, administrator, bill: String::new() }
    }

    fn settle(&mut self) -> Sheet<Bill> {
        let card = self.desk.centre.sample.person("王建国").document.clone();
        self.browser.get("/charge");
        self.browser.post("/charge", &[("card", &card)]);
        self.bill = self.browser.place.trim_start_matches("/charge/").to_owned();
        for (step, form) in [
            ("visit", &[("doctor", "012"), ("diagnosis", "I10")][..]),
            ("line", &[("item", "xcg")]),
            ("try", &[]),
            ("tender", &[("tendered", "100")]),
            ("settle", &[]),
        ] {
            self.browser.post(&format!("/charge/{}/{step}", self.bill), form);
        }
        let bill = self.paper();
        assert_eq!(bill.state, BillState::Settled, "{}", self.browser.text());
        bill
    }

    fn paper(&self) -> Sheet<Bill> {
        self.desk.desk.papers(&self.desk.code(HOSPITAL)).get::<Bill>(&self.bill).unwrap().unwrap()
    }

    fn print(&mut self) -> String {
        self.browser.get(&format!("/print/receipt/{}", self.bill))
    }

    fn void(&mut self) {
        let place = format!("/bills/{}/void", self.bill);
        self.browser.get(&place);
        self.browser.post(&place, &[("reason", "void-wrong-item")]);
        assert_eq!(self.paper().state, BillState::Voided, "{}", self.browser.text());
    }

    fn twin(&self) -> Electronic {
        let key = format!("outpatient/{}", self.paper().facts.receipt);
        let papers = self.desk.desk.papers(&self.desk.code(HOSPITAL));
        papers.get::<Receipt>(&key).unwrap().unwrap().facts.electronic.expect("a twin")
    }

    /// The machine looks after what is due, so much later.
    fn later(&self, seconds: i64) {
        let clock = &self.desk.centre.clock;
        clock.set(clock.now().saturating_add(SignedDuration::from_secs(seconds)));
        self.desk.desk.resolve().unwrap();
    }

    /// The numbers the platform has given out.
    fn given(&self) -> usize {
        let orders = self.platform.orders.lock().unwrap();
        orders.iter().map(|order| order.id.as_str()).collect::<std::collections::BTreeSet<_>>().len()
    }
}

#[test]
fn without_a_platform_receipts_stay_on_paper() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    administrator.get("/parameters");
    let form = [("name", "receipts"), ("value", "electronic"), ("why", "财政要求")];
    administrator.post("/parameters", &form);
    assert!(administrator.text().contains("没有接电子票据平台"), "{}", administrator.text());
}

#[test]
fn a_receipt_is_printed_with_its_twin_and_a_void_brings_a_red_one() {
    let mut window = Window::new();
    let bill = window.settle();
    let printed = window.print();
    let twin = window.twin();
    let issued = twin.issued.clone().expect("it came with the first print");
    assert!(printed.contains(&format!("号码 {} 校验码 {}", issued.number, issued.check)), "{printed}");
    let order = window.platform.orders.lock().unwrap()[0].clone();
    assert_eq!(order.total, bill.facts.total());
    assert_eq!(order.funds + order.account + order.cash, order.total);
    assert_eq!(order.categories.iter().map(|(_, sum)| *sum).sum::<money::Money>(), order.total);
    assert_eq!(order.receipt, bill.facts.receipt);
    assert!(window.browser.get(&format!("/bills/{}", bill.key)).contains(&issued.number));
    window.void();
    assert!(window.twin().red.is_none());
    window.later(1);
    let red = window.twin().red.expect("the red one");
    assert_ne!(red.number, issued.number);
    assert!(
        window
            .browser
            .get(&format!("/bills/{}", bill.key))
            .contains(&format!("电子红票代码 {} 号码 {}", red.code, red.number))
    );
    window.later(60);
    assert_eq!(window.platform.orders.lock().unwrap().len(), 2, "nothing is asked for again");
    window.desk.assert_described(HOSPITAL);
}

#[test]
fn where_the_platform_is_away_the_bill_is_settled_and_its_receipt_follows() {
    let mut window = Window::new();
    window.platform.line.store(AWAY, Ordering::Relaxed);
    window.settle();
    assert!(window.print().contains("开具中"));
    let today = window.administrator.get("/today").clone();
    assert!(
        today.contains("没开出的电子票据") && today.contains("票据平台不通"),
        "{}",
        window.administrator.text()
    );
    window.browser.get(&format!("/bills/{}", window.bill));
    assert!(window.browser.text().contains("平台没有应答"), "{}", window.browser.text());
    window.platform.line.store(HERE, Ordering::Relaxed);
    window.later(1);
    assert!(window.twin().issued.is_none(), "not at once");
    window.later(5);
    assert!(window.twin().issued.is_some() && window.twin().told.is_empty());
    assert!(!window.administrator.get("/today").contains("票据平台不通"));
}

#[test]
fn while_the_platform_is_away_it_is_asked_once_a_round_however_many_wait() {
    let mut window = Window::new();
    window.platform.line.store(AWAY, Ordering::Relaxed);
    (0..3).for_each(|_| drop(window.settle()));
    let asked = || window.platform.asked.load(Ordering::Relaxed);
    for round in 1..=3 {
        window.desk.desk.resolve().unwrap();
        assert_eq!(asked(), round, "messages of unknown outcome wait for one answer at most");
    }
    window.platform.line.store(HERE, Ordering::Relaxed);
    window.later(6);
    assert_eq!((asked(), window.given()), (6, 3), "all of them in one round");
}

#[test]
fn an_answer_that_is_lost_doubles_nothing() {
    let mut window = Window::new();
    window.platform.line.store(LOSES_ANSWERS, Ordering::Relaxed);
    window.settle();
    window.later(1);
    assert!(window.twin().issued.is_none());
    window.platform.line.store(HERE, Ordering::Relaxed);
    window.later(10);
    assert_eq!(window.twin().issued.expect("the same").number, "0000000001");
    // Lost, and voided before it is known: the one there may be is taken back.
    window.platform.line.store(LOSES_ANSWERS, Ordering::Relaxed);
    window.settle();
    window.later(1);
    window.platform.line.store(HERE, Ordering::Relaxed);
    window.void();
    window.later(60);
    let twin = window.twin();
    assert_eq!(twin.issued.expect("it was issued").number, "0000000002");
    assert!(twin.red.is_some());
    // Voided before anybody asked: there is nothing, and nothing comes.
    window.platform.line.store(AWAY, Ordering::Relaxed);
    window.settle();
    window.platform.line.store(HERE, Ordering::Relaxed);
    window.void();
    window.later(60);
    assert_eq!(window.twin(), Electronic::default());
    assert_eq!(window.given(), 2);
}

#[test]
fn the_settlement_of_a_stay_has_one_and_a_deposit_has_none() {
    let (desk, platform, _) = electronic();
    let (clerk, biller) = (desk.signed_in(HOSPITAL, "0301"), desk.signed_in(HOSPITAL, "0207"));
    let mut ward = Ward { desk, clerk, biller, stay: String::new() };
    ward.admit("王建国");
    ward.deposit("3000");
    ward.post(&["三人间床位费*3"]);
    ward.leave();
    ward.settle();
    let settlement = ward.settlements().remove(0);
    assert_eq!(settlement.state, BillState::Settled, "{}", ward.clerk.text());
    let printed = ward.clerk.get(&format!("/print/stay/{}", settlement.key));
    let orders = platform.orders.lock().unwrap().clone();
    let [order] = orders.as_slice() else { panic!("one order: {orders:?}") };
    assert_eq!((order.total, order.receipt.as_str()), (settlement.facts.total, "ZY-0000001"));
    assert!(printed.contains("电子票据代码"), "{printed}");
}
