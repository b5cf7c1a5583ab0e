//! Runs the cases beside the editions: `good/` come to what they say, `bad/` are refused as they say.

use std::fs;
use std::path::{Path, PathBuf};

use policy::{CaseFile, Edition, Editions};

fn city() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/demo-city")
}

fn files(folder: &str) -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(city().join(folder))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn editions() -> Editions {
    let parse =
        |(name, text): (String, String)| Edition::parse(&name, &text).unwrap_or_else(|p| panic!("{p}"));
    Editions::new(files("editions").into_iter().map(parse).collect()).unwrap()
}

#[test]
fn every_good_case_comes_to_what_it_says() {
    let editions = editions();
    let cases = files("cases/good");
    assert!(cases.len() >= 5);
    for (name, text) in cases {
        let case = CaseFile::parse(&name, &text).unwrap_or_else(|p| panic!("{p}"));
        assert!(!case.expect.is_empty(), "{name} expects nothing");
        assert_eq!(case.check(&editions), [], "{name}: {}", case.title);
    }
}

#[test]
fn every_bad_edition_is_refused_with_its_place() {
    let cases = files("cases/bad");
    assert!(cases.len() >= 10);
    for (name, text) in cases {
        let bad = BadCase::read(&text);
        let problems = Edition::parse(&name, &bad.edition).expect_err(&name).to_string();
        for expected in bad.problems {
            assert!(problems.contains(&expected), "{name} should say\n  {expected}\nbut says\n{problems}");
        }
    }
}

/// A bad edition told as a good one with something replaced.
struct BadCase {
    edition: String,
    problems: Vec<String>,
}

impl BadCase {
    fn read(text: &str) -> Self {
        let document: toml_edit::DocumentMut = text.parse().unwrap();
        let string = |key: &str| document[key].as_str().unwrap().to_owned();
        let good = fs::read_to_string(city().join("editions").join(string("based_on"))).unwrap();
        let (from, to) = (string("replace"), string("with"));
        assert!(good.contains(&from), "the edition has no `{from}`");
        let problems =
            document["problems"].as_array().unwrap().iter().map(|p| p.as_str().unwrap().to_owned());
        Self { edition: good.replacen(&from, &to, 1), problems: problems.collect() }
    }
}
