//! A centre that is somebody else's: what it answers, and what a road makes of it.

use std::io::{BufReader, Write};
use std::net::TcpStream;

use road::Capabilities;
use sample::{Faults, FaultyLine, Packet};
use serde_json::{Value, json};
use testkit::{Item, PlainCentre, Program, TestCentre, Window};

const HOSPITAL: &str = "龙赛医院";
const PRICE: &str = "120.00";

struct Scene {
    centre: TestCentre,
    plain: PlainCentre,
    /// At the centre itself, past what makes it plain.
    program: Program,
    person: String,
    visit: String,
}

impl Scene {
    /// A bill that waits to be settled.
    fn new() -> Self {
        let centre = TestCentre::start(60);
        let plain = PlainCentre::start(&centre);
        let program = centre.program(HOSPITAL);
        let person = centre.sample.persons[30].enrolment.number.clone();
        let item = Item::one(&centre.sample.catalogue.items()[0].code, PRICE);
        let visit = program.charge(&person, &[item]);
        Self { centre, plain, program, person, visit }
    }

    /// Posts a message as a vendor's program does; the answer as it came.
    fn post(&self, infno: &str, msgid: &str, input: &Value) -> Packet {
        let body = self.program.request(infno, msgid, input).to_string();
        let head = format!("POST /api/{infno} HTTP/1.1\r\ncontent-length: {}\r\n\r\n", body.len());
        let mut stream = TcpStream::connect(self.plain.address()).unwrap();
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).unwrap();
        Packet::read(&mut BufReader::new(stream)).unwrap().unwrap()
    }

    fn bill(&self) -> Value {
        self.program.bill(&self.person, &self.visit, "1", PRICE)
    }
}

fn text(answer: &Packet) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

#[test]
fn it_has_none_of_our_extras() {
    let scene = Scene::new();
    let msgid = scene.program.msgid();
    let done = scene.post("2207", &msgid, &scene.bill());
    assert!(text(&done).contains("setl_id"), "{}", text(&done));
    let again = scene.post("2207", &msgid, &scene.bill());
    assert!(text(&again).contains("该报文已处理"), "{}", text(&again));
    let refused = scene.post("2207", &scene.program.msgid(), &scene.bill());
    assert!(text(&refused).contains("已结算") && !text(&refused).contains('['), "{}", text(&refused));
    let asked = json!({"data": {"omsgid": msgid, "oinfno": "2207"}});
    let outcome = scene.post("outcome", &scene.program.msgid(), &asked);
    assert!(text(&outcome).contains("交易编号不存在"), "{}", text(&outcome));
    for answer in [done, again, refused, outcome] {
        assert!(!String::from_utf8_lossy(&answer.head).to_lowercase().contains("x-tongqu"));
    }
}

#[test]
fn it_takes_a_message_back_as_often_as_it_is_asked() {
    let scene = Scene::new();
    let msgid = scene.program.msgid();
    scene.post("2207", &msgid, &scene.bill());
    let reversal = json!({"data": {"psn_no": scene.person, "omsgid": msgid, "oinfno": "2207"}});
    let id = scene.program.msgid();
    for _ in 0..2 {
        let taken_back = scene.post("2601", &id, &reversal);
        assert!(text(&taken_back).starts_with(r#"{"infcode":0"#), "{}", text(&taken_back));
    }
    let report = scene.centre.assert_clean();
    assert_eq!((report.settlements, report.reversals), (1, 1));
}

#[test]
fn a_lost_answer_is_taken_back_and_the_bill_settles_under_a_new_id() {
    let scene = Scene::new();
    let lossy = Faults { cut_after: 100, ..Faults::default() };
    let lossy = FaultyLine::start(scene.plain.address(), 1, lossy).unwrap();
    let window = Window::open(&scene.centre, HOSPITAL, lossy.address(), Capabilities::default());
    let msgid = scene.program.msgid();
    assert_eq!(window.program.say_as("2207", &msgid, &scene.bill()).code.as_deref(), Some("?"));
    // The power fails. On a good line the same message is sent again, refused as a copy, and taken back.
    let window = window.reopen(&scene.centre, scene.plain.address());
    assert_eq!(window.program.say_as("2207", &msgid, &scene.bill()).code.as_deref(), Some("TAKEN_BACK"));
    window.program.say("2207", &scene.bill()).done();
    let report = scene.centre.assert_clean();
    assert_eq!((report.settlements, report.reversals), (2, 1));
}
