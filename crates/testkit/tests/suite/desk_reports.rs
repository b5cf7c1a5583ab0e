//! Reports, in browsers without script: what a month's closings come to is what its reports say, deposits are accounted for to
//! the fen, whatever was undone is told with who and why, and everybody reads what is his to read.

use std::collections::BTreeMap;

use desk::{Bill, Closing, ClosingState, Sheet};
use jiff::civil::{Date, date};
use model::Clock as _;
use money::Money;
use store::By;
use testkit::{Browser, DESK_PASSWORD};
use web::Asked;

use crate::ward::{HOSPITAL, Ward, yuan};

/// What a report is asked for by its days.
type Days = (Date, Date);

const NOVEMBER: Days = (date(2026, 11, 1), date(2026, 11, 30));
const DECEMBER: Days = (date(2026, 12, 1), date(2026, 12, 31));

/// Sums by name.
type Sums = BTreeMap<String, Money>;

/// A report's rows as its file has them, by the headings.
struct File(Vec<BTreeMap<String, String>>);

impl File {
    fn of(browser: &mut Browser, report: &str, days: Days, by: &str) -> Self {
        let target = format!("/reports/{report}?from={}&to={}&by={by}&as=csv", days.0, days.1);
        let answer = browser.raw(Asked::get(&target));
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        let text = answer.text();
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let headings: Vec<&str> = lines.next().expect("headings").split(',').collect();
        let row = |line: &str| {
            let cells = line.split(',').map(|cell| cell.trim_matches('"').to_owned());
            headings.iter().map(|heading| (*heading).to_owned()).zip(cells).collect()
        };
        Self(lines.map(row).collect())
    }

    fn sum(&self, heading: &str) -> Money {
        self.0.iter().map(|row| self::amount(row, heading)).sum()
    }

    fn row(&self, heading: &str, is: &str) -> &BTreeMap<String, String> {
        let found = self.0.iter().find(|row| row.get(heading).is_some_and(|cell| cell.contains(is)));
        found.unwrap_or_else(|| panic!("no row where {heading} is {is}: {:?}", self.0))
    }
}

fn amount(row: &BTreeMap<String, String>, heading: &str) -> Money {
    row.get(heading).unwrap_or_else(|| panic!("no {heading} in {row:?}")).parse().expect("an amount")
}

/// What stands under a caption on a page of a closing, or of all of them.
fn under(page: &str, caption: &str) -> Sums {
    let Some(table) = page.split(&format!("<caption>{caption}</caption>")).nth(1) else { return Sums::new() };
    let body = table.split("</tbody>").next().unwrap();
    let rows = body.split("<tr><td>").skip(1).map(|row| {
        let (name, rest) = row.split_once("</td>").unwrap();
        let amount = rest.split_once('>').unwrap().1.split('<').next().unwrap();
        (name.to_owned(), yuan(&amount.replace(',', "")))
    });
    rows.collect()
}

/// All that pages of closings say by kind of charge, by payer and by way of payment.
const CAPTIONS: [&str; 3] = ["按费用类别", "按支付方", "按支付方式"];

fn all_under(page: &str) -> [Sums; 3] {
    CAPTIONS.map(|caption| without_nothing(under(page, caption)))
}

fn without_nothing(sums: Sums) -> Sums {
    sums.into_iter().filter(|(_, sum)| !sum.is_zero()).collect()
}

/// A house with two cashiers, an admission clerk and an inpatient; days go by.
struct House {
    ward: Ward,
    cashier: Browser,
    other: Browser,
}

impl House {
    fn start() -> Self {
        let ward = Ward::with("王建国");
        let (cashier, other) = (ward.desk.signed_in(HOSPITAL, "0103"), ward.desk.signed_in(HOSPITAL, "0104"));
        Self { ward, cashier, other }
    }

    /// Another day, at eight in the morning; everybody signs in anew.
    fn on(&mut self, day: Date) {
        self.ward.desk.centre.clock.set(day.at(8, 0, 0, 0));
        let desk = &self.ward.desk;
        self.cashier = desk.signed_in(HOSPITAL, "0103");
        self.other = desk.signed_in(HOSPITAL, "0104");
        (self.ward.clerk, self.ward.biller) =
            (desk.signed_in(HOSPITAL, "0301"), desk.signed_in(HOSPITAL, "0207"));
    }

