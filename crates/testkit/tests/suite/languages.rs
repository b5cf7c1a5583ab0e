//! Who reads Chinese is told in Chinese, who reads English in English: every text of the registry, and what the centre
//! really answers to either.

use serde_json::{Value, json};
use testkit::{Item, Program, TestCentre, foreign};
use wire::{Answer, Both, Language, Problem, Rule, registry};

const LANGUAGES: [(Language, &str); 2] = [(Language::Zh, "澜州市第一医院"), (Language::En, "榭岛海员医院")];

fn check(text: &str, language: Language, sent: &str) {
    assert_eq!(foreign(text, language, sent), None, "{language:?}: {text}");
}

#[test]
fn what_is_foreign_is_found() {
    assert_eq!(foreign("cnt 的值「ten」不符合:number", Language::Zh, "").as_deref(), Some("number"));
    assert_eq!(foreign("fixmedins_code 的值「number」", Language::Zh, "number"), None);
    assert_eq!(foreign("psn_no is missing (人员编号)", Language::En, "").as_deref(), Some("人员编号"));
}

#[test]
fn every_text_of_the_registry_has_one_language() {
    for row in registry() {
        for (language, text) in [(Language::Zh, row.zh), (Language::En, row.en)] {
            // What stands in braces is a figure.
            let words: Vec<&str> = text.split(['{', '}']).step_by(2).collect();
            check(&words.join(" "), language, "");
            check(row.advice.words(language), language, "");
        }
    }
}

