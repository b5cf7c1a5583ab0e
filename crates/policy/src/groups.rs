//! What an edition names in groups of its own: diseases, employers, lists of items. Rules speak of the names; which
//! group a code falls into is looked up once, at the edge.

use std::collections::BTreeMap;

use model::Hardship;

use crate::document::Section;

/// The groups of an edition. Group 0 of diseases and of units is none of those named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Groups {
    diseases: Vec<(String, Vec<String>)>,
    units: Vec<(String, Vec<String>)>,
    /// National kinds of identity that are a hardship.
    identities: Vec<(Hardship, Vec<String>)>,
    lists: Vec<String>,
    /// Item code to the lists it is on, one bit each.
    items: BTreeMap<String, u32>,
}

const NONE: &str = "none";

impl Groups {
    /// Groups of diseases, none included.
    pub(crate) const DISEASES_MAX: usize = 16;
    /// Groups of employers, none included.
    pub(crate) const UNITS_MAX: usize = 8;
    /// Lists of items.
    pub(crate) const LISTS_MAX: usize = 32;

    pub(crate) fn read(root: &Section<'_>) -> Self {
        let mut groups = Self {
            diseases: named(root, "disease", "codes", Self::DISEASES_MAX - 1),
            units: named(root, "unit", "employers", Self::UNITS_MAX - 1),
            identities: root.rows("identity").iter().filter_map(read_identity).collect(),
            ..Self::default()
        };
        for (at, (name, items)) in (0..).zip(named(root, "list", "items", Self::LISTS_MAX)) {
            for item in items {
                *groups.items.entry(item).or_default() |= 1 << at;
            }
            groups.lists.push(name);
        }
        groups
    }

    /// The group of a disease by its national code: the one with the longest code that begins it.
    pub(crate) fn disease(&self, code: &str) -> u8 {
        let fits = |(at, (_, codes)): (usize, &(String, Vec<String>))| {
            let longest = codes.iter().filter(|c| code.starts_with(c.as_str())).map(String::len).max()?;
            Some((longest, at))
        };
        let best = self.diseases.iter().enumerate().filter_map(fits).max_by_key(|(longest, _)| *longest);
        best.map_or(0, |(_, at)| u8::try_from(at + 1).expect("few groups"))
    }

    /// The group of an employer by name.
    pub(crate) fn unit(&self, employer: &str) -> u8 {
        let at = self.units.iter().position(|(_, employers)| employers.iter().any(|e| e == employer));
        at.map_or(0, |at| u8::try_from(at + 1).expect("few groups"))
    }

    /// The hardship a national kind of identity is.
    pub(crate) fn hardship(&self, kind: &str) -> Hardship {
        let found = self.identities.iter().find(|(_, codes)| codes.iter().any(|code| code == kind));
        found.map_or(Hardship::None, |(hardship, _)| *hardship)
    }

    /// The lists an item is on, one bit each.
    pub(crate) fn lists(&self, item: &str) -> u32 {
        self.items.get(item).copied().unwrap_or(0)
    }

    /// Names that both have, with other members.
    pub(crate) fn regrouped(&self, other: &Self) -> Vec<String> {
        let of = |groups: &[(String, Vec<String>)], theirs: &[(String, Vec<String>)]| -> Vec<String> {
            let differs = |(name, members): &&(String, Vec<String>)| {
                theirs.iter().any(|(n, m)| n == name && sorted(m) != sorted(members))
            };
            groups.iter().filter(differs).map(|(name, _)| name.clone()).collect()
        };
        let members = |groups: &Self, list: usize| -> Vec<String> {
            let on = groups.items.iter().filter(|(_, lists)| **lists & (1 << list) != 0);
            on.map(|(item, _)| item.clone()).collect()
        };
        let lists = self.lists.iter().enumerate().filter(|(at, name)| {
            let theirs = other.lists.iter().position(|n| n == *name);
            theirs.is_some_and(|theirs| members(self, *at) != members(other, theirs))
        });
        let mut names = of(&self.diseases, &other.diseases);
        names.extend(of(&self.units, &other.units));
        names.extend(lists.map(|(_, name)| name.clone()));
        names
    }

    pub(crate) fn disease_words(&self) -> Vec<String> {
        with_none(&self.diseases)
    }

