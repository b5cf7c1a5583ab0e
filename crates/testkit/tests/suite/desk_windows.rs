//! Branches and windows: what is charged in a branch is printed and counted as the branch's, and a window for the insured
//! serves nobody else.

use desk::{Bill, Sheet, Stay};
use store::By;
use testkit::{Browser, TestDesk};

use crate::desk_numbers::charge_alone;
use crate::ward::{HOSPITAL, Ward};

const OTHER: &str = "龙赛医院";

/// The administrator sets up a branch with a window, and a window for the insured in the main house.
fn set_up(desk: &TestDesk) -> Browser {
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    administrator.get("/windows");
    for form in [
        &[("do", "branch"), ("code", "e1"), ("name", "东院区")][..],
        &[("do", "window"), ("window", "东院1号窗"), ("branch", "E1"), ("insured_only", "")],
        &[("do", "window"), ("window", "医保窗"), ("branch", ""), ("insured_only", "1")],
    ] {
        administrator.post("/windows", form);
        assert_eq!(administrator.status, 200, "{}", administrator.text());
    }
    administrator
}

#[test]
fn what_a_branch_charges_is_the_branchs() {
    let desk = TestDesk::start(10, &[HOSPITAL]);
    let mut administrator = set_up(&desk);
    assert!(administrator.get("/windows").contains("东院1号窗"), "{}", administrator.text());
    let mut here = desk.signed_in_at(HOSPITAL, "0103", "窗口1");
    charge_alone(&mut here, "甲");
    // Typed with full-width signs and a space, it is the same window.
    let mut there = desk.signed_in_at(HOSPITAL, "0103", " 东院1号窗 ");
    assert!(there.get("/charge").contains("庄市佩珍医院 东院区"), "{}", there.text());
    let bill = charge_alone(&mut there, "乙");
    let papers = desk.desk.papers(&desk.code(HOSPITAL));
    let paper: Sheet<Bill> = papers.get(&bill).unwrap().unwrap();
    assert_eq!((&*paper.facts.branch.code, &*paper.facts.window), ("E1", "东院1号窗"));
    assert!(there.get(&format!("/print/receipt/{bill}")).contains("庄市佩珍医院 东院区"));
    let amount = web::grouped(&paper.facts.total().to_string());

    // The cashier has cash in two houses, and the closing says how much in which.
    let closing = there.get("/closing");
    assert!(closing.contains("<dt>总院</dt>") && closing.contains("<dt>东院区</dt>"), "{}", there.text());

    let mut finance = desk.signed_in(HOSPITAL, "0401");
    let by_branch = finance.get("/reports/house?by=branch");
    assert!(by_branch.contains("东院区") && by_branch.contains("总院"), "{}", finance.text());
    assert!(by_branch.matches(&amount).count() >= 2, "{}", finance.text());

    // Money that goes back in the main house goes out there; the income is taken off in the branch.
    here.get(&format!("/bills/{bill}/void"));
    here.post(&format!("/bills/{bill}/void"), &[("reason", "void-wrong-item")]);
    let voided: Sheet<Bill> = papers.get(&bill).unwrap().unwrap();
    assert_eq!(voided.facts.voided.expect("it was").branch.code, "", "paid out in the main house");
    let csv = finance.get("/reports/departments?by=branch&as=csv");
    let of = |name: &str| csv.lines().find(|line| line.contains(name)).expect("a row").to_owned();
    assert!(of("东院区").ends_with("0.00"), "{csv}");
    assert!(of("总院").contains(&paper.facts.total().to_string()), "{csv}");
    // A branch that is called otherwise now is so in every report; its papers keep the name they have.
    administrator.get("/windows");
    administrator.post("/windows", &[("do", "branch"), ("code", "E1"), ("name", "新东院")]);
    for report in ["house", "departments"] {
        let csv = finance.get(&format!("/reports/{report}?by=branch&as=csv"));
        assert!(csv.contains("新东院") && csv.contains("总院") && !csv.contains("东院区"), "{csv}");
    }
    assert!(there.get(&format!("/print/receipt/{bill}")).contains("东院区"));
    desk.assert_described(HOSPITAL);
}

