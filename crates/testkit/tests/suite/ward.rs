//! A hospital's inpatients as its stories tell them: the admission clerk's browser and the biller's, on a line that loses what
//! it is told to.

use desk::{Bed, BedState, Deposit, Posting, Receipt, ReceiptState, Settlement, Sheet, Stay, StayState};
use jiff::SignedDuration;
use model::Clock as _;
use money::Money;
use store::By;
use testkit::{Browser, TestCentre, TestDesk};

pub(crate) const HOSPITAL: &str = "庄市佩珍医院";

/// A hospital with its admission clerk and its biller.
pub(crate) struct Ward {
    pub(crate) desk: TestDesk,
    pub(crate) clerk: Browser,
    pub(crate) biller: Browser,
    pub(crate) stay: String,
}

impl Ward {
    /// On a line that loses what it is told to.
    pub(crate) fn start() -> Self {
        let centre = TestCentre::start(60);
        let way = centre.way().clone();
        let desk = TestDesk::on(centre, way, &[HOSPITAL]);
        let (clerk, biller) = (desk.signed_in(HOSPITAL, "0301"), desk.signed_in(HOSPITAL, "0207"));
        Self { desk, clerk, biller, stay: String::new() }
    }

    /// The same where somebody lies in bed 03.
    pub(crate) fn with(name: &str) -> Self {
        let mut ward = Self::start();
        ward.admit(name);
        assert_eq!(ward.state(), StayState::InHouse, "{}", ward.clerk.text());
        ward
    }

    pub(crate) fn admit(&mut self, name: &str) {
        let card = self.desk.centre.sample.person(name).document.clone();
        self.clerk.get("/admission");
        let page = self.clerk.post("/admission", &[("card", &card)]);
        assert!(page.contains(name), "{}", self.clerk.text());
        self.register(&[("card", &card)]);
    }

    pub(crate) fn register(&mut self, who: &[(&str, &str)]) {
        let mut form = who.to_vec();
        form.extend([
            ("ward", "N1"),
            ("bed", "03"),
            ("doctor", "012"),
            ("diagnosis", "I10"),
            ("contact", "王红"),
            ("telephone", "13900001234"),
        ]);
        self.clerk.post("/admission/register", &form);
        self.stay = self.clerk.place.trim_start_matches("/admission/").to_owned();
        assert!(self.stay.parse::<u32>().is_ok(), "not admitted: {}", self.clerk.text());
    }

    pub(crate) fn papers(&self) -> desk::Papers {
        self.desk.desk.papers(&self.desk.code(HOSPITAL))
    }

    pub(crate) fn paper(&self) -> Sheet<Stay> {
        self.papers().get::<Stay>(&self.stay).unwrap().unwrap()
    }

    /// The hospital's code of an item.
    pub(crate) fn paper_of_item(&self, name: &str) -> String {
        let items: Vec<Sheet<desk::Item>> = self.papers().list(By::All, 10_000, 0).unwrap();
        items.into_iter().find(|item| item.facts.name.starts_with(name)).expect("an item").key
    }

    pub(crate) fn state(&self) -> StayState {
        self.paper().state
    }

    pub(crate) fn clerk(&mut self, module: &str, step: &str, form: &[(&str, &str)]) -> String {
        self.clerk.post(&format!("/{module}/{}/{step}", self.stay), form)
    }

    pub(crate) fn bill(&mut self, step: &str, form: &[(&str, &str)]) -> String {
        self.biller.get(&format!("/posting/{}", self.stay));
        self.biller.post(&format!("/posting/{}/{step}", self.stay), form)
    }

    /// Posts items, all at once.
    pub(crate) fn post(&mut self, items: &[&str]) {
        for item in items {
            self.bill("line", &[("item", item)]);
        }
        self.bill("post", &[]);
    }

    pub(crate) fn reverse(&mut self, line: &str, quantity: &str) -> String {
        let place = format!("/posting/{}/reverse/{line}", self.stay);
        self.biller.get(&place);
        self.biller.post(&place, &[("quantity", quantity), ("reason", "录错")])
    }

    pub(crate) fn lines(&self) -> Vec<Sheet<Posting>> {
        let mut lines: Vec<Sheet<Posting>> =
            self.papers().list(By::Tag(&format!("stay:{}", self.stay)), 1_000, 0).unwrap();
        lines.sort_by(|a, b| a.key.cmp(&b.key));
        lines
    }

    pub(crate) fn deposits(&self) -> Vec<Sheet<Deposit>> {
        self.papers().list(By::Tag(&format!("stay:{}", self.stay)), 1_000, 0).unwrap()
    }

    pub(crate) fn settlements(&self) -> Vec<Sheet<Settlement>> {
        self.papers().list(By::Tag(&format!("stay:{}", self.stay)), 1_000, 0).unwrap()
    }

    pub(crate) fn bed(&self) -> BedState {
        self.papers().get::<Bed>("N1-03").unwrap().unwrap().state
    }

    pub(crate) fn receipt(&self, key: &str) -> Option<ReceiptState> {
        self.papers().get::<Receipt>(key).unwrap().map(|receipt| receipt.state)
    }

    pub(crate) fn wait(&self, seconds: i64) {
        let clock = &self.desk.centre.clock;
        clock.set(clock.now().saturating_add(SignedDuration::from_secs(seconds)));
    }

    /// The machine looks after what is unknown.
    pub(crate) fn resolve(&self, seconds: i64) {
        self.wait(seconds);
        self.desk.desk.resolve().unwrap();
    }

    /// Settlements of the centre that stand; its books are sound.
    pub(crate) fn standing(&self) -> i64 {
        let report = self.desk.centre.assert_clean();
        i64::try_from(report.settlements).unwrap() - i64::try_from(report.reversals).unwrap()
    }

    /// Discharged, and tried.
    pub(crate) fn leave(&mut self) {
        self.clerk.get(&format!("/discharge/{}", self.stay));
        self.clerk("discharge", "go", &[("way", "1"), ("diagnosis", "I10")]);
        assert_eq!(self.state(), StayState::AwaitingSettlement, "{}", self.clerk.text());
        self.clerk("discharge", "try", &[]);
        assert!(self.paper().facts.trial.is_some(), "{}", self.clerk.text());
    }

    /// Settled with more cash than can be due.
    pub(crate) fn settle(&mut self) {
        self.clerk("discharge", "settle", &[("tendered", "99999")]);
    }

    /// Takes a deposit.
    pub(crate) fn deposit(&mut self, amount: &str) {
        self.clerk.get(&format!("/deposits/{}", self.stay));
        self.clerk("deposits", "take", &[("amount", amount), ("method", "cash")]);
    }
}

pub(crate) fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}
