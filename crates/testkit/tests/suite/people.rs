//! People and employers: they come, change and go, and what was before stays on its day.

use centre::{Identity, Order, Owed, PaperBill, PaperLine, PremiumLine, Reimbursed, Trouble, Unit, What};
use jiff::civil::{Date, date, datetime};
use model::{
    Cover, Enrolment, HospitalLevel, InsuranceKind, PersonNumber, PersonStatus, Premium, Region, VisitKind,
};
use money::Money;
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre};

fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

fn number(centre: &TestCentre, name: &str) -> String {
    centre.sample.person(name).number.clone()
}

fn order(number: &str, what: What, day: Date) -> Order {
    Order { number: number.into(), insurance: None, what, day, why: "来函".into() }
}

/// Makes changes, all of which must be made.
fn change(centre: &mut TestCentre, orders: &[Order]) {
    let troubles = centre.people(|desk| desk.change(orders, "张科员", false).unwrap().troubles);
    assert_eq!(troubles, []);
}

fn codes(troubles: &[Trouble]) -> Vec<(usize, &str, &str)> {
    troubles.iter().map(|t| (t.row, t.column, t.code)).collect()
}

/// 1101 on a day: what it says of a field of the insurance, nothing where there is none, or why it does not answer.
fn asked(centre: &TestCentre, card: &str, day: Date, field: &str) -> String {
    let said = centre.program("大榭医院").say(
        "1101",
        &json!({"data": {
            "mdtrt_cert_type": "03", "mdtrt_cert_no": card, "begntime": format!("{day} 08:00:00"),
        }}),
    );
    let told = said.text.contains(&format!("\"{field}\""));
    said.code.clone().unwrap_or_else(|| if told { said.get("insuinfo", field) } else { String::new() })
}

/// The input of 2201.
fn registration(person: &str) -> Value {
    json!({"data": {
        "psn_no": person, "insutype": "310", "begntime": "2026-11-23 08:00:00", "mdtrt_cert_type": "02",
        "mdtrt_cert_no": "x", "ipt_otp_no": "M1", "atddr_no": "D1", "dr_name": "王医生", "dept_code": "0301",
        "dept_name": "内科门诊", "caty": "A03",
    }})
}

fn card(centre: &TestCentre, name: &str) -> String {
    centre.sample.person(name).card.clone()
}

fn settle(centre: &TestCentre, program: &Program, person: &str, amount: &str) -> (String, Said) {
    program.settle(person, &[Item::one(centre.item("血常规(五分类)"), amount)], amount)
}

fn of(said: &Said, field: &str) -> Money {
    yuan(&said.get("setlinfo", field))
}

#[test]
fn a_suspension_answers_otherwise_before_and_after() {
    let mut centre = TestCentre::start(60);
    let person = number(&centre, "王建国");
    change(&mut centre, &[order(&person, What::Stopped, date(2026, 11, 20))]);
    let card = card(&centre, "王建国");
    let state = |centre: &TestCentre, day: Date| asked(centre, &card, day, "psn_insu_stas");
    assert_eq!(state(&centre, date(2026, 11, 19)), "1", "insured and paid");
    assert_eq!(state(&centre, date(2026, 11, 20)), "");
    centre.assert_clean();
    let again = Cover {
        kind: InsuranceKind::EMPLOYEE,
        from: date(2026, 11, 23),
        to: None,
        person_type: "11".into(),
        status: PersonStatus::Employed,
        premium: Premium::Paid,
        civil_servant: false,
        employer: "东海机械厂".into(),
        division: "990103".into(),
    };
    change(&mut centre, &[order(&person, What::Insured(Box::new(again.clone())), date(2026, 11, 23))]);
    assert_eq!(state(&centre, date(2026, 11, 23)), "1");
    let twice = order(&person, What::Insured(Box::new(again)), date(2026, 11, 24));
    let troubles = centre.people(|desk| desk.change(&[twice], "张科员", false).unwrap().troubles);
    assert_eq!(codes(&troubles), [(0, "day", "INSURED_ALREADY")]);
    centre.assert_clean();
}

