//! Stays that go on for long: settled for what they have come to so far, and back period by period. Each settlement is
//! listed, printed, closed and compared like any other.

use desk::{
    Bed, BedState, BillState, Closing, DayState, Deposit, DepositState, Reconciliation, Settlement, Sheet,
    StayState,
};
use jiff::SignedDuration;
use model::Clock as _;
use money::Money;
use testkit::Lost;

use crate::ward::{HOSPITAL, Ward, yuan};

impl Ward {
    /// Something done to the settlements of the stay while it goes on.
    fn period(&mut self, step: &str, form: &[(&str, &str)]) -> String {
        self.clerk.get(&format!("/settlements/{}", self.stay));
        self.clerk("settlements", step, form)
    }

    /// Tried, and settled with more cash than can be due.
    fn settle_so_far(&mut self, surplus: &str) {
        self.period("try", &[]);
        self.period("settle", &[("tendered", "99999"), ("surplus", surplus)]);
    }

    /// What was settled, of those that stand.
    fn settled(&self) -> Vec<Sheet<Settlement>> {
        let mut all = self.settlements();
        all.retain(|settlement| settlement.state == BillState::Settled);
        all.sort_by(|a, b| a.key.cmp(&b.key));
        all
    }

    fn valid(&self) -> Vec<Sheet<Deposit>> {
        let mut all = self.deposits();
        all.retain(|deposit| deposit.state == DepositState::Valid);
        all
    }

    fn sum_of(&self, state: DepositState) -> Money {
        self.deposits().iter().filter(|d| d.state == state).map(|d| d.facts.amount).sum()
    }

    /// The day is compared with the centre's by finance, and nothing differs.
    pub(crate) fn day_is_equal(&self) {
        let day = self.desk.centre.clock.now().date().to_string();
        let mut finance = self.desk.signed_in(HOSPITAL, "0401");
        let place = format!("/reconcile/{day}");
        finance.get(&place);
        finance.post(&place, &[("do", "compare")]);
        let compared = self.papers().get::<Reconciliation>(&day).unwrap().expect("a day that is compared");
        assert_eq!(compared.state, DayState::Equal, "{}", finance.text());
    }
}

