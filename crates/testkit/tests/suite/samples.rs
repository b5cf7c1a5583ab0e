//! The bodies of `crates/wire/tests/samples` meet a running centre: as they came, but for the ids of what exists there.

use std::fs;
use std::path::Path;

use jiff::civil::{DateTime, datetime};
use serde_json::Value;
use testkit::{Item, Program, Said, TestCentre};

const NOON: DateTime = datetime(2026, 11, 23, 12, 0, 0, 0);

/// A sample with other ids. Each of them must stand in it.
fn sample(file: &str, ids: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/tests/samples").join(file);
    let body = fs::read_to_string(path).unwrap();
    ids.iter().fold(body, |body, (sampled, id)| {
        assert!(body.contains(sampled), "{file} has no {sampled}");
        body.replace(sampled, id)
    })
}

struct Scene {
    centre: TestCentre,
    program: Program,
    hospital: String,
    person: String,
    item: String,
}

impl Scene {
    fn new() -> Self {
        let centre = TestCentre::start(60);
        centre.clock.set(NOON);
        let program = centre.program("澜州市第一医院");
        let hospital = program.hospital().code.clone();
        let person = centre.sample.persons[30].enrolment.number.clone();
        let item = centre.sample.catalogue.items()[0].code.clone();
        Self { centre, program, hospital, person, item }
    }

    /// A sample of the first vendor, under this hospital and with more ids.
    fn first(&self, infno: &str, ids: &[(&str, &str)]) -> String {
        let hospital: &[_] = &[("H99010000001", self.hospital.as_str())];
        sample(&format!("{infno}.json"), &[hospital, ids].concat())
    }

    fn say(&self, body: &str) -> Said {
        self.program.say_body(body)
    }

    /// A visit with one line in a batch.
    fn charged(&self, batch: &str, amount: &str) -> String {
        let visit = self.program.register(&self.person);
        self.program.visit(&self.person, &visit);
        let fees = self.program.fees(&self.person, &visit, batch, &[Item::one(&self.item, amount)]);
        self.program.say("2204", &fees).done();
        visit
    }
}

fn answer(said: &Said) -> Value {
    serde_json::from_str(&said.text).unwrap()
}

#[test]
fn a_visit_of_the_first_vendor_goes_from_sign_in_to_reversal() {
    let scene = Scene::new();
    let signed = scene.say(&scene.first("9001", &[])).done();
    assert!(!signed.get("signinoutb", "sign_no").is_empty());
    let enrolment = &scene.centre.sample.persons[30].enrolment;
    let who = [("990102199001010011", enrolment.document.as_str()), ("测试甲", enrolment.name.as_str())];
    let found = answer(&scene.say(&scene.first("1101", &who)).done());
    let output = &found["output"];
    assert!(output["baseinfo"].is_object() && output["insuinfo"].is_array() && output["idetinfo"].is_array());
    assert_eq!(found["warn_msg"], Value::Null, "{found}");

    let person = ("99010000000000000001", scene.person.as_str());
    let registered = scene.say(&scene.first("2201", &[person, ("2024-09-02", "2026-11-23")])).done();
    assert_eq!(registered.get("data", "ipt_otp_no"), "2409020001");
    let visit = registered.get("data", "mdtrt_id");
    let on = ("300179916", visit.as_str());
    let items = [
        ("X99ABD075A0020101990001", scene.item.as_str()),
        ("X99BCA214A0010101990002", scene.item.as_str()),
        ("2024-09-02", "2026-11-23"),
    ];
    let priced = scene.say(&scene.first("2204", &[&[person, on][..], &items].concat())).done();
    let rows = answer(&priced)["output"]["result"].as_array().unwrap().clone();
    assert_eq!(rows.iter().map(|row| &row["feedetl_sn"]).collect::<Vec<_>>(), ["yp570", "yp571"]);

    let trial = answer(&scene.say(&scene.first("2206", &[person, on])).done());
    for unknown in ["setl_id", "setl_time", "clr_optins", "clr_way"] {
        assert_eq!(trial["output"]["setlinfo"][unknown], Value::Null, "{unknown}");
    }
    let settle = scene.first("2207", &[person, on]);
    let settled = scene.say(&settle).done();
    let msgid = format!("{}202409021016220421", scene.hospital);
    assert_eq!(settled.get("setlinfo", "medins_setl_id"), msgid);
    let again = scene.say(&settle).done();
    assert_eq!((again.text, again.replayed), (settled.text, true), "sent twice after a lost answer");
    scene.say(&scene.first("2601", &[person])).done();
    assert_eq!(scene.program.outcome("2207", &msgid).done().get("result", "outcome"), "taken back");

    // The reversal of a message that never came: done with a warning, and the message is refused should it still come.
    let never = [person, ("1016220421", "1016220499"), ("1016220433", "1016220434")];
    let tombstone = answer(&scene.say(&scene.first("2601", &never)).done());
    assert!(tombstone["warn_msg"].as_str().unwrap().contains("原交易未到达"), "{tombstone}");
    let late = scene.say(&scene.first("2207", &[person, on, ("1016220421", "1016220499")]));
    assert_eq!(late.code.as_deref(), Some("REVERSED_BEFORE_ARRIVAL"), "{}", late.text);
    scene.centre.assert_clean();
}

