//! Visits from a seed: persons with several in a row, each ready to be settled by itself, with the counters its year
//! stands at before it.

use std::ops::Range;

use jiff::civil::{Date, date};
use model::{Catalogue, HospitalLevel, Item, ItemClass, PersonStatus, Premium, Servant, Standing, VisitKind};
use money::{Exact, Money, Quantity, Rounding, UnitPrice};
use policy::{Accumulators, Case, Edition, Line, Person, Visit, day_number};
use sample::Random;

use super::branches::{Branches, Watch};
use super::hand::{self, Year};
use super::items;

/// One visit; its lines stand in [`Visits::lines`].
pub struct Bill {
    pub person: Person,
    pub visit: Visit,
    pub year: Accumulators,
    /// The same, as the hand-written policy takes them.
    pub hand_year: Year,
    pub lines: Range<usize>,
}

/// All visits of a seed.
pub struct Visits {
    pub edition: Edition,
    pub catalogue: Catalogue,
    pub bills: Vec<Bill>,
    pub lines: Vec<Line>,
    /// The place in the catalogue of each line's item.
    pub items: Vec<usize>,
    pub branches: Branches,
}

/// How much of everything a visit needs, in hundredths, by weight: small ones, and a few that are worth a year.
const OUTPATIENT_SIZES: [(i64, usize); 5] = [(2, 12), (12, 30), (30, 33), (80, 20), (200, 5)];
const STAY_SIZES: [(i64, usize); 5] = [(3, 10), (80, 30), (220, 30), (500, 20), (1_500, 14)];

/// The edition all arms go by.
pub fn edition() -> Edition {
    Edition::parse("edition.toml", include_str!("edition.toml"))
        .unwrap_or_else(|problems| panic!("the benchmark's edition: {problems}"))
}

impl Visits {
    /// So many visits.
    pub fn new(seed: u64, count: usize) -> Self {
        let mut random = Random::new(seed);
        let mut visits = Self {
            edition: edition(),
            catalogue: items::catalogue(&mut random),
            bills: Vec::with_capacity(count),
            lines: Vec::with_capacity(count * 36),
            items: Vec::with_capacity(count * 36),
            branches: Branches::default(),
        };
        while visits.bills.len() < count {
            let in_a_row = random.below(12).min(count - visits.bills.len() - 1) + 1;
            visits.add_person(&mut random, in_a_row);
        }
        visits
    }

    /// The lines of a bill.
    pub fn lines(&self, bill: &Bill) -> &[Line] {
        &self.lines[bill.lines.clone()]
    }

    /// A bill as the engine takes it.
    pub fn case<'a>(&'a self, bill: &'a Bill) -> Case<'a> {
        Case {
            person: bill.person,
            visit: bill.visit,
            lines: self.lines(bill),
            year: &bill.year,
            fund_left: None,
            editions: None,
        }
    }

    /// A person's visits of a year, each beginning where the one before left the counters and the account.
    fn add_person(&mut self, random: &mut Random, visits: usize) {
        let mut person = person(random);
        let mut year = Accumulators::default();
        let mut day = date(2026, 1, 5);
        for _ in 0..visits {
            day = day.saturating_add(jiff::Span::new().days(random.between(1, 25)));
            let (visit, size) = visit(random, day, year.admissions());
            let from = self.lines.len();
            for _ in 0..random.between(10, 60) {
                self.add_line(random, &visit, size);
            }
            person.premium = if random.percent(3) { Premium::Arrears } else { Premium::Paid };
            let (hand_year, lines) = (Year::from(&year), from..self.lines.len());
            let bill = Bill { person, visit, year: year.clone(), hand_year, lines };
            let mut watch = Watch::default();
            let (amounts, change) =
                hand::settle(&bill.person, &bill.visit, self.lines(&bill), &hand_year, &mut watch);
            self.branches.count(&bill, watch);
            person.account -= amounts.personal_account;
            year = year.plus(&change.counters());
            self.bills.push(bill);
        }
    }

