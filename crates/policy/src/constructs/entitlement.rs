//! J. Entitlement: which money a person may use at all, per fund, before any amount is reckoned.

use model::Premium;

use super::{Articles, Construct};
use crate::document::Section;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 3,
    key: "entitlement",
    zh: "待遇享受:先看缴费状态,按基金逐项决定能不能用;欠费通常停统筹、不停个人账户。",
    en: "Entitlement per fund, from how the premium stands; arrears usually stop the pool and not the account.",
    sentences: &[
        ("单位欠费,统筹待遇暂停,统筹基金不支付", "premiums are in arrears: the pooled fund does not pay"),
        ("在等待期内,统筹基金不支付", "within the waiting period: the pooled fund does not pay"),
        ("没有有效参保,统筹基金不支付", "not enrolled on this day: the pooled fund does not pay"),
    ],
    keeps: &[super::Law::Monotone, super::Law::OrderFree],
};

/// For which states of the premium the pool does not pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entitlement {
    stopped: Vec<Premium>,
    pub(crate) law: u16,
}

impl Entitlement {
    pub(crate) fn read(root: &Section<'_>, articles: &mut Articles) -> Option<Self> {
        let section = root.need("entitlement")?.section()?;
        let law = articles.read(&section);
        let stopped =
            section.get("pool_stops").map(|p| p.words("a state of the premium")).unwrap_or_default();
        section.done();
        Some(Self { stopped, law })
    }

    /// Which sentence says why the pool does not pay; none where it does.
    pub(crate) fn pool_stopped(&self, premium: Premium) -> Option<u8> {
        match premium {
            Premium::Paid => None,
            Premium::Ended => Some(2),
            Premium::Arrears => self.stopped.contains(&premium).then_some(0),
            Premium::Waiting => self.stopped.contains(&premium).then_some(1),
        }
    }
}
