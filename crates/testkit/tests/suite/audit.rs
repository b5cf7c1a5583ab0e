//! What is ordered is looked at before it is settled: who meets a rule is warned, and it is kept for an officer.

use centre::{AuditCase, AuditDesk, CaseState, JudgeError, Judgement};
use jiff::civil::datetime;
use money::Money;
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre};
use wire::Language;

const WOMB_SCAN: &str = "009901000223000";
const TOMOGRAPHY: &str = "009901000133000";
const INSULIN: &str = "XA10AEB001A001010199253";
const BLOOD_COUNT: &str = "009902000001000";
const BED: &str = "009906000001000";

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

/// One order of the day: number, item, quantity, yuan.
fn order(number: &str, item: &str, quantity: &str, amount: &str) -> Value {
    let mut order = testkit::filled("3101", &["fsi_order_dtos"])["fsi_order_dtos"][0].clone();
    for (field, text) in [
        ("rx_id", number),
        ("hilist_code", item),
        ("cnt", quantity),
        ("sumamt", amount),
        ("drord_begn_date", "2026-11-23"),
        ("curr_drord_flag", "1"),
    ] {
        order[field] = text.into();
    }
    order
}

impl Scene {
    /// The input of 3101 and 3102 about a visit of that kind of care.
    fn asked(&self, visit: &str, kind: &str, orders: &[Value]) -> Value {
        let mut input = testkit::filled("3101", &["data"]);
        input["data"]["task_id"] = "T7".into();
        let patient = &mut input["data"]["patient_dtos"][0];
        patient["patn_id"] = self.person.as_str().into();
        patient["curr_mdtrt_id"] = visit.into();
        let care = &mut patient["fsi_encounter_dtos"][0];
        for (field, text) in [
            ("mdtrt_id", visit),
            ("adm_date", "2026-11-23"),
            ("dscg_date", "2026-11-23"),
            ("dscg_main_dise_codg", "I10"),
            ("med_type", kind),
        ] {
            care[field] = text.into();
        }
        care["fsi_diagnose_dtos"] = json!([{"dise_codg": "I10", "dise_name": "原发性高血压"}]);
        care["fsi_order_dtos"] = orders.into();
        input
    }

    fn audit(&self, visit: &str, kind: &str, orders: &[Value]) -> Said {
        self.program.say("3101", &self.asked(visit, kind, orders)).done()
    }

    fn met(&self, visit: &str, kind: &str, orders: &[Value]) -> Vec<String> {
        rules(&self.audit(visit, kind, orders))
    }
}

