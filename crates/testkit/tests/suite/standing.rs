//! What was settled in between, at another time or under another name stands in the way: bills that may not come back,
//! visits that are not the same visit, dates too old to settle.

use jiff::civil::{DateTime, datetime};
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre};

struct Scene {
    centre: TestCentre,
    program: Program,
    person: String,
    /// An item of class A that is charged at any price.
    item: String,
}

impl Scene {
    fn of(name: &str) -> Self {
        let centre = TestCentre::start(60);
        let program = centre.program("大榭医院");
        let person = centre.sample.person(name).number.clone();
        let item = centre.sample.catalogue.items().iter().find(|i| i.name == "椎管内麻醉(2小时内)");
        let item = item.expect("the catalogue has it").code.clone();
        Self { centre, program, person, item }
    }

    fn settle_as(&self, msgid: &str, amount: &str) -> (String, Said) {
        let visit = self.program.charge(&self.person, &[Item::one(&self.item, amount)]);
        let bill = self.program.bill(&self.person, &visit, "1", amount);
        let said = self.program.say_as("2207", msgid, &bill).done();
        (visit, said)
    }

    fn void_as(&self, msgid: &str, visit: &str, settlement: &str) -> Said {
        let void = json!({"data": {"psn_no": self.person, "mdtrt_id": visit, "setl_id": settlement}});
        self.program.say_as("2208", msgid, &void)
    }

    fn register(&self, number: &str, begins: &str) -> Said {
        let input = json!({"data": {
            "psn_no": self.person, "insutype": "310", "begntime": begins, "mdtrt_cert_type": "02",
            "mdtrt_cert_no": "x", "ipt_otp_no": number, "atddr_no": "D1", "dr_name": "王医生",
            "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03",
        }});
        self.program.say("2201", &input).done()
    }
}

fn setl_id(said: &Said) -> String {
    said.get("setlinfo", "setl_id")
}

fn refused(said: &Said, code: &str) {
    assert_eq!(said.code.as_deref(), Some(code), "{}", said.text);
}

#[test]
fn a_voided_bill_does_not_come_back_over_one_that_was_settled_since() {
    let scene = Scene::of("王建国");
    let (visit, first) = scene.settle_as("M-FIRST", "9000.00");
    scene.void_as("M-VOID", &visit, &setl_id(&first)).done();
    scene.settle_as("M-SECOND", "9000.00");
    refused(&scene.program.reverse(&scene.person, "2208", "M-VOID"), "BILL_CHANGED");
    scene.centre.assert_clean();
}

#[test]
fn the_number_of_a_void_names_no_bill() {
    let scene = Scene::of("王建国");
    let (visit, first) = scene.settle_as("M-FIRST", "100.00");
    let void = setl_id(&scene.void_as("M-VOID", &visit, &setl_id(&first)).done());
    scene.program.reverse(&scene.person, "2208", "M-VOID").done();
    refused(&scene.void_as("M-AGAIN", &visit, &void), "ALREADY_VOIDED");
    scene.void_as("M-RIGHT", &visit, &setl_id(&first)).done();
    scene.centre.assert_clean();
}

#[test]
fn a_stay_that_ends_on_another_day_is_not_settled_again_by_taking_its_void_back() {
    let scene = Scene::of("王建国");
    let (program, person) = (&scene.program, &scene.person);
    let at = |day, hour| datetime(2026, 11, day, hour, 0, 0, 0);
    let items = [Item::one(&scene.item, "3000")];
    let (stay, said) = program.settle_stay(person, (at(18, 9), at(20, 9)), &items, "3000.00");
    let void = json!({"data": {"psn_no": person, "mdtrt_id": stay, "setl_id": setl_id(&said)}});
    program.say_as("2305", "M-VOID", &void).done();
    program.say("2405", &json!({"data": {"mdtrt_id": stay, "psn_no": person}})).done();
    program.discharge(person, &stay, at(21, 9)).done();
    refused(&program.reverse(person, "2305", "M-VOID"), "BILL_CHANGED");
    program.say("2304", &program.stay_bill(person, &stay, "3000.00")).done();
    scene.centre.assert_clean();
}