    fn add_line(&mut self, random: &mut Random, visit: &Visit, size: i64) {
        let at = random.below(self.catalogue.items().len());
        let item = &self.catalogue.items()[at];
        let price = item.price.millionths() / 10_000 * random.between(60, 140) / 100;
        let price = UnitPrice::from_millionths(price.max(1) * 10_000);
        let quantity = Quantity::from_ten_thousandths(random.between(1, 7) * size * 100);
        let standing = match random.below(200) {
            0 | 1 => Standing::Unconfirmed,
            2 => Standing::Unmapped,
            3..10 => Standing::Confirmed,
            _ => Standing::Listed,
        };
        let day = day_number(visit.date) - i32::try_from(random.below(3)).unwrap_or(0);
        self.items.push(at);
        self.lines.push(line(item, visit.level, 0, price, quantity, standing, day));
    }
}

/// A line as the centre makes it from the catalogue's row.
pub fn line(
    item: &Item,
    level: HospitalLevel,
    lists: u32,
    price: UnitPrice,
    quantity: Quantity,
    standing: Standing,
    day: i32,
) -> Line {
    Line {
        class: item.class,
        kind: item.kind,
        amount: Exact::line(price, quantity).round(Rounding::HalfUp),
        price,
        quantity,
        limit: item.limits[usize::from(level.get())].into(),
        first_self_pay: item.first_self_pay.filter(|_| item.class == ItemClass::B).into(),
        lists,
        standing,
        day,
    }
}

fn person(random: &mut Random) -> Person {
    let retired = random.percent(30);
    let (status, age) = if retired { (PersonStatus::Retired, 68) } else { (PersonStatus::Employed, 44) };
    let yuan = *random.weighted(&[(0, 5), (1_500, 25), (8_000, 40), (60_000, 30)]);
    Person {
        servant: if random.percent(12) { Servant::Section } else { Servant::None },
        account: Money::from_fen(yuan * random.between(50, 150)),
        uses_account: !random.percent(4),
        ..Person::new(status, age)
    }
}

/// A visit on a day, and its size.
fn visit(random: &mut Random, day: Date, admissions: u16) -> (Visit, i64) {
    let level = *random.weighted(&[(1, 30), (2, 38), (3, 32)]);
    let level = HospitalLevel::new(level).expect("a level from 1 to 3");
    if random.percent(50) {
        let visit = Visit { admission: admissions + 1, ..Visit::new(VisitKind::Inpatient, level, day) };
        (visit, *random.weighted(&STAY_SIZES))
    } else {
        (Visit::new(VisitKind::Outpatient, level, day), *random.weighted(&OUTPATIENT_SIZES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_visits() {
        let (one, again, other) = (Visits::new(7, 300), Visits::new(7, 300), Visits::new(8, 300));
        assert_eq!(one.bills.len(), 300);
        assert_eq!(one.lines, again.lines);
        assert_eq!(one.branches, again.branches);
        for (bill, same) in one.bills.iter().zip(&again.bills) {
            assert_eq!((bill.person, bill.visit, &bill.year), (same.person, same.visit, &same.year));
        }
        assert_ne!(one.lines, other.lines);
    }

    #[test]
    fn visits_have_ten_to_sixty_lines_and_begin_where_the_one_before_ended() {
        let visits = Visits::new(7, 300);
        assert!(visits.bills.iter().all(|bill| (10..=60).contains(&bill.lines.len())));
        assert_eq!(visits.lines.len(), visits.items.len());
        for pair in visits.bills.windows(2).filter(|pair| pair[1].year != Accumulators::default()) {
            let settled = policy::adjudicate(&visits.edition, &visits.case(&pair[0]));
            assert_eq!(pair[1].year, pair[0].year.clone().plus(&settled.change));
            assert_eq!(pair[1].person.account, pair[0].person.account - settled.amounts.personal_account);
        }
    }

    #[test]
    fn every_branch_is_counted_and_none_is_rare() {
        let few = Visits::new(1, 3);
        assert!(few.branches.rare().next().is_some(), "three visits cannot take every branch");
        let many = Visits::new(1, 8_000);
        assert_eq!(many.branches.rare().collect::<Vec<_>>(), []);
        assert!(many.branches.all().all(|(_, count)| count < 8_000));
    }
}
