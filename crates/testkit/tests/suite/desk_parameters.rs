//! What is otherwise from hospital to hospital is changed within its range and with a reason, which stands beside it.

use desk::Hospital;
use testkit::TestDesk;

const HOSPITAL: &str = "庄市佩珍医院";

#[test]
fn a_parameter_is_changed_within_its_range_and_with_a_reason() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    administrator.get("/parameters");
    assert!(administrator.text().contains("200"), "{}", administrator.text());
    let minutes = || {
        let papers = desk.desk.papers(&desk.code(HOSPITAL));
        papers.get::<Hospital>(Hospital::KEY).unwrap().unwrap().facts.parameters.lock_minutes
    };
    let mut change = |value: &str, why: &str| {
        let form = [("name", "lock-minutes"), ("value", value), ("why", why)];
        administrator.post("/parameters", &form);
        administrator.text()
    };
    assert!(change("31", "慢").contains("应为 5 到 30"));
    assert!(change("20", "").contains("要写原因"));
    assert!(change("10", "慢").contains("没有变"));
    assert_eq!(minutes(), 10);
    let told = change("20", "窗口离开时间长");
    assert_eq!(minutes(), 20);
    assert!(told.contains("0001 10 20 窗口离开时间长"), "{told}");
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    cashier.get("/parameters");
    assert_eq!(cashier.status, 403);
    desk.assert_described(HOSPITAL);
}
