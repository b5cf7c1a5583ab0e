//! Days whose sums the hospital and the centre compare.

use jiff::civil::datetime;
use money::Money;
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre};

struct Scene {
    centre: TestCentre,
    program: Program,
    person: String,
}

fn scene() -> Scene {
    let centre = TestCentre::start(50);
    let program = centre.program("大榭医院");
    let person = centre.sample.person("王建国").number.clone();
    Scene { centre, program, person }
}

/// What a hospital has in its own books: settlements and refunds, each with what funds and account paid.
#[derive(Clone, Copy, Default)]
struct Books {
    count: i64,
    total: Money,
    funds: Money,
    account: Money,
}

impl Books {
    fn with(self, said: &Said) -> Self {
        let of = |field: &str| said.get("setlinfo", field).parse::<Money>().unwrap();
        Self {
            count: self.count + 1,
            total: self.total + of("medfee_sumamt"),
            funds: self.funds + of("fund_pay_sumamt"),
            account: self.account + of("acct_pay"),
        }
    }
}

impl Scene {
    fn settle(&self, price: &str) -> (String, Said) {
        let items = [Item::one(self.centre.item("血常规(五分类)"), price)];
        self.program.settle(&self.person, &items, price)
    }

    fn on(&self, day: i8) {
        self.centre.clock.set(datetime(2026, 11, day, 9, 0, 0, 0));
    }

    fn compare(&self, days: (&str, &str), books: Books, refunds: &str) -> (String, String) {
        let said = self.program.say("3201", &Self::request(days, books, refunds)).done();
        let told = |field: &str| said.get("stmtinfo", field);
        (told("stmt_rslt"), told("stmt_rslt_dscr"))
    }

    fn request((from, to): (&str, &str), books: Books, refunds: &str) -> Value {
        json!({"data": {
            "insutype": "310", "clr_type": "11", "setl_optins": "990100", "stmt_begndate": from, "stmt_enddate": to,
            "medfee_sumamt": books.total.to_string(), "fund_pay_sumamt": books.funds.to_string(),
            "acct_pay": books.account.to_string(), "fixmedins_setl_cnt": books.count, "refd_setl_flag": refunds,
        }})
    }
}

const DAY: (&str, &str) = ("2026-11-23", "2026-11-23");

#[test]
fn sums_are_equal_or_it_is_told_what_differs_and_by_which_way_of_counting_not() {
    let scene = scene();
    let (visit, first) = scene.settle("20.00");
    let (_, second) = scene.settle("600.00");
    let settled = Books::default().with(&first).with(&second);
    assert_eq!(scene.compare(DAY, settled, ""), ("0".into(), "一致".into()));
    let voided = scene.program.void(&scene.person, &visit, &first.get("setlinfo", "setl_id")).done();
    let all = settled.with(&voided);
    assert_eq!(
        scene.compare(DAY, all, ""),
        ("0".into(), "一致".into()),
        "a refund is a settlement below nothing"
    );
    assert_eq!(scene.compare(DAY, all, "1").0, "0");
    assert_eq!(scene.compare(DAY, settled, "0").0, "0");
    let told = scene.compare(DAY, settled, "1").1;
    assert!(told.contains("笔数 2,中心 3") && told.ends_with("退费结算标志请填 0"), "{told}");
    let told = scene.compare(DAY, Books::default().with(&second), "").1;
    assert!(told.ends_with("原结算与退费各计一笔"), "{told}");
    let told = scene.compare(DAY, Books { funds: all.funds + all.account, ..all }, "").1;
    assert!(told.ends_with("贵方把个人账户计入了基金支付"), "{told}");
    let told = scene.compare(DAY, Books { total: all.total + Money::from_fen(1), ..all }, "").1;
    assert!(told.starts_with("总额 ") && told.ends_with("请用 3202 核对明细"), "{told}");
    assert_eq!(scene.compare(("2026-11-22", "2026-11-22"), Books::default(), "").0, "0");
    for (days, code) in
        [(("2026-11-24", "2026-11-23"), "FIELD_INVALID"), (("2026-01-01", "2026-11-23"), "FIELD_INVALID")]
    {
        let said = scene.program.say("3201", &Scene::request(days, all, ""));
        assert_eq!(said.code.as_deref(), Some(code), "{}", said.text);
    }
    let mut elsewhere = Scene::request(DAY, all, "");
    elsewhere["data"]["setl_optins"] = "110000".into();
    assert_eq!(scene.program.say("3201", &elsewhere).code.as_deref(), Some("DIVISION_UNKNOWN"));
    scene.centre.assert_clean();
}

#[test]
fn what_was_settled_on_a_day_that_is_agreed_on_is_voided_and_not_taken_back() {
    let scene = scene();
    let visit =
        scene.program.charge(&scene.person, &[Item::one(scene.centre.item("血常规(五分类)"), "20.00")]);
    let msgid = scene.program.msgid();
    let bill = scene.program.bill(&scene.person, &visit, "1", "20.00");
    let said = scene.program.say_as("2207", &msgid, &bill).done();
    let books = Books::default().with(&said);
    assert_eq!(scene.compare(DAY, books, "").0, "0", "equal, but the day is not over");
    scene.on(24);
    let wrong = Books { total: books.total + Money::from_fen(1), ..books };
    assert_eq!(scene.compare(DAY, wrong, "").0, "1");
    let days = ("2026-11-22", "2026-11-23");
    assert_eq!(scene.compare(days, books, "").0, "0", "of two days together nothing is agreed on");
    let other = scene.settle("1.00").1;
    scene.program.reverse(&scene.person, "2207", &other.get("setlinfo", "medins_setl_id")).done();
    assert_eq!(scene.compare(DAY, books, "").0, "0");
    assert_eq!(scene.compare(DAY, books, "").0, "0", "agreed on again");
    let refused = scene.program.reverse(&scene.person, "2207", &msgid);
    assert_eq!(refused.code.as_deref(), Some("DAY_CONFIRMED"), "{}", refused.text);
    let voided = scene.program.void(&scene.person, &visit, &said.get("setlinfo", "setl_id")).done();
    assert_eq!(scene.compare(DAY, books, "").0, "0", "the day stays as it was");
    let today = ("2026-11-24", "2026-11-24");
    assert_eq!(
        scene.compare(today, Books::default().with(&voided), "").0,
        "0",
        "the refund is of its own day"
    );
    scene.centre.assert_clean();
}

#[test]
fn replies_lost_and_taken_back_are_in_nobodys_sums() {
    let scene = scene();
    let mut books = Books::default();
    for n in 0..20 {
        let visit =
            scene.program.charge(&scene.person, &[Item::one(scene.centre.item("血常规(五分类)"), "1.00")]);
        let msgid = scene.program.msgid();
        let bill = scene.program.bill(&scene.person, &visit, "1", "1.00");
        let said = scene.program.say_as("2207", &msgid, &bill).done();
        if n % 4 == 0 {
            books = books.with(&said);
        } else {
            scene.program.reverse(&scene.person, "2207", &msgid).done();
        }
    }
    assert_eq!(scene.compare(DAY, books, "").0, "0");
    scene.centre.assert_clean();
}
