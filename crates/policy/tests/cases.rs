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

/// A case of the sample city of 2026: a stay of level 2, and what it expects.
fn stay(expect: &str) -> String {
    format!(
        "title = \"a stay\"\n\
         person = {{ status = \"employed\", age = 45 }}\n\
         visit = {{ kind = \"inpatient\", level = 2, date = 2026-03-09, admission = 2 }}\n\
         lines = [{{ class = \"A\", kind = \"treatment\", price = \"2300.00\" }}]\n\
         expect = {{ {expect} }}\n"
    )
}

#[test]
fn a_wrong_expectation_tells_what_was_expected_and_what_came() {
    let editions = editions();
    for (expect, told) in [
        ("cash = \"540.01\"", "cash: expected 540.01, came to 540.00"),
        ("hospital = \"-0.01\"", "hospital: expected -0.01, came to 0.00"),
        ("remitted = \"400\"", "remitted: expected 400.00, came to 0.00"),
        ("counters = { admissions = \"2\" }", "counters.admissions: expected 2.00, came to 1.00"),
        (
            "counters = { \"inpatient.deductible\" = \"300\", \"inpatient.paid\" = \"1760.0001\" }",
            "counters.inpatient.paid: expected 1760.0001, came to 1760.00",
        ),
        (
            "counters = { \"own_rate.2.paid\" = \"-1.50\" }",
            "counters.own_rate.2.paid: expected -1.50, came to 0.00",
        ),
    ] {
        let (_, failures) = check_case("stay.toml", &stay(expect), &editions).unwrap();
        let all: Vec<String> = failures.iter().map(ToString::to_string).collect();
        assert_eq!(all, [told], "{expect}");
    }
}

#[test]
fn an_expectation_that_cannot_be_read_is_told_with_file_and_line() {
    let editions = editions();
    let one_place = "stay.toml:5: expect";
    for (expect, told) in [
        (
            "counters = { \"inpatient.payed\" = \"1\" }",
            ".counters.inpatient.payed: found `inpatient.payed` is not a counter, expected a counter such as \"outpatient.deductible\"",
        ),
        ("cash = \"-540\"", ".cash: found `\"-540\"`, expected nothing below zero"),
        ("remitted = \"-1\"", ".remitted: found `\"-1\"`, expected nothing below zero"),
        (
            "hospital = \"much\"",
            ".hospital: found `\"much\"` (not a decimal number), expected an amount in yuan in quotes, such as \"-1000\"",
        ),
        ("counters = { admissions = 1 }", ".counters.admissions: found `1`, expected a text in quotes"),
        ("counters = \"none\"", ".counters: found `\"none\"`, expected a table"),
        ("note = \"0\"", ": found the unknown word `note`"),
    ] {
        let problems = check_case("stay.toml", &stay(expect), &editions).unwrap_err().to_string();
        assert!(problems.starts_with(&format!("{one_place}{told}")), "{expect}: {problems}");
    }
}
