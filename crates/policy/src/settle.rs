//! The order of computation.

use jiff::civil::Date;
use model::{Amounts, Fund};
use money::{Exact, Money, Rate};

use crate::benefit::{Payer, Reason};
use crate::constructs::ceiling::{Ceiling, Counts};
use crate::constructs::fixed::{Above, Fixed};
use crate::constructs::layers::{Layer, LayerPaid, Left};
use crate::constructs::own_rate::{self, OwnRate};
use crate::constructs::package::Package;
use crate::constructs::segments::{Entering, Room};
use crate::constructs::{
    Part, Parts, account, causes, ceiling, deductible, fixed, items, joining, limits, off_site, outside_fund,
    overall, package, ratio, rounding,
};
use crate::counters::{Accumulators, Counter};
use crate::edition::{TrackRules, day_number};
use crate::groups::Renumbering;
use crate::lines::Sums;
use crate::situation::Situation;
use crate::steps::{Figure, Inputs, Told, Trail, count};
use crate::{Case, DateRule, Edition, Line, LineShares, Person, Responsibility, Visit};

/// A bill settled: the shares, what changes in the year's counters, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adjudication {
    /// The shares, in balance.
    pub amounts: Amounts,
    /// What the bill adds to the year's counters.
    pub change: Accumulators,
    /// What is remitted to the person besides, in fen: the rest of a fixed benefit.
    pub remitted: Money,
    /// Of a part of a stay: shares that were below nothing, because less is due of them than was settled, and for which
    /// the others made up.
    pub made_up: Money,
    /// The steps; they add up to the amounts.
    pub trail: Trail,
}

/// Shares one fee line before any benefit, as a hospital is told at upload.
pub fn price_line(edition: &Edition, person: &Person, visit: &Visit, line: &Line) -> LineShares {
    edition.items.share(line, &edition.situation(person, visit))
}

/// Settles one bill under one edition.
pub fn adjudicate(edition: &Edition, case: &Case<'_>) -> Adjudication {
    let mut settled = Adjudication::default();
    settle(edition, case, &mut settled);
    debug_assert_eq!(settled.amounts.check_balance(), Ok(()));
    debug_assert_eq!(settled.trail.mismatch(&settled.amounts), None);
    settled
}

fn settle(edition: &Edition, case: &Case<'_>, settled: &mut Adjudication) {
    let mut bill = Bill::begin(edition, case, settled);
    bill.count();
    let payer = edition.payer(&case.person, &case.visit, &bill.situation);
    if let Some(package) = bill.package().filter(|_| payer == Payer::Pool) {
        bill.pay_package(package);
        bill.round();
        return;
    }
    bill.share_lines();
    bill.tell_joined();
    bill.share_visit();
    bill.report_eligible();
    match payer {
        Payer::Nobody(reason) => bill.tell_reason(reason),
        Payer::OutsideFund => bill.pay_outside_fund(),
        Payer::Pool => {
            bill.tell_recovery();
            bill.pay_account_first();
            if bill.pay_basic() {
                bill.pay_own_rates();
                bill.pay_layers();
                bill.limit_all();
                bill.count_yearly();
            }
        }
    }
    bill.round();
}

/// A bill on its way through the rules. Figures are exact until [`Bill::round`].
struct Bill<'a> {
    edition: &'a Edition,
    case: &'a Case<'a>,
    situation: Situation,
    off_site: off_site::OffSiteRow,
    /// What the bill comes to, so far.
    out: &'a mut Adjudication,
    /// In-scope cost for the segments: class A and B, and what class B has first.
    eligible: Exact,
    eligible_a: Exact,
    first_of_b: Exact,
    /// In-scope cost of classes with a rate of their own.
    own: [Exact; own_rate::MAX],
    prior_self_pay: Exact,
    deductible: Exact,
    /// What the account met of it first.
    deductible_met: Exact,
    /// What of it was taken from cost that goes to the segments.
    deductible_of_cost: Exact,
    /// What nobody has paid for yet.
    left: Parts<Exact>,
    funds: [Exact; Fund::ALL.len()],
    account_first: Money,
    hospital: Exact,
    remitted: Exact,
}

