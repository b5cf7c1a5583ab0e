//! Numbers of receipts: segments issued to a cashier, each number used once, spoilt with a reason, or left.

use money::Money;
use serde::{Deserialize, Serialize};
use store::{Act, By, Change};
use web::Said;

use crate::amounts;
use crate::electronic::{Electronic, WANTED};
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet};
use crate::spoilt::Spoilt;

/// What a segment's numbers are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptKind {
    /// Outpatient receipts.
    Outpatient,
    /// Receipts of stays.
    Inpatient,
    /// Receipts of deposits.
    Deposit,
}

impl ReceiptKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Outpatient, Self::Inpatient, Self::Deposit];

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Outpatient => "segment-outpatient",
            Self::Inpatient => "segment-inpatient",
            Self::Deposit => "segment-deposit",
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Outpatient => "outpatient",
            Self::Inpatient => "inpatient",
            Self::Deposit => "deposit",
        }
    }
}

/// A run of numbers. The key is kind, prefix and first number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// What for.
    pub kind: ReceiptKind,
    /// What stands before each number.
    pub prefix: String,
    /// How many digits a number has.
    pub digits: usize,
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// The next that was never taken.
    pub next: u64,
    /// Taken, not printed, and given back: they go first.
    pub returned: Vec<u64>,
    /// The cashier it is issued to.
    pub owner: String,
}

/// How a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SegmentState {
    /// Issued, and numbers are left.
    Issued,
    /// All its numbers are taken.
    Used,
    /// What was left went back to finance.
    Returned,
}

impl Form for Segment {
    const KIND: &'static str = "segment";
    type State = SegmentState;
    type Private = ();

    fn tags(&self, state: SegmentState) -> Vec<String> {
        match state {
            SegmentState::Issued => vec![tag(self.kind, &self.owner)],
            SegmentState::Used | SegmentState::Returned => Vec::new(),
        }
    }
}

fn tag(kind: ReceiptKind, owner: &str) -> String {
    format!("{}:{owner}", kind.word())
}

impl Segment {
    /// A new one, where its bounds make sense.
    pub fn new(kind: ReceiptKind, prefix: &str, digits: usize, (from, to): (u64, u64), owner: &str) -> Self {
        let (prefix, owner) = (prefix.to_owned(), owner.to_owned());
        Self { kind, prefix, digits, from, to, next: from, returned: Vec::new(), owner }
    }

    /// Its key.
    pub fn key(&self) -> String {
        format!("{}/{}", self.kind.word(), self.written(self.from))
    }

    /// A number as paper has it.
    pub fn written(&self, number: u64) -> String {
        format!("{}{number:0digits$}", self.prefix, digits = self.digits)
    }

    /// The number that is taken next.
    pub fn peek(&self) -> Option<String> {
        let next = self.returned.first().copied().or((self.next <= self.to).then_some(self.next));
        next.map(|number| self.written(number))
    }

    /// How many are left.
    pub fn left(&self) -> u64 {
        (self.to + 1).saturating_sub(self.next) + self.returned.len() as u64
    }

    fn take(&mut self) -> Option<String> {
        let written = self.peek()?;
        if self.returned.is_empty() {
            self.next += 1;
        } else {
            self.returned.remove(0);
        }
        Some(written)
    }

    /// Whether two segments of a kind and prefix share a number.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.prefix == other.prefix
            && self.from <= other.to
            && other.from <= self.to
    }

    /// How it stands by what is left.
    pub(crate) fn state(&self) -> SegmentState {
        if self.left() == 0 { SegmentState::Used } else { SegmentState::Issued }
    }

    /// Takes all that would be taken up to a number; answers which.
    pub(crate) fn skip(&mut self, last: u64) -> Vec<u64> {
        let returned: Vec<u64> = self.returned.iter().copied().filter(|number| *number <= last).collect();
        self.returned.retain(|number| *number > last);
        let from = self.next;
        self.next = self.next.max(last + 1);
        returned.into_iter().chain(from..self.next).collect()
    }

    pub(crate) fn number(&self, written: &str) -> Option<u64> {
        let number = written.strip_prefix(self.prefix.as_str())?.parse().ok()?;
        // Without its noughts it may be meant for another.
        ((self.from..=self.to).contains(&number) && self.written(number) == written).then_some(number)
    }
}

