//! Requests as hospital programs really build them: whole bodies with what we understand by them, and every way in which
//! one request may be written otherwise. `UPDATE=1` writes the expected texts anew; they are read in review.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use wire::Message;

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

fn read(body: &str) -> Message {
    Message::read(body.as_bytes().into(), None).unwrap_or_else(|e| panic!("{:?}: {body}", e.problem))
}

/// What we understood, a line for each member.
fn understood(message: &Message) -> String {
    let e = &message.envelope;
    let mut out = format!("infno {}\nmsgid {}\nhospital {}\n", e.infno, e.msgid, e.hospital);
    let _ = writeln!(out, "divisions {} {}", e.care_district, e.home_district);
    let _ = writeln!(out, "operator {} {} {}", e.operator, e.operator_name, e.sign_in);
    let _ = write!(out, "hub_style {}", e.hub_style);
    for c in message.input.canonical().chars() {
        match c {
            '\u{1d}' => out.push('\n'),
            '\u{1e}' => out.push_str("\n  "),
            '\u{1f}' => out.push_str(" = "),
            c => out.push(c),
        }
    }
    out.push('\n');
    out
}

#[test]
fn bodies_of_real_programs_are_understood() {
    let samples = samples();
    assert!(samples.len() >= 11);
    for path in samples {
        let message = read(&fs::read_to_string(&path).unwrap());
        let (found, expected) = (understood(&message), path.with_extension("txt"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        let name = expected.file_name().unwrap().display();
        assert_eq!(
            found,
            fs::read_to_string(&expected).unwrap_or_default(),
            "{name}; UPDATE=1 writes it anew"
        );
    }
}

#[test]
fn samples_are_of_no_real_place_and_pass_the_table() {
    for path in samples() {
        let message = read(&fs::read_to_string(&path).unwrap());
        let name = path.file_name().unwrap().display();
        message.input.check(&wire::Profile::default()).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert!(message.envelope.care_district.starts_with("99"), "{name}");
        assert!(message.envelope.hospital.starts_with("H99"), "{name}");
    }
}

fn body(infno: &str, input: &str) -> String {
    format!(r#"{{"infno":"{infno}","msgid":"M1","fixmedins_code":"H1","input":{input}}}"#)
}

/// Both inputs mean the same: equal digests.
fn same(what: &str, infno: &str, documented: &str, sent: &str) {
    let documented = read(&body(infno, documented));
    let sent = read(&body(infno, sent));
    assert!(!documented.input.canonical().is_empty(), "{what}");
    assert_eq!(sent.input.canonical(), documented.input.canonical(), "{what}");
    assert_eq!(sent.digest, documented.digest, "{what}");
}

#[test]
fn a_node_may_have_another_name_or_none() {
    let fields = r#"{"psn_no":"1","mdtrt_id":"2"}"#;
    let under = |node: &str| format!(r#"{{"{node}":{fields}}}"#);
    for (infno, node, sent) in [
        ("2201", "data", "mdtrtinfo"),
        ("2202", "data", "mdtrtinfo"),
        ("2206", "data", "mdtrtinfo"),
        ("2207", "data", "mdtrtinfo"),
        ("2208", "data", "mdtrtinfo"),
        ("2304", "data", "mdtrtinfo"),
        ("2305", "data", "mdtrtinfo"),
        ("2601", "data", "mdtrtinfo"),
        ("2402", "dscginfo", "mdtrtinfo"),
        ("2403", "adminfo", "mdtrtinfo"),
        ("2302", "data", "feeinfo"),
        ("9001", "signIn", "data"),
        ("9002", "signOut", "data"),
        ("3301", "data", "catalogcompin"),
        ("3302", "data", "catalog"),
        ("2207", "data", "DATA"),
    ] {
        same(&format!("{infno}: {sent} for {node}"), infno, &under(node), &under(sent));
    }
    for infno in ["2304", "2601", "3201", "2404", "2207", "2203", "2401"] {
        let node = wire::transaction(infno).unwrap().input[0].name;
        same(&format!("{infno} flat"), infno, &under(node), fields);
    }
    same("9002 flat", "9002", r#"{"signOut":{"sign_no":"1"}}"#, r#"{"sign_no":"1"}"#);
    same("2302 as an array", "2302", &under("data"), &format!(r#"{{"data":[{fields}]}}"#));
    same("2207 as an array of one", "2207", &under("data"), &format!(r#"{{"data":[{fields}]}}"#));
    let text = r#""{\"data\":{\"psn_no\":\"1\",\"mdtrt_id\":\"2\"}}""#;
    same("a text that holds the object", "2207", &under("data"), text);
    same("a text that holds the fields", "2207", &under("data"), r#""{\"psn_no\":\"1\",\"mdtrt_id\":2}""#);
}

#[test]
fn a_value_may_be_written_otherwise_or_left_out() {
    let documented = r#"{"data":{"psn_no":"1","medfee_sumamt":25.1,"invono":"7"}}"#;
    for (what, sent) in [
        ("order", r#"{"data":{"invono":"7","medfee_sumamt":25.1,"psn_no":"1"}}"#),
        ("null", r#"{"data":{"psn_no":"1","medfee_sumamt":25.1,"invono":"7","chrg_bchno":null}}"#),
        ("empty", r#"{"data":{"psn_no":"1","medfee_sumamt":25.1,"invono":"7","chrg_bchno":""}}"#),
        ("blank", r#"{"data":{"psn_no":"1","medfee_sumamt":25.1,"invono":"7","chrg_bchno":"  "}}"#),
        ("an empty node beside it", r#"{"data":{"psn_no":"1","medfee_sumamt":25.1,"invono":"7"},"x":{}}"#),
        ("a number as a text", r#"{"data":{"psn_no":"1","medfee_sumamt":"25.10","invono":"7"}}"#),
        ("a text as a number", r#"{"data":{"psn_no":1,"medfee_sumamt":25.100,"invono":7}}"#),
        ("an exponent", r#"{"data":{"psn_no":"1","medfee_sumamt":2.51e1,"invono":"7"}}"#),
        ("one name in upper case", r#"{"data":{"psn_no":"1","MEDFEE_SUMAMT":25.1,"invono":"7"}}"#),
        ("all names in upper case", r#"{"DATA":{"PSN_NO":"1","MEDFEE_SUMAMT":25.1,"INVONO":"7"}}"#),
    ] {
        same(what, "2207", documented, sent);
    }
    let extended = r#"{"data":{"psn_no":"1","exp_content":{"a":"1","b":null}}}"#;
    same("expContent", "2207", extended, r#"{"data":{"psn_no":"1","expContent":{"b":"","a":"1"}}}"#);
    same(
        "no expContent",
        "2207",
        r#"{"data":{"psn_no":"1"}}"#,
        r#"{"data":{"psn_no":"1","expContent":null}}"#,
    );
    let moment = r#"{"data":{"begntime":"2026-01-31 09:41:05"}}"#;
    for sent in
        ["2026-01-31T09:41:05", "2026-01-31T09:41:05.123+08:00", "2026/1/31 9:41:05", "20260131094105"]
    {
        same(sent, "2201", moment, &moment.replace("2026-01-31 09:41:05", sent));
    }
    let totals = r#"{"data":{"insutype":"310","refd_setl_flag":"1"}}"#;
    same("REFD_SETL_FLAG", "3201", totals, &totals.replace("refd_setl_flag", "REFD_SETL_FLAG"));
}

#[test]
fn members_nobody_knows_are_kept() {
    let plain = read(&body("2207", r#"{"data":{"psn_no":"1"}}"#));
    let around = r#"{"recer_admdvs":"990100","serv_code":"1","serv_sign":"x","infno":"2207","msgid":"M1",
        "fixmedins_code":"H1","fixmedins_soft_fcty":"y","input":{"data":{"psn_no":"1"}},"departname":"全科",
        "url":"http://127.0.0.1/"}"#;
    let around = read(around);
    assert_eq!(around.digest, plain.digest, "in the envelope they change nothing");
    assert_eq!(around.envelope, plain.envelope);
    assert!(String::from_utf8_lossy(&around.body).contains("departname"), "the body is kept as it came");
    for inside in [
        r#"{"data":{"psn_no":"1","OutPatientId":"9"}}"#,
        r#"{"data":{"psn_no":"1"},"OutPatientId":"9"}"#,
        r#"{"psn_no":"1","OutPatientId":"9"}"#,
    ] {
        let inside = read(&body("2207", inside));
        assert_ne!(inside.digest, plain.digest, "in the input they are part of what was said");
        assert!(inside.input.canonical().contains("OutPatientId\u{1f}9"));
    }
    let lines = r#"{"feedetail":[{"feedetl_sn":"1"}],"expContent":{"a":1}}"#;
    assert!(read(&body("2204", lines)).input.canonical().contains("exp_content"), "beside a list too");
}

#[test]
fn a_hub_names_the_institution_otherwise_and_wants_a_text() {
    let hub = r#"{"infno":"2207","input":{"data":{"psn_no":"1"}},"insur_code":"990300","insuplc_admdvs":"990300",
        "mdtrtarea_admvs":"990300","medins_code":"H1","msgid":"M1"}"#;
    let message = read(hub);
    assert_eq!((message.envelope.hospital.as_str(), message.envelope.operator.as_str()), ("H1", ""));
    assert!(message.envelope.hub_style);
    assert!(read(&body("2207", r#""{\"psn_no\":\"1\"}""#)).envelope.hub_style);
    let documented = read(&body("2207", r#"{"data":{"psn_no":"1"}}"#));
    assert!(!documented.envelope.hub_style);
    assert_eq!(message.digest, documented.digest);
}