#[test]
fn who_retires_is_paid_as_retired_from_that_day_on() {
    let mut centre = TestCentre::start(60);
    let person = number(&centre, "许大力");
    change(&mut centre, &[order(&person, What::Retired, date(2026, 11, 23))]);
    let card = card(&centre, "许大力");
    let kind = |day| asked(&centre, &card, day, "psn_type");
    assert_eq!((kind(date(2026, 11, 22)), kind(date(2026, 11, 23))), ("11".into(), "12".into()));
    let troubles = centre.people(|desk| {
        let again = order(&person, What::Retired, date(2026, 11, 23));
        desk.change(&[again], "张科员", false).unwrap().troubles
    });
    assert_eq!(codes(&troubles), [(0, "day", "NOT_AT_WORK")]);
    centre.assert_clean();
}

#[test]
fn a_file_with_one_wrong_row_changes_nothing_and_each_wrong_row_is_named() {
    let mut centre = TestCentre::start(60);
    let units = [Unit {
        code: "U1".into(),
        name: "新港物流".into(),
        kind: "enterprise".into(),
        division: "990101".into(),
        from: date(2020, 1, 1),
        to: None,
        contact: "6222 0000".into(),
    }];
    assert_eq!(centre.people(|desk| desk.put_units(&units, false).unwrap()), []);
    let later = Unit { from: date(2019, 1, 1), ..units[0].clone() };
    let troubles = centre.people(|desk| desk.put_units(&[later], false).unwrap());
    assert_eq!(codes(&troubles), [(0, "from", "UNIT_THERE")]);
    let person = number(&centre, "王建国");
    let to = |employer: &str| What::Transferred { employer: employer.into(), division: String::new() };
    let orders = [
        order(&person, to("新港物流"), date(2026, 11, 1)),
        order("99010000000000009999", What::Stopped, date(2026, 11, 1)),
        order(&person, to("没有的单位"), date(2026, 11, 2)),
        order(&person, What::Died, date(2026, 12, 1)),
    ];
    let wrong = [(1, "number", "PERSON_UNKNOWN"), (2, "employer", "UNIT_UNKNOWN"), (3, "day", "DAY_AHEAD")];
    for dry in [true, false] {
        let troubles = centre.people(|desk| desk.change(&orders, "张科员", dry).unwrap().troubles);
        assert_eq!(codes(&troubles), wrong);
    }
    let card = card(&centre, "王建国");
    let employer = |centre: &TestCentre, day| asked(centre, &card, day, "emp_name");
    assert_eq!(employer(&centre, date(2026, 11, 2)), "东海机械厂", "nothing was changed");
    change(&mut centre, &orders[..1]);
    assert_eq!(employer(&centre, date(2026, 10, 31)), "东海机械厂");
    assert_eq!(employer(&centre, date(2026, 11, 1)), "新港物流");
    centre.assert_clean();
}

#[test]
fn new_people_are_enrolled_together_or_not_at_all() {
    let mut centre = TestCentre::start(60);
    let known = centre.sample.person("王建国").clone();
    let new = Enrolment {
        number: "99010000000000008001".into(),
        name: "丁一".into(),
        document: "990101199001010011".into(),
        card: "L00008001".into(),
        ..known.clone()
    };
    let file = [
        new.clone(),
        Enrolment { number: known.number.clone(), document: "990101199001010022".into(), ..new.clone() },
        Enrolment { number: "99010000000000008002".into(), document: known.document.clone(), ..new.clone() },
        Enrolment { number: "99010000000000008003".into(), ..new.clone() },
    ];
    let wrong =
        [(1, "number", "NUMBER_TAKEN"), (2, "document", "DOCUMENT_TAKEN"), (3, "document", "TWICE_IN_FILE")];
    for dry in [true, false] {
        let troubles = centre.people(|desk| desk.enrol(&file, dry, &mut |_| {}).unwrap());
        assert_eq!(codes(&troubles), wrong);
    }
    assert_eq!(asked(&centre, &new.card, date(2026, 11, 23), "emp_name"), "PERSON_UNKNOWN");
    assert_eq!(centre.people(|desk| desk.enrol(&file[..1], false, &mut |_| {}).unwrap()), []);
    assert_eq!(asked(&centre, &new.card, date(2026, 11, 23), "emp_name"), "东海机械厂");
    centre.assert_clean();
}

