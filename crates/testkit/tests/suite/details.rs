//! A day whose rows differ: each is named with its cause, and after what it says is done the books agree.

use std::collections::BTreeMap;

use jiff::civil::datetime;
use money::Money;
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre};

/// One settlement as the hospital has written it.
#[derive(Debug, Clone)]
struct Row {
    person: String,
    visit: String,
    settlement: String,
    msgid: String,
    refund: bool,
    amounts: [Money; 3],
}

impl Row {
    fn line(&self) -> String {
        let [total, funds, account] = self.amounts.map(|amount| amount.to_string());
        let refund = if self.refund { "1" } else { "0" };
        let Self { person, visit, settlement, msgid, .. } = self;
        [person, visit, settlement, msgid, refund, &total, &funds, &account].join("\t")
    }
}

struct Scene {
    centre: TestCentre,
    program: Program,
    person: String,
    /// The hospital's books of the day.
    books: Vec<Row>,
}

const DAY: &str = "2026-11-23";

fn scene() -> Scene {
    let centre = TestCentre::start(50);
    let program = centre.program("大榭医院");
    let person = centre.sample.person("王建国").number.clone();
    Scene { centre, program, person, books: Vec::new() }
}

impl Scene {
    fn items(&self, price: &str) -> [Item; 1] {
        [Item::one(self.centre.item("血常规(五分类)"), price)]
    }

    /// A row of what was answered.
    fn row(&self, visit: &str, said: &Said, refund: bool) -> Row {
        let of = |field: &str| said.get("setlinfo", field);
        let amount = |field: &str| of(field).parse().unwrap();
        Row {
            person: self.person.clone(),
            visit: visit.into(),
            settlement: of("setl_id"),
            msgid: of("medins_setl_id"),
            refund,
            amounts: ["medfee_sumamt", "fund_pay_sumamt", "acct_pay"].map(amount),
        }
    }

    fn settle(&self, price: &str) -> Row {
        let (visit, said) = self.program.settle(&self.person, &self.items(price), price);
        self.row(&visit, &said, false)
    }

    fn void(&self, row: &Row) -> Row {
        let said = self.program.void(&self.person, &row.visit, &row.settlement).done();
        self.row(&row.visit, &said, true)
    }

    fn sums(&self) -> [Money; 3] {
        [0, 1, 2].map(|at| self.books.iter().map(|row| row.amounts[at]).sum())
    }

    fn ask(&self, file: &str) -> Said {
        let [total, funds, _] = self.sums();
        self.program.say("3202", &json!({"data": {
            "clr_type": "11", "setl_optins": "990100", "file_qury_no": file, "stmt_begndate": DAY, "stmt_enddate": DAY,
            "medfee_sumamt": total.to_string(), "fund_pay_sumamt": funds.to_string(), "cash_payamt": "0",
            "fixmedins_setl_cnt": self.books.len(), "refd_setl_flag": "1",
        }}))
    }

    /// Compares the rows; answers the result's lines, column by column.
    fn compare(&self) -> Vec<Vec<String>> {
        let text: String = self.books.iter().map(|row| row.line() + "\r\n").collect();
        let file = self.program.upload("rows.zip", &wire::zip("rows.txt", text.as_bytes()));
        let said = self.ask(&file).done();
        let result = self.program.fetch(&said.get("fileinfo", "file_qury_no")).expect("the result");
        let text = wire::text_of(&result).expect("text");
        text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    }

    /// Codes of the causes, each with the visit.
    fn causes(&self) -> BTreeMap<String, String> {
        let code = |memo: &str| memo[1..memo.find(']').expect("a code")].to_owned();
        self.compare().into_iter().map(|columns| (code(&columns[6]), columns[1].clone())).collect()
    }

