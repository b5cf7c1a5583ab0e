//! What the manual for vendors says is so: its signatures, its words of a profile, its table of codes, its first bill.

mod common;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::{env, fs};

use road::Family;
use wire::{Kind, Language, Profile, registry};

const MANUALS: [(&str, Language); 2] = [("README.md", Language::Zh), ("README.en.md", Language::En)];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/vendor")
}

fn manual(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

#[test]
fn the_signatures_of_the_manual_are_those_a_centre_takes() {
    let (key, secret, nonce) = ("paas-H99010500001", "0123456789abcdef0123456789abcdef", "n0nce001");
    for (name, _) in MANUALS {
        let text = manual(name);
        for family in [Family::Tif, Family::Api] {
            for (header, value) in road::sign(family, key, secret, "2207", 1_795_000_000, nonce) {
                assert!(text.contains(&format!("\n{header}: {value}\n")), "{name}: {header}: {value}");
            }
        }
        assert!(text.contains(secret) && text.contains(nonce), "{name}");
    }
}

#[test]
fn the_words_of_a_profile_are_spelt_as_a_centre_reads_them() {
    let dialects = wire::Dialects::from([("provincial".to_owned(), Arc::default())]);
    for (name, _) in MANUALS {
        let text = manual(name);
        let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
        let pairs: Vec<&str> = cells.flat_map(|cell| cell.split('`').step_by(2)).collect();
        let pairs: Vec<&str> = pairs.into_iter().filter(|pair| pair.contains('=')).collect();
        pairs.iter().for_each(|pair| assert!(Profile::parse(pair, &dialects).is_ok(), "{name}: {pair}"));
        let words: BTreeSet<&str> = pairs.iter().filter_map(|pair| pair.split('=').next()).collect();
        assert_eq!(words.len(), 13, "{name}: {words:?}");
    }
}

/// The table of codes in one language.
fn table(language: Language) -> String {
    let head = match language {
        Language::Zh => "| 代码 | 性质 | 原因 | 该做什么 |",
        Language::En => "| code | kind | reason | what to do |",
    };
    let row = |row: &wire::RegistryRow| {
        let (kind, text) = match (row.kind, language) {
            (Kind::Refused, Language::Zh) => ("拒绝", row.zh),
            (Kind::NotProcessed, Language::Zh) => ("未处理", row.zh),
            (Kind::Unknown, Language::Zh) => ("未知", row.zh),
            (Kind::Refused, Language::En) => ("refused", row.en),
            (Kind::NotProcessed, Language::En) => ("not processed", row.en),
            (Kind::Unknown, Language::En) => ("unknown", row.en),
        };
        format!(
            "| `{}` | {kind} | {} | {} |\n",
            row.code,
            text.replace('|', "\\|"),
            row.advice.words(language)
        )
    };
    format!("\n{head}\n|---|---|---|---|\n{}\n", registry().map(row).collect::<String>())
}

#[test]
fn the_table_of_codes_is_the_registry_of_the_interface() {
    for (name, language) in MANUALS {
        let text = manual(name);
        let (before, rest) = text.split_once("<!-- codes -->\n").unwrap();
        let (_, after) = rest.split_once("<!-- /codes -->").unwrap();
        let expected = format!("{before}<!-- codes -->\n{}<!-- /codes -->{after}", table(language));
        common::is_written(name, &expected);
    }
}

/// A demo that serves; it is ended with the test.
struct Serving(Child);

impl Serving {
    fn start(manifest: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tongqu"));
        command.args(["demo", "--persons", "16", "--manifest"]).arg(manifest).stdout(Stdio::piped());
        let mut demo = Self(command.spawn().unwrap());
        let lines = BufReader::new(demo.0.stdout.take().unwrap()).lines();
        let served = lines.map_while(Result::ok).any(|line| line.contains("/api  (Ctrl-C"));
        assert!(served, "the demo ended before it served");
        demo
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_first_bill_of_the_manual_is_settled_by_a_demo() {
    let place = tempfile::tempdir().unwrap();
    let manifest = place.path().join("city.json");
    let _serving = Serving::start(&manifest);
    let ran = Command::new("sh").arg(folder().join("first-bill.sh")).arg(&manifest).output().unwrap();
    let told = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{told}");
    let amounts = told.trim().split_once(", ").map(|(_, amounts)| amounts);
    let page = place.path().join("messages.html");
    let asked = [&manifest, &page].map(|path| path.to_str().unwrap().to_owned());
    let look = ["messages", "--manifest", &asked[0], "--hospital", "大榭医院", "--lang", "en"];
    let listed = common::tongqu(&look).exits(0).out;
    assert!(listed.contains("2207  done") && listed.contains("  · "), "{listed}");
    common::tongqu(&[&look[..], &["--html", &asked[1]]].concat()).exits(0);
    assert!(std::fs::read_to_string(&page).unwrap().contains("<h3>understood</h3>"));
    // 20.00 of a deductible of 300.00: the account pays all of it.
    assert_eq!(amounts, Some("medfee_sumamt 20.00, acct_pay 20.00, psn_cash_pay 0.00"), "{told}");
}