    /// All who moved money close.
    fn close(&mut self) {
        for browser in [&mut self.cashier, &mut self.other, &mut self.ward.clerk] {
            browser.get("/closing");
            browser.post("/closing", &[]);
        }
        assert!(self.open().is_empty(), "all is closed");
    }

    fn open(&self) -> Vec<Closing> {
        let open = ["0103", "0104", "0301"].map(|who| Closing::open(&self.ward.papers(), who).unwrap());
        open.into_iter().filter(|closing| !closing.is_empty()).collect()
    }

    fn closings(&self, days: Days) -> Vec<Sheet<Closing>> {
        let all: Vec<Sheet<Closing>> = self.ward.papers().list(By::Days(days.0, days.1), 1_000, 0).unwrap();
        all.into_iter().filter(|closing| closing.state != ClosingState::Cancelled).collect()
    }

    fn finance(&self) -> Browser {
        self.ward.desk.signed_in(HOSPITAL, "0401")
    }

    /// Somebody of another role.
    fn hire(&self, login: &str, role: &str) -> Browser {
        // A code of the second factor is used once.
        self.ward.wait(30);
        let mut administrator = self.ward.desk.signed_in_with_code(HOSPITAL, "0001");
        administrator.get("/operators");
        let form = [("login", login), ("name", "新来的"), ("password", DESK_PASSWORD), ("role", role)];
        administrator.post("/operators", &form);
        self.ward.desk.signed_in(HOSPITAL, login)
    }
}

/// A page with its addresses as they are, and not as HTML has them.
fn read(browser: &mut Browser, place: &str) -> String {
    browser.get(place).replace("&#x2f;", "/")
}

/// Charges somebody; nobody's card: alone. Answers the bill's key.
fn charge(browser: &mut Browser, card: &str, items: &[&str], paid: &[(&str, &str)]) -> String {
    browser.get("/charge");
    let who: &[(&str, &str)] = if card.is_empty() { &[("name", "路人甲")] } else { &[("card", card)] };
    browser.post("/charge", who);
    let bill = browser.place.clone();
    browser.post(&format!("{bill}/visit"), &[("doctor", "012"), ("diagnosis", "I10")]);
    for item in items {
        browser.post(&format!("{bill}/line"), &[("item", item)]);
    }
    browser.post(&format!("{bill}/try"), &[]);
    browser.post(&format!("{bill}/tender"), &[&[("tendered", "9000")], paid].concat());
    browser.post(&format!("{bill}/settle"), &[]);
    assert!(browser.place.contains("done="), "{}", browser.text());
    bill.trim_start_matches("/charge/").to_owned()
}

fn void(browser: &mut Browser, bill: &str, form: &[(&str, &str)]) {
    let place = format!("/bills/{bill}/void");
    browser.get(&place);
    browser.post(&place, form);
    if let Some(after) = browser.page.split("name=\"sure\" value=\"").nth(1) {
        let sure = after.split('"').next().unwrap().to_owned();
        browser.post(&place, &[form, &[("sure", &*sure)]].concat());
    }
}

/// Two months: in the first patients are charged, a part goes back, a stay is settled, voided and settled again; in the second
/// a bill of the first goes back, and a deposit is taken.
fn two_months() -> (House, String) {
    let mut house = House::start();
    let card = house.ward.desk.centre.sample.person("何雨桐").document.clone();
    let first = charge(&mut house.cashier, "", &["xcg*2"], &[]);
    let insured = charge(&mut house.cashier, &card, &["amlz*2", "xcg"], &[]);
    charge(&mut house.other, "", &["cgxd"], &[("way1", "card"), ("amount1", "10"), ("document1", "T1")]);
    house.ward.deposit("5000");
    house.ward.clerk("deposits", "take", &[("amount", "500"), ("method", "card"), ("document", "T7")]);
    house.ward.post(&["三人间床位费*60", "一级护理*2", "amlz*3"]);
    house.close();
    house.on(date(2026, 11, 24));
    void(&mut house.cashier, &insured, &[("back-1", "1"), ("reason", "void-wrong-item"), ("do", "ask")]);
    let mut finance = house.finance();
    finance.get("/approvals");
    finance.post("/approvals", &[("bill", &insured), ("do", "yes")]);
    void(&mut house.cashier, &insured, &[("back-1", "1"), ("reason", "void-wrong-item")]);
    let line = house.ward.lines().remove(1).key;
    house.ward.reverse(&line, "2");
    house.ward.wait(300);
    house.ward.leave();
    house.ward.settle();
    house.ward.clerk("discharge", "void", &[("reason", "void-lines-wrong")]);
    house.close();
    house.on(date(2026, 11, 25));
    house.ward.clerk.get(&format!("/discharge/{}", house.ward.stay));
    house.ward.clerk("discharge", "try", &[]);
    house.ward.settle();
    house.close();
    house.on(date(2026, 12, 1));
    void(&mut house.cashier, &first, &[("reason", "void-not-done"), ("do", "ask")]);
    let mut finance = house.finance();
    finance.get("/approvals");
    finance.post("/approvals", &[("bill", &first), ("do", "yes")]);
    void(&mut house.cashier, &first, &[("reason", "void-not-done")]);
    charge(&mut house.other, "", &["xcg"], &[]);
    house.close();
    (house, first)
}

