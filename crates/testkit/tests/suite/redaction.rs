//! What stands in a log when somebody writes a value there: never who it is about, what was said, or a secret.

use std::fmt::Debug;

use jiff::civil::date;
use model::{Amounts, EncounterId, HospitalId, SettlementId};
use money::{Money, Rate};
use store::AccessKey;
use wire::transactions::{
    DischargeInpatient, GetPerson, HospitalFacts, Insurance, Outcome, OutcomeFound, PersonFacts, PersonFound,
    PersonKey, RegisterInpatient, RegisterOutpatient, Settled, UploadVisit,
};
use wire::{Answer, Message};

/// Stands in every value that is nobody's business.
const SECRET: &str = "geheim";

fn secret() -> String {
    SECRET.into()
}

#[track_caller]
fn check(value: &dyn Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.to_lowercase().contains(SECRET), "{text}");
        assert!(text.len() < 1_000, "{text}");
    }
}

fn message(infno: &str, input: &str) -> Message {
    let body = format!(
        r#"{{"infno":"{infno}","msgid":"M1","fixmedins_code":"H1","opter":"1","opter_name":"{SECRET}","sign_no":"{SECRET}","x":"{SECRET}","input":{input}}}"#
    );
    Message::read(body.into_bytes().into(), None).unwrap()
}

#[test]
fn messages_and_what_is_read_from_them_hide_what_was_said() {
    let person = message(
        "1101",
        r#"{"data":{"psn_cert_type":"01","certno":"geheim","psn_name":"geheim","mdtrt_cert_no":"geheim"}}"#,
    );
    check(&person);
    check(&person.envelope);
    check(&person.input);
    check(&person.input.first("data").unwrap());
    let asked = GetPerson::read(&person.input).unwrap();
    check(&asked);
    check(&asked.key);
    check(&PersonKey::Card(secret()));
    let visit = r#"{"psn_no":"1","insutype":"310","begntime":"2026-11-23","ipt_otp_no":"7","ipt_no":"7",
        "mdtrt_id":"1","endtime":"2026-11-23","atddr_no":"geheim","dr_name":"geheim","chfpdr_name":"geheim",
        "dept_code":"geheim","dept_name":"geheim","adm_dept_codg":"geheim","adm_dept_name":"geheim",
        "dise_codg":"geheim","med_type":"@"}"#;
    let diagnoses =
        r#"[{"diag_srt_no":1,"diag_type":"1","diag_code":"geheim","diag_name":"geheim","vali_flag":"1"}]"#;
    let with = |node: &str, kind: &str| {
        format!(r#"{{"{node}":{},"diseinfo":{diagnoses}}}"#, visit.replace('@', kind))
    };
    check(&RegisterOutpatient::read(&message("2201", &with("data", "11")).input).unwrap());
    check(&RegisterInpatient::read(&message("2401", &with("mdtrtinfo", "21")).input).unwrap());
    check(&DischargeInpatient::read(&message("2402", &with("dscginfo", "21")).input).unwrap());
    let visit = UploadVisit::read(&message("2203", &with("mdtrtinfo", "11")).input).unwrap();
    assert_eq!(visit.diagnoses[0].code, SECRET);
    check(&visit);
    check(&visit.diagnoses);
    let unreadable = Message::read(person.body.clone(), Some("2207")).unwrap_err();
    check(&unreadable);
}

#[test]
fn answers_and_what_they_are_made_of_hide_whom_they_are_about() {
    let person = PersonFacts {
        number: "1".into(),
        name: secret(),
        document_kind: "01".into(),
        document: secret(),
        gender: secret(),
        person_type: secret(),
        ..PersonFacts::default()
    };
    check(&person);
    let insurance = Insurance {
        balance: Money::ZERO,
        kind: 310,
        person_type: secret(),
        state: "1",
        from: date(2026, 1, 1),
        paused: None,
        civil_servant: false,
        division: secret(),
        employer: secret(),
    };
    let identities = vec![(secret(), date(2026, 1, 1), None)];
    check(&PersonFound { person: person.clone(), insurances: vec![insurance], identities });
    check(&Settled {
        person,
        encounter: EncounterId(1),
        settlement: Some(SettlementId(1)),
        time: None,
        insurance_kind: 310,
        proof: secret(),
        care_kind: "11".into(),
        clearing_kind: "11".into(),
        amounts: Amounts::default(),
        fund_rate: Rate::ZERO,
        balance: Money::ZERO,
        message: secret(),
        division: secret(),
        refund: false,
        hospital: HospitalFacts { invoice: secret(), employer: secret(), ..HospitalFacts::default() },
    });
    let asked = Outcome { original: "M1".into(), original_infno: "2207".into() };
    check(&OutcomeFound {
        asked,
        outcome: "done",
        code: String::new(),
        times: None,
        encounter: None,
        settlement: None,
        answer: Some(secret()),
    });
    let answer = Answer { text: SECRET.as_bytes().into() };
    check(&answer);
    assert_eq!(format!("{answer:?}"), "Answer { bytes: 6, .. }");
}

#[test]
fn a_key_hides_its_secret() {
    check(&AccessKey { key: "paas-1".into(), hospital: HospitalId(1), secret: secret() });
}
