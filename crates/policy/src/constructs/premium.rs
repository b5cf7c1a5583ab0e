//! N, J. Premiums of a month: what the employer and the person pay, what of it the person's account is credited with;
//! the account's interest; waiting and the months that retirement asks for. Makes ledger entries, never reads a bill.

use jiff::civil::Date;
use model::PersonStatus;
use money::{Exact, Money, Rate};

use super::{Articles, Construct, Scope};
use crate::arrears::ArrearsRule;
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct { id: 21, page: &PAGE, sentences: &[], keeps: &[] };

const SHARES: Holds = Holds::Rules(&[Key::needed("is", Holds::Rate, "比例", "the share")]);
const SUMS: Holds = Holds::Rules(&[Key::needed("is", Holds::Amount, "金额", "the amount")]);

const PAGE: Page = Page {
    key: "premium",
    name: ("筹资与划账", "Premiums and credits"),
    text: (
        "每月的缴费基数、单位和个人缴费、定额缴费,缴费到账后划入个人账户多少;账户年利率;退休须缴满的月数和中断后的等待期,欠费何时停待遇。\
         `tongqu fund credit` 照此记账,结算不看本表。",
        "The base of a month's premium, what employer and person pay, what the account is credited with once the premium is \
         received; the account's yearly interest; months that retirement asks for, waiting after a break, and when arrears \
         stop the pool. \
         `tongqu fund credit` books by it; settlements do not look at it.",
    ),
    at: &["premium"],
    needed: false,
    many: false,
    keys: &[
        Key::optional(
            "floor",
            Holds::Amount,
            "月缴费基数最低多少;省略为不设",
            "the least base of a month; left out: none",
        ),
        Key::optional(
            "ceiling",
            Holds::Amount,
            "月缴费基数最高多少;省略为不设",
            "the greatest base of a month; left out: none",
        ),
        Key::optional(
            "employer",
            SHARES,
            "单位缴基数的多少;没有适用行为不缴",
            "what of the base the employer pays; no row: nothing",
        ),
        Key::optional(
            "person",
            SHARES,
            "个人缴基数的多少;没有适用行为不缴",
            "what of the base the person pays; no row: nothing",
        ),
        Key::optional(
            "extra",
            SUMS,
            "另缴的定额,如大额补助;各行相加",
            "fixed sums besides, such as for the large amount; all rows that fit add up",
        ),
        Key::optional(
            "credit_own",
            SHARES,
            "个人缴费的多少划入账户",
            "what of the person's own premium the account gets",
        ),
        Key::optional("credit_base", SHARES, "另划入基数的多少", "what of the base it gets besides"),
        Key::optional(
            "credit_pension",
            SHARES,
            "划入本人养老金的多少",
            "what of the person's own pension it gets",
        ),
        Key::optional("credit_sum", SUMS, "划入的定额", "a fixed sum it gets"),
        Key::optional(
            "interest",
            Holds::Rate,
            "账户年利率;省略为不计息",
            "the account's interest a year; left out: none",
        ),
        Key::optional(
            "retirement_months",
            Holds::Count,
            "退休享受待遇须缴满几个月;省略为不要求",
            "months paid that benefits in retirement ask for; left out: none",
        ),
        Key::optional(
            "waiting",
            Holds::Rules(&[Key::needed("months", Holds::Count, "几个月", "months")]),
            "参保后等待几个月;没有适用行为不等",
            "months of waiting after enrolment; no row: none",
        ),
        Key::optional(
            "waived_break",
            Holds::Count,
            "中断不超过几个月免等待",
            "no waiting after a break of at most so many months",
        ),
        Key::optional(
            "stops_from_month",
            Holds::Count,
            "欠费从第几个月起暂停统筹待遇;省略为欠费不停",
            "from which unpaid month on the pool stops; left out: arrears stop nothing",
        ),
        Key::optional(
            "restored_within",
            Holds::Count,
            "几个月内补缴的,待遇追溯恢复;省略为不追溯",
            "a payment at most so many months late restores backwards; left out: none does",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "premium"),
};

/// The premium rules of an edition; nothing is paid and nothing credited where it says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Premiums {
    floor: Option<Money>,
    ceiling: Option<Money>,
    employer: Table<Rate>,
    person: Table<Rate>,
    extra: Table<Money>,
    credit_own: Table<Rate>,
    credit_base: Table<Rate>,
    credit_pension: Table<Rate>,
    credit_sum: Table<Money>,
    interest: Rate,
    retirement_months: u16,
    waiting: Table<u16>,
    waived_break: u16,
    pub(crate) arrears: Option<ArrearsRule>,
}