#[test]
fn who_dies_in_hospital_is_settled_until_that_day_and_no_longer() {
    let mut centre = TestCentre::start(60);
    let person = number(&centre, "罗阿婆");
    let program = centre.program("大榭医院");
    let stay = program.admit(&person, datetime(2026, 11, 15, 9, 0, 0, 0)).done().get("result", "mdtrt_id");
    let items = [Item::one(centre.item("血常规(五分类)"), "600.00")];
    program.stay_fees(&person, &stay, datetime(2026, 11, 18, 9, 0, 0, 0), &items).done();
    change(&mut centre, &[order(&person, What::Died, date(2026, 11, 20))]);
    let program = centre.program("大榭医院");
    assert_eq!(asked(&centre, &card(&centre, "罗阿婆"), date(2026, 11, 21), "emp_name"), "");
    program.discharge(&person, &stay, datetime(2026, 11, 20, 16, 0, 0, 0)).done();
    let said = program.say("2304", &program.stay_bill(&person, &stay, "600.00")).done();
    assert_eq!(of(&said, "medfee_sumamt"), yuan("600.00"));
    // Care of a later day is nobody's.
    centre.clock.set(datetime(2026, 11, 23, 9, 30, 0, 0));
    program.say("2201", &registration(&person)).refused("PERSON_DIED");
    let troubles = centre.people(|desk| {
        desk.change(&[order(&person, What::Retired, date(2026, 11, 22))], "张科员", false).unwrap().troubles
    });
    assert_eq!(codes(&troubles), [(0, "day", "PERSON_DIED")]);
    centre.assert_clean();
}

