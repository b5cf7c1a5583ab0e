//! Charges of a stay. A line that is posted is never changed: what is wrong is taken back by a line below nothing that
//! names it. Each line goes to the centre by itself, and says whether it is there.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use money::{Money, Quantity};
use serde::{Deserialize, Serialize};
use store::By;

use crate::amounts;
use crate::arrears::Allowed;
use crate::bill::{Line, amount};
use crate::house::Named;
use crate::sheet::{ALL, Form, PaperError, Papers, Sheet};
use crate::stay::Stay;

/// When a line that did not arrive is sent again; behind the last, every so often.
const AGAIN: [SignedDuration; 3] =
    [SignedDuration::from_mins(1), SignedDuration::from_mins(5), SignedDuration::from_mins(30)];

/// A line that was posted. The key is the stay's number and the line's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Of which stay.
    pub stay: String,
    /// What, how many, for how much.
    pub line: Line,
    /// When it was given.
    pub served: DateTime,
    /// When it was posted.
    pub posted: DateTime,
    /// Who ordered it: staff number and name.
    pub doctor: Named,
    /// The doctor's national code.
    pub doctor_code: String,
    /// The department that ordered it.
    pub department: Named,
    /// Who posted it.
    pub poster: Poster,
    /// The line it takes back from, by its key; none: it charges.
    #[serde(default)]
    pub original: Option<String>,
    /// Why it takes back.
    #[serde(default)]
    pub reason: String,
    /// Why it was charged though the balance was below the limit; none: it was not.
    #[serde(default)]
    pub allowed: Option<Allowed>,
    /// The settlement of a part of the stay that has settled it, by its key; empty: none.
    #[serde(default)]
    pub period: String,
    /// How it goes to the centre.
    pub way: Way,
    /// How often it was sent.
    #[serde(default)]
    pub tries: u32,
    /// When it is sent again.
    pub next: DateTime,
    /// Why it was not taken in.
    #[serde(default)]
    pub why: String,
}

/// Who posted a line, as its messages say it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poster {
    /// The operator's number.
    pub number: String,
    /// Name.
    pub name: String,
    /// The number of the sign-in at the centre.
    pub sign_in: String,
}

/// How a line goes to the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// As a row of its own.
    Row,
    /// By withdrawing the row it takes back as a whole.
    Withdrawal,
    /// Not at all: the patient pays alone, or the row it takes back was never sent.
    Nowhere,
}

/// How a line stands with the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PostingState {
    /// 未传.
    Unsent,
    /// 已传.
    Sent,
    /// 失败: the centre does not take it in.
    Failed,
    /// 已撤: withdrawn as a whole.
    Withdrawn,
    /// 不传: the centre hears nothing of it.
    Own,
}

impl PostingState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unsent => "posting-unsent",
            Self::Sent => "posting-sent",
            Self::Failed => "posting-failed",
            Self::Withdrawn => "posting-withdrawn",
            Self::Own => "posting-own",
        }
    }

    /// How it is coloured.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Unsent => "warn",
            Self::Failed => "bad",
            Self::Sent => "",
            Self::Withdrawn | Self::Own => "plain",
        }
    }

    /// The centre is still to hear of it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unsent | Self::Failed)
    }
}

impl Form for Posting {
    const KIND: &'static str = "posting";
    type State = PostingState;
    type Private = ();

    fn tags(&self, state: PostingState) -> Vec<String> {
        let mut tags = vec![format!("stay:{}", self.stay)];
        if state.is_open() {
            tags.push(format!("open:{}", self.stay));
        }
        if self.original.is_some() {
            tags.push(reversed_tag(self.posted.date()));
        }
        tags
    }
}

/// What lines are found by that took others back on a day.
pub(crate) fn reversed_tag(day: Date) -> String {
    format!("reversed:{day}")
}

impl Posting {
    /// The key of a line of a stay.
    pub fn key(stay: &str, line: u32) -> String {
        format!("{stay}-{line:05}")
    }

    /// It did not arrive: it is sent again, later each time.
    pub(crate) fn missed(&mut self, now: DateTime) {
        // That it was on its way is counted before it is.
        let pause = AGAIN.get(self.tries.saturating_sub(1) as usize).copied().unwrap_or(AGAIN[2]);
        self.tries += 1;
        self.next = now.saturating_add(pause);
    }
}

/// All lines of a stay, in the order they were posted.
pub(crate) fn postings(papers: &Papers, stay: &str) -> Result<Vec<Sheet<Posting>>, PaperError> {
    tagged(papers, &format!("stay:{stay}"))
}

/// Those that no settlement of a part of the stay has settled.
pub(crate) fn unsettled(papers: &Papers, stay: &str) -> Result<Vec<Sheet<Posting>>, PaperError> {
    let all = postings(papers, stay)?.into_iter();
    Ok(all.filter(|line| line.facts.period.is_empty()).collect())
}

/// Those of which the centre is still to hear.
pub(crate) fn open_postings(papers: &Papers, stay: &str) -> Result<Vec<Sheet<Posting>>, PaperError> {
    tagged(papers, &format!("open:{stay}"))
}

fn tagged(papers: &Papers, tag: &str) -> Result<Vec<Sheet<Posting>>, PaperError> {
    let mut all: Vec<Sheet<Posting>> = papers.list(By::Tag(tag), ALL, 0)?;
    all.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(all)
}

