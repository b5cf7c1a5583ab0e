//! What persons have on file and institutions have registered: filed, found again, withdrawn.

use jiff::civil::datetime;
use model::Clock;
use money::Money;
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre, filled};

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

impl Scene {
    fn disease(&self, code: &str, from: &str, to: &str) -> Value {
        json!({"data": {
            "psn_no": self.person, "insutype": "310", "opsp_dise_code": code, "opsp_dise_name": "高血压",
            "insu_optins": "990100", "ide_fixmedins_no": self.program.hospital().code,
            "ide_fixmedins_name": self.program.hospital().name, "hosp_ide_date": "2026-10-01",
            "diag_dr_codg": "D1", "diag_dr_name": "示例医师", "begndate": from, "enddate": to,
        }})
    }

    fn withdraw(&self, infno: &str, filing: &str) -> Said {
        let data = json!({"trt_dcla_detl_sn": filing, "psn_no": self.person, "memo": "误录"});
        self.program.say(infno, &json!({ "data": data }))
    }

    fn found(&self) -> Vec<Value> {
        self.program.say("5301", &json!({"data": {"psn_no": self.person}})).done().rows("feedetail")
    }
}

#[test]
fn a_listed_disease_is_filed_found_and_withdrawn() {
    let scene = scene();
    let filed = scene.program.say("2503", &scene.disease("M03900", "2026-10-01", "2027-09-30")).done();
    let filing = filed.get("result", "trt_dcla_detl_sn");
    let again = scene.program.say("2503", &scene.disease("M03900", "2026-10-01", "2027-09-30")).done();
    assert_eq!(again.get("result", "trt_dcla_detl_sn"), filing, "said again under another id");
    scene.program.say("2503", &scene.disease("M03900", "2027-09-30", "")).refused("FILING_OVERLAPS");
    scene.program.say("2503", &scene.disease("M01600", "2026-10-01", "2026-09-30")).refused("FIELD_INVALID");
    scene.program.say("2503", &scene.disease("M01600", "2026-10-01", "")).done();
    let found = scene.found();
    let told = |row: &Value| {
        ["opsp_dise_code", "opsp_dise_name", "begndate"].map(|f| row[f].as_str().unwrap().to_owned())
    };
    assert_eq!(
        found.iter().map(told).collect::<Vec<_>>(),
        [["M03900", "高血压", "2026-10-01"], ["M01600", "高血压", "2026-10-01"],]
    );
    assert_eq!((found[0]["enddate"].as_str(), found[1]["enddate"].as_str()), (Some("2027-09-30"), None));
    let other = scene.centre.program("龙赛医院");
    let theirs = json!({"data": {"trt_dcla_detl_sn": filing, "psn_no": scene.person, "memo": "误录"}});
    other.say("2504", &theirs).refused("FILING_UNKNOWN");
    scene.withdraw("2502", &filing).refused("FILING_UNKNOWN");
    scene.withdraw("2504", &filing).done();
    scene.withdraw("2504", &filing).refused("FILING_WITHDRAWN");
    assert_eq!(scene.found().len(), 1);
    scene.program.say("2503", &scene.disease("M03900", "2027-01-01", "")).done();
    assert_eq!(scene.found().len(), 2);
    scene.centre.assert_clean();
}

#[test]
fn a_referral_and_a_chosen_institution_are_told_as_they_were_filed() {
    let scene = scene();
    let referral = json!({"refmedin": {
        "psn_no": scene.person, "diag_code": "I10", "diag_name": "高血压", "reflin_medins_no": "H99020000001",
        "reflin_medins_name": "邻州市第一医院", "mdtrtarea_admdvs": "990200", "refl_type": "1",
        "refl_date": "2026-11-20", "refl_rea": "本地无条件", "refl_opnn": "同意",
    }});
    let filed = scene.program.say("2501", &referral).done().get("result", "trt_dcla_detl_sn");
    let found = scene.program.say("5304", &json!({"data": {"psn_no": scene.person}})).done().rows("refmedin");
    assert_eq!(
        (found[0]["begndate"].as_str(), found[0]["refl_rea"].as_str()),
        (Some("2026-11-20"), Some("本地无条件"))
    );
    scene.withdraw("2502", &filed).done();

    let chosen = |kind: &str| {
        json!({"data": {
            "psn_no": scene.person, "biz_appy_type": kind, "begndate": "2026-11-01", "fix_srt_no": "1",
            "fixmedins_code": scene.program.hospital().code, "fixmedins_name": scene.program.hospital().name,
        }})
    };
    scene.program.say("2505", &chosen("03")).done();
    let asked = |kind: &str| {
        let data = json!({"psn_no": scene.person, "biz_appy_type": kind});
        scene.program.say("5302", &json!({ "data": data })).done().rows("psnfixmedin").len()
    };
    assert_eq!((asked(""), asked("03"), asked("01")), (1, 1, 0));
    scene.program.say("5302", &json!({"data": {}})).refused("FIELD_MISSING");
    scene.centre.assert_clean();
}

