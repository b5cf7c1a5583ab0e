//! Runs the executable as its users do.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a run of the executable came to.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Fails unless a page of the vendors' manual is what it is made from; `UPDATE=1` writes it anew.
pub fn is_written(name: &str, expected: &str) {
    let file = root().join("docs/vendor").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, expected).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == expected, "{name} is stale: UPDATE=1 cargo nextest run -p app writes it anew");
}

/// Runs it at the root of the project.
pub fn tongqu(arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tongqu"));
    let ran = command.args(arguments).current_dir(root()).env_remove("TONGQU_LISTEN").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: ran.status.code(), out: text(ran.stdout), err: text(ran.stderr) }
}

impl Ran {
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self
    }

    /// The last line, with every number written as N.
    pub fn last(&self) -> String {
        let line = self.out.lines().last().unwrap_or_default();
        let words = line.split(' ').map(|word| if word.parse::<u64>().is_ok() { "N" } else { word });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// An amount as it is printed, in fen.
pub fn fen(text: &str) -> i64 {
    text.replace('.', "").parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

/// A folder that goes with the test, as an argument.
pub fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    (folder, path)
}

/// The number of the first settlement a demo told of.
pub fn settlement(demo: &str) -> String {
    let number = |line: &str| line.trim().strip_prefix("结算 ")?.parse::<i64>().ok();
    demo.lines().find_map(number).unwrap_or_else(|| panic!("{demo}")).to_string()
}

/// A process that goes with the test, and what it told at first.
pub struct Running {
    child: Child,
    told: Vec<String>,
}

impl Running {
    /// Starts it, and waits until it has told this.
    pub fn start(arguments: &[&str], until: &str) -> Self {
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
    pub fn word(&self, behind: &str) -> String {
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

/// What a desk answers to a request.
pub fn ask(address: &str, line: &str, body: &str) -> String {
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

/// The papers of a desk in a folder, `desk.db` with `desk.keys`, of a hospital that was just set up; nobody runs on them.
pub fn papers_in(path: &str) {
    let (papers, keys) = (format!("{path}/desk.db"), format!("{path}/desk.keys"));
    let words = [
        "desk",
        "--centre",
        "http://127.0.0.1:9",
        "--listen",
        "127.0.0.1:0",
        "--papers",
        &papers,
        "--keys",
        &keys,
    ];
    let hospital = ["--hospital", "H99010000001", "--name", "庄市医院", "--division", "990102"];
    let desk = Running::start(&[&words[..], &hospital].concat(), "invitation code");
    let code = desk.word("invitation code: ");
    let form = format!("invitation={code}&login=0001&name=%E7%8E%8B%E4%B8%80&password=correct+horse+battery");
    assert!(ask(&desk.word("desk: http://"), "POST /set-up", &form).contains("已开通"));
}
