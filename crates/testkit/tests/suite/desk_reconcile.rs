//! A day of the hospital's beside the centre's: what differs is named, and after the one thing that is done about each row
//! nothing differs any more.

use desk::{
    Bill, BillState, Correction, CountedVoid, DayState, ErrandState, Papers, Reconciliation, Sheet, Ticket,
    TicketState, Voided,
};
use jiff::SignedDuration;
use model::Clock as _;
use money::Money;
use store::{Act, By};
use testkit::{Browser, Item, Lost, Program, TestCentre, TestDesk};

const HOSPITAL: &str = "庄市佩珍医院";
const DAY: &str = "2026-11-23";

/// A cashier and somebody of finance, on a line that loses what it is told to, beside a program of the same hospital that
/// the desk knows nothing of.
struct Office {
    desk: TestDesk,
    cashier: Browser,
    finance: Browser,
    program: Program,
}

impl Office {
    fn start() -> Self {
        let centre = TestCentre::start(60);
        let way = centre.way().clone();
        let desk = TestDesk::on(centre, way, &[HOSPITAL]);
        let (cashier, finance) = (desk.signed_in(HOSPITAL, "0103"), desk.signed_in(HOSPITAL, "0401"));
        let program = desk.centre.program(HOSPITAL);
        Self { desk, cashier, finance, program }
    }

    fn papers(&self) -> Papers {
        self.desk.desk.papers(&self.desk.code(HOSPITAL))
    }

    fn act(&self) -> Act {
        Act { at: self.desk.centre.clock.now(), operator: "0103".into(), workstation: String::new() }
    }

    fn wait(&self, seconds: i64) {
        let clock = &self.desk.centre.clock;
        clock.set(clock.now().saturating_add(SignedDuration::from_secs(seconds)));
    }

    fn number(&self, name: &str) -> String {
        self.desk.centre.sample.person(name).number.clone()
    }

    /// A bill of a person, as far as its settlement.
    fn charge(&mut self, name: &str) -> String {
        let document = self.desk.centre.sample.person(name).document.clone();
        self.cashier.get("/charge");
        self.cashier.post("/charge", &[("card", &document)]);
        let place = self.cashier.place.clone();
        self.cashier.post(&format!("{place}/visit"), &[("doctor", "012")]);
        self.cashier.post(&format!("{place}/visit"), &[("diagnosis", "I10")]);
        for item in ["amlz*2", "xcg"] {
            self.cashier.post(&format!("{place}/line"), &[("item", item)]);
        }
        self.cashier.post(&format!("{place}/try"), &[]);
        self.cashier.post(&format!("{place}/tender"), &[("tendered", "200")]);
        self.cashier.post(&format!("{place}/settle"), &[]);
        place.trim_start_matches("/charge/").to_owned()
    }

    fn settled(&mut self, name: &str) -> Sheet<Bill> {
        let key = self.charge(name);
        let bill = self.bill(&key);
        assert_eq!(bill.state, BillState::Settled, "{}", self.cashier.text());
        bill
    }

    /// A bill the desk believes settled, whose message never came.
    fn never_arrived(&mut self, name: &str) -> Sheet<Bill> {
        self.desk.centre.way().lose_of("2207", Lost::Kept);
        let key = self.charge(name);
        let mut bill = self.bill(&key);
        assert_eq!(bill.state, BillState::Unknown, "{}", self.cashier.text());
        let intent = bill.facts.intent.take().expect("a message on its way");
        bill.facts.counted.message = intent.message;
        bill.private.sent = std::mem::take(&mut bill.private.message);
        bill.facts.split = bill.facts.trial.as_ref().map(|trial| trial.split.clone());
        bill.facts.settled = Some(self.desk.centre.clock.now());
        bill.state = BillState::Settled;
        self.plant(&bill);
        self.bill(&key)
    }

    fn plant(&self, bill: &Sheet<Bill>) {
        self.papers().put(&[bill.happened("planted")], &self.act()).expect("a paper");
    }

    fn bill(&self, key: &str) -> Sheet<Bill> {
        self.papers().get::<Bill>(key).unwrap().unwrap()
    }

    /// What the program does is done at a second of its own: its ids are never the desk's.
    fn behind_its_back<T>(&self, what: impl FnOnce(&Program) -> T) -> T {
        self.wait(1);
        let done = what(&self.program);
        self.wait(1);
        done
    }

    fn compare(&mut self, form: &[(&str, &str)]) -> Sheet<Reconciliation> {
        let place = format!("/reconcile/{DAY}");
        self.finance.get(&place);
        self.finance.post(&place, form);
        self.day()
    }

    fn day(&self) -> Sheet<Reconciliation> {
        let day = self.papers().get::<Reconciliation>(DAY).unwrap();
        day.unwrap_or_else(|| panic!("not compared: {}", self.finance.text()))
    }

