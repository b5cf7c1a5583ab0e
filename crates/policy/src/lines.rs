//! What the lines of a bill come to. Nearly all lines are plain: a class and a kind say which rule they fall under, and
//! that takes a rate. They are summed without a look at any rule; the others go the long way.

use model::{ItemClass, ItemKind, Standing};
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
    /// Nothing of what is outside.
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

/// What a class and a standing come to: masks of all ones or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Use {
    inside: i64,
    /// An item's own rate counts.
    owns: i64,
    /// Where lines are summed that are outside.
    outside_at: usize,
}

const USES: usize = CLASSES.next_power_of_two() * STANDINGS;
const STANDINGS: usize = Standing::ALL.len().next_power_of_two();

#[inline]
const fn use_of(class: ItemClass, standing: Standing) -> usize {
    (class as usize * STANDINGS + standing as usize) % USES
}

/// What each class and standing comes to; one bit for each standing that is not inside the insurance.
pub(crate) fn uses(outside: u8) -> [Use; USES] {
    let mut uses = [Use::default(); USES];
    for class in ItemClass::ALL {
        for standing in Standing::ALL {
            let inside = *class != ItemClass::C && outside >> *standing as u8 & 1 == 0;
            uses[use_of(*class, *standing)] = Use {
                inside: mask(inside),
                owns: mask(inside && *class == ItemClass::B),
                outside_at: if *class == ItemClass::C { Tally::CLASS_C } else { Tally::BY_USE },
            };
        }
    }
    uses
}

/// How lines are looked up in one situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) slots: Box<[Slot; SLOTS]>,
    pub(crate) uses: Box<[Use; USES]>,
    /// How many rules there are.
    pub(crate) rules: usize,
}

/// No limit.
pub(crate) const ENDLESS: UnitPrice = UnitPrice::from_millionths(i64::MAX);

/// What the lines of a bill come to.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub(crate) own_first_rates: Rates,
}

/// Which rates there are, without a list: all bits that some of them have, and all that some of them lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rates {
    set: i64,
    lacking: i64,
}

impl Rates {
    /// Takes in a rate where `mask` is all ones; where it is zero, `rate` is too, and nothing is taken in.
    #[inline]
    const fn take(&mut self, rate: i64, mask: i64) {
        self.set |= rate;
        self.lacking |= rate ^ mask;
    }

    const fn join(&mut self, other: Self) {
        self.set |= other.set;
        self.lacking |= other.lacking;
    }

    /// The rate, where all are the same.
    pub(crate) fn only(self) -> Option<Rate> {
        (self.set & self.lacking == 0).then(|| Rate::from_ten_thousandths(self.set))
    }
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
            own_first_rates: Rates::default(),
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

    /// A line as it was shared, and the place of the rule it fell under; none: it is outside.
    pub(crate) fn add(&mut self, line: &Line, shares: &LineShares, rule: Option<usize>, own_rates: &[u32]) {
        self.total += line.amount;
        self.out_of_scope += shares.out_of_scope;
        let Some(rule) = rule else {
            // A class C line is nothing else.
            if line.class != ItemClass::C {
                self.by_use += shares.out_of_scope;
            }
            return;
        };
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
            self.own_first_rates.take(shares.rate.ten_thousandths(), -1);
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
        let mut at = if plain.none { lines.len() } else { 0 };
        while at < lines.len() {
            at += tally.add_run(&lines[at..], plain, &in_force);
            let Some(line) = lines.get(at) else { break };
            special(at, line, self);
            at += 1;
        }
        if plain.none || tally.is_far() {
            *self = Self::default();
            let all = lines.iter().enumerate().filter(|(_, line)| in_force(line));
            all.for_each(|(at, line)| special(at, line, self));
        } else {
            self.take(&tally, plain.plan.rules);
        }
        self.lines = lines.iter().filter(|line| in_force(line)).count();
    }

    /// Adds what plain lines come to, of an edition with so many rules.
    fn take(&mut self, tally: &Tally, rules: usize) {
        let fen = Money::from_fen;
        let [class_c, by_use] = [Tally::CLASS_C, Tally::BY_USE].map(|at| fen(tally.buckets[at].base));
        self.out_of_scope += class_c + by_use;
        self.by_use += by_use;
        self.total += fen(tally.total);
        self.over_limit += fen(tally.total) - class_c - by_use;
        let own = (OWN, ItemClass::B, tally.buckets[Tally::OWN_RATE]);
        let of_rules = (0..rules).flat_map(|rule| {
            [ItemClass::A, ItemClass::B].map(|class| (rule, class, tally.buckets[bucket(rule, class)]))
        });
        for (rule, class, Bucket { base, share }) in of_rules.chain([own]) {
            let (base, share) = (fen(base), fen(share));
            self.over_limit -= base;
            self.first_self_pay += share;
            self.eligible[usize::from(class != ItemClass::A)] += base - share;
            self.first_of_b += if class == ItemClass::A { Money::ZERO } else { share };
            self.rules[rule].0 += base;
            self.rules[rule].1 += share;
        }
        self.own_first_rates.join(tally.own_rates);
    }
}

