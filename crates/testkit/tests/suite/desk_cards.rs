//! Who stands at the window: a card on a reader, a voucher that was scanned, somebody of another city, somebody with two
//! insurances.

use std::sync::{Arc, Mutex};

use desk::{Bill, BillState, Card, CardKind, Drawer, Drawn, NotRead, Readers, Sheet};
use road::{Capabilities, Given, NoReply, Reply, Road};
use testkit::{Browser, TestCentre, TestDesk};
use wire::{Answer, Message};

const HOSPITAL: &str = "庄市佩珍医院";
const OTHER: &str = "113医院";
const ELSEWHERE: &str = "邻州市人民医院";

/// Hears what a desk says to its centre, and changes what it is told of a person.
struct Overheard {
    road: Arc<dyn Road>,
    said: Mutex<Vec<String>>,
    /// Told before what the centre tells of a person's insurances.
    also: &'static str,
}

impl Overheard {
    fn of(road: Arc<dyn Road>, also: &'static str) -> Arc<Self> {
        Arc::new(Self { road, said: Mutex::default(), also })
    }

    /// The last message of a transaction.
    fn last(&self, infno: &str) -> String {
        let mark = format!("\"infno\":\"{infno}\"");
        let said = self.said.lock().unwrap();
        said.iter().rev().find(|said| said.contains(&mark)).cloned().expect("it was said")
    }
}

impl Road for Overheard {
    fn send(&self, message: &Message) -> Result<Reply, NoReply> {
        self.said.lock().unwrap().push(String::from_utf8_lossy(&message.body).into_owned());
        let reply = self.road.send(message)?;
        let Reply::Done(given) = &reply else { return Ok(reply) };
        if message.transaction.infno != "1101" || self.also.is_empty() {
            return Ok(reply);
        }
        let text = String::from_utf8_lossy(&given.answer.text);
        let told = text.replacen("\"insuinfo\":[", &format!("\"insuinfo\":[{},", self.also), 1);
        Ok(Reply::Done(Given { answer: Answer { text: told.into_bytes().into() }, replayed: given.replayed }))
    }

    fn capabilities(&self) -> Capabilities {
        self.road.capabilities()
    }
}

/// The drawer of a desk, from outside.
struct Shared(Arc<Drawer>);

impl Readers for Shared {
    fn is_at(&self, workstation: &str) -> bool {
        self.0.is_at(workstation)
    }

    fn read(&self, workstation: &str) -> Result<Card, NotRead> {
        self.0.read(workstation)
    }

    fn scanned(&self, code: &str) -> Option<Result<Card, NotRead>> {
        self.0.scanned(code)
    }

    fn drawer(&self) -> Option<&Drawer> {
        self.0.drawer()
    }
}

/// A window with what it is shown.
struct Window {
    desk: TestDesk,
    heard: Arc<Overheard>,
    browser: Browser,
    hospital: &'static str,
}

impl Window {
    /// With a reader, and a drawer of the cards of two people.
    fn new(also: &'static str) -> Self {
        let centre = TestCentre::start(60);
        let heard = Overheard::of(centre.centre.clone(), also);
        let cards = ["王建国", "陈志远"].into_iter().flat_map(|name| {
            let person = centre.sample.person(name).clone();
            let drawn = |kind, number: &str, code: &str| Drawn {
                name: name.into(),
                code: code.into(),
                card: Card {
                    kind,
                    number: number.into(),
                    document: person.document.clone(),
                    ..Card::default()
                },
            };
            let code = format!("28{:0>26}", person.card.trim_start_matches('L'));
            [
                drawn(CardKind::Insurance, &person.card, ""),
                drawn(CardKind::Voucher, &format!("token of {}", person.card), &code),
            ]
        });
        let drawer = Drawer::of(cards.collect());
        let desk = TestDesk::on(centre, heard.clone(), &[HOSPITAL]);
        let desk = desk.set_up(heard.clone(), |setting| setting.readers = Box::new(Shared(Arc::new(drawer))));
        let browser = desk.signed_in(HOSPITAL, "0103");
        Self { desk, heard, browser, hospital: HOSPITAL }
    }

    fn key(&self) -> String {
        self.browser.place.trim_start_matches("/charge/").to_owned()
    }

    fn bill(&self, key: &str) -> Sheet<Bill> {
        self.desk.desk.papers(&self.desk.code(self.hospital)).get::<Bill>(key).unwrap().unwrap()
    }

