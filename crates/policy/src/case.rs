//! What a settlement is computed from, besides the edition.

use jiff::civil::Date;
use model::{HospitalLevel, ItemClass, ItemKind, PersonStatus, Premium, Region, VisitKind};
use money::{Money, Quantity, Rate, UnitPrice};

use crate::Accumulators;

/// The person as the rules see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// In work, retired …
    pub status: PersonStatus,
    /// Full years on the benefit date.
    pub age: u16,
    /// How the premium stands.
    pub premium: Premium,
    /// Money in the person's own account that may be used now, in fen.
    pub account: Money,
    /// Whether the person wants the account used.
    pub uses_account: bool,
}

/// The visit as the rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// Kind of care.
    pub kind: VisitKind,
    /// The hospital's level.
    pub level: HospitalLevel,
    /// Where, seen from home.
    pub region: Region,
    /// The date benefit rules go by.
    pub date: Date,
    /// Which admission of the year, from 1; 0 outside stays.
    pub admission: u16,
}

/// One fee line with what the catalogue says of its item for this hospital and date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Line {
    /// Class.
    pub class: ItemClass,
    /// Kind.
    pub kind: ItemKind,
    /// Amount charged; may differ from price × quantity by a rounding.
    pub amount: Money,
    /// Unit price.
    pub price: UnitPrice,
    /// Quantity.
    pub quantity: Quantity,
    /// The catalogue's price limit at this hospital's level.
    pub limit: Option<UnitPrice>,
    /// The item's own first self-pay share.
    pub first_self_pay: Option<Rate>,
}

/// How one line is shared before any benefit: `amount = out_of_scope + over_limit + first_self_pay + eligible`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineShares {
    /// Class C.
    pub out_of_scope: Money,
    /// Above the limit.
    pub over_limit: Money,
    /// First share of class B.
    pub first_self_pay: Money,
    /// The rate of it; one for class C.
    pub rate: Rate,
    /// Inside the policy.
    pub eligible: Money,
    /// The limit applied.
    pub limit: Option<UnitPrice>,
}

/// All of it together.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Who.
    pub person: Person,
    /// What and where.
    pub visit: Visit,
    /// The fee lines, in any order.
    pub lines: &'a [Line],
    /// The benefit year's counters before this bill.
    pub year: &'a Accumulators,
}