#[test]
fn what_closings_of_a_month_come_to_is_what_its_reports_say() {
    let (house, first) = two_months();
    let voided = house.ward.papers().get::<Bill>(&first).unwrap().unwrap();
    assert_eq!(voided.state, desk::BillState::Voided, "a bill of November went back in December");
    let mut finance = house.finance();
    let mut office = house.hire("0501", "insurance-office");
    for days in [NOVEMBER, DECEMBER] {
        let closings = house.closings(days);
        assert!(closings.len() >= 2, "{days:?}");
        let mut expected = [Sums::new(), Sums::new(), Sums::new()];
        for closing in &closings {
            let page = finance.get(&format!("/closing/{}", closing.key));
            for (sums, told) in expected.iter_mut().zip(all_under(&page)) {
                told.into_iter().for_each(|(name, sum)| *sums.entry(name).or_default() += sum);
            }
        }
        let expected = expected.map(without_nothing);
        let funds = expected[1].keys().any(|payer| payer.contains("基金"));
        assert_eq!(funds, days == NOVEMBER, "the stay's fund pays: {expected:?}");
        let page = finance.get(&format!("/reports/house?from={}&to={}", days.0, days.1));
        assert_eq!(all_under(&page), expected, "{}", finance.text());
        assert!(!page.contains("role=\"alert\""), "{}", finance.text());
        let sum =
            |of: &dyn Fn(&Closing) -> Money| closings.iter().map(|closing| of(&closing.facts)).sum::<Money>();
        for by in ["cashier", "day"] {
            let rows = File::of(&mut finance, "house", days, by);
            assert_eq!(rows.sum("合计"), sum(&|closing| closing.total), "{by}");
            assert_eq!(rows.sum("现金净收"), sum(&|closing| closing.hand_over), "{by}");
            assert_eq!(rows.sum("收预交金"), sum(&|closing| closing.deposits_in), "{by}");
            assert_eq!(rows.sum("门诊") + rows.sum("住院"), rows.sum("合计"), "{by}");
        }
        for by in ["ordering", "executing"] {
            let rows = File::of(&mut finance, "departments", days, by);
            assert_eq!(rows.sum("合计"), sum(&|closing| closing.total), "{by}");
            for (category, amount) in &expected[0] {
                assert_eq!(rows.sum(category), *amount, "{by} {category}");
            }
        }
        let rows = File::of(&mut office, "shares", days, "");
        assert_eq!(rows.sum("合计"), sum(&|closing| closing.total));
        assert_eq!(rows.sum("个人账户"), sum(&|closing| closing.accounts));
        assert_eq!(rows.sum("现金"), sum(&|closing| closing.share));
        let parts = ["基金", "个人账户", "现金", "医院负担"].map(|part| rows.sum(part));
        assert_eq!(parts.into_iter().sum::<Money>(), rows.sum("合计"));
        let rows = File::of(&mut finance, "deposits", days, "");
        assert_eq!(rows.sum("收"), sum(&|closing| closing.deposits_in));
        assert_eq!(rows.sum("抵扣"), -sum(&|closing| closing.from_deposits));
        let rows = File::of(&mut finance, "handed", days, "");
        assert_eq!(rows.sum("日结应交"), sum(&|closing| closing.hand_over));
    }
}