    fn step(&mut self, key: &str, step: &str, form: &[(&str, &str)]) -> String {
        self.browser.post(&format!("/charge/{key}/{step}"), form)
    }

    /// One item for whoever stands here, tried; what is due is handed over.
    fn fill(&mut self) -> String {
        let key = self.key();
        self.charge(&key);
        key
    }

    fn charge(&mut self, key: &str) {
        self.step(key, "visit", &[("doctor", "012")]);
        self.step(key, "visit", &[("diagnosis", "I10")]);
        self.step(key, "line", &[("item", "xcg")]);
        self.step(key, "try", &[]);
        self.step(key, "tender", &[("tendered", "100")]);
    }

    fn lay(&mut self, card: &str) {
        self.browser.post("/reader", &[("card", card)]);
    }

    fn read(&mut self) {
        self.browser.get("/charge");
        self.browser.post("/charge", &[("reader", "read")]);
    }
}

#[test]
fn a_card_lies_on_the_reader_until_the_bill_is_settled() {
    let mut window = Window::new("");
    assert!(!window.browser.get("/charge").contains("reader\" value=\"read"), "there is no reader yet");
    window.lay("");
    window.read();
    assert!(window.browser.text().contains("读卡器上没有卡"), "{}", window.browser.text());
    window.lay("0");
    window.read();
    assert!(window.browser.text().contains("王建国"), "{}", window.browser.text());
    let key = window.fill();
    // Somebody takes it away, and lays another there.
    for card in ["", "2"] {
        window.lay(card);
        assert!(window.step(&key, "settle", &[]).contains("H104"), "{}", window.browser.text());
        assert!(window.bill(&key).state.is_open());
    }
    window.lay("0");
    window.step(&key, "settle", &[]);
    assert_eq!(window.bill(&key).state, BillState::Settled, "{}", window.browser.text());
    // Put away, it is asked for nothing more.
    window.lay("away");
    assert!(!window.browser.get("/charge").contains("reader\" value=\"read"));
    window.desk.centre.assert_clean();
}

#[test]
fn a_voucher_that_is_scanned_is_shown_to_the_centre_by_its_token() {
    let mut window = Window::new("");
    let card = window.desk.centre.sample.person("陈志远").card.clone();
    let code = format!("28{:0>26}", card.trim_start_matches('L'));
    window.browser.get("/charge");
    window.browser.post("/charge", &[("card", &code)]);
    assert!(window.browser.text().contains("陈志远"), "{}", window.browser.text());
    let key = window.fill();
    window.step(&key, "settle", &[]);
    let bill = window.bill(&key);
    assert_eq!(bill.state, BillState::Settled, "{}", window.browser.text());
    assert_eq!((bill.private.proof.as_str(), bill.private.proof_number), ("01", format!("token of {card}")));
    assert!(window.heard.last("2207").contains("token of"), "{}", window.heard.last("2207"));
}

#[test]
fn a_drawer_is_shown_only_where_there_is_one() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut browser = desk.signed_in(HOSPITAL, "0103");
    browser.get("/reader");
    assert_eq!(browser.status, 404);
    let mut window = Window::new("");
    let page = window.browser.get("/reader");
    assert!(page.contains("王建国") && page.contains("医保电子凭证"), "{}", window.browser.text());
}

#[test]
fn somebody_of_another_city_is_charged_by_the_insurance_of_his_own() {
    let home = TestCentre::start(60);
    let place = TestCentre::neighbour_of(&home);
    let document = home.sample.person("马国栋").document.clone();
    let heard = Overheard::of(place.centre.clone(), "");
    let desk = TestDesk::on(place, heard.clone(), &[ELSEWHERE]);
    let browser = desk.signed_in(ELSEWHERE, "0103");
    let mut window = Window { desk, heard, browser, hospital: ELSEWHERE };
    window.browser.get("/charge");
    // Nobody here knows him.
    window.browser.post("/charge", &[("card", &document)]);
    assert!(window.browser.text().contains("H101"), "{}", window.browser.text());
    window.browser.post("/charge", &[("card", &document), ("home", "9901")]);
    assert!(window.browser.text().contains("6 位数字"), "{}", window.browser.text());
    window.browser.post("/charge", &[("card", &document), ("home", "990101")]);
    assert!(window.browser.text().contains("马国栋") && window.browser.text().contains("异地参保"));
    let key = window.fill();
    window.step(&key, "settle", &[]);
    let bill = window.bill(&key);
    assert_eq!(bill.state, BillState::Settled, "{}", window.browser.text());
    assert!(window.heard.last("2207").contains("\"insuplc_admdvs\":\"9901"));
    home.assert_clean();
    window.desk.centre.assert_clean();
    window.browser.get(&format!("/bills/{key}/void"));
    window.browser.post(&format!("/bills/{key}/void"), &[("reason", "void-wrong-item")]);
    assert_eq!(window.bill(&key).state, BillState::Voided, "{}", window.browser.text());
    let report = home.assert_clean();
    assert_eq!(report.settlements, report.reversals);
}

