//! D. Care outside the city: a first share of in-scope cost, a deductible of its own, or no benefit at all.

use money::{Exact, Money, Rate};

use super::{Articles, Construct, Law, Scope};
use crate::document::Section;
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 5,
    key: "off_site",
    zh: "异地就医:先按比例自付一部分范围内费用,可另定起付线,也可不支付。",
    en: "Care elsewhere: a first share of in-scope cost, a deductible of its own, or nothing paid.",
    sentences: &[
        ("异地就医先行自付 {0} × {1%} = {=}", "care elsewhere, first self-pay {0} × {1%} = {=}"),
        ("该异地情形不享受统筹待遇", "care elsewhere of this kind is not paid by the pool"),
    ],
    keeps: &[Law::OrderFree],
};

/// What holds for one region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OffSiteRow {
    pub(crate) first_self_pay: Rate,
    pub(crate) deductible: Option<Money>,
    pub(crate) paid: bool,
}

/// The off-site rules of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OffSite {
    rows: Table<OffSiteRow>,
    pub(crate) law: u16,
}

impl OffSite {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let section = root.need("off_site")?.section()?;
        let law = articles.read(&section);
        let rows = Table::read(&section, "rule", |row| {
            let first_self_pay = row.get("first_self_pay").map_or(Some(Rate::ZERO), |p| p.rate())?;
            let deductible = match row.get("deductible") {
                Some(place) => Some(scope.bases.amount(place)?),
                None => None,
            };
            let paid = row.get("paid").map_or(Some(true), |p| p.flag())?;
            Some(OffSiteRow { first_self_pay, deductible, paid })
        });
        rows.check_single(&section, "rule", scope, true);
        section.done();
        Some(Self { rows, law })
    }

    pub(crate) fn find(&self, situation: &Situation) -> OffSiteRow {
        let home = OffSiteRow { first_self_pay: Rate::ZERO, deductible: None, paid: true };
        self.rows.find(situation).copied().unwrap_or(home)
    }
}

impl OffSiteRow {
    /// The first share of in-scope cost.
    pub(crate) fn share(&self, eligible: Money) -> Exact {
        eligible.share(self.first_self_pay)
    }
}