/// A line of a stay, posted: the stay has it from now on, and the centre is to hear of it.
pub(crate) fn posted(
    stay: &mut Sheet<Stay>,
    line: Line,
    served: DateTime,
    (doctor, doctor_code, department): (Named, String, Named),
    poster: &Poster,
    now: DateTime,
) -> Sheet<Posting> {
    stay.facts.last_line += 1;
    stay.facts.charged += line.amount;
    let (way, state) =
        if stay.facts.insured { (Way::Row, PostingState::Unsent) } else { (Way::Nowhere, PostingState::Own) };
    let facts = Posting {
        stay: stay.key.clone(),
        line: Line { number: stay.facts.last_line, ..line },
        served,
        posted: now,
        doctor,
        doctor_code,
        department,
        poster: poster.clone(),
        original: None,
        reason: String::new(),
        allowed: None,
        period: String::new(),
        way,
        tries: 0,
        next: now.saturating_add(SignedDuration::from_mins(1)),
        why: String::new(),
    };
    Sheet::new(Posting::key(&stay.key, stay.facts.last_line), state, Some(served.date()), facts)
}

/// What lines come to.
pub(crate) fn sum(lines: &[Sheet<Posting>]) -> Money {
    lines.iter().map(|line| line.facts.line.amount).sum()
}

/// What each kind of charge comes to, in the order of their numbers.
pub(crate) fn categories(lines: &[Sheet<Posting>]) -> Vec<(String, Money)> {
    let mut sums = std::collections::BTreeMap::<&str, Money>::new();
    for line in lines {
        *sums.entry(&line.facts.line.category).or_insert(Money::ZERO) += line.facts.line.amount;
    }
    sums.into_iter().filter(|(_, sum)| !sum.is_zero()).map(|(kind, sum)| (kind.to_owned(), sum)).collect()
}

/// What lines of one kind of charge come to that one department ordered and one did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Income {
    /// The department that ordered them.
    pub ordering: Named,
    /// The department that did them.
    pub executing: Named,
    /// The kind of charge.
    pub category: String,
    /// What they come to.
    #[serde(with = "amounts")]
    pub amount: Money,
}

/// What lines come to by who ordered and who did them; together what they come to.
pub(crate) fn income(lines: &[Sheet<Posting>]) -> Vec<Income> {
    let mut sums = std::collections::BTreeMap::<[&str; 3], Income>::new();
    for line in lines {
        let (ordering, line) = (&line.facts.department, &line.facts.line);
        let executing = line.done_by(ordering);
        let sum = sums.entry([&ordering.code, &executing.code, &line.category]).or_insert_with(|| Income {
            ordering: ordering.clone(),
            executing: executing.clone(),
            category: line.category.clone(),
            amount: Money::ZERO,
        });
        sum.amount += line.amount;
    }
    sums.into_values().filter(|sum| !sum.amount.is_zero()).collect()
}

/// What is left of a line: its quantity and amount, less what was taken back from it.
pub(crate) fn left(original: &Sheet<Posting>, all: &[Sheet<Posting>]) -> (Quantity, Money) {
    let back = all.iter().filter(|line| line.facts.original.as_ref() == Some(&original.key));
    back.fold((original.facts.line.quantity, original.facts.line.amount), |(quantity, amount), back| {
        (quantity + back.facts.line.quantity, amount + back.facts.line.amount)
    })
}

/// What taking so many back of what is left gives back: all of the amount with all of the quantity, so that nothing stays.
pub(crate) fn given_back(line: &Line, quantity: Quantity, (left, amount_left): (Quantity, Money)) -> Money {
    if quantity == left { amount_left } else { amount(line.price, quantity).min(amount_left) }
}

/// Lines that are being entered for a stay by one biller. The key is the biller and the stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// For which stay.
    pub stay: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// The last number of one.
    pub last_line: u32,
    /// Who ordered them.
    pub doctor: Named,
    /// The doctor's national code.
    pub doctor_code: String,
    /// The doctor's department.
    pub department: Named,
    /// When they were given; none: now.
    pub served: Option<DateTime>,
    /// An item that is not mapped was confirmed.
    #[serde(default)]
    pub unmapped_confirmed: bool,
    /// The line whose packs are being scanned; none: of no line.
    #[serde(default)]
    pub tracing: Option<u32>,
}

impl Form for Entry {
    const KIND: &'static str = "entry";
    type State = crate::house::Use;
    type Private = ();

    fn tags(&self, _: crate::house::Use) -> Vec<String> {
        if self.lines.is_empty() { Vec::new() } else { vec![format!("stay:{}", self.stay)] }
    }
}

impl Entry {
    /// The key of one.
    pub fn key(biller: &str, stay: &str) -> String {
        format!("{biller}/{stay}")
    }

    /// How many lines are entered for a stay, by whomever, and not posted.
    pub(crate) fn unposted(papers: &Papers, stay: &str) -> Result<usize, PaperError> {
        let entries: Vec<Sheet<Self>> = papers.list(By::Tag(&format!("stay:{stay}")), ALL, 0)?;
        Ok(entries.iter().map(|entry| entry.facts.lines.len()).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_back_in_parts_is_the_whole_in_the_end() {
        let item = crate::found::tests::item("头孢曲松", "0.125");
        let many = |n: i64| Quantity::from_ten_thousandths(n * 10_000);
        let line = Line::of(1, "0001", &item, many(3));
        assert_eq!(line.amount.to_string(), "0.38");
        let mut left = (line.quantity, line.amount);
        let mut back = Money::ZERO;
        for _ in 0..3 {
            let part = given_back(&line, many(1), left);
            left = (left.0 + -many(1), left.1 - part);
            back += part;
        }
        assert_eq!((left, back), ((Quantity::default(), Money::ZERO), line.amount));
    }
}
