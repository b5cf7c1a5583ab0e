//! I, M. The personal account: which parts of which visits it may pay, before the pool or after it.

use model::VisitKind;
use money::{Exact, Money};

use super::{Articles, Construct, Law, Parts};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};

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
    name: ("个人账户", "Personal account"),
    text: (
        "可以支付哪些就诊的哪些部分;在统筹之前或之后使用;可否用亲属的账户;可留最低余额。",
        "The personal account: which parts of which visits it may pay, before the pool or after it, whether relatives' \
         accounts may follow, and what must be left in it.",
    ),
    at: &["account"],
    needed: true,
    many: false,
    keys: &[
        Key::needed(
            "pays",
            Holds::Words("part"),
            "可以支付账单的哪些部分;写 [] 则都不支付",
            "which parts of a bill it may pay; [] is none",
        ),
        Key::optional(
            "not_for",
            Holds::Words("visit"),
            "哪些就诊不能用;省略为都能用",
            "kinds of visit it may not be used for; left out: none",
        ),
        Key::optional(
            "first_for",
            Holds::Words("visit"),
            "哪些就诊先用账户付范围内费用,用完再计起付线和统筹;省略为都在统筹之后使用",
            "kinds of visit whose in-scope cost it pays first, before deductible and pool; left out: it always comes last",
        ),
        Key::optional(
            "meets_deductible",
            Holds::Flag,
            "先用账户付的部分是否也算已付起付线;省略为 false",
            "whether what it pays first counts as deductible, too; left out: false",
        ),
        Key::optional(
            "relatives",
            Holds::Flag,
            "本人账户不够时可否用亲属的账户;省略为 false",
            "whether relatives' accounts pay what one's own cannot; left out: false",
        ),
        Key::optional(
            "keeps",
            Holds::Money,
            "账户里须留的余额;省略为零",
            "what must be left in it; left out: nothing",
        ),
        LAW,
    ],
    example: ("demo-city", "2001-01-01", "account"),
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