fn rules(said: &Said) -> Vec<String> {
    said.rows("result").iter().map(|hit| hit["rule_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_order_that_meets_a_rule_is_told_with_its_orders_and_kept_once() {
    let scene = scene();
    let visit = scene.program.register(&scene.person);
    let orders = [order("R1", WOMB_SCAN, "1", "65.00"), order("R2", BLOOD_COUNT, "1", "20.00")];
    let said = scene.audit(&visit, "11", &orders);
    let hits = said.rows("result");
    assert_eq!(hits.len(), 1, "{}", said.text);
    let text = |field: &str| hits[0][field].as_str().unwrap().to_owned();
    assert_eq!((text("rule_id"), text("rule_name")), ("SEX-F".into(), "女性专属项目".into()));
    assert_eq!(text("vola_cont"), "子宫附件超声检查:患者为男性 46 岁");
    assert_eq!((hits[0]["vola_amt"].as_f64(), text("vola_amt_stas")), (Some(65.0), "1".into()));
    assert_eq!(
        (text("sev_deg"), text("vola_bhvr_type"), text("task_id")),
        ("1".into(), "03".into(), "T7".into())
    );
    assert_eq!((text("patn_id"), text("mdtrt_id")), (scene.person.clone(), visit.clone()));
    let details = hits[0]["judge_result_detail_dtos"].as_array().unwrap();
    assert_eq!(details.len(), 1);
    assert_eq!((details[0]["rx_id"].as_str(), details[0]["vola_amt"].as_f64()), (Some("R1"), Some(65.0)));

    let during = scene.program.say("3102", &scene.asked(&visit, "11", &orders)).done();
    assert_eq!(during.rows("result")[0]["jr_id"], hits[0]["jr_id"], "met again it is the same hit");
    let english = scene.centre.program("榭岛海员医院");
    let said = english.say("3101", &scene.asked("own-7", "11", &orders)).done();
    assert_eq!(
        said.rows("result")[0]["vola_cont"].as_str(),
        Some("子宫附件超声检查: the patient is male, aged 46"),
        "a visit that is not registered yet"
    );
    scene.centre.assert_clean();
}

#[test]
fn what_was_charged_counts_beside_what_is_ordered() {
    let scene = scene();
    let (visit, _) = scene.program.settle(&scene.person, &[Item::one(BLOOD_COUNT, "20.00")], "20.00");
    let again = order("R1", BLOOD_COUNT, "1", "20.00");
    assert_eq!(
        scene.met(&visit, "11", std::slice::from_ref(&again)),
        [""; 0],
        "what is charged by now was ordered"
    );
    assert_eq!(
        scene.met(&visit, "11", &[again.clone(), order("R2", BLOOD_COUNT, "1", "20.00")]),
        ["DUP-TEST"]
    );
    let next = scene.program.register(&scene.person);
    assert_eq!(scene.met(&next, "11", &[again]), [""; 0], "of another visit");

    let scan = Item::one(TOMOGRAPHY, "150.00");
    let other = scene.centre.program("龙赛医院");
    for _ in 0..3 {
        other.settle(&scene.person, std::slice::from_ref(&scan), "150.00");
    }
    let fourth = order("R3", TOMOGRAPHY, "1", "150.00");
    assert_eq!(
        scene.met(&next, "11", std::slice::from_ref(&fourth)),
        ["FREQ-CT"],
        "wherever the others were"
    );
    let named = |rules: &str| {
        let mut input = scene.asked(&next, "11", &[fourth.clone(), order("R4", INSULIN, "1", "50.62")]);
        input["data"]["rule_ids"] = rules.into();
        rules_of(&scene.program.say("3101", &input).done())
    };
    assert_eq!(named(""), ["FREQ-CT", "USE-INSULIN"]);
    assert_eq!(named("USE-INSULIN,SEX-F"), ["USE-INSULIN"], "only rules that are asked for");
    scene.centre.assert_clean();
}

use rules as rules_of;

#[test]
fn what_was_drafted_or_voided_elsewhere_was_not_given() {
    let scene = scene();
    let other = scene.centre.program("龙赛医院");
    let scan = [Item::one(TOMOGRAPHY, "150.00")];
    let (visit, settled) = other.settle(&scene.person, &scan, "150.00");
    other.settle(&scene.person, &scan, "150.00");
    other.settle(&scene.person, &scan, "150.00");
    other.charge(&scene.person, &scan);
    let next = scene.program.register(&scene.person);
    let fourth = [order("R1", TOMOGRAPHY, "1", "150.00")];
    assert_eq!(scene.met(&next, "11", &fourth), ["FREQ-CT"], "three are settled");
    other.void(&scene.person, &visit, &settled.get("setlinfo", "setl_id")).done();
    assert_eq!(scene.met(&next, "11", &fourth), [""; 0], "two, and one that is only drafted");
    scene.centre.assert_clean();
}

#[test]
fn a_stay_elsewhere_and_a_stay_so_soon_are_seen() {
    let scene = scene();
    let at = |day, hour| datetime(2026, 11, day, hour, 0, 0, 0);
    scene.program.settle_stay(&scene.person, (at(10, 9), at(15, 9)), &[Item::one(BED, "40.00")], "40.00");
    let stay = scene.program.admit(&scene.person, at(20, 9)).done().get("result", "mdtrt_id");
    let order_of = |day: &str| {
        let mut order = order("R1", BLOOD_COUNT, "1", "20.00");
        order["drord_begn_date"] = day.into();
        order
    };
    assert_eq!(scene.met(&stay, "21", &[order_of("2026-11-21")]), ["SPLIT-STAY"]);
    let other = scene.centre.program("龙赛医院");
    let ask_for = |program: &Program| {
        let visit = program.register(&scene.person);
        program.say("3101", &scene.asked(&visit, "11", &[order_of("2026-11-23")])).done()
    };
    let ask = |program: &Program| rules(&ask_for(program));
    let seen = ask_for(&other);
    assert_eq!(rules(&seen), ["TWICE-IN"], "seen elsewhere while the stay goes on");
    let told = seen.rows("result")[0]["vola_cont"].as_str().unwrap().to_owned();
    assert!(told.ends_with("同期在其他医院住院"), "{told}");
    let kept = scene.centre.audit_cases("龙赛医院").remove(0).found;
    assert!(
        kept.told(Language::Zh).ends_with("2026-11-20 至今在 大榭医院 住院"),
        "the officer's case says where"
    );
    scene.program.discharge(&scene.person, &stay, at(23, 7)).done();
    assert_eq!(ask(&other), [""; 0], "discharged on the same day");
    scene.centre.assert_clean();
}

#[test]
fn whoever_asks_wrongly_is_told_why() {
    let scene = scene();
    let visit = scene.program.register(&scene.person);
    let good = scene.asked(&visit, "11", &[order("R1", BLOOD_COUNT, "1", "20.00")]);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut input = good.clone();
        change(&mut input["data"]);
        scene.program.say("3101", &input)
    };
    let patient = |data: &mut Value, field: &str, text: &str| data["patient_dtos"][0][field] = text.into();
    with(&|data| patient(data, "patn_id", "99990000000000000000")).refused("PERSON_UNKNOWN");
    with(&|data| patient(data, "curr_mdtrt_id", "7")).refused("FIELD_INVALID");
    with(&|data| data["patient_dtos"] = json!([])).refused("FIELD_MISSING");
    with(&|data| {
        let twice = data["patient_dtos"][0].clone();
        data["patient_dtos"] = json!([twice.clone(), twice]);
    })
    .refused("FIELD_INVALID");
    with(&|data| patient(data, "patn_name", "")).refused("FIELD_MISSING");
    with(&|data| data["patient_dtos"][0]["fsi_encounter_dtos"][0]["fsi_order_dtos"][0]["cnt"] = "".into())
        .refused("FIELD_MISSING");
    with(&|data| data["patient_dtos"][0]["fsi_encounter_dtos"][0]["med_type"] = "77".into())
        .refused("CODE_UNKNOWN");
    let whose = scene.centre.sample.person("林秀英").number.clone();
    with(&|data| patient(data, "patn_id", &whose)).refused("PERSON_MISMATCH");
    let flat = json!({
        "data": {"syscode": "1"}, "patient_dtos": good["data"]["patient_dtos"].clone(),
    });
    scene.program.say("3101", &flat).done();
    scene.centre.assert_clean();
}

const HERE: &str = "大榭医院";

/// A settled visit with two womb scans at 65.00, each ordered on its own and met: the cases, the first ordered first;
/// what funds paid for it; and its settlement.
fn two_cases(scene: &Scene) -> (Vec<AuditCase>, Money, String) {
    let visit = scene.program.charge(
        &scene.person,
        &[Item::one(WOMB_SCAN, "65.00"), Item::one(TOMOGRAPHY, "150.00"), Item::one(TOMOGRAPHY, "150.00")],
    );
    for number in ["R1", "R2"] {
        scene.audit(&visit, "11", &[order(number, WOMB_SCAN, "1", "65.00")]);
    }
    let said = scene.program.say("2207", &scene.program.bill(&scene.person, &visit, "1", "365.00")).done();
    let mut cases = scene.centre.audit_cases(HERE);
    cases.sort_by(|a, b| a.lines.cmp(&b.lines));
    let paid = said.get("setlinfo", "fund_pay_sumamt").parse().unwrap();
    (cases, paid, said.get("setlinfo", "setl_id"))
}

fn yuan(amount: i64) -> Judgement {
    Judgement::Propose(Money::from_yuan(amount))
}

#[test]
fn a_case_is_explained_judged_by_two_and_deducted_once() {
    let mut scene = scene();
    let (cases, paid, _) = two_cases(&scene);
    assert_eq!((cases.len(), paid > Money::from_yuan(20)), (2, true));
    let bound = paid.min(Money::from_yuan(65));
    let (first, second) = (cases[0].number.clone(), cases[1].number.clone());
    assert_eq!((cases[0].state, cases[0].amount), (CaseState::Raised, Money::from_yuan(65)));
    assert_eq!((cases[0].person.as_str(), &*cases[0].rule.0), (scene.person.as_str(), "SEX-F"));
    let hospital = scene.centre.hospital_id(HERE);
    scene.centre.audit_desk(|desk| {
        let mut does = |number: &str, what: Judgement, by: &str| {
            desk.judge(hospital, number, &what, by, "依据规则").map(|case| case.state)
        };
        assert_eq!(does(&first, Judgement::Ask, "甲").unwrap(), CaseState::Asked);
        assert_eq!(does(&first, Judgement::Appeal, "甲").unwrap(), CaseState::Appealed);
        assert!(matches!(
            does(&first, Judgement::Confirm, "乙"),
            Err(JudgeError::State(CaseState::Appealed))
        ));
        assert!(matches!(does(&first, yuan(66), "甲"), Err(JudgeError::Left(left)) if left == bound));
        assert_eq!(does(&first, yuan(20), "甲").unwrap(), CaseState::Proposed);
        assert!(matches!(does(&first, Judgement::Confirm, "甲"), Err(JudgeError::SamePerson(_))));
        assert_eq!(does(&first, Judgement::Reject, "乙").unwrap(), CaseState::Raised);
        assert_eq!(does(&first, yuan(10), "甲").unwrap(), CaseState::Proposed);
        assert_eq!(does(&first, Judgement::Confirm, "乙").unwrap(), CaseState::Deducted);
        assert!(matches!(does(&first, Judgement::Ask, "甲"), Err(JudgeError::State(CaseState::Deducted))));
        assert_eq!(does(&second, yuan(0), "乙").unwrap(), CaseState::Proposed);
        assert_eq!(does(&second, Judgement::Confirm, "甲").unwrap(), CaseState::Dropped);
        assert!(matches!(does("7-1", Judgement::Ask, "甲"), Err(JudgeError::Unknown(_))));
        assert!(matches!(desk.judge(hospital, &second, &Judgement::Ask, "", "x"), Err(JudgeError::Unsaid)));
    });
    let case = scene.centre.audit_cases(HERE).into_iter().find(|case| case.number == first).unwrap();
    assert_eq!((case.deduction, case.steps.len()), (Money::from_yuan(10), 6));
    assert!(case.steps[5].starts_with("2026-11-23 ") && case.steps[5].contains("复审同意 confirmed 乙"));
    scene.program = scene.centre.program(HERE);
    scene.audit(&case.visit, "11", &[order("R1", WOMB_SCAN, "2", "130.00")]);
    let again = scene.centre.audit_cases(HERE).into_iter().find(|case| case.number == first).unwrap();
    assert_eq!(again, case, "what was judged stays as it was");
    scene.centre.assert_clean();
}

#[test]
fn no_more_is_deducted_than_a_fund_paid() {
    let mut scene = scene();
    let (cases, paid, _) = two_cases(&scene);
    let hospital = scene.centre.hospital_id(HERE);
    let visit = scene.program.register(&scene.person);
    scene.audit(&visit, "11", &[order("R9", WOMB_SCAN, "1", "65.00")]);
    let unsettled = scene.centre.audit_cases(HERE).into_iter().find(|case| case.visit == visit).unwrap();
    scene.centre.audit_desk(|desk| {
        let left = |desk: &mut AuditDesk<'_>, number: &str| {
            let refused = desk.judge(hospital, number, &yuan(10_000), "甲", "依据规则").unwrap_err();
            let JudgeError::Left(left) = refused else { panic!("{refused}") };
            left
        };
        assert_eq!(left(desk, &unsettled.number), Money::ZERO, "nothing is paid yet");
        assert_eq!(left(desk, &cases[0].number), paid.min(Money::from_yuan(65)));
    });
    scene.centre.assert_clean();
}

