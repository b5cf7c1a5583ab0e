//! The price list: prices that hold from a day on, approved by somebody else, never for a day that has begun; what is
//! stopped; lists from a file, and as one.

use desk::{Bill, Item, NewOperator, Papers, PriceChange, PriceChangeState, Role, Sheet, Use};
use jiff::civil::{date, datetime};
use model::Clock as _;
use store::{Act, By};
use testkit::{Browser, DESK_PASSWORD, TestDesk};
use web::Asked;

const HOSPITAL: &str = "庄市佩珍医院";
const OFFICE: &str = "0501";

/// A hospital with somebody at its insurance office, beside the administrator.
struct House {
    desk: TestDesk,
    administrator: Browser,
    office: Browser,
}

impl House {
    fn start() -> Self {
        let desk = TestDesk::start(60, &[HOSPITAL]);
        let papers = desk.desk.papers(&desk.code(HOSPITAL));
        let act = Act { at: desk.centre.clock.now(), operator: "set-up".into(), workstation: String::new() };
        let new = NewOperator {
            login: OFFICE,
            name: "方圆",
            roles: &[Role::InsuranceOffice],
            posts: &[],
            password: DESK_PASSWORD,
            totp: b"",
        };
        desk.desk.hire(&papers, &new, &act).unwrap().unwrap();
        let administrator = desk.signed_in_with_code(HOSPITAL, "0001");
        let office = desk.signed_in(HOSPITAL, OFFICE);
        Self { desk, administrator, office }
    }

    fn papers(&self) -> Papers {
        self.desk.desk.papers(&self.desk.code(HOSPITAL))
    }

    fn item(&self, code: &str) -> Sheet<Item> {
        self.papers().get::<Item>(code).unwrap().unwrap_or_else(|| panic!("no {code}"))
    }

    fn named(&self, name: &str) -> String {
        let all: Vec<Sheet<Item>> = self.papers().list(By::All, 10_000, 0).unwrap();
        all.into_iter().find(|item| item.facts.name == name).expect("an item").key
    }

    fn sheets(&self) -> Vec<Sheet<PriceChange>> {
        self.papers().list(By::All, 100, 0).unwrap()
    }

    fn on(&mut self, day: i8) {
        self.desk.centre.clock.set(datetime(2026, 11, day, 8, 0, 0, 0));
        self.administrator = self.desk.signed_in_with_code(HOSPITAL, "0001");
        self.office = self.desk.signed_in(HOSPITAL, OFFICE);
    }

    /// What one of an item costs at the window now.
    fn costs(&self, code: &str) -> String {
        let mut cashier = self.desk.signed_in(HOSPITAL, "0103");
        cashier.get("/charge");
        cashier.post("/charge", &[("name", "某人")]);
        let place = cashier.place.clone();
        cashier.post(&format!("{place}/line"), &[("item", code)]);
        let bill = self.papers().get::<Bill>(place.trim_start_matches("/charge/")).unwrap().unwrap();
        assert_eq!(bill.facts.lines.len(), 1, "{}", cashier.text());
        bill.facts.lines[0].amount.to_string()
    }
}

#[test]
fn a_price_holds_from_its_day_on_and_somebody_else_approves_it() {
    let mut house = House::start();
    let code = house.named("血常规(五分类)");
    let place = format!("/prices/{code}");
    house.administrator.get("/prices?q=xcg");
    assert!(house.administrator.text().contains("血常规(五分类)"), "{}", house.administrator.text());
    house.administrator.get(&place);
    let mut propose = |price: &str, from: &str, why: &str| {
        let form = [("do", "price"), ("price", price), ("from", from), ("why", why)];
        house.administrator.post(&place, &form);
        house.administrator.text()
    };
    assert!(propose("15", "20261123", "物价局文件").contains("不能早于明天"));
    assert!(propose("15.00001", "20261125", "物价局文件").contains("最多四位小数"));
    assert!(propose("15", "20261125", "").contains("要写原因"));
    assert!(propose("20", "20261125", "物价局文件").contains("与现价相同"));
    assert!(propose("15", "20261125", "物价局文件").contains("待审"));
    let sheet = house.sheets().remove(0);
    let at = format!("/price-changes/{}", sheet.key);
    house.administrator.post(&at, &[]);
    assert!(house.administrator.text().contains("要由另一人审批"), "{}", house.administrator.text());
    assert_eq!(house.sheets()[0].state, PriceChangeState::Proposed);
    house.office.get(&at);
    house.office.post(&at, &[]);
    let sheet = house.sheets().remove(0);
    assert_eq!((sheet.state, sheet.facts.approver.as_str()), (PriceChangeState::Approved, OFFICE));
    assert_eq!(house.costs(&code), "20.00", "today it costs what it did");
    house.on(25);
    assert_eq!(house.costs(&code), "15.00");
    assert_eq!(house.item(&code).facts.price_on(date(2026, 11, 24)).to_string(), "20.000000");
    // One that lay too long is refused: days have begun that it would change.
    house.administrator.get(&place);
    house
        .administrator
        .post(&place, &[("do", "price"), ("price", "16"), ("from", "20261126"), ("why", "再调")]);
    let late = house.sheets().into_iter().find(|sheet| sheet.state == PriceChangeState::Proposed).unwrap();
    house.on(26);
    let at = format!("/price-changes/{}", late.key);
    house.office.get(&at);
    house.office.post(&at, &[]);
    assert!(house.office.text().contains("不能早于明天"), "{}", house.office.text());
    house.office.post(&at, &[("do", "refuse")]);
    let late = house.sheets().into_iter().find(|sheet| sheet.key == late.key).unwrap();
    assert_eq!(late.state, PriceChangeState::Refused);
    assert_eq!(house.costs(&code), "15.00");
    let mut cashier = house.desk.signed_in(HOSPITAL, "0103");
    cashier.get("/prices");
    assert_eq!(cashier.status, 403);
    house.desk.assert_described(HOSPITAL);
}

