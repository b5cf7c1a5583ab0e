//! Patients a hospital has seen, so that who has no card at hand is found by name, initials, document or telephone. What they
//! are found by is a hash with the installation's secret: who reads the papers cannot tell whom they name.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use store::By;
use web::field;

use crate::bill::Patient;
use crate::desk::Desk;
use crate::house::Use;
use crate::search::initials;
use crate::sheet::{Form, PaperError, Papers, Sheet};

/// A patient. The key is the tag of the number in the insurance, its day the last he was here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// A woman.
    pub female: bool,
    /// Full years then.
    pub age: Option<u16>,
    /// What he is found by.
    pub found_by: Vec<String>,
}

/// Who he is.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPrivate {
    /// Name.
    pub name: String,
    /// The identity card's number.
    pub document: String,
    /// Division of the insurance.
    pub home: String,
    /// Employer.
    pub employer: String,
    /// Telephone; empty where nobody was told it.
    pub telephone: String,
}

impl Form for Known {
    const KIND: &'static str = "patient";
    type State = Use;
    type Private = KnownPrivate;

    fn tags(&self, _: Use) -> Vec<String> {
        self.found_by.clone()
    }
}

/// Signs of a name or of initials that find it from its beginning on.
const BEGINNINGS: usize = 6;
/// Digits of a document or a telephone that find it from its end.
const TAIL: usize = 4;

/// What somebody is found by, before it is hashed: beginnings of the name and of its initials, the document and its tail, the
/// telephone and its tail.
fn words(who: &KnownPrivate) -> BTreeSet<String> {
    let name: Vec<char> = who.name.chars().collect();
    let mut words: BTreeSet<String> =
        (1..=name.len().min(BEGINNINGS)).map(|n| name[..n].iter().collect()).collect();
    for initials in initials(&who.name) {
        words.extend((2..=initials.len().min(BEGINNINGS)).map(|n| initials[..n].to_owned()));
    }
    for number in [who.document.to_lowercase(), who.telephone.clone()] {
        let tail = number.len().checked_sub(TAIL).and_then(|from| number.get(from..));
        words.extend(tail.map(str::to_owned));
        if number.len() > TAIL {
            words.insert(number);
        }
    }
    words
}

impl Desk {
    fn found_by(&self, hospital: &str, word: &str) -> String {
        self.person_tag(hospital, &format!("find/{word}"))
    }

    /// Keeps that a patient was here. Nothing hangs on it: that it could not be kept is logged, and no more.
    pub(crate) fn remember(&self, papers: &Papers, patient: &Patient, telephone: &str, act: &store::Act) {
        match self.remembered(papers, patient, telephone, act) {
            // Another window did.
            Ok(()) | Err(PaperError::Stale { .. }) => {}
            Err(error) => tracing::warn!(%error, "that a patient was here is not on paper"),
        }
    }

    fn remembered(
        &self,
        papers: &Papers,
        patient: &Patient,
        telephone: &str,
        act: &store::Act,
    ) -> Result<(), PaperError> {
        // Whoever pays alone has no number to find him by again, and other documents are no proof at a window.
        if patient.number.is_empty() || patient.document.len() != 18 {
            return Ok(());
        }
        let key = self.person_tag(papers.hospital(), &patient.number);
        let before = papers.get::<Known>(&key)?;
        let mut who = KnownPrivate {
            name: patient.name.clone(),
            document: patient.document.clone(),
            home: patient.home.clone(),
            employer: patient.employer.clone(),
            telephone: field::plain(telephone),
        };
        if let Some(before) = before.as_ref().filter(|_| who.telephone.is_empty()) {
            who.telephone.clone_from(&before.private.telephone);
        }
        let found_by = words(&who).iter().map(|word| self.found_by(papers.hospital(), word)).collect();
        let facts = Known { female: patient.female, age: patient.age, found_by };
        let day = Some(act.at.date());
        let mut known = match before {
            Some(before) if before.day == day && before.facts == facts && before.private == who => {
                return Ok(());
            }
            Some(before) => Sheet { day, facts, ..before },
            None => Sheet::new(key, Use::Active, day, facts),
        };
        known.private = who;
        papers.put(&[known.typed()], act)
    }

    /// Those a word finds, who were here last first; at most so many.
    pub(crate) fn known(
        &self,
        papers: &Papers,
        typed: &str,
        most: usize,
    ) -> Result<Vec<Sheet<Known>>, PaperError> {
        let word = field::plain(typed).to_lowercase();
        if word.is_empty() {
            return Ok(Vec::new());
        }
        let tag = self.found_by(papers.hospital(), &word);
        papers.list(By::Tag(&tag), most, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_found_by_beginnings_and_ends() {
        let who = KnownPrivate {
            name: "单乐·买买提".into(),
            document: "99010019900101123X".into(),
            telephone: "19900001234".into(),
            ..KnownPrivate::default()
        };
        let words = words(&who);
        for word in ["单", "单乐", "sl", "dl", "dy", "123x", "99010019900101123x", "1234", "19900001234"] {
            assert!(words.contains(word), "{word}");
        }
        assert!(!words.contains("s") && !words.contains(""));
    }
}
