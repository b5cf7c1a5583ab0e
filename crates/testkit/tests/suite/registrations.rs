//! Registrations: when a second one is the first again, when it opens a visit of its own, and on which days it may be.

use jiff::ToSpan;
use jiff::civil::{DateTime, datetime};
use serde_json::json;
use testkit::{Item, Program, Said, TestCentre};
use wire::print_time;

const MORNING: DateTime = datetime(2026, 11, 23, 8, 0, 0, 0);

/// 2201 under the hospital's own number, with a new message id.
fn try_register(program: &Program, person: &str, number: &str, begins: DateTime) -> Said {
    let input = json!({"data": {
        "psn_no": person, "insutype": "310", "begntime": print_time(begins), "mdtrt_cert_type": "02",
        "mdtrt_cert_no": "x", "ipt_otp_no": number, "atddr_no": "D1", "dr_name": "王医生",
        "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03",
    }});
    program.say("2201", &input)
}

fn register(program: &Program, person: &str, number: &str, begins: DateTime) -> Said {
    try_register(program, person, number, begins).done()
}

#[test]
fn a_number_kept_for_ever_opens_a_visit_for_each_person_and_day() {
    let centre = TestCentre::start(60);
    let program = centre.program("澜州市第一医院");
    let person = centre.sample.persons[30].enrolment.number.clone();
    let visit = |person: &str, begins| register(&program, person, "MZ000815", begins).get("data", "mdtrt_id");
    let first = visit(&person, MORNING);
    let minutes_later = MORNING.saturating_add(5.minutes());
    assert_eq!(visit(&person, minutes_later), first, "the same day: a retry under a new id");
    let other = &centre.sample.persons[31].enrolment.number;
    assert_ne!(visit(other, MORNING), first, "another person");
    let yesterday = MORNING.saturating_sub(1.day());
    let before = visit(&person, yesterday);
    assert_ne!(before, first, "another day");
    assert_eq!(visit(&person, yesterday), before);
    assert_eq!(visit(&person, MORNING), first, "each day has its own");
    centre.assert_clean();
}

#[test]
fn a_refused_date_is_told_as_the_interface_writes_dates() {
    let centre = TestCentre::start(60);
    let program = centre.program("澜州市第一医院");
    let person = centre.sample.persons[30].enrolment.number.clone();
    let tomorrow = try_register(&program, &person, "MZ1", MORNING.saturating_add(1.day()));
    assert_eq!(tomorrow.code.as_deref(), Some("DATE_OUT_OF_RANGE"));
    let told = "就诊日期 2026-11-24 08:00:00 不在 1999-07-08 至 2026-11-23 08:10:00 之间";
    assert!(tomorrow.text.contains(told), "{}", tomorrow.text);
    let visit = program.register(&person);
    let mut early = program.fees(&person, &visit, "1", &[Item::one("X", "1.00")]);
    early["feedetail"][0]["fee_ocur_time"] = "2026-11-22T23:59:59".into();
    let early = program.say("2204", &early);
    assert_eq!(early.code.as_deref(), Some("LINE_DATE"));
    let told = "日期 2026-11-22 23:59:59 超出就诊期间,应在 2026-11-23 至 2026-11-23 08:10:00 之间";
    assert!(early.text.contains(told), "{}", early.text);
    let stay = program.admit(&person, MORNING.saturating_sub(1.day())).done().get("result", "mdtrt_id");
    let late = program.discharge(&person, &stay, MORNING.saturating_add(1.day()));
    assert_eq!(late.code.as_deref(), Some("DATE_OUT_OF_RANGE"));
    let told = "2026-11-24 08:00:00 不在 2026-11-22 08:00:00 至 2026-11-23 08:10:00 之间";
    assert!(late.text.contains(told), "{}", late.text);
}
