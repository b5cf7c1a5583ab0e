//! The sample city: hospitals, people and their situations, the catalogue; all invented, the same from the same seed.
//!
//! Division codes 99xxxx exist nowhere and identity numbers carry a wrong check digit, so that nothing can be taken for
//! real. Knows no store: programs turn these values into rows.

mod catalogue;
mod hospitals;
mod people;
mod visits;
mod diagnoses;
mod places;
mod charges;
mod line;
mod listener;
mod http;
mod random;
mod staff;

use jiff::civil::Date;
use model::{Catalogue, CodeLists, Enrolment, Institution};

pub use catalogue::{catalogue, code_lists, large_catalogue, read_codes, read_groups, read_items};
pub use diagnoses::{Diagnosis, diagnoses};
pub use http::Packet;
pub use line::{Fate, Faults, FaultyLine};
pub use listener::{Connections, Listener};
pub use people::{SamplePerson, Situation, person_number};
pub use random::Random;
pub use staff::{DOCTORS, OPERATORS, SampleDoctor, SampleOperator, SampleWard, WARDS};
pub use visits::{SampleLine, SampleVisit};

/// Division of the sample city.
pub const CITY_DIVISION: &str = "990100";

/// The editions of the sample city: name and text.
pub const EDITIONS: [(&str, &str); 2] = [
    ("2001-01-01.toml", include_str!("../../../policies/demo-city/editions/2001-01-01.toml")),
    ("2026-01-01.toml", include_str!("../../../policies/demo-city/editions/2026-01-01.toml")),
];

/// The edition of its neighbour city: name and text.
pub const NEIGHBOUR_EDITION: (&str, &str) =
    ("2026-01-01.toml", include_str!("../../../policies/neighbour-city/editions/2026-01-01.toml"));

/// The audit rules of the sample city: name and text.
pub const AUDIT_RULES: (&str, &str) =
    ("rules.toml", include_str!("../../../policies/demo-city/audit/rules.toml"));

/// How programs of the sample city's old provincial interface speak: name and text.
pub const DIALECT: (&str, &str) =
    ("provincial.csv", include_str!("../../../policies/demo-city/dialects/provincial.csv"));

/// The rules by which the sample city clears: name and text, and the groups stays are paid by.
pub const CLEARING: (&str, &str, &str) = (
    "2026-01-01.toml",
    include_str!("../../../policies/demo-city/clearing/2026-01-01.toml"),
    include_str!("../../../policies/demo-city/clearing/2026-01-01.groups.csv"),
);

/// The bank accounts of its institutions.
pub const BANK_ACCOUNTS: &str = include_str!("../../../policies/demo-city/clearing/accounts.csv");

/// The sample city.
#[derive(Debug, Clone)]
pub struct SampleCity {
    /// Hospitals and pharmacies.
    pub hospitals: Vec<Institution>,
    /// The people with a situation first.
    pub persons: Vec<SamplePerson>,
    /// The catalogue of 3,000 items.
    pub catalogue: Catalogue,
    /// Lists of codes beside it.
    pub lists: CodeLists,
}

impl SampleCity {
    /// How many people have a situation: with fewer, stories lack somebody they name.
    pub const PERSONS_MIN: usize = people::NAMED_COUNT;

    /// The city from a seed, with so many people, as it stands on a day.
    pub fn new(seed: u64, persons: usize, today: Date) -> Self {
        let mut random = Random::new(seed);
        Self {
            hospitals: hospitals::all(&mut random),
            persons: people::all(&mut random, persons, today),
            catalogue: catalogue(),
            lists: code_lists(),
        }
    }

    /// A hospital by its name.
    pub fn hospital(&self, name: &str) -> &Institution {
        self.hospitals.iter().find(|h| h.name == name).expect("the sample city has this hospital")
    }

    /// A person by name; the first of that name is the one with a situation.
    pub fn person(&self, name: &str) -> &Enrolment {
        let found = self.persons.iter().find(|p| p.enrolment.name == name);
        &found.expect("the sample city has this person").enrolment
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use std::collections::{HashMap, HashSet};

    #[test]
    fn the_same_seed_gives_the_same_city_and_every_key_once() {
        let today = date(2026, 11, 23);
        let city = SampleCity::new(1, 2_000, today);
        let again = SampleCity::new(1, 2_000, today);
        assert_eq!(city.persons, again.persons);
        assert_ne!(city.persons, SampleCity::new(2, 2_000, today).persons);
        assert_eq!(city.persons.len(), 2_000);
        let numbers: HashSet<_> = city.persons.iter().map(|p| &p.enrolment.number).collect();
        assert_eq!(numbers.len(), 2_000);
    }

    #[test]
    fn only_the_two_records_to_be_merged_share_a_document() {
        let city = SampleCity::new(1, 2_000, date(2026, 11, 23));
        let mut holders: HashMap<&str, Vec<&Enrolment>> = HashMap::new();
        for person in &city.persons {
            holders.entry(&person.enrolment.document).or_default().push(&person.enrolment);
        }
        let shared: Vec<_> = holders.into_values().filter(|records| records.len() > 1).collect();
        let [records] = shared.as_slice() else { panic!("{} documents are shared", shared.len()) };
        assert!(records.iter().all(|r| r.name == "许大力" && r.born == records[0].born));
        assert_eq!(records.len(), 2);
        assert_ne!(records[0].card, records[1].card, "each record has a card of its own");
    }

    #[test]
    fn people_live_in_every_district_of_the_city() {
        let city = SampleCity::new(1, 2_000, date(2026, 11, 23));
        let homes: HashSet<_> =
            city.persons.iter().map(|p| p.enrolment.covers[0].division.as_str()).collect();
        let districts = ["990101", "990102", "990103", "990104", "990105", "990106"];
        assert_eq!(homes, districts.into_iter().collect());
    }

    #[test]
    fn the_city_has_its_forty_three_hospitals_six_pharmacies_and_a_neighbour() {
        let city = SampleCity::new(1, 20, date(2026, 11, 23));
        let own = |h: &&Institution| h.code.starts_with("H9901");
        let level = |level: u8| city.hospitals.iter().filter(own).filter(|h| h.level == level).count();
        assert_eq!([3, 2, 1, 0].map(level), [4, 13, 16, 10]);
        let scheme = |scheme: u8| city.hospitals.iter().filter(own).filter(|h| h.scheme == scheme).count();
        assert_eq!([1, 2, 3, 4, 5].map(scheme), [18, 5, 7, 9, 4]);
        assert_eq!(city.hospitals.iter().filter(|h| h.kind == "pharmacy").count(), 6);
        assert_eq!(city.hospitals.len(), 50);
        assert_eq!(city.hospital("大榭医院").level, 2);
    }

    #[test]
    fn the_catalogue_has_three_thousand_items_and_on_request_a_hundred_times_as_many() {
        let small = catalogue();
        assert_eq!(small.items().len(), 3_000);
        let large = large_catalogue(300_000);
        assert_eq!(large.items().len(), 300_000);
        let codes: HashSet<_> = large.items().iter().map(|i| &i.code).collect();
        assert_eq!(codes.len(), 300_000);
    }
}
