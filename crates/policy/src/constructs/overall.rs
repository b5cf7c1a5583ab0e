//! H. An overall limit: what all funds together may pay of a bill.

use money::Rate;

use super::{Articles, Construct, Law, Part, Parts, Scope};
use crate::document::Section;
use crate::manual::Page;
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
    name: ("", ""),
    text: (
        "总比例限制:各层合计最多支付范围内费用的多少,超出的从最后一层扣起。",
        "An overall limit: what all layers together may pay; what exceeds it is taken from the last layer first.",
    ),
    at: &[],
    many: false,
    keys: &[],
    example: ("", "", ""),
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
