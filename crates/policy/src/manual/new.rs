//! A small city to begin with: an edition, a case and a bad case that check, for somebody to write on.

use jiff::civil::Date;

/// Its files below the city's folder, each with its text; the edition is in force from a day on.
pub fn new_city(name: &str, from: Date) -> Vec<(String, String)> {
    let from = from.to_string();
    let files = [
        (format!("editions/{from}.toml"), include_str!("new/edition.toml")),
        ("cases/good/first.toml".to_owned(), include_str!("new/first.toml")),
        ("cases/bad/level-missing.toml".to_owned(), include_str!("new/bad.toml")),
    ];
    files.map(|(file, text)| (file, text.replace(DAY, &from).replace(NAME, &escaped(name)))).into()
}

/// What stands in the files for the city's name, and for the first day.
const NAME: &str = "我的城市";
const DAY: &str = "2026-01-01";

/// A name as it may stand between quotes.
fn escaped(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).flat_map(|c| escape(c).chain([c])).collect()
}

fn escape(c: char) -> impl Iterator<Item = char> {
    ['\\'].into_iter().filter(move |_| matches!(c, '"' | '\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BadCase, CaseFile, Edition, Editions};

    #[test]
    fn a_new_city_of_any_name_and_day_is_read_and_its_cases_hold() {
        for (name, from) in [("我的城市", "2026-01-01"), ("\"a\\b\"\n", "2031-12-31")] {
            let files = new_city(name, from.parse().unwrap());
            let [(_, edition), (_, case), (file, bad)] = files.try_into().unwrap();
            let read = Edition::parse("edition", &edition).unwrap();
            assert_eq!((read.head.city.as_str(), read.key().as_str()), (name.trim(), from));
            let editions = Editions::new(vec![read]).unwrap();
            assert_eq!(CaseFile::parse("first", &case).unwrap().check(&editions), []);
            assert_eq!(BadCase::parse(&file, &bad).unwrap().check(&file, &edition), []);
        }
    }
}
