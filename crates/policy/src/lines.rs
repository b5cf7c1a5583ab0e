//! What the lines of a bill come to. Nearly all lines are plain: a class and a kind say which rule they fall under, and
//! that takes a rate. They are summed without a look at any rule; the others go the long way.

use std::hint::select_unpredictable as pick;

use model::{ItemClass, ItemKind};
use money::{Money, Rate, UnitPrice};

use crate::constructs::own_rate;
use crate::{Line, LineShares};

pub(crate) const CLASSES: usize = ItemClass::ALL.len();
pub(crate) const KINDS: usize = ItemKind::ALL.len();
/// Rules an edition may have for first self-pay; each is reported on its own.
pub(crate) const RULES_MAX: usize = 14;
/// The place of items with a rate of their own.
pub(crate) const OWN: usize = RULES_MAX;

/// Which rule a line of a class and kind falls under, unless its item is on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Its place among the rules; behind all of them: none.
    pub(crate) rule: u8,
    /// Where plain lines are summed.
    pub(crate) bucket: u8,
    /// It takes a rate of what is within the limit, and nothing else matters.
    pub(crate) plain: bool,
    pub(crate) rate: Rate,
    /// Highest unit price of the kind.
    pub(crate) limit: UnitPrice,
}

/// A power of two, so that no place needs a check.
pub(crate) const SLOTS: usize = (CLASSES * KINDS_ROOM).next_power_of_two();
const KINDS_ROOM: usize = KINDS.next_power_of_two();

/// Where the slot of a class and kind is.
#[inline]
pub(crate) const fn slot_of(class: ItemClass, kind: ItemKind) -> usize {
    (class as usize * KINDS_ROOM + kind as usize) % SLOTS
}

/// How lines are looked up in one situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) slots: [Slot; SLOTS],
    /// How many rules there are.
    pub(crate) rules: usize,
}

/// No limit.
pub(crate) const ENDLESS: UnitPrice = UnitPrice::from_millionths(i64::MAX);

/// What the lines of a bill come to.
#[derive(Debug, Clone)]
pub(crate) struct Sums {
    pub(crate) lines: usize,
    pub(crate) total: Money,
    pub(crate) out_of_scope: Money,
    /// Among that: what is outside by its use, of class A or B.
    pub(crate) by_use: Money,
    pub(crate) over_limit: Money,
    /// Among that: what is above a limit of the day or the stay.
    pub(crate) over_quota: Money,
    pub(crate) first_self_pay: Money,
    /// In-scope cost by class A and B, of lines without a rate of their own.
    pub(crate) eligible: [Money; 2],
    /// In-scope cost of lines with a rate of their own, by the list's place in the edition.
    pub(crate) own_rate: [Money; own_rate::MAX],
    /// First share of class B lines among `eligible`.
    pub(crate) first_of_b: Money,
    /// Base and share of each rule; the last place is the items' own rates.
    pub(crate) rules: [(Money, Money); RULES_MAX + 1],
    pub(crate) own_first_rate: Rate,
    pub(crate) own_first_rates_differ: bool,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            lines: 0,
            total: Money::ZERO,
            out_of_scope: Money::ZERO,
            by_use: Money::ZERO,
            over_limit: Money::ZERO,
            over_quota: Money::ZERO,
            first_self_pay: Money::ZERO,
            eligible: [Money::ZERO; 2],
            own_rate: [Money::ZERO; own_rate::MAX],
            first_of_b: Money::ZERO,
            rules: [(Money::ZERO, Money::ZERO); RULES_MAX + 1],
            own_first_rate: Rate::ZERO,
            own_first_rates_differ: false,
        }
    }
}

impl Sums {
    /// A line that is outside by its use.
    pub(crate) fn add_outside(&mut self, line: &Line) {
        self.total += line.amount;
        self.out_of_scope += line.amount;
        self.by_use += line.amount;
    }

