//! Bad input meets its own stable code, says in both languages what to do, and leaves no row behind.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::datetime;
use serde_json::{Value, json};
use serve::Limits;
use testkit::{FakeClock, Item, Poison, Program, Response, TestCentre, TestServer, foreign, read_response};
use wire::{Answer, Kind, Language, registry};

struct Scene {
    centre: TestCentre,
    server: TestServer,
    program: Program,
    person: String,
    item: String,
}

impl Scene {
    fn new() -> Self {
        Self::with(Limits { rate: None, ..Limits::default() })
    }

    fn with(limits: Limits) -> Self {
        let centre = TestCentre::start(60);
        let server = TestServer::start(&centre, limits);
        let program = centre.program("澜州市第一医院");
        let person = centre.sample.persons[30].enrolment.number.clone();
        let item = centre.item("血常规(五分类)").to_owned();
        Self { centre, server, program, person, item }
    }

    /// Posts bytes as the hospital, properly signed.
    fn post(&self, path: &str, body: &[u8]) -> Response {
        let headers = self.server.signed(self.program.hospital(), "2207");
        self.server.post(path, &headers, body)
    }

    fn say(&self, infno: &str, input: &Value) -> Response {
        let body = self.program.request(infno, &self.program.msgid(), input).to_string();
        self.post(&format!("/api/{infno}"), body.as_bytes())
    }

    /// Rows of every table.
    fn rows(&self) -> Vec<(String, i64)> {
        let books = self.centre.books();
        let count = |name: String| {
            let count = books.ask(&format!("select count(*) from {name}"))[0][0].parse().unwrap();
            (name, count)
        };
        books.tables().into_iter().map(count).collect()
    }

    /// Tables that grew since.
    fn grown(&self, before: &[(String, i64)]) -> Vec<String> {
        self.rows().into_iter().zip(before).filter(|(now, then)| now != *then).map(|(now, _)| now.0).collect()
    }
}

/// A response that was certainly not processed: its code, its header, and no row anywhere.
fn check_not_processed(scene: &Scene, status: u16, code: &str, post: impl FnOnce() -> Response) {
    let before = scene.rows();
    let response = post();
    assert_eq!((response.status, response.code().as_deref()), (status, Some(code)), "{response:?}");
    assert_eq!(response.header("x-tongqu-outcome"), Some("not-processed"), "{code}");
    assert_eq!(scene.grown(&before), Vec::<String>::new(), "{code} leaves no row");
    explained(&response, "elsewhere paas-nobody", code, Kind::NotProcessed);
}

/// A refusal by rule: recorded as a result, and nothing else written.
fn check_refused(scene: &Scene, code: &str, infno: &str, input: &Value) {
    let before = scene.rows();
    let response = scene.say(infno, input);
    assert_eq!((response.status, response.code().as_deref()), (200, Some(code)), "{response:?}");
    assert_eq!(response.header("x-tongqu-outcome"), Some("refused"));
    let expected: &[&str] = match (infno, wire::transaction(infno).unwrap().class) {
        // Who asked after a person is on record, found or not.
        ("1101" | "2001", _) => &["audit"],
        (_, wire::Class::Query) => &[],
        _ => &["audit", "message"],
    };
    let mut grown = scene.grown(&before);
    grown.sort();
    assert_eq!(grown, expected, "{code}");
    explained(&response, &input.to_string(), code, Kind::Refused);
}

/// The registry has the code, of this kind, in both languages; the answer is in the one of the institution.
fn explained(response: &Response, sent: &str, code: &str, kind: Kind) {
    let told = Answer { text: response.body.as_bytes().into() }.error().unwrap();
    let (_, words) = told.split_once(']').unwrap();
    assert_eq!(foreign(words, Language::Zh, sent), None, "{told}");
    let row =
        registry().find(|row| row.code == code).unwrap_or_else(|| panic!("{code} is not in the registry"));
    assert_eq!(row.kind, kind, "{code}");
    assert!(told.ends_with(row.advice.words(Language::Zh)), "{told} does not say what to do");
    let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    assert!(han(row.zh) && !han(row.en), "{code} is told in both languages");
}

