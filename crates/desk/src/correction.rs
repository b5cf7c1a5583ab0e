//! A message that brings a day's papers and the centre's books together: sent again, voided or taken back there. It moves
//! money, so it is carried like any that does: the intent first.

use jiff::civil::Date;
use money::TillRounding;
use serde::{Deserialize, Serialize};
use store::{Act, Change};
use wire::Answer;
use wire::asking::BillHeard;

use crate::bill::{BillState, Intent};
use crate::carry::{Carried, Carries, Ended, end, message_of};
use crate::errand::{ErrandMail, ErrandState};
use crate::house::Hospital;
use crate::settled::SettledName;
use crate::sheet::{Form, PaperError, Papers, Sheet};
use crate::ticket::Ticket;

/// What is done about a row that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// The message that settled is sent again as it was.
    Resend,
    /// The settlement is voided at the centre.
    VoidThere,
    /// The message is taken back at the centre as if it had never been sent.
    TakeBack,
    /// The centre's record becomes the hospital's.
    Adopt,
    /// Somebody looks into it.
    Ticket,
}

impl Remedy {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Resend => "remedy-resend",
            Self::VoidThere => "remedy-void-there",
            Self::TakeBack => "remedy-take-back",
            Self::Adopt => "remedy-adopt",
            Self::Ticket => "remedy-ticket",
        }
    }

    /// The key of what it does, in a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Resend => "remedy-resend-words",
            Self::VoidThere => "remedy-void-there-words",
            Self::TakeBack => "remedy-take-back-words",
            Self::Adopt => "remedy-adopt-words",
            Self::Ticket => "remedy-ticket-words",
        }
    }
}

/// A message about a row that differs. The key is its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Of which day.
    pub day: Date,
    /// What it does.
    pub remedy: Remedy,
    /// The hospital's paper; none where it has none.
    pub paper: Option<SettledName>,
    /// The centre's id of the visit.
    pub visit: String,
    /// It is on its way.
    pub intent: Option<Intent>,
    /// What the centre refused it with.
    #[serde(default)]
    pub refused: Option<String>,
}

impl Form for Correction {
    const KIND: &'static str = "correction";
    type State = ErrandState;
    type Private = ErrandMail;

    fn tags(&self, _: ErrandState) -> Vec<String> {
        vec![format!("day:{}", self.day)]
    }
}

impl Correction {
    /// What becomes of the hospital's paper where it was done; none where the answer cannot be read.
    fn follows(
        &self,
        papers: &Papers,
        answer: &Answer,
        message: &str,
        act: &Act,
    ) -> Result<Option<Vec<Change>>, PaperError> {
        let Some(name) = &self.paper else { return Ok(Some(Vec::new())) };
        let Some(mut paper) = name.read(papers)? else { return Ok(Some(Vec::new())) };
        let Some(heard) = BillHeard::hear(answer) else { return Ok(None) };
        Ok(Some(match self.remedy {
            Remedy::VoidThere => {
                paper.counted_mut().hear_void(&heard, message, act.at);
                vec![paper.happened("voided-there")]
            }
            // Whoever voided it meanwhile knows nothing of this answer: his paper stays his.
            _ if paper.state() != BillState::Settled => Vec::new(),
            _ => match paper.take(&heard, message, till(papers)?) {
                Ok(apart) => {
                    let ticket = Ticket::of_cash(&paper, apart, self.day, act);
                    ticket.into_iter().chain([paper.happened("adopted")]).collect()
                }
                Err(said) => vec![Ticket::of_total(&paper, &said, self.day, act)],
            },
        }))
    }
}

/// How the hospital's till rounds.
pub(crate) fn till(papers: &Papers) -> Result<TillRounding, PaperError> {
    let hospital = papers.get::<Hospital>(Hospital::KEY)?;
    Ok(hospital.map(|hospital| hospital.facts.parameters.rounding()).unwrap_or_default())
}

impl Carries for Correction {
    fn intent(&mut self) -> &mut Option<Intent> {
        &mut self.intent
    }

    fn done(
        papers: &Papers,
        correction: &mut Sheet<Self>,
        answer: &Answer,
        act: &Act,
    ) -> Result<Option<Ended>, PaperError> {
        let message = message_of(correction.facts.intent.as_ref());
        let Some(mut changes) = correction.facts.follows(papers, answer, &message, act)? else {
            return Ok(None);
        };
        correction.state = ErrandState::Done;
        end(correction);
        changes.push(correction.happened("done"));
        Ok(Some((Carried::Done, changes)))
    }

    fn back(_: &Papers, correction: &mut Sheet<Self>, why: Option<String>) -> Result<Ended, PaperError> {
        correction.facts.refused = why;
        correction.state = ErrandState::Undone;
        end(correction);
        Ok((Carried::Back, vec![correction.happened("undone")]))
    }
}