    /// A line as it was shared, and the place of the rule it fell under.
    pub(crate) fn add(&mut self, line: &Line, shares: &LineShares, rule: usize, own_rates: &[u32]) {
        self.total += line.amount;
        self.out_of_scope += shares.out_of_scope;
        if !shares.out_of_scope.is_zero() {
            // A class C line is nothing else.
            if line.class != ItemClass::C {
                self.by_use += shares.out_of_scope;
            }
            return;
        }
        self.over_limit += shares.over_limit;
        self.first_self_pay += shares.first_self_pay;
        let own = own_rates.iter().position(|lists| lists & line.lists != 0);
        match own {
            Some(own) => self.own_rate[own] += shares.eligible,
            None => self.eligible[usize::from(line.class != ItemClass::A)] += shares.eligible,
        }
        if own.is_none() && line.class != ItemClass::A {
            self.first_of_b += shares.first_self_pay;
        }
        self.rules[rule].0 += shares.first_self_pay + shares.eligible;
        self.rules[rule].1 += shares.first_self_pay;
        if rule == OWN {
            let before = self.own_first_rate;
            self.own_first_rates_differ |= before != Rate::ZERO && before != shares.rate;
            self.own_first_rate = shares.rate;
        }
    }

    /// Sums those of the lines in force that are plain; the others go to `special`, and from there into the sums.
    #[inline]
    pub(crate) fn add_all(
        &mut self,
        lines: &[Line],
        plain: &Plain<'_>,
        in_force: impl Fn(&Line) -> bool,
        mut special: impl FnMut(usize, &Line, &mut Self),
    ) {
        let mut tally = Tally::default();
        let mut at = 0;
        loop {
            at += tally.add_run(&lines[at..], plain, &in_force);
            let Some(line) = lines.get(at) else { break };
            self.lines += 1;
            special(at, line, self);
            at += 1;
        }
        self.take(&tally, plain.plan.rules);
    }

    /// Adds what plain lines come to, of an edition with so many rules.
    fn take(&mut self, tally: &Tally, rules: usize) {
        let fen = Money::from_fen;
        let [class_c, by_use] = [Tally::CLASS_C, Tally::BY_USE].map(|at| fen(tally.buckets[at].base));
        self.lines += tally.lines;
        self.out_of_scope += class_c + by_use;
        self.by_use += by_use;
        self.over_limit += fen(tally.over_limit);
        self.total += class_c + by_use + fen(tally.over_limit);
        let own = (OWN, ItemClass::B, tally.buckets[Tally::OWN_RATE]);
        let of_rules = (0..rules).flat_map(|rule| {
            [ItemClass::A, ItemClass::B].map(|class| (rule, class, tally.buckets[bucket(rule, class)]))
        });
        for (rule, class, Bucket { base, share }) in of_rules.chain([own]) {
            let (base, share) = (fen(base), fen(share));
            self.total += base;
            self.first_self_pay += share;
            self.eligible[usize::from(class != ItemClass::A)] += base - share;
            self.first_of_b += if class == ItemClass::A { Money::ZERO } else { share };
            self.rules[rule].0 += base;
            self.rules[rule].1 += share;
        }
        let before = self.own_first_rate.ten_thousandths();
        let both = before != 0 && tally.own_rate != 0;
        self.own_first_rates_differ |= tally.own_rates_differ || (both && before != tally.own_rate);
        self.own_first_rate = Rate::from_ten_thousandths(before.max(tally.own_rate));
    }
}

/// What plain lines are looked up by.
pub(crate) struct Plain<'a> {
    pub(crate) plan: &'a Plan,
    /// One bit for each standing that is not inside the insurance.
    pub(crate) outside: u8,
    /// One bit for each list that rules look at: a line on one of them is not plain.
    pub(crate) lists: u32,
    /// No line is plain.
    pub(crate) none: bool,
}

/// As many lines are not summed without a check.
pub(crate) const LINES_MAX: usize = 1 << 15;

