//! At most once, known outcome: what a lost reply, a repeated message and a reversal leave behind.

use std::sync::Barrier;

use jiff::civil::datetime;
use serde_json::json;
use testkit::{Item, Program, Said, TestCentre};

const TREATMENT: &str = "120.00";

struct Scene {
    centre: TestCentre,
    program: Program,
    person: String,
    item: String,
}

impl Scene {
    fn new() -> Self {
        let centre = TestCentre::start(60);
        let program = centre.program("澜州市第一医院");
        let person = centre.sample.persons[30].enrolment.number.clone();
        let item = centre.item("血常规(五分类)").to_owned();
        Self { centre, program, person, item }
    }

    fn items(&self) -> Vec<Item> {
        vec![Item::one(&self.item, TREATMENT)]
    }

    fn settle(&self) -> (String, Said) {
        self.program.settle(&self.person, &self.items(), TREATMENT)
    }

    fn balance(&self) -> String {
        let document = &self.centre.sample.persons[30].enrolment.document;
        let input = json!({"data": {"psn_cert_type": "01", "certno": document}});
        self.program.say("1101", &input).done().get("insuinfo", "balc")
    }
}

#[test]
fn fifty_identical_settlements_at_once_settle_once_and_answer_alike() {
    let scene = Scene::new();
    let visit = scene.program.charge(&scene.person, &scene.items());
    let body = scene.program.bill(&scene.person, &visit, "1", TREATMENT);
    let msgid = scene.program.msgid();
    let gate = Barrier::new(50);
    let answers: Vec<Said> = std::thread::scope(|scope| {
        let send = || {
            gate.wait();
            scene.program.say_as("2207", &msgid, &body)
        };
        let threads: Vec<_> = (0..50).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|a| a.code.is_none() && a.text == answers[0].text), "fifty equal answers");
    assert_eq!(answers.iter().filter(|a| !a.replayed).count(), 1, "one of them was the first");
    assert_eq!(scene.centre.assert_clean().settlements, 1);
}

#[test]
fn the_same_id_with_another_body_is_refused_and_writes_nothing() {
    let scene = Scene::new();
    let visit = scene.program.charge(&scene.person, &scene.items());
    let msgid = scene.program.msgid();
    let first = scene
        .program
        .say_as("2207", &msgid, &scene.program.bill(&scene.person, &visit, "1", TREATMENT))
        .done();
    let other =
        scene.program.say_as("2207", &msgid, &scene.program.bill(&scene.person, &visit, "2", TREATMENT));
    assert_eq!(other.code.as_deref(), Some("MSGID_REUSED"));
    let again =
        scene.program.say_as("2207", &msgid, &scene.program.bill(&scene.person, &visit, "1", "120.0000"));
    assert_eq!(
        (again.text, again.replayed),
        (first.text, true),
        "the same content in other words is the same"
    );
    assert_eq!(scene.centre.assert_clean().settlements, 1);
}

#[test]
fn an_upload_under_a_used_id_with_other_content_is_a_new_message() {
    let scene = Scene::new();
    let visit = scene.program.register(&scene.person);
    scene.program.visit(&scene.person, &visit);
    let msgid = scene.program.msgid();
    let fees = |batch: &str| scene.program.fees(&scene.person, &visit, batch, &scene.items());
    scene.program.say_as("2204", &msgid, &fees("1")).done();
    assert!(!scene.program.say_as("2204", &msgid, &fees("2")).done().replayed);
    assert!(scene.program.say_as("2204", &msgid, &fees("1")).done().replayed);
    scene.centre.assert_clean();
}

#[test]
fn a_second_settlement_of_a_bill_under_a_new_id_names_the_first() {
    let scene = Scene::new();
    let (visit, first) = scene.settle();
    let again = scene.program.say("2207", &scene.program.bill(&scene.person, &visit, "1", TREATMENT));
    assert_eq!(again.code.as_deref(), Some("ALREADY_SETTLED"));
    let told = format!("结算号 {}。请按此结算号入账,或用 5203 取回", first.get("setlinfo", "setl_id"));
    assert!(again.text.contains(&told), "{}", again.text);
    // A line more is no reason to book anything.
    let mut more = scene.program.fees(&scene.person, &visit, "1", &scene.items());
    more["feedetail"][0]["feedetl_sn"] = "1-9".into();
    let late = scene.program.say("2204", &more);
    assert_eq!(late.code.as_deref(), Some("BATCH_SETTLED"));
    assert!(late.text.contains("请换批次号,或先用 2208 撤销结算"), "{}", late.text);
    assert_eq!(scene.centre.assert_clean().settlements, 1);
}