#[test]
fn a_window_for_the_insured_serves_nobody_else() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    set_up(&desk);
    let mut cashier = desk.signed_in_at(HOSPITAL, "0103", "医保窗");
    assert!(cashier.get("/charge").contains("医保专窗"), "{}", cashier.text());
    let only = "本窗口只办医保";
    let bills = || desk.desk.papers(&desk.code(HOSPITAL)).list::<Bill>(By::All, 10, 0).unwrap().len();
    for form in [&[("card", "")][..], &[("name", "甲")]] {
        cashier.get("/charge");
        cashier.post("/charge", form);
        assert!(cashier.text().contains(only), "{}", cashier.text());
    }
    assert_eq!(bills(), 0);
    let card = desk.centre.sample.person("王建国").document.clone();
    cashier.get("/charge");
    cashier.post("/charge", &[("card", &card)]);
    let bill = cashier.place.clone();
    assert!(bill.starts_with("/charge/"), "{}", cashier.text());
    cashier.post(&format!("{bill}/alone"), &[("why", "病人要求")]);
    assert!(cashier.text().contains(only), "{}", cashier.text());
    // Admissions at such a window are of the insured as well.
    let mut clerk = desk.signed_in_at(HOSPITAL, "0301", "医保窗");
    clerk.get("/admission");
    clerk.post("/admission", &[("card", "")]);
    assert!(clerk.text().contains(only), "{}", clerk.text());
    let form = [("name", "乙"), ("ward", "N1"), ("doctor", "012"), ("diagnosis", "I10")];
    clerk.post("/admission/register", &form);
    assert!(clerk.text().contains(only), "{}", clerk.text());
    // At the window beside it everybody is served.
    let mut beside = desk.signed_in_at(HOSPITAL, "0104", "窗口1");
    beside.get("/charge");
    beside.post("/charge", &[("name", "甲")]);
    assert_eq!(bills(), 2, "{}", beside.text());
}

#[test]
fn a_branch_has_wards_of_its_own_and_patients_move_between_them() {
    let mut ward = Ward::start();
    let mut administrator = set_up(&ward.desk);
    administrator.get("/wards");
    let form = [("code", "E2"), ("name", "东院病区"), ("from", "1"), ("to", "2"), ("branch", "E1")];
    administrator.post("/wards", &form);
    assert!(administrator.text().contains("东院病区"), "{}", administrator.text());
    // In the branch only its own wards are admitted to.
    let mut there = ward.desk.signed_in_at(HOSPITAL, "0301", "东院1号窗");
    there.get("/admission");
    let page = there.post("/admission", &[("card", "")]);
    assert!(page.contains("东院病区") && !page.contains("value=\"N1\""), "{}", there.text());
    // Somebody who lies in the main house is moved to the branch: one stay goes on.
    ward.admit("王建国");
    let place = format!("/change/{}", ward.stay);
    ward.clerk.get(&place);
    ward.clerk.post(&format!("{place}/ask"), &[("ward", "E2"), ("doctor", "012")]);
    ward.clerk.post(&format!("{place}/accept"), &[("bed", "01")]);
    let stay: Sheet<Stay> = ward.paper();
    assert_eq!((&*stay.facts.ward.code, &*stay.facts.bed), ("E2", "01"), "{}", ward.clerk.text());
}

#[test]
fn what_is_set_up_wrongly_is_told_and_nobody_elses() {
    let desk = TestDesk::start(10, &[HOSPITAL, OTHER]);
    let mut administrator = set_up(&desk);
    for (form, said) in [
        (&[("do", "branch"), ("code", "东"), ("name", "东院")][..], "不能作院区代码"),
        (&[("do", "window"), ("window", ""), ("branch", "")], "请填工作站名称"),
        (&[("do", "window"), ("window", "西1"), ("branch", "W9")], "没有院区「W9」"),
        (&[("do", "stop-branch"), ("key", "E1")], "还有 1 个窗口、0 个病区"),
    ] {
        administrator.get("/windows");
        administrator.post("/windows", form);
        assert!(administrator.text().contains(said), "{}", administrator.text());
    }
    let csv = administrator.get("/windows?as=csv");
    assert!(csv.contains("医保窗,,总院,只办医保") && csv.contains("东院1号窗,E1,东院区,全部病人"), "{csv}");
    let mut foreign = desk.signed_in_with_code(OTHER, "0001");
    assert!(!foreign.get("/windows").contains("东院"), "{}", foreign.text());
    foreign.post("/windows", &[("do", "stop-window"), ("key", "医保窗")]);
    assert_eq!(foreign.status, 404);
    administrator.get("/windows");
    for form in [[("do", "stop-window"), ("key", "东院1号窗")], [("do", "stop-branch"), ("key", "E1")]] {
        administrator.post("/windows", &form);
    }
    assert!(administrator.text().contains("没有分院"), "{}", administrator.text());
    let mut cashier = desk.signed_in_at(HOSPITAL, "0103", "东院1号窗");
    assert!(!cashier.get("/charge").contains("东院区"), "it stands in the main house now");
    let mut cashier = desk.signed_in(HOSPITAL, "0104");
    cashier.get("/windows");
    assert_eq!(cashier.status, 403, "{}", cashier.text());
}