#[test]
fn who_types_the_code_of_what_is_stopped_is_told_who_stopped_it_and_what_is_charged_instead() {
    let mut house = House::start();
    let code = house.named("血常规(五分类)");
    house.administrator.get("/price-new");
    let form = |code: &'static str| {
        [
            ("code", code),
            ("name", "血常规(新)"),
            ("unit", "次"),
            ("category", "04"),
            ("price", "25"),
            ("whole", "1"),
        ]
    };
    house.administrator.post("/price-new", &form("N 1"));
    assert!(house.administrator.text().contains("编码「N 1」"), "{}", house.administrator.text());
    house.administrator.post("/price-new", &form("N1"));
    assert_eq!(house.item("N1").state, Use::Active, "{}", house.administrator.text());
    assert_eq!(house.costs("N1"), "25.00");
    let place = format!("/prices/{code}");
    house.administrator.get(&place);
    let stop =
        |why: &'static str, instead: &'static str| [("do", "stop"), ("why", why), ("instead", instead)];
    house.administrator.post(&place, &stop("", ""));
    assert!(house.administrator.text().contains("停用要写原因"), "{}", house.administrator.text());
    house.administrator.post(&place, &stop("改用新项目", "none"));
    assert!(house.administrator.text().contains("没有找到「none」"), "{}", house.administrator.text());
    house.administrator.post(&place, &stop("改用新项目", "N1"));
    assert_eq!(house.item(&code).state, Use::Stopped, "{}", house.administrator.text());
    let mut cashier = house.desk.signed_in(HOSPITAL, "0103");
    cashier.get("/charge");
    cashier.post("/charge", &[("name", "某人")]);
    let bill = cashier.place.clone();
    cashier.post(&format!("{bill}/line"), &[("item", &code)]);
    let told = format!("H201 项目「{code}」已由 0001 于 2026-11-23 停用");
    assert!(cashier.text().contains(&told) && cashier.text().contains("N1"), "{}", cashier.text());
    house.administrator.get(&place);
    house.administrator.post(&place, &[("do", "go-on")]);
    assert_eq!(house.costs(&code), "20.00");
}

#[test]
fn a_list_from_a_file_is_looked_at_before_it_is_taken_over() {
    let mut house = House::start();
    let code = house.named("血常规(五分类)");
    house.administrator.get("/price-import");
    let from = ("from", "20261125");
    let wrong = format!("编码,名称,规格,单位,单价\n{code},血常规,,次,十二\nN2,,,次,1\n");
    house.administrator.post("/price-import", &[("text", &wrong), from]);
    let text = house.administrator.text();
    assert!(text.contains("2 单价 单价「十二」") && text.contains("3 名称"), "{text}");
    // What was exported is read again, and changes nothing.
    let exported = house.administrator.raw(Asked::get("/prices?as=csv")).text();
    assert!(exported.starts_with('\u{feff}'), "{}", &exported[..40]);
    house.administrator.post("/price-import", &[("text", &exported), from, ("do", "check")]);
    let same = house.administrator.fact("没有变化");
    assert_eq!(same, Some((exported.lines().count() - 1).to_string()), "{}", house.administrator.text());
    let known = house.item(&code).facts;
    let row = format!("{code},{},{},{},14,04,,,,,,是", known.name, known.specification, known.unit);
    let heading = "编码,名称,规格,单位,单价,费用类别,执行科室代码,执行,别名,国家编码,药品,整数";
    let list = format!("{heading}\n{row}\nN2,新项目,,次,30,05,,,,,,\n");
    house.administrator.post("/price-import", &[("text", &list), from, ("do", "check")]);
    assert_eq!(house.administrator.fact("新增").as_deref(), Some("1"), "{}", house.administrator.text());
    assert!(house.papers().get::<Item>("N2").unwrap().is_none(), "nothing is taken over by looking");
    house.administrator.post("/price-import", &[("text", &list), from, ("do", "apply")]);
    assert!(house.administrator.text().contains("要写原因"), "{}", house.administrator.text());
    house.administrator.post("/price-import", &[("text", &list), from, ("do", "apply"), ("why", "年度调价")]);
    assert_eq!(house.item("N2").facts.price.to_string(), "30.000000");
    let sheet = house.sheets().remove(0);
    assert_eq!((sheet.facts.rows.len(), sheet.facts.rows[0].after.to_string().as_str()), (1, "14.000000"));
    assert_eq!(house.costs(&code), "20.00", "not before it is approved, nor before its day");
    // A workbook of the same list, for whoever may see the page; nobody else.
    let book = house.administrator.raw(Asked::get("/prices?as=xlsx"));
    assert!(
        wire::is_zip(&book.body)
            && book.header("content-disposition").is_some_and(|d| d.contains("prices.xlsx"))
    );
    let mut cashier = house.desk.signed_in(HOSPITAL, "0103");
    assert_eq!(cashier.raw(Asked::get("/prices?as=csv")).status, 403);
}