#[test]
fn a_replay_is_byte_identical_after_a_restart() {
    let mut scene = Scene::new();
    let visit = scene.program.charge(&scene.person, &scene.items());
    let (msgid, body) = (scene.program.msgid(), scene.program.bill(&scene.person, &visit, "1", TREATMENT));
    let first = scene.program.say_as("2207", &msgid, &body).done();
    scene.centre.restart();
    let program = scene.centre.program("澜州市第一医院");
    let again = program.say_as("2207", &msgid, &body);
    assert_eq!((again.text, again.replayed), (first.text, true));
    scene.centre.assert_clean();
}

#[test]
fn a_refusal_is_a_result_too_and_is_answered_again() {
    let scene = Scene::new();
    let visit = scene.program.register(&scene.person);
    let (msgid, body) = (scene.program.msgid(), scene.program.bill(&scene.person, &visit, "1", TREATMENT));
    let first = scene.program.say_as("2207", &msgid, &body);
    assert_eq!(first.code.as_deref(), Some("NO_LINES"));
    let again = scene.program.say_as("2207", &msgid, &body);
    assert_eq!((again.text, again.replayed), (first.text, true));
    assert_eq!(scene.program.outcome("2207", &msgid).done().get("result", "err_code"), "NO_LINES");
}

#[test]
fn mondays_bill_is_voided_after_tuesdays() {
    let scene = Scene::new();
    let opening = scene.balance();
    scene.centre.clock.set(datetime(2026, 11, 23, 9, 0, 0, 0));
    let (monday_visit, monday) = scene.settle();
    scene.centre.clock.set(datetime(2026, 11, 24, 9, 0, 0, 0));
    let (_, tuesday) = scene.settle();
    let monday_id = monday.get("setlinfo", "setl_id");
    let void = scene.program.void(&scene.person, &monday_visit, &monday_id).done();
    assert_eq!(void.get("setlinfo", "medfee_sumamt"), "-120.00");
    assert_ne!(void.get("setlinfo", "setl_id"), monday_id);
    assert_eq!(
        scene.program.void(&scene.person, &monday_visit, &monday_id).code.as_deref(),
        Some("ALREADY_VOIDED")
    );
    let paid: f64 = tuesday.get("setlinfo", "acct_pay").parse().unwrap();
    let (now, before): (f64, f64) = (scene.balance().parse().unwrap(), opening.parse().unwrap());
    assert!((before - now - paid).abs() < 0.005, "only Tuesday's account money is gone");
    let report = scene.centre.assert_clean();
    assert_eq!((report.settlements, report.reversals), (2, 1));
}

#[test]
fn a_hundred_lost_replies_taken_back_leave_no_trace_in_the_totals() {
    let scene = Scene::new();
    let opening = scene.balance();
    for n in 0..100 {
        let visit = scene.program.charge(&scene.person, &scene.items());
        let msgid = scene.program.msgid();
        // The reply is lost: the program does not know what it said.
        let _ =
            scene.program.say_as("2207", &msgid, &scene.program.bill(&scene.person, &visit, "1", TREATMENT));
        scene.program.reverse(&scene.person, "2207", &msgid).done();
        let again = scene.program.reverse(&scene.person, "2207", &msgid).done();
        assert!(again.text.contains("此前已冲正"), "{}", again.text);
        if n == 0 {
            assert_eq!(scene.program.outcome("2207", &msgid).done().get("result", "outcome"), "taken back");
        }
    }
    assert_eq!(scene.balance(), opening);
    let report = scene.centre.assert_clean();
    assert_eq!((report.settlements, report.reversals), (100, 100), "all of it stands in the books");
    let counted = scene.centre.books().ask("select count(*) from settlement where counted or effective");
    assert_eq!(counted, [["0"]], "none of it counts");
}

#[test]
fn a_reversal_of_an_unknown_message_refuses_its_late_arrival() {
    let scene = Scene::new();
    let visit = scene.program.charge(&scene.person, &scene.items());
    let msgid = scene.program.msgid();
    let reversed = scene.program.reverse(&scene.person, "2207", &msgid).done();
    assert!(reversed.text.contains("原交易未到达"), "{}", reversed.text);
    let late =
        scene.program.say_as("2207", &msgid, &scene.program.bill(&scene.person, &visit, "1", TREATMENT));
    assert_eq!(late.code.as_deref(), Some("REVERSED_BEFORE_ARRIVAL"));
    assert!(scene.program.reverse(&scene.person, "2207", &msgid).done().text.contains("原交易未到达"));
    assert_eq!(scene.centre.assert_clean().settlements, 0);
    // Under a new id the bill can be settled.
    scene.program.say("2207", &scene.program.bill(&scene.person, &visit, "1", TREATMENT)).done();
    assert_eq!(scene.centre.assert_clean().settlements, 1);
}