/// Where plain lines are summed: each line in one place, whatever it is.
struct Tally {
    buckets: [Bucket; BUCKETS],
    over_limit: i64,
    lines: usize,
    /// The last item's own rate, in ten-thousandths, and whether there were others.
    own_rate: i64,
    own_rates_differ: bool,
}

/// What is within the limit, in fen, and the first share of it.
#[derive(Clone, Copy, Default)]
struct Bucket {
    base: i64,
    share: i64,
}

/// A power of two, so that no place needs a check.
const BUCKETS: usize = (3 + 2 * RULES_MAX).next_power_of_two();

/// Where lines of a rule are summed.
pub(crate) const fn bucket(rule: usize, class: ItemClass) -> usize {
    3 + 2 * rule + matches!(class, ItemClass::B) as usize
}

impl Default for Tally {
    fn default() -> Self {
        let buckets = [Bucket { base: 0, share: 0 }; BUCKETS];
        Self { buckets, over_limit: 0, lines: 0, own_rate: 0, own_rates_differ: false }
    }
}

/// Millionths of a yuan times ten-thousandths of a piece, in a fen.
const PRODUCTS_A_FEN: u64 = 100_000_000;

impl Tally {
    /// Class C; outside by its use; items with a rate of their own.
    const CLASS_C: usize = 0;
    const BY_USE: usize = 1;
    const OWN_RATE: usize = 2;

    /// Sums lines up to the first that is not plain; how many they are.
    ///
    /// Nothing in a line is foreseeable, so nothing here jumps but for that. No line adds 2⁴⁸ fen or more, and no bill
    /// has 2¹⁵ lines: sums are added without a check.
    #[expect(clippy::needless_bitwise_bool, reason = "a lazy operator is a jump")]
    fn add_run(&mut self, lines: &[Line], plain: &Plain<'_>, in_force: impl Fn(&Line) -> bool) -> usize {
        let Plain { plan, outside, lists, none } = *plain;
        let (mut over_limit, mut own_rate, mut differ, mut count) =
            (0_i64, self.own_rate, self.own_rates_differ, 0);
        let mut run = lines.len();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| in_force(line)) {
            let slot = &plan.slots[slot_of(line.class, line.kind)];
            let (amount, quantity) = (line.amount.fen(), line.quantity.ten_thousandths());
            let price = line.price.millionths();
            let limit = line.limit.map_or(0, UnitPrice::millionths);
            let limit = pick(line.limit.is_some(), limit, i64::MAX);
            let limit = limit.min(slot.limit.millionths());
            let priced = limit.min(price);
            let own = line.first_self_pay.map_or(0, Rate::ten_thousandths);
            // Below zero, or so much that a product would not fit.
            let far = amount.cast_unsigned() >> 48
                | quantity.cast_unsigned() >> 22
                | priced.cast_unsigned() >> 40
                | own.cast_unsigned() >> 14;
            if (far != 0) | (line.lists & lists != 0) | !slot.plain | none {
                run = at;
                break;
            }
            let out = (line.class == ItemClass::C) | (outside >> line.standing as u8 & 1 == 1);
            let inside = pick(out, 0, amount);
            let most = half_up(priced.wrapping_mul(quantity), PRODUCTS_A_FEN);
            let within = pick(limit < price, most.min(inside), inside);
            let has_own = line.first_self_pay.is_some() & (line.class == ItemClass::B) & !out;
            let rate = pick(has_own, own, slot.rate.ten_thousandths());
            let first = half_up(within.wrapping_mul(rate), 10_000);
            over_limit = over_limit.wrapping_add(inside.wrapping_sub(within));
            let inside_at = pick(has_own, Self::OWN_RATE, usize::from(slot.bucket));
            let at = pick(out, usize::from(line.class != ItemClass::C), inside_at);
            let bucket = &mut self.buckets[at % BUCKETS];
            // Of what is outside nothing is within.
            bucket.base = bucket.base.wrapping_add(within.wrapping_add(amount.wrapping_sub(inside)));
            bucket.share = bucket.share.wrapping_add(first);
            differ |= has_own & (own_rate != 0) & (own_rate != own);
            own_rate = pick(has_own, own, own_rate);
            count += 1;
        }
        self.over_limit += over_limit;
        self.lines += count;
        (self.own_rate, self.own_rates_differ) = (own_rate, differ);
        run
    }
}

