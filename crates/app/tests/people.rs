//! What officers of enrolment do from files.

mod common;

use common::{Ran, folder, tongqu};

const WANG: &str = "99010000000000000001";

struct Desk {
    _folder: tempfile::TempDir,
    path: String,
}

impl Desk {
    fn open() -> Self {
        let (folder, path) = folder();
        tongqu(&["demo", "--once", "--persons", "60", "--folder", &path]).exits(0);
        Self { _folder: folder, path }
    }

    fn run(&self, words: &[&str]) -> Ran {
        let database = format!("sqlite://{}/centre.db", self.path);
        tongqu(&[words, &["--database", &database]].concat())
    }

    fn file(&self, name: &str, text: &str) -> String {
        let file = format!("{}/{name}", self.path);
        std::fs::write(&file, text).unwrap();
        file
    }
}

#[test]
fn a_file_of_people_is_tried_mended_and_enrolled() {
    let desk = Desk::open();
    let heads = "number,name,document,born,gender,status,employer,division,from";
    let good = "99010000000000007001,丁一,990101199001010011,1990-01-01,男,在职,东海机械厂,990103,2026-12-01";
    let bad = format!(
        "{heads}\n{good}\n,丁二,990101199001010022,1990-01-32,女,在职,东海机械厂,990103,2026-12-01\n\
         99010000000000007003,丁三,990101199001010033,1990-01-01,女,学徒,东海机械厂,990103,2026-12-01\n"
    );
    let file = desk.file("people.csv", &bad);
    let import =
        |file: &str, more: &[&str]| desk.run(&[&["people", "import", "--file", file], more].concat());
    let told = import(&file, &[]).exits(1).out;
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "line 3 column number 第 3 行 number: 不能为空 it must not be empty");
    assert!(lines[1].starts_with("line 4 column status 第 4 行 status: `学徒` 不是 employed 在职"), "{told}");
    assert!(lines[2].starts_with("2 处有误,未写入任何一行"), "{told}");
    let file = desk.file("people.csv", &format!("{heads}\n{good}\n{}\n", good.replace("7001", "7002")));
    let told = import(&file, &["--dry-run"]).exits(1).out;
    assert!(
        told.contains("line 3 column document 第 3 行 document: [TWICE_IN_FILE] 文件中重复")
            && told.contains("(第 2 行 line 2)"),
        "{told}"
    );
    let file = desk.file("people.csv", &format!("{heads}\n{good}\n"));
    assert!(import(&file, &["--dry-run"]).exits(0).out.contains("试运行"));
    import(&file, &[]).exits(0);
    assert!(import(&file, &[]).exits(1).out.contains("[NUMBER_TAKEN]"));
    let shown = desk.run(&["people", "show", "99010000000000007001"]).exits(0).out;
    assert!(
        shown.contains("丁一") && shown.contains("310 2026-12-01.. employed paid 990103 东海机械厂"),
        "{shown}"
    );
}

#[test]
fn a_life_is_changed_event_by_event_and_shown() {
    let desk = Desk::open();
    let units = "code,name,kind,division,from\nU1,新港物流,enterprise,990101,2020-01-01\n";
    let file = desk.file("units.csv", units);
    desk.run(&["people", "units", "--file", &file]).exits(0);
    let twice = desk.run(&["people", "units", "--file", &file]).exits(1).out;
    assert!(twice.contains("line 2 column from") && twice.contains("[UNIT_THERE]"), "{twice}");
    let change = |text: &str, more: &[&str]| {
        let file = desk.file("changes.csv", text);
        desk.run(&[&["people", "change", "--file", &file, "--by", "甲"], more].concat())
    };
    let told =
        change(&format!("number,change,day,employer\n{WANG},调动,2026-11-01,无此单位\n"), &[]).exits(1).out;
    assert!(told.contains("line 2 column employer") && told.contains("[UNIT_UNKNOWN]"), "{told}");
    let text = format!(
        "number,change,day,employer,why\n{WANG},调动,2026-11-01,新港物流,调令\n{WANG},退休,2026-11-20,,到龄\n"
    );
    change(&text, &[]).exits(0);
    let shown = desk.run(&["people", "show", WANG]).exits(0).out;
    assert!(shown.contains("310 2026-11-20.. retired paid 990103 新港物流"), "{shown}");
    assert!(shown.contains("retired 2026-11-20 甲 到龄"), "{shown}");
    let merge =
        ["people", "merge", "--from", WANG, "--into", "99010000000000000002", "--by", "甲", "--why", "重复"];
    let alone = desk.run(&[&merge[..], &["--with", "甲"]].concat()).exits(1).out;
    assert!(alone.contains("[TWO_OFFICERS] 须由两人办理"), "{alone}");
    desk.run(&[&merge[..], &["--with", "乙"]].concat()).exits(0);
    desk.run(&["verify"]).exits(0);
}

#[test]
fn a_bill_on_paper_and_bills_of_a_restored_time_are_paid_to_the_person() {
    let desk = Desk::open();
    // What is received counts from the day it is: three months later it would restore nothing.
    let today = model::Clock::now(&model::SystemClock).date();
    let unpaid =
        today.first_of_month().saturating_sub(jiff::Span::new().months(2)).to_string()[..7].to_owned();
    let premium = |received: &str| {
        let file =
            desk.file("premiums.csv", &format!("number,base,pension,received\n{WANG},7000,,{received}\n"));
        let month = ["fund", "credit", "--month", &unpaid, "--file", &file];
        desk.run(&month).exits(0).out
    };
    assert!(premium("no").trim_end().ends_with("pool stopped 停待遇 1, restored 恢复 0"));
    assert!(premium("yes").trim_end().ends_with("pool stopped 停待遇 0, restored 恢复 1"));
    let restored = desk.run(&["people", "restore", "--by", "甲"]).exits(0).out;
    assert!(restored.contains("应付本人 owed to persons 0.00"), "no bill of his is of that time: {restored}");
    let code = sample::catalogue().items().iter().find(|i| i.name == "血常规(五分类)").unwrap().code.clone();
    let lines = desk
        .file("lines.csv", &format!("item,served,price,quantity,amount\n{code},2026-11-10,900,1,900.00\n"));
    let bill =
        ["people", "reimburse", "--number", WANG, "--bill", "F-1", "--kind", "outpatient", "--level", "2"];
    let rest = ["--begins", "2026-11-10", "--lines", &lines, "--by", "甲", "--why", "外地急诊"];
    let tried = desk.run(&[&bill[..], &rest, &["--dry-run"]].concat()).exits(0).out;
    assert!(tried.contains("费用总额 total 900.00") && tried.contains("not booked"), "{tried}");
    let paid = desk.run(&[&bill[..], &rest].concat()).exits(0).out;
    assert_eq!(tried.replace("(试算,未入账 not booked)", ""), paid);
    assert!(desk.run(&[&bill[..], &rest].concat()).exits(1).out.contains("[BILL_PAID]"));
    let list = format!("{}/owed.csv", desk.path);
    let asked = ["people", "owed", "--from", "2026-01-01", "--to", "2099-12-31", "--list", &list];
    desk.run(&asked).exits(0);
    let first = std::fs::read_to_string(&list).unwrap();
    assert!(first.lines().nth(1).is_some_and(|line| line.contains(",reimbursed,F-1,2026-11-10,")), "{first}");
    desk.run(&asked).exits(0);
    assert_eq!(std::fs::read_to_string(&list).unwrap(), first, "asked again, the same");
    desk.run(&["verify"]).exits(0);
}
