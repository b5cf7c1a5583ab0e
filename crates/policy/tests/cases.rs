//! Runs the cases beside the editions: `good/` come to what they say, `bad/` are refused as they say.

use std::fs;
use std::path::{Path, PathBuf};

use policy::{BadCase, Edition, Editions, check_case};

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
        assert!(text.contains("expect"), "{name} expects nothing");
        let (title, failures) = check_case(&name, &text, &editions).unwrap_or_else(|p| panic!("{p}"));
        assert_eq!(failures, [], "{name}: {title}");
    }
}

#[test]
fn every_bad_edition_is_refused_with_its_place() {
    let cases = files("cases/bad");
    assert!(cases.len() >= 10);
    for (name, text) in cases {
        let bad = BadCase::parse(&name, &text).unwrap_or_else(|p| panic!("{p}"));
        let good = fs::read_to_string(city().join("editions").join(&bad.based_on)).unwrap();
        assert_eq!(bad.check(&name, &good), [], "{name}: {}", bad.title);
    }
}