#[test]
fn visits_and_stays_are_counted_once_and_ratios_are_of_the_total() {
    let (house, _) = two_months();
    let mut office = house.hire("0501", "insurance-office");
    let rows = File::of(&mut office, "shares", NOVEMBER, "");
    let of = |kind: &str, insurance: &str| {
        let is = |row: &&BTreeMap<String, String>| row["门诊/住院"] == kind && row["险种"] == insurance;
        rows.0.iter().find(is).unwrap_or_else(|| panic!("no {kind} {insurance}: {:?}", rows.0))
    };
    let alone = of("门诊", "自费");
    assert_eq!((alone["人次"].as_str(), alone["自费率 %"].as_str()), ("2", "100.00"));
    assert_eq!(amount(alone, "合计"), yuan("56"), "24 for 血常规, twice, and 32");
    assert_eq!(amount(alone, "次均"), yuan("28"));
    let insured: Vec<_> = rows.0.iter().filter(|row| row["险种"] != "自费").collect();
    assert_eq!(insured.iter().map(|row| row["人次"].as_str()).collect::<Vec<_>>(), ["1", "1"], "{insured:?}");
    // In December the first bill goes back whole, and another is charged: less one, more one.
    let rows = File::of(&mut office, "shares", DECEMBER, "");
    let alone = rows.row("险种", "自费");
    assert_eq!((alone["人次"].as_str(), amount(alone, "合计")), ("0", yuan("-12")));
    assert_eq!(alone["次均"], "", "of no visit there is no average");
    // What outpatients and inpatients were charged, item by item and doctor by doctor.
    let items = File::of(&mut office, "items", (date(2026, 11, 1), date(2026, 11, 30)), "item");
    let doctors = File::of(&mut office, "items", NOVEMBER, "doctor");
    assert_eq!(items.sum("金额"), doctors.sum("金额"));
    let blood = items.row("名称", "血常规");
    assert_eq!(
        (blood["数量"].as_str(), amount(blood, "金额")),
        ("3", yuan("36")),
        "two, and one of the refunded bill"
    );
    let drugs = File::of(&mut office, "items", NOVEMBER, "drugs");
    assert!(!drugs.0.is_empty() && drugs.0.iter().all(|row| row["药品"] == "药品"), "{:?}", drugs.0);
    assert!(doctors.0.iter().all(|row| row["医生"] == "012 张伟"), "{:?}", doctors.0);
}

#[test]
fn deposits_are_accounted_for_from_day_to_day() {
    let (house, _) = two_months();
    let mut finance = house.finance();
    let check = |finance: &mut Browser, days: Days| {
        let rows = File::of(finance, "deposits", days, "");
        for row in &rows.0 {
            let of = |heading: &str| amount(row, heading);
            assert_eq!(of("期初") + of("收") + of("退") + of("转") + of("抵扣"), of("期末"), "{row:?}");
        }
        rows
    };
    let of = |rows: &File, heading: &str| rows.sum(heading);
    let day = |day| (date(2026, 11, day), date(2026, 11, day));
    let first = check(&mut finance, day(23));
    assert_eq!((of(&first, "期初"), of(&first, "期末")), (Money::ZERO, yuan("5500")));
    assert_eq!(first.0[0]["姓名"], "王建国");
    // Settled and voided on one day: nothing is used in the end.
    let second = check(&mut finance, day(24));
    assert_eq!((of(&second, "抵扣"), of(&second, "期末")), (Money::ZERO, yuan("5500")));
    let third = check(&mut finance, day(25));
    assert_eq!((of(&third, "期初"), of(&third, "期末")), (yuan("5500"), Money::ZERO));
    let month = check(&mut finance, NOVEMBER);
    assert_eq!(
        (of(&month, "期初"), of(&month, "收"), of(&month, "抵扣")),
        (Money::ZERO, yuan("5500"), yuan("-5500"))
    );
    assert!(check(&mut finance, DECEMBER).0.is_empty());
    assert!(finance.get("/reports/deposits").contains("这几天没有"), "{}", finance.text());
    assert!(
        finance.get("/reports/deposits?from=20251101").contains("最早从 366 天前起"),
        "{}",
        finance.text()
    );
}

