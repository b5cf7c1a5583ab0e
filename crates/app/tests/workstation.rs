//! A hospital's desk at a workstation: the centre on PostgreSQL, the hospital's own login, and pages on this machine alone;
//! all of them processes as their users start them.

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use common::{folder, root, tongqu};
use pgtest::{Durable, Server};

const HOSPITAL: &str = "H99010000001";

/// A process that goes with the test, and what it told at first.
struct Running {
    child: Child,
    told: Vec<String>,
}

impl Running {
    /// Starts it, and waits until it has told this.
    fn start(arguments: &[&str], until: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tongqu"))
            .args(arguments)
            .env_remove("TONGQU_LISTEN")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut told = Vec::new();
        for line in out.lines().map_while(Result::ok) {
            let last = line.contains(until);
            told.push(line);
            if last {
                break;
            }
        }
        assert!(told.last().is_some_and(|line| line.contains(until)), "{arguments:?}: {told:#?}");
        Self { child, told }
    }

    /// The word behind another, in what it told.
    fn word(&self, behind: &str) -> String {
        let found = self.told.iter().find_map(|line| line.split(behind).nth(1));
        found.and_then(|rest| rest.split([' ', '/']).find(|word| !word.is_empty())).expect(behind).to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ask(address: &str, line: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let kind = "application/x-www-form-urlencoded";
    write!(
        stream,
        "{line} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nconnection: close\r\ncontent-type: {kind}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

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
