//! Credits of accounts outside settlements, between the bills of an ordinary life.

use centre::{Credited, Month, PremiumLine};
use jiff::civil::datetime;
use model::PersonNumber;
use money::Money;
use testkit::{Item, Program, TestCentre};

fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

fn premium(number: &str, base: &str, received: bool) -> PremiumLine {
    PremiumLine { number: number.into(), base: yuan(base), pension: Money::ZERO, received, on: None }
}

fn credit(centre: &mut TestCentre, month: &str, lines: &[PremiumLine]) -> Credited {
    let month: Month = month.parse().unwrap();
    centre.fund(|fund| fund.credit_month(month, lines, &mut |_| {}).unwrap())
}

/// A bill of an examination; answers the balance that is told.
fn bill(centre: &TestCentre, program: &Program, person: &str, amount: &str) -> String {
    let code = centre.item("血常规(五分类)");
    program.settle(person, &[Item::one(code, amount)], amount).1.done().get("setlinfo", "balc")
}

#[test]
fn a_month_is_credited_once_and_bills_before_and_behind_it_stand() {
    let mut centre = TestCentre::start(60);
    let person = centre.sample.person("王建国").number.clone();
    let before: Money = bill(&centre, &centre.program("大榭医院"), &person, "20.00").parse().unwrap();
    let lines = [premium(&person, "7000.00", true), premium("99010000000000009999", "7000.00", true)];
    let told = credit(&mut centre, "2026-11", &lines);
    assert_eq!((told.credited, told.already, told.amount), (1, 0, yuan("140.00")));
    assert_eq!((told.employer, told.own, told.extra), (yuan("560.00"), yuan("140.00"), yuan("15.00")));
    assert_eq!(told.unknown, [PersonNumber::from("99010000000000009999")]);
    // Run again, and a file that names somebody twice: nothing more.
    let told = credit(&mut centre, "2026-11", &[lines[0].clone(), lines[0].clone()]);
    assert_eq!((told.credited, told.already, told.amount), (0, 2, Money::ZERO));
    let program = centre.program("龙赛医院");
    let after: Money = bill(&centre, &program, &person, "30.00").parse().unwrap();
    assert_eq!(after, before + yuan("140.00") - yuan("30.00"));
    assert_eq!(credit(&mut centre, "2026-12", &lines[..1]).credited, 1);
    centre.assert_clean();
}

#[test]
fn a_premium_that_was_not_received_is_credited_when_it_comes() {
    let mut centre = TestCentre::start(60);
    let person = centre.sample.person("王建国").number.clone();
    let told = credit(&mut centre, "2026-10", &[premium(&person, "7000.00", false)]);
    assert_eq!((told.credited, told.unpaid), (0, 1));
    let told = credit(&mut centre, "2026-10", &[premium(&person, "7000.00", true)]);
    assert_eq!((told.credited, told.amount), (1, yuan("140.00")));
    centre.assert_clean();
}

#[test]
fn a_year_ends_once_with_interest_and_its_money_becomes_older_money() {
    let mut centre = TestCentre::start(60);
    let person = centre.sample.person("王建国").number.clone();
    let balance: Money = bill(&centre, &centre.program("大榭医院"), &person, "12.30").parse().unwrap();
    let numbers = [PersonNumber::from(&*person)];
    let told = centre.fund(|fund| fund.close_year(2026, &numbers, &mut |_| {}).unwrap());
    // 0.99 % of what the account holds.
    let interest = balance.share(money::Rate::from_ten_thousandths(99)).round(money::Rounding::HalfUp);
    assert_eq!((told.credited, told.amount), (1, interest));
    let told = centre.fund(|fund| fund.close_year(2026, &numbers, &mut |_| {}).unwrap());
    assert_eq!((told.credited, told.already), (0, 1));
    centre.clock.set(datetime(2027, 1, 4, 9, 0, 0, 0));
    let program = centre.program("大榭医院");
    let after: Money = bill(&centre, &program, &person, "10.00").parse().unwrap();
    assert_eq!(after, balance + interest - yuan("10.00"));
    centre.assert_clean();
}

#[test]
fn an_heir_receives_all_once() {
    let mut centre = TestCentre::start(60);
    let [from, to] = ["罗阿婆", "王建国"].map(|name| PersonNumber::from(&*centre.sample.person(name).number));
    let told = centre.fund(|fund| fund.inherit(&from, &to).unwrap());
    assert_eq!(told.credited, 1);
    assert!(told.amount > Money::ZERO);
    let again = centre.fund(|fund| fund.inherit(&from, &to).unwrap());
    assert_eq!((again.credited, again.already), (0, 1));
    let balance: Money = bill(&centre, &centre.program("大榭医院"), to.as_str(), "1.00").parse().unwrap();
    assert!(balance > told.amount);
    centre.assert_clean();
}

#[test]
fn what_a_year_left_is_paid_once_behind_it_and_taken_back_when_a_bill_under_it_is_voided() {
    let mut centre = TestCentre::start(60);
    let [much, little] = ["王建国", "何雨桐"].map(|name| centre.sample.person(name).number.clone());
    let days = (datetime(2026, 11, 2, 9, 0, 0, 0), datetime(2026, 11, 20, 10, 0, 0, 0));
    let item = |centre: &TestCentre, price: &str| Item::one(centre.item("椎管内麻醉(2小时内)"), price);
    let program = centre.program("澜州市第一医院");
    let (stay, said) = program.settle_stay(&much, days, &[item(&centre, "900000")], "900000.00");
    assert_eq!(said.get("setlinfo", "psn_part_amt"), "45000.00");
    program.settle_stay(&little, days, &[item(&centre, "9000")], "9000.00");
    centre.clock.set(datetime(2027, 1, 5, 9, 0, 0, 0));

    let numbers = [&much, &little, &much].map(|number| PersonNumber::from(&**number));
    let pay = |centre: &mut TestCentre| {
        let mut told = Vec::new();
        centre.fund(|fund| {
            fund.pay_benefits(2026, &numbers, &mut |benefit| {
                told.push(benefit);
                Ok(())
            })
            .unwrap();
        });
        told.into_iter().map(|b| [b.base, b.due, b.before, b.paid].map(|m| m.to_string())).collect::<Vec<_>>()
    };
    // Half of what is above 30,000; the other is below that.
    let told = pay(&mut centre);
    assert_eq!(told, [["45000.00", "7500.00", "0.00", "7500.00"]]);
    assert_eq!(pay(&mut centre)[0], ["45000.00", "7500.00", "7500.00", "0.00"]);
    centre.assert_clean();

    let program = centre.program("澜州市第一医院");
    program.void_stay(&much, &stay, &said.get("setlinfo", "setl_id")).done();
    assert_eq!(pay(&mut centre)[0], ["0.00", "0.00", "7500.00", "-7500.00"]);
    assert_eq!(pay(&mut centre), [[""; 4]; 0], "nothing is left, and nothing was paid");
    let program = centre.program("澜州市第一医院");
    let said = program.say("2304", &program.stay_bill(&much, &stay, "900000.00")).done();
    assert_eq!(said.get("setlinfo", "psn_part_amt"), "45000.00");
    assert_eq!(pay(&mut centre)[0], ["45000.00", "7500.00", "0.00", "7500.00"]);
    centre.assert_clean();
}
