//! The order of computation.

use model::{Amounts, Fund};
use money::{Exact, Money};

use crate::constructs::account::Parts;
use crate::constructs::segments::{Entering, Room};
use crate::constructs::{account, ceiling, deductible, entitlement, items, off_site, rounding};
use crate::counters::{Accumulators, Counter};
use crate::edition::TrackRules;
use crate::situation::Situation;
use crate::steps::{Figure, Trail};
use crate::{Case, Edition, Line, LineShares, Person, Visit};

/// A bill settled: the shares, what changes in the year's counters, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjudication {
    /// The shares, in balance.
    pub amounts: Amounts,
    /// What the bill adds to the year's counters.
    pub change: Accumulators,
    /// The steps; they add up to the amounts.
    pub trail: Trail,
}

/// Shares one fee line before any benefit, as a hospital is told at upload.
pub fn price_line(edition: &Edition, person: &Person, visit: &Visit, line: &Line) -> LineShares {
    edition.items.share(line, &edition.situation(person, visit)).0
}

/// Settles one bill under one edition.
pub fn adjudicate(edition: &Edition, case: &Case<'_>) -> Adjudication {
    let mut bill = Bill::begin(edition, case);
    bill.share_lines();
    bill.share_off_site();
    bill.report_eligible();
    if case.visit.admission > 0 {
        bill.change.count_admission();
    }
    if let Some(rules) = bill.pool_rules() {
        let over = bill.pay_pool(rules);
        bill.pay_layers(over);
        bill.change.add(Counter::SelfPay, bill.eligible - bill.funds.iter().copied().sum());
    }
    bill.round()
}

/// A bill on its way through the rules. Figures are exact until [`Bill::round`].
struct Bill<'a> {
    edition: &'a Edition,
    case: &'a Case<'a>,
    situation: Situation,
    off_site: off_site::OffSiteRow,
    amounts: Amounts,
    prior_self_pay: Exact,
    eligible: Exact,
    deductible: Exact,
    funds: [Exact; Fund::ALL.len()],
    change: Accumulators,
    trail: Trail,
}

impl<'a> Bill<'a> {
    fn begin(edition: &'a Edition, case: &'a Case<'a>) -> Self {
        let situation = edition.situation(&case.person, &case.visit);
        Self {
            edition,
            case,
            situation,
            off_site: edition.off_site.find(&situation),
            amounts: Amounts::default(),
            prior_self_pay: Exact::ZERO,
            eligible: Exact::ZERO,
            deductible: Exact::ZERO,
            funds: [Exact::ZERO; Fund::ALL.len()],
            change: Accumulators::default(),
            trail: Trail { steps: Vec::with_capacity(16) },
        }
    }

    fn share_lines(&mut self) {
        let sums = self.edition.items.sum(self.case.lines, &self.situation);
        self.edition.items.explain(&sums, &mut self.trail);
        self.amounts.total = sums.total;
        self.amounts.out_of_scope = sums.out_of_scope;
        self.amounts.over_price_limit = sums.over_limit;
        self.prior_self_pay = sums.first_self_pay.exact();
        self.eligible = (sums.total - sums.out_of_scope - sums.over_limit - sums.first_self_pay).exact();
    }

    fn share_off_site(&mut self) {
        let base = self.eligible.round(self.edition.rounding.mode);
        let share = self.edition.rounding.in_segment(self.off_site.share(base));
        if share != Exact::ZERO {
            let rate = Exact::from_units(i128::from(self.off_site.first_self_pay.ten_thousandths()));
            let values = [base.exact(), rate, Exact::ZERO, Exact::ZERO];
            let law = self.edition.off_site.law;
            self.trail.push(&off_site::CONSTRUCT, 0, law, Figure::PriorSelfPay, values, share);
            self.prior_self_pay += share;
            self.eligible -= share;
        }
    }

    /// What is inside the policy, in whole fen: the bill less what was shared off so far.
    fn report_eligible(&mut self) {
        self.amounts.prior_self_pay =
            self.report(Figure::PriorSelfPay, self.prior_self_pay, Money::from_fen(i64::MAX));
        let a = &mut self.amounts;
        a.eligible = a.total - a.out_of_scope - a.over_price_limit - a.prior_self_pay;
        let values = [a.total, a.out_of_scope, a.over_price_limit, a.prior_self_pay].map(Money::exact);
        let eligible = a.eligible.exact();
        self.trail.push(&items::CONSTRUCT, 5, 0, Figure::Eligible, values, eligible);
    }

