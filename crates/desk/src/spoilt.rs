//! Numbers of receipts that are spoilt: paper that jammed, tore or was lost. A number nobody used is void with its reason; a
//! receipt that was given out is printed again under the next number, as long as its shift is open. Each spoilt number is in
//! the closing of whoever spoilt it, so that no gap is without its reason.

use jiff::civil::{Date, DateTime};
use money::Money;
use serde::{Deserialize, Serialize};
use store::{By, Change};
use web::Said;

use crate::bill::Bill;
use crate::closing::Closing;
use crate::deposit::Deposit;
use crate::desk::{At, Stop};
use crate::segment::{Receipt, ReceiptKind, ReceiptState, Segment, Wanted, issued, receipt_key, with_number};
use crate::settlement::Settlement;
use crate::sheet::{ALL, Form as _, PaperError, Papers, Sheet};
use crate::till::{Moves, Side, unclosed_tag};

/// Why a number is spoilt, as its page offers it.
pub(crate) const REASONS: [&str; 4] = ["spoilt-jam", "spoilt-torn", "spoilt-lost", "spoilt-paper-ahead"];

/// So many numbers are spoilt at once at most: more is a slip of the hand, or a segment to be handed back.
pub(crate) const MOST: usize = 100;

/// Where it is asked whether several are meant: their count is what is typed there.
pub(crate) const SEVERAL: &str = "count";

/// That a number was spoilt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spoilt {
    /// When.
    pub at: DateTime,
    /// By whom.
    pub by: String,
    /// Why: a key of a reason.
    pub why: String,
    /// The number its receipt was printed under instead; empty: it was nobody's receipt.
    #[serde(default)]
    pub instead: String,
    /// The closing that is part of; empty: none yet.
    #[serde(default)]
    pub closing: String,
}

impl Spoilt {
    /// By whoever asks, now.
    fn by(at: &At<'_>, why: &str) -> Self {
        let (instead, closing) = (String::new(), String::new());
        Self { at: at.now, by: at.login().to_owned(), why: why.to_owned(), instead, closing }
    }

    /// What the number is found by.
    pub(crate) fn tags(&self) -> Vec<String> {
        let open = self.closing.is_empty().then(|| unclosed_tag(&self.by));
        open.into_iter().chain([spoilt_tag(self.at.date())]).collect()
    }
}

/// What numbers are found by that were spoilt on a day.
pub(crate) fn spoilt_tag(day: Date) -> String {
    format!("spoilt:{day}")
}

/// Numbers somebody has spoilt and not closed, in order.
pub(crate) fn unclosed(papers: &Papers, who: &str) -> Result<Vec<Sheet<Receipt>>, PaperError> {
    let mut spoilt: Vec<Sheet<Receipt>> = papers.list(By::Tag(&unclosed_tag(who)), ALL, 0)?;
    spoilt.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(spoilt)
}

/// The spoilt numbers of a closing, marked as part of it; of none, where the mark is empty.
pub(crate) fn marked(papers: &Papers, closing: &Closing, mark: &str) -> Result<Vec<Change>, PaperError> {
    let mut changes = Vec::new();
    for part in closing.parts.iter().filter(|part| part.kind == Receipt::KIND) {
        let Some(mut number) = papers.get::<Receipt>(&part.key)? else { continue };
        if let Some(spoilt) = &mut number.facts.spoilt {
            mark.clone_into(&mut spoilt.closing);
            changes.push(number.typed());
        }
    }
    Ok(changes)
}

