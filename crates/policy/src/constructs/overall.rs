//! H. An overall limit: what all funds together may pay of a bill.

use money::Rate;

use super::{Articles, Construct, Law, Part, Parts, Scope};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 17,
    page: &PAGE,
    sentences: &[("各层合计限 {0} × {1%},扣减 {=}", "all layers together at most {0} × {1%}: {=}")],
    keeps: &[Law::OrderFree],
};

const PAGE: Page = Page {
    key: "overall",
    name: ("总比例限制", "Overall limit"),
    text: (
        "各基金合计最多支付范围内费用的多少,超出的从最后一层扣起;统筹本身支付的不扣。",
        "What all funds together may pay; what exceeds it is taken from the last layer first, and \
         never from what the pool itself pays.",
    ),
    at: &["overall"],
    needed: false,
    many: false,
    keys: &[
        Key::optional(
            "at_most",
            Holds::Rules(&[Key::needed("is", Holds::Rate, "比例", "the share")]),
            "最多支付的比例,至多一行适用;没有适用的行则不限",
            "the highest share; at most one row fits, and without one there is no limit",
        ),
        Key::optional(
            "of",
            Holds::Words("part"),
            "已付金额之外,个人剩下的哪些部分也算入总数;省略为 deductible、share、over the ceiling、first self-pay",
            "besides what was paid, which parts left to the patient make up the whole; left out: deductible, share, over \
             the ceiling, first self-pay",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "overall"),
};

/// The overall limit of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overall {
    at_most: Table<Rate>,
    pub(crate) of: Parts<bool>,
    pub(crate) law: u16,
}

impl Overall {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let section = root.section("overall")?;
        let law = articles.read(&section);
        let at_most = Table::read(&section, "at_most", scope, |row| row.need("is").and_then(|p| p.rate()));
        at_most.check_single(&section, "at_most", scope, false);
        let of = section.get("of").map_or_else(
            || Parts::of(&[Part::Deductible, Part::Share, Part::OverCeiling, Part::FirstSelfPay]),
            |p| Parts::read(&p),
        );
        section.done();
        Some(Self { at_most, of, law })
    }

    pub(crate) fn rate(&self, situation: &Situation) -> Option<Rate> {
        self.at_most.find(situation).copied()
    }
}