#[test]
fn a_reversal_with_a_wrong_tail_names_the_message_it_probably_means() {
    let scene = Scene::new();
    let visit = scene.program.charge(&scene.person, &scene.items());
    let msgid = scene.program.msgid();
    scene.program.say_as("2207", &msgid, &scene.program.bill(&scene.person, &visit, "1", TREATMENT)).done();
    let wrong = format!("{}9999", &msgid[..26]);
    let refused = scene.program.reverse(&scene.person, "2207", &wrong);
    assert_eq!(refused.code.as_deref(), Some("CANDIDATE_EXISTS"));
    assert!(refused.text.contains(&msgid) && refused.text.contains(TREATMENT), "{}", refused.text);
    assert_eq!(scene.centre.assert_clean().reversals, 0);
}

#[test]
fn a_void_that_is_taken_back_reinstates_the_settlement() {
    let scene = Scene::new();
    let (visit, settled) = scene.settle();
    let (id, after) = (settled.get("setlinfo", "setl_id"), scene.balance());
    let void_id = scene.program.msgid();
    let void = json!({"data": {"psn_no": scene.person, "mdtrt_id": visit, "setl_id": id}});
    scene.program.say_as("2208", &void_id, &void).done();
    scene.program.reverse(&scene.person, "2208", &void_id).done();
    assert_eq!(scene.balance(), after);
    let again = scene.program.say("2207", &scene.program.bill(&scene.person, &visit, "1", TREATMENT));
    assert_eq!(again.code.as_deref(), Some("ALREADY_SETTLED"), "it stands again");
    // The hospital only knows the first number; a void of it finds what stands now.
    scene.program.void(&scene.person, &visit, &id).done();
    scene.program.say("2207", &scene.program.bill(&scene.person, &visit, "1", TREATMENT)).done();
    let report = scene.centre.assert_clean();
    assert_eq!((report.settlements, report.reversals), (2, 3));
}

#[test]
fn a_void_cannot_be_taken_back_once_the_bill_was_settled_again() {
    let scene = Scene::new();
    let (visit, settled) = scene.settle();
    let void_id = scene.program.msgid();
    let void = json!({"data": {"psn_no": scene.person, "mdtrt_id": visit, "setl_id": settled.get("setlinfo", "setl_id")}});
    scene.program.say_as("2208", &void_id, &void).done();
    scene.program.say("2207", &scene.program.bill(&scene.person, &visit, "1", TREATMENT)).done();
    assert_eq!(
        scene.program.reverse(&scene.person, "2208", &void_id).code.as_deref(),
        Some("REVERSAL_DEPENDED_ON")
    );
    scene.centre.assert_clean();
}

#[test]
fn a_settlement_that_was_voided_is_not_taken_back_beneath_its_void() {
    let scene = Scene::new();
    let visit = scene.program.charge(&scene.person, &scene.items());
    let msgid = scene.program.msgid();
    let settled = scene
        .program
        .say_as("2207", &msgid, &scene.program.bill(&scene.person, &visit, "1", TREATMENT))
        .done();
    scene.program.void(&scene.person, &visit, &settled.get("setlinfo", "setl_id")).done();
    assert_eq!(
        scene.program.reverse(&scene.person, "2207", &msgid).code.as_deref(),
        Some("REVERSAL_DEPENDED_ON")
    );
    scene.centre.assert_clean();
}

#[test]
fn only_what_moves_money_is_taken_back_and_the_refusal_names_the_right_undo() {
    let scene = Scene::new();
    for (infno, undo) in [
        ("2201", "2202"),
        ("2204", "2205"),
        ("2203A", "原报文重发"),
        ("2205", "原报文重发"),
        ("2601", "原报文重发"),
    ] {
        let refused = scene.program.reverse(&scene.person, infno, "M1");
        assert_eq!(refused.code.as_deref(), Some("NOT_REVERSIBLE"), "{infno}");
        assert!(refused.text.contains(undo), "{}", refused.text);
    }
    let nothing = scene.program.reverse(&scene.person, "9999", "M1");
    assert_eq!(nothing.code.as_deref(), Some("ORIGINAL_INFNO_UNKNOWN"));
    assert!(nothing.text.contains("没有交易「9999」"), "{}", nothing.text);
}

