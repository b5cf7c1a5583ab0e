//! I, M. The personal account: which parts of which visits it may pay.

use model::VisitKind;
use money::Money;

use super::{Articles, Construct, Law};
use crate::document::Section;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 10,
    key: "account",
    zh: "个人账户:可以支付哪些就诊的哪些部分。",
    en: "The personal account: which parts of which visits it may pay.",
    sentences: &[
        ("个人账户可付部分 {0},账户余额 {1},支付 {=}", "the account may pay {0}, it holds {1}, it pays {=}"),
        ("现金 {0} − {1} − {2} − {3} = {=}", "cash {0} − {1} − {2} − {3} = {=}"),
    ],
    keeps: &[Law::OrderFree],
};

/// The parts of a bill the account may pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// In the order of [`PARTS`].
    pays: [bool; PARTS.len()],
    not_for: Vec<VisitKind>,
    pub(crate) law: u16,
}

/// The parts the patient bears, in fen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) out_of_scope: Money,
    pub(crate) over_limit: Money,
    pub(crate) first_self_pay: Money,
    pub(crate) deductible: Money,
    pub(crate) share: Money,
}

const PARTS: [&str; 5] = ["out of scope", "over limit", "first self-pay", "deductible", "share"];

impl Account {
    pub(crate) fn read(root: &Section<'_>, articles: &mut Articles) -> Option<Self> {
        let section = root.need("account")?.section()?;
        let law = articles.read(&section);
        let place = section.need("pays")?;
        let words: Vec<String> = place.words("a part of the bill");
        for word in words.iter().filter(|w| !PARTS.contains(&w.as_str())) {
            place.report(&format!("`{word}`"), &PARTS.join(", "));
        }
        let has = |part: &str| words.iter().any(|w| w == part);
        let not_for = section.get("not_for").map(|p| p.words("a kind of visit")).unwrap_or_default();
        section.done();
        Some(Self { pays: PARTS.map(has), not_for, law })
    }

    /// What the account may pay of a bill.
    pub(crate) fn payable(&self, visit: VisitKind, parts: &Parts) -> Money {
        if self.not_for.contains(&visit) {
            return Money::ZERO;
        }
        let amounts =
            [parts.out_of_scope, parts.over_limit, parts.first_self_pay, parts.deductible, parts.share];
        self.pays.iter().zip(amounts).filter(|(may, _)| **may).map(|(_, amount)| amount).sum()
    }
}
