//! Paper that is spoilt: numbers nobody used are void with a reason, a receipt that jammed is printed again under the next
//! number, and the closing accounts for each of them.

use desk::{Bill, Closing, Deposit, Receipt, ReceiptState, Segment, Sheet};
use store::By;
use testkit::{Browser, TestDesk};

use crate::ward::Ward;

const HOSPITAL: &str = "庄市佩珍医院";

/// Somebody who pays alone, charged an item; answers the key of his bill.
pub(crate) fn charge_alone(browser: &mut Browser, name: &str) -> String {
    browser.get("/charge");
    browser.post("/charge", &[("name", name)]);
    let bill = browser.place.clone();
    browser.post(&format!("{bill}/line"), &[("item", "xcg")]);
    browser.post(&format!("{bill}/try"), &[]);
    browser.post(&format!("{bill}/tender"), &[("tendered", "9000")]);
    browser.post(&format!("{bill}/settle"), &[]);
    assert!(browser.place.contains("done="), "{}", browser.text());
    bill.trim_start_matches("/charge/").to_owned()
}

fn spoil(browser: &mut Browser, form: &[(&str, &str)]) -> String {
    browser.get("/numbers");
    browser.post("/numbers", form);
    browser.text()
}

fn receipt(desk: &TestDesk, number: &str) -> Sheet<Receipt> {
    let papers = desk.desk.papers(&desk.code(HOSPITAL));
    papers.get(&format!("outpatient/{number}")).unwrap().expect("it was taken")
}

fn bill(desk: &TestDesk, key: &str) -> Sheet<Bill> {
    desk.desk.papers(&desk.code(HOSPITAL)).get(key).unwrap().expect("it was charged")
}

/// Used, void and left come to what was issued.
fn all_accounted_for(desk: &TestDesk) {
    let papers = desk.desk.papers(&desk.code(HOSPITAL));
    let segments: Vec<Sheet<Segment>> = papers.list(By::All, 100, 0).unwrap();
    for segment in segments {
        let taken: Vec<Sheet<Receipt>> =
            papers.list(By::Tag(&format!("segment:{}", segment.key)), 1_000, 0).unwrap();
        let gone = taken.iter().filter(|receipt| receipt.state != ReceiptState::Free).count() as u64;
        let issued = segment.facts.to - segment.facts.from + 1;
        assert_eq!(gone + segment.facts.left(), issued, "{}", segment.key);
    }
}

#[test]
fn paper_that_is_ahead_spoils_the_numbers_before_it() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    charge_alone(&mut cashier, "甲");
    let form = [("kind", "outpatient"), ("number", "nb-0000004"), ("reason", "spoilt-paper-ahead")];
    let told = spoil(&mut cashier, &form);
    assert!(told.contains("NB-0000002 到 NB-0000004 共 3 号"), "three are asked about first: {told}");
    assert!(cashier.get("/numbers").contains("NB-0000002"), "nothing is done yet");
    for short in ["NB-2", "NB-+000002", "0000002"] {
        let told =
            spoil(&mut cashier, &[("kind", "outpatient"), ("number", short), ("reason", "spoilt-jam")]);
        assert!(told.contains("下一号是 NB-0000002"), "{short} may be meant for another: {told}");
    }
    let told = spoil(&mut cashier, &[&form[..], &[("count", "3")]].concat());
    assert!(told.contains("已作废 3 号"), "{told}");
    assert!(told.contains("NB-0000005"), "the next one is said: {told}");
    charge_alone(&mut cashier, "乙");
    assert_eq!(receipt(&desk, "NB-0000003").state, ReceiptState::Void);
    all_accounted_for(&desk);
    cashier.get("/closing");
    cashier.post("/closing", &[]);
    let closing: Sheet<Closing> =
        desk.desk.papers(&desk.code(HOSPITAL)).list(By::All, 1, 0).unwrap().remove(0);
    let numbers = &closing.facts.numbers["outpatient"];
    assert_eq!(numbers.used, ["NB-0000001", "NB-0000005"]);
    assert_eq!(numbers.spoilt, ["NB-0000002", "NB-0000003", "NB-0000004"]);
    assert!(closing.facts.gaps().is_empty(), "each gap has its reason");
    assert!(cashier.text().contains("NB-0000003"), "the closing names it: {}", cashier.text());
    assert!(!cashier.get("/numbers").contains("NB-0000003"), "it is of the shift before");
    // Taken back, they are in the next one.
    let place = format!("/closing/{}", closing.key);
    cashier.get(&place);
    cashier.post(&place, &[("do", "cancel")]);
    assert!(cashier.get("/numbers").contains("NB-0000003"));
    desk.assert_described(HOSPITAL);
}

