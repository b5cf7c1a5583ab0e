//! Purchases at pharmacies: the rows travel in the settlement; without a transferred prescription the account pays alone.

use serde_json::{Value, json};
use testkit::{Program, Said, TestCentre};

struct Scene {
    centre: TestCentre,
    program: Program,
    person: String,
    item: String,
}

fn scene() -> Scene {
    let centre = TestCentre::start(50);
    let pharmacy = centre.sample.hospitals.iter().find(|h| h.kind == "pharmacy").unwrap().name.clone();
    let program = centre.program(&pharmacy);
    let person = centre.sample.person("王建国").number.clone();
    let item = centre.item("注射用兰索拉唑").to_owned();
    Scene { centre, program, person, item }
}

impl Scene {
    fn purchase(&self, transferred: &str, total: &str) -> Value {
        json!({
            "druginfo": {
                "psn_no": self.person, "mdtrt_cert_type": "02", "begntime": "2026-11-23 08:00:00",
                "medfee_sumamt": total, "insutype": "310", "acct_used_flag": "1", "med_type": "41",
            },
            "drugdetail": [{
                "feedetl_sn": "1", "rx_circ_flag": transferred, "fee_ocur_time": "2026-11-23 08:00:00",
                "med_list_codg": self.item, "medins_list_codg": "Y1", "det_item_fee_sumamt": "40.00", "cnt": "2",
                "pric": "20.00",
            }, {
                "feedetl_sn": "2", "rx_circ_flag": transferred, "fee_ocur_time": "2026-11-23 08:00:00",
                "med_list_codg": self.item, "medins_list_codg": "Y1", "det_item_fee_sumamt": "20.00", "cnt": "1",
                "pric": "20.00",
            }],
        })
    }

    fn say(&self, infno: &str, input: &Value) -> Said {
        self.program.say(infno, input)
    }

    fn void(&self, said: &Said) -> Said {
        self.say("2103", &json!({"data": {"setl_id": said.get("setlinfo", "setl_id")}}))
    }
}

fn info(said: &Said, fields: [&str; 3]) -> [String; 3] {
    fields.map(|field| said.get("setlinfo", field))
}

const PAYERS: [&str; 3] = ["fund_pay_sumamt", "acct_pay", "psn_cash_pay"];

#[test]
fn a_purchase_without_a_prescription_is_the_accounts() {
    let scene = scene();
    let trial = scene.say("2101", &scene.purchase("0", "60.00")).done();
    let said = scene.say("2102", &scene.purchase("0", "60.00")).done();
    assert_eq!(info(&said, PAYERS), ["0.00", "60.00", "0.00"].map(str::to_owned), "{}", said.text);
    assert_eq!(info(&trial, PAYERS), info(&said, PAYERS));
    assert_eq!(
        (said.get("setlinfo", "clr_type"), said.get("setlinfo", "med_type")),
        ("41".into(), "41".into())
    );
    let answer: Value = serde_json::from_str(&said.text).unwrap();
    assert_eq!(answer["output"]["detlcutinfo"].as_array().unwrap().len(), 2);
    let voided = scene.void(&said).done();
    assert_eq!(voided.get("setlinfo", "medfee_sumamt"), "-60.00");
    scene.void(&said).refused("ALREADY_VOIDED");
    let report = scene.centre.assert_clean();
    assert_eq!((report.settlements, report.reversals), (1, 1));
}

#[test]
fn with_a_transferred_prescription_the_pool_pays_as_at_the_prescribers() {
    let scene = scene();
    let mut purchase = scene.purchase("1", "820.00");
    (purchase["drugdetail"][0]["cnt"], purchase["drugdetail"][0]["det_item_fee_sumamt"]) =
        ("40".into(), "800.00".into());
    let said = scene.say("2102", &purchase).done();
    // A purchase is paid up to 200.00.
    assert_eq!(said.get("setlinfo", "hifp_pay"), "200.00", "{}", said.text);
    let told = |field: &str| said.get("setlinfo", field).parse::<money::Money>().unwrap();
    assert_eq!(told("acct_pay") + told("psn_cash_pay"), money::Money::from_yuan(620), "{}", said.text);
    scene.centre.assert_clean();
}