#[test]
fn what_is_met_again_adds_to_a_case_and_takes_nothing_away() {
    let mut scene = scene();
    let (cases, ..) = two_cases(&scene);
    let (hospital, first) = (scene.centre.hospital_id(HERE), cases[0].clone());
    scene.centre.audit_desk(|desk| {
        desk.judge(hospital, &first.number, &yuan(10), "甲", "依据规则").unwrap();
        desk.judge(hospital, &first.number, &Judgement::Reject, "乙", "再议").unwrap();
    });
    scene.program = scene.centre.program(HERE);
    let met = |scene: &Scene, orders: &[Value]| {
        scene.audit(&first.visit, "11", orders);
        let cases = scene.centre.audit_cases(HERE);
        cases.into_iter().find(|case| case.number == first.number).unwrap()
    };
    let cheap = met(&scene, &[order("R1", WOMB_SCAN, "1", "0.01")]);
    assert_eq!(
        (cheap.amount, cheap.steps.len()),
        (first.amount, 2),
        "neither its amount nor what was said of it"
    );
    let more = met(&scene, &[order("R1", WOMB_SCAN, "1", "65.00"), order("R5", WOMB_SCAN, "1", "70.00")]);
    assert_eq!(
        (more.amount, more.lines, more.steps.len()),
        (Money::from_yuan(135), vec!["R1".into(), "R5".into()], 2)
    );
    scene.centre.audit_desk(|desk| {
        desk.judge(hospital, &first.number, &Judgement::Ask, "甲", "请说明").unwrap();
    });
    scene.program = scene.centre.program(HERE);
    let asked = met(&scene, &[order("R1", WOMB_SCAN, "1", "65.00"), order("R6", WOMB_SCAN, "1", "70.00")]);
    assert_eq!((asked.state, asked.lines.len()), (CaseState::Asked, 2), "what an officer has taken up");
    let cases = scene.centre.audit_cases(HERE);
    let other = cases.iter().find(|case| case.lines == ["R6"]).unwrap();
    assert_eq!(other.state, CaseState::Raised, "the line behind it is a case of its own");
    scene.centre.assert_clean();
}