#[test]
fn every_rule_and_every_word_of_the_centre_has_one_language() {
    let rules = [
        Rule::Present,
        Rule::Addressed("2207".into()),
        Rule::Printable(64),
        Rule::Code(30),
        Rule::Number,
        Rule::Places(2),
        Rule::Digits(14),
        Rule::UpTo(9),
        Rule::Date,
        Rule::Time,
        Rule::OneVisit,
    ];
    let rules = rules.map(|rule| Problem::EnvelopeField { field: "msgid".into(), rule }.words());
    let head = r#"{"infno":"2207","msgid":"M1","fixmedins_code":"H1","input":"#;
    let input = |input: &str| format!("{head}{input}}}").into_bytes();
    let unreadable: [Vec<u8>; 6] =
        [b"{".into(), b"[]".into(), b"".into(), input("7"), input(r#""{""#), input(r#""\"{}\"""#)];
    let places = unreadable.map(|body| wire::Message::read(body.into(), None).unwrap_err().problem.words());
    for words in centre::words().chain(rules).chain(places) {
        for (language, _) in LANGUAGES {
            check(words.told(language), language, "");
        }
    }
    let joined = Both::of("甲", "one").and(&Both::of("乙", "two"));
    assert_eq!(joined.told(Language::En), "one; two");
}

struct Scene<'c> {
    centre: &'c TestCentre,
    language: Language,
    program: Program,
    person: String,
    item: String,
}

impl<'c> Scene<'c> {
    fn new(centre: &'c TestCentre, language: Language, hospital: &str) -> Self {
        let person = centre.sample.persons[30].enrolment.number.clone();
        let item = centre.sample.catalogue.items().iter().find(|i| i.name == "血常规(五分类)").unwrap();
        Self { centre, language, program: centre.program(hospital), person, item: item.code.clone() }
    }

    /// Sends what is refused, or done with a warning: both are told in the language of this institution.
    fn told(&self, infno: &str, input: &Value, expected: &str) {
        self.told_as(infno, &self.program.msgid(), input, expected);
    }

    fn told_as(&self, infno: &str, msgid: &str, input: &Value, expected: &str) {
        let said = self.program.say_as(infno, msgid, input);
        let answer = Answer { text: said.text.as_bytes().into() };
        let warning = || answer.parsed()?.get("warn_msg")?.as_str().map(str::to_owned);
        let told = answer.error().or_else(warning).unwrap_or_else(|| panic!("{infno}: {}", said.text));
        assert_eq!(said.code.as_deref().unwrap_or("warned"), expected, "{infno}: {}", said.text);
        let words = told.split_once(']').map_or(told.as_str(), |(_, words)| words);
        let sent = format!("{msgid} {input} {}", self.program.hospital().name);
        check(words, self.language, &sent);
        assert!(words.chars().any(char::is_alphabetic), "{told}");
    }

    fn fees(&self, visit: &str, price: &str, amount: &str) -> Value {
        let item = Item { price: price.into(), amount: amount.into(), ..Item::one(&self.item, "1") };
        self.program.fees(&self.person, visit, "1", &[item])
    }
}

#[test]
fn what_the_centre_answers_is_in_the_language_of_the_institution() {
    let centre = TestCentre::start(60);
    for (language, hospital) in LANGUAGES {
        let scene = Scene::new(&centre, language, hospital);
        let (program, person) = (&scene.program, scene.person.as_str());
        let visit = program.register(person);
        program.visit(person, &visit);
        scene.told("2204", &scene.fees(&visit, "ten", "10"), "FIELD_INVALID");
        scene.told("2204", &scene.fees(&visit, "1.12345678", "10"), "FIELD_INVALID");
        scene.told("2204", &scene.fees(&visit, "999999999999999", "10"), "FIELD_INVALID");
        scene.told("2204", &scene.fees(&visit, "99999999999", "10"), "FIELD_INVALID");
        scene.told("2204", &scene.fees(&visit, "10.00", "20.00"), "LINE_AMOUNT");
        scene.told("2204", &scene.fees(&visit, "-10.00", "-10.00"), "REFUND_NOT_OFFERED");
        scene.told("2204", &json!({"feedetail": [{"mdtrt_id": visit}]}), "FIELD_MISSING");
        scene.told("2204", &json!({}), "FIELD_MISSING");
        let bill = program.bill(person, &visit, "1", "10.00");
        scene.told("2207", &bill, "NO_LINES");
        scene.told("2207", &program.bill(person, "12345", "1", "10.00"), "VISIT_UNKNOWN");
        let late = json!({"data": {
            "psn_no": person, "insutype": "310", "begntime": "soon", "mdtrt_cert_type": "02", "ipt_otp_no": "1",
            "atddr_no": "D1", "dr_name": "x", "dept_code": "1", "dept_name": "x", "caty": "A03",
        }});
        scene.told("2201", &late, "FIELD_INVALID");
        scene.told("2201", &json!({"data": {"begntime": "2020-01-01"}}), "FIELD_MISSING");
        scene.told("4501", &json!({}), "INFNO_NOT_OFFERED");
        for (kind, code) in [("21", "CARE_KIND_MISPLACED"), ("71", "CARE_KIND_NOT_OFFERED")] {
            let mut other = bill.clone();
            other["data"]["med_type"] = kind.into();
            scene.told("2207", &other, code);
        }
        let voucher = json!({"data": {"mdtrt_cert_type": "01", "mdtrt_cert_no": "6ab1"}});
        scene.told("1101", &voucher, "VOUCHER_NOT_READ");

        // Steps out of order.
        let settle = program.msgid();
        program.say("2204", &scene.fees(&visit, "10.00", "10.00")).done();
        let settled = program.say_as("2207", &settle, &bill).done().get("setlinfo", "setl_id");
        let cancel = json!({"data": {"psn_no": person, "mdtrt_id": visit, "ipt_otp_no": "x"}});
        let lines = json!({"data": {"psn_no": person, "mdtrt_id": visit, "chrg_bchno": "1"}});
        scene.told("2202", &cancel, "UNDO_FIRST");
        scene.told("2205", &lines, "UNDO_FIRST");
        scene.told("2207", &bill, "ALREADY_SETTLED");
        let mut more = scene.fees(&visit, "10.00", "10.00");
        more["feedetail"][0]["feedetl_sn"] = "1-9".into();
        scene.told("2204", &more, "BATCH_SETTLED");
        scene.told_as("2207", &settle, &program.bill(person, &visit, "1", "11.00"), "MSGID_REUSED");
        let discharge = json!({"dscginfo": {
            "mdtrt_id": visit, "psn_no": person, "insutype": "310", "endtime": "2026-11-23 08:00:00",
            "dscg_dept_codg": "1", "dscg_dept_name": "x", "dscg_way": "1",
        }});
        scene.told("2402", &discharge, "VISIT_WRONG_STATE");

        // Taking back.
        let reverse =
            |infno: &str, msgid: &str| json!({"data": {"psn_no": person, "omsgid": msgid, "oinfno": infno}});
        scene.told("2601", &reverse("2204", "M1"), "NOT_REVERSIBLE");
        scene.told("2601", &reverse("2205", "M1"), "NOT_REVERSIBLE");
        scene.told("2601", &reverse("7777", "M1"), "ORIGINAL_INFNO_UNKNOWN");
        scene.told("2601", &reverse("2207", "M1"), "warned");
        scene.told("2601", &reverse("2207", "M1"), "warned");
        program.say("2601", &reverse("2207", &settle)).done();
        scene.told("2601", &reverse("2207", &settle), "warned");
        scene.told("2601", &reverse("2208", &settle), "warned");
        let void = json!({"data": {"psn_no": person, "mdtrt_id": visit, "setl_id": settled}});
        scene.told("2208", &void, "ALREADY_VOIDED");
        program.say("2205", &lines).done();
        scene.told("2205", &lines, "warned");
        program.say("2202", &cancel).done();
        scene.told("2202", &cancel, "VISIT_WRONG_STATE");
        scene.told("2204", &scene.fees(&visit, "10.00", "10.00"), "VISIT_WRONG_STATE");

        // What else is told: another name than the enrolment's, and why a fund may not be used.
        let enrolment = &scene.centre.sample.persons[30].enrolment;
        let asked = json!({"data": {"psn_cert_type": "01", "certno": enrolment.document, "psn_name": "x"}});
        scene.told("1101", &asked, "warned");
        let check_benefit = json!({"data": {
            "psn_no": person, "insutype": "390", "fixmedins_code": "H", "med_type": "11", "begntime": "2026-11-23",
        }});
        let reason = program.say("2001", &check_benefit).done().get("trtinfo", "trt_chk_rslt");
        check(&reason, language, "");
    }
    centre.assert_clean();
}