/// A number that is not below zero, divided.
#[inline]
fn half_up(value: i64, by: u64) -> i64 {
    (value.cast_unsigned().wrapping_add(by / 2) / by).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Edition, Person, Visit};
    use jiff::civil::date;
    use model::{HospitalLevel, PersonStatus, Standing, VisitKind};
    use money::Quantity;
    use proptest::prelude::*;

    fn edition(city: &str, key: &str) -> Edition {
        let path = format!("{}/../../policies/{city}/editions/{key}.toml", env!("CARGO_MANIFEST_DIR"));
        Edition::parse(key, &std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn any_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
        prop::sample::select(all)
    }

    prop_compose! {
        /// Also lines at the bounds of what is summed without a check, and beyond them.
        fn line()(
            class in any_of(ItemClass::ALL), kind in any_of(ItemKind::ALL), standing in any_of(Standing::ALL),
            amount in prop_oneof![0_i64..100_000, Just((1 << 48) - 1), Just(1 << 48), -1_000_i64..0],
            price in prop_oneof![0_i64..100_000_000, Just((1 << 40) - 1), Just(1 << 40)],
            quantity in prop_oneof![0_i64..100_000, Just((1 << 22) - 1), Just(1 << 22), -10_000_i64..0],
            limit in prop::option::of(prop_oneof![0_i64..100_000_000, Just(0)]),
            own in prop::option::of(0_i64..=10_000), lists in 0_u32..8, day in 0_i32..3,
        ) -> Line {
            Line {
                class, kind, standing, lists, day,
                amount: Money::from_fen(amount),
                price: UnitPrice::from_millionths(price),
                quantity: Quantity::from_ten_thousandths(quantity),
                limit: limit.map(UnitPrice::from_millionths),
                first_self_pay: own.map(Rate::from_ten_thousandths),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        #[test]
        fn lines_come_to_the_same_whether_they_are_plain_or_not(
            lines in prop::collection::vec(line(), 0..30), level in 1_u8..=3,
        ) {
            for (city, key) in [
                ("demo-city", "2001-01-01"), ("demo-city", "2026-01-01"), ("neighbour-city", "2026-01-01"),
                ("catalogue-demo", "2027-01-01"), ("ulanqab", "2022-01-01"),
            ] {
                let edition = edition_once(city, key);
                let visit = Visit::new(VisitKind::Inpatient, HospitalLevel::new(level).unwrap(), date(2026, 5, 1));
                let situation = edition.situation(&Person::new(PersonStatus::Employed, 40), &visit);
                let sum = |rules: &crate::constructs::items::ItemRules| {
                    let mut sums = Sums::default();
                    rules.sum(&lines, &situation, &edition.own_rate_lists, |_| true, &mut sums);
                    // Which rate is told where items have different ones is another matter.
                    (sums.lines, sums.total, sums.out_of_scope, sums.by_use, sums.over_limit, sums.over_quota,
                     sums.first_self_pay, sums.eligible, sums.own_rate, sums.first_of_b, sums.rules)
                };
                prop_assert_eq!(sum(&edition.items), sum(&edition.items.without_plain_lines()));
            }
        }
    }

    fn edition_once(city: &'static str, key: &'static str) -> Edition {
        use std::collections::HashMap;
        use std::sync::{LazyLock, Mutex};
        static READ: LazyLock<Mutex<HashMap<(&'static str, &'static str), Edition>>> =
            LazyLock::new(Mutex::default);
        READ.lock().unwrap().entry((city, key)).or_insert_with(|| edition(city, key)).clone()
    }
}