#[test]
fn whatever_was_undone_is_told_with_who_why_and_who_allowed_it() {
    let (house, first) = two_months();
    let mut cashier = house.ward.desk.signed_in(HOSPITAL, "0104");
    let bill = charge(&mut cashier, "", &["xcg"], &[]);
    for _ in 0..3 {
        cashier.get(&format!("/print/receipt/{bill}"));
    }
    cashier.get(&format!("/print/receipt/{bill}?look=1"));
    let mut finance = house.finance();
    let november = File::of(&mut finance, "exceptions", NOVEMBER, "all");
    let kinds: Vec<&str> = november.0.iter().map(|row| row["事项"].as_str()).collect();
    assert_eq!(kinds.len(), 3, "{kinds:?}");
    let part = november.row("事项", "部分退费");
    assert_eq!((part["经手人"].as_str(), part["批准人"].as_str()), ("0103 李敏", "0401 林建"), "{part:?}");
    assert!(part["原因"].contains("项目") && amount(part, "退的金额") > Money::ZERO, "{part:?}");
    assert!(november.row("事项", "住院冲账")["原因"].contains("录错"));
    assert!(november.row("事项", "撤销住院结算")["票据号或单据"].starts_with("ZY-"));
    let december = File::of(&mut finance, "exceptions", DECEMBER, "all");
    let gone = december.row("事项", "作废门诊单");
    assert_eq!((amount(gone, "退的金额"), gone["票据号或单据"].as_str()), (yuan("24"), "NB-0000001"));
    let copies = File::of(&mut finance, "exceptions", DECEMBER, "reprinted");
    assert_eq!(copies.0.len(), 2, "the first print is none, looking is none: {:?}", copies.0);
    assert!(copies.0.iter().all(|row| row["经手人"] == "0104 黄丽"));
    assert!(
        read(&mut finance, "/reports/exceptions").contains(&format!("/bills/{first}")),
        "{}",
        finance.text()
    );
    house.ward.desk.assert_described(HOSPITAL);
}

#[test]
fn cash_that_was_not_handed_over_is_outstanding() {
    let mut house = House::start();
    charge(&mut house.cashier, "", &["xcg*2"], &[]);
    house.cashier.get("/closing");
    house.cashier.post("/closing", &[]);
    charge(&mut house.cashier, "", &["xcg"], &[]);
    charge(&mut house.other, "", &["cgxd"], &[]);
    house.other.get("/closing");
    house.other.post("/closing", &[]);
    let mut finance = house.finance();
    finance.get("/closing/0104-00001");
    finance.post("/closing/0104-00001", &[("counted", "31"), ("difference", "少一元,已追")]);
    let today = (date(2026, 11, 23), date(2026, 11, 23));
    let rows = File::of(&mut finance, "handed", today, "");
    let told = |rows: &File, who: &str| {
        let row = rows.row("收费员", who);
        ["以前未交", "日结应交", "现未日结", "应交合计", "已交(实点)", "差额", "未交"]
            .map(|name| amount(row, name).to_string())
    };
    assert_eq!(told(&rows, "0103"), ["0.00", "24.00", "12.00", "36.00", "0.00", "0.00", "36.00"]);
    assert_eq!(told(&rows, "0104"), ["0.00", "32.00", "0.00", "32.00", "31.00", "-1.00", "0.00"]);
    house.on(date(2026, 11, 24));
    let mut finance = house.finance();
    let rows = File::of(&mut finance, "handed", (date(2026, 11, 24), date(2026, 11, 24)), "");
    assert_eq!(told(&rows, "0103"), ["24.00", "0.00", "12.00", "36.00", "0.00", "0.00", "36.00"]);
    assert_eq!(rows.0.len(), 1, "who owes nothing is left out");
}

#[test]
fn everybody_reads_what_is_his_to_read() {
    let mut house = House::start();
    charge(&mut house.cashier, "", &["xcg*2"], &[]);
    let mut director = house.hire("0601", "director");
    assert!(director.get("/").contains("科室收入"), "a director begins with reports: {}", director.text());
    let mut office = house.hire("0501", "insurance-office");
    let mut finance = house.finance();
    let all = ["house", "handed", "deposits", "departments", "shares", "items", "exceptions"];
    let reads = |browser: &mut Browser| -> Vec<&str> {
        let index = read(browser, "/reports");
        let opens = |report: &&str| {
            let listed = index.contains(&format!("/reports/{report}\""));
            browser.get(&format!("/reports/{report}"));
            assert_eq!(browser.status == 200, listed, "{report}: {}", browser.text());
            listed
        };
        all.into_iter().filter(opens).collect()
    };
    assert_eq!(reads(&mut director), ["house", "departments", "shares"]);
    assert_eq!(reads(&mut office), ["shares", "items"]);
    assert_eq!(reads(&mut finance), ["house", "handed", "deposits", "departments", "exceptions"]);
    assert!(read(&mut finance, "/reports").contains("href=\"/arrears\""), "arrears are among them");
    house.cashier.get("/reports");
    assert_eq!(house.cashier.status, 403);
    // Days that are wrong are said, and what was typed stays.
    let page = finance.get("/reports/house?from=0231&to=t");
    assert!(page.contains("aria-invalid") && page.contains("value=\"0231\""), "{}", finance.text());
    assert!(
        finance.get("/reports/house?from=20260101&to=t").contains("一次最多看 92 天"),
        "{}",
        finance.text()
    );
    assert!(
        finance.get("/reports/house?from=t&to=t-1").contains("开始日期在结束日期之后"),
        "{}",
        finance.text()
    );
    assert!(
        office.get("/reports/items?from=20261001&to=t").contains("一次最多看 31 天"),
        "{}",
        office.text()
    );
    // As a page with its sums and bars, on paper, as a workbook.
    let page = finance.get("/reports/house");
    assert!(page.contains("<tfoot>") && page.contains("<rect") && page.contains("aria-current=\"true\""));
    let paper = finance.get("/reports/house?from=t&to=t&print=1");
    assert!(
        paper.contains("0103 李敏") && paper.contains("class=\"a4 across\"") && !paper.contains("<nav"),
        "{paper}"
    );
    let book = finance.raw(Asked::get("/reports/house?as=xlsx"));
    assert!(wire::is_zip(&book.body));
    let mut english = finance;
    english.get("/language/en?back=/reports/house");
    assert!(english.page.contains("Day of the house"), "{}", english.text());
    assert_eq!(house.ward.desk.centre.clock.now().date(), date(2026, 11, 23));
}

