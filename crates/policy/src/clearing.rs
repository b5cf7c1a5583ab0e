//! How a city clears a month with its institutions: what is held back, who pays from which account, and which stays are paid
//! by points. It changes nothing that a patient was told.

use std::collections::HashMap;

use jiff::civil::Date;
use model::{HospitalLevel, Payer, StayGroup};
use money::{Exact, Money, Rate, Rounding, UnitPrice};

use crate::document::{Problems, Section, Source};

/// The account a fund pays from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerAccount {
    /// Which funds, or the personal accounts.
    pub pays: Vec<Payer>,
    /// The holder's name.
    pub name: String,
    /// The bank.
    pub bank: String,
    /// The account's number.
    pub account: String,
}

/// Payment of stays by points (DIP).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points {
    /// National kinds of clearing that are paid so.
    pub kinds: Vec<String>,
    value: UnitPrice,
    /// Coefficients by level of institution, 0 to 3.
    levels: [Rate; 4],
    /// Stays cheaper than this part of the standard, or dearer than this many times it, are paid what they cost.
    actual: (Rate, Rate),
    groups: HashMap<String, StayGroup>,
}

/// The rules of clearing from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearingRules {
    /// First day.
    pub from: Date,
    /// What is held back of what funds pay until the year ends.
    pub retention: Rate,
    /// Which account pays.
    pub payers: Vec<PayerAccount>,
    /// Payment by points; none: everything by item.
    pub points: Option<Points>,
}

/// The rules of all months.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClearingEditions(Vec<ClearingRules>);

impl ClearingEditions {
    /// Of rules, each from its first day until the next.
    pub fn new(mut rules: Vec<ClearingRules>) -> Self {
        rules.sort_by_key(|rules| rules.from);
        Self(rules)
    }

    /// The rules of a day's month.
    pub fn of(&self, day: Date) -> Option<&ClearingRules> {
        self.0.iter().rev().find(|rules| rules.from <= day)
    }
}

/// What a stay is paid under points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByPoints {
    /// The standard of its group, whatever it cost; in fen.
    Standard(Money),
    /// What it cost: it is far from the standard.
    Actual,
}

impl ClearingRules {
    /// Reads rules from TOML; `file` is named in problems.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problems> {
        let source = Source::parse(file, text)?;
        let made = Self::read(&source.root());
        source.finish(made)
    }

    fn read(root: &Section<'_>) -> Option<Self> {
        let from = root.need("from").and_then(|place| place.date());
        let retention = root.need("retention").and_then(|place| place.rate());
        let payers: Vec<Option<PayerAccount>> = root.rows("payer").iter().map(read_payer).collect();
        for payer in Payer::all() {
            let named = payers.iter().flatten().filter(|account| account.pays.contains(&payer)).count();
            // A city that treats nobody else's people needs none for those.
            if named != 1 && !(named == 0 && payer == Payer::Elsewhere) {
                root.report(&format!("{named} accounts of `{payer}`"), "one account for each payer");
            }
        }
        let points = root.section("points").map(|section| read_points(&section));
        root.done();
        Some(Self {
            from: from?,
            retention: retention?,
            payers: payers.into_iter().collect::<Option<_>>()?,
            points: match points {
                None => None,
                Some(read) => Some(read?),
            },
        })
    }

    /// With the groups that stays are paid by.
    #[must_use]
    pub fn with_groups(mut self, groups: Vec<StayGroup>) -> Self {
        if let Some(points) = &mut self.points {
            points.groups = groups.into_iter().map(|group| (group.code.clone(), group)).collect();
        }
        self
    }

    /// The account that pays for a payer.
    pub fn account_of(&self, payer: Payer) -> Option<&PayerAccount> {
        self.payers.iter().find(|account| account.pays.contains(&payer))
    }

    /// What of an amount is held back, whole fen half up.
    pub fn held_back(&self, amount: Money) -> Money {
        Exact::share_of(amount, self.retention).round(Rounding::HalfUp)
    }
}

impl Points {
    /// A group by its code.
    pub fn group(&self, code: &str) -> Option<&StayGroup> {
        self.groups.get(code)
    }

    /// What a stay of a group is paid at an institution, where it has cost so much.
    pub fn pays(&self, group: &StayGroup, level: HospitalLevel, cost: Money) -> ByPoints {
        let standard = Exact::line(self.value, group.points).share(self.levels[usize::from(level.get())]);
        let (least, most) = (standard.share(self.actual.0), standard.share(self.actual.1));
        if cost.exact() < least || cost.exact() > most {
            return ByPoints::Actual;
        }
        ByPoints::Standard(standard.round(Rounding::HalfUp))
    }
}

