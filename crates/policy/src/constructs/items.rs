//! C. Item rules: for each fee line the price limit, then the class, then the first self-pay.

use model::{ItemClass, ItemKind};
use money::{Exact, Money, Quantity, Rate, Rounding, UnitPrice};

use super::{Articles, Construct, Law, Scope};
use crate::case::{Line, LineShares};
use crate::document::Section;
use crate::situation::Situation;
use crate::steps::{Figure, Trail};
use crate::table::Table;

pub(crate) const CONSTRUCT: Construct = Construct {
    id: 4,
    key: "items",
    zh: "项目规则:逐条费用先扣超限价部分,丙类全部自费,乙类按限价后的金额先行自付。",
    en: "Item rules, line by line: above the limit, class C in full, then class B's first share of the limited price.",
    sentences: &[
        ("{0#} 项费用相加 = {=}", "{0#} fee lines add up to {=}"),
        ("丙类和目录外项目自费 {=}", "class C and items outside the catalogue, self-paid: {=}"),
        ("超过限价的部分自付 {=}", "above the price limit, self-paid: {=}"),
        ("乙类 {0} × {1%},先行自付 {=}", "class B {0} × {1%}, first self-pay {=}"),
        ("项目自带先付比例 {0} × {1%},先行自付 {=}", "the item's own first share: {0} × {1%} = {=}"),
        ("符合政策范围 {0} − {1} − {2} − {3} = {=}", "inside the policy {0} − {1} − {2} − {3} = {=}"),
    ],
    keeps: &[Law::OrderFree],
};

const CLASSES: usize = ItemClass::ALL.len();
const KINDS: usize = ItemKind::ALL.len();
/// Rules an edition may have for first self-pay; each is reported on its own.
const RULES_MAX: usize = 30;
/// The place of items with a rate of their own.
const OWN: usize = RULES_MAX;

/// The item rules of an edition, compiled to one look-up a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ItemRules {
    /// Which rule a class and kind fall under.
    rule: [[u8; KINDS]; CLASSES],
    rates: Vec<Rate>,
    /// Highest unit price by kind: bed days.
    unit_limits: Vec<(ItemKind, Table<UnitPrice>)>,
    pub(crate) law: u16,
}

/// What the lines of a bill come to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sums {
    pub(crate) total: Money,
    pub(crate) out_of_scope: Money,
    pub(crate) over_limit: Money,
    pub(crate) first_self_pay: Money,
    lines: usize,
    /// Base and share of each rule; the last place is the items' own rates.
    rules: [(Money, Money); RULES_MAX + 1],
    own_rate: Rate,
    own_rates_differ: bool,
}

impl ItemRules {
    pub(crate) fn read(root: &Section<'_>, scope: &Scope<'_>, articles: &mut Articles) -> Option<Self> {
        let section = root.need("items")?.section()?;
        let law = articles.read(&section);
        let mut rules =
            Self { rule: [[u8::MAX; KINDS]; CLASSES], rates: Vec::new(), unit_limits: Vec::new(), law };
        for row in section.rows("first_self_pay") {
            rules.read_row(&row);
            row.done();
        }
        for class in [ItemClass::A, ItemClass::B] {
            for kind in ItemKind::ALL {
                if rules.rule[class as usize][*kind as usize] == u8::MAX {
                    let found = format!("no row of `first_self_pay` for class {class}, kind {kind}");
                    section.report(&found, "one row");
                }
            }
        }
        for row in section.rows("unit_limit") {
            let kind = row.need("kind").and_then(|place| place.parse("a kind of item"));
            let table = Table::read(&row, "is", |r| r.need("price").and_then(|p| p.parse("a price in yuan")));
            table.check_single(&row, "is", scope, false);
            rules.unit_limits.extend(kind.map(|kind| (kind, table)));
            row.done();
        }
        section.done();
        Some(rules)
    }