#[test]
fn nothing_is_deducted_below_nothing_or_of_a_bill_that_is_voided() {
    let mut scene = scene();
    let (cases, _, settlement) = two_cases(&scene);
    let (hospital, first) = (scene.centre.hospital_id(HERE), cases[0].clone());
    scene.centre.audit_desk(|desk| {
        let below = desk.judge(hospital, &first.number, &yuan(-5), "甲", "依据规则");
        assert!(matches!(below, Err(JudgeError::BelowNothing)));
        desk.judge(hospital, &first.number, &yuan(10), "甲", "依据规则").unwrap();
        let same = desk.judge(hospital, &first.number, &Judgement::Confirm, "甲 ", "");
        assert!(matches!(same, Err(JudgeError::SamePerson(_))));
    });
    scene.centre.clock.set(datetime(2026, 11, 23, 15, 0, 0, 0));
    let program = scene.centre.program(HERE);
    program.void(&scene.person, &first.visit, &settlement).done();
    scene.centre.audit_desk(|desk| {
        let late = desk.judge(hospital, &first.number, &Judgement::Confirm, "乙", "");
        assert!(matches!(late, Err(JudgeError::Left(left)) if left.is_zero()));
    });
    scene.centre.assert_clean();
}

#[test]
fn a_number_is_one_however_it_is_written_and_none_is_without_bounds() {
    let scene = scene();
    let visit = scene.program.register(&scene.person);
    let orders = [order("R1", WOMB_SCAN, "1", "65.00")];
    scene.audit(&visit, "11", &orders);
    let written = scene.audit(&format!("0{visit}"), "11", &orders);
    assert_eq!(
        written.rows("result")[0]["mdtrt_id"].as_str(),
        Some(&*format!("0{visit}")),
        "as it was asked"
    );
    scene.audit("own-7", "11", &orders);
    let mut visits: Vec<String> = scene.centre.audit_cases(HERE).into_iter().map(|case| case.visit).collect();
    visits.sort();
    let mut wanted = vec![visit.clone(), format!("{} own-7", scene.person)];
    wanted.sort();
    assert_eq!(visits, wanted);
    for (quantity, amount) in
        [("99999999999999", "1.00"), ("1", "-1.00"), ("-1", "1.00"), ("1", "99999999999.00")]
    {
        let input = scene.asked(&visit, "11", &[order("R1", WOMB_SCAN, quantity, amount)]);
        scene.program.say("3101", &input).refused("FIELD_INVALID");
    }
    scene.centre.assert_clean();
}
