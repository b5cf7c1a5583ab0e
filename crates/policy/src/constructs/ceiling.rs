//! G. The ceiling: how much of a year the pool pays for at most, counted in payment or in cost.

use money::{Exact, Money};

use super::segments::Room;
use super::{Articles, Construct, Law, Scope};
use crate::counters::{Accumulators, Counter, Track};
use crate::document::Section;
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 8,
    key: "ceiling",
    zh: "封顶线:统筹一年最多支付的额度,按支付额或按进入费用计,可由几类就诊共用。",
    en: "The ceiling of a year, counted in payment or in cost, shared between kinds of visit where it says so.",
    sentences: &[(
        "本年封顶 {0},以前已用 {1},超出封顶的费用 {2}",
        "ceiling of the year {0}, used before {1}; cost above the ceiling {2}",
    )],
    keeps: &[Law::Monotone, Law::OrderFree, Law::Telescopes],
};

/// What the ceiling counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    Payment,
    Cost,
}

/// The ceiling of one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ceiling {
    amount: Table<Money>,
    counts: Counts,
    shared_by: Vec<Track>,
    pub(crate) law: u16,
}

impl Ceiling {
    pub(crate) fn read(
        section: &Section<'_>,
        own: Track,
        scope: &Scope<'_>,
        articles: &mut Articles,
    ) -> Option<Self> {
        let section = section.section("ceiling")?;
        let law = articles.read(&section);
        let amount = if section.has("amount") {
            Table::read(&section, "amount", |row| row.need("is").and_then(|p| scope.bases.amount(p)))
        } else {
            Table::always(section.need("is").and_then(|p| scope.bases.amount(p))?)
        };
        amount.check_single(&section, "amount", scope, true);
        let counts = section.need("counts").and_then(|place| match place.text()? {
            "payment" => Some(Counts::Payment),
            "cost" => Some(Counts::Cost),
            _ => {
                place.report(&place.shown(), "payment or cost");
                None
            }
        });
        let shared_by = match section.get("shared_by") {
            None => vec![own],
            Some(place) => place
                .words::<String>("a table of rules")
                .iter()
                .filter_map(|word| {
                    let track = Track::ALL.into_iter().find(|t| t.key() == word);
                    if track.is_none() {
                        let known: Vec<_> = Track::ALL.iter().map(|t| t.key()).collect();
                        place.report(&format!("`{word}`"), &known.join(", "));
                    }
                    track
                })
                .collect(),
        };
        section.done();
        Some(Self { amount, counts: counts?, shared_by, law })
    }

    pub(crate) fn amount(&self, situation: &Situation) -> Exact {
        self.amount.find(situation).copied().unwrap_or(Money::ZERO).exact()
    }

    /// What of the ceiling the year has used.
    pub(crate) fn used(&self, year: &Accumulators) -> Exact {
        let counter = |track| match self.counts {
            Counts::Payment => Counter::Paid(track),
            Counts::Cost => Counter::Entered(track),
        };
        self.shared_by.iter().map(|t| year.get(counter(*t))).sum()
    }

    /// The largest ceiling anybody has.
    pub(crate) fn largest(&self) -> Exact {
        self.amount.values().max().copied().unwrap_or(Money::ZERO).exact()
    }

    pub(crate) fn room(&self, situation: &Situation, year: &Accumulators) -> Room {
        let left = (self.amount(situation) - self.used(year)).at_least_zero();
        match self.counts {
            Counts::Payment => Room { cost: None, payment: Some(left) },
            Counts::Cost => Room { cost: Some(left), payment: None },
        }
    }
}