#[test]
fn a_receipt_that_jammed_is_printed_under_the_next_number() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    let key = charge_alone(&mut cashier, "甲");
    let before = bill(&desk, &key).facts;
    let told =
        spoil(&mut cashier, &[("kind", "outpatient"), ("number", "NB-0000001"), ("reason", "spoilt-jam")]);
    assert!(told.contains("改用票号 NB-0000002"), "{told}");
    let after = bill(&desk, &key).facts;
    assert_eq!((after.receipt.as_str(), after.total()), ("NB-0000002", before.total()));
    assert_eq!(after.settlement, before.settlement, "money and settlement stay as they are");
    let old = receipt(&desk, "NB-0000001");
    assert_eq!(old.state, ReceiptState::Void);
    assert_eq!(old.facts.spoilt.map(|spoilt| spoilt.instead), Some("NB-0000002".to_owned()));
    assert_eq!(receipt(&desk, "NB-0000002").state, ReceiptState::Used);
    assert!(cashier.get(&format!("/print/receipt/{key}")).contains("NB-0000002"));
    all_accounted_for(&desk);
    // Finance sees it, in either language's words.
    let mut finance = desk.signed_in(HOSPITAL, "0401");
    let told = finance.get("/reports/exceptions?by=number-spoilt");
    assert!(told.contains("NB-0000001 NB-0000002") && told.contains("卡纸"), "{told}");
}

#[test]
fn what_is_closed_or_somebody_elses_keeps_its_number() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    let key = charge_alone(&mut cashier, "甲");
    cashier.get("/closing");
    cashier.post("/closing", &[]);
    let form = [("kind", "outpatient"), ("number", "NB-0000001"), ("reason", "spoilt-torn")];
    let told = spoil(&mut cashier, &form);
    assert!(told.contains("不是您本班开出的有效票"), "{told}");
    assert_eq!(bill(&desk, &key).facts.receipt, "NB-0000001");
    for (number, said) in [
        ("NB-0009900", "没有这一号"),
        ("NB-0000400", "最多 100 号"),
        ("XX-1", "没有这一号"),
        ("", "没有这一号"),
    ] {
        let told =
            spoil(&mut cashier, &[("kind", "outpatient"), ("number", number), ("reason", "spoilt-lost")]);
        assert!(told.contains(said), "{number}: {told}");
    }
    let told = spoil(&mut cashier, &[("kind", "outpatient"), ("number", "NB-0000002")]);
    assert!(told.contains("请选择原因"), "{told}");
    all_accounted_for(&desk);
}

#[test]
fn a_deposit_has_its_receipt_under_another_number() {
    let mut ward = Ward::with("王建国");
    ward.clerk("deposits", "take", &[("amount", "500"), ("method", "cash")]);
    let told =
        spoil(&mut ward.clerk, &[("kind", "deposit"), ("number", "YJ-0000001"), ("reason", "spoilt-torn")]);
    assert!(told.contains("改用票号 YJ-0000002"), "{told}");
    let deposits: Vec<Sheet<Deposit>> = ward.deposits();
    assert_eq!(deposits.len(), 1);
    assert_eq!(deposits[0].facts.receipt, "YJ-0000002");
    assert_eq!(ward.receipt("deposit/YJ-0000001"), Some(ReceiptState::Void));
    // Given back it is against the paper the patient holds.
    ward.clerk.get(&format!("/deposits/{}", ward.stay));
    ward.clerk("deposits", "refund", &[("receipt", "YJ-0000001")]);
    assert!(ward.clerk.text().contains("YJ-0000001"), "the old number is no receipt: {}", ward.clerk.text());
    ward.clerk("deposits", "refund", &[("receipt", "YJ-0000002")]);
    assert!(ward.paper().facts.deposited.is_zero(), "{}", ward.clerk.text());
}
