//! C, T, U. Item rules: for each fee line whether it is inside the insurance at all, then the price limit, then the
//! first self-pay; and limits on a day's or a stay's amount of some items.

use std::borrow::Cow;

use jiff::civil::Date;
use model::{ItemClass, ItemKind, Standing};
use money::{Exact, Money, Quantity, Rate, Rounding, UnitPrice};

use super::{Articles, Construct, Law, Scope};
use crate::case::{Line, LineShares};
use crate::document::{Place, Section};
use crate::index::Index;
use crate::lines::{
    ENDLESS, LINES_MAX, OWN, Plain, Plan, RULES_MAX, SLOTS, Slot, Sums, bucket, slot_of, uses,
};
use crate::manual;
use crate::situation::{Condition, Situation};
use crate::steps::{Figure, Trail, count};
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 4,
    page: &manual::items::PAGE,
    sentences: &[
        ("{0#} 项费用相加 = {=}", "{0#} fee lines add up to {=}"),
        ("丙类和目录外项目自费 {=}", "class C and items outside the catalogue, self-paid: {=}"),
        ("超过限价的部分自付 {=}", "above the price limit, self-paid: {=}"),
        ("乙类 {0} × {1%},先行自付 {=}", "class B {0} × {1%}, first self-pay {=}"),
        ("项目自带先付比例 {0} × {1%},先行自付 {=}", "the item's own first share: {0} × {1%} = {=}"),
        ("符合政策范围 {0} − {1} − {2} − {3} = {=}", "inside the policy {0} − {1} − {2} − {3} = {=}"),
        ("按价格段先行自付:{0} 中 {=}", "first self-pay by price sections: of {0}, {=}"),
        ("每件定额先行自付:{0} 中 {=}", "first self-pay of a fixed sum a piece: of {0}, {=}"),
        (
            "限制使用而未确认、单独开具或与他项同用的项目自费 {=}",
            "restricted and not confirmed, or combined as is not paid: {=}",
        ),
        ("超过每日或每次住院限额的部分自付 {=}", "above the limit of a day or a stay, self-paid: {=}"),
        (
            "以下按服务日适用 {0@} 起的项目规则",
            "what follows goes by the item rules from {0@}, by its days of service",
        ),
    ],
    keeps: &[Law::OrderFree],
};

/// No rule.
const NO_RULE: u8 = u8::MAX;

/// Which lines something is for: kinds, and lists of the edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Matter {
    kinds: u32,
    /// One bit a list; none: on any list or on none.
    lists: u32,
}

impl Matter {
    fn read(section: &Section<'_>, scope: &Scope<'_>) -> Self {
        let kinds = section.get("kind").map_or(u32::MAX, |place| {
            place.words::<ItemKind>("a kind of item").into_iter().fold(0, |all, kind| all | 1 << kind as u32)
        });
        Self { kinds, lists: section.get("list").map_or(0, |place| scope.lists(&place)) }
    }

    fn each_kind(self) -> impl Iterator<Item = ItemKind> {
        ItemKind::ALL.iter().copied().filter(move |kind| self.kinds & (1 << *kind as u32) != 0)
    }

    fn holds(self, line: &Line) -> bool {
        self.kinds & (1 << line.kind as u32) != 0 && (self.lists == 0 || self.lists & line.lists != 0)
    }
}

/// How a first share is reckoned.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Share {
    Rate(Rate),
    /// So much a piece.
    Sum(Money),
    /// By sections of the unit price: up to a price, a rate. Marginal: each part of the price at its own rate.
    Sections {
        steps: Vec<(Option<UnitPrice>, Rate)>,
        marginal: bool,
    },
}

/// One row of `first_self_pay`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    condition: Condition,
    classes: u8,
    matter: Matter,
    share: Share,
    /// Of one piece.
    at_most: Option<Money>,
}

