//! A hospital's own items mapped to the catalogue: dated, one thing on a day, and what becomes of an item that is not.

use centre::{MappedItem, MappingDesk, Review, ReviewError};
use jiff::ToSpan;
use jiff::civil::{date, datetime};
use model::Clock;
use serde_json::{Value, json};
use testkit::{Item, Program, Said, TestCentre};

struct Scene {
    centre: TestCentre,
    program: Program,
    person: String,
}

const HOSPITAL: &str = "大榭医院";

fn scene() -> Scene {
    scene_with("mapping=require")
}

fn scene_with(profile: &str) -> Scene {
    let mut centre = TestCentre::start(50);
    centre.set_profile(HOSPITAL, profile);
    let program = centre.program(HOSPITAL);
    let person = centre.sample.person("王建国").number.clone();
    Scene { centre, program, person }
}

impl Scene {
    /// An officer at work, while the centre is stopped.
    fn officer<T>(&mut self, work: impl FnOnce(&mut MappingDesk<'_>) -> T) -> T {
        let told = self.centre.mapping_desk(work);
        let clock = &self.centre.clock;
        clock.set(clock.now().saturating_add(1.minute()));
        self.program = self.centre.program(HOSPITAL);
        told
    }

    fn row(own: &str, item: &str, days: [&str; 2]) -> Value {
        json!({
            "fixmedins_hilist_id": own, "fixmedins_hilist_name": format!("院内{own}"), "list_type": "201",
            "med_list_codg": item, "begndate": days[0], "enddate": days[1], "aprvno": "无", "spec": "次",
        })
    }

    fn map(&self, own: &str, item: &str, days: [&str; 2]) -> Said {
        self.program.say("3301", &json!({"data": [Self::row(own, item, days)]}))
    }

    /// What of a bill of 20 yuan is outside the insurance. Programs of the tests call every item `YP1`.
    fn out_of_scope(&self) -> String {
        let items = [Item::one(self.centre.item("血常规(五分类)"), "20.00")];
        let (_, said) = self.program.settle(&self.person, &items, "20.00");
        said.get("setlinfo", "fulamt_ownpay_amt")
    }

    fn found(&self, more: &[(&str, Value)]) -> Vec<Value> {
        let mut data = json!({"updt_time": "2026-01-01", "page_num": 1, "page_size": 10});
        more.iter().for_each(|(name, value)| data[*name] = value.clone());
        self.program.say("1317", &json!({ "data": data })).done().rows("data")
    }
}

const THIS_YEAR: [&str; 2] = ["2026-01-01", "2026-12-31"];

#[test]
fn an_item_counts_as_insured_from_the_day_it_is_mapped_until_it_is_withdrawn() {
    let scene = scene();
    let test = scene.centre.item("血常规(五分类)").to_owned();
    assert_eq!(scene.out_of_scope(), "20.00", "the edition pays nothing for what is not mapped");
    scene.map("YP1", &test, THIS_YEAR).done();
    assert_eq!(scene.out_of_scope(), "0.00");
    let withdraw = |own: &str| {
        let code = &scene.program.hospital().code;
        let row = json!({"fixmedins_hilist_id": own, "fixmedins_code": code, "list_type": "201", "med_list_codg": test});
        scene.program.say("3302", &json!({"data": [row]}))
    };
    scene.centre.clock.set(datetime(2026, 11, 25, 9, 0, 0, 0));
    withdraw("YP1").done();
    assert_eq!(scene.out_of_scope(), "20.00");
    withdraw("YP1").done();
    withdraw("YP2").refused("NOT_REGISTERED");
    scene.centre.clock.set(datetime(2026, 11, 27, 9, 0, 0, 0));
    withdraw("YP1").done();
    scene.centre.clock.set(datetime(2026, 11, 25, 9, 0, 0, 0));
    let found = scene.found(&[("medins_list_codg", "YP1".into())]);
    assert_eq!((&found[0]["enddate"], &found[0]["vali_flag"]), (&"2026-11-24".into(), &"0".into()));
    scene.map("YP1", &test, ["2026-11-25", "2026-12-31"]).done();
    assert_eq!(scene.out_of_scope(), "0.00");
    let elsewhere = scene.centre.program("龙赛医院");
    let items = [Item::one(&test, "20.00")];
    let (_, said) = elsewhere.settle(&scene.person, &items, "20.00");
    assert_eq!(said.get("setlinfo", "fulamt_ownpay_amt"), "0.00", "of whom it is not asked");
    scene.centre.assert_clean();
}

#[test]
fn an_item_is_one_thing_on_a_day() {
    let scene = scene();
    let (test, other) =
        (scene.centre.item("血常规(五分类)").to_owned(), scene.centre.item("椎管内麻醉(2小时内)").to_owned());
    scene.map("Y1", &test, THIS_YEAR).done();
    scene.map("Y1", &test, THIS_YEAR).done();
    scene.map("Y1", &test, ["2026-03-01", "2026-04-01"]).done();
    scene.map("Y1", &other, ["2026-12-31", "2027-12-31"]).refused("MAPPING_CONFLICT");
    scene.map("Y1", &other, ["2027-01-01", "2027-12-31"]).done();
    scene.map("Y1", &test, ["2026-01-01", "2027-01-31"]).refused("MAPPING_CONFLICT");
    scene.map("Y1", &test, ["2026-01-01", "2026-11-30"]).done();
    assert_eq!(
        scene.found(&[("med_list_codg", test.as_str().into())])[0]["enddate"],
        "2026-11-30",
        "said shorter"
    );
    let found = scene.found(&[]);
    assert_eq!(found.len(), 2);
    assert_eq!(found.iter().filter(|row| row["vali_flag"] == "1").count(), 1);
    assert_eq!(found[0]["medins_list_name"], "院内Y1");
    let in_january = [("query_date", Value::from("2027-01-05"))];
    assert_eq!(scene.found(&in_january)[0]["med_list_codg"], other);
    let pair = json!({"data": [Scene::row("Y2", &test, THIS_YEAR), Scene::row("Y2", &other, THIS_YEAR)]});
    scene.program.say("3301", &pair).refused("MAPPING_CONFLICT");
    assert_eq!(scene.found(&[("medins_list_codg", "Y2".into())]).len(), 0, "nothing half done");
    scene.map("Y3", "X000", THIS_YEAR).refused("ITEM_UNKNOWN");
    scene.map("Y3", &test, ["2026-12-31", "2026-01-01"]).refused("FIELD_INVALID");
    let mut row = Scene::row("Y3", &test, THIS_YEAR);
    row["list_type"] = "101".into();
    scene.program.say("3301", &json!({"data": [row]})).refused("FIELD_INVALID");
    scene.centre.assert_clean();
}

#[test]
fn what_an_officer_sends_back_counts_no_more_and_is_not_said_again_in_the_same_words() {
    let mut scene = scene();
    let test = scene.centre.item("血常规(五分类)").to_owned();
    scene.map("YP1", &test, THIS_YEAR).done();
    assert_eq!(scene.out_of_scope(), "0.00", "nobody has looked at it yet, and it counts");
    scene.centre.clock.set(datetime(2026, 11, 25, 9, 0, 0, 0));
    let (yp1, hospital) = (scene.centre.mapped_items(HOSPITAL), scene.centre.hospital_id(HOSPITAL));
    let nobodys = MappedItem { own: "YP2".into(), ..yp1[0].clone() };
    scene.officer(|desk| {
        let unsaid = desk.review(hospital, &yp1, Review::SendBack, "李审", " ");
        assert!(matches!(unsaid, Err(ReviewError::Unsaid)));
        let unknown = desk.review(hospital, &[yp1[0].clone(), nobodys], Review::Pass, "李审", "");
        assert!(matches!(unknown, Err(ReviewError::Unknown(own, _)) if own == "YP2"), "none of them, then");
        let twice = [yp1[0].clone(), yp1[0].clone()];
        desk.review(hospital, &twice, Review::SendBack, "李审", "名称与目录不符").unwrap();
        let again = desk.review(hospital, &yp1, Review::SendBack, "李审", "再退");
        assert!(matches!(again, Err(ReviewError::Changed(_))), "not as it was looked at");
    });
    assert_eq!(scene.out_of_scope(), "20.00");
    let shown = &scene.found(&[("updt_time", "2026-11-25".into())])[0];
    assert_eq!((&shown["vali_flag"], &shown["memo"]), (&"0".into(), &"名称与目录不符".into()));
    let before = [("query_date", Value::from("2026-11-24"))];
    assert_eq!(scene.found(&before).len(), 1, "until yesterday it was one");
    let again = scene.map("YP1", &test, THIS_YEAR);
    again.refused("MAPPING_SENT_BACK");
    assert!(again.text.contains("名称与目录不符"));
    let mut remarked = Scene::row("YP1", &test, THIS_YEAR);
    remarked["memo"] = "请再审".into();
    scene.program.say("3301", &json!({"data": [remarked]})).refused("MAPPING_SENT_BACK");
    // Programs send all their items again: the others are taken.
    let all = json!({"data": [Scene::row("YP1", &test, THIS_YEAR), Scene::row("YP9", &test, THIS_YEAR)]});
    let told = scene.program.say("3301", &all).done();
    assert!(told.text.contains("名称与目录不符"), "{}", told.text);
    assert_eq!(scene.found(&[("medins_list_codg", "YP9".into())]).len(), 1);
    let other = scene.centre.item("椎管内麻醉(2小时内)").to_owned();
    scene.map("YP1", &other, ["2026-11-25", "2026-12-31"]).done();
    let sent_back = scene.centre.mapped_items(HOSPITAL);
    let sent_back =
        sent_back.iter().filter(|mapped| mapped.own == "YP1" && mapped.days.0 == date(2026, 1, 1));
    let sent_back: Vec<MappedItem> = sent_back.cloned().collect();
    scene.officer(|desk| {
        let taken = desk.review(hospital, &sent_back, Review::Pass, "王审", "");
        assert!(matches!(taken, Err(ReviewError::Taken(_, code)) if code == other));
    });
    let row = json!({"fixmedins_hilist_id": "YP1", "fixmedins_code": "x", "list_type": "201", "med_list_codg": test});
    scene.program.say("3302", &json!({"data": [row]})).done();
    let withdrawn = scene.centre.mapped_items(HOSPITAL);
    scene.officer(|desk| {
        desk.review(hospital, &withdrawn[..1], Review::Pass, "王审", "").unwrap();
    });
    assert_eq!(scene.out_of_scope(), "20.00", "what the hospital withdrew is not brought back");
    scene.centre.assert_clean();
}

#[test]
fn where_an_officer_has_to_look_first_only_what_was_passed_counts() {
    let mut scene = scene_with("mapping=reviewed");
    let test = scene.centre.item("血常规(五分类)").to_owned();
    scene.map("YP1", &test, THIS_YEAR).done();
    assert_eq!(
        (scene.out_of_scope().as_str(), scene.found(&[])[0]["vali_flag"].as_str()),
        ("20.00", Some("0"))
    );
    let hospital = scene.centre.hospital_id(HOSPITAL);
    let review = |scene: &mut Scene, found| {
        let items = scene.centre.mapped_items(HOSPITAL);
        scene.officer(|desk| desk.review(hospital, &items, found, "李审", "核对")).unwrap();
    };
    review(&mut scene, Review::Pass);
    assert_eq!(scene.out_of_scope(), "0.00");
    let mut row = Scene::row("YP1", &test, ["2026-01-01", "2026-12-30"]);
    row["pric"] = "18.00".into();
    scene.program.say("3301", &json!({"data": [row]})).done();
    assert_eq!(scene.out_of_scope(), "0.00", "shorter and at another price it need not be looked at again");
    scene.centre.clock.set(datetime(2026, 11, 25, 9, 0, 0, 0));
    review(&mut scene, Review::SendBack);
    assert_eq!(scene.out_of_scope(), "20.00");
    let yesterday = [("query_date", Value::from("2026-11-24"))];
    assert_eq!(scene.found(&yesterday).len(), 1, "what was passed counted until it was sent back");
    review(&mut scene, Review::Pass);
    assert_eq!(scene.out_of_scope(), "0.00", "the officer was wrong");
    assert_eq!(scene.found(&[])[0]["enddate"], "2026-12-30");
    let mut row = Scene::row("YP1", &test, ["2026-01-01", "2026-12-30"]);
    row["spec"] = "份".into();
    scene.program.say("3301", &json!({"data": [row]})).done();
    assert_eq!(scene.out_of_scope(), "20.00", "another form of it: to be looked at anew");
    // What is yet to begin is sent back whole.
    scene.map("YP3", &test, ["2027-01-01", "2027-12-31"]).done();
    review(&mut scene, Review::SendBack);
    let ahead = [("medins_list_codg", Value::from("YP3")), ("query_date", Value::from("2027-02-01"))];
    assert_eq!(scene.found(&ahead).len(), 0);
    assert_eq!(scene.found(&ahead[..1])[0]["enddate"], "2027-12-31");
    scene.centre.assert_clean();
}