impl<'a> Bill<'a> {
    fn begin(edition: &'a Edition, case: &'a Case<'a>, out: &'a mut Adjudication) -> Self {
        let situation = edition.situation(&case.person, &case.visit);
        Self {
            edition,
            case,
            situation,
            off_site: edition.off_site.find(&situation),
            out,
            eligible: Exact::ZERO,
            eligible_a: Exact::ZERO,
            first_of_b: Exact::ZERO,
            own: [Exact::ZERO; own_rate::MAX],
            prior_self_pay: Exact::ZERO,
            deductible: Exact::ZERO,
            deductible_met: Exact::ZERO,
            deductible_of_cost: Exact::ZERO,
            left: Parts::default(),
            funds: [Exact::ZERO; Fund::ALL.len()],
            account_first: Money::ZERO,
            hospital: Exact::ZERO,
            remitted: Exact::ZERO,
        }
    }

    fn say(
        &mut self,
        construct: &crate::Construct,
        says: u8,
        law: u16,
        figure: Figure,
        values: impl Inputs,
        result: impl Told,
    ) {
        self.out.trail.push(construct, says, law, figure, values, result);
    }

    fn note(&mut self, construct: &crate::Construct, says: u8, law: u16, values: impl Inputs) {
        self.say(construct, says, law, Figure::Note, values, Money::ZERO);
    }

    fn count(&mut self) {
        let visit = &self.case.visit;
        if visit.admission > 0 && !self.edition.goes_on(visit.kind, visit.referral) {
            self.out.change.count_one(Counter::Admissions);
        }
    }

