//! Wards and their beds: who lies where, and what else a bed may be.

use serde::{Deserialize, Serialize};
use store::{By, Change};

use crate::house::Use;
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet};

/// A ward. The key is its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ward {
    /// Name.
    pub name: String,
    /// The code of the branch it is in; empty: the main house.
    #[serde(default)]
    pub branch: String,
}

impl Form for Ward {
    const KIND: &'static str = "ward";
    type State = Use;
    type Private = ();
}

/// A bed. The key is its ward's code and its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bed {
    /// The ward's code.
    pub ward: String,
    /// Its number in the ward.
    pub number: String,
    /// What kind of bed it is.
    pub kind: String,
    /// The stay that has it; empty: none.
    #[serde(default)]
    pub stay: String,
    /// For whom it is reserved, or why it is stopped.
    #[serde(default)]
    pub note: String,
}

/// How a bed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BedState {
    /// 空床.
    Free,
    /// 预留.
    Reserved,
    /// 占用.
    Taken,
    /// 待清洁.
    Cleaning,
    /// 停用.
    Stopped,
}

impl BedState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Free, Self::Reserved, Self::Taken, Self::Cleaning, Self::Stopped];

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Free => "bed-free",
            Self::Reserved => "bed-reserved",
            Self::Taken => "bed-taken",
            Self::Cleaning => "bed-cleaning",
            Self::Stopped => "bed-stopped",
        }
    }

    /// How it is coloured.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Free => "",
            Self::Taken => "plain",
            Self::Reserved => "calm",
            Self::Cleaning => "warn",
            Self::Stopped => "bad",
        }
    }
}

/// What may happen to a bed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BedEvent {
    /// A patient gets it.
    Assign,
    /// It is given back unused.
    Release,
    /// The patient leaves it.
    Vacate,
    /// It is clean.
    Clean,
    /// It is kept for somebody.
    Reserve,
    /// And not any more.
    Unreserve,
    /// It is out of use.
    Stop,
    /// And in use again.
    Start,
}

impl BedEvent {
    /// What a board offers.
    pub const BY_HAND: [Self; 5] = [Self::Clean, Self::Reserve, Self::Unreserve, Self::Stop, Self::Start];

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Release => "release",
            Self::Vacate => "vacate",
            Self::Clean => "clean",
            Self::Reserve => "reserve",
            Self::Unreserve => "unreserve",
            Self::Stop => "stop",
            Self::Start => "start",
        }
    }

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Assign => "bed-event-assign",
            Self::Release => "bed-event-release",
            Self::Vacate => "bed-event-vacate",
            Self::Clean => "bed-event-clean",
            Self::Reserve => "bed-event-reserve",
            Self::Unreserve => "bed-event-unreserve",
            Self::Stop => "bed-event-stop",
            Self::Start => "bed-event-start",
        }
    }

    /// It says why, or for whom.
    pub const fn has_note(self) -> bool {
        matches!(self, Self::Reserve | Self::Stop)
    }
}

impl Form for Bed {
    const KIND: &'static str = "bed";
    type State = BedState;
    type Private = ();

    fn tags(&self, _: BedState) -> Vec<String> {
        vec![format!("ward:{}", self.ward)]
    }
}

impl Bed {
    /// The key of a bed.
    pub fn key(ward: &str, number: &str) -> String {
        format!("{ward}-{number}")
    }

    /// What a bed becomes where something happens to it; none: it may not. The one table of beds.
    pub const fn may(state: BedState, event: BedEvent) -> Option<BedState> {
        use BedEvent as E;
        use BedState as S;
        Some(match (state, event) {
            (S::Free | S::Reserved, E::Assign) => S::Taken,
            (S::Taken, E::Release)
            | (S::Reserved, E::Unreserve)
            | (S::Cleaning, E::Clean)
            | (S::Stopped, E::Start) => S::Free,
            (S::Taken, E::Vacate) => S::Cleaning,
            (S::Free, E::Reserve) => S::Reserved,
            (S::Free, E::Stop) => S::Stopped,
            _ => return None,
        })
    }

    /// The beds of a ward, in their order.
    pub(crate) fn of_ward(papers: &Papers, ward: &str) -> Result<Vec<Sheet<Self>>, PaperError> {
        let mut beds: Vec<Sheet<Self>> = papers.list(By::Tag(&format!("ward:{ward}")), ALL, 0)?;
        beds.sort_by(|a, b| a.facts.number.cmp(&b.facts.number));
        Ok(beds)
    }
}

impl Ward {
    /// All wards, by their codes.
    pub(crate) fn all(papers: &Papers) -> Result<Vec<Sheet<Self>>, PaperError> {
        let mut wards: Vec<Sheet<Self>> = papers.list(By::State("active"), ALL, 0)?;
        wards.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(wards)
    }
}

impl Sheet<Bed> {
    /// This bed behind something that happens to it, with a stay or a note; none: it may not happen.
    pub(crate) fn changed(&self, event: BedEvent, note: &str) -> Option<Change> {
        let state = Bed::may(self.state, event)?;
        let stay = if event == BedEvent::Assign { note.to_owned() } else { String::new() };
        let note = if event.has_note() { note.to_owned() } else { String::new() };
        let facts = Bed { stay, note, ..self.facts.clone() };
        Some(Sheet { state, facts, ..self.clone() }.happened(event.word()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bed_is_clean_before_the_next_patient() {
        let way = [BedEvent::Assign, BedEvent::Vacate, BedEvent::Clean, BedEvent::Reserve, BedEvent::Assign];
        assert_eq!(way.into_iter().try_fold(BedState::Free, Bed::may), Some(BedState::Taken));
        for refused in [BedState::Cleaning, BedState::Stopped, BedState::Taken] {
            assert_eq!(Bed::may(refused, BedEvent::Assign), None);
        }
    }
}
