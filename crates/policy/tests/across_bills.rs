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

/// What the pool pays for drugs on the lists of two classes of catalogue-demo, and what the year has counted since.
fn drugs(edition: &Edition, year: Accumulators, negotiated: i64, rare: i64) -> (Money, Accumulators) {
    let visit = Visit::new(VisitKind::Outpatient, HospitalLevel::new(2).unwrap(), date(2027, 3, 10));
    let line = |amount, list: u32| Line {
        lists: 1 << list,
        ..Line::new(ItemClass::A, ItemKind::Drug, yuan(amount))
    };
    let lines = [line(negotiated, 2), line(rare, 3)];
    let person = Person::new(PersonStatus::Employed, 40);
    // Of hepatitis the ceiling of negotiated drugs is 300.
    let (person, visit) = (Person { entitled: 1 << 2, ..person }, Visit { disease: 2, ..visit });
    let case = Case { person, visit, lines: &lines, year: &year, fund_left: None, editions: None };
    let settled = adjudicate(edition, &case);
    (settled.amounts.fund(model::Fund::Pooled), year.plus(&settled.change))
}

/// Catalogue-demo's edition of 2027 as it is, and without its second class.
fn with_and_without_the_second_class() -> (Edition, Edition) {
    let class = "[[own_rate]]                               # 罕见病药品,另一类,额度各计各的\n\
                 list = \"rare disease drug\"\n\
                 rate = [{ is = \"60%\" }]                    # grade C, test of a demonstration\n\n\
                 [own_rate.ceiling]\n\
                 is = \"1000\"                                # grade C, test of a demonstration\n\
                 counts = \"payment\"\n";
    let edition = |with| edition("catalogue-demo", "2027-01-01", class, with);
    (edition(class), edition(""))
}

#[test]
fn a_class_keeps_its_own_counter_when_another_comes_or_goes_within_the_year() {
    let (two, one) = with_and_without_the_second_class();
    // Alone: 300 × 70% = 210.
    let (paid, year) = drugs(&one, Accumulators::default(), 300, 0);
    assert_eq!(paid, yuan(210));
    // Another comes: 90 are left of the first one's 300, and 1,000 of the second one's.
    let (paid, year) = drugs(&two, year, 100, 2_000);
    assert_eq!(paid, yuan(70 + 1_000));
    // It goes again: 20 are left of 300, whatever the other had.
    let (paid, year) = drugs(&one, year, 1_000, 0);
    assert_eq!(paid, yuan(20));
    let counted = |counter: Counter| year.get(counter);
    assert_eq!(counted(Counter::Paid(Track::DualChannel)), yuan(1_300).exact());
    assert_eq!(counted(Counter::OwnRatePaid(1)), yuan(300).exact());
    assert_eq!(counted(Counter::OwnRatePaid(2)), yuan(1_000).exact());
    let entered = [1, 2].map(|number| counted(Counter::OwnRateEntered(number)));
    assert_eq!(entered.into_iter().sum::<money::Exact>(), counted(Counter::Entered(Track::DualChannel)));
}

#[test]
fn what_was_counted_before_classes_had_counters_uses_up_the_ceiling_of_the_only_one() {
    let (_, one) = with_and_without_the_second_class();
    let mut year = Accumulators::default();
    year.set(Counter::Paid(Track::DualChannel), yuan(250).exact());
    assert_eq!(drugs(&one, year, 1_000, 0).0, yuan(50));
}

#[test]
fn classes_that_share_a_ceiling_name_the_table_of_all() {
    let shared = edition(
        "catalogue-demo",
        "2027-01-01",
        "is = \"1000\"                                # grade C, test of a demonstration\ncounts = \"payment\"",
        "is = \"1000\"\ncounts = \"payment\"\nshared_by = \"dual_channel\"",
    );
    // The first has 300, so 700 are left for the second.
    assert_eq!(drugs(&shared, Accumulators::default(), 1_000, 2_000).0, yuan(1_000));
}
