//! G. The ceiling: how much of a year the pool pays for at most, counted in payment or in cost.

use money::{Exact, Money};

use super::segments::Room;
use super::{Articles, Construct, Law, Scope, own_rate};
use crate::Case;
use crate::counters::{Accumulators, Counter, Track};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 8,
    page: &PAGE,
    sentences: &[(
        "本年封顶 {0},以前已用 {1},超出封顶的费用 {2}",
        "ceiling of the year {0}, used before {1}; cost above the ceiling {2}",
    )],
    keeps: &[Law::Monotone, Law::OrderFree, Law::Telescopes],
};

pub(crate) const PAGE: Page = Page {
    key: "ceiling",
    name: ("封顶线", "Ceiling"),
    text: (
        "统筹一年最多支付的额度,按支付额或按进入费用计,可由几类就诊共用,可按病种分设;几个病种可取最高、相加或最高另加。",
        "The ceiling of a year, counted in payment or in cost, shared between kinds of visit or set by disease; for \
         several diseases the highest, the sum, or the highest and a step.",
    ),
    at: &["<rules>.ceiling", "own_rate.ceiling"],
    needed: false,
    many: false,
    keys: &[
        Key::optional(
            "is",
            Holds::Amount,
            "全年额度,人人相同;不写 amount 时必须写",
            "the amount of a year, the same for all; needed where there is no `amount`",
        ),
        Key::optional(
            "amount",
            Holds::Rules(&[
                Key::optional("is", Holds::Amount, "全年额度", "the amount of a year"),
                Key::optional(
                    "none",
                    Holds::Flag,
                    "写 true 表示不封顶,代替 is",
                    "true: no ceiling; stands in place of `is`",
                ),
            ]),
            "按情形分设的额度,代替 is;适用的每种情形有且只有一行",
            "amounts by situation, in place of `is`; exactly one row for every situation",
        ),
        Key::needed(
            "counts",
            Holds::Choice(&["payment", "cost", "cost with first self-pay"]),
            "额度按什么累计;单独支付的类别只写 payment",
            "what is counted; of items with a rate of their own only `payment`",
        ),
        Key::optional(
            "shared_by",
            Holds::Words("rules"),
            "由哪几类规则共用,本类也要写,单独支付各类的合计写 dual_channel;省略为只有本类",
            "which tables of rules share it, its own among them, and dual_channel for all classes with a rate of their \
             own together; left out: its own alone",
        ),
        Key::optional(
            "per",
            Holds::Choice(&["year", "disease"]),
            "全年一个额度,或每个病种各一个(按支付额累计);单独支付的类别只写 year;省略为 year",
            "one a year, or one for each disease (where payment is counted), but only `year` of items with a rate of \
             their own; left out: year",
        ),
        Key::optional(
            "several_diseases",
            Holds::OneOf(&[
                Holds::Choice(&["highest", "sum"]),
                Holds::Table(&[Key::needed(
                    "highest_and",
                    Holds::Amount,
                    "最高的额度之上另加多少",
                    "the highest, and this much more",
                )]),
            ]),
            "核定了几个病种的人按哪个额度,per 为 disease 时不写;省略为本次病种的额度",
            "which amount somebody has who is entitled for several diseases, not where `per` is disease; left out: that of \
             the visit's disease",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "outpatient.ceiling"),
};

/// What the ceiling counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    Payment,
    Cost,
    /// Cost with the first share of class B; class A comes first.
    CostWithFirst,
}

/// Which ceiling somebody has who is entitled for several diseases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Several {
    /// That of the disease the visit is for.
    Own,
    Highest,
    Sum,
    /// The highest, and this much for several.
    HighestAnd(Money),
}

/// Whose payments, or whose cost, use a ceiling up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UsedBy {
    Tables(Vec<Track>),
    /// One of several classes with a rate of their own, by its number.
    Class(u8),
    /// The only class with a rate of its own: all that such classes have together, less what others had by an earlier
    /// edition of the year.
    OnlyClass,
}

/// The ceiling of one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ceiling {
    /// None: no ceiling.
    amount: Table<Option<Money>>,
    pub(crate) counts: Counts,
    used_by: UsedBy,
    /// Each disease has its own.
    pub(crate) by_disease: bool,
    several: Several,
    pub(crate) law: u16,
}

