//! Stays: admission, fees, discharge, settlement, and what undoes them; the checked bills to the fen.

use jiff::civil::{DateTime, datetime};
use serde_json::json;
use testkit::{Item, Program, Said, TestCentre};

fn number(centre: &TestCentre, name: &str) -> String {
    centre.sample.person(name).number.clone()
}

fn check(said: &Said, figures: &[(&str, &str)]) {
    for (field, amount) in figures {
        assert_eq!(said.get("setlinfo", field), *amount, "{field} in {}", said.text);
    }
}

fn days(begins: DateTime, ends: DateTime) -> (DateTime, DateTime) {
    (begins, ends)
}

/// An item of class A that is charged at any price.
fn plain(centre: &TestCentre, price: &str) -> Item {
    Item::one(centre.item("椎管内麻醉(2小时内)"), price)
}

const JUNE: (DateTime, DateTime) = (datetime(2001, 6, 8, 9, 0, 0, 0), datetime(2001, 6, 20, 10, 0, 0, 0));

#[test]
fn a1_the_first_stay_of_2001_in_a_third_level_hospital() {
    let centre = TestCentre::start(50);
    let (program, person) = (centre.program("澜州市第一医院"), number(&centre, "钱守仁"));
    let bed = Item {
        code: centre.item("五人及以上多人间床位费").to_owned(),
        price: "35".into(),
        quantity: "12".into(),
        amount: "420".into(),
    };
    let items = [
        Item::one(centre.item("铝碳酸镁混悬液"), "650"),
        bed,
        Item::one(centre.item("注射用兰索拉唑"), "4000"),
        Item::one(centre.item("心脏电生理检查"), "1500"),
        plain(&centre, "12080"),
    ];
    let (stay, said) = program.settle_stay(&person, JUNE, &items, "18650.00");
    check(
        &said,
        &[
            ("fulamt_ownpay_amt", "650.00"),
            ("overlmt_selfpay", "60.00"),
            ("preselfpay_amt", "625.00"),
            ("inscp_scp_amt", "17315.00"),
            ("act_pay_dedc", "1200.00"),
            ("hifp_pay", "13067.75"),
            ("acct_pay", "420.00"),
            ("psn_cash_pay", "5162.25"),
            ("balc", "0.00"),
        ],
    );
    assert_eq!(program.void_stay(&person, &stay, &said.get("setlinfo", "setl_id")).code, None);
    centre.assert_clean();
}

#[test]
fn a2_the_second_stay_of_the_year_has_a_lower_deductible() {
    let centre = TestCentre::start(50);
    let (program, person) = (centre.program("澜州市第一医院"), number(&centre, "冯桂芳"));
    program.settle_stay(&person, JUNE, &[plain(&centre, "900")], "900.00");
    let august = days(datetime(2001, 8, 20, 9, 0, 0, 0), datetime(2001, 9, 3, 10, 0, 0, 0));
    let (_, said) = program.settle_stay(&person, august, &[plain(&centre, "8000")], "8000.00");
    let figures = [
        ("act_pay_dedc", "960.00"),
        ("hifp_pay", "6074.00"),
        ("acct_pay", "0.00"),
        ("psn_cash_pay", "1926.00"),
    ];
    check(&said, &figures);
    centre.assert_clean();
}

#[test]
fn b4_an_unfiled_stay_in_the_neighbour_city() {
    let centre = TestCentre::start(50);
    let (program, person) = (centre.program("邻州市人民医院"), number(&centre, "马国梁"));
    let may = days(datetime(2026, 5, 4, 9, 0, 0, 0), datetime(2026, 5, 12, 10, 0, 0, 0));
    let (_, said) = program.settle_stay(&person, may, &[plain(&centre, "20000")], "20000.00");
    let figures = [
        ("preselfpay_amt", "4000.00"),
        ("act_pay_dedc", "1500.00"),
        ("hifp_pay", "12325.00"),
        ("psn_part_amt", "7675.00"),
    ];
    check(&said, &figures);
    centre.assert_clean();
}