    fn read_row(&mut self, row: &Section<'_>) {
        let classes: Vec<ItemClass> = row.need("class").map(|p| p.words("A, B or C")).unwrap_or_default();
        let kinds: Option<Vec<ItemKind>> = row.get("kind").map(|p| p.words("a kind of item"));
        let Some(rate) = row.need("is").and_then(|p| p.rate()) else { return };
        let Some(at) = (self.rates.len() < RULES_MAX).then(|| u8::try_from(self.rates.len()).unwrap_or(0))
        else {
            row.report("one row too many", &format!("at most {RULES_MAX} rows"));
            return;
        };
        self.rates.push(rate);
        for class in classes {
            for kind in kinds.as_deref().unwrap_or(ItemKind::ALL) {
                let slot = &mut self.rule[class as usize][*kind as usize];
                if *slot != u8::MAX {
                    row.report(&format!("a second row for class {class}, kind {kind}"), "one row");
                }
                *slot = at;
            }
        }
    }

    fn limit(&self, line: &Line, situation: &Situation) -> Option<UnitPrice> {
        let rule = self.unit_limits.iter().filter(|(kind, _)| *kind == line.kind);
        rule.filter_map(|(_, table)| table.find(situation)).copied().chain(line.limit).min()
    }

    /// Shares one line. The limit counts on the amount charged: what is above limit × quantity is over it.
    pub(crate) fn share(&self, line: &Line, situation: &Situation) -> (LineShares, usize) {
        let limit = self.limit(line, situation);
        let over_limit = limit.map_or(Money::ZERO, |limit| over(line, limit));
        let within = line.amount - over_limit;
        if line.class == ItemClass::C {
            let shares =
                LineShares { out_of_scope: line.amount, rate: Rate::ONE, limit, ..LineShares::default() };
            return (shares, OWN);
        }
        let rule = usize::from(self.rule[line.class as usize][line.kind as usize]);
        let (rate, rule) = match line.first_self_pay {
            Some(own) if line.class == ItemClass::B => (own, OWN),
            _ => (self.rates[rule], rule),
        };
        let first_self_pay = within.share(rate).round(Rounding::HalfUp);
        let eligible = within - first_self_pay;
        (LineShares { out_of_scope: Money::ZERO, over_limit, first_self_pay, rate, eligible, limit }, rule)
    }

    pub(crate) fn sum(&self, lines: &[Line], situation: &Situation) -> Sums {
        let mut sums = Sums {
            total: Money::ZERO,
            out_of_scope: Money::ZERO,
            over_limit: Money::ZERO,
            first_self_pay: Money::ZERO,
            lines: lines.len(),
            rules: [(Money::ZERO, Money::ZERO); RULES_MAX + 1],
            own_rate: Rate::ZERO,
            own_rates_differ: false,
        };
        for line in lines {
            let (shares, rule) = self.share(line, situation);
            sums.total += line.amount;
            sums.out_of_scope += shares.out_of_scope;
            sums.over_limit += shares.over_limit;
            sums.first_self_pay += shares.first_self_pay;
            if line.class != ItemClass::C {
                sums.rules[rule].0 += shares.first_self_pay + shares.eligible;
                sums.rules[rule].1 += shares.first_self_pay;
                if rule == OWN {
                    sums.own_rates_differ |= sums.own_rate != Rate::ZERO && sums.own_rate != shares.rate;
                    sums.own_rate = shares.rate;
                }
            }
        }
        sums
    }

    /// One step for each figure and each rule that took something.
    pub(crate) fn explain(&self, sums: &Sums, trail: &mut Trail) {
        let none = Exact::ZERO;
        let mut say = |says, figure, values, amount: Money| {
            trail.push(&CONSTRUCT, says, self.law, figure, values, amount.exact());
        };
        let count = Exact::from_units(i128::try_from(sums.lines).unwrap_or_default());
        say(0, Figure::Total, [count, none, none, none], sums.total);
        if !sums.out_of_scope.is_zero() {
            say(1, Figure::OutOfScope, [none; 4], sums.out_of_scope);
        }
        if !sums.over_limit.is_zero() {
            say(2, Figure::OverLimit, [none; 4], sums.over_limit);
        }
        for (rule, (base, share)) in sums.rules.iter().enumerate().filter(|(_, (_, share))| !share.is_zero())
        {
            let own = rule == OWN;
            // Items with different rates of their own are told together: the mean rate, to four places.
            let rate = if own && sums.own_rates_differ {
                Rate::of(*share, *base, Rounding::HalfUp)
            } else if own {
                sums.own_rate
            } else {
                self.rates[rule]
            };
            let rate = Exact::from_units(i128::from(rate.ten_thousandths()));
            say(if own { 4 } else { 3 }, Figure::PriorSelfPay, [base.exact(), rate, none, none], *share);
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