    pub(crate) fn unit_words(&self) -> Vec<String> {
        with_none(&self.units)
    }

    /// The names of the lists, in the order of their bits.
    pub(crate) fn list_words(&self) -> &[String] {
        &self.lists
    }
}

fn sorted(members: &[String]) -> Vec<&String> {
    let mut members: Vec<&String> = members.iter().collect();
    members.sort();
    members
}

/// `{ is = "low income", codes = ["02"] }`.
fn read_identity(row: &Section<'_>) -> Option<(Hardship, Vec<String>)> {
    let hardship = row.need("is").and_then(|place| place.parse("a hardship"));
    let codes = row.need("codes").map(|place| place.plain_words());
    row.done();
    hardship.zip(codes)
}

fn with_none(groups: &[(String, Vec<String>)]) -> Vec<String> {
    std::iter::once(NONE.to_owned()).chain(groups.iter().map(|(name, _)| name.clone())).collect()
}

/// Rows `{ name = …, <members> = […] }` below `key`.
fn named(root: &Section<'_>, key: &str, members: &str, most: usize) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for row in root.rows(key) {
        let name = row.need("name").and_then(|place| place.text()).unwrap_or_default();
        let codes = row.need(members).map(|place| place.plain_words()).unwrap_or_default();
        row.done();
        if name == NONE || groups.iter().any(|(known, _)| known == name) {
            row.report(&format!("the name `{name}` a second time"), "a name of its own for each group");
        } else if groups.len() == most {
            row.report("one group too many", &format!("at most {most}"));
        } else {
            groups.push((name.to_owned(), codes));
        }
    }
    groups
}

/// How one edition's numbers of groups and lists are another's, by their names. What the other does not name is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renumbering {
    diseases: Vec<u8>,
    units: Vec<u8>,
    lists: Vec<Option<u8>>,
}

impl Renumbering {
    pub(crate) fn new(from: &Groups, to: &Groups) -> Self {
        let group = |words: Vec<String>, theirs: Vec<String>| -> Vec<u8> {
            let place = |word: &String| theirs.iter().position(|w| w == word).unwrap_or(0);
            words.iter().map(|word| u8::try_from(place(word)).expect("few groups")).collect()
        };
        let list = |word: &String| to.lists.iter().position(|w| w == word);
        Self {
            diseases: group(from.disease_words(), to.disease_words()),
            units: group(from.unit_words(), to.unit_words()),
            lists: from.lists.iter().map(|word| list(word).and_then(|at| u8::try_from(at).ok())).collect(),
        }
    }

    /// The group of a disease.
    pub fn disease(&self, group: u8) -> u8 {
        self.diseases.get(usize::from(group)).copied().unwrap_or(0)
    }

    /// The group of an employer.
    pub fn unit(&self, group: u8) -> u8 {
        self.units.get(usize::from(group)).copied().unwrap_or(0)
    }

    /// Groups of diseases, one bit each.
    pub fn diseases(&self, bits: u16) -> u16 {
        (0..16_u8).filter(|at| bits & (1 << at) != 0).fold(0, |all, at| all | 1 << self.disease(at)) & !1
    }

    /// Lists of items, one bit each.
    pub fn lists(&self, bits: u32) -> u32 {
        let held = (0_u32..).zip(&self.lists).filter(|(at, _)| bits & (1 << at) != 0);
        held.filter_map(|(_, to)| *to).fold(0, |all, to| all | 1 << to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_keep_their_names_under_another_edition() {
        let groups = |diseases: &[&str], lists: &[&str]| Groups {
            diseases: diseases.iter().map(|d| ((*d).to_owned(), Vec::new())).collect(),
            lists: lists.iter().map(|l| (*l).to_owned()).collect(),
            ..Groups::default()
        };
        let old = groups(&["diabetes", "cancer"], &["negotiated", "herbs"]);
        let new = groups(&["cancer", "gout", "diabetes"], &["herbs"]);
        let to = Renumbering::new(&old, &new);
        assert_eq!([0, 1, 2, 9].map(|group| to.disease(group)), [0, 3, 1, 0]);
        assert_eq!(to.diseases(0b110), 0b1010);
        assert_eq!([0b01, 0b10, 0b11].map(|bits| to.lists(bits)), [0, 1, 1]);
    }
}
