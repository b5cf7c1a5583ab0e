//! I, M. The personal account: which parts of which visits it may pay, before the pool or after it.

use model::VisitKind;
use money::{Exact, Money};

use super::{Articles, Construct, Law, Parts};
use crate::document::Section;
use crate::manual::Page;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 10,
    page: &PAGE,
    sentences: &[
        ("个人账户可付部分 {0},账户余额 {1},支付 {=}", "the account may pay {0}, it holds {1}, it pays {=}"),
        ("现金 {0} − {1} − {2} − {3} = {=}", "cash {0} − {1} − {2} − {3} = {=}"),
        (
            "先用个人账户:费用 {0},账户余额 {1},支付 {=}",
            "the account comes first: cost {0}, it holds {1}, it pays {=}",
        ),
        (
            "亲属账户可付部分 {0},共济额度 {1},支付 {=}",
            "relatives' accounts may pay {0}, granted {1}, paid {=}",
        ),
    ],
    keeps: &[Law::OrderFree],
};

const PAGE: Page = Page {
    key: "account",
    name: ("", ""),
    text: (
        "个人账户:可以支付哪些就诊的哪些部分;在统筹之前或之后使用;可否用亲属的账户;可留最低余额。",
        "The personal account: which parts of which visits it may pay, before the pool or after it, whether relatives' \
         accounts may follow, and what must be left in it.",
    ),
    at: &[],
    many: false,
    keys: &[],
    example: ("", "", ""),
};

/// When the account pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// What the funds leave.
    AfterFunds,
    /// In-scope cost first, until it is empty; then the deductible and the pool.
    First {
        /// What it pays counts as deductible, too.
        meets_deductible: bool,
    },
}

/// The account rules of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pays: Parts<bool>,
    not_for: Vec<VisitKind>,
    first_for: Vec<VisitKind>,
    order: Order,
    relatives: bool,
    keeps: Money,
    pub(crate) law: u16,
}

impl Account {
    pub(crate) fn read(root: &Section<'_>, articles: &mut Articles) -> Option<Self> {
        let section = root.need("account")?.section()?;
        let law = articles.read(&section);
        let pays = section.need("pays").map(|place| Parts::read(&place));
        let not_for = section.get("not_for").map(|p| p.words("a kind of visit")).unwrap_or_default();
        let first_for: Vec<VisitKind> =
            section.get("first_for").map(|p| p.words("a kind of visit")).unwrap_or_default();
        let meets_deductible =
            section.get("meets_deductible").and_then(|place| place.flag()).unwrap_or(false);
        let order = if first_for.is_empty() { Order::AfterFunds } else { Order::First { meets_deductible } };
        let relatives = section.get("relatives").and_then(|place| place.flag()).unwrap_or(false);
        let keeps = section.get("keeps").map_or(Some(Money::ZERO), |place| place.money());
        section.done();
        Some(Self { pays: pays?, not_for, first_for, order, relatives, keeps: keeps?, law })
    }

    /// What of an account may be used.
    pub(crate) fn usable(&self, held: Money) -> Money {
        (held - self.keeps).at_least_zero()
    }

    /// Whether the account pays before the pool, and whether that meets the deductible.
    pub(crate) fn first(&self, visit: VisitKind) -> Option<bool> {
        match self.order {
            Order::First { meets_deductible } if self.first_for.contains(&visit) => Some(meets_deductible),
            _ => None,
        }
    }

    /// What the account may pay of what a bill leaves to the patient.
    pub(crate) fn payable(&self, visit: VisitKind, left: &Parts<Exact>) -> Exact {
        if self.not_for.contains(&visit) { Exact::ZERO } else { left.sum_of(&self.pays) }
    }

    /// Whether relatives' accounts may pay, too.
    pub(crate) fn relatives_pay(&self) -> bool {
        self.relatives
    }
}
