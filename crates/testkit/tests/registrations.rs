//! Registrations: when a second one is the first again, and when it opens a visit of its own.

use jiff::ToSpan;
use jiff::civil::{DateTime, datetime};
use serde_json::json;
use testkit::{Program, Said, TestCentre};
use wire::print_time;

const MORNING: DateTime = datetime(2026, 11, 23, 8, 0, 0, 0);

/// 2201 under the hospital's own number, with a new message id.
fn register(program: &Program, person: &str, number: &str, begins: DateTime) -> Said {
    let input = json!({"data": {
        "psn_no": person, "insutype": "310", "begntime": print_time(begins), "mdtrt_cert_type": "02",
        "mdtrt_cert_no": "x", "ipt_otp_no": number, "atddr_no": "D1", "dr_name": "王医生",
        "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03",
    }});
    program.say("2201", &input).done()
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
