//! The texts of pages, as tests: each key in both languages with the same things put into it, and none that nobody says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Keys that are put together from a word and one of a few others, by their beginning.
const COMPOSED: [&str; 1] = ["class-"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands in the workspace").into()
}

fn files(folder: &Path, ends: &[&str], into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the workspace").flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && name != "node_modules" {
            files(&path, ends, into);
        } else if ends.iter().any(|end| name.ends_with(end)) {
            into.push(path);
        }
    }
}

fn read(folder: &str, ends: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&root().join(folder), ends, &mut found);
    found.sort();
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).expect("a text"))).collect()
}

/// Each key of a language with the names of what is put into it.
fn texts(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts = BTreeMap::new();
    for (path, text) in read(&format!("translations/{language}"), &[".ftl"]) {
        for line in text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())) {
            let (key, said) = line.split_once(" = ").expect("a key and what it says");
            let names = said.split("{ $").skip(1).filter_map(|rest| rest.split(' ').next());
            let names = names.map(str::to_owned).collect();
            assert!(texts.insert(key.to_owned(), names).is_none(), "{}: {key} stands twice", path.display());
        }
    }
    texts
}

#[test]
fn every_text_is_there_in_both_languages_with_the_same_put_into_it() {
    let (zh, en) = (texts("zh-CN"), texts("en"));
    let differs = |key: &&String| zh.get(*key) != en.get(*key);
    let wrong: BTreeSet<&String> = zh.keys().chain(en.keys()).filter(differs).collect();
    assert!(wrong.is_empty(), "these differ between translations/zh-CN and translations/en: {wrong:?}");
}

#[test]
fn every_text_is_said_somewhere() {
    let sources = [read("crates", &[".rs"]), read("templates", &[".html"])].concat();
    let said: String = sources.into_iter().map(|(_, text)| text).collect();
    let nowhere = |key: &&String| {
        !said.contains(&format!("\"{key}\""))
            && !said.contains(&format!("'{key}'"))
            && !COMPOSED.iter().any(|start| key.starts_with(start))
    };
    let texts = texts("zh-CN");
    let unused: Vec<&String> = texts.keys().filter(nowhere).collect();
    assert!(unused.is_empty(), "nobody says these: {unused:?}; take them away");
}

#[test]
fn every_template_and_every_file_of_texts_is_in_the_program() {
    let code: String = read("crates", &[".rs"]).into_iter().map(|(_, text)| text).collect();
    let mut left = Vec::new();
    for (folder, ends) in [("templates", &[".html", ".css", ".js"][..]), ("translations", &[".ftl"][..])] {
        for (path, _) in read(folder, ends) {
            let name = path.strip_prefix(root().join(folder)).expect("below it").display().to_string();
            if !code.contains(&name) {
                left.push(name);
            }
        }
    }
    assert!(left.is_empty(), "no crate names these: {left:?}");
}