fn read_payer(section: &Section<'_>) -> Option<PayerAccount> {
    let text = |key: &str| section.need(key).and_then(|place| place.text()).map(str::to_owned);
    let pays = section.need("pays").map(|place| place.words("a fund, or personal_account"));
    let (name, bank, account) = (text("name"), text("bank"), text("account"));
    section.done();
    Some(PayerAccount { pays: pays?, name: name?, bank: bank?, account: account? })
}

fn read_points(section: &Section<'_>) -> Option<Points> {
    let kinds = section.need("kinds").map(|place| place.plain_words());
    let value = section.need("value").and_then(|place| place.price());
    let factor =
        |key: &str, otherwise: Rate| section.get(key).map_or(Some(otherwise), |place| place.factor());
    let far = Rate::from_ten_thousandths(i64::from(u32::MAX));
    let actual = (factor("actual_below", Rate::ZERO), factor("actual_above", far));
    let mut levels = [Rate::ONE; 4];
    for row in section.rows("level") {
        let level = row.need("level").and_then(|place| {
            let level = usize::try_from(place.integer()?).ok().filter(|level| *level < 4);
            if level.is_none() {
                place.report(&place.shown(), "a level from 0 to 3");
            }
            level
        });
        let is = row.need("is").and_then(|place| place.factor());
        row.done();
        if let Some((level, is)) = level.zip(is) {
            levels[level] = is;
        }
    }
    section.done();
    let (kinds, value) = (kinds?, value?);
    Some(Points { kinds, value, levels, actual: (actual.0?, actual.1?), groups: HashMap::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use money::Quantity;
    use std::fs;

    fn demo() -> ClearingRules {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/demo-city/clearing/2026-01-01.toml");
        ClearingRules::parse("2026-01-01.toml", &fs::read_to_string(file).unwrap()).unwrap()
    }

    #[test]
    fn a_stay_is_paid_its_standard_and_one_far_from_it_what_it_cost() {
        let group = StayGroup {
            code: "J18".into(),
            name: "肺炎".into(),
            points: Quantity::from_ten_thousandths(5_000_000),
        };
        let rules = demo().with_groups(vec![group.clone()]);
        let points = rules.points.as_ref().unwrap();
        let level = |level| HospitalLevel::new(level).unwrap();
        let paid = |level_: u8, yuan| points.pays(&group, level(level_), Money::from_yuan(yuan));
        // 500 points of 12.80 yuan are 6,400; at a hospital of level 3 a tenth more.
        let standard = |yuan| ByPoints::Standard(Money::from_yuan(yuan));
        assert_eq!((paid(2, 6_000), paid(3, 6_000)), (standard(6_400), standard(7_040)));
        assert_eq!((paid(2, 3_200), paid(2, 12_800)), (standard(6_400), standard(6_400)), "just within");
        assert_eq!((paid(2, 3_199), paid(2, 12_801)), (ByPoints::Actual, ByPoints::Actual));
        assert_eq!(points.group("J18"), Some(&group));
        assert_eq!(points.group("J19"), None);
    }

    #[test]
    fn what_is_held_back_is_rounded_half_up_both_ways() {
        let rules = demo();
        assert_eq!(rules.held_back(Money::from_fen(1_010)), Money::from_fen(51));
        assert_eq!(rules.held_back(Money::from_fen(-1_010)), Money::from_fen(-51));
        assert_eq!(
            rules.account_of(Payer::Account).map(|account| account.pays.contains(&Payer::Account)),
            Some(true)
        );
    }

    #[test]
    fn a_payer_without_an_account_or_with_two_is_told() {
        let text = "from = 2026-01-01\nretention = \"5%\"\n[[payer]]\npays = [\"pooled\"]\nname = \"甲\"\nbank = \"乙\"\naccount = \"1\"\n";
        let told = ClearingRules::parse("c.toml", text).unwrap_err().told(Language::Zh);
        assert!(told.contains("此处为 0 个账户支付 `personal_account`,应为 每个支付方一个账户"), "{told}");
        assert!(!told.contains("`pooled`"), "{told}");
        // A city that treats nobody else's people needs no account for them.
        assert!(!told.contains("`elsewhere`"), "{told}");
    }
}
