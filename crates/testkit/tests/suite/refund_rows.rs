//! Refund rows of a stay: what is taken back from a line is no part of the bill, wherever in the stay the line was settled.

use jiff::civil::{DateTime, datetime};
use serde_json::{Value, json};
use testkit::{Program, Said, TestCentre};

const ADMITTED: DateTime = datetime(2026, 11, 2, 9, 0, 0, 0);

/// A person in hospital since 2026-11-02.
struct Stay {
    centre: TestCentre,
    program: Program,
    person: String,
    id: String,
}

impl Stay {
    fn admit() -> Self {
        let centre = TestCentre::start(50);
        let program = centre.program("大榭医院");
        let person = centre.sample.person("王建国").number.clone();
        let id = program.admit_as(&person, "ZY1", ADMITTED).done().get("result", "mdtrt_id");
        Self { centre, program, person, id }
    }

    fn on(&self, day: i8) {
        self.centre.clock.set(datetime(2026, 11, day, 10, 0, 0, 0));
    }

    /// A row of the examination of class B at 10.00 each; with an original it is a refund.
    fn row(&self, number: &str, day: i8, quantity: i64, original: &str) -> Value {
        json!({
            "feedetl_sn": number, "init_feedetl_sn": original, "mdtrt_id": self.id, "psn_no": self.person,
            "med_type": "21", "fee_ocur_time": format!("2026-11-{day:02} 08:00:00"),
            "med_list_codg": self.centre.item("心脏电生理检查"), "medins_list_codg": "Y1",
            "det_item_fee_sumamt": format!("{}.00", quantity * 10), "cnt": quantity.to_string(), "pric": "10.00",
            "bilg_dept_codg": "01", "bilg_dept_name": "内科", "bilg_dr_codg": "D1", "bilg_dr_name": "示例医师",
        })
    }

    fn upload(&self, rows: &[Value]) -> Said {
        self.program.say("2301", &json!({ "feedetail": rows }))
    }

    fn withdraw(&self, lines: &[&str]) -> Said {
        let row = |line: &&str| json!({"feedetl_sn": line, "mdtrt_id": self.id, "psn_no": self.person});
        self.program.say("2302", &json!({"data": lines.iter().map(row).collect::<Vec<_>>()}))
    }

    fn discharge(&self, day: i8) {
        self.program.discharge(&self.person, &self.id, datetime(2026, 11, day, 9, 0, 0, 0)).done();
    }

    fn settle_so_far(&self, total: &str) -> Said {
        self.program.say("2304", &self.program.interim_bill(&self.person, &self.id, total))
    }

    fn settle(&self, total: &str) -> Said {
        self.program.say("2304", &self.program.stay_bill(&self.person, &self.id, total))
    }
}

const FIGURES: [&str; 7] = [
    "medfee_sumamt",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "hifp_pay",
    "acct_pay",
    "psn_cash_pay",
];

fn figures(said: &[Said]) -> Vec<i64> {
    let fen = |said: &Said, field| said.get("setlinfo", field).parse::<money::Money>().unwrap().fen();
    FIGURES.iter().map(|field| said.iter().map(|one| fen(one, field)).sum()).collect()
}

#[test]
fn a_line_of_which_a_part_was_taken_back_counts_with_the_rest() {
    let plain = Stay::admit();
    plain.upload(&[plain.row("F1", 3, 200, "")]).done();
    plain.discharge(5);
    let without = figures(&[plain.settle("2000.00").done()]);

    let stay = Stay::admit();
    stay.upload(&[stay.row("F1", 3, 300, ""), stay.row("F2", 3, 7, "")]).done();
    let priced = stay.upload(&[stay.row("R1", 4, -100, "F1"), stay.row("R2", 4, -7, "F2")]).done();
    assert_eq!(priced.get("result", "det_item_fee_sumamt"), "-1000.00");
    assert_eq!(
        priced.get("result", "inscp_scp_amt"),
        "-900.00",
        "as much as that part of its original came to"
    );
    stay.upload(&[stay.row("R1", 4, -100, "F1")]).done();
    stay.discharge(5);
    stay.settle("3070.00").refused("TOTAL_MISMATCH");
    assert_eq!(figures(&[stay.settle("2000.00").done()]), without);
    stay.centre.assert_clean();
}