#[test]
fn a_stay_is_settled_period_by_period_and_its_deposits_go_on() {
    let mut ward = Ward::with("王建国");
    ward.deposit("3000");
    ward.post(&["三人间床位费*3", "一级护理*3"]);
    let page = ward.period("settle", &[]);
    assert!(page.contains("H302"), "what was not shown is not settled: {}", ward.clerk.text());
    ward.settle_so_far("keep");
    let first = ward.settled().remove(0);
    assert_eq!((first.facts.interim, first.facts.period), (true, 1), "{}", ward.clerk.text());
    let stay = ward.paper();
    assert_eq!((stay.state, stay.facts.settled), (StayState::InHouse, first.facts.total));
    assert_eq!(stay.facts.unsettled(), Money::ZERO);
    // No more of the deposit was used than was due; the rest stays the patient's, under the same receipt.
    assert_eq!(first.facts.account.deposits, first.facts.split.cash);
    assert_eq!(ward.sum_of(DepositState::Applied), first.facts.split.cash);
    let left = yuan("3000") - first.facts.split.cash;
    assert_eq!((stay.facts.deposited, ward.sum_of(DepositState::Valid)), (left, left));
    assert!(ward.deposits().iter().all(|deposit| deposit.facts.receipt == "YJ-0000001"));
    assert!(ward.clerk.text().contains("ZY-0000001"), "{}", ward.clerk.text());
    let receipt = ward.clerk.get(&format!("/print/stay/{}", first.key));
    assert!(receipt.contains("第 1 期") && receipt.contains("ZY-0000001"), "{receipt}");

    // What is settled is not taken back before that is voided; nor can the patient go with nothing to settle.
    let line = ward.lines()[0].key.clone();
    let refused = ward.reverse(&line, "1");
    assert!(refused.contains("H504") && refused.contains("第 1 期"), "{}", ward.biller.text());
    ward.clerk.get(&format!("/discharge/{}", ward.stay));
    let refused = ward.clerk("discharge", "go", &[("way", "1"), ("diagnosis", "I10")]);
    assert!(refused.contains("H502"), "{}", ward.clerk.text());
    assert_eq!(ward.state(), StayState::InHouse);

    ward.post(&["三人间床位费*2", "amlz*3"]);
    ward.settle_so_far("back");
    let second = ward.settled().remove(1);
    assert_eq!(second.facts.period, 2, "{}", ward.clerk.text());
    assert_eq!(
        second.facts.account.refund,
        left - second.facts.split.cash,
        "given back where that is asked for"
    );
    assert_eq!(ward.paper().facts.deposited, Money::ZERO);

    ward.post(&["一级护理"]);
    ward.wait(300);
    ward.leave();
    ward.settle();
    let all = ward.settled();
    assert_eq!(all.len(), 3, "{}", ward.clerk.text());
    assert_eq!(ward.state(), StayState::Settled);
    let total: Money = all.iter().map(|settlement| settlement.facts.total).sum();
    assert_eq!(total, ward.paper().facts.charged);
    assert_eq!(ward.standing(), 3);
    ward.clerk.get(&format!("/settlements/{}", ward.stay));
    for receipt in ["ZY-0000001", "ZY-0000002", "ZY-0000003"] {
        assert!(ward.clerk.text().contains(receipt), "{}", ward.clerk.text());
    }
    let file = ward.clerk.get(&format!("/settlements/{}?as=csv", ward.stay));
    assert_eq!(file.lines().count(), 4, "{file}");
    let closing = Closing::open(&ward.papers(), "0301").unwrap();
    assert!(closing.adds_up());
    assert_eq!((closing.stays.came, closing.total), (3, total));
    assert_eq!(closing.carried_in, closing.carried_out);
    assert_eq!(closing.numbers["deposit"].used, ["YJ-0000001"], "a receipt is counted once");
    ward.day_is_equal();
    ward.desk.assert_described(HOSPITAL);
}

#[test]
fn periods_are_voided_from_the_last_one_back() {
    let mut ward = Ward::with("王建国");
    ward.deposit("3000");
    ward.post(&["三人间床位费*3"]);
    ward.settle_so_far("keep");
    ward.post(&["一级护理*2"]);
    ward.settle_so_far("keep");
    ward.post(&["三人间床位费"]);
    ward.wait(300);
    ward.leave();
    let refused = ward.period("void", &[("reason", "void-lines-wrong")]);
    assert!(refused.contains("H504") && refused.contains("先撤「出院」"), "{}", ward.clerk.text());
    ward.clerk("discharge", "recall", &[]);
    let refused = ward.clerk("admission", "cancel", &[]);
    assert!(refused.contains("先撤「中途结算"), "{}", ward.clerk.text());
    assert_eq!(ward.settled().len(), 2);
    for left in [1, 0] {
        ward.period("void", &[("reason", "void-lines-wrong")]);
        assert_eq!(ward.settled().len(), left, "{}", ward.clerk.text());
        assert_eq!(ward.paper().facts.periods.len(), left);
        assert_eq!(ward.standing(), i64::try_from(left).unwrap());
    }
    let refused = ward.period("void", &[("reason", "void-lines-wrong")]);
    assert!(refused.contains("没有可撤销的中途结算"), "{}", ward.clerk.text());
    let stay = ward.paper();
    assert_eq!((stay.facts.settled, stay.facts.deposited), (Money::ZERO, yuan("3000")));
    assert_eq!(ward.sum_of(DepositState::Valid), yuan("3000"), "in parts, and all of it");
    assert!(ward.lines().iter().all(|line| line.facts.period.is_empty()));
    // All of it goes back against the one receipt.
    let lines: Vec<String> = ward.lines().iter().map(|line| line.key.clone()).collect();
    for (line, quantity) in lines.iter().zip(["3", "2", "1"]) {
        ward.reverse(line, quantity);
    }
    ward.clerk.get(&format!("/deposits/{}", ward.stay));
    ward.clerk("deposits", "refund", &[("receipt", "YJ-0000001")]);
    assert!(ward.valid().is_empty(), "{}", ward.clerk.text());
    let closing = Closing::open(&ward.papers(), "0301").unwrap();
    assert!(closing.adds_up());
    assert_eq!((closing.hand_over, closing.total), (Money::ZERO, Money::ZERO));
    assert_eq!((closing.deposits_in, closing.deposits_out), (yuan("3000"), yuan("3000")));
    ward.day_is_equal();
}

