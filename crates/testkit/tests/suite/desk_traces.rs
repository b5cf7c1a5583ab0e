//! Packs of drugs by their trace codes: scanned behind the line where the hospital wants that, told where one was sold
//! before, free again when it comes back.

use desk::{Bill, BillState, PostingState, Sheet};
use testkit::{Browser, TestDesk};

use crate::ward::Ward;

const HOSPITAL: &str = "庄市佩珍医院";
const OTHER: &str = "113医院";

/// Packs, by their codes.
const PACK: &str = "81234560000000000001";
const NEXT: &str = "81234560000000000002";
const THIRD: &str = "81234560000000000003";

/// A hospital that scans packs, and what of a missing one.
struct Window {
    desk: TestDesk,
    browser: Browser,
    bill: String,
}

impl Window {
    fn new(traces: &str) -> Self {
        Self::with(traces, &[HOSPITAL])
    }

    fn with(traces: &str, hospitals: &[&str]) -> Self {
        let desk = TestDesk::start(60, hospitals);
        for hospital in hospitals {
            let mut administrator = desk.signed_in_with_code(hospital, "0001");
            administrator.get("/parameters");
            administrator.post("/parameters", &[("name", "traces"), ("value", traces), ("why", "药监要求")]);
            assert!(administrator.text().contains("药监要求"), "{}", administrator.text());
        }
        let browser = desk.signed_in(HOSPITAL, "0103");
        Self { desk, browser, bill: String::new() }
    }

    fn begin(&mut self) {
        let card = self.desk.centre.sample.person("王建国").document.clone();
        self.browser.get("/charge");
        self.browser.post("/charge", &[("card", &card)]);
        self.bill = self.browser.place.trim_start_matches("/charge/").to_owned();
        self.step("visit", &[("doctor", "012"), ("diagnosis", "I10")]);
    }

    fn step(&mut self, step: &str, form: &[(&str, &str)]) -> String {
        self.browser.post(&format!("/charge/{}/{step}", self.bill), form);
        self.browser.text()
    }

    fn scan(&mut self, code: &str) -> String {
        let line = self.bill(&self.bill).facts.tracing.unwrap_or(1).to_string();
        self.step("trace", &[("line", &line), ("code", code)])
    }

    /// So many of a drug with these packs, settled.
    fn sell(&mut self, item: &str, packs: &[&str]) -> Sheet<Bill> {
        self.begin();
        self.step("line", &[("item", item)]);
        packs.iter().for_each(|pack| drop(self.scan(pack)));
        self.settle()
    }

    fn settle(&mut self) -> Sheet<Bill> {
        self.step("try", &[]);
        self.step("tender", &[("tendered", "9000")]);
        let told = self.step("settle", &[]);
        let bill = self.bill(&self.bill);
        assert_eq!(bill.state, BillState::Settled, "{told}");
        bill
    }

    fn bill(&self, key: &str) -> Sheet<Bill> {
        self.desk.desk.papers(&self.desk.code(HOSPITAL)).get::<Bill>(key).unwrap().unwrap()
    }

    fn void(&mut self, form: &[(&str, &str)]) -> String {
        let place = format!("/bills/{}/void", self.bill);
        self.browser.post(&place, &[form, &[("reason", "void-wrong-item")]].concat());
        self.browser.text()
    }

    fn packs(&self, key: &str) -> Vec<String> {
        self.bill(key).facts.lines.iter().flat_map(|line| line.traces.clone()).collect()
    }
}

#[test]
fn where_codes_are_required_nothing_is_settled_before_each_pack_is_scanned() {
    let mut window = Window::new("required");
    window.begin();
    let told = window.step("line", &[("item", "amlz*2")]);
    assert!(told.contains("追溯码 0/2"), "{told}");
    assert!(window.step("try", &[]).contains("还缺 2 个追溯码"));
    assert!(window.scan("0000000").contains("不是追溯码"));
    assert!(window.scan(PACK).contains("追溯码 1/2"));
    assert!(window.scan(PACK).contains("本单已有"));
    assert!(window.step("try", &[]).contains("还缺 1 个追溯码"));
    window.scan(NEXT);
    let bill = window.bill(&window.bill);
    assert_eq!((bill.facts.tracing, window.packs(&bill.key)), (None, vec![PACK.to_owned(), NEXT.to_owned()]));
    // Another kind of item has none.
    assert!(!window.step("line", &[("item", "xcg")]).contains("0/1"));
    let bill = window.settle();
    assert!(bill.facts.warned.is_empty(), "{}", bill.facts.warned);
    window.browser.get(&format!("/bills/{}", bill.key));
    assert!(window.browser.text().contains(PACK));
}

#[test]
fn where_a_missing_code_is_only_told_the_cashier_goes_on() {
    let mut window = Window::new("warn");
    window.begin();
    assert!(window.step("line", &[("item", "amlz*2")]).contains("追溯码 0/2"));
    // Empty: not now.
    let told = window.scan("");
    assert!(told.contains("缺码"), "{told}");
    assert_eq!(window.bill(&window.bill).facts.tracing, None);
    let bill = window.settle();
    assert!(window.packs(&bill.key).is_empty());
}