/// What falls outside the insurance by how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outside {
    /// On a list, in a situation.
    Listed(Condition, Matter),
    /// Anything that is not on a list, in a situation: a disease pays for its own items only.
    Unlisted(Condition, Matter),
    /// The only one of its kind on a day.
    Alone(Matter),
    /// Something on the same day.
    With(Matter, Matter),
}

/// A limit on the amount of some items within a day or a stay.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Quota {
    matter: Matter,
    a_day: bool,
    is: Table<Money>,
}

/// The item rules of an edition, compiled to one look-up a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ItemRules {
    rules: Vec<Rule>,
    plans: Plans,
    /// Lists that some rule looks at, and kinds of which how they are used matters: lines of these are not plain.
    lists: u32,
    used_kinds: u32,
    /// Rules for items on a list; these come before the others.
    listed: Vec<u8>,
    /// Highest unit price by kind or list: bed days.
    unit_limits: Vec<(Matter, Table<UnitPrice>)>,
    outside: Vec<Outside>,
    quotas: Vec<Quota>,
    ignores_restrictions: bool,
    unmapped_inside: bool,
    pub(crate) law: u16,
}

/// How plain lines are looked up, by situation.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Plans {
    Known {
        index: Index,
        cells: Box<[u16]>,
        plans: Box<[Plan]>,
    },
    /// There are too many situations to work them out beforehand.
    Open,
}

/// How the lines of one bill are looked up.
struct Resolved<'r> {
    rules: &'r ItemRules,
    plan: Cow<'r, Plan>,
}

