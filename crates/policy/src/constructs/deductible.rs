//! E. The deductible: what the patient pays of in-scope cost before the pool pays anything.

use model::Referral;
use money::{Exact, Money, Rate};

use super::bases::Amount;
use super::{Articles, Construct, Law, Scope};
use crate::counters::{Accumulators, Counter, Track};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::{Condition, Situation};
use crate::table::Table;
use crate::{Case, Person, Visit};

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 6,
    page: &PAGE,
    sentences: &[
        ("起付标准 {0},本次计入 {=}", "deductible {0}, of this bill {=}"),
        (
            "全年起付标准 {0},以前已付 {1},本次计入 {=}",
            "deductible of the year {0}, paid before {1}, of this bill {=}",
        ),
        (
            "起付标准 {0},上次住院已计 {1},补差 {=}",
            "deductible {0}, charged before {1}; the difference is charged: {=}",
        ),
        ("转往下级医院,不再计起付线", "sent on to a lower level: no further deductible"),
        (
            "{0#} 天内再次入住同一医院,不再计起付线",
            "the same hospital again within {0#} days: no further deductible",
        ),
    ],
    keeps: &[Law::OrderFree, Law::Telescopes],
};

/// The sentence for the same hospital again; it tells the days.
pub(crate) const AGAIN: u8 = 4;

pub(crate) const PAGE: Page = Page {
    key: "deductible",
    name: ("起付线", "Deductible"),
    text: (
        "统筹支付之前,由个人先付的范围内费用;按次或按年,可按级别、住院次数、身份乘系数或逐次递减,转院、短期再入院、跨年另有规定。",
        "In-scope cost the patient pays before the pool does; per stay or per year, with factors or steps, and rules for \
         referral, readmission and a stay over the year.",
    ),
    at: &["<rules>.deductible"],
    needed: false,
    many: false,
    keys: &[
        Key::needed(
            "per",
            Holds::Choice(&["stay", "year"]),
            "stay 每次住院或就诊各一次;year 全年一次,到更高级别补差",
            "stay: each stay or visit has its own; year: once a year, a higher level pays the difference",
        ),
        Key::needed(
            "amount",
            Holds::Rules(&[Key::needed("is", Holds::Amount, "金额", "the amount")]),
            "起付标准;适用的每种情形有且只有一行",
            "the amount; exactly one row for every situation",
        ),
        Key::optional(
            "times",
            Holds::Rules(&[Key::needed("is", Holds::Factor, "系数", "the factor")]),
            "乘以系数;适用的各行相乘",
            "factors; all rows that fit multiply",
        ),
        Key::optional(
            "each_later",
            Holds::Rules(&[
                Key::needed("less", Holds::Amount, "每多一次少多少", "how much less each time"),
                Key::optional(
                    "floor",
                    Holds::Amount,
                    "最低多少;省略为零",
                    "not less than this; left out: nothing",
                ),
            ]),
            "当年第一次以后,每次住院递减",
            "less with each admission of the year after the first",
        ),
        Key::optional(
            "shared_by",
            Holds::Words("rules"),
            "全年起付线由哪几类就诊共用;省略为本类",
            "whose bills use up the same deductible of a year; left out: its own",
        ),
        Key::optional(
            "once_a_year",
            Holds::Rules(&[]),
            "按次的起付线,对这些情形全年只收一次",
            "of a deductible per stay: situations in which it is charged once a year",
        ),
        Key::optional(
            "referral_up",
            Holds::Choice(&["difference", "none"]),
            "转往上级:difference 补差,none 不再收;省略为另收一次",
            "referred to a higher level: the difference, or none; left out: a new one",
        ),
        Key::optional(
            "referral_down",
            Holds::Choice(&["difference", "none"]),
            "转往下级,同上",
            "sent on to a lower level, as above",
        ),
        Key::optional(
            "readmission_days",
            Holds::Count,
            "几天内再次入住同一医院不再收",
            "no further one at the same hospital again within so many days",
        ),
        Key::optional(
            "stay_over_year",
            Holds::Choice(&["old", "difference", "new"]),
            "跨年住院:old 按入院年,difference 补差,new 另收",
            "of a stay that began the year before: the old year's, the difference, or a new one",
        ),
        Key::optional(
            "then_own_rate",
            Holds::Flag,
            "普通费用不足时,再从另有比例的项目中扣",
            "what ordinary cost leaves open is taken from items with a rate of their own",
        ),
        LAW,
    ],
    example: ("demo-city", "2001-01-01", "inpatient.deductible"),
};

/// Whether each stay has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Per {
    Stay,
    /// Once a year; a higher level pays the difference to what was paid before.
    Year,
}

/// What a referral changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Referred {
    Difference,
    Waived,
}

/// The deductible of a stay that began the year before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OverYear {
    /// That of the year of admission.
    Old,
    /// The difference to what was charged in the year before.
    Difference,
    /// A new one.
    New,
}

/// So much less with each admission after the first, but not less than a floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct StepDown {
    less: Money,
    floor: Money,
}

/// The deductible of one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deductible {
    per: Per,
    amount: Table<Amount>,
    /// Tables of rules whose bills use up the same deductible of a year.
    shared_by: Vec<Track>,
    /// Factors; all that fit multiply.
    times: Table<Rate>,
    steps: Table<StepDown>,
    once_a_year: Vec<Condition>,
    referral_up: Option<Referred>,
    referral_down: Option<Referred>,
    pub(crate) readmission_days: Option<u16>,
    /// Of a stay that began the year before; none: nothing special.
    over_year: Option<OverYear>,
    /// What the ordinary cost leaves open is taken from classes with a rate of their own.
    pub(crate) then_own_rate: bool,
    pub(crate) law: u16,
}