#[test]
fn a_period_whose_reply_is_lost_is_known_in_the_end() {
    let mut ward = Ward::with("王建国");
    ward.deposit("2000");
    ward.post(&["三人间床位费*3"]);
    ward.desk.centre.way().lose_of("2304", Lost::Reply);
    ward.settle_so_far("keep");
    assert_eq!(ward.settlements().remove(0).state, BillState::Unknown, "{}", ward.clerk.text());
    assert!(ward.clerk.text().contains("H304"), "{}", ward.clerk.text());
    ward.bill("line", &[("item", "一级护理")]);
    ward.bill("post", &[]);
    assert_eq!(ward.lines().len(), 1, "nothing is charged meanwhile");
    ward.resolve(4);
    assert_eq!((ward.settled().len(), ward.standing()), (1, 1));
    ward.desk.centre.way().lose_of("2305", Lost::Reply);
    ward.period("void", &[("reason", "void-lines-wrong")]);
    ward.resolve(4);
    assert_eq!((ward.settled().len(), ward.standing()), (0, 0));
    assert_eq!(ward.paper().facts.deposited, yuan("2000"));
    // Given up, it never was.
    ward.desk.centre.way().lose_of("2304", Lost::Reply);
    ward.settle_so_far("keep");
    ward.period("give-up", &[]);
    assert!(ward.paper().facts.doubt.is_empty(), "{}", ward.clerk.text());
    assert_eq!((ward.settled().len(), ward.standing()), (0, 0));
    ward.day_is_equal();
}

#[test]
fn who_pays_alone_settles_periods_without_the_centre() {
    let mut ward = Ward::start();
    ward.clerk.get("/admission");
    ward.register(&[("card", ""), ("name", "过路人"), ("sex", "2"), ("age", "30")]);
    ward.deposit("100");
    ward.post(&["三人间床位费*3", "一级护理"]);
    ward.settle_so_far("keep");
    let first = ward.settled().remove(0);
    assert_eq!(first.facts.account.payment.due, first.facts.total - yuan("100"), "{}", ward.clerk.text());
    assert_eq!(ward.paper().facts.settled, first.facts.total);
    let later = ward.desk.centre.clock.now().saturating_add(SignedDuration::from_hours(1));
    assert_eq!(ward.paper().facts.balance(later), Money::ZERO);
    ward.period("void", &[("reason", "void-patient-asks")]);
    assert_eq!(ward.paper().facts.settled, Money::ZERO, "{}", ward.clerk.text());
    assert_eq!(ward.standing(), 0);
}

impl Ward {
    fn change(&mut self, step: &str, form: &[(&str, &str)]) -> String {
        self.clerk.get(&format!("/change/{}", self.stay));
        self.clerk("change", step, form)
    }

    fn bed_at(&self, key: &str) -> (BedState, String) {
        let bed = self.papers().get::<Bed>(key).unwrap().unwrap();
        (bed.state, bed.facts.stay)
    }

    /// Another doctor of the hospital's list than the one in charge.
    fn other_doctor(&self) -> (String, String) {
        let doctor = self.paper().facts.doctor.code;
        let other = sample::DOCTORS.iter().find(|other| other.number != doctor).expect("two doctors");
        (other.number.to_owned(), other.department.0.to_owned())
    }
}

