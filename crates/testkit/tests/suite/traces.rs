//! Trace codes of drugs: asked for as the edition and the institution's profile say, and a pack that is sold twice is seen.

use jiff::civil::datetime;
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre};

const METFORMIN: &str = "XA10BAA001A001010199090";
const UNTRACED: &str = "XA10BAA002A001010199592";
const PACK: &str = "81000000000000000001";

struct Scene {
    centre: TestCentre,
    person: String,
}

fn scene() -> Scene {
    let centre = TestCentre::start(50);
    let person = centre.sample.person("王建国").number.clone();
    Scene { centre, person }
}

/// The input of 2204 with trace codes on its first row.
fn with_packs(mut fees: Value, packs: &[&str]) -> Value {
    let packs: Vec<Value> = packs.iter().map(|code| json!({"drug_trac_codg": code})).collect();
    fees["feedetail"][0]["drugtracinfo"] = packs.into();
    fees
}

impl Scene {
    fn sell(&self, program: &Program, packs: &[&str]) -> (String, Said) {
        let visit = program.register(&self.person);
        program.visit(&self.person, &visit);
        let fees = program.fees(&self.person, &visit, "1", &[Item::one(METFORMIN, "3.41")]);
        (visit, program.say("2204", &with_packs(fees, packs)).done())
    }

    fn settle(&self, program: &Program, visit: &str) -> String {
        let bill = program.bill(&self.person, visit, "1", "3.41");
        program.say("2207", &bill).done().get("setlinfo", "setl_id")
    }
}

fn warned(said: &Said) -> bool {
    said.text.contains("追溯码 81000000000000000001 已售出")
}

#[test]
fn a_drug_without_its_code_is_refused_warned_of_or_let_pass() {
    let scene = scene();
    let (strict, other) = (scene.centre.program("石矶骨伤医院"), scene.centre.program("大榭医院"));
    let upload = |program: &Program, code: &str| {
        let visit = program.register(&scene.person);
        program.say("2204", &program.fees(&scene.person, &visit, "1", &[Item::one(code, "3.41")]))
    };
    upload(&strict, METFORMIN).refused("TRACE_CODE_REQUIRED");
    upload(&strict, UNTRACED).done();
    let memo = |said: Said| said.done().rows("result")[0]["memo"].clone();
    assert_eq!(memo(upload(&other, METFORMIN)).as_str(), Some("缺药品追溯码,请补传"));
    assert!(memo(upload(&other, UNTRACED)).is_null(), "a drug that has no code");
    let (visit, _) = scene.sell(&strict, &[PACK]);
    scene.settle(&strict, &visit);
    scene.centre.assert_clean();
}

#[test]
fn a_pack_sold_twice_is_told_and_free_again_once_it_is_taken_back() {
    let scene = scene();
    let (here, there) = (scene.centre.program("大榭医院"), scene.centre.program("龙赛医院"));
    let (first, said) = scene.sell(&here, &[PACK]);
    assert!(!warned(&said));
    assert!(!warned(&scene.sell(&there, &[PACK]).1), "what is not settled is not sold");
    let settlement = scene.settle(&here, &first);
    let (second, said) = scene.sell(&there, &[PACK]);
    assert!(warned(&said), "{}", said.text);
    assert!(said.rows("result")[0]["memo"].as_str().unwrap().contains(PACK));
    let settlement_there = scene.settle(&there, &second);

    here.void(&scene.person, &first, &settlement).done();
    assert!(warned(&scene.sell(&here, &[PACK]).1), "it is the other hospital's now");
    there.void(&scene.person, &second, &settlement_there).done();
    assert!(!warned(&scene.sell(&here, &[PACK]).1), "both were taken back");
    scene.centre.assert_clean();
}

#[test]
fn of_one_bill_two_lines_cannot_have_one_pack_but_parts_of_one_can() {
    let scene = scene();
    let program = scene.centre.program("大榭医院");
    let visit = program.register(&scene.person);
    let upload = |number: &str, part: &str| {
        let mut fees = program.fees(&scene.person, &visit, number, &[Item::one(METFORMIN, "3.41")]);
        fees["feedetail"][0]["trdn_flag"] = part.into();
        program.say("2204", &with_packs(fees, &[PACK])).done()
    };
    assert!(!warned(&upload("1", "1")));
    assert!(!warned(&upload("2", "1")), "two parts of one pack");
    assert!(warned(&upload("3", "0")), "parts of it are sold");
    assert!(warned(&upload("4", "0")));
    assert!(warned(&upload("5", "1")), "the whole is sold");
    let withdrawn =
        |batch: &str| json!({"data": {"chrg_bchno": batch, "mdtrt_id": visit, "psn_no": scene.person}});
    for batch in ["1", "2", "3", "4", "5"] {
        program.say("2205", &withdrawn(batch)).done();
    }
    assert!(!warned(&upload("3", "0")), "withdrawn, and sent again");
    assert_eq!(scene.centre.audit_cases("大榭医院").len(), 3, "a case for each that was told");
    scene.centre.assert_clean();
}

#[test]
fn a_refund_row_gives_a_stay_s_pack_free() {
    let scene = scene();
    let program = scene.centre.program("大榭医院");
    let at = |day| datetime(2026, 11, day, 9, 0, 0, 0);
    let stay = program.admit(&scene.person, at(20)).done().get("result", "mdtrt_id");
    let fees = |number: &str, quantity: &str, amount: &str, refunds: &str| {
        let item = Item { quantity: quantity.into(), amount: amount.into(), ..Item::one(METFORMIN, "3.41") };
        let mut fees = program.fees(&scene.person, &stay, number, &[item]);
        fees["feedetail"][0]["med_type"] = "21".into();
        fees["feedetail"][0]["init_feedetl_sn"] = refunds.into();
        fees
    };
    program.say("2301", &with_packs(fees("a", "1", "3.41", ""), &[PACK])).done();
    assert!(warned(&program.say("2301", &with_packs(fees("b", "1", "3.41", ""), &[PACK])).done()));
    program.say("2301", &fees("c", "-1", "-3.41", "a-0")).done();
    program.say("2301", &fees("d", "-1", "-3.41", "b-0")).done();
    assert!(!warned(&program.say("2301", &with_packs(fees("e", "1", "3.41", ""), &[PACK])).done()));
    scene.centre.assert_clean();
}