/// Admits for a disease, under a kind of care, and settles: what 2304 said.
fn settle_for(program: &Program, person: &str, care: &str, disease: &str, item: Item, total: &str) -> Said {
    let begins = datetime(2026, 11, 22, 9, 0, 0, 0);
    let mut admission = program.admit_request(person, "ZY1", begins);
    admission["mdtrtinfo"]["med_type"] = care.into();
    admission["mdtrtinfo"]["dise_codg"] = disease.into();
    let stay = program.say("2401", &admission).done().get("result", "mdtrt_id");
    program.stay_fees(person, &stay, begins, &[item]).done();
    program.discharge(person, &stay, datetime(2026, 11, 23, 8, 0, 0, 0)).done();
    program.say("2304", &program.stay_bill(person, &stay, total)).done()
}

#[test]
fn b5_a_package_whose_difference_the_hospital_bears() {
    let centre = TestCentre::start(50);
    let (program, person) = (centre.program("澜州市第一医院"), number(&centre, "陈志远"));
    let said = settle_for(&program, &person, "28", "H25.9", plain(&centre, "6000"), "6000.00");
    let figures = [("psn_part_amt", "1040.00"), ("hifp_pay", "4160.00"), ("hosp_part_amt", "800.00")];
    check(&said, &figures);
    centre.assert_clean();
}

#[test]
fn b7_a_delivery_is_paid_a_fixed_amount() {
    let centre = TestCentre::start(50);
    let (program, person) = (centre.program("澜州市第一医院"), number(&centre, "何雨桐"));
    let said = settle_for(&program, &person, "52", "O80", plain(&centre, "6800"), "6800.00");
    check(&said, &[("hifp_pay", "3500.00"), ("psn_part_amt", "3300.00"), ("hosp_part_amt", "0.00")]);
    centre.assert_clean();
}

/// A person of the crowd, in hospital since two days.
fn admitted(centre: &TestCentre) -> (Program, String, String) {
    let program = centre.program("大榭医院");
    let person = number(centre, "王建国");
    let stay = program.admit(&person, datetime(2026, 11, 21, 9, 0, 0, 0)).done().get("result", "mdtrt_id");
    (program, person, stay)
}

fn refused(said: &Said, code: &str) {
    assert_eq!(said.code.as_deref(), Some(code), "{}", said.text);
}

#[test]
fn a_stay_is_settled_after_its_discharge_and_takes_no_line_behind_it() {
    let centre = TestCentre::start(50);
    let (program, person, stay) = admitted(&centre);
    let morning = datetime(2026, 11, 22, 8, 30, 0, 0);
    refused(&program.discharge("99010000000000009999", &stay, morning), "PERSON_UNKNOWN");
    let bill = program.stay_bill(&person, &stay, "3000.00");
    refused(&program.say("2304", &bill), "VISIT_WRONG_STATE");
    program.stay_fees(&person, &stay, morning, &[plain(&centre, "3000")]).done();
    let trial = program.say("2303", &bill).done();
    refused(&program.discharge(&person, &stay, datetime(2026, 11, 21, 10, 0, 0, 0)), "DATE_OUT_OF_RANGE");
    program.discharge(&person, &stay, datetime(2026, 11, 23, 8, 0, 0, 0)).done();
    refused(&program.discharge(&person, &stay, datetime(2026, 11, 23, 8, 0, 0, 0)), "VISIT_WRONG_STATE");
    refused(&program.stay_fees(&person, &stay, morning, &[plain(&centre, "1")]), "VISIT_WRONG_STATE");
    refused(&program.say("2304", &program.interim_bill(&person, &stay, "3000.00")), "VISIT_WRONG_STATE");
    let said = program.say("2304", &bill).done();
    assert_eq!(trial.get("setlinfo", "hifp_pay"), said.get("setlinfo", "hifp_pay"));
    refused(&program.say("2304", &bill), "ALREADY_SETTLED");
    centre.assert_clean();
}

#[test]
fn a_stay_over_the_year_has_the_deductible_of_the_admission_it_was() {
    let centre = TestCentre::start(50);
    let (program, person) = (centre.program("澜州市第一医院"), number(&centre, "冯桂芳"));
    program.settle_stay(&person, JUNE, &[plain(&centre, "3000")], "3000.00");
    // The second of 2001, × 0.8; of 2002 it would be the first, 1,200.00.
    let over = days(datetime(2001, 12, 20, 9, 0, 0, 0), datetime(2002, 1, 10, 10, 0, 0, 0));
    let (_, said) = program.settle_stay(&person, over, &[plain(&centre, "3000")], "3000.00");
    check(&said, &[("act_pay_dedc", "960.00")]);
    centre.assert_clean();
}

