//! 医保与自费: who pays what, by insurance, for visits and for stays.

use std::collections::BTreeMap;

use money::{Money, Rate, Rounding};

use super::Span;
use super::moved::{Earns, each};
use crate::bill::Bill;
use crate::settlement::Settlement;
use crate::sheet::{PaperError, Papers};
use crate::till::Side;

/// Kinds of charge that count in the share of drugs: Western and Chinese patent drugs. Herbs are left out, as the country's own
/// figure leaves them out.
const DRUGS: [&str; 2] = ["09", "11"];

/// Whose share it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    /// Of stays; else of visits.
    pub(crate) inpatient: bool,
    /// The national number of the insurance; none: patients pay alone.
    pub(crate) insurance: Option<u16>,
}

/// Who pays what. Funds, account, cash and the hospital's share come to the total.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Share {
    /// Visits or stays, each with what came less what went.
    care: BTreeMap<String, i64>,
    pub(crate) total: Money,
    pub(crate) funds: Money,
    pub(crate) account: Money,
    pub(crate) cash: Money,
    pub(crate) hospital: Money,
    /// Outside the insurance, or above price limits.
    pub(crate) self_paid: Money,
    pub(crate) drugs: Money,
}

impl Share {
    fn count<F: Earns>(&mut self, paper: &F, side: Side) {
        let Some(split) = paper.split() else { return };
        let step = if side == Side::In { 1 } else { -1 };
        *self.care.entry(paper.care().to_owned()).or_default() += step;
        self.total += side.of(split.total);
        self.funds += side.of(split.funds_total());
        self.account += side.of(split.account + split.relatives);
        self.cash += side.of(split.cash);
        self.hospital += side.of(split.hospital);
        self.self_paid += side.of(split.out_of_scope + split.over_price_limit);
        let parts = paper.income();
        let drugs = parts.iter().filter(|part| DRUGS.contains(&part.category.as_str()));
        self.drugs += side.of(drugs.map(|part| part.amount).sum());
    }

    /// Visits or stays: one with several bills once, one whose bills all went back not at all; one that was counted before
    /// these days and went back in them is taken off.
    pub(crate) fn cares(&self) -> i64 {
        self.care.values().map(|count| count.signum()).sum()
    }

    /// What one comes to on average; none where there is none.
    pub(crate) fn average(&self) -> Option<Money> {
        let cares = u32::try_from(self.cares()).ok().filter(|cares| *cares > 0)?;
        Some(self.total.per(cares, Rounding::HalfUp))
    }

    /// What share of the total a part is; none of nothing.
    pub(crate) fn of_total(&self, part: Money) -> Option<Rate> {
        (self.total > Money::ZERO).then(|| Rate::of(part, self.total, Rounding::HalfUp))
    }

    /// What patients pay themselves, from accounts or in cash.
    pub(crate) fn own(&self) -> Money {
        self.account + self.cash
    }

    /// Two together.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let mut care = self.care.clone();
        for (key, count) in &other.care {
            *care.entry(key.clone()).or_default() += count;
        }
        Self {
            care,
            total: self.total + other.total,
            funds: self.funds + other.funds,
            account: self.account + other.account,
            cash: self.cash + other.cash,
            hospital: self.hospital + other.hospital,
            self_paid: self.self_paid + other.self_paid,
            drugs: self.drugs + other.drugs,
        }
    }
}

fn read<F: Earns>(
    groups: &mut BTreeMap<Group, Share>,
    papers: &Papers,
    span: Span,
) -> Result<(), PaperError> {
    each::<F>(papers, span, |paper, movement| {
        let paper = &paper.facts.0;
        let group = Group { inpatient: F::INPATIENT, insurance: paper.insurance() };
        groups.entry(group).or_default().count(paper, movement.side);
    })
}

/// Who paid what within days.
pub(crate) fn shares(papers: &Papers, span: Span) -> Result<BTreeMap<Group, Share>, PaperError> {
    let mut groups = BTreeMap::new();
    read::<Bill>(&mut groups, papers, span)?;
    read::<Settlement>(&mut groups, papers, span)?;
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bill::Split;

    /// What closes over a paper: only its split, its care and its charges matter here.
    fn settled(care: &str, fen: i64) -> Settlement {
        let (stay, amount) = (care.to_owned(), Money::from_fen(fen));
        let facts = serde_json::json!({
            "stay": stay, "cashier": "", "window": "", "insured": false, "visit": "", "total": amount.to_string(),
            "split": Split::self_paid(amount), "account": crate::settlement::Account::default(), "intent": null,
            "receipt": "", "categories": [["09", amount.to_string()]],
        });
        serde_json::from_value(facts).expect("a settlement")
    }

    #[test]
    fn one_stay_in_parts_is_one_and_what_went_back_whole_is_none() {
        let mut share = Share::default();
        share.count(&settled("20260001", 10_000), Side::In);
        share.count(&settled("20260001", 5_001), Side::In);
        share.count(&settled("20260002", 4_000), Side::In);
        share.count(&settled("20260003", 7_000), Side::In);
        share.count(&settled("20260003", 7_000), Side::Out);
        assert_eq!((share.cares(), share.total), (2, Money::from_fen(19_001)));
        assert_eq!(share.average(), Some(Money::from_fen(9_501)), "half a fen goes up");
        let all = share.of_total(share.self_paid).map(Rate::percent);
        assert_eq!((all.as_deref(), share.own()), (Some("100%"), share.total));
        assert_eq!(share.of_total(share.drugs), Some(Rate::of(share.total, share.total, Rounding::HalfUp)));
    }

    #[test]
    fn of_what_only_went_back_there_is_no_average_and_no_ratio() {
        let mut share = Share::default();
        share.count(&settled("20260001", 7_000), Side::Out);
        assert_eq!((share.cares(), share.average(), share.of_total(share.drugs)), (-1, None, None));
    }
}
