//! P. Limits of a visit, a day, a week, a month or a quarter, on what the pool pays or on how often.

use money::{Exact, Money};

use super::{Articles, Construct, Law, Scope};
use crate::Visit;
use crate::counters::{Accumulators, Counter, Period, Track};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::Situation;
use crate::steps::Value;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 16,
    page: &PAGE,
    sentences: &[
        ("每次限额 {0},扣减 {=}", "limit of a visit {0}: {=}"),
        ("本期限额 {0},已用 {1},扣减 {=}", "limit of the period {0}, used {1}: {=}"),
        ("本期次数限 {0#} 次,已用 {1#} 次,扣减 {=}", "at most {0#} times in the period, {1#} used: {=}"),
    ],
    keeps: &[Law::Monotone, Law::OrderFree],
};

pub(crate) const PAGE: Page = Page {
    key: "limit",
    name: ("限额限次", "Limits"),
    text: (
        "每次、每日、每周、每月、每季统筹支付的限额或次数,未用部分作废或结转。周从 1 月 1 日起每七天一周。可写几个,都要满足。",
        "How much the pool pays a visit, a day, a week, a month or a quarter, or how often; what is not used \
         lapses or is carried on. Weeks are seven days from 1 January. Of several limits all hold.",
    ),
    at: &["<rules>.limit"],
    needed: false,
    many: true,
    keys: &[
        Key::needed(
            "per",
            Holds::Choice(&["visit", "day", "week", "month", "quarter"]),
            "每次就诊,或哪段时间",
            "of each visit, or of which time",
        ),
        Key::optional(
            "amount",
            Holds::Rules(&[Key::needed("is", Holds::Amount, "限额", "the limit")]),
            "统筹最多支付多少,至多一行适用;没有适用的行则不限。与 times 至少写一个",
            "how much the pool pays; at most one row fits, and without one there is no limit. This or `times` must be there",
        ),
        Key::optional(
            "times",
            Holds::Count,
            "这段时间里统筹最多支付几次;省略为不限次",
            "how often the pool pays within the time; left out: no limit",
        ),
        Key::optional(
            "unused",
            Holds::Choice(&["lapses", "carried on"]),
            "没用完的额度作废,或结转到当年以后各期;省略为 lapses",
            "what is not used lapses, or is carried on within the year; left out: lapses",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "chronic.limit"),
};

/// Of which part of the year; none: of each visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limit {
    per: Option<Period>,
    is: Table<Money>,
    times: Option<u16>,
    carried: bool,
    pub(crate) law: u16,
}

/// What a limit takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) says: u8,
    pub(crate) limit: Value,
    pub(crate) used: Value,
    pub(crate) taken: Exact,
}

impl Limit {
    pub(crate) fn read_all(track: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Vec<Self> {
        let read = |section: &Section<'_>| {
            let law = articles.read(section);
            let per = section.need_choice(
                "per",
                &[
                    ("visit", None),
                    ("day", Some(Period::Day)),
                    ("week", Some(Period::Week)),
                    ("month", Some(Period::Month)),
                    ("quarter", Some(Period::Quarter)),
                ],
            );
            let is =
                Table::read(section, "amount", scope, |r| r.need("is").and_then(|p| scope.bases.amount(p)));
            is.check_single(section, "amount", scope, false);
            let times = section.get("times").and_then(|p| p.integer()).and_then(|n| u16::try_from(n).ok());
            let carried =
                section.choice("unused", &[("lapses", false), ("carried on", true)]).unwrap_or(false);
            if is.is_empty() && times.is_none() {
                section.report("neither `amount` nor `times`", "one of them");
            }
            section.done();
            Some(Self { per: per?, is, times, carried, law })
        };
        track.rows("limit").iter().filter_map(read).collect()
    }

    /// What is taken from a payment.
    pub(crate) fn cut(
        &self,
        situation: &Situation,
        visit: &Visit,
        track: Track,
        year: &Accumulators,
        paid: Exact,
    ) -> Option<Cut> {
        let now = self.per.map_or(0, |per| per.of(visit.date));
        if let (Some(times), Some(per)) = (self.times, self.per) {
            let used = year.count(Counter::PeriodTimes(track, per, now));
            if used >= times {
                let count = |n: u16| Value::Number(n.into());
                return Some(Cut { says: 2, limit: count(times), used: count(used), taken: paid });
            }
        }
        let limit = self.is.find(situation)?.exact();
        let (limit, used) = match self.per {
            None => (limit, Exact::ZERO),
            Some(per) if self.carried => {
                let used = (1..=now).map(|n| year.get(Counter::PeriodPaid(track, per, n))).sum();
                (Exact::from_units(limit.units() * i128::from(now)), used)
            }
            Some(per) => (limit, year.get(Counter::PeriodPaid(track, per, now))),
        };
        let taken = (paid - (limit - used).at_least_zero()).at_least_zero();
        let (says, [limit, used]) = (u8::from(self.per.is_some()), [limit, used].map(Value::Exact));
        Some(Cut { says, limit, used, taken })
    }

    /// Counts what was paid.
    pub(crate) fn count(&self, visit: &Visit, track: Track, paid: Exact, change: &mut Accumulators) {
        let Some(per) = self.per else { return };
        let now = per.of(visit.date);
        // Two limits of one period count the same payment once.
        if change.get(Counter::PeriodPaid(track, per, now)) == Exact::ZERO {
            change.add(Counter::PeriodPaid(track, per, now), paid);
        }
        if paid > Exact::ZERO && change.count(Counter::PeriodTimes(track, per, now)) == 0 {
            change.count_one(Counter::PeriodTimes(track, per, now));
        }
    }
}