#[test]
fn diagnosis_doctor_and_kind_of_care_are_changed_once_the_centre_knows() {
    let mut ward = Ward::with("王建国");
    let (doctor, department) = ward.other_doctor();
    let form = [("doctor", &*doctor), ("diagnosis", "J18.9"), ("second", "I10"), ("care_kind", "22")];
    ward.desk.centre.way().lose_of("2403", Lost::Reply);
    ward.change("say", &form);
    let stay = ward.paper();
    assert!(!stay.facts.doubt.is_empty() && ward.clerk.text().contains("H304"), "{}", ward.clerk.text());
    assert_ne!(stay.facts.doctor.code, doctor, "nothing is another before the centre knows");
    ward.resolve(4);
    let stay = ward.paper();
    assert!(stay.facts.doubt.is_empty());
    assert_eq!((&*stay.facts.doctor.code, &*stay.facts.department.code), (&*doctor, &*department));
    assert_eq!((stay.state, &*stay.facts.care_kind), (StayState::InHouse, "22"));
    let codes: Vec<&str> = stay.private.patient.diagnoses.iter().map(|d| &*d.code).collect();
    assert_eq!(codes.len(), 2, "{codes:?}");
    assert!(ward.change("say", &form).contains("没有改动"), "{}", ward.clerk.text());
    // One less is told as not holding any more; the stay goes on to its end.
    ward.change("say", &[("doctor", &doctor), ("diagnosis", "I10"), ("care_kind", "21")]);
    assert_eq!(ward.paper().private.patient.diagnoses.len(), 1, "{}", ward.clerk.text());
    ward.change("say", &[("doctor", "nobody"), ("diagnosis", "I10")]);
    assert!(ward.clerk.text().contains("nobody"), "{}", ward.clerk.text());
    ward.post(&["三人间床位费*3"]);
    // What a settlement of it went by stands while that does.
    ward.settle_so_far("keep");
    ward.change("say", &[("doctor", &doctor), ("diagnosis", "I10"), ("care_kind", "22")]);
    assert!(ward.paper().facts.refused.is_some(), "{}", ward.clerk.text());
    assert_eq!(ward.paper().facts.care_kind, "21");
    ward.desk.centre.assert_clean();
}