#[test]
fn a_day_is_sealed_when_all_have_closed_and_handed_over_and_the_latest_is_taken_back() {
    let mut house = House::start();
    charge(&mut house.cashier, "", &["xcg*2"], &[]);
    charge(&mut house.other, "", &["cgxd"], &[]);
    let mut finance = house.finance();
    let seal = |finance: &mut Browser, day: &str, what: &str| {
        finance.get("/summaries");
        finance.post("/summaries", &[("day", day), ("do", what)]);
        finance.text()
    };
    let confirm = |finance: &mut Browser, key: &str, cash: &str| {
        finance.get(&format!("/closing/{key}"));
        finance.post(&format!("/closing/{key}"), &[("counted", cash)]);
    };
    house.cashier.get("/closing");
    house.cashier.post("/closing", &[]);
    let told = seal(&mut finance, "2026-11-23", "");
    assert!(told.contains("还有人收退过没有日结:0104"), "{told}");
    house.other.get("/closing");
    house.other.post("/closing", &[]);
    confirm(&mut finance, "0103-00001", "24");
    let told = seal(&mut finance, "2026-11-23", "");
    assert!(told.contains("还有日结没有交款:0104-00001"), "{told}");
    confirm(&mut finance, "0104-00001", "32");
    assert!(seal(&mut finance, "1124", "").contains("不能晚于今天"), "{}", finance.text());
    assert!(seal(&mut finance, "2026-11-22", "").contains("没有可汇总的日结"), "{}", finance.text());
    let told = seal(&mut finance, "2026-11-23", "");
    assert!(told.contains("2026-11-23 2 56.00 56.00 56.00 0401"), "{told}");
    let states = |house: &House| -> Vec<ClosingState> {
        house.closings(NOVEMBER).iter().map(|closing| closing.state).collect()
    };
    assert_eq!(states(&house), [ClosingState::Summarised; 2]);
    assert!(seal(&mut finance, "2026-11-23", "").contains("已汇总到 2026-11-23"), "{}", finance.text());
    // The next day is sealed as well: the day before stands until that is taken back.
    house.on(date(2026, 11, 24));
    charge(&mut house.cashier, "", &["xcg"], &[]);
    house.cashier.get("/closing");
    house.cashier.post("/closing", &[]);
    let mut finance = house.finance();
    confirm(&mut finance, "0103-00002", "12");
    assert!(seal(&mut finance, "t", "").contains("2026-11-24 1 12.00"), "{}", finance.text());
    assert!(seal(&mut finance, "2026-11-23", "cancel").contains("只能取消最近一次"), "{}", finance.text());
    seal(&mut finance, "2026-11-24", "cancel");
    assert_eq!(states(&house).iter().filter(|state| **state == ClosingState::Confirmed).count(), 1);
    assert!(seal(&mut finance, "2026-11-24", "").contains("2026-11-24 1 12.00"), "{}", finance.text());
    assert!(finance.get("/confirm").contains("0104-00001"), "what is sealed is still to be looked at");
    house.cashier.get("/summaries");
    assert_eq!(house.cashier.status, 403);
    house.ward.desk.assert_described(HOSPITAL);
}
