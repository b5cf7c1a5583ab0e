//! S. Packages: one price for a disease or an operation, whatever the bill comes to.

use model::Fund;
use money::{Exact, Money, Rate};

use super::{Articles, Construct, Law, Scope};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, PAYS, Page};
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 12,
    page: &PAGE,
    sentences: &[
        ("包干价 {0},个人付 {1%},统筹支付 {=}", "package {0}, the patient pays {1%}: the pool pays {=}"),
        ("医院承担或留用的差额 {=}", "the difference borne or kept by the hospital: {=}"),
        (
            "费用 {0} 超过包干价 {1} 的规定倍数,退出包干",
            "cost {0} exceeds the package {1} so far that it is left",
        ),
    ],
    keeps: &[Law::OrderFree],
};

const PAGE: Page = Page {
    key: "package",
    name: ("包干", "Package"),
    text: (
        "按病种或手术定一个价,个人按包干价或实际费用付一份,差额由医院留用或承担,或由基金据实支付;费用过高可退出包干。\
         包干的账单不看项目规则,不计起付线,不进各层。",
        "One price for a disease or an operation; the patient pays a share of it or of the actual cost; the \
         hospital keeps or bears the difference, or the fund pays what was spent; a bill far above it leaves the package. \
         Item rules, deductible and layers do not touch such a bill.",
    ),
    at: &["package"],
    needed: false,
    many: false,
    keys: &[
        Key::optional(
            "rule",
            Holds::Rules(&[
                Key::needed("price", Holds::Amount, "包干价", "the price"),
                Key::needed("patient", Holds::Rate, "个人付多少", "the patient's share"),
                Key::needed(
                    "of",
                    Holds::Choice(&["package", "actual cost"]),
                    "个人比例乘以包干价,或实际费用",
                    "whether that is of the price or of the actual cost",
                ),
                Key::needed(
                    "difference",
                    Holds::Choice(&["hospital", "fund"]),
                    "包干价与实际费用的差额归谁",
                    "whose is the difference between price and cost",
                ),
                Key::optional(
                    "leave_above",
                    Holds::Factor,
                    "费用超过包干价的几倍时退出包干;省略为不退出",
                    "a bill above so many times the price leaves the package; left out: none does",
                ),
                PAYS,
            ]),
            "哪些情形包干,至多一行适用",
            "which bills have a package; at most one row fits",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "package"),
};

/// What the patient's share is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ShareOf {
    Package,
    Actual,
}

/// Who has the difference between price and cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Difference {
    Hospital,
    Fund,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    price: Money,
    share: Rate,
    share_of: ShareOf,
    difference: Difference,
    /// The package is left where the bill exceeds this many times its price.
    leave_above: Option<Rate>,
    pub(crate) pays: Fund,
}

/// The packages of an edition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Packages {
    rows: Table<Package>,
    pub(crate) law: u16,
}

/// What a package makes of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) price: Money,
    pub(crate) share: Rate,
    pub(crate) fund: Exact,
    pub(crate) hospital: Exact,
}

impl Packages {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Self {
        let Some(section) = root.section("package") else { return Self::default() };
        let law = articles.read(&section);
        let rows = Table::read(&section, "rule", scope, |row| {
            let price = row.need("price").and_then(|p| scope.bases.amount(p));
            let share = row.need("patient").and_then(|p| p.rate());
            let share_of =
                row.need_choice("of", &[("package", ShareOf::Package), ("actual cost", ShareOf::Actual)]);
            let difference = row
                .need_choice("difference", &[("hospital", Difference::Hospital), ("fund", Difference::Fund)]);
            let leave_above = row.get("leave_above").map(|p| p.factor());
            let pays = row.get("pays").map_or(Some(Fund::Pooled), |p| p.parse("a fund"));
            Some(Package {
                price: price?,
                share: share?,
                share_of: share_of?,
                difference: difference?,
                leave_above: leave_above.flatten(),
                pays: pays?,
            })
        });
        rows.check_single(&section, "rule", scope, false);
        section.done();
        Self { rows, law }
    }

    pub(crate) fn find(&self, situation: &Situation) -> Option<&Package> {
        self.rows.find(situation)
    }
}

impl Package {
    /// The price, where a bill of this much leaves the package.
    pub(crate) fn left_by(&self, total: Money) -> Option<Money> {
        let most = self.price.share(self.leave_above?);
        (total.exact() > most).then_some(self.price)
    }

    /// What the fund, the hospital and (the rest) the patient pay; the fund no more than it has room for.
    pub(crate) fn split(&self, total: Money, room: Option<Exact>) -> Split {
        let base = match self.share_of {
            ShareOf::Package => self.price,
            ShareOf::Actual => total,
        };
        let share = base.share(self.share);
        let patient = share.min(total.exact());
        let (fund, hospital) = match self.difference {
            Difference::Hospital => {
                let fund = (self.price.exact() - share).at_least_zero();
                (fund, total.exact() - patient - fund)
            }
            Difference::Fund => (total.exact() - patient, Exact::ZERO),
        };
        Split { price: self.price, share: self.share, fund: fund.min(room.unwrap_or(fund)), hospital }
    }
}