#[test]
fn departments_are_registered_changed_and_withdrawn() {
    let scene = scene();
    let say = |infno: &str, node: &str, more: Value| {
        let mut said =
            json!({"hosp_dept_codg": "N01", "hosp_dept_name": "内科", "caty": "A03", "aprv_bed_cnt": 40});
        more.as_object().unwrap().iter().for_each(|(name, value)| said[name] = value.clone());
        scene.program.say(infno, &json!({ node: said }))
    };
    say("3402", "deptinfo", json!({})).refused("NOT_REGISTERED");
    say("3401", "deptinfo", json!({})).done();
    say("3401", "deptinfo", json!({})).done();
    say("3401", "deptinfo", json!({"aprv_bed_cnt": 50})).refused("REGISTERED_OTHERWISE");
    say("3402", "deptinfo", json!({"aprv_bed_cnt": 50})).done();
    let asked = || scene.program.say("5101", &json!({})).done().rows("feedetail");
    let found = asked();
    assert_eq!(
        (found.len(), found[0]["aprv_bed_cnt"].as_i64(), found[0]["caty"].as_str()),
        (1, Some(50), Some("A03"))
    );
    assert_eq!(scene.centre.program("龙赛医院").say("5101", &json!({})).done().rows("feedetail").len(), 0);
    say("3403", "data", json!({})).done();
    say("3403", "data", json!({})).done();
    assert_eq!(asked().len(), 0);
    say("3401", "deptinfo", json!({"aprv_bed_cnt": 60})).done();
    assert_eq!(asked()[0]["aprv_bed_cnt"].as_i64(), Some(60));
    scene.centre.assert_clean();
}

#[test]
fn what_is_only_kept_is_checked_for_its_fields() {
    let scene = scene();
    let sale = json!({"selinfo": [{
        "med_list_codg": scene.centre.item("注射用兰索拉唑"), "fixmedins_hilist_id": "Y1", "fixmedins_bchno": "B1",
        "sel_retn_cnt": 2, "sel_retn_time": "2026-11-23 08:00:00",
        "drugtracinfo": [{"drug_trac_codg": "81234567890123456789"}],
    }]});
    scene.program.say("3505", &sale).done();
    scene.program.say("3505", &json!({"selinfo": [{"fixmedins_bchno": "B1"}]})).refused("FIELD_MISSING");
    let unpaid = |visit: &str, row: &str| {
        json!({"fsiOwnpayPatnFeeListDDTO": [{
            visit: "Z1", row: "1", "fee_ocur_time": "2026-11-23 08:00:00", "cnt": 1, "pric": 1, "det_item_fee_sumamt": 1,
            "medins_list_codg": "Y1",
        }]})
    };
    scene.program.say("4201", &unpaid("fixmedins_mdtrt_id", "bkkp_sn")).done();
    scene.program.say("4201", &unpaid("mdtrt_sn", "feedetl_sn")).done();
    scene.program.say("4201", &unpaid("mdtrt_sn", "other")).refused("FIELD_MISSING");
    scene.program.say("4204", &json!({"feedetail": [{"fixmedins_mdtrt_id": "Z1"}]})).refused("FIELD_MISSING");
    scene.program.say("4501", &json!({})).refused("INFNO_NOT_OFFERED");
    scene.centre.assert_clean();
}

/// A stay of 20,000.00 in the neighbour city, begun on 4 May 2026: what the patient has first, and the deductible.
fn stay_elsewhere(centre: &TestCentre, program: &Program, person: &str, care: &str) -> [String; 2] {
    let begins = datetime(2026, 5, 4, 9, 0, 0, 0);
    let mut admission = program.admit_request(person, "ZY1", begins);
    admission["mdtrtinfo"]["med_type"] = care.into();
    let stay = program.say("2401", &admission).done().get("result", "mdtrt_id");
    let item = Item::one(centre.item("椎管内麻醉(2小时内)"), "20000");
    program.stay_fees(person, &stay, begins, &[item]).done();
    program.discharge(person, &stay, datetime(2026, 5, 12, 10, 0, 0, 0)).done();
    let said = program.say("2304", &program.stay_bill(person, &stay, "20000.00")).done();
    program.void_stay(person, &stay, &said.get("setlinfo", "setl_id")).done();
    ["preselfpay_amt", "act_pay_dedc"].map(|field| said.get("setlinfo", field))
}

