//! D. Care outside the city: a first share of in-scope cost, a deductible of its own, a cut of the ratio, or no
//! benefit at all. And a first share for other reasons, such as a disease.

use money::{Money, Rate};

use super::{Articles, Construct, Law, Scope};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 5,
    page: &PAGE,
    sentences: &[
        ("异地就医先行自付 {0} × {1%} = {=}", "care elsewhere, first self-pay {0} × {1%} = {=}"),
        ("该异地情形不享受统筹待遇", "care elsewhere of this kind is not paid by the pool"),
        ("按就诊先行自付 {0} × {1%} = {=}", "first self-pay of the visit {0} × {1%} = {=}"),
        ("异地就医支付比例降低 {0%}", "care elsewhere: the pool's rate is lower by {0%}"),
    ],
    keeps: &[Law::OrderFree, Law::Telescopes],
};

const PAGE: Page = Page {
    key: "off_site",
    name: ("异地就医", "Care elsewhere"),
    text: (
        "先按比例自付一部分范围内费用,可另定起付线、降低支付比例,也可不支付。",
        "Care elsewhere: a first share of in-scope cost, a deductible of its own, a lower rate, or nothing paid.",
    ),
    at: &["off_site"],
    needed: true,
    many: false,
    keys: &[
        Key::optional(
            "rule",
            Holds::Rules(&[
                Key::optional(
                    "first_self_pay",
                    Holds::Rate,
                    "先行自付范围内费用的多少;省略为零",
                    "a first share of in-scope cost; left out: none",
                ),
                Key::optional(
                    "deductible",
                    Holds::Amount,
                    "起付标准改为多少;省略为照本类规则",
                    "a deductible in place of the usual one; left out: the usual one",
                ),
                Key::optional(
                    "cut",
                    Holds::Rate,
                    "各段支付比例减多少个百分点,写成 \"10%\";省略为不减",
                    "how many points every rate of the pool is lower, as \"10%\"; left out: none",
                ),
                Key::optional(
                    "paid",
                    Holds::Flag,
                    "写 false 则基金不支付;省略为 true",
                    "false: no fund pays; left out: true",
                ),
            ]),
            "每种情形(包括本地 home)有且只有一行;整张表不写行则各地同本地",
            "exactly one row for every situation, `home` too; without rows everywhere is as home",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "off_site"),
};

/// What holds for one region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OffSiteRow {
    pub(crate) first_self_pay: Rate,
    pub(crate) deductible: Option<Money>,
    /// Taken from the pool's rate.
    pub(crate) cut: Rate,
    pub(crate) paid: bool,
}

const HOME: OffSiteRow =
    OffSiteRow { first_self_pay: Rate::ZERO, deductible: None, cut: Rate::ZERO, paid: true };

/// The off-site rules of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OffSite {
    rows: Table<OffSiteRow>,
    pub(crate) law: u16,
    visit_share: Table<Rate>,
    pub(crate) visit_law: u16,
}

impl OffSite {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let section = root.need("off_site")?.section()?;
        let law = articles.read(&section);
        let rows = Table::read(&section, "rule", scope, |row| {
            let first_self_pay = row.get("first_self_pay").map_or(Some(Rate::ZERO), |p| p.rate())?;
            let deductible = match row.get("deductible") {
                Some(place) => Some(scope.bases.amount(place)?),
                None => None,
            };
            let cut = row.get("cut").map_or(Some(Rate::ZERO), |p| p.rate())?;
            let paid = row.get("paid").map_or(Some(true), |p| p.flag())?;
            Some(OffSiteRow { first_self_pay, deductible, cut, paid })
        });
        rows.check_single(&section, "rule", scope, true);
        section.done();
        let (visit_share, visit_law) = match root.section("visit_share") {
            None => (Table::default(), 0),
            Some(section) => {
                let law = articles.read(&section);
                let table = Table::read(&section, "rule", scope, |row| row.need("is").and_then(|p| p.rate()));
                table.check_single(&section, "rule", scope, false);
                section.done();
                (table, law)
            }
        };
        Some(Self { rows, law, visit_share, visit_law })
    }

    pub(crate) fn find(&self, situation: &Situation) -> OffSiteRow {
        self.rows.find(situation).copied().unwrap_or(HOME)
    }

    /// The first share of the visit, whatever the region.
    pub(crate) fn visit_share(&self, situation: &Situation) -> Option<Rate> {
        self.visit_share.find(situation).copied()
    }
}
