//! A stay with everything in it, up the ladder and down to nothing: each step in its turn, no other; and whatever dies in the
//! middle of a message, the books say the same in the end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use desk::{
    Bed, BedState, BillState, Closing, DepositState, Errand, ErrandState, ReceiptState, Sheet, StayState,
};
use model::Clock as _;
use money::Money;
use store::By;
use testkit::Lost;

use crate::ward::{HOSPITAL, Ward, yuan};

impl Ward {
    /// A step back that is not the next one: refused, with the state and what goes first.
    fn not_yet(&mut self, state: &str, first: &str) {
        let steps = [
            ("discharge", "recall"),
            ("settlements", "void"),
            ("admission", "release"),
            ("admission", "cancel"),
        ];
        let version = self.paper().version;
        self.clerk.get(&format!("/admission/{}", self.stay));
        for (module, step) in steps {
            let may = match first {
                "出院" => step == "recall",
                "中途结算(最后一期)" => module == "settlements",
                _ => false,
            };
            // Who is in house was never discharged, or not any more.
            let above = state == "在院" && step == "recall" || first == "住院费用" && module == "settlements";
            if may || above {
                continue;
            }
            let refused = self.clerk(module, step, &[("reason", "void-lines-wrong")]);
            let named = refused.contains("H504") && refused.contains(&format!("当前状态「{state}」"));
            assert!(named && refused.contains(&format!("先撤「{first}」")), "{step}: {}", self.clerk.text());
        }
        assert_eq!(self.paper().version, version);
    }

    fn period_step(&mut self, step: &str, form: &[(&str, &str)]) {
        self.clerk.get(&format!("/settlements/{}", self.stay));
        self.clerk("settlements", step, form);
    }

    fn settle_a_period(&mut self) {
        self.period_step("try", &[]);
        self.period_step("settle", &[("tendered", "99999")]);
    }

    /// What happened to the bed, in order.
    fn bed_history(&self) -> Vec<String> {
        let events = self.papers().events::<Bed>("N1-03").unwrap();
        events.into_iter().map(|event| event.event).collect()
    }

    /// Its process dies in the middle of this message, or its reply is lost and it dies then; the next one goes on alone.
    fn dies_in(&mut self, infno: &'static str, death: Lost, step: impl FnOnce(&mut Self)) {
        self.desk.centre.way().lose_of(infno, death);
        let ended = catch_unwind(AssertUnwindSafe(|| step(self)));
        assert_eq!(ended.is_err(), death == Lost::Process, "{infno}");
        assert!(!self.paper().facts.doubt.is_empty(), "{infno}: the intent is on paper before it is sent");
        self.desk.desk = self.desk.again(self.desk.centre.way().clone());
        self.resolve(20);
        assert!(self.paper().facts.doubt.is_empty(), "{infno} {death:?}: it is known by itself");
        self.clerk = self.desk.signed_in(HOSPITAL, "0301");
        self.biller = self.desk.signed_in(HOSPITAL, "0207");
        self.clerk.get(&format!("/discharge/{}", self.stay));
    }

    fn stand(&self) -> usize {
        self.settlements().iter().filter(|settlement| settlement.state == BillState::Settled).count()
    }
}

