//! What became of a message, as it is told to its sender: a word and an envelope.

use wire::{Answer, Doubt, Envelope, OutcomeWord, Profile, Stamp};

use crate::port::{NoReply, Reply};

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What became of it.
    pub outcome: OutcomeWord,
    /// Given before, and given again now, byte for byte.
    pub replayed: bool,
    /// The whole envelope.
    pub answer: Answer,
}

impl Told {
    /// Of what a road said.
    pub fn of(result: Result<Reply, NoReply>, envelope: &Envelope, profile: &Profile, stamp: &Stamp) -> Self {
        let told = |outcome, answer| Self { outcome, replayed: false, answer };
        let unknown =
            |doubt: &Doubt| told(OutcomeWord::Unknown, Answer::unknown(doubt, envelope, profile, stamp));
        match result {
            Ok(Reply::Done(given)) => {
                Self { outcome: OutcomeWord::Done, replayed: given.replayed, answer: given.answer }
            }
            Ok(Reply::Refused(given)) => {
                Self { outcome: OutcomeWord::Refused, replayed: given.replayed, answer: given.answer }
            }
            Ok(Reply::Held(ticket)) => unknown(&Doubt::InProgress { message: ticket.0 }),
            Err(NoReply::NotProcessed(problem)) => {
                told(OutcomeWord::NotProcessed, Answer::not_processed(&problem, envelope, profile, stamp))
            }
            Err(NoReply::Unknown(doubt)) => unknown(&doubt),
        }
    }
}
