//! Patients who owe: what can wait is allowed by somebody who signs, what cannot never waits; who answers for more, who goes
//! without having paid, and what is let off.

use desk::{Allowed, Closing, StayState};
use money::Money;
use testkit::DESK_PASSWORD;

use crate::ward::{HOSPITAL, Ward, yuan};

const NURSE: &str = "0211";

impl Ward {
    /// Somebody who pays alone, with a first charge that leaves him below nothing.
    fn owing() -> Self {
        let mut ward = Self::start();
        ward.clerk.get("/admission");
        ward.register(&[("card", ""), ("name", "过路人"), ("sex", "2"), ("age", "30")]);
        ward.post(&["三人间床位费*3"]);
        assert_eq!(ward.lines().len(), 1, "nothing is owed yet: {}", ward.biller.text());
        ward.bill("line", &[("item", "一级护理")]);
        ward
    }

    fn sign(&mut self, approver: &str, password: &str) -> String {
        self.bill("post", &[("approver", approver), ("approver_password", password)])
    }

    fn allowed(&self) -> Option<Allowed> {
        self.lines().pop().unwrap().facts.allowed
    }
}

#[test]
fn below_the_limit_what_can_wait_is_signed_for() {
    let mut ward = Ward::owing();
    let refused = ward.bill("post", &[]);
    assert!(refused.contains("H503") && refused.contains("限额"), "{}", ward.biller.text());
    // Not by whoever posts, not with another password, not by somebody without that right.
    for (approver, password) in
        [("0207", DESK_PASSWORD), (NURSE, "wrong password"), ("0301", DESK_PASSWORD), ("9999", DESK_PASSWORD)]
    {
        let refused = ward.sign(approver, password);
        assert!(refused.contains("批准没有成立"), "{approver}: {}", ward.biller.text());
        assert_eq!(ward.lines().len(), 1);
    }
    ward.sign(NURSE, DESK_PASSWORD);
    assert_eq!(ward.lines().len(), 2, "{}", ward.biller.text());
    assert_eq!(ward.allowed(), Some(Allowed::By(NURSE.into())));
    // What cannot wait is charged at once, and is seen to be.
    ward.bill("line", &[("item", "一级护理")]);
    ward.bill("post", &[("urgent", "1")]);
    assert_eq!(ward.allowed(), Some(Allowed::Urgent), "{}", ward.biller.text());
    // Nothing ever keeps a charge from being taken back, or somebody from going.
    let line = ward.lines().pop().unwrap().key;
    ward.reverse(&line, "1");
    assert_eq!(ward.lines().len(), 4, "{}", ward.biller.text());
    ward.wait(60);
    ward.leave();
    ward.desk.assert_described(HOSPITAL);
}

#[test]
fn who_signs_wrongly_too_often_is_locked() {
    let mut ward = Ward::owing();
    for _ in 0..5 {
        ward.sign(NURSE, "wrong password");
    }
    let refused = ward.sign(NURSE, DESK_PASSWORD);
    assert!(refused.contains("批准没有成立"), "{}", ward.biller.text());
    assert_eq!(ward.lines().len(), 1);
}

#[test]
fn somebody_answers_for_more_until_a_day() {
    let mut ward = Ward::owing();
    let stay = ward.stay.clone();
    ward.clerk.get("/arrears");
    assert!(ward.clerk.text().contains("过路人"), "{}", ward.clerk.text());
    ward.clerk.get(&format!("/deposits/{stay}"));
    let form = |amount: &'static str, until: &'static str| {
        [("guarantor", "王红"), ("relation", "女儿"), ("guaranteed", amount), ("until", until)]
    };
    for (amount, until, why) in
        [("0", "t", "大于 0"), ("5000", "t-1", "已过"), ("5000", "someday", "someday")]
    {
        let refused = ward.clerk("deposits", "guarantee", &form(amount, until));
        assert!(refused.contains(why), "{}", ward.clerk.text());
    }
    ward.clerk("deposits", "guarantee", &form("5000", "t"));
    assert_eq!(ward.clerk.fact("欠费限额 · 王红 女儿 5,000.00 2026-11-23").as_deref(), Some("-5,000.00"));
    ward.clerk.get("/arrears");
    assert!(!ward.clerk.text().contains("过路人"), "{}", ward.clerk.text());
    let letters = ward.clerk.get("/arrears?level=warning");
    assert!(letters.contains("过路人") && letters.contains("王红"), "still to be asked for money");
    let file = ward.clerk.get("/arrears?level=warning&as=csv");
    assert_eq!(file.lines().count(), 2, "{file}");
    ward.bill("post", &[]);
    assert_eq!((ward.lines().len(), ward.allowed()), (2, None), "{}", ward.biller.text());
    // Behind that day nobody answers any more.
    ward.wait(86_400);
    ward.biller = ward.desk.signed_in(HOSPITAL, "0207");
    ward.bill("line", &[("item", "一级护理")]);
    assert!(ward.bill("post", &[]).contains("H503"), "{}", ward.biller.text());
    ward.desk.assert_described(HOSPITAL);
}