/// One month's premium of one person, in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MonthlyPremium {
    /// The base it is reckoned of.
    pub base: Money,
    /// What the employer pays.
    pub employer: Money,
    /// What the person pays of the base.
    pub own: Money,
    /// Fixed sums besides.
    pub extra: Money,
    /// What the person's account is credited with, once the premium is received.
    pub credit: Money,
}

/// Somebody who enrols, or enrols again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolling {
    /// As what.
    pub status: PersonStatus,
    /// Draws unemployment benefits, whose fund pays the premium.
    pub unemployed: bool,
    /// Months paid before.
    pub paid_months: u16,
    /// The last day of the cover before; none: there was none.
    pub last_covered: Option<Date>,
    /// The first day of the new one.
    pub from: Date,
}

/// What follows from an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolled {
    /// Calendar months between the covers; none before: from the first on.
    pub break_months: u16,
    /// Months that retirement still asks for.
    pub missing_months: u16,
    /// Months until the pool pays.
    pub waiting_months: u16,
    /// The unemployment fund pays the premium.
    pub by_unemployment_fund: bool,
}

impl Premiums {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Self {
        let Some(section) = root.section("premium") else { return Self::default() };
        articles.read(&section);
        let amount = |key: &str| section.get(key).and_then(|place| scope.bases.amount(place));
        let (floor, ceiling) = (amount("floor"), amount("ceiling"));
        let shares = |key: &str| {
            let table = Table::read(&section, key, scope, |row| row.need("is").and_then(|p| p.rate()));
            table.check_single(&section, key, scope, false);
            table
        };
        let sums = |key: &str| {
            Table::read(&section, key, scope, |row| row.need("is").and_then(|p| scope.bases.amount(p)))
        };
        let count = |place: crate::document::Place<'_>| place.integer().and_then(|n| u16::try_from(n).ok());
        let waiting = Table::read(&section, "waiting", scope, |row| row.need("months").and_then(count));
        waiting.check_single(&section, "waiting", scope, false);
        if floor.zip(ceiling).is_some_and(|(floor, ceiling)| floor > ceiling) {
            section.report("`floor` above `ceiling`", "rising thresholds");
        }
        let premiums = Self {
            floor,
            ceiling,
            employer: shares("employer"),
            person: shares("person"),
            extra: sums("extra"),
            credit_own: shares("credit_own"),
            credit_base: shares("credit_base"),
            credit_pension: shares("credit_pension"),
            credit_sum: sums("credit_sum"),
            interest: section.get("interest").and_then(|p| p.rate()).unwrap_or(Rate::ZERO),
            retirement_months: section.get("retirement_months").and_then(count).unwrap_or(0),
            waiting,
            waived_break: section.get("waived_break").and_then(count).unwrap_or(0),
            arrears: section.get("stops_from_month").and_then(count).map(|stops_from_month| ArrearsRule {
                stops_from_month,
                restored_within: section.get("restored_within").and_then(count),
            }),
        };
        section.done();
        premiums
    }

    /// A month's premium; each figure is rounded to the fen by itself.
    pub(crate) fn of_month(
        &self,
        situation: &Situation,
        base: Money,
        pension: Money,
        round: impl Fn(Exact) -> Money,
    ) -> MonthlyPremium {
        let base = self.floor.map_or(base, |floor| base.max(floor));
        let base = self.ceiling.map_or(base, |ceiling| base.min(ceiling));
        let rate = |table: &Table<Rate>| table.find(situation).copied().unwrap_or(Rate::ZERO);
        let share = |table: &Table<Rate>, of: Money| round(of.share(rate(table)));
        let sum = |table: &Table<Money>| table.all(situation).copied().sum::<Money>();
        let own = share(&self.person, base);
        let credit = share(&self.credit_own, own)
            + share(&self.credit_base, base)
            + share(&self.credit_pension, pension)
            + sum(&self.credit_sum);
        MonthlyPremium { base, employer: share(&self.employer, base), own, extra: sum(&self.extra), credit }
    }

    pub(crate) fn interest(&self, balance: Money, round: impl Fn(Exact) -> Money) -> Money {
        round(balance.share(self.interest))
    }

    pub(crate) fn enrolled(&self, situation: &Situation, person: &Enrolling) -> Enrolled {
        let months = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
        let between = person.last_covered.map(|last| months(person.from) - months(last));
        let break_months = u16::try_from(between.unwrap_or(i32::MAX).max(0)).unwrap_or(u16::MAX);
        let waits = self.waiting.find(situation).copied().unwrap_or(0);
        Enrolled {
            break_months,
            missing_months: self.retirement_months.saturating_sub(person.paid_months),
            waiting_months: if break_months <= self.waived_break { 0 } else { waits },
            by_unemployment_fund: person.unemployed,
        }
    }
}
