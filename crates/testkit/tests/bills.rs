//! Random bills at a window: whatever is charged, every part comes to the whole, to the fen; and what is voided leaves
//! nothing behind, neither at the desk nor in the centre's books. `TONGQU_BILLS` says how many, `TONGQU_BILLS_SEED` which.

use desk::{Bill, BillState, Closing, Hospital, Item, ReceiptKind, Segment, SegmentState, Sheet, Split};
use jiff::SignedDuration;
use model::Clock as _;
use money::{Exact, Money, Quantity, Rounding, TillRounding};
use sample::Random;
use store::{Act, By};
use testkit::{Browser, TestDesk};

const HOSPITAL: &str = "庄市佩珍医院";
const ROUNDINGS: [&str; 7] =
    ["none", "jiao half-up", "jiao up", "jiao down", "jiao half-even", "half yuan", "five down six up"];

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

struct Counter {
    desk: TestDesk,
    browser: Browser,
    random: Random,
    items: Vec<(String, Item)>,
}

impl Counter {
    fn open(seed: u64) -> Self {
        let desk = TestDesk::start(400, &[HOSPITAL]);
        let browser = desk.signed_in(HOSPITAL, "0103");
        let papers = desk.desk.papers(&desk.code(HOSPITAL));
        // Numbers for however many.
        let segment = Segment::new(ReceiptKind::Outpatient, "NC-", 7, (1, 99_999), "0103");
        let segment = Sheet::new(segment.key(), SegmentState::Issued, None, segment);
        let act = Act { at: desk.centre.clock.now(), operator: "0401".into(), workstation: String::new() };
        papers.put(&[segment.happened("issue")], &act).unwrap();
        let mut items: Vec<Sheet<Item>> = papers.list(By::All, 10_000, 0).unwrap();
        // Packs are not scanned here, and what a year allows once is not what is tried.
        items.retain(|item| item.facts.price.millionths() < 2_000_000_000);
        let items = items.into_iter().map(|item| (item.key, item.facts)).collect();
        Self { desk, browser, random: Random::new(seed), items }
    }

    /// How the till rounds from now on.
    fn round(&self, how: &str) {
        let papers = self.desk.desk.papers(&self.desk.code(HOSPITAL));
        let mut hospital = papers.get::<Hospital>(Hospital::KEY).unwrap().unwrap();
        hospital.facts.parameters.till_rounding = how.into();
        // Whoever charged it gives it back, however much it is.
        hospital.facts.parameters.refund_approval_yuan = 10_000_000;
        let act =
            Act { at: self.desk.centre.clock.now(), operator: "0001".into(), workstation: String::new() };
        papers.put(&[hospital.happened("change")], &act).unwrap();
    }

    fn bill(&self, key: &str) -> Sheet<Bill> {
        self.desk.desk.papers(&self.desk.code(HOSPITAL)).get(key).unwrap().unwrap()
    }

    /// Somebody comes, insured or not, and is charged for one to thirty lines; answers the bill, where one was begun.
    fn charge(&mut self) -> Option<Sheet<Bill>> {
        self.browser.get("/charge");
        if self.random.percent(80) {
            let people = self.desk.centre.sample.persons.len();
            let document =
                self.desk.centre.sample.persons[self.random.below(people)].enrolment.document.clone();
            self.browser.post("/charge", &[("card", &document)]);
        } else {
            self.browser.post("/charge", &[("name", "路人")]);
        }
        let place = self.browser.place.clone();
        if place == "/charge" {
            assert!(self.browser.text().contains("H101"), "{}", self.browser.text());
            return None;
        }
        self.browser.post(&format!("{place}/visit"), &[("doctor", "012"), ("diagnosis", "I10")]);
        for _ in 0..=self.random.below(30) {
            let (code, item) = self.random.pick(&self.items).clone();
            let count = if item.whole {
                (1 + self.random.below(9)).to_string()
            } else {
                format!("{}.{:03}", self.random.below(50), 1 + self.random.below(999))
            };
            let line = [("item", &*format!("{code}*{count}")), ("item_pick", &*code)];
            self.browser.post(&format!("{place}/line"), &line);
            self.browser.post(&format!("{place}/answer"), &[("answer", "no")]);
        }
        self.browser.post(&format!("{place}/try"), &[]);
        self.browser.post(&format!("{place}/tender"), &[("tendered", "9000000")]);
        self.browser.post(&format!("{place}/settle"), &[]);
        Some(self.bill(place.trim_start_matches("/charge/")))
    }