#[test]
fn a_hub_and_a_clinic_settle_and_the_hub_is_answered_with_a_text() {
    let scene = Scene::new();
    let visit = scene.charged("7", "86.40");
    let ids = [
        ("H99030000001", scene.hospital.as_str()),
        ("99030000000000000003", scene.person.as_str()),
        ("990300112233", visit.as_str()),
        (r#""insuplc_admdvs":"990300""#, r#""insuplc_admdvs":"990101""#),
    ];
    let hub = answer(&scene.say(&sample("2207-hub.json", &ids)).done());
    assert_eq!(hub["infcode"], "0", "a text");
    assert_eq!(hub["output"]["setlinfo"]["medfee_sumamt"].to_string(), "86.4");

    let visit = scene.charged("990400556677", "50.00");
    let ids = [
        ("H99040000001", scene.hospital.as_str()),
        ("9904000000000006", scene.person.as_str()),
        (r#""mdtrt_id":"990400556677""#, &format!(r#""mdtrt_id":"{visit}""#)),
        (r#""insuplc_admdvs":"990400""#, r#""insuplc_admdvs":"990101""#),
    ];
    let clinic = answer(&scene.say(&sample("2207-clinic.json", &ids)).done());
    assert_eq!(clinic["infcode"], 0, "a number");
    scene.centre.assert_clean();
}

#[test]
fn a_refund_row_and_sums_of_a_day_are_understood_as_programs_send_them() {
    let scene = Scene::new();
    let stay = scene.program.admit(&scene.person, datetime(2026, 11, 22, 7, 0, 0, 0)).done();
    let stay = stay.get("result", "mdtrt_id");
    let ids = [
        ("H99020000001", scene.hospital.as_str()),
        ("99020000000000000002", scene.person.as_str()),
        ("9902000099", stay.as_str()),
        ("009903000010000", scene.item.as_str()),
        ("2023-05-30", "2026-11-22"),
        (r#""insuplc_admdvs": "990200""#, r#""insuplc_admdvs": "990101""#),
    ];
    // Its second row is the refund of a part of the first.
    let refund = sample("2301.json", &ids);
    let said = scene.say(&refund).done();
    let answer: Value = serde_json::from_str(&said.text).unwrap();
    let rows = answer["output"]["result"].as_array().unwrap();
    assert_eq!(
        rows.iter().map(|row| row["feedetl_sn"].as_str().unwrap()).collect::<Vec<_>>(),
        ["ZY0001-1", "ZY0001-2"]
    );
    let amount = |at: usize| rows[at]["det_item_fee_sumamt"].as_f64().unwrap();
    assert!(amount(0) > 0.0 && amount(1) < 0.0, "{}", said.text);

    let totals = scene.say(&scene.first("3201", &[]));
    assert_eq!(totals.done().get("stmtinfo", "stmt_rslt"), "1", "nothing was settled on those days");
    scene.centre.assert_clean();
}