    /// The rules the pool pays by; none, with the reason told, where it does not pay.
    fn pool_rules(&mut self) -> Option<&'a TrackRules> {
        let edition = self.edition;
        if let Some(says) = edition.entitlement.pool_stopped(self.case.person.premium) {
            self.note(&entitlement::CONSTRUCT, says, edition.entitlement.law);
            return None;
        }
        if !self.off_site.paid {
            self.note(&off_site::CONSTRUCT, 1, edition.off_site.law);
            return None;
        }
        edition.track(self.case.visit.kind).filter(|_| edition.covers(self.case.person.status))
    }

    fn note(&mut self, construct: &crate::Construct, says: u8, law: u16) {
        self.trail.push(construct, says, law, Figure::Note, [Exact::ZERO; 4], Exact::ZERO);
    }

    /// Deductible, segments, ceiling. Answers the cost above the ceiling.
    fn pay_pool(&mut self, rules: &TrackRules) -> Exact {
        let (year, track) = (self.case.year, rules.track);
        let room = rules
            .ceiling
            .as_ref()
            .map_or(Room { cost: None, payment: None }, |c| c.room(&self.situation, year));
        let full = [room.cost, room.payment].contains(&Some(Exact::ZERO));
        // A ceiling already used up charges no deductible: the pool could not pay for it.
        if !full {
            self.charge_deductible(rules);
        }
        let (situation, deductible, cost) =
            (self.situation, self.deductible, self.eligible - self.deductible);
        let trail = &mut self.trail;
        let rounding = self.edition.rounding;
        let entered = year.get(Counter::Entered(track));
        let entering = Entering { entered_year: entered, deductible, cost, room };
        let paid = rules.segments.pay(&situation, rounding, entering, |piece| {
            rules.segments.explain(trail, Fund::Pooled, piece);
        });
        self.funds[Fund::Pooled as usize] = paid.paid;
        self.change.add(Counter::Deductible(track), deductible);
        self.change.add(Counter::Entered(track), paid.entered);
        self.change.add(Counter::Paid(track), paid.paid);
        if let Some(rule) = rules.ceiling.as_ref().filter(|_| paid.over > Exact::ZERO) {
            let values = [rule.amount(&situation), rule.used(year), paid.over, Exact::ZERO];
            self.trail.push(&ceiling::CONSTRUCT, 0, rule.law, Figure::Note, values, Exact::ZERO);
        }
        paid.over
    }

    fn charge_deductible(&mut self, rules: &TrackRules) {
        let paid_year = self.case.year.get(Counter::Deductible(rules.track));
        let charged =
            rules.deductible.charge(&self.situation, self.off_site.deductible, self.eligible, paid_year);
        self.deductible = self.edition.rounding.in_segment(charged.charged);
        if self.deductible > Exact::ZERO {
            let values = [charged.line, charged.paid_before, Exact::ZERO, Exact::ZERO];
            let (says, law) = (rules.deductible.says(), rules.deductible.law);
            self.trail.push(&deductible::CONSTRUCT, says, law, Figure::Deductible, values, self.deductible);
        }
    }

    fn pay_layers(&mut self, over_ceiling: Exact) {
        if over_ceiling <= Exact::ZERO {
            return;
        }
        for layer in &self.edition.layers {
            let trail = &mut self.trail;
            let entered = self.case.year.get(Counter::MajorMedicalEntered);
            let (situation, rounding) = (self.situation, self.edition.rounding);
            let paid = layer.pay(&situation, rounding, entered, over_ceiling, |piece| {
                layer.segments().explain(trail, layer.pays, piece);
            });
            self.funds[layer.pays as usize] += paid.paid;
            self.change.add(Counter::MajorMedicalEntered, paid.entered);
            self.change.add(Counter::MajorMedicalPaid, paid.paid);
        }
    }

    /// Every reported figure becomes whole fen, once; what is left over is the patient's.
    fn round(mut self) -> Adjudication {
        self.amounts.deductible_paid =
            self.report(Figure::Deductible, self.deductible, self.amounts.eligible);
        let mut left = self.amounts.eligible - self.amounts.deductible_paid;
        for fund in Fund::ALL {
            let pays = self.report(Figure::Fund(*fund), self.funds[*fund as usize], left);
            self.amounts.funds[*fund as usize] = pays;
            left -= pays;
        }
        self.pay_account(left);
        debug_assert_eq!(self.amounts.check_balance(), Ok(()));
        debug_assert_eq!(self.trail.mismatch(&self.amounts), None);
        Adjudication { amounts: self.amounts, change: self.change, trail: self.trail }
    }

    fn report(&mut self, figure: Figure, exact: Exact, at_most: Money) -> Money {
        let reported = exact.round(self.edition.rounding.mode).min(at_most);
        let difference = reported.exact() - exact;
        if difference != Exact::ZERO {
            self.trail.push(&rounding::CONSTRUCT, 0, 0, figure, [Exact::ZERO; 4], difference);
        }
        reported
    }

    /// The account pays what it may and has; cash is the rest.
    fn pay_account(&mut self, share: Money) {
        let a = &mut self.amounts;
        let parts = Parts {
            out_of_scope: a.out_of_scope,
            over_limit: a.over_price_limit,
            first_self_pay: a.prior_self_pay,
            deductible: a.deductible_paid,
            share,
        };
        let rule = &self.edition.account;
        let person = &self.case.person;
        let payable = rule.payable(self.case.visit.kind, &parts);
        if person.uses_account {
            a.personal_account = payable.min(person.account).at_least_zero();
        }
        a.cash = a.total - a.funds_total() - a.personal_account - a.mutual_aid - a.hospital_share;
        let values = [payable, person.account, Money::ZERO, Money::ZERO].map(Money::exact);
        let paid = a.personal_account.exact();
        let cash = [a.total, a.funds_total(), a.personal_account, a.hospital_share].map(Money::exact);
        let rest = a.cash.exact();
        if paid != Exact::ZERO {
            self.trail.push(&account::CONSTRUCT, 0, rule.law, Figure::Account, values, paid);
        }
        self.trail.push(&account::CONSTRUCT, 1, 0, Figure::Cash, cash, rest);
    }
}
