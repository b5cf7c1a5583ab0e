//! What the administrator is told of the machine, the hospital and the line: what is wrong first, each with what to do.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use desk::{Backup, Machine, Room};
use jiff::SignedDuration;
use jiff::civil::{DateTime, datetime};
use model::Clock;
use testkit::{FakeClock, Lost, TestCentre, TestDesk};

const HOSPITAL: &str = "庄市佩珍医院";

/// A machine that stands as it is told to.
struct Told(Mutex<(Backup, Option<Room>)>);

impl Machine for Told {
    fn backup(&self) -> Backup {
        self.0.lock().unwrap().0.clone()
    }

    fn room(&self) -> Option<Room> {
        self.0.lock().unwrap().1
    }
}

fn told(backup: Backup, room: Option<Room>) -> Arc<Told> {
    Arc::new(Told(Mutex::new((backup, room))))
}

/// The row of something on the page, as a reader sees it.
fn row(page: &str, name: &str) -> String {
    let rows = page.split("<tr>").skip(1);
    let row = rows.map(|row| row.split("</tr>").next().unwrap_or_default());
    let text =
        |row: &str| row.split('<').filter_map(|part| part.split_once('>').map(|(_, text)| text)).collect();
    row.map(text).find(|row: &String| row.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {page}"))
}

#[test]
fn backups_and_room_are_told_with_what_to_do() {
    let night = datetime(2026, 11, 23, 2, 0, 0, 0);
    let newest = |made, old, tried| Backup::Newest { made, old, tried };
    let before = datetime(2026, 11, 21, 2, 0, 0, 0);
    let cases = [
        (Backup::NotHere, "由中心或数据库管理员备份", true),
        (Backup::None, "还没有备份", false),
        (newest(night, false, Some(true)), "6 小时前,七天内演练过", true),
        (newest(night, false, None), "七天内没有做过恢复演练", false),
        (newest(night, false, Some(false)), "恢复演练未通过", false),
        (newest(before, true, Some(true)), "54 小时前,七天内演练过", false),
    ];
    let told = told(Backup::NotHere, None);
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let road = desk.centre.centre.clone();
    let desk = desk.set_up(road, |setting| setting.machine = Box::new(told.clone()));
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    for (backup, words, good) in cases {
        *told.0.lock().unwrap() = (backup, Some(Room { free: 9 << 30, low: !good }));
        let page = administrator.get("/today");
        let (backup, disk) = (row(&page, "备份"), row(&page, "磁盘"));
        assert!(backup.contains(words), "{words}: {backup}");
        assert_eq!(backup.contains("每夜运行 tongqu backup"), !good, "{backup}");
        assert!(disk.contains("剩余 9 GiB") && disk.contains("快满了") != good, "{disk}");
        // What is wrong stands first.
        let first = page.split("<tbody>").nth(1).unwrap().split("</tr>").next().unwrap().to_owned();
        assert_eq!(first.contains("tag bad"), !good, "{first}");
    }
}

/// Goes ahead of another by so many seconds.
struct Fast(Arc<FakeClock>, AtomicI64);

impl Clock for Fast {
    fn now(&self) -> DateTime {
        self.0.now().saturating_add(SignedDuration::from_secs(self.1.load(Ordering::Relaxed)))
    }
}

#[test]
fn a_clock_that_goes_wrong_is_told() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let clock = Arc::new(Fast(desk.centre.clock.clone(), AtomicI64::new(0)));
    let road = desk.centre.centre.clone();
    let desk = desk.set_up(road, |setting| setting.clock = clock.clone());
    let (mut administrator, mut cashier) =
        (desk.signed_in_with_code(HOSPITAL, "0001"), desk.signed_in(HOSPITAL, "0103"));
    let card = desk.centre.sample.person("王建国").document.clone();
    for seconds in [40, 200] {
        clock.1.store(seconds, Ordering::Relaxed);
        cashier.get("/charge");
        cashier.post("/charge", &[("card", &card)]);
        let told = row(&administrator.get("/today"), "时钟");
        // To the second: the centre tells no finer.
        let near = [seconds, seconds + 1].iter().any(|n| told.contains(&format!("与中心相差 {n} 秒")));
        assert!(near && told.contains("对准") == (seconds > 60), "{told}");
    }
}

#[test]
fn a_line_that_is_down_is_told() {
    let centre = TestCentre::start(60);
    let way = centre.way().clone();
    let desk = TestDesk::on(centre, way.clone(), &[HOSPITAL]);
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    let card = desk.centre.sample.person("王建国").document.clone();
    cashier.get("/charge");
    cashier.post("/charge", &[("card", &card)]);
    let page = administrator.get("/today");
    assert!(row(&page, "线路").contains("在线"));
    way.lose(Lost::Message);
    cashier.get("/charge");
    cashier.post("/charge", &[("card", &card)]);
    assert!(row(&administrator.get("/today"), "线路").contains("检查网络"));
}

#[test]
fn a_bill_nobody_printed_and_empty_lists_are_told() {
    let desk = TestDesk::start(60, &[HOSPITAL]);
    let mut cashier = desk.signed_in(HOSPITAL, "0103");
    cashier.get("/charge");
    cashier.post("/charge", &[("name", "某人")]);
    let place = cashier.place.clone();
    for (step, form) in [("line", ("item", "xcg")), ("try", ("", "")), ("tender", ("tendered", "12"))] {
        cashier.post(&format!("{place}/{step}"), &[form]);
    }
    cashier.post(&format!("{place}/settle"), &[]);
    let mut administrator = desk.signed_in_with_code(HOSPITAL, "0001");
    assert!(row(&administrator.get("/today"), "已结算未打印").ends_with('0'), "it is just being printed");
    let clock = &desk.centre.clock;
    clock.set(clock.now().saturating_add(SignedDuration::from_mins(6)));
    assert!(row(&administrator.get("/today"), "已结算未打印").contains("1在查询里找到"));
    let bill = place.trim_start_matches("/charge/");
    cashier.get(&format!("/print/receipt/{bill}"));
    assert!(row(&administrator.get("/today"), "已结算未打印").ends_with('0'));
}