/// What plain lines are looked up by.
pub(crate) struct Plain<'a> {
    pub(crate) plan: &'a Plan,
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
    total: i64,
    /// The items' own rates.
    own_rates: Rates,
    /// All bits of what was summed: amounts, quantities, prices.
    bits: [i64; 3],
}

/// What is within the limit, or outside, in fen, and the first share of it.
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
        Self { buckets, total: 0, own_rates: Rates::default(), bits: [0; 3] }
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
    /// Nothing in a line is foreseeable, so nothing here jumps but for that. Sums are added without a check: see
    /// [`Tally::is_far`].
    #[expect(clippy::needless_bitwise_bool, reason = "a lazy operator is a jump")]
    fn add_run(&mut self, lines: &[Line], plain: &Plain<'_>, in_force: impl Fn(&Line) -> bool) -> usize {
        let (slots, uses, lists) = (&*plain.plan.slots, &*plain.plan.uses, plain.lists);
        let (mut total, mut own_rates) = (self.total, self.own_rates);
        let [mut amounts, mut quantities, mut prices] = self.bits;
        let mut run = lines.len();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| in_force(line)) {
            let slot = &slots[slot_of(line.class, line.kind)];
            if (line.lists & lists != 0) | !slot.plain {
                run = at;
                break;
            }
            let Use { inside, owns, outside_at } = uses[use_of(line.class, line.standing)];
            let (amount, quantity) = (line.amount.fen(), line.quantity.ten_thousandths());
            let price = line.price.millionths();
            let below = least(line.limit.millionths(), slot.limit.millionths()).wrapping_sub(price);
            let limited = below >> 63;
            let priced = price.wrapping_add(below & limited);
            amounts |= amount;
            quantities |= quantity;
            prices |= priced;
            let most = half_up(priced.wrapping_mul(quantity), PRODUCTS_A_FEN);
            // What is above the limit, below zero.
            let above = most.wrapping_sub(amount);
            let base = amount.wrapping_add(above & (above >> 63) & limited & inside);
            let (own, has_own) = line.first_self_pay.masked();
            let has_own = has_own & owns;
            let own = own & has_own;
            let rate = own | (slot.rate.ten_thousandths() & inside & !has_own);
            let first = half_up(base.wrapping_mul(rate), 10_000);
            let at = either(has_own, Self::OWN_RATE, slot.bucket.into());
            let at = either(inside, at, outside_at);
            let bucket = &mut self.buckets[at % BUCKETS];
            bucket.base = bucket.base.wrapping_add(base);
            bucket.share = bucket.share.wrapping_add(first);
            total = total.wrapping_add(amount);
            own_rates.take(own, has_own);
        }
        self.total = total;
        (self.own_rates, self.bits) = (own_rates, [amounts, quantities, prices]);
        run
    }

    /// Whether something was below zero, or so much that a product or a sum need not have fitted: then the sums say
    /// nothing. No bill has 2¹⁵ lines.
    fn is_far(&self) -> bool {
        let [amounts, quantities, prices] = self.bits;
        let most = [(amounts, 48), (quantities, 22), (prices, 40), (self.own_rates.set, 14)];
        most.iter().any(|(bits, most)| bits.cast_unsigned() >> most != 0)
    }
}

/// All ones, or none.
#[inline]
fn mask(yes: bool) -> i64 {
    -i64::from(yes)
}

/// The first where the mask is all ones, the second where it is none.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "a mask is one in fewer bits, too")]
const fn either(mask: i64, one: usize, other: usize) -> usize {
    other ^ ((other ^ one) & mask.cast_unsigned() as usize)
}

/// The lesser of two that are not below zero, reckoned: a comparison would be made a jump again.
#[inline]
fn least(a: i64, b: i64) -> i64 {
    let more = a.wrapping_sub(b);
    b.wrapping_add(more & (more >> 63))
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
            amount in prop_oneof![0_i64..100_000, Just(0), Just((1 << 48) - 1), Just(1 << 48), -1_000_i64..0],
            price in prop_oneof![0_i64..100_000_000, Just((1 << 40) - 1), Just(1 << 40)],
            quantity in prop_oneof![0_i64..100_000, Just((1 << 22) - 1), Just(1 << 22), -10_000_i64..0],
            limit in prop::option::of(prop_oneof![0_i64..100_000_000, Just(0)]),
            own in prop::option::of(prop_oneof![0_i64..=10_000, Just(0), Just(1 << 14)]), lists in 0_u32..8, day in 0_i32..3,
        ) -> Line {
            Line {
                class, kind, standing, lists, day,
                amount: Money::from_fen(amount),
                price: UnitPrice::from_millionths(price),
                quantity: Quantity::from_ten_thousandths(quantity),
                limit: limit.map(UnitPrice::from_millionths).into(),
                first_self_pay: own.map(Rate::from_ten_thousandths).into(),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        #[test]
        fn lines_come_to_the_same_whether_they_are_plain_or_not(
            lines in prop::collection::vec(line(), 0..30), level in 1_u8..=3, from in 0_i32..3,
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
                    rules.sum(&lines, &situation, &edition.own_rate_lists, |line| line.day >= from, &mut sums);
                    sums
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