#[test]
fn a_message_under_a_longer_id_than_the_interface_says_is_asked_after_and_taken_back() {
    let scene = Scene::new();
    let msgid = format!("{:x<64}", scene.program.msgid());
    let visit = scene.program.charge(&scene.person, &scene.items());
    scene.program.say_as("2207", &msgid, &scene.program.bill(&scene.person, &visit, "1", TREATMENT)).done();
    let question = json!({"data": {"omsgid": msgid, "oinfno": "2207"}});
    assert_eq!(scene.program.say("outcome", &question).done().get("result", "outcome"), "done");
    scene.program.reverse(&scene.person, "2207", &msgid).done();
    assert_eq!(scene.program.say("outcome", &question).done().get("result", "outcome"), "taken back");
    assert_eq!(scene.centre.assert_clean().reversals, 1);
}

#[test]
fn a_reversal_by_another_person_is_refused() {
    let scene = Scene::new();
    let visit = scene.program.charge(&scene.person, &scene.items());
    let msgid = scene.program.msgid();
    scene.program.say_as("2207", &msgid, &scene.program.bill(&scene.person, &visit, "1", TREATMENT)).done();
    let other = scene.centre.sample.persons[31].enrolment.number.clone();
    assert_eq!(scene.program.reverse(&other, "2207", &msgid).code.as_deref(), Some("PERSON_MISMATCH"));
    assert_eq!(scene.centre.assert_clean().reversals, 0);
}

#[test]
fn a_lost_void_and_then_its_lost_settlement_are_both_taken_back() {
    let scene = Scene::new();
    let before = scene.balance();
    let visit = scene.program.charge(&scene.person, &scene.items());
    let bill = scene.program.bill(&scene.person, &visit, "1", TREATMENT);
    let (settle, void) = (scene.program.msgid(), scene.program.msgid());
    let settled = scene.program.say_as("2207", &settle, &bill).done().get("setlinfo", "setl_id");
    let undo = json!({"data": {"psn_no": scene.person, "mdtrt_id": visit, "setl_id": settled}});
    scene.program.say_as("2208", &void, &undo).done();
    let early = scene.program.reverse(&scene.person, "2207", &settle);
    assert_eq!(early.code.as_deref(), Some("REVERSAL_DEPENDED_ON"), "the void stands");
    scene.program.reverse(&scene.person, "2208", &void).done();
    scene.program.reverse(&scene.person, "2207", &settle).done();
    assert_eq!(scene.balance(), before);
    assert_eq!(scene.centre.assert_clean().reversals, 3);
    scene.program.say("2207", &bill).done();
    scene.centre.assert_clean();
}

#[test]
fn a_void_is_not_taken_back_once_its_bill_has_changed() {
    let scene = Scene::new();
    let (visit, settled) = scene.settle();
    let void = scene.program.msgid();
    let input = json!({"data": {"psn_no": scene.person, "mdtrt_id": visit, "setl_id": settled.get("setlinfo", "setl_id")}});
    scene.program.say_as("2208", &void, &input).done();
    let more = json!({"feedetail": [{
        "feedetl_sn": "MORE", "mdtrt_id": visit, "psn_no": scene.person, "chrg_bchno": "1", "rx_circ_flag": "0",
        "fee_ocur_time": "2026-11-23 08:00:00", "med_list_codg": scene.item, "medins_list_codg": "YP1",
        "det_item_fee_sumamt": "1.00", "cnt": "1", "pric": "1.00", "hosp_appr_flag": "1", "bilg_dept_codg": "0301",
        "hosp_appr_flag": "1", "bilg_dept_name": "内科门诊", "bilg_dr_codg": "D1", "bilg_dr_name": "王医生",
    }]});
    scene.program.say("2204", &more).done();
    let refused = scene.program.reverse(&scene.person, "2208", &void);
    assert_eq!(refused.code.as_deref(), Some("BILL_CHANGED"), "{}", refused.text);
    let withdraw = json!({"data": {"psn_no": scene.person, "mdtrt_id": visit, "chrg_bchno": "0000"}});
    scene.program.say("2205", &withdraw).done();
    scene
        .program
        .say("2202", &json!({"data": {"psn_no": scene.person, "mdtrt_id": visit, "ipt_otp_no": "x"}}))
        .done();
    let refused = scene.program.reverse(&scene.person, "2208", &void);
    assert_eq!(refused.code.as_deref(), Some("BILL_CHANGED"), "{}", refused.text);
    scene.centre.assert_clean();
}