    fn codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = self.day().private.rows.into_iter().map(|row| row.code).collect();
        codes.sort();
        codes
    }

    /// Does what is to be done about the row of a cause.
    fn remedy(&mut self, code: &str) -> String {
        let day = self.day();
        let n = day.private.rows.iter().position(|row| row.code == code);
        let n = n.unwrap_or_else(|| panic!("no {code} in {:?}", self.codes()));
        let place = format!("/reconcile/{DAY}/{n}");
        self.finance.get(&place);
        assert_eq!(self.finance.status, 200, "{}", self.finance.text());
        self.finance.post(&place, &[("seen", &day.version.to_string())])
    }

    fn tickets(&self) -> Vec<Sheet<Ticket>> {
        self.papers().list(By::All, 100, 0).unwrap()
    }

    fn standing(&self) -> i64 {
        let report = self.desk.centre.assert_clean();
        i64::try_from(report.settlements).unwrap() - i64::try_from(report.reversals).unwrap()
    }
}

#[test]
fn equal_books_differ_in_nothing_and_are_agreed_on() {
    let mut office = Office::start();
    office.settled("王建国");
    office.settled("林秀英");
    let day = office.compare(&[]);
    assert_eq!(day.state, DayState::Equal, "{}", office.finance.text());
    assert_eq!(day.facts.rows_at, None, "nothing is compared row by row where sums are equal");
    let ours: i64 = day.facts.sums.iter().map(|sums| sums.ours.count).sum();
    let theirs: i64 = day.facts.sums.iter().filter_map(|sums| sums.theirs).map(|sums| sums.count).sum();
    assert_eq!((ours, theirs), (2, 2));
    let day = office.compare(&[("do", "rows")]);
    assert!(day.facts.rows_at.is_some() && day.private.rows.is_empty());
    // A bill of which nothing is known is told beside the sums.
    office.desk.centre.way().lose_of("2207", Lost::Kept);
    office.charge("王建国");
    office.finance.get(&format!("/reconcile/{DAY}"));
    assert!(office.finance.text().contains("还有 1 笔结果未知"), "{}", office.finance.text());
}

#[test]
fn every_row_that_differs_is_put_right_by_the_one_thing_that_is_done_about_it() {
    let mut office = Office::start();
    office.settled("王建国");
    let never = office.never_arrived("林秀英");
    // Given back at the hospital alone.
    let mut unsent = office.settled("王建国");
    let now = office.desk.centre.clock.now();
    unsent.facts.voided = Some(Voided {
        at: now,
        why: "void-not-done".into(),
        by: "0103".into(),
        closing: String::new(),
        ..desk::Voided::default()
    });
    unsent.state = BillState::Voided;
    office.plant(&unsent);
    // Given back at the centre alone.
    let refunded = office.settled("王建国");
    let number = office.number("王建国");
    let of = |bill: &Sheet<Bill>| (bill.facts.visit.clone(), bill.facts.settlement.clone());
    let (visit, settlement) = of(&refunded);
    office.behind_its_back(|program| program.void(&number, &visit, &settlement).done());
    // A figure nobody wrote as it was answered.
    let mut mistyped = office.settled("王建国");
    let split = mistyped.facts.split.as_mut().expect("a split");
    split.account -= Money::from_fen(100);
    split.cash += Money::from_fen(100);
    office.plant(&mistyped);
    // Taken back as if it had never been.
    let gone = office.settled("王建国");
    let message = gone.facts.counted.message.clone();
    office.behind_its_back(|program| program.reverse(&number, "2207", &message).done());
    // Settled by somebody else's program.
    let items = [Item::one(office.desk.centre.item("血常规(五分类)"), "21.00")];
    office.behind_its_back(|program| program.settle(&number, &items, "21.00"));
    let stay = office.number("孙福田");
    let days = (now.saturating_sub(SignedDuration::from_hours(48)), now);
    office.behind_its_back(|program| program.settle_stay(&stay, days, &items, "21.00"));

    let day = office.compare(&[]);
    assert_eq!(day.state, DayState::Apart);
    let expected = [
        "AMOUNTS_DIFFER",
        "NEVER_ARRIVED",
        "NOT_WRITTEN",
        "NOT_WRITTEN",
        "REFUND_NOT_SENT",
        "REFUND_NOT_WRITTEN",
        "TAKEN_BACK",
    ];
    assert_eq!(office.codes(), expected, "{}", office.finance.text());
    let text = office.finance.text();
    for list in ["医院有中心无", "中心有医院无", "金额或日期不同"] {
        assert!(text.contains(list), "{text}");
    }
    for (done, code) in expected.iter().enumerate() {
        office.remedy(code);
        assert_eq!(office.codes().len(), expected.len() - done - 1, "{code}: {}", office.finance.text());
    }
    let day = office.compare(&[("do", "rows")]);
    assert_eq!((day.state, day.facts.apart), (DayState::Equal, 0), "{}", office.finance.text());
    assert!(day.facts.sums.iter().all(|sums| sums.theirs == Some(sums.ours)));

    let arrived = office.bill(&never.key);
    assert_eq!(arrived.state, BillState::Settled);
    assert!(!arrived.facts.settlement.is_empty(), "the centre's number is on the paper");
    assert_eq!(office.bill(&refunded.key).state, BillState::Voided);
    assert_eq!(office.bill(&gone.key).state, BillState::Voided);
    let split = office.bill(&mistyped.key).facts.split.unwrap();
    assert_eq!(split.cash, mistyped.facts.split.unwrap().cash - Money::from_fen(100));
    let void: Option<CountedVoid> = office.bill(&unsent.key).facts.counted.voided;
    assert!(void.is_some_and(|void| !void.number.is_empty()));
    // The cash of the figure that was put right is somebody's to collect or to give back.
    let tickets = office.tickets();
    assert_eq!(tickets.len(), 1);
    assert!(tickets[0].facts.text.ends_with("-1.00"), "{}", tickets[0].facts.text);
    let place = format!("/tickets/{}", tickets[0].key);
    office.finance.get(&place);
    office.finance.post(&place, &[("ended", "")]);
    assert!(office.finance.text().contains("请写明处理结果"), "{}", office.finance.text());
    office.finance.post(&place, &[("ended", "已退 1.00 元")]);
    assert_eq!(office.tickets()[0].state, TicketState::Closed);
    // Three of the desk's stand: the first, the one that had never arrived, the one mistyped.
    assert_eq!(office.standing(), 3);
    office.desk.assert_described(HOSPITAL);
}

