//! Answers say what the centre knows; what it does not know is null, never a guess.

use serde_json::{Value, json};
use testkit::{Item, Said, TestCentre};

/// Members of the first row of an output node that are null.
fn unknown(said: &Said, node: &str, members: &[&str]) {
    let answer: Value = serde_json::from_str(&said.text).unwrap();
    let found = &answer["output"][node];
    let row = found.get(0).unwrap_or(found);
    for member in members {
        assert_eq!(row.get(*member), Some(&Value::Null), "{member} in {}", said.text);
    }
}

#[test]
fn what_the_centre_does_not_know_is_null() {
    let centre = TestCentre::start(60);
    let program = centre.program("澜州市第一医院");
    let enrolment = &centre.sample.persons[30].enrolment;
    let person = enrolment.number.as_str();
    let asked = json!({"data": {"psn_cert_type": "01", "certno": enrolment.document}});
    unknown(&program.say("1101", &asked).done(), "baseinfo", &["naty"]);
    let item = Item::one(&centre.sample.catalogue.items()[0].code, "10.00");
    let visit = program.register(person);
    program.visit(person, &visit);
    let priced = program.say("2204", &program.fees(person, &visit, "1", &[item])).done();
    let flags =
        ["bas_medn_flag", "hi_nego_drug_flag", "chld_medc_flag", "list_sp_item_flag", "drt_reim_flag"];
    unknown(&priced, "result", &flags);
    assert_eq!(priced.get("result", "lmt_used_flag"), "0", "this the catalogue tells");
    let settled = program.say("2207", &program.bill(person, &visit, "1", "10.00")).done();
    unknown(&settled, "setlinfo", &["naty"]);
    let question = json!({"data": {
        "psn_no": person, "mdtrt_id": visit, "setl_id": settled.get("setlinfo", "setl_id"),
    }});
    unknown(&program.say("5203", &question).done(), "setlinfo", &["naty", "pay_loc"]);
    centre.assert_clean();
}