#[test]
fn a_patient_goes_to_another_ward_where_that_takes_him() {
    let mut ward = Ward::with("王建国");
    let stay = ward.stay.clone();
    let (doctor, department) = ward.other_doctor();
    ward.clerk.get(&format!("/admission/{stay}"));
    let refused = ward.clerk("admission", "bed", &[("bed", "W1-01")]);
    assert!(refused.contains("转科"), "{}", ward.clerk.text());
    ward.change("ask", &[("ward", "W1"), ("doctor", &doctor), ("why", "需手术")]);
    let asked = ward.paper();
    assert_eq!((asked.state, &*asked.facts.ward.code), (StayState::InHouse, "N1"), "{}", ward.clerk.text());
    assert_eq!(asked.facts.transfer.as_ref().map(|t| t.ward.code.as_str()), Some("W1"));
    let board = ward.clerk.get("/beds?ward=W1");
    assert!(board.contains("待转入") && board.contains("王建国"), "{}", ward.clerk.text());
    ward.clerk.get(&format!("/discharge/{stay}"));
    let refused = ward.clerk("discharge", "go", &[("way", "1"), ("diagnosis", "I10")]);
    assert!(refused.contains("H502"), "{}", ward.clerk.text());
    // Not taken: all is as it was, and it says why.
    assert!(ward.change("refuse", &[]).contains("要写原因"), "{}", ward.clerk.text());
    ward.change("refuse", &[("why", "没有床")]);
    assert!(ward.clerk.text().contains("没有床"), "{}", ward.clerk.text());
    assert_eq!(ward.paper().facts.transfer, None);
    assert_eq!(ward.bed_at("N1-03"), (BedState::Taken, stay.clone()));
    // Asked again, and taken while the reply is lost.
    ward.change("ask", &[("ward", "W1"), ("doctor", &doctor)]);
    assert!(ward.change("accept", &[("bed", "99")]).contains("不是空床"), "{}", ward.clerk.text());
    ward.desk.centre.way().lose_of("2403", Lost::Reply);
    ward.change("accept", &[("bed", "W1-02")]);
    assert_eq!((ward.bed_at("N1-03").0, ward.bed_at("W1-02").0), (BedState::Taken, BedState::Taken));
    ward.resolve(4);
    let moved = ward.paper();
    assert_eq!((&*moved.facts.ward.code, &*moved.facts.bed), ("W1", "02"));
    assert_eq!((&*moved.facts.doctor.code, &*moved.facts.department.code), (&*doctor, &*department));
    assert_eq!(ward.bed_at("N1-03"), (BedState::Cleaning, String::new()));
    assert_eq!(ward.bed_at("W1-02"), (BedState::Taken, stay.clone()));
    // Where the line was down and nothing came of it, the bed there is free again.
    ward.change("ask", &[("ward", "N1"), ("doctor", &doctor)]);
    ward.desk.centre.way().lose_of("2403", Lost::Message);
    ward.change("accept", &[("bed", "05")]);
    assert_eq!(ward.bed_at("N1-05").0, BedState::Free, "{}", ward.clerk.text());
    assert_eq!((ward.paper().facts.ward.code.as_str(), ward.bed_at("W1-02").0), ("W1", BedState::Taken));
    ward.change("accept", &[("bed", "05")]);
    assert_eq!(ward.paper().facts.ward.code, "N1", "back again: {}", ward.clerk.text());
    assert_eq!(ward.bed_at("W1-02").0, BedState::Cleaning);
    ward.desk.centre.assert_clean();
    ward.desk.assert_described(HOSPITAL);
}

#[test]
fn a_deposit_goes_on_to_the_next_stay_and_back_and_is_counted_once() {
    let mut ward = Ward::start();
    let alone = [("card", ""), ("name", "过路人"), ("sex", "2"), ("age", "30")];
    ward.clerk.get("/admission");
    ward.register(&alone);
    let first = ward.stay.clone();
    ward.deposit("800");
    ward.clerk.get("/admission");
    ward.register(&[&alone[..], &[("bed", "04")]].concat());
    let second = std::mem::replace(&mut ward.stay, first.clone());
    let carry = |ward: &mut Ward, to: &str| {
        ward.clerk.get(&format!("/deposits/{}", ward.stay));
        ward.clerk("deposits", "carry", &[("carry_receipt", "yj-0000001"), ("to", to)])
    };
    assert!(carry(&mut ward, "26999999").contains("没有找到这位病人"), "{}", ward.clerk.text());
    carry(&mut ward, &second);
    assert_eq!(ward.paper().facts.deposited, Money::ZERO, "{}", ward.clerk.text());
    assert_eq!(ward.sum_of(DepositState::Carried), yuan("800"));
    assert!(carry(&mut ward, &second).contains("没有找到有效的收据"), "{}", ward.clerk.text());
    // The stay it left may be taken back: nothing hangs on it any more.
    ward.clerk("admission", "release", &[]);
    assert_eq!(ward.state(), StayState::Registered, "{}", ward.clerk.text());
    ward.stay.clone_from(&second);
    assert_eq!((ward.paper().facts.deposited, ward.valid().len()), (yuan("800"), 1));
    carry(&mut ward, &first);
    assert_eq!(ward.paper().facts.deposited, Money::ZERO, "back again: {}", ward.clerk.text());
    ward.stay.clone_from(&first);
    carry(&mut ward, &second);
    ward.clerk("admission", "cancel", &[]);
    assert_eq!(ward.state(), StayState::Cancelled, "{}", ward.clerk.text());
    assert!(carry(&mut ward, &second).contains("当前状态「已取消」不能"), "{}", ward.clerk.text());
    ward.stay.clone_from(&second);
    let paper = ward.valid().remove(0);
    let receipt = ward.clerk.get(&format!("/print/deposit/{}?look=1", paper.key));
    assert!(receipt.contains("YJ-0000001"), "the receipt it was taken with: {receipt}");
    let closing = Closing::open(&ward.papers(), "0301").unwrap();
    assert!(closing.adds_up());
    assert_eq!(
        (closing.deposits.came, closing.deposits_in, closing.hand_over),
        (1, yuan("800"), yuan("800"))
    );
    assert_eq!((closing.carried_in, closing.carried_out), (yuan("2400"), yuan("2400")));
    // Each side is in one closing, and the next has nothing of it.
    ward.clerk.get("/closing");
    ward.clerk.post("/closing", &[]);
    assert!(ward.clerk.text().contains("预交金转存"), "{}", ward.clerk.text());
    assert!(Closing::open(&ward.papers(), "0301").unwrap().is_empty());
    ward.clerk.get(&format!("/deposits/{second}"));
    ward.clerk("deposits", "refund", &[("receipt", "YJ-0000001")]);
    let next = Closing::open(&ward.papers(), "0301").unwrap();
    assert_eq!((next.deposits_out, next.hand_over), (yuan("800"), -yuan("800")), "{}", ward.clerk.text());
    assert!(next.adds_up());
    ward.desk.assert_described(HOSPITAL);
}