#[test]
fn transactions_of_visits_do_not_work_on_stays_nor_the_other_way_round() {
    let centre = TestCentre::start(50);
    let (program, person, stay) = admitted(&centre);
    refused(
        &program.say("2204", &program.fees(&person, &stay, "1", &[plain(&centre, "10")])),
        "VISIT_WRONG_STATE",
    );
    refused(&program.say("2207", &program.bill(&person, &stay, "1", "10.00")), "VISIT_WRONG_STATE");
    let (visit, said) = program.settle(&person, &[plain(&centre, "10")], "10.00");
    refused(
        &program.stay_fees(&person, &visit, datetime(2026, 11, 23, 8, 0, 0, 0), &[plain(&centre, "1")]),
        "VISIT_WRONG_STATE",
    );
    refused(&program.void_stay(&person, &visit, &said.get("setlinfo", "setl_id")), "VISIT_WRONG_STATE");
    centre.assert_clean();
}

#[test]
fn nobody_lies_in_two_hospitals_and_a_retried_admission_is_one() {
    let centre = TestCentre::start(50);
    let (_, person, stay) = admitted(&centre);
    let other = centre.program("龙赛医院");
    let elsewhere = other.admit(&person, datetime(2026, 11, 22, 9, 0, 0, 0));
    refused(&elsewhere, "IN_HOSPITAL_ELSEWHERE");
    assert!(
        elsewhere.text.contains("大榭医院") && elsewhere.text.contains("2026-11-21"),
        "{}",
        elsewhere.text
    );
    let number = number(&centre, "何雨桐");
    let begins = datetime(2026, 11, 22, 9, 0, 0, 0);
    let first = other.admit_as(&number, "ZY77", begins).done().get("result", "mdtrt_id");
    let again = other.admit_as(&number, "ZY77", begins).done().get("result", "mdtrt_id");
    assert_eq!(first, again);
    assert_ne!(first, stay);
    centre.assert_clean();
}

#[test]
fn an_admission_whose_reply_was_lost_is_taken_back_while_nothing_hangs_on_it() {
    let centre = TestCentre::start(50);
    let (program, person) = (centre.program("大榭医院"), number(&centre, "王建国"));
    let begins = datetime(2026, 11, 22, 9, 0, 0, 0);
    let admission = program.admit_request(&person, "ZY1", begins);
    let stay =
        program.say_as("2401", "H9901050000120261123080000000A", &admission).done().get("result", "mdtrt_id");
    program.stay_fees(&person, &stay, begins, &[plain(&centre, "10")]).done();
    refused(&program.reverse(&person, "2401", "H9901050000120261123080000000A"), "UNDO_FIRST");
    let (other, second) = (centre.program("龙赛医院"), number(&centre, "何雨桐"));
    let admission = other.admit_request(&second, "ZY2", begins);
    other.say_as("2401", "H9901030000220261123080000000B", &admission).done();
    other.reverse(&second, "2401", "H9901030000220261123080000000B").done();
    assert_eq!(
        other.outcome("2401", "H9901030000220261123080000000B").get("result", "outcome"),
        "taken back"
    );
    centre.program("澜州市第一医院").admit(&second, begins).done();
    centre.assert_clean();
}

#[test]
fn a_stay_is_undone_step_by_step_and_each_step_names_the_one_before() {
    let centre = TestCentre::start(50);
    let (program, person, stay) = admitted(&centre);
    let served = datetime(2026, 11, 22, 8, 30, 0, 0);
    program.stay_fees(&person, &stay, served, &[plain(&centre, "30"), plain(&centre, "20")]).done();
    // A line too many is withdrawn by its number.
    let withdraw = |line: &str| json!({"data": [{"feedetl_sn": line, "mdtrt_id": stay, "psn_no": person}]});
    program.say("2302", &withdraw("1-1")).done();
    program.discharge(&person, &stay, datetime(2026, 11, 23, 8, 0, 0, 0)).done();
    let said = program.say("2304", &program.stay_bill(&person, &stay, "30.00")).done();
    let of_stay = json!({"data": {"mdtrt_id": stay, "psn_no": person}});
    let undo_first = |infno: &str, step: &str| {
        let refused_step = program.say(infno, &of_stay);
        refused(&refused_step, "UNDO_FIRST");
        assert!(refused_step.text.contains(step), "{}", refused_step.text);
    };
    undo_first("2405", "须先用 2305 撤销住院结算");
    undo_first("2404", "须先用 2305 撤销住院结算");
    program.void_stay(&person, &stay, &said.get("setlinfo", "setl_id")).done();
    undo_first("2404", "须先用 2405 撤销出院");
    refused(&program.say("2302", &withdraw("0000")), "VISIT_WRONG_STATE");
    program.say("2405", &of_stay).done();
    undo_first("2404", "须先用 2302 撤销住院费用明细");
    program.say("2302", &withdraw("0000")).done();
    program.say("2404", &of_stay).done();
    refused(&program.say("2404", &of_stay), "VISIT_WRONG_STATE");
    centre.program("龙赛医院").admit(&person, served).done();
    centre.assert_clean();
}

