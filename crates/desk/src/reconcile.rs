//! A day of the hospital's beside the centre's: sums of each insurance and kind of clearing, the rows that differ, and which
//! one thing is safe to do about each.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;
use model::InsuranceKind;
use money::Money;
use serde::{Deserialize, Serialize};
use wire::asking::{Difference, Sums};

use crate::amounts;
use crate::correction::Remedy;
use crate::settled::{CLEARING_KINDS, DayRow, Group, SettledName};
use crate::sheet::Form;

/// The insurance of residents.
const RESIDENT: InsuranceKind = InsuranceKind(390);

/// Sums of some settlements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// How many.
    pub count: i64,
    /// What they cost.
    #[serde(with = "amounts")]
    pub total: Money,
    /// What funds paid.
    #[serde(with = "amounts")]
    pub funds: Money,
    /// What accounts paid.
    #[serde(with = "amounts")]
    pub account: Money,
}

impl Figures {
    /// As messages say them.
    pub(crate) fn said(self) -> Sums {
        Sums { count: self.count, total: self.total, funds: self.funds, account: self.account }
    }

    /// As an answer said them.
    pub(crate) fn heard(sums: Sums) -> Self {
        Self { count: sums.count, total: sums.total, funds: sums.funds, account: sums.account }
    }

    /// What these have more than others.
    pub fn beyond(self, other: Self) -> Self {
        Self {
            count: self.count - other.count,
            total: self.total - other.total,
            funds: self.funds - other.funds,
            account: self.account - other.account,
        }
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            total: self.total + other.total,
            funds: self.funds + other.funds,
            account: self.account + other.account,
        }
    }
}

/// The sums of one group beside each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Whose.
    pub group: Group,
    /// The hospital's.
    pub ours: Figures,
    /// The centre's; none: it does not say them.
    pub theirs: Option<Figures>,
    /// They are equal.
    pub equal: bool,
    /// What the centre says of them.
    pub told: String,
}

/// A day that was compared. The key is the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// When.
    pub at: DateTime,
    /// By whom.
    pub by: String,
    /// Sums by group.
    pub sums: Vec<Compared>,
    /// When rows were compared; none: they were not.
    pub rows_at: Option<DateTime>,
    /// How many rows differ.
    pub apart: usize,
}

/// The rows of a day that differ.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApartRows {
    /// One each.
    pub rows: Vec<Apart>,
}

/// A row that differs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apart {
    /// Why, as the centre codes it; empty where it has no codes.
    pub code: String,
    /// Why, in its words.
    pub told: String,
    /// The person's number.
    pub person: String,
    /// The division whose people it was asked about.
    pub division: String,
    /// The kind of clearing.
    pub clearing_kind: String,
    /// The centre's id of the visit.
    pub visit: String,
    /// The centre's id of the settlement.
    pub settlement: String,
    /// The message.
    pub message: String,
    /// It is a refund.
    pub refund: bool,
    /// What it costs, funds and account paid, as the centre has it, or as the hospital has it alone.
    pub told_figures: Figures,
    /// What the hospital has; none: it has no such row.
    pub ours: Option<Figures>,
    /// The hospital's paper; none: it has none.
    pub paper: Option<SettledName>,
}

/// How a compared day stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayState {
    /// All sums are equal, and no row differs that was compared.
    Equal,
    /// Something differs.
    Apart,
}

impl DayState {
    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Equal => "day-equal",
            Self::Apart => "day-apart",
        }
    }
}

impl Form for Reconciliation {
    const KIND: &'static str = "reconciliation";
    type State = DayState;
    type Private = ApartRows;
}

impl Reconciliation {
    /// How the day stands.
    pub(crate) fn state(&self) -> DayState {
        let equal = self.apart == 0 && self.sums.iter().all(|sums| sums.equal);
        if equal { DayState::Equal } else { DayState::Apart }
    }
}

/// The list a row that differs stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The hospital has it, the centre has not.
    OursAlone,
    /// The centre has it, the hospital has not.
    TheirsAlone,
    /// Both have it, and not alike.
    Unlike,
}

impl Side {
    /// All of them, as they are listed.
    pub const ALL: [Self; 3] = [Self::OursAlone, Self::TheirsAlone, Self::Unlike];

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::OursAlone => "side-ours",
            Self::TheirsAlone => "side-theirs",
            Self::Unlike => "side-unlike",
        }
    }
}

impl Apart {
    /// The list it stands in.
    pub fn side(&self) -> Side {
        match self.code.as_str() {
            "NEVER_ARRIVED" | "UNKNOWN_VISIT" | "REFUND_NOT_SENT" | "TAKEN_BACK" => Side::OursAlone,
            "NOT_WRITTEN" | "REFUND_NOT_WRITTEN" => Side::TheirsAlone,
            "" if self.ours.is_none() => Side::TheirsAlone,
            _ => Side::Unlike,
        }
    }

    /// The one thing that is done about it. `sent`: the hospital still has the message that settled.
    pub fn remedy(&self, sent: bool) -> Remedy {
        let known = self.paper.is_some();
        match self.code.as_str() {
            "NEVER_ARRIVED" | "UNEXPLAINED" if known && sent => Remedy::Resend,
            "REFUND_NOT_SENT" if known => Remedy::VoidThere,
            // What the hospital has no paper of was never charged here.
            "NOT_WRITTEN" if !known => Remedy::TakeBack,
            "NOT_WRITTEN" | "REFUND_NOT_WRITTEN" | "TAKEN_BACK" | "AMOUNTS_DIFFER" | "OTHER_DAY"
            | "OTHER_WAY" | ""
                if known =>
            {
                Remedy::Adopt
            }
            _ => Remedy::Ticket,
        }
    }