/// A number that was taken. The key is kind and number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The segment it is of.
    pub segment: String,
    /// The bill it is for.
    pub bill: String,
    /// What it says.
    #[serde(with = "amounts")]
    pub amount: Money,
    /// Who took it.
    pub cashier: String,
    /// Its twin at the treasury's platform; none: the paper alone is the receipt.
    #[serde(default)]
    pub electronic: Option<Electronic>,
    /// That it was spoilt; none: it was not.
    #[serde(default)]
    pub spoilt: Option<Spoilt>,
}

/// How a number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptState {
    /// Taken with an intent; the settlement is not known yet.
    Reserved,
    /// On a receipt.
    Used,
    /// Given back before it was printed: it is taken again.
    Free,
    /// Spoilt, or its bill was voided.
    Void,
}

impl ReceiptState {
    /// What happened to a number that comes to it.
    const fn event(self) -> &'static str {
        match self {
            Self::Reserved => "reserve",
            Self::Used => "use",
            Self::Free => "give-back",
            Self::Void => "void",
        }
    }
}

impl Form for Receipt {
    const KIND: &'static str = "receipt";
    type State = ReceiptState;
    type Private = ();

    fn tags(&self, state: ReceiptState) -> Vec<String> {
        let mut tags = vec![format!("segment:{}", self.segment)];
        if self.electronic.as_ref().is_some_and(|twin| twin.is_wanted(state)) {
            tags.push(WANTED.to_owned());
        }
        tags.extend(self.spoilt.iter().flat_map(Spoilt::tags));
        tags
    }
}

/// The segments a cashier takes numbers of, the one in use first.
pub fn issued(papers: &Papers, kind: ReceiptKind, owner: &str) -> Result<Vec<Sheet<Segment>>, PaperError> {
    let mut segments: Vec<Sheet<Segment>> = papers.list(By::Tag(&tag(kind, owner)), ALL, 0)?;
    segments
        .sort_by(|a, b| (a.facts.next == a.facts.from, &a.key).cmp(&(b.facts.next == b.facts.from, &b.key)));
    Ok(segments)
}

/// A number that is wanted: what for, by whom, for which paper, over how much, and how it stands once it is taken.
pub struct Wanted<'w> {
    /// Of which kind of segment.
    pub kind: ReceiptKind,
    /// Who takes it.
    pub cashier: &'w str,
    /// The paper it is for.
    pub paper: &'w str,
    /// What the receipt says.
    pub amount: Money,
    /// Reserved for a message on its way, or used at once.
    pub state: ReceiptState,
    /// It has a twin at the treasury's platform.
    pub electronic: bool,
}

/// So often a number is reached for that others reach for, too.
const TAKES: usize = 20;

