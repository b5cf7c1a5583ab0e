//! R. Fixed benefits: a sum for an event, such as a delivery.

use model::Fund;
use money::{Exact, Money};

use super::{Articles, Construct, Law, Scope};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, PAYS, Page};
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 13,
    page: &PAGE,
    sentences: &[
        ("定额 {0},支付 {=}", "fixed sum {0}, paid {=}"),
        (
            "费用低于定额,差额 {0} 另行支付给本人",
            "cost is below the fixed sum: {0} is remitted to the person",
        ),
        ("定额以上由医院承担 {=}", "above the fixed sum, borne by the hospital: {=}"),
    ],
    keeps: &[Law::Monotone, Law::OrderFree, Law::Telescopes],
};

const PAGE: Page = Page {
    key: "fixed",
    name: ("定额支付", "Fixed benefits"),
    text: (
        "按事件(如分娩)支付一笔,最多付到范围内费用为止,或费用较低时差额另行支付给本人;以上部分由个人、医院承担或进入后面各层。\
         有定额的账单不计起付线,不分段。",
        "A sum for an event such as a delivery; at most the in-scope cost, or the rest is remitted to the \
         person; what lies above is the patient's, the hospital's, or goes to the layers. Such a bill has neither \
         deductible nor segments.",
    ),
    at: &["fixed"],
    needed: false,
    many: false,
    keys: &[
        Key::optional(
            "rule",
            Holds::Rules(&[
                Key::needed("is", Holds::Amount, "定额", "the sum"),
                Key::optional(
                    "cost_below",
                    Holds::Choice(&["paid", "paid, the rest remitted"]),
                    "费用低于定额时:按费用支付,或差额也付给本人;省略为 paid",
                    "where cost is below the sum: it is paid, or the rest is remitted, too; left out: paid",
                ),
                Key::optional(
                    "above",
                    Holds::Choice(&["patient", "hospital", "layers"]),
                    "定额以上由谁承担;省略为 patient",
                    "whose is what lies above; left out: patient",
                ),
                PAYS,
            ]),
            "哪些情形有定额,至多一行适用",
            "which situations have a sum; at most one row fits",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "fixed"),
};

/// Who bears what lies above the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Above {
    Patient,
    Hospital,
    Layers,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fixed {
    pub(crate) sum: Money,
    /// What cost leaves of the sum is remitted to the person.
    pub(crate) remits_rest: bool,
    pub(crate) above: Above,
    pub(crate) pays: Fund,
}

/// The fixed benefits of an edition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FixedBenefits {
    rows: Table<Fixed>,
    pub(crate) law: u16,
}

impl FixedBenefits {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Self {
        let Some(section) = root.section("fixed") else { return Self::default() };
        let law = articles.read(&section);
        let rows = Table::read(&section, "rule", scope, |row| {
            let sum = row.need("is").and_then(|p| scope.bases.amount(p));
            let rest = row
                .choice("cost_below", &[("paid", false), ("paid, the rest remitted", true)])
                .unwrap_or(false);
            let above = row.choice(
                "above",
                &[("patient", Above::Patient), ("hospital", Above::Hospital), ("layers", Above::Layers)],
            );
            let pays = row.get("pays").map_or(Some(Fund::Pooled), |p| p.parse("a fund"));
            Some(Fixed { sum: sum?, remits_rest: rest, above: above.unwrap_or(Above::Patient), pays: pays? })
        });
        rows.check_single(&section, "rule", scope, false);
        section.done();
        Self { rows, law }
    }

    pub(crate) fn find(&self, situation: &Situation) -> Option<&Fixed> {
        self.rows.find(situation)
    }
}

impl Fixed {
    /// What is paid of a cost, and what is left of the sum.
    pub(crate) fn pay(&self, cost: Exact) -> (Exact, Exact) {
        let paid = self.sum.exact().min(cost);
        let rest = if self.remits_rest { self.sum.exact() - paid } else { Exact::ZERO };
        (paid, rest)
    }
}
