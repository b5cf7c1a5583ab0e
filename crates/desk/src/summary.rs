//! The summary of a day 全院汇总: what all cashiers closed and handed over until a day is sealed by finance, in one. Whoever moved
//! money that day has closed by then. The latest may be taken back.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use money::Money;
use serde::{Deserialize, Serialize};
use store::{By, Change};
use web::Said;

use crate::amounts;
use crate::closing::{Closing, ClosingState};
use crate::people::Operator;
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet, state_word};
use crate::till::unclosed_since;

/// A summary. The key is its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Who sealed it.
    pub by: String,
    /// When.
    pub at: DateTime,
    /// The keys of the closings that are in it.
    pub closings: Vec<String>,
    /// What bills and stays come to.
    #[serde(with = "amounts")]
    pub total: Money,
    /// The cash that was due.
    #[serde(with = "amounts")]
    pub hand_over: Money,
    /// The cash that was counted.
    #[serde(with = "amounts")]
    pub counted: Money,
}

/// How a summary stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SummaryState {
    /// 已汇总.
    Sealed,
    /// 已取消: its closings are as they were before.
    Cancelled,
}

impl SummaryState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Sealed => "summary-sealed",
            Self::Cancelled => "closing-cancelled",
        }
    }
}

impl Form for Summary {
    const KIND: &'static str = "summary";
    type State = SummaryState;
    type Private = ();
}

/// The latest that stands; none: none does.
pub(crate) fn latest(papers: &Papers) -> Result<Option<Sheet<Summary>>, PaperError> {
    Ok(papers.list(By::State(&state_word(SummaryState::Sealed)), 1, 0)?.pop())
}

/// What is written where a day is sealed; or why it is not.
pub(crate) fn seal(
    papers: &Papers,
    day: Date,
    (by, at): (&str, DateTime),
) -> Result<Result<Vec<Change>, Said>, PaperError> {
    if let Some(latest) = latest(papers)?.filter(|latest| latest.day.is_some_and(|sealed| sealed >= day)) {
        return Ok(Err(Said::new("summary-sealed-before").with("day", latest.key)));
    }
    if let Some(said) = missing(papers, day)? {
        return Ok(Err(said));
    }
    let closings: Vec<_> = papers.in_state::<Closing>(ClosingState::Confirmed)?;
    let closings: Vec<_> = closings.into_iter().filter(|closing| until(closing, day)).collect();
    if closings.is_empty() {
        return Ok(Err(Said::new("summary-nothing").with("day", day)));
    }
    let sum = |of: &dyn Fn(&Closing) -> Money| closings.iter().map(|closing| of(&closing.facts)).sum();
    let facts = Summary {
        by: by.to_owned(),
        at,
        closings: closings.iter().map(|closing| closing.key.clone()).collect(),
        total: sum(&|closing| closing.total),
        hand_over: sum(&|closing| closing.hand_over),
        counted: sum(&|closing| closing.counted.unwrap_or_default()),
    };
    let mut summary = Sheet::new(day.to_string(), SummaryState::Sealed, Some(day), facts);
    // One that was taken back is sealed again.
    summary.version = papers.get::<Summary>(&summary.key)?.map_or(0, |known| known.version);
    let mut changes = vec![summary.happened("seal")];
    changes
        .extend(closings.into_iter().map(|closing| in_state(closing, ClosingState::Summarised, "summarise")));
    Ok(Ok(changes))
}

/// What is written where the latest is taken back: its closings are confirmed, and in no summary.
pub(crate) fn cancel(papers: &Papers, mut summary: Sheet<Summary>) -> Result<Vec<Change>, PaperError> {
    let mut changes = Vec::new();
    for key in &summary.facts.closings {
        let closing = papers.get::<Closing>(key)?;
        changes.extend(closing.map(|closing| in_state(closing, ClosingState::Confirmed, "open-again")));
    }
    summary.state = SummaryState::Cancelled;
    changes.push(summary.happened("cancel"));
    Ok(changes)
}

fn in_state(mut closing: Sheet<Closing>, state: ClosingState, event: &str) -> Change {
    closing.state = state;
    closing.happened(event)
}

fn until(closing: &Sheet<Closing>, day: Date) -> bool {
    closing.day.is_some_and(|closed| closed <= day)
}

/// Who has moved money until a day and not closed, or closed and not handed over; none: nobody.
fn missing(papers: &Papers, day: Date) -> Result<Option<Said>, PaperError> {
    let operators: Vec<Sheet<Operator>> = papers.list(By::All, ALL, 0)?;
    let mut open = BTreeSet::new();
    for operator in operators {
        if unclosed_since(papers, &operator.key)?.is_some_and(|since| since <= day) {
            open.insert(operator.key);
        }
    }
    if !open.is_empty() {
        let who: Vec<String> = open.into_iter().collect();
        return Ok(Some(Said::new("summary-not-closed").with("day", day).with("who", who.join(", "))));
    }
    let waiting = papers.in_state::<Closing>(ClosingState::Closed)?;
    let waiting: BTreeSet<String> =
        waiting.into_iter().filter(|closing| until(closing, day)).map(|closing| closing.key).collect();
    if waiting.is_empty() {
        return Ok(None);
    }
    let which: Vec<String> = waiting.into_iter().collect();
    Ok(Some(Said::new("summary-not-handed").with("which", which.join(", "))))
}