/// Takes the next number and writes what comes with it, together; answers why not, where there is none. Two windows may
/// reach for one number: the slower one takes the next.
pub fn with_number(
    papers: &Papers,
    act: &Act,
    wanted: &Wanted<'_>,
    mut write: impl FnMut(&str) -> Result<Vec<Change>, PaperError>,
) -> Result<Option<Said>, PaperError> {
    for _ in 0..TAKES {
        let Some((number, taken)) = take(papers, wanted)? else { return Ok(Some(Said::new("h305"))) };
        match papers.put(&[taken, write(&number)?].concat(), act) {
            Ok(()) => return Ok(None),
            Err(PaperError::Stale { kind, .. }) if kind == Segment::KIND || kind == Receipt::KIND => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(Said::new("h305-busy")))
}

/// The next number, and what must be written where it is taken; none where there is none left.
fn take(papers: &Papers, wanted: &Wanted<'_>) -> Result<Option<(String, Vec<Change>)>, PaperError> {
    let Wanted { kind, cashier, paper, amount, state, electronic } = *wanted;
    for mut segment in issued(papers, kind, cashier)? {
        let Some(number) = segment.facts.take() else { continue };
        segment.state = segment.facts.state();
        let key = receipt_key(kind, &number);
        let facts = Receipt {
            segment: segment.key.clone(),
            bill: paper.into(),
            amount,
            cashier: cashier.into(),
            electronic: electronic.then(Electronic::default),
            spoilt: None,
        };
        let mut receipt = Sheet::new(key.clone(), state, None, facts);
        // A number that was given back has a paper already.
        receipt.version = papers.get::<Receipt>(&key)?.map_or(0, |known| known.version);
        return Ok(Some((number, vec![segment.typed(), receipt.happened(state.event())])));
    }
    Ok(None)
}

/// What must be written where a number's bill came to something: used, or not after all.
pub fn settle(
    papers: &Papers,
    kind: ReceiptKind,
    number: &str,
    state: ReceiptState,
) -> Result<Vec<Change>, PaperError> {
    let Some(mut receipt) = papers.get::<Receipt>(&receipt_key(kind, number))? else { return Ok(Vec::new()) };
    receipt.state = state;
    let mut changes = vec![receipt.happened(state.event())];
    if state == ReceiptState::Free
        && let Some(mut segment) = papers.get::<Segment>(&receipt.facts.segment)?
        && let Some(free) = segment.facts.number(number)
    {
        segment.facts.returned.push(free);
        segment.facts.returned.sort_unstable();
        segment.state = SegmentState::Issued;
        changes.push(segment.typed());
    }
    Ok(changes)
}

/// The key of a number's paper.
pub fn receipt_key(kind: ReceiptKind, number: &str) -> String {
    format!("{}/{number}", kind.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_up_and_those_given_back_go_first() {
        let mut segment = Segment::new(ReceiptKind::Outpatient, "NB-", 7, (4_512, 4_514), "0103");
        assert_eq!((segment.key(), segment.left()), ("outpatient/NB-0004512".into(), 3));
        assert_eq!(segment.take().as_deref(), Some("NB-0004512"));
        assert_eq!(segment.take().as_deref(), Some("NB-0004513"));
        segment.returned.push(segment.number("NB-0004512").unwrap());
        assert_eq!(segment.left(), 2);
        assert_eq!(segment.take().as_deref(), Some("NB-0004512"));
        assert_eq!(segment.take().as_deref(), Some("NB-0004514"));
        assert_eq!(segment.take(), None);
        assert_eq!(segment.number("NB-0004515"), None);
    }

    #[test]
    fn numbers_are_skipped_up_to_the_one_that_is_spoilt() {
        let mut segment = Segment::new(ReceiptKind::Outpatient, "NB-", 7, (1, 9), "0103");
        segment.take();
        segment.take();
        segment.returned.push(1);
        assert_eq!(segment.skip(0), Vec::<u64>::new());
        assert_eq!(segment.skip(4), [1, 3, 4]);
        assert_eq!((segment.peek().as_deref(), segment.left()), (Some("NB-0000005"), 5));
        assert_eq!(segment.skip(4), Vec::<u64>::new());
        assert_eq!(segment.skip(9).len(), 5);
        assert_eq!((segment.peek(), segment.state()), (None, SegmentState::Used));
    }

    #[test]
    fn segments_that_share_a_number_overlap() {
        let of =
            |prefix: &str, from, to| Segment::new(ReceiptKind::Outpatient, prefix, 7, (from, to), "0103");
        assert!(of("A", 1, 10).overlaps(&of("A", 10, 20)));
        assert!(!of("A", 1, 10).overlaps(&of("A", 11, 20)));
        assert!(!of("A", 1, 10).overlaps(&of("B", 1, 10)));
    }
}