#[test]
fn bodies_that_cannot_be_read_are_refused_before_anything_happens() {
    let scene = Scene::new();
    let post = |body: &[u8]| scene.post("/api/2207", body);
    check_not_processed(&scene, 400, "MALFORMED", || post(b"{\"infno\":\"2207\","));
    check_not_processed(&scene, 400, "MALFORMED", || post(b""));
    check_not_processed(&scene, 400, "MALFORMED", || post(b"[1,2]"));
    // "测试" in GBK.
    check_not_processed(&scene, 400, "ENCODING", || post(b"{\"infno\":\"\xb2\xe2\xca\xd4\"}"));
    let deep = format!("{{\"infno\":\"2207\",\"input\":{}{}}}", "[".repeat(1_000), "]".repeat(1_000));
    check_not_processed(&scene, 400, "TOO_DEEP", || post(deep.as_bytes()));
    let twice = br#"{"infno":"2207","msgid":"1","msgid":"2","fixmedins_code":"H","input":{}}"#;
    check_not_processed(&scene, 400, "DUPLICATE_KEY", || post(twice));
    let large = format!("{{\"infno\":\"2207\",\"x\":\"{}\"}}", "a".repeat(2 << 20));
    check_not_processed(&scene, 413, "TOO_LARGE", || post(large.as_bytes()));
}

/// A file is larger than any other body may be, under its own address; its download is no envelope.
#[test]
fn a_large_file_goes_in_and_comes_out_by_its_own_addresses() {
    let scene = Scene::new();
    let code = &scene.program.hospital().code;
    let content: Vec<u8> = (0..1_000_000_u32).map(|n| (n.wrapping_mul(n) % 253) as u8).collect();
    let input = json!({"fsUploadIn": {"in": content, "filename": "rows.bin", "fixmedins_code": code}});
    let body = scene.program.request("9101", &scene.program.msgid(), &input).to_string();
    assert!(body.len() > 3 << 20);
    check_not_processed(&scene, 413, "TOO_LARGE", || scene.post("/api", body.as_bytes()));
    let kept = Answer { text: scene.post("/api/9101", body.as_bytes()).body.as_bytes().into() };
    let number = kept.output("output", "file_qury_no").expect("a number");
    let asked = json!({"fsDownloadIn": {"file_qury_no": number, "filename": "x", "fixmedins_code": code}});
    let fetched = scene.say("9102", &asked);
    assert_eq!(fetched.status, 200);
    assert_eq!(fetched.header("content-type"), Some("application/octet-stream"));
    assert_eq!(fetched.header("x-tongqu-outcome"), Some("done"));
    let asked = json!({"fsDownloadIn": {"file_qury_no": "7", "filename": "x", "fixmedins_code": code}});
    check_refused(&scene, "FILE_UNKNOWN", "9102", &asked);
    scene.centre.assert_clean();
}

#[test]
fn the_interface_describes_itself_to_whoever_asks() {
    let scene = Scene::new();
    let get = |path: &str| {
        let mut stream = scene.server.connect();
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("a request");
        read_response(&mut stream)
    };
    let told = get("/api/openapi.json");
    assert_eq!((told.status, told.body.as_str()), (200, wire::openapi()));
    assert_eq!(get("/api/2207").code().as_deref(), Some("NOT_FOUND"), "what is done is posted");
}

#[test]
fn a_keys_last_messages_are_told_to_its_holder_alone() {
    let scene = Scene::new();
    let [own, other] = ["大榭医院", "龙赛医院"].map(|name| scene.centre.sample.hospital(name).clone());
    let look = |headers: &[(&str, String)], path: &str| {
        let mut stream = scene.server.connect();
        let mut head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
        headers.iter().for_each(|(name, value)| head.extend([name, ": ", value, "\r\n"]));
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).expect("a request");
        read_response(&mut stream)
    };
    let sent = scene.program.request("1201", &scene.program.msgid(), &json!({"fixmedins_code": own.code}));
    scene.server.post("/api/1201", &scene.server.signed(&own, "1201"), sent.to_string().as_bytes());
    scene.server.post("/api", &scene.server.signed(&own, ""), b"{\"infno\":7,");
    let told: Value =
        serde_json::from_str(&look(&scene.server.signed(&own, ""), "/dev/messages").body).unwrap();
    let all = told["exchanges"].as_array().unwrap();
    let words = |at: usize| all[at]["differences"].to_string();
    assert_eq!(
        (all.len(), &all[0]["outcome"], &all[0]["understood"]),
        (2, &"not-processed".into(), &Value::Null)
    );
    assert!(words(0).contains("the message cannot be read"), "{}", words(0));
    assert_eq!((&all[1]["infno"], &all[1]["outcome"]), (&"1201".into(), &"refused".into()));
    assert_eq!(all[1]["sent"], sent.to_string());
    assert_eq!(all[1]["understood"], json!({"medinsinfo": {"fixmedins_code": own.code}}));
    assert!(words(1).contains("fields stand directly under input"), "{told}");
    assert!(all[1]["answered"].as_str().unwrap().contains("err_msg"));
    let nothing = look(&scene.server.signed(&other, ""), "/dev/messages").body;
    assert_eq!(nothing, r#"{"exchanges":[]}"#, "each key has its own");
    assert_eq!(look(&[], "/dev/messages").code().as_deref(), Some("KEY_MISSING"));
    let mut headers = scene.server.signed(&own, "");
    headers.push(("accept", "text/html".to_owned()));
    let page = look(&headers, "/dev/messages?lang=en");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.body.contains("The last messages of this key (2)"), "{}", page.body);
}

