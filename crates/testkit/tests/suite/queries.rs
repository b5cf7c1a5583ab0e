//! What hospital programs ask: visits, diagnoses, fees, figures of the year, who lies here, which institutions there are.

use jiff::civil::datetime;
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre};

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

const NOVEMBER: [(&str, &str); 2] = [("begntime", "2026-11-01 00:00:00"), ("endtime", "2026-11-30")];

impl Scene {
    fn ask(&self, infno: &str, fields: &[(&str, &str)]) -> Said {
        let mut data = json!({"psn_no": self.person});
        fields.iter().for_each(|(name, value)| data[*name] = (*value).into());
        self.program.say(infno, &json!({ "data": data }))
    }
}

#[test]
fn a_visit_is_told_with_what_was_said_of_it() {
    let scene = scene();
    let items = [Item::one(scene.centre.item("血常规(五分类)"), "20.00")];
    let (visit, said) = scene.program.settle(&scene.person, &items, "20.00");
    let asked = |more: &[(&str, &str)]| {
        scene.ask("5201", &[&NOVEMBER[..], &[("med_type", "11")], more].concat()).done().rows("mdtrtinfo")
    };
    let found = asked(&[]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["mdtrt_id"].as_str(), Some(&*visit));
    assert_eq!(found[0]["psn_name"].as_str(), Some("王建国"));
    assert_eq!(found[0]["begntime"], found[0]["endtime"]);
    assert_eq!(found[0]["inhosp_stas"], Value::Null);
    assert_eq!(asked(&[("mdtrt_id", "1")]).len(), 0);
    let elsewhere = scene.centre.program("龙赛医院");
    let mut data = json!({"psn_no": scene.person, "med_type": "11"});
    NOVEMBER.iter().for_each(|(name, value)| data[*name] = (*value).into());
    assert_eq!(elsewhere.say("5201", &json!({ "data": data })).done().rows("mdtrtinfo").len(), 0);
    let wrong = [("begntime", "2026-11-30"), ("endtime", "2026-11-01"), ("med_type", "11")];
    assert_eq!(scene.ask("5201", &wrong).code.as_deref(), Some("FIELD_INVALID"));

    let diagnoses = scene.ask("5202", &[("mdtrt_id", &visit)]).done().rows("diseinfo");
    assert!(!diagnoses.is_empty() && diagnoses[0]["dise_dor_name"].is_string(), "{diagnoses:?}");
    assert_eq!(diagnoses[0]["inout_diag_type"].as_str(), Some("2"));

    let fees = scene.ask("5204", &[("mdtrt_id", &visit)]).done().rows("output");
    assert_eq!(fees.len(), 1);
    assert_eq!(fees[0]["setl_id"].as_str(), Some(&*said.get("setlinfo", "setl_id")));
    assert_eq!(fees[0]["hilist_name"].as_str(), Some("血常规(五分类)"));
    assert_eq!(fees[0]["det_item_fee_sumamt"].as_f64(), Some(20.0));
    assert!(fees[0]["bilg_dr_name"].is_string(), "what was said of a line is said again: {}", fees[0]);
    let wrong = scene.ask("5204", &[("mdtrt_id", &visit), ("setl_id", "1")]);
    assert_eq!(wrong.code.as_deref(), Some("SETTLEMENT_UNKNOWN"));
    scene.centre.assert_clean();
}

#[test]
fn who_lies_here_is_told_until_the_discharge() {
    let scene = scene();
    let begins = datetime(2026, 11, 20, 9, 0, 0, 0);
    let stay = scene.program.admit(&scene.person, begins).done().get("result", "mdtrt_id");
    let asked = || {
        scene
            .program
            .say("5303", &json!({"data": {"begntime": "2026-11-20", "endtime": "2026-11-20"}}))
            .done()
            .rows("data")
    };
    let found = asked();
    assert_eq!(
        (found.len(), found[0]["mdtrt_id"].as_str(), found[0]["out_flag"].as_str()),
        (1, Some(&*stay), Some("0"))
    );
    let elsewhere = json!({"data": {"begntime": "2026-11-20", "endtime": "2026-11-20"}});
    assert_eq!(scene.centre.program("龙赛医院").say("5303", &elsewhere).done().rows("data").len(), 0);
    let told = |field: &str| {
        scene.ask("5201", &[&NOVEMBER[..], &[("med_type", "21")]].concat()).done().rows("mdtrtinfo")[0][field]
            .clone()
    };
    assert_eq!((told("inhosp_stas"), told("endtime")), ("1".into(), Value::Null));
    scene.program.discharge(&scene.person, &stay, datetime(2026, 11, 22, 9, 0, 0, 0)).done();
    assert_eq!(asked().len(), 0);
    assert_eq!((told("inhosp_stas"), told("ipt_days")), ("0".into(), 2.into()));
    scene.centre.assert_clean();
}

#[test]
fn figures_of_the_year_follow_what_was_settled() {
    let scene = scene();
    let figures = || {
        let found = scene.ask("5206", &[("cum_ym", "202611")]).done().rows("cuminfo");
        let pair =
            |row: &Value| (row["cum_type_code"].as_str().unwrap().to_owned(), row["cum"].as_f64().unwrap());
        found.iter().map(pair).collect::<std::collections::BTreeMap<_, _>>()
    };
    let before = figures();
    let items = [Item::one(scene.centre.item("血常规(五分类)"), "500.00")];
    let (_, said) = scene.program.settle(&scene.person, &items, "500.00");
    let after = figures();
    let paid: f64 = said.get("setlinfo", "hifp_pay").parse().unwrap();
    let of = |figures: &std::collections::BTreeMap<String, f64>| {
        figures.get("OP_PAID").copied().unwrap_or_default()
    };
    assert!(paid > 0.0 && (of(&after) - of(&before) - paid).abs() < 0.001, "{before:?} {after:?} {paid}");
    assert_eq!(scene.ask("5206", &[("cum_ym", "x")]).code.as_deref(), Some("FIELD_INVALID"));
    assert_eq!(scene.ask("5206", &[("cum_ym", "202501")]).done().rows("cuminfo").len(), 0);
}

#[test]
fn institutions_are_found_by_kind_name_and_code() {
    let scene = scene();
    let asked = |name: &str, value: &str| {
        scene.program.say("1201", &json!({"medinsinfo": {name: value}})).done().rows("medinsinfo")
    };
    let all = scene.program.say("1201", &json!({})).done().rows("medinsinfo").len();
    let (hospitals, pharmacies) = (asked("fixmedins_type", "1").len(), asked("fixmedins_type", "2").len());
    assert_eq!((all, pharmacies), (hospitals + pharmacies, 6));
    assert_eq!(
        asked("fixmedins_name", "大榭")[0]["fixmedins_code"].as_str(),
        Some(&*scene.program.hospital().code)
    );
    assert_eq!(asked("fixmedins_code", "H00000000000").len(), 0);
}