    /// Some of some lines goes back; answers what stayed, where it was settled.
    fn part(&mut self, bill: &Sheet<Bill>) -> Option<Sheet<Bill>> {
        let place = format!("/bills/{}/void", bill.key);
        self.browser.get(&place);
        let mut form = vec![("reason".to_owned(), "void-wrong-item".to_owned())];
        for line in &bill.facts.lines {
            let all = line.quantity.ten_thousandths();
            let whole = all % 10_000 == 0;
            let step = if whole { 10_000 } else { 10 };
            let back =
                i64::try_from(self.random.below(usize::try_from(all / step).unwrap() + 1)).unwrap() * step;
            if self.random.percent(40) && back > 0 {
                form.push((
                    format!("back-{}", line.number),
                    Quantity::from_ten_thousandths(back).to_string(),
                ));
            }
        }
        let said = |form: &[(String, String)]| -> Vec<(String, String)> { form.to_vec() };
        let post = |browser: &mut Browser, form: Vec<(String, String)>| {
            let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            browser.post(&place, &form);
        };
        post(&mut self.browser, said(&form));
        let sure = self.browser.page.split("name=\"sure\" value=\"").nth(1);
        if let Some(sure) = sure.and_then(|after| after.split('"').next()).map(str::to_owned) {
            form.push(("sure".to_owned(), sure));
            post(&mut self.browser, form);
        }
        let rest = self.bill(&bill.key).facts.voided?.rest;
        if rest.is_empty() {
            return None;
        }
        let rest = self.bill(&rest);
        if rest.state == BillState::Tried {
            self.browser.get(&format!("/charge/{}", rest.key));
            self.browser.post(&format!("/charge/{}/settle", rest.key), &[("tendered", "9000000")]);
        }
        Some(self.bill(&rest.key))
    }

    /// How the same lines are shared where nothing was charged before.
    fn alone(&mut self, rest: &Sheet<Bill>) -> Option<Split> {
        self.browser.get("/charge");
        self.browser.post("/charge", &[("card", &rest.private.document)]);
        let place = self.browser.place.clone();
        self.browser.post(&format!("{place}/visit"), &[("doctor", "012"), ("diagnosis", "I10")]);
        for line in &rest.facts.lines {
            let line = [("item", &*format!("{}*{}", line.item, line.quantity)), ("item_pick", &*line.item)];
            self.browser.post(&format!("{place}/line"), &line);
            self.browser.post(&format!("{place}/answer"), &[("answer", "no")]);
        }
        self.browser.post(&format!("{place}/try"), &[]);
        let bill = self.bill(place.trim_start_matches("/charge/"));
        let split = bill.facts.trial.map(|trial| trial.split);
        self.browser.post(&format!("{place}/drop"), &[]);
        split
    }

    /// Finance gives it back, however much it is.
    fn void(&mut self, finance: &mut Browser, bill: &str) -> Sheet<Bill> {
        finance.get(&format!("/bills/{bill}/void"));
        finance.post(&format!("/bills/{bill}/void"), &[("reason", "void-not-done")]);
        self.bill(bill)
    }
}