#[test]
fn two_records_become_one_person() {
    let mut centre = TestCentre::start(60);
    let records: Vec<String> = centre
        .sample
        .persons
        .iter()
        .filter(|p| p.enrolment.name == "许大力")
        .map(|p| p.enrolment.number.clone())
        .collect();
    let [first, second] = records.as_slice() else { panic!("there are two") };
    let document = centre.sample.person("许大力").document.clone();
    let program = centre.program("大榭医院");
    let by_document = |program: &Program| {
        program.say(
            "1101",
            &json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": document, "certno": document,
            "psn_cert_type": "01", "begntime": "2026-11-23 08:00:00"}}),
        )
    };
    by_document(&program).refused("PERSON_AMBIGUOUS");
    let (_, bill) = settle(&centre, &program, second, "500.00");
    let used = of(&bill, "fund_pay_sumamt");
    assert!(used > Money::ZERO);
    let (visit, settlement) = (bill.get("setlinfo", "mdtrt_id"), bill.get("setlinfo", "setl_id"));
    let left = yuan(&bill.get("setlinfo", "balc"));
    let (from, into) = (PersonNumber::from(second.as_str()), PersonNumber::from(first.as_str()));
    let merge = |centre: &mut TestCentre, names: [&str; 2]| {
        centre.people(|desk| desk.merge([&from, &into], names, "同一人").unwrap())
    };
    let alone = merge(&mut centre, ["张科员", "张科员"]).expect("two are needed");
    assert_eq!(alone.code, "TWO_OFFICERS");
    centre.clock.set(datetime(2026, 11, 23, 8, 30, 0, 0));
    assert_eq!(merge(&mut centre, ["张科员", "李科长"]), None);
    assert_eq!(merge(&mut centre, ["张科员", "李科长"]).map(|t| t.code), Some("PERSON_MERGED"));
    let program = centre.program("大榭医院");
    // Not even for a day before: nothing more is settled under the number that is closed.
    let mut earlier = registration(second);
    earlier["data"]["begntime"] = "2026-11-20 08:00:00".into();
    program.say("2201", &earlier).refused("PERSON_MERGED");
    let found = by_document(&program).done();
    assert_eq!(found.get("baseinfo", "psn_no"), *first);
    program.say("2201", &registration(second)).refused("PERSON_MERGED");
    // The account and what was used of the year are one person's.
    let (_, next) = settle(&centre, &program, first, "500.00");
    assert!(of(&next, "fund_pay_sumamt") > used, "the deductible is paid once");
    let own = Money::from_fen(30_000) + left;
    assert_eq!(yuan(&next.get("setlinfo", "balc")), own - of(&next, "acct_pay"));
    program.void(second, &visit, &settlement).refused("PERSON_MERGED");
    centre.assert_clean();
    // Nor is anything done to it at the desk.
    let name = What::Corrected(Box::new(Identity { name: "许大立".into(), ..Identity::default() }));
    let changes = [order(second, name, date(2026, 11, 23))];
    let troubles = centre.people(|desk| desk.change(&changes, "张科员", false).unwrap().troubles);
    assert_eq!(codes(&troubles), [(0, "number", "PERSON_MERGED")]);
    let other = PersonNumber::from(&*number(&centre, "王建国"));
    let back = centre.people(|desk| desk.lend([&from, &other], Money::from_fen(-1), "张科员", "").unwrap());
    assert_eq!(back.map(|trouble| trouble.code), Some("PERSON_MERGED"));
}

fn premiums(centre: &mut TestCentre, month: &str, person: &str, received: bool) {
    let line =
        PremiumLine { number: person.into(), base: yuan("7000"), pension: Money::ZERO, received, on: None };
    centre.fund(|fund| fund.credit_month(month.parse().unwrap(), &[line], &mut |_| {}).unwrap());
}

fn restore(centre: &mut TestCentre, dry: bool) -> Vec<Owed> {
    let mut reader = centre.reader();
    let mut all = Vec::new();
    centre.people(|desk| {
        desk.restore(reader.as_mut(), "张科员", dry, &mut |owed| {
            all.push(owed);
            Ok(())
        })
        .unwrap();
    });
    all
}