#[test]
fn a_discharge_is_not_taken_back_while_the_person_lies_elsewhere() {
    let centre = TestCentre::start(50);
    let (program, person, stay) = admitted(&centre);
    program.discharge(&person, &stay, datetime(2026, 11, 22, 9, 0, 0, 0)).done();
    centre.program("龙赛医院").admit(&person, datetime(2026, 11, 22, 10, 0, 0, 0)).done();
    let again = program.say("2405", &json!({"data": {"mdtrt_id": stay, "psn_no": person}}));
    refused(&again, "IN_HOSPITAL_ELSEWHERE");
    centre.assert_clean();
}

/// A stay is not the one before itself, however short it is; and a second one on the same day is another admission where
/// the edition says nothing of readmissions.
#[test]
fn the_shortest_stay_has_its_deductible_and_so_has_the_next() {
    let centre = TestCentre::start(50);
    let (program, person) = (centre.program("澜州市第一医院"), number(&centre, "冯桂芳"));
    let at = |hour| datetime(2026, 11, 20, hour, 0, 0, 0);
    let deductible = |hour: i8| {
        let moment = days(at(hour), at(hour));
        let (_, said) = program.settle_stay(&person, moment, &[plain(&centre, "9000")], "9000.00");
        said.get("setlinfo", "act_pay_dedc").parse::<money::Money>().expect("an amount")
    };
    let first = deductible(9);
    assert!(!first.is_zero(), "it begins and ends in the same minute");
    let second = deductible(10);
    assert!(!second.is_zero() && second < first, "the second admission of the year: {first}, {second}");
    centre.assert_clean();
}

#[test]
fn the_same_hospital_again_within_fifteen_days_has_no_further_deductible() {
    let centre = TestCentre::start(50);
    let (program, person) = (centre.program("澜州市第一医院"), number(&centre, "冯桂芳"));
    let (_, first) = program.settle_stay(&person, JUNE, &[plain(&centre, "3000")], "3000.00");
    check(&first, &[("act_pay_dedc", "1200.00")]);
    let soon = days(datetime(2001, 7, 5, 9, 0, 0, 0), datetime(2001, 7, 9, 10, 0, 0, 0));
    let (_, again) = program.settle_stay(&person, soon, &[plain(&centre, "3000")], "3000.00");
    check(&again, &[("act_pay_dedc", "0.00")]);
    // Sixteen days behind the second: the third admission's deductible.
    let later = days(datetime(2001, 7, 25, 9, 0, 0, 0), datetime(2001, 7, 29, 10, 0, 0, 0));
    let (_, third) = program.settle_stay(&person, later, &[plain(&centre, "3000")], "3000.00");
    check(&third, &[("act_pay_dedc", "720.00")]);
    centre.assert_clean();
}

/// 2501: from one institution to another.
fn send_on(person: &str, from: &Program, to: &Program, day: &str) {
    let to = to.hospital();
    let referral = json!({"refmedin": {
        "psn_no": person, "insutype": "310", "diag_code": "J18.9", "diag_name": "肺炎", "insu_optins": "990100",
        "dise_cond_dscr": "病情变化", "reflin_medins_no": to.code, "reflin_medins_name": to.name,
        "mdtrtarea_admdvs": to.division, "refl_type": "1", "refl_date": day, "refl_rea": "转院", "refl_opnn": "同意",
    }});
    from.say("2501", &referral).done();
}

