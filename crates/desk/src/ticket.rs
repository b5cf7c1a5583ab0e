//! A ticket: something two books say differently that a person must look into. It is open until somebody says how it ended.

use jiff::civil::{Date, DateTime};
use money::Money;
use serde::{Deserialize, Serialize};
use store::{Act, Change};
use web::Said;

use crate::settled::Settled;
use crate::sheet::{Form, Sheet};

/// A ticket. The key is a count within its day, or the paper it was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The day it is about.
    pub day: Date,
    /// Who opened it.
    pub by: String,
    /// When.
    pub at: DateTime,
    /// The cause as the centre names it, or a word of ours.
    pub code: String,
    /// The centre's id of the visit.
    pub visit: String,
    /// The centre's id of the settlement.
    pub settlement: String,
    /// What is to be looked into. No names: who reads it may not know the patient.
    pub text: String,
    /// How it ended; empty: it has not.
    #[serde(default)]
    pub ended: String,
}

/// How a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TicketState {
    /// Nobody has ended it.
    Open,
    /// It has ended.
    Closed,
}

impl TicketState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "ticket-open",
            Self::Closed => "ticket-closed",
        }
    }
}

impl Form for Ticket {
    const KIND: &'static str = "ticket";
    type State = TicketState;
    type Private = ();

    fn tags(&self, _: TicketState) -> Vec<String> {
        vec![format!("day:{}", self.day)]
    }
}

/// The word for a ticket whose cash is to be put right.
const CASH: &str = "CASH_DIFFERS";
/// The word for a ticket of a paper whose lines do not come to what the centre settled.
const TOTAL: &str = "TOTAL_DIFFERS";

impl Ticket {
    fn of(paper: &Settled, day: Date, code: &str, text: String, act: &Act) -> Change {
        let ticket = Self {
            day,
            by: act.operator.clone(),
            at: act.at,
            code: code.to_owned(),
            visit: paper.visit().to_owned(),
            settlement: paper.number().to_owned(),
            text,
            ended: String::new(),
        };
        let key = format!("{}-{}", paper.name().key, act.at.strftime("%Y%m%d%H%M%S"));
        Sheet::new(key, TicketState::Open, Some(act.at.date()), ticket).happened("open")
    }

    /// Cash that must be collected or given back, for the centre's figures are others than were paid by; none where not.
    pub(crate) fn of_cash(paper: &Settled, apart: Money, day: Date, act: &Act) -> Option<Change> {
        let sign = if apart.is_negative() { "" } else { "+" };
        let text = format!("{} {sign}{apart}", paper.receipt());
        (!apart.is_zero()).then(|| Self::of(paper, day, CASH, text, act))
    }

    /// What the centre settled is not what the lines come to.
    pub(crate) fn of_total(paper: &Settled, said: &Said, day: Date, act: &Act) -> Change {
        let by = said.with.first().map(|(_, by)| by.as_str()).unwrap_or_default();
        Self::of(paper, day, TOTAL, format!("{} {by}", paper.receipt()), act)
    }
}