#[test]
fn what_was_settled_in_mid_stay_may_be_taken_back_later() {
    let plain = Stay::admit();
    plain.upload(&[plain.row("F1", 3, 200, ""), plain.row("F2", 9, 500, "")]).done();
    plain.discharge(10);
    let at_once = figures(&[plain.settle("7000.00").done()]);

    let stay = Stay::admit();
    stay.on(4);
    stay.upload(&[stay.row("F1", 3, 300, "")]).done();
    let first = stay.settle_so_far("3000.00").done();
    stay.on(10);
    stay.upload(&[stay.row("F2", 9, 500, ""), stay.row("R1", 9, -100, "F1")]).done();
    stay.discharge(10);
    let last = stay.settle("4000.00").done();
    assert_eq!(figures(&[first, last.clone()]), at_once);
    stay.centre.assert_clean();
    let id = last.get("setlinfo", "setl_id");
    stay.program.void_stay(&stay.person, &stay.id, &id).done();
    assert_eq!(figures(&[stay.settle("4000.00").done()]), figures(&[last]));
    stay.centre.assert_clean();
}

#[test]
fn more_taken_back_than_has_come_since_needs_the_settlement_before_undone() {
    let stay = Stay::admit();
    stay.on(4);
    stay.upload(&[stay.row("F1", 3, 300, "")]).done();
    let first = stay.settle_so_far("3000.00").done();
    stay.upload(&[stay.row("R1", 4, -100, "F1")]).done();
    stay.discharge(4);
    stay.settle("-1000.00").refused("UNDO_FIRST");
    stay.program.void_stay(&stay.person, &stay.id, &first.get("setlinfo", "setl_id")).done();
    stay.settle("2000.00").done();
    stay.centre.assert_clean();
}

#[test]
fn a_refund_row_takes_back_no_more_than_there_is_and_from_a_line_that_stands() {
    let stay = Stay::admit();
    stay.upload(&[stay.row("F1", 3, 3, ""), stay.row("F2", 3, 3, "")]).done();
    stay.upload(&[stay.row("R1", 4, -4, "F1")]).refused("REFUND_EXCEEDS");
    stay.upload(&[stay.row("R1", 4, -1, "")]).refused("FIELD_MISSING");
    stay.upload(&[stay.row("R1", 4, -1, "F9")]).refused("REFUND_ORIGINAL");
    stay.upload(&[stay.row("R1", 2, -1, "F1")]).refused("LINE_DATE");
    let with = |name: &str, value: &str| {
        let mut row = stay.row("R1", 4, -1, "F1");
        row[name] = value.into();
        stay.upload(&[row])
    };
    with("pric", "9.00").refused("LINE_AMOUNT");
    with("med_list_codg", stay.centre.item("血常规(五分类)")).refused("FIELD_INVALID");
    with("pric", "-10.00").refused("FIELD_INVALID");
    with("det_item_fee_sumamt", "10.00").refused("LINE_AMOUNT");
    stay.upload(&[stay.row("R1", 4, -2, "F1")]).done();
    stay.upload(&[stay.row("R2", 4, -2, "F1")]).refused("REFUND_EXCEEDS");
    stay.upload(&[stay.row("R2", 4, -1, "R1")]).refused("REFUND_ORIGINAL");
    stay.withdraw(&["F1"]).refused("REFUND_STANDS");
    stay.withdraw(&["R1"]).done();
    stay.upload(&[stay.row("R1", 4, -3, "F1")]).done();
    stay.withdraw(&["F1", "R1"]).done();
    stay.centre.assert_clean();
}

#[test]
fn every_line_of_a_call_that_is_refused_is_told_why() {
    let stay = Stay::admit();
    let mut unknown = stay.row("F2", 3, 1, "");
    unknown["med_list_codg"] = "XNOTHING".into();
    let mut wrong = stay.row("F3", 3, 1, "");
    wrong["det_item_fee_sumamt"] = "11.00".into();
    let said = stay.upload(&[stay.row("F1", 3, 1, ""), unknown, wrong]);
    said.refused("LINES_REFUSED");
    let answer: Value = serde_json::from_str(&said.text).unwrap();
    let rows = answer["output"]["result"].as_array().unwrap();
    let told = |row: &Value| {
        (row["feedetl_sn"].as_str().unwrap().to_owned(), row["memo"].as_str().unwrap().to_owned())
    };
    let told: Vec<_> = rows.iter().map(told).collect();
    assert_eq!((told.len(), &*told[0].0, &*told[1].0), (2, "F2", "F3"));
    assert!(told[0].1.starts_with("[ITEM_UNKNOWN]") && told[1].1.starts_with("[LINE_AMOUNT]"), "{told:?}");
    stay.discharge(4);
    stay.settle("10.00").refused("NO_LINES");
    stay.centre.assert_clean();
}