#[test]
fn premiums_paid_late_restore_the_pool_and_bills_in_between_are_settled_again() {
    let mut centre = TestCentre::start(60);
    let person = number(&centre, "王建国");
    let other = number(&centre, "许大力");
    for month in ["2026-09", "2026-10"] {
        premiums(&mut centre, month, &person, false);
    }
    let program = centre.program("大榭医院");
    let card = card(&centre, "王建国");
    let state = |centre: &TestCentre, day| asked(centre, &card, day, "psn_insu_stas");
    assert_eq!(state(&centre, date(2026, 9, 30)), "1", "of one unpaid month nothing follows");
    assert_eq!(state(&centre, date(2026, 11, 1)), "2");
    let (visit, first) = settle(&centre, &program, &person, "800.00");
    let (_, second) = settle(&centre, &program, &person, "300.00");
    assert_eq!((of(&first, "fund_pay_sumamt"), of(&second, "fund_pay_sumamt")), (Money::ZERO, Money::ZERO));
    // What they would have come to, as somebody's who has used nothing of the year either.
    let paid = settle(&centre, &program, &other, "800.00").1;
    assert!(of(&paid, "fund_pay_sumamt") > Money::ZERO);
    assert_eq!(restore(&mut centre, true), [], "nothing is owed while nothing is paid");
    for month in ["2026-09", "2026-10"] {
        premiums(&mut centre, month, &person, true);
    }
    assert_eq!(state(&centre, date(2026, 11, 1)), "1");
    centre.clock.set(datetime(2026, 11, 23, 8, 30, 0, 0));
    let told = restore(&mut centre, true);
    assert_eq!(told.len(), 2, "{told:?}");
    let booked = restore(&mut centre, false);
    assert_eq!(
        booked.iter().map(|o| &o.settlement).collect::<Vec<_>>(),
        told.iter().map(|o| &o.settlement).collect::<Vec<_>>()
    );
    assert!(booked.iter().all(|owed| owed.owed > Money::ZERO && owed.left.is_none()), "{booked:?}");
    assert_eq!(restore(&mut centre, false), [], "once");
    centre.assert_clean();
    let program = centre.program("大榭医院");
    let settlement = first.get("setlinfo", "setl_id");
    program.void(&person, &visit, &settlement).refused("BILL_SUPPLEMENTED");
    // The year knows of both: a third bill goes on from them.
    let (_, third) = settle(&centre, &program, &person, "100.00");
    assert_eq!(of(&third, "fund_pay_sumamt"), yuan("80.00"), "the deductible is used up");
    centre.assert_clean();
}

fn paper(person: &str, bill: &str, lines: Vec<PaperLine>) -> PaperBill {
    PaperBill {
        number: person.into(),
        bill: bill.into(),
        kind: VisitKind::Outpatient,
        level: HospitalLevel::new(2).unwrap(),
        region: Region::Home,
        begins: date(2026, 11, 10),
        ends: date(2026, 11, 10),
        disease: String::new(),
        lines,
        why: "系统故障,全额垫付".into(),
    }
}

#[test]
fn a_death_that_was_told_by_mistake_is_taken_back() {
    let mut centre = TestCentre::start(60);
    let person = number(&centre, "王建国");
    change(&mut centre, &[order(&person, What::Died, date(2026, 11, 20))]);
    let card = card(&centre, "王建国");
    let state = |centre: &TestCentre| asked(centre, &card, date(2026, 11, 23), "psn_insu_stas");
    assert_eq!(state(&centre), "");
    let again = [order(&person, What::Died, date(2026, 11, 19))];
    let troubles = centre.people(|desk| desk.change(&again, "张科员", false).unwrap().troubles);
    assert_eq!(codes(&troubles), [(0, "day", "PERSON_DIED")]);
    change(&mut centre, &[order(&person, What::Revived, date(2026, 11, 22))]);
    assert_eq!(state(&centre), "1");
    change(&mut centre, &[order(&person, What::Retired, date(2026, 11, 23))]);
    centre.assert_clean();
}

#[test]
fn who_is_alive_after_all_owes_what_he_owed_and_a_wait_is_not_made_up() {
    let mut centre = TestCentre::start(60);
    let person = number(&centre, "王建国");
    for month in ["2026-11", "2026-12"] {
        premiums(&mut centre, month, &person, false);
    }
    change(&mut centre, &[order(&person, What::Died, date(2026, 11, 20))]);
    change(&mut centre, &[order(&person, What::Revived, date(2026, 11, 22))]);
    centre.clock.set(datetime(2026, 12, 2, 8, 0, 0, 0));
    let card = card(&centre, "王建国");
    assert_eq!(asked(&centre, &card, date(2026, 12, 2), "psn_insu_stas"), "2", "two months are unpaid still");

    let waits = number(&centre, "何雨桐");
    let again = Cover {
        kind: InsuranceKind::EMPLOYEE,
        from: date(2026, 11, 1),
        to: None,
        person_type: "11".into(),
        status: PersonStatus::Freelance,
        premium: Premium::Paid,
        civil_servant: false,
        employer: String::new(),
        division: "990103".into(),
    };
    change(&mut centre, &[order(&waits, What::Stopped, date(2026, 6, 1))]);
    change(&mut centre, &[order(&waits, What::Insured(Box::new(again)), date(2026, 11, 1))]);
    change(&mut centre, &[order(&waits, What::Died, date(2026, 11, 20))]);
    let revived = [order(&waits, What::Revived, date(2026, 11, 22))];
    let troubles = centre.people(|desk| desk.change(&revived, "张科员", false).unwrap().troubles);
    assert_eq!(codes(&troubles), [(0, "change", "WAITING_ENDED")]);
    centre.assert_clean();
}