impl ItemRules {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let section = root.need("items")?.section()?;
        let law = articles.read(&section);
        let rules: Vec<Rule> =
            section.rows("first_self_pay").iter().filter_map(|row| Rule::read(row, scope)).collect();
        if rules.len() > RULES_MAX {
            section.report("one row too many of `first_self_pay`", &format!("at most {RULES_MAX} rows"));
            return None;
        }
        check_rules(&rules, &section, scope);
        let mut unit_limits = Vec::new();
        for row in section.rows("unit_limit") {
            let matter = Matter::read(&row, scope);
            let table = Table::read(&row, "is", scope, |r| r.need("price").and_then(|p| p.price()));
            table.check_single(&row, "is", scope, false);
            unit_limits.push((matter, table));
            row.done();
        }
        let outside: Vec<Outside> =
            section.rows("outside").iter().filter_map(|row| Outside::read(row, scope)).collect();
        let quotas: Vec<Quota> = [("day_limit", true), ("stay_limit", false)]
            .into_iter()
            .flat_map(|(key, a_day)| section.rows(key).into_iter().map(move |row| (row, a_day)))
            .map(|(row, a_day)| {
                let matter = Matter::read(&row, scope);
                let is =
                    Table::read(&row, "is", scope, |r| r.need("amount").and_then(|p| scope.bases.amount(p)));
                is.check_single(&row, "is", scope, false);
                row.done();
                Quota { matter, a_day, is }
            })
            .collect();
        let restricted = section.choice("restricted", &[("needs confirmation", false), ("ignored", true)]);
        let unmapped = section.choice("unmapped", &[("out of scope", false), ("by its class", true)]);
        section.done();
        let listed = (0_u8..).zip(&rules).filter(|(_, r)| r.matter.lists != 0).map(|(at, _)| at).collect();
        let lists = rules.iter().map(|rule| rule.matter).chain(unit_limits.iter().map(|(matter, _)| *matter));
        let used = outside.iter().map(Outside::matter).chain(quotas.iter().map(|quota| quota.matter));
        let used: Vec<Matter> = used.collect();
        let made = Self {
            lists: lists.chain(used.iter().copied()).fold(0, |all, matter| all | matter.lists),
            used_kinds: used.iter().filter(|m| m.lists == 0).fold(0, |all, matter| all | matter.kinds),
            plans: Plans::Open,
            rules,
            listed,
            unit_limits,
            outside,
            quotas,
            ignores_restrictions: restricted.unwrap_or(false),
            unmapped_inside: unmapped.unwrap_or(false),
            law,
        };
        Some(Self { plans: Plans::of(&made), ..made })
    }

    fn resolve(&self, situation: &Situation) -> Resolved<'_> {
        let plan = match &self.plans {
            Plans::Known { index, cells, plans } => {
                Cow::Borrowed(&plans[usize::from(cells[index.cell(situation)])])
            }
            Plans::Open => Cow::Owned(self.plan(situation)),
        };
        Resolved { rules: self, plan }
    }

    /// Which rules lines fall under, and what prices they may have.
    fn plan(&self, situation: &Situation) -> Plan {
        let none = Slot { rule: NO_RULE, bucket: 0, plain: false, rate: Rate::ZERO, limit: ENDLESS };
        let uses = Box::new(uses(self.outside_standings()));
        let mut plan = Plan { slots: Box::new([none; SLOTS]), uses, rules: self.rules.len() };
        // Class C is outside, whatever its kind.
        for kind in ItemKind::ALL {
            plan.slots[slot_of(ItemClass::C, *kind)].plain = true;
        }
        let fits = |rule: &&Rule| rule.matter.lists == 0 && rule.condition.fits(situation);
        for (at, rule) in (0_u8..).zip(&self.rules).filter(|(_, rule)| fits(rule)) {
            for class in [ItemClass::A, ItemClass::B].into_iter().filter(|c| rule.is_of(*c)) {
                for kind in rule.matter.each_kind() {
                    plan.slots[slot_of(class, kind)] = rule.slot(at, class);
                }
            }
        }
        for kind in ItemKind::ALL.iter().filter(|kind| self.used_kinds & (1 << **kind as u32) != 0) {
            for class in ItemClass::ALL {
                plan.slots[slot_of(*class, *kind)].plain = false;
            }
        }
        for (matter, table) in self.unit_limits.iter().filter(|(matter, _)| matter.lists == 0) {
            let Some(price) = table.find(situation) else { continue };
            for (class, kind) in ItemClass::ALL.iter().flat_map(|c| matter.each_kind().map(move |k| (*c, k)))
            {
                let limit = &mut plan.slots[slot_of(class, kind)].limit;
                *limit = (*limit).min(*price);
            }
        }
        plan
    }

    /// One bit for each standing that is not inside the insurance.
    fn outside_standings(&self) -> u8 {
        let unconfirmed = u8::from(!self.ignores_restrictions) << Standing::Unconfirmed as u8;
        unconfirmed | u8::from(!self.unmapped_inside) << Standing::Unmapped as u8
    }

    /// Shares one line by itself. The limit counts on the amount charged: what is above limit × quantity is over it.
    pub(crate) fn share(&self, line: &Line, situation: &Situation) -> LineShares {
        self.resolve(situation).share(line, situation, Money::ZERO).0
    }

    /// Sums the lines that are `in_force`; the others are looked at only where one item bears on another.
    pub(crate) fn sum(
        &self,
        lines: &[Line],
        situation: &Situation,
        own_rates: &[u32],
        in_force: impl Fn(&Line) -> bool,
        sums: &mut Sums,
    ) {
        let resolved = self.resolve(situation);
        let cuts = self.cuts(&resolved, lines, situation, &in_force);
        let all_others = |outside: &Outside| matches!(outside, Outside::Unlisted(c, _) if c.fits(situation));
        let plain = Plain {
            plan: &resolved.plan,
            lists: own_rates.iter().fold(self.lists, |all, lists| all | lists),
            none: lines.len() >= LINES_MAX || self.outside.iter().any(all_others),
        };
        sums.add_all(lines, &plain, in_force, |at, line, sums| {
            if self.is_outside(line, lines, situation) {
                sums.add_outside(line);
                return;
            }
            let cut = cuts.get(at).copied().unwrap_or(Money::ZERO);
            let (shares, rule) = resolved.share(line, situation, cut);
            sums.over_quota += cut;
            sums.add(line, &shares, rule, own_rates);
        });
    }

    /// The same rules, no line of which is plain.
    #[cfg(test)]
    pub(crate) fn without_plain_lines(&self) -> Self {
        let all = Self { used_kinds: u32::MAX, ..self.clone() };
        Self { plans: Plans::of(&all), ..all }
    }

    fn is_outside(&self, line: &Line, lines: &[Line], situation: &Situation) -> bool {
        self.outside.iter().any(|outside| outside.holds(line, lines, situation))
    }

    /// What the limits of days and stays take from each line; nothing at all where there are none.
    fn cuts(
        &self,
        resolved: &Resolved<'_>,
        lines: &[Line],
        situation: &Situation,
        in_force: impl Fn(&Line) -> bool,
    ) -> Vec<Money> {
        let quotas = self.quotas.iter().filter_map(|quota| Some((quota, *quota.is.find(situation)?)));
        let mut cuts = Vec::new();
        for (quota, limit) in quotas {
            cuts.resize(lines.len(), Money::ZERO);
            let counts = |line: &Line| {
                quota.matter.holds(line) && in_force(line) && !self.is_outside(line, lines, situation)
            };
            let mut within: Vec<Within> = lines
                .iter()
                .enumerate()
                .filter(|(_, line)| counts(line))
                .map(|(at, line)| Within::of(at, line, quota, resolved.share(line, situation, cuts[at]).0))
                .collect();
            // Whatever order they came in, the same lines are cut: those the patient shares most of first.
            within.sort_unstable();
            for day in within.chunk_by(|a, b| a.day == b.day) {
                let mut over = (day.iter().map(|w| w.amount).sum::<Money>() - limit).at_least_zero();
                for line in day.iter().rev() {
                    let taken = over.min(line.amount).at_least_zero();
                    over -= taken;
                    cuts[line.at] += taken;
                }
            }
        }
        cuts
    }

    /// One step for each figure and each rule that took something.
    ///
    /// Articles are those of the bill's edition: `foreign` item rules name none, but the day they are in force from.
    pub(crate) fn explain(&self, sums: &Sums, foreign: Option<Date>, trail: &mut Trail) {
        let law = if foreign.is_some() { 0 } else { self.law };
        if let Some(from) = foreign {
            let day = i64::from(crate::day_number(from));
            trail.push(&CONSTRUCT, 10, law, Figure::Note, (day,), Money::ZERO);
        }
        trail.push(&CONSTRUCT, 0, law, Figure::Total, (count(sums.lines),), sums.total);
        for (says, figure, amount) in [
            (1, Figure::OutOfScope, sums.out_of_scope - sums.by_use),
            (8, Figure::OutOfScope, sums.by_use),
            (2, Figure::OverLimit, sums.over_limit - sums.over_quota),
            (9, Figure::OverLimit, sums.over_quota),
        ] {
            if !amount.is_zero() {
                trail.push(&CONSTRUCT, says, law, figure, (), amount);
            }
        }
        for (rule, (base, share)) in sums.rules.iter().enumerate().filter(|(_, (_, share))| !share.is_zero())
        {
            let (says, rate) = match self.rules.get(rule).map(|rule| &rule.share) {
                Some(Share::Rate(rate)) => (3, *rate),
                Some(Share::Sections { .. }) => (6, Rate::ZERO),
                Some(Share::Sum(_)) => (7, Rate::ZERO),
                // Items with different rates of their own are told together: the mean rate, to four places.
                None => {
                    let mean = || Rate::of(*share, *base, Rounding::HalfUp);
                    (4, sums.own_first_rates.only().unwrap_or_else(mean))
                }
            };
            trail.push(&CONSTRUCT, says, law, Figure::PriorSelfPay, (*base, rate), *share);
        }
    }
}