#[test]
fn of_two_insurances_the_cashier_chooses_which_pays() {
    let also = r#"{"insutype":"340","psn_type":"13","psn_insu_stas":"1","balc":"0.00","emp_name":"离休处","insuplc_admdvs":"990101"}"#;
    let mut window = Window::new(also);
    let document = window.desk.centre.sample.person("王建国").document.clone();
    window.browser.get("/charge");
    window.browser.post("/charge", &[("card", &document)]);
    let key = window.key();
    let page = window.browser.text();
    assert!(
        page.contains("离休处") && page.contains("职工医保"),
        "the first that pays, and the other to choose: {page}"
    );
    assert_eq!(window.bill(&key).facts.insurance, 340);
    window.step(&key, "visit", &[("insurance", "310")]);
    let bill = window.bill(&key);
    assert_eq!(bill.facts.insurance, 310);
    assert_ne!(bill.private.employer, "离休处");
    assert!(!bill.private.balance.is_zero());
    window.charge(&key);
    assert!(window.heard.last("2201").contains("\"insutype\":\"310\""));
    let visit = window.bill(&key).facts.visit;
    // Behind the first line too: the visit is closed at the centre, and another is opened.
    window.step(&key, "visit", &[("insurance", "340")]);
    let bill = window.bill(&key);
    assert_eq!((bill.facts.insurance, bill.facts.visit.as_str()), (340, ""));
    assert!(window.heard.last("2202").contains(&visit));
    window.step(&key, "visit", &[("insurance", "310")]);
    window.step(&key, "try", &[]);
    window.step(&key, "tender", &[("tendered", "100")]);
    window.step(&key, "settle", &[]);
    assert_eq!(window.bill(&key).state, BillState::Settled, "{}", window.browser.text());
    window.desk.centre.assert_clean();
    window.desk.assert_described(HOSPITAL);
}

#[test]
fn who_was_here_before_is_found_without_a_card() {
    let desk = TestDesk::start(60, &[HOSPITAL, OTHER]);
    let document = desk.centre.sample.person("王建国").document.clone();
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    let find = |cashier: &mut Browser, typed: &str| {
        cashier.get(&format!("/patients?q={typed}"));
        cashier.text()
    };
    assert!(find(&mut cashier, "wjg").contains("没有看过"));
    cashier.get("/charge");
    cashier.post("/charge", &[("card", &document)]);
    let tail = &document[14..];
    for typed in ["wjg", "王", "王建", tail, &document] {
        let told = find(&mut cashier, typed);
        assert!(told.contains("王建国") && !told.contains(&document), "{typed}: {told}");
    }
    assert!(find(&mut cashier, "建国").contains("没有看过"), "from the beginning");
    cashier.get("/patients?q=wjg");
    let link = cashier.page.split("charge?patient=").nth(1).expect("a link");
    let key = link.split('"').next().unwrap().to_owned();
    assert!(cashier.get(&format!("/charge?patient={key}")).contains("请先核对本人证件"));
    cashier.post("/charge", &[("patient", &key)]);
    assert!(cashier.place.starts_with("/charge/") && cashier.text().contains("王建国"), "{}", cashier.text());
    // Another hospital has not seen him, and finds nobody by that key.
    let mut other = desk.signed_in(OTHER, "0103");
    assert!(find(&mut other, "wjg").contains("没有看过"));
    other.get(&format!("/charge?patient={key}"));
    assert!(!other.text().contains("王建国"));
    other.post("/charge", &[("patient", &key)]);
    assert!(!other.text().contains("王建国"), "{}", other.text());
    desk.assert_described(HOSPITAL);
}