#[test]
fn two_rows_of_one_file_do_not_give_two_people_one_document() {
    let mut centre = TestCentre::start(60);
    let [one, other] = ["何雨桐", "孙福田"].map(|name| number(&centre, name));
    let right = |person: &str| {
        let identity = Identity {
            document_kind: "01".into(),
            document: "990101199505050055".into(),
            ..Identity::default()
        };
        order(person, What::Corrected(Box::new(identity)), date(2026, 11, 23))
    };
    let orders = [right(&one), right(&other)];
    let troubles = centre.people(|desk| desk.change(&orders, "张科员", false).unwrap().troubles);
    assert_eq!(
        troubles.iter().map(|t| (t.code, t.same_as.is_some())).collect::<Vec<_>>(),
        [("TWICE_IN_FILE", true)]
    );
    centre.assert_clean();
}

#[test]
fn a_backlog_of_months_that_were_paid_in_time_stops_nothing_and_a_paper_bill_waits_for_the_pool() {
    let mut centre = TestCentre::start(60);
    let person = number(&centre, "王建国");
    for month in ["2026-05", "2026-06"] {
        premiums(&mut centre, month, &person, true);
    }
    let card = card(&centre, "王建国");
    assert_eq!(asked(&centre, &card, date(2026, 7, 1), "psn_insu_stas"), "1");
    for month in ["2026-09", "2026-10"] {
        premiums(&mut centre, month, &person, false);
    }
    let code = centre.item("血常规(五分类)").to_owned();
    let line = PaperLine {
        item: code,
        served: date(2026, 11, 10),
        price: "800".parse().unwrap(),
        quantity: "1".parse().unwrap(),
        amount: yuan("800"),
    };
    let bill = paper(&person, "F-9", vec![line]);
    let catalogue = centre.sample.catalogue.clone();
    let waits =
        centre.people(|desk| desk.reimburse(&bill, &catalogue, "张科员", false).unwrap()).unwrap_err();
    assert_eq!(codes(&waits), [(0, "begins", "POOL_STOPPED")]);
    for month in ["2026-09", "2026-10"] {
        premiums(&mut centre, month, &person, true);
    }
    let paid = centre.people(|desk| desk.reimburse(&bill, &catalogue, "张科员", false).unwrap()).unwrap();
    assert!(paid.paid > Money::ZERO);
    // Nobody else is paid the same paper.
    let other = PaperBill { number: (&*number(&centre, "何雨桐")).into(), ..bill };
    let twice =
        centre.people(|desk| desk.reimburse(&other, &catalogue, "张科员", false).unwrap()).unwrap_err();
    assert_eq!(codes(&twice), [(0, "bill", "BILL_PAID")]);
    centre.assert_clean();
}