    fn totals(&self) -> Said {
        let [total, funds, account] = self.sums().map(|sum| sum.to_string());
        self.program.say("3201", &json!({"data": {
            "insutype": "310", "clr_type": "11", "setl_optins": "990100", "stmt_begndate": DAY, "stmt_enddate": DAY,
            "medfee_sumamt": total, "fund_pay_sumamt": funds, "acct_pay": account,
            "fixmedins_setl_cnt": self.books.len(), "refd_setl_flag": "1",
        }}))
    }
}

#[test]
fn ten_kinds_of_fault_are_named_and_after_what_each_says_the_books_agree() {
    let mut scene = scene();
    scene.centre.clock.set(datetime(2026, 11, 22, 9, 0, 0, 0));
    let yesterday = scene.settle("11.00");
    scene.centre.clock.set(datetime(2026, 11, 23, 9, 0, 0, 0));
    for price in ["20.00", "600.00", "35.50"] {
        scene.books.push(scene.settle(price));
    }
    assert_eq!(scene.causes(), BTreeMap::new(), "equal books differ in nothing");

    // The hospital wrote a settlement whose message never left it.
    let visit = scene.program.charge(&scene.person, &scene.items("41.00"));
    let msgid = scene.program.msgid();
    let amounts = [Money::from_yuan(41), Money::ZERO, Money::ZERO];
    let never = Row { visit: visit.clone(), settlement: String::new(), msgid, amounts, ..yesterday.clone() };
    scene.books.push(never.clone());
    // The answer was lost, and with it the settlement.
    let lost = scene.settle("42.00");
    // The answer to a refund was lost.
    let refunded = scene.settle("43.00");
    let refund = scene.void(&refunded);
    scene.books.push(refunded.clone());
    // The hospital gave the money back and told nobody.
    let given_back = scene.settle("44.00");
    let minus = given_back.amounts.map(|amount| -amount);
    scene.books.push(given_back.clone());
    scene.books.push(Row { refund: true, amounts: minus, ..given_back.clone() });
    // Taken back by message, and kept by the hospital.
    let back = scene.settle("45.00");
    scene.program.reverse(&scene.person, "2207", &back.msgid).done();
    scene.books.push(back.clone());
    // A figure mistyped.
    let mistyped = scene.settle("646.00");
    let [total, funds, account] = mistyped.amounts;
    scene.books.push(Row { amounts: [total + Money::from_fen(1), funds, account], ..mistyped.clone() });
    // Put on the wrong day.
    scene.books.push(yesterday.clone());
    // A visit the centre knows nothing of.
    scene.books.push(Row { visit: "999".into(), settlement: "998".into(), ..lost.clone() });
    // The account counted among the funds.
    let convention = scene.settle("47.00");
    let [total, funds, account] = convention.amounts;
    assert!(account > Money::ZERO);
    scene.books.push(Row { amounts: [total, funds + account, account], ..convention.clone() });
    // Written twice.
    let twice = scene.settle("48.00");
    scene.books.extend([twice.clone(), twice.clone()]);

    let told: BTreeMap<String, String> = [
        ("NEVER_ARRIVED", &never),
        ("NOT_WRITTEN", &lost),
        ("REFUND_NOT_WRITTEN", &refunded),
        ("REFUND_NOT_SENT", &given_back),
        ("TAKEN_BACK", &back),
        ("AMOUNTS_DIFFER", &mistyped),
        ("OTHER_DAY", &yesterday),
        ("OTHER_WAY", &convention),
        ("TWICE", &twice),
    ]
    .into_iter()
    .map(|(code, row)| (code.to_owned(), row.visit.clone()))
    .chain([("UNKNOWN_VISIT".to_owned(), "999".to_owned())])
    .collect();
    assert_eq!(scene.causes(), told);
    assert_eq!(scene.totals().done().get("stmtinfo", "stmt_rslt"), "1");

    // What each says is done.
    let sent = scene.program.bill(&scene.person, &visit, "1", "41.00");
    let arrived = scene.row(&visit, &scene.program.say_as("2207", &never.msgid, &sent).done(), false);
    let voided = scene.void(&given_back);
    scene.books.retain(|row| {
        let gone = [&back, &yesterday].iter().any(|other| other.settlement == row.settlement);
        let replaced = [&never, &mistyped, &convention, &twice].iter().any(|other| other.visit == row.visit);
        let refund_of_ours = row.refund && row.settlement == given_back.settlement;
        !gone && !replaced && !refund_of_ours && row.visit != "999"
    });
    scene.books.extend([arrived, lost, refund, voided, mistyped, convention, twice]);
    assert_eq!(scene.causes(), BTreeMap::new());
    scene.centre.clock.set(datetime(2026, 11, 24, 9, 0, 0, 0));
    assert_eq!(scene.totals().done().get("stmtinfo", "stmt_rslt"), "0");
    scene.centre.assert_clean();
}

