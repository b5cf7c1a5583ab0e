//! Institutions that speak otherwise than the table: by names, codes and ways of counting of their own.

use jiff::civil::datetime;
use serde_json::{Value, json};
use testkit::{Item, Program, TestCentre};

struct Scene {
    centre: TestCentre,
    person: String,
    visit: String,
}

/// An outpatient whose bill of 20 yuan is charged, told in the names and codes of the province.
fn scene(profile: &str) -> (Scene, Program) {
    let mut centre = TestCentre::start(50);
    let person = centre.sample.person("王建国").number.clone();
    let visit = centre.program("大榭医院").register(&person);
    centre.set_profile("大榭医院", profile);
    centre.clock.set(datetime(2026, 11, 23, 8, 10, 0, 0));
    let program = centre.program("大榭医院");
    let national = program.visit_request(&person, &visit);
    let mut told = json!({"jzxx": national["mdtrtinfo"], "zdxx": national["diseinfo"]});
    rename(&mut told["jzxx"], &[("psn_no", "AAC001"), ("mdtrt_id", "akc190"), ("med_type", "aka130")]);
    told["jzxx"]["aka130"] = "110".into();
    program.say("2203", &told).done();
    let blood = centre.item("血常规(五分类)");
    let fees = program.fees(&person, &visit, "1", &[Item::one(blood, "20.00")]);
    let mut told = json!({"feeList": fees["feedetail"]});
    rename(
        &mut told["feeList"][0],
        &[("med_list_codg", "akc515"), ("cnt", "akc226"), ("pric", "akc225"), ("psn_no", "aac001")],
    );
    // Some send the input as a text.
    program.say("2204", &told.to_string().into()).done();
    (Scene { centre, person, visit }, program)
}

fn rename(object: &mut Value, names: &[(&str, &str)]) {
    let members = object.as_object_mut().expect("an object");
    for (ours, theirs) in names {
        let value = members.remove(*ours).unwrap_or_else(|| panic!("there is no {ours}"));
        members.insert((*theirs).to_owned(), value);
    }
}

#[test]
fn a_bill_in_the_words_of_the_province_is_a_bill() {
    let (Scene { centre, person, visit }, program) = scene("dialect=provincial");
    let msgid = program.msgid();
    let national = program.bill(&person, &visit, "1", "20.00");
    let mut told = json!({"jsxx": national["data"]});
    rename(&mut told["jsxx"], &[("psn_no", "aac001"), ("mdtrt_id", "akc190"), ("med_type", "aka130")]);
    told["jsxx"]["aka130"] = "110".into();
    let said = program.say_as("2207", &msgid, &told).done();
    let of = |field: &str| said.get("jsjg", field);
    assert_eq!((of("akc264"), of("aka130"), of("aac001")), ("20.00".into(), "110".into(), person.clone()));
    assert!(!said.text.contains("setlinfo") && said.text.contains("setldetail"), "{}", said.text);
    let again = program.say_as("2207", &msgid, &national).done();
    assert!(again.replayed && again.text == said.text, "in either words it is the same message");
    let lines = program.say("5204", &json!({"data": {"aac001": person, "akc190": visit}})).done();
    let line = |field: &str| lines.get("output", field);
    assert_eq!((line("akc190"), line("med_type"), line("pric")), (visit, "110".into(), "20.000000".into()));
    centre.assert_clean();
}

#[test]
fn who_has_no_dialect_is_not_understood_in_it() {
    let centre = TestCentre::start(50);
    let program = centre.program("大榭医院");
    let person = centre.sample.person("王建国").number.clone();
    let visit = program.register(&person);
    let national = program.visit_request(&person, &visit);
    let told = json!({"jzxx": national["mdtrtinfo"], "zdxx": national["diseinfo"]});
    program.say("2203", &told).refused("FIELD_MISSING");
    centre.assert_clean();
}

#[test]
fn sums_are_counted_as_the_profile_says_where_the_message_does_not() {
    let (Scene { centre, person, visit }, program) =
        scene("dialect=provincial refunds=apart funds=with_account");
    let said = program.say("2207", &program.bill(&person, &visit, "1", "20.00")).done();
    let of = |field: &str| said.get("jsjg", field).parse::<money::Money>().unwrap();
    let (total, funds, account) = (of("akc264"), of("ake039"), of("akb066"));
    assert!(account > money::Money::ZERO, "the account pays a part");
    let settlement = said.get("jsjg", "setl_id");
    program.void(&person, &visit, &settlement).done();
    let compare = |funds: money::Money, refunds: &str| {
        let said = program.say("3201", &json!({"data": {
            "insutype": "310", "clr_type": "1", "setl_optins": "990100", "stmt_begndate": "2026-11-23",
            "stmt_enddate": "2026-11-23", "medfee_sumamt": total.to_string(), "fund_pay_sumamt": funds.to_string(),
            "acct_pay": account.to_string(), "fixmedins_setl_cnt": 1, "refd_setl_flag": refunds,
        }}));
        let said = said.done();
        (said.get("stmtinfo", "stmt_rslt"), said.get("stmtinfo", "stmt_rslt_dscr"))
    };
    assert_eq!(compare(funds + account, ""), ("0".into(), "一致".into()));
    let (result, told) = compare(funds, "");
    assert!(result == "1" && told.ends_with("按贵方约定,基金支付应含个人账户"), "{told}");
    assert_eq!(compare(funds + account, "1").0, "1", "what the message says goes before");
    let row = format!(
        "{person}\t{visit}\t{settlement}\t{}\t0\t{total}\t{}\t{account}\n",
        said.get("jsjg", "medins_setl_id"),
        funds + account
    );
    let file = program.upload("day.txt", row.as_bytes());
    let rows = program.say(
        "3202",
        &json!({"data": {
            "setl_optins": "990100", "file_qury_no": file, "stmt_begndate": "2026-11-23",
            "stmt_enddate": "2026-11-23", "medfee_sumamt": total.to_string(),
            "fund_pay_sumamt": (funds + account).to_string(), "cash_payamt": "0", "fixmedins_setl_cnt": 1,
            "clr_type": "1",
        }}),
    );
    let rows = rows.done();
    let listed = program.fetch(&rows.get("fileinfo", "file_qury_no")).expect("a list");
    assert_eq!(wire::text_of(&listed).unwrap(), "", "nothing differs");
    centre.assert_clean();
}