#[test]
fn what_is_on_file_says_how_care_outside_the_city_is_paid() {
    let scene = scene();
    let number = |name: &str| scene.centre.sample.person(name).number.clone();
    let unfiled = number("马国梁");
    let elsewhere = scene.centre.program("邻州市人民医院");
    assert_eq!(stay_elsewhere(&scene.centre, &elsewhere, &unfiled, "21"), ["4000.00", "1500.00"]);
    assert_eq!(
        stay_elsewhere(&scene.centre, &elsewhere, &unfiled, "24"),
        ["0.00", "1000.00"],
        "an emergency"
    );
    assert_eq!(
        stay_elsewhere(&scene.centre, &elsewhere, &number("马国栋"), "21"),
        ["0.00", "700.00"],
        "lives there; retired"
    );
    let referral = |to: &str, day: &str| {
        json!({"refmedin": {
            "psn_no": unfiled, "diag_code": "I10", "diag_name": "高血压", "reflin_medins_no": to,
            "reflin_medins_name": "邻州市人民医院", "mdtrtarea_admdvs": "990200", "refl_type": "1", "refl_date": day,
            "refl_rea": "本地无条件", "refl_opnn": "同意", "enddate": "2026-06-30",
        }})
    };
    scene.program.say("2501", &referral("H99020000009", "2026-05-01")).done();
    scene.program.say("2501", &referral("H99020000001", "2026-05-05")).done();
    assert_eq!(
        stay_elsewhere(&scene.centre, &elsewhere, &unfiled, "21")[0],
        "4000.00",
        "another institution, another day"
    );
    scene.program.say("2501", &referral("H99020000001", "2026-05-01")).code.expect("overlaps");
    let filed = scene.program.say("5304", &json!({"data": {"psn_no": unfiled}})).done();
    let second = filed.rows("refmedin")[1]["trt_dcla_detl_sn"].as_str().map(str::to_owned);
    let data = json!({"trt_dcla_detl_sn": second.unwrap(), "psn_no": unfiled});
    scene.program.say("2502", &json!({ "data": data })).done();
    scene.program.say("2501", &referral("H99020000001", "2026-05-01")).done();
    assert_eq!(
        stay_elsewhere(&scene.centre, &elsewhere, &unfiled, "21"),
        ["2000.00", "1000.00"],
        "sent there"
    );
    scene.centre.assert_clean();
}

#[test]
fn at_the_family_doctors_the_pool_pays_more() {
    let scene = scene();
    let person = &scene.centre.sample.person("罗阿婆").number;
    let item = Item::one(scene.centre.item("椎管内麻醉(2小时内)"), "3000");
    let rate_at = |hospital: &str| {
        let program = scene.centre.program(hospital);
        program.settle(person, std::slice::from_ref(&item), "3000.00").1.get("setlinfo", "pool_prop_selfpay")
    };
    assert_eq!(["大榭医院", "海棠区中医院"].map(rate_at), ["0.9000", "0.8500"], "both of level 2");
    scene.centre.assert_clean();
}

/// What the funds pay of a bill of 9,000.00 for a chronic disease.
fn chronic(scene: &Scene, person: &str) -> Money {
    let program = &scene.program;
    let visit = program.register(person);
    let mut said = program.visit_request(person, &visit);
    said["mdtrtinfo"]["med_type"] = "1401".into();
    said["mdtrtinfo"]["dise_codg"] = "M03900".into();
    program.say("2203", &said).done();
    let item = Item::one(scene.centre.item("椎管内麻醉(2小时内)"), "9000");
    program.say("2204", &program.fees(person, &visit, "1", &[item])).done();
    let mut bill = program.bill(person, &visit, "1", "9000.00");
    bill["data"]["med_type"] = "1401".into();
    program.say("2207", &bill).done().get("setlinfo", "hifp_pay").parse().expect("an amount")
}

#[test]
fn who_has_two_diseases_on_file_has_the_higher_ceiling() {
    let scene = scene();
    scene.program.say("2503", &scene.disease("M03900", "2026-10-01", "")).done();
    let both = scene.centre.sample.person("罗阿婆").number.clone();
    let paid = [2, 5, 8, 11].map(|month| {
        scene.centre.clock.set(datetime(2027, month, 10, 9, 0, 0, 0));
        [&scene.person, &both].map(|person| chronic(&scene, person))
    });
    let year = |who: usize| paid.iter().map(|quarter| quarter[who]).sum::<Money>().to_string();
    assert_eq!([year(0), year(1)], ["4000.00", "5500.00"], "{paid:?}");
    scene.centre.assert_clean();
}

#[test]
fn what_is_only_kept_is_listed_to_officers_and_read_row_by_row() {
    let scene = scene();
    let stock = |code: &str| {
        let mut stock = filled("3501", &["invinfo"]);
        stock["invinfo"][0]["fixmedins_bchno"] = code.into();
        stock
    };
    scene.program.say("3501", &stock("甲")).done();
    scene.program.say("3501", &stock("乙")).done();
    let here = scene.centre.hospital_id(&scene.program.hospital().name);
    let today = scene.centre.clock.now().date();
    let mut reader = scene.centre.reader();
    let mut list = |day, infno: &'static str| {
        let wanted = move |hospital, number: &str| hospital == here && number == infno;
        centre::uploads(reader.as_mut(), (day, day), wanted, &mut |_| {}).unwrap()
    };
    let found = list(today, "3501");
    assert_eq!(found.len(), 2);
    assert!(list(today.tomorrow().unwrap(), "3501").is_empty() && list(today, "3502").is_empty());
    let names: Vec<String> = found
        .iter()
        .map(|upload| {
            let rows = scene.centre.upload_rows(upload);
            assert_eq!((rows.len(), rows[0].node), (1, "invinfo"));
            rows[0].said.text("fixmedins_bchno").to_owned()
        })
        .collect();
    assert_eq!(names, ["乙", "甲"], "the latest first");
}