    /// The package of the bill; none where it has none, or has left it.
    fn package(&mut self) -> Option<&'a Package> {
        let packages = &self.edition.packages;
        let package = packages.find(&self.situation)?;
        let total: Money = self.case.lines.iter().map(|line| line.amount).sum();
        if total.is_zero() {
            return None;
        }
        if let Some(price) = package.left_by(total) {
            let values = (total, price);
            self.note(&package::CONSTRUCT, 2, packages.law, values);
            return None;
        }
        Some(package)
    }

    fn pay_package(&mut self, package: &Package) {
        let law = self.edition.packages.law;
        let lines = self.case.lines.len();
        let total: Money = self.case.lines.iter().map(|line| line.amount).sum();
        self.out.amounts.total = total;
        self.out.amounts.eligible = total;
        self.say(&items::CONSTRUCT, 0, 0, Figure::Total, (count(lines),), total);
        self.say(&items::CONSTRUCT, 5, 0, Figure::Eligible, (total,), total);
        let track = self.edition.track(self.case.visit.kind);
        let room = self.room(track).payment;
        let split = package.split(total, room);
        let values = (split.price, split.share);
        self.say(&package::CONSTRUCT, 0, law, Figure::Fund(package.pays), values, split.fund);
        self.funds[package.pays as usize] = split.fund;
        if split.hospital != Exact::ZERO {
            self.say(&package::CONSTRUCT, 1, law, Figure::Hospital, (), split.hospital);
            self.hospital = split.hospital;
        }
        self.left[Part::Share] = total.exact() - split.fund - split.hospital;
        if let Some(rules) = track {
            self.count_paid(rules, split.fund);
        }
    }

    /// Item rules, line by line; by the day of service, where the edition says so.
    fn share_lines(&mut self) {
        let (edition, case) = (self.edition, self.case);
        let others = case.editions.filter(|_| edition.head.items_by == DateRule::Service);
        match others.filter(|_| !case.lines.iter().all(|line| edition.holds_on(line.day))) {
            None => {
                let lists = &edition.own_rate_lists;
                let mut sums = Sums::default();
                edition.items.sum(case.lines, &self.situation, lists, |_| true, &mut sums);
                self.take_sums(&edition.items, &sums, None);
            }
            Some(all) => {
                for (from, until, rules) in all.in_force() {
                    let within = |line: &Line| (from..until).contains(&line.day);
                    if case.lines.iter().any(within) {
                        let to = edition.renumbering(rules);
                        let lists: Vec<u32> =
                            edition.own_rate_lists.iter().map(|bits| to.lists(*bits)).collect();
                        let situation = self.situation_under(rules, &to);
                        let mut sums = Sums::default();
                        rules.items.sum(case.lines, &situation, &lists, within, &mut sums);
                        let foreign = (rules.head.from != edition.head.from).then_some(rules.head.from);
                        self.take_sums(&rules.items, &sums, foreign);
                    }
                }
            }
        }
        self.left[Part::OutOfScope] = self.out.amounts.out_of_scope.exact();
        self.left[Part::OverLimit] = self.out.amounts.over_price_limit.exact();
        self.left[Part::FirstSelfPay] = self.prior_self_pay;
    }

    /// What of a stay's lines is of before the admission.
    fn tell_joined(&mut self) {
        let joining = self.edition.joining;
        let joins = joining.emergency_hours.is_some() || joining.tests_days.is_some();
        let Some(admitted) = self.case.visit.admitted.filter(|_| joins).map(day_number) else { return };
        let joined = self.case.lines.iter().filter(|line| line.day < admitted).map(|line| line.amount);
        let joined: Money = joined.sum();
        if !joined.is_zero() {
            self.note(&joining::CONSTRUCT, 0, joining.law, (joined,));
        }
    }

    /// The same bill as another edition numbers its groups.
    fn situation_under(&self, other: &Edition, to: &Renumbering) -> Situation {
        let (person, visit) = (self.case.person, self.case.visit);
        let person = Person { unit: to.unit(person.unit), entitled: to.diseases(person.entitled), ..person };
        other.situation(&person, &Visit { disease: to.disease(visit.disease), ..visit })
    }

    fn take_sums(&mut self, rules: &items::ItemRules, sums: &Sums, foreign: Option<Date>) {
        rules.explain(sums, foreign, &mut self.out.trail);
        self.out.amounts.total += sums.total;
        self.out.amounts.out_of_scope += sums.out_of_scope;
        self.out.amounts.over_price_limit += sums.over_limit;
        self.prior_self_pay += sums.first_self_pay.exact();
        self.eligible += (sums.eligible[0] + sums.eligible[1]).exact();
        self.eligible_a += sums.eligible[0].exact();
        self.first_of_b += sums.first_of_b.exact();
        for (own, sum) in self.own.iter_mut().zip(sums.own_rate) {
            *own += sum.exact();
        }
    }

    /// First shares of the visit: care elsewhere, a disease.
    fn share_visit(&mut self) {
        let edition = self.edition;
        let rows = [
            (0, self.off_site.first_self_pay, edition.off_site.law),
            (
                2,
                edition.off_site.visit_share(&self.situation).unwrap_or(Rate::ZERO),
                edition.off_site.visit_law,
            ),
        ];
        for (says, rate, law) in rows.into_iter().filter(|(_, rate, _)| *rate != Rate::ZERO) {
            self.take_share(says, rate, law);
        }
    }

    fn take_share(&mut self, says: u8, rate: Rate, law: u16) {
        let rounding = self.edition.rounding;
        let mut all = Exact::ZERO;
        let mut base = Exact::ZERO;
        let mut take = |amount: &mut Exact| {
            let share = rounding.in_segment(amount.share(rate));
            base += *amount;
            *amount -= share;
            all += share;
        };
        take(&mut self.eligible);
        self.own.iter_mut().for_each(take);
        self.eligible_a = (self.eligible_a - self.eligible_a.share(rate)).min(self.eligible);
        if all != Exact::ZERO {
            let values = (base, rate);
            self.say(&off_site::CONSTRUCT, says, law, Figure::PriorSelfPay, values, all);
            self.prior_self_pay += all;
            self.left[Part::VisitShare] += all;
        }
    }

    /// What is inside the policy, in whole fen: the bill less what was shared off so far.
    fn report_eligible(&mut self) {
        self.out.amounts.prior_self_pay =
            self.report(Figure::PriorSelfPay, self.prior_self_pay, Money::from_fen(i64::MAX));
        let a = &mut self.out.amounts;
        a.eligible = a.total - a.out_of_scope - a.over_price_limit - a.prior_self_pay;
        let values = (a.total, a.out_of_scope, a.over_price_limit, a.prior_self_pay);
        let eligible = a.eligible;
        self.say(&items::CONSTRUCT, 5, 0, Figure::Eligible, values, eligible);
        self.left[Part::Share] = self.eligible + self.own.iter().copied().sum();
    }

    fn tell_reason(&mut self, reason: Reason) {
        let says = (reason.construct, reason.says);
        self.out.trail.add(says, reason.law, Figure::Note, (), Money::ZERO);
    }

    /// What a third party answers for is paid now, and recovered.
    fn tell_recovery(&mut self) {
        if self.edition.causes.find(&self.situation) == Some(Responsibility::Recovered) {
            self.note(&causes::CONSTRUCT, 2, self.edition.causes.law, ());
        }
    }

    fn pay_outside_fund(&mut self) {
        let funds = &self.edition.outside_funds;
        let Some(fund) = funds.find(&self.situation) else { return };
        let base = self.left.sum_of(&fund.of);
        let paid = base.share(fund.rate);
        let values = (base, fund.rate);
        self.say(&outside_fund::CONSTRUCT, 0, funds.law, Figure::Fund(fund.pays), values, paid);
        self.funds[fund.pays as usize] += paid;
        self.left.pay_share(&fund.of, fund.rate);
    }

    /// A fund pays for some parts.
    fn pay(&mut self, fund: Fund, parts: &Parts<bool>, paid: Exact) {
        self.funds[fund as usize] += paid;
        self.left.pay(parts, paid);
    }

    /// A fixed benefit, or the pool's rules; true where layers follow.
    fn pay_basic(&mut self) -> bool {
        let edition = self.edition;
        if let Some(rule) = edition.fixed.find(&self.situation) {
            return self.pay_fixed(rule);
        }
        match edition.visit_rules(self.case.visit.kind) {
            None => false,
            Some(None) => true,
            Some(Some(rules)) => {
                self.pay_pool(rules);
                true
            }
        }
    }

    /// Pays a fixed benefit; true where layers follow.
    fn pay_fixed(&mut self, rule: &Fixed) -> bool {
        let law = self.edition.fixed.law;
        let track = self.edition.track(self.case.visit.kind);
        let room = self.room(track).payment;
        let (paid, rest) = rule.pay(self.left[Part::Share]);
        let paid = paid.min(room.unwrap_or(paid));
        let values = (rule.sum,);
        self.say(&fixed::CONSTRUCT, 0, law, Figure::Fund(rule.pays), values, paid);
        self.pay(rule.pays, &Parts::of(&[Part::Share]), paid);
        if let Some(rules) = track {
            self.count_paid(rules, paid);
        }
        if rest > Exact::ZERO {
            self.note(&fixed::CONSTRUCT, 1, law, (rest,));
            self.remitted = rest;
        }
        let above = self.left[Part::Share];
        if rule.above == Above::Hospital && above > Exact::ZERO {
            self.say(&fixed::CONSTRUCT, 2, law, Figure::Hospital, (), above);
            self.hospital = above;
            self.left[Part::Share] = Exact::ZERO;
        }
        self.own = [Exact::ZERO; own_rate::MAX];
        rule.above == Above::Layers
    }

    /// The account pays before the pool, where it is so.
    fn pay_account_first(&mut self) {
        let rule = &self.edition.account;
        let person = &self.case.person;
        let Some(_) = rule.first(self.case.visit.kind) else { return };
        if !person.uses_account || self.edition.account_stopped(&self.situation).is_some() {
            return;
        }
        let mode = self.edition.rounding.mode;
        let cost = self.eligible.round(mode).min(self.out.amounts.eligible);
        let held = rule.usable(person.account);
        let paid = cost.min(held);
        if paid.is_zero() {
            return;
        }
        let values = (cost, held);
        self.say(&account::CONSTRUCT, 2, rule.law, Figure::Account, values, paid);
        self.account_first = paid;
        let share = self.left[Part::Share];
        self.left[Part::Share] = share - paid.exact().min(share);
        self.eligible = (self.eligible - paid.exact()).at_least_zero();
        self.eligible_a = self.eligible_a.min(self.eligible);
    }

    /// What the ceiling leaves the pool.
    fn room(&self, rules: Option<&TrackRules>) -> Room {
        let ceiling = rules.and_then(|rules| rules.ceiling.as_ref());
        ceiling.map_or(Room::ENDLESS, |ceiling| ceiling.room(&self.situation, self.case, self.case.year))
    }

    /// Deductible, segments, limits, ceiling.
    fn pay_pool(&mut self, rules: &TrackRules) {
        let (year, track) = (self.case.year, rules.track);
        let entitled = self.case.person.entitled;
        let room = self.room(Some(rules));
        // A ceiling already used up charges no deductible: the pool could not pay for it.
        if !room.is_full() {
            self.charge_deductible(rules, room);
        }
        let with_first = rules.ceiling.as_ref().is_some_and(|c| c.counts == Counts::CostWithFirst);
        let (room, first_counted) = if with_first { self.room_with_first(room) } else { (room, Exact::ZERO) };
        let (situation, rounding) = (self.situation, self.edition.rounding);
        let deductible = self.deductible_of_cost;
        let entering = Entering {
            entered_year: year.get(Counter::Entered(track)),
            paid_year: year.get(Counter::Paid(track)),
            deductible,
            cost: self.eligible - deductible,
            above: Exact::ZERO,
            cut: self.off_site.cut,
            room,
        };
        if self.off_site.cut != Rate::ZERO {
            let values = (self.off_site.cut,);
            self.note(&off_site::CONSTRUCT, 3, self.edition.off_site.law, values);
        }
        let trail = &mut self.out.trail;
        let paid = rules.segments.pay(&situation, rounding, entering, |piece| {
            rules.segments.explain(trail, Fund::Pooled, piece);
        });
        let taken = self.limit(rules, paid.paid);
        let paid_by_pool = paid.paid - taken;
        self.left[Part::OverCeiling] += paid.over;
        self.left[Part::Share] -= paid.over;
        self.pay(Fund::Pooled, &Parts::of(&[Part::Share]), paid_by_pool);
        self.out.change.add(Counter::Deductible(track), self.deductible + self.deductible_met);
        self.out.change.add(Counter::Entered(track), paid.entered + first_counted);
        self.count_paid(rules, paid_by_pool);
        if let Some(rule) = rules.ceiling.as_ref().filter(|_| paid.over > Exact::ZERO) {
            let amount = rule.amount(&situation, entitled).unwrap_or(Exact::ZERO);
            let values = (amount, rule.used(year, self.case.visit.disease), paid.over);
            self.note(&ceiling::CONSTRUCT, 0, rule.law, values);
        }
    }

    /// The room of a ceiling that counts cost with the first share of class B, class A first: what of in-scope cost
    /// finds room, and the first share that is counted with it.
    fn room_with_first(&self, room: Room) -> (Room, Exact) {
        let Some(gross) = room.cost else { return (room, Exact::ZERO) };
        let b = self.eligible - self.eligible_a;
        let gross_b = b + self.first_of_b;
        let a_in = self.eligible_a.min(gross);
        let b_in = (gross - a_in).min(gross_b);
        if gross_b <= Exact::ZERO {
            return (room, Exact::ZERO);
        }
        let first_in = Exact::from_units(self.first_of_b.units() * b_in.units() / gross_b.units());
        (Room { cost: Some(a_in + b_in - first_in), ..room }, first_in)
    }

    /// Where a ceiling on cost counts the deductible only what fits is charged.
    fn charge_deductible(&mut self, rules: &TrackRules, room: Room) {
        let charged = rules.deductible.open(&self.situation, self.case, self.off_site.deductible);
        let meets = self.edition.account.first(self.case.visit.kind) == Some(true);
        self.deductible_met = if meets { charged.open.min(self.account_first.exact()) } else { Exact::ZERO };
        let open = charged.open - self.deductible_met;
        let counted = room.cost.filter(|_| rules.segments.counts_deductible());
        let fits = counted.map_or(self.eligible, |room| room.min(self.eligible));
        self.deductible = self.edition.rounding.in_segment(open.min(fits));
        self.deductible_of_cost = self.deductible;
        if rules.deductible.then_own_rate {
            self.charge_own_rates(open - self.deductible);
        }
        let law = rules.deductible.law;
        let values = (charged.line, charged.paid_before);
        if self.deductible > Exact::ZERO {
            self.say(&deductible::CONSTRUCT, charged.says, law, Figure::Deductible, values, self.deductible);
        } else if charged.says == deductible::AGAIN {
            let days = rules.deductible.readmission_days.map_or(0, i64::from);
            self.note(&deductible::CONSTRUCT, charged.says, law, (days,));
        } else if charged.says > 2 {
            self.note(&deductible::CONSTRUCT, charged.says, law, values);
        }
        self.left[Part::Deductible] += self.deductible;
        self.left[Part::Share] -= self.deductible;
    }

    /// What the ordinary cost leaves open of the deductible, from classes with a rate of their own.
    fn charge_own_rates(&mut self, mut open: Exact) {
        for own in &mut self.own {
            let taken = open.min(*own);
            *own -= taken;
            open -= taken;
            self.deductible += taken;
        }
    }

    /// What the limits of visits and periods take from a payment.
    fn limit(&mut self, rules: &TrackRules, paid: Exact) -> Exact {
        let mut all = Exact::ZERO;
        for limit in &rules.limits {
            let (visit, year) = (&self.case.visit, self.case.year);
            let Some(cut) = limit.cut(&self.situation, visit, rules.track, year, paid - all) else {
                continue;
            };
            if cut.taken > Exact::ZERO {
                let values = (cut.limit, cut.used);
                self.say(
                    &limits::CONSTRUCT,
                    cut.says,
                    limit.law,
                    Figure::Fund(Fund::Pooled),
                    values,
                    -cut.taken,
                );
                all += cut.taken;
            }
        }
        all
    }

    fn count_paid(&mut self, rules: &TrackRules, paid: Exact) {
        self.out.change.add(Counter::Paid(rules.track), paid);
        if self.case.visit.disease > 0 && rules.ceiling.as_ref().is_some_and(|c| c.by_disease) {
            self.out.change.add(Counter::DiseasePaid(rules.track, self.case.visit.disease), paid);
        }
        for limit in &rules.limits {
            limit.count(&self.case.visit, rules.track, paid, &mut self.out.change);
        }
    }

    /// Classes with a rate of their own come back behind the segments.
    fn pay_own_rates(&mut self) {
        for (own, cost) in self.edition.own_rates.iter().zip(self.own) {
            if cost > Exact::ZERO {
                self.pay_own_rate(own, cost);
            }
        }
    }

    fn pay_own_rate(&mut self, own: &OwnRate, cost: Exact) {
        let year = self.case.year.clone().plus(&self.out.change);
        let shared = own.shares_ceiling_of.and_then(|track| self.edition.rules(track)?.ceiling.as_ref());
        let room = |c: &Ceiling| c.room(&self.situation, self.case, &year).payment;
        let (own_room, shared_room) = (own.ceiling.as_ref().and_then(room), shared.and_then(room));
        let payment = own_room.into_iter().chain(shared_room).min();
        let entering = Entering {
            entered_year: Exact::ZERO,
            paid_year: Exact::ZERO,
            deductible: Exact::ZERO,
            cost,
            above: Exact::ZERO,
            cut: self.off_site.cut,
            room: Room { payment, ..Room::ENDLESS },
        };
        let (situation, rounding, trail) = (self.situation, self.edition.rounding, &mut self.out.trail);
        let paid = own.segments.pay(&situation, rounding, entering, |piece| {
            own.segments.explain(trail, own.pays, piece);
        });
        // What is above a ceiling of its own stays the patient's share; only what is above the shared one goes on to layers.
        if shared_room.is_some() && payment == shared_room {
            self.left[Part::OverCeiling] += paid.over;
            self.left[Part::Share] -= paid.over;
        }
        self.pay(own.pays, &Parts::of(&[Part::Share]), paid.paid);
        self.out.change.add(Counter::Paid(own_rate::TRACK), paid.paid);
        self.out.change.add(Counter::Entered(own_rate::TRACK), paid.entered);
        self.out.change.add(Counter::OwnRatePaid(own.number), paid.paid);
        self.out.change.add(Counter::OwnRateEntered(own.number), paid.entered);
    }

    fn pay_layers(&mut self) {
        let left: [Part; 3] = [Part::Deductible, Part::Share, Part::OverCeiling];
        self.out.change.add(Counter::SelfPay, self.left.sum_of(&Parts::of(&left)));
        for layer in self.edition.layers.iter().filter(|l| !l.once_a_year) {
            if layer.holds(&self.situation) {
                self.pay_layer(layer);
            }
        }
    }

    fn pay_layer(&mut self, layer: &Layer) {
        let left = Left {
            parts: &self.left,
            in_scope: self.out.amounts.eligible.exact(),
            fund_left: self.case.fund_left.map(|(fund, left)| (fund, left.exact())),
        };
        let (situation, rounding, trail) = (self.situation, self.edition.rounding, &mut self.out.trail);
        let paid = layer.pay(&situation, rounding, self.case.year, left, |piece| {
            layer.segments().explain(trail, layer.pays, piece);
        });
        if paid.base <= Exact::ZERO {
            return;
        }
        self.tell_layer(layer, &paid);
        self.out.change.add(Counter::LayerEntered(layer.name), paid.base);
        self.out.change.add(Counter::LayerPaid(layer.name), paid.paid);
        self.pay(layer.pays, layer.parts(), paid.paid);
    }

    fn tell_layer(&mut self, layer: &Layer, paid: &LayerPaid) {
        if let Some(told) = paid.ratio {
            self.note(&ratio::CONSTRUCT, 0, layer.law, told);
        }
        layer.explain(paid, &mut self.out.trail);
    }

    /// What comes to layers that pay once a year: what all others have left.
    fn count_yearly(&mut self) {
        for layer in self.edition.layers.iter().filter(|l| l.once_a_year) {
            if layer.holds(&self.situation) {
                let base = self.left.sum_of(layer.parts());
                self.out.change.add(Counter::LayerEntered(layer.name), base);
            }
        }
    }

    /// What all funds together pay beyond the overall limit is taken from the last layer first; the pool's own payment
    /// stands.
    fn limit_all(&mut self) {
        let Some((rule, rate)) =
            self.edition.overall.as_ref().and_then(|rule| Some((rule, rule.rate(&self.situation)?)))
        else {
            return;
        };
        let all: Exact = self.funds.iter().copied().sum();
        let account = if rule.of[Part::Share] { self.account_first.exact() } else { Exact::ZERO };
        let of = self.left.sum_of(&rule.of) + account + all;
        let mut over = (all - of.share(rate)).at_least_zero();
        let values = (of, rate);
        let law = rule.law;
        for layer in self.edition.layers.iter().rev() {
            let paid = self.out.change.get(Counter::LayerPaid(layer.name));
            let taken = over.min(paid);
            if taken > Exact::ZERO {
                self.funds[layer.pays as usize] -= taken;
                over -= taken;
                self.left[Part::Share] += taken;
                self.out.change.add(Counter::LayerPaid(layer.name), -taken);
                self.say(&overall::CONSTRUCT, 0, law, Figure::Fund(layer.pays), values, -taken);
            }
        }
    }

    /// Every reported figure becomes whole fen, once; what is left over is the patient's.
    fn round(&mut self) {
        self.report_deductible();
        self.out.amounts.hospital_share =
            self.report(Figure::Hospital, self.hospital, Money::from_fen(i64::MAX));
        let mut left = self.out.amounts.total - self.account_first - self.out.amounts.hospital_share;
        for fund in Fund::ALL {
            let pays = self.report(Figure::Fund(*fund), self.funds[*fund as usize], left);
            self.out.amounts.funds[*fund as usize] = pays;
            left -= pays;
        }
        self.pay_account(left);
        self.out.remitted = self.remitted.round(self.edition.rounding.mode);
    }

    /// Where all of what is inside the policy is deductible, both are reported alike, whatever a fen is rounded to: so
    /// the deductible of a stay settled in parts stays within each part.
    fn report_deductible(&mut self) {
        let all = self.in_scope_exact();
        let figure = Figure::Deductible;
        let eligible = self.out.amounts.eligible;
        self.out.amounts.deductible_paid = if self.deductible > Exact::ZERO && self.deductible == all {
            self.differ(figure, eligible, self.deductible);
            eligible
        } else {
            self.report(figure, self.deductible, eligible)
        };
    }

    /// What is inside the policy, exact.
    fn in_scope_exact(&self) -> Exact {
        let a = &self.out.amounts;
        (a.total - a.out_of_scope - a.over_price_limit).exact() - self.prior_self_pay
    }

    #[inline]
    fn report(&mut self, figure: Figure, exact: Exact, at_most: Money) -> Money {
        if exact == Exact::ZERO { Money::ZERO } else { self.report_some(figure, exact, at_most) }
    }

    fn report_some(&mut self, figure: Figure, exact: Exact, at_most: Money) -> Money {
        let reported = exact.round(self.edition.rounding.mode).min(at_most);
        self.differ(figure, reported, exact);
        reported
    }

    fn differ(&mut self, figure: Figure, reported: Money, exact: Exact) {
        let difference = reported.exact() - exact;
        if difference != Exact::ZERO {
            self.out.trail.push(&rounding::CONSTRUCT, 0, 0, figure, (), difference);
        }
    }

    /// The account pays what it may and has, relatives' accounts what they granted; cash is the rest, `left` in all.
    fn pay_account(&mut self, left: Money) {
        let rule = &self.edition.account;
        let person = &self.case.person;
        let payable = self.payable(left);
        let stopped = self.edition.account_stopped(&self.situation);
        if let Some(reason) = stopped {
            self.tell_reason(reason);
        }
        let held = rule.usable(person.account - self.account_first);
        let uses = person.uses_account && stopped.is_none();
        let paid = if uses { payable.min(held) } else { Money::ZERO };
        if !paid.is_zero() {
            let values = (payable, person.account);
            self.say(&account::CONSTRUCT, 0, rule.law, Figure::Account, values, paid);
        }
        self.out.amounts.personal_account = self.account_first + paid;
        let rest = payable - paid;
        if rule.relatives_pay() && uses {
            self.out.amounts.mutual_aid = rest.min(person.relatives).at_least_zero();
        }
        if !self.out.amounts.mutual_aid.is_zero() {
            let values = (rest, person.relatives);
            let paid = self.out.amounts.mutual_aid;
            self.say(&account::CONSTRUCT, 3, rule.law, Figure::MutualAid, values, paid);
        }
        let a = &mut self.out.amounts;
        a.cash = left - paid - a.mutual_aid;
        let accounts = a.personal_account + a.mutual_aid;
        let cash = (a.total, a.funds_total(), accounts, a.hospital_share);
        let rest = a.cash;
        self.out.change.add(Counter::Account, self.out.amounts.personal_account.exact());
        self.say(&account::CONSTRUCT, 1, 0, Figure::Cash, cash, rest);
    }

    /// What of the rest the account may pay, in whole fen: the fen that rounding leaves over stand with the share.
    fn payable(&self, left: Money) -> Money {
        let mode = self.edition.rounding.mode;
        let payable = self.edition.account.payable(self.case.visit.kind, &self.left);
        if payable == Exact::ZERO {
            return Money::ZERO;
        }
        (left - (self.left.all() - payable).round(mode)).min(left).at_least_zero()
    }
}