#[test]
fn a_remedy_whose_reply_is_lost_ends_right_by_itself() {
    let mut office = Office::start();
    let bill = office.never_arrived("王建国");
    office.compare(&[]);
    office.desk.centre.way().lose_of("2207", Lost::Reply);
    office.remedy("NEVER_ARRIVED");
    let corrections = || -> Vec<Sheet<Correction>> { office.papers().list(By::All, 10, 0).unwrap() };
    assert_eq!(corrections()[0].state, ErrandState::Unknown);
    assert!(office.bill(&bill.key).facts.settlement.is_empty(), "not before it is known");
    office.wait(4);
    assert_eq!(office.desk.desk.resolve().unwrap(), 1);
    let corrections: Vec<Sheet<Correction>> = office.papers().list(By::All, 10, 0).unwrap();
    assert_eq!(corrections[0].state, ErrandState::Done);
    assert!(!office.bill(&bill.key).facts.settlement.is_empty());
    assert_eq!(office.standing(), 1);
    assert_eq!(office.compare(&[("do", "rows")]).state, DayState::Equal, "{}", office.finance.text());
}

#[test]
fn what_nobody_can_do_is_a_ticket_and_only_the_office_does_anything() {
    let mut office = Office::start();
    let mut bill = office.settled("王建国");
    bill.facts.visit = "999".into();
    bill.facts.settlement = "998".into();
    bill.facts.counted.message = "unheard of".into();
    office.plant(&bill);
    // The sums are equal: that two rows are not is seen where rows are compared.
    assert_eq!(office.compare(&[]).state, DayState::Equal);
    office.compare(&[("do", "rows")]);
    assert_eq!(office.codes(), ["NOT_WRITTEN", "UNKNOWN_VISIT"], "{}", office.finance.text());
    let day = office.day();
    let n = day.private.rows.iter().position(|row| row.code == "UNKNOWN_VISIT").unwrap();
    let place = format!("/reconcile/{DAY}/{n}");
    office.finance.get(&place);
    let seen = day.version.to_string();
    office.finance.post(&place, &[("seen", &seen), ("do", "ticket"), ("text", "")]);
    assert!(office.finance.text().contains("请写明要查什么"), "{}", office.finance.text());
    office.finance.post(&place, &[("seen", "0"), ("do", "ticket"), ("text", "查就诊号")]);
    assert!(office.finance.text().contains("刚被别人改过"), "{}", office.finance.text());
    assert!(office.tickets().is_empty());
    office.finance.post(&place, &[("seen", &seen), ("do", "ticket"), ("text", "查就诊号")]);
    let tickets = office.tickets();
    assert_eq!(
        (tickets[0].state, &*tickets[0].facts.code, &*tickets[0].facts.by),
        (TicketState::Open, "UNKNOWN_VISIT", "0401")
    );
    for place in [place.as_str(), "/reconcile", "/tickets"] {
        office.cashier.get(place);
        assert_eq!(office.cashier.status, 403, "{place}");
    }
    for nowhere in ["/reconcile/2026-11-24", "/reconcile/20261123", "/reconcile/2026-11-23/9"] {
        office.finance.get(nowhere);
        assert_eq!(office.finance.status, 404, "{nowhere}");
    }
    office.finance.get("/reconcile?day=1122");
    assert_eq!(office.finance.place, "/reconcile/2026-11-22");
    office.finance.get("/reconcile?day=1124");
    assert!(office.finance.text().contains("不能晚于今天"), "{}", office.finance.text());
    office.desk.assert_described(HOSPITAL);
}
