//! Speaking to the centre: a request in, its answer or which kind of "no" out.

use road::{NoReply, Reply, Road};
use wire::{Answer, Message};

/// No answer that says it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum No {
    /// The rules say no: the code, and what the centre says.
    Refused {
        /// Stable code; empty where a foreign centre has none.
        code: String,
        /// Its words.
        text: String,
        /// Lines it is about, each with the reason.
        lines: Vec<(String, String)>,
    },
    /// Certainly without effect.
    NotProcessed {
        /// Why.
        text: String,
    },
    /// Nothing is known.
    Unknown {
        /// Why.
        text: String,
    },
}

impl No {
    /// What is told of it.
    pub fn text(&self) -> &str {
        match self {
            Self::Refused { text, .. } | Self::NotProcessed { text } | Self::Unknown { text } => text,
        }
    }
}

/// Sends a message and sorts what comes.
pub fn send(road: &dyn Road, message: &Message) -> Result<Answer, No> {
    match road.send(message) {
        Ok(Reply::Done(given)) => Ok(given.answer),
        Ok(Reply::Refused(given)) => {
            let text = given.answer.error().unwrap_or_default();
            let lines = wire::asking::refused_lines(&given.answer);
            Err(No::Refused { code: given.answer.error_code().unwrap_or_default(), text, lines })
        }
        Ok(Reply::Held(ticket)) => Err(No::Unknown { text: ticket.0 }),
        Err(NoReply::NotProcessed(problem)) => {
            Err(No::NotProcessed { text: problem.message(wire::Language::Zh) })
        }
        Err(NoReply::Unknown(doubt)) => Err(No::Unknown { text: doubt.message(wire::Language::Zh) }),
    }
}
