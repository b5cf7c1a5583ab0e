//! Laws that hold for any bill under every edition of the demo city.

use std::path::Path;

use jiff::civil::date;
use model::{Fund, HospitalLevel, ItemClass, ItemKind, PersonStatus, Premium, Region, VisitKind};
use money::{Exact, Money, Quantity, Rate, Rounding, UnitPrice};
use policy::{Accumulators, Case, Counter, Edition, Line, Person, Track, Trail, Visit, adjudicate};
use proptest::prelude::*;

fn editions() -> Vec<Edition> {
    ["2001-01-01", "2026-01-01"]
        .map(|key| {
            let path = format!("{}/../../policies/demo-city/editions/{key}.toml", env!("CARGO_MANIFEST_DIR"));
            Edition::parse(key, &std::fs::read_to_string(Path::new(&path)).unwrap()).unwrap()
        })
        .to_vec()
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

prop_compose! {
    fn line()(
        class in any_of(ItemClass::ALL),
        kind in any_of(ItemKind::ALL),
        price in 1_i64..3_000_000_000,
        quantity in 1_i64..200_000,
        limit in prop::option::of(1_i64..3_000_000_000),
        own in prop::option::of(0_i64..=10_000),
    ) -> Line {
        let (price, quantity) = (UnitPrice::from_millionths(price), Quantity::from_ten_thousandths(quantity));
        Line {
            class, kind, price, quantity,
            amount: Exact::line(price, quantity).round(Rounding::HalfUp),
            limit: limit.map(UnitPrice::from_millionths),
            first_self_pay: own.map(Rate::from_ten_thousandths),
            ..Line::new(class, kind, Money::ZERO)
        }
    }
}

prop_compose! {
    fn person()(
        status in any_of(PersonStatus::ALL),
        age in 0_u16..110,
        premium in any_of(Premium::ALL),
        account in 0_i64..100_000,
        uses_account: bool,
    ) -> Person {
        Person { premium, account: Money::from_fen(account), uses_account, ..Person::new(status, age) }
    }
}

prop_compose! {
    fn visit()(
        kind in any_of(VisitKind::ALL),
        level in 0_u8..=3,
        region in any_of(Region::ALL),
        admission in 0_u16..6,
    ) -> Visit {
        let visit = Visit::new(kind, HospitalLevel::new(level).unwrap(), date(2026, 5, 1));
        Visit { region, admission, ..visit }
    }
}

prop_compose! {
    fn year()(values in prop::collection::vec(0_i64..60_000_000, 25)) -> Accumulators {
        let mut year = Accumulators::default();
        for (counter, fen) in Counter::all().zip(values) {
            // Half of all years have used nothing yet.
            if fen % 2 == 0 { year.set(counter, Money::from_fen(fen).exact()); }
        }
        year
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn parts_and_steps_add_up_and_nothing_is_negative(
        person in person(), visit in visit(), year in year(), lines in prop::collection::vec(line(), 0..40),
    ) {
        for edition in editions_once() {
            let case = Case { person, visit, lines: &lines, year: &year, fund_left: None, editions: None };
            let settled = adjudicate(edition, &case);
            prop_assert_eq!(settled.amounts.check_balance(), Ok(()));
            prop_assert_eq!(settled.trail.mismatch(&settled.amounts), None);
            prop_assert!(settled.amounts.personal_account <= person.account);
            prop_assert_eq!(Trail::decode(&settled.trail.encode()), Ok(settled.trail.clone()));
            prop_assert!(settled.change.used().all(|(_, change)| change >= Exact::ZERO));
            prop_assert_eq!(year.clone().plus(&settled.change).plus(&settled.change.negated()), year.clone());
        }
    }

    #[test]
    fn the_order_of_fee_lines_does_not_matter(
        person in person(), visit in visit(), year in year(),
        lines in prop::collection::vec(line(), 0..20), seed: u64,
    ) {
        let mut shuffled = lines.clone();
        shuffled.sort_by_key(|l| l.amount.fen().unsigned_abs().wrapping_mul(seed | 1));
        for edition in editions_once() {
            let settle = |lines| adjudicate(edition, &Case { person, visit, lines, year: &year, fund_left: None, editions: None });
            prop_assert_eq!(settle(&lines).amounts, settle(&shuffled).amounts);
        }
    }

    #[test]
    fn the_ceiling_of_the_year_is_never_exceeded(
        person in person(), mut visit in visit(), lines in prop::collection::vec(line(), 1..40), used in 0_i64..48_000_000,
    ) {
        visit.kind = VisitKind::Inpatient;
        let mut year = Accumulators::default();
        year.set(Counter::Paid(Track::Inpatient), Money::from_fen(used).exact());
        let edition = &editions_once()[1];
        let settled = adjudicate(edition, &Case { person, visit, lines: &lines, year: &year, fund_left: None, editions: None });
        prop_assert!(settled.amounts.fund(Fund::Pooled) + Money::from_fen(used) <= Money::from_yuan(480_000));
    }

    #[test]
    fn more_eligible_cost_never_lowers_what_the_funds_pay(
        person in person(), visit in visit(), year in year(),
        lines in prop::collection::vec(line(), 1..20), more in 1_i64..1_000_000,
    ) {
        let mut longer = lines.clone();
        longer.push(Line::new(ItemClass::A, ItemKind::Treatment, Money::from_fen(more)));
        for edition in editions_once() {
            let paid = |lines| adjudicate(edition, &Case { person, visit, lines, year: &year, fund_left: None, editions: None }).amounts.funds_total();
            prop_assert!(paid(&longer) >= paid(&lines));
        }
    }
}

fn editions_once() -> &'static [Edition] {
    static EDITIONS: std::sync::LazyLock<Vec<Edition>> = std::sync::LazyLock::new(editions);
    &EDITIONS
}
