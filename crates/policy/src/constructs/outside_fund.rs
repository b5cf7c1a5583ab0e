//! AA. Persons outside the normal rule: their own fund pays catalogue cost, without deductible and layers.

use model::{Fund, PersonStatus};
use money::Rate;

use super::{Articles, Construct, Law, Part, Parts, Scope};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 14,
    page: &PAGE,
    sentences: &[("目录内费用 {0} × {1%} = {=}", "catalogue cost {0} × {1%} = {=}")],
    keeps: &[Law::Monotone, Law::OrderFree, Law::Telescopes],
};

const PAGE: Page = Page {
    key: "outside_fund",
    name: ("单列人员", "Outside funds"),
    text: (
        "单列人员(离休、优抚、家属等):由自己的资金按比例支付目录内费用,不计起付线,不进各层。",
        "Persons outside the normal rule (cadres, disabled soldiers, families): a fund of their own pays a share of \
         catalogue cost, without deductible and layers.",
    ),
    at: &["outside_fund"],
    needed: false,
    many: false,
    keys: &[
        Key::optional(
            "rule",
            Holds::Rules(&[
                Key::needed("is", Holds::Rate, "支付比例", "the share it pays"),
                Key::needed("pays", Holds::Word("fund"), "由哪个基金支付", "the fund that pays"),
                Key::optional(
                    "of",
                    Holds::Words("part"),
                    "支付哪些部分;省略为 first self-pay、off-site share、share",
                    "which parts it pays; left out: first self-pay, off-site share, share",
                ),
            ]),
            "哪些人由单列资金支付,至多一行适用",
            "for whom such a fund pays; at most one row fits",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "outside_fund"),
};

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutsideFund {
    pub(crate) rate: Rate,
    pub(crate) of: Parts<bool>,
    pub(crate) pays: Fund,
}

/// The outside funds of an edition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct OutsideFunds {
    rows: Table<OutsideFund>,
    pub(crate) law: u16,
}

/// Catalogue cost, where a row does not say otherwise: within the catalogue's price limits.
const CATALOGUE: [Part; 3] = [Part::FirstSelfPay, Part::VisitShare, Part::Share];

impl OutsideFunds {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Self {
        let Some(section) = root.section("outside_fund") else { return Self::default() };
        let law = articles.read(&section);
        let rows = Table::read(&section, "rule", scope, |row| {
            let rate = row.need("is").and_then(|p| p.rate());
            let of = row.get("of").map_or_else(|| Parts::of(&CATALOGUE), |p| Parts::read(&p));
            let pays = row.need("pays").and_then(|p| p.parse("a fund"));
            Some(OutsideFund { rate: rate?, of, pays: pays? })
        });
        rows.check_single(&section, "rule", scope, false);
        section.done();
        Self { rows, law }
    }

    /// Whether somebody of a status may have such a fund.
    pub(crate) fn allows(&self, status: PersonStatus) -> bool {
        self.rows.conditions().any(|condition| condition.allows(status))
    }

    pub(crate) fn find(&self, situation: &Situation) -> Option<&OutsideFund> {
        self.rows.find(situation)
    }
}
