//! The closed set of constructs an edition is written in. One file each: how it is read, how it is applied, what it
//! says. [`CONSTRUCTS`] is the registry that explanations are read with.

pub(crate) mod account;
pub(crate) mod bases;
pub(crate) mod causes;
pub(crate) mod ceiling;
pub(crate) mod deductible;
pub(crate) mod entitlement;
pub(crate) mod fixed;
pub(crate) mod interim;
pub(crate) mod items;
pub(crate) mod joining;
pub(crate) mod layers;
pub(crate) mod limits;
pub(crate) mod off_site;
pub(crate) mod outside_fund;
pub(crate) mod overall;
pub(crate) mod own_rate;
pub(crate) mod package;
mod parts;
pub(crate) mod premium;
pub(crate) mod ratio;
pub(crate) mod rounding;
pub(crate) mod segments;

#[cfg(test)]
pub(crate) use parts::words as part_words;
pub(crate) use parts::{Part, Parts};

use model::{HospitalLevel, PersonStatus, VisitKind};

use crate::Language;
use crate::document::{Place, Section};
use crate::groups::Groups;
use crate::manual::Page;
use crate::situation::{Condition, Ground};
use bases::Bases;

/// A law of money that a construct keeps for every input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// More eligible cost never lowers what the funds pay.
    Monotone,
    /// The order of fee lines does not matter.
    OrderFree,
    /// Interim settlements add up to one.
    Telescopes,
}

/// One line of the registry.
#[derive(Debug)]
pub struct Construct {
    /// Its number in stored explanations; never reused.
    pub id: u8,
    /// Its page in the manual.
    pub page: &'static Page,
    /// What it says when applied: Chinese, English.
    pub sentences: &'static [(&'static str, &'static str)],
    /// What it keeps.
    pub keeps: &'static [Law],
}

/// The registry.
pub const CONSTRUCTS: &[&Construct] = &[
    &bases::CONSTRUCT,
    &rounding::CONSTRUCT,
    &entitlement::CONSTRUCT,
    &items::CONSTRUCT,
    &off_site::CONSTRUCT,
    &deductible::CONSTRUCT,
    &segments::CONSTRUCT,
    &ceiling::CONSTRUCT,
    &layers::CONSTRUCT,
    &account::CONSTRUCT,
    &own_rate::CONSTRUCT,
    &package::CONSTRUCT,
    &fixed::CONSTRUCT,
    &outside_fund::CONSTRUCT,
    &causes::CONSTRUCT,
    &limits::CONSTRUCT,
    &overall::CONSTRUCT,
    &joining::CONSTRUCT,
    &interim::CONSTRUCT,
    &ratio::CONSTRUCT,
    &premium::CONSTRUCT,
];

/// The template a step refers to.
pub(crate) fn sentence(says: (u8, u8), language: Language) -> Option<&'static str> {
    let construct = CONSTRUCTS.iter().find(|c| c.id == says.0)?;
    let (zh, en) = construct.sentences.get(usize::from(says.1))?;
    Some(match language {
        Language::Zh => zh,
        Language::En => en,
    })
}

/// What a construct may look at while an edition is read.
pub(crate) struct Scope<'a> {
    pub(crate) statuses: &'a [PersonStatus],
    pub(crate) levels: &'a [HospitalLevel],
    pub(crate) visits: &'a [VisitKind],
    pub(crate) groups: &'a Groups,
    pub(crate) bases: &'a Bases,
    /// Whom the tables are for; empty: everybody.
    pub(crate) whom: &'a [Condition],
}

impl Scope<'_> {
    /// What of each dimension can come to a table.
    pub(crate) fn ground(&self) -> Ground<'_> {
        Ground {
            statuses: self.statuses,
            levels: self.levels,
            visits: self.visits,
            groups: self.groups,
            whom: self.whom,
        }
    }

    /// Reads the names of lists of items, one bit each.
    pub(crate) fn lists(&self, place: &Place<'_>) -> u32 {
        let known = self.groups.list_words();
        let mut bits = 0;
        for name in place.plain_words() {
            match known.iter().position(|list| *list == name) {
                Some(at) => bits |= 1 << at,
                None => place
                    .report(&format!("`{name}`"), &format!("a list of this edition: {}", known.join(", "))),
            }
        }
        bits
    }
}

/// The articles named in an edition; number 0 is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Articles {
    names: Vec<String>,
}

impl Articles {
    /// Reads the `law` of a section.
    pub(crate) fn read(&mut self, section: &Section<'_>) -> u16 {
        let Some(text) = section.get("law").and_then(|place| place.text()) else { return 0 };
        let at = self.names.iter().position(|name| name == text).unwrap_or_else(|| {
            self.names.push(text.into());
            self.names.len() - 1
        });
        u16::try_from(at + 1).expect("an edition has fewer than 65,535 articles")
    }

    pub(crate) fn name(&self, law: u16) -> Option<&str> {
        self.names.get(usize::from(law).checked_sub(1)?).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_stored_explanations_are_unique_and_every_sentence_has_both_languages() {
        let mut ids: Vec<u8> = CONSTRUCTS.iter().map(|c| c.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), CONSTRUCTS.len());
        for construct in CONSTRUCTS {
            for (zh, en) in construct.sentences {
                let holes = |text: &str| {
                    let mut holes: Vec<_> =
                        text.split('{').skip(1).map(|h| h.split_once('}').unwrap().0.to_owned()).collect();
                    holes.sort();
                    holes
                };
                assert_eq!(
                    holes(zh),
                    holes(en),
                    "{}: both languages name the same figures",
                    construct.page.key
                );
            }
        }
    }
}
