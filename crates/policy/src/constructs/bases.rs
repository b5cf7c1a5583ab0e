//! L. Bases: amounts that other amounts are multiples of, such as the city's average wage.

use money::{Exact, Money, Rate, Rounding};

use super::Construct;
use crate::Person;
use crate::document::{Place, Section};
use crate::manual::{Holds, Key, Page};

pub(crate) const CONSTRUCT: Construct = Construct { id: 1, page: &PAGE, sentences: &[], keeps: &[] };

const PAGE: Page = Page {
    key: "base",
    name: ("基数", "Base"),
    text: (
        "其他金额的倍数所依据的金额,例如本市上年度职工平均工资。名称自定,写金额的地方以 base 引用;本人缴费工资 own_wage \
         不必定义,只用于起付标准。",
        "A base that other amounts are multiples of, such as last year's average wage of the city. Amounts refer to it by \
         its name as their base; a person's own wage (own_wage) needs no table, and only a deductible may be a multiple of it.",
    ),
    at: &["base"],
    needed: false,
    many: false,
    keys: &[Key::optional(
        "<name>",
        Holds::Table(&[
            Key::needed("is", Holds::Money, "基数的金额", "the amount"),
            Key::optional(
                "year_from",
                Holds::Date,
                "这个数从哪天起用;只作说明,不参与计算",
                "from which day it holds; a remark, nothing is reckoned from it",
            ),
        ]),
        "名称自定,每个基数一个表",
        "a name of your own; one table a base",
    )],
    example: ("demo-city", "2001-01-01", "base"),
};

/// The bases of an edition by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Bases {
    named: Vec<(String, Money)>,
}

/// An amount of an edition: one for all, or a multiple of each person's own wage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amount {
    Fixed(Money),
    OfWage(Rate),
}

impl Amount {
    pub(crate) fn of(self, person: &Person) -> Exact {
        match self {
            Self::Fixed(amount) => amount.exact(),
            Self::OfWage(times) => person.wage.share(times),
        }
    }
}

/// The base that is each person's own.
const OWN_WAGE: &str = "own_wage";

impl Bases {
    pub(crate) fn read(root: &Section<'_>) -> Self {
        let mut bases = Self::default();
        let Some(section) = root.section("base") else { return bases };
        for key in section.keys() {
            let Some(base) = section.section(key) else { continue };
            base.get("year_from").map(|place| place.date());
            if let Some(amount) = base.need("is").and_then(|place| place.money()) {
                bases.named.push((key.to_owned(), amount));
            }
            base.done();
        }
        bases
    }

    /// An amount as [`Bases::amount`] reads it, or `{ times = "0.05", base = "own_wage" }`.
    pub(crate) fn amount_or_wage(&self, place: Place<'_>) -> Option<Amount> {
        if !place.has_word("base", OWN_WAGE) {
            return self.amount(place).map(Amount::Fixed);
        }
        let section = place.section()?;
        let times = section.need("times").and_then(|p| p.factor());
        section.get("base");
        section.done();
        times.map(Amount::OfWage)
    }

    /// An amount: `"1000"`, or `{ times = "4", base = "average_wage", to = "10" }` rounded half-up to whole multiples
    /// of `to` yuan (by default to the fen).
    pub(crate) fn amount(&self, place: Place<'_>) -> Option<Money> {
        if !place.is_table() {
            return place.money();
        }
        let section = place.section()?;
        let times: Option<Rate> = section.need("times").and_then(|p| p.factor());
        let base = section.need("base").and_then(|place| {
            let name = place.text()?;
            let found = self.named.iter().find(|(n, _)| n == name).map(|(_, amount)| *amount);
            if found.is_none() {
                let known: Vec<&str> = self.named.iter().map(|(n, _)| n.as_str()).collect();
                let known = if known.is_empty() { vec!["-"] } else { known };
                place.report(&place.shown(), &format!("a base of this edition: {}", known.join(", ")));
            }
            found
        });
        let to = section.get("to").map_or(Some(Money::from_fen(1)), |place| place.money());
        section.done();
        let (exact, to) = (base?.share(times?), to?);
        if to.is_zero() {
            return Some(exact.round(Rounding::HalfUp));
        }
        let steps = Exact::from_units(exact.units() / i128::from(to.fen())).round(Rounding::HalfUp).fen();
        Some(Money::from_fen(steps * to.fen()))
    }
}
