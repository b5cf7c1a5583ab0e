//! A hospital's desk at a workstation: the centre on PostgreSQL, the hospital's own login, and pages on this machine alone;
//! all of them processes as their users start them.

mod common;

use std::fs;

use common::{Running, ask, folder, root, tongqu};
use pgtest::{Durable, Server};

const HOSPITAL: &str = "H99010000001";

#[test]
fn a_hospital_sets_its_workstation_up_with_its_own_login_and_a_code_that_holds_once() {
    let server = Server::start(Durable::No, &[]).unwrap();
    server.say("postgres", "create database centre").unwrap();
    let database = format!("{}/centre", server.url());
    let (_folder, path) = folder();
    tongqu(&["init", "--folder", &path]).exits(0);
    let policies = root().join("policies/demo-city").display().to_string();
    let config = format!("{path}/tongqu.toml");
    let text = format!(
        "database = \"{database}\"\ndesk = \"{database}\"\nkeys = \"centre.keys\"\npolicies = \"{policies}\"\n\
         division = \"990100\"\nhome_divisions = [\"9901\"]\nlisten = \"127.0.0.1:0\"\naccepts_data_loss = true\n"
    );
    fs::write(&config, text).unwrap();
    let hospitals = format!("{path}/hospitals.csv");
    let head = "code,name,kind,level,grade,division,scheme,profile";
    fs::write(&hospitals, format!("{head}\n{HOSPITAL},庄市医院,hospital,1,06,990102,2,\n")).unwrap();
    let keys = format!("{path}/keys.csv");
    let import = [
        "hospital",
        "import",
        "--file",
        &hospitals,
        "--keys-out",
        &keys,
        "--by",
        "甲",
        "--database",
        &database,
        "--keys",
        &format!("{path}/centre.keys"),
    ];
    tongqu(&import).exits(0);
    let _centre = Running::start(&["centre", "--config", &config], "简易版 desk");
    let made = tongqu(&["role", "create", "--hospital", HOSPITAL, "--database", &database]).exits(0).out;
    assert!(made.contains("读写本院前台单据"), "{made}");
    let role = made.split_whitespace().next().unwrap().to_owned();
    let (_, place) = database.split_once('@').unwrap();
    let (login, own) = (format!("postgres://{role}@{place}"), format!("{path}/desk.keys"));
    let first = [
        "desk",
        "--database",
        &login,
        "--keys",
        &own,
        "--listen",
        "127.0.0.1:0",
        "--hospital",
        HOSPITAL,
        "--name",
        "庄市医院",
        "--division",
        "990102",
    ];
    // Not for the whole network.
    let open = ["desk", "--database", &login, "--keys", &own, "--listen", "0.0.0.0:0"];
    assert!(tongqu(&open).exits(2).err.contains("127.0.0.1"));
    let desk = Running::start(&first, "invitation code");
    let (address, code) = (desk.word("desk: http://"), desk.word("invitation code: "));
    assert!(ask(&address, "GET /set-up", "").contains("开通码"));
    let form = |code: &str| {
        format!("invitation={code}&login=0001&name=%E7%8E%8B%E4%B8%80&password=correct+horse+battery")
    };
    assert!(ask(&address, "POST /set-up", &form("another")).contains("开通码不对"));
    let done = ask(&address, "POST /set-up", &form(&code));
    assert!(done.contains("已开通"), "{done}");
    assert!(ask(&address, "POST /set-up", &form(&code)).contains("开通码不对"), "a code holds once");
    drop(desk);
    // Another workstation of the hospital finds what the first has set up; another hospital's login would not.
    let again = Running::start(
        &["desk", "--database", &login, "--keys", &own, "--listen", "127.0.0.1:0"],
        "desk: http",
    );
    let wrong = format!("hospital={HOSPITAL}&login=0001&password=wrong+horse+battery&workstation=1&code=");
    let refused = ask(&again.word("desk: http://"), "POST /sign-in", &wrong);
    assert!(refused.contains("登录名或口令不对"), "{refused}");
}

#[test]
fn a_desk_with_papers_of_its_own_is_set_up_without_a_line_saved_and_brought_back() {
    let (_folder, path) = folder();
    let at = |name: &str| format!("{path}/{name}");
    let (papers, own, key) = (at("desk.db"), at("desk.keys"), at("backup.key"));
    // Nobody listens there: the line is down.
    let desk = |papers: &str| -> Vec<String> {
        let words = ["desk", "--centre", "http://127.0.0.1:9", "--papers", papers, "--keys", &own];
        words.into_iter().chain(["--listen", "127.0.0.1:0"]).map(str::to_owned).collect()
    };
    let named = ["--hospital", HOSPITAL, "--name", "庄市医院", "--division", "990102"].map(str::to_owned);
    let first = [desk(&papers), named.to_vec()].concat();
    let words = |all: &[String]| -> Vec<String> { all.to_vec() };
    let start = |all: Vec<String>, until: &str| {
        Running::start(&all.iter().map(String::as_str).collect::<Vec<_>>(), until)
    };
    let running = start(words(&first), "invitation code");
    let (address, code) = (running.word("desk: http://"), running.word("invitation code: "));
    let form = format!("invitation={code}&login=0001&name=%E7%8E%8B%E4%B8%80&password=correct+horse+battery");
    assert!(ask(&address, "POST /set-up", &form).contains("已开通"));
    tongqu(&["backup", "--make-key", &key]).exits(0);
    let database = format!("sqlite://{papers}");
    let save = ["backup", "--papers", &database, "--to", &at("backups"), "--backup-key", &key];
    let saved = tongqu(&save).exits(0).out;
    assert!(saved.contains("-papers 前台单据 papers"), "also while the desk runs: {saved}");
    let drilled = tongqu(&["drill", "--from", &at("backups"), "--backup-key", &key]).exits(0).out;
    assert!(
        drilled.contains("drill: 通过 passed") && drilled.matches("相同 equal").count() == 3,
        "{drilled}"
    );
    drop(running);
    let from = saved.lines().find_map(|line| line.strip_prefix("backup: ")?.split(' ').next()).unwrap();
    let restore = |into: &str| {
        let into = format!("sqlite://{into}");
        tongqu(&["restore", "--from", from, "--backup-key", &key, "--into", &into])
    };
    assert!(restore(&papers).exits(2).err.contains("此处已有数据"), "what is there is not overwritten");
    restore(&at("new.db")).exits(0);
    let again = start(desk(&at("new.db")), "desk: http");
    let wrong = format!("hospital={HOSPITAL}&login=0001&password=wrong+horse+battery&workstation=1&code=");
    let refused = ask(&again.word("desk: http://"), "POST /sign-in", &wrong);
    assert!(refused.contains("登录名或口令不对"), "the hospital is known there: {refused}");
}
