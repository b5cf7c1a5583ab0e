//! Why clearing cannot do something.

use std::fmt;

use model::SettlementId;
use store::StoreError;
use wire::Both;

/// Why something cannot be done.
#[derive(Debug)]
pub enum ClearingError {
    /// The month or year is not over.
    NotOver(String),
    /// The institution has not applied for these kinds of clearing.
    NotApplied(Vec<String>),
    /// The institution has not confirmed the month's settlements of other cities' people, or they are others now.
    NotConfirmed,
    /// The month is closed.
    Closed(String),
    /// The month is not closed yet.
    Open(String),
    /// Two persons must do it.
    SamePerson(String),
    /// Nobody's name, no reason, or an amount of nothing.
    Unsaid,
    /// Only funds are set right.
    NotAFund,
    /// There is no such settlement at the institution.
    Unknown(SettlementId),
    /// It does not stand any more.
    Voided(SettlementId),
    /// An earlier month with claims is open.
    EarlierOpen(String),
    /// The books do not say any more what was applied for.
    Changed(String),
    /// No rules are in force in the month.
    NoRules(String),
    /// There is no such kind of clearing.
    NoKind(String),
    /// The number stands for something else already.
    ReferenceUsed(String),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for ClearingError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ClearingError {
    fn words(&self) -> Both {
        match self {
            Self::NotOver(period) => Both::new(format!("{period} 尚未结束"), format!("{period} is not over")),
            Self::NotApplied(kinds) => {
                let kinds = kinds.join(",");
                Both::new(
                    format!("医院未用 3203 申请清算类别 {kinds}"),
                    format!("the institution has not applied with 3203 for kinds of clearing {kinds}"),
                )
            }
            Self::NotConfirmed => Both::of(
                "医院未用 3261 确认异地清分,或确认后有变动",
                "the institution has not confirmed with 3261 what people of other cities owe, or it has changed since",
            ),
            Self::Closed(period) => Both::new(format!("{period} 已清算"), format!("{period} is closed")),
            Self::Open(period) => {
                Both::new(format!("{period} 尚未清算"), format!("{period} is not closed yet"))
            }
            Self::SamePerson(by) => {
                Both::new(format!("{by}:须由两人办理"), format!("{by}: two persons must do it"))
            }
            Self::Unsaid => Both::of("须写明经办人、金额和理由", "say who, how much and why"),
            Self::NotAFund => Both::of("只能更正基金的应付", "only what a fund owes is set right"),
            Self::Unknown(id) => Both::new(format!("没有结算 {id}"), format!("there is no settlement {id}")),
            Self::Voided(id) => {
                Both::new(format!("结算 {id} 已撤销"), format!("settlement {id} is voided already"))
            }
            Self::EarlierOpen(period) => Both::new(
                format!("{period} 之前有未清算的月份,请按月份顺序清算"),
                format!("a month before {period} is not closed yet: close months in their order"),
            ),
            Self::Changed(kind) => Both::new(
                format!("清算类别 {kind} 申请后账面有变动,请医院重新申请(3203)"),
                format!(
                    "the books have changed since kind of clearing {kind} was applied for: the institution is to apply again (3203)"
                ),
            ),
            Self::NoRules(period) => Both::new(
                format!("{period} 没有清算规则"),
                format!("there are no rules of clearing for {period}"),
            ),
            Self::NoKind(kind) => {
                Both::new(format!("没有清算类别 {kind}"), format!("there is no kind of clearing {kind}"))
            }
            Self::ReferenceUsed(reference) => Both::new(
                format!("编号 {reference} 已用于另一笔"),
                format!("number {reference} stands for something else already"),
            ),
            Self::Store(error) => Both::same(error.to_string()),
        }
    }
}

impl fmt::Display for ClearingError {
    /// In both languages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().in_both())
    }
}

impl std::error::Error for ClearingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}
