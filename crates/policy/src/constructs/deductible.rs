//! E. The deductible: what the patient pays of in-scope cost before the pool pays anything.

use money::{Exact, Money, Rate};

use super::{Articles, Construct, Law, Scope};
use crate::document::Section;
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 6,
    key: "deductible",
    zh: "起付线:统筹支付之前,由个人先付的范围内费用;按次或按年,可按级别、住院次数、身份乘系数。",
    en: "The deductible: in-scope cost the patient pays before the pool does; per stay or per year, with factors.",
    sentences: &[
        ("起付标准 {0},本次计入 {=}", "deductible {0}, of this bill {=}"),
        (
            "全年起付标准 {0},以前已付 {1},本次计入 {=}",
            "deductible of the year {0}, paid before {1}, of this bill {=}",
        ),
    ],
    keeps: &[Law::OrderFree],
};

/// Whether each stay has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Per {
    Stay,
    /// Once a year; a higher level pays the difference to what was paid before.
    Year,
}

/// The deductible of one track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deductible {
    per: Per,
    amount: Table<Money>,
    /// Factors; all that fit multiply.
    times: Table<Rate>,
    pub(crate) law: u16,
}

/// The deductible of one bill.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charged {
    pub(crate) line: Exact,
    pub(crate) paid_before: Exact,
    pub(crate) charged: Exact,
}

impl Deductible {
    pub(crate) fn read(track: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let section = track.need("deductible")?.section()?;
        let law = articles.read(&section);
        let per = section.need("per").and_then(|place| match place.text()? {
            "stay" => Some(Per::Stay),
            "year" => Some(Per::Year),
            _ => {
                place.report(&place.shown(), "stay or year");
                None
            }
        });
        let amount =
            Table::read(&section, "amount", |row| row.need("is").and_then(|p| scope.bases.amount(p)));
        if amount.is_empty() {
            section.report("no row of `amount`", "at least one row");
        }
        amount.check_single(&section, "amount", scope, true);
        let times = Table::read(&section, "times", |row| row.need("is").and_then(|p| p.factor()));
        section.done();
        Some(Self { per: per?, amount, times, law })
    }

    /// What of `eligible` the deductible takes. `own` replaces the amount (off-site care); `paid_year` is what the
    /// year's bills of this track have used up.
    pub(crate) fn charge(
        &self,
        situation: &Situation,
        own: Option<Money>,
        eligible: Exact,
        paid_year: Exact,
    ) -> Charged {
        let line = match own {
            Some(amount) => amount.exact(),
            None => {
                let base = self.amount.find(situation).copied().unwrap_or(Money::ZERO).exact();
                self.times.all(situation).fold(base, |line, factor| line.share(*factor))
            }
        };
        let paid_before = match self.per {
            Per::Stay => Exact::ZERO,
            Per::Year => paid_year,
        };
        let open = (line - paid_before).at_least_zero();
        Charged { line, paid_before, charged: open.min(eligible) }
    }

    /// Which sentence tells it.
    pub(crate) fn says(&self) -> u8 {
        u8::from(self.per == Per::Year)
    }
}
