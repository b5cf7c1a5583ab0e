//! Doctors and diagnoses: entered row by row or from a file, found by initials at the window at once, stopped and never
//! deleted.

use desk::{Diagnosis, Doctor, Form, Sheet, Use};
use testkit::{Browser, TestDesk};
use web::Asked;

const HOSPITAL: &str = "庄市佩珍医院";

struct House {
    desk: TestDesk,
    administrator: Browser,
}

impl House {
    fn start() -> Self {
        let desk = TestDesk::start(60, &[HOSPITAL]);
        let administrator = desk.signed_in_with_code(HOSPITAL, "0001");
        Self { desk, administrator }
    }

    fn post(&mut self, place: &str, form: &[(&str, &str)]) -> String {
        self.administrator.get(place);
        assert_eq!(self.administrator.status, 200, "{}", self.administrator.text());
        self.administrator.post(place, form);
        self.administrator.text()
    }

    fn kept<F: Form>(&self, key: &str) -> Option<Sheet<F>> {
        self.desk.desk.papers(&self.desk.code(HOSPITAL)).get(key).unwrap()
    }

    /// What a window is offered for what is typed.
    fn offered(&self, what: &str, typed: &str) -> String {
        let mut cashier = self.desk.signed_in(HOSPITAL, "0103");
        cashier.get(&format!("/find/{what}?q={typed}"));
        cashier.text()
    }
}

const DOCTOR: [(&str, &str); 5] = [
    ("doctor-number", "077"),
    ("doctor-name", "欧阳海"),
    ("doctor-code", "D990100000077"),
    ("department-code", "A03"),
    ("department-name", "内科"),
];

#[test]
fn a_doctor_is_found_at_the_window_once_kept_and_not_once_stopped() {
    let mut house = House::start();
    assert!(!house.offered("doctor", "oyh").contains("欧阳海"));
    house.post("/doctors", &DOCTOR);
    assert_eq!(house.kept::<Doctor>("077").unwrap().facts.department.name, "内科");
    assert!(house.offered("doctor", "oyh").contains("欧阳海"));
    let text = house.post("/doctors", &DOCTOR);
    assert!(text.contains("“077”已有"), "{text}");
    // Chosen in the list, he is changed.
    let changed = [&DOCTOR[..4], &[("department-name", "心内科"), ("edited", "077")]].concat();
    house.post("/doctors?key=077", &changed);
    assert_eq!(house.kept::<Doctor>("077").unwrap().facts.department.name, "心内科");
    house.post("/doctors", &[("do", "stop"), ("key", "077")]);
    assert_eq!(house.kept::<Doctor>("077").unwrap().state, Use::Stopped);
    assert!(!house.offered("doctor", "oyh").contains("欧阳海"));
    house.post("/doctors", &[("do", "go-on"), ("key", "077")]);
    assert!(house.offered("doctor", "oyh").contains("欧阳海"));
}

#[test]
fn what_is_wrong_is_told_beside_its_field_and_stays() {
    let mut house = House::start();
    for (field, value, why) in [("doctor-number", "0 7", "字母"), ("doctor-name", "", "姓名")] {
        let form: Vec<(&str, &str)> =
            DOCTOR.iter().map(|(name, typed)| (*name, if *name == field { value } else { *typed })).collect();
        let text = house.post("/doctors", &form);
        assert!(text.contains(why) && house.administrator.page.contains("aria-invalid"), "{field}: {text}");
        assert!(house.administrator.page.contains("value=\"D990100000077\""), "what was typed stays");
    }
    assert!(house.kept::<Doctor>("077").is_none());
}

#[test]
fn a_list_from_a_file_is_checked_first_and_comes_back_as_it_was_written() {
    let mut house = House::start();
    let list = "诊断代码,诊断名称\nZZ1.001,重修后的诊断甲\nZZ1.002,诊断乙\n";
    let check = |house: &mut House, text: &str, what: &str| {
        house.administrator.get("/diagnoses?file=1");
        house.administrator.post("/diagnoses", &[("do", what), ("text", text)]);
        house.administrator.text()
    };
    let wrong = check(&mut house, "诊断代码,诊断名称\nZZ1.001,\nZZ1.001,甲\nZZ1.001,乙\n", "apply");
    assert!(wrong.contains("2 个问题") || wrong.contains("2 处"), "{wrong}");
    assert!(house.kept::<Diagnosis>("ZZ1.001").is_none(), "nothing of it is taken over");
    check(&mut house, list, "check");
    assert_eq!(house.administrator.fact("新增").as_deref(), Some("2"), "{}", house.administrator.text());
    assert!(house.kept::<Diagnosis>("ZZ1.001").is_none(), "only looked at");
    check(&mut house, list, "apply");
    assert_eq!(house.kept::<Diagnosis>("ZZ1.001").unwrap().facts.name, "重修后的诊断甲");
    // All readings of a sign that has several.
    for typed in ["cxhdzdj", "zxhdzdj"] {
        assert!(house.offered("diagnosis", typed).contains("ZZ1.001"), "{typed}");
    }
    check(&mut house, list, "check");
    assert_eq!(house.administrator.fact("没有变化").as_deref(), Some("2"), "{}", house.administrator.text());
    let file = house.administrator.raw(Asked::get("/diagnoses?q=%E8%AF%8A%E6%96%AD&as=csv")).text();
    assert!(file.contains("ZZ1.001,重修后的诊断甲,在用"), "{file}");
    check(&mut house, &file, "check");
    assert_eq!(house.administrator.fact("新增").as_deref(), Some("0"), "a file of ours is read again");
}

#[test]
fn only_those_who_keep_them_get_there() {
    let house = House::start();
    for login in ["0103", "0301", "0401"] {
        let mut other = house.desk.signed_in(HOSPITAL, login);
        for place in ["/doctors", "/diagnoses"] {
            other.get(place);
            assert_eq!(other.status, 403, "{login} {place}");
        }
    }
}