/// What is wrong with what was asked for: at which field, what is put there to say it again, and in words.
pub(crate) type Wrong = (&'static str, String, Said);

/// Spoils the numbers nobody used, from the next one up to this; answers how many. More than one must have been said before.
pub(crate) fn ahead(
    at: &At<'_>,
    kind: ReceiptKind,
    until: &str,
    said: usize,
    why: &str,
) -> Result<Result<usize, Wrong>, Stop> {
    let Some(mut segment) = issued(&at.papers, kind, at.login())?.into_iter().next() else {
        return Ok(Err(("kind", String::new(), Said::new("h305"))));
    };
    let next = segment.facts.peek().unwrap_or_default();
    let unknown = || ("number", String::new(), Said::new("spoilt-not-next").with("next", &next));
    let Some(last) = segment.facts.number(until) else { return Ok(Err(unknown())) };
    let numbers = segment.facts.skip(last);
    if numbers.is_empty() {
        return Ok(Err(unknown()));
    }
    if numbers.len() > MOST {
        let said = Said::new("spoilt-too-many").with("count", numbers.len()).with("most", MOST);
        return Ok(Err(("number", String::new(), said)));
    }
    if numbers.len() > 1 && numbers.len() != said {
        let (count, asked) =
            (numbers.len(), Said::new("spoilt-several").with("from", &next).with("until", until));
        return Ok(Err((SEVERAL, count.to_string(), asked.with("count", count))));
    }
    let mut changes = Vec::new();
    for number in &numbers {
        let facts = Receipt {
            segment: segment.key.clone(),
            bill: String::new(),
            amount: Money::ZERO,
            cashier: at.login().to_owned(),
            electronic: None,
            spoilt: Some(Spoilt::by(at, why)),
        };
        let key = receipt_key(kind, &segment.facts.written(*number));
        let mut receipt = Sheet::new(key, ReceiptState::Void, None, facts);
        // A number that was given back has a paper already.
        receipt.version = at.papers.get::<Receipt>(&receipt.key)?.map_or(0, |known| known.version);
        changes.push(receipt.happened("spoil"));
    }
    segment.state = segment.facts.state();
    changes.push(segment.typed());
    at.papers.put(&changes, &at.act())?;
    Ok(Ok(numbers.len()))
}

/// Spoils the number of a receipt that was given out, and gives it the next; answers that, with the key of its paper.
pub(crate) fn again(
    at: &At<'_>,
    kind: ReceiptKind,
    receipt: Sheet<Receipt>,
    why: &str,
) -> Result<Result<(String, String), Wrong>, Stop> {
    match kind {
        ReceiptKind::Outpatient => of::<Bill>(at, receipt, why),
        ReceiptKind::Inpatient => of::<Settlement>(at, receipt, why),
        ReceiptKind::Deposit => of::<Deposit>(at, receipt, why),
    }
}

fn of<F: Moves>(
    at: &At<'_>,
    receipt: Sheet<Receipt>,
    why: &str,
) -> Result<Result<(String, String), Wrong>, Stop> {
    let number = number_of(&receipt);
    // A deposit may have been parted since: its parts have one receipt.
    let mut papers: Vec<Sheet<F>> = at.papers.list(By::Tag(&format!("receipt:{number}")), ALL, 0)?;
    let ours = papers.iter().all(|paper| is_of_open_shift(paper, at.login()));
    if receipt.state != ReceiptState::Used || papers.is_empty() || !ours {
        let said = Said::new("spoilt-not-yours").with("number", number);
        return Ok(Err(("number", String::new(), said)));
    }
    let wanted = Wanted {
        kind: F::RECEIPTS,
        cashier: at.login(),
        paper: &receipt.facts.bill,
        amount: receipt.facts.amount,
        state: ReceiptState::Used,
        electronic: receipt.facts.electronic.is_some(),
    };
    let mut instead = String::new();
    let why_not = with_number(&at.papers, &at.act(), &wanted, |next| {
        next.clone_into(&mut instead);
        let mut old = receipt.clone();
        old.state = ReceiptState::Void;
        old.facts.spoilt = Some(Spoilt { instead: next.to_owned(), ..Spoilt::by(at, why) });
        let renumbered = papers.iter_mut().map(|paper| {
            paper.facts.renumber(next);
            paper.happened("renumber")
        });
        let renumbered: Vec<Change> = renumbered.collect();
        Ok([vec![old.happened("spoil")], renumbered].concat())
    })?;
    Ok(match why_not {
        Some(said) => Err(("kind", String::new(), said)),
        None => Ok((instead, receipt.facts.bill)),
    })
}

/// The number a receipt's paper is of.
pub(crate) fn number_of(receipt: &Sheet<Receipt>) -> &str {
    receipt.key.split_once('/').map_or("", |(_, number)| number)
}

/// It came in by whoever asks, is in no closing yet, and nothing went out again.
fn is_of_open_shift<F: Moves>(paper: &Sheet<F>, who: &str) -> bool {
    let movements = paper.facts.movements(paper.state);
    !movements.is_empty()
        && movements
            .iter()
            .all(|moved| moved.side == Side::In && moved.who == who && moved.closing.is_empty())
}

impl Closing {
    /// Adds the numbers its cashier has spoilt and not closed.
    pub(crate) fn take_spoilt(&mut self, spoilt: &[Sheet<Receipt>]) {
        for receipt in spoilt {
            let Some((kind, number)) = receipt.key.split_once('/') else { continue };
            let Some(facts) = &receipt.facts.spoilt else { continue };
            self.numbers.entry(kind.to_owned()).or_default().spoilt.push(number.to_owned());
            let (kind, key) = (Receipt::KIND.to_owned(), receipt.key.clone());
            self.parts.push(crate::closing::Part { kind, key, side: Side::Out });
            self.from = [self.from, Some(facts.at)].into_iter().flatten().min();
            self.until = [self.until, Some(facts.at)].into_iter().flatten().max();
        }
    }
}

/// Numbers that are next, for each kind whoever asks has a segment of: the segment's state, its next number, how many are left.
pub(crate) fn next(at: &At<'_>) -> Result<Vec<(ReceiptKind, String, u64)>, PaperError> {
    let mut all = Vec::new();
    for kind in ReceiptKind::ALL {
        let segments: Vec<Sheet<Segment>> = issued(&at.papers, kind, at.login())?;
        if let Some(next) = segments.iter().find_map(|segment| segment.facts.peek()) {
            all.push((kind, next, segments.iter().map(|segment| segment.facts.left()).sum()));
        }
    }
    Ok(all)
}
