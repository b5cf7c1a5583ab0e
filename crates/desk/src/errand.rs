//! A message about a stay that moves no money and must not be lost all the same: the admission, what is changed of it, the
//! discharge, and what is taken back.

use serde::{Deserialize, Serialize};
use store::Act;
use wire::Answer;
use wire::asking::{Insured, Opened};

use crate::bill::Intent;
use crate::carry::{Carried, Carries, Doubtful, Ended, Mail, end};
use crate::house::Named;
use crate::sheet::{Form, PaperError, Papers, Sheet};
use crate::stay::{Stay, StayChange, StayEvent, changed, happen, not_moved};

/// A message about a stay. The key is its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// About which stay.
    pub stay: String,
    /// What happens to the stay where it is done.
    pub event: StayEvent,
    /// What of the stay is another where it is done; none: what follows from the event.
    #[serde(default)]
    pub change: Option<StayChange>,
    /// It is on its way.
    pub intent: Option<Intent>,
}

/// What of it is personal.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrandMail {
    /// The patient's number.
    pub number: String,
    /// Where the patient is insured.
    pub home: String,
    /// The body of the message.
    pub message: String,
    /// The body of the message that is being taken back.
    #[serde(default)]
    pub first_message: String,
    /// The diagnoses where something of the stay is another.
    #[serde(default)]
    pub diagnoses: Vec<Named>,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrandState {
    /// On its way.
    Sent,
    /// Nobody knows; the machine asks.
    Unknown,
    /// Done.
    Done,
    /// Nothing came of it.
    Undone,
}

impl Form for Errand {
    const KIND: &'static str = "errand";
    type State = ErrandState;
    type Private = ErrandMail;

    fn tags(&self, _: ErrandState) -> Vec<String> {
        vec![format!("stay:{}", self.stay)]
    }
}

impl Errand {
    /// What a stay names it by while it is on its way.
    pub(crate) fn doubt(key: &str) -> String {
        format!("{}/{key}", Self::KIND)
    }

    /// What is written where it was done; of an admission the centre calls the stay by this.
    pub(crate) fn done_as(
        papers: &Papers,
        errand: &mut Sheet<Self>,
        visit: String,
    ) -> Result<Ended, PaperError> {
        let mut stay = Self::of(papers, errand)?;
        let event = errand.facts.event;
        if event == StayEvent::Register {
            stay.facts.visit = visit;
        }
        let mut changes = match &errand.facts.change {
            Some(change) => {
                let diagnoses = std::mem::take(&mut errand.private.diagnoses);
                changed(papers, &mut stay, (event, change, diagnoses))?
            }
            None => happen(papers, &mut stay, event)?,
        };
        errand.state = ErrandState::Done;
        end(errand);
        changes.push(errand.happened("done"));
        Ok((Carried::Done, changes))
    }

    fn of(papers: &Papers, errand: &Sheet<Self>) -> Result<Sheet<Stay>, PaperError> {
        let missing = || PaperError::Stale { kind: Stay::KIND.into(), key: errand.facts.stay.clone() };
        let mut stay = papers.get::<Stay>(&errand.facts.stay)?.ok_or_else(missing)?;
        stay.facts.doubt.clear();
        Ok(stay)
    }
}

impl Doubtful for ErrandState {
    const IN_DOUBT: &'static [Self] = &[Self::Unknown, Self::Sent];

    fn unknown(self) -> Self {
        Self::Unknown
    }
}

impl Mail for ErrandMail {
    fn bodies(&mut self) -> (&mut String, &mut String) {
        (&mut self.message, &mut self.first_message)
    }

    fn person(&self) -> Insured {
        Insured::of(&self.number, &self.home)
    }
}

impl Carries for Errand {
    fn intent(&mut self) -> &mut Option<Intent> {
        &mut self.intent
    }

    fn done(
        papers: &Papers,
        errand: &mut Sheet<Self>,
        answer: &Answer,
        _: &Act,
    ) -> Result<Option<Ended>, PaperError> {
        let visit = if errand.facts.event == StayEvent::Register {
            let Some(opened) = Opened::hear(answer) else { return Ok(None) };
            opened.visit
        } else {
            String::new()
        };
        Self::done_as(papers, errand, visit).map(Some)
    }

    fn back(papers: &Papers, errand: &mut Sheet<Self>, why: Option<String>) -> Result<Ended, PaperError> {
        let mut stay = Self::of(papers, errand)?;
        stay.facts.taken_back = why.is_none();
        stay.facts.refused = why;
        if errand.facts.event == StayEvent::Discharge {
            stay.facts.ended = None;
        }
        let kept = match &errand.facts.change {
            Some(change) => not_moved(papers, &stay.key, change)?,
            None => None,
        };
        errand.state = ErrandState::Undone;
        errand.private.diagnoses.clear();
        end(errand);
        let told = [stay.happened("refused"), errand.happened("undone")];
        Ok((Carried::Back, kept.into_iter().chain(told).collect()))
    }
}