impl Ceiling {
    pub(crate) fn read(
        section: &Section<'_>,
        own: UsedBy,
        scope: &Scope<'_>,
        articles: &mut Articles,
    ) -> Option<Self> {
        let section = section.section("ceiling")?;
        let law = articles.read(&section);
        let amount = if section.has("amount") {
            Table::read(&section, "amount", scope, |row| {
                let none = row.get("none").is_some_and(|p| p.flag() == Some(true));
                if none { Some(None) } else { row.need("is").and_then(|p| scope.bases.amount(p)).map(Some) }
            })
        } else {
            Table::always(Some(section.need("is").and_then(|p| scope.bases.amount(p))?))
        };
        amount.check_single(&section, "amount", scope, true);
        let counts = section.need_choice(
            "counts",
            &[
                ("payment", Counts::Payment),
                ("cost", Counts::Cost),
                ("cost with first self-pay", Counts::CostWithFirst),
            ],
        );
        let shared_by = section.get("shared_by").map(|place| UsedBy::Tables(Track::read_all(&place)));
        let used_by = shared_by.unwrap_or(own);
        let several = match section.get("several_diseases") {
            None => Several::Own,
            Some(place) if place.is_table() => {
                let row = place.section()?;
                let step = row.need("highest_and").and_then(|p| scope.bases.amount(p));
                row.done();
                Several::HighestAnd(step?)
            }
            Some(_) => section
                .choice("several_diseases", &[("highest", Several::Highest), ("sum", Several::Sum)])
                .unwrap_or(Several::Own),
        };
        let by_disease = section.choice("per", &[("year", false), ("disease", true)]).unwrap_or(false);
        if by_disease && several != Several::Own {
            section.report("`several_diseases` of a ceiling per disease", "one of them");
        }
        section.done();
        Some(Self { amount, counts: counts?, used_by, by_disease, several, law })
    }

    /// The ceiling of a year; none: there is none. `entitled` are the groups of diseases somebody is entitled for.
    pub(crate) fn amount(&self, situation: &Situation, entitled: u16) -> Option<Exact> {
        let of = |s: &Situation| self.amount.find(s).copied().unwrap_or(Some(Money::ZERO));
        let own = of(situation);
        if self.several == Several::Own || entitled.count_ones() < 2 {
            return own.map(Money::exact);
        }
        let groups = (0_u8..16).filter(|group| entitled & (1 << group) != 0);
        let each = groups.map(|group| of(&situation.with_disease(group))).collect::<Option<Vec<Money>>>()?;
        let highest = each.iter().copied().max().unwrap_or(Money::ZERO);
        let amount = match self.several {
            Several::Own | Several::Highest => highest,
            Several::Sum => each.into_iter().sum(),
            Several::HighestAnd(step) => highest + step,
        };
        Some(amount.exact())
    }

    /// What of the ceiling the year has used, for the disease of the visit where each has its own.
    pub(crate) fn used(&self, year: &Accumulators, disease: u8) -> Exact {
        let counter = |track| match self.counts {
            Counts::Payment if self.by_disease => Counter::DiseasePaid(track, disease),
            Counts::Payment => Counter::Paid(track),
            Counts::Cost | Counts::CostWithFirst => Counter::Entered(track),
        };
        let class = |number| year.get(Counter::OwnRatePaid(number));
        match &self.used_by {
            UsedBy::Tables(tracks) => tracks.iter().map(|track| year.get(counter(*track))).sum(),
            UsedBy::Class(number) => class(*number),
            UsedBy::OnlyClass => {
                let others: Exact = own_rate::NUMBERS.skip(1).map(class).sum();
                (year.get(Counter::Paid(own_rate::TRACK)) - others).at_least_zero()
            }
        }
    }

    /// The largest ceiling anybody has in a year; none where somebody has none, or each disease has its own.
    pub(crate) fn largest(&self) -> Option<Exact> {
        if self.by_disease {
            return None;
        }
        let all = self.amount.values().copied().collect::<Option<Vec<Money>>>()?;
        match self.several {
            Several::Own | Several::Highest => all.into_iter().max().map(Money::exact),
            Several::Sum => Some(all.into_iter().sum::<Money>().exact()),
            Several::HighestAnd(step) => all.into_iter().max().map(|most| (most + step).exact()),
        }
    }

    pub(crate) fn room(&self, situation: &Situation, case: &Case<'_>, year: &Accumulators) -> Room {
        let Some(amount) = self.amount(situation, case.person.entitled) else { return Room::ENDLESS };
        let left = (amount - self.used(year, case.visit.disease)).at_least_zero();
        match self.counts {
            Counts::Payment => Room { payment: Some(left), ..Room::ENDLESS },
            Counts::Cost | Counts::CostWithFirst => Room { cost: Some(left), ..Room::ENDLESS },
        }
    }
}