#[test]
fn a_day_with_a_row_nobody_can_explain_is_not_closed() {
    let mut scene = scene();
    let (one, other) = (scene.settle("20.00"), scene.settle("20.00"));
    // The sums are equal: each has the other's number.
    let swapped = |row: &Row, number: &Row| Row { settlement: number.settlement.clone(), ..row.clone() };
    scene.books = vec![swapped(&one, &other), swapped(&other, &one)];
    scene.centre.clock.set(datetime(2026, 11, 24, 9, 0, 0, 0));
    let result = scene.compare();
    assert!(result.iter().all(|columns| columns[6].starts_with("[UNEXPLAINED]")), "{result:?}");
    let refused = scene.totals();
    refused.refused("DAY_NOT_EXPLAINED");
    assert!(refused.text.contains("还有 2 笔"), "{}", refused.text);
    scene.books = vec![one, other];
    assert_eq!(scene.compare(), Vec::<Vec<String>>::new());
    assert_eq!(scene.totals().done().get("stmtinfo", "stmt_rslt"), "0");
    scene.centre.assert_clean();
}

#[test]
fn what_cannot_be_compared_is_told_and_leaves_nothing() {
    let scene = scene();
    scene.ask("7").refused("FILE_UNKNOWN");
    scene.ask("1301..2026-01-01").refused("FILE_UNKNOWN");
    let file = scene.program.upload("rows.txt", "P1\t1\t2\tM\t0\tdear\t0\t0\n".as_bytes());
    let refused = scene.ask(&file);
    refused.refused("FILE_CONTENT");
    assert!(refused.text.contains("第 1 行") && refused.text.contains("dear"), "{}", refused.text);
    let line = "P1\t1\t2\tM\t0\t90000000000000000\t0\t0\n";
    scene.ask(&scene.program.upload("rows.txt", line.as_bytes())).refused("FILE_CONTENT");
    let many = wire::zip("rows.txt", "\t\t\t\t0\t\t\t\n".repeat(200_001).as_bytes());
    let refused = scene.ask(&scene.program.upload("rows.zip", &many));
    refused.refused("FILE_CONTENT");
    assert!(refused.text.contains("第 200001 行"), "{}", refused.text);
    let elsewhere = scene.centre.program("龙赛医院");
    let file = scene.program.upload("rows.txt", b"\r\n");
    let said = |program: &Program| {
        let mut input = json!({"data": {
            "clr_type": "", "setl_optins": "990100", "file_qury_no": file, "stmt_begndate": DAY, "stmt_enddate": DAY,
            "medfee_sumamt": "0", "fund_pay_sumamt": "0", "cash_payamt": "0", "fixmedins_setl_cnt": 1,
        }});
        input["data"]["refd_setl_flag"] = Value::Null;
        program.say("3202", &input)
    };
    said(&elsewhere).refused("FILE_UNKNOWN");
    let told = said(&scene.program).done();
    assert!(told.text.contains("与报文所报合计不符"), "{}", told.text);
    scene.centre.assert_clean();
}