#[test]
fn one_call_cannot_sell_a_pack_twice_nor_a_code_that_is_none() {
    let scene = scene();
    let program = scene.centre.program("大榭医院");
    let upload = |rows: &[&[&str]], quantity: &str, amount: &str| {
        let visit = program.register(&scene.person);
        let item = Item { quantity: quantity.into(), amount: amount.into(), ..Item::one(METFORMIN, "3.41") };
        let items: Vec<Item> = rows.iter().map(|_| item.clone()).collect();
        let mut fees = program.fees(&scene.person, &visit, "1", &items);
        for (row, packs) in rows.iter().enumerate() {
            let packs: Vec<Value> = packs.iter().map(|code| json!({"drug_trac_codg": code})).collect();
            fees["feedetail"][row]["drugtracinfo"] = packs.into();
        }
        program.say("2204", &fees)
    };
    assert!(warned(&upload(&[&[PACK], &[PACK]], "1", "3.41").done()), "in two lines");
    assert!(warned(&upload(&[&[PACK, PACK]], "2", "6.82").done()), "twice in one");
    assert!(!warned(&upload(&[&[PACK, "81000000000000000002"]], "2", "6.82").done()));
    for code in ["0", "无", "00000000000000000000"] {
        upload(&[&[code]], "1", "3.41").refused("FIELD_INVALID");
    }
    scene.centre.assert_clean();
}

#[test]
fn a_line_that_is_sent_again_with_its_code_has_it() {
    let scene = scene();
    let (here, there) = (scene.centre.program("大榭医院"), scene.centre.program("龙赛医院"));
    let visit = here.register(&scene.person);
    here.visit(&scene.person, &visit);
    let fees = here.fees(&scene.person, &visit, "1", &[Item::one(METFORMIN, "3.41")]);
    assert!(here.say("2204", &fees).done().text.contains("缺药品追溯码,请补传"));
    let again = here.say("2204", &with_packs(fees, &[PACK])).done();
    assert!(!again.text.contains("缺药品追溯码"), "{}", again.text);
    scene.settle(&here, &visit);
    assert!(warned(&scene.sell(&there, &[PACK]).1));
    scene.centre.assert_clean();
}

#[test]
fn a_pack_that_is_given_back_by_its_code_is_free() {
    let scene = scene();
    let program = scene.centre.program("大榭医院");
    let stay =
        program.admit(&scene.person, datetime(2026, 11, 20, 9, 0, 0, 0)).done().get("result", "mdtrt_id");
    let other = "81000000000000000002";
    let upload = |number: &str, (quantity, amount): (&str, &str), refunds: &str, packs: &[&str]| {
        let item = Item { quantity: quantity.into(), amount: amount.into(), ..Item::one(METFORMIN, "3.41") };
        let mut fees = program.fees(&scene.person, &stay, number, &[item]);
        fees["feedetail"][0]["med_type"] = "21".into();
        fees["feedetail"][0]["init_feedetl_sn"] = refunds.into();
        program.say("2301", &with_packs(fees, packs)).done()
    };
    upload("a", ("2", "6.82"), "", &[PACK, other]);
    assert!(!warned(&upload("b", ("-1", "-3.41"), "a-0", &[PACK])), "it is the one that was sold");
    assert!(!warned(&upload("c", ("1", "3.41"), "", &[PACK])));
    let still = upload("d", ("1", "3.41"), "", &[other]);
    assert!(still.text.contains("追溯码 81000000000000000002 已售出"), "{}", still.text);
    scene.centre.assert_clean();
}

#[test]
fn a_pharmacy_that_sells_a_hospital_s_pack_is_told() {
    let scene = scene();
    let hospital = scene.centre.program("大榭医院");
    let (visit, _) = scene.sell(&hospital, &[PACK]);
    scene.settle(&hospital, &visit);
    let name = scene.centre.sample.hospitals.iter().find(|h| h.kind == "pharmacy").unwrap().name.clone();
    let pharmacy = scene.centre.program(&name);
    let purchase = |code: &str| {
        json!({
            "druginfo": {"psn_no": scene.person, "mdtrt_cert_type": "02", "mdtrt_cert_no": "x", "med_type": "41",
                "begntime": "2026-11-23 08:00:00", "medfee_sumamt": "3.41", "insutype": "310", "invono": "",
                "acct_used_flag": "1"},
            "drugdetail": [{"feedetl_sn": "1", "rxno": "", "rx_circ_flag": "0",
                "fee_ocur_time": "2026-11-23 08:00:00", "med_list_codg": METFORMIN, "medins_list_codg": "Y1",
                "det_item_fee_sumamt": "3.41", "cnt": "1", "pric": "3.41",
                "drugtracinfo": [{"drug_trac_codg": code}]}],
        })
    };
    assert!(warned(&pharmacy.say("2101", &purchase(PACK)).done()), "before any money moves");
    let said = pharmacy.say("2102", &purchase(PACK)).done();
    assert!(warned(&said), "{}", said.text);
    assert!(!warned(&pharmacy.say("2102", &purchase("81000000000000000002")).done()));
    scene.centre.assert_clean();
}