#[test]
fn everything_is_undone_in_its_order_and_nothing_is_left() {
    let mut ward = Ward::with("王建国");
    ward.deposit("2000");
    ward.post(&["三人间床位费*3", "一级护理*3"]);
    ward.settle_a_period();
    assert_eq!(ward.stand(), 1, "{}", ward.clerk.text());
    ward.post(&["三人间床位费*2", "amlz*2"]);
    ward.wait(300);
    ward.leave();
    ward.settle();
    assert_eq!((ward.state(), ward.standing()), (StayState::Settled, 2), "{}", ward.clerk.text());
    assert_eq!(ward.paper().facts.deposited, Money::ZERO);
    let lines: Vec<(String, String)> =
        ward.lines().iter().map(|line| (line.key.clone(), line.facts.line.quantity.to_string())).collect();

    ward.not_yet("已出院结算", "出院结算");
    assert!(ward.reverse(&lines[3].0, "1").contains("H501"), "{}", ward.biller.text());
    ward.clerk.get(&format!("/discharge/{}", ward.stay));
    ward.clerk("discharge", "void", &[("reason", "void-lines-wrong")]);
    assert_eq!((ward.state(), ward.standing()), (StayState::AwaitingSettlement, 1), "{}", ward.clerk.text());

    ward.not_yet("待结算", "出院");
    assert!(ward.reverse(&lines[3].0, "1").contains("H501"), "{}", ward.biller.text());
    ward.clerk.get(&format!("/discharge/{}", ward.stay));
    ward.clerk("discharge", "recall", &[]);
    assert_eq!(ward.state(), StayState::InHouse, "{}", ward.clerk.text());

    ward.not_yet("在院", "中途结算(最后一期)");
    assert!(ward.reverse(&lines[0].0, "1").contains("第 1 期"), "{}", ward.biller.text());
    ward.period_step("void", &[("reason", "void-lines-wrong")]);
    assert_eq!((ward.stand(), ward.standing()), (0, 0), "{}", ward.clerk.text());
    assert_eq!(ward.paper().facts.deposited, yuan("2000"));

    ward.not_yet("在院", "住院费用");
    for (line, quantity) in &lines {
        ward.reverse(line, quantity);
    }
    assert_eq!(ward.paper().facts.charged, Money::ZERO, "{}", ward.biller.text());
    let refused = ward.clerk("admission", "cancel", &[]);
    assert!(refused.contains("先撤「预交金」"), "{}", ward.clerk.text());
    ward.clerk.get(&format!("/deposits/{}", ward.stay));
    ward.clerk("deposits", "refund", &[("receipt", "YJ-0000001")]);
    let refused = ward.clerk("admission", "cancel", &[]);
    assert!(refused.contains("先撤「床位」"), "{}", ward.clerk.text());
    ward.clerk("admission", "release", &[]);
    assert_eq!(ward.state(), StayState::Registered, "{}", ward.clerk.text());
    ward.clerk("admission", "cancel", &[]);
    assert_eq!(ward.state(), StayState::Cancelled, "{}", ward.clerk.text());

    let stay = ward.paper();
    assert_eq!((stay.facts.charged, stay.facts.settled, stay.facts.deposited), Default::default());
    assert_eq!(stay.facts.balance(ward.desk.centre.clock.now()), Money::ZERO);
    assert!(stay.facts.periods.is_empty() && stay.facts.settlement.is_empty() && stay.facts.bed.is_empty());
    assert!(ward.deposits().iter().all(|d| !matches!(d.state, DepositState::Valid | DepositState::Applied)));
    assert_eq!(ward.bed_history(), ["found", "assign", "vacate"], "left once, and not given back after that");
    assert_eq!(ward.bed(), BedState::Cleaning);
    for receipt in ["ZY-0000001", "ZY-0000002"] {
        assert_eq!(ward.receipt(&format!("inpatient/{receipt}")), Some(ReceiptState::Void));
    }
    let closing = Closing::open(&ward.papers(), "0301").unwrap();
    assert!(closing.adds_up());
    assert_eq!((closing.hand_over, closing.total, closing.from_deposits), Default::default());
    assert_eq!((closing.stays.came, closing.stays.went), (2, 2));
    assert_eq!(ward.standing(), 0);
    ward.day_is_equal();
    ward.desk.assert_described(HOSPITAL);
}

#[test]
fn whatever_dies_in_the_middle_of_a_message_the_next_process_knows() {
    for death in [Lost::Reply, Lost::Process] {
        let mut ward = Ward::with("王建国");
        ward.deposit("2000");
        ward.post(&["三人间床位费*3", "一级护理*3"]);
        let void = [("reason", "void-lines-wrong")];
        ward.dies_in("2304", death, Ward::settle_a_period);
        assert_eq!((ward.stand(), ward.standing()), (1, 1), "{death:?}");
        ward.dies_in("2305", death, |ward| ward.period_step("void", &void));
        assert_eq!((ward.stand(), ward.standing()), (0, 0), "{death:?}");
        assert_eq!(ward.paper().facts.deposited, yuan("2000"));
        ward.settle_a_period();
        assert_eq!((ward.stand(), ward.standing()), (1, 1), "{}", ward.clerk.text());
        ward.dies_in("2403", death, |ward| {
            ward.clerk.get(&format!("/change/{}", ward.stay));
            ward.clerk("change", "say", &[("doctor", "012"), ("diagnosis", "J18.9"), ("second", "I10")]);
        });
        assert_eq!(ward.paper().private.patient.diagnoses.len(), 2, "{death:?}");
        ward.post(&["三人间床位费*2"]);
        ward.wait(300);
        ward.dies_in("2402", death, |ward| {
            ward.clerk.get(&format!("/discharge/{}", ward.stay));
            ward.clerk("discharge", "go", &[("way", "1"), ("diagnosis", "I10")]);
        });
        assert_eq!(ward.state(), StayState::AwaitingSettlement, "{death:?}");
        ward.dies_in("2405", death, |ward| {
            ward.clerk("discharge", "recall", &[]);
        });
        assert_eq!(ward.state(), StayState::InHouse, "{death:?}");
        ward.leave();
        ward.dies_in("2304", death, Ward::settle);
        assert_eq!((ward.state(), ward.stand(), ward.standing()), (StayState::Settled, 2, 2), "{death:?}");
        ward.dies_in("2305", death, |ward| {
            ward.clerk("discharge", "void", &void);
        });
        assert_eq!((ward.state(), ward.standing()), (StayState::AwaitingSettlement, 1), "{death:?}");
        ward.clerk("discharge", "try", &[]);
        ward.settle();
        assert_eq!((ward.state(), ward.standing()), (StayState::Settled, 2), "{}", ward.clerk.text());
        let errands: Vec<Sheet<Errand>> = ward.papers().list(By::All, 100, 0).unwrap();
        assert!(errands.iter().all(|errand| errand.state == ErrandState::Done), "{death:?}");
        let closing = Closing::open(&ward.papers(), "0301").unwrap();
        assert!(closing.adds_up());
        assert_eq!(closing.total, ward.paper().facts.charged, "nothing is doubled");
        ward.day_is_equal();
    }
}