#[test]
fn envelopes_that_name_nothing_known_are_answered_in_the_envelopes_own_form() {
    let scene = Scene::new();
    let request = |infno: &str| scene.program.request(infno, &scene.program.msgid(), &json!({})).to_string();
    check_not_processed(&scene, 200, "INFNO_UNKNOWN", || scene.post("/api", request("7777").as_bytes()));
    check_not_processed(&scene, 400, "ENVELOPE_FIELD", || {
        scene.post("/api/2208", request("2207").as_bytes())
    });
    check_not_processed(&scene, 400, "ENVELOPE_FIELD", || {
        scene.post("/api", br#"{"infno":"2207","fixmedins_code":"H"}"#)
    });
    check_not_processed(&scene, 404, "NOT_FOUND", || scene.post("/elsewhere", request("2207").as_bytes()));
    let inside = request("2207").replace("\"input\":{}", "\"input\":\"{\\\"data\\\":\"");
    check_not_processed(&scene, 200, "MALFORMED", || scene.post("/api/2207", inside.as_bytes()));
    for (code, input) in [
        ("NODE_REPEATED", json!({"data": [{"psn_no": "1"}, {"psn_no": "2"}]})),
        ("NODE_REPEATED", json!({"data": {"psn_no": "1"}, "mdtrtinfo": {"psn_no": "2"}})),
        ("DUPLICATE_KEY", json!({"data": {"psn_no": "1", "PSN_NO": "2"}})),
    ] {
        check_not_processed(&scene, 200, code, || scene.say("2207", &input));
    }
}

#[test]
fn requests_that_are_not_properly_signed_are_not_looked_at() {
    let scene = Scene::new();
    let hospital = scene.program.hospital();
    let body = scene.program.request("1101", &scene.program.msgid(), &json!({})).to_string();
    let post = |headers: &[(&str, String)]| scene.server.post("/api/1101", headers, body.as_bytes());
    check_not_processed(&scene, 200, "KEY_MISSING", || post(&[]));
    let mut forged = scene.server.signed(hospital, "1101");
    forged[1].1 = "0".repeat(64);
    check_not_processed(&scene, 200, "SIGNATURE", || post(&forged));
    let mut unknown = scene.server.signed(hospital, "1101");
    unknown[0].1 = "paas-nobody".into();
    check_not_processed(&scene, 200, "KEY_UNKNOWN", || post(&unknown));
    for off in [-700, 700] {
        let stale = scene.server.signed_at(hospital, "1101", off);
        check_not_processed(&scene, 200, "STALE_HEADER", || post(&stale));
    }
    // A key of another hospital than the message names.
    let other = scene.centre.sample.hospital("大榭医院").clone();
    let response = post(&scene.server.signed(&other, "1101"));
    assert_eq!(response.code().as_deref(), Some("HOSPITAL_MISMATCH"));
}

#[test]
fn an_answer_before_the_engine_carries_the_centres_clock_and_headers_go_by_the_senders() {
    let mut scene = Scene::new();
    let senders = Arc::new(FakeClock::at(datetime(2031, 5, 6, 7, 8, 9, 0)));
    let limits = Limits { rate: None, ..Limits::default() };
    let road = scene.centre.centre.clone();
    scene.server = TestServer::serve_by(&scene.centre, road, limits, senders);
    let unreadable = scene.post("/api/2207", b"{");
    assert_eq!(unreadable.code().as_deref(), Some("MALFORMED"), "signed by the senders' clock");
    assert!(unreadable.body.contains(r#""refmsg_time":"20261123"#), "{}", unreadable.body);
}

#[test]
fn a_stroke_behind_the_address_changes_nothing() {
    let scene = Scene::new();
    let document = &scene.centre.sample.persons[30].enrolment.document;
    let input = json!({"data": {"psn_cert_type": "01", "certno": document}});
    let body = scene.program.request("1101", &scene.program.msgid(), &input).to_string();
    let response = scene.post("/api/1101/", body.as_bytes());
    assert_eq!((response.status, response.code()), (200, None), "{}", response.body);
}

#[test]
fn the_rules_refuse_with_a_code_of_their_own_and_record_only_the_refusal() {
    let scene = Scene::new();
    let (program, person) = (&scene.program, scene.person.as_str());
    let visit = program.register(person);
    program.visit(person, &visit);
    let fees = |price: &str, quantity: &str, amount: &str| {
        let item = Item {
            code: scene.item.clone(),
            price: price.into(),
            quantity: quantity.into(),
            amount: amount.into(),
        };
        program.fees(person, &visit, "1", &[item])
    };
    check_refused(&scene, "LINE_AMOUNT", "2204", &fees("10.00", "3", "20.00"));
    check_refused(&scene, "LINE_QUANTITY", "2204", &fees("10.00", "0", "0.00"));
    for (price, quantity, amount) in
        [("10.00", "-1", "-10.00"), ("-10.00", "1", "-10.00"), ("0", "1", "-0.01"), ("-0.01", "1", "0.00")]
    {
        check_refused(&scene, "REFUND_NOT_OFFERED", "2204", &fees(price, quantity, amount));
    }
    check_refused(&scene, "FIELD_INVALID", "2204", &fees("99999999999", "99999999999", "1"));
    check_refused(&scene, "FIELD_INVALID", "2204", &fees("ten", "1", "10"));
    let mut unknown_item = fees("10.00", "1", "10.00");
    unknown_item["feedetail"][0]["med_list_codg"] = "XNOTHING".into();
    check_refused(&scene, "ITEM_UNKNOWN", "2204", &unknown_item);
    let mut early = fees("10.00", "1", "10.00");
    early["feedetail"][0]["fee_ocur_time"] = "2026-11-01 08:00:00".into();
    check_refused(&scene, "LINE_DATE", "2204", &early);
    let lines: Vec<Value> = (0..101)
        .map(|n| {
            let mut row = fees("1", "1", "1")["feedetail"][0].clone();
            row["feedetl_sn"] = format!("{n}").into();
            row
        })
        .collect();
    check_refused(&scene, "LINES_TOO_MANY", "2204", &json!({"feedetail": lines}));
    check_refused(&scene, "FIELD_MISSING", "2204", &json!({"feedetail": [{"mdtrt_id": visit}]}));
    check_refused(&scene, "NO_LINES", "2207", &program.bill(person, &visit, "1", "10.00"));
    check_refused(&scene, "VISIT_UNKNOWN", "2207", &program.bill(person, "12345", "1", "10.00"));
    check_refused(&scene, "VISIT_UNKNOWN", "2207", &program.bill(person, "not-a-number", "1", "10.00"));
    check_refused(
        &scene,
        "PERSON_UNKNOWN",
        "2207",
        &program.bill("99010099999999999999", &visit, "1", "10.00"),
    );
    check_refused(
        &scene,
        "PERSON_UNKNOWN",
        "1101",
        &json!({"data": {"psn_cert_type": "01", "certno": "990101190001010000"}}),
    );
    let other = scene.centre.sample.persons[31].enrolment.number.as_str();
    check_refused(&scene, "PERSON_MISMATCH", "2207", &program.bill(other, &visit, "1", "10.00"));
    let mut kind = program.bill(person, &visit, "1", "10.00");
    kind["data"]["insutype"] = "777".into();
    check_refused(&scene, "CODE_UNKNOWN", "2207", &kind);
    kind["data"]["insutype"] = "390".into();
    program.say("2204", &fees("10.00", "1", "10.00")).done();
    check_refused(&scene, "INSURANCE_MISMATCH", "2207", &kind);
    check_refused(&scene, "TOTAL_MISMATCH", "2207", &program.bill(person, &visit, "1", "10.01"));
    check_refused(&scene, "LINE_DUPLICATE", "2204", &fees("20.00", "1", "20.00"));
    let mut echoed = program.bill(person, &visit, "1", "10.00");
    echoed["data"]["inscp_scp_amt"] = "9.9900000000000002".into();
    echoed["data"]["overlmt_selfpay"] = "none".into();
    program.say("2206", &echoed).done();
    program.say("2207", &echoed).done();
    for (infno, code, told) in [
        ("2206", "21", "医疗类别 21 不是门诊,住院请用 2303"),
        ("2207", "21", "医疗类别 21 不是门诊,住院请用 2304"),
        ("2207", "41", "医疗类别 41 不是门诊,药店购药请用 2102"),
        ("2207", "99", "字典 med_type 没有代码「99」"),
        ("2401", "11", "医疗类别 11 不是住院,门诊请用 2201"),
        ("2401", "71", "本中心尚不办理医疗类别 71(家庭病床)"),
    ] {
        let mut sent = match infno {
            "2401" => program.admit_request(person, "ZY1", datetime(2026, 11, 23, 8, 0, 0, 0)),
            _ => program.bill(person, &visit, "1", "10.00"),
        };
        let node = if infno == "2401" { "mdtrtinfo" } else { "data" };
        sent[node]["med_type"] = code.into();
        let said = scene.say(infno, &sent);
        assert!(said.body.contains(told), "{infno} {code}: {}", said.body);
    }
    let voucher = json!({"data": {"mdtrt_cert_type": "01", "mdtrt_cert_no": "6ab1", "psn_name": "x"}});
    let said = scene.say("1101", &voucher);
    assert_eq!(said.code().as_deref(), Some("VOUCHER_NOT_READ"));
    assert!(said.body.contains("请传身份证号(certno)"), "{}", said.body);
    check_refused(&scene, "INFNO_NOT_OFFERED", "4501", &json!({}));
    check_refused(&scene, "INFNO_NOT_OFFERED", "4502", &json!({"anything": "at all"}));
    check_refused(
        &scene,
        "SETTLEMENT_UNKNOWN",
        "2208",
        &json!({"data": {"psn_no": person, "mdtrt_id": visit, "setl_id": "7"}}),
    );
    scene.centre.assert_clean();
}

#[test]
fn steps_out_of_order_name_what_to_undo_first() {
    let scene = Scene::new();
    let (program, person) = (&scene.program, scene.person.as_str());
    let (visit, settled) = program.settle(person, &[Item::one(&scene.item, "50.00")], "50.00");
    let cancel = json!({"data": {"psn_no": person, "mdtrt_id": visit, "ipt_otp_no": "x"}});
    let lines = json!({"data": {"psn_no": person, "mdtrt_id": visit, "chrg_bchno": "1"}});
    let undo = |infno: &str, input: &Value, step: &str| {
        let before = scene.rows();
        let response = scene.say(infno, input);
        assert_eq!(response.code().as_deref(), Some("UNDO_FIRST"));
        assert!(response.body.contains(step), "{}", response.body);
        assert_eq!(
            scene.grown(&before),
            ["message", "audit"].map(String::from).into_iter().rev().collect::<Vec<_>>()
        );
    };
    undo("2202", &cancel, "须先用 2208 撤销门诊结算。请用新报文号发送");
    undo("2205", &lines, "须先用 2208 撤销门诊结算。请用新报文号发送");
    program.void(person, &visit, &settled.get("setlinfo", "setl_id")).done();
    undo("2202", &cancel, "须先用 2205 撤销门诊费用明细");
    program.say("2205", &lines).done();
    program.say("2202", &cancel).done();
    assert_eq!(
        program.say("2204", &program.fees(person, &visit, "2", &[])).code.as_deref(),
        Some("FIELD_MISSING")
    );
    let bill = program.bill(person, &visit, "1", "50.00");
    check_refused(&scene, "VISIT_WRONG_STATE", "2207", &bill);
    scene.centre.assert_clean();
}

#[test]
fn another_hospitals_visit_does_not_exist() {
    let scene = Scene::new();
    let (program, person) = (&scene.program, scene.person.as_str());
    let (visit, settled) = program.settle(person, &[Item::one(&scene.item, "50.00")], "50.00");
    let other = scene.centre.program("大榭医院");
    let settlement = settled.get("setlinfo", "setl_id");
    let bill = other.bill(person, &visit, "2", "10.00");
    for (infno, input, code) in [
        ("2204", other.fees(person, &visit, "2", &[Item::one(&scene.item, "10")]), "VISIT_UNKNOWN"),
        ("2206", bill.clone(), "VISIT_UNKNOWN"),
        ("2207", bill, "VISIT_UNKNOWN"),
        (
            "2205",
            json!({"data": {"psn_no": person, "mdtrt_id": visit, "chrg_bchno": "0000"}}),
            "VISIT_UNKNOWN",
        ),
        ("2202", json!({"data": {"psn_no": person, "mdtrt_id": visit, "ipt_otp_no": "x"}}), "VISIT_UNKNOWN"),
        (
            "2208",
            json!({"data": {"psn_no": person, "mdtrt_id": visit, "setl_id": settlement}}),
            "SETTLEMENT_UNKNOWN",
        ),
        (
            "5203",
            json!({"data": {"psn_no": person, "mdtrt_id": visit, "setl_id": settlement}}),
            "SETTLEMENT_UNKNOWN",
        ),
    ] {
        assert_eq!(other.say(infno, &input).code.as_deref(), Some(code), "{infno}");
    }
    assert_eq!(scene.centre.assert_clean().settlements, 1);
}

#[test]
fn a_document_with_two_records_does_not_say_which_is_meant() {
    let scene = Scene::new();
    let document = &scene.centre.sample.person("许大力").document;
    let input = json!({"data": {"psn_cert_type": "01", "certno": document}});
    for (hospital, text) in [
        ("大榭医院", "证件对应 2 个人,请用人员编号"),
        ("榭岛海员医院", "the document belongs to 2 persons; use the person number"),
    ] {
        let said = scene.centre.program(hospital).say("1101", &input);
        assert_eq!(said.code.as_deref(), Some("PERSON_AMBIGUOUS"), "{hospital}");
        assert!(said.text.contains(text), "{hospital}: {}", said.text);
    }
}

#[test]
fn nobody_is_registered_under_an_insurance_he_does_not_have() {
    let scene = Scene::new();
    let unenrolled = json!({"data": {
        "psn_no": scene.person, "insutype": "390", "begntime": "2026-11-23 07:30:00", "mdtrt_cert_type": "02",
        "mdtrt_cert_no": "x", "ipt_otp_no": "MZ9", "atddr_no": "D1", "dr_name": "王医生",
        "dept_code": "0301", "dept_name": "内科门诊", "caty": "A03",
    }});
    check_refused(&scene, "COVER_NONE", "2201", &unenrolled);
}

#[test]
fn with_the_pool_suspended_the_account_still_pays() {
    let scene = Scene::new();
    let person = scene.centre.sample.person("林秀英").number.clone();
    let (_, said) = scene.program.settle(&person, &[Item::one(&scene.item, "160.00")], "160.00");
    let got = |field: &str| said.get("setlinfo", field);
    assert_eq!(
        (got("hifp_pay"), got("acct_pay"), got("psn_cash_pay")),
        ("0.00".into(), "160.00".into(), "0.00".into())
    );
    let check = json!({"data": {"psn_no": person, "insutype": "310", "fixmedins_code": "H", "med_type": "11", "begntime": "2026-11-23"}});
    let told = scene.program.say("2001", &check).done();
    assert!(told.text.contains(r#""fund_pay_type":"310100","trt_enjymnt_flag":"0""#), "{}", told.text);
    assert!(told.text.contains(r#""fund_pay_type":"310200","trt_enjymnt_flag":"1""#), "{}", told.text);
    scene.centre.assert_clean();
}

#[test]
fn a_stranger_is_turned_away_before_the_body_is_read() {
    let scene = Scene::with(Limits { rate: None, ..Limits::default() });
    check_not_processed(&scene, 200, "KEY_MISSING", || {
        let mut stream = scene.server.connect();
        let head =
            "POST /api/2207 HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\nconnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        // No byte of the body is sent, and the answer comes all the same.
        read_response(&mut stream)
    });
}

#[test]
fn a_sender_slower_than_a_modem_is_let_go() {
    let window = Duration::from_millis(300);
    let scene = Scene::with(Limits { rate: None, body_window: window, ..Limits::default() });
    check_not_processed(&scene, 408, "TOO_SLOW", || {
        let mut stream = scene.server.connect();
        let signed = scene.server.signed(scene.program.hospital(), "2207");
        let lines: Vec<String> = signed.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let head = format!(
            "POST /api/2207 HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n{}\r\n\r\n{{\"infno\"",
            lines.join("\r\n")
        );
        stream.write_all(head.as_bytes()).unwrap();
        // Nothing more comes; the answer is read when the server gives up.
        read_response(&mut stream)
    });
}

#[test]
fn a_head_that_never_ends_and_a_long_rest_are_closed_each_by_its_own_deadline() {
    let (head, idle) = (Duration::from_millis(200), Duration::from_millis(1_500));
    let scene = Scene::with(Limits { rate: None, head_deadline: head, idle, ..Limits::default() });
    let mut slow = scene.server.connect();
    slow.write_all(b"POST /api/2207 HTTP/1.1\r\nhost:").unwrap();
    assert_eq!(read_response(&mut slow).status, 0, "closed without an answer");
    // One that rests longer than a head may take is still served.
    let mut resting = scene.server.connect();
    let request = "POST /elsewhere HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
    resting.write_all(request.as_bytes()).unwrap();
    let mut first = [0; 1];
    std::io::Read::read_exact(&mut resting, &mut first).unwrap();
    let mut again = scene.server.connect();
    again.write_all(b"POST /api/2207 HTTP/1.1\r\nhost:").unwrap();
    read_response(&mut again);
    resting.write_all(request.replace("x\r\n", "x\r\nconnection: close\r\n").as_bytes()).unwrap();
    assert!(
        read_response(&mut resting).body.contains("connection: close"),
        "the second answer came behind the first"
    );
}

#[test]
fn a_key_that_sends_too_much_waits_and_others_do_not() {
    let scene = Scene::with(Limits { rate: Some(1), burst: 3, ..Limits::default() });
    let query = json!({"data": {"psn_cert_type": "01", "certno": "990101190001010000"}});
    let codes: Vec<_> = (0..4).map(|_| scene.say("1101", &query).code().unwrap()).collect();
    assert_eq!(codes, ["PERSON_UNKNOWN", "PERSON_UNKNOWN", "PERSON_UNKNOWN", "RATE_LIMITED"]);
    let other = scene.centre.sample.hospital("大榭医院").clone();
    let body = scene.centre.program("大榭医院").request("1101", "M1", &query).to_string();
    let response = scene.server.post("/api/1101", &scene.server.signed(&other, "1101"), body.as_bytes());
    assert_eq!(response.code().as_deref(), Some("PERSON_UNKNOWN"));
}

#[test]
fn a_poisoned_message_does_not_fail_its_neighbours() {
    let mut centre = TestCentre::start(100);
    centre.restart_poisoned(Poison::Record("POISON"));
    let program = centre.program("澜州市第一医院");
    let item = centre.sample.catalogue.items()[0].code.clone();
    let visits: Vec<(String, String)> = (30..70)
        .map(|n| {
            let person = centre.sample.persons[n].enrolment.number.clone();
            let visit = program.charge(&person, &[Item::one(&item, "5.00")]);
            (person, visit)
        })
        .collect();
    // All at once, so that they share batches.
    let gate = std::sync::Barrier::new(visits.len());
    let codes: Vec<Option<String>> = std::thread::scope(|scope| {
        let send = |(n, (person, visit)): (usize, &(String, String))| {
            let (program, gate) = (program.clone(), &gate);
            let (person, visit) = (person.clone(), visit.clone());
            scope.spawn(move || {
                let msgid = if n == 20 { "POISON-20".to_owned() } else { program.msgid() };
                gate.wait();
                program.say_as("2207", &msgid, &program.bill(&person, &visit, "1", "5.00")).code
            })
        };
        let threads: Vec<_> = visits.iter().enumerate().map(send).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    for (n, code) in codes.iter().enumerate() {
        let expected = (n == 20).then_some("STORE_FAILED");
        assert_eq!(code.as_deref(), expected, "message {n}");
    }
    assert_eq!(centre.assert_clean().settlements, 39);
}