    /// Of a difference as it was told.
    pub(crate) fn of(
        told: Difference,
        group: (&str, &str),
        ours: &[DayRow],
        paper: Option<SettledName>,
    ) -> Self {
        let row = told.row;
        let same = |known: &&DayRow| {
            let known = &known.row;
            known.refund == row.refund
                && known.visit == row.visit
                && (known.settlement == row.settlement || known.msgid == row.msgid)
        };
        let own = ours.iter().find(same);
        let of = |row: &wire::asking::DetailRow| Figures {
            count: 1,
            total: row.total,
            funds: row.funds,
            account: row.account,
        };
        Self {
            code: told.code,
            told: told.told,
            told_figures: of(&row),
            ours: own.map(|own| of(&own.row)),
            paper: own.map(|own| own.paper.clone()).or(paper),
            person: row.person,
            division: group.0.to_owned(),
            clearing_kind: group.1.to_owned(),
            visit: row.visit,
            settlement: row.settlement,
            message: row.msgid,
            refund: row.refund,
        }
    }
}

/// What some rows come to.
pub(crate) fn figures<'r>(rows: impl IntoIterator<Item = &'r DayRow>) -> Figures {
    rows.into_iter().fold(Figures::default(), |all, DayRow { row, .. }| {
        all.and(Figures { count: 1, total: row.total, funds: row.funds, account: row.account })
    })
}

/// What the hospital has of each group; also of those it has nothing of, for the centre may.
pub(crate) fn groups(rows: &[DayRow], division: &str) -> BTreeMap<Group, Figures> {
    let mut groups = BTreeMap::new();
    for insurance in [InsuranceKind::EMPLOYEE, RESIDENT] {
        for kind in CLEARING_KINDS {
            let group =
                Group { division: division.into(), insurance: insurance.0, clearing_kind: kind.into() };
            groups.insert(group, Figures::default());
        }
    }
    for row in rows {
        let sums = groups.entry(row.group.clone()).or_default();
        *sums = sums.and(figures([row]));
    }
    groups
}

/// The kinds of clearing and divisions whose rows are compared.
pub(crate) fn parts(sums: &[Compared]) -> BTreeSet<(String, String)> {
    sums.iter().map(|sums| (sums.group.division.clone(), sums.group.clearing_kind.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settled::SettledKind;
    use wire::asking::DetailRow;

    fn told(code: &str, refund: bool) -> Difference {
        let row = DetailRow {
            person: "P1".into(),
            visit: "7".into(),
            settlement: "8".into(),
            msgid: "M1".into(),
            refund,
            total: Money::from_yuan(20),
            funds: Money::from_yuan(15),
            account: Money::ZERO,
        };
        Difference { row, code: code.into(), told: String::new() }
    }

    fn ours() -> DayRow {
        let group = Group { division: "990101".into(), insurance: 310, clearing_kind: "11".into() };
        let paper = SettledName { kind: SettledKind::Bill, key: "1".into() };
        DayRow { paper, group, row: told("", false).row }
    }

    #[test]
    fn each_cause_stands_in_one_list_and_has_one_remedy() {
        let check = |code: &str, known: bool, side: Side, remedy: Remedy| {
            let rows = if known { vec![ours()] } else { Vec::new() };
            let apart = Apart::of(told(code, false), ("990101", "11"), &rows, None);
            assert_eq!((apart.side(), apart.remedy(true)), (side, remedy), "{code} {known}");
        };
        check("NEVER_ARRIVED", true, Side::OursAlone, Remedy::Resend);
        check("REFUND_NOT_SENT", true, Side::OursAlone, Remedy::VoidThere);
        check("TAKEN_BACK", true, Side::OursAlone, Remedy::Adopt);
        check("UNKNOWN_VISIT", true, Side::OursAlone, Remedy::Ticket);
        check("NOT_WRITTEN", false, Side::TheirsAlone, Remedy::TakeBack);
        check("NOT_WRITTEN", true, Side::TheirsAlone, Remedy::Adopt);
        check("REFUND_NOT_WRITTEN", true, Side::TheirsAlone, Remedy::Adopt);
        check("REFUND_NOT_WRITTEN", false, Side::TheirsAlone, Remedy::Ticket);
        check("AMOUNTS_DIFFER", true, Side::Unlike, Remedy::Adopt);
        check("OTHER_DAY", true, Side::Unlike, Remedy::Adopt);
        check("TWICE", true, Side::Unlike, Remedy::Ticket);
        check("", true, Side::Unlike, Remedy::Adopt);
        check("", false, Side::TheirsAlone, Remedy::Ticket);
        let apart = Apart::of(told("NEVER_ARRIVED", false), ("990101", "11"), &[ours()], None);
        assert_eq!(apart.remedy(false), Remedy::Ticket, "the message is gone");
    }

    #[test]
    fn sums_are_asked_about_also_where_the_hospital_has_nothing() {
        let groups = groups(&[ours(), ours()], "990101");
        let counts: Vec<i64> = groups.values().map(|sums| sums.count).collect();
        assert_eq!(counts, [2, 0, 0, 0]);
        assert_eq!(groups.values().next().unwrap().total, Money::from_yuan(40));
    }
}
