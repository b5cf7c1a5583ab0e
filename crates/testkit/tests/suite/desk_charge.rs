//! A cashier at a window: from the card to the receipt, and back, in a browser without script.

use desk::BillState;
use testkit::{Browser, TestDesk};

const HOSPITAL: &str = "庄市佩珍医院";

/// A window where 王建国 stands: his bill is begun, with doctor and diagnosis.
struct Window {
    desk: TestDesk,
    browser: Browser,
    bill: String,
}

fn window() -> Window {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let browser = desk.signed_in(HOSPITAL, "0103");
    let mut window = Window { desk, browser, bill: String::new() };
    window.begin("王建国");
    window
}

impl Window {
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

    fn state(&self) -> BillState {
        let papers = self.desk.desk.papers(&self.desk.code(HOSPITAL));
        papers.get::<desk::Bill>(&self.bill).unwrap().unwrap().state
    }
}

#[test]
fn a_bill_is_charged_from_card_to_receipt() {
    let mut window = window();
    assert!(window.browser.text().contains("王建国"), "{}", window.browser.text());
    for item in ["amlz*2", "xcg"] {
        window.step("line", &[("item", item)]);
    }
    let page = window.step("line", &[("item", "")]);
    assert_eq!(window.state(), BillState::Tried, "{page}");
    let due = window.browser.fact("应收现金").expect("what is due");
    window.step("tender", &[("tendered", "100")]);
    window.step("settle", &[]);
    assert_eq!(window.state(), BillState::Settled, "{}", window.browser.text());
    assert!(window.browser.text().contains("NB-0000001"), "{}", window.browser.text());
    assert!(!due.is_empty());
}