/// The deductible of one bill.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charged {
    pub(crate) line: Exact,
    pub(crate) paid_before: Exact,
    pub(crate) open: Exact,
    /// Which sentence tells it.
    pub(crate) says: u8,
}

impl Deductible {
    pub(crate) fn read(
        table: &Section<'_>,
        own: Track,
        scope: &Scope<'_>,
        articles: &mut Articles,
    ) -> Option<Self> {
        let section = table.need("deductible")?.section()?;
        let law = articles.read(&section);
        let per = section.need_choice("per", &[("stay", Per::Stay), ("year", Per::Year)]);
        let amount = Table::read(&section, "amount", scope, |row| {
            row.need("is").and_then(|p| scope.bases.amount_or_wage(p))
        });
        if amount.is_empty() {
            section.report("no row of `amount`", "at least one row");
        }
        amount.check_single(&section, "amount", scope, true);
        let times = Table::read(&section, "times", scope, |row| row.need("is").and_then(|p| p.factor()));
        let steps = Table::read(&section, "each_later", scope, |row| {
            let less = row.need("less").and_then(|p| scope.bases.amount(p))?;
            let floor = row.get("floor").map_or(Some(Money::ZERO), |p| scope.bases.amount(p))?;
            Some(StepDown { less, floor })
        });
        steps.check_single(&section, "each_later", scope, false);
        let shared_by = section.get("shared_by").map_or_else(|| vec![own], |place| Track::read_all(&place));
        let conditions = |key: &str| {
            let read = |row: &Section<'_>| {
                let condition = Condition::read(row, scope.groups);
                row.done();
                condition
            };
            section.rows(key).iter().map(read).collect()
        };
        let once_a_year = conditions("once_a_year");
        let referred = [("difference", Referred::Difference), ("none", Referred::Waived)];
        let (referral_up, referral_down) =
            (section.choice("referral_up", &referred), section.choice("referral_down", &referred));
        let readmission_days =
            section.get("readmission_days").and_then(|p| p.integer()).and_then(|n| u16::try_from(n).ok());
        let over_year = section.choice(
            "stay_over_year",
            &[("old", OverYear::Old), ("difference", OverYear::Difference), ("new", OverYear::New)],
        );
        let then_own_rate = section.get("then_own_rate").is_some_and(|p| p.flag() == Some(true));
        section.done();
        Some(Self {
            per: per?,
            amount,
            shared_by,
            times,
            steps,
            once_a_year,
            referral_up,
            referral_down,
            readmission_days,
            over_year,
            then_own_rate,
            law,
        })
    }

    fn referred(&self, referral: Referral) -> Option<Referred> {
        match referral {
            Referral::None => None,
            Referral::Up => self.referral_up,
            Referral::Down => self.referral_down,
        }
    }

    /// Whether a stay that follows another so goes on with it: it is no further admission then.
    pub(crate) fn goes_on(&self, referral: Referral) -> bool {
        self.referred(referral).is_some()
    }

    /// Whether a stay follows another at the same hospital so soon that it is the same one's deductible.
    fn is_readmission(&self, days_since_stay: Option<u16>) -> bool {
        self.readmission_days.zip(days_since_stay).is_some_and(|(most, days)| days <= most)
    }

    /// What of the deductible is open. `own` replaces the amount (off-site care).
    pub(crate) fn open(&self, situation: &Situation, case: &Case<'_>, own: Option<Money>) -> Charged {
        let visit = &case.visit;
        if self.is_readmission(visit.days_since_stay) {
            return Charged { line: Exact::ZERO, paid_before: Exact::ZERO, open: Exact::ZERO, says: AGAIN };
        }
        let line = own.map_or_else(|| self.line(situation, &case.person, visit), Money::exact);
        let before = visit.deductible_before.exact();
        let referred = self.referred(visit.referral);
        let began_before = visit.admitted.is_some_and(|day| day.year() < visit.date.year());
        let over_year = self.over_year.filter(|_| began_before);
        // The line of the year of admission is what its own edition said.
        let line = match (over_year, visit.deductible_at_admission) {
            (Some(OverYear::Old), Some(old)) => old.exact(),
            _ => line,
        };
        let (paid_before, says) = match referred {
            Some(Referred::Waived) => (line, 3),
            Some(Referred::Difference) => (before, 2),
            None if matches!(over_year, Some(OverYear::Old | OverYear::Difference)) => {
                (before, if before > Exact::ZERO { 2 } else { 0 })
            }
            None if self.once_a_year(situation) => (self.paid_year(case.year), 1),
            None => (Exact::ZERO, 0),
        };
        Charged { line, paid_before, open: (line - paid_before).at_least_zero(), says }
    }

    fn once_a_year(&self, situation: &Situation) -> bool {
        self.per == Per::Year || self.once_a_year.iter().any(|condition| condition.fits(situation))
    }

    fn paid_year(&self, year: &Accumulators) -> Exact {
        self.shared_by.iter().map(|track| year.get(Counter::Deductible(*track))).sum()
    }

    /// As the tables say, whatever was paid of it.
    pub(crate) fn line(&self, situation: &Situation, person: &Person, visit: &Visit) -> Exact {
        let mut line = self.amount.find(situation).map_or(Exact::ZERO, |amount| amount.of(person));
        if let Some(step) = self.steps.find(situation) {
            let later = i128::from(visit.admission.saturating_sub(1));
            let less = Exact::from_units(step.less.exact().units() * later);
            line = (line - less).max(step.floor.exact().min(line));
        }
        self.times.all(situation).fold(line, |line, factor| line.share(*factor))
    }
}
