//! What reads cards at a workstation: a program of the reader's vendor, or a drawer of training cards.
//!
//! The program is started for each card: `PROGRAM read`, or `PROGRAM scan CODE` for what a scanner typed of a voucher. It writes
//! lines `name=value` in UTF-8 to its standard output and ends with 0: `kind` is `insurance`, `identity` or `voucher`; `number`
//! the card's number, or the voucher's token; `serial`, `document` and `home` where it knows them. It ends with 3 where there is no card; with
//! anything else it has failed, and the first line of its standard error is shown to the cashier.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use desk::{Card, CardKind, Drawer, Keyboard, NotRead, Readers};
use wait_timeout::ChildExt as _;

/// How long a card may take.
const WITHIN: Duration = Duration::from_secs(20);
/// What the program ends with where there is no card.
const NO_CARD: i32 = 3;
/// Vouchers have more digits than any card's number.
const VOUCHER_DIGITS: usize = 20;

/// What was named, or the keyboard.
pub(crate) fn named(reader: Option<&str>) -> anyhow::Result<Box<dyn Readers>> {
    match reader.map(|reader| reader.split_once(':')) {
        None => Ok(Box::new(Keyboard)),
        Some(Some(("program", path))) => Ok(Box::new(Program { path: path.into() })),
        Some(Some(("simulated", file))) => training(Some(Path::new(file))),
        Some(_) => {
            bail!("--reader is `program:PATH` or `simulated:FILE` 应为 program:程序 或 simulated:卡片文件")
        }
    }
}

/// The drawer of a file, or the keyboard.
pub(crate) fn training(file: Option<&Path>) -> anyhow::Result<Box<dyn Readers>> {
    let Some(file) = file else { return Ok(Box::new(Keyboard)) };
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("reading training cards 读取训练卡 {}", file.display()))?;
    let drawer = Drawer::read(&text).map_err(|why| anyhow::anyhow!("{}:{why}", file.display()))?;
    Ok(Box::new(drawer))
}

/// The program of a reader's vendor.
struct Program {
    path: PathBuf,
}

impl Readers for Program {
    fn is_at(&self, _: &str) -> bool {
        true
    }

    fn read(&self, _: &str) -> Result<Card, NotRead> {
        self.run(&["read"])
    }

    fn scanned(&self, code: &str) -> Option<Result<Card, NotRead>> {
        let voucher = code.len() >= VOUCHER_DIGITS && code.bytes().all(|sign| sign.is_ascii_digit());
        voucher.then(|| self.run(&["scan", code]))
    }
}

impl Program {
    fn run(&self, arguments: &[&str]) -> Result<Card, NotRead> {
        let failed = |why: &dyn std::fmt::Display| NotRead::Failed(format!("{}: {why}", self.path.display()));
        let mut child = Command::new(&self.path)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(&error))?;
        let (out, told) = (drain(child.stdout.take()), drain(child.stderr.take()));
        let status = ended(&mut child).map_err(|error| failed(&error))?;
        let text = |reader: std::thread::JoinHandle<String>| reader.join().unwrap_or_default();
        let Some(status) = status else {
            return Err(failed(&format!("{} 秒无结果 no card in so many seconds", WITHIN.as_secs())));
        };
        match status.code() {
            Some(0) => card(&text(out)).map_err(|why| failed(&why)),
            Some(NO_CARD) => Err(NotRead::Empty),
            _ => Err(NotRead::Failed(text(told).lines().next().unwrap_or("?").to_owned())),
        }
    }
}

/// Reads a pipe to its end beside what else is done, so that the program never waits for us.
fn drain(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe
            && let Err(error) = pipe.read_to_end(&mut bytes)
        {
            tracing::warn!(%error, "what a card reader's program said could not be read");
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// How the program ended; none: it had to be ended.
fn ended(child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
    let status = child.wait_timeout(WITHIN)?;
    if status.is_none() {
        child.kill()?;
        child.wait()?;
    }
    Ok(status)
}

/// What the program said.
fn card(text: &str) -> Result<Card, String> {
    let mut card = Card::default();
    for (name, value) in text.lines().filter_map(|line| line.trim().split_once('=')) {
        let value = value.trim().to_owned();
        match name.trim() {
            "kind" => card.kind = CardKind::of(&value).ok_or_else(|| format!("kind={value}"))?,
            "number" => card.number = value,
            "serial" => card.serial = value,
            "document" => card.document = value,
            "home" => card.home = value,
            // A vendor's program may say more.
            _ => {}
        }
    }
    if card.number.is_empty() { Err("number= 缺 is missing".into()) } else { Ok(card) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(folder: &Path, script: &str) -> Program {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.join("reader");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Program { path }
    }

    #[test]
    fn a_program_is_asked_for_what_lies_on_its_reader() {
        let folder = tempfile::tempdir().unwrap();
        let reader = program(
            folder.path(),
            "case $1 in read) printf 'kind=insurance\\nnumber=A00000001\\nserial=S1\\nhome=990200\\nvendor=x\\n';; \
             scan) printf \"kind=voucher\\nnumber=T-$2\\ndocument=99010019900101123X\\n\";; esac",
        );
        let read = reader.read("1").unwrap();
        assert_eq!(
            (read.kind, read.number.as_str(), read.serial.as_str(), read.home.as_str()),
            (CardKind::Insurance, "A00000001", "S1", "990200")
        );
        assert_eq!(reader.scanned("A12345678"), None, "too short for a voucher");
        let code = "2800000000000000000000000001";
        let scanned = reader.scanned(code).unwrap().unwrap();
        assert_eq!((scanned.kind, scanned.number), (CardKind::Voucher, format!("T-{code}")));
    }

    #[test]
    fn what_a_program_cannot_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let told = |script: &str| program(folder.path(), script).read("1").unwrap_err();
        assert_eq!(told("exit 3"), NotRead::Empty);
        assert_eq!(told("echo 卡已损坏 >&2; exit 1"), NotRead::Failed("卡已损坏".into()));
        assert!(matches!(told("echo kind=gold"), NotRead::Failed(why) if why.contains("kind=gold")));
        assert!(matches!(told("echo kind=identity"), NotRead::Failed(why) if why.contains("number=")));
        let missing = Program { path: folder.path().join("nothing") };
        assert!(matches!(missing.read("1"), Err(NotRead::Failed(_))));
    }

    #[test]
    fn a_reader_is_named_by_its_kind() {
        assert!(named(None).is_ok_and(|readers| !readers.is_at("1")));
        assert!(named(Some("program:/opt/reader")).is_ok_and(|readers| readers.is_at("1")));
        for wrong in ["gold", "simulated:/no/such/file"] {
            assert!(named(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
