//! The pages of `docs/policy/` and the schema are what the registry says. `UPDATE=1` writes them anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use policy::Language;
use policy::manual::{markdown, schema};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Written by hand.
const TUTORIALS: [&str; 2] = ["tutorial.md", "tutorial.en.md"];

#[test]
fn the_manual_is_what_the_registry_says() {
    let example = |city: &str, day: &str| {
        fs::read_to_string(root().join(format!("policies/{city}/editions/{day}.toml"))).unwrap()
    };
    let mut files: Vec<(String, String)> =
        [Language::Zh, Language::En].into_iter().flat_map(|language| markdown(language, example)).collect();
    files.push(("edition.schema.json".into(), schema()));
    let folder = root().join("docs/policy");
    if env::var_os("UPDATE").is_some() {
        for (name, text) in &files {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    for (name, text) in &files {
        let stands = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            stands == *text,
            "{name} is stale: UPDATE=1 cargo nextest run -p policy --test manual_pages writes it anew"
        );
    }
    let known: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).chain(TUTORIALS).collect();
    let there = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let strays: Vec<String> = there.filter(|name| !known.contains(name.as_str())).collect();
    assert_eq!(strays, Vec::<String>::new(), "pages of nothing");
}