#[test]
fn who_is_sent_up_pays_the_difference_of_the_deductible_and_who_is_sent_down_none() {
    let mut centre = TestCentre::start(50);
    for hospital in ["大榭医院", "澜州市第一医院"] {
        centre.set_profile(hospital, "backdate_days=10000 traces=warn");
    }
    let person = number(&centre, "冯桂芳");
    let (below, above) = (centre.program("大榭医院"), centre.program("澜州市第一医院"));
    let send_on = |from: &Program, to: &Program, day: &str| send_on(&person, from, to, day);
    let in_june =
        |from: i8, to: i8| days(datetime(2001, 6, from, 9, 0, 0, 0), datetime(2001, 6, to, 10, 0, 0, 0));
    let stay = |program: &Program, days: (DateTime, DateTime)| {
        program.settle_stay(&person, days, &[plain(&centre, "3000")], "3000.00").1
    };
    let first = stay(&below, in_june(1, 8));
    check(&first, &[("act_pay_dedc", "960.00")]);
    send_on(&below, &above, "2001-06-08");
    let up = stay(&above, in_june(9, 15));
    check(&up, &[("act_pay_dedc", "240.00"), ("hifp_pay", "2346.00")]);
    send_on(&above, &below, "2001-06-15");
    let down = stay(&below, in_june(16, 20));
    check(&down, &[("act_pay_dedc", "0.00")]);
    // The first referral is still on file.
    let up_again = stay(&above, in_june(21, 25));
    check(&up_again, &[("act_pay_dedc", "0.00")]);
    // Nobody sent on, a month later: all of that was one admission.
    let later = days(datetime(2001, 7, 25, 9, 0, 0, 0), datetime(2001, 7, 29, 10, 0, 0, 0));
    check(&stay(&below, later), &[("act_pay_dedc", "768.00")]);
    // Weeks after a stay below, it follows none.
    let stays =
        |from: i8, to: i8| days(datetime(2001, 9, from, 9, 0, 0, 0), datetime(2001, 9, to, 10, 0, 0, 0));
    check(&stay(&above, stays(1, 3)), &[("act_pay_dedc", "720.00")]);
    centre.assert_clean();
}

#[test]
fn where_an_edition_says_nothing_of_referrals_each_stay_is_an_admission_of_its_own() {
    let centre = TestCentre::start(50);
    let person = number(&centre, "王建国");
    let (below, above) = (centre.program("大榭医院"), centre.program("澜州市第一医院"));
    let stay = |program: &Program, from: i8, to: i8| {
        let days = days(datetime(2026, 11, from, 9, 0, 0, 0), datetime(2026, 11, to, 10, 0, 0, 0));
        program.settle_stay(&person, days, &[plain(&centre, "3000")], "3000.00").1
    };
    check(&stay(&below, 1, 8), &[("act_pay_dedc", "600.00")]);
    send_on(&person, &below, &above, "2026-11-08");
    check(&stay(&above, 9, 15), &[("act_pay_dedc", "500.00")]);
    centre.assert_clean();
}

#[test]
fn emergency_care_of_three_days_and_tests_of_seven_join_the_stay_and_nothing_else_does() {
    let centre = TestCentre::start(50);
    let (program, person, stay) = admitted(&centre);
    let at = |day: i8, hour: i8| datetime(2026, 11, day, hour, 0, 0, 0);
    let test = Item::one(centre.item("血常规(五分类)"), "20");
    let fees = |part: &str, served: DateTime, item: Item| {
        program.more_stay_fees(&person, &stay, part, served, &[item])
    };
    fees("1", at(18, 9), plain(&centre, "300")).done();
    let early = fees("2", at(18, 8), plain(&centre, "300"));
    refused(&early, "LINE_DATE");
    assert!(early.text.contains("应在 2026-11-18 09:00:00 至"), "{}", early.text);
    fees("3", at(14, 7), test.clone()).done();
    refused(&fees("4", at(13, 20), test), "LINE_DATE");
    fees("5", at(22, 8), plain(&centre, "680")).done();
    program.discharge(&person, &stay, at(23, 8)).done();
    let said = program.say("2304", &program.stay_bill(&person, &stay, "1000.00")).done();
    check(&said, &[("medfee_sumamt", "1000.00"), ("act_pay_dedc", "600.00")]);
    centre.assert_clean();
}