#[test]
fn a_purchase_that_is_refused_leaves_nothing_and_one_of_a_lost_reply_is_taken_back() {
    let scene = scene();
    scene.say("2102", &scene.purchase("0", "61.00")).refused("TOTAL_MISMATCH");
    let mut wrong = scene.purchase("0", "60.00");
    wrong["drugdetail"][1]["med_list_codg"] = "XNOTHING".into();
    scene.say("2102", &wrong).refused("ITEM_UNKNOWN");
    wrong["drugdetail"][0]["cnt"] = "3".into();
    let said = scene.say("2102", &wrong);
    said.refused("LINES_REFUSED");
    let visits = json!({"data": {
        "psn_no": scene.person, "begntime": "2026-11-23", "endtime": "2026-11-23", "med_type": "41",
    }});
    let found = |said: &Said| {
        let answer: Value = serde_json::from_str(&said.text).unwrap();
        answer["output"]["mdtrtinfo"].as_array().unwrap().len()
    };
    assert_eq!(found(&scene.say("5201", &visits).done()), 0);

    let mut twice = scene.purchase("0", "60.00");
    let twin = twice["drugdetail"][1].clone();
    twice["drugdetail"].as_array_mut().unwrap().push(twin);
    scene.say("2102", &twice).done();
    (twice["druginfo"]["medfee_sumamt"], twice["druginfo"]["invono"]) = ("80.00".into(), "2".into());
    scene.say("2102", &twice).refused("TOTAL_MISMATCH");
    assert_eq!(found(&scene.say("5201", &visits).done()), 1);

    let msgid = scene.program.msgid();
    let first = scene.program.say_as("2102", &msgid, &scene.purchase("0", "60.00")).done();
    let again = scene.program.say_as("2102", &msgid, &scene.purchase("0", "60.00")).done();
    assert!(again.replayed);
    assert_eq!(first.get("setlinfo", "setl_id"), again.get("setlinfo", "setl_id"));
    scene.program.reverse(&scene.person, "2102", &msgid).done();
    assert_eq!(found(&scene.say("5201", &visits).done()), 1, "nothing of it is left");
    let visit = first.get("setlinfo", "mdtrt_id");
    scene.say("2207", &scene.program.bill(&scene.person, &visit, "1", "60.00")).refused("VISIT_WRONG_STATE");
    scene.void(&first).refused("ALREADY_VOIDED");
    let voiding = scene.program.msgid();
    let second = scene.say("2102", &scene.purchase("0", "60.00")).done();
    let data = json!({"data": {"setl_id": second.get("setlinfo", "setl_id"), "psn_no": scene.person}});
    scene.program.say_as("2103", &voiding, &data).done();
    scene.program.reverse(&scene.person, "2103", &voiding).done();
    scene.void(&second).done();
    scene.centre.assert_clean();
}

#[test]
fn a_purchase_is_voided_as_one_and_care_is_not() {
    let scene = scene();
    let said = scene.say("2102", &scene.purchase("0", "60.00")).done();
    let visit = said.get("setlinfo", "mdtrt_id");
    scene.program.void(&scene.person, &visit, &said.get("setlinfo", "setl_id")).refused("VISIT_WRONG_STATE");
    let other = scene.centre.program("大榭医院");
    other
        .say("2103", &json!({"data": {"setl_id": said.get("setlinfo", "setl_id")}}))
        .refused("SETTLEMENT_UNKNOWN");
    let items = [testkit::Item::one(scene.centre.item("血常规(五分类)"), "20.00")];
    let (_, bill) = other.settle(&scene.person, &items, "20.00");
    other
        .say("2103", &json!({"data": {"setl_id": bill.get("setlinfo", "setl_id")}}))
        .refused("VISIT_WRONG_STATE");
    let mut in_hospital = scene.purchase("0", "60.00");
    in_hospital["druginfo"]["med_type"] = "21".into();
    scene.say("2102", &in_hospital).refused("CARE_KIND_NOT_OFFERED");
    let named = json!({"data": {"setl_id": said.get("setlinfo", "setl_id"), "psn_no": "nobody"}});
    scene.say("2103", &named).refused("PERSON_UNKNOWN");
    scene.centre.assert_clean();
}
