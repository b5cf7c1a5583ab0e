//! Lines that were withdrawn and come again.

use serde_json::json;
use testkit::{Item, TestCentre};

#[test]
fn a_withdrawn_line_comes_again_in_another_batch_whatever_was_settled_since() {
    let centre = TestCentre::start(60);
    let program = centre.program("大榭医院");
    let person = centre.sample.person("王建国").number.clone();
    let code = centre.item("血常规(五分类)");
    let (first, second) = ([Item::one(code, "10.00")], [Item::one(code, "20.00")]);
    let visit = program.charge(&person, &first);
    let withdraw = json!({"data": [{"chrg_bchno": "1", "mdtrt_id": visit, "psn_no": person}]});
    program.say("2205", &withdraw).done();
    let numbered = |batch: &str, number: &str, items: &[Item]| {
        let mut fees = program.fees(&person, &visit, batch, items);
        fees["feedetail"][0]["feedetl_sn"] = number.into();
        program.say("2204", &fees).done();
    };
    numbered("1", "other", &second);
    program.say("2207", &program.bill(&person, &visit, "1", "20.00")).done();
    numbered("2", "1-0", &first);
    program.say("2207", &program.bill(&person, &visit, "2", "10.00")).done();
    centre.assert_clean();
}

#[test]
fn a_batch_named_nought_is_a_batch_like_others() {
    let centre = TestCentre::start(60);
    let program = centre.program("大榭医院");
    let person = centre.sample.person("王建国").number.clone();
    let code = centre.item("血常规(五分类)");
    let visit = program.charge(&person, &[Item::one(code, "10.00")]);
    program.say("2204", &program.fees(&person, &visit, "0", &[Item::one(code, "20.00")])).done();
    program.say("2207", &program.bill(&person, &visit, "0", "20.00")).done();
    let withdraw = json!({"data": [{"chrg_bchno": "1", "mdtrt_id": visit, "psn_no": person}]});
    program.say("2205", &withdraw).done();
    centre.assert_clean();
}