#[test]
fn a_letter_asks_for_whole_hundreds() {
    let mut ward = Ward::owing();
    let stay = ward.stay.clone();
    let charged = ward.paper().facts.charged;
    let letter = ward.clerk.get(&format!("/print/dunning/{stay}"));
    let missing = (yuan("500") + charged).fen();
    let add = Money::from_yuan((missing + 9_999) / 10_000 * 100);
    assert!(letter.contains("催款单") && letter.contains(&web::grouped(&add.to_string())), "{letter}");
    assert!(letter.contains(&web::capitals(add)), "{letter}");
    assert!(ward.paper().facts.dunned.is_some());
    let letter = ward.biller.get(&format!("/print/dunning/{stay}"));
    assert!(letter.contains("过路人"));
}

#[test]
fn no_more_is_written_off_than_finance_has_seen() {
    let mut ward = Ward::with("王建国");
    ward.post(&["三人间床位费*3", "一级护理*2"]);
    ward.clerk("deposits", "take", &[("amount", "10"), ("method", "cash")]);
    ward.wait(60);
    ward.leave();
    ward.clerk("discharge", "try", &[]);
    ward.clerk("discharge", "debt", &[("approver", NURSE), ("approver_password", DESK_PASSWORD)]);
    let mut finance = ward.desk.signed_in(HOSPITAL, "0401");
    finance.get("/arrears");
    finance.post(&format!("/arrears/{}", ward.stay), &[("why", "无力偿还")]);
    let seen = ward.paper().facts.debt.and_then(|debt| debt.written_off).expect("written off").amount;
    // The clerk would give the deposit back, and have the hospital pay that, too.
    let deposit = ward.deposits().remove(0).key;
    ward.clerk.get(&format!("/deposits/{}", ward.stay));
    ward.clerk("deposits", "void", &[("deposit", &deposit), ("reason", "void-patient-asks")]);
    assert!(ward.clerk.text().contains("预交金不能再退"), "{}", ward.clerk.text());
    assert_eq!(ward.paper().facts.deposited, Money::from_fen(1_000));
    ward.clerk.get(&format!("/discharge/{}", ward.stay));
    ward.clerk("discharge", "try", &[]);
    ward.clerk("discharge", "settle", &[]);
    assert_eq!(ward.state(), StayState::Settled, "{}", ward.clerk.text());
    let account = ward.settlements().remove(0).facts.account;
    let let_off = account.payment.otherwise();
    assert!(!let_off.is_zero() && let_off <= seen, "{let_off} of {seen}");
    assert_eq!(account.kept(), Money::from_fen(1_000), "the hospital has the deposit, and no more");
}

#[test]
fn who_goes_without_having_paid_is_let_off_by_finance_and_settled_by_the_clerk() {
    let mut ward = Ward::with("王建国");
    ward.post(&["三人间床位费*3", "一级护理*2"]);
    ward.wait(60);
    ward.leave();
    let refused = ward.clerk("discharge", "debt", &[]);
    assert!(refused.contains("担保人"), "{}", ward.clerk.text());
    let signs = |who: &'static str| [("approver", who), ("approver_password", DESK_PASSWORD)];
    assert!(ward.clerk("discharge", "debt", &signs("0207")).contains("批准没有成立"));
    ward.clerk("discharge", "debt", &signs(NURSE));
    let stay = ward.paper();
    assert_eq!(stay.state, StayState::LeftWithDebt, "{}", ward.clerk.text());
    assert_eq!(stay.facts.debt.as_ref().map(|debt| debt.allowed_by.as_str()), Some(NURSE));
    ward.clerk.get("/arrears");
    let place = format!("/arrears/{}", ward.stay);
    ward.clerk.post(&place, &[("why", "无力偿还")]);
    assert_eq!(ward.clerk.status, 403, "finance alone lets somebody off");
    let mut finance = ward.desk.signed_in(HOSPITAL, "0401");
    finance.get("/arrears");
    assert!(finance.post(&place, &[("why", "")]).contains("核销要写原因"), "{}", finance.text());
    finance.post(&place, &[("why", "无力偿还")]);
    assert!(finance.text().contains("无力偿还"), "{}", finance.text());
    ward.clerk.get(&format!("/discharge/{}", ward.stay));
    ward.clerk("discharge", "try", &[]);
    ward.clerk("discharge", "settle", &[]);
    assert_eq!(ward.state(), StayState::Settled, "{}", ward.clerk.text());
    let settlement = ward.settlements().remove(0);
    let payment = &settlement.facts.account.payment;
    assert_eq!((payment.due, payment.otherwise()), (Money::ZERO, settlement.facts.split.cash));
    let closing = Closing::open(&ward.papers(), "0301").unwrap();
    assert!(closing.adds_up());
    assert_eq!(closing.hand_over, Money::ZERO, "no cash came in");
    assert_eq!(closing.methods.get("written-off"), Some(&settlement.facts.split.cash.to_string()));
    assert_eq!(ward.standing(), 1);
    // Undone, he owes again, and is let off again or not.
    ward.clerk("discharge", "void", &[("reason", "void-lines-wrong")]);
    assert_eq!((ward.state(), ward.paper().facts.debt), (StayState::AwaitingSettlement, None));
    ward.desk.assert_described(HOSPITAL);
}
