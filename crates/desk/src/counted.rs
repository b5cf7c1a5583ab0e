//! What of a settled paper counts when a day is compared with the centre's books: as the centre said it, kept when it was
//! heard.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use wire::asking::BillHeard;

use crate::bill::{BillState, Voided};

/// How the centre counts a settlement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counted {
    /// National kind of clearing; empty: it was not heard.
    pub clearing_kind: String,
    /// Under which insurance; none: it was not heard.
    pub insurance: Option<u16>,
    /// The id of the message that settled it.
    pub message: String,
    /// Its void.
    pub voided: Option<CountedVoid>,
    /// The centre has taken it back as if it had never been: it counts on no day.
    pub taken_back: bool,
}

/// How the centre counts a void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedVoid {
    /// The centre's id of it.
    pub number: String,
    /// When.
    pub at: DateTime,
    /// The id of the message that asked for it.
    pub message: String,
}

impl Counted {
    /// What an answer says of it.
    pub(crate) fn hear(&mut self, heard: &BillHeard, message: &str) {
        self.clearing_kind.clone_from(&heard.clearing_kind);
        self.insurance = heard.insurance.map(|kind| kind.0);
        message.clone_into(&mut self.message);
    }

    /// What the answer to a void says of it.
    pub(crate) fn hear_void(&mut self, heard: &BillHeard, message: &str, now: DateTime) {
        self.voided = Some(CountedVoid {
            number: heard.settlement.clone().unwrap_or_default(),
            at: heard.time.unwrap_or(now),
            message: message.to_owned(),
        });
    }

    /// What a paper is found by where a day is compared: the days it counts on, and its visit at the centre.
    pub(crate) fn tags(
        &self,
        state: BillState,
        settled: Option<DateTime>,
        voided: Option<&Voided>,
        visit: &str,
    ) -> Vec<String> {
        if self.taken_back || visit.is_empty() || !state.stood() {
            return Vec::new();
        }
        let day = settled.map(|at| settled_tag(at.date()));
        let void = self.voided_at(state, voided).map(|at| voided_tag(at.date()));
        [day, void, Some(visit_tag(visit))].into_iter().flatten().collect()
    }

    /// When a voided paper was voided: as the centre says, where it was heard.
    pub(crate) fn voided_at(&self, state: BillState, voided: Option<&Voided>) -> Option<DateTime> {
        let heard = self.voided.as_ref().map(|void| void.at);
        heard.or(voided.map(|voided| voided.at)).filter(|_| state == BillState::Voided)
    }
}

/// What was settled on a day is found by.
pub(crate) fn settled_tag(day: Date) -> String {
    format!("settled:{day}")
}

/// What was voided on a day is found by.
pub(crate) fn voided_tag(day: Date) -> String {
    format!("voided:{day}")
}

/// What was settled of a visit is found by.
pub(crate) fn visit_tag(visit: &str) -> String {
    format!("visit:{visit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn a_paper_is_found_by_the_days_the_centre_counts_it_on() {
        let settled = Some(datetime(2026, 11, 23, 23, 59, 59, 0));
        let void =
            CountedVoid { number: "9".into(), at: datetime(2026, 11, 25, 8, 0, 0, 0), message: "M".into() };
        let counted = Counted { voided: Some(void), ..Counted::default() };
        let tags = |state| counted.tags(state, settled, None, "7");
        assert_eq!(tags(BillState::Settled), ["settled:2026-11-23", "visit:7"]);
        assert_eq!(tags(BillState::Voided), ["settled:2026-11-23", "voided:2026-11-25", "visit:7"]);
        assert!(tags(BillState::Tried).is_empty());
        assert!(counted.tags(BillState::Settled, settled, None, "").is_empty());
        let told = datetime(2026, 11, 24, 9, 0, 0, 0);
        let told = Voided {
            at: told,
            why: String::new(),
            by: "0103".into(),
            closing: String::new(),
            ..Voided::default()
        };
        let unheard = Counted::default();
        let tags = unheard.tags(BillState::Voided, settled, Some(&told), "7");
        assert_eq!(tags[1], "voided:2026-11-24", "as its own paper says, until the centre is heard");
        let gone = Counted { taken_back: true, ..counted.clone() };
        assert!(gone.tags(BillState::Voided, settled, None, "7").is_empty());
    }
}