#[test]
fn a_stay_tells_the_day_it_began_and_the_day_it_ended() {
    let scene = Scene::of("王建国");
    let (program, person) = (&scene.program, &scene.person);
    let days = (datetime(2026, 11, 18, 9, 0, 0, 0), datetime(2026, 11, 20, 9, 0, 0, 0));
    let (stay, said) = program.settle_stay(person, days, &[Item::one(&scene.item, "3000")], "3000.00");
    let ask = json!({"data": {"psn_no": person, "setl_id": setl_id(&said), "mdtrt_id": stay}});
    let told = program.say("5203", &ask).done();
    assert_eq!(told.get("setlinfo", "begndate"), "2026-11-18");
    assert_eq!(told.get("setlinfo", "enddate"), "2026-11-20");
}

#[test]
fn one_number_on_another_day_is_another_visit() {
    let scene = Scene::of("王建国");
    let visit = |said: Said| said.get("data", "mdtrt_id");
    let first = visit(scene.register("CARD7", "2026-11-20 09:00:00"));
    assert_eq!(visit(scene.register("CARD7", "2026-11-20 11:00:00")), first, "a retry of the same day");
    assert_ne!(visit(scene.register("CARD7", "2026-11-23 07:30:00")), first);
}

#[test]
fn an_admission_answered_to_two_messages_is_the_second_ones() {
    let scene = Scene::of("王建国");
    let (program, person) = (&scene.program, &scene.person);
    let admit = program.admit_request(person, "ZY1", datetime(2026, 11, 21, 9, 0, 0, 0));
    let stay = program.say_as("2401", "M-LOST", &admit).done().get("result", "mdtrt_id");
    assert_eq!(program.say_as("2401", "M-TOLD", &admit).done().get("result", "mdtrt_id"), stay);
    program.reverse(person, "2401", "M-LOST").done();
    let morning = datetime(2026, 11, 22, 8, 0, 0, 0);
    program.stay_fees(person, &stay, morning, &[Item::one(&scene.item, "10")]).done();
    scene.centre.assert_clean();
}

#[test]
fn what_ended_too_long_ago_is_neither_discharged_nor_settled() {
    let scene = Scene::of("王建国");
    let (program, person) = (&scene.program, &scene.person);
    let began = datetime(2026, 11, 2, 9, 0, 0, 0);
    let stay = program.admit(person, began).done().get("result", "mdtrt_id");
    program
        .stay_fees(person, &stay, datetime(2026, 11, 3, 9, 0, 0, 0), &[Item::one(&scene.item, "3000")])
        .done();
    let visit = scene.register("MZ1", "2026-11-23 07:30:00").get("data", "mdtrt_id");
    program.say("2204", &program.fees(person, &visit, "1", &[Item::one(&scene.item, "50")])).done();
    scene.centre.clock.set(datetime(2027, 6, 1, 9, 0, 0, 0));
    refused(&program.discharge(person, &stay, datetime(2026, 11, 4, 9, 0, 0, 0)), "DATE_OUT_OF_RANGE");
    refused(&program.say("2207", &program.bill(person, &visit, "1", "50.00")), "DATE_OUT_OF_RANGE");
}

#[test]
fn books_stay_sound_when_the_clock_steps_back_over_a_restart() {
    let mut scene = Scene::of("王建国");
    scene.settle_as("M1", "30.00");
    let now: DateTime = datetime(2026, 11, 23, 7, 0, 0, 0);
    scene.centre.clock.set(now);
    scene.centre.restart();
    scene.program = scene.centre.program("大榭医院");
    scene.settle_as("M2", "40.00");
    let report = scene.centre.assert_clean();
    assert_eq!(report.settlements, 2);
}