/// Each sum of a bill, reckoned here once more.
fn assert_even(bill: &Sheet<Bill>, till: TillRounding) {
    let facts = &bill.facts;
    let lines: Money =
        facts.lines.iter().map(|line| Exact::line(line.price, line.quantity).round(Rounding::HalfUp)).sum();
    let split = facts.split.as_ref().expect("settled");
    let funds: Money = split.funds.iter().map(|(_, paid)| paid.parse::<Money>().unwrap()).sum();
    let parts = funds + split.account + split.relatives + split.cash + split.hospital;
    assert_eq!((lines, split.total, parts), (facts.total(), lines, lines), "bill {}", bill.key);
    let categories: Money = facts.categories().into_iter().map(|(_, sum)| sum).sum();
    assert_eq!(categories, lines);
    assert_eq!(facts.payment.due, till.collect(split.cash.exact()));
    assert_eq!(facts.payment.due - facts.payment.rounding, split.cash);
    let change = facts.payment.change().unwrap();
    assert_eq!(facts.payment.tendered.unwrap() - change, facts.payment.asked());
}

#[test]
fn random_bills_come_to_the_fen_and_what_is_voided_leaves_nothing() {
    let (count, seed) = (number("TONGQU_BILLS", 60), number("TONGQU_BILLS_SEED", 1));
    let mut counter = Counter::open(u64::try_from(seed).unwrap());
    let mut settled = Vec::new();
    let (mut lines, mut parts, mut refused) = (0, 0, 0);
    for n in 0..count {
        let how = ROUNDINGS[n * ROUNDINGS.len() / count];
        counter.round(how);
        let Some(bill) = counter.charge() else {
            refused += 1;
            continue;
        };
        if bill.state != BillState::Settled {
            // What the rules refuse is told, and nothing of it stands.
            assert!(bill.state.is_open(), "{:?}", bill.state);
            refused += 1;
            continue;
        }
        assert_even(&bill, how.parse().unwrap());
        lines += bill.facts.lines.len();
        if n % 4 != 3 {
            settled.push(bill.key);
        } else if let Some(rest) = counter.part(&bill) {
            assert_eq!(rest.state, BillState::Settled, "{}", counter.browser.text());
            assert_even(&rest, how.parse().unwrap());
            parts += 1;
            counter.browser.get(&format!("/bills/{}/void", rest.key));
            counter.browser.post(&format!("/bills/{}/void", rest.key), &[("reason", "void-not-done")]);
            if rest.facts.insured {
                let lines: Vec<String> = rest
                    .facts
                    .lines
                    .iter()
                    .map(|line| format!("{} {} × {}", line.item, line.name, line.quantity))
                    .collect();
                assert_eq!(
                    counter.alone(&rest),
                    rest.facts.split,
                    "bill {n}, as if it alone had been charged: {lines:#?}"
                );
            }
        } else if counter.bill(&bill.key).state == BillState::Settled {
            settled.push(bill.key);
        }
        if n % 200 == 199 {
            let clock = &counter.desk.centre.clock;
            clock.set(clock.now().saturating_add(SignedDuration::from_mins(5)));
            counter.browser = counter.desk.signed_in(HOSPITAL, "0103");
        }
    }
    assert!((settled.len() + parts) * 10 >= count * 8, "{} of {count} settled", settled.len() + parts);
    let report = counter.desk.centre.assert_clean();
    let mut finance = counter.desk.signed_in(HOSPITAL, "0401");
    for key in &settled {
        assert_eq!(counter.void(&mut finance, key).state, BillState::Voided);
    }
    let after = counter.desk.centre.assert_clean();
    assert_eq!(
        after.reversals - report.reversals,
        report.settlements - report.reversals,
        "each is undone once"
    );
    let papers = counter.desk.desk.papers(&counter.desk.code(HOSPITAL));
    let all = ["0103", "0401"].map(|who| Closing::open(&papers, who).unwrap());
    let sums = |of: fn(&Closing) -> Money| all.iter().map(of).sum::<Money>();
    assert!(all.iter().all(Closing::adds_up));
    let left = [
        sums(|c| c.total),
        sums(|c| c.accounts),
        sums(|c| c.share),
        sums(|c| c.rounding),
        sums(|c| c.hand_over),
    ];
    assert_eq!(left, [Money::ZERO; 5]);
    println!(
        "{count} bills, {} settled with {lines} lines, {parts} refunded in part, {refused} refused; every sum exact, every void leaves nothing",
        settled.len() + parts
    );
}