#[test]
fn a_pack_that_was_sold_is_told_and_one_that_came_back_is_free_again() {
    let mut window = Window::new("warn");
    let first = window.sell("amlz", &[PACK]);
    window.begin();
    window.step("line", &[("item", "amlz")]);
    let told = window.scan(PACK);
    assert!(told.contains("本院已售出") && told.contains(&first.facts.receipt), "{told}");
    // The centre says so, too; and it is no more than said.
    let told = window.step("try", &[]);
    assert!(told.contains("中心提醒") && told.contains(PACK), "{told}");
    window.step("drop", &[]);
    window.bill = first.key;
    window.void(&[]);
    let again = window.sell("amlz", &[PACK]);
    assert!(again.facts.warned.is_empty(), "{}", again.facts.warned);
    window.desk.centre.assert_clean();
}

#[test]
fn of_a_part_that_goes_back_the_cashier_says_which_packs() {
    let mut window = Window::new("required");
    let sold = window.sell("amlz*3", &[PACK, NEXT, THIRD]);
    assert!(window.void(&[("back-1", "1")]).contains("要勾出退回的那几盒:1 盒"));
    let next = format!("pack-1-{NEXT}");
    let form = [("back-1", "1"), (next.as_str(), "1")];
    window.void(&form);
    let cash = window.browser.page.split("name=\"sure\" value=\"").nth(1).expect("what it comes to");
    let sure = cash.split('"').next().unwrap().to_owned();
    window.void(&[&form[..], &[("sure", &sure)]].concat());
    let rest = window.bill(&sold.key).facts.voided.expect("it is voided").rest;
    assert_eq!(window.packs(&rest), [PACK, THIRD]);
    window.desk.assert_described(HOSPITAL);
    // The one that came back is free, the others are not.
    window.begin();
    window.step("line", &[("item", "amlz*2")]);
    assert!(!window.scan(NEXT).contains("本院已售出"));
    if window.bill(&rest).state == BillState::Settled {
        assert!(window.scan(PACK).contains("本院已售出"));
    }
}

#[test]
fn parts_of_one_pack_are_sold_one_by_one() {
    let mut window = Window::new("required");
    for _ in 0..2 {
        window.begin();
        window.step("line", &[("item", "amlz")]);
        window.step("trace", &[("line", "1"), ("code", PACK), ("part", "1")]);
        let bill = window.settle();
        assert!(bill.facts.lines[0].part_of_pack && bill.facts.warned.is_empty(), "{}", bill.facts.warned);
    }
}

#[test]
fn what_another_hospital_sold_is_told_by_the_centre() {
    let mut window = Window::with("warn", &[HOSPITAL, OTHER]);
    window.sell("amlz", &[PACK]);
    window.browser = window.desk.signed_in(OTHER, "0103");
    let card = window.desk.centre.sample.person("陈志远").document.clone();
    window.browser.get("/charge");
    window.browser.post("/charge", &[("card", &card)]);
    window.bill = window.browser.place.trim_start_matches("/charge/").to_owned();
    window.step("visit", &[("doctor", "012"), ("diagnosis", "I10")]);
    window.step("line", &[("item", "amlz")]);
    let told = window.step("trace", &[("line", "1"), ("code", PACK)]);
    assert!(!told.contains("本院已售出"), "{told}");
    let told = window.step("try", &[]);
    assert!(told.contains("中心提醒") && told.contains(PACK), "{told}");
}

#[test]
fn packs_of_a_stay_go_to_the_centre_with_their_lines_and_come_back_with_what_is_taken_back() {
    let mut ward = Ward::with("王建国");
    let mut administrator = ward.desk.signed_in_with_code(HOSPITAL, "0001");
    administrator.get("/parameters");
    administrator.post("/parameters", &[("name", "traces"), ("value", "required"), ("why", "药监要求")]);
    ward.post(&["amlz*2"]);
    assert!(ward.lines().is_empty(), "nothing is posted without codes");
    assert!(ward.biller.text().contains("还缺 2 个追溯码"), "{}", ward.biller.text());
    for pack in [PACK, NEXT] {
        ward.bill("trace", &[("line", "1"), ("code", pack)]);
    }
    ward.bill("post", &[]);
    let line = ward.lines().remove(0);
    assert_eq!(
        (line.state, line.facts.line.traces.as_slice()),
        (PostingState::Sent, &[PACK, NEXT].map(str::to_owned)[..])
    );
    assert!(ward.reverse(&line.key, "1").contains("要勾出退回的那几盒"), "{}", ward.biller.text());
    let place = format!("/posting/{}/reverse/{}", ward.stay, line.key);
    let pack = format!("pack-{}-{NEXT}", line.facts.line.number);
    ward.biller.post(&place, &[("quantity", "1"), ("reason", "拆错"), (&pack, "1")]);
    let back = ward.lines().into_iter().find(|line| line.facts.original.is_some()).expect("it is taken back");
    assert_eq!((back.state, back.facts.line.traces), (PostingState::Sent, vec![NEXT.to_owned()]));
    // Of what is left there is one pack: all of it goes, and nobody is asked which.
    ward.reverse(&line.key, "1");
    let last = ward.lines().into_iter().next_back().expect("it is taken back");
    assert_eq!(last.facts.line.traces, [PACK.to_owned()]);
    ward.desk.centre.assert_clean();
    ward.desk.assert_described(HOSPITAL);
}