/// What the uploads told of the lines is what the settlement says: each line by the item rules of its day.
#[test]
fn a_stay_over_an_edition_change_is_shared_line_by_line_as_the_uploads_said() {
    let scene = Scene::of("王建国");
    let program = scene.centre.program("澜州市第一医院");
    let items = scene.centre.sample.catalogue.items();
    let code = &items.iter().find(|i| i.name == "心脏电生理检查").expect("class B, an examination").code;
    let at = |year, month, day| datetime(year, month, day, 9, 0, 0, 0);
    let person = &scene.person;
    let stay = program.admit(person, at(2025, 12, 20)).done().get("result", "mdtrt_id");
    let old = program.stay_fees(person, &stay, at(2025, 12, 30), &[Item::one(code, "1000")]).done();
    let mut later = program.fees(person, &stay, "2", &[Item::one(code, "1000")]);
    later["feedetail"][0]["fee_ocur_time"] = "2026-01-03 09:00:00".into();
    later["feedetail"][0]["med_type"] = "21".into();
    let new = program.say("2301", &later).done();
    let told = |said: &Said| said.get("result", "preselfpay_amt");
    assert_eq!((told(&old), told(&new)), ("150.00".into(), "100.00".into()));
    program.discharge(person, &stay, at(2026, 1, 5)).done();
    let settled = program.say("2304", &program.stay_bill(person, &stay, "2000.00")).done();
    assert_eq!(settled.get("setlinfo", "preselfpay_amt"), "250.00");
    scene.centre.assert_clean();
}

/// A question about benefits is answered as a trial of a large bill comes out.
#[test]
fn a_benefit_check_says_what_the_trial_shows() {
    for name in ["王建国", "林秀英", "郑克勤", "孙福田", "罗阿婆", "何雨桐"] {
        for (care, disease) in [("11", ""), ("13", ""), ("1401", ""), ("1402", ""), ("51", ""), ("51", "O80")]
        {
            agrees(name, care, disease);
        }
    }
}

fn agrees(name: &str, care: &str, disease: &str) {
    let scene = Scene::of(name);
    let (program, person) = (&scene.program, &scene.person);
    let kind = if name == "郑克勤" { "340" } else { "310" };
    let check = json!({"data": {"psn_no": person, "insutype": kind, "fixmedins_code": "H", "med_type": care,
        "begntime": "2026-11-23", "dise_codg": disease}});
    let told = program.say("2001", &check).done();
    let row = told.text.split("310100").nth(1).expect("a row of the pool");
    let pays = row.starts_with(r#"","trt_enjymnt_flag":"1""#);

    let mut open = json!({"data": {
        "psn_no": person, "insutype": kind, "begntime": "2026-11-23 07:30:00", "mdtrt_cert_type": "02",
        "mdtrt_cert_no": "x", "ipt_otp_no": "MZ1", "atddr_no": "D1", "dr_name": "王医生",
        "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03",
    }});
    let visit = program.say("2201", &open).done().get("data", "mdtrt_id");
    open = json!({
        "mdtrtinfo": {"mdtrt_id": visit, "psn_no": person, "med_type": care, "begntime": "2026-11-23 07:30:00",
            "dise_codg": disease},
        "diseinfo": [{"diag_type": "1", "diag_srt_no": 1, "diag_code": "I10", "diag_name": "原发性高血压",
            "diag_dept": "0301", "dise_dor_no": "D1", "dise_dor_name": "王医生", "diag_time": "2026-11-23 07:30:00",
            "vali_flag": "1"}],
    });
    program.say("2203", &open).done();
    program.say("2204", &program.fees(person, &visit, "1", &[Item::one(&scene.item, "5000")])).done();
    let mut bill: Value = program.bill(person, &visit, "1", "5000.00");
    bill["data"]["insutype"] = kind.into();
    bill["data"]["med_type"] = care.into();
    let trial = program.say("2206", &bill).done();
    let paid = trial.get("setlinfo", "fund_pay_sumamt");
    assert_eq!(pays, paid != "0.00", "{name}, {care} {disease}: {row} and {paid}");
}
