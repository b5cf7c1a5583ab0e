//! J. Entitlement: which money a person may use at all, per fund, before any amount is reckoned.

use model::Premium;

use super::{Articles, Construct, Scope};
use crate::document::Section;
use crate::manual::{Holds, Key, LAW, Page};
use crate::situation::Situation;
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 3,
    page: &PAGE,
    sentences: &[
        ("单位欠费,统筹待遇暂停,统筹基金不支付", "premiums are in arrears: the pooled fund does not pay"),
        ("在等待期内,统筹基金不支付", "within the waiting period: the pooled fund does not pay"),
        ("没有有效参保,统筹基金不支付", "not enrolled on this day: the pooled fund does not pay"),
        ("按规定限制,统筹基金不支付", "restricted by the rules: the pooled fund does not pay"),
        ("按规定限制,个人账户不支付", "restricted by the rules: the account does not pay"),
        ("该类就诊没有统筹待遇", "the pooled fund has no benefit for this kind of visit"),
        ("该身份没有统筹待遇", "the pooled fund has no benefit for persons of this status"),
    ],
    keeps: &[super::Law::Monotone, super::Law::OrderFree],
};

const PAGE: Page = Page {
    key: "entitlement",
    name: ("待遇享受", "Entitlement"),
    text: (
        "先看缴费状态和限制名单,按基金逐项决定能不能用;欠费通常停统筹、不停个人账户。没有有效参保的,基金一律不付。",
        "Entitlement per fund, from how the premium stands and restrictions; arrears usually stop the pool and not the \
         account. No fund pays for somebody who is not enrolled, whatever stands here.",
    ),
    at: &["entitlement"],
    needed: true,
    many: false,
    keys: &[
        Key::optional(
            "pool_stops",
            Holds::Words("premium"),
            "哪些缴费状态下基金不付,个人账户照用;ended 不写也不付",
            "states of the premium in which no fund pays, while the account does; `ended` is one in any case",
        ),
        Key::optional(
            "stops",
            Holds::Rules(&[Key::needed(
                "is",
                Holds::Choice(&["funds", "account", "all"]),
                "停什么",
                "what is stopped",
            )]),
            "对哪些情形停付;适用的各行都算",
            "what is stopped in which situations; all rows that fit count",
        ),
        LAW,
    ],
    example: ("demo-city", "2026-01-01", "entitlement"),
};

/// What a row stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stops {
    funds: bool,
    account: bool,
}

/// For whom which money is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entitlement {
    pool_stops: Vec<Premium>,
    rows: Table<Stops>,
    pub(crate) law: u16,
}

impl Entitlement {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let section = root.need("entitlement")?.section()?;
        let law = articles.read(&section);
        let pool_stops =
            section.get("pool_stops").map(|p| p.words("a state of the premium")).unwrap_or_default();
        let rows = Table::read(&section, "stops", scope, |row| {
            row.need_choice(
                "is",
                &[
                    ("funds", Stops { funds: true, account: false }),
                    ("account", Stops { funds: false, account: true }),
                    ("all", Stops { funds: true, account: true }),
                ],
            )
        });
        section.done();
        Some(Self { pool_stops, rows, law })
    }

    /// Which sentence says why the pool does not pay, by the premium alone; none where it does.
    pub(crate) fn pool_stopped(&self, premium: Premium) -> Option<u8> {
        match premium {
            Premium::Paid => None,
            Premium::Ended => Some(2),
            Premium::Arrears => self.pool_stops.contains(&premium).then_some(0),
            Premium::Waiting => self.pool_stops.contains(&premium).then_some(1),
        }
    }

    /// Which sentence says why no fund pays; none where they do.
    pub(crate) fn funds_stopped(&self, premium: Premium, situation: &Situation) -> Option<u8> {
        let restricted = || self.rows.all(situation).any(|stops| stops.funds).then_some(3);
        self.pool_stopped(premium).or_else(restricted)
    }

    /// Whether the account may not be used.
    pub(crate) fn account_stopped(&self, situation: &Situation) -> bool {
        self.rows.all(situation).any(|stops| stops.account)
    }
}
