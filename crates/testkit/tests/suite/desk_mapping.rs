//! The hospital's items and the centre's catalogue: what is alike is suggested, what is confirmed is said to the centre, and
//! what a later version changes is told with the items it touches.

use desk::{Item, Mapping, MappingState, NewOperator, Papers, Role, Sheet, Use};
use jiff::civil::{date, datetime};
use model::{Clock as _, Item as CatalogueItem, Validity};
use serde_json::json;
use store::{Act, By};
use testkit::{Browser, DESK_PASSWORD, TestCentre, TestDesk};

const HOSPITAL: &str = "庄市佩珍医院";
const TEST: &str = "血常规(五分类)";

struct House {
    desk: TestDesk,
    office: Browser,
}

impl House {
    fn start() -> Self {
        let centre = TestCentre::start(60);
        let way = centre.way().clone();
        let desk = TestDesk::on(centre, way, &[HOSPITAL]);
        let papers = desk.desk.papers(&desk.code(HOSPITAL));
        let act = Act { at: desk.centre.clock.now(), operator: "set-up".into(), workstation: String::new() };
        let new = NewOperator {
            login: "0501",
            name: "方圆",
            roles: &[Role::InsuranceOffice],
            posts: &[],
            password: DESK_PASSWORD,
            totp: b"",
        };
        desk.desk.hire(&papers, &new, &act).unwrap().unwrap();
        let office = desk.signed_in(HOSPITAL, "0501");
        Self { desk, office }
    }

    fn papers(&self) -> Papers {
        self.desk.desk.papers(&self.desk.code(HOSPITAL))
    }

    fn item(&self, code: &str) -> Sheet<Item> {
        self.papers().get::<Item>(code).unwrap().unwrap()
    }

    fn mapping(&self, code: &str) -> Option<Sheet<Mapping>> {
        self.papers().get::<Mapping>(code).unwrap()
    }

    fn named(&self, name: &str) -> Sheet<Item> {
        let all: Vec<Sheet<Item>> = self.papers().list(By::All, 10_000, 0).unwrap();
        all.into_iter().find(|item| item.facts.name == name).expect("an item")
    }

    /// An item nobody has mapped.
    fn unmapped(&self, code: &str, name: &str) -> Sheet<Item> {
        let facts = Item { name: name.into(), mapped: None, class: "C".into(), ..self.named(TEST).facts };
        let item = Sheet::new(code, Use::Active, None, facts);
        let act =
            Act { at: self.desk.centre.clock.now(), operator: "0001".into(), workstation: String::new() };
        self.papers().put(&[item.happened("new")], &act).unwrap();
        item
    }

    fn fetch(&mut self) {
        self.office.get("/catalogue");
        self.office.post("/catalogue", &[]);
        assert_eq!(self.office.status, 200, "{}", self.office.text());
    }
}

#[test]
fn what_is_alike_is_suggested_confirmed_said_to_the_centre_and_revoked() {
    let mut house = House::start();
    let national = house.desk.centre.item(TEST).to_owned();
    let (own, odd) = (house.unmapped("OWN1", "血常规（五分类）"), house.unmapped("OWN2", "院内自拟套餐"));
    house.office.get("/mapping");
    assert!(house.office.text().contains("还没有下载目录"), "{}", house.office.text());
    house.fetch();
    house.office.get("/mapping");
    let text = house.office.text();
    assert!(text.contains(&national) && text.contains("院内自拟套餐"), "{text}");
    house.office.post("/mapping", &[("do", "confirm")]);
    assert_eq!(
        house.item(&own.key).facts.mapped.as_deref(),
        Some(national.as_str()),
        "{}",
        house.office.text()
    );
    assert_eq!(house.item(&odd.key).facts.mapped, None, "what is not alike is not confirmed together");
    assert_eq!(house.mapping(&own.key).map(|mapping| mapping.state), Some(MappingState::Confirmed));
    let place = format!("/mapping/{}", odd.key);
    house.office.get(&place);
    house.office.post(&place, &[("national", "NONE")]);
    assert!(house.office.text().contains("目录中没有「NONE」"), "{}", house.office.text());
    // All that is mapped goes to the centre, some hundred at a time.
    house.office.get("/mapping?show=unsent");
    house.office.post("/mapping", &[("do", "send")]);
    let taken = || -> usize {
        let all: Vec<Sheet<Mapping>> = house.papers().list(By::All, 10_000, 0).unwrap();
        all.iter().filter(|mapping| mapping.state == MappingState::Sent).count()
    };
    assert_eq!(taken(), 500, "{}", house.office.text());
    let mut told = house.mapping(&own.key).map(|mapping| mapping.state);
    for _ in 0..10 {
        if told == Some(MappingState::Sent) {
            break;
        }
        house.office.post("/mapping", &[("do", "send")]);
        told = house.mapping(&own.key).map(|mapping| mapping.state);
    }
    assert_eq!(told, Some(MappingState::Sent), "{}", house.office.text());
    let program = house.desk.centre.program(HOSPITAL);
    let asked = json!({"data": {"updt_time": "2026-01-01", "page_num": 1, "page_size": 10, "medins_list_codg": "OWN1"}});
    let found = program.say("1317", &asked).done().rows("data");
    assert_eq!((found.len(), &found[0]["vali_flag"]), (1, &"1".into()));
    let place = format!("/mapping/{}", own.key);
    house.office.get(&place);
    house.office.post(&place, &[("national", house.desk.centre.item("椎管内麻醉(2小时内)"))]);
    assert!(house.office.text().contains("先撤销"), "{}", house.office.text());
    house.office.post(&place, &[("do", "revoke")]);
    assert_eq!(house.item(&own.key).facts.mapped, None, "{}", house.office.text());
    assert_eq!(house.mapping(&own.key).map(|mapping| mapping.state), Some(MappingState::Revoked));
    let mut cashier = house.desk.signed_in(HOSPITAL, "0103");
    cashier.get("/mapping");
    assert_eq!(cashier.status, 403);
    house.desk.assert_described(HOSPITAL);
}

#[test]
fn what_a_later_version_changes_is_told_with_the_items_it_touches() {
    let mut house = House::start();
    house.fetch();
    let text = house.office.text();
    assert!(text.contains("2026-01-01") && text.contains("没有变化"), "{text}");
    let own = house.named(TEST);
    let test =
        house.desk.centre.sample.catalogue.items().iter().find(|item| item.name == TEST).unwrap().clone();
    let december = Validity { from: Some(date(2026, 12, 1)), ..Validity::default() };
    let class_c = CatalogueItem { class: model::ItemClass::C, valid: december, ..test };
    let catalogue = std::mem::take(&mut house.desk.centre.sample.catalogue);
    house.desk.centre.sample.catalogue = catalogue.with("2026-12-01", vec![class_c]);
    house.desk.centre.restart();
    house.office.get("/catalogue");
    assert!(house.office.text().contains("H802"), "{}", house.office.text());
    house.fetch();
    let text = house.office.text();
    let touched = format!("{} {TEST}", own.key);
    assert!(text.contains("甲 → 丙") && text.contains(&touched), "{text}");
    assert!(!text.contains("H802"), "{text}");
    house.desk.centre.clock.set(datetime(2026, 11, 23, 8, 1, 0, 0));
    house.desk.centre.way().lose_of("1301", testkit::Lost::Message);
    house.office.get("/catalogue");
    assert!(house.office.text().contains("中心没有"), "{}", house.office.text());
    house.desk.assert_described(HOSPITAL);
}
