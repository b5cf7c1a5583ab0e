//! The catalogue as programs fetch it, how it changes by versions, and files beside the messages.

use jiff::civil::{Date, date, datetime};
use model::{Item as CatalogueItem, Validity};
use serde_json::{Value, json};
use testkit::{Item, Program, TestCentre};

const DECEMBER: Date = date(2026, 12, 1);

struct Scene {
    centre: TestCentre,
    program: Program,
}

fn scene() -> Scene {
    let centre = TestCentre::start(50);
    let program = centre.program("大榭医院");
    Scene { centre, program }
}

impl Scene {
    fn named(&self, name: &str) -> CatalogueItem {
        self.centre.sample.catalogue.items().iter().find(|item| item.name == name).expect("an item").clone()
    }

    /// Publishes a version of December and starts the centre on it.
    fn publish(&mut self, rows: Vec<CatalogueItem>) {
        let catalogue = std::mem::take(&mut self.centre.sample.catalogue);
        self.centre.sample.catalogue = catalogue.with("2026-12-01", rows);
        self.centre.restart();
        self.program = self.centre.program("大榭医院");
    }

    /// What a list's file holds of what came behind a version.
    fn download(&self, infno: &str, since: &str) -> (String, Vec<u8>) {
        let said = self.program.say(infno, &json!({"data": {"ver": since}})).done();
        let packed = self.program.fetch(&said.get("output", "file_qury_no")).expect("a file");
        let text = wire::text_of(&packed).expect("text");
        let count = text.lines().count().to_string();
        assert_eq!(said.get("output", "data_cnt"), count, "as many rows as were told");
        (text, packed)
    }

    fn page(&self, infno: &str, more: &[(&str, Value)]) -> Value {
        let mut data = json!({"updt_time": "2000-01-01", "page_num": 1, "page_size": 100});
        more.iter().for_each(|(name, value)| data[*name] = value.clone());
        let said = self.program.say(infno, &json!({ "data": data })).done();
        serde_json::from_str::<Value>(&said.text).expect("an answer")["output"].clone()
    }
}

fn from(item: CatalogueItem, day: Date) -> CatalogueItem {
    CatalogueItem { valid: Validity { from: Some(day), ..Validity::default() }, ..item }
}

#[test]
fn a_list_is_fetched_as_a_zip_and_later_only_what_changed() {
    let mut scene = scene();
    let (all, _) = scene.download("1301", "0");
    assert_eq!(all.lines().count(), 920 + 330);
    assert!(all.contains("\t奥美拉唑肠溶胶囊\t101\t09\t01\t盒\t20mg*14粒\t"), "{}", &all[..200]);
    let test = scene.named("血常规(五分类)");
    let dearer = CatalogueItem { first_self_pay: Some("0.2".parse().unwrap()), ..from(test, DECEMBER) };
    scene.publish(vec![dearer]);
    let (changed, packed) = scene.download("1305", "2026-01-01");
    // The row that ends, and the one that begins.
    assert_eq!(changed.lines().count(), 2, "{changed}");
    assert!(
        changed.contains("\t2026-11-30\t2026-12-01\r\n")
            && changed.contains("\t2026-12-01\t\t2026-12-01\r\n")
    );
    assert!(packed.len() < 1_024, "{} bytes", packed.len());
    assert_eq!(scene.download("1301", "2026-01-01").0, "", "no drug has changed");
    assert_eq!(scene.download("1305", "2026-12-01").0, "");
    for infno in
        ["1302", "1303", "1306", "1307", "1308", "1309", "1310", "1311", "1313", "1314", "1315", "1320"]
    {
        let (text, _) = scene.download(infno, "0");
        assert_eq!(text.is_empty(), matches!(infno, "1303" | "1320"), "{infno}");
    }
}

#[test]
fn an_item_is_priced_as_it_is_listed_on_the_day_it_was_served() {
    let mut scene = scene();
    let (test, other) = (scene.named("血常规(五分类)"), scene.named("椎管内麻醉(2小时内)"));
    let class_c = CatalogueItem { class: model::ItemClass::C, ..from(test.clone(), DECEMBER) };
    let mut stopped = other.clone();
    stopped.valid.to = Some(date(2026, 11, 30));
    scene.publish(vec![class_c, stopped]);
    let person = scene.centre.sample.person("王建国").number.clone();
    let out_of_scope = |scene: &Scene| {
        let items = [Item::one(&test.code, "20.00")];
        let (_, said) = scene.program.settle(&person, &items, "20.00");
        said.get("setlinfo", "fulamt_ownpay_amt")
    };
    assert_eq!(out_of_scope(&scene), "0.00");
    scene.centre.clock.set(datetime(2026, 12, 1, 9, 0, 0, 0));
    assert_eq!(out_of_scope(&scene), "20.00");
    let visit = scene.program.register(&person);
    let fees = |item: &str| {
        scene.program.say("2204", &scene.program.fees(&person, &visit, "1", &[Item::one(item, "20.00")]))
    };
    fees(&other.code).refused("ITEM_STOPPED");
    fees("X00000").refused("ITEM_UNKNOWN");
    scene.centre.assert_clean();
}