#[test]
fn papers_of_a_stay_say_what_was_written_down_and_what_was_charged() {
    let mut ward = Ward::with("王建国");
    let stay = ward.stay.clone();
    let form = ward.clerk.get(&format!("/print/admission/{stay}"));
    assert!(form.contains("入院登记表") && form.contains("王建国") && form.contains("13900001234"), "{form}");
    ward.clerk.get(&format!("/print/certificate/{stay}"));
    assert_eq!(ward.clerk.status, 404, "nobody has gone yet");
    ward.post(&["三人间床位费*3", "amlz*3"]);
    let line = ward.lines()[1].key.clone();
    ward.reverse(&line, "1");
    ward.settle_so_far("keep");
    ward.post(&["一级护理*2"]);
    ward.wait(60);
    ward.leave();
    ward.settle();
    let settled = ward.settled();
    let bill = ward.clerk.get(&format!("/print/bill/{}", settled[0].key));
    for seen in ["住院费用结算单", "中途结算", "三人间床位费", "先行自付", "个人自费", "ZY-0000001"]
    {
        assert!(bill.contains(seen), "{seen}: {bill}");
    }
    assert!(!bill.contains("一级护理") && bill.contains(&web::grouped(&settled[0].facts.total.to_string())));
    let last = ward.clerk.get(&format!("/print/bill/{}", settled[1].key));
    assert!(last.contains("一级护理") && !last.contains("三人间床位费"), "{last}");
    let total = web::grouped(&ward.paper().facts.charged.to_string());
    for by in ["", "?by=category", "?by=day"] {
        let list = ward.biller.get(&format!("/print/fees/{stay}{by}"));
        assert!(list.contains("总费用清单") && list.contains(&total), "{by}: {list}");
    }
    let certificate = ward.clerk.get(&format!("/print/certificate/{stay}"));
    assert!(certificate.contains("兹证明 王建国") && certificate.contains("医嘱离院"), "{certificate}");
    for place in [format!("/print/fees/{stay}"), format!("/admission/{stay}"), format!("/settlements/{stay}")]
    {
        ward.clerk.get(&format!("/language/en?back={place}"));
        ward.clerk.get(&place);
        assert!(ward.clerk.page.contains("lang=\"en\"") && ward.clerk.status == 200, "{place}");
    }
    ward.desk.assert_described(HOSPITAL);
}
