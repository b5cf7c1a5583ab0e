//! Any text as an edition: refused with places, or ready to settle under, never a panic; and what it settles balances.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::{HospitalLevel, ItemClass, ItemKind, PersonStatus, VisitKind};
use money::Money;
use policy::{Accumulators, Case, Edition, Language, Line, Person, Visit, adjudicate};

fuzz_target!(|text: &str| {
    match Edition::parse("fuzz.toml", text) {
        Ok(edition) => settle(&edition),
        Err(problems) => {
            assert!(!problems.0.is_empty(), "a refusal says why");
            assert!(problems.0.iter().all(|p| !p.found.is_empty() && !p.expected.is_empty()));
        }
    }
});

fn settle(edition: &Edition) {
    let kinds = [ItemKind::Drug, ItemKind::Bed, ItemKind::Material, ItemKind::Herb];
    let line = |(n, kind): (usize, &ItemKind)| Line {
        lists: 1 << n,
        ..Line::new(ItemClass::ALL[n % 2], *kind, Money::from_fen(1_234_567 * (n as i64 + 1)))
    };
    let lines: Vec<Line> = kinds.iter().enumerate().map(line).collect();
    let year = Accumulators::default();
    let level = HospitalLevel::new(2).expect("a level");
    for status in PersonStatus::ALL {
        for kind in VisitKind::ALL {
            let person = Person { wage: Money::from_yuan(60_000), ..Person::new(*status, 62) };
            let visit = Visit::new(*kind, level, jiff::civil::date(2026, 5, 1));
            let case = Case { person, visit, lines: &lines, year: &year, fund_left: None, editions: None };
            let settled = adjudicate(edition, &case);
            assert_eq!(settled.amounts.check_balance(), Ok(()));
            assert_eq!(settled.trail.mismatch(&settled.amounts), None);
            settled.trail.render(edition, Language::En);
        }
    }
}