#[test]
fn pages_of_the_catalogue_are_told_with_where_they_stand() {
    let scene = scene();
    let first = scene.page("1312", &[]);
    assert_eq!(
        (&first["recordCounts"], &first["pages"], &first["size"]),
        (&3_000.into(), &30.into(), &100.into())
    );
    let last = scene.page("1312", &[("page_num", 30.into())]);
    assert_eq!((&last["startRow"], &last["endRow"]), (&2_901.into(), &3_000.into()));
    assert_eq!(scene.page("1312", &[("page_num", 31.into())])["data"], json!([]));
    let test = scene.named("血常规(五分类)");
    let one = scene.page("1312", &[("hilist_code", test.code.as_str().into())]);
    assert_eq!(one["data"][0]["hilist_name"], "血常规(五分类)");
    assert_eq!(one["recordCounts"], 1);
    assert_eq!(scene.page("1312", &[("updt_time", "2026-06-01".into())])["recordCounts"], 0);
    assert_eq!(scene.page("1312", &[("vali_flag", "0".into())])["recordCounts"], 0);
    assert_eq!(scene.page("1304", &[])["recordCounts"], 0, "the sample city lists no ethnic drugs");
    assert_eq!(scene.page("1316", &[("list_type", "301".into())])["recordCounts"], 500);
    let limits = scene.page("1318", &[]);
    assert!(limits["data"][0]["hilist_pric_uplmt_amt"].is_string(), "{}", limits["data"][0]);
    let ratios = scene.page("1319", &[("hilist_code", test.code.as_str().into())]);
    assert_eq!(ratios["data"][0]["selfpay_prop"], 0.0);
    let wrong = json!({"data": {"updt_time": "2000-01-01", "page_num": 0, "page_size": 10}});
    scene.program.say("1312", &wrong).refused("FIELD_INVALID");
    let wrong = json!({"data": {"updt_time": "2000-01-01", "page_num": 1, "page_size": 1_001}});
    scene.program.say("1312", &wrong).refused("FIELD_INVALID");
}

#[test]
fn the_codes_of_dictionaries_are_told() {
    let scene = scene();
    let asked = |data: Value| scene.program.say("1901", &json!({ "data": data })).done().rows("list");
    let kinds = asked(json!({"type": "insutype"}));
    let employees = kinds.iter().find(|row| row["value"] == "310").expect("310");
    assert_eq!(employees["label"], "职工基本医疗保险");
    assert!(asked(json!({})).len() > 200);
    assert_eq!(asked(json!({"type": "none"})).len(), 0);
}

#[test]
fn a_file_is_kept_and_fetched_by_the_hospital_it_is_of() {
    let scene = scene();
    let content: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    let number = scene.program.upload("rows.bin", &content);
    let packed = scene.program.fetch(&number).expect("a file");
    assert!(wire::is_zip(&packed) && packed.len() < content.len() / 10);
    let zipped = wire::zip("rows.txt", "1\t2\r\n".as_bytes());
    let as_it_came = scene.program.upload("rows.zip", &zipped);
    assert_eq!(scene.program.fetch(&as_it_came), Ok(zipped));
    let code = &scene.program.hospital().code;
    let text = json!({"fsUploadIn": {"in": "MQky\r\nDQo=", "filename": "rows.txt", "fixmedins_code": code}});
    let number_of_text = scene.program.say("9101", &text).done().get("output", "file_qury_no");
    assert_eq!(wire::text_of(&scene.program.fetch(&number_of_text).unwrap()).unwrap(), "1\t2\r\n");
    let wrong = json!({"fsUploadIn": {"in": "?", "filename": "rows.txt", "fixmedins_code": code}});
    scene.program.say("9101", &wrong).refused("FIELD_INVALID");
    scene.centre.clock.set(datetime(2026, 12, 23, 9, 0, 0, 0));
    assert!(scene.program.fetch(&as_it_came).is_ok(), "the last day");
    scene.centre.clock.set(datetime(2026, 12, 24, 9, 0, 0, 0));
    scene.program.fetch(&as_it_came).expect_err("after thirty days").refused("FILE_UNKNOWN");
    let elsewhere = scene.centre.program("龙赛医院");
    for number in [number.as_str(), "1", "rows", "1301.x"] {
        elsewhere.fetch(number).expect_err("nothing of another hospital's").refused("FILE_UNKNOWN");
    }
    scene.centre.assert_clean();
}
