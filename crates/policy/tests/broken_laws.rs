//! Not every rule of a city keeps every law of money. For each construct that breaks one, the smallest bill that shows
//! it; and the registry must not claim the law.

use jiff::civil::date;
use model::{HospitalLevel, ItemClass, ItemKind, PersonStatus, VisitKind};
use money::Money;
use policy::{
    Accumulators, CONSTRUCTS, Case, Counter, Earlier, Edition, Law, LayerName, Line, Person, Track, Visit,
    adjudicate, adjudicate_since,
};

/// The demo city's edition of 2026 with rules added to it.
fn edition_with(more: &str) -> Edition {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/demo-city/editions/2026-01-01.toml");
    let text = std::fs::read_to_string(path).unwrap() + more;
    Edition::parse("2026-01-01.toml", &text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn person() -> Person {
    Person::new(PersonStatus::Employed, 40)
}

fn stay() -> Visit {
    Visit::new(VisitKind::Inpatient, HospitalLevel::new(3).unwrap(), date(2026, 5, 1))
}

fn fresh() -> Accumulators {
    Accumulators::default()
}

fn line(class: ItemClass, kind: ItemKind, amount: &str) -> Line {
    Line::new(class, kind, amount.parse().unwrap())
}

fn plain(amount: &str) -> Line {
    line(ItemClass::A, ItemKind::Treatment, amount)
}

fn funds(edition: &Edition, visit: Visit, lines: &[Line], year: &Accumulators) -> Money {
    let case = Case { person: person(), visit, lines, year, fund_left: None, editions: None };
    adjudicate(edition, &case).amounts.funds_total()
}

/// What the funds pay of lines settled one after the other.
fn funds_in_parts(edition: &Edition, visit: Visit, lines: &[Line], year: &Accumulators) -> Money {
    let mut earlier = Earlier::default();
    for end in 1..=lines.len() {
        let year = year.clone().plus(&earlier.change);
        let case = Case {
            person: person(),
            visit,
            lines: &lines[..end],
            year: &year,
            fund_left: None,
            editions: None,
        };
        let since = adjudicate_since(edition, &case, &earlier);
        earlier.add(&since.amounts, &since.change);
    }
    earlier.amounts.funds_total()
}

/// The registry must not say that a construct keeps a law.
fn not_claimed(construct: &str, law: Law) {
    let found = CONSTRUCTS.iter().find(|c| c.page.key == construct).unwrap();
    assert!(!found.keeps.contains(&law), "{construct} claims {law:?}");
}

#[test]
fn an_item_that_is_not_paid_beside_another_lowers_what_is_paid() {
    let rule = r#"
        [[list]]
        name = "a"
        items = ["A"]
        [[list]]
        name = "b"
        items = ["B"]
        [[items.outside]]
        list = "a"
        with = "b"
    "#;
    let edition = edition_with(rule);
    let (a, b) = (edition.lists("A"), edition.lists("B"));
    let first = Line { lists: a, ..plain("2000") };
    let more = Line { lists: b, ..plain("0.01") };
    assert!(funds(&edition, stay(), &[first, more], &fresh()) < funds(&edition, stay(), &[first], &fresh()));
    not_claimed("items", Law::Monotone);
}

#[test]
fn a_herb_alone_is_paid_once_another_joins_it() {
    let edition = edition_with("");
    let herb = line(ItemClass::A, ItemKind::Herb, "2000");
    let lines = [herb, herb];
    assert!(funds(&edition, stay(), &lines, &fresh()) > Money::ZERO);
    assert_eq!(funds(&edition, stay(), &lines[..1], &fresh()), Money::ZERO);
    not_claimed("items", Law::Telescopes);
}

#[test]
fn a_fen_above_the_limit_leaves_the_package() {
    let edition = edition_with("");
    let visit = Visit { disease: edition.disease("H25"), ..stay() };
    let within = line(ItemClass::C, ItemKind::Operation, "10400.00");
    let fen = plain("0.01");
    assert_eq!(funds(&edition, visit, &[within], &fresh()), "4160.00".parse().unwrap());
    assert_eq!(funds(&edition, visit, &[within, fen], &fresh()), Money::ZERO);
    not_claimed("package", Law::Monotone);
    not_claimed("package", Law::Telescopes);
}

#[test]
fn aid_by_a_ratio_ends_when_the_ratio_falls() {
    let rule = r#"
        [[layer]]
        name = "other"
        of = "in-scope self-pay of the bill"
        ratio = { free = "20%", above = "50%" }
        rate = [{ is = "50%" }]
        pays = "other"
    "#;
    let edition = edition_with(rule);
    assert!(
        funds(&edition, stay(), &[plain("2410")], &fresh())
            < funds(&edition, stay(), &[plain("2380")], &fresh())
    );
    not_claimed("ratio", Law::Monotone);
}

/// Little is left under the shared ceiling. Settled first, items with a rate of their own take it; in one bill ordinary
/// cost takes it, and serious illness, which pays a part of what such items leave, pays less than it has paid already.
#[test]
fn items_with_a_rate_of_their_own_settled_first_take_room_from_ordinary_cost() {
    let edition = edition_with("");
    let mut year = Accumulators::default();
    year.set(Counter::Paid(Track::Inpatient), "453886.82".parse().unwrap());
    year.set(Counter::LayerEntered(LayerName::SeriousIllness), "25170.71".parse().unwrap());
    let visit = Visit {
        admission: 0,
        ..Visit::new(VisitKind::Observation, HospitalLevel::new(1).unwrap(), date(2026, 5, 1))
    };
    let own = Line { lists: 1, ..plain("23015.31") };
    let lines = [own, line(ItemClass::B, ItemKind::Examination, "19521.82")];
    let whole = funds(&edition, visit, &lines, &year);
    assert!(funds_in_parts(&edition, visit, &lines, &year) > whole);
    not_claimed("own_rate", Law::Telescopes);
}

/// A day's limit cuts first what the patient bears a share of, and the share that was charged of it stands.
#[test]
fn an_item_that_joins_a_limited_day_takes_its_room() {
    let rule = r#"
        [[items.day_limit]]
        kind = "nursing"
        is = [{ amount = "60" }]
    "#;
    let edition = edition_with(rule);
    let lines =
        [line(ItemClass::B, ItemKind::Nursing, "50.00"), line(ItemClass::A, ItemKind::Nursing, "60.00")];
    let year = fresh();
    let settle = |lines| {
        let case =
            Case { person: person(), visit: stay(), lines, year: &year, fund_left: None, editions: None };
        adjudicate(&edition, &case).amounts
    };
    let (first, whole) = (settle(&lines[..1]), settle(&lines));
    assert!(first.prior_self_pay > whole.prior_self_pay && whole.prior_self_pay.is_zero());
    not_claimed("items", Law::Telescopes);
}