impl Plans {
    fn of(rules: &ItemRules) -> Self {
        let conditions = || {
            let plain = rules.rules.iter().filter(|rule| rule.matter.lists == 0).map(|rule| &rule.condition);
            let limits = rules.unit_limits.iter().filter(|(matter, _)| matter.lists == 0);
            plain.chain(limits.flat_map(|(_, table)| table.conditions()))
        };
        // A filter's closure is not a value that can be copied, so the conditions are gathered first.
        let conditions: Vec<&Condition> = conditions().collect();
        let Some(index) = Index::new(conditions.iter().copied()) else { return Self::Open };
        let mut plans: Vec<Plan> = Vec::new();
        let mut cells = Vec::new();
        for situation in index.situations() {
            let plan = rules.plan(&situation);
            let known = plans.iter().position(|p| *p == plan).unwrap_or_else(|| {
                plans.push(plan);
                plans.len() - 1
            });
            match u16::try_from(known) {
                Ok(at) => cells.push(at),
                Err(_) => return Self::Open,
            }
        }
        Self::Known { index, cells: cells.into(), plans: plans.into() }
    }
}

impl Resolved<'_> {
    /// `cut` of it is above a limit of the day or the stay.
    /// None: it is outside, and falls under no rule.
    fn share(&self, line: &Line, situation: &Situation, cut: Money) -> (LineShares, Option<usize>) {
        let rules = self.rules;
        let outside = line.class == ItemClass::C || rules.outside_standings() >> line.standing as u8 & 1 == 1;
        let limit = self.limit(line, situation);
        if outside {
            let shares =
                LineShares { out_of_scope: line.amount, rate: Rate::ONE, limit, ..LineShares::default() };
            return (shares, None);
        }
        let over_limit = limit.map_or(Money::ZERO, |limit| over(line, limit)) + cut;
        let within = line.amount - over_limit;
        let (first_self_pay, rate, rule) = match line.first_self_pay.get() {
            Some(own) if line.class == ItemClass::B => {
                (within.share_rounded(own, Rounding::HalfUp), own, OWN)
            }
            _ => {
                let at = usize::from(self.rule(line, situation));
                // Of persons nobody pays for an edition need not say anything.
                match rules.rules.get(at) {
                    None => (Money::ZERO, Rate::ZERO, OWN),
                    Some(rule) => {
                        let (share, rate) = rule.of(line, within);
                        (share, rate, at)
                    }
                }
            }
        };
        let eligible = within - first_self_pay;
        (
            LineShares { out_of_scope: Money::ZERO, over_limit, first_self_pay, rate, eligible, limit },
            Some(rule),
        )
    }

    fn rule(&self, line: &Line, situation: &Situation) -> u8 {
        let plain = self.plan.slots[slot_of(line.class, line.kind)].rule;
        if line.lists == 0 || self.rules.listed.is_empty() {
            return plain;
        }
        let fits = |at: &&u8| {
            let rule = &self.rules.rules[usize::from(**at)];
            rule.is_of(line.class) && rule.matter.holds(line) && rule.condition.fits(situation)
        };
        self.rules.listed.iter().find(fits).copied().unwrap_or(plain)
    }

    fn limit(&self, line: &Line, situation: &Situation) -> Option<UnitPrice> {
        let kind = self.plan.slots[slot_of(line.class, line.kind)].limit;
        let mut limit = (kind != ENDLESS).then_some(kind);
        if line.lists != 0 {
            let listed = self.rules.unit_limits.iter().filter(|(m, _)| m.lists != 0 && m.holds(line));
            for price in listed.filter_map(|(_, table)| table.find(situation)) {
                limit = Some(limit.map_or(*price, |l| l.min(*price)));
            }
        }
        match (limit, line.limit.get()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

impl Rule {
    fn read(row: &Section<'_>, scope: &Scope<'_>) -> Option<Self> {
        let condition = Condition::read(row, scope.groups);
        let classes: Vec<ItemClass> = row.need("class").map(|p| p.words("A, B or C")).unwrap_or_default();
        let matter = Matter::read(row, scope);
        let share = row.need("is").and_then(read_share);
        let at_most = row.get("at_most").map(|p| scope.bases.amount(p));
        row.done();
        let classes = classes.into_iter().fold(0, |all, class| all | 1 << class as u8);
        Some(Self { condition, classes, matter, share: share?, at_most: at_most.flatten() })
    }

    fn is_of(&self, class: ItemClass) -> bool {
        self.classes & (1 << class as u8) != 0
    }

    fn slot(&self, rule: u8, class: ItemClass) -> Slot {
        let bucket = u8::try_from(bucket(rule.into(), class)).expect("few rules");
        match self.share {
            Share::Rate(rate) => Slot { rule, bucket, plain: self.at_most.is_none(), rate, limit: ENDLESS },
            _ => Slot { rule, bucket, plain: false, rate: Rate::ZERO, limit: ENDLESS },
        }
    }

    /// The first share of what is within the limit, and its rate where it is one.
    #[inline]
    fn of(&self, line: &Line, within: Money) -> (Money, Rate) {
        match &self.share {
            Share::Rate(rate) if self.at_most.is_none() => {
                (within.share_rounded(*rate, Rounding::HalfUp), *rate)
            }
            _ => self.special(line, within),
        }
    }

    #[cold]
    fn special(&self, line: &Line, within: Money) -> (Money, Rate) {
        let pieces = |one: Money| {
            let sum = one.exact().units() * i128::from(line.quantity.ten_thousandths()) / 10_000;
            Exact::from_units(sum)
        };
        let (share, rate) = match &self.share {
            Share::Rate(rate) => (within.share(*rate), *rate),
            Share::Sum(sum) => (pieces(*sum), Rate::ZERO),
            Share::Sections { steps, marginal: false } => {
                let fits = |step: &&(Option<UnitPrice>, Rate)| step.0.is_none_or(|to| line.price <= to);
                let rate = steps.iter().find(fits).map_or(Rate::ZERO, |step| step.1);
                (within.share(rate), rate)
            }
            Share::Sections { steps, marginal: true } => (marginal(steps, line), Rate::ZERO),
        };
        let share = self.at_most.map_or(share, |most| share.min(pieces(most)));
        let share = share.round(Rounding::HalfUp);
        // Never more than the line, of whatever sign it is.
        (if within.is_negative() { share.max(within) } else { share.min(within) }, rate)
    }
}

fn read_share(place: Place<'_>) -> Option<Share> {
    if !place.is_table() {
        return if place.text() == Some("all") {
            Some(Share::Rate(Rate::ONE))
        } else {
            place.rate().map(Share::Rate)
        };
    }
    let section = place.section()?;
    let share = if section.has("sum") {
        section.need("sum").and_then(|p| p.money()).map(Share::Sum)
    } else {
        let marginal = section.need("marginal").and_then(|p| p.flag());
        let steps: Option<Vec<_>> = section
            .rows("sections")
            .iter()
            .map(|row| {
                let to = row.get("to").map(|p| p.parse("a price in yuan"));
                let rate = row.need("is").and_then(|p| p.rate());
                row.done();
                Some((to.map_or(Some(None), |to| to.map(Some))?, rate?))
            })
            .collect();
        let steps = steps?;
        let rising = steps.windows(2).all(|w| w[0].0.is_some_and(|to| w[1].0.is_none_or(|next| to < next)));
        if !rising || steps.last().is_none_or(|(to, _)| to.is_some()) {
            section.report(
                "sections that do not rise to an open one",
                "rising prices, the last row without `to`",
            );
        }
        marginal.map(|marginal| Share::Sections { steps, marginal })
    };
    section.done();
    share
}

/// Each part of the unit price at its own rate, times the quantity.
fn marginal(steps: &[(Option<UnitPrice>, Rate)], line: &Line) -> Exact {
    let (mut from, mut share) = (UnitPrice::from_millionths(0), Exact::ZERO);
    for (to, rate) in steps {
        let end = to.map_or(line.price, |to| to.min(line.price));
        let part = UnitPrice::from_millionths((end.millionths() - from.millionths()).max(0));
        share += Exact::line(part, line.quantity).share(*rate);
        from = end.max(from);
    }
    share
}

/// Reports a class and kind without a rule, or with two, in some situation.
fn check_rules(rules: &[Rule], section: &Section<'_>, scope: &Scope<'_>) {
    let plain: Vec<&Rule> = rules.iter().filter(|rule| rule.matter.lists == 0).collect();
    for (situation, words) in scope.ground().situations(&plain.iter().map(|rule| &rule.condition)) {
        for class in [ItemClass::A, ItemClass::B] {
            for kind in ItemKind::ALL {
                let fits = |rule: &&&Rule| {
                    rule.is_of(class)
                        && rule.matter.kinds & (1 << *kind as u32) != 0
                        && rule.condition.fits(&situation)
                };
                let found = match plain.iter().filter(fits).count() {
                    0 => format!("no row of `first_self_pay` for class {class}, kind {kind}, {words}"),
                    1 => continue,
                    _ => format!("a second row of `first_self_pay` for class {class}, kind {kind}, {words}"),
                };
                section.report(&found, "one row");
                return;
            }
        }
    }
}

impl Outside {
    fn read(row: &Section<'_>, scope: &Scope<'_>) -> Option<Self> {
        let condition = Condition::read(row, scope.groups);
        let matter = Matter::read(row, scope);
        let with = row.get("with").map(|place| Matter { kinds: u32::MAX, lists: scope.lists(&place) });
        let alone = row.get("alone").and_then(|place| place.flag()).unwrap_or(false);
        let others = row.get("all_others").and_then(|place| place.flag()).unwrap_or(false);
        row.done();
        Some(match (with, alone, others) {
            (Some(with), false, false) => Self::With(matter, with),
            (None, true, false) => Self::Alone(matter),
            (None, false, true) => Self::Unlisted(condition, matter),
            (None, false, false) => Self::Listed(condition, matter),
            _ => {
                row.report("several of `with`, `alone`, `all_others`", "one of them");
                return None;
            }
        })
    }

    /// Lines it may push out; of those that are on no list nothing can be said beforehand.
    fn matter(&self) -> Matter {
        match self {
            Self::Listed(_, matter) | Self::Alone(matter) | Self::With(matter, _) => *matter,
            Self::Unlisted(..) => Matter { kinds: 0, lists: 0 },
        }
    }

    fn holds(&self, line: &Line, lines: &[Line], situation: &Situation) -> bool {
        match self {
            Self::Listed(condition, matter) => matter.holds(line) && condition.fits(situation),
            Self::Unlisted(condition, matter) => !matter.holds(line) && condition.fits(situation),
            Self::Alone(matter) => {
                matter.holds(line)
                    && lines.iter().filter(|other| other.day == line.day && matter.holds(other)).count() == 1
            }
            Self::With(matter, with) => {
                matter.holds(line) && lines.iter().any(|other| other.day == line.day && with.holds(other))
            }
        }
    }
}

/// What of a line is within its price, where a limit of a day or a stay looks at it. Lines of class A come first, then
/// those of which the patient bears less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Within {
    day: i32,
    shared: bool,
    rate: Rate,
    lists: u32,
    amount: Money,
    at: usize,
}

impl Within {
    fn of(at: usize, line: &Line, quota: &Quota, shares: LineShares) -> Self {
        Self {
            day: if quota.a_day { line.day } else { 0 },
            shared: line.class != ItemClass::A,
            rate: shares.rate,
            lists: line.lists,
            amount: shares.eligible + shares.first_self_pay,
            at,
        }
    }
}

/// What of a line is above the limit; never more than the line, nothing for what is below it.
fn over(line: &Line, limit: UnitPrice) -> Money {
    if line.price <= limit {
        return Money::ZERO;
    }
    let within = Exact::line(limit, Quantity::from_ten_thousandths(line.quantity.ten_thousandths().abs()));
    let within = within.round(Rounding::HalfUp).min(line.amount.abs());
    Money::from_fen((line.amount.abs() - within).fen() * line.amount.fen().signum())
}