#[test]
fn what_is_said_of_a_stay_is_said_anew_while_no_settlement_went_by_it() {
    let stay = Stay::admit();
    let change = |more: Value| {
        let mut node = json!({"mdtrt_id": stay.id, "psn_no": stay.person});
        more.as_object().unwrap().iter().for_each(|(name, value)| node[name] = value.clone());
        stay.program.say("2403", &json!({ "mdtrtinfo": node }))
    };
    change(json!({"adm_bed": "14", "adm_dept_codg": "02", "adm_dept_name": "外科"})).done();
    change(json!({"begntime": "2026-11-01 09:00:00"})).done();
    stay.upload(&[stay.row("F1", 3, 300, "")]).done();
    change(json!({"begntime": "2026-11-04 09:00:00"})).refused("DATE_OUT_OF_RANGE");
    change(json!({"med_type": "11"})).refused("CARE_KIND_MISPLACED");
    stay.on(4);
    let first = stay.settle_so_far("3000.00").done();
    change(json!({"begntime": "2026-11-02 09:00:00"})).refused("UNDO_FIRST");
    change(json!({"adm_bed": "15"})).done();
    stay.program.void_stay(&stay.person, &stay.id, &first.get("setlinfo", "setl_id")).done();
    change(json!({"begntime": "2026-11-02 09:00:00", "med_type": "21"})).done();
    stay.discharge(4);
    change(json!({"adm_bed": "16"})).refused("VISIT_WRONG_STATE");
    stay.settle("3000.00").done();
    stay.centre.assert_clean();
}

#[test]
fn what_was_settled_of_a_line_comes_off_no_other_share_when_the_line_is_taken_back() {
    let stay = Stay::admit();
    let own_cost = |number: &str, quantity: i64| {
        let mut row = stay.row(number, 4, quantity, "");
        row["med_list_codg"] = stay.centre.item("铝碳酸镁混悬液").into();
        row
    };
    stay.on(4);
    stay.upload(&[stay.row("F1", 3, 300, "")]).done();
    let first = stay.settle_so_far("3000.00").done();
    stay.upload(&[stay.row("R1", 4, -100, "F1"), own_cost("F2", 100)]).done();
    stay.discharge(4);
    // They come to nothing, and neither is nothing.
    stay.settle("0.00").refused("UNDO_FIRST");
    stay.program.say("2405", &json!({"data": {"mdtrt_id": stay.id, "psn_no": stay.person}})).done();
    stay.upload(&[own_cost("F3", 10)]).done();
    stay.discharge(4);
    stay.settle("100.00").refused("UNDO_FIRST");
    stay.program.void_stay(&stay.person, &stay.id, &first.get("setlinfo", "setl_id")).done();
    let whole = stay.settle("3100.00").done();
    assert_eq!(whole.get("setlinfo", "fulamt_ownpay_amt"), "1100.00");
    stay.centre.assert_clean();
}

#[test]
fn a_void_of_a_stay_that_was_changed_since_is_not_taken_back() {
    let stay = Stay::admit();
    stay.upload(&[stay.row("F1", 3, 300, "")]).done();
    stay.discharge(4);
    let settled = stay.settle("3000.00").done();
    let voiding = stay.program.msgid();
    let void = json!({"data": {
        "mdtrt_id": stay.id, "setl_id": settled.get("setlinfo", "setl_id"), "psn_no": stay.person,
    }});
    stay.program.say_as("2305", &voiding, &void).done();
    stay.program.say("2405", &json!({"data": {"mdtrt_id": stay.id, "psn_no": stay.person}})).done();
    let other_day = json!({"mdtrt_id": stay.id, "psn_no": stay.person, "begntime": "2026-11-03 07:00:00"});
    stay.program.say("2403", &json!({ "adminfo": other_day })).done();
    stay.discharge(4);
    stay.program.reverse(&stay.person, "2305", &voiding).refused("BILL_CHANGED");
    stay.settle("3000.00").done();
    stay.centre.assert_clean();
}
