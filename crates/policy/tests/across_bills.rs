//! What one bill leaves for the next: counters that ceilings and deductibles go by.

use std::path::Path;

use jiff::civil::date;
use model::{HospitalLevel, ItemClass, ItemKind, PersonStatus, VisitKind};
use money::Money;
use policy::{Accumulators, Case, Counter, Edition, Line, Person, Track, Visit, adjudicate};

/// An edition with something replaced.
fn edition(city: &str, key: &str, replace: &str, with: &str) -> Edition {
    let path = format!("{}/../../policies/{city}/editions/{key}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(Path::new(&path)).unwrap();
    assert!(text.contains(replace), "{path} says {replace}");
    Edition::parse(key, &text.replacen(replace, with, 1)).unwrap()
}

fn yuan(yuan: i64) -> Money {
    Money::from_yuan(yuan)
}

#[test]
fn what_the_account_met_of_a_years_deductible_is_not_charged_again() {
    let edition =
        edition("neighbour-city", "2026-01-01", "keeps = \"50\"", "keeps = \"50\"\nmeets_deductible = true");
    let visit = Visit::new(VisitKind::Outpatient, HospitalLevel::new(2).unwrap(), date(2026, 3, 10));
    let lines = [Line::new(ItemClass::A, ItemKind::Treatment, yuan(350))];
    let person = |account| Person { account: yuan(account), ..Person::new(PersonStatus::Employed, 40) };
    let mut year = Accumulators::default();
    let mut settle = |account| {
        let case = Case {
            person: person(account),
            visit,
            lines: &lines,
            year: &year,
            fund_left: None,
            editions: None,
        };
        let settled = adjudicate(&edition, &case);
        year = std::mem::take(&mut year).plus(&settled.change);
        settled.amounts
    };
    // The account pays 300.00 and so meets as much of 450.00; of the rest, 50.00, the deductible takes all.
    let first = settle(350);
    assert_eq!((first.personal_account, first.deductible_paid), (yuan(300), yuan(50)));
    // 100.00 are open; the pool pays of 250.00.
    let second = settle(0);
    assert_eq!(second.deductible_paid, yuan(100));
    assert!(second.funds_total() > Money::ZERO);
    assert_eq!(year.get(Counter::Deductible(Track::Outpatient)), yuan(450).exact());
}

#[test]
fn a_ceiling_on_cost_above_the_deductible_leaves_the_deductible_whole() {
    let edition = edition(
        "luzhou",
        "2004-01-01",
        "[chronic.ceiling]\nis = \"40000\"",
        "[chronic.ceiling]\nis = \"500\"",
    );
    let visit = Visit::new(VisitKind::Chronic, HospitalLevel::new(2).unwrap(), date(2004, 3, 10));
    let lines = [Line::new(ItemClass::A, ItemKind::Treatment, yuan(5_000))];
    let year = Accumulators::default();
    let person = Person::new(PersonStatus::Employed, 40);
    let case = Case { person, visit, lines: &lines, year: &year, fund_left: None, editions: None };
    let settled = adjudicate(&edition, &case).amounts;
    assert_eq!(settled.deductible_paid, yuan(1_000));
}
