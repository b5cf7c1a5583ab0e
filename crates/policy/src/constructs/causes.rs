//! Z. Not ours to pay: injuries at work, injuries a third party answers for, care abroad.

use super::{Articles, Construct, Law, Scope};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 15,
    page: &PAGE,
    sentences: &[
        ("该情形不由医疗保险支付", "this is not the medical insurance's to pay"),
        ("责任未定,统筹暂不支付", "held until it is known who answers for it: the pool does not pay yet"),
        ("先行支付,向责任方追偿", "paid now, to be recovered from whoever answers for it"),
    ],
    keeps: &[Law::OrderFree],
};

const PAGE: Page = Page {
    key: "causes",
    name: ("不予支付的原因", "Causes not ours to pay"),
    text: (
        "不属于支付范围的情形(工伤、第三人责任、境外、公共卫生):拒付、待定,或先付后追偿。",
        "What is not the insurance's to pay (injury at work, third party, abroad, public health): refused, held, or paid \
         and recovered.",
    ),
    at: &["causes"],
    needed: false,
    many: false,
    keys: &[
        Key::optional(
            "rule",
            Holds::Rules(&[Key::needed(
                "is",
                Holds::Choice(&["refused", "held", "paid and recovered"]),
                "怎样处理",
                "what becomes of the bill",
            )]),
            "对哪些情形怎样处理,至多一行适用;没有适用的行则照常支付",
            "what becomes of which bills; at most one row fits, and without one it is paid as usual",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "causes"),
};

/// What becomes of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Responsibility {
    /// Nothing of it is the insurance's; it is not settled as insured.
    Refused,
    /// No fund pays until it is decided.
    Held,
    /// Paid as usual, and recovered.
    Recovered,
}

/// The causes of an edition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Causes {
    rows: Table<Responsibility>,
    pub(crate) law: u16,
}

impl Causes {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Self {
        let Some(section) = root.section("causes") else { return Self::default() };
        let law = articles.read(&section);
        let rows = Table::read(&section, "rule", scope, |row| {
            row.need_choice(
                "is",
                &[
                    ("refused", Responsibility::Refused),
                    ("held", Responsibility::Held),
                    ("paid and recovered", Responsibility::Recovered),
                ],
            )
        });
        rows.check_single(&section, "rule", scope, false);
        section.done();
        Self { rows, law }
    }

    pub(crate) fn find(&self, situation: &Situation) -> Option<Responsibility> {
        self.rows.find(situation).copied()
    }
}