#[test]
fn a_bill_on_paper_is_paid_to_the_person_once() {
    let mut centre = TestCentre::start(60);
    let (person, other) = (number(&centre, "许大力"), number(&centre, "王建国"));
    let line = |item: &str, amount: &str| PaperLine {
        item: item.into(),
        served: date(2026, 11, 10),
        price: amount.parse().unwrap(),
        quantity: "1".parse().unwrap(),
        amount: yuan(amount),
    };
    let code = centre.item("血常规(五分类)").to_owned();
    let good = paper(&person, "F-1", vec![line(&code, "800.00")]);
    let catalogue = centre.sample.catalogue.clone();
    let reimburse = |centre: &mut TestCentre, bill: &PaperBill, dry| -> Result<Reimbursed, Vec<Trouble>> {
        centre.people(|desk| desk.reimburse(bill, &catalogue, "张科员", dry).unwrap())
    };
    let mut bad = vec![line("nothing", "1.00"), line(&code, "5.00"), line(&code, "6.00")];
    bad[1].served = date(2026, 11, 11);
    bad[2].price = "7".parse().unwrap();
    let wrong = reimburse(&mut centre, &paper(&person, "F-0", bad), false).unwrap_err();
    assert_eq!(
        codes(&wrong),
        [(0, "item", "ITEM_UNKNOWN"), (1, "served", "DAY_WRONG"), (2, "amount", "AMOUNT_WRONG")]
    );
    let told = reimburse(&mut centre, &good, true).unwrap();
    let paid = reimburse(&mut centre, &good, false).unwrap();
    assert_eq!(told, paid);
    assert!(paid.paid > Money::ZERO && paid.amounts.personal_account.is_zero(), "{paid:?}");
    let twice = reimburse(&mut centre, &good, false).unwrap_err();
    assert_eq!(codes(&twice), [(0, "bill", "BILL_PAID")]);
    // A bill at the hospital goes on from it, as from any other.
    let program = centre.program("大榭医院");
    let (_, next) = settle(&centre, &program, &person, "100.00");
    let fresh = settle(&centre, &program, &other, "100.00").1;
    assert_eq!(of(&next, "fund_pay_sumamt"), yuan("80.00"));
    assert_eq!(of(&fresh, "fund_pay_sumamt"), Money::ZERO, "who has used nothing pays the deductible first");
    centre.clock.set(datetime(2027, 11, 11, 9, 0, 0, 0));
    let late = PaperBill { bill: "F-9".into(), ..good };
    let told = reimburse(&mut centre, &late, true).unwrap_err();
    let words = told[0].words.told(wire::Language::Zh);
    assert_eq!((told[0].code, words), ("TOO_LATE", "手工报销须在 2027-11-10 以前提出"));
    centre.assert_clean();
}

#[test]
fn who_it_is_is_set_right_and_another_s_document_is_not_taken() {
    let mut centre = TestCentre::start(60);
    let person = number(&centre, "何雨桐");
    let taken = centre.sample.person("王建国").document.clone();
    let right = |document: &str| {
        What::Corrected(Box::new(Identity {
            name: "何雨彤".into(),
            document_kind: "01".into(),
            document: document.into(),
            ..Identity::default()
        }))
    };
    let troubles = centre.people(|desk| {
        desk.change(&[order(&person, right(&taken), date(2026, 11, 23))], "张科员", false).unwrap().troubles
    });
    assert_eq!(codes(&troubles), [(0, "document", "DOCUMENT_TAKEN")]);
    // A number alone does not say whose it is.
    let half = What::Corrected(Box::new(Identity { document: taken, ..Identity::default() }));
    let troubles = centre.people(|desk| {
        desk.change(&[order(&person, half, date(2026, 11, 23))], "张科员", false).unwrap().troubles
    });
    assert_eq!(codes(&troubles), [(0, "document_kind", "DOCUMENT_HALF")]);
    change(&mut centre, &[order(&person, right("990101199505050055"), date(2026, 11, 23))]);
    let program = centre.program("大榭医院");
    let said = program.say(
        "1101",
        &json!({"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": "990101199505050055",
        "certno": "990101199505050055", "psn_cert_type": "01", "begntime": "2026-11-23 08:00:00"}}),
    );
    let said = said.done();
    assert_eq!((said.get("baseinfo", "psn_no"), said.get("baseinfo", "psn_name")), (person, "何雨彤".into()));
    centre.assert_clean();
}
