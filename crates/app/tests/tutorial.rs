//! The tutorials are played from their first line to their last, as a policy officer would.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::root;

/// A block between fences: what stands behind the opening fence, and the lines.
struct Block {
    kind: String,
    text: String,
}

fn blocks(manual: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in manual.lines() {
        match (open.as_mut(), line.strip_prefix("```")) {
            (None, Some(kind)) => open = Some(Block { kind: kind.trim().into(), text: String::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text = format!("{}{line}\n", block.text),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    blocks
}

/// Tables of a file, each with its header; the first part may have none.
fn tables(text: &str) -> Vec<(String, String)> {
    let mut tables = vec![(String::new(), String::new())];
    for line in text.lines() {
        if line.starts_with('[') {
            let header = line.split('#').next().unwrap_or(line).trim();
            tables.push((header.into(), String::new()));
        }
        let last = tables.last_mut().unwrap();
        last.1 = format!("{}{line}\n", last.1);
    }
    tables
}

/// A block that begins with a table's name replaces the tables of the same names, or goes behind all.
fn put(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    if !text.starts_with('[') {
        fs::write(file, text).unwrap();
        return;
    }
    let mut all = tables(&fs::read_to_string(file).unwrap());
    for (header, body) in tables(text).into_iter().skip(1) {
        match all.iter_mut().find(|(known, _)| *known == header) {
            Some(known) => known.1 = format!("{body}\n"),
            None => all.push((header, format!("\n{body}"))),
        }
    }
    fs::write(file, all.into_iter().map(|(_, body)| body).collect::<String>()).unwrap();
}

/// Runs a line of a shell; answers whether it went well, and what it said.
fn run(folder: &Path, line: &str) -> (bool, String) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let program = if words[0] == "tongqu" { env!("CARGO_BIN_EXE_tongqu") } else { words[0] };
    assert!(["tongqu", "cp"].contains(&words[0]), "{line}");
    let ran = Command::new(program).args(&words[1..]).current_dir(folder).output().unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.success(), String::from_utf8(said).unwrap())
}

fn play(tutorial: &str) {
    let folder = tempfile::tempdir().unwrap();
    let manual = fs::read_to_string(root().join("docs/policy").join(tutorial)).unwrap();
    let (mut said, mut commands) = (String::new(), 0);
    for Block { kind, text } in blocks(&manual) {
        match kind.split_once(' ').unwrap_or((&kind, "")) {
            ("sh", fails) => {
                said.clear();
                for line in text.lines() {
                    let (well, told) = run(folder.path(), line);
                    assert_eq!(well, fails != "fails", "{tutorial}: {line}\n{told}");
                    said.push_str(&told);
                    commands += 1;
                }
            }
            ("toml", file) => put(&folder.path().join(file), &text),
            ("text", _) => {
                assert!(said.contains(&text), "{tutorial}: not said\n{text}\nbut\n{said}");
            }
            _ => panic!("{tutorial}: a block of kind `{kind}`"),
        }
    }
    assert!(commands >= 10, "{tutorial} has {commands} commands");
}

#[test]
fn the_chinese_tutorial_can_be_played() {
    play("tutorial.md");
}

#[test]
fn the_english_tutorial_can_be_played() {
    play("tutorial.en.md");
}
